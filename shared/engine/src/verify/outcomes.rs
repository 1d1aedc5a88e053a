//! Every outcome computed again from the facts, by the functions that concluded it.

use std::collections::BTreeMap;

use domain::identifier::OrganizationCode;

use super::{Audit, Check, Wrong, is_asked, readable};
use crate::key::Kind;
use crate::port::{Fact, Home, Outcome, PortResult, ReadOutcomes, Subject, WorkQueue};
use crate::reconcile::{
    CreditState, FlowState, InForce, compute, compute_iuv, compute_position, credit_state,
    flow_state, in_force, owner,
};
use crate::record::{self, PaymentsOutcome};
use crate::side_by_side::{partitions, side_by_side};

/// Checks the outcomes of an organization.
pub fn check<H: Home>(
    home: &H,
    queue: &mut impl WorkQueue,
    organization: &OrganizationCode,
    audit: &mut Audit,
    progress: &mut dyn FnMut(u64),
) -> PortResult<()> {
    let flows = flows(home, organization, audit)?;
    let credits = credits(home, organization, audit)?;
    let in_force = in_force(&flows);
    let mut settling = false;
    for kind in [Kind::Flow, Kind::Credit] {
        settling |= !queue.asked(&kind.prefix(organization), 1)?.is_empty();
    }
    let (of_flows, of_credits) = compute(&flows, &credits);
    let mut against = Against { queue, audit, settling };
    let bodies = flows.into_keys().zip(of_flows.iter().map(record::write));
    against.stored(home, Check::Flows, &Kind::Flow.prefix(organization), bodies)?;
    let bodies = credits.into_keys().zip(of_credits.iter().map(record::write));
    against.stored(home, Check::Credits, &Kind::Credit.prefix(organization), bodies)?;
    against.positions(home, organization, &in_force, progress)?;
    against.iuvs(home, organization, &in_force, progress)
}

fn flows<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    audit: &mut Audit,
) -> PortResult<BTreeMap<Subject, FlowState>> {
    let mut flows = BTreeMap::new();
    partitions(&mut home.reader()?, &Kind::Flow.prefix(organization), &mut |name, facts| {
        match readable(flow_state(organization, &facts))? {
            Some(state) => drop(flows.insert(Subject(name), state)),
            None => audit.fault(Check::Flows, &name, Wrong::Unreadable),
        }
        Ok(())
    })?;
    Ok(flows)
}

fn credits<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    audit: &mut Audit,
) -> PortResult<BTreeMap<Subject, CreditState>> {
    let mut credits = BTreeMap::new();
    let mut outcomes = home.reader()?;
    partitions(&mut home.reader()?, &Kind::Credit.prefix(organization), &mut |name, facts| {
        let subject = Subject(name);
        match readable(credit_state(&subject, &facts))? {
            Some(Some(state)) => {
                // What was forgotten is as it was concluded: the chains vouch for that.
                let stored = outcomes.outcomes(std::slice::from_ref(&subject))?.remove(0);
                credits.insert(subject, state.or_as_concluded(stored.as_ref())?);
            }
            // Only reversali speak of it so far.
            Some(None) => {}
            None => audit.fault(Check::Credits, &subject.0, Wrong::Unreadable),
        }
        Ok(())
    })?;
    Ok(credits)
}

/// What is computed, against what is stored.
struct Against<'a, Q> {
    queue: &'a mut Q,
    audit: &'a mut Audit,
    /// Whether any flow or credit is asked for: they are settled all together, and payments follow
    /// the flows, so a difference anywhere may come from there.
    settling: bool,
}

/// Judges a subject by its facts and its outcome.
type Judge<'a, A> = dyn FnMut(&mut A, &str, &[Fact], Option<&Outcome>) -> PortResult<()> + 'a;

impl<Q: WorkQueue> Against<'_, Q> {
    /// Flows or credits, all computed at once.
    fn stored<H: Home>(
        &mut self,
        home: &H,
        check: Check,
        prefix: &str,
        computed: impl Iterator<Item = (Subject, String)> + Send,
    ) -> PortResult<()> {
        let mut outcomes = home.reader()?;
        side_by_side(
            move |sink| computed.into_iter().try_for_each(|(subject, body)| sink(subject.0, body)),
            |sink| outcomes.scan_outcomes(prefix, &mut |subject, stored| sink(subject.0, stored)),
            &mut |subject, computed: Option<String>, stored| {
                self.audit.checked(check);
                let wrong = match (computed, &stored) {
                    (None, _) => Some(Wrong::NoFacts),
                    (Some(_), None) => Some(Wrong::NeverConcluded),
                    (Some(body), Some(stored)) => different(&body, stored),
                };
                wrong.map_or(Ok(()), |wrong| self.found(check, subject, &[], wrong))
            },
        )
    }

    fn positions<H: Home>(
        &mut self,
        home: &H,
        organization: &OrganizationCode,
        in_force: &InForce,
        progress: &mut dyn FnMut(u64),
    ) -> PortResult<()> {
        let mut reader = home.reader()?;
        self.each(
            home,
            &Kind::Position.prefix(organization),
            &mut |this, subject, facts, stored| {
                this.audit.checked(Check::Positions);
                progress(this.audit.tally(Check::Positions).checked);
                let computed = compute_position(&mut reader, organization, in_force, facts);
                let (wrong, iuvs) = match (readable(computed)?, stored) {
                    (None, _) => (Some(Wrong::Unreadable), Vec::new()),
                    (Some(None), _) => (Some(Wrong::NoFacts), Vec::new()),
                    (Some(Some(computed)), stored) => {
                        let body = record::write(&computed.outcome);
                        let wrong = match stored {
                            Some(stored) => different(&body, stored),
                            None => Some(Wrong::NeverConcluded),
                        };
                        (wrong, [computed.iuvs, computed.chosen].concat())
                    }
                };
                wrong.map_or(Ok(()), |wrong| this.found(Check::Positions, subject, &iuvs, wrong))
            },
        )
    }

    fn iuvs<H: Home>(
        &mut self,
        home: &H,
        organization: &OrganizationCode,
        in_force: &InForce,
        progress: &mut dyn FnMut(u64),
    ) -> PortResult<()> {
        self.each(home, &Kind::Iuv.prefix(organization), &mut |this, subject, facts, stored| {
            let expected = match readable(owner(facts))? {
                // Its position has its payments, and was checked.
                Some(Some(_)) if stored.is_none() => return Ok(()),
                Some(Some(position)) => Some(PaymentsOutcome::moved_to(position)),
                Some(None) => readable(compute_iuv(organization, in_force, subject, facts))?,
                None => None,
            };
            let wrong = match (expected, stored) {
                (None, _) => Some(Wrong::Unreadable),
                (Some(_), Some(_)) if facts.is_empty() => Some(Wrong::NoFacts),
                // Lines that no revision in force carries.
                (Some(expected), None) if expected == PaymentsOutcome::default() => return Ok(()),
                (Some(_), None) => Some(Wrong::NeverConcluded),
                (Some(expected), Some(stored)) => different(&record::write(&expected), stored),
            };
            this.audit.checked(Check::Iuvs);
            progress(this.audit.tally(Check::Iuvs).checked);
            wrong.map_or(Ok(()), |wrong| this.found(Check::Iuvs, subject, &[], wrong))
        })
    }

    /// Each subject of a prefix with its facts and its outcome.
    fn each<H: Home>(
        &mut self,
        home: &H,
        prefix: &str,
        judge: &mut Judge<'_, Self>,
    ) -> PortResult<()> {
        let (mut facts, mut outcomes) = (home.reader()?, home.reader()?);
        side_by_side(
            move |sink| partitions(&mut facts, prefix, sink),
            |sink| outcomes.scan_outcomes(prefix, &mut |subject, stored| sink(subject.0, stored)),
            &mut |subject, facts: Option<Vec<Fact>>, stored| {
                judge(self, subject, &facts.unwrap_or_default(), stored.as_ref())
            },
        )
    }

    /// A difference: a fault, unless somebody asked for the subject or for what it follows from.
    fn found(
        &mut self,
        check: Check,
        subject: &str,
        sources: &[String],
        wrong: Wrong,
    ) -> PortResult<()> {
        let computable = matches!(wrong, Wrong::OutcomeNotOfFacts | Wrong::NeverConcluded);
        let mut asked = self.settling || is_asked(self.queue, subject)?;
        for source in sources {
            asked = asked || is_asked(self.queue, source)?;
        }
        if computable && asked {
            self.audit.tally(check).not_up_to_date += 1;
        } else {
            self.audit.fault(check, subject, wrong);
        }
        Ok(())
    }
}

fn different(computed: &str, stored: &Outcome) -> Option<Wrong> {
    (computed != stored.body).then_some(Wrong::OutcomeNotOfFacts)
}

//! What people decided: the anomalies that they closed, and what contradicts what they chose.

use std::collections::HashMap;

use domain::anomaly::Code;
use domain::clock::in_rome;
use domain::debt::{DebtStanding, PositionState};
use domain::decision::{
    Choice, ChosenFlow, Contradiction, DebtNow, Decision, amount_contradicted, flows_contradicted,
    in_force, position_contradicted,
};
use domain::fact::PositionVersion;
use domain::identifier::{Iuf, Iuv, OrganizationCode};
use domain::money::Cents;
use domain::payment::Payment;

use super::Province;
use super::credits::CreditView;
use super::finding::{About, Finding};
use super::singles::Single;
use super::texts;
use crate::key::Kind;
use crate::port::{PortResult, ReadFacts};
use crate::record;

/// The decisions of an organization that hold, by subject.
#[derive(Default)]
pub(crate) struct Decided(HashMap<Box<str>, Vec<Decision>>);

impl Decided {
    /// Those on what nothing can be chosen for: they stand with the anomaly itself.
    pub fn load(reader: &mut impl ReadFacts, code: &OrganizationCode) -> PortResult<Self> {
        let mut of_partition: HashMap<String, Vec<Decision>> = HashMap::new();
        reader.scan_facts(&Kind::Anomaly.prefix(code), &mut |fact| {
            let decisions = record::decisions(std::slice::from_ref(&fact))?;
            of_partition.entry(fact.partition).or_default().extend(decisions);
            Ok(())
        })?;
        let mut decided = Self::default();
        for decisions in of_partition.into_values() {
            decided.add(&in_force(decisions));
        }
        Ok(decided)
    }

    /// Takes note of what another has.
    pub fn merge(&mut self, other: Self) {
        other.0.into_values().for_each(|decisions| self.add(&decisions));
    }

    /// Takes note of decisions that hold.
    pub fn add(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            let known = self.0.entry(decision.subject.clone()).or_default();
            // A payment that was chosen for a position is told of by its IUV too.
            if !known.contains(decision) {
                known.push(decision.clone());
            }
        }
    }

    /// Closes the findings that a person dismissed as they are.
    pub fn close(&self, findings: &mut [Finding]) {
        for finding in findings {
            let on = self.0.get(&*finding.subject).into_iter().flatten();
            let mut closing =
                on.filter(|one| one.closes(finding.code, finding.amount, finding.party));
            finding.closed_by = closing.next().cloned();
        }
    }

    /// The decision that answered an anomaly, or the choice that named its subject.
    pub fn answer(&self, subject: &str, code: &str) -> Option<&Decision> {
        let on = self.0.get(subject)?;
        let answers = |one: &&Decision| one.anomaly.is_some_and(|anomaly| anomaly.code() == code);
        let names = |one: &&Decision| one.anomaly.is_none() && one.choice().is_some();
        on.iter().find(answers).or_else(|| on.iter().find(names))
    }

    /// What a subject was chosen to be.
    pub fn choice(&self, subject: &str) -> Option<&Decision> {
        self.0.get(subject)?.iter().find(|decision| decision.choice().is_some())
    }
}

impl Province<'_> {
    /// What contradicts the choice for a credit, if one holds.
    pub(super) fn credit_contradicted(&self, view: &CreditView) -> Option<Finding> {
        let decision = view.chosen()?;
        let credit = &view.credit;
        let mut against = Vec::new();
        if credit.reversed {
            against.push(Contradiction::Reversed);
        }
        against.extend(amount_contradicted(decision, credit.amount));
        let here = |iuf: &&Iuf| self.known_iufs.contains(&iuf.folded());
        let named: Vec<_> = view.reading.iufs.iter().filter(here).cloned().collect();
        let total = |flow: &ChosenFlow| {
            let place = self.chosen_place(&flow.key)?;
            Some(self.flows[place].revision().header.declared_total)
        };
        against.extend(flows_contradicted(decision.flows(), &named, total));
        match decision.choice() {
            Some(Choice::Payment(_)) if credit.counts() => {
                against.extend(match &view.single {
                    Single::Pays(_) => None,
                    Single::Lost(why) => Some(why.clone()),
                    _ => Some(Contradiction::PaymentGone),
                });
            }
            Some(Choice::Position(_)) => against.extend(view.against.clone()),
            _ => {}
        }
        let mut finding =
            self.credit_finding(view, Code::DecisionContradicted, Some(credit.amount));
        for flow in decision.flows() {
            if let Some(place) = self.chosen_place(&flow.key) {
                let source = self.flows[place].source();
                finding.evidence.push(("flusso di rendicontazione", source));
            }
        }
        contradicted(finding, decision, &against)
    }
}

/// What contradicts the choice of a position for one of its payments, or for the credit of a
/// transfer that pays it. `owner` is the position that owns the IUV of the payment, if it is
/// another.
pub(super) fn position_against(
    decision: &Decision,
    payment: &Payment,
    (position, standing): (&PositionVersion, &DebtStanding),
    owner: Option<&str>,
) -> Vec<Contradiction> {
    let mut against = Vec::new();
    let own = if payment.revoked() { Cents::ZERO } else { payment.amount() };
    let now = DebtNow {
        cancelled: standing.state == PositionState::Cancelled,
        paid_otherwise: standing.paid - own,
        refundable: standing.refundable,
    };
    let chosen = decision.position();
    against.extend(chosen.and_then(|chosen| position_contradicted(chosen, now)));
    if payment.transfer.is_some() {
        return against;
    }
    if payment.revoked() {
        against.push(Contradiction::Revoked);
    }
    against.extend(amount_contradicted(decision, payment.amount()));
    against.extend(owner.map(|owner| Contradiction::OtherPosition(owner.into())));
    let notice = payment.receipt.as_ref().and_then(|receipt| receipt.notice_number);
    let is_its_own = |iuv: &Iuv| {
        *iuv == payment.key.iuv || position.notices.iter().any(|notice| notice.iuv == *iuv)
    };
    let other = notice.filter(|notice| !is_its_own(&notice.iuv()));
    against.extend(other.map(Contradiction::OtherNotice));
    against
}

/// The finding that facts contradict a decision; none where no fact does.
pub(super) fn contradicted(
    mut finding: Finding,
    decision: &Decision,
    against: &[Contradiction],
) -> Option<Finding> {
    if against.is_empty() {
        return None;
    }
    finding.since = in_rome(decision.at).date();
    finding.evidence.insert(0, ("decisione", decision.source.clone()));
    let about = std::mem::take(&mut finding.about);
    let said: Vec<_> = against.iter().map(texts::contradiction).collect();
    finding.about = About {
        decision: Some((decision.number, in_rome(decision.at).date())),
        detail: Some(said.join("; ")),
        ..about
    };
    Some(finding)
}

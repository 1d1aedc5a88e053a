//! Subjects as a queue delivers them: in any order, several times, to several workers at once.
//!
//! Every outcome is a function of facts, so it does not matter who computes it, as long as the last
//! who stores it has seen the last facts. Three things see to that. A subject is asked for after
//! its facts are committed. Its version is read before its facts. And whatever was stored is
//! computed again, until nothing changes: a conclusion from newer facts that is what stands there
//! already stores nothing, and so does not keep an older one out that is still on its way; who
//! stores the older one finds the newer facts then. On one machine `turn` sees to that.
//! Here nobody counts the workers, and reading again costs a fifth of what storing again would.

use std::collections::{BTreeMap, BTreeSet};

use domain::identifier::OrganizationCode;
use jiff::Timestamp;

use super::Reconciled;
use super::change::{change, facts_hash};
use super::positions::{chosen_positions, compute_iuv, flows_of_lines, owner, position_facts};
use super::settlements::{Asked, BothSides, InForce, flow_state, in_force};
use crate::configuration::Configuration;
use crate::key::{self, Kind};
use crate::port::{
    Change, Fact, Hash, Home, Outcome, PortError, PortResult, ReadFacts, ReadOutcomes, Subject,
    Ticket, WriteOutcomes,
};
use crate::record::{self, PaymentsOutcome};

/// Rounds until nothing changes any more; more would say that others keep changing the same.
const ROUNDS_MAX: usize = 30;
/// Positions and IUVs that one thread computes together.
const CHUNK: usize = 50;
/// Threads that read and compute: they wait for the store for the most part.
const THREADS: usize = 8;

/// Brings the outcomes of these subjects up to date.
///
/// # Errors
/// When the store fails, or a subject is of no organization that is configured. What was concluded
/// before stays, and a repetition takes up the rest.
pub fn reconcile_subjects<H: Home>(
    home: &H,
    configuration: &Configuration,
    subjects: &[Subject],
    now: Timestamp,
) -> PortResult<Reconciled> {
    let mut done = Reconciled::default();
    let mut known = 0;
    for organization in configuration.organizations.keys() {
        let of = |kind: Kind| -> Vec<Subject> {
            let prefix = kind.prefix(organization);
            let mut found: Vec<_> =
                subjects.iter().filter(|it| it.0.starts_with(&prefix)).cloned().collect();
            found.sort();
            found
        };
        let (credits, flows) = (of(Kind::Credit), of(Kind::Flow));
        let debts = [of(Kind::Position), of(Kind::Iuv)].concat();
        known += credits.len() + flows.len() + debts.len();
        if !credits.is_empty() || !flows.is_empty() {
            done.add(settle(home, organization, credits, flows, now)?);
        }
        done.add(Payments { home, organization, now }.bring_up_to_date(debts)?);
    }
    if known < subjects.len() {
        return Err(PortError::Final("a subject of an organization that is not configured".into()));
    }
    Ok(done)
}

/// Settles until nothing changes.
fn settle<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    credits: Vec<Subject>,
    flows: Vec<Subject>,
    now: Timestamp,
) -> PortResult<Reconciled> {
    let tickets = |subjects: Vec<Subject>| -> Vec<Ticket> {
        subjects.into_iter().map(|subject| Ticket { subject, number: 0 }).collect()
    };
    let (credits, flows) = (tickets(credits), tickets(flows));
    let (mut reader, mut writer) = (home.reader()?, home.writer()?);
    let mut done = Reconciled::default();
    for _ in 0..ROUNDS_MAX {
        let asked = Asked { credits: &credits, flows: &flows };
        let sides = BothSides::read(&mut reader, organization, asked)?;
        let round = sides.settle(&mut reader, &mut writer, organization, now, false)?;
        let changed = round.done.changed;
        if round.stored {
            done.add(round.done);
        }
        if changed == 0 {
            return Ok(done);
        }
    }
    Err(busy())
}

fn busy() -> PortError {
    PortError::Retry("other workers keep changing the same outcomes".into())
}

/// Positions and IUVs of one organization.
struct Payments<'a, H> {
    home: &'a H,
    organization: &'a OrganizationCode,
    now: Timestamp,
}

/// What subjects come to.
#[derive(Default)]
struct Answer {
    /// One of each outcome.
    changes: BTreeMap<Subject, Change>,
    /// Positions that own IUVs among the subjects.
    owners: BTreeSet<Subject>,
    /// Positions that the facts of others are about too.
    elsewhere: BTreeSet<Subject>,
}

impl Answer {
    fn add(&mut self, more: Self) {
        self.changes.extend(more.changes);
        self.owners.extend(more.owners);
        self.elsewhere.extend(more.elsewhere);
    }
}

/// A position to compute.
struct Target {
    position: Subject,
    /// Whether an IUV of the position was asked for: what is new of it may be about a payment that
    /// is with another position.
    by_iuv: bool,
}

fn partitions(subjects: &[Subject]) -> Vec<String> {
    subjects.iter().map(|subject| subject.0.clone()).collect()
}

/// Works on chunks, some at the same moment.
fn in_threads<T: Sync>(
    all: &[T],
    work: impl Fn(&[T]) -> PortResult<Answer> + Sync,
) -> PortResult<Answer> {
    let mut answer = Answer::default();
    for chunks in all.chunks(CHUNK * THREADS) {
        let computed = std::thread::scope(|scope| {
            let threads: Vec<_> =
                chunks.chunks(CHUNK).map(|chunk| scope.spawn(|| work(chunk))).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread.join().expect("a thread that computes does not panic")
            };
            threads.into_iter().map(join).collect::<PortResult<Vec<Answer>>>()
        })?;
        for one in computed {
            answer.add(one);
        }
    }
    Ok(answer)
}

impl<H: Home> Payments<'_, H> {
    /// Computes until nothing changes.
    fn bring_up_to_date(&self, subjects: Vec<Subject>) -> PortResult<Reconciled> {
        let mut done = Reconciled::default();
        let mut rest = subjects;
        for _ in 0..ROUNDS_MAX {
            if rest.is_empty() {
                return Ok(done);
            }
            done.computed += rest.len() as u64;
            let answer = self.compute(&rest)?;
            let changes: Vec<_> = answer.changes.into_values().collect();
            let stored = self.home.writer()?.conclude(&changes)?;
            done.changed += stored.iter().filter(|stored| **stored).count() as u64;
            let again = changes.into_iter().map(|change| change.subject);
            rest = again.chain(answer.elsewhere).collect();
        }
        Err(busy())
    }

    /// Computes IUVs that no position owns, then positions: those asked for, and the owners of IUVs.
    fn compute(&self, subjects: &[Subject]) -> PortResult<Answer> {
        let prefix = Kind::Iuv.prefix(self.organization);
        let (iuvs, positions): (Vec<_>, Vec<_>) =
            subjects.iter().cloned().partition(|subject| subject.0.starts_with(&prefix));
        let mut answer = in_threads(&iuvs, |chunk| self.iuvs(chunk))?;
        let mut targets: BTreeMap<Subject, bool> =
            positions.into_iter().map(|position| (position, false)).collect();
        targets.extend(std::mem::take(&mut answer.owners).into_iter().map(|owner| (owner, true)));
        let targets: Vec<_> =
            targets.into_iter().map(|(position, by_iuv)| Target { position, by_iuv }).collect();
        answer.add(in_threads(&targets, |chunk| self.positions(chunk))?);
        Ok(answer)
    }

    /// IUVs together: all versions, then all facts.
    fn iuvs(&self, subjects: &[Subject]) -> PortResult<Answer> {
        let mut reader = self.home.reader()?;
        let stored = reader.outcomes(subjects)?;
        let facts = reader.facts(&partitions(subjects))?;
        let mut answer = Answer::default();
        let mut nobodys = Vec::new();
        for ((subject, stored), facts) in subjects.iter().zip(&stored).zip(&facts) {
            match owner(facts)? {
                Some(position) => {
                    answer.owners.insert(Subject(key::position(self.organization, &position)));
                }
                None => nobodys.push((subject, stored.as_ref(), facts)),
            }
        }
        let read = nobodys.iter().flat_map(|(_, _, facts)| facts.iter());
        let in_force = self.in_force(&mut reader, read)?;
        for (subject, stored, facts) in nobodys {
            self.iuv(&in_force, subject, stored, facts, &mut answer)?;
        }
        Ok(answer)
    }

    /// Positions together: all versions, then all facts.
    fn positions(&self, targets: &[Target]) -> PortResult<Answer> {
        let mut reader = self.home.reader()?;
        let subjects: Vec<_> = targets.iter().map(|target| target.position.clone()).collect();
        let stored = reader.outcomes(&subjects)?;
        let mut positions = Vec::new();
        let facts = reader.facts(&partitions(&subjects))?;
        for ((target, stored), facts) in targets.iter().zip(&stored).zip(&facts) {
            if let Some(read) = position_facts(&mut reader, self.organization, facts)? {
                positions.push((target, stored.as_ref(), read));
            }
        }
        let read = positions.iter().flat_map(|(_, _, read)| read.facts.iter().flatten());
        let in_force = self.in_force(&mut reader, read)?;
        let mut answer = Answer::default();
        for (target, stored, read) in positions {
            let computed = read.compute(self.organization, &in_force)?;
            self.move_to(&mut reader, &computed.iuvs, &computed.position_id, &mut answer)?;
            let body = record::write(&computed.outcome);
            let changes =
                self.conclude(&target.position, stored, body, computed.facts, &mut answer)?;
            if changes || target.by_iuv {
                answer.elsewhere.extend(computed.elsewhere);
            }
        }
        Ok(answer)
    }

    /// An IUV that no position owns.
    fn iuv(
        &self,
        in_force: &InForce,
        subject: &Subject,
        stored: Option<&Outcome>,
        facts: &[Fact],
        answer: &mut Answer,
    ) -> PortResult<()> {
        let outcome = compute_iuv(self.organization, in_force, &subject.0, facts)?;
        if stored.is_some() || outcome != PaymentsOutcome::default() {
            let body = record::write(&outcome);
            self.conclude(subject, stored, body, facts_hash(facts), answer)?;
        }
        let decisions = record::decisions(facts)?;
        answer.elsewhere.extend(chosen_positions(self.organization, &decisions, None));
        Ok(())
    }

    /// Notes the change to `body`; false if that is what is stored.
    fn conclude(
        &self,
        subject: &Subject,
        stored: Option<&Outcome>,
        body: String,
        facts: Hash,
        answer: &mut Answer,
    ) -> PortResult<bool> {
        let change = change(subject.clone(), stored, body, facts, self.now, Vec::new())?.ok();
        let changes = change.is_some();
        answer.changes.extend(change.map(|change| (subject.clone(), change)));
        Ok(changes)
    }

    /// The revisions in force of the flows whose lines are among facts, by the facts of the flows:
    /// their outcomes may not be there yet.
    fn in_force<'f>(
        &self,
        reader: &mut impl ReadFacts,
        facts: impl Iterator<Item = &'f Fact>,
    ) -> PortResult<InForce> {
        let flows = flows_of_lines(facts)?;
        let partitions: Vec<_> =
            flows.iter().map(|iuf| key::flow(self.organization, iuf)).collect();
        let mut states = BTreeMap::new();
        for (partition, facts) in partitions.iter().zip(reader.facts(&partitions)?) {
            states.insert(Subject(partition.clone()), flow_state(self.organization, &facts)?);
        }
        Ok(in_force(&states))
    }

    /// IUVs that had an outcome of their own, and now belong to a position.
    fn move_to(
        &self,
        reader: &mut impl ReadOutcomes,
        iuvs: &[String],
        position_id: &str,
        answer: &mut Answer,
    ) -> PortResult<()> {
        let subjects: Vec<_> = iuvs.iter().cloned().map(Subject).collect();
        let moved = record::write(&PaymentsOutcome::moved_to(position_id.to_owned()));
        for (subject, stored) in subjects.iter().zip(reader.outcomes(&subjects)?) {
            if stored.is_some() {
                self.conclude(subject, stored.as_ref(), moved.clone(), facts_hash([]), answer)?;
            }
        }
        Ok(())
    }
}

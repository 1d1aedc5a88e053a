//! Subjects as a queue delivers them: in any order, several times, to several workers at once.
//!
//! Every outcome is a function of facts, so it does not matter who computes it, as long as the last
//! who stores it has seen the last facts. Three things see to that. A subject is asked for after
//! its facts are committed. Its version is read before its facts. And what is settled together
//! (credits with flows, IUVs with the position that may own them) is looked at again after it was
//! stored: of two workers that each missed what the other stored, the later one finds it.

use std::collections::{BTreeMap, BTreeSet};

use domain::identifier::OrganizationCode;
use jiff::Timestamp;

use super::Reconciled;
use super::change::{change, facts_hash};
use super::positions::{compute_iuv, flows_of_lines, owner, position_facts};
use super::settlements::{Asked, InForce, flow_state, in_force, round};
use crate::configuration::Configuration;
use crate::key::{self, Kind};
use crate::port::{
    Change, Fact, Home, PortError, PortResult, ReadFacts, ReadOutcomes, Subject, Ticket,
    WriteOutcomes,
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

impl Reconciled {
    fn add(&mut self, other: Self) {
        self.computed += other.computed;
        self.changed += other.changed;
    }
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
    let all = Asked { credits: &credits, flows: &flows };
    let mut asked = all;
    let (mut reader, mut writer) = (home.reader()?, home.writer()?);
    let mut done = Reconciled::default();
    for _ in 0..ROUNDS_MAX {
        let round = round(&mut reader, &mut writer, organization, asked, now)?;
        let changed = round.settled.done.changed;
        if round.stored {
            done.add(round.settled.done);
            asked = Asked { credits: &[], flows: &[] };
        } else {
            asked = all;
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

impl<H: Home> Payments<'_, H> {
    /// Computes until nothing is left to compute.
    fn bring_up_to_date(&self, subjects: Vec<Subject>) -> PortResult<Reconciled> {
        let mut done = Reconciled::default();
        let mut rest = subjects;
        for _ in 0..ROUNDS_MAX {
            if rest.is_empty() {
                return Ok(done);
            }
            done.computed += rest.len() as u64;
            let changes = self.compute(&rest)?;
            let stored = self.home.writer()?.conclude(&changes)?;
            done.changed += stored.iter().filter(|stored| **stored).count() as u64;
            rest = self.left(&changes, &stored)?;
        }
        Err(busy())
    }

    /// What is to be computed again: what another worker changed meanwhile, and IUVs that a
    /// position came to own while they were thought to be nobody's.
    fn left(&self, changes: &[Change], stored: &[bool]) -> PortResult<Vec<Subject>> {
        let mut left = Vec::new();
        let mut iuvs = Vec::new();
        let prefix = Kind::Iuv.prefix(self.organization);
        for (change, stored) in changes.iter().zip(stored) {
            if !stored {
                left.push(change.subject.clone());
            } else if change.subject.0.starts_with(&prefix) && !is_moved(&change.body)? {
                iuvs.push(change.subject.0.clone());
            }
        }
        for (iuv, facts) in iuvs.iter().zip(self.home.reader()?.facts(&iuvs)?) {
            if owner(&facts)?.is_some() {
                left.push(Subject(iuv.clone()));
            }
        }
        Ok(left)
    }

    /// The changes of the outcomes of these subjects, one of each outcome.
    fn compute(&self, subjects: &[Subject]) -> PortResult<Vec<Change>> {
        let targets = self.targets(subjects)?;
        let targets: Vec<_> = targets.into_iter().collect();
        let mut changes = BTreeMap::new();
        for chunks in targets.chunks(CHUNK * THREADS) {
            let computed = std::thread::scope(|scope| {
                let threads: Vec<_> =
                    chunks.chunks(CHUNK).map(|chunk| scope.spawn(|| self.chunk(chunk))).collect();
                let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                    thread.join().expect("a thread that computes does not panic")
                };
                threads.into_iter().map(join).collect::<PortResult<Vec<Vec<Change>>>>()
            })?;
            for change in computed.into_iter().flatten() {
                changes.entry(change.subject.clone()).or_insert(change);
            }
        }
        Ok(changes.into_values().collect())
    }

    /// Positions instead of the IUVs that they own.
    fn targets(&self, subjects: &[Subject]) -> PortResult<BTreeSet<Subject>> {
        let prefix = Kind::Iuv.prefix(self.organization);
        let (iuvs, positions): (Vec<_>, Vec<_>) =
            subjects.iter().cloned().partition(|subject| subject.0.starts_with(&prefix));
        let mut targets: BTreeSet<Subject> = positions.into_iter().collect();
        let partitions: Vec<_> = iuvs.iter().map(|subject| subject.0.clone()).collect();
        for (iuv, facts) in iuvs.into_iter().zip(self.home.reader()?.facts(&partitions)?) {
            targets.insert(match owner(&facts)? {
                Some(position) => Subject(key::position(self.organization, &position)),
                None => iuv,
            });
        }
        Ok(targets)
    }

    /// Computes positions and IUVs together: all versions, then all facts.
    fn chunk(&self, subjects: &[Subject]) -> PortResult<Vec<Change>> {
        let mut reader = self.home.reader()?;
        let stored = reader.outcomes(subjects)?;
        let partitions: Vec<_> = subjects.iter().map(|subject| subject.0.clone()).collect();
        let facts = reader.facts(&partitions)?;
        let prefix = Kind::Position.prefix(self.organization);
        let mut positions = Vec::new();
        let mut nobodys = Vec::new();
        for ((subject, stored), facts) in subjects.iter().zip(&stored).zip(&facts) {
            if subject.0.starts_with(&prefix) {
                if let Some(read) = position_facts(&mut reader, self.organization, facts)? {
                    positions.push((subject, stored, read));
                }
            } else {
                nobodys.push((subject, stored, facts));
            }
        }
        let read = positions.iter().flat_map(|(_, _, read)| read.facts.iter().flatten());
        let read = read.chain(nobodys.iter().flat_map(|(_, _, facts)| facts.iter()));
        let in_force = self.in_force(&mut reader, read)?;

        let mut changes = Vec::new();
        for (subject, stored, read) in positions {
            let computed = read.compute(&in_force)?;
            self.move_to(&mut reader, &computed.iuvs, &computed.position_id, &mut changes)?;
            let (body, facts) = (record::write(&computed.outcome), computed.facts);
            let change =
                change(subject.clone(), stored.as_ref(), body, facts, self.now, Vec::new())?;
            changes.extend(change.ok());
        }
        for (subject, stored, facts) in nobodys {
            let outcome = compute_iuv(self.organization, &in_force, &subject.0, facts)?;
            if stored.is_none() && outcome.payments.is_empty() {
                continue;
            }
            let (body, facts) = (record::write(&outcome), facts_hash(facts));
            let change =
                change(subject.clone(), stored.as_ref(), body, facts, self.now, Vec::new())?;
            changes.extend(change.ok());
        }
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
        changes: &mut Vec<Change>,
    ) -> PortResult<()> {
        let subjects: Vec<_> = iuvs.iter().cloned().map(Subject).collect();
        let moved = record::write(&PaymentsOutcome::moved_to(position_id.to_owned()));
        for (subject, stored) in subjects.iter().zip(reader.outcomes(&subjects)?) {
            let Some(stored) = stored else { continue };
            if !is_moved(&stored.body)? {
                let (subject, body) = (subject.clone(), moved.clone());
                let facts = facts_hash([]);
                let change = change(subject, Some(&stored), body, facts, self.now, Vec::new())?;
                changes.extend(change.ok());
            }
        }
        Ok(())
    }
}

/// Whether an outcome of an IUV says that a position has it.
fn is_moved(body: &str) -> PortResult<bool> {
    Ok(record::read::<PaymentsOutcome>(body)?.moved_to.is_some())
}

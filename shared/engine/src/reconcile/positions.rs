//! Payments, by position or by IUV where no position is known: the many.
//!
//! Readers compute on several threads, in chunks; one writer concludes. A position answers the asks
//! of its IUVs too, so that a province's first run reads each partition once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use domain::fact::PositionVersion;
use domain::identifier::{Iuv, OrganizationCode};
use domain::payment::{PaymentKey, ReceivedTransfer, ReportedLine, gather};
use jiff::Timestamp;

use super::Reconciled;
use super::change::{change, facts_hash};
use super::settlements::{InForce, Settled, in_force_now};
use crate::key::{self, Kind};
use crate::port::{
    Change, Fact, Hash, Home, Outcome, PortError, PortResult, ReadFacts, ReadOutcomes, Subject,
    Ticket, WorkQueue, WriteOutcomes,
};
use crate::record::{self, AliasRecord, LineRecord, PaymentRecord, PaymentsOutcome, ReceiptRecord};

/// Positions or IUVs in one chunk of work.
const CHUNK: usize = 512;
/// Chunks that may wait for the writer.
const WAITING: usize = 8;
/// Changes and answers stored together: few transactions, each of which waits for the disk.
const PER_TRANSACTION: usize = 8_192;
/// Asked subjects taken at once: bounds the memory, not the work.
const ROUND: usize = 200_000;
/// Threads that read and compute, beside the writer.
const READERS: usize = 2;
/// Rounds without an end would be a defect: every round answers what it took, or another worker
/// did.
const ROUNDS_MAX: usize = 10_000;

/// Computes asked positions, then asked IUVs that no position owns, and stores what changed. False
/// when meanwhile another revision of a flow came into force: what is not stored by then is still
/// asked.
pub fn bring_up_to_date<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    settled: &Settled,
    now: Timestamp,
    done: &mut Reconciled,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> PortResult<bool> {
    for kind in [Kind::Position, Kind::Iuv] {
        for round in 0.. {
            if round == ROUNDS_MAX {
                return Err(PortError::Retry(
                    "other workers keep changing the same outcomes".into(),
                ));
            }
            let mut writer = home.writer()?;
            let tickets = writer.asked(&kind.prefix(organization), ROUND)?;
            if tickets.is_empty() {
                break;
            }
            let stage = Stage {
                organization,
                settled,
                now,
                asked_iuvs: asked_iuvs(&mut writer, organization)?,
                unowned: Unowned::load(&mut home.reader()?, organization)?,
            };
            match stage.run(home, &mut writer, &tickets, progress)? {
                Some(round) => done.add(round),
                None => return Ok(false),
            }
        }
    }
    Ok(true)
}

/// What every chunk of a round needs.
struct Stage<'a> {
    organization: &'a OrganizationCode,
    settled: &'a Settled,
    now: Timestamp,
    /// The IUVs that were asked before any fact was read: their position answers them too.
    asked_iuvs: HashMap<Subject, u64>,
    unowned: Unowned,
}

fn asked_iuvs(
    queue: &mut impl WorkQueue,
    organization: &OrganizationCode,
) -> PortResult<HashMap<Subject, u64>> {
    let tickets = queue.asked(&Kind::Iuv.prefix(organization), ROUND)?;
    Ok(tickets.into_iter().map(|ticket| (ticket.subject, ticket.number)).collect())
}

/// The IUVs that have an outcome of their own, because no position was known for them so far.
struct Unowned(BTreeSet<String>);

impl Unowned {
    fn load(reader: &mut impl ReadOutcomes, organization: &OrganizationCode) -> PortResult<Self> {
        let mut unowned = BTreeSet::new();
        reader.scan_outcomes(&Kind::Iuv.prefix(organization), &mut |subject, outcome| {
            let outcome: PaymentsOutcome = record::read(&outcome.body)?;
            if outcome.moved_to.is_none() {
                unowned.insert(subject.0);
            }
            Ok(())
        })?;
        Ok(Self(unowned))
    }
}

/// What a chunk came to.
#[derive(Default)]
struct Answer {
    changes: Vec<Change>,
    answered: Vec<Ticket>,
    /// The asks of changes of IUVs that no position owned: answered after the changes are stored.
    unowned: Vec<Ticket>,
    computed: u64,
}

impl Stage<'_> {
    fn run<H: Home>(
        &self,
        home: &H,
        writer: &mut H::Writer,
        tickets: &[Ticket],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> PortResult<Option<Reconciled>> {
        let total = tickets.len() as u64;
        let seen = AtomicU64::new(0);
        let chunks = Mutex::new(tickets.chunks(CHUNK));
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel::<PortResult<Answer>>(WAITING);
            for _ in 0..READERS {
                let send = send.clone();
                let chunks = &chunks;
                scope.spawn(move || self.work(home, chunks, &send));
            }
            drop(send);
            let mut done = Reconciled::default();
            let mut waiting = Answer::default();
            let mut last_ticket = self.settled.ticket;
            for answer in receive {
                let answer = answer?;
                done.computed += answer.computed;
                done.changed += answer.changes.len() as u64;
                progress(seen.fetch_add(answer.computed, Ordering::Relaxed), total);
                waiting.changes.extend(answer.changes);
                waiting.answered.extend(answer.answered);
                waiting.unowned.extend(answer.unowned);
                if waiting.changes.len() + waiting.answered.len() >= PER_TRANSACTION {
                    let answer = std::mem::take(&mut waiting);
                    if !self.store(home, writer, answer, &mut last_ticket)? {
                        return Ok(None);
                    }
                }
            }
            let stored = self.store(home, writer, waiting, &mut last_ticket)?;
            Ok(stored.then_some(done))
        })
    }

    /// Stores what chunks came to, unless the revisions in force are others than they were computed
    /// with. They are looked at after the versions were read, so that of two workers the one that
    /// knows the older flows is refused. Nothing can have changed while nobody asked.
    fn store<H: Home>(
        &self,
        home: &H,
        writer: &mut H::Writer,
        answer: Answer,
        last_ticket: &mut u64,
    ) -> PortResult<bool> {
        let ticket = writer.last_ticket()?;
        if ticket != *last_ticket {
            let now = in_force_now(&mut home.reader()?, writer, self.organization)?;
            if now != self.settled.in_force {
                return Ok(false);
            }
            *last_ticket = ticket;
        }
        let stored = writer.conclude(&answer.changes)?;
        let refused: BTreeSet<_> = answer
            .changes
            .iter()
            .zip(stored)
            .filter(|(_, stored)| !stored)
            .map(|(change, _)| &change.subject)
            .collect();
        let mut answered = answer.answered;
        let mut unowned = answer.unowned;
        unowned.retain(|ticket| !refused.contains(&ticket.subject));
        if writer.last_ticket()? != ticket {
            // A position that came meanwhile may have been computed without their outcomes.
            let owned = owned(&mut home.reader()?, &mut unowned)?;
            writer.ask(&owned)?;
        }
        answered.append(&mut unowned);
        writer.answer(&answered)?;
        Ok(true)
    }

    /// One reading thread: takes chunks until there is none, or until nobody listens any more.
    fn work<H: Home>(
        &self,
        home: &H,
        chunks: &Mutex<std::slice::Chunks<'_, Ticket>>,
        send: &SyncSender<PortResult<Answer>>,
    ) {
        let mut reader = match home.reader() {
            Ok(reader) => reader,
            Err(error) => {
                let _nobody_listens = send.send(Err(error));
                return;
            }
        };
        loop {
            let next = chunks.lock().ok().and_then(|mut chunks| chunks.next());
            let Some(tickets) = next else { return };
            if send.send(self.chunk(&mut reader, tickets)).is_err() {
                return;
            }
        }
    }

    fn chunk(
        &self,
        reader: &mut (impl ReadFacts + ReadOutcomes),
        tickets: &[Ticket],
    ) -> PortResult<Answer> {
        let subjects: Vec<_> = tickets.iter().map(|ticket| ticket.subject.clone()).collect();
        let stored = reader.outcomes(&subjects)?;
        let partitions: Vec<_> = subjects.iter().map(|subject| subject.0.clone()).collect();
        let facts = reader.facts(&partitions)?;
        let mut answer = Answer { computed: tickets.len() as u64, ..Answer::default() };
        for ((ticket, stored), facts) in tickets.iter().zip(stored).zip(facts) {
            match owner(&facts)? {
                // The IUV of a position: the position is asked instead.
                Some(position) => {
                    let subject = Subject(key::position(self.organization, &position));
                    let stored = reader.outcomes(std::slice::from_ref(&subject))?.remove(0);
                    let facts = reader.facts(std::slice::from_ref(&subject.0))?.remove(0);
                    let own = Some(ticket.clone());
                    self.position(reader, subject, stored.as_ref(), &facts, own, &mut answer)?;
                }
                None if ticket.subject.0.starts_with(&Kind::Position.prefix(self.organization)) => {
                    let subject = ticket.subject.clone();
                    let own = Some(ticket.clone());
                    self.position(reader, subject, stored.as_ref(), &facts, own, &mut answer)?;
                }
                None => self.iuv(ticket, stored.as_ref(), &facts, &mut answer)?,
            }
        }
        Ok(answer)
    }

    /// A position: the versions, then the payments of all the IUVs that any version ever had.
    fn position(
        &self,
        reader: &mut (impl ReadFacts + ReadOutcomes),
        subject: Subject,
        stored: Option<&Outcome>,
        versions: &[Fact],
        ticket: Option<Ticket>,
        answer: &mut Answer,
    ) -> PortResult<()> {
        let Some(computed) =
            compute_position(reader, self.organization, &self.settled.in_force, versions)?
        else {
            answer.answered.extend(ticket);
            return Ok(());
        };
        let mut answers: Vec<_> = ticket.into_iter().collect();
        for subject in computed.iuvs.into_iter().map(Subject) {
            if let Some(&number) = self.asked_iuvs.get(&subject) {
                answers.push(Ticket { subject: subject.clone(), number });
            }
            if self.unowned.0.contains(&subject.0) {
                self.move_to(reader, subject, &computed.position_id, answer)?;
            }
        }
        let body = record::write(&computed.outcome);
        answer.add(change(subject, stored, body, computed.facts, self.now, answers)?);
        Ok(())
    }

    /// An IUV that had an outcome of its own now belongs to a position.
    fn move_to(
        &self,
        reader: &mut impl ReadOutcomes,
        iuv: Subject,
        position_id: &str,
        answer: &mut Answer,
    ) -> PortResult<()> {
        let stored = reader.outcomes(std::slice::from_ref(&iuv))?.remove(0);
        let body = record::write(&PaymentsOutcome::moved_to(position_id.to_owned()));
        answer.add(change(iuv, stored.as_ref(), body, facts_hash([]), self.now, Vec::new())?);
        Ok(())
    }

    /// An IUV that no position owns.
    fn iuv(
        &self,
        ticket: &Ticket,
        stored: Option<&Outcome>,
        facts: &[Fact],
        answer: &mut Answer,
    ) -> PortResult<()> {
        let outcome =
            compute_iuv(self.organization, &self.settled.in_force, &ticket.subject.0, facts)?;
        if stored.is_none() && outcome.payments.is_empty() {
            answer.answered.push(ticket.clone());
            return Ok(());
        }
        let body = record::write(&outcome);
        let (subject, hash) = (ticket.subject.clone(), facts_hash(facts));
        answer.add(change(subject, stored, body, hash, self.now, Vec::new())?);
        answer.unowned.push(ticket.clone());
        Ok(())
    }
}

/// Takes out the IUVs that a position owns by now.
fn owned(reader: &mut impl ReadFacts, unowned: &mut Vec<Ticket>) -> PortResult<Vec<Subject>> {
    let partitions: Vec<_> = unowned.iter().map(|ticket| ticket.subject.0.clone()).collect();
    let owners = reader.facts(&partitions)?;
    let owners = owners.iter().map(|facts| owner(facts)).collect::<PortResult<Vec<_>>>()?;
    let mut owners = owners.into_iter();
    let owned = unowned.extract_if(.., |_| matches!(owners.next(), Some(Some(_))));
    Ok(owned.map(|ticket| ticket.subject).collect())
}

impl Answer {
    fn add(&mut self, change: Result<Change, Vec<Ticket>>) {
        match change {
            Ok(change) => self.changes.push(change),
            Err(answered) => self.answered.extend(answered),
        }
    }
}

/// What the facts of a position come to.
pub struct ComputedPosition {
    pub outcome: PaymentsOutcome,
    pub position_id: Box<str>,
    /// Hash of the facts.
    pub facts: Hash,
    /// The partitions of the IUVs that any version ever had.
    pub iuvs: Vec<String>,
}

/// Computes a position from its versions and the facts of all the IUVs that any of them ever had.
/// `None` where there is no version.
pub fn compute_position(
    reader: &mut impl ReadFacts,
    organization: &OrganizationCode,
    in_force: &InForce,
    versions: &[Fact],
) -> PortResult<Option<ComputedPosition>> {
    let mut iuvs = BTreeSet::new();
    let mut current = None;
    for fact in versions {
        let version = read_position(&fact.body)?;
        iuvs.extend(version.notices.iter().map(|notice| notice.iuv.clone()));
        current = Some(version);
    }
    let Some(current) = current else { return Ok(None) };
    let partitions: Vec<_> = iuvs.iter().map(|iuv| key::iuv(organization, iuv)).collect();
    let facts = reader.facts(&partitions)?;
    let mut payments = Payments::default();
    for (iuv, facts) in iuvs.iter().zip(&facts) {
        payments.read(iuv, facts, in_force)?;
    }
    Ok(Some(ComputedPosition {
        outcome: PaymentsOutcome {
            version: Some(current.version),
            moved_to: None,
            payments: payments.gathered(),
        },
        position_id: current.position_id,
        facts: facts_hash(versions.iter().chain(facts.iter().flatten())),
        iuvs: partitions,
    }))
}

/// Computes an IUV that no position owns.
pub fn compute_iuv(
    organization: &OrganizationCode,
    in_force: &InForce,
    partition: &str,
    facts: &[Fact],
) -> PortResult<PaymentsOutcome> {
    let text = partition.strip_prefix(&Kind::Iuv.prefix(organization)).unwrap_or_default();
    let iuv: Iuv = text
        .parse()
        .map_err(|error| PortError::Final(format!("the ledger holds a damaged IUV: {error}")))?;
    let mut payments = Payments::default();
    payments.read(&iuv, facts, in_force)?;
    Ok(PaymentsOutcome { payments: payments.gathered(), ..PaymentsOutcome::default() })
}

/// The position that owns an IUV, by the alias among its facts.
pub fn owner(facts: &[Fact]) -> PortResult<Option<String>> {
    let alias = facts.iter().find(|fact| fact.sort == key::ALIAS);
    alias.map(|fact| record::read::<AliasRecord>(&fact.body).map(|a| a.position_id)).transpose()
}

/// Reads a version of a position from the ledger.
///
/// # Errors
/// When the ledger holds something that this version did not write.
pub fn read_position(body: &str) -> PortResult<PositionVersion> {
    formats::position::from_json(body)
        .map_err(|_| PortError::Final("the ledger holds a damaged position".into()))
}

/// Lines in force and receipts, as they are read.
#[derive(Default)]
struct Payments {
    lines: Vec<(PaymentKey, ReportedLine)>,
    receipts: Vec<(PaymentKey, ReceivedTransfer)>,
}

impl Payments {
    /// Reads the facts of an IUV. Lines of superseded or unsealed revisions count for nothing.
    fn read(&mut self, iuv: &Iuv, facts: &[Fact], in_force: &InForce) -> PortResult<()> {
        for fact in facts {
            if fact.sort.starts_with("LINE#") {
                let line: LineRecord = record::read(&fact.body)?;
                let Some(flow) = in_force.get(&line.revision) else { continue };
                let key = PaymentKey { iuv: iuv.clone(), iur: line.iur.clone(), index: line.index };
                self.lines.push((
                    key,
                    ReportedLine {
                        flow: flow.clone(),
                        amount: line.amount.abs(),
                        outcome: line.line_outcome(),
                        paid_on: line.paid_on,
                        source: fact.source.clone(),
                    },
                ));
            } else if fact.sort.starts_with("RECEIPT#") {
                let receipt: ReceiptRecord = record::read(&fact.body)?;
                let key = receipt_key(iuv, &fact.sort)?;
                self.receipts.push((key, receipt.into_received(fact.source.clone())));
            }
        }
        Ok(())
    }

    fn gathered(self) -> Vec<PaymentRecord> {
        gather(self.lines, self.receipts).iter().map(PaymentRecord::from).collect()
    }
}

/// `RECEIPT#iur#index#kind`: an IUR may itself hold a `#`.
fn receipt_key(iuv: &Iuv, sort: &str) -> PortResult<PaymentKey> {
    let damaged = || PortError::Final("the ledger holds a damaged receipt key".into());
    let rest = sort.strip_prefix("RECEIPT#").ok_or_else(damaged)?;
    let mut parts = rest.rsplitn(3, '#');
    let (_kind, index, iur) = (parts.next(), parts.next(), parts.next());
    let index = index.and_then(|index| index.parse().ok()).ok_or_else(damaged)?;
    let iur = iur.and_then(|iur| iur.parse().ok()).ok_or_else(damaged)?;
    Ok(PaymentKey { iuv: iuv.clone(), iur, index })
}

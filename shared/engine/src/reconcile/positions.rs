//! Payments, by position or by IUV where no position is known: the many.
//!
//! Readers compute on several threads, in chunks; one writer concludes. A position answers the asks
//! of its IUVs too, so that a province's first run reads each partition once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use domain::decision::{self, Decision};
use domain::fact::PositionVersion;
use domain::identifier::{Iuf, Iuv, OrganizationCode};
use domain::payment::{BankTransfer, Payment, PaymentKey, ReportedLine, gather};
use jiff::Timestamp;

use super::Reconciled;
use super::change::{change, change_even_so, facts_hash};
use super::settlements::{InForce, Settled, credit_state, in_force_now};
use super::turn::Turn;
use crate::key::{self, Kind};
use crate::port::{
    Asks, Change, Fact, Hash, Home, Outcome, PortError, PortResult, ReadFacts, ReadOutcomes,
    Subject, Ticket, WorkQueue, WriteOutcomes,
};
use crate::record::{
    self, AliasRecord, ChosenRecord, LineRecord, PaymentRecord, PaymentsOutcome, ReceiptRecord,
};

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
pub fn bring_up_to_date<H: Home<Writer: WorkQueue>>(
    home: &H,
    at: Moment<'_>,
    turn: &mut Turn,
    done: &mut Reconciled,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> PortResult<bool> {
    for _ in 0..ROUNDS_MAX {
        let mut writer = home.writer()?;
        let mut tickets = Vec::new();
        // An IUV may ask for a position in turn, so positions are looked for in every round.
        for kind in [Kind::Position, Kind::Iuv] {
            if tickets.is_empty() {
                tickets = writer.asked(&kind.prefix(at.organization), ROUND)?;
            }
        }
        if tickets.is_empty() {
            return Ok(true);
        }
        let stage = Stage {
            at,
            even_so: turn.saw_another(),
            asked_iuvs: asked_iuvs(&mut writer, at.organization)?,
            unowned: Unowned::load(&mut home.reader()?, at.organization)?,
        };
        let round = stage.run(home, &mut writer, turn, &tickets, progress)?;
        done.add(round.done);
        if round.ended == Ended::FlowsChanged {
            return Ok(false);
        }
    }
    Err(PortError::Retry("other workers keep changing the same outcomes".into()))
}

/// What a stage works with: whose payments, which revisions are in force, and when it is.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    pub organization: &'a OrganizationCode,
    pub settled: &'a Settled,
    pub now: Timestamp,
}

/// What a round came to.
struct Round {
    done: Reconciled,
    ended: Ended,
}

/// Why a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All of it is stored, but for what another worker was faster with.
    Stored,
    /// Another worker was seen: the rest is to be computed again, and stored even if it is the
    /// same.
    NotAlone,
    /// Other revisions are in force: the rest is to be computed with them.
    FlowsChanged,
}

/// What every chunk of a round needs.
struct Stage<'a> {
    at: Moment<'a>,
    /// Whether what does not change is stored too: see [`super::turn`].
    even_so: bool,
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
    /// Asked before anything else is stored, so that a crash in between forgets none.
    asks: Vec<Subject>,
    changes: Vec<Change>,
    answered: Vec<Ticket>,
    computed: u64,
}

impl Stage<'_> {
    fn run<H: Home<Writer: WorkQueue>>(
        &self,
        home: &H,
        writer: &mut H::Writer,
        turn: &mut Turn,
        tickets: &[Ticket],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> PortResult<Round> {
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
            let mut round = Round { done: Reconciled::default(), ended: Ended::Stored };
            let mut waiting = Answer::default();
            for answer in receive {
                let answer = answer?;
                progress(seen.fetch_add(answer.computed, Ordering::Relaxed), total);
                waiting.take_in(answer);
                if waiting.changes.len() + waiting.answered.len() >= PER_TRANSACTION {
                    self.store(home, writer, turn, &waiting, &mut round)?;
                    waiting = Answer::default();
                    if round.ended != Ended::Stored {
                        return Ok(round);
                    }
                }
            }
            self.store(home, writer, turn, &waiting, &mut round)?;
            Ok(round)
        })
    }

    /// Stores what chunks came to, unless it may be no more what the facts say.
    ///
    /// Which revisions are in force was read before the versions were; that they still are is
    /// looked at after, so that of two workers the one that knows the older flows is refused.
    /// Nothing can have changed while nobody asked.
    fn store<H: Home<Writer: WorkQueue>>(
        &self,
        home: &H,
        writer: &mut H::Writer,
        turn: &mut Turn,
        answer: &Answer,
        round: &mut Round,
    ) -> PortResult<()> {
        let Moment { organization, settled, .. } = self.at;
        if writer.last_ticket()? != settled.ticket
            && in_force_now(&mut home.reader()?, writer, organization)? != settled.in_force
        {
            round.ended = Ended::FlowsChanged;
            return Ok(());
        }
        if !turn.is_alone(writer)? && !self.even_so {
            round.ended = Ended::NotAlone;
            return Ok(());
        }
        writer.ask(&answer.asks)?;
        writer.conclude(&answer.changes)?;
        writer.answer(&answer.answered)?;
        round.done.computed += answer.computed;
        round.done.changed += answer.changes.len() as u64;
        Ok(())
    }

    /// One reading thread: takes chunks until there is none, or until nobody listens any more.
    fn work<H: Home>(
        &self,
        home: &H,
        chunks: &Mutex<std::slice::Chunks<'_, Ticket>>,
        send: &SyncSender<PortResult<Answer>>,
    ) {
        // No outcome of a payment tells of a person.
        let mut reader = match home.impersonal_reader() {
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
                    let subject = Subject(key::position(self.at.organization, &position));
                    let stored = reader.outcomes(std::slice::from_ref(&subject))?.remove(0);
                    let facts = reader.facts(std::slice::from_ref(&subject.0))?.remove(0);
                    let own = Some(ticket.clone());
                    self.position(reader, subject, stored.as_ref(), &facts, own, &mut answer)?;
                }
                None if ticket
                    .subject
                    .0
                    .starts_with(&Kind::Position.prefix(self.at.organization)) =>
                {
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
            compute_position(reader, self.at.organization, &self.at.settled.in_force, versions)?
        else {
            answer.answered.extend(ticket);
            return Ok(());
        };
        let mut answers: Vec<_> = ticket.into_iter().collect();
        for subject in computed.iuvs.into_iter().map(Subject) {
            if let Some(&number) = self.asked_iuvs.get(&subject) {
                answers.push(Ticket { subject: subject.clone(), number });
            }
            // Who computes the IUV by itself at this moment is kept from storing it.
            if self.even_so || self.unowned.0.contains(&subject.0) {
                self.move_to(reader, subject, &computed.position_id, answer)?;
            }
        }
        let of_iuv = Kind::Iuv.prefix(self.at.organization);
        let answers_iuv = answers.iter().any(|ticket| ticket.subject.0.starts_with(&of_iuv));
        let body = record::write(&computed.outcome);
        // What is new of an IUV may be about a payment that is with another position.
        if answers_iuv || stored.is_none_or(|stored| stored.body != body) {
            answer.asks.extend(computed.elsewhere);
        }
        let (facts, now) = (computed.facts, self.at.now);
        answer.add(change_even_so(subject, stored, body, facts, now, answers, self.even_so)?);
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
        answer.add(change(iuv, stored.as_ref(), body, facts_hash([]), self.at.now, Vec::new())?);
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
        let (organization, in_force) = (self.at.organization, &self.at.settled.in_force);
        let outcome = compute_iuv(organization, in_force, &ticket.subject.0, facts)?;
        let decisions = record::decisions(facts)?;
        answer.asks.extend(chosen_positions(organization, &decisions, None));
        if stored.is_none() && outcome == PaymentsOutcome::default() && !self.even_so {
            answer.answered.push(ticket.clone());
            return Ok(());
        }
        let body = record::write(&outcome);
        let (subject, answers) = (ticket.subject.clone(), vec![ticket.clone()]);
        let (facts, now) = (facts_hash(facts), self.at.now);
        answer.add(change_even_so(subject, stored, body, facts, now, answers, self.even_so)?);
        Ok(())
    }
}

impl Answer {
    fn take_in(&mut self, other: Self) {
        self.asks.extend(other.asks);
        self.changes.extend(other.changes);
        self.answered.extend(other.answered);
        self.computed += other.computed;
    }

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
    /// The partitions of the other IUVs and of the credits that a person ever chose it for.
    pub chosen: Vec<String>,
    /// Positions that payments of these IUVs were ever chosen to belong to, without this one.
    pub elsewhere: Vec<Subject>,
}

/// Computes a position from its versions, the facts of all the IUVs that any of them ever had, and
/// those of the credits and the IUVs that a person ever chose it for. `None` where there is no
/// version.
pub fn compute_position(
    reader: &mut impl ReadFacts,
    organization: &OrganizationCode,
    in_force: &InForce,
    facts: &[Fact],
) -> PortResult<Option<ComputedPosition>> {
    let position = position_facts(reader, organization, facts)?;
    position.map(|position| position.compute(organization, in_force)).transpose()
}

/// The facts that a position is computed from: its own, those of all the IUVs that any version ever
/// had, and those of the credits and the IUVs that a person ever chose it for.
pub struct PositionFacts<'a> {
    own: &'a [Fact],
    current: PositionVersion,
    iuvs: BTreeSet<Iuv>,
    partitions: Vec<String>,
    chosen: Vec<String>,
    /// Of each IUV, then of each that was chosen.
    pub facts: Vec<Vec<Fact>>,
}

/// Reads the facts of a position. `None` where there is no version.
pub fn position_facts<'a>(
    reader: &mut impl ReadFacts,
    organization: &OrganizationCode,
    facts: &'a [Fact],
) -> PortResult<Option<PositionFacts<'a>>> {
    let mut iuvs = BTreeSet::new();
    let mut current = None;
    for fact in versions(facts) {
        let version = read_position(&fact.body)?;
        iuvs.extend(version.notices.iter().map(|notice| notice.iuv.clone()));
        current = Some(version);
    }
    let Some(current) = current else { return Ok(None) };
    let partitions: Vec<_> = iuvs.iter().map(|iuv| key::iuv(organization, iuv)).collect();
    let mut chosen = pointers(facts)?;
    chosen.retain(|partition| !partitions.contains(partition));
    let read = reader.facts(&[&partitions[..], &chosen].concat())?;
    Ok(Some(PositionFacts { own: facts, current, iuvs, partitions, chosen, facts: read }))
}

impl PositionFacts<'_> {
    /// Computes the position.
    pub fn compute(
        self,
        organization: &OrganizationCode,
        in_force: &InForce,
    ) -> PortResult<ComputedPosition> {
        let position_id = self.current.position_id;
        let (of_iuvs, of_chosen) = self.facts.split_at(self.iuvs.len());
        let mut gathering = Gathering::new(&position_id, organization, in_force);
        for (iuv, facts) in self.iuvs.iter().zip(of_iuvs) {
            gathering.iuv(iuv, facts, true)?;
        }
        for (partition, facts) in self.chosen.iter().zip(of_chosen) {
            match partition.strip_prefix(&Kind::Iuv.prefix(organization)) {
                Some(iuv) => gathering.iuv(&parse_iuv(iuv)?, facts, false)?,
                None => gathering.credit(partition, facts)?,
            }
        }
        let elsewhere = gathering.elsewhere.iter().cloned().collect();
        let version = Some(self.current.version);
        let outcome = PaymentsOutcome { version, ..gathering.into_outcome() };
        Ok(ComputedPosition {
            outcome,
            position_id,
            facts: facts_hash(self.own.iter().chain(self.facts.iter().flatten())),
            iuvs: self.partitions,
            chosen: self.chosen,
            elsewhere,
        })
    }
}

/// The flows whose lines are among facts.
pub fn flows_of_lines<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> PortResult<BTreeSet<Iuf>> {
    let lines = facts.into_iter().filter(|fact| fact.sort.starts_with("LINE#"));
    lines.map(|fact| record::read::<LineRecord>(&fact.body).map(|line| line.iuf)).collect()
}

/// The versions among the facts of a position, oldest first.
pub fn versions(facts: &[Fact]) -> impl Iterator<Item = &Fact> {
    facts.iter().filter(|fact| fact.sort.starts_with("VERSION#"))
}

/// Where a position was ever chosen, from its facts: see [`ChosenRecord`].
pub fn pointers(facts: &[Fact]) -> PortResult<Vec<String>> {
    let pointers = facts.iter().filter(|fact| fact.sort.starts_with(record::CHOSEN));
    pointers.map(|fact| Ok(record::read::<ChosenRecord>(&fact.body)?.partition)).collect()
}

/// The positions that decisions chose, without one.
pub fn chosen_positions(
    organization: &OrganizationCode,
    decisions: &[Decision],
    but: Option<&str>,
) -> BTreeSet<Subject> {
    let chosen = decisions.iter().filter_map(Decision::position).map(|one| &*one.position_id);
    let others = chosen.filter(|id| Some(*id) != but);
    others.map(|id| Subject(key::position(organization, id))).collect()
}

/// Computes an IUV that no position owns.
pub fn compute_iuv(
    organization: &OrganizationCode,
    in_force: &InForce,
    partition: &str,
    facts: &[Fact],
) -> PortResult<PaymentsOutcome> {
    let iuv =
        parse_iuv(partition.strip_prefix(&Kind::Iuv.prefix(organization)).unwrap_or_default())?;
    let decisions = decision::in_force(record::decisions(facts)?);
    let (given, own): (Vec<_>, Vec<_>) = payments_of_iuv(&iuv, facts, in_force)?
        .into_iter()
        .partition(|payment| chosen_for(&decisions, &payment.key).is_some());
    Ok(PaymentsOutcome {
        payments: own.iter().map(PaymentRecord::from).collect(),
        given: given.iter().map(PaymentRecord::from).collect(),
        decisions,
        ..PaymentsOutcome::default()
    })
}

/// The payments of an IUV, whosever they are. Lines of superseded or unsealed revisions count for
/// nothing.
pub fn payments_of_iuv(iuv: &Iuv, facts: &[Fact], in_force: &InForce) -> PortResult<Vec<Payment>> {
    let mut lines = Vec::new();
    let mut receipts = Vec::new();
    for fact in facts {
        if fact.sort.starts_with("LINE#") {
            let line: LineRecord = record::read(&fact.body)?;
            let Some(flow) = in_force.get(&line.revision) else { continue };
            let key = PaymentKey { iuv: iuv.clone(), iur: line.iur.clone(), index: line.index };
            let reported = ReportedLine {
                flow: flow.clone(),
                amount: line.amount.abs(),
                outcome: line.line_outcome(),
                paid_on: line.paid_on,
                source: fact.source.clone(),
            };
            lines.push((key, reported));
        } else if fact.sort.starts_with("RECEIPT#") {
            let receipt: ReceiptRecord = record::read(&fact.body)?;
            let key = receipt_key(iuv, &fact.sort)?;
            receipts.push((key, receipt.into_received(fact.source.clone())));
        }
    }
    Ok(gather(lines, receipts))
}

fn parse_iuv(text: &str) -> PortResult<Iuv> {
    text.parse()
        .map_err(|error| PortError::Final(format!("the ledger holds a damaged IUV: {error}")))
}

/// The position that was chosen for a payment.
fn chosen_for<'a>(decisions: &'a [Decision], payment: &PaymentKey) -> Option<&'a str> {
    let decision = decision::choice_of(decisions, &format!("payment:{payment}"))?;
    decision.position().map(|chosen| &*chosen.position_id)
}

/// The payments of a position, as they are gathered: those of its IUVs that no person chose to be
/// another's, and those that a person chose to be its own.
struct Gathering<'a> {
    position_id: &'a str,
    organization: &'a OrganizationCode,
    in_force: &'a InForce,
    outcome: PaymentsOutcome,
    payments: Vec<Payment>,
    elsewhere: BTreeSet<Subject>,
}

impl<'a> Gathering<'a> {
    fn new(
        position_id: &'a str,
        organization: &'a OrganizationCode,
        in_force: &'a InForce,
    ) -> Self {
        Self {
            position_id,
            organization,
            in_force,
            outcome: PaymentsOutcome::default(),
            payments: Vec::new(),
            elsewhere: BTreeSet::new(),
        }
    }

    /// The payments of an IUV: of its own, all that are not another's; else what was chosen.
    fn iuv(&mut self, iuv: &Iuv, facts: &[Fact], own: bool) -> PortResult<()> {
        let all = record::decisions(facts)?;
        let but = Some(self.position_id);
        self.elsewhere.extend(chosen_positions(self.organization, &all, but));
        let decisions = decision::in_force(all);
        let mut gathered = payments_of_iuv(iuv, facts, self.in_force)?;
        gathered.retain(|payment| match chosen_for(&decisions, &payment.key) {
            Some(position_id) => position_id == self.position_id,
            None => own,
        });
        let subjects: BTreeSet<_> =
            gathered.iter().map(|payment| format!("payment:{}", payment.key)).collect();
        let here = decisions.into_iter().filter(|one| subjects.contains(&*one.subject));
        self.outcome.decisions.extend(here);
        if let Some(owner) = owner(facts)?.filter(|_| !own && !gathered.is_empty()) {
            self.outcome.claimed.push((iuv.as_str().into(), owner.into()));
        }
        self.payments.extend(gathered);
        Ok(())
    }

    /// A credit, if it is still chosen for this position.
    fn credit(&mut self, partition: &str, facts: &[Fact]) -> PortResult<()> {
        let subject = Subject(partition.to_owned());
        let Some(state) = credit_state(&subject, facts)? else { return Ok(()) };
        let chosen = state.chosen().and_then(Decision::position);
        let notice = chosen
            .filter(|chosen| &*chosen.position_id == self.position_id)
            .and_then(|chosen| chosen.notice.clone());
        if let Some(notice) = notice {
            let transfer = BankTransfer {
                provvisorio: state.credit.provvisorio,
                amount: state.credit.amount,
                date: state.credit.date,
                reversed: !state.credit.counts(),
                source: state.credit.source.clone(),
            };
            self.payments.push(Payment::by_transfer(notice, transfer));
        }
        Ok(())
    }

    fn into_outcome(mut self) -> PaymentsOutcome {
        self.payments.sort_by(|a, b| a.key.cmp(&b.key));
        self.outcome.payments = self.payments.iter().map(PaymentRecord::from).collect();
        self.outcome
    }
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

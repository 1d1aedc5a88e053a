//! One row, from the plan to the citizen.

use std::hash::{DefaultHasher, Hash as _, Hasher};

use domain::campaign::{Decision, Reason};
use domain::identifier::FiscalCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::run::{Halt, Run};
use crate::campaign::intent::{IntentKey, IntentRecord, State, Unreachable, recipient};
use crate::campaign::io::{IoError, Profile};
use crate::campaign::ledger::{Ledger, Stored};
use crate::campaign::message::Message;
use crate::campaign::plan::Row;
use crate::key;
use crate::port::{PortError, PortResult, ReadOutcomes, Subject, WriteOutcomes};

/// How a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Done {
    /// IO has it.
    Sent,
    /// The citizen is to be told by other means.
    NotReachable(Unreachable),
    /// IO, or our own check, refuses the message.
    Refused,
    /// It failed too often; nothing was sent.
    Parked,
    /// It may have been sent.
    Unknown,
    /// It was over before: an earlier run, or another worker.
    Over,
    /// Another worker has it in hand.
    InHand,
    /// It was right when it was planned, and is not any more.
    NoLongerRight,
    /// The same text went to the same citizen in the last seven days.
    SameText,
    /// There is no service, or no key of it: nothing was tried.
    NotConfigured,
}

/// How long a call can be in hand: longer than the time-outs of the client together. After that its
/// worker is dead.
pub const SENDING_MAX: SignedDuration = SignedDuration::from_mins(5);

/// How old the last look may be when the call is made: only a machine that slept is slower.
const LOOK_MAX: SignedDuration = SignedDuration::from_secs(5);
/// How long the same text to the same citizen is not repeated.
const SAME_TEXT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often a message that fails for a reason that may pass is tried.
const ATTEMPTS_MAX: u8 = 3;
/// How often a row may wait for IO in one run.
const WAITS_MAX: u32 = 20;
/// Rows that fail one after the other before the run ends: IO is down, and each is a doubt.
const FAILING_MAX: u32 = 3;
/// How often the outcome of a call is stored again when the ledger is busy.
const STORE_TRIES: u32 = 5;

/// Judges the position of a row anew, at a moment; `None` where there is no such position any more.
pub type Again<'a> = &'a mut dyn FnMut(Timestamp) -> PortResult<Option<Row>>;

/// A worker.
pub struct Sender<'a, R, W> {
    run: &'a Run<'a>,
    ledger: Ledger<R, W>,
    /// Rows that failed one after the other.
    failing: u32,
}

/// Where a try of a row led.
enum Step {
    Done(Done, Vec<Reason>),
    /// Nothing was sent: again from then on.
    Again(Timestamp),
}

/// What the last look saw.
enum LastLook {
    Go,
    /// Nothing is sent, and that is the outcome.
    Not(Result<Step, Halt>),
}

/// A text that went, or goes, to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    /// The intent that it belongs to.
    intent: String,
    at: Timestamp,
}

/// What a try is about.
struct Order<'r> {
    row: &'r Row,
    service: &'r str,
    recipient: &'r FiscalCode,
    subject: Subject,
}

impl<'a, R: ReadOutcomes, W: WriteOutcomes> Sender<'a, R, W> {
    /// A worker of a run.
    pub const fn new(run: &'a Run<'a>, ledger: Ledger<R, W>) -> Self {
        Self { run, ledger, failing: 0 }
    }

    /// Sends a row, if it is still right; `again` judges its position anew, at a moment. With the
    /// reasons against it where it is not right any more.
    ///
    /// # Errors
    /// What ends the run.
    pub fn deliver(
        &mut self,
        row: &Row,
        service: &str,
        again: Again<'_>,
    ) -> Result<(Done, Vec<Reason>), Halt> {
        let Some(recipient) = &row.recipient else {
            return Ok((Done::NoLongerRight, row.reasons.clone()));
        };
        let subject = IntentKey::of(row).subject();
        let order = Order { row, service, recipient, subject };
        for tries in 0..WAITS_MAX {
            match self.step(&order, again, tries)? {
                Step::Done(done, reasons) => {
                    self.count(done)?;
                    return Ok((done, reasons));
                }
                Step::Again(moment) => self.run.wait_until(moment)?,
            }
        }
        Err(Halt::Throttled)
    }

    /// Ends the run where row after row fails.
    fn count(&mut self, done: Done) -> Result<(), Halt> {
        match done {
            Done::Unknown | Done::Parked => self.failing += 1,
            Done::Sent => self.failing = 0,
            _ => {}
        }
        if self.failing >= FAILING_MAX { Err(Halt::Failing) } else { Ok(()) }
    }

    fn step(&mut self, order: &Order, again: Again<'_>, tries: u32) -> Result<Step, Halt> {
        if let Some(step) = self.standing(order)? {
            return Ok(step);
        }
        self.call()?;
        let profile = match self.run.io.profile(order.service, order.recipient) {
            Ok(profile) => profile,
            Err(IoError::Invalid(_) | IoError::Refused { .. }) => {
                // Not an address of IO: the message itself will be refused with the reason.
                Profile::Allowed
            }
            Err(error) => return self.no_profile(order, error, tries),
        };
        if profile == Profile::Allowed {
            self.call()?;
        }
        let not_any_more = |reasons| Ok(Step::Done(Done::NoLongerRight, reasons));
        let Some(row) = again(self.run.clock.now())? else { return not_any_more(Vec::new()) };
        let (Decision::Send, Some(message)) = (row.decision, &row.message) else {
            return not_any_more(row.reasons);
        };
        if IntentKey::of(&row) != IntentKey::of(order.row) || row.recipient != order.row.recipient {
            return not_any_more(Vec::new());
        }
        match profile {
            Profile::Unreachable(why) => self.not_reachable(order, &row, message, why),
            Profile::Allowed => self.post(order, &row, message, again),
        }
    }

    /// What the ledger says already; `None` where the message may be tried now.
    fn standing(&mut self, order: &Order) -> Result<Option<Step>, Halt> {
        let stored = self.ledger.read::<IntentRecord>(&order.subject)?;
        let Some(intent) = &stored.record else { return Ok(None) };
        let now = self.run.clock.now();
        let done = |done| Ok(Some(Step::Done(done, Vec::new())));
        match &intent.state {
            State::Planned => Ok(None),
            State::RetryAt { not_before } if *not_before <= now => Ok(None),
            State::RetryAt { not_before } => Ok(Some(Step::Again(*not_before))),
            State::Sending if now.duration_since(intent.at) < SENDING_MAX => done(Done::InHand),
            State::Sending => {
                give_up(&mut self.ledger, &order.subject, &stored, now)?;
                done(Done::Over)
            }
            _ => done(Done::Over),
        }
    }

    /// Waits for the turn of a call.
    fn call(&mut self) -> Result<(), Halt> {
        self.run.check()?;
        let moment = self.run.pace().call(&mut self.ledger, self.run.clock.now())?;
        self.run.wait_until(moment)
    }

    /// Whether he may be written to is not known: nothing was sent, and asking again harms nobody.
    fn no_profile(&mut self, order: &Order, error: IoError, tries: u32) -> Result<Step, Halt> {
        match error {
            IoError::Forbidden { status, reason } => Err(Halt::Forbidden { status, reason }),
            IoError::Throttled(wait) => self.throttled(order, wait),
            _ if tries + 1 >= u32::from(ATTEMPTS_MAX) => Err(Halt::Failing),
            _ => Ok(Step::Again(self.backoff(order, tries))),
        }
    }

    fn throttled(&mut self, order: &Order, wait: SignedDuration) -> Result<Step, Halt> {
        let now = self.run.clock.now();
        let until = now + wait;
        self.run.pace().hold(&mut self.ledger, now, until)?;
        Ok(Step::Again(until + jitter(&order.subject)))
    }

    /// 2, 8, 32 seconds and a little more.
    fn backoff(&self, order: &Order, tries: u32) -> Timestamp {
        let seconds = 2 * 4_i64.pow(tries.min(2));
        self.run.clock.now() + SignedDuration::from_secs(seconds) + jitter(&order.subject)
    }

    fn not_reachable(
        &mut self,
        order: &Order,
        row: &Row,
        message: &Message,
        why: Unreachable,
    ) -> Result<Step, Halt> {
        let stored = self.ledger.read::<IntentRecord>(&order.subject)?;
        let now = self.run.clock.now();
        let new = self.record(order, row, message, &stored, State::NotReachable { why }, now)?;
        let mine = is_free(&stored, now) && self.ledger.put(&order.subject, &stored, &new, now)?;
        let done = if mine { Done::NotReachable(why) } else { Done::Over };
        Ok(Step::Done(done, Vec::new()))
    }

    /// Claims the message and sends it.
    fn post(
        &mut self,
        order: &Order,
        row: &Row,
        message: &Message,
        again: Again<'_>,
    ) -> Result<Step, Halt> {
        let now = self.run.clock.now();
        if !self.claim_text(order, message, now)? {
            return Ok(Step::Done(Done::SameText, Vec::new()));
        }
        let stored = self.ledger.read::<IntentRecord>(&order.subject)?;
        if !is_free(&stored, now) {
            return Ok(Step::Done(Done::InHand, Vec::new()));
        }
        self.run.take_one()?;
        if !self.run.pace().message(&mut self.ledger, now)? {
            self.run.give_one_back();
            return Err(Halt::DailyCap);
        }
        let mut sending = self.record(order, row, message, &stored, State::Sending, now)?;
        sending.attempts += 1;
        if !self.ledger.put(&order.subject, &stored, &sending, now)? {
            self.run.give_one_back();
            return Ok(Step::Done(Done::InHand, Vec::new()));
        }
        match self.last_look(again) {
            LastLook::Go => {
                let called = self.run.io.send(order.service, order.recipient, message);
                self.conclude(order, &sending, called)
            }
            LastLook::Not(outcome) => {
                self.settle(order, &sending, &State::Planned, sending.attempts - 1)?;
                self.run.give_one_back();
                outcome
            }
        }
    }

    /// The last moment at which the call can be left undone, with the message claimed.
    fn last_look(&self, again: Again<'_>) -> LastLook {
        let looked_at = self.run.clock.now();
        let reasons = match again(looked_at) {
            Ok(row) => row.map(|row| row.reasons),
            Err(error) => return LastLook::Not(Err(error.into())),
        };
        // The claim itself is now the one thing that is against it.
        if reasons.as_ref().is_none_or(|all| all.iter().any(|&one| one != Reason::AlreadySent)) {
            let reasons = reasons.unwrap_or_default();
            return LastLook::Not(Ok(Step::Done(Done::NoLongerRight, reasons)));
        }
        if let Err(halt) = self.run.check() {
            return LastLook::Not(Err(halt));
        }
        let now = self.run.clock.now();
        let slept = now.duration_since(looked_at) > LOOK_MAX;
        if slept { LastLook::Not(Ok(Step::Again(now))) } else { LastLook::Go }
    }

    /// Stores what came of the call.
    fn conclude(
        &mut self,
        order: &Order,
        sending: &IntentRecord,
        called: Result<String, IoError>,
    ) -> Result<Step, Halt> {
        let (now, attempts) = (self.run.clock.now(), sending.attempts);
        let (state, done) = match called {
            Ok(id) => (State::Sent { id, fate: None, asked_at: None, sent_at: now }, Done::Sent),
            Err(IoError::Ambiguous(reason)) => {
                (State::Unknown { reason: reason.to_owned() }, Done::Unknown)
            }
            Err(IoError::Missing) => {
                (State::Refused { status: 404, reason: String::new() }, Done::Refused)
            }
            Err(IoError::Invalid(rule)) => {
                (State::Refused { status: 0, reason: rule.to_owned() }, Done::Refused)
            }
            Err(IoError::Refused { status, reason }) => {
                (State::Refused { status, reason }, Done::Refused)
            }
            Err(error) => return self.nothing_sent(order, sending, error),
        };
        if matches!(done, Done::Refused) {
            self.run.give_one_back();
        }
        self.settle(order, sending, &state, attempts)?;
        Ok(Step::Done(done, Vec::new()))
    }

    /// The call did nothing: the message is free again, or parked.
    fn nothing_sent(
        &mut self,
        order: &Order,
        sending: &IntentRecord,
        error: IoError,
    ) -> Result<Step, Halt> {
        self.run.give_one_back();
        let before = sending.attempts - 1;
        match error {
            IoError::Forbidden { status, reason } => {
                self.settle(order, sending, &State::Planned, before)?;
                Err(Halt::Forbidden { status, reason })
            }
            IoError::Throttled(wait) => {
                self.settle(order, sending, &State::Planned, before)?;
                self.throttled(order, wait)
            }
            _ if sending.attempts >= ATTEMPTS_MAX => {
                let status = if error == IoError::Failed { 500 } else { 0 };
                self.settle(order, sending, &State::Parked { status }, sending.attempts)?;
                Ok(Step::Done(Done::Parked, Vec::new()))
            }
            _ => {
                let not_before = self.backoff(order, u32::from(before));
                self.settle(order, sending, &State::RetryAt { not_before }, sending.attempts)?;
                Ok(Step::Again(not_before))
            }
        }
    }

    /// Replaces `Sending` by what came of it. Another worker may have taken this one for dead and
    /// have made it `Unknown`: this one knows better. Where a person has let it go again meanwhile,
    /// or the store fails, it stays as it is.
    fn settle(
        &mut self,
        order: &Order,
        sending: &IntentRecord,
        state: &State,
        attempts: u8,
    ) -> Result<(), Halt> {
        let mut failed = None;
        for _ in 0..STORE_TRIES {
            let now = self.run.clock.now();
            let new = IntentRecord { state: state.clone(), attempts, at: now, ..sending.clone() };
            let stored = self.ledger.update::<IntentRecord, _>(&order.subject, now, |stored| {
                let mine = stored.is_some_and(|stored| is_of_this_call(stored, sending));
                (mine.then(|| new.clone()), ())
            });
            match stored {
                Err(PortError::Retry(why)) => {
                    failed = Some(Halt::Ledger(why));
                    self.run.clock.wait(SignedDuration::from_millis(200));
                }
                other => return Ok(other?),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn record(
        &self,
        order: &Order,
        row: &Row,
        message: &Message,
        stored: &Stored<IntentRecord>,
        state: State,
        now: Timestamp,
    ) -> PortResult<IntentRecord> {
        let before = stored.record.as_ref();
        Ok(IntentRecord {
            position_id: row.position_id.to_string(),
            kind: row.kind.code().to_owned(),
            occurrence: row.occurrence.to_string(),
            service: order.service.to_owned(),
            recipient: recipient(self.run.ring, &row.organization, order.recipient, now)?,
            template_version: row.template_version.as_deref().unwrap_or_default().to_owned(),
            content: message.content_hash().to_string(),
            attempts: before.map_or(0, |before| before.attempts),
            at: now,
            state,
            released: before.and_then(|before| before.released.clone()),
        })
    }

    /// Whether this text may go to this citizen: the second guard, whatever the intent.
    fn claim_text(&mut self, order: &Order, message: &Message, now: Timestamp) -> PortResult<bool> {
        let organization = &order.row.organization;
        let content = message.content_hash();
        let of = |at| -> PortResult<Subject> {
            let recipient = recipient(self.run.ring, organization, order.recipient, at)?;
            Ok(Subject(key::written(organization, &recipient, &content)))
        };
        let (subject, before) = (of(now)?, of(now - SAME_TEXT)?);
        let mine = Written { intent: order.subject.0.clone(), at: now };
        let forbids = |other: &Written| other.intent != mine.intent && now < other.at + SAME_TEXT;
        // In the first days of a year, what went in the last of the year before.
        if before != subject
            && self.ledger.read::<Written>(&before)?.record.as_ref().is_some_and(forbids)
        {
            return Ok(false);
        }
        self.ledger.update::<Written, _>(&subject, now, |written| match written {
            Some(other) if forbids(other) => (None, false),
            _ => (Some(mine.clone()), true),
        })
    }
}

/// Makes an intent whose worker is dead [`State::Unknown`].
pub(in crate::campaign) fn give_up<R: ReadOutcomes, W: WriteOutcomes>(
    ledger: &mut Ledger<R, W>,
    subject: &Subject,
    stored: &Stored<IntentRecord>,
    now: Timestamp,
) -> PortResult<()> {
    if let Some(intent) = &stored.record {
        let state = State::Unknown { reason: "its worker died during the call".to_owned() };
        ledger.put(subject, stored, &IntentRecord { state, at: now, ..intent.clone() }, now)?;
    }
    Ok(())
}

/// Whether the intent may be claimed.
fn is_free(stored: &Stored<IntentRecord>, now: Timestamp) -> bool {
    match stored.record.as_ref().map(|intent| &intent.state) {
        None | Some(State::Planned) => true,
        Some(State::RetryAt { not_before }) => *not_before <= now,
        Some(_) => false,
    }
}

/// Whether a record is about the call that `sending` announced.
fn is_of_this_call(stored: &IntentRecord, sending: &IntentRecord) -> bool {
    let open = matches!(stored.state, State::Sending | State::Unknown { .. });
    open && stored.attempts == sending.attempts && stored.released == sending.released
}

/// Up to a second, another for each message: those that were told to wait together do not come back
/// together.
fn jitter(subject: &Subject) -> SignedDuration {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    SignedDuration::from_millis(i64::try_from(hasher.finish() % 1_000).unwrap_or(0))
}

//! What became of the messages that IO took.
//!
//! A message is asked for after half an hour, then once a day, for 14 days, as long as IO has not
//! said its last word. IO does not say why it rejected one: whether the citizen may be written to
//! now is asked again, and that is the best answer there is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::campaign::Kind;
use domain::identifier::{FiscalCode, OrganizationCode};
use jiff::{SignedDuration, Timestamp};

use super::intent::{Fate, IntentRecord, State, Unreachable, recipient};
use super::io::{Clock, Io, IoError, Profile, Status};
use super::ledger::Ledger;
use super::pace::Pace;
use super::plan::{PlanError, Planner};
use super::release;
use super::send::Halt;
use crate::configuration::Configuration;
use crate::port::{Home, PortResult, ReadOutcomes, Subject, WriteOutcomes};
use crate::seal::Keyring;
use crate::{key, record};

/// How long after the sending IO is asked first.
const FIRST: SignedDuration = SignedDuration::from_mins(30);
/// How long after an answer it is asked again.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// How long after the sending it is asked last.
const LAST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How often a call is made again when IO asks to wait.
const WAITS_MAX: u32 = 5;

/// What asking came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// How many messages were asked for, by what became of them.
    pub fates: BTreeMap<Fate, u64>,
    /// Messages that could not be asked for: another citizen's position now, no key, no answer.
    pub not_asked: u64,
    /// What ended it before the last message.
    pub halted: Option<Halt>,
}

/// Asks for every message of a configured organization whose time has come; no call is begun at
/// `end` or later. To whom a message went is worked out again from its position.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn all<H: Home>(
    home: &H,
    configuration: &Configuration,
    organization: &OrganizationCode,
    ring: &Keyring,
    (io, clock): (&dyn Io, &dyn Clock),
    end: Option<Timestamp>,
) -> PortResult<Tracked> {
    let Some(settings) = configuration.organizations.get(organization) else {
        return Ok(Tracked::default());
    };
    let mut ledger = Ledger { reader: home.reader()?, writer: home.writer()? };
    release::give_up_the_dead(&mut ledger, organization, clock.now())?;
    let mut reader = home.reader()?;
    let mut planners: BTreeMap<Kind, Option<Planner<'_>>> = BTreeMap::new();
    let mut recipient_of = |intent: &IntentRecord| {
        let Some(kind) = Kind::from_code(&intent.kind) else { return Ok(None) };
        let load = |reader| Planner::load(reader, configuration, organization, kind, clock.now());
        let planner = match planners.entry(kind) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(load(&mut reader)?),
        };
        let Some(planner) = planner else { return Ok(None) };
        let row = planner.judge(&mut reader, &intent.position_id);
        Ok(row.map_err(PlanError::into_port)?.and_then(|row| row.recipient))
    };
    let mut pace = Pace::new(organization, settings.sending);
    let whose = (organization, ring);
    track(&mut ledger, whose, (io, clock), &mut pace, end, &mut recipient_of)
}

/// `recipient_of` says to whom a message went, from what is known of its position.
fn track<R: ReadOutcomes, W: WriteOutcomes>(
    ledger: &mut Ledger<R, W>,
    (organization, ring): (&OrganizationCode, &Keyring),
    (io, clock): (&dyn Io, &dyn Clock),
    pace: &mut Pace,
    end: Option<Timestamp>,
    recipient_of: &mut dyn FnMut(&IntentRecord) -> PortResult<Option<FiscalCode>>,
) -> PortResult<Tracked> {
    let mut tracked = Tracked::default();
    for subject in due(ledger, organization, clock.now())? {
        let stored = ledger.read::<IntentRecord>(&subject)?;
        let Some(intent) = stored.record.clone().filter(|intent| is_due(intent, clock.now()))
        else {
            continue;
        };
        let State::Sent { id, fate, sent_at, .. } = intent.state.clone() else { continue };
        if end.is_some_and(|end| clock.now() >= end) {
            tracked.halted = Some(Halt::TimeUp);
            break;
        }
        let code = recipient_of(&intent)?;
        let code = code.filter(|_| io.serves(&intent.service));
        let same = |code: &FiscalCode| recipient(ring, organization, code, sent_at);
        let same = code.as_ref().map(same).transpose()?.as_ref() == Some(&intent.recipient);
        let Some(code) = code.filter(|_| same) else {
            tracked.not_asked += 1;
            continue;
        };
        let mut asking = Asking { ledger, io, clock, pace, service: &intent.service };
        let found = match asking.fate(&code, &id) {
            Ok(found) => found,
            Err(halt) => {
                tracked.halted = Some(halt);
                break;
            }
        };
        match found {
            Some(fate) => *tracked.fates.entry(fate).or_default() += 1,
            None => tracked.not_asked += 1,
        }
        let now = clock.now();
        let state = State::Sent { id, fate: found.or(fate), asked_at: Some(now), sent_at };
        // Who asked at the same time has stored the same.
        ledger.put(&subject, &stored, &IntentRecord { state, ..intent }, now)?;
    }
    Ok(tracked)
}

fn due<R: ReadOutcomes, W>(
    ledger: &mut Ledger<R, W>,
    organization: &OrganizationCode,
    now: Timestamp,
) -> PortResult<Vec<Subject>> {
    let mut due = Vec::new();
    ledger.reader.scan_outcomes(&key::messages(organization), &mut |subject, outcome| {
        if is_due(&record::read(&outcome.body)?, now) {
            due.push(subject);
        }
        Ok(())
    })?;
    Ok(due)
}

/// Whether IO is to be asked for a message now.
fn is_due(intent: &IntentRecord, now: Timestamp) -> bool {
    let State::Sent { fate, asked_at, sent_at, .. } = &intent.state else { return false };
    let open = matches!(fate, None | Some(Fate::Accepted | Fate::Throttled));
    let age = now.duration_since(*sent_at);
    let rested = asked_at.is_none_or(|asked| now.duration_since(asked) >= AGAIN);
    open && rested && (FIRST..=LAST).contains(&age)
}

/// Asks for one message.
struct Asking<'a, R, W> {
    ledger: &'a mut Ledger<R, W>,
    io: &'a dyn Io,
    clock: &'a dyn Clock,
    pace: &'a mut Pace,
    service: &'a str,
}

impl<R: ReadOutcomes, W: WriteOutcomes> Asking<'_, R, W> {
    /// What became of it; `None` where IO gave no answer.
    fn fate(&mut self, recipient: &FiscalCode, id: &str) -> Result<Option<Fate>, Halt> {
        let (io, service) = (self.io, self.service);
        let Some(status) = self.call(|| io.status(service, recipient, id))? else {
            return Ok(None);
        };
        Ok(Some(match status {
            Status::Accepted => Fate::Accepted,
            Status::Throttled => Fate::Throttled,
            Status::Processed => Fate::Delivered,
            Status::Failed => Fate::Failed,
            Status::Rejected => match self.call(|| io.profile(service, recipient))? {
                Some(Profile::Unreachable(Unreachable::NotOnIo)) => Fate::RejectedNotOnIo,
                Some(Profile::Unreachable(Unreachable::OptedOut)) => Fate::RejectedOptedOut,
                Some(Profile::Allowed) | None => Fate::Rejected,
            },
        }))
    }

    /// Makes a call at the common rate; `None` where nothing came of it.
    fn call<T>(&mut self, call: impl Fn() -> Result<T, IoError>) -> Result<Option<T>, Halt> {
        for _ in 0..WAITS_MAX {
            let moment = self.pace.call(self.ledger, self.clock.now())?;
            self.clock.wait(moment.duration_since(self.clock.now()));
            match call() {
                Ok(answer) => return Ok(Some(answer)),
                Err(IoError::Throttled(wait)) => {
                    let now = self.clock.now();
                    self.pace.hold(self.ledger, now, now + wait)?;
                }
                Err(IoError::Forbidden { status, reason }) => {
                    return Err(Halt::Forbidden { status, reason });
                }
                Err(_) => return Ok(None),
            }
        }
        Err(Halt::Throttled)
    }
}

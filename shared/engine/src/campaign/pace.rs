//! One rate and one daily cap for the whole organization, whatever the number of workers: both are
//! handed out by one record of the ledger.
//!
//! A worker takes the calls of one second at a time, and makes them at equal distances in that
//! second or the next; what is left then is lost. So the calls of any 5 seconds are at most those
//! of 7: 140 at 20 a second, where IO allows 150.

use domain::clock::in_rome;
use domain::identifier::OrganizationCode;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use crate::key;
use crate::port::{PortResult, ReadOutcomes, Subject, WriteOutcomes};

/// How fast, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls of IO a second, of any kind, 1 to [`Limits::CALLS_MAX`].
    pub calls_per_second: u32,
    /// Messages a day.
    pub messages_per_day: u32,
}

impl Limits {
    /// The most calls a second: IO allows 150 in 5 seconds, and other programs of the Province may
    /// write too.
    pub const CALLS_MAX: u32 = 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls_per_second: Self::CALLS_MAX, messages_per_day: 10_000 }
    }
}

/// What is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Budget {
    /// From when the next second of calls may be taken.
    next: Timestamp,
    /// The day in Rome that `messages` counts.
    day: Date,
    /// How many messages of that day were handed out.
    messages: u32,
}

/// A worker's share.
#[derive(Debug)]
pub struct Pace {
    subject: Subject,
    limits: Limits,
    /// Calls that are left of the second that was taken, and when the next of them may be made.
    calls: u32,
    next: Timestamp,
    /// When those that are left are lost.
    lost: Timestamp,
    /// Messages that are left of those taken for `day`.
    messages: u32,
    day: Option<Date>,
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// Messages that a worker takes at once: a second's worth, so that few are lost where it dies.
const MESSAGES_AT_ONCE: u32 = Limits::CALLS_MAX;

impl Pace {
    /// A worker that has taken nothing yet.
    #[must_use]
    pub fn new(organization: &OrganizationCode, limits: Limits) -> Self {
        Self {
            subject: Subject(key::sending_pace(organization)),
            limits: Limits { calls_per_second: limits.calls_per_second.max(1), ..limits },
            calls: 0,
            next: Timestamp::MIN,
            lost: Timestamp::MIN,
            messages: 0,
            day: None,
        }
    }

    /// Takes a call; the moment from which it may be made.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn call(
        &mut self,
        ledger: &mut Ledger<impl ReadOutcomes, impl WriteOutcomes>,
        now: Timestamp,
    ) -> PortResult<Timestamp> {
        if self.calls == 0 || self.next.max(now) >= self.lost {
            let from = ledger.update(&self.subject, now, |budget| {
                let budget = today(budget, now);
                let from = budget.next.max(now);
                (Some(Budget { next: from + SECOND, ..budget }), from)
            })?;
            (self.calls, self.next) = (self.limits.calls_per_second, from);
            self.lost = from + SECOND * 2;
        }
        let call = self.next.max(now);
        self.calls -= 1;
        self.next = call + SECOND / i32::try_from(self.limits.calls_per_second).unwrap_or(i32::MAX);
        Ok(call)
    }

    /// Takes a message of today; whether there was one left.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn message(
        &mut self,
        ledger: &mut Ledger<impl ReadOutcomes, impl WriteOutcomes>,
        now: Timestamp,
    ) -> PortResult<bool> {
        let day = in_rome(now).date();
        if self.messages == 0 || self.day != Some(day) {
            let cap = self.limits.messages_per_day;
            self.messages = ledger.update(&self.subject, now, |budget| {
                let budget = today(budget, now);
                let taken = cap.saturating_sub(budget.messages).min(MESSAGES_AT_ONCE);
                (Some(Budget { messages: budget.messages + taken, ..budget }), taken)
            })?;
            self.day = Some(day);
        }
        let taken = self.messages > 0;
        self.messages = self.messages.saturating_sub(1);
        Ok(taken)
    }

    /// Nobody calls before `until`: IO asked to wait.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn hold(
        &mut self,
        ledger: &mut Ledger<impl ReadOutcomes, impl WriteOutcomes>,
        now: Timestamp,
        until: Timestamp,
    ) -> PortResult<()> {
        self.calls = 0;
        ledger.update(&self.subject, now, |budget| {
            let budget = today(budget, now);
            (Some(Budget { next: budget.next.max(until), ..budget }), ())
        })
    }

    /// Gives back the messages that were taken and not sent.
    ///
    /// # Errors
    /// When the ledger cannot be read or written: then they are lost for today.
    pub fn give_back(
        &mut self,
        ledger: &mut Ledger<impl ReadOutcomes, impl WriteOutcomes>,
        now: Timestamp,
    ) -> PortResult<()> {
        let (left, day) = (std::mem::take(&mut self.messages), self.day);
        if left == 0 {
            return Ok(());
        }
        ledger.update(&self.subject, now, |budget: Option<&Budget>| {
            let of_the_day = budget.filter(|budget| Some(budget.day) == day);
            let given_back = of_the_day.map(|budget| Budget {
                messages: budget.messages.saturating_sub(left),
                ..budget.clone()
            });
            (given_back, ())
        })
    }
}

/// The budget; of another day only the rate is left.
fn today(budget: Option<&Budget>, now: Timestamp) -> Budget {
    let day = in_rome(now).date();
    match budget {
        Some(budget) if budget.day == day => budget.clone(),
        Some(budget) => Budget { next: budget.next, day, messages: 0 },
        None => Budget { next: now, day, messages: 0 },
    }
}

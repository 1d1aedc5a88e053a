//! A run: many rows, several workers, one rate; and what ends it before the last row.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use domain::calendar::is_office_hour;
use domain::campaign::Reason;
use domain::identifier::OrganizationCode;
use jiff::{SignedDuration, Timestamp};

use super::deliver::{Done, Sender};
use crate::campaign::intent::Unreachable;
use crate::campaign::io::{Clock, Io, Switch};
use crate::campaign::ledger::Ledger;
use crate::campaign::pace::{Limits, Pace};
use crate::campaign::plan::Row;
use crate::port::{Home, PortError, PortResult};
use crate::seal::Keyring;

/// Why a run ended before its last row. Rows that were not sent are as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// Somebody has thrown the switch.
    #[error("the sending is stopped")]
    Stopped,
    /// It is not between 9 and 19 of an office day.
    #[error("messages leave from 9 to 19 of office days")]
    Closed,
    /// As many as may leave in a day have left.
    #[error("the messages of today are used up")]
    DailyCap,
    /// As many as this run may send have left.
    #[error("the limit of this run is reached")]
    Limit,
    /// The run has had its time; another goes on from there.
    #[error("the time of this run is up")]
    TimeUp,
    /// IO does not let the service in: the key, the address, a permission. No citizen's fault.
    #[error("IO does not let the service in: {status} {reason}")]
    Forbidden {
        /// The status of its answer.
        status: u16,
        /// The title of its answer.
        reason: String,
    },
    /// IO asked to wait again and again.
    #[error("IO asks to wait again and again")]
    Throttled,
    /// One call after the other failed.
    #[error("one call of IO after the other fails")]
    Failing,
    /// The ledger failed.
    #[error("{0}")]
    Ledger(String),
}

impl Halt {
    /// Whether the same run may come to its end later, by itself. Where people must act first, or
    /// another day come, the next plan asks for it again.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::TimeUp | Self::Throttled | Self::Failing | Self::Ledger(_))
    }

    /// Whether what others have in hand must not leave either.
    const fn is_for_all(&self) -> bool {
        !matches!(self, Self::Limit | Self::DailyCap)
    }
}

impl From<PortError> for Halt {
    fn from(error: PortError) -> Self {
        Self::Ledger(error.to_string())
    }
}

/// What the workers of a run have in common.
pub struct Run<'a> {
    /// IO.
    pub io: &'a dyn Io,
    /// The only clock.
    pub clock: &'a dyn Clock,
    /// What stops it.
    pub switch: &'a dyn Switch,
    /// What recipients are known by.
    pub ring: &'a Keyring,
    organization: &'a OrganizationCode,
    end: Option<Timestamp>,
    pace: Mutex<Pace>,
    /// Messages that this run may still send; none: any number.
    left: Mutex<Option<u64>>,
    halted: Mutex<Option<Halt>>,
}

/// What a run came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many rows ended in which way.
    pub done: BTreeMap<Done, u64>,
    /// Of the rows that were right when planned and are not any more: how many for each reason.
    pub excluded: BTreeMap<Reason, u64>,
    /// Positions of the citizens to be told by other means.
    pub unreachable: Vec<(Box<str>, Unreachable)>,
    /// What ended it before its last row.
    pub halted: Option<Halt>,
}

impl Summary {
    /// Rows that ended so.
    #[must_use]
    pub fn count(&self, done: Done) -> u64 {
        self.done.get(&done).copied().unwrap_or(0)
    }

    /// Whether its time was up in the middle of its work: another run is to go on at once.
    #[must_use]
    pub fn is_to_go_on(&self) -> bool {
        self.halted == Some(Halt::TimeUp) && !self.done.is_empty()
    }

    /// Whether IO takes no messages: it lets nobody in, it is busy or broken without end, or of
    /// those that it was asked to take it took none. Somebody must look.
    #[must_use]
    pub fn is_io_stopped(&self) -> bool {
        let in_vain = [Done::Refused, Done::Parked, Done::Unknown];
        let stopped = [Halt::Throttled, Halt::Failing];
        let halted = self.halted.as_ref();
        halted.is_some_and(|halt| matches!(halt, Halt::Forbidden { .. }) || stopped.contains(halt))
            || self.count(Done::Sent) == 0 && in_vain.iter().any(|&done| self.count(done) > 0)
    }
}

/// The longest wait between two looks at the switch.
const LOOK: SignedDuration = SignedDuration::from_secs(20);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Run<'a> {
    /// A run that sends at most `limit` messages.
    #[must_use]
    pub fn new(
        organization: &'a OrganizationCode,
        ring: &'a Keyring,
        (io, clock, switch): (&'a dyn Io, &'a dyn Clock, &'a dyn Switch),
        limits: Limits,
        limit: Option<u64>,
    ) -> Self {
        Self {
            io,
            clock,
            switch,
            ring,
            organization,
            end: None,
            pace: Mutex::new(Pace::new(organization, limits)),
            left: Mutex::new(limit),
            halted: Mutex::new(None),
        }
    }

    /// The same, with an end: no call is begun at `end` or later. What is in hand then waits
    /// for another run.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        Self { end: Some(end), ..self }
    }

    /// Who sends.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationCode {
        self.organization
    }

    /// The share of the rate that the workers of this run have in common.
    pub(super) fn pace(&self) -> MutexGuard<'_, Pace> {
        lock(&self.pace)
    }

    /// Whether anything may leave now.
    pub(super) fn check(&self) -> Result<(), Halt> {
        if let Some(halt) = lock(&self.halted).clone().filter(Halt::is_for_all) {
            return Err(halt);
        }
        if self.switch.is_stopped()? {
            return Err(Halt::Stopped);
        }
        let now = self.clock.now();
        if !is_office_hour(now) {
            return Err(Halt::Closed);
        }
        if self.end.is_some_and(|end| now >= end) {
            return Err(Halt::TimeUp);
        }
        Ok(())
    }

    /// Waits until `moment`; ends earlier where the run does.
    pub(super) fn wait_until(&self, moment: Timestamp) -> Result<(), Halt> {
        loop {
            self.check()?;
            let left = moment.duration_since(self.clock.now());
            if !left.is_positive() {
                return Ok(());
            }
            self.clock.wait(left.min(LOOK));
        }
    }

    /// Takes one of the messages that this run may send.
    pub(super) fn take_one(&self) -> Result<(), Halt> {
        match &mut *lock(&self.left) {
            Some(0) => Err(Halt::Limit),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Gives it back: nothing was sent.
    pub(super) fn give_one_back(&self) {
        if let Some(left) = &mut *lock(&self.left) {
            *left += 1;
        }
    }

    /// Ends the run; the first reason that ends it for all stays.
    fn halt(&self, why: Halt) {
        let mut halted = lock(&self.halted);
        if !halted.as_ref().is_some_and(Halt::is_for_all) {
            *halted = Some(why);
        }
    }

    fn is_halted(&self) -> bool {
        lock(&self.halted).is_some()
    }
}

/// Rows that wait for a worker: few, so that a plan of any size takes little memory.
const WAITING_MAX: usize = 64;

/// Sends rows with `workers` workers. `plan` gives the rows; `service_of` says with which service a
/// row is sent; `judge` makes for each worker what judges the position of a row anew, at a moment.
///
/// # Errors
/// What `plan` fails with. What ends the run itself is in the summary.
pub fn run<H, J>(
    home: &H,
    run: &Run,
    workers: usize,
    plan: impl FnOnce(&mut dyn FnMut(Row) -> PortResult<()>) -> PortResult<()>,
    service_of: impl Fn(&Row) -> Option<String> + Sync,
    judge: impl Fn() -> J + Sync,
) -> PortResult<Summary>
where
    H: Home,
    J: FnMut(&mut H::Reader, &Row, Timestamp) -> PortResult<Option<Row>>,
{
    let (give, take) = sync_channel::<Row>(WAITING_MAX);
    let take = Mutex::new(take);
    let summary = Mutex::new(Summary::default());
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(|| {
                if let Err(halt) = work(home, run, &take, &summary, &service_of, judge()) {
                    run.halt(halt);
                }
                // Whoever gives rows must not wait for workers that are gone.
                while next(&take).is_some() {}
            });
        }
        let planned = plan(&mut |row| {
            // All workers are gone only when nobody gives any more.
            if !run.is_halted() {
                let _ = give.send(row);
            }
            Ok(())
        });
        drop(give);
        planned
    })?;
    let mut ledger = Ledger { reader: home.reader()?, writer: home.writer()? };
    run.pace().give_back(&mut ledger, run.clock.now())?;
    let mut summary = summary.into_inner().unwrap_or_else(PoisonError::into_inner);
    summary.unreachable.sort_unstable();
    summary.halted.clone_from(&lock(&run.halted));
    Ok(summary)
}

fn next(rows: &Mutex<Receiver<Row>>) -> Option<Row> {
    lock(rows).recv().ok()
}

fn work<H: Home>(
    home: &H,
    run: &Run,
    rows: &Mutex<Receiver<Row>>,
    summary: &Mutex<Summary>,
    service_of: &impl Fn(&Row) -> Option<String>,
    mut again: impl FnMut(&mut H::Reader, &Row, Timestamp) -> PortResult<Option<Row>>,
) -> Result<(), Halt> {
    let ledger = Ledger { reader: home.reader()?, writer: home.writer()? };
    let mut reader = home.reader()?;
    let mut sender = Sender::new(run, ledger);
    while let Some(row) = next(rows) {
        let service = service_of(&row).filter(|service| run.io.serves(service));
        let (done, reasons) = match service {
            Some(service) => {
                sender.deliver(&row, &service, &mut |now| again(&mut reader, &row, now))?
            }
            None => (Done::NotConfigured, Vec::new()),
        };
        let mut summary = lock(summary);
        *summary.done.entry(done).or_default() += 1;
        for reason in reasons {
            *summary.excluded.entry(reason).or_default() += 1;
        }
        if let Done::NotReachable(why) = done {
            summary.unreachable.push((row.position_id, why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(done: &[(Done, u64)], halted: Option<Halt>) -> Summary {
        Summary { done: done.iter().copied().collect(), halted, ..Summary::default() }
    }

    #[test]
    fn io_is_stopped_where_it_takes_nothing_of_what_is_due() {
        let forbidden = Halt::Forbidden { status: 401, reason: String::new() };
        for (done, halted, stopped) in [
            (&[][..], None, false),
            (&[(Done::NotReachable(Unreachable::NotOnIo), 9), (Done::Over, 3)], None, false),
            (&[(Done::Sent, 1), (Done::Refused, 9), (Done::Unknown, 1)], None, false),
            (&[(Done::Refused, 1)], None, true),
            (&[(Done::Unknown, 2)], None, true),
            (&[(Done::Sent, 7)], Some(forbidden), true),
            (&[(Done::Sent, 7)], Some(Halt::Failing), true),
            (&[(Done::Sent, 7)], Some(Halt::Throttled), true),
            (&[], Some(Halt::Stopped), false),
            (&[], Some(Halt::Closed), false),
            (&[(Done::NotConfigured, 9)], None, false),
        ] {
            let summary = summary(done, halted);
            assert_eq!(summary.is_io_stopped(), stopped, "{summary:?}");
        }
    }
}

//! An IO that remembers every message that it took, and breaks as the seed says.

use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use domain::identifier::FiscalCode;
use engine::campaign::intent::Unreachable;
use engine::campaign::io::{Io, IoError, Profile, Status, Switch};
use engine::campaign::message::Message;
use engine::port::PortResult;
use jiff::{SignedDuration, Timestamp};

use crate::ledger::{Fate, Fortune};
use crate::world::{Troubles, World};

/// A message that IO took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub at: Timestamp,
    pub id: String,
    pub recipient: String,
    pub text: String,
}

/// What IO has seen.
#[derive(Debug, Default)]
pub struct Seen {
    pub taken: Mutex<Vec<Taken>>,
    pub calls: Mutex<Vec<Timestamp>>,
    /// Runs whose time was up.
    pub ended: AtomicU32,
}

/// IO and the switch, as one worker sees them.
pub struct Outside<'a> {
    pub world: &'a World,
    pub fortune: &'a Fortune<'a>,
}

impl Outside<'_> {
    fn arrives(&self) {
        self.world.seen.calls.lock().unwrap().push(self.fortune.gate.now());
    }

    fn forbidden() -> IoError {
        IoError::Forbidden { status: 403, reason: String::new() }
    }

    fn take(&self, recipient: &FiscalCode, message: &Message) -> String {
        let mut taken = self.world.seen.taken.lock().unwrap();
        let id = format!("M{}", taken.len());
        taken.push(Taken {
            at: self.fortune.gate.now(),
            id: id.clone(),
            recipient: recipient.as_str().to_owned(),
            text: message.markdown.clone(),
        });
        id
    }
}

impl Io for Outside<'_> {
    fn serves(&self, _: &str) -> bool {
        true
    }

    fn profile(&self, _: &str, recipient: &FiscalCode) -> Result<Profile, IoError> {
        if matches!(self.fortune.step(), Fate::Dies | Fate::Fails) {
            return Err(IoError::Unreached);
        }
        self.arrives();
        match self.world.troubles {
            Troubles::LockedOut => return Err(Self::forbidden()),
            Troubles::All if self.fortune.permille(20) => {
                return Err(IoError::Throttled(SignedDuration::from_secs(7)));
            }
            _ => {}
        }
        Ok(if self.world.is_unreachable(recipient) {
            Profile::Unreachable(Unreachable::OptedOut)
        } else {
            Profile::Allowed
        })
    }

    /// It begins at once: what happened since the last look is what the machine did meanwhile. What
    /// happens after it took the message is up to the seed.
    fn send(&self, _: &str, recipient: &FiscalCode, message: &Message) -> Result<String, IoError> {
        if self.fortune.is_dead() {
            return Err(IoError::Unreached);
        }
        self.arrives();
        if self.world.troubles == Troubles::All {
            for (permille, error) in [
                (60, IoError::Throttled(SignedDuration::from_secs(3))),
                (200, IoError::Failed),
                (20, IoError::Unreached),
                (20, IoError::Ambiguous("no answer in time")),
                (10, IoError::Refused { status: 400, reason: String::new() }),
                (5, Self::forbidden()),
            ] {
                if self.fortune.permille(permille) {
                    self.fortune.step();
                    return Err(error);
                }
            }
        }
        let id = self.take(recipient, message);
        let lost = self.world.troubles == Troubles::All && self.fortune.permille(50);
        match self.fortune.step() {
            Fate::Dies | Fate::DiesAfter => Err(IoError::Ambiguous("dead")),
            _ if lost => Err(IoError::Ambiguous("taken, and the answer lost")),
            _ => Ok(id),
        }
    }

    fn status(&self, _: &str, _: &FiscalCode, _: &str) -> Result<Status, IoError> {
        Err(IoError::Missing)
    }
}

impl Switch for Outside<'_> {
    fn is_stopped(&self) -> PortResult<bool> {
        let world = self.world;
        self.fortune.call(|| Ok(world.thrown_at.is_some_and(|at| at <= self.fortune.gate.now())))
    }
}

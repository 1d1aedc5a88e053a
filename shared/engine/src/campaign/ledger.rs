//! Records of the sending: outcomes that are changed only by who read their last version.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::port::{Outcome, PortError, PortResult, ReadOutcomes, Subject, WriteOutcomes};
use crate::reconcile::{change, facts_hash};
use crate::record;

/// A reader and a writer of one home.
pub struct Ledger<R, W> {
    /// Reads what anybody has stored.
    pub reader: R,
    /// Stores.
    pub writer: W,
}

/// A record as it was read, with its version.
pub struct Stored<T> {
    outcome: Option<Outcome>,
    /// The record; none when there is none yet.
    pub record: Option<T>,
}

/// How often a change is tried again when others change the same record.
const TRIES_MAX: u32 = 1_000;

impl<R: ReadOutcomes, W: WriteOutcomes> Ledger<R, W> {
    /// The last version of a record.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn read<T: DeserializeOwned>(&mut self, subject: &Subject) -> PortResult<Stored<T>> {
        let outcome = self.reader.outcomes(std::slice::from_ref(subject))?.pop().flatten();
        let record = outcome.as_ref().map(|outcome| record::read(&outcome.body)).transpose()?;
        Ok(Stored { outcome, record })
    }

    /// Stores a new version; whether `stored` was still the last one, and `new` is another.
    ///
    /// # Errors
    /// When the ledger cannot be written. Whether the version was stored is not known then.
    pub fn put<T: Serialize>(
        &mut self,
        subject: &Subject,
        stored: &Stored<T>,
        new: &T,
        now: Timestamp,
    ) -> PortResult<bool> {
        let (outcome, facts) = (stored.outcome.as_ref(), facts_hash([]));
        let body = record::write(new);
        match change(subject.clone(), outcome, body, facts, now, Vec::new())? {
            Ok(change) => Ok(self.writer.conclude(&[change])?.first() == Some(&true)),
            Err(_) => Ok(false),
        }
    }

    /// Changes a record as `next` says of its last version, however many others do the same; what
    /// `next` says. Where it says `None` nothing is stored.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn update<T, A>(
        &mut self,
        subject: &Subject,
        now: Timestamp,
        mut next: impl FnMut(Option<&T>) -> (Option<T>, A),
    ) -> PortResult<A>
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        for _ in 0..TRIES_MAX {
            let stored = self.read(subject)?;
            let (new, answer) = next(stored.record.as_ref());
            match new {
                Some(new) if stored.record.as_ref() != Some(&new) => {
                    if self.put(subject, &stored, &new, now)? {
                        return Ok(answer);
                    }
                }
                _ => return Ok(answer),
            }
        }
        Err(PortError::Retry("others change the same record without end".into()))
    }
}

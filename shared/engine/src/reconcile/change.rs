//! A change of an outcome and the journal entry that tells of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::port::{Change, Fact, Hash, Outcome, PortError, PortResult, Subject, Ticket};

/// A journal entry: why an outcome is what it is.
#[derive(Serialize, Deserialize)]
pub struct EntryBody<'a> {
    /// When it was concluded.
    pub at: Timestamp,
    /// Hash of the facts that it was concluded from.
    pub facts: String,
    /// The conclusion before; null when there was none.
    #[serde(borrow)]
    pub before: Option<&'a RawValue>,
    /// The conclusion.
    #[serde(borrow)]
    pub after: &'a RawValue,
    /// Hash of the entry before of this subject; zeros for the first.
    pub previous: String,
}

impl EntryBody<'_> {
    /// Hash of the entry before.
    pub fn previous(&self) -> PortResult<Hash> {
        let damaged = |_| PortError::Final("the journal holds a hash that is none".into());
        self.previous.parse().map_err(damaged)
    }
}

/// The change from what is stored to `body`; the asks alone when that is what is stored.
pub fn change(
    subject: Subject,
    stored: Option<&Outcome>,
    body: String,
    facts: Hash,
    now: Timestamp,
    answers: Vec<Ticket>,
) -> PortResult<Result<Change, Vec<Ticket>>> {
    change_even_so(subject, stored, body, facts, now, answers, false)
}

/// The same, where `even_so` also what is stored is stored again.
pub fn change_even_so(
    subject: Subject,
    stored: Option<&Outcome>,
    body: String,
    facts: Hash,
    now: Timestamp,
    answers: Vec<Ticket>,
    even_so: bool,
) -> PortResult<Result<Change, Vec<Ticket>>> {
    if !even_so && stored.is_some_and(|stored| stored.body == body) {
        return Ok(Err(answers));
    }
    let previous = stored.map(|stored| stored.entry_hash).unwrap_or_default();
    let before = stored.map(|stored| raw(&stored.body)).transpose()?;
    let entry = EntryBody {
        at: now,
        facts: facts.to_string(),
        before,
        after: raw(&body)?,
        previous: previous.to_string(),
    };
    let entry = crate::record::write(&entry);
    let entry_hash = entry_hash(&previous, &entry);
    let from_version = stored.map_or(0, |stored| stored.version);
    Ok(Ok(Change { subject, from_version, body, entry, entry_hash, answers }))
}

fn raw(body: &str) -> PortResult<&RawValue> {
    serde_json::from_str(body)
        .map_err(|_| PortError::Final("the ledger holds an outcome that is not JSON".into()))
}

/// Hash of an entry, chained on the one before.
#[must_use]
pub fn entry_hash(previous: &Hash, entry: &str) -> Hash {
    let mut digest = Sha256::new();
    digest.update(previous.0);
    digest.update(entry.as_bytes());
    Hash(digest.finalize().into())
}

/// Hash of facts, in the order in which they are read.
#[must_use]
pub fn facts_hash<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Hash {
    let mut digest = Sha256::new();
    for fact in facts {
        // Names and the like stay out: who guesses them could try them against the hash.
        for part in [&*fact.partition, &*fact.sort, &*crate::seal::impersonal(fact)] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    Hash(digest.finalize().into())
}

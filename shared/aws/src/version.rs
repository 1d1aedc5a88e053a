//! A version of an outcome and the journal entry that tells of it: one item.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::port::{Change, Entry, Hash, Outcome, PortResult, Subject};

use crate::failure::damaged;
use crate::item::{
    Family, Item, PK, SK, checked, names, number, read_text, sort_key, string, text,
};

/// A version of an outcome, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub subject: Subject,
    /// Counts the changes, from 1.
    pub number: u64,
    body: String,
    entry: String,
    hash: Hash,
}

impl Version {
    /// The version that a change makes.
    pub fn of(change: &Change) -> Self {
        Self {
            subject: change.subject.clone(),
            number: change.from_version + 1,
            body: change.body.clone(),
            entry: change.entry.clone(),
            hash: change.entry_hash,
        }
    }

    /// The primary key of a version.
    pub fn key(subject: &Subject, number: u64) -> PortResult<Item> {
        let text = |text: String| AttributeValue::S(text);
        let sort = sort_key(&subject.0, &format!("{number:020}"))?;
        Ok([(PK.to_owned(), text(Family::Version.of(&subject.0))), (SK.to_owned(), text(sort))]
            .into())
    }

    /// The item, with the mark of who writes it.
    ///
    /// The entry says again what the conclusion says: deflated together they take the room of one,
    /// and most of them one write unit.
    pub fn write(&self, mark: &str) -> PortResult<Item> {
        let mut item = Self::key(&self.subject, self.number)?;
        item.insert("b".to_owned(), text(&format!("{}{}", self.body, self.entry)));
        item.insert("l".to_owned(), AttributeValue::N(self.body.len().to_string()));
        item.insert("h".to_owned(), AttributeValue::B(Blob::new(self.hash.0)));
        item.insert("w".to_owned(), AttributeValue::S(mark.to_owned()));
        checked(item)
    }

    pub fn read(item: &Item) -> PortResult<Self> {
        let (subject, version) = names(string(item, SK)?)?;
        let length = usize::try_from(number(item, "l")?).map_err(|_| damaged())?;
        let both = read_text(item, "b")?;
        let (body, entry) = both.split_at_checked(length).ok_or_else(damaged)?;
        let hash = item.get("h").and_then(|value| value.as_b().ok()).ok_or_else(damaged)?;
        Ok(Self {
            subject: Subject(subject.to_owned()),
            number: version.parse().map_err(|_| damaged())?,
            body: body.to_owned(),
            entry: entry.to_owned(),
            hash: hash.as_ref().try_into().map(Hash).map_err(|_| damaged())?,
        })
    }

    /// Whether the item was written with this mark.
    pub fn has_mark(item: &Item, mark: &str) -> PortResult<bool> {
        Ok(string(item, "w")? == mark)
    }

    pub fn into_outcome(self) -> Outcome {
        Outcome { version: self.number, body: self.body, entry_hash: self.hash }
    }

    pub fn into_entry(self) -> Entry {
        Entry { version: self.number, body: self.entry, hash: self.hash }
    }
}

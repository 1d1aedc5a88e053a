//! Who claims a fact, and where from.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::port::{Fact, PortResult, Source};

use crate::failure::damaged;
use crate::item::{Family, Item, PK, SK, names, number, read_text, sort_key, string, text};

/// A fact as it is stored: what it says, and everyone who said so.
#[derive(Debug, Clone)]
pub(crate) struct StoredFact {
    pub partition: String,
    pub sort: String,
    pub body: String,
    pub claims: Vec<Claim>,
    /// Counts the writes of the item, so that one write sees another.
    pub writes: u64,
}

/// That a turn stores a fact with its unit of this number, and where it read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub turn: String,
    pub unit: u32,
    pub source: Source,
}

impl Claim {
    fn write(&self) -> (String, AttributeValue) {
        let source = format!("{} {}", self.source.line, self.source.file);
        (format!("{}.{}", self.turn, self.unit), AttributeValue::S(source))
    }

    fn read(name: &str, value: &AttributeValue) -> Option<Self> {
        let (turn, unit) = name.rsplit_once('.')?;
        let (line, file) = value.as_s().ok()?.split_once(' ')?;
        let source = Source { file: file.to_owned(), line: line.parse().ok()? };
        Some(Self { turn: turn.to_owned(), unit: unit.parse().ok()?, source })
    }
}

impl StoredFact {
    pub fn new(fact: &Fact, claim: Claim) -> Self {
        Self {
            partition: fact.partition.clone(),
            sort: fact.sort.clone(),
            body: fact.body.clone(),
            claims: vec![claim],
            writes: 1,
        }
    }

    /// On condition that the fact is as it was read. The number of its writes alone does not tell
    /// it from one that was deleted, and stored anew by a turn that counts from 1 again.
    pub const UNCHANGED: &str = "n = :n AND c = :c";

    /// What [`StoredFact::UNCHANGED`] compares.
    pub fn unchanged(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([(":n".to_owned(), self.number()), (":c".to_owned(), self.said_by())])
    }

    fn number(&self) -> AttributeValue {
        AttributeValue::N(self.writes.to_string())
    }

    fn said_by(&self) -> AttributeValue {
        AttributeValue::M(self.claims.iter().map(Claim::write).collect())
    }

    pub fn write(&self) -> PortResult<Item> {
        crate::item::checked(HashMap::from([
            (PK.to_owned(), AttributeValue::S(Family::Fact.of(&self.partition))),
            (SK.to_owned(), AttributeValue::S(sort_key(&self.partition, &self.sort)?)),
            ("b".to_owned(), text(&self.body)),
            ("c".to_owned(), self.said_by()),
            ("n".to_owned(), self.number()),
        ]))
    }

    pub fn read(item: &Item) -> PortResult<Self> {
        let (partition, sort) = names(string(item, SK)?)?;
        let claims = item.get("c").and_then(|value| value.as_m().ok()).ok_or_else(damaged)?;
        let claims = claims.iter().map(|(name, value)| Claim::read(name, value));
        Ok(Self {
            partition: partition.to_owned(),
            sort: sort.to_owned(),
            body: read_text(item, "b")?,
            claims: claims.collect::<Option<_>>().ok_or_else(damaged)?,
            writes: number(item, "n")?,
        })
    }

    /// The fact, with the smallest source of the claims that count; none if none counts.
    pub fn seen(self, counts: impl Fn(&Claim) -> bool) -> Option<Fact> {
        let source = self.claims.into_iter().filter(counts).map(|claim| claim.source).min()?;
        Some(Fact { partition: self.partition, sort: self.sort, body: self.body, source })
    }
}

//! Small facts and changes for the suites.

use engine::port::{
    Change, Fact, Hash, Outcome, PortResult, Put, ReadFacts, Source, Subject, Unit, WriteFacts,
};

use crate::Home;

/// Prefixes and names that a careless search reads as patterns, or puts in another order.
pub(crate) const AWKWARD: [&str; 14] = [
    "",
    "a",
    "a#",
    "a#b",
    "a#b#",
    "a#b#c",
    "a%",
    "a%b",
    "a_",
    "a_b",
    "aàb",
    "aé",
    "a\u{10ffff}",
    "a\u{10ffff}b",
];

/// A fact with a source that does not matter.
pub(crate) fn fact(partition: &str, sort: &str, body: &str) -> Fact {
    fact_from(partition, sort, body, "input.xml", 1)
}

pub(crate) fn fact_from(partition: &str, sort: &str, body: &str, file: &str, line: u64) -> Fact {
    Fact {
        partition: partition.to_owned(),
        sort: sort.to_owned(),
        body: json(body),
        source: Source { file: file.to_owned(), line },
    }
}

pub(crate) fn unit(facts: impl IntoIterator<Item = Fact>) -> Unit {
    Unit { facts: facts.into_iter().collect(), asks: Vec::new() }
}

pub(crate) fn subject(name: &str) -> Subject {
    Subject(name.to_owned())
}

/// A change whose bodies tell its version and `mark`.
pub(crate) fn change(name: &str, from_version: u64, mark: &str) -> Change {
    Change {
        subject: subject(name),
        from_version,
        body: json(mark),
        entry: json(&format!("entry of {mark}")),
        entry_hash: hash(mark),
        answers: Vec::new(),
    }
}

/// The outcome that `change(_, version - 1, mark)` stores.
pub(crate) fn outcome(version: u64, mark: &str) -> Outcome {
    Outcome { version, body: json(mark), entry_hash: hash(mark) }
}

/// Some hash that differs for different short marks.
pub(crate) fn hash(mark: &str) -> Hash {
    let mut hash = Hash::default();
    for (place, byte) in mark.bytes().take(32).enumerate() {
        hash.0[place] = byte;
    }
    hash
}

pub(crate) fn json(text: &str) -> String {
    format!(r#"{{"text":"{text}"}}"#)
}

/// Puts units in a scope of their own and commits.
pub(crate) fn stored<W: WriteFacts>(
    writer: &mut W,
    units: impl IntoIterator<Item = Unit>,
) -> Vec<Put> {
    stored_or(writer, units).expect("a scope can be stored")
}

fn stored_or<W: WriteFacts>(
    writer: &mut W,
    units: impl IntoIterator<Item = Unit>,
) -> PortResult<Vec<Put>> {
    writer.open()?;
    let puts = units.into_iter().map(|unit| writer.put(unit)).collect();
    writer.seal()?;
    writer.commit()?;
    puts
}

/// What a new reader sees of one partition.
pub(crate) fn seen<H: Home>(home: &H, partition: &str) -> Vec<Fact> {
    let mut facts = home.reader().facts(&[partition.to_owned()]).expect("facts can be read");
    assert_eq!(facts.len(), 1, "one partition asked for, one answered");
    facts.remove(0)
}

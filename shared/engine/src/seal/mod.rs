//! Personal data sealed at rest: a home behind which every other home keeps names, fiscal codes,
//! plates and free texts as ciphertext only.
//!
//! | of | sealed | the year is |
//! |---|---|---|
//! | a version of a position | fiscal codes, name, plate | the position's |
//! | a movement, a credit's outcome | remitter with his code, causale | the esercizio |
//! | a receipt | debtor | the one of the payment |
//! | an anomaly | whom it names, its texts | that of its first day |
//!
//! Where a plate or a fiscal code is looked up, the ledger has a keyed hash of it, one for each
//! year. Everything else is kept as it is, so that money is counted without any key. Use cases see
//! plain records: they know nothing of this, but for texts whose key was destroyed
//! ([`is_forgotten`]).

mod keyring;
mod text;

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::value::RawValue;

pub use keyring::{Keyring, NoKeyring};
pub use text::{FORGOTTEN, is_forgotten, shown};

use crate::key;
use crate::port::{
    Asks, Change, Entry, Fact, Home, Outcome, PortError, PortResult, Put, ReadFacts, ReadJournal,
    ReadOutcomes, Ready, Source, Subject, Ticket, Unit, WorkQueue, WriteFacts, WriteOutcomes,
};
use crate::reconcile::{EntryBody, entry_hash};
use crate::record;
use text::{Gone, NotOpened};

/// What is personal of a version of a position.
const OF_POSITION: [&str; 4] = ["fiscal_code", "name", "plate", "driver_fiscal_code"];
/// What is personal of a movement and of a credit: whoever transfers writes what he likes.
const OF_CREDIT: [&str; 3] = ["remitter", "remitter_code", "remittance"];
/// What is personal of a receipt.
const OF_RECEIPT: [&str; 2] = ["debtor_code", "debtor_name"];
/// What is personal of an anomaly: it quotes causali.
const OF_ANOMALY: [&str; 4] = ["name", "explanation", "action", "message"];

/// A home whose personal data is sealed.
#[derive(Debug, Clone)]
pub struct Sealed<H> {
    home: H,
    ring: Arc<Keyring>,
}

/// Why a home could not be opened with these keys.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The home could not be read or written.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The ledger knows other keys.
    #[error("the keys are not those that this ledger was sealed with")]
    OtherKeys,
}

/// What a ledger knows its keys by; none before anything was sealed in it.
///
/// # Errors
/// When the home cannot be read.
pub fn fingerprint<H: Home>(home: &H) -> PortResult<Option<String>> {
    let facts = home.reader()?.facts(&[key::KEYS.to_owned()])?.remove(0);
    Ok(facts.into_iter().next().map(|fact| fact.body))
}

impl<H: Home> Sealed<H> {
    /// The home, with its keys. A new ledger remembers what it knows them by.
    ///
    /// # Errors
    /// When the home cannot be read or written, or knows other keys.
    pub fn new(home: H, ring: Keyring) -> Result<Self, SealError> {
        let body = format!("\"{}\"", ring.fingerprint());
        match fingerprint(&home)? {
            Some(known) if known == body => {}
            Some(_) => return Err(SealError::OtherKeys),
            None => {
                let source = Source { file: "quadra.key".to_owned(), line: 0 };
                let (partition, sort) = (key::KEYS.to_owned(), "FINGERPRINT".to_owned());
                let facts = vec![Fact { partition, sort, body, source }];
                let put = home.writer()?.put_alone(Unit { facts, asks: Vec::new() })?;
                // Another process was faster, with other keys.
                if matches!(put, Put::Conflict(_)) {
                    return Err(SealError::OtherKeys);
                }
            }
        }
        Ok(Self { home, ring: Arc::new(ring) })
    }

    /// Another view of the same ledger, with the same keys.
    #[must_use]
    pub fn view(&self, home: H) -> Self {
        Self { home, ring: Arc::clone(&self.ring) }
    }

    fn sealing<T>(&self, inner: T, persons: Persons) -> Sealing<T> {
        Sealing { inner, ring: Arc::clone(&self.ring), persons }
    }

    /// The home as it is: what it stores is sealed.
    pub fn stored(&self) -> &H {
        &self.home
    }

    /// Its keys.
    #[must_use]
    pub fn ring(&self) -> &Keyring {
        &self.ring
    }
}

impl<H: Home> Home for Sealed<H> {
    type Reader = Sealing<H::Reader>;
    type Writer = Sealing<H::Writer>;

    fn reader(&self) -> PortResult<Self::Reader> {
        Ok(self.sealing(self.home.reader()?, Persons::Known))
    }

    fn writer(&self) -> PortResult<Self::Writer> {
        Ok(self.sealing(self.home.writer()?, Persons::Known))
    }

    fn impersonal_reader(&self) -> PortResult<Self::Reader> {
        Ok(self.sealing(self.home.impersonal_reader()?, Persons::LeftOut))
    }

    fn ready(&self, unit: Unit) -> Ready {
        seal_unit(&self.ring, unit)
    }
}

/// A reader or a writer that opens what it reads and seals what it writes. The journal it reads as
/// it is stored: its hashes are of that.
#[derive(Debug)]
pub struct Sealing<T> {
    inner: T,
    ring: Arc<Keyring>,
    persons: Persons,
}

/// Whether what is personal of positions and of receipts is opened, or left out, which is quicker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Persons {
    Known,
    LeftOut,
}

impl<T: ReadFacts> ReadFacts for Sealing<T> {
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        let stored: Vec<_> = partitions.iter().map(|name| hidden(&self.ring, name)).collect();
        let names: Vec<_> = stored.iter().flatten().cloned().collect();
        let mut found = self.inner.facts(&names)?.into_iter();
        let mut opened = Vec::with_capacity(partitions.len());
        for (name, stored) in partitions.iter().zip(stored) {
            let mut facts = stored.and_then(|_| found.next()).unwrap_or_default();
            for fact in &mut facts {
                open_fact(&self.ring, self.persons, fact)?;
                if fact.partition != *name {
                    fact.partition.clone_from(name);
                }
            }
            opened.push(facts);
        }
        Ok(opened)
    }

    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()> {
        let (ring, persons) = (&self.ring, self.persons);
        self.inner.scan_facts(prefix, &mut |mut fact| {
            // The fingerprint is the seal's own.
            if fact.partition == key::KEYS {
                return Ok(());
            }
            open_fact(ring, persons, &mut fact)?;
            visit(fact)
        })
    }
}

impl<T: WriteFacts> WriteFacts for Sealing<T> {
    fn open(&mut self) -> PortResult<()> {
        self.inner.open()
    }

    fn put(&mut self, unit: Unit) -> PortResult<Put> {
        self.put_ready(seal_unit(&self.ring, unit))
    }

    fn put_ready(&mut self, ready: Ready) -> PortResult<Put> {
        self.inner.put_ready(ready)
    }

    fn seal(&mut self) -> PortResult<()> {
        self.inner.seal()
    }

    fn abandon(&mut self) -> PortResult<()> {
        self.inner.abandon()
    }

    fn commit(&mut self) -> PortResult<()> {
        self.inner.commit()
    }
}

impl<T: ReadOutcomes> ReadOutcomes for Sealing<T> {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        let mut outcomes = self.inner.outcomes(subjects)?;
        for (subject, outcome) in subjects.iter().zip(&mut outcomes) {
            if let Some(outcome) = outcome {
                open_outcome(&self.ring, subject, outcome)?;
            }
        }
        Ok(outcomes)
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let ring = &self.ring;
        self.inner.scan_outcomes(prefix, &mut |subject, mut outcome| {
            open_outcome(ring, &subject, &mut outcome)?;
            visit(subject, outcome)
        })
    }
}

impl<T: WriteOutcomes> WriteOutcomes for Sealing<T> {
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>> {
        if changes.iter().all(|change| of_outcome(&change.subject).is_none()) {
            return self.inner.conclude(changes);
        }
        let sealed = changes.iter().map(|change| seal_change(&self.ring, change));
        self.inner.conclude(&sealed.collect::<PortResult<Vec<_>>>()?)
    }
}

impl<T: ReadJournal> ReadJournal for Sealing<T> {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        self.inner.entries(subject)
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        self.inner.scan_entries(prefix, visit)
    }
}

impl<T: Asks> Asks for Sealing<T> {
    fn ask(&mut self, subjects: &[Subject]) -> PortResult<()> {
        self.inner.ask(subjects)
    }
}

impl<T: WorkQueue> WorkQueue for Sealing<T> {
    fn asked(&mut self, prefix: &str, most: usize) -> PortResult<Vec<Ticket>> {
        self.inner.asked(prefix, most)
    }

    fn last_ticket(&mut self) -> PortResult<u64> {
        self.inner.last_ticket()
    }

    fn answer(&mut self, tickets: &[Ticket]) -> PortResult<()> {
        self.inner.answer(tickets)
    }
}

/// The body of a fact without what is personal: what its hash is of, which outlives the keys.
pub(crate) fn impersonal(fact: &Fact) -> Cow<'_, str> {
    match of_fact(&fact.partition, &fact.sort) {
        Some((fields, _)) => text::blanked(&fact.body, fields),
        None => Cow::Borrowed(&fact.body),
    }
}

/// The years of the keys that a fact is sealed with, as it is stored.
pub(crate) fn years_of_fact(fact: &Fact) -> Vec<i16> {
    of_fact(&fact.partition, &fact.sort)
        .map_or_else(Vec::new, |(fields, _)| text::years(&fact.body, fields))
}

/// The years of the keys that an outcome is sealed with, as it is stored.
pub(crate) fn years_of_outcome(subject: &Subject, outcome: &Outcome) -> Vec<i16> {
    of_outcome(subject).map_or_else(Vec::new, |fields| text::years(&outcome.body, fields))
}

/// `org#POS#id`: the word between the first two marks, and what follows.
fn parts(partition: &str) -> Option<(&str, &str)> {
    partition.split_once('#')?.1.split_once('#')
}

/// What is personal of a fact, and what is left of it without its key.
fn of_fact(partition: &str, sort: &str) -> Option<(&'static [&'static str], Gone)> {
    match parts(partition)?.0 {
        "POS" if sort.starts_with(key::VERSION) => Some((&OF_POSITION, Gone::Absent)),
        "CREDIT" if sort.starts_with(key::MOVEMENT) => Some((&OF_CREDIT, Gone::Sealed)),
        "IUV" if sort.starts_with(key::RECEIPT) => Some((&OF_RECEIPT, Gone::Absent)),
        _ => None,
    }
}

/// What is personal of an outcome.
fn of_outcome(subject: &Subject) -> Option<&'static [&'static str]> {
    match parts(&subject.0)?.0 {
        "CREDIT" => Some(&OF_CREDIT),
        "ANOMALY" => Some(&OF_ANOMALY),
        _ => None,
    }
}

/// The year that the body of a position or of an anomaly names: the digits behind a mark.
fn year_behind(body: &str, mark: &str) -> Option<i16> {
    let (_, rest) = body.split_once(mark)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..digits].parse().ok()
}

/// The year whose key seals a record of a subject.
fn year(subject: &str, body: &str) -> Option<i16> {
    let year = match parts(subject)? {
        ("CREDIT", rest) => rest.split('#').next()?.parse().ok(),
        ("ANOMALY", _) => year_behind(body, "\"since\":\""),
        // One that does not tell its day is kept as long as there are keys.
        ("IUV", _) => ["\"paid_at\":\"", "\"paid_on\":\""]
            .into_iter()
            .find_map(|mark| year_behind(body, mark))
            .or(Some(i16::MAX)),
        _ => year_behind(body, "\"year\":"),
    };
    year.map(Keyring::period)
}

/// The unit as it is stored, up to the first fact whose year was forgotten.
fn seal_unit(ring: &Keyring, mut unit: Unit) -> Ready {
    let forgotten = unit.facts.iter_mut().position(|fact| seal_fact(ring, fact).is_none());
    Ready { unit, forgotten }
}

/// Makes the fact what is stored; `None` where its year was forgotten.
fn seal_fact(ring: &Keyring, fact: &mut Fact) -> Option<()> {
    if let Some((fields, _)) = of_fact(&fact.partition, &fact.sort) {
        let year = year(&fact.partition, &fact.body)?;
        fact.body = text::seal(&fact.body, fields, ring, &fact.partition, year)?.into_owned();
        // Two wordings of one movement differ in what is stored, whose digest tells nothing.
        if let Some((movement, _)) = fact.sort.rsplit_once('#')
            && fact.sort.starts_with(key::MOVEMENT)
        {
            fact.sort = key::worded(movement, &fact.body);
        }
        return Some(());
    }
    fact.partition = hidden(ring, &fact.partition)?;
    Some(())
}

/// The partition as it is stored: a plate and a fiscal code as a keyed hash; `None` where the year
/// was forgotten.
fn hidden(ring: &Keyring, partition: &str) -> Option<String> {
    let Some((before, year)) = key::personal_find(partition) else {
        return Some(partition.to_owned());
    };
    let hash = ring.lookup(year, partition)?;
    Some(format!("{before}#{hash}"))
}

fn open_fact(ring: &Keyring, persons: Persons, fact: &mut Fact) -> PortResult<()> {
    if let Some((fields, gone)) = of_fact(&fact.partition, &fact.sort) {
        let opened = match (persons, gone) {
            (Persons::LeftOut, Gone::Absent) => Ok(text::blanked(&fact.body, fields)),
            _ => text::open(&fact.body, fields, ring, &fact.partition, gone),
        };
        if let Cow::Owned(body) = opened.map_err(not_opened)? {
            fact.body = body;
        }
    }
    Ok(())
}

fn open_outcome(ring: &Keyring, subject: &Subject, outcome: &mut Outcome) -> PortResult<()> {
    if let Some(fields) = of_outcome(subject) {
        let opened = text::open(&outcome.body, fields, ring, &subject.0, Gone::Sealed);
        if let Cow::Owned(body) = opened.map_err(not_opened)? {
            outcome.body = body;
        }
    }
    Ok(())
}

/// The change as it is stored, and its entry hashed as it is stored.
fn seal_change(ring: &Keyring, change: &Change) -> PortResult<Change> {
    let Some(fields) = of_outcome(&change.subject) else { return Ok(change.clone()) };
    let subject = &change.subject.0;
    let sealed = |body: &str| {
        let year = year(subject, body).map(|year| held(ring, subject, year));
        let body = year.and_then(|year| text::seal(body, fields, ring, subject, year));
        let body = body.map(Cow::into_owned);
        body.ok_or_else(|| PortError::Final("what was forgotten cannot be concluded anew".into()))
    };
    let raw = |body: &RawValue| {
        RawValue::from_string(sealed(body.get())?)
            .map_err(|_| PortError::Final("an outcome is not JSON".into()))
    };
    let entry: EntryBody = record::read(&change.entry)?;
    let (before, after) = (entry.before.map(raw).transpose()?, raw(entry.after)?);
    let entry = EntryBody { before: before.as_deref(), after: &after, ..entry };
    let previous = entry.previous()?;
    let entry = record::write(&entry);
    Ok(Change {
        body: sealed(&change.body)?,
        entry_hash: entry_hash(&previous, &entry),
        entry,
        ..change.clone()
    })
}

/// The first year from `year` on whose key is there: an anomaly may begin in a year that was
/// forgotten, and speak of what was not.
fn held(ring: &Keyring, subject: &str, year: i16) -> i16 {
    if ring.key(subject, year).is_some() {
        return year;
    }
    ring.years().find(|held| *held > year).unwrap_or(year)
}

fn not_opened(NotOpened: NotOpened) -> PortError {
    PortError::Final("a sealed text of the ledger does not open: it was damaged".into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;

    use super::*;
    use crate::port::Hash;
    use crate::reconcile::change;

    const CREDIT: &str = "01234567897#CREDIT#2019#000000000000000123";

    fn ring() -> Keyring {
        Keyring::new(&[5; 32])
    }

    fn forgetful(years: &[i16]) -> Keyring {
        ring().without(&years.iter().copied().collect(), &BTreeSet::new())
    }

    fn fact(partition: &str, sort: &str, body: &str) -> Fact {
        let (partition, sort, body) = (partition.to_owned(), sort.to_owned(), body.to_owned());
        Fact { partition, sort, body, source: Source::default() }
    }

    /// The fact as it is stored.
    fn as_stored(ring: &Keyring, mut fact: Fact) -> Option<Fact> {
        seal_fact(ring, &mut fact).map(|()| fact)
    }

    #[test]
    fn who_needs_no_persons_reads_positions_and_receipts_as_if_their_years_were_forgotten() {
        let movement = r#"{"remitter":"ROSSI","remittance":"X"}"#;
        for (fact, personal) in [
            (fact("01234567897#POS#A", "VERSION#1", r#"{"year":2026,"name":"ROSSI"}"#), true),
            (
                fact(
                    "01234567897#IUV#1",
                    "RECEIPT#1",
                    r#"{"paid_on":"2026-01-01","debtor_name":"ROSSI"}"#,
                ),
                true,
            ),
            (fact(CREDIT, "MOVEMENT#SOSPESO#0#abcdef12", movement), false),
        ] {
            let stored = as_stored(&ring(), fact.clone()).unwrap();
            let mut left_out = stored.clone();
            open_fact(&ring(), Persons::LeftOut, &mut left_out).unwrap();
            let blank = fact.body.replace("\"ROSSI\"", "null");
            assert_eq!(left_out.body, if personal { blank } else { fact.body });
            assert_eq!(impersonal(&left_out), impersonal(&stored));
        }
    }

    #[test]
    fn a_fact_is_sealed_by_its_kind_with_the_key_of_its_year() {
        let position = r#"{"year":2026,"debtor":{"name":"ROSSI"}}"#;
        let (pos, movement) = ("01234567897#POS#A#1", r#"{"remitter":"ROSSI","remittance":"X"}"#);
        for (fact, year) in [
            (fact(pos, "VERSION#0000000001", position), Some(2026)),
            (fact(CREDIT, "MOVEMENT#SOSPESO#0#abcdef12", movement), Some(2019)),
            // Before the first and after the last year that has a secret of its own.
            (fact(pos, "VERSION#1", &position.replace("2026", "1900")), Some(1990)),
            (fact(pos, "VERSION#1", &position.replace("2026", "2999")), Some(2100)),
            (fact("01234567897#IUV#1", "ALIAS", r#"{"name":"A"}"#), None),
        ] {
            let sealed = as_stored(&ring(), fact.clone()).unwrap();
            assert_eq!(years_of_fact(&sealed).first().copied(), year, "{}", fact.sort);
            assert_eq!(
                sealed.body.contains("ROSSI"),
                year.is_none() && fact.body.contains("ROSSI")
            );
            let mut opened = sealed;
            open_fact(&ring(), Persons::Known, &mut opened).unwrap();
            assert_eq!(opened.body, fact.body);
            let forgotten = as_stored(&forgetful(&year.into_iter().collect::<Vec<_>>()), fact);
            assert_eq!(forgotten.is_none(), year.is_some());
        }
    }

    #[test]
    fn two_wordings_of_a_movement_are_two_facts_and_the_same_wording_is_one() {
        let sort = |text: &str| {
            let body = format!(r#"{{"remitter":"{text}","remittance":""}}"#);
            as_stored(&ring(), fact(CREDIT, "MOVEMENT#SOSPESO#0#abcdef12", &body)).unwrap().sort
        };
        assert_eq!(sort("A"), sort("A"));
        assert_ne!(sort("A"), sort("B"));
        assert!(sort("A").starts_with("MOVEMENT#SOSPESO#0#"));
    }

    #[test]
    fn what_is_looked_up_is_stored_as_a_hash_of_its_year_and_unknown_once_that_is_forgotten() {
        let partition = "01234567897#FIND#FISCAL#2019#RSSMRA80A01H501U";
        let stored = hidden(&ring(), partition).unwrap();
        let hash = stored.strip_prefix("01234567897#FIND#FISCAL#2019#").unwrap();
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(hidden(&ring(), &partition.replace("2019", "2020")).unwrap()[29..], *hash);
        assert_eq!(hidden(&forgetful(&[2019]), partition), None);
        for open in ["01234567897#FIND#REPORT#2019#1", "01234567897#POS#A#FIND#FISCAL#2019#1"] {
            assert_eq!(hidden(&ring(), open).as_deref(), Some(open));
        }
    }

    /// What a store does with a change.
    fn stored(change: &Change) -> Outcome {
        let version = change.from_version + 1;
        Outcome { version, body: change.body.clone(), entry_hash: change.entry_hash }
    }

    fn concluded(ring: &Keyring, before: Option<&Outcome>, subject: &str, body: &str) -> Change {
        let subject = Subject(subject.to_owned());
        let mut before = before.cloned();
        if let Some(before) = &mut before {
            open_outcome(ring, &subject, before).unwrap();
        }
        let now = Timestamp::UNIX_EPOCH;
        let change = change(subject, before.as_ref(), body.into(), Hash::default(), now, vec![]);
        seal_change(ring, &change.unwrap().unwrap()).unwrap()
    }

    #[test]
    fn a_chain_goes_on_as_it_was_stored_also_when_its_texts_are_forgotten() {
        let first = concluded(&ring(), None, CREDIT, r#"{"remitter":"ROSSI","state":1}"#);
        assert!(!first.entry.contains("ROSSI") && !first.body.contains("ROSSI"));
        assert_eq!(first.entry_hash, entry_hash(&Hash::default(), &first.entry));
        for ring in [ring(), forgetful(&[2019])] {
            let mut opened = stored(&first);
            open_outcome(&ring, &first.subject, &mut opened).unwrap();
            let body = opened.body.replace("\"state\":1", "\"state\":2");
            let second = concluded(&ring, Some(&stored(&first)), CREDIT, &body);
            let entry: EntryBody = record::read(&second.entry).unwrap();
            assert_eq!(entry.before.map(RawValue::get), Some(&*first.body));
            assert_eq!(entry.previous, first.entry_hash.to_string());
            assert_eq!(second.entry_hash, entry_hash(&first.entry_hash, &second.entry));
            // The text is the same bytes as before.
            assert_eq!(second.body, first.body.replace("\"state\":1", "\"state\":2"));
        }
    }

    #[test]
    fn an_anomaly_of_a_forgotten_year_is_sealed_with_the_first_key_that_is_left() {
        let subject = "01234567897#ANOMALY#x";
        let body = r#"{"since":"2019-03-01","explanation":"ROSSI"}"#;
        let ring = forgetful(&[2018, 2019, 2020]);
        let first = concluded(&ring, None, subject, body);
        assert_eq!(years_of_outcome(&first.subject, &stored(&first)), [2021]);
        let mut opened = stored(&first);
        open_outcome(&ring, &first.subject, &mut opened).unwrap();
        assert_eq!(opened.body, body);
        // Once that is forgotten too, it is carried on as it is.
        let later = forgetful(&[2018, 2019, 2020, 2021]);
        let closed = r#"{"since":"2019-03-01","explanation":"nobody"}"#;
        let second = concluded(&later, Some(&stored(&first)), subject, closed);
        let entry: EntryBody = record::read(&second.entry).unwrap();
        assert_eq!(entry.before.map(RawValue::get), Some(&*first.body));
    }
}

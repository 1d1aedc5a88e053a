//! Writing: facts in turns, outcomes, asks.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

use engine::port::{
    Asks, Change, Fact, PortError, PortResult, Put, Subject, Unit, WriteFacts, WriteOutcomes,
};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::attempt::Attempt;
use crate::failure::misuse;
use crate::queue::{Queue, messages};
use crate::store::Found;
use crate::turn::{Stored, Turn};
use crate::turns::{AT_ONCE, Record, Standing};
use crate::{AwsReader, Cloud};

/// Units between two notes of how far an attempt has come.
const UNITS_PER_NOTE: u32 = 500;
/// Turns of one attempt that others gave up, before the call fails.
const TURNS_MAX: u32 = 100;

/// Reads and writes the ledger.
///
/// A fact is written at once with the claim of its turn and unit; the commit is one write of the
/// turn's record. Nothing is ever seen of a turn that is not committed.
pub struct AwsWriter {
    reader: AwsReader,
    attempt: Option<Attempt>,
    turn: Option<Turn>,
}

impl AwsWriter {
    pub(crate) fn new(cloud: Cloud, attempt: Option<Attempt>) -> Self {
        let hidden = attempt.as_ref().map(|attempt| attempt.identity.clone());
        Self { reader: AwsReader::new(cloud, hidden), attempt, turn: None }
    }

    fn cloud(&self) -> &Cloud {
        &self.reader.cloud
    }

    /// The turn, while a scope is open.
    fn scope(&mut self) -> PortResult<&mut Turn> {
        let turn = self.turn.as_mut().filter(|turn| !turn.open.is_empty());
        turn.ok_or_else(|| misuse("no scope is open"))
    }

    /// For what is a turn of its own.
    fn no_turn(&self) -> PortResult<()> {
        match self.turn {
            None => Ok(()),
            Some(_) => Err(misuse("what was put is not committed yet")),
        }
    }

    /// A turn: a new one, or that of the attempts before this one.
    fn begin(&self) -> PortResult<Turn> {
        let Some(attempt) = &self.attempt else { return Ok(Turn::new(random_name(), Vec::new())) };
        for number in 0..TURNS_MAX {
            let name = format!("{}-{number}", attempt.identity);
            match self.cloud().wait(self.cloud().turn(&name))? {
                Some(Record { standing: Standing::Given, .. }) => {}
                record => {
                    return Ok(Turn::new(name, record.map(|it| it.units).unwrap_or_default()));
                }
            }
        }
        Err(PortError::Retry("others gave up every turn of this attempt".to_owned()))
    }

    /// Notes how far the attempt has come.
    fn note(&self, turn: &Turn) -> PortResult<()> {
        let record = Record { standing: Standing::Open, units: turn.said() };
        self.cloud().wait(self.cloud().end_turn(&turn.name, &record)).map(drop)
    }

    /// Stores the facts of a unit, each with the claim of the unit.
    fn store(&self, turn: &Turn, unit: &Unit) -> PortResult<Stored> {
        let (facts, contradiction) = distinct(&unit.facts);
        let cloud = self.cloud();
        let work = stream::iter(facts).map(|(place, fact)| async move {
            cloud.store_fact(turn, &fact).await.map(|found| (place, found))
        });
        let stored: Vec<(usize, Found)> =
            cloud.wait(async { work.buffer_unordered(AT_ONCE).try_collect().await })?;
        let conflicts = stored.iter().filter(|(_, found)| *found == Found::Otherwise);
        Ok(match conflicts.map(|(place, _)| *place).chain(contradiction).min() {
            Some(place) => Stored::Conflict(place),
            None if stored.iter().any(|(_, found)| *found == Found::New) => Stored::New,
            None => Stored::Known,
        })
    }
}

/// Each fact of a unit once, at its first place and from its smallest source; and the place where
/// the unit contradicts itself.
fn distinct(facts: &[Fact]) -> (Vec<(usize, Fact)>, Option<usize>) {
    let mut places: HashMap<(&str, &str), usize> = HashMap::with_capacity(facts.len());
    let mut distinct: Vec<(usize, Fact)> = Vec::with_capacity(facts.len());
    for (place, fact) in facts.iter().enumerate() {
        let name = (fact.partition.as_str(), fact.sort.as_str());
        match places.get(&name) {
            Some(&at) if distinct[at].1.body != fact.body => return (distinct, Some(place)),
            Some(&at) => {
                let source = &mut distinct[at].1.source;
                if fact.source < *source {
                    source.clone_from(&fact.source);
                }
            }
            None => {
                places.insert(name, distinct.len());
                distinct.push((place, fact.clone()));
            }
        }
    }
    (distinct, None)
}

fn spoiled() -> PortError {
    PortError::Retry("the input could not be read to its end".to_owned())
}

/// A name that no other turn has: 128 bits of the chance that the standard library seeds its maps
/// with.
fn random_name() -> String {
    let chance = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", chance(), chance())
}

impl WriteFacts for AwsWriter {
    fn open(&mut self) -> PortResult<()> {
        if self.turn.is_none() {
            self.turn = Some(self.begin()?);
        }
        if let Some(turn) = &mut self.turn {
            turn.open.push(turn.next);
        }
        Ok(())
    }

    fn put(&mut self, unit: Unit) -> PortResult<Put> {
        if unit.facts.len() > Unit::FACTS_MAX {
            return Err(misuse("the unit has too many facts"));
        }
        if self.attempt.as_ref().is_some_and(Attempt::is_spoiled) {
            return Err(spoiled());
        }
        self.scope()?;
        let turn = self.turn.as_ref().ok_or_else(|| misuse("no scope is open"))?;
        let stored = if let Some(stored) = turn.found_before() {
            stored
        } else {
            let over = self.attempt.as_ref().is_some_and(Attempt::is_over);
            if over || self.attempt.is_some() && turn.next % UNITS_PER_NOTE == UNITS_PER_NOTE - 1 {
                self.note(turn)?;
            }
            if over {
                return Err(PortError::Retry("time is up before the end".to_owned()));
            }
            self.store(turn, &unit)?
        };
        self.scope()?.end_unit(stored, unit.facts.iter(), unit.asks);
        Ok(stored.into())
    }

    fn seal(&mut self) -> PortResult<()> {
        self.scope()?.seal();
        Ok(())
    }

    fn abandon(&mut self) -> PortResult<()> {
        self.scope()?.abandon();
        Ok(())
    }

    fn commit(&mut self) -> PortResult<()> {
        let Some(turn) = self.turn.take_if(|turn| turn.open.is_empty()) else {
            return if self.turn.is_none() { Ok(()) } else { Err(misuse("a scope is open")) };
        };
        if self.attempt.as_ref().is_some_and(Attempt::is_spoiled) {
            return Err(spoiled());
        }
        let units = if self.attempt.is_some() { turn.said() } else { Vec::new() };
        let standing = Standing::Committed(Arc::new(turn.left.clone()));
        let record = Record { standing, units };
        if !self.cloud().wait(self.cloud().end_turn(&turn.name, &record))? {
            return Err(PortError::Retry("the turn was ended otherwise by another".to_owned()));
        }
        let asks: Vec<_> = turn.into_asks().collect();
        self.ask(&asks)
    }
}

impl Drop for AwsWriter {
    /// Others need not wait for a turn that nobody takes up again.
    fn drop(&mut self) {
        if let Some(turn) = self.turn.take()
            && self.attempt.is_none()
            && turn.next > 0
        {
            let record = Record { standing: Standing::Given, units: Vec::new() };
            // If that fails, they wait a while for it.
            let _ = self.cloud().wait(self.cloud().end_turn(&turn.name, &record));
        }
    }
}

impl WriteOutcomes for AwsWriter {
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>> {
        self.no_turn()?;
        self.cloud().wait(self.cloud().conclude(changes, &random_name()))
    }
}

impl Asks for AwsWriter {
    fn ask(&mut self, subjects: &[Subject]) -> PortResult<()> {
        self.no_turn()?;
        if subjects.is_empty() {
            return Ok(());
        }
        let url = self.cloud().inner.names.reconcile_queue.clone();
        Queue::new(self.cloud().clone(), url).send(&messages(subjects.iter().cloned()))
    }
}

engine::read_through!(AwsWriter, reader);

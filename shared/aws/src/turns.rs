//! Turns: what a writer stores between two commits, seen all at once or never.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use engine::port::{PortError, PortResult};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::claim::Claim;
use crate::failure::{damaged, port_error, was_done};
use crate::item::{Item, PK, SK, checked, deflated, inflated, string};

/// Keys of one `BatchGetItem`.
pub(crate) const KEYS_MAX: usize = 100;
/// Requests of one call that are under way at the same moment.
pub(crate) const AT_ONCE: usize = 32;
/// Answers of AWS that leave something undone, before the call fails.
pub(crate) const ROUNDS_MAX: u32 = 12;
/// Turns whose end is remembered: 100 bytes each, about.
const REMEMBERED_MAX: usize = 200_000;

/// The pause before another round.
pub(crate) fn pause(round: u32) -> Duration {
    Duration::from_millis(25 << round.min(6))
}

/// Units of a turn that do not count, as ranges in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Left(Vec<(u32, u32)>);

impl Left {
    /// Leaves out the units from `from` to before `to`; never one before the last that was left.
    pub fn leave(&mut self, from: u32, to: u32) {
        while self.0.last().is_some_and(|&(first, _)| first >= from) {
            self.0.pop();
        }
        if from < to {
            match self.0.last_mut() {
                Some((_, end)) if *end >= from => *end = to,
                _ => self.0.push((from, to)),
            }
        }
    }

    pub fn has(&self, unit: u32) -> bool {
        let place = self.0.partition_point(|&(_, end)| end <= unit);
        self.0.get(place).is_some_and(|&(from, _)| from <= unit)
    }

    fn write(&self) -> Vec<u8> {
        let numbers = self.0.iter().flat_map(|&(from, to)| [from, to]);
        deflated(&numbers.flat_map(u32::to_le_bytes).collect::<Vec<_>>())
    }

    fn read(bytes: &[u8]) -> PortResult<Self> {
        let bytes = inflated(bytes)?;
        let numbers: Vec<_> = bytes
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        Ok(Self(numbers.chunks_exact(2).map(|two| (two[0], two[1])).collect()))
    }
}

/// How a turn stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Under way, or died.
    Open,
    /// It never counts.
    Given,
    /// It counts, but for what it left out.
    Committed(Arc<Left>),
}

/// The record of a turn: written when it ends, and when its attempt notes how far it has come.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub standing: Standing,
    /// What became of each of its units so far, a byte for each.
    pub units: Vec<u8>,
}

/// The word of an open turn.
pub(crate) const OPEN: &str = "open";
const GIVEN: &str = "given_up";
const COMMITTED: &str = "committed";

impl Record {
    pub fn write(&self, turn: &str) -> PortResult<Item> {
        let (word, left) = match &self.standing {
            Standing::Open => (OPEN, Vec::new()),
            Standing::Given => (GIVEN, Vec::new()),
            Standing::Committed(left) => (COMMITTED, left.write()),
        };
        let mut item = key(turn);
        item.insert("s".to_owned(), AttributeValue::S(word.to_owned()));
        item.insert("a".to_owned(), AttributeValue::B(Blob::new(left)));
        item.insert("u".to_owned(), AttributeValue::B(Blob::new(deflated(&self.units))));
        checked(item)
    }

    pub fn read(item: &Item) -> PortResult<Self> {
        let bytes = |name: &str| {
            item.get(name).and_then(|value| value.as_b().ok()).map(Blob::as_ref).ok_or_else(damaged)
        };
        let standing = match string(item, "s")? {
            OPEN => Standing::Open,
            GIVEN => Standing::Given,
            COMMITTED => Standing::Committed(Arc::new(Left::read(bytes("a")?)?)),
            _ => return Err(damaged()),
        };
        let units = if item.contains_key("u") { inflated(bytes("u")?)? } else { Vec::new() };
        Ok(Self { standing, units })
    }
}

fn key(turn: &str) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([(PK.to_owned(), text(&format!("TURN#{turn}"))), (SK.to_owned(), text("TURN"))])
}

/// What is known of turns that have ended: how a turn ended never changes.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<String, Standing>>);

impl Turns {
    fn known(&self, turn: &str) -> Option<Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(turn).cloned()
    }

    fn learn(&self, turn: &str, standing: &Standing) {
        if *standing == Standing::Open {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(turn.to_owned(), standing.clone());
    }
}

/// How each of some turns stands.
#[derive(Debug, Default)]
pub(crate) struct Standings(HashMap<String, Standing>);

impl Standings {
    pub fn of(&self, turn: &str) -> &Standing {
        self.0.get(turn).unwrap_or(&Standing::Open)
    }

    /// Whether a claim is of a turn that is committed and did not leave it out.
    pub fn counts(&self, claim: &Claim) -> bool {
        matches!(self.of(&claim.turn), Standing::Committed(left) if !left.has(claim.unit))
    }
}

impl Cloud {
    /// How turns stand now.
    pub(crate) async fn standings<'a>(
        &self,
        turns: impl Iterator<Item = &'a str>,
    ) -> PortResult<Standings> {
        let mut standings = HashMap::new();
        let mut unknown = Vec::new();
        for turn in turns.collect::<HashSet<_>>() {
            match self.inner.turns.known(turn) {
                Some(standing) => drop(standings.insert(turn.to_owned(), standing)),
                None => unknown.push(key(turn)),
            }
        }
        let batches = stream::iter(unknown.chunks(KEYS_MAX).map(<[Item]>::to_vec));
        let read = batches.map(|keys| self.batch_get(keys, Some("pk, s, a")));
        let read: Vec<Vec<Item>> = read.buffered(AT_ONCE).try_collect().await?;
        for item in read.iter().flatten() {
            let turn = string(item, PK)?.strip_prefix("TURN#").ok_or_else(damaged)?;
            let standing = Record::read(item)?.standing;
            self.inner.turns.learn(turn, &standing);
            standings.insert(turn.to_owned(), standing);
        }
        Ok(Standings(standings))
    }

    /// The record of a turn, if it has one.
    pub(crate) async fn turn(&self, turn: &str) -> PortResult<Option<Record>> {
        self.turn_item(turn).await?.as_ref().map(Record::read).transpose()
    }

    /// The record of a turn as it is stored.
    pub(crate) async fn turn_item(&self, turn: &str) -> PortResult<Option<Item>> {
        let ledger = &self.inner.names.ledger;
        let get = self.inner.dynamo.get_item().table_name(ledger).set_key(Some(key(turn)));
        let got = get.consistent_read(true).send().await;
        Ok(got.map_err(|error| port_error("a turn cannot be read", &error))?.item)
    }

    /// Ends a turn, or notes how far it has come, unless it has ended otherwise: says whether it
    /// stands so now.
    pub(crate) async fn end_turn(&self, turn: &str, record: &Record) -> PortResult<bool> {
        let item = record.write(turn)?;
        let same = item["a"].clone();
        let word = item["s"].clone();
        let put = self
            .inner
            .dynamo
            .put_item()
            .table_name(&self.inner.names.ledger)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR s = :open OR (s = :s AND a = :a)")
            .expression_attribute_values(":open", AttributeValue::S(OPEN.to_owned()))
            .expression_attribute_values(":s", word)
            .expression_attribute_values(":a", same);
        let done = was_done("a turn cannot be ended", put.send().await)?;
        if done {
            self.inner.turns.learn(turn, &record.standing);
        }
        Ok(done)
    }

    /// Items of the ledger, in no order; those that are not there are left out.
    pub(crate) async fn batch_get(
        &self,
        keys: Vec<Item>,
        projection: Option<&str>,
    ) -> PortResult<Vec<Item>> {
        let ledger = &self.inner.names.ledger;
        let mut items = Vec::with_capacity(keys.len());
        let mut rest = keys;
        for round in 0..ROUNDS_MAX {
            if rest.is_empty() {
                return Ok(items);
            }
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut rest)))
                .consistent_read(true)
                .set_projection_expression(projection.map(str::to_owned))
                .build()
                .map_err(|_| crate::failure::misuse("no keys"))?;
            let get = self.inner.dynamo.batch_get_item().request_items(ledger, wanted);
            let got = get.send().await;
            let got = got.map_err(|error| port_error("items cannot be read", &error))?;
            items.extend(got.responses.into_iter().flatten().flat_map(|(_, items)| items));
            let left = got.unprocessed_keys.unwrap_or_default();
            rest = left.into_values().flat_map(|left| left.keys).collect();
            if !rest.is_empty() {
                tokio::time::sleep(pause(round)).await;
            }
        }
        if rest.is_empty() {
            return Ok(items);
        }
        Err(PortError::Retry("items cannot be read: AWS left some undone".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_were_left_are_known_by_their_ranges() {
        let mut left = Left::default();
        left.leave(2, 3);
        left.leave(3, 4);
        left.leave(6, 9);
        left.leave(5, 10);
        left.leave(12, 12);
        let found: Vec<u32> = (0..14).filter(|&unit| left.has(unit)).collect();
        assert_eq!(found, [2, 3, 5, 6, 7, 8, 9]);
        assert_eq!(Left::read(&left.write()).unwrap(), left);
    }
}

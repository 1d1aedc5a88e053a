//! An end for facts that nobody sees.
//!
//! A fact is stored before its turn ends. Where the turn is given up, or leaves the fact's unit
//! out, or dies and is never taken up, the fact stays, and is passed over by every reader. A time
//! to live, set when it is written, would be wrong: a turn may commit late, and another turn may
//! claim the same fact meanwhile. So a fact is deleted when each of its claims is of a turn that
//! has **ended**, which never changes, and none of them counts; on condition that nobody has
//! written it since it was read. A turn that is still open [`OPEN_DAYS`] after it was first met so,
//! without having noted anything, is given up then. That is always safe: were its writer alive
//! after all, its commit would be refused, and its input tried again as another turn.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use engine::port::PortResult;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::Cloud;
use crate::claim::StoredFact;
use crate::failure::was_done;
use crate::item::{Family, Item, PK, SHARDS, SK, number};
use crate::turns::{AT_ONCE, OPEN, Record, Standing};

/// Days after which an open turn is given up: as long as a message may wait in its queue and then
/// among the dead letters. Nobody delivers its input any more.
pub const OPEN_DAYS: i64 = 28;
/// Open turns that are looked at in one call; there are more only after a disaster.
const OPEN_MAX: usize = 10_000;
const DAY_SECONDS: i64 = 86_400;
/// The second in which a turn was met open. Whoever notes something of the turn takes it away.
const MET: &str = "t";

/// Days in which every shard has its turn once.
const ROUND_DAYS: u8 = 16;

/// What a cleaning came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// Facts that were looked at.
    pub looked_at: u64,
    /// Facts that were deleted.
    pub deleted: u64,
    /// Turns that were given up.
    pub given_up: u64,
    /// Whether there was not the time for all of it.
    pub cut_short: bool,
}

/// Deletes the facts that nobody will ever see, of the shards whose day it is, page by page;
/// `go_on` says before each page whether there is time for one more.
///
/// # Errors
/// When the store fails: what was deleted stays so, and a repetition takes up the rest.
pub fn clean(
    cloud: &Cloud,
    now: Timestamp,
    go_on: &mut dyn FnMut() -> bool,
) -> PortResult<Cleaned> {
    let mut cleaned = Cleaned::default();
    let mut open = BTreeSet::new();
    let day = now.as_second().div_euclid(DAY_SECONDS).rem_euclid(i64::from(ROUND_DAYS));
    for shard in (0..SHARDS).filter(|shard| i64::from(shard % ROUND_DAYS) == day) {
        let shard = Family::Fact.shard(shard);
        let mut from = None;
        loop {
            if !go_on() {
                cleaned.cut_short = true;
                break;
            }
            let page = cloud.wait(cloud.page(Family::Fact, &shard, "", from))?;
            cleaned.looked_at += page.items.len() as u64;
            cleaned.deleted += cloud.wait(cloud.clean_page(&page.items, &mut open))?;
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    let aged = stream::iter(open).map(|turn| async move { cloud.age(&turn, now).await });
    let given_up: Vec<bool> = cloud.wait(aged.buffer_unordered(AT_ONCE).try_collect())?;
    cleaned.given_up = given_up.into_iter().filter(|given_up| *given_up).count() as u64;
    Ok(cleaned)
}

impl Cloud {
    /// Deletes the dead among facts, and says how many; notes the open turns that hold others.
    async fn clean_page(&self, items: &[Item], open: &mut BTreeSet<String>) -> PortResult<u64> {
        let facts: Vec<_> = items.iter().map(StoredFact::read).collect::<PortResult<_>>()?;
        let turns = facts.iter().flat_map(|fact| &fact.claims).map(|claim| claim.turn.as_str());
        let standings = self.standings(turns).await?;
        let mut dead = Vec::new();
        for (fact, item) in facts.iter().zip(items) {
            if fact.claims.iter().any(|claim| standings.counts(claim)) {
                continue;
            }
            let is_open = |turn: &&str| *standings.of(turn) == Standing::Open;
            let turns = fact.claims.iter().map(|claim| claim.turn.as_str());
            let of_open: Vec<_> = turns.filter(is_open).collect();
            if of_open.is_empty() {
                dead.push((item, fact));
            } else if open.len() < OPEN_MAX {
                open.extend(of_open.into_iter().map(str::to_owned));
            }
        }
        let work = stream::iter(dead).map(|(item, fact)| self.delete(item, fact));
        let deleted: Vec<bool> = work.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(deleted.into_iter().filter(|deleted| *deleted).count() as u64)
    }

    /// Deletes a fact, unless somebody has written it since: says whether it did.
    async fn delete(&self, item: &Item, fact: &StoredFact) -> PortResult<bool> {
        let key = [PK, SK].map(|name| item.get(name).map(|value| (name.to_owned(), value.clone())));
        let delete = self.inner.dynamo.delete_item().table_name(&self.inner.names.ledger);
        let delete = delete
            .set_key(Some(key.into_iter().flatten().collect()))
            .condition_expression(StoredFact::UNCHANGED)
            .set_expression_attribute_values(Some(fact.unchanged()));
        was_done("a fact cannot be deleted", delete.send().await)
    }

    /// Notes that a turn was met open at `now`; gives it up where that was noted long ago, and
    /// nothing of it since. Says whether it gave it up.
    async fn age(&self, turn: &str, now: Timestamp) -> PortResult<bool> {
        let seconds = |at: i64| AttributeValue::N(at.to_string());
        let there = self.turn_item(turn).await?;
        let read = there.as_ref().map(Record::read).transpose()?;
        if read.as_ref().is_some_and(|record| record.standing != Standing::Open) {
            return Ok(false);
        }
        let met = there.as_ref().filter(|item| item.contains_key(MET));
        let Some(met) = met.map(|item| number(item, MET)).transpose()? else {
            let record = read.unwrap_or(Record { standing: Standing::Open, units: Vec::new() });
            let mut item = record.write(turn)?;
            item.insert(MET.to_owned(), seconds(now.as_second().max(0)));
            let noted = there.and_then(|mut item| item.remove("u"));
            self.put_turn(item, [("u", noted), (MET, None)]).await?;
            return Ok(false);
        };
        let met = i64::try_from(met).unwrap_or(i64::MAX);
        if now.as_second() < met.saturating_add(OPEN_DAYS * DAY_SECONDS) {
            return Ok(false);
        }
        let given = Record { standing: Standing::Given, units: Vec::new() };
        self.put_turn(given.write(turn)?, [(MET, Some(seconds(met)))]).await
    }

    /// Writes the record of a turn that is open, if these attributes of it are as they were; says
    /// whether it did.
    async fn put_turn<const N: usize>(
        &self,
        item: Item,
        as_before: [(&str, Option<AttributeValue>); N],
    ) -> PortResult<bool> {
        let open = AttributeValue::S(OPEN.to_owned());
        let mut conditions = vec!["(attribute_not_exists(pk) OR s = :open)".to_owned()];
        let ledger = &self.inner.names.ledger;
        let mut put = self.inner.dynamo.put_item().table_name(ledger).set_item(Some(item));
        for (name, value) in as_before {
            if let Some(value) = value {
                conditions.push(format!("{name} = :{name}"));
                put = put.expression_attribute_values(format!(":{name}"), value);
            } else {
                conditions.push(format!("attribute_not_exists({name})"));
            }
        }
        let put = put
            .condition_expression(conditions.join(" AND "))
            .expression_attribute_values(":open", open);
        was_done("a turn cannot be ended", put.send().await)
    }
}

//! Concluding: outcome and journal entry in one transaction, under the condition of the version.

use std::collections::HashSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use engine::port::{Change, PortError, PortResult, Subject};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::failure::{misuse, port_error};
use crate::item::{Family, Item, checked, sort_key, text};
use crate::shards::key;
use crate::turns::{ROUNDS_MAX, pause};

/// Changes of one transaction: two items each, of the 100 that DynamoDB takes.
const CHANGES_MAX: usize = 50;
/// Bytes of one transaction, of the 4 MB that DynamoDB takes.
const BYTES_MAX: usize = 3_000_000;
/// Transactions under way at the same moment.
const TRANSACTIONS: usize = 8;

/// A change on its way: its place in the call, and its two writes.
#[derive(Clone)]
struct Pending {
    place: usize,
    writes: [TransactWriteItem; 2],
    bytes: usize,
}

impl Cloud {
    /// Stores changes; says of each whether it was.
    pub(crate) async fn conclude(&self, changes: &[Change]) -> PortResult<Vec<bool>> {
        let mut stored = vec![true; changes.len()];
        let mut places: Vec<usize> = (0..changes.len()).collect();
        // Changes of one subject follow each other: each round takes the first of each subject.
        while !places.is_empty() {
            let mut subjects: HashSet<&Subject> = HashSet::new();
            let (now, later): (Vec<_>, Vec<_>) =
                places.into_iter().partition(|&place| subjects.insert(&changes[place].subject));
            let groups = self.groups(changes, &now)?;
            let work = stream::iter(groups).map(|group| self.transact(group));
            let refused: Vec<Vec<usize>> =
                work.buffer_unordered(TRANSACTIONS).try_collect().await?;
            for place in refused.into_iter().flatten() {
                stored[place] = false;
            }
            places = later;
        }
        Ok(stored)
    }

    fn groups(&self, changes: &[Change], places: &[usize]) -> PortResult<Vec<Vec<Pending>>> {
        let mut groups: Vec<Vec<Pending>> = Vec::new();
        let mut bytes = 0;
        for &place in places {
            let pending = self.pending(&changes[place], place)?;
            let full = groups.last().is_none_or(|group| group.len() == CHANGES_MAX);
            if full || bytes + pending.bytes > BYTES_MAX {
                groups.push(Vec::new());
                bytes = 0;
            }
            bytes += pending.bytes;
            groups.last_mut().expect("one was begun").push(pending);
        }
        Ok(groups)
    }

    fn pending(&self, change: &Change, place: usize) -> PortResult<Pending> {
        let (subject, version) = (&change.subject.0, change.from_version + 1);
        let hash = || AttributeValue::B(Blob::new(change.entry_hash.0));
        let mut outcome = key(Family::Outcome, subject, &sort_key(subject, "")?);
        outcome.insert("v".to_owned(), AttributeValue::N(version.to_string()));
        outcome.insert("b".to_owned(), text(&change.body));
        outcome.insert("h".to_owned(), hash());
        let below = format!("{version:020}");
        let mut entry = key(Family::Entry, subject, &sort_key(subject, &below)?);
        entry.insert("b".to_owned(), text(&change.entry));
        entry.insert("h".to_owned(), hash());
        let names = &self.inner.names;
        let absent = "attribute_not_exists(pk)";
        let put_outcome = put(&names.ledger, checked(outcome)?);
        let put_outcome = if change.from_version == 0 {
            put_outcome.condition_expression(absent)
        } else {
            let from = AttributeValue::N(change.from_version.to_string());
            put_outcome.condition_expression("v = :from").expression_attribute_values(":from", from)
        };
        let put_entry = put(&names.journal, checked(entry)?).condition_expression(absent);
        let bytes = change.body.len() + change.entry.len();
        Ok(Pending { place, writes: [write(put_outcome)?, write(put_entry)?], bytes })
    }

    /// Stores a group in one transaction, without those whose version is another; says which.
    async fn transact(&self, mut group: Vec<Pending>) -> PortResult<Vec<usize>> {
        let mut refused = Vec::new();
        let mut busy = 0;
        while !group.is_empty() {
            let writes = group.iter().flat_map(|pending| pending.writes.clone()).collect();
            let transaction = self.inner.dynamo.transact_write_items();
            let sent = transaction.set_transact_items(Some(writes)).send().await;
            let Err(error) = sent else { return Ok(refused) };
            let outdated = outdated(&error)?;
            if outdated.is_empty() {
                busy += 1;
                if busy == ROUNDS_MAX {
                    return Err(PortError::Retry("outcomes cannot be stored: busy".to_owned()));
                }
                tokio::time::sleep(pause(busy)).await;
            }
            let mut place = 0;
            group.retain(|pending| {
                let keep = !outdated.contains(&place);
                if !keep {
                    refused.push(pending.place);
                }
                place += 1;
                keep
            });
        }
        Ok(refused)
    }
}

fn put(table: &str, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder().table_name(table).set_item(Some(item))
}

fn write(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> PortResult<TransactWriteItem> {
    let put = put.build().map_err(|_| misuse("a write without its item"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// The places in a group of changes whose version is another by now; none where others were
/// writing at the same moment.
fn outdated<R>(error: &SdkError<TransactWriteItemsError, R>) -> PortResult<HashSet<usize>>
where
{
    let failed = || port_error("outcomes cannot be stored", error);
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return Err(failed());
    };
    let mut outdated = HashSet::new();
    for (place, reason) in cancelled.cancellation_reasons().iter().enumerate() {
        match reason.code().unwrap_or("None") {
            "ConditionalCheckFailed" => drop(outdated.insert(place / 2)),
            "None"
            | "TransactionConflict"
            | "ThrottlingError"
            | "ProvisionedThroughputExceeded" => {}
            code => return Err(PortError::Final(format!("outcomes cannot be stored: {code}"))),
        }
    }
    Ok(outdated)
}

//! Up to when everything that was published is archived: a fact for each complete poll.

use std::collections::BTreeSet;

use domain::fact::Source;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::port::Account;
use crate::key;
use crate::port::{Fact, Home, PortResult, ReadFacts, Unit, WriteFacts};
use crate::record;

/// The cursor as it is stored.
#[derive(Serialize, Deserialize)]
struct CursorRecord {
    through: Timestamp,
}

/// The last cursor of an account, of the last `look_back`; an older one is of no use.
pub(super) fn last<H: Home>(
    home: &H,
    account: &Account,
    now: Timestamp,
    look_back: SignedDuration,
) -> PortResult<Option<Timestamp>> {
    // Facts of a partition are read together: a partition for each month keeps that short.
    let months: BTreeSet<_> = [now - look_back, now].map(month).into();
    let partitions: Vec<_> = months.iter().map(|month| partition(account, month)).collect();
    let mut last = None;
    for fact in home.reader()?.facts(&partitions)?.into_iter().flatten() {
        let CursorRecord { through } = record::read(&fact.body)?;
        last = last.max(Some(through));
    }
    Ok(last)
}

/// Stores that all that was published until `through` is archived.
pub(super) fn advance<H: Home>(home: &H, account: &Account, through: Timestamp) -> PortResult<()> {
    let fact = Fact {
        partition: partition(account, &month(through)),
        sort: format!("THROUGH#{through}"),
        body: record::write(&CursorRecord { through }),
        source: Source { file: "fdr".to_owned(), line: 0 },
    };
    // The same fact twice is one: two polls of one moment.
    home.writer()?.put_alone(Unit { facts: vec![fact], asks: Vec::new() })?;
    Ok(())
}

fn partition(account: &Account, month: &str) -> String {
    key::poll(&account.organization, &account.intermediary, month)
}

fn month(moment: Timestamp) -> String {
    let date = TimeZone::UTC.to_datetime(moment).date();
    format!("{:04}-{:02}", date.year(), date.month())
}

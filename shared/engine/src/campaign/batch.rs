//! Batches of messages that go only after a person has approved them, by name.
//!
//! A batch is what a plan found ready but for the approval: positions, notices and sums. It is
//! named by its content, so that planning the same again makes no second one. What changed since it
//! was approved is not approved any more.

use std::collections::HashMap;
use std::io::{self, Write};

use domain::campaign::{Account, Judgement, Kind, Reason};
use domain::fact::{PositionVersion, Tier};
use domain::identifier::OrganizationCode;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use report::{BatchRow, ReportError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::correction::{TEXT_CHARS_MAX, append};
use super::plan::Row;
use crate::key;
use crate::port::{Fact, Hash, Home, PortError, PortResult, ReadFacts, Source, Unit, WriteFacts};
use crate::record;

/// Messages in one batch.
pub const ROWS_MAX: usize = 200_000;
/// Rows in one fact.
const ROWS_PER_FACT: usize = 500;

/// What a message of a batch asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The position.
    pub position_id: String,
    /// The verbale: for the person who approves, not kept.
    #[serde(skip)]
    pub report_number: String,
    /// The notice.
    pub notice_number: String,
    /// What it asks for.
    pub cents: i64,
    /// What was paid so far: for the person who approves, not kept.
    #[serde(skip)]
    pub paid: Cents,
    /// The day of notification: for the person who approves, not kept.
    #[serde(skip)]
    pub notified_on: Option<Date>,
}

impl Demand {
    /// What a judgement asks for, if it does.
    pub(super) fn of(
        position: &PositionVersion,
        account: &Account,
        judgement: &Judgement<'_>,
    ) -> Option<Self> {
        let notice = judgement.notice?;
        let fine = position.fine.as_deref();
        Some(Self {
            position_id: position.position_id.to_string(),
            report_number: fine.map_or_else(String::new, |fine| fine.report_number.to_string()),
            notice_number: notice.notice_number?.as_str().to_owned(),
            cents: notice.amount.get(),
            paid: account.standing.paid,
            notified_on: judgement.terms.map(|terms| terms.notified_on),
        })
    }
}

/// A batch that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub id: String,
    /// Whose.
    pub organization: OrganizationCode,
    /// What it asks for, in order of position.
    pub demands: Vec<Demand>,
}

/// A person's word on a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct DecisionRecord {
    by: String,
    /// By when the office invites to pay; absent where the approval is taken back.
    due: Option<Date>,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct RowsRecord {
    rows: Vec<Demand>,
}

/// What a person approved for a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Approved {
    notice_number: String,
    cents: i64,
    pub due: Date,
    at: Timestamp,
}

impl Approved {
    /// Whether the position still has what was approved.
    pub fn fits(&self, position: &PositionVersion) -> bool {
        position.notices.iter().any(|notice| {
            notice.tier == Tier::Late
                && notice.amount.get() == self.cents
                && notice.notice_number.is_some_and(|number| number.as_str() == self.notice_number)
        })
    }
}

/// Why a batch was not made or not decided.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// There is no batch of that name.
    #[error("there is no batch {0}")]
    Unknown(String),
    /// The day by which to pay is not ahead.
    #[error("the day by which to pay must come after today")]
    DueNotAhead,
    /// Nobody says so.
    #[error("a name has 1 to {TEXT_CHARS_MAX} characters")]
    Name,
    /// There are too many messages.
    #[error("a batch has at most {ROWS_MAX} messages")]
    TooMany,
    /// The ledger could not be read or written.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Collects what a plan of a batch found ready.
#[derive(Debug, Default)]
pub struct Collector(HashMap<OrganizationCode, Vec<Demand>>);

impl Collector {
    /// Takes a row in, if nothing but the approval is missing.
    ///
    /// # Errors
    /// When the batch has as many rows as it may.
    pub fn add(&mut self, row: &Row) -> Result<(), BatchError> {
        let ready = row.kind == Kind::PreEnforcement && row.reasons == [Reason::BatchNotApproved];
        let Some(demand) = row.demand.as_ref().filter(|_| ready) else { return Ok(()) };
        let demands = self.0.entry(row.organization.clone()).or_default();
        if demands.len() == ROWS_MAX {
            return Err(BatchError::TooMany);
        }
        demands.push(demand.clone());
        Ok(())
    }

    /// Stores the batches, one for each organization.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn store<H: Home>(self, home: &H) -> Result<Vec<Batch>, BatchError> {
        let mut batches = Vec::new();
        for (organization, demands) in self.0 {
            let body = record::write(&demands);
            let digest = Sha256::digest(format!("{organization}#{body}"));
            let mut id = Hash(digest.into()).to_string();
            id.truncate(12);
            let batch = Batch { id, organization, demands };
            batch.store(home)?;
            batches.push(batch);
        }
        batches.sort_by(|a, b| a.organization.cmp(&b.organization));
        Ok(batches)
    }
}

impl Batch {
    /// Writes it as CSV, for the person who approves it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_table(&self, out: impl Write) -> io::Result<()> {
        report::batch_table(out, self.rows())
    }

    /// It as a workbook, planned at `as_of`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn book(&self, as_of: Timestamp) -> Result<Vec<u8>, ReportError> {
        report::batch_book(as_of, &self.id, self.rows())
    }

    fn rows(&self) -> impl Iterator<Item = BatchRow<'_>> {
        self.demands.iter().map(|demand| BatchRow {
            position_id: &demand.position_id,
            report_number: &demand.report_number,
            notified_on: demand.notified_on,
            notice_number: &demand.notice_number,
            paid: demand.paid,
            amount: Cents::new(demand.cents),
        })
    }

    fn store<H: Home>(&self, home: &H) -> PortResult<()> {
        let partition = format!("{}{}", key::batches(&self.organization), self.id);
        let mut writer = home.writer()?;
        writer.open()?;
        for (number, rows) in (1..).zip(self.demands.chunks(ROWS_PER_FACT)) {
            let fact = Fact {
                partition: partition.clone(),
                sort: format!("ROWS#{number:06}"),
                body: record::write(&RowsRecord { rows: rows.to_vec() }),
                source: Source { file: "quadra".to_owned(), line: 0 },
            };
            writer.put(Unit { facts: vec![fact], asks: Vec::new() })?;
        }
        writer.seal()?;
        writer.commit()
    }
}

/// Approves a batch, or takes the approval back where `due` is `None`.
///
/// # Errors
/// When there is no such batch, nobody says so, the day is not ahead, or the ledger fails.
pub fn decide<H: Home>(
    home: &H,
    organizations: impl IntoIterator<Item = OrganizationCode>,
    id: &str,
    by: &str,
    due: Option<Date>,
    at: Timestamp,
) -> Result<(), BatchError> {
    let by = by.trim();
    if by.is_empty() || by.chars().count() > TEXT_CHARS_MAX {
        return Err(BatchError::Name);
    }
    if due.is_some_and(|due| due <= domain::clock::in_rome(at).date()) {
        return Err(BatchError::DueNotAhead);
    }
    let mut reader = home.reader()?;
    for organization in organizations {
        let partition = format!("{}{id}", key::batches(&organization));
        if !reader.facts(std::slice::from_ref(&partition))?.remove(0).is_empty() {
            let decision = DecisionRecord { by: by.to_owned(), due, at };
            append(home, &partition, "DECISION", &record::write(&decision))?;
            return Ok(());
        }
    }
    Err(BatchError::Unknown(id.to_owned()))
}

/// What was approved, by position. Of several batches the last word counts.
pub(super) fn approved(
    reader: &mut impl ReadFacts,
    organization: &OrganizationCode,
) -> PortResult<HashMap<String, Approved>> {
    let mut approved: HashMap<String, Approved> = HashMap::new();
    let mut decisions: HashMap<String, DecisionRecord> = HashMap::new();
    // `DECISION` sorts before `ROWS`: the last word on a batch is known before its rows.
    reader.scan_facts(&key::batches(organization), &mut |fact| {
        if fact.sort.starts_with("DECISION#") {
            decisions.insert(fact.partition, record::read(&fact.body)?);
            return Ok(());
        }
        let decision = decisions.get(&fact.partition);
        let Some((due, at)) = decision.and_then(|one| Some((one.due?, one.at))) else {
            return Ok(());
        };
        for row in record::read::<RowsRecord>(&fact.body)?.rows {
            let Demand { position_id, notice_number, cents, .. } = row;
            let one = Approved { notice_number, cents, due, at };
            if approved.get(&position_id).is_none_or(|known| known.at < at) {
                approved.insert(position_id, one);
            }
        }
        Ok(())
    })?;
    Ok(approved)
}

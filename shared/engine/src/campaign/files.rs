//! The files of a campaign: the plan, and what came of it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use domain::campaign::{Decision, Kind};
use domain::clock::in_rome;
use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use report::{ReportError, TextTable};

use super::batch::{Batch, BatchError, Collector};
use super::intent::Unreachable;
use super::plan::{self, PlanError, Totals};
use super::results::{MessageRow, Results};
use super::words;
use crate::configuration::Configuration;
use crate::port::{Home, PortError};
use crate::record;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The plan could not be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A batch could not be stored.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The ledger could not be read.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A workbook could not be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The file could not be written.
    #[error("a file of the campaign cannot be written: {0}")]
    Out(#[from] io::Error),
}

/// A plan that was written.
#[derive(Debug, Default)]
pub struct Planned {
    /// How many rows there are, by decision and by reason.
    pub totals: Totals,
    /// How many rows go, of each organization.
    pub ready: BTreeMap<OrganizationCode, u64>,
    /// The batches that wait for a person: stored.
    pub batches: Vec<Batch>,
}

/// Plans a kind and writes the plan, a position a line; stores the batches that wait for a person.
/// Nothing is sent.
///
/// # Errors
/// See [`FilesError`]: then no batch is stored.
pub fn plan<H: Home>(
    home: &H,
    configuration: &Configuration,
    kind: Kind,
    as_of: Timestamp,
    out: &mut impl Write,
) -> Result<Planned, FilesError> {
    let (mut planned, mut ready) = (Planned::default(), Collector::default());
    plan::all(home, configuration, kind, as_of, |row| {
        planned.totals.add(&row);
        ready.add(&row)?;
        if row.decision == Decision::Send {
            *planned.ready.entry(row.organization.clone()).or_default() += 1;
        }
        writeln!(out, "{}", row.to_json())?;
        Ok::<_, FilesError>(())
    })?;
    out.flush()?;
    Ok(Planned { batches: ready.store(home)?, ..planned })
}

/// Where [`results`] writes to.
pub struct ResultFiles<W> {
    /// The totals, as JSON.
    pub results: W,
    /// Each message, as JSON Lines.
    pub messages: W,
    /// The same as CSV.
    pub table: W,
    /// Whom to tell by other means, as CSV.
    pub other_channels: W,
}

impl<W> ResultFiles<W> {
    /// Each under its name.
    ///
    /// # Errors
    /// When `create` cannot.
    pub fn create(mut create: impl FnMut(&str) -> io::Result<W>) -> io::Result<Self> {
        Ok(Self {
            results: create("results.json")?,
            messages: create("messages.jsonl")?,
            table: create("messages.csv")?,
            other_channels: create("altri-canali.csv")?,
        })
    }

    /// All of them.
    #[must_use]
    pub fn into_files(self) -> [W; 4] {
        [self.results, self.messages, self.table, self.other_channels]
    }
}

/// Writes what came of the messages of a kind, beside the plan of the moment, whose totals these
/// are.
///
/// # Errors
/// See [`FilesError`].
pub fn results<H: Home>(
    home: &H,
    configuration: &Configuration,
    kind: Kind,
    totals: &Totals,
    files: &mut ResultFiles<impl Write>,
) -> Result<Results, FilesError> {
    let mut results = Results::of(kind, totals);
    let mut table = TextTable::messages(&mut files.table)?;
    let mut others = TextTable::other_channels(&mut files.other_channels)?;
    let mut reader = home.reader()?;
    for organization in configuration.organizations.keys() {
        results.count(&mut reader, organization, |row| {
            writeln!(files.messages, "{}", record::write(&row))?;
            if let Some(why) = row.unreachable {
                others.push(&[&row.position_id, kind.code(), words::unreachable(why)])?;
            }
            push(&mut table, &row)
        })?;
    }
    table.finish()?;
    others.finish()?;
    files.messages.flush()?;
    writeln!(files.results, "{}", record::write(&results))?;
    files.results.flush()?;
    Ok(results)
}

/// Lists who is to be told by other means: positions, and why.
///
/// # Errors
/// When it cannot be written.
pub fn other_channels(
    kind: Kind,
    unreachable: &[(Box<str>, Unreachable)],
    out: impl Write,
) -> io::Result<()> {
    let mut table = TextTable::other_channels(out)?;
    for (position, why) in unreachable {
        table.push(&[position, kind.code(), words::unreachable(*why)])?;
    }
    table.finish()
}

fn push(table: &mut TextTable<impl Write>, row: &MessageRow) -> Result<(), FilesError> {
    let at = in_rome(row.at).to_string();
    let reason = row.reason.as_deref().unwrap_or_default();
    let paid_on = row.paid_on.map(|day| day.to_string()).unwrap_or_default();
    Ok(table.push(&[&row.intent, &row.position_id, row.state, &at, reason, &paid_on])?)
}

//! Messages that a person found wrong: each calls for an errata corrige.
//!
//! There is no recall in IO: what is wrong stays with the citizen, and a second message says so.

use std::collections::HashMap;

use domain::campaign::Kind;
use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::intent;
use crate::key;
use crate::port::{Fact, Home, PortError, PortResult, Put, ReadFacts, Source, Unit, WriteFacts};
use crate::record;

/// The longest correction, name and note, in characters.
pub const TEXT_CHARS_MAX: usize = 500;

/// A person's word that a message was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The kind of the message.
    pub kind: Kind,
    /// Which one of its kind.
    pub of_kind: String,
    /// What is right instead.
    pub correction: Option<String>,
    /// Whether the notice that it asked to pay was cancelled.
    pub notice_cancelled: bool,
}

/// The same, as it is stored.
#[derive(Serialize, Deserialize)]
struct WrongRecord {
    position_id: String,
    kind: String,
    occurrence: String,
    correction: Option<String>,
    notice_cancelled: bool,
    by: String,
    note: String,
    at: Timestamp,
}

impl Wrong {
    /// The occurrence of the errata corrige: one for each wrong message.
    pub(super) fn occurrence(&self) -> String {
        format!("{}/{}", self.kind.code(), self.of_kind)
    }

    /// Whether it is about a message of the ledger.
    pub(super) fn is_about(&self, sent: &intent::Sent) -> bool {
        sent.kind == self.kind.code() && sent.occurrence == self.of_kind
    }
}

/// Who says so, why, and when.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    /// Who: 1 to 500 characters.
    pub by: &'a str,
    /// Why: at most 500 characters.
    pub note: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum CorrectionError {
    /// The position had no such message, or it cannot have arrived.
    #[error("no message of this kind can have arrived for this position")]
    NotSent,
    /// A text is empty or too long.
    #[error("a name has 1 to {TEXT_CHARS_MAX} characters, any other text at most as many")]
    Length,
    /// The ledger could not be read or written.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Records that the last message of a kind for a position was wrong. The position is of one of the
/// organizations: of the first that wrote about it.
///
/// # Errors
/// When there is no such message, a text is too long, or the ledger fails.
pub fn record<H: Home>(
    home: &H,
    organizations: impl IntoIterator<Item = OrganizationCode>,
    position_id: &str,
    kind: Kind,
    (correction, notice_cancelled): (Option<&str>, bool),
    word: Word<'_>,
) -> Result<(), CorrectionError> {
    let texts = [Some(word.by), Some(word.note), correction];
    let long = |text: &&str| text.chars().count() > TEXT_CHARS_MAX;
    if word.by.trim().is_empty() || texts.iter().flatten().any(long) {
        return Err(CorrectionError::Length);
    }
    let mut reader = home.reader()?;
    let mut last = None;
    for organization in organizations {
        let mut history = intent::history(&mut reader, &organization, position_id)?;
        history.retain(|sent| sent.kind == kind.code() && sent.state.may_have_arrived());
        last = history.into_iter().max_by_key(|sent| sent.at).map(|sent| (organization, sent));
        if last.is_some() {
            break;
        }
    }
    let (organization, sent) = last.ok_or(CorrectionError::NotSent)?;
    let record = WrongRecord {
        position_id: position_id.to_owned(),
        kind: kind.code().to_owned(),
        occurrence: sent.occurrence,
        correction: correction.map(str::to_owned),
        notice_cancelled,
        by: word.by.to_owned(),
        note: word.note.to_owned(),
        at: word.at,
    };
    let partition = format!("{}{position_id}", key::wrong_messages(&organization));
    append(home, &partition, "WRONG", &record::write(&record))?;
    Ok(())
}

/// Stores a person's word after those that are there. A word that comes at the same time goes
/// before it or after it.
pub(super) fn append<H: Home>(home: &H, partition: &str, name: &str, body: &str) -> PortResult<()> {
    loop {
        let known = home.reader()?.facts(&[partition.to_owned()])?.remove(0);
        let prefix = format!("{name}#");
        let number = known.iter().filter(|fact| fact.sort.starts_with(&prefix)).count() + 1;
        let fact = Fact {
            partition: partition.to_owned(),
            sort: format!("{prefix}{number:06}"),
            body: body.to_owned(),
            source: Source { file: "quadra".to_owned(), line: 0 },
        };
        let put = home.writer()?.put_alone(Unit { facts: vec![fact], asks: Vec::new() })?;
        if !matches!(put, Put::Conflict(_)) {
            return Ok(());
        }
    }
}

/// The last wrong message of each position.
pub(super) fn wrong(
    reader: &mut impl ReadFacts,
    organization: &OrganizationCode,
) -> PortResult<HashMap<String, Wrong>> {
    let mut wrong = HashMap::new();
    reader.scan_facts(&key::wrong_messages(organization), &mut |fact| {
        let record: WrongRecord = record::read(&fact.body)?;
        let damaged = || PortError::Final("the ledger holds a damaged correction".into());
        let kind = Kind::from_code(&record.kind).ok_or_else(damaged)?;
        let one = Wrong {
            kind,
            of_kind: record.occurrence,
            correction: record.correction,
            notice_cancelled: record.notice_cancelled,
        };
        wrong.insert(record.position_id, one);
        Ok(())
    })?;
    Ok(wrong)
}

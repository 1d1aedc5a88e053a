//! Inputs and what became of them, and the configuration.
#![allow(
    clippy::disallowed_types,
    reason = "what serde derives for a flattened field names floats"
)]

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputOutcome {
    /// Everything in it was taken in.
    Accepted,
    /// Its good lines, or its good entries, were taken in; the bad ones were kept aside (positions
    /// and containers).
    Partial,
    /// Everything in it was known already.
    Duplicate,
    /// Nothing of it was taken in.
    Refused,
}

/// An input that stands alone: a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// What it is.
    #[serde(flatten)]
    pub entry: EntryRecord,
    /// For a container: its entries, each an input of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<EntryRecord>,
}

/// An input: a file or an entry of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRecord {
    /// Its name, `receipts.zip!000/1.xml`.
    pub file: String,
    /// Hash of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its kind, a word of [`crate::intake`].
    pub kind: String,
    /// What became of it.
    pub outcome: InputOutcome,
    /// Whether it came signed; no signature is verified.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// How many records were read.
    pub records: u64,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defects: Vec<DefectRecord>,
    /// How many more defects it has than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_defects: u64,
    /// For positions: the numbers of the lines that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bad_lines: Vec<u64>,
    /// The flow revision that it carries, as `partition` and `sort` of its fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<(String, String)>,
    /// Of a receipt that brings nothing to us, since it pays other bodies alone: which of us it
    /// came to, and the day of payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pays_others: Option<(String, Option<Date>)>,
    /// Of a flow that was refused: its identifier, the code of its provider and its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_flow: Option<(String, String, Option<String>)>,
}

impl EntryRecord {
    /// Whether it was refused, or some of it was.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.outcome, InputOutcome::Refused | InputOutcome::Partial)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One defect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefectRecord {
    /// Line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// Column, from 1; 0 for the line as a whole.
    pub column: u64,
    /// Element or field.
    pub field: String,
    /// Rule, a word of `formats::Rule`.
    pub rule: String,
    /// What was expected.
    pub message: String,
}

/// What stands beside an input that is kept aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RefusalRecord<'a> {
    /// The name that it came under.
    pub name: &'a str,
    /// Why it was refused.
    pub reasons: &'a [DefectRecord],
}

/// One state of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationRecord {
    /// The file, as it was given.
    pub toml: String,
    /// Whether nobody gave it: it was worked out from the files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
}

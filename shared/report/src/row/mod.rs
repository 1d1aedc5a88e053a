//! The rows of the report: one struct for each kind, the same for every form that it is written in.
//!
//! A row borrows what it can. Names, words and order of the fields are those of the JSON Lines
//! files: amounts are strings with two decimals, dates are ISO 8601, instants carry the offset of
//! Rome, what is absent is left out.

mod anomaly;
mod credit;
mod flow;
mod input;
mod intermediary;
mod payment;
mod position;
mod proposal;
mod psp;
mod summary;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::line::{Column, Line};
use crate::wire;

pub use anomaly::{
    AnomalyCode, AnomalyRow, AnomalyState, Competence, DecisionRow, Evidence, Message, Party,
};
pub use credit::{
    AllocatedLine, CreditRow, CreditState, Reading, ReadingKind, Regularisation, Reversal,
};
pub use flow::{FlowRow, FlowState};
pub use input::{DefectRow, DefectRule, InputKind, InputOutcome, InputRow};
pub use intermediary::{Intermediary, IntermediaryCoverage};
pub use payment::{Allocation, PaymentRow, PaymentState, ReceiptPresence};
pub use position::{PayableNotice, PositionRow, PositionState};
pub use proposal::{ProposalLine, ProposalReason, ProposalRow, ProposalState};
pub use psp::{Breach, Month, PspRow};

pub use summary::{
    ByState, Conservation, Coverage, Organization, PositionAmounts, PspTotals, Summary, Tally,
};

/// A text that a row borrows from a fact or that was made for it.
pub type Text<'a> = Cow<'a, str>;

/// What a kind of row is called, wherever it is written.
pub(crate) struct Kind {
    /// Name of its files, without extension.
    pub stem: &'static str,
    /// Its sheet in the workbook.
    pub sheet: &'static str,
    /// What the sheet holds, in the line above its header.
    pub note: &'static str,
    /// The columns that people see.
    pub columns: &'static [Column],
}

/// A row of the report.
pub(crate) trait Row: Serialize {
    /// Its kind.
    const KIND: Kind;

    /// Writes what rows of this kind are sorted by.
    fn key(&self, key: &mut Key);

    /// Fills the cells that people see, one for each column.
    fn cells(&self, line: &mut Line);

    /// Whether the workbook shows it, or only what needs a person. With 86,000 payments and 60,000
    /// positions the whole took three times as long, and 15 MB instead of 1.
    fn on_sheet(&self) -> bool {
        true
    }
}

/// A sort key made of several fields: comparing two keys compares the fields one by one.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(String);

impl Key {
    /// Adds a field that sorts by its text. Identifiers have no control characters, so that the
    /// mark behind the field sorts before everything that could be in a longer one.
    pub fn text(&mut self, field: &str) -> &mut Self {
        self.0.push_str(field);
        self.0.push('\0');
        self
    }

    /// Adds a field that sorts as a number.
    pub fn number(&mut self, field: u64) -> &mut Self {
        for unit in field.to_be_bytes() {
            // One character for each byte, in the same order.
            self.0.push(char::from(unit));
        }
        self
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Something that may explain a credit or a payment. A person chooses; nothing is matched alone.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate<'a> {
    /// What it is: `flow:PSP:IUF`, `payment:IUV/IUR/index`, `position:ID`.
    pub subject: Text<'a>,
    /// How likely, from 0 to 100.
    pub score: u32,
    /// Why, in plain Italian.
    pub reasons: Vec<Text<'a>>,
}

/// Which payment: IUV, IUR and index, written `IUV/IUR/index`.
#[derive(Debug, Clone)]
pub struct PaymentKey<'a> {
    /// Identificativo univoco di versamento.
    pub iuv: Text<'a>,
    /// Identificativo univoco di riscossione.
    pub iur: Text<'a>,
    /// Index of the transfer, 1 to 5.
    pub index: u8,
}

impl fmt::Display for PaymentKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.iuv, self.iur, self.index)
    }
}

/// A candidate as people read it: `flow:PSP:IUF (80)`.
struct Likely<'a>(&'a Candidate<'a>);

impl fmt::Display for Likely<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.subject, self.0.score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fill: impl Fn(&mut Key)) -> Key {
        let mut key = Key::default();
        fill(&mut key);
        key
    }

    #[test]
    fn keys_sort_field_by_field_and_numbers_as_numbers() {
        let ordered = [
            key(|k| _ = k.text("A").number(9)),
            key(|k| _ = k.text("A").number(127)),
            key(|k| _ = k.text("A").number(128)),
            key(|k| _ = k.text("A").number(1_000)),
            key(|k| _ = k.text("A").number(u64::MAX)),
            key(|k| _ = k.text("A B").number(1)),
            key(|k| _ = k.text("AB").number(0)),
        ];
        assert!(ordered.is_sorted_by(|a, b| a < b));
    }
}

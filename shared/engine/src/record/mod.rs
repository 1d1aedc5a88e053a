//! How facts and outcomes are written in the ledger: JSON, one record for each.
//!
//! The domain knows no serialization; its values are written by their text and read back by
//! parsing, so that what is read is as checked as what was written. Debt positions are written in
//! their own format (`formats::position`).

mod credit;
mod decision;
mod flow;
mod input;
mod journal;
mod payment;
mod text;

pub use credit::{CreditOutcome, MovementRecord, ReadingRecord, StandingRecord};
pub use decision::{CHOSEN, ChosenRecord, DECISION, DecisionRecord, decisions};
pub use flow::{ChunkRecord, FlowOutcome, FlowStandingRecord, LineRecord, RevisionRecord};
pub use input::{
    ConfigurationRecord, DefectRecord, EntryRecord, InputOutcome, InputRecord, RefusalRecord,
};
pub use journal::JournalPageRecord;
pub use payment::{PaymentRecord, PaymentsOutcome, ReceiptRecord};

use crate::port::{PortError, PortResult};

/// Where a position's alias points.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AliasRecord {
    /// The position that owns the IUV.
    pub position_id: String,
}

/// Writes a record.
pub fn write<T: serde::Serialize>(record: &T) -> String {
    serde_json::to_string(record).expect("a record has only text keys")
}

/// Reads a record of the ledger.
///
/// # Errors
/// When the ledger holds something that this version did not write: never personal data.
pub fn read<'a, T: serde::Deserialize<'a>>(body: &'a str) -> PortResult<T> {
    serde_json::from_str(body).map_err(|error| {
        PortError::Final(format!(
            "the ledger holds a damaged record: {:?} at column {}",
            error.classify(),
            error.column()
        ))
    })
}

//! Facts: what other parties told us, as they told it. Never edited, never deleted.
//!
//! Field comments name the element that each value comes from. Text is what the file says, without
//! blanks around it.

mod flow;
mod journal;
mod position;
mod receipt;
mod source;

pub use flow::{FlowLine, FlowRevision, LineOutcome};
pub use journal::{
    AccountTotals, JournalId, JournalPage, JournalTotals, Movement, MovementDocument, Operation,
    YearTotals,
};
pub use position::{
    Appeal, Debtor, DebtorKind, DriverData, Fine, Flags, Item, ItemPart, NotSoFar, Notice, Points,
    PositionStatus, PositionVersion, Tier,
};
pub use receipt::{PaidAt, Party, Receipt, ReceiptKind, Transfer};
pub use source::{Source, Sourced};

//! The report: JSON Lines and a summary for programs; CSV, a workbook and a page for people.
//!
//! Rows are pushed in the order of their keys and leave at once: memory holds tallies and bounded
//! lists, whatever the number of rows. The same rows give the same bytes.
//!
//! **Architecture Invariant:** no rule of the reconciliation is here, no clock is asked, and no
//! file is opened but the nameless temporary ones of the workbook: files leave through [`Files`].

mod batch;
mod book;
mod bounded;
mod classification;
mod files;
mod front;
mod harmless;
mod italian;
mod line;
mod overview;
mod page;
pub mod row;
mod table;
mod text_table;
mod wire;
mod words;
mod writer;

pub use batch::{BatchRow, batch_book, batch_table};
pub use classification::Classifications;
pub use files::{Files, Nowhere};
pub use italian::{Comma, Euro};
pub use text_table::TextTable;
pub use words::Word;
pub use writer::{Closing, ReportError, ReportWriter};

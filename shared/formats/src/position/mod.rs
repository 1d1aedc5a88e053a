//! Debt positions, as the offices' systems export them: JSON Lines or CSV, judged line by line.
//!
//! # What is accepted
//!
//! - One JSON object a line, of at most [`LINE_BYTES_MAX`] bytes; blank lines are passed over.
//! - Types are strict: an amount is a string with at most two decimals, a number in its place is a
//!   defect; a year is a number, a string in its place is a defect. Fields that are not known are
//!   passed over; a known field that is repeated is a defect.
//! - Absent is «not known». `null` is the same, but for the dates that may not have come so far
//!   ([`NotSoFar`](domain::fact::NotSoFar)), where it is «not so far». A text of blanks is absent.
//! - `position_id`, `version`, `organization`, `debt_type`, `year`, `status` and `notices` (which
//!   may be empty) must be there; in a debtor its `kind`; in a notice `tier`, `amount` and a
//!   `notice_number` or an `iuv` (both must agree); in an item its `amount`; in a fine its
//!   `report_number`. `flags` beside a `fine`, which has its own, are a defect: the one that is not
//!   looked at could be the one that says «deceased».
//! - A fiscal code needs the form of one; whether its check character is right is not judged here,
//!   nor are the check digits of a notice. Who has no Italian fiscal code leaves the field out.
//! - Amounts are not negative.
//!
//! # CSV
//!
//! The same fields, one column each, under a header with their names: groups with a dot
//! (`debtor.fiscal_code`, `fine.points.transmitted_on`), lists with a number from 1
//! (`notices.1.iuv`, `items.2.amount`), at most [`CSV_LIST_MAX`]. The separator is `;` or `,`,
//! whichever the header has more of. An empty cell is an absent field, the word `null` is `null`.
//! Amounts may have a decimal comma. Booleans are `true` and `false`. A group or list element with
//! all its cells empty is not there. A record that is not UTF-8 is read as windows-1252.

mod check;
mod csv;
mod draft;
mod json;

pub use csv::{CSV_LIST_MAX, read_csv};
pub use json::{from_json, read_json_lines, to_json};

use domain::fact::PositionVersion;

use crate::{Defects, Located, Place};

/// The most notices of a position: all of it is stored at once, each notice as a fact of its own.
pub const NOTICES_MAX: usize = 90;
/// The longest line (or CSV record) that is read.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
/// The longest code, such as `position_id`, `debt_type` or `report_number`.
pub const CODE_CHARS_MAX: usize = 70;
/// The longest text, such as a name.
pub const TEXT_CHARS_MAX: usize = 500;

/// One line of a file of positions.
#[derive(Debug)]
pub enum PositionLine<'l> {
    /// A position.
    Good(Located<PositionVersion>),
    /// A line that cannot come in.
    Bad {
        /// Where it begins.
        at: Place,
        /// The line as it is, without its line end, to be mended and sent again; the first
        /// [`LINE_BYTES_MAX`] bytes of a longer one.
        raw: &'l [u8],
        /// All that is wrong with it.
        defects: Defects,
    },
}

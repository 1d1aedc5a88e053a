//! Where in its file a record or a defect stands.

use std::fmt;

/// A place in a text, both numbers from 1. The column counts bytes of the UTF-8 form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line, from 1; 0 when the defect is of the file as a whole.
    pub line: u64,
    /// Column, from 1; 0 when it is of the line as a whole.
    pub column: u64,
}

impl Place {
    /// The file as a whole.
    pub const WHOLE_FILE: Self = Self { line: 0, column: 0 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A record and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// Where the record begins.
    pub at: Place,
    /// The record.
    pub record: T,
}

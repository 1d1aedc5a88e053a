//! Where a fact was read.

use std::fmt;

/// Input and line, ordered by name and then by number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Source {
    /// Name of the input, `receipts.zip!000/1.xml`.
    pub file: String,
    /// Line, from 1; 0 for the input as a whole.
    pub line: u64,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A fact and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The fact.
    pub fact: T,
    /// Where it was read.
    pub source: Source,
}

//! What was sent before, as the guards read it.

use jiff::civil::Date;

use super::Kind;

/// A message of a position that was tried before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What kind of message.
    pub kind: Kind,
    /// Which one of its kind.
    pub occurrence: Box<str>,
    /// Whether it is done with: sent, refused, for other channels, or nobody knows.
    pub over: bool,
    /// Whether the citizen has it, or may have it.
    pub may_have_arrived: bool,
    /// Whether it was accepted for certain.
    pub accepted: bool,
    /// The day in Rome: of the acceptance, else of the last try.
    pub on: Date,
}

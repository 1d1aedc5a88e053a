//! What was sent before, as the ledger of sending tells it.

use jiff::Timestamp;

use super::Kind;

/// A message that was planned or sent for a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What kind of message.
    pub kind: Kind,
    /// Which one of its kind: see [`super::Kind`]'s occurrences.
    pub occurrence: Box<str>,
    /// What became of it.
    pub state: SentState,
    /// When that was last told.
    pub at: Timestamp,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SentState {
    /// It was planned; nothing left.
    Planned,
    /// It is being sent, or the sender died while it was.
    Sending,
    /// It was accepted.
    Sent,
    /// The recipient does not receive messages of this service.
    NotReachable,
    /// It was refused as malformed.
    Refused,
    /// Nothing left; it is to be tried again.
    Retry,
    /// Nobody knows whether it left.
    Unknown,
}

impl SentState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Planned,
        Self::Sending,
        Self::Sent,
        Self::NotReachable,
        Self::Refused,
        Self::Retry,
        Self::Unknown,
    ];

    /// The word for it in the ledger and in files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::NotReachable => "not_reachable",
            Self::Refused => "refused",
            Self::Retry => "retry",
            Self::Unknown => "unknown",
        }
    }

    /// The state written `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the citizen has it, or may have it.
    #[must_use]
    pub const fn may_have_arrived(self) -> bool {
        matches!(self, Self::Sending | Self::Sent | Self::Unknown)
    }

    /// Whether this message is done with: it is not planned again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Planned | Self::Retry)
    }
}

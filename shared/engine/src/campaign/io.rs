//! Ports of the sending: IO, the clock, the switch.

use domain::identifier::FiscalCode;
use jiff::{SignedDuration, Timestamp};

use super::intent::Unreachable;
use super::message::Message;
use crate::port::PortResult;

/// The app IO, as a sender sees it. One call is one request: nothing is tried twice in here.
pub trait Io: Sync {
    /// Whether the key of this service is known: without it nothing can be sent.
    fn serves(&self, service: &str) -> bool;

    /// Whether this citizen may be written to (POST /profiles).
    ///
    /// # Errors
    /// See [`IoError`].
    fn profile(&self, service: &str, recipient: &FiscalCode) -> Result<Profile, IoError>;

    /// Sends a message (POST /messages); IO's name of it.
    ///
    /// # Errors
    /// See [`IoError`].
    fn send(
        &self,
        service: &str,
        recipient: &FiscalCode,
        message: &Message,
    ) -> Result<String, IoError>;

    /// What became of a message (GET /messages).
    ///
    /// # Errors
    /// See [`IoError`].
    fn status(&self, service: &str, recipient: &FiscalCode, id: &str) -> Result<Status, IoError>;
}

/// Whether a citizen may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// 200 with `sender_allowed`.
    Allowed,
    /// 200 without it, or 404.
    Unreachable(Unreachable),
}

/// `status` of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `ACCEPTED`.
    Accepted,
    /// `THROTTLED`.
    Throttled,
    /// `PROCESSED`.
    Processed,
    /// `FAILED`.
    Failed,
    /// `REJECTED`.
    Rejected,
}

/// Why a call of IO came to nothing. Nothing personal is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IoError {
    /// It breaks a rule of IO, so that the call was not made.
    #[error("the message breaks a rule of IO: {0}")]
    Invalid(&'static str),
    /// 400, or another status that says that the request is wrong.
    #[error("IO refused the request: {status} {reason}")]
    Refused {
        /// The status.
        status: u16,
        /// The title of the answer, and the path of the field that is wrong.
        reason: String,
    },
    /// 401, 403: about the service, never about the citizen. Every other call would fail too.
    #[error("IO does not let this service in: {status} {reason}")]
    Forbidden {
        /// The status.
        status: u16,
        /// The title of the answer.
        reason: String,
    },
    /// 404 on a message that was sent.
    #[error("IO does not know the message")]
    Missing,
    /// 429: nothing was done.
    #[error("IO asks to wait {0:#}")]
    Throttled(SignedDuration),
    /// 500 with a problem of the function itself: nothing was done.
    #[error("IO failed")]
    Failed,
    /// No connection: no byte left.
    #[error("IO cannot be reached")]
    Unreached,
    /// It may have been done.
    #[error("nobody knows whether IO did it: {0}")]
    Ambiguous(&'static str),
}

/// The only clock of a run.
pub trait Clock: Sync {
    /// The moment it is.
    fn now(&self) -> Timestamp;

    /// Waits; not at all if `time` is not positive.
    fn wait(&self, time: SignedDuration);
}

/// The switch that stops all sending.
pub trait Switch: Sync {
    /// Whether somebody has thrown it. Asked before each message.
    ///
    /// # Errors
    /// When it cannot be seen: then nothing is sent.
    fn is_stopped(&self) -> PortResult<bool>;
}

//! Messages to citizens: which message a position calls for on a day, and everything that speaks
//! against it.
//!
//! Dates and sums come from the office's data: they are checked here, and no sanction is computed.
//! What is not known is never assumed.

mod kind;
mod reason;
mod sent;

pub use kind::Kind;
pub use reason::{Decision, Reason};
pub use sent::Sent;

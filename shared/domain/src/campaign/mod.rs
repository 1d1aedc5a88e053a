//! Messages to citizens: which message a position calls for on a day, and everything that speaks
//! against it.
//!
//! Dates and sums come from the office's data: they are checked here, and no sanction is computed.
//! What is not known is never assumed.

mod birth;
mod guard;
mod judge;
mod kind;
mod reason;
mod sent;
mod sums;
mod terms;
mod window;

pub use birth::birth_date;
pub use judge::{Account, Approval, Case, Judgement, ONCE, PaidPart, Setting, judge};
pub use kind::Kind;
pub use reason::{Decision, Reason};
pub use sent::Sent;
pub use terms::Terms;
pub use window::Window;

//! Messages to citizens: what the three functions are called with, and what they tell.

mod order;
mod plan;
mod send;
mod track;
mod word;

use std::time::{Duration, Instant};

use engine::campaign::io::Clock;
use jiff::{SignedDuration, Timestamp};

pub use order::{Order, Plan, Word};
pub use send::{Sending, Wanted};
pub use track::track;

/// The moment, by `clock`, at which no call of IO is begun any more, so that the last one has its
/// answer before the function's own time is up.
fn end(clock: &dyn Clock, deadline: Instant) -> Timestamp {
    let left = deadline.saturating_duration_since(Instant::now());
    let left = left.saturating_sub(appio::CALL_MAX).min(Duration::from_hours(1));
    clock.now() + SignedDuration::try_from(left).unwrap_or(SignedDuration::ZERO)
}

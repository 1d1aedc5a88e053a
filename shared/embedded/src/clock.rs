//! The clock of the machine.

use engine::port::Clock;

/// The clock of the machine: what `--as-of` replaces.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

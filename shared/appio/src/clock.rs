//! The clock that IO is called by.

use std::thread;
use std::time::{Duration, Instant};

use engine::campaign::io::Clock;
use jiff::{SignedDuration, Timestamp};

/// A clock that shows a given moment when it is made, and goes on from there.
#[derive(Debug)]
pub struct RunningClock {
    from: Timestamp,
    made: Instant,
}

impl RunningClock {
    /// A clock that shows `moment` now.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self { from: moment, made: Instant::now() }
    }
}

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        let gone = SignedDuration::try_from(self.made.elapsed()).unwrap_or(SignedDuration::MAX);
        self.from.checked_add(gone).unwrap_or(Timestamp::MAX)
    }

    fn wait(&self, time: SignedDuration) {
        thread::sleep(Duration::try_from(time).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_on_from_the_moment_it_is_set_to() {
        let moment: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let clock = RunningClock::at(moment);
        clock.wait(SignedDuration::from_millis(2));
        assert!(clock.now() >= moment + SignedDuration::from_millis(2));
    }
}

//! The clock and the switch of one machine.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use engine::campaign::io::{Clock, Switch};
use engine::port::{PortError, PortResult};
use jiff::{SignedDuration, Timestamp};

/// A clock that shows a given moment when it is made, and goes on from there.
#[derive(Debug)]
pub struct RunningClock {
    from: Timestamp,
    made: Instant,
}

/// The file `STOP` in the `--data` folder: while it is there, nothing is sent.
#[derive(Debug)]
pub struct StopFile {
    path: PathBuf,
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

impl StopFile {
    /// The switch of this `--data` folder.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { path: data.join("STOP") }
    }
}

impl Switch for StopFile {
    fn is_stopped(&self) -> PortResult<bool> {
        self.path
            .try_exists()
            .map_err(|error| PortError::Final(format!("the switch cannot be seen: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_a_file_that_anybody_can_make() {
        let data = tempfile::tempdir().unwrap();
        let switch = StopFile::of(data.path());
        assert!(!switch.is_stopped().unwrap());
        std::fs::write(data.path().join("STOP"), "").unwrap();
        assert!(switch.is_stopped().unwrap());
    }

    #[test]
    fn a_clock_goes_on_from_the_moment_it_is_set_to() {
        let moment: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let clock = RunningClock::at(moment);
        clock.wait(SignedDuration::from_millis(2));
        assert!(clock.now() >= moment + SignedDuration::from_millis(2));
    }
}

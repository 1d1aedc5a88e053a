//! The switch of one machine.

use std::path::{Path, PathBuf};

use engine::campaign::io::Switch;
use engine::port::{PortError, PortResult};

/// The file `STOP` in the `--data` folder: while it is there, nothing is sent.
#[derive(Debug)]
pub struct StopFile {
    path: PathBuf,
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
}

//! Folders whose files are whole or not there, whoever is killed when.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that one process at a time writes into.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The system takes the lock back when the process ends, however it does.
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be, waits for whoever writes into it, and removes what an
    /// interrupted one left.
    pub(crate) fn enter(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let lock = File::create(path.join(".lock"))?;
        lock.lock()?;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with(UNFINISHED) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path.join(name).exists()
    }

    /// A new file that does not show under its name before [`Folder::show`].
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        File::create_new(self.unfinished(name))
    }

    /// Shows the file under its name, in place of the one before. It must be synced.
    pub(crate) fn show(&self, name: &str) -> io::Result<()> {
        fs::rename(self.unfinished(name), self.path.join(name))
    }

    pub(crate) fn remove_unfinished(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.unfinished(name))
    }

    /// Makes the names that were shown durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        // Elsewhere a folder cannot be opened as a file, and names are made durable by the rename.
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    fn unfinished(&self, name: &str) -> PathBuf {
        self.path.join(format!(".{name}{UNFINISHED}"))
    }
}

/// The end of the names of files that do not show yet.
const UNFINISHED: &str = ".unfinished";

//! The file of the keys that personal data is sealed with.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use engine::seal::Keyring;
use tempfile::NamedTempFile;

/// A file that only its owner may read. Beside the ledger or elsewhere; backed up apart from it.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

/// Why the keys are not there.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the keys in {path} cannot be read or written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a file of keys that this program wrote")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl KeyFile {
    /// The file at `path`, whether it is there or not.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The keys, if the file is there.
    ///
    /// # Errors
    /// When it cannot be read, or holds something else.
    pub fn load(&self) -> Result<Option<Keyring>, KeyFileError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => match Keyring::from_json(&text) {
                Ok(ring) => Ok(Some(ring)),
                Err(_) => Err(KeyFileError::Damaged { path: self.path.clone() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Makes new keys, from the randomness of the system; where another process was faster, its.
    ///
    /// # Errors
    /// When there is no randomness, or the file cannot be written.
    pub fn make(&self) -> Result<Keyring, KeyFileError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| self.failed(io::Error::other(error)))?;
        let ring = Keyring::new(&seed);
        let written = self.write(&ring).and_then(|file| match file.persist_noclobber(&self.path) {
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error),
            Ok(_) => Ok(true),
        });
        if written.map_err(|error| self.failed(error))? {
            self.sync()?;
            return Ok(ring);
        }
        self.load()?.ok_or_else(|| self.failed(io::ErrorKind::NotFound.into()))
    }

    /// Puts these keys in the place of those that are there, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written: then those that were there stay.
    pub fn replace(&self, ring: &Keyring) -> Result<(), KeyFileError> {
        let written =
            self.write(ring).and_then(|file| file.persist(&self.path).map_err(|error| error.error));
        written.map_err(|error| self.failed(error))?;
        self.sync()
    }

    /// A file beside it, readable for its owner alone, that is gone if it is not persisted.
    fn write(&self, ring: &Keyring) -> io::Result<NamedTempFile> {
        let mut file = NamedTempFile::new_in(self.folder())?;
        file.write_all(ring.to_json().as_bytes())?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    fn folder(&self) -> &Path {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    fn sync(&self) -> Result<(), KeyFileError> {
        // Elsewhere a folder cannot be opened as a file.
        if cfg!(unix) {
            let folder = fs::File::open(self.folder());
            folder.and_then(|folder| folder.sync_all()).map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    fn failed(&self, source: io::Error) -> KeyFileError {
        KeyFileError::File { path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn keys_are_made_once_kept_for_the_owner_alone_and_replaced() {
        let folder = TempDir::new().unwrap();
        let file = KeyFile::new(folder.path().join("quadra.key"));
        assert_eq!(file.load().unwrap(), None);
        let made = file.make().unwrap();
        assert_eq!(file.make().unwrap(), made);
        assert_eq!(file.load().unwrap(), Some(made.clone()));
        let fewer = made.without(&BTreeSet::from([2019]), &BTreeSet::new());
        file.replace(&fewer).unwrap();
        assert_eq!(file.load().unwrap(), Some(fewer));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let permissions = fs::metadata(file.path()).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn two_ledgers_have_other_keys() {
        let folder = TempDir::new().unwrap();
        let make = |name| KeyFile::new(folder.path().join(name)).make().unwrap();
        assert_ne!(make("a"), make("b"));
    }

    #[test]
    fn what_is_no_key_file_is_refused_and_stays() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("quadra.key");
        fs::write(&path, "{}").unwrap();
        let file = KeyFile::new(path.clone());
        assert!(matches!(file.load(), Err(KeyFileError::Damaged { .. })));
        assert!(matches!(file.make(), Err(KeyFileError::Damaged { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"{}");
        let nowhere = KeyFile::new(folder.path().join("no/quadra.key"));
        assert!(matches!(nowhere.make(), Err(KeyFileError::File { .. })));
    }
}

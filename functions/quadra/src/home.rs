//! The ledger of one machine, with the keys of the personal data in it.

use std::path::{Path, PathBuf};

use embedded::KeyFile;
use engine::seal::{self, Sealed};

use crate::command::CommandError;

/// The store in a `--data` folder, whose personal data is sealed.
pub type Store = Sealed<embedded::Store>;

/// Names the file of the keys, where it is not in the `--data` folder.
const KEY_FILE: &str = "QUADRA_KEY_FILE";

/// Opens the ledger in the folder `data`; makes it, and its keys, if it is not there.
///
/// # Errors
/// When it cannot be opened, or the keys are not those that it was sealed with.
pub fn open(data: &Path) -> Result<Store, CommandError> {
    let store = embedded::Store::open(data)?;
    let file = key_file(data);
    let ring = match file.load()? {
        Some(ring) => ring,
        // New keys would open nothing of it.
        None if seal::fingerprint(&store)?.is_some() => {
            return Err(CommandError::NoKeys(file.path().to_owned()));
        }
        None => file.make()?,
    };
    Sealed::new(store, ring).map_err(|error| CommandError::Seal(file.path().to_owned(), error))
}

/// The file of the keys of the ledger in the folder `data`.
pub fn key_file(data: &Path) -> KeyFile {
    let named = std::env::var_os(KEY_FILE).filter(|path| !path.is_empty());
    KeyFile::new(named.map_or_else(|| data.join("quadra.key"), PathBuf::from))
}

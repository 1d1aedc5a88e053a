//! One machine: the ports of the engine over a SQLite file and folders.
//!
//! Everything is under the `--data` folder: `quadra.sqlite`, which any SQLite tool opens (views
//! `facts`, `outcomes`, `journal`), and `quarantine/` with the refused inputs. Any number of
//! processes may share it; each may be killed at any moment. A [`KeyFile`] has the keys of what is
//! sealed in it.
//!
//! **Architecture Invariant:** no rule of the reconciliation is here: bodies are not looked into.

mod folder;
mod key_file;
mod out_folder;
mod quarantine;
mod reader;
mod sending;
mod store;
mod writer;

pub use key_file::{KeyFile, KeyFileError};
pub use out_folder::{OutFile, OutFolder};
pub use quarantine::QuarantineFolder;
pub use reader::Reader;
pub use sending::StopFile;
pub use store::{Store, StoreError};
pub use writer::Writer;

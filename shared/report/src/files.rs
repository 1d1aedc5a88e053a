//! The port through which a report leaves: a folder, an object store, the memory of a test.

use std::io;

/// A place where files are made, and shown only when all of them are whole.
pub trait Files {
    /// A file being written. Until it is published nobody sees it; dropped, it leaves no trace.
    type File: io::Write + Send;

    /// Begins the file `name` (no folder in it, such as `payments.csv`).
    ///
    /// # Errors
    /// When the place cannot take another file.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// Makes the files visible under their names, in place of older ones. Every byte of them has
    /// been written and flushed.
    ///
    /// # Errors
    /// When a file cannot be shown.
    fn publish(&self, files: Vec<Self::File>) -> io::Result<()>;
}

/// A place where nothing is kept: for who wants the checks of a report and not its files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nowhere;

impl Files for Nowhere {
    type File = io::Sink;

    fn create(&self, _name: &str) -> io::Result<io::Sink> {
        Ok(io::sink())
    }

    fn publish(&self, _files: Vec<io::Sink>) -> io::Result<()> {
        Ok(())
    }
}

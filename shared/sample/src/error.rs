//! Why a sample could not be written.

use std::path::{Path, PathBuf};

/// Why a sample could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// Fewer than 1 or more than [`crate::MAX_NOTICES`] notices were asked for.
    #[error("the number of notices must be from 1 to 1000000, not {0}")]
    Notices(u32),
    /// The folder has something in it: old files would mix with the new ones.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file or a folder could not be written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Names the file of an input or output error.
pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> SampleError + '_ {
    move |source| SampleError::Io { path: path.to_owned(), source }
}

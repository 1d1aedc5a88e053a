//! What must stay true of the house itself: which room may name which, and what is absent from
//! each. What clippy and rustfmt can see is left to them.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod dependencies;
mod sources;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

//! What the digest of a day tells: its log.

use engine::digest::Digest;
use tracing::{error, info};

/// Tells that the digest of a day was kept, if one was; and whether the journal is what it was.
pub fn closed(digest: Option<&Digest>) {
    let Some(digest) = digest else { return };
    let (day, organizations) = (digest.day, digest.organizations.len());
    info!(%day, organizations, "the digest of the journal is kept");
    let previous = digest.previous.as_ref();
    if let Some(previous) = previous.filter(|previous| !previous.holds) {
        // An alarm reads this line.
        let journal_changed = 1;
        error!(journal_changed, day = %previous.day, "the journal is not what its digest says");
    }
}

//! What files come wrapped in: zip, gzip, p7m.
//!
//! A container is refused whole: for an unsafe name, encryption, a compression that is not deflate,
//! a name twice, no entry at all, a limit passed, data after its end, damage anywhere. What can be
//! known without unpacking is told when it is opened; the rest is met while its entries are read,
//! and then everything that came out of it must be dropped.
//!
//! # Limits
//!
//! One [`Allowance`] goes with one file and is shared by everything that is unpacked from it, at
//! any depth and by any thread, so that nesting multiplies nothing. Declared sizes are taken off at
//! once; no more bytes than declared are ever handed over.
//!
//! A zip inside a container has to be spooled, for its directory stands at its end: see
//! [`spooled`], or use any reader that can seek.

mod ahead;
mod ber;
pub mod gzip;
mod mime;
pub mod p7m;
pub mod zip;

use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::SpooledTempFile;

use crate::failure::{carrying, whole_file};
use crate::{Defects, Place, Rule, read_failure};

pub use ahead::Ahead;

/// What a file may be, and may unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it comes.
    pub file_bytes_max: u64,
    /// Entries of all its containers.
    pub entries_max: u64,
    /// Bytes that all its containers unpack to.
    pub unpacked_bytes_max: u64,
    /// How many bytes each byte of the file may unpack to …
    pub ratio_max: u64,
    /// … once more bytes than this are unpacked.
    pub ratio_from_bytes: u64,
}

impl Limits {
    /// The limits of the product.
    pub const STANDARD: Self = Self {
        file_bytes_max: 2 * GIB,
        entries_max: 200_000,
        unpacked_bytes_max: 4 * GIB,
        ratio_max: 200,
        ratio_from_bytes: 10 * MIB,
    };
}

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// Zips and gzips inside one another: one inside one.
pub const PACKED_DEPTH_MAX: u8 = 2;
/// Signatures around one another: a file that was countersigned is `.p7m.p7m`.
pub const SIGNED_DEPTH_MAX: u8 = 3;
/// The largest nested container that [`spooled`] takes.
pub const SPOOLED_BYTES_MAX: u64 = 256 * MIB;

/// What a file may still unpack to.
#[derive(Debug, Clone)]
pub struct Allowance {
    limits: Limits,
    file_bytes: u64,
    used: Arc<Used>,
    packed_depth: u8,
    signed_depth: u8,
}

#[derive(Debug, Default)]
struct Used {
    entries: AtomicU64,
    bytes: AtomicU64,
}

impl Allowance {
    /// The allowance of a file of `file_bytes`.
    ///
    /// # Errors
    /// [`Rule::Limit`] when the file itself is too large.
    pub fn of_file(file_bytes: u64, limits: Limits) -> Result<Self, Defects> {
        if file_bytes > limits.file_bytes_max {
            return Err(limit(format!("a file must have at most {} bytes", limits.file_bytes_max)));
        }
        let used = Arc::default();
        Ok(Self { limits, file_bytes, used, packed_depth: 0, signed_depth: 0 })
    }

    /// The allowance inside of a zip or gzip that stands here.
    fn inside_packed(&self) -> Result<Self, Defects> {
        if self.packed_depth == PACKED_DEPTH_MAX {
            return Err(limit("containers must be nested only once"));
        }
        Ok(Self { packed_depth: self.packed_depth + 1, ..self.clone() })
    }

    /// The allowance inside of a p7m that stands here.
    fn inside_signed(&self) -> Result<Self, Defects> {
        if self.signed_depth == SIGNED_DEPTH_MAX {
            return Err(limit("a file must be signed at most three times over"));
        }
        Ok(Self { signed_depth: self.signed_depth + 1, ..self.clone() })
    }

    fn take_entries(&self, entries: u64) -> Result<(), Defects> {
        let all = add(&self.used.entries, entries);
        if all > self.limits.entries_max {
            let max = self.limits.entries_max;
            return Err(limit(format!("a container must have at most {max} entries")));
        }
        Ok(())
    }

    fn take_bytes(&self, bytes: u64) -> Result<(), Defects> {
        let all = add(&self.used.bytes, bytes);
        if all > self.limits.unpacked_bytes_max {
            let max = self.limits.unpacked_bytes_max;
            return Err(limit(format!("a container must unpack to at most {max} bytes")));
        }
        let ratio_max = self.limits.ratio_max;
        if all > self.limits.ratio_from_bytes && all > self.file_bytes.saturating_mul(ratio_max) {
            return Err(limit(format!(
                "a container must unpack to at most {ratio_max} times its size"
            )));
        }
        Ok(())
    }
}

/// Adds without wrapping; the sum.
fn add(sum: &AtomicU64, more: u64) -> u64 {
    let before = sum
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| Some(sum.saturating_add(more)))
        .unwrap_or_else(|sum| sum);
    before.saturating_add(more)
}

/// Of a nested container as much is in memory; the rest is in a file without a name.
const IN_MEMORY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A nested container, to be opened as a zip.
///
/// # Errors
/// [`Rule::Limit`] over [`SPOOLED_BYTES_MAX`]; what [`read_failure`] says when it cannot be read.
pub fn spooled(nested: impl Read) -> Result<SpooledTempFile, Defects> {
    let failed = |error: io::Error| read_failure(&error, Place::WHOLE_FILE);
    let mut file = SpooledTempFile::new(IN_MEMORY_BYTES_MAX);
    let bytes = io::copy(&mut nested.take(SPOOLED_BYTES_MAX + 1), &mut file).map_err(failed)?;
    if bytes > SPOOLED_BYTES_MAX {
        return Err(limit("a nested container must have at most 256 MiB"));
    }
    file.rewind().map_err(failed)?;
    Ok(file)
}

fn limit(message: impl Into<std::borrow::Cow<'static, str>>) -> Defects {
    whole_file(Rule::Limit, message)
}

fn damaged(message: &'static str) -> Defects {
    whole_file(Rule::Container, message)
}

/// What a failed reading of a container says: what it carries, or that the container is damaged.
fn damage(error: &io::Error) -> io::Error {
    let carried = error.get_ref().and_then(|inner| inner.downcast_ref::<Defects>());
    carrying(carried.cloned().unwrap_or_else(|| damaged("the container is damaged or cut short")))
}

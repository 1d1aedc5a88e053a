//! gzip (RFC 1952), with any number of members.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::{Allowance, damage};
use crate::Defects;
use crate::failure::carrying;

/// What `input` unpacks to, and the allowance of what stands in it.
///
/// Damage, data after the end and limits are met while it is read: see [`crate::read_failure`].
///
/// # Errors
/// [`Rule::Limit`](crate::Rule::Limit) when it stands too deep.
pub fn unpacked<R: Read>(
    input: R,
    allowance: &Allowance,
) -> Result<(Unpacked<R>, Allowance), Defects> {
    let inside = allowance.inside_packed()?;
    inside.take_entries(1)?;
    Ok((Unpacked { decoder: MultiGzDecoder::new(input), allowance: inside.clone() }, inside))
}

/// A reader of what a gzip holds.
pub struct Unpacked<R> {
    decoder: MultiGzDecoder<R>,
    allowance: Allowance,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer).map_err(|error| damage(&error))?;
        self.allowance.take_bytes(read as u64).map_err(carrying)?;
        Ok(read)
    }
}

//! Inputs as they come, and the hash of their bytes.

use std::io::{self, BufRead, BufReader, Read, Seek};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use formats::recognise::HEAD_BYTES;
use sha2::{Digest, Sha256};

use super::unreadable;
use crate::port::{Hash, PortResult};

/// An input that can be opened more than once: a file, an object.
pub trait Input: Sync {
    /// What reads it.
    type Reader: Read + Seek;

    /// Its name, as reports show it.
    fn name(&self) -> &str;

    /// Its bytes, from the first.
    ///
    /// # Errors
    /// When it cannot be opened.
    fn open(&self) -> io::Result<Self::Reader>;

    /// How many bytes it has.
    ///
    /// # Errors
    /// When that cannot be known.
    fn size(&self) -> io::Result<u64>;
}

/// The hash of each input, in hexadecimal, in the order of the inputs.
pub(super) fn hashes<I: Input>(inputs: &[I], threads: usize) -> PortResult<Vec<String>> {
    let next = AtomicUsize::new(0);
    let hashes = Mutex::new(vec![None; inputs.len()]);
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(place) else { return Ok(()) };
            let sha256 =
                input.open().and_then(hash_of).map_err(|error| unreadable(input.name(), &error))?;
            if let Ok(mut hashes) = hashes.lock() {
                hashes[place] = Some(sha256.to_string());
            }
        }
    };
    std::thread::scope(|scope| -> PortResult<()> {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().expect("a worker that hashes does not panic")?;
        }
        Ok(())
    })?;
    let hashes = hashes.into_inner().expect("a worker that hashes does not panic");
    Ok(hashes.into_iter().flatten().collect())
}

/// The hash of all that a reader gives.
///
/// # Errors
/// When it cannot be read to its end.
pub fn hash_of(content: impl Read) -> io::Result<Hash> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, content);
    let mut digest = Sha256::new();
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(sha256(digest));
        }
        digest.update(bytes);
        let read = bytes.len();
        file.consume(read);
    }
}

/// Bytes of a whole receipt, which most inputs are.
const HEAD_OF_MOST: usize = 8 * 1024;

/// The first bytes of an input, as many as it takes to recognise what it is.
pub(super) fn head(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_OF_MOST);
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// A reader that hashes what is read through it.
pub(super) struct Hashing<R> {
    input: R,
    digest: Sha256,
}

/// Bytes of a file read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

impl<R: Read> Hashing<R> {
    pub fn new(input: R) -> Self {
        Self { input, digest: Sha256::new() }
    }

    /// Reads what is left; the hash of everything, in hexadecimal.
    pub fn finish(&mut self) -> io::Result<String> {
        io::copy(self, &mut io::sink())?;
        Ok(sha256(std::mem::take(&mut self.digest)).to_string())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.digest.update(&buffer[..read]);
        Ok(read)
    }
}

/// What a digest comes to.
pub(super) fn sha256(digest: Sha256) -> Hash {
    Hash(digest.finalize().into())
}

//! The inbox: objects as inputs, read piece by piece.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, OnceLock};

use engine::intake::Input;
use engine::port::{PortError, PortResult};

use crate::objects::{Head, Place};
use crate::{Attempt, Cloud};

/// Bytes that are read at once.
const PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// The largest configuration.
const CONFIGURATION_BYTES_MAX: u64 = 1024 * 1024;

/// The bucket of inputs and of the configuration.
#[derive(Clone)]
pub struct Inbox {
    cloud: Cloud,
    bucket: String,
}

/// An object of the inbox, as it was when it was looked at.
pub struct InboxObject {
    source: Arc<Source>,
    name: String,
}

struct Source {
    cloud: Cloud,
    bucket: String,
    place: Place,
    head: Head,
    attempt: Attempt,
    /// The first piece: small objects are read once, though they are opened several times.
    first: OnceLock<Arc<Vec<u8>>>,
}

/// Reads an object of the inbox.
pub struct ObjectReader {
    source: Arc<Source>,
    at: u64,
    /// The piece that was read last, and where it begins.
    piece: (u64, Arc<Vec<u8>>),
}

impl Inbox {
    /// The inbox in this bucket.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }

    /// What tells the content of an object from any other; `None` if it is not there.
    ///
    /// # Errors
    /// When the bucket cannot be asked.
    pub fn tag(&self, place: &Place) -> PortResult<Option<String>> {
        Ok(self.cloud.head(&self.bucket, place)?.map(|head| head.tag))
    }

    /// The object with the content of this tag, as an input with this name.
    ///
    /// # Errors
    /// When it is not there any more with that content, or the bucket cannot be asked.
    pub fn object(
        &self,
        place: &Place,
        tag: &str,
        name: &str,
        attempt: Attempt,
    ) -> PortResult<InboxObject> {
        let head = self.cloud.head(&self.bucket, place)?.filter(|head| head.tag == tag);
        let changed = || PortError::Retry("an object changed while it was looked at".to_owned());
        let source = Source {
            cloud: self.cloud.clone(),
            bucket: self.bucket.clone(),
            place: place.clone(),
            head: head.ok_or_else(changed)?,
            attempt,
            first: OnceLock::new(),
        };
        Ok(InboxObject { source: Arc::new(source), name: name.to_owned() })
    }

    /// The text of the configuration; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read, is no text, or is too large.
    pub fn configuration(&self, key: &str) -> PortResult<Option<String>> {
        self.cloud.text(&self.bucket, key, CONFIGURATION_BYTES_MAX)
    }
}

impl Source {
    fn piece(&self, from: u64) -> PortResult<Arc<Vec<u8>>> {
        let read = || {
            let bytes = PIECE_BYTES.min(self.head.size - from);
            let tag = &self.head.tag;
            self.cloud.piece(&self.bucket, &self.place, tag, from, bytes).map(Arc::new)
        };
        if from > 0 {
            return read();
        }
        if let Some(first) = self.first.get() {
            return Ok(Arc::clone(first));
        }
        let first = read()?;
        Ok(Arc::clone(self.first.get_or_init(|| first)))
    }
}

impl Input for InboxObject {
    type Reader = ObjectReader;

    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> io::Result<ObjectReader> {
        let source = Arc::clone(&self.source);
        Ok(ObjectReader { source, at: 0, piece: (0, Arc::default()) })
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.source.head.size)
    }
}

impl Read for ObjectReader {
    /// A failure of the network is not a fault of the input: it spoils the attempt.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.source.head.size {
            return Ok(0);
        }
        let begins = self.at - self.at % PIECE_BYTES;
        if self.piece.0 != begins || self.piece.1.is_empty() {
            let piece = self.source.piece(begins).inspect_err(|_| self.source.attempt.spoil());
            self.piece = (begins, piece.map_err(io::Error::other)?);
        }
        let skip = usize::try_from(self.at - begins).map_err(io::Error::other)?;
        let rest = self.piece.1.get(skip..).unwrap_or_default();
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.at += taken as u64;
        Ok(taken)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.source.head.size, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "before the first byte");
        self.at = base.checked_add_signed(by).ok_or_else(before)?;
        Ok(self.at)
    }
}

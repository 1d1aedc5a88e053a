//! The attempt at one input: what lets a second delivery take up where the first one died.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sha2::{Digest, Sha256};

/// An attempt at one input.
///
/// All attempts at the same input under the same conditions share their turn: what one of them has
/// stored the next finds, and does not store again. Until an attempt is acknowledged nobody knows
/// whether its asks were sent, so an attempt does not see what those before it stored: it goes
/// through the input again, and asks again.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub(crate) identity: String,
    pub(crate) deadline: Option<Instant>,
    spoiled: Arc<AtomicBool>,
    out_of_time: Arc<AtomicBool>,
}

impl Attempt {
    /// An attempt at what `parts` name: the object, its content, the configuration, the program:
    /// whatever decides what its units are. Past the
    /// `deadline` it stores how far it has come and fails with [`engine::port::PortError::Retry`].
    #[must_use]
    pub fn new(parts: &[&str], deadline: Option<Instant>) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        let mut identity = engine::port::Hash(digest.finalize().into()).to_string();
        identity.truncate(20);
        Self { identity, deadline, spoiled: Arc::default(), out_of_time: Arc::default() }
    }

    /// Says that the input could not be read, though nothing is wrong with it: what was made of it
    /// must not be kept.
    pub fn spoil(&self) {
        self.spoiled.store(true, Ordering::Relaxed);
    }

    /// Whether the input could not be read, though nothing is wrong with it.
    #[must_use]
    pub fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::Relaxed)
    }

    /// Whether time ran out, with all that was stored so far noted: who asks for another attempt
    /// loses nothing.
    #[must_use]
    pub fn ran_out_of_time(&self) -> bool {
        self.out_of_time.load(Ordering::Relaxed)
    }

    /// Whether the deadline has passed; remembered for [`Attempt::ran_out_of_time`].
    pub(crate) fn is_over(&self) -> bool {
        let over = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if over {
            self.out_of_time.store(true, Ordering::Relaxed);
        }
        over
    }
}

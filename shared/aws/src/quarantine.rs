//! Refused inputs, kept aside in a bucket.

use std::io::Read;

use engine::port::{Hash, PortError, PortResult, Quarantine};

use crate::Cloud;
use crate::objects::Place;

/// A bucket of refused inputs: an object named by its SHA-256 holds the content, and
/// `<SHA-256>.json` beside it tells the name it came under and the reasons of the refusal.
#[derive(Clone)]
pub struct QuarantineBucket {
    cloud: Cloud,
    bucket: String,
}

impl QuarantineBucket {
    /// The quarantine in this bucket.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }
}

impl Quarantine for QuarantineBucket {
    fn keep(&mut self, sha256: Hash, content: &mut dyn Read, note: &str) -> PortResult<()> {
        let failed = |error| PortError::Retry(format!("a refused input cannot be kept: {error}"));
        let upload = |key: &str, content: &mut dyn Read| {
            self.cloud.upload(&self.bucket, key, content).map_err(failed)
        };
        // The content after its note, so that there is none without.
        upload(&format!("{sha256}.json"), &mut note.as_bytes())?;
        let key = sha256.to_string();
        let there = self.cloud.head(&self.bucket, &Place::now(&key));
        // Who may not list a bucket is not told that something is missing: then it is written.
        if matches!(there, Ok(Some(_))) { Ok(()) } else { upload(&key, content) }
    }
}

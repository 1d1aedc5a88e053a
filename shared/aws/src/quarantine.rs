//! Refused inputs, kept aside in a bucket.

use std::io::Read;

use engine::port::{PortError, PortResult, Quarantine};
use serde_json::{Value, json};

use crate::Cloud;

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
    fn keep(
        &mut self,
        sha256: &str,
        name: &str,
        content: &mut dyn Read,
        reasons: &str,
    ) -> PortResult<()> {
        let is_hash = sha256.len() == 64
            && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash {
            return Err(PortError::Final("not a SHA-256 in hexadecimal digits".to_owned()));
        }
        let reasons: Value = serde_json::from_str(reasons)
            .map_err(|_| PortError::Final("the reasons of a refusal are not JSON".to_owned()))?;
        let note = json!({ "name": name, "reasons": reasons }).to_string();
        let failed = |error| PortError::Retry(format!("a refused input cannot be kept: {error}"));
        let upload = |key: &str, content: &mut dyn Read| {
            self.cloud.upload(&self.bucket, key, content).map_err(failed)
        };
        // The content after its note, so that there is none without.
        upload(&format!("{sha256}.json"), &mut note.as_bytes())?;
        let there = self.cloud.head(&self.bucket, sha256);
        // Who may not list a bucket is not told that something is missing: then it is written.
        if matches!(there, Ok(Some(_))) { Ok(()) } else { upload(sha256, content) }
    }
}

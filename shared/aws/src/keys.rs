//! The keys that personal data is sealed with, as an object.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use engine::port::{PortError, PortResult};
use engine::seal::Keyring;

use crate::Cloud;
use crate::failure::port_error;

/// Where the keys are in their bucket.
const KEYS: &str = "config/quadra.key";
/// The largest object of keys: those of a hundred years, and of a few thousand subjects.
const KEYS_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The keys in a bucket that is itself encrypted with a key of the customer. They are made once,
/// and never written again from here.
#[derive(Clone)]
pub struct KeyObject {
    cloud: Cloud,
    bucket: String,
}

impl KeyObject {
    /// The keys in this bucket, whether they are there or not.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }

    /// The keys, if they are there.
    ///
    /// # Errors
    /// When they cannot be read, or the object holds something else.
    pub fn load(&self) -> PortResult<Option<Keyring>> {
        let Some(text) = self.cloud.text(&self.bucket, KEYS, KEYS_BYTES_MAX)? else {
            return Ok(None);
        };
        let read = Keyring::from_json(&text);
        read.map(Some).map_err(|error| PortError::Retry(format!("{KEYS}: {error}")))
    }

    /// Makes new keys, from the randomness of the system; where another function was faster, its.
    ///
    /// # Errors
    /// When there is no randomness, or the object cannot be written.
    pub fn make(&self) -> PortResult<Keyring> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|_| PortError::Retry("the system gives no randomness".to_owned()))?;
        let ring = Keyring::new(&seed);
        let body = ByteStream::from(ring.to_json().into_bytes());
        let put = self.cloud.inner.s3.put_object().bucket(&self.bucket).key(KEYS);
        match self.cloud.wait(put.if_none_match("*").body(body).send()) {
            Ok(_) => Ok(ring),
            // 412: they are there. 409: they are being written.
            Err(error) => {
                let failed = || port_error("keys cannot be written", &error);
                match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                    Some("PreconditionFailed" | "ConditionalRequestConflict") => {
                        self.load()?.ok_or_else(failed)
                    }
                    _ => Err(failed()),
                }
            }
        }
    }
}

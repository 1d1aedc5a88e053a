//! Digests of the journal, in a bucket that nobody can change.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use engine::digest::Digests;
use engine::port::{PortError, PortResult};

use crate::Cloud;
use crate::failure::port_error;

/// Where digests are: `digest/2026-11-14.json`.
const FOLDER: &str = "digest/";
/// Pages of a list of digests: of 1,000 days each, more than two centuries.
const PAGES_MAX: usize = 100;
/// The largest digest: a thousand bytes for each of ten thousand organizations.
const DIGEST_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// A bucket whose objects are locked for years once they are put.
#[derive(Clone)]
pub struct AuditBucket {
    cloud: Cloud,
    bucket: String,
}

impl AuditBucket {
    /// The digests in this bucket.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }

    /// The key of the last digest: days sort as text.
    fn last_key(&self) -> PortResult<Option<String>> {
        let mut last = None;
        let mut next = None;
        for _ in 0..PAGES_MAX {
            let days = self.cloud.inner.s3.list_objects_v2().bucket(&self.bucket).prefix(FOLDER);
            let got = self.cloud.wait(days.set_continuation_token(next).send());
            let got = got.map_err(|error| port_error("digests cannot be listed", &error))?;
            last = got.contents.into_iter().flatten().filter_map(|it| it.key).next_back().or(last);
            next = got.next_continuation_token;
            if next.is_none() {
                return Ok(last);
            }
        }
        Err(PortError::Final("there are more digests than days".to_owned()))
    }
}

impl Digests for AuditBucket {
    fn last(&mut self) -> PortResult<Option<String>> {
        let Some(key) = self.last_key()? else { return Ok(None) };
        self.cloud.text(&self.bucket, &key, DIGEST_BYTES_MAX)
    }

    fn keep(&mut self, day: &str, text: &str) -> PortResult<()> {
        let body = ByteStream::from(text.as_bytes().to_vec());
        let put = self.cloud.inner.s3.put_object().bucket(&self.bucket);
        let put = put.key(format!("{FOLDER}{day}.json")).if_none_match("*").body(body);
        match self.cloud.wait(put.send()) {
            Ok(_) => Ok(()),
            // Another call was faster, with the same digest.
            Err(error)
                if error
                    .as_service_error()
                    .and_then(ProvideErrorMetadata::code)
                    .is_some_and(|code| code == "PreconditionFailed") =>
            {
                Ok(())
            }
            Err(error) => Err(port_error("a digest cannot be kept", &error)),
        }
    }
}

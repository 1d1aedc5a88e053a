//! Objects of S3: read in pieces, written in parts.

use std::io::{self, Read};

use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use engine::port::{PortError, PortResult};

use crate::Cloud;
use crate::failure::port_error;

/// Bytes of one part of an upload: the fewest that S3 takes.
pub(crate) const PART_BYTES: usize = 5 * 1024 * 1024;

/// Where an object is in its bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its key.
    pub key: String,
    /// Which version of it, where the bucket keeps several; else the one that is there now.
    pub version: Option<String>,
}

impl Place {
    /// What is at a key now.
    #[must_use]
    pub fn now(key: &str) -> Self {
        Self { key: key.to_owned(), version: None }
    }
}

/// What S3 says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub size: u64,
    /// Changes with the content.
    pub tag: String,
}

/// An object under way: nobody sees it before it is finished.
pub(crate) struct Upload {
    cloud: Cloud,
    bucket: String,
    key: String,
    waiting: Vec<u8>,
    /// Once there is more than one part: its identifier, and the parts sent.
    parts: Option<(String, Vec<CompletedPart>)>,
}

impl Cloud {
    /// What S3 says of an object; `None` where there is none.
    pub(crate) fn head(&self, bucket: &str, place: &Place) -> PortResult<Option<Head>> {
        let head = self.inner.s3.head_object().bucket(bucket).key(&place.key);
        let head = head.set_version_id(place.version.clone());
        match self.wait(head.send()) {
            Ok(head) => {
                let size = u64::try_from(head.content_length.unwrap_or(0)).unwrap_or(0);
                Ok(Some(Head { size, tag: head.e_tag.unwrap_or_default() }))
            }
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                Ok(None)
            }
            Err(error) => Err(port_error("an object cannot be looked at", &error)),
        }
    }

    /// Some bytes of an object that is still the one that has this tag.
    pub(crate) fn piece(
        &self,
        bucket: &str,
        place: &Place,
        tag: &str,
        from: u64,
        bytes: u64,
    ) -> PortResult<Vec<u8>> {
        let range = format!("bytes={from}-{}", from + bytes - 1);
        let get = self.inner.s3.get_object().bucket(bucket).key(&place.key);
        let get = get.set_version_id(place.version.clone()).if_match(tag).range(range);
        self.wait(async {
            let what = "an object cannot be read";
            let got = get.send().await.map_err(|error| port_error(what, &error))?;
            let read = got.body.collect().await;
            let broken = |_| PortError::Retry(format!("{what}: it broke off"));
            Ok(read.map_err(broken)?.to_vec())
        })
    }

    /// The text of an object of at most so many bytes; `None` where there is none.
    pub(crate) fn text(
        &self,
        bucket: &str,
        key: &str,
        bytes_max: u64,
    ) -> PortResult<Option<String>> {
        let place = Place::now(key);
        let Some(head) = self.head(bucket, &place)? else { return Ok(None) };
        // Somebody puts it right, and what asked for it must be there then.
        let wrong = |what: &str| PortError::Retry(format!("{key} {what}"));
        if head.size == 0 || head.size > bytes_max {
            return Err(wrong("is empty or too large"));
        }
        let bytes = self.piece(bucket, &place, &head.tag, 0, head.size)?;
        String::from_utf8(bytes).map(Some).map_err(|_| wrong("is not UTF-8"))
    }

    /// Writes an object of any size.
    pub(crate) fn upload(&self, bucket: &str, key: &str, content: &mut dyn Read) -> io::Result<()> {
        let mut upload = Upload::new(self.clone(), bucket.to_owned(), key.to_owned());
        io::copy(content, &mut upload)?;
        upload.finish()
    }
}

impl Upload {
    pub fn new(cloud: Cloud, bucket: String, key: String) -> Self {
        Self { cloud, bucket, key, waiting: Vec::new(), parts: None }
    }

    /// Sends what waits as one more part.
    fn send_part(&mut self) -> PortResult<()> {
        let what = "an object cannot be written";
        let s3 = &self.cloud.inner.s3;
        let (id, mut parts) = if let Some(begun) = self.parts.take() {
            begun
        } else {
            let create = s3.create_multipart_upload().bucket(&self.bucket).key(&self.key);
            // That of the parts, or AWS takes none of them in the end.
            let create = create.checksum_algorithm(ChecksumAlgorithm::Crc32);
            let begun = self.cloud.wait(create.send()).map_err(|error| port_error(what, &error))?;
            (begun.upload_id.unwrap_or_default(), Vec::new())
        };
        let number = i32::try_from(parts.len() + 1).unwrap_or(i32::MAX);
        let part = s3.upload_part().bucket(&self.bucket).key(&self.key).upload_id(&id);
        let body = ByteStream::from(std::mem::take(&mut self.waiting));
        let sent = self.cloud.wait(part.part_number(number).body(body).send());
        let sent = sent.map_err(|error| port_error(what, &error));
        if let Ok(sent) = &sent {
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(sent.e_tag.clone())
                    .set_checksum_crc32(sent.checksum_crc32.clone())
                    .build(),
            );
        }
        self.parts = Some((id, parts));
        sent.map(drop)
    }

    /// Shows the object.
    pub fn finish(mut self) -> io::Result<()> {
        let what = "an object cannot be written";
        if self.parts.is_some() && !self.waiting.is_empty() {
            self.send_part().map_err(io::Error::other)?;
        }
        let s3 = &self.cloud.inner.s3;
        let done = if let Some((id, parts)) = self.parts.take() {
            let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
            let complete = s3.complete_multipart_upload().bucket(&self.bucket).key(&self.key);
            let complete = complete.upload_id(id).multipart_upload(parts);
            self.cloud.wait(complete.send()).map(drop).map_err(|error| port_error(what, &error))
        } else {
            let body = ByteStream::from(std::mem::take(&mut self.waiting));
            let put = s3.put_object().bucket(&self.bucket).key(&self.key).body(body);
            self.cloud.wait(put.send()).map(drop).map_err(|error| port_error(what, &error))
        };
        done.map_err(io::Error::other)
    }
}

impl io::Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.waiting.len() >= PART_BYTES {
            self.send_part().map_err(io::Error::other)?;
        }
        let taken = bytes.len().min(PART_BYTES - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Upload {
    /// An upload that is not finished leaves no trace; if this fails, the bucket's own rule removes
    /// it.
    fn drop(&mut self) {
        if let Some((id, _)) = self.parts.take() {
            let abort = self.cloud.inner.s3.abort_multipart_upload();
            let abort = abort.bucket(&self.bucket).key(&self.key).upload_id(id);
            let _ = self.cloud.wait(abort.send());
        }
    }
}

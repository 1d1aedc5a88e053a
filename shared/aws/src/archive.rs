//! The inbox as the place where fetched flows are kept.

use std::io::Read;

use engine::poll::Archive;
use engine::port::{PortError, PortResult};

use crate::{Cloud, Place};

/// Where inputs are in the inbox: what is put there is taken in.
const FOLDER: &str = "inbox/";

/// The inbox, to be added to.
#[derive(Clone)]
pub struct InboxArchive {
    cloud: Cloud,
    bucket: String,
}

impl InboxArchive {
    /// The inbox in this bucket.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }
}

impl Archive for InboxArchive {
    fn holds(&mut self, name: &str) -> PortResult<bool> {
        Ok(self.cloud.head(&self.bucket, &Place::now(&format!("{FOLDER}{name}")))?.is_some())
    }

    fn keep(&mut self, name: &str, content: &mut dyn Read) -> PortResult<()> {
        let failed = |error| PortError::Retry(format!("a flow cannot be archived: {error}"));
        self.cloud.upload(&self.bucket, &format!("{FOLDER}{name}"), content).map_err(failed)
    }
}

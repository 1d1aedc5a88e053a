//! The switch that stops all sending, as an object.

use engine::campaign::io::Switch;
use engine::port::PortResult;

use crate::{Cloud, Place};

/// The object that stops it, whatever is in it.
const STOP: &str = "config/STOP";

/// The object `config/STOP` of a bucket: while it is there, nothing is sent. It is looked for each
/// time, so that it works at the next call.
#[derive(Clone)]
pub struct StopObject {
    cloud: Cloud,
    bucket: String,
}

impl StopObject {
    /// The switch in this bucket.
    #[must_use]
    pub fn new(cloud: Cloud, bucket: String) -> Self {
        Self { cloud, bucket }
    }
}

impl Switch for StopObject {
    fn is_stopped(&self) -> PortResult<bool> {
        Ok(self.cloud.head(&self.bucket, &Place::now(STOP))?.is_some())
    }
}

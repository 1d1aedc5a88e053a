//! The ledger on AWS as the engine sees it.

use engine::port::{Home, PortResult};

use crate::{Attempt, AwsReader, AwsWriter, Cloud};

/// The ledger on AWS.
#[derive(Clone)]
pub struct AwsHome {
    cloud: Cloud,
    attempt: Option<Attempt>,
}

impl AwsHome {
    /// The ledger.
    #[must_use]
    pub fn new(cloud: Cloud) -> Self {
        Self { cloud, attempt: None }
    }

    /// The ledger as one attempt at one input sees and writes it.
    #[must_use]
    pub fn for_attempt(cloud: Cloud, attempt: Attempt) -> Self {
        Self { cloud, attempt: Some(attempt) }
    }
}

impl Home for AwsHome {
    type Reader = AwsReader;
    type Writer = AwsWriter;

    fn reader(&self) -> PortResult<AwsReader> {
        let hidden = self.attempt.as_ref().map(|attempt| attempt.identity.clone());
        Ok(AwsReader::new(self.cloud.clone(), hidden))
    }

    fn writer(&self) -> PortResult<AwsWriter> {
        Ok(AwsWriter::new(self.cloud.clone(), self.attempt.clone()))
    }
}

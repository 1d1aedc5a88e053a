//! Queues: subjects to compute, and uploads to take in.

use std::collections::BTreeSet;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use engine::port::{PortError, PortResult, Subject};

use crate::Cloud;
use crate::failure::port_error;
use crate::turns::{ROUNDS_MAX, pause};

/// Subjects that one message names.
const SUBJECTS_MAX: usize = 50;
/// Bytes of a message at which another one is begun: ten messages stay below the limit of a batch.
const MESSAGE_BYTES: usize = 20 * 1024;
/// Messages of one `SendMessageBatch`.
const BATCH_MAX: usize = 10;

/// A queue by its address.
#[derive(Clone)]
pub struct Queue {
    cloud: Cloud,
    url: String,
}

impl Queue {
    /// The queue with this address.
    #[must_use]
    pub fn new(cloud: Cloud, url: String) -> Self {
        Self { cloud, url }
    }

    /// Sends messages; those that the queue did not take are sent again.
    ///
    /// # Errors
    /// When the queue does not take them.
    pub fn send(&self, bodies: &[String]) -> PortResult<()> {
        bodies.chunks(BATCH_MAX).try_for_each(|batch| self.cloud.wait(self.send_batch(batch)))
    }

    async fn send_batch(&self, bodies: &[String]) -> PortResult<()> {
        let mut rest: BTreeSet<usize> = (0..bodies.len()).collect();
        for round in 0..ROUNDS_MAX {
            let entries = rest.iter().map(|&place| {
                SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_body(&bodies[place])
                    .build()
                    .expect("an entry has an identifier and a body")
            });
            let send = self.cloud.inner.sqs.send_message_batch().queue_url(&self.url);
            let sent = send.set_entries(Some(entries.collect())).send().await;
            let sent = sent.map_err(|error| port_error("messages cannot be sent", &error))?;
            for entry in &sent.successful {
                rest.retain(|place| place.to_string() != entry.id);
            }
            if rest.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(pause(round)).await;
        }
        Err(PortError::Retry("messages cannot be sent: the queue left some undone".to_owned()))
    }
}

/// Messages that name subjects, each once: JSON lists of text.
pub(crate) fn messages(subjects: impl IntoIterator<Item = Subject>) -> Vec<String> {
    let subjects: BTreeSet<Subject> = subjects.into_iter().collect();
    let mut messages = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut bytes = 0;
    for Subject(name) in subjects {
        if names.len() == SUBJECTS_MAX || bytes + name.len() > MESSAGE_BYTES && !names.is_empty() {
            messages.push(message(&std::mem::take(&mut names)));
            bytes = 0;
        }
        bytes += name.len();
        names.push(name);
    }
    if !names.is_empty() {
        messages.push(message(&names));
    }
    messages
}

fn message(names: &[String]) -> String {
    serde_json::Value::from(names).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_subjects_go_in_one_message_each_once_and_the_next_in_another() {
        let subjects = |count: usize| {
            (0..count).flat_map(|n| [Subject(format!("s{n:03}")), Subject(format!("s{n:03}"))])
        };
        assert_eq!(messages(subjects(0)), [""; 0]);
        assert_eq!(messages(subjects(2)), [r#"["s000","s001"]"#]);
        assert_eq!(messages(subjects(50)).len(), 1);
        assert_eq!(messages(subjects(51)).len(), 2);
    }

    #[test]
    fn long_names_go_in_messages_of_bounded_size() {
        let long = (0..30).map(|n| Subject(format!("{n:02}{}", "x".repeat(1000))));
        let sizes: Vec<_> = messages(long).iter().map(String::len).collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|&size| size < 25 * 1024));
    }
}

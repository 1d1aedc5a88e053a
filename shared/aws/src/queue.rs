//! Queues: subjects to compute, and uploads to take in.

use std::collections::BTreeSet;

use engine::port::{PortResult, Subject};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::failure::port_error;
use crate::turns::AT_ONCE;

/// Subjects that one message names.
const SUBJECTS_MAX: usize = 50;
/// Bytes of names at which another message is begun, of the 256 KiB that SQS takes.
const MESSAGE_BYTES: usize = 20 * 1024;

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

    /// Sends messages, some at the same moment. None of them is sent by a batch: a message names
    /// many subjects already, and each succeeds or fails alone.
    ///
    /// # Errors
    /// When the queue does not take one of them; others may be sent.
    pub fn send(&self, bodies: &[String]) -> PortResult<()> {
        let all = stream::iter(bodies).map(|body| async move {
            let send = self.cloud.inner.sqs.send_message().queue_url(&self.url).message_body(body);
            let answer = send.send().await;
            answer.map(drop).map_err(|error| port_error("a message cannot be sent", &error))
        });
        self.cloud.wait(all.buffer_unordered(AT_ONCE).try_collect())
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

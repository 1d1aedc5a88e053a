//! Batches of a queue: each message succeeds or fails alone.

use engine::port::Subject;
use serde_json::{Value, json};
use tracing::{error, warn};

use crate::Failure;

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its name in the answer; none where the event did not come through a queue.
    pub id: Option<String>,
    /// What it says.
    pub body: String,
}

/// The messages of an event. What is no event of a queue is one message.
#[must_use]
pub fn messages(event: &Value) -> Vec<Message> {
    let of_queue = |record: &Value| {
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Message { id: Some(text("messageId")?), body: text("body")? })
    };
    let records = event.get("Records").and_then(Value::as_array);
    let found = records.and_then(|records| records.iter().map(of_queue).collect());
    found.unwrap_or_else(|| vec![Message { id: None, body: event.to_string() }])
}

/// The subjects that messages of the queue of subjects name. What is no list of names is bad input:
/// it is told in the log and not tried again.
#[must_use]
pub fn subjects(messages: &[Message]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for message in messages {
        if let Ok(names) = serde_json::from_str::<Vec<String>>(&message.body) {
            subjects.extend(names.into_iter().map(Subject));
        } else {
            warn!("a message names no subjects");
        }
    }
    subjects
}

/// Does the work of each message, and says which failed.
pub fn each(
    messages: &[Message],
    mut work: impl FnMut(&Message) -> Result<(), Failure>,
) -> Vec<(usize, Failure)> {
    let failed = |place: usize| work(&messages[place]).err().map(|failure| (place, failure));
    (0..messages.len()).filter_map(failed).collect()
}

/// The answer to an event: the messages that must come again. An event that came through no queue
/// fails as a whole.
///
/// # Errors
/// When such an event failed.
pub fn answer(messages: &[Message], failed: Vec<(usize, Failure)>) -> Result<Value, Failure> {
    let mut failures = Vec::new();
    for (place, failure) in failed {
        let again = !failure.is_final();
        if let Some(id) = &messages[place].id {
            warn!(message_id = %id, again, "{failure}");
            failures.push(json!({ "itemIdentifier": id }));
        } else {
            error!(again, "{failure}");
            return Err(failure);
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}

#[cfg(test)]
mod tests {
    use engine::port::PortError;

    use super::*;

    fn failed() -> Failure {
        PortError::Retry("throttled".to_owned()).into()
    }

    #[test]
    fn each_message_fails_alone_and_is_named_in_the_answer() {
        let record = |id: &str| json!({"messageId": id, "body": format!("body of {id}")});
        let event = json!({"Records": [record("a"), record("b"), record("c")]});
        let messages = messages(&event);
        assert_eq!(messages[1].body, "body of b");
        let failed =
            each(
                &messages,
                |message| {
                    if message.body.ends_with('b') { Err(failed()) } else { Ok(()) }
                },
            );
        let expected = json!({"batchItemFailures": [{"itemIdentifier": "b"}]});
        assert_eq!(answer(&messages, failed).unwrap(), expected);
        assert_eq!(answer(&messages, Vec::new()).unwrap(), json!({"batchItemFailures": []}));
    }

    #[test]
    fn an_event_that_came_through_no_queue_is_one_message_and_fails_whole() {
        let event = json!({"Records": [{"s3": {"object": {"key": "inbox/a"}}}]});
        let messages = messages(&event);
        assert_eq!(messages, [Message { id: None, body: event.to_string() }]);
        assert!(answer(&messages, each(&messages, |_| Err(failed()))).is_err());
    }

    /// AWS takes an answer with a name that is none of the batch, or an empty one, for the failure
    /// of all of it.
    #[test]
    fn an_answer_names_messages_of_its_batch_each_once_and_no_other() {
        let ids = ["a", "b", "c"];
        let records: Vec<_> = ids.iter().map(|id| json!({"messageId": id, "body": id})).collect();
        let messages = messages(&json!({ "Records": records }));
        for failing in 0..8_usize {
            let fails = |id: &str| ids.iter().position(|it| *it == id).map(|n| failing >> n & 1);
            let work =
                |it: &Message| if fails(&it.body) == Some(1) { Err(failed()) } else { Ok(()) };
            let answered = answer(&messages, each(&messages, work)).unwrap();
            let named: Vec<_> = answered["batchItemFailures"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["itemIdentifier"].as_str().unwrap())
                .collect();
            let expected: Vec<_> = ids.into_iter().filter(|id| fails(id) == Some(1)).collect();
            assert_eq!(named, expected);
            assert_eq!(answered.as_object().unwrap().len(), 1);
        }
    }
}

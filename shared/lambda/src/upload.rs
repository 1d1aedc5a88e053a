//! Uploads: the events that tell of them, and taking one in.

use std::fs::File;
use std::time::Instant;

use aws::{Attempt, AwsHome, Inbox, Place, QuarantineBucket, Queue};
use engine::configuration;
use engine::intake::{self, Input, hash_of};
use engine::port::{PortError, Quarantine};
use engine::record::{self, DefectRecord, RefusalRecord};
use serde_json::Value;
use tracing::{info, warn};

use crate::{Environment, Failure, Message};

/// Where inputs are in the inbox: what follows is their name.
const FOLDER: &str = "inbox/";

/// The uploads that a message tells of: an event of S3, which may tell of several, or of none when
/// the bucket tries the queue. Each has the version that was uploaded: another may be there by now,
/// and is another upload.
///
/// # Errors
/// When it is no event of S3.
pub fn uploads(body: &str) -> Result<Vec<Place>, Failure> {
    let unknown = Failure::Event("it is no event of S3");
    let Ok(event) = serde_json::from_str::<Value>(body) else { return Err(unknown) };
    if event.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(Vec::new());
    }
    let upload = |record: &Value| {
        let of_object = |name: &str| record.pointer("/s3/object")?.get(name)?.as_str();
        let version = of_object("versionId").filter(|version| !version.is_empty());
        let key = decoded(of_object("key")?)?;
        Some(Place { key, version: version.map(str::to_owned) })
    };
    let records = event.get("Records").and_then(Value::as_array);
    let found = records.and_then(|records| records.iter().map(upload).collect());
    found.ok_or(unknown)
}

/// A key as it was before S3 wrote it into an event: blanks are `+` or `%20`.
fn decoded(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digit = |digit: u8| char::from(digit).to_digit(16);
                u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Takes uploads in.
#[derive(Clone)]
pub struct TakeIn {
    environment: Environment,
    inbox: Inbox,
    quarantine: QuarantineBucket,
    queue: Queue,
    /// Tells this program from any other: what one stored of an upload, another may take for
    /// something else.
    program: String,
}

impl TakeIn {
    /// Takes uploads in, where the environment says.
    ///
    /// # Errors
    /// When the environment lacks something, or the program cannot be read.
    pub fn new(environment: Environment) -> Result<Self, Failure> {
        let (inbox, quarantine, queue) =
            (environment.inbox()?, environment.quarantine()?, environment.uploads()?);
        let program = hash_of(File::open(std::env::current_exe()?)?)?.to_string();
        Ok(Self { environment, inbox, quarantine, queue, program })
    }

    /// Takes in what a message tells of. A message that is not understood is bad input: it is told
    /// in the log and not tried again.
    ///
    /// # Errors
    /// When it must be tried again.
    pub fn message(&self, message: &Message, deadline: Instant) -> Result<(), Failure> {
        match uploads(&message.body) {
            Ok(uploads) => {
                uploads.iter().try_for_each(|place| self.upload(place, message, deadline))
            }
            Err(failure) => {
                warn!("{failure}");
                Ok(())
            }
        }
    }

    fn upload(&self, place: &Place, message: &Message, deadline: Instant) -> Result<(), Failure> {
        let Some(name) = place.key.strip_prefix(FOLDER).filter(|name| !name.is_empty()) else {
            return Ok(());
        };
        let (configuration, text) = self.environment.configuration()?;
        let ledger = self.environment.home()?;
        configuration::remember(&ledger, &text, false)?;
        let Some(tag) = self.inbox.tag(place)? else {
            info!("an upload is gone");
            return Ok(());
        };
        // What is forgotten is left out: another attempt is one with the same keys.
        let years: Vec<_> = ledger.ring().years().map(|year| year.to_string()).collect();
        let same = [&*place.key, &tag, &text, &self.program, &years.join(" ")];
        let attempt = Attempt::new(&same, Some(deadline));
        let object = self.inbox.object(place, &tag, name, attempt.clone())?;
        let home = ledger.view(AwsHome::for_attempt(self.environment.cloud(), attempt.clone()));
        let ours = configuration.organizations.keys().cloned().collect();
        let mut quarantine = self.quarantine.clone();
        let inputs = std::slice::from_ref(&object);
        match intake::ingest(&home, inputs, &ours, &mut quarantine, &|_| ()) {
            Ok(ingested) => {
                let counts: Vec<_> = ingested.counts.iter().collect();
                info!(?counts, refused = ingested.refused.len(), "taken in");
                Ok(())
            }
            Err(_) if attempt.ran_out_of_time() => {
                info!("time is up: asked to be called again");
                Ok(self.queue.send(std::slice::from_ref(&message.body))?)
            }
            // Nothing is wrong with it: whatever it was taken for, it is read again.
            Err(_) if attempt.is_spoiled() => {
                Err(PortError::Retry("an upload could not be read".to_owned()).into())
            }
            Err(PortError::Final(why)) => {
                warn!("an upload cannot be stored: {why}");
                Ok(keep(&object, &why, &mut quarantine)?)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Keeps an upload aside that the ledger does not take, as it is.
fn keep(
    object: &impl Input,
    why: &str,
    quarantine: &mut QuarantineBucket,
) -> Result<(), PortError> {
    let unread = |error: std::io::Error| PortError::Retry(error.to_string());
    let sha256 = object.open().and_then(hash_of).map_err(unread)?;
    let reason = DefectRecord {
        line: 0,
        column: 0,
        field: String::new(),
        rule: "limit".to_owned(),
        message: why.to_owned(),
    };
    let note = record::write(&RefusalRecord { name: object.name(), reasons: &[reason] });
    let mut content = object.open().map_err(unread)?;
    quarantine.keep(sha256, &mut content, &note)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(body: &str) -> Vec<String> {
        uploads(body).unwrap().into_iter().map(|place| place.key).collect()
    }

    #[test]
    fn keys_are_decoded_with_plus_and_with_percent() {
        let event = |key: &str| json!({"Records": [{"s3": {"object": {"key": key}}}]}).to_string();
        for (encoded, key) in [
            ("inbox/a.xml", "inbox/a.xml"),
            ("inbox/un+flusso.xml", "inbox/un flusso.xml"),
            ("inbox/un%20flusso.xml", "inbox/un flusso.xml"),
            ("inbox/flusso+x%2B%C3%A0.xml", "inbox/flusso x+à.xml"),
        ] {
            assert_eq!(keys(&event(encoded)), [key]);
        }
        for broken in ["inbox/%", "inbox/%2", "inbox/%zz", "inbox/%C3"] {
            assert!(uploads(&event(broken)).is_err(), "{broken}");
        }
    }

    #[test]
    fn an_event_may_tell_of_several_uploads_or_of_none() {
        let record = |key: &str| json!({"s3": {"object": {"key": key}}});
        let event = json!({"Records": [record("inbox/a"), record("inbox/b")]}).to_string();
        assert_eq!(keys(&event), ["inbox/a", "inbox/b"]);
        assert_eq!(keys(r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#), [""; 0]);
        for other in ["", "null", "{}", "[]", r#"{"Records":[{}]}"#] {
            assert!(uploads(other).is_err_and(|failure| failure.is_final()), "{other}");
        }
    }
}

//! The calls over HTTP.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use domain::identifier::FiscalCode;
use engine::campaign::io::{Io, IoError, Profile, Status};
use engine::campaign::message::Message;
use jiff::{SignedDuration, Timestamp};
use ureq::http::header::HeaderMap;
use ureq::{Agent, Timeout};

use crate::answer::{self, Answer};
use crate::{body, check};

/// Where IO is. It has no other place to try things out on.
pub const PRODUCTION: &str = "https://api.io.pagopa.it/api/v1";

/// The longest a call may take, in all. Less than the time after which its worker counts as dead
/// (`engine::campaign::send::SENDING_MAX`).
pub const CALL_MAX: Duration = Duration::from_secs(30);
/// The longest it may take to reach IO.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long a connection that is not used is kept: shorter than any gateway keeps it, so that a
/// message is not written into a connection that is being closed.
const IDLE_MAX: Duration = Duration::from_secs(5);
/// The longest answer that is read: errors repeat the message, of at most 10,000 units.
const ANSWER_MAX: u64 = 128 * 1024;

/// How far from now a moment may be where citizens are written to.
const NOW: SignedDuration = SignedDuration::from_mins(5);

/// Calls IO with the key of each service.
pub struct Client {
    agent: Agent,
    base: String,
    keys: BTreeMap<String, String>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Messages to citizens do not go unencrypted over a network.
    #[error("the address of IO must begin with https://, or be http:// of this machine")]
    Address,
}

/// The keys are secrets.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({} services)", self.keys.len())
    }
}

impl Client {
    /// A client of the IO at `base`, [`PRODUCTION`] or a stand-in on this machine, with the "use"
    /// key of each service. A call takes `call_max` at most: [`CALL_MAX`], or less.
    ///
    /// # Errors
    /// When `base` is neither encrypted nor of this machine.
    pub fn new(
        base: &str,
        keys: BTreeMap<String, String>,
        call_max: Duration,
    ) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/').to_owned();
        if !base.starts_with("https://") && !is_local(&base) {
            return Err(ClientError::Address);
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(call_max.min(CALL_MAX)))
            .timeout_connect(Some(CONNECT_MAX))
            .max_idle_age(IDLE_MAX)
            .user_agent("quadra");
        let config = if is_local(&base) { config.proxy(None) } else { config };
        Ok(Self { agent: config.build().new_agent(), base, keys })
    }

    /// Whether it may be called as if it were `moment`, when it is `now`. Citizens get messages by
    /// the real clock; a stand-in on this machine, and who has no key, may play any other time.
    #[must_use]
    pub fn may_play(&self, moment: Timestamp, now: Timestamp) -> bool {
        is_local(&self.base) || self.keys.is_empty() || now.duration_since(moment).abs() <= NOW
    }

    fn key(&self, service: &str) -> Result<&str, IoError> {
        let missing = || IoError::Forbidden { status: 0, reason: "no key".to_owned() };
        self.keys.get(service).map(String::as_str).ok_or_else(missing)
    }

    fn post(&self, service: &str, path: &str, body: &str) -> Result<Answer, IoError> {
        let request = self
            .agent
            .post(format!("{}/{path}", self.base))
            .header("Ocp-Apim-Subscription-Key", self.key(service)?)
            .header("Content-Type", "application/json; charset=utf-8");
        read(request.send(body))
    }
}

impl Io for Client {
    fn serves(&self, service: &str) -> bool {
        self.keys.contains_key(service)
    }

    fn profile(&self, service: &str, recipient: &FiscalCode) -> Result<Profile, IoError> {
        answer::profile(&self.post(service, "profiles", &body::profile(recipient))?)
    }

    fn send(
        &self,
        service: &str,
        recipient: &FiscalCode,
        message: &Message,
    ) -> Result<String, IoError> {
        check(recipient, message).map_err(|rule| IoError::Invalid(rule.code()))?;
        answer::created(&self.post(service, "messages", &body::message(recipient, message))?)
    }

    fn status(&self, service: &str, recipient: &FiscalCode, id: &str) -> Result<Status, IoError> {
        // The fiscal code in the address is IO's own doing: the address is in no error of ours.
        let address = format!("{}/messages/{}/{id}", self.base, recipient.as_str());
        let key = self.key(service)?;
        answer::status(&read(
            self.agent.get(address).header("Ocp-Apim-Subscription-Key", key).call(),
        )?)
    }
}

fn is_local(base: &str) -> bool {
    let host = base.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

fn read(
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, IoError> {
    let mut response = response.map_err(|error| failure(&error))?;
    let status = response.status().as_u16();
    let headers = response.headers();
    let (is_problem, retry_after) = (is_problem(headers), retry_after(headers));
    let body = response.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
    // Without its body an answer still has its status; only that of a success is needed.
    let body = match body {
        Ok(body) => body,
        Err(_) if status >= 400 => Vec::new(),
        Err(_) => return Err(IoError::Ambiguous("the answer breaks off or is too long")),
    };
    Ok(Answer { status, is_problem, retry_after, body })
}

fn is_problem(headers: &HeaderMap) -> bool {
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
    content_type.is_some_and(|it| it.to_ascii_lowercase().starts_with("application/problem+json"))
}

/// IO has replaced the usual header by one of its own.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let seconds = |name| headers.get(name)?.to_str().ok()?.trim().parse().ok();
    seconds("x-rate-limit-retry-after").or_else(|| seconds("retry-after"))
}

/// Whether bytes of the request may have left.
fn failure(error: &ureq::Error) -> IoError {
    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => IoError::Unreached,
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            IoError::Unreached
        }
        ureq::Error::Timeout(_) => IoError::Ambiguous("no answer in time"),
        _ => IoError::Ambiguous("the connection broke"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citizens_are_written_to_by_the_real_clock_and_a_stand_in_by_any() {
        let keys = || BTreeMap::from([("multe".to_owned(), "key".to_owned())]);
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let minutes = SignedDuration::from_mins;
        let stand_in = "http://127.0.0.1:4010";
        for (base, keys, by, good) in [
            (PRODUCTION, keys(), minutes(0), true),
            (PRODUCTION, keys(), minutes(5), true),
            (PRODUCTION, keys(), minutes(-5), true),
            (PRODUCTION, keys(), minutes(6), false),
            (PRODUCTION, keys(), minutes(-6), false),
            (PRODUCTION, BTreeMap::new(), minutes(6), true),
            (stand_in, keys(), minutes(-60_000), true),
        ] {
            let client = Client::new(base, keys, CALL_MAX).unwrap();
            assert_eq!(client.may_play(now + by, now), good, "{base} {by:#}");
        }
    }

    #[test]
    fn only_this_machine_is_called_unencrypted() {
        for (base, good) in [
            (PRODUCTION, true),
            ("http://127.0.0.1:4010", true),
            ("http://localhost/api/v1/", true),
            ("http://[::1]:80", true),
            ("http://api.io.pagopa.it/api/v1", false),
            ("http://127.0.0.1.example", false),
            ("http://localhost.example", false),
            ("ftp://127.0.0.1", false),
            ("", false),
        ] {
            assert_eq!(Client::new(base, BTreeMap::new(), CALL_MAX).is_ok(), good, "{base}");
        }
    }
}

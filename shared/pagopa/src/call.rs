//! One call, tried again while the service is busy.

use std::io::Read;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use engine::poll::ApiKey;
use engine::port::{PortError, PortResult};
use serde::Deserialize;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

/// Calls of one request, the first among them.
pub(crate) const TRIES_MAX: usize = 5;
/// The longest that the service may ask to wait; for longer the next poll is soon enough.
pub(crate) const WAIT_MAX: Duration = Duration::from_mins(1);
/// Time for a connection.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Time for a call, to the last byte of its answer.
const CALL_TIME: Duration = Duration::from_mins(1);
/// The largest answer of an error whose code is looked for.
const ERROR_BYTES_MAX: u64 = 16 * 1024;

/// Makes calls.
pub(crate) struct Calls {
    agent: Agent,
    wait: Box<dyn FnMut(Duration) + Send>,
}

/// Why a call gave nothing.
enum Failure {
    /// It may another time, not sooner than so.
    Busy(String, Duration),
    Final(String),
}

impl Calls {
    pub fn new(wait: Box<dyn FnMut(Duration) + Send>) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(CALL_TIME))
            // The key goes where it was meant to, and nowhere else.
            .max_redirects(0)
            .proxy(None)
            .http_status_as_error(false)
            .user_agent("quadra");
        Self { agent: config.build().new_agent(), wait }
    }

    /// The body of the answer, of at most `most` bytes; none when there is no such thing (404).
    pub fn get(&mut self, url: &str, key: &ApiKey, most: u64) -> PortResult<Option<Vec<u8>>> {
        let backoff = ExponentialBuilder::new().with_max_times(TRIES_MAX - 1).with_jitter();
        let mut pauses = backoff.build();
        loop {
            let (told, asked) = match self.call(url, key, most) {
                Ok(body) => return Ok(body),
                Err(Failure::Final(told)) => return Err(PortError::Final(told)),
                Err(Failure::Busy(told, asked)) => (told, asked),
            };
            match pauses.next() {
                Some(pause) if asked <= WAIT_MAX => (self.wait)(pause.max(asked)),
                _ => return Err(PortError::Retry(told)),
            }
        }
    }

    fn call(&self, url: &str, key: &ApiKey, most: u64) -> Result<Option<Vec<u8>>, Failure> {
        let request = self.agent.get(url).header("Ocp-Apim-Subscription-Key", &key.0);
        let mut response =
            request.header("Accept", "application/json").call().map_err(|error| broken(&error))?;
        match response.status() {
            StatusCode::OK => body(&mut response, most).map(Some),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(refused(status, &mut response)),
        }
    }
}

fn body(response: &mut Response<Body>, most: u64) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let mut reader = response.body_mut().as_reader().take(most + 1);
    // Cut short, or too slow: as good as no answer.
    reader
        .read_to_end(&mut body)
        .map_err(|_| Failure::Busy("pagoPA's answer broke off".into(), Duration::ZERO))?;
    if body.len() as u64 > most {
        return Err(Failure::Final(format!("an answer of pagoPA must have at most {most} bytes")));
    }
    Ok(body)
}

/// No answer at all. Errors of the library may name the address, which names nobody.
fn broken(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::Tls(_) => {
            Failure::Final("pagoPA cannot be called: address, key or certificate".into())
        }
        _ => Failure::Busy("pagoPA does not answer".into(), Duration::ZERO),
    }
}

fn refused(status: StatusCode, response: &mut Response<Body>) -> Failure {
    let code = code(response);
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Failure::Final(format!("pagoPA refuses the key ({status}{code})"))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Failure::Busy(format!("pagoPA is busy ({status})"), asked_to_wait(response))
        }
        status if status.is_server_error() => {
            Failure::Busy(format!("pagoPA failed ({status}{code})"), asked_to_wait(response))
        }
        status => Failure::Final(format!("pagoPA refuses the request ({status}{code})")),
    }
}

/// `Retry-After`, in seconds; its other form, a date, is not used by the gateway.
fn asked_to_wait(response: &Response<Body>) -> Duration {
    let header = response.headers().get("retry-after");
    let seconds = header.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    seconds.map_or(Duration::ZERO, Duration::from_secs)
}

/// `appErrorCode`, which is of a closed form: the rest of an error may repeat what was sent.
fn code(response: &mut Response<Body>) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        app_error_code: String,
    }
    let reader = response.body_mut().as_reader().take(ERROR_BYTES_MAX);
    let code = serde_json::from_reader(reader).map(|Answer { app_error_code }| app_error_code);
    let known = |code: &String| {
        code.strip_prefix("FDR-").is_some_and(|n| n.len() == 4 && n.parse::<u16>().is_ok())
    };
    code.ok().filter(known).map_or(String::new(), |code| format!(", {code}"))
}

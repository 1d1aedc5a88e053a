//! What became of the messages that IO took.

use std::time::Instant;

use engine::campaign::track;
use engine::port::PortError;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{info, warn};

use super::end;
use crate::{Environment, Failure, as_of};

/// Asks IO, for each organization, what became of its messages, until `deadline`. An event that
/// names `as_of` is for that moment; any other for the moment that it is.
///
/// # Errors
/// When IO lets nobody in or does not answer, or the ledger fails: what was asked until then is
/// stored, and the next call goes on.
pub fn track(
    environment: &Environment,
    event: &Value,
    deadline: Instant,
) -> Result<Value, Failure> {
    let (configuration, _) = environment.configuration()?;
    let home = environment.home()?;
    let now = Timestamp::now();
    let moment = if event.get("as_of").is_some() { as_of(event)? } else { now };
    let clock = appio::RunningClock::at(moment);
    let (mut asked, mut stopped) = (0, None);
    for organization in configuration.organizations.keys() {
        let client = environment.io(organization)?;
        if !client.may_play(moment, now) {
            return Err(Failure::Event(
                "the real IO is not called at a moment that somebody chose",
            ));
        }
        let ports = (&client as _, &clock as _);
        let end = Some(end(&clock, deadline));
        let tracked = track::all(&home, &configuration, organization, home.ring(), ports, end)?;
        let fates: Vec<_> = tracked.fates.iter().collect();
        info!(%organization, ?fates, not_asked = tracked.not_asked, "asked for messages");
        asked += tracked.fates.values().sum::<u64>();
        if let Some(halt) = tracked.halted {
            warn!(%organization, "asking stopped: {halt}");
            stopped = Some(halt);
        }
    }
    match stopped {
        Some(halt) => Err(PortError::Retry(halt.to_string()).into()),
        None => Ok(json!({ "asked": asked })),
    }
}

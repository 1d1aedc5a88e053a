//! A campaign from its queue, to the app IO.

use std::time::Instant;

use aws::{Queue, StopObject};
use domain::campaign::Kind;
use domain::identifier::OrganizationCode;
use engine::campaign::intent::Unreachable;
use engine::campaign::send::{Campaign, Done, Run, Summary};
use engine::port::{PortError, Subject};
use engine::reconcile::reconcile_subjects;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{info, warn};

use super::end;
use crate::{Environment, Failure, Message};

/// What a message of the queue asks for: the messages of a kind of an organization. It says of
/// nobody that he gets one: the plan is made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Who sends.
    pub organization: OrganizationCode,
    /// The kind of message.
    pub kind: Kind,
    /// A moment that somebody chose; none: the moment that it is.
    pub as_of: Option<Timestamp>,
}

/// Sends campaigns.
pub struct Sending {
    environment: Environment,
    switch: StopObject,
    queue: Queue,
}

impl Wanted {
    /// The messages of a kind.
    #[must_use]
    pub fn new(organization: &OrganizationCode, kind: Kind, as_of: Option<Timestamp>) -> Self {
        Self { organization: organization.clone(), kind, as_of }
    }

    /// It as a message of the queue.
    #[must_use]
    pub fn to_body(&self) -> String {
        let (organization, kind) = (self.organization.as_str(), self.kind.code());
        let mut body = json!({ "organization": organization, "kind": kind });
        if let Some(as_of) = self.as_of {
            body["as_of"] = as_of.to_string().into();
        }
        body.to_string()
    }

    /// Reads a message of the queue; `None` where it is none of these.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let read: Value = serde_json::from_str(body).ok()?;
        let text = |name: &str| read.get(name)?.as_str();
        let as_of = match read.get("as_of") {
            Some(moment) => Some(moment.as_str()?.parse().ok()?),
            None => None,
        };
        Some(Self {
            organization: text("organization")?.parse().ok()?,
            kind: Kind::from_code(text("kind")?)?,
            as_of,
        })
    }
}

impl Sending {
    /// Sends campaigns, where the environment says.
    ///
    /// # Errors
    /// When the environment lacks something.
    pub fn new(environment: Environment) -> Result<Self, Failure> {
        let (switch, queue) = (environment.switch()?, environment.sendings()?);
        Ok(Self { environment, switch, queue })
    }

    /// Sends the campaign that a message asks for, until `deadline`: another call goes on then. A
    /// message that is not understood is bad input: it is told in the log and not tried again.
    ///
    /// # Errors
    /// When it must be tried again.
    pub fn message(&self, message: &Message, deadline: Instant) -> Result<(), Failure> {
        let Some(wanted) = Wanted::read(&message.body) else {
            warn!("a message names no campaign");
            return Ok(());
        };
        let Some(summary) = self.send(&wanted, deadline)? else { return Ok(()) };
        tell(&wanted, &summary);
        match summary.halted {
            Some(halt) if summary.is_to_go_on() => {
                info!("asked to be called again: {halt}");
                Ok(self.queue.send(std::slice::from_ref(&message.body))?)
            }
            Some(halt) if halt.may_pass() => Err(PortError::Retry(halt.to_string()).into()),
            _ => Ok(()),
        }
    }

    /// What sending came to; `None` where nothing may be sent.
    fn send(&self, wanted: &Wanted, deadline: Instant) -> Result<Option<Summary>, Failure> {
        let Wanted { organization, kind, as_of } = wanted;
        let (configuration, _) = self.environment.configuration()?;
        let Some(settings) = configuration.organizations.get(organization) else {
            warn!(%organization, "a message names an organization that is not configured");
            return Ok(None);
        };
        let (client, now) = (self.environment.io(organization)?, Timestamp::now());
        if !client.may_play(as_of.unwrap_or(now), now) {
            warn!("the real IO is not called at a moment that somebody chose");
            return Ok(None);
        }
        let clock = appio::RunningClock::at(as_of.unwrap_or(now));
        let home = self.environment.home()?;
        let ports = (&client as _, &clock as _, &self.switch as _);
        let run = Run::new(organization, home.ring(), ports, settings.sending, None);
        let run = run.until(end(&clock, deadline));
        let refresh = |position: &Subject| {
            let asked = std::slice::from_ref(position);
            reconcile_subjects(&home, &configuration, asked, Timestamp::now()).map(drop)
        };
        let (home, configuration, refresh) = (&home, &configuration, &refresh);
        let campaign = Campaign { home, configuration, kind: *kind, refresh };
        Ok(Some(campaign.send(&run)?))
    }
}

/// Tells what sending came to: numbers.
fn tell(wanted: &Wanted, summary: &Summary) {
    let Wanted { organization, kind, .. } = wanted;
    let count = |done| summary.count(done);
    let not_on_io = count(Done::NotReachable(Unreachable::NotOnIo));
    let opted_out = count(Done::NotReachable(Unreachable::OptedOut));
    let halted = summary.halted.as_ref().map(ToString::to_string);
    // An alarm reads `io_stopped`.
    info!(
        %organization,
        kind = kind.code(),
        sent = count(Done::Sent),
        not_on_io,
        opted_out,
        refused = count(Done::Refused),
        parked = count(Done::Parked),
        unknown = count(Done::Unknown),
        no_longer_right = count(Done::NoLongerRight),
        not_configured = count(Done::NotConfigured),
        halted,
        io_stopped = u8::from(summary.is_io_stopped()),
        "messages were sent"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_queue_names_a_campaign_and_nobody() {
        let organization = "01234567897".parse().unwrap();
        let moment = "2026-11-20T08:00:00Z".parse().unwrap();
        for (as_of, body) in [
            (None, r#"{"kind":"invito","organization":"01234567897"}"#),
            (
                Some(moment),
                r#"{"as_of":"2026-11-20T08:00:00Z","kind":"invito","organization":"01234567897"}"#,
            ),
        ] {
            let wanted = Wanted::new(&organization, Kind::Invitation, as_of);
            assert_eq!(wanted.to_body(), body);
            assert_eq!(Wanted::read(body), Some(wanted));
        }
    }

    #[test]
    fn what_names_no_campaign_is_none() {
        for body in [
            "",
            "null",
            "{}",
            r#"{"kind":"invito"}"#,
            r#"{"kind":"saluti","organization":"01234567897"}"#,
            r#"{"kind":"invito","organization":"1"}"#,
            r#"{"kind":"invito","organization":"01234567897","as_of":"domani"}"#,
            r#"{"kind":"invito","organization":"01234567897","as_of":null}"#,
        ] {
            assert_eq!(Wanted::read(body), None, "{body}");
        }
    }
}

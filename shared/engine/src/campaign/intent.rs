//! Send intents: one for each position, kind and occurrence, so that each message goes once at
//! most.
//!
//! An intent is an outcome of a subject of its own: its changes are conditional on the version that
//! was read, and the journal keeps every one of them. What it says of the citizen is a hash.
//!
//! [`State::Sending`] is stored before the call and replaced after it. Who finds it later cannot
//! know whether the message left: it becomes [`State::Unknown`], and a person decides.
#![allow(clippy::disallowed_types, reason = "what `flatten` expands to; nothing here is a float")]

use std::collections::HashMap;

use domain::clock::in_rome;
use domain::identifier::{FiscalCode, OrganizationCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::campaign::plan::Row;
use crate::key;
use crate::port::{PortError, PortResult, ReadOutcomes, Subject};
use crate::record;
use crate::seal::Keyring;

/// What is to be sent: at most one message for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntentKey {
    /// Who sends.
    pub organization: OrganizationCode,
    /// About which position.
    pub position_id: String,
    /// Which kind of message: its word on the command line.
    pub kind: String,
    /// Which of its kind: a deadline, a batch.
    pub occurrence: String,
}

/// An intent as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentRecord {
    /// About which position.
    pub position_id: String,
    /// Which kind of message.
    pub kind: String,
    /// Which of its kind.
    pub occurrence: String,
    /// The service of IO that sends it: its name in the configuration.
    pub service: String,
    /// Hash of the recipient's fiscal code (see [`recipient`]).
    pub recipient: String,
    /// The template that the message was rendered from.
    pub template_version: String,
    /// Hash of the message.
    pub content: String,
    /// How many calls may have made a message, or failed for a reason that another call may not.
    pub attempts: u8,
    /// When this state began.
    pub at: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// The person who let it go again, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Release>,
}

/// Where an intent stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing was sent: it may be tried.
    Planned,
    /// A call is being made, or was when its worker died.
    Sending,
    /// IO has it.
    Sent {
        /// IO's name of the message.
        id: String,
        /// What IO said last of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fate: Option<Fate>,
        /// When IO was last asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_at: Option<Timestamp>,
        /// When IO took it.
        sent_at: Timestamp,
    },
    /// The citizen is to be told by other means: a result, not an error.
    NotReachable {
        /// Why.
        why: Unreachable,
    },
    /// IO will not take this message as it is.
    Refused {
        /// The status of its answer; 0 where our own check refused it first.
        status: u16,
        /// The title of its answer and the field that is wrong; nothing personal.
        reason: String,
    },
    /// It failed, nothing was sent, and it may be tried again.
    RetryAt {
        /// From when.
        not_before: Timestamp,
    },
    /// It failed as often as it may; nothing was sent.
    Parked {
        /// The status of the last answer; 0 where there was none.
        status: u16,
    },
    /// It may have been sent. Never sent again by itself.
    Unknown {
        /// Why it is not known.
        reason: String,
    },
}

/// Why a citizen cannot be written to in IO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// He does not use IO, or has closed his inbox.
    NotOnIo,
    /// He does not want messages of this service.
    OptedOut,
}

/// What became of a message that IO took (`status` of GET /messages).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// `ACCEPTED`: not handled yet.
    Accepted,
    /// `THROTTLED`: not handled yet.
    Throttled,
    /// `PROCESSED`: in the citizen's inbox, the only success.
    Delivered,
    /// `FAILED`.
    Failed,
    /// `REJECTED`, and the citizen may be written to now: why is not known.
    Rejected,
    /// `REJECTED`, and the citizen is not on IO.
    RejectedNotOnIo,
    /// `REJECTED`, and the citizen does not want messages of this service.
    RejectedOptedOut,
}

/// A person's word that an intent may be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Who.
    pub by: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// A message of a position, as the guards see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Which kind of message.
    pub kind: String,
    /// Which of its kind.
    pub occurrence: String,
    /// Where it stands.
    pub state: State,
    /// When that state began; of a message that IO took, when it took it.
    pub at: Timestamp,
}

impl State {
    /// Whether this message may be, or may get, in the citizen's hands.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Sending | Self::Sent { .. } | Self::Unknown { .. })
    }

    /// Whether this occurrence is over: no run sends it any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Planned | Self::RetryAt { .. })
    }
}

impl IntentKey {
    /// That of a row of a plan.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self {
            organization: row.organization.clone(),
            position_id: row.position_id.to_string(),
            kind: row.kind.code().to_owned(),
            occurrence: row.occurrence.to_string(),
        }
    }

    /// The subject whose outcome the intent is.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let Self { organization, position_id, kind, occurrence } = self;
        Subject(format!("{}{kind}#{occurrence}", key::messages_of(organization, position_id)))
    }
}

impl IntentRecord {
    fn sent(self) -> Sent {
        let at = match self.state {
            State::Sent { sent_at, .. } => sent_at,
            _ => self.at,
        };
        Sent { kind: self.kind, occurrence: self.occurrence, state: self.state, at }
    }
}

/// What is kept of a recipient who is written to at `at`: a keyed hash of that year. Nobody can
/// tell who he is without the keys, nor with them once the year is forgotten.
///
/// # Errors
/// When the keys of the year were destroyed.
pub fn recipient(
    ring: &Keyring,
    organization: &OrganizationCode,
    code: &FiscalCode,
    at: Timestamp,
) -> PortResult<String> {
    let year = Keyring::period(in_rome(at).year());
    let hash = ring.lookup(year, &format!("{organization}#{code}", code = code.as_str()));
    let gone = || PortError::Final(format!("the keys of {year} were destroyed"));
    hash.map(|hash| hash.to_string()).ok_or_else(gone)
}

/// Every message of a position that was ever tried, in order of kind and occurrence.
///
/// # Errors
/// When the ledger cannot be read.
pub fn history(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
    position_id: &str,
) -> PortResult<Vec<Sent>> {
    let mut history = Vec::new();
    let prefix = key::messages_of(organization, position_id);
    reader.scan_outcomes(&prefix, &mut |_, outcome| {
        let intent: IntentRecord = record::read(&outcome.body)?;
        // The identifier of another position may go on where this one ends.
        if intent.position_id == position_id {
            history.push(intent.sent());
        }
        Ok(())
    })?;
    Ok(history)
}

/// The same of every position that was ever written to, by position.
///
/// # Errors
/// When the ledger cannot be read.
pub fn histories(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
) -> PortResult<HashMap<String, Vec<Sent>>> {
    let mut histories: HashMap<String, Vec<Sent>> = HashMap::new();
    reader.scan_outcomes(&key::messages(organization), &mut |_, outcome| {
        let intent: IntentRecord = record::read(&outcome.body)?;
        histories.entry(intent.position_id.clone()).or_default().push(intent.sent());
        Ok(())
    })?;
    Ok(histories)
}

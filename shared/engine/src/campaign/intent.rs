//! What was sent, or may have been: the ledger of sending.
//!
//! Each message is a subject of its own, `org#SEND#position#kind#occurrence`: its outcome says what
//! became of it, its journal how.

use std::collections::HashMap;

use domain::campaign::{Kind, Sent, SentState};
use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key;
use crate::port::{PortError, PortResult, ReadOutcomes};
use crate::record;

/// What the ledger says of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentRecord {
    /// The position that it is about.
    pub position_id: String,
    /// Its kind.
    pub kind: String,
    /// Which one of its kind.
    pub occurrence: String,
    /// What became of it.
    pub state: String,
    /// When that was told.
    pub at: Timestamp,
}

impl IntentRecord {
    fn sent(&self) -> PortResult<Sent> {
        let damaged = || PortError::Final("the ledger holds a damaged message".into());
        Ok(Sent {
            kind: Kind::from_code(&self.kind).ok_or_else(damaged)?,
            occurrence: self.occurrence.as_str().into(),
            state: SentState::from_code(&self.state).ok_or_else(damaged)?,
            at: self.at,
        })
    }
}

/// The messages of a position, in order of kind and occurrence.
///
/// # Errors
/// When the ledger cannot be read, or holds what this version did not write.
pub fn history(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
    position_id: &str,
) -> PortResult<Vec<Sent>> {
    let mut sent = Vec::new();
    let prefix = key::messages_of(organization, position_id);
    reader.scan_outcomes(&prefix, &mut |_, outcome| {
        let record: IntentRecord = record::read(&outcome.body)?;
        // The position `A#B` stands under the prefix of `A` too.
        if record.position_id == position_id {
            sent.push(record.sent()?);
        }
        Ok(())
    })?;
    Ok(sent)
}

/// The messages of every position of an organization.
///
/// # Errors
/// As [`history`].
pub fn histories(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
) -> PortResult<HashMap<String, Vec<Sent>>> {
    let mut histories: HashMap<String, Vec<Sent>> = HashMap::new();
    reader.scan_outcomes(&key::Kind::Message.prefix(organization), &mut |_, outcome| {
        let record: IntentRecord = record::read(&outcome.body)?;
        let sent = record.sent()?;
        histories.entry(record.position_id).or_default().push(sent);
        Ok(())
    })?;
    Ok(histories)
}

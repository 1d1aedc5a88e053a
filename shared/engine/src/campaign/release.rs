//! A person lets a message go again that no run would.

use jiff::Timestamp;

use super::intent::{IntentRecord, Release, State};
use super::ledger::Ledger;
use super::send::SENDING_MAX;
use crate::port::{PortError, PortResult, ReadOutcomes, Subject, WriteOutcomes};

/// Why an intent was not let go.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// There is none of this name.
    #[error("no message of this name was ever tried")]
    Missing,
    /// It was sent, it is for other channels, or it is free as it is.
    #[error("only a message of which nobody knows, or that failed or was refused, can be released")]
    NotStuck,
    /// A worker is sending it.
    #[error("the message is being sent: try again in five minutes")]
    InHand,
    /// The ledger failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Lets the message of an intent be tried again: one of which nobody knows whether it left, that
/// was refused, or that failed too often. Who does so has made sure that the citizen has not got
/// it.
///
/// # Errors
/// See [`ReleaseError`].
pub fn release(
    ledger: &mut Ledger<impl ReadOutcomes, impl WriteOutcomes>,
    intent: &Subject,
    (by, note): (&str, &str),
    now: Timestamp,
) -> Result<(), ReleaseError> {
    let stored = ledger.read::<IntentRecord>(intent)?;
    let Some(found) = &stored.record else { return Err(ReleaseError::Missing) };
    match found.state {
        State::Sending if now.duration_since(found.at) < SENDING_MAX => {
            return Err(ReleaseError::InHand);
        }
        State::Sending | State::Unknown { .. } | State::Parked { .. } | State::Refused { .. } => {}
        _ => return Err(ReleaseError::NotStuck),
    }
    let release = Release { by: by.to_owned(), note: note.to_owned(), at: now };
    let (state, released) = (State::Planned, Some(release));
    let free = IntentRecord { attempts: 0, at: now, state, released, ..found.clone() };
    if ledger.put(intent, &stored, &free, now)? { Ok(()) } else { Err(ReleaseError::InHand) }
}

/// Makes every intent of an organization whose worker is dead [`State::Unknown`]; how many.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn give_up_the_dead(
    ledger: &mut Ledger<impl ReadOutcomes, impl WriteOutcomes>,
    organization: &domain::identifier::OrganizationCode,
    now: Timestamp,
) -> PortResult<u64> {
    let mut dead = Vec::new();
    let prefix = crate::key::messages(organization);
    ledger.reader.scan_outcomes(&prefix, &mut |subject, outcome| {
        let intent: IntentRecord = crate::record::read(&outcome.body)?;
        if intent.state == State::Sending && now.duration_since(intent.at) >= SENDING_MAX {
            dead.push(subject);
        }
        Ok(())
    })?;
    for subject in &dead {
        let stored = ledger.read::<IntentRecord>(subject)?;
        if stored.record.as_ref().is_some_and(|intent| intent.state == State::Sending) {
            super::send::give_up(ledger, subject, &stored, now)?;
        }
    }
    Ok(dead.len() as u64)
}

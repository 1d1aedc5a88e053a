//! Everything that is known of a key, on one timeline: what happened and which file and line say
//! so, what was concluded and when.
//!
//! Look-ups are point reads, so that the answer does not wait for the size of the province; only
//! credits that name an IUV are searched among all credits.

mod debt;
mod decided;
mod find;
mod money;
mod timeline;

use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::configuration::{Configuration, Organization};
use crate::port::{PortResult, ReadFacts, ReadJournal, ReadOutcomes};

pub use timeline::Event;

/// Reads all that an explanation is made of.
pub trait Read: ReadFacts + ReadOutcomes + ReadJournal {}

impl<T: ReadFacts + ReadOutcomes + ReadJournal> Read for T {}

/// What is known of a key.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The key, as it was given.
    pub key: String,
    /// What it may be, at most [`Explanation::SUBJECTS_MAX`]: of a plate, every position.
    pub subjects: Vec<Story>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_none")]
    pub more: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// What is known of one subject.
#[derive(Debug, Clone, Serialize)]
pub struct Story {
    /// `position:ID`, `iuv:IUV`, `flow:PSP:IUF`, `credit:2026/123`.
    pub subject: String,
    /// `position`, `iuv`, `flow` or `credit`.
    pub kind: &'static str,
    /// Whose it is.
    pub organization: String,
    /// Where it stands, in Italian.
    pub state: String,
    /// What was concluded and why, in Italian.
    pub conclusions: Vec<String>,
    /// What happened, in order of time.
    pub timeline: Vec<Event>,
}

impl Explanation {
    /// The most subjects that are shown of one key.
    pub const SUBJECTS_MAX: usize = 20;

    /// The explanation as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("an explanation has only text keys")
    }
}

/// The organization and the moment that an explanation is for.
#[derive(Clone, Copy)]
struct Context<'a> {
    code: &'a OrganizationCode,
    settings: &'a Organization,
    configuration: &'a Configuration,
    as_of: Timestamp,
}

/// Tells what is known of a key: an IUV, a notice number, an IUF, a provvisorio (`2026/123`), a
/// position, a verbale, a plate or a fiscal code. No subject where nothing is known.
///
/// # Errors
/// When the ledger cannot be read.
pub fn explain(
    reader: &mut impl Read,
    configuration: &Configuration,
    key: &str,
    as_of: Timestamp,
) -> PortResult<Explanation> {
    let key = key.trim();
    let mut explanation = Explanation { key: key.to_owned(), subjects: Vec::new(), more: 0 };
    for (code, settings) in &configuration.organizations {
        let context = Context { code, settings, configuration, as_of };
        for found in find::all(reader, code, key)? {
            if explanation.subjects.len() == Explanation::SUBJECTS_MAX {
                explanation.more += 1;
                continue;
            }
            explanation.subjects.extend(match found {
                find::Found::Position(partition) => debt::position(reader, context, &partition)?,
                find::Found::Iuv(iuv) => debt::iuv(reader, context, &iuv)?,
                find::Found::Flow(partition) => money::flows(reader, context, &partition)?,
                find::Found::Credit(partition) => money::credit(reader, context, &partition)?,
            });
        }
    }
    Ok(explanation)
}

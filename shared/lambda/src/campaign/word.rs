//! What a person decides about messages, with who and when, into the ledger.

use domain::campaign::Kind;
use engine::campaign::ledger::Ledger;
use engine::campaign::{batch, correction, release};
use engine::configuration::Configuration;
use engine::port::{Home, Subject};
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::info;

use super::Word;
use crate::Failure;

impl Word {
    /// Records it.
    ///
    /// # Errors
    /// When it does not hold: nothing is recorded then.
    pub fn record<H: Home>(
        self,
        home: &H,
        configuration: &Configuration,
        now: Timestamp,
    ) -> Result<Value, Failure> {
        let organizations = configuration.organizations.keys().cloned();
        let what = match self {
            Self::Approve { batch, due, by } => {
                batch::decide(home, organizations, &batch, &by, Some(due), now)?;
                "approved"
            }
            Self::Withdraw { batch, by } => {
                batch::decide(home, organizations, &batch, &by, None, now)?;
                "withdrawn"
            }
            Self::Wrong { position, kind, by, note, correction, notice_cancelled } => {
                let unknown = Failure::Event("it names no kind of message");
                let kind = Kind::from_code(&kind).ok_or(unknown)?;
                let word = correction::Word { by: &by, note: &note, at: now };
                let right = (correction.as_deref(), notice_cancelled);
                correction::record(home, organizations, &position, kind, right, word)?;
                "wrong"
            }
            Self::Release { message, by, note } => {
                let mut ledger = Ledger { reader: home.reader()?, writer: home.writer()? };
                release::release(&mut ledger, &Subject(message), (&by, &note), now)?;
                "released"
            }
        };
        info!(what, "a person's word is recorded");
        Ok(json!({ "recorded": what }))
    }
}

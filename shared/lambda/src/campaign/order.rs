//! What `plan-messages` is called with: a schedule that names a kind, or a person's word.

use domain::campaign::Kind;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::{Failure, as_of};

/// An order to `plan-messages`.
pub enum Order {
    /// Plan a kind.
    Plan(Plan),
    /// Record what a person decides.
    Word(Word),
}

/// Plan a kind: `{"kind": "sollecito", "time": "2026-11-20T08:00:00Z"}`. With `as_of` instead of
/// `time` it is a look at another moment, at which the real IO is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The kind of message.
    pub kind: Kind,
    /// The moment that the plan is true for.
    pub moment: Timestamp,
    /// Whether somebody has chosen that moment.
    pub chosen: bool,
}

/// A person's word. It says who the person is, and is not shown in a log.
#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Word {
    /// `{"approve": {"batch": "…", "due": "2026-12-31", "by": "…"}}`: a batch of `pre_ruolo` may
    /// go.
    Approve {
        /// The batch, as its plan names it.
        batch: String,
        /// By when the office invites to pay.
        due: Date,
        /// Who approves.
        by: String,
    },
    /// `{"withdraw": {"batch": "…", "by": "…"}}`: it may not, if it has not gone.
    Withdraw {
        /// The batch.
        batch: String,
        /// Who takes the word back.
        by: String,
    },
    /// `{"wrong": {"position": "…", "kind": "…", "by": "…", "note": "…"}}`: a message that was sent
    /// is wrong.
    Wrong {
        /// The position that it was about.
        position: String,
        /// The kind of the message.
        kind: String,
        /// Who says so.
        by: String,
        /// Why; the citizen does not read it.
        note: String,
        /// What is right instead; the citizen reads it.
        #[serde(default)]
        correction: Option<String>,
        /// The notice that the message asked to pay was cancelled.
        #[serde(default)]
        notice_cancelled: bool,
    },
    /// `{"release": {"message": "…", "by": "…", "note": "…"}}`: a message of which nobody knew
    /// whether it left may go again.
    Release {
        /// The message, as `messages.jsonl` names its intent.
        message: String,
        /// Who releases it.
        by: String,
        /// How it is known that the citizen has not got it.
        note: String,
    },
}

impl Order {
    /// Reads an order.
    ///
    /// # Errors
    /// When it is none: nothing is done then.
    pub fn of(event: &Value) -> Result<Self, Failure> {
        if event.get("kind").is_none() {
            let word = Word::deserialize(event);
            return word.map(Self::Word).map_err(|_| Failure::Event("it is no order"));
        }
        let kind = event.get("kind").and_then(Value::as_str).and_then(Kind::from_code);
        let kind = kind.ok_or(Failure::Event("it names no kind of message"))?;
        let (moment, chosen) = (as_of(event)?, event.get("as_of").is_some());
        Ok(Self::Plan(Plan { kind, moment, chosen }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(event: &Value) -> Option<Plan> {
        match Order::of(event) {
            Ok(Order::Plan(plan)) => Some(plan),
            _ => None,
        }
    }

    fn word(event: &Value) -> Option<Word> {
        match Order::of(event) {
            Ok(Order::Word(word)) => Some(word),
            _ => None,
        }
    }

    #[test]
    fn a_schedule_names_a_kind_and_its_time_and_a_person_any_moment() {
        let moment = "2026-11-20T08:00:00Z".parse().unwrap();
        let of = |chosen| Some(Plan { kind: Kind::Overdue, moment, chosen });
        let by_schedule = json!({"kind": "sollecito", "time": "2026-11-20T08:00:00Z"});
        assert_eq!(plan(&by_schedule), of(false));
        let by_person = json!({"kind": "sollecito", "as_of": "2026-11-20T09:00:00+01:00"});
        assert_eq!(plan(&by_person), of(true));
    }

    #[test]
    fn a_person_approves_withdraws_corrects_and_releases() {
        let by = || "Anna".to_owned();
        let (batch, note) = (|| "abc".to_owned(), || "perché".to_owned());
        let due = jiff::civil::date(2026, 12, 31);
        for (event, expected) in [
            (
                json!({"approve": {"batch": "abc", "due": "2026-12-31", "by": "Anna"}}),
                Word::Approve { batch: batch(), due, by: by() },
            ),
            (
                json!({"withdraw": {"batch": "abc", "by": "Anna"}}),
                Word::Withdraw { batch: batch(), by: by() },
            ),
            (
                json!({"wrong": {"position": "P", "kind": "invito", "by": "Anna", "note": "perché"}}),
                Word::Wrong {
                    position: "P".to_owned(),
                    kind: "invito".to_owned(),
                    by: by(),
                    note: note(),
                    correction: None,
                    notice_cancelled: false,
                },
            ),
            (
                json!({"release": {"message": "o#MESSAGE#P", "by": "Anna", "note": "perché"}}),
                Word::Release { message: "o#MESSAGE#P".to_owned(), by: by(), note: note() },
            ),
        ] {
            assert!(word(&event) == Some(expected), "{event}");
        }
    }

    /// What is misspelt is not what it nearly says.
    #[test]
    fn what_is_no_order_does_nothing() {
        for event in [
            json!(null),
            json!({}),
            json!({"kind": "saluti", "time": "2026-11-20T08:00:00Z"}),
            json!({"kind": "sollecito"}),
            json!({"kind": "sollecito", "as_of": "domani"}),
            json!({"approve": {"batch": "abc", "by": "Anna"}}),
            json!({"approve": {"batch": "abc", "due": "31/12/2026", "by": "Anna"}}),
            json!({"approve": {"batch": "abc", "due": "2026-12-31", "by": "Anna", "all": true}}),
            json!({"wrong": {"position": "P", "kind": "invito", "by": "Anna", "note": "", "canceled": true}}),
            json!({"approve": {"batch": "a", "due": "2026-12-31", "by": "A"}, "withdraw": {"batch": "a", "by": "A"}}),
        ] {
            assert!(Order::of(&event).is_err_and(|failure| failure.is_final()), "{event}");
        }
    }
}

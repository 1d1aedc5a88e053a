//! The moment that a scheduled call is for, and how much it is to do.

use engine::sweep::Share;
use jiff::Timestamp;
use serde_json::Value;

use crate::Failure;

/// The moment that an event names: `as_of` where a person calls, `time` of the schedule else.
///
/// # Errors
/// When it names none: a report is true for a moment that somebody chose.
pub fn as_of(event: &Value) -> Result<Timestamp, Failure> {
    let named = event.get("as_of").or_else(|| event.get("time")).and_then(Value::as_str);
    let moment = named.and_then(|text| text.parse().ok());
    moment.ok_or(Failure::Event("it names no moment, as 2026-11-15T08:00:00+01:00"))
}

/// What a sweep asks for again: everything if the call says `"all": true`, as a person does after a
/// change of rules.
#[must_use]
pub fn share(event: &Value, moment: Timestamp) -> Share {
    if event.get("all") == Some(&Value::Bool(true)) { Share::All } else { Share::OfDay(moment) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_names_the_moment_or_the_schedule_does() {
        let expected: Timestamp = "2026-11-15T07:00:00Z".parse().unwrap();
        for event in [
            json!({"as_of": "2026-11-15T08:00:00+01:00"}),
            json!({"time": "2026-11-15T07:00:00Z", "detail-type": "Scheduled Event"}),
            json!({"time": "2020-01-01T00:00:00Z", "as_of": "2026-11-15T07:00:00Z"}),
        ] {
            assert_eq!(as_of(&event).unwrap(), expected, "{event}");
        }
        for event in [json!({}), json!({"as_of": "domani"}), json!({"as_of": 7}), json!(null)] {
            assert!(as_of(&event).is_err_and(|failure| failure.is_final()), "{event}");
        }
    }

    #[test]
    fn a_person_may_have_everything_asked_for() {
        let moment: Timestamp = "2026-11-15T07:00:00Z".parse().unwrap();
        assert_eq!(share(&json!({"all": true}), moment), Share::All);
        for event in [json!({}), json!({"all": false}), json!({"all": "true"}), json!(null)] {
            assert_eq!(share(&event, moment), Share::OfDay(moment), "{event}");
        }
    }
}

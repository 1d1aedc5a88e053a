//! What an answer says about one question: was a message made?

use engine::campaign::intent::Unreachable;
use engine::campaign::io::{IoError, Profile, Status};
use jiff::SignedDuration;
use serde::Deserialize;

/// An answer, as far as it is read.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether `Content-Type` is `application/problem+json`: the function itself speaks, not the
    /// gateway before it.
    pub is_problem: bool,
    /// `x-rate-limit-retry-after`, else `Retry-After`, in seconds.
    pub retry_after: Option<i64>,
    /// The body, at most as much as the client reads.
    pub body: Vec<u8>,
}

/// How long to wait where a 429 does not say.
const WAIT: i64 = 5;
/// The longest wait that is believed.
const WAIT_MAX: i64 = 3_600;

#[derive(Deserialize)]
struct ProfileBody {
    sender_allowed: bool,
}

#[derive(Deserialize)]
struct CreatedBody {
    id: String,
}

#[derive(Deserialize)]
struct StatusBody {
    status: Option<String>,
}

#[derive(Deserialize, Default)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

/// The answer of POST /profiles.
pub fn profile(answer: &Answer) -> Result<Profile, IoError> {
    match answer.status {
        200 => {
            let body: ProfileBody = read(answer)?;
            Ok(if body.sender_allowed {
                Profile::Allowed
            } else {
                Profile::Unreachable(Unreachable::OptedOut)
            })
        }
        404 => Ok(Profile::Unreachable(Unreachable::NotOnIo)),
        _ => Err(failure(answer)),
    }
}

/// The answer of POST /messages.
pub fn created(answer: &Answer) -> Result<String, IoError> {
    match answer.status {
        201 => {
            let CreatedBody { id } = read(answer)?;
            let good =
                (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
            if good { Ok(id) } else { Err(IoError::Ambiguous("created, but its name is not one")) }
        }
        404 => Err(refused(answer)),
        _ => Err(failure(answer)),
    }
}

/// The answer of GET /messages. Without a status there is none yet.
pub fn status(answer: &Answer) -> Result<Status, IoError> {
    match answer.status {
        200 => {
            let body: StatusBody = read(answer)?;
            match body.status.as_deref() {
                None | Some("ACCEPTED") => Ok(Status::Accepted),
                Some("THROTTLED") => Ok(Status::Throttled),
                Some("PROCESSED") => Ok(Status::Processed),
                Some("FAILED") => Ok(Status::Failed),
                Some("REJECTED") => Ok(Status::Rejected),
                Some(_) => Err(IoError::Ambiguous("a status that is not known")),
            }
        }
        404 => Err(IoError::Missing),
        _ => Err(failure(answer)),
    }
}

fn read<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, IoError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| IoError::Ambiguous("the answer is not what its status promises"))
}

fn failure(answer: &Answer) -> IoError {
    match answer.status {
        401 | 403 => IoError::Forbidden { status: answer.status, reason: reason(answer) },
        // Another address than that of IO.
        300..=399 => IoError::Forbidden { status: answer.status, reason: "redirected".to_owned() },
        // The server gave up waiting, for what it does not say.
        408 => IoError::Ambiguous("408"),
        429 => {
            let seconds = answer.retry_after.unwrap_or(WAIT).clamp(0, WAIT_MAX);
            IoError::Throttled(SignedDuration::from_secs(seconds))
        }
        400..=499 => refused(answer),
        500 if answer.is_problem => IoError::Failed,
        500 => IoError::Ambiguous("500 of the gateway"),
        502 => IoError::Ambiguous("502"),
        503 => IoError::Ambiguous("503"),
        504 => IoError::Ambiguous("504"),
        _ => IoError::Ambiguous("a status that is not known"),
    }
}

fn refused(answer: &Answer) -> IoError {
    IoError::Refused { status: answer.status, reason: reason(answer) }
}

/// The title, and the path of the field that is wrong. The detail repeats what was sent, so nothing
/// else of it is kept; of the title only what looks like one.
fn reason(answer: &Answer) -> String {
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let title = if is_title(&problem.title) { problem.title.as_str() } else { "" };
    match path(&problem.detail) {
        Some(path) => format!("{title} ({path})").trim_start().to_owned(),
        None => title.to_owned(),
    }
}

/// A few words of letters, none as long as a fiscal code.
fn is_title(text: &str) -> bool {
    let word = |word: &str| {
        word.len() < 16 && word.bytes().all(|b| b.is_ascii_alphabetic() || b"'-.,".contains(&b))
    };
    text.len() <= 80 && text.split(' ').all(word)
}

/// The path after the last ` at root`: fields of the description, letters and underscores.
fn path(detail: &str) -> Option<&str> {
    let (_, after) = detail.rsplit_once(" at root.")?;
    let end = after.find(|c: char| !(c.is_ascii_lowercase() || c == '_' || c == '.'));
    let path = &after[..end.unwrap_or(after.len())];
    (!path.is_empty() && path.len() <= 80).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, is_problem: true, retry_after: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_profile_answers_one_question() {
        for (status, body, expected) in [
            (200, r#"{"sender_allowed":true,"preferred_languages":["it_IT"]}"#, Profile::Allowed),
            (200, r#"{"sender_allowed":false}"#, Profile::Unreachable(Unreachable::OptedOut)),
            (404, "", Profile::Unreachable(Unreachable::NotOnIo)),
        ] {
            assert_eq!(profile(&answer(status, body)), Ok(expected), "{status} {body}");
        }
        assert!(profile(&answer(200, "{}")).is_err(), "not said is not allowed");
    }

    #[test]
    fn an_answer_to_a_message_says_whether_one_was_made() {
        let forbidden = |status| IoError::Forbidden { status, reason: String::new() };
        let refused = |status| IoError::Refused { status, reason: String::new() };
        let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        assert_eq!(created(&answer(201, &format!(r#"{{"id":"{id}"}}"#))), Ok(id.to_owned()));
        for (status, expected) in [
            (400, refused(400)),
            (401, forbidden(401)),
            (403, forbidden(403)),
            (404, refused(404)),
            (413, refused(413)),
            (429, IoError::Throttled(SignedDuration::from_secs(5))),
            (500, IoError::Failed),
        ] {
            assert_eq!(created(&answer(status, "{}")), Err(expected), "{status}");
        }
        for (status, body) in [
            (200, ""),
            (201, ""),
            (201, r#"{"id":""}"#),
            (202, "{}"),
            (408, ""),
            (502, ""),
            (503, ""),
            (504, ""),
        ] {
            let found = created(&answer(status, body));
            assert!(matches!(found, Err(IoError::Ambiguous(_))), "{status} {body:?}: {found:?}");
        }
        let gateway = Answer { is_problem: false, ..answer(500, "") };
        assert!(matches!(created(&gateway), Err(IoError::Ambiguous(_))));
    }

    #[test]
    fn a_wait_is_believed_up_to_an_hour() {
        for (said, seconds) in [(None, 5), (Some(0), 0), (Some(17), 17), (Some(86_400), 3_600)] {
            let answer = Answer { retry_after: said, ..answer(429, "") };
            let wait = IoError::Throttled(SignedDuration::from_secs(seconds));
            assert_eq!(created(&answer), Err(wait), "{said:?}");
        }
    }

    #[test]
    fn of_a_problem_the_title_and_the_path_are_kept_and_nothing_of_the_citizen() {
        for (body, reason) in [
            (
                r#"{"title":"Invalid NewMessage","detail":"value \"RSSMRA80A01H501U\" at root.fiscal_code is not a valid [FiscalCode]"}"#,
                "Invalid NewMessage (fiscal_code)",
            ),
            (
                r#"{"title":"Bad","detail":"value \"Gentile Mario at root.rossi\" at root.content.markdown is not a string"}"#,
                "Bad (content.markdown)",
            ),
            (r#"{"title":"RSSMRAULALMHRLMU is wrong","detail":"x"}"#, ""),
            (r#"{"title":"Recipient forbidden"}"#, "Recipient forbidden"),
            ("not json", ""),
        ] {
            let expected = IoError::Refused { status: 400, reason: reason.to_owned() };
            assert_eq!(created(&answer(400, body)), Err(expected), "{body}");
        }
    }

    #[test]
    fn a_status_that_is_not_there_yet_is_accepted() {
        for (body, expected) in [
            (r#"{"message":{"id":"A"}}"#, Status::Accepted),
            (r#"{"status":"ACCEPTED"}"#, Status::Accepted),
            (r#"{"status":"PROCESSED"}"#, Status::Processed),
            (r#"{"status":"REJECTED"}"#, Status::Rejected),
            (r#"{"status":"FAILED"}"#, Status::Failed),
            (r#"{"status":"THROTTLED"}"#, Status::Throttled),
        ] {
            assert_eq!(status(&answer(200, body)), Ok(expected), "{body}");
        }
        assert_eq!(status(&answer(404, "")), Err(IoError::Missing));
    }
}

//! What the client makes of answers, and of none.

use std::time::Duration;

use appio::CALL_MAX;
use domain::identifier::FiscalCode;
use engine::campaign::intent::Unreachable;
use engine::campaign::io::{Io, IoError, Profile, Status};
use jiff::SignedDuration;

use crate::stand_in::{Reply, StandIn};
use crate::{SERVICE, citizen, client, message};

const PROBLEM: &str = "Content-Type: application/problem+json\r\n";
const ID: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

fn said(status: u16, headers: &'static str, body: &str) -> Reply {
    Reply::Answer(status, headers, body.to_owned())
}

fn sent(reply: Reply) -> Result<String, IoError> {
    let io = StandIn::with(vec![reply]);
    let sent = client(&io.base, Duration::from_millis(500)).send(SERVICE, &citizen(), &message());
    assert_eq!(io.requests().len(), 1, "nothing is tried again");
    sent
}

#[test]
fn a_message_is_one_request_with_key_and_body() {
    let io = StandIn::with(vec![
        said(200, "", r#"{"sender_allowed":true}"#),
        said(201, "", &format!(r#"{{"id":"{ID}"}}"#)),
        said(200, "", r#"{"message":{},"status":"PROCESSED"}"#),
    ]);
    let client = client(&io.base, CALL_MAX);
    assert_eq!(client.profile(SERVICE, &citizen()), Ok(Profile::Allowed));
    assert_eq!(client.send(SERVICE, &citizen(), &message()).as_deref(), Ok(ID));
    assert_eq!(client.status(SERVICE, &citizen(), ID), Ok(Status::Processed));
    let requests = io.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(lines[..2], ["POST /api/v1/profiles HTTP/1.1", "POST /api/v1/messages HTTP/1.1",]);
    assert_eq!(lines[2], format!("GET /api/v1/messages/RSSMRA80A01H501U/{ID} HTTP/1.1"));
    for request in &requests {
        let key = |header: &String| header.eq_ignore_ascii_case("ocp-apim-subscription-key: key");
        assert!(request.headers.iter().any(key), "{:?}", request.headers);
    }
    for request in &requests[..2] {
        let json = "content-type: application/json; charset=utf-8";
        assert!(request.headers.iter().any(|header| header.eq_ignore_ascii_case(json)));
    }
    assert_eq!(requests[0].body, r#"{"fiscal_code":"RSSMRA80A01H501U"}"#);
    let body: serde_json::Value = serde_json::from_str(&requests[1].body).unwrap();
    assert_eq!(body["content"]["payment_data"]["amount"], 8650);
    assert_eq!(body["content"]["due_date"], "2026-04-07T21:59:59.000Z");
}

#[test]
fn what_a_status_means_is_told() {
    let throttled = |seconds| Err(IoError::Throttled(SignedDuration::from_secs(seconds)));
    for (reply, expected) in [
        (said(429, "x-rate-limit-retry-after: 7\r\nRetry-After: 1\r\n", ""), throttled(7)),
        (said(429, "Retry-After: 2\r\n", ""), throttled(2)),
        (said(429, "", ""), throttled(5)),
        (said(500, PROBLEM, r#"{"title":"Internal server error"}"#), Err(IoError::Failed)),
        (
            said(403, PROBLEM, r#"{"title":"Recipient forbidden","detail":"RSSMRA80A01H501U"}"#),
            Err(IoError::Forbidden { status: 403, reason: "Recipient forbidden".to_owned() }),
        ),
        (
            said(401, "", r#"{"statusCode":401,"message":"Access denied"}"#),
            Err(IoError::Forbidden { status: 401, reason: String::new() }),
        ),
        (
            said(302, "Location: http://127.0.0.1:1/\r\n", ""),
            Err(IoError::Forbidden { status: 302, reason: "redirected".to_owned() }),
        ),
    ] {
        assert_eq!(sent(reply.clone()), expected, "{reply:?}");
    }
}

#[test]
fn where_nobody_knows_whether_a_message_was_made_that_is_what_is_told() {
    for reply in [
        Reply::Cut,
        Reply::Silence,
        Reply::BreaksOff,
        said(500, "", "gateway"),
        said(502, "", ""),
        said(503, "", ""),
        said(504, "", ""),
        said(201, "", "created"),
        said(201, "", &format!(r#"{{"id":"{}"}}"#, "A".repeat(200_000))),
    ] {
        let found = sent(reply.clone());
        assert!(matches!(found, Err(IoError::Ambiguous(_))), "{reply:?}: {found:?}");
    }
}

#[test]
fn without_a_connection_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sent = client(&base, CALL_MAX).send(SERVICE, &citizen(), &message());
    assert_eq!(sent, Err(IoError::Unreached));
}

#[test]
fn a_citizen_who_cannot_be_written_to_is_no_error() {
    let io = StandIn::with(vec![
        said(200, "", r#"{"sender_allowed":false}"#),
        said(404, PROBLEM, r#"{"title":"Not found"}"#),
    ]);
    let client = client(&io.base, CALL_MAX);
    for why in [Unreachable::OptedOut, Unreachable::NotOnIo] {
        assert_eq!(client.profile(SERVICE, &citizen()), Ok(Profile::Unreachable(why)));
    }
}

#[test]
fn what_breaks_a_rule_of_io_does_not_leave() {
    let io = StandIn::with(Vec::new());
    let mut short = message();
    short.markdown = "breve".to_owned();
    let company = FiscalCode::parse("01234567897").unwrap();
    let client = client(&io.base, CALL_MAX);
    let refused =
        [client.send(SERVICE, &citizen(), &short), client.send(SERVICE, &company, &message())];
    let rules = ["content.markdown", "fiscal_code"];
    assert_eq!(refused, rules.map(|rule| Err(IoError::Invalid(rule))));
    assert!(io.requests().is_empty());
}

#[test]
fn errors_tell_nothing_of_the_citizen() {
    let detail = "value \\\"RSSMRA80A01H501U Mario Rossi\\\" at root.content.markdown is not";
    let body = format!(r#"{{"title":"Invalid NewMessage","detail":"{detail}"}}"#);
    let error = sent(said(400, PROBLEM, &body)).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("content.markdown"), "{shown}");
    assert!(!shown.contains("RSSMRA") && !shown.contains("Rossi"), "{shown}");
}

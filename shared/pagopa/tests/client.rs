//! The client against a service on loopback that is told what to answer.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use domain::identifier::{Iuf, OrganizationCode, Psp};
use engine::poll::{Account, ApiKey, Published, PublishedFlows};
use engine::port::PortError;
use pagopa::Fdr;

const LIST: &str = r#"{"metadata":{"pageSize":1000,"pageNumber":1,"totPage":2},"count":3,"data":[
    {"fdr":"2026-11-20BCITITMM-A","pspId":"BCITITMM","revision":2,"published":"2026-11-20T11:00:00Z"},
    {"fdr":"..","pspId":"BCITITMM","revision":1},
    {"fdr":"2026-11-20BCITITMM-B","pspId":"BCITITMM","revision":0}]}"#;
const PAGE: &str = r#"{"metadata":{"pageSize":1000,"pageNumber":1,"totPage":7},"data":[]}"#;
const HEADER: &str = r#"{"fdr":"2026-11-20BCITITMM-A","revision":2,"sumPayments":12.34}"#;

/// Answers each connection with the next answer, closes it, and tells the requests it got.
struct Stub {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Stub {
    fn answering(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let got = Arc::clone(&requests);
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head: Vec<_> =
                    lines.map(Result::unwrap).take_while(|l| !l.is_empty()).collect();
                got.lock().unwrap().push(head.join("\n"));
                // The client may have hung up on an answer that is too long.
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { address, requests, waits: Arc::default() }
    }

    fn client(&self) -> Fdr {
        let waits = Arc::clone(&self.waits);
        Fdr::waiting_by(&self.address, Box::new(move |pause| waits.lock().unwrap().push(pause)))
            .unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn ok(body: &str) -> String {
    answer("200 OK", "", body)
}

fn answer(status: &str, header: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn account() -> Account {
    Account {
        organization: OrganizationCode::parse("01234567897").unwrap(),
        intermediary: "INT-A".into(),
        key: ApiKey("the-key".into()),
    }
}

fn flow(iuf: &str) -> Published {
    Published { iuf: Iuf::parse(iuf).unwrap(), psp: Psp::parse("BCITITMM").unwrap(), revision: 2 }
}

#[test]
fn it_asks_as_the_interface_says_with_the_key_in_a_header() {
    let stub = Stub::answering([LIST, LIST, HEADER, PAGE].map(ok).into());
    let (mut client, account) = (stub.client(), account());
    let after = "2026-11-01T08:00:00Z".parse().unwrap();
    let listing = client.list(&account, Some(after), 1).unwrap();
    assert_eq!(listing.flows, [flow("2026-11-20BCITITMM-A")]);
    assert_eq!((listing.unreadable, listing.pages), (2, 2));
    client.list(&account, None, 1).unwrap();
    let listed = &listing.flows[0];
    assert_eq!(client.flow(&account, listed).unwrap().unwrap(), HEADER.as_bytes());
    let page = client.payments(&account, listed, 1).unwrap().unwrap();
    assert_eq!((page.body, page.pages), (PAGE.as_bytes().to_vec(), 7));
    let lines: Vec<_> =
        stub.requests().iter().map(|head| head.lines().next().unwrap().to_owned()).collect();
    let flows = "GET /v1/organizations/01234567897/fdrs";
    let of = format!("{flows}/2026-11-20BCITITMM-A/revisions/2/psps/BCITITMM");
    assert_eq!(
        lines,
        [
            format!("{flows}?page=1&size=1000&publishedGt=2026-11-01T08:00:00Z HTTP/1.1"),
            format!("{flows}?page=1&size=1000 HTTP/1.1"),
            format!("{of} HTTP/1.1"),
            format!("{of}/payments?page=1&size=1000 HTTP/1.1"),
        ]
    );
    for head in stub.requests() {
        let key = head.to_lowercase().contains("ocp-apim-subscription-key: the-key");
        assert!(key && !head.lines().next().unwrap().contains("the-key"), "{head}");
    }
}

#[test]
fn free_text_stays_in_its_part_of_the_path() {
    let stub = Stub::answering(vec![answer("404 Not Found", "", "{}")]);
    assert_eq!(stub.client().flow(&account(), &flow("a/b ?è")).unwrap(), None);
    let wanted = "/fdrs/a%2Fb%20%3F%C3%A8/revisions/2/psps/BCITITMM HTTP/1.1";
    assert!(stub.requests()[0].lines().next().unwrap().ends_with(wanted), "{:?}", stub.requests());
}

#[test]
fn a_busy_service_is_asked_again_not_sooner_than_it_says() {
    let busy = answer("429 Too Many Requests", "Retry-After: 7\r\n", "{}");
    let down = answer("503 Service Unavailable", "", "{}");
    let stub = Stub::answering(vec![busy, down, String::new(), ok(LIST)]);
    assert!(stub.client().list(&account(), None, 1).is_ok());
    let waits = stub.waits.lock().unwrap().clone();
    assert_eq!(waits.len(), 3);
    assert!(waits[0] >= Duration::from_secs(7), "{waits:?}");
    assert!(waits.iter().all(|wait| *wait > Duration::ZERO), "{waits:?}");
}

#[test]
fn it_gives_up_for_now_after_five_tries_or_when_told_to_wait_long() {
    let down = answer("500 Internal Server Error", "", r#"{"appErrorCode":"FDR-0500"}"#);
    let stub = Stub::answering(vec![down; 5]);
    let error = stub.client().list(&account(), None, 1).unwrap_err();
    let told = "pagoPA failed (500 Internal Server Error, FDR-0500)";
    assert!(matches!(error, PortError::Retry(it) if it == told));
    assert_eq!(stub.requests().len(), 5);

    let later = answer("429 Too Many Requests", "Retry-After: 61\r\n", "{}");
    let stub = Stub::answering(vec![later]);
    assert!(matches!(stub.client().list(&account(), None, 1), Err(PortError::Retry(_))));
    assert_eq!(stub.requests().len(), 1);
}

#[test]
fn what_will_not_change_is_not_asked_again_and_errors_repeat_nothing() {
    let secret = r#"{"appErrorCode":"RSSMRA80A01H501U","errors":[{"message":"RSSMRA80A01H501U"}]}"#;
    for (status, told) in [
        ("401 Unauthorized", "pagoPA refuses the key (401 Unauthorized)"),
        ("403 Forbidden", "pagoPA refuses the key (403 Forbidden)"),
        ("400 Bad Request", "pagoPA refuses the request (400 Bad Request)"),
        ("302 Found", "pagoPA refuses the request (302 Found)"),
    ] {
        let moved = "Location: http://127.0.0.1:1/\r\n";
        let stub = Stub::answering(vec![answer(status, moved, secret)]);
        let error = stub.client().list(&account(), None, 1).unwrap_err();
        assert!(matches!(&error, PortError::Final(it) if it == told), "{error}");
        assert_eq!(stub.requests().len(), 1);
    }
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let other_page = r#"{"metadata":{"pageNumber":2,"totPage":2},"data":[]}"#;
    for body in [other_page, "[]", "<html>", "", r#"{"data":[]}"#] {
        let stub = Stub::answering(vec![ok(body)]);
        let error = stub.client().list(&account(), None, 1).unwrap_err();
        assert!(matches!(error, PortError::Final(_)), "{body}");
    }
    let stub = Stub::answering(vec![ok(HEADER)]);
    let error = stub.client().flow(&account(), &flow("another")).unwrap_err();
    assert!(matches!(error, PortError::Final(_)));
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let cut = ok(LIST).replace(&LIST[100..], "");
    let stub = Stub::answering(vec![cut, ok(LIST)]);
    assert_eq!(stub.client().list(&account(), None, 1).unwrap().pages, 2);
}

#[test]
fn a_page_of_the_most_bytes_is_read_and_a_longer_one_is_not() {
    for (bytes, good) in [(2 * 1024 * 1024, true), (2 * 1024 * 1024 + 1, false)] {
        let page = format!("{PAGE}{}", " ".repeat(bytes - PAGE.len()));
        let stub = Stub::answering(vec![ok(&page)]);
        let read = stub.client().payments(&account(), &flow("x"), 1);
        assert_eq!(read.is_ok(), good, "{bytes}");
    }
}

#[test]
fn a_key_goes_in_the_clear_to_this_machine_alone() {
    for (base, good) in [
        ("https://api.platform.pagopa.it/fdr-org/service/v1", true),
        ("http://127.0.0.1:4010", true),
        ("http://api.platform.pagopa.it", false),
        ("http://127.0.0.1.example:80", false),
        ("http://localhost:4010", false),
    ] {
        assert_eq!(Fdr::new(base).is_ok(), good, "{base}");
    }
}

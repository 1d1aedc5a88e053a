//! Every message that passes our checks is one that IO's own code reads, whole: the payment data
//! that it would drop without a word are there afterwards.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;

use domain::identifier::{FiscalCode, NoticeNumber};
use domain::money::Cents;
use engine::campaign::io::Io;
use engine::campaign::message::{Message, PaymentData};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;

use crate::stand_in::{Reply, StandIn};
use crate::{SERVICE, citizen, client, house, oracle};

/// Messages that are tried.
const MESSAGES: usize = 400;

/// Messages of every length and every character that our checks let through.
fn messages() -> impl Strategy<Value = Message> {
    let amount = prop_oneof![Just(1), Just(9_999_999_999), 1..=9_999_999_999_i64];
    let payment = (amount, "[0-3][0-9]{17}").prop_map(|(amount, notice)| PaymentData {
        amount: Cents::new(amount),
        notice_number: NoticeNumber::parse(&notice).unwrap(),
        invalid_after_due_date: false,
    });
    // From 2000 to 2099.
    let due = (946_684_800..4_102_444_800_i64).prop_map(|at| Timestamp::from_second(at).unwrap());
    let texts = ("[^\\p{C}]{10,60}", "(?s).{80,1200}|🚗{5000}|x{80}|x{10000}");
    (texts, proptest::option::of(due), proptest::option::of(payment)).prop_map(
        |((subject, markdown), due_date, payment_data)| Message {
            subject,
            markdown: markdown.replace("---", "— "),
            due_date,
            payment_data,
        },
    )
}

/// What the client writes for each message.
fn written(messages: &[Message]) -> Vec<String> {
    let created = Reply::Answer(201, "", r#"{"id":"A"}"#.to_owned());
    let io = StandIn::with(vec![created; messages.len()]);
    let client = client(&io.base, appio::CALL_MAX);
    for message in messages {
        client.send(SERVICE, &citizen(), message).unwrap();
    }
    io.requests().into_iter().map(|request| request.body).collect()
}

/// What IO's codec makes of each; null where it refuses.
fn decoded(bodies: &[String]) -> Option<Vec<Value>> {
    let oracle = oracle()?;
    let mut node = Command::new("node")
        .arg(house().join("shared/appio/oracle/decode.js"))
        .arg(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = node.stdin.take().unwrap();
    let from = BufReader::new(node.stdout.take().unwrap());
    let decoded = thread::scope(|scope| {
        scope.spawn(move || bodies.iter().for_each(|body| writeln!(to, "{body}").unwrap()));
        from.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    });
    assert!(node.wait().unwrap().success());
    Some(decoded)
}

#[test]
fn every_message_is_read_whole_by_the_codec_of_io() {
    let config = Config { rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let mut next = || messages().new_tree(&mut runner).unwrap().current();
    let good = |message: &Message| appio::check(&citizen(), message).is_ok();
    let messages: Vec<_> = std::iter::repeat_with(&mut next).filter(good).take(MESSAGES).collect();
    let bodies = written(&messages);
    let Some(decoded) = decoded(&bodies) else { return };
    assert_eq!(decoded.len(), MESSAGES);
    for (body, decoded) in bodies.iter().zip(&decoded) {
        let ours: Value = serde_json::from_str(body).unwrap();
        let (ours, theirs) = (&ours["content"], &decoded["content"]);
        assert!(!decoded.is_null(), "refused: {body}");
        for field in ["subject", "markdown"] {
            assert_eq!(theirs[field], ours[field], "{body}");
        }
        assert_eq!(theirs["due_date"], ours["due_date"], "{body}");
        for field in ["amount", "notice_number", "invalid_after_due_date"] {
            assert_eq!(theirs["payment_data"][field], ours["payment_data"][field], "{body}");
        }
    }
}

/// The oracle can say no.
#[test]
fn the_codec_of_io_refuses_what_io_refuses() {
    let body = |markdown: &str, extra: &str| {
        format!(
            r#"{{"fiscal_code":"RSSMRA80A01H501U","content":{{"subject":"Un titolo buono","markdown":"{markdown}"{extra}}}}}"#
        )
    };
    let good = "x".repeat(80);
    let bodies = [
        body(&good, ""),
        body("corto", ""),
        body(&good, r#","payment_data":null"#),
        body(&good, r#","due_date":"2026-04-07""#),
        body(&good, r#","payment_data":{"amount":86.5,"notice_number":"301011100007347557"}"#),
    ];
    let Some(decoded) = decoded(&bodies) else { return };
    let accepted: Vec<_> = decoded.iter().map(|one| !one.is_null()).collect();
    assert_eq!(accepted, [true, false, false, false, false]);
}

#[test]
fn the_made_up_citizen_is_one_that_io_knows_the_form_of() {
    assert!(FiscalCode::parse("AAAAAA00A00A000A").is_ok());
}

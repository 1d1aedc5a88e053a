//! Every message that passes our checks is one that IO's own code reads, whole: the payment data
//! that it would drop without a word are there afterwards.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;

use domain::campaign::Kind;
use domain::identifier::{FiscalCode, NoticeNumber};
use domain::money::Cents;
use engine::campaign::io::Io;
use engine::campaign::message::{Message, PaymentData};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use messages::{Values, builtin};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;

use crate::stand_in::{Reply, StandIn};
use crate::{SERVICE, citizen, client, house, oracle};

/// Messages that are tried.
const MESSAGES: usize = 400;

/// Messages of each kind of text, filled with anything that offices and citizens are called.
fn of_the_texts() -> impl Strategy<Value = Message> {
    let texts = ("\\PC{1,40}", "[0-9A-Z/]{1,20}", "\\PC{10,120}");
    let days = (0..400_i64, 0..400_i64).prop_map(|(a, b)| [a, b].map(day));
    let cents = 1..=10_000_000_i64;
    (proptest::sample::select(&Kind::ALL), texts, days, cents).prop_map(
        |(kind, (contacts, number, cause), [first, second], cents)| {
            let (amount, notice) = (Cents::new(cents), "301000000000012474");
            let dates = [
                "data_verbale",
                "scadenza",
                "scadenza_sconto",
                "data_calcolo",
                "data_pagamento",
                "data_notifica",
                "data_invito",
                "data_registrazione",
                "data_trasmissione",
                "data_invio",
                "scadenza_dati",
            ];
            let values = Values::default()
                .text("contatti", &contacts)
                .text("numero", &number)
                .text("codice_avviso", notice)
                .text("punti", "3")
                .text("oggetto", "canone di concessione")
                .text("causale", &cause)
                .title("titolo", "Sanzione Codice della Strada: il pagamento è in scadenza")
                .amount("importo", amount)
                .amount("versato", amount)
                .address("url_modulo", "https://provincia.example/dati-conducente");
            let values = dates.into_iter().fold(values, |values, name| {
                values.date(name, if name.starts_with("data") { first } else { second })
            });
            let text = builtin(kind).fill(&values).unwrap();
            Message {
                subject: text.subject,
                markdown: text.markdown,
                due_date: Some(second.at(23, 59, 59, 0).in_tz("Europe/Rome").unwrap().timestamp()),
                payment_data: Some(PaymentData {
                    amount,
                    notice_number: NoticeNumber::parse(notice).unwrap(),
                    invalid_after_due_date: cents % 2 == 0,
                }),
            }
        },
    )
}

fn day(days: i64) -> Date {
    date(2026, 1, 1).saturating_add(days.days())
}

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
    read_whole(messages());
}

#[test]
fn every_message_of_our_texts_is_read_whole_by_the_codec_of_io() {
    read_whole(of_the_texts().prop_filter("none is refused", |message| {
        appio::check(&citizen(), message).unwrap();
        true
    }));
}

fn read_whole(messages: impl Strategy<Value = Message>) {
    let config = Config { rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let mut next = || messages.new_tree(&mut runner).unwrap().current();
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

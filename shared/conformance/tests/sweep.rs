//! Work that got stuck is asked again: at once where nothing was concluded, within four weeks where
//! facts are newer than the conclusion.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use conformance::Memory;
use engine::configuration::Configuration;
use engine::port::{
    Change, Fact, Hash, Home, Source, Subject, Unit, WorkQueue, WriteFacts, WriteOutcomes,
};
use engine::sweep::{ROUND_DAYS, Share, ask_again};
use jiff::{SignedDuration, Timestamp};

/// Subjects with facts; the last is of an IUV that a position owns.
const SUBJECTS: [&str; 5] = [
    "01234567897#CREDIT#2026#000000000000000001",
    "01234567897#IUF#2026-11-20bcititmm-a",
    "01234567897#IUV#01000000000000123",
    "01234567897#POS#P1",
    "01234567897#IUV#01000000000000456",
];

fn home() -> Memory {
    let home = Memory::default();
    for subject in SUBJECTS {
        let sort = if subject.ends_with("456") { "ALIAS" } else { "FACT" };
        let facts = vec![Fact {
            partition: subject.to_owned(),
            sort: sort.to_owned(),
            body: r#"{"position_id":"P1"}"#.to_owned(),
            source: Source { file: "input.xml".to_owned(), line: 1 },
        }];
        Home::writer(&home).unwrap().put_alone(Unit { facts, asks: Vec::new() }).unwrap();
    }
    home
}

fn conclude(home: &Memory, subject: &str) {
    let change = Change {
        subject: Subject(subject.to_owned()),
        from_version: 0,
        body: "{}".to_owned(),
        entry: "{}".to_owned(),
        entry_hash: Hash::default(),
        answers: Vec::new(),
    };
    assert_eq!(Home::writer(home).unwrap().conclude(&[change]).unwrap(), [true]);
}

/// What is asked for, which is answered then.
fn asked(home: &Memory, share: Share) -> Vec<String> {
    let text = "[[organization]]\nfiscal_code = \"01234567897\"\nname = \"Provincia\"\n";
    let configuration = Configuration::parse(text).unwrap();
    let count = ask_again(home, &configuration, share).unwrap();
    let mut queue = Home::writer(home).unwrap();
    let tickets = queue.asked("", 1_000).unwrap();
    queue.answer(&tickets).unwrap();
    assert_eq!(count, tickets.len() as u64);
    tickets.into_iter().map(|ticket| ticket.subject.0).collect()
}

fn day(number: i64) -> Share {
    let first: Timestamp = "2026-11-15T04:10:00Z".parse().unwrap();
    Share::OfDay(first + SignedDuration::from_hours(24 * number))
}

#[test]
fn what_was_never_concluded_is_asked_for_every_day_but_for_what_a_position_owns() {
    let home = home();
    for number in 0..3 {
        assert_eq!(asked(&home, day(number)), SUBJECTS[..4]);
    }
}

#[test]
fn what_was_concluded_is_asked_for_once_in_four_weeks() {
    let home = home();
    SUBJECTS[..4].iter().for_each(|subject| conclude(&home, subject));
    for first in [0, 5, 1_000] {
        let mut found: Vec<_> =
            (first..first + ROUND_DAYS).flat_map(|number| asked(&home, day(number))).collect();
        found.sort();
        assert_eq!(found, SUBJECTS[..4], "from day {first}");
    }
}

#[test]
fn a_person_may_have_everything_asked_for_and_what_is_gone_is_not() {
    let home = home();
    SUBJECTS[..4].iter().for_each(|subject| conclude(&home, subject));
    conclude(&home, "01234567897#POS#without-facts");
    assert_eq!(asked(&home, Share::All), SUBJECTS[..4]);
}

/// The parts of the days are of about one size: 100 of 2,800.
#[test]
fn each_day_has_its_part() {
    let home = Memory::default();
    for number in 0..2_800 {
        let subject = format!("01234567897#POS#P{number}");
        let facts = vec![Fact {
            partition: subject.clone(),
            sort: "FACT".to_owned(),
            body: "{}".to_owned(),
            source: Source { file: "input.xml".to_owned(), line: 1 },
        }];
        Home::writer(&home).unwrap().put_alone(Unit { facts, asks: Vec::new() }).unwrap();
        conclude(&home, &subject);
    }
    let parts: Vec<_> = (0..ROUND_DAYS)
        .map(|number| {
            let text = "[[organization]]\nfiscal_code = \"01234567897\"\nname = \"Provincia\"\n";
            ask_again(&home, &Configuration::parse(text).unwrap(), day(number)).unwrap()
        })
        .collect();
    assert_eq!(parts.iter().sum::<u64>(), 2_800);
    assert!(parts.iter().all(|part| (60..140).contains(part)), "{parts:?}");
}

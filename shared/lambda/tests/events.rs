//! Each shape of event that is accepted, as its file in `events/` has it.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::path::Path;

use domain::campaign::Kind;
use lambda::{Order, Wanted, Word, as_of, messages, subjects, uploads};
use serde_json::Value;

fn event(name: &str) -> Value {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let text = std::fs::read_to_string(events.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn an_upload_is_told_of_by_the_bucket_itself_or_through_its_queue() {
    for name in ["ingest-s3.json", "ingest-sqs.json"] {
        let told = messages(&event(name));
        let found: Vec<_> = told.iter().flat_map(|it| uploads(&it.body).unwrap()).collect();
        assert!(!found.is_empty(), "{name}");
        for place in found {
            assert!(place.key.starts_with("inbox/"), "{name}: {place:?}");
            // Another may be there by the time that this one is read.
            assert_eq!(place.version.as_deref(), Some("096fKKXTRTtl3on89fVO.nfljtsv6qko"));
        }
    }
}

#[test]
fn a_bucket_that_tries_its_queue_tells_of_no_upload() {
    let found = messages(&event("ingest-sqs-test.json"));
    assert_eq!(found.len(), 1);
    assert_eq!(uploads(&found[0].body).unwrap(), []);
}

#[test]
fn subjects_come_several_in_a_message() {
    let found = messages(&event("reconcile-sqs.json"));
    let names: Vec<_> = subjects(&found).into_iter().map(|subject| subject.0).collect();
    let expected = [
        "01234567897#CREDIT#2026#000000000000000123",
        "01234567897#IUF#2026-11-20bcititmm-a",
        "01234567897#IUV#01000000000000117",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_schedule_names_its_moment() {
    for name in ["report-schedule.json", "sweep-schedule.json", "track-messages-schedule.json"] {
        assert!(as_of(&event(name)).is_ok(), "{name}");
    }
}

#[test]
fn messages_are_planned_by_a_schedule_and_decided_about_by_people() {
    let order = |name: &str| Order::of(&event(name));
    assert!(matches!(order("plan-messages-schedule.json"), Ok(Order::Plan(plan)) if !plan.chosen));
    let word = |name: &str| match order(name) {
        Ok(Order::Word(word)) => word,
        _ => panic!("{name} is no word"),
    };
    assert!(matches!(word("plan-messages-approve.json"), Word::Approve { .. }));
    assert!(matches!(word("plan-messages-withdraw.json"), Word::Withdraw { .. }));
    assert!(matches!(word("plan-messages-wrong.json"), Word::Wrong { .. }));
    assert!(matches!(word("plan-messages-release.json"), Word::Release { .. }));
}

#[test]
fn a_campaign_comes_through_its_queue() {
    let found = messages(&event("send-messages-sqs.json"));
    let wanted: Vec<_> = found.iter().map(|message| Wanted::read(&message.body)).collect();
    let organization = "01234567897".parse().unwrap();
    assert_eq!(wanted, [Some(Wanted::new(&organization, Kind::Overdue, None))]);
}

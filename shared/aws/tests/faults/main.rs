//! Faults that no emulator makes: AWS leaves work undone, throttles, hangs up, says nothing, breaks
//! off. What can be tried again is, not for ever, and the caller is told to come back.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod stub;

use std::io::Read;

use aws::{Attempt, AwsHome, Inbox, Place, QuarantineBucket, Queue, clean};
use engine::intake::Input;
use engine::port::{
    Asks, Change, Fact, Hash, Home, PortError, PortResult, Quarantine, ReadFacts, Source, Subject,
    Unit, WriteFacts, WriteOutcomes,
};
use serde_json::{Value, json};

use stub::{Answer, Request, Stub};

const QUERY: &str = "DynamoDB_20120810.Query";
const BATCH_GET: &str = "DynamoDB_20120810.BatchGetItem";
const PUT: &str = "DynamoDB_20120810.PutItem";
const DELETE: &str = "DynamoDB_20120810.DeleteItem";
const SEND: &str = "AmazonSQS.SendMessage";
/// Tries of a request, and rounds of a call that AWS leaves undone.
const TRIES: usize = 6;
const ROUNDS: usize = 12;

fn said(body: &Value) -> Answer {
    Answer::Said(200, body.to_string())
}

fn refused(status: u16, code: &str) -> Answer {
    Answer::Said(status, json!({ "__type": format!("com.amazonaws#{code}") }).to_string())
}

fn turn(name: &str) -> Value {
    json!({ "pk": { "S": format!("TURN#{name}") }, "sk": { "S": "TURN" } })
}

/// A fact that two turns claim, and the partition that holds it.
fn fact_of_two_turns() -> Answer {
    said(&json!({ "Count": 1, "Items": [{
        "pk": { "S": "FACT#0" }, "sk": { "S": "p\u{0}1" }, "b": { "S": "{}" }, "n": { "N": "2" },
        "c": { "M": { "one.0": { "S": "1 a.xml" }, "two.0": { "S": "2 b.xml" } } },
    }] }))
}

fn committed(name: &str) -> Value {
    // No ranges of units that were left out, deflated.
    json!({ "pk": { "S": format!("TURN#{name}") }, "s": { "S": "committed" }, "a": { "B": "AwA=" } })
}

/// What is read of partition `p`: where each fact came from.
fn read(stub: &Stub) -> PortResult<Vec<String>> {
    let facts = AwsHome::new(stub.cloud()).reader()?.facts(&["p".to_owned()])?.remove(0);
    Ok(facts.into_iter().map(|fact| fact.source.file).collect())
}

fn is_retry<T>(result: &PortResult<T>) -> bool {
    matches!(result, Err(PortError::Retry(_)))
}

fn put_fact(stub: &Stub) -> PortResult<()> {
    let fact = Fact {
        partition: "p".to_owned(),
        sort: "1".to_owned(),
        body: "{}".to_owned(),
        source: Source { file: "a.xml".to_owned(), line: 1 },
    };
    let unit = Unit { facts: vec![fact], asks: Vec::new() };
    AwsHome::new(stub.cloud()).writer()?.put_alone(unit).map(drop)
}

#[test]
fn keys_that_aws_leaves_undone_are_asked_for_again_and_only_those() {
    let stub = Stub::answering(|request, before| match (&*request.what, before) {
        (QUERY, _) => fact_of_two_turns(),
        (BATCH_GET, 0) => said(&json!({
            "Responses": { "ledger": [] },
            "UnprocessedKeys": { "ledger": { "Keys": [turn("one"), turn("two")] } },
        })),
        (BATCH_GET, 1) => said(&json!({
            "Responses": { "ledger": [committed("two")] },
            "UnprocessedKeys": { "ledger": { "Keys": [turn("one")] } },
        })),
        _ => said(&json!({ "Responses": { "ledger": [committed("one")] }, "UnprocessedKeys": {} })),
    });
    assert_eq!(read(&stub).unwrap(), ["a.xml"], "the smaller source, of the turn that came last");
    let keys = |request: &Request| {
        let asked: Value = serde_json::from_str(&request.body).unwrap();
        asked["RequestItems"]["ledger"]["Keys"].as_array().unwrap().len()
    };
    assert_eq!(stub.asked(BATCH_GET).iter().map(keys).collect::<Vec<_>>(), [2, 2, 1]);
}

#[test]
fn what_aws_never_does_fails_for_now_after_twelve_rounds() {
    let stub = Stub::answering(|request, _| match &*request.what {
        QUERY => fact_of_two_turns(),
        _ => said(&json!({ "UnprocessedKeys": { "ledger": { "Keys": [turn("one")] } } })),
    });
    assert!(is_retry(&read(&stub)));
    assert_eq!(stub.asked(BATCH_GET).len(), ROUNDS);
}

/// Each of these once, and then the answer.
#[test]
fn a_request_that_failed_on_the_way_is_made_again() {
    let faults: [fn() -> Answer; 6] = [
        || refused(400, "ThrottlingException"),
        || refused(400, "ProvisionedThroughputExceededException"),
        || refused(500, "InternalServerError"),
        || Answer::Said(503, String::new()),
        || Answer::HungUp,
        || Answer::Cut(1_000, r#"{"Items":["#.to_owned()),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let stub = Stub::answering(move |_, before| {
            if before == 0 { fault() } else { said(&json!({ "Items": [], "Count": 0 })) }
        });
        let found = read(&stub);
        assert!(found.as_ref().is_ok_and(Vec::is_empty), "fault {number}: {found:?}");
        assert_eq!(stub.asked(QUERY).len(), 2, "fault {number}");
    }
}

#[test]
fn a_service_that_says_nothing_is_asked_again() {
    let stub = Stub::answering(|_, before| {
        if before == 0 { Answer::Silence } else { said(&json!({ "Items": [], "Count": 0 })) }
    });
    assert_eq!(read(&stub).unwrap(), [""; 0]);
    assert_eq!(stub.asked(QUERY).len(), 2);
}

#[test]
fn what_is_throttled_for_good_fails_for_now_after_six_tries() {
    let stub = Stub::answering(|_, _| refused(400, "ThrottlingException"));
    let found = put_fact(&stub);
    assert!(is_retry(&found), "{found:?}");
    let told = found.unwrap_err().to_string();
    assert_eq!(told, "a fact cannot be stored: ThrottlingException");
    assert_eq!(stub.asked(PUT).len(), TRIES);
}

/// A right or a table that is missing is given back by somebody, and the message must be there
/// then; what is refused for what it says is refused for ever.
#[test]
fn what_is_not_allowed_is_for_later_and_what_is_invalid_is_for_never() {
    for (code, is_for_later) in [
        ("AccessDeniedException", true),
        ("ResourceNotFoundException", true),
        ("ValidationException", false),
    ] {
        let stub = Stub::answering(move |_, _| refused(400, code));
        let found = put_fact(&stub);
        assert_eq!(is_retry(&found), is_for_later, "{code}: {found:?}");
        assert!(found.is_err(), "{code}");
        assert_eq!(stub.asked(PUT).len(), 1, "{code}");
    }
}

/// The commit is lost on its way, or its answer is: which of the two nobody knows. Made again, it
/// finds the turn as it wanted it.
#[test]
fn a_commit_whose_answer_was_lost_is_made_again() {
    let stub = Stub::answering(|_, before| match before {
        // The fact is stored; of the commit nothing is heard.
        1 => Answer::HungUp,
        _ => said(&json!({})),
    });
    put_fact(&stub).unwrap();
    let puts = stub.asked(PUT);
    assert_eq!(puts.len(), 3);
    assert_eq!(puts[1].body, puts[2].body);
    assert!(puts[2].body.contains("(s = :s AND a = :a)"), "{}", puts[2].body);
}

/// A version whose answer was lost is sent again, and found there: whose it is its mark tells.
#[test]
fn a_conclusion_whose_answer_was_lost_is_stored_and_one_that_another_stored_is_not() {
    for (mark, is_stored) in [(None, true), (Some("another"), false)] {
        let stub = Stub::answering(move |request, before| {
            if before == 0 {
                return Answer::HungUp;
            }
            let mut there = serde_json::from_str::<Value>(&request.body).unwrap()["Item"].take();
            if let Some(mark) = mark {
                there["w"] = json!({ "S": mark });
            }
            let code = "com.amazonaws#ConditionalCheckFailedException";
            Answer::Said(400, json!({ "__type": code, "Item": there }).to_string())
        });
        let change = Change {
            subject: Subject("s".to_owned()),
            from_version: 0,
            body: "{}".to_owned(),
            entry: "{}".to_owned(),
            entry_hash: Hash::default(),
            answers: Vec::new(),
        };
        let stored = AwsHome::new(stub.cloud()).writer().unwrap().conclude(&[change]);
        assert_eq!(stored.unwrap(), [is_stored], "mark {mark:?}");
        assert_eq!(stub.asked(PUT).len(), 2);
    }
}

/// So with a fact: the claim that is found there is its own.
#[test]
fn a_fact_whose_answer_was_lost_is_new() {
    let stub = Stub::answering(|request, before| match (&*request.what, before) {
        (PUT, 0) => Answer::HungUp,
        (PUT, 1) => {
            let there = serde_json::from_str::<Value>(&request.body).unwrap()["Item"].take();
            let code = "com.amazonaws#ConditionalCheckFailedException";
            Answer::Said(400, json!({ "__type": code, "Item": there }).to_string())
        }
        _ => said(&json!({ "Responses": { "ledger": [] }, "UnprocessedKeys": {} })),
    });
    put_fact(&stub).unwrap();
    // The fact twice, and the commit.
    assert_eq!(stub.asked(PUT).len(), 3);
}

/// Between the look at a fact and its deletion somebody claims it: it stays.
#[test]
fn a_fact_that_was_written_since_it_was_read_is_not_deleted() {
    let given_up = |name: &str| {
        let mut record = committed(name);
        record["s"] = json!({ "S": "given_up" });
        record
    };
    let stub = Stub::answering(move |request, before| match (&*request.what, before) {
        (QUERY, 0) => fact_of_two_turns(),
        (QUERY, _) => said(&json!({ "Items": [], "Count": 0 })),
        (BATCH_GET, _) => {
            said(&json!({ "Responses": { "ledger": [given_up("one"), given_up("two")] } }))
        }
        _ => refused(400, "ConditionalCheckFailedException"),
    });
    let now = "2026-11-15T04:10:00Z".parse().unwrap();
    let cleaned = clean(&stub.cloud(), now, &mut || true).unwrap();
    assert_eq!((cleaned.looked_at, cleaned.deleted), (1, 0));
    let deletions = stub.asked(DELETE);
    assert_eq!(deletions.len(), 1);
    let asked: Value = serde_json::from_str(&deletions[0].body).unwrap();
    // Not by the number of its writes alone: anew it is counted from 1 again.
    assert_eq!(asked["ConditionExpression"], "n = :n AND c = :c");
    assert_eq!(asked["ExpressionAttributeValues"][":n"], json!({ "N": "2" }));
    let claims = asked["ExpressionAttributeValues"][":c"]["M"].as_object().unwrap();
    assert_eq!(claims.len(), 2, "of two turns");
    assert_eq!(asked["Key"]["sk"], json!({ "S": "p\u{0}1" }));
}

#[test]
fn a_queue_that_fails_once_is_asked_again_and_one_that_fails_for_good_is_for_later() {
    let sent = json!({ "MessageId": "1", "MD5OfMessageBody": "d41d8cd98f00b204e9800998ecf8427e" });
    let stub = Stub::answering(move |_, before| match before {
        0 => refused(500, "InternalFailure"),
        1 => Answer::HungUp,
        _ => said(&sent),
    });
    Queue::new(stub.cloud(), "http://127.0.0.1/queue".into()).send(&["x".into()]).unwrap();
    assert_eq!(stub.asked(SEND).len(), 3);

    let stub = Stub::answering(|_, _| refused(403, "KmsAccessDenied"));
    let asked = AwsHome::new(stub.cloud()).writer().unwrap().ask(&[Subject("s".to_owned())]);
    assert!(is_retry(&asked), "{asked:?}");
}

/// What was read of an input that broke off must not be kept as what the input says.
#[test]
fn an_object_that_breaks_off_in_the_middle_spoils_its_attempt() {
    let stub = Stub::answering(|request, _| match request.what.split(' ').next() {
        Some("HEAD") => Answer::Cut(1_000, String::new()),
        Some("GET") => Answer::Cut(1_000, "half of it".to_owned()),
        _ => said(&json!({})),
    });
    let attempt = Attempt::new(&["inbox/a"], None);
    let object = Inbox::new(stub.cloud(), "bucket".to_owned());
    let object = object.object(&Place::now("inbox/a"), "\"tag\"", "a", attempt.clone()).unwrap();
    assert!(object.open().unwrap().read_to_end(&mut Vec::new()).is_err());
    assert!(attempt.is_spoiled());
    let mut writer = AwsHome::for_attempt(stub.cloud(), attempt).writer().unwrap();
    writer.open().unwrap();
    let unit = Unit { facts: Vec::new(), asks: Vec::new() };
    assert!(is_retry(&writer.put(unit)), "nor written as if it were a unit of the input");
    writer.seal().unwrap();
    assert!(is_retry(&writer.commit()));
}

#[test]
fn a_refused_input_is_kept_though_storage_fails_at_first() {
    let stub = Stub::answering(|request, before| match (&*request.what, before) {
        (what, 0) if what.starts_with("PUT") => Answer::Said(503, String::new()),
        (what, 1) if what.starts_with("PUT") => Answer::HungUp,
        (what, _) if what.starts_with("HEAD") => Answer::Said(404, String::new()),
        _ => Answer::Said(200, String::new()),
    });
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let mut quarantine = QuarantineBucket::new(stub.cloud(), "bucket".to_owned());
    quarantine.keep(hash.parse().unwrap(), &mut &b"content"[..], "{}").unwrap();
    assert_eq!(stub.asked(&format!("PUT /bucket/{hash}")).len(), 3);
    assert_eq!(stub.asked(&format!("PUT /bucket/{hash}.json")).len(), 3);

    let stub = Stub::answering(|_, _| Answer::Said(403, String::new()));
    let mut quarantine = QuarantineBucket::new(stub.cloud(), "bucket".to_owned());
    let kept = quarantine.keep(hash.parse().unwrap(), &mut &b"content"[..], "{}");
    assert!(is_retry(&kept), "{kept:?}");
}

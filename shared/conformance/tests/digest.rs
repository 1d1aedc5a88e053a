//! The digest of the journal, against sums that `sha256sum` gave for the same lines.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use conformance::Memory;
use engine::digest::{Digest, Digests, Heads, close_day, heads};
use engine::port::{Change, Hash, Home, PortResult, Subject, WriteOutcomes};
use jiff::Timestamp;

/// `a` has two entries of the 14th, the last a second before its end in Rome; `b` has its second
/// one a second later.
const JOURNAL: [(&str, &[&str]); 3] = [
    ("01234567897#POS#a", &["2026-11-13T10:00:00Z", "2026-11-14T22:59:59Z"]),
    ("01234567897#POS#b", &["2026-11-14T09:00:00Z", "2026-11-14T23:00:00Z"]),
    ("98765432103#POS#a", &["2026-11-14T09:00:00Z"]),
];
const FIRST: &str = "401df8d1133e248481407f2596cba0bd983b999a337b5871e5efebb005c68837";
const SECOND: &str = "814ea9faa78f800adcd4b82bf5cc2353bbf11ff09c09ea84fe89ace0a6a66c31";
/// Of the digest of the 14th, as it is kept.
const OF_THE_TEXT: &str = "bba9105effca717a26352d48a217be9e0f7d85448f91afc7a71854a0462edfa2";

#[derive(Default)]
struct Locked(BTreeMap<String, String>);

impl Digests for Locked {
    fn last(&mut self) -> PortResult<Option<String>> {
        Ok(self.0.last_key_value().map(|(_, text)| text.clone()))
    }

    fn keep(&mut self, day: &str, text: &str) -> PortResult<()> {
        self.0.entry(day.to_owned()).or_insert_with(|| text.to_owned());
        Ok(())
    }
}

/// A journal whose entries tell their moment and their number.
fn journal(subjects: &[(&str, &[&str])]) -> Memory {
    let home = Memory::default();
    for (subject, moments) in subjects {
        append(&home, subject, 0, moments);
    }
    home
}

fn append(home: &Memory, subject: &str, from: u64, moments: &[&str]) {
    for (version, at) in (from..).zip(moments) {
        let change = Change {
            subject: Subject((*subject).to_owned()),
            from_version: version,
            body: "{}".to_owned(),
            entry: format!(r#"{{"at":"{at}","n":{}}}"#, version + 1),
            entry_hash: Hash::default(),
            answers: Vec::new(),
        };
        assert_eq!(Home::writer(home).unwrap().conclude(&[change]).unwrap(), [true]);
    }
}

fn close(home: &Memory, digests: &mut Locked, now: &str) -> Option<Digest> {
    close_day(home, digests, now.parse().unwrap()).unwrap()
}

fn of(subjects: u64, entries: u64, sha256: &str) -> Heads {
    Heads { subjects, entries, sha256: sha256.to_owned() }
}

#[test]
fn a_digest_holds_the_entries_before_the_end_of_its_day_in_rome_by_organization() {
    let digest = close(&journal(&JOURNAL), &mut Locked::default(), "2026-11-15T05:00:00Z").unwrap();
    assert_eq!(digest.day.to_string(), "2026-11-14");
    assert_eq!(digest.until.to_string(), "2026-11-14T23:00:00Z");
    assert_eq!(digest.previous, None);
    let expected = [("01234567897", of(2, 3, FIRST)), ("98765432103", of(1, 1, SECOND))];
    assert_eq!(digest.organizations, expected.map(|(code, it)| (code.to_owned(), it)).into());
}

/// A worker whose clock is behind wrote after one whose clock is ahead.
#[test]
fn what_follows_an_entry_of_later_is_of_later() {
    let until: Timestamp = "2026-11-14T23:00:00Z".parse().unwrap();
    let [a, b] = [&["2026-11-14T09:00:00Z"][..], &["2026-11-14T23:00:00Z"]]
        .map(|later| journal(&[("o#POS#a", &[&["2026-11-14T08:00:00Z"], later].concat())]));
    let entries = |home| heads(home, &[until]).unwrap()[0]["o"].entries;
    assert_eq!((entries(&a), entries(&b)), (2, 1));
    append(&b, "o#POS#a", 2, &["2026-11-14T09:00:00Z"]);
    assert_eq!(entries(&b), 1);
}

#[test]
fn a_day_has_one_digest_once_it_has_been_over_for_an_hour() {
    let (home, mut digests) = (journal(&JOURNAL), Locked::default());
    for (now, day) in [
        ("2026-11-15T05:00:00Z", Some("2026-11-14")),
        ("2026-11-15T06:00:00Z", None),
        // 00:59 in Rome.
        ("2026-11-15T23:59:59Z", None),
        ("2026-11-16T00:00:00Z", Some("2026-11-15")),
        // Nobody called for two days.
        ("2026-11-19T05:00:00Z", Some("2026-11-18")),
        ("2026-11-18T05:00:00Z", None),
    ] {
        let closed = close(&home, &mut digests, now).map(|digest| digest.day.to_string());
        assert_eq!(closed.as_deref(), day, "{now}");
    }
    assert_eq!(digests.0.len(), 3);
}

#[test]
fn each_digest_names_the_one_before_and_says_whether_the_journal_still_comes_to_it() {
    let (home, mut digests) = (journal(&JOURNAL), Locked::default());
    close(&home, &mut digests, "2026-11-15T05:00:00Z");
    append(&home, "01234567897#POS#a", 2, &["2026-11-15T10:00:00Z"]);
    let second = close(&home, &mut digests, "2026-11-16T05:00:00Z").unwrap();
    let named = second.previous.unwrap();
    assert_eq!((named.day.to_string(), named.holds), ("2026-11-14".to_owned(), true));
    assert_eq!(named.sha256, OF_THE_TEXT);
    assert_eq!(second.organizations["01234567897"].entries, 5);

    // The same journal, but for one entry of the 13th.
    let mut forged = JOURNAL;
    forged[0].1 = &["2026-11-13T10:00:01Z", "2026-11-14T22:59:59Z"];
    let mut before = Locked::default();
    before.0.extend(digests.0.pop_first());
    let second = close(&journal(&forged), &mut before, "2026-11-16T05:00:00Z").unwrap();
    assert!(!second.previous.unwrap().holds);
    // What is said is said once: the next one starts from what is there.
    let third = close(&journal(&forged), &mut before, "2026-11-17T05:00:00Z").unwrap();
    assert!(third.previous.unwrap().holds);
}

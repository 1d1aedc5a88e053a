//! The suite of [`ReadOutcomes`], [`WriteOutcomes`] and [`ReadJournal`].

use std::sync::Barrier;
use std::thread;

use engine::port::{
    Change, Entry, Outcome, PortError, ReadJournal, ReadOutcomes, Subject, WriteOutcomes,
};

use crate::Home;
use crate::fixture::{AWKWARD, change, hash, json, outcome, subject};

/// How many conclude at the same moment.
const WORKERS: usize = 24;

/// Outcome and entry are there together, for readers that were there and for new ones.
pub fn the_first_version_is_one<H: Home>(home: &H) {
    let mut reader = home.reader();
    assert_eq!(outcome_of(home, "a"), None);
    assert_eq!(entries_of(home, "a"), []);
    assert_eq!(concluded(home, &[change("a", 0, "x")]), [true]);
    assert_eq!(outcome_of(home, "a"), Some(outcome(1, "x")));
    assert_eq!(entries_of(home, "a"), [entry(1, "x")]);
    let asked = ["unknown", "a", "a", ""].map(subject);
    let expected = [None, Some(outcome(1, "x")), Some(outcome(1, "x")), None];
    assert_eq!(reader.outcomes(&asked).expect("outcomes can be read"), expected);
    assert_eq!(reader.entries(&subject("a")).expect("entries can be read").len(), 1);
}

/// From a version that has been left, and from none where there is one.
pub fn a_change_from_another_version_is_refused<H: Home>(home: &H) {
    assert_eq!(concluded(home, &[change("a", 0, "x")]), [true]);
    assert_eq!(concluded(home, &[change("a", 0, "y")]), [false]);
    assert_eq!(concluded(home, &[change("a", 1, "z")]), [true]);
    assert_eq!(concluded(home, &[change("a", 0, "y")]), [false]);
    assert_eq!(concluded(home, &[change("a", 1, "y")]), [false]);
    assert_eq!(outcome_of(home, "a"), Some(outcome(2, "z")));
    assert_eq!(entries_of(home, "a"), [entry(1, "x"), entry(2, "z")]);
}

/// A change from a version that is not there yet is refused, so the journal has no gap.
pub fn a_version_cannot_be_skipped<H: Home>(home: &H) {
    assert_eq!(concluded(home, &[change("a", 1, "y")]), [false]);
    assert_eq!(concluded(home, &[change("a", 0, "x"), change("a", 2, "z")]), [true, false]);
    assert_eq!(outcome_of(home, "a"), Some(outcome(1, "x")));
    assert_eq!(entries_of(home, "a"), [entry(1, "x")]);
}

/// Of 24 at once, one; over ten rounds the versions are ten and the entries are the winners'.
pub fn of_many_changes_from_one_version_one_wins<H: Home>(home: &H) {
    let start = Barrier::new(WORKERS);
    let work = |worker: usize| -> Vec<(u64, usize)> {
        let mut writer = home.writer();
        let mut won = Vec::new();
        for version in 0..10 {
            start.wait();
            let mine = change("a", version, &format!("{version}-{worker}"));
            let stored = writer.conclude(&[mine]).expect("a change can be concluded");
            if stored == [true] {
                won.push((version, worker));
            }
            start.wait();
        }
        won
    };
    let mut won: Vec<(u64, usize)> = thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> =
            (0..WORKERS).map(|worker| scope.spawn(move || work(worker))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no worker fails")).collect()
    });
    won.sort_unstable();
    let expected: Vec<Entry> = won
        .iter()
        .map(|(version, worker)| entry(version + 1, &format!("{version}-{worker}")))
        .collect();
    assert_eq!(expected.len(), 10);
    assert_eq!(entries_of(home, "a"), expected);
    let last = outcome_of(home, "a").expect("there is an outcome");
    assert_eq!((last.version, last.entry_hash), (10, expected[9].hash));
}

/// One that is refused holds up none of its neighbours.
pub fn each_change_of_a_batch_is_judged_alone<H: Home>(home: &H) {
    assert_eq!(concluded(home, &[change("b", 0, "x")]), [true]);
    let batch = [change("a", 0, "x"), change("b", 0, "y"), change("c", 0, "x")];
    assert_eq!(concluded(home, &batch), [true, false, true]);
    for name in ["a", "b", "c"] {
        assert_eq!(outcome_of(home, name), Some(outcome(1, "x")));
        assert_eq!(entries_of(home, name), [entry(1, "x")]);
    }
    assert_eq!(concluded(home, &[]), [false; 0]);
}

/// The second sees what the first stored.
pub fn changes_of_one_subject_follow_each_other_in_a_batch<H: Home>(home: &H) {
    let batch = [change("a", 0, "x"), change("a", 1, "y"), change("a", 1, "z")];
    assert_eq!(concluded(home, &batch), [true, true, false]);
    assert_eq!(outcome_of(home, "a"), Some(outcome(2, "y")));
    assert_eq!(entries_of(home, "a"), [entry(1, "x"), entry(2, "y")]);
}

/// Not even where the subject had none.
pub fn a_refused_change_leaves_no_entry<H: Home>(home: &H) {
    assert_eq!(concluded(home, &[change("a", 7, "x")]), [false]);
    assert_eq!(outcome_of(home, "a"), None);
    assert_eq!(entries_of(home, "a"), []);
}

/// No character of a prefix is special, and the order is that of the bytes.
pub fn a_scan_sees_exactly_the_subjects_of_its_prefix_in_order<H: Home>(home: &H) {
    let changes: Vec<Change> = AWKWARD.iter().rev().map(|name| change(name, 0, "x")).collect();
    assert!(concluded(home, &changes).into_iter().all(|stored| stored));
    let mut all = AWKWARD;
    all.sort_unstable();
    for prefix in AWKWARD.iter().chain(&["b", "aa", "a##", "a\u{10fffe}"]) {
        let expected: Vec<(Subject, Outcome)> = all
            .iter()
            .filter(|name| name.starts_with(prefix))
            .map(|name| (subject(name), outcome(1, "x")))
            .collect();
        let mut found = Vec::new();
        let scanned = home.reader().scan_outcomes(prefix, &mut |subject, outcome| {
            found.push((subject, outcome));
            Ok(())
        });
        scanned.expect("outcomes can be scanned");
        assert_eq!(found, expected, "prefix {prefix:?}");
    }
}

/// The visitor's own error, and no visit after it.
pub fn an_error_of_the_visitor_stops_the_scan_and_comes_out<H: Home>(home: &H) {
    concluded(home, &["1", "2", "3"].map(|name| change(name, 0, "x")));
    let mut visits = 0;
    let scanned = home.reader().scan_outcomes("", &mut |_, _| {
        visits += 1;
        if visits == 2 { Err(PortError::Final("enough".to_owned())) } else { Ok(()) }
    });
    assert!(matches!(scanned, Err(PortError::Final(text)) if text == "enough"));
    assert_eq!(visits, 2);
}

/// Each subject's from its first version on, whatever was concluded in between.
pub fn a_scan_of_the_journal_sees_every_entry_in_order<H: Home>(home: &H) {
    let mut all = AWKWARD;
    for (version, mark) in ["x", "y", "z"].iter().enumerate() {
        let changes = all.map(|name| change(name, version as u64, mark));
        assert!(concluded(home, &changes).into_iter().all(|stored| stored));
    }
    all.sort_unstable();
    for prefix in AWKWARD.iter().chain(&["b", "aa", "a##", "a\u{10fffe}"]) {
        let expected: Vec<(Subject, Entry)> = all
            .iter()
            .filter(|name| name.starts_with(prefix))
            .flat_map(|name| {
                [(1, "x"), (2, "y"), (3, "z")].map(|(at, mark)| (subject(name), entry(at, mark)))
            })
            .collect();
        let mut found = Vec::new();
        let scanned = home.reader().scan_entries(prefix, &mut |subject, entry| {
            found.push((subject, entry));
            Ok(())
        });
        scanned.expect("the journal can be scanned");
        assert_eq!(found, expected, "prefix {prefix:?}");
    }
}

/// As of a scan of outcomes.
pub fn an_error_of_the_visitor_stops_the_scan_of_the_journal<H: Home>(home: &H) {
    concluded(home, &["1", "2", "3"].map(|name| change(name, 0, "x")));
    let mut visits = 0;
    let scanned = home.reader().scan_entries("", &mut |_, _| {
        visits += 1;
        if visits == 2 { Err(PortError::Final("enough".to_owned())) } else { Ok(()) }
    });
    assert!(matches!(scanned, Err(PortError::Final(text)) if text == "enough"));
    assert_eq!(visits, 2);
}

/// 400 KB in the outcome and in the entry.
pub fn large_bodies_come_back_as_they_were<H: Home>(home: &H) {
    let mut large = change("a", 0, "x");
    large.body = json(&"è%".repeat(140_000));
    large.entry = json(&"_#'".repeat(140_000));
    assert!(large.body.len() >= 400_000 && large.entry.len() >= 400_000);
    assert_eq!(concluded(home, std::slice::from_ref(&large)), [true]);
    assert_eq!(outcome_of(home, "a").map(|outcome| outcome.body), Some(large.body));
    let bodies: Vec<String> = entries_of(home, "a").into_iter().map(|entry| entry.body).collect();
    assert_eq!(bodies, [large.entry]);
}

fn concluded<H: Home>(home: &H, changes: &[Change]) -> Vec<bool> {
    home.writer().conclude(changes).expect("changes can be concluded")
}

fn outcome_of<H: Home>(home: &H, name: &str) -> Option<Outcome> {
    let mut outcomes = home.reader().outcomes(&[subject(name)]).expect("outcomes can be read");
    assert_eq!(outcomes.len(), 1, "one subject asked for, one answered");
    outcomes.remove(0)
}

fn entries_of<H: Home>(home: &H, name: &str) -> Vec<Entry> {
    home.reader().entries(&subject(name)).expect("entries can be read")
}

/// The entry that `change(_, version - 1, mark)` stores.
fn entry(version: u64, mark: &str) -> Entry {
    Entry { version, body: json(&format!("entry of {mark}")), hash: hash(mark) }
}

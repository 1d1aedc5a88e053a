//! Facts that nobody sees have an end; nothing that anybody sees or will see is touched.

use std::sync::atomic::{AtomicBool, Ordering};

use aws::{AwsHome, Cleaned, OPEN_DAYS, clean};
use conformance::Home as _;
use engine::port::{Fact, Home as _, PortError, Put, ReadFacts, Unit, WriteFacts};
use jiff::{SignedDuration, Timestamp};

use crate::ledger::{attempt, fact, seen, take_in, unit};
use crate::{Emulated, emulated};

/// Days until every part of the ledger has had its turn.
const ROUND: i64 = 16;

fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-11-15T04:10:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * number)
}

/// Cleans every day of a round that begins on a day: looked at, deleted, turns given up.
fn round(home: &Emulated, first: i64) -> (u64, u64, u64) {
    let cloud = home.cloud();
    (first..first + ROUND).fold((0, 0, 0), |(looked_at, deleted, given_up), number| {
        let it = clean(&cloud, day(number), &mut || true).unwrap();
        assert!(!it.cut_short);
        (looked_at + it.looked_at, deleted + it.deleted, given_up + it.given_up)
    })
}

#[test]
fn what_an_ended_turn_left_out_is_deleted_and_what_counts_is_not() {
    let home = emulated!();
    let mut writer = home.writer();
    writer.open().unwrap();
    writer.put(unit(0)).unwrap();
    writer.open().unwrap();
    writer.put(unit(1)).unwrap();
    // Also claimed by the unit that counts.
    writer.put(unit(0)).unwrap();
    writer.abandon().unwrap();
    // Refused for its second fact: the first of it was stored.
    let refused = [fact("p2", "1", "x"), fact("p0", "1", "other")];
    let refused = writer.put(Unit { facts: refused.into(), asks: Vec::new() }).unwrap();
    assert_eq!(refused, Put::Conflict(1));
    writer.seal().unwrap();
    writer.commit().unwrap();
    let mut dropped = home.writer();
    dropped.open().unwrap();
    dropped.put(unit(3)).unwrap();
    drop(dropped);
    assert_eq!(round(&home, 0), (4, 3, 0), "p1, p2, p3");
    assert_eq!(["p0", "p1", "p2", "p3"].map(|name| seen(&home, name)), [1, 0, 0, 0]);
    assert_eq!(round(&home, 1), (1, 0, 0), "each part once, whichever day is the first");
    // What was deleted can be stored as if it had never been there.
    assert_eq!(take_in(&AwsHome::new(home.cloud()), 4).unwrap()[1..], [Put::New; 3]);
}

#[test]
fn an_open_turn_is_given_up_after_four_weeks_and_its_facts_go_then() {
    let home = emulated!();
    let (mut late, mut dead) = (home.writer(), home.writer());
    for (writer, n) in [(&mut late, 0), (&mut dead, 1)] {
        writer.open().unwrap();
        writer.put(unit(n)).unwrap();
        writer.seal().unwrap();
    }
    // Met on some day of the first round: not four weeks ago yet in any of the second.
    assert_eq!(round(&home, 0), (2, 0, 0));
    assert_eq!(round(&home, OPEN_DAYS - ROUND), (2, 0, 0));
    // Whoever is only late is not held up.
    late.commit().unwrap();
    assert_eq!(round(&home, OPEN_DAYS + ROUND), (2, 0, 1));
    assert_eq!(round(&home, OPEN_DAYS + 2 * ROUND), (2, 1, 0));
    assert!(matches!(dead.commit(), Err(PortError::Retry(_))));
    assert_eq!(["p0", "p1"].map(|name| seen(&home, name)), [1, 0]);
}

/// An attempt that takes the turn up again and notes how far it came begins a new month.
#[test]
fn a_turn_that_goes_on_is_not_given_up() {
    let home = emulated!();
    let mut first = attempt(&home, None).0.writer().unwrap();
    first.open().unwrap();
    first.put(unit(0)).unwrap();
    assert_eq!(round(&home, 0), (1, 0, 0));
    let (over, _) = attempt(&home, Some(std::time::Instant::now()));
    let mut second = over.writer().unwrap();
    second.open().unwrap();
    assert!(matches!(second.put(unit(0)), Err(PortError::Retry(_))), "time is up, and noted");
    assert_eq!(round(&home, OPEN_DAYS + ROUND), (1, 0, 0), "met open anew");
    assert_eq!(round(&home, 2 * OPEN_DAYS), (1, 0, 0));
    assert_eq!(take_in(&attempt(&home, None).0, 2).unwrap(), [Put::New; 2]);
    assert_eq!(round(&home, 4 * OPEN_DAYS), (2, 0, 0));
    assert_eq!(["p0", "p1"].map(|name| seen(&home, name)), [1, 1]);
}

/// Writers store again what is being deleted; all that they committed is there in the end.
#[test]
fn who_stores_a_fact_while_it_is_deleted_keeps_it() {
    let home = emulated!();
    let units = || (0..40).map(unit);
    let mut dropped = home.writer();
    dropped.open().unwrap();
    units().for_each(|unit| assert_eq!(dropped.put(unit).unwrap(), Put::New));
    drop(dropped);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                round(&home, 0);
            }
        });
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    for unit in units() {
                        let mut put = home.writer().put_alone(unit.clone());
                        // It vanished between two looks: the message comes again.
                        while matches!(put, Err(PortError::Retry(_))) {
                            put = home.writer().put_alone(unit.clone());
                        }
                        put.unwrap();
                    }
                })
            })
            .collect();
        let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok));
    });
    let names: Vec<_> = units().map(|unit| unit.facts[0].partition.clone()).collect();
    let facts: Vec<Vec<Fact>> = home.reader().facts(&names).unwrap();
    assert!(facts.iter().all(|found| found.len() == 1), "{facts:?}");
}

#[test]
fn a_call_without_time_looks_at_nothing() {
    let home = emulated!();
    let cleaned = clean(&home.cloud(), day(0), &mut || false).unwrap();
    assert_eq!(cleaned, Cleaned { cut_short: true, ..Cleaned::default() });
}

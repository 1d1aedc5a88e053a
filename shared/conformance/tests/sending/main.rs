//! The proof that nobody is written to twice: workers that send the same plan, with every fault
//! that a seed can think of.
//!
//! A seed makes a few rows, some workers that all have all of them, and a scheduler that lets one
//! worker run at a time and changes between them at each call of a port. At a call a worker may
//! fail, die before or after it took effect (and start again), or sleep for minutes. IO may refuse,
//! be busy, break, or take a message and not answer. Meanwhile citizens pay, the office closes, and
//! somebody throws the switch.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod gate;
mod io;
mod ledger;
mod proof;
mod world;

use std::sync::atomic::{AtomicU32, Ordering};

use world::{Troubles, World};

/// Runs seeds; a failure names its seed.
fn seeds(range: std::ops::Range<u64>, troubles: Troubles, check: impl Fn(&World)) {
    for seed in range {
        let world = World::new(seed, troubles);
        world.run();
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&world)));
        assert!(checked.is_ok(), "seed {seed} with {troubles:?}");
    }
}

#[test]
fn no_citizen_gets_the_same_twice_whatever_breaks() {
    seeds(0..600, Troubles::All, proof::holds);
}

#[test]
fn no_citizen_gets_the_same_twice_whatever_breaks_2() {
    seeds(600..1_200, Troubles::All, proof::holds);
}

#[test]
fn where_nothing_breaks_everybody_is_written_to_once() {
    seeds(0..200, Troubles::None, |world| {
        proof::holds(world);
        proof::everybody_was_written_to(world);
    });
}

/// A run that ends in the middle leaves nothing half-done: the next goes on.
#[test]
fn runs_whose_time_is_up_write_to_everybody_once_together() {
    let ended = AtomicU32::new(0);
    seeds(0..100, Troubles::ShortOfTime, |world| {
        proof::holds(world);
        proof::everybody_was_written_to(world);
        ended.fetch_add(world.seen.ended.load(Ordering::Relaxed), Ordering::Relaxed);
    });
    assert!(ended.load(Ordering::Relaxed) > 100, "{ended:?}");
}

#[test]
fn a_service_that_is_locked_out_blames_nobody() {
    seeds(0..100, Troubles::LockedOut, |world| {
        proof::holds(world);
        proof::nobody_is_blamed(world);
    });
}

/// The worlds are as troubled as the proof needs them to be.
#[test]
fn every_end_of_a_message_and_every_end_of_a_run_happens() {
    let (mut states, mut taken, mut stopped) = (std::collections::BTreeSet::new(), 0, 0);
    for seed in 0..200 {
        let world = World::new(seed, Troubles::All);
        world.run();
        states.extend(proof::states(&world));
        taken += world.seen.taken.lock().unwrap().len();
        stopped += usize::from(world.thrown_at.is_some());
    }
    let all =
        ["not_reachable", "parked", "planned", "refused", "retry_at", "sending", "sent", "unknown"];
    assert_eq!(states.into_iter().collect::<Vec<_>>(), all);
    assert!(taken > 400, "{taken}");
    assert!(stopped > 5, "{stopped}");
}

#[test]
#[should_panic(expected = "twice")]
fn the_proof_sees_a_message_that_goes_twice() {
    let world = World::new(0, Troubles::None);
    world.run();
    let again = world.seen.taken.lock().unwrap()[0].clone();
    world.seen.taken.lock().unwrap().push(again);
    proof::holds(&world);
}

#[test]
#[should_panic(expected = "denied")]
fn the_proof_sees_a_message_that_the_ledger_does_not_know() {
    let world = World::new(0, Troubles::None);
    world.run();
    let mut other = world.seen.taken.lock().unwrap()[0].clone();
    other.text = "Un altro".to_owned();
    world.seen.taken.lock().unwrap().push(other);
    proof::holds(&world);
}

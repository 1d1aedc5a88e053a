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

#[test]
fn a_service_that_is_locked_out_blames_nobody() {
    seeds(0..100, Troubles::LockedOut, |world| {
        proof::holds(world);
        proof::nobody_is_blamed(world);
    });
}

//! Many seeds over the home in memory. A seed that fails is told with the command that runs it
//! again.

use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use conformance::{Memory, simulator};

/// How many seeds without being asked for more.
const SEEDS: u64 = 2000;
/// How many failures are told before the rest is not run.
const FAILURES_MAX: usize = 5;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("SEED and SEEDS are numbers"))
}

#[test]
fn whatever_the_order_and_whoever_dies_the_end_is_what_is_true() {
    let (first, count) = match number("SEED") {
        Some(seed) => (seed, 1),
        None => (1, number("SEEDS").unwrap_or(SEEDS)),
    };
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let told = |failures: &Mutex<Vec<_>>| failures.lock().expect("a seed does not panic").len();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while told(&failures) < FAILURES_MAX {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    if let Err(why) = simulator::run(&Memory::default(), seed) {
                        failures.lock().expect("a seed does not panic").push((seed, why));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("a seed does not panic");
    let told = failures
        .into_iter()
        .map(|(seed, why)| format!("seed {seed} (again with: make simulate SEED={seed})\n{why}"));
    let told: Vec<_> = told.collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

//! A few seeds of the simulator over SQLite: the same ends as in memory.

use conformance::simulator;
use embedded::Store;
use tempfile::TempDir;

#[test]
fn the_simulator_ends_well_over_sqlite_too() {
    for seed in 1..=12 {
        let data = TempDir::new().expect("a temporary folder");
        let store = Store::open(data.path()).expect("the store opens");
        let end = simulator::run(&store, seed);
        assert_eq!(end, Ok(()), "seed {seed}");
    }
}

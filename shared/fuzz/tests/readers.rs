//! Every target against its seeds, its crashers, and damage: a fixed amount of it, or for `TIME`
//! seconds more of `TARGET` (`make fuzz`).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs};

use fuzz::damage::Damage;
use fuzz::{TARGETS, Target, seeds};

/// Damaged inputs of each target in a short run.
const SHORT: u64 = 300;

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).expect("the names of the targets are listed")
}

/// Reads bytes; what breaks a promise is kept, and where is told.
fn check(target: &Target, bytes: &[u8], what: &str) {
    if catch_unwind(AssertUnwindSafe(|| (target.check)(bytes))).is_err() {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let kept = folder.join(format!("crasher-{}", target.name));
        fs::write(&kept, bytes).unwrap();
        panic!(
            "{} breaks a promise on {what}: the input is in {}; it belongs in \
             shared/fuzz/crashers/{}/",
            target.name,
            kept.display(),
            target.name
        );
    }
}

fn crashers(target: &Target) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crashers").join(target.name);
    let listed = fs::read_dir(folder).into_iter().flatten();
    listed.map(|entry| entry.unwrap().path()).collect()
}

fn short_run(name: &str) {
    let target = target(name);
    for crasher in crashers(target) {
        check(target, &fs::read(&crasher).unwrap(), &crasher.to_string_lossy());
    }
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    for (seed, bytes) in &seeds {
        check(target, bytes, seed);
    }
    let bytes: Vec<_> = seeds.into_iter().map(|(_, bytes)| bytes).collect();
    check(target, &[], "nothing");
    for seed in 0..SHORT {
        check(target, &Damage::new(seed).of(&bytes), &format!("damage {seed}"));
    }
}

macro_rules! short_runs {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                short_run(stringify!($name));
            }
        )*

        #[test]
        fn every_target_has_its_short_run() {
            let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

short_runs! {
    flow_xml flow_json journal receipt positions_jsonl positions_csv zip gzip p7m encoding recognise
    causale configuration intake
}

/// Not for every run: `make fuzz TARGET=journal TIME=600`, all targets in turn without `TARGET`.
#[test]
#[ignore = "as long as it is told to: make fuzz"]
fn long_run() {
    let seconds = env::var("TIME").ok().map_or(60, |text| text.parse().expect("TIME is seconds"));
    let wanted = env::var("TARGET").ok().filter(|name| !name.is_empty());
    let targets: Vec<_> = match &wanted {
        Some(name) => vec![target(name)],
        None => TARGETS.iter().collect(),
    };
    let seeds = |target: &&Target| seeds(target).into_iter().map(|(_, bytes)| bytes).collect();
    let seeds: Vec<Vec<Vec<u8>>> = targets.iter().map(seeds).collect();
    let began = Instant::now();
    for seed in SHORT.. {
        for (target, seeds) in targets.iter().zip(&seeds) {
            if began.elapsed() >= Duration::from_secs(seconds) {
                return;
            }
            check(target, &Damage::new(seed).of(seeds), &format!("damage {seed}"));
        }
    }
}

//! Whatever the order in which files arrive, and however often outcomes are worked out in between,
//! the conclusions are the same to the byte.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::scene::{AS_OF, Scene, province};

#[test]
fn files_that_come_one_by_one_end_as_all_at_once() {
    let names: Vec<PathBuf> = province().iter().map(|(name, _)| name.into()).collect();
    for seed in 1..=4 {
        let whole = Scene::province();
        whole.run_to(0);
        let mut chance = Chance(seed);
        let steps: Vec<_> = chance.shuffled(&names).into_iter().map(|name| vec![name]).collect();
        arrives_as(&whole, &steps, &mut chance, &[]);
    }
}

#[test]
fn a_made_up_province_that_comes_in_batches_ends_as_all_at_once() {
    let whole = Scene::new();
    fs::remove_dir(whole.path("inputs")).unwrap();
    assert_eq!(whole.quadra(&["sample", "--notices", "200", "--seed", "5", "--out", "s"]).code, 0);
    fs::rename(whole.path("s/inputs"), whole.path("inputs")).unwrap();
    let configuration = whole.path("s/quadra.toml");
    let configured = ["--config", configuration.to_str().unwrap()];
    let run = ["run", "inputs", "--data", "data", "--out", "out", "--as-of", AS_OF];
    assert_eq!(whole.quadra(&[&run[..], &configured].concat()).code, 0);
    let names = files(&whole.path("inputs"));
    assert!(names.len() > 100, "a sample has many files");
    for seed in 1..=2 {
        let mut chance = Chance(seed);
        let mut rest = chance.shuffled(&names);
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let size = 1 + chance.below(40);
            steps.push(rest.split_off(rest.len().saturating_sub(size)));
        }
        arrives_as(&whole, &steps, &mut chance, &configured);
    }
}

/// Takes the inputs of `whole` in step by step, and asserts that all ends as it did there.
fn arrives_as(whole: &Scene, steps: &[Vec<PathBuf>], chance: &mut Chance, configured: &[&str]) {
    let scene = Scene::new();
    let data = ["--data", "data"];
    for (number, names) in steps.iter().enumerate() {
        // Under the names that they have when they come all at once.
        let step = format!("step{number}");
        for name in names {
            let to = scene.path(&step).join(name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(whole.path("inputs").join(name), to).unwrap();
        }
        let ingest = ["ingest", &step];
        let ran = scene.quadra(&[&ingest[..], &data, configured].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        match chance.below(4) {
            0 => {
                let ran = scene.quadra(&["reconcile", "--data", "data", "--as-of", AS_OF]);
                assert_eq!(ran.code, 0, "{ran:?}");
            }
            1 => {
                let report = ["report", "--data", "data", "--out", "early", "--as-of", AS_OF];
                assert_eq!(scene.quadra(&report).code, 0);
            }
            _ => {}
        }
    }
    assert_eq!(scene.quadra(&["reconcile", "--data", "data", "--as-of", AS_OF]).code, 0);
    let report = ["report", "--data", "data", "--out", "out", "--as-of", AS_OF];
    assert_eq!(scene.quadra(&report).code, 0);

    for kind in ["credits", "flows", "payments", "positions", "proposals", "psp"] {
        let (found, expected) = (scene.rows(kind), whole.rows(kind));
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{kind}, in steps {steps:?}");
        }
        let file = format!("{kind}.jsonl");
        assert!(scene.report()[&file] == whole.report()[&file], "{file}, in steps {steps:?}");
    }
    let open = |scene: &Scene| -> Vec<Value> {
        let mut anomalies = scene.rows("anomalies");
        anomalies.retain(|anomaly| anomaly["state"] == "open");
        anomalies
    };
    assert_eq!(open(&scene), open(whole), "open anomalies, in steps {steps:?}");
}

/// The files below a folder, by their paths from it.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Numbers without a pattern, the same for the same seed: SplitMix64.
struct Chance(u64);

impl Chance {
    /// A number from 0 to `bound` - 1.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn shuffled<T: Clone>(&mut self, list: &[T]) -> Vec<T> {
        let mut list = list.to_vec();
        for place in (1..list.len()).rev() {
            list.swap(place, self.below(place + 1));
        }
        list
    }
}

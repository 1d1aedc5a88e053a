//! Killed at any moment, or run twice at once: the next run ends as if nothing had happened.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::scene::{AS_OF, Files, RUN, Scene, assert_same, visible};

/// Scenes, and how often the run of each is killed before one may end.
const SCENES: u32 = 5;
const KILLS: u32 = 3;

/// A made-up province of a few hundred files, its configuration among the inputs.
fn scene() -> Scene {
    let scene = Scene::new();
    fs::remove_dir(scene.path("inputs")).unwrap();
    let sample = ["sample", "--notices", "200", "--seed", "9", "--out", "inputs"];
    assert_eq!(scene.quadra(&sample).code, 0);
    scene
}

/// The report of a run that nothing disturbs, and how long it took.
fn undisturbed() -> (Files, Duration) {
    let scene = scene();
    let start = Instant::now();
    scene.run_to(0);
    (scene.report(), start.elapsed())
}

#[test]
fn a_run_that_was_killed_is_taken_up_by_the_next() {
    let (expected, whole) = undisturbed();
    let mut killed = 0;
    for round in 0..SCENES {
        let scene = scene();
        for kill in 0..KILLS {
            let mut run = scene.command(&RUN);
            let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Spread over the time that a run takes, later ones later.
            sleep(whole * (kill * SCENES + round) / (KILLS * SCENES));
            if run.try_wait().unwrap().is_none() {
                killed += 1;
            }
            // SIGKILL.
            run.kill().unwrap();
            run.wait().unwrap();
            nothing_half_done(&scene.path("out"), &expected);
        }
        scene.run_to(0);
        assert_same(&scene.report(), &expected, &format!("round {round}"));
    }
    assert!(killed >= SCENES, "only {killed} were killed in time");
}

/// Files that show are whole: a folder of the first report has them, or does not.
fn nothing_half_done(out: &Path, expected: &Files) {
    if out.exists() {
        for (name, content) in visible(out) {
            assert!(content == expected[&name], "{name} is whole");
        }
    }
}

#[test]
fn two_runs_at_once_on_one_ledger_both_end_well() {
    let (expected, _) = undisturbed();
    let scene = scene();
    let runs = ["one", "other"].map(|out| {
        let arguments = ["run", "inputs", "--data", "data", "--out", out, "--as-of", AS_OF];
        scene.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    for out in ["one", "other"] {
        assert_same(&visible(&scene.path(out)), &expected, out);
    }
    scene.run_to(0);
    assert_same(&scene.report(), &expected, "afterwards");
}

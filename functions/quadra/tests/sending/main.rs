//! The program sends the messages of a small Province to an IO on this machine.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod fake;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use domain::identifier::FiscalCode;
use fake::{Fake, Fault, standing};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A Monday, in office hours, when the 60 days of who was notified on 4/2/2026 are long over.
const MONDAY: &str = "2026-06-08T10:00:00+02:00";
/// Fines that nobody has paid.
const FINES: u32 = 30;

const CONFIGURATION: &str = r#"
[[organization]]
fiscal_code = "01234567897"
name = "Provincia di Prova"
contacts = "Ufficio sanzioni, tel. 050 000000"
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = true
[[organization.debt_type]]
code = "CDS"
fine = true
appio_service = "multe"
"#;

/// The n-th IUV, with its check digits.
fn iuv(n: u32) -> String {
    let base = format!("01{n:013}");
    let whole: u64 = format!("3{base}").parse().unwrap();
    format!("{base}{:02}", whole % 93)
}

/// The n-th citizen: a fiscal code whose check character is right.
fn citizen(n: u32) -> String {
    let base = format!("RSSMRA80A01H{n:03}");
    let mut all = ('A'..='Z').map(|check| format!("{base}{check}"));
    let right = |code: &String| FiscalCode::parse(code).is_ok_and(|code| code.verified());
    all.find(right).unwrap()
}

/// The n-th fine, notified on 4/2/2026 and not paid.
fn fine(n: u32) -> Value {
    let notice = |place, tier: &str, amount: &str| {
        let iuv = iuv(n * 10 + place);
        json!({"notice_number": format!("3{iuv}"), "iuv": iuv, "tier": tier, "amount": amount})
    };
    json!({
        "position_id": format!("F-{n}"), "version": 1, "organization": "01234567897",
        "debt_type": "CDS", "year": 2026, "status": "open",
        "debtor": {"kind": "person", "fiscal_code": citizen(n), "name": "Rossi Mario",
                   "abroad": false},
        "notices": [notice(1, "reduced", "44.40"), notice(2, "full", "57.00"),
                    notice(3, "late", "101.50")],
        "items": [{"amount": "42.00", "part": "sanction"}, {"amount": "15.00", "part": "costs"}],
        "fine": {
            "report_number": format!("{n}/2026"), "report_date": "2026-01-15",
            "violation_date": "2026-01-10", "notified_on": "2026-02-04",
            "discount_allowed": true, "settleable": true, "appeal": "none", "installments": false,
            "enforcement_on": null, "deceased": false, "review_pending": false, "sensitive": false,
            "half_maximum": "86.50",
        },
    })
}
const KIND: &str = "sollecito";
const KEY: &str = "QUADRA_APPIO_KEY_MULTE";

struct Office {
    root: TempDir,
    io: Fake,
}

impl Office {
    /// A Province that has taken everything in.
    fn new() -> Self {
        let office = Self { root: TempDir::new().unwrap(), io: Fake::new() };
        let fines: Vec<_> = (1..=FINES).map(|n| fine(n).to_string()).collect();
        fs::write(office.path("positions.jsonl"), fines.join("\n")).unwrap();
        fs::write(office.path("quadra.toml"), CONFIGURATION).unwrap();
        let ingest = ["ingest", "positions.jsonl", "--config", "quadra.toml", "--data", "data"];
        office.succeeds(&ingest);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quadra"));
        command.current_dir(self.root.path()).args(arguments).stdin(Stdio::null());
        command.env("QUADRA_APPIO_URL", &self.io.base);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }

    fn sending(&self, as_of: &str, more: &[&str]) -> Command {
        let mut command =
            self.command(&["campaign", "send", KIND, "--data", "data", "--as-of", as_of]);
        command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env(KEY, "key");
        command
    }

    fn send(&self) -> Output {
        self.sending(MONDAY, &[]).output().unwrap()
    }

    /// The positions that the plan sends to.
    fn planned(&self) -> usize {
        self.succeeds(&[
            "campaign",
            "plan",
            KIND,
            "--data",
            "data",
            "--as-of",
            MONDAY,
            "--out",
            "plan.jsonl",
        ]);
        let plan = fs::read_to_string(self.path("plan.jsonl")).unwrap();
        let rows = plan.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.filter(|row| row["decision"] == "send").count()
    }

    fn results(&self, as_of: &str) -> Value {
        self.succeeds(&[
            "campaign", "report", KIND, "--data", "data", "--as-of", as_of, "--out", "results",
        ]);
        serde_json::from_slice(&fs::read(self.path("results/results.json")).unwrap()).unwrap()
    }

    #[track_caller]
    fn nobody_got_anything_twice(&self) -> usize {
        let received = self.io.received();
        assert!(received.values().all(|&times| times == 1));
        received.len()
    }
}

fn ended(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

#[test]
fn two_at_once_and_again_write_to_each_citizen_once() {
    let office = Office::new();
    let planned = office.planned();
    assert_eq!(planned, FINES as usize);
    office.io.breaks(&[(2, Fault::Busy), (4, Fault::CutAfter), (6, Fault::Fails)]);
    let both = [office.sending(MONDAY, &[]), office.sending(MONDAY, &[])];
    let both = both.map(|mut command| command.spawn().unwrap());
    for ran in both.map(ended) {
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    let received = office.nobody_got_anything_twice();
    assert!(office.send().status.success());
    assert_eq!(office.nobody_got_anything_twice(), received, "again changes nothing");

    let later = "2026-06-08T12:00:00+02:00";
    let results = office.results(later);
    let listed = fs::read_to_string(office.path("results/altri-canali.csv")).unwrap();
    let count = |name: &str| usize::try_from(results[name].as_u64().unwrap()).unwrap();
    assert_eq!(count("unknown"), 1, "{results}");
    assert_eq!(count("sent") + 1, received);
    let unreachable = count("not_on_io") + count("opted_out");
    assert_eq!(received + unreachable, planned, "{results}");
    assert_eq!(listed.lines().count(), unreachable + 1, "{listed}");
    let others = fs::read_to_string(office.path("data/altri-canali-sollecito.csv"));
    assert!(unreachable == 0 || others.is_ok());

    let mut track = office.command(&["campaign", "track", "--data", "data", "--as-of", later]);
    track.env(KEY, "key");
    assert!(track.output().unwrap().status.success());
    assert_eq!(office.results(later)["delivered"], office.results(later)["sent"]);

    office.succeeds(&["verify", "--data", "data", "--as-of", later]);

    let state = office.io.state.lock().unwrap();
    assert!(state.taken.iter().all(|message| standing(&message.recipient) > 1));
}

#[test]
fn what_was_killed_while_it_sent_is_not_sent_again() {
    let office = Office::new();
    for _ in 0..3 {
        let mut child = office.sending(MONDAY, &[]).spawn().unwrap();
        let before = office.io.state.lock().unwrap().taken.len();
        while child.try_wait().unwrap().is_none() {
            if office.io.state.lock().unwrap().taken.len() > before + 2 {
                child.kill().unwrap();
                break;
            }
            std::thread::yield_now();
        }
        ended(child);
    }
    office.send();
    // Ten minutes later the dead are known to be dead.
    assert!(office.sending("2026-06-08T10:20:00+02:00", &[]).output().unwrap().status.success());
    office.nobody_got_anything_twice();
    let results = office.results(MONDAY);
    let count = |name: &str| usize::try_from(results[name].as_u64().unwrap()).unwrap();
    assert!(count("sent") <= office.io.received().len());
    assert!(office.io.received().len() <= count("sent") + count("unknown"));
}

#[test]
fn nothing_leaves_without_a_key_at_night_on_sunday_or_when_it_is_stopped() {
    let office = Office::new();
    let dry = office.succeeds(&["campaign", "send", KIND, "--data", "data", "--as-of", MONDAY]);
    assert!(dry.contains("prova"), "{dry}");
    for closed in ["2026-06-08T20:00:00+02:00", "2026-06-07T10:00:00+02:00"] {
        assert_eq!(office.sending(closed, &[]).output().unwrap().status.code(), Some(1));
    }
    fs::write(office.path("data/STOP"), "").unwrap();
    assert_eq!(office.send().status.code(), Some(1));
    let state = office.io.state.lock().unwrap();
    assert!(state.taken.is_empty() && state.profiles.is_empty());
}

#[test]
fn a_service_that_is_locked_out_ends_the_run_and_blames_nobody() {
    let office = Office::new();
    office.io.breaks(&(1..=50).map(|post| (post, Fault::LockedOut)).collect::<Vec<_>>());
    let ran = office.send();
    assert_eq!(ran.status.code(), Some(1));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("403 Recipient forbidden"), "{said}");
    let results = office.results(MONDAY);
    for nothing in ["sent", "refused", "failed", "unknown"] {
        assert_eq!(results[nothing], 0, "{nothing}: {results}");
    }
    office.io.state.lock().unwrap().faults.clear();
    assert!(office.send().status.success());
    assert!(office.nobody_got_anything_twice() > 0);
}

#[test]
fn a_limit_is_kept() {
    let office = Office::new();
    assert!(office.sending(MONDAY, &["--limit", "3"]).output().unwrap().status.success());
    assert_eq!(office.nobody_got_anything_twice(), 3);
}

#[test]
fn a_doubt_is_sent_again_only_when_a_person_says_so() {
    let office = Office::new();
    office.io.breaks(&[(1, Fault::CutAfter)]);
    assert!(office.sending(MONDAY, &["--limit", "1"]).output().unwrap().status.success());
    assert_eq!(office.results(MONDAY)["unknown"], 1);
    let rows = fs::read_to_string(office.path("results/messages.jsonl")).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let doubt = rows.iter().find(|row| row["state"] == "unknown").unwrap();
    let intent = doubt["intent"].as_str().unwrap();
    office.succeeds(&[
        "campaign",
        "release",
        intent,
        "--by",
        "Anna",
        "--note",
        "chiesto al cittadino",
        "--data",
        "data",
        "--as-of",
        MONDAY,
    ]);
    assert!(office.send().status.success());
    let twice = office.io.received().into_values().filter(|&times| times == 2).count();
    assert_eq!(twice, 1, "the fake had taken it; Anna was wrong, and nobody else was");
    let again = office.run(&[
        "campaign", "release", intent, "--by", "Anna", "--note", "di nuovo", "--data", "data",
        "--as-of", MONDAY,
    ]);
    assert_eq!(again.status.code(), Some(1), "it was sent");
}

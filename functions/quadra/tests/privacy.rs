//! Who is in the ledger cannot be read without its keys, and is forgotten when all is over.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Long after everything in the sample happened, which is of 2025 and 2026.
const AS_OF: &str = "2027-06-30T12:00:00+02:00";

/// A person who is in no sample: nobody's fiscal code, name and plate.
const FISCAL_CODE: &str = "QZZWXY80A01G702M";
const NAME: &str = "Qzzwarth Wxyzeno";
const PLATE: &str = "QZ987WX";

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

/// A folder with a made-up Province, taken in and reported on.
struct Province(TempDir);

impl Province {
    fn new() -> Self {
        let province = Self(TempDir::new().unwrap());
        let sample = ["sample", "--notices", "300", "--seed", "7", "--out", "sample"];
        assert_eq!(province.quadra(&sample).code, 0);
        province
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn quadra_with(&self, arguments: &[&str], key_file: Option<&str>) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quadra"));
        command.current_dir(self.0.path()).args(arguments).env_remove("QUADRA_KEY_FILE");
        command.envs(key_file.map(|path| ("QUADRA_KEY_FILE", path)));
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn quadra(&self, arguments: &[&str]) -> Ran {
        self.quadra_with(arguments, None)
    }

    fn run(&self) -> Ran {
        let inputs = ["run", "sample/inputs", "--config", "sample/quadra.toml"];
        self.quadra(&[&inputs[..], &["--data", "data", "--out", "out", "--as-of", AS_OF]].concat())
    }

    fn verify(&self) -> Ran {
        self.quadra(&["verify", "--data", "data", "--as-of", AS_OF])
    }

    fn report(&self) -> Ran {
        self.quadra(&["report", "--data", "data", "--out", "out", "--as-of", AS_OF])
    }

    fn forget(&self, older_than: &str) -> Ran {
        let forget = ["forget", "--older-than", older_than, "--data", "data", "--as-of", AS_OF];
        self.quadra(&forget)
    }

    fn explain(&self, key: &str) -> Ran {
        self.quadra(&["explain", key, "--data", "data", "--as-of", AS_OF])
    }

    fn rows(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path("out").join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn conservation(&self) -> Value {
        let text = fs::read_to_string(self.path("out/summary.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["conservation"].clone()
    }

    /// The positions as the office wrote them, the last version of each.
    fn positions(&self) -> Vec<Value> {
        let mut positions = Vec::new();
        for file in files(&self.path("sample/inputs/positions")) {
            let text = fs::read_to_string(file).unwrap();
            let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            positions.extend(lines.filter(|one: &Value| one["position_id"].is_string()));
        }
        positions
    }
}

/// The files of a folder, at any depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// A file of one position; its second line is refused, and is about the same person.
fn unmistakable(year: &str, id: &str) -> String {
    let position = |id: &str, amount: &str| {
        format!(
            r#"{{"position_id":"{id}","version":1,"organization":"01234567897","debt_type":"CDS","year":{year},"status":"cancelled","debtor":{{"kind":"person","fiscal_code":"{FISCAL_CODE}","name":"{NAME}"}},"notices":[],"fine":{{"report_number":"9{id}","plate":"{PLATE}","points":{{"points":1,"driver_fiscal_code":"{FISCAL_CODE}"}}}},"items":[{{"amount":"{amount}"}}]}}"#
        )
    };
    format!("{}\n{}\n", position(id, "1.00"), position("BAD", "one"))
}

/// What is about persons in the inputs: fiscal codes, names, plates; and causali, as they are
/// written.
fn personal(province: &Province) -> BTreeSet<String> {
    let mut texts = BTreeSet::from([FISCAL_CODE, NAME, PLATE].map(str::to_owned));
    for position in province.positions() {
        let (debtor, fine) = (&position["debtor"], &position["fine"]);
        let values = [
            &debtor["fiscal_code"],
            &debtor["name"],
            &fine["plate"],
            &fine["points"]["driver_fiscal_code"],
        ];
        texts.extend(values.iter().filter_map(|value| value.as_str()).map(str::to_owned));
    }
    for credit in province.rows("credits.jsonl") {
        texts.insert(credit["remittance"].as_str().unwrap().to_owned());
    }
    // Shorter ones are found anywhere.
    texts.retain(|text| text.len() >= 7);
    texts
}

fn assert_says_nothing_of(texts: &BTreeSet<String>, content: &str, whose: &str) {
    for text in texts {
        assert!(!content.contains(text.as_str()), "{whose} holds {text:?}");
    }
}

#[test]
fn nothing_personal_is_in_the_ledger_nor_in_what_any_command_says() {
    let province = Province::new();
    fs::write(province.path("sample/inputs/one.jsonl"), unmistakable("2026", "UNMISTAKABLE"))
        .unwrap();
    let mut said = vec![province.run()];
    let ledger = ["--data", "data", "--as-of", AS_OF];
    for command in ["reconcile", "verify"] {
        said.push(province.quadra(&[&[command][..], &ledger].concat()));
    }
    said.push(province.report());
    let again = ["ingest", "sample/inputs", "--data", "data"];
    said.push(province.quadra(&again));
    // Failures too: another's organization, a damaged file, a version with other content.
    let other = unmistakable("2026", "UNMISTAKABLE").replace("\"1.00\"", "\"2.00\"");
    fs::write(province.path("sample/inputs/two.jsonl"), other).unwrap();
    fs::write(province.path("sample/inputs/cut.jsonl"), &unmistakable("2026", "X")[..300]).unwrap();
    said.push(province.quadra(&again));
    let refused = said.last().unwrap();
    assert_eq!(refused.code, 2, "{}{}", refused.stdout, refused.stderr);

    let texts = personal(&province);
    assert!(texts.len() > 200, "{}", texts.len());
    for ran in &said {
        assert_says_nothing_of(&texts, &ran.stdout, "stdout");
        assert_says_nothing_of(&texts, &ran.stderr, "stderr");
    }
    let is_kept_as_it_came = |path: &PathBuf| path.starts_with(province.path("data/quarantine"));
    let mut bytes = 0;
    for file in files(&province.path("data")) {
        assert_says_nothing_of(&texts, file.to_str().unwrap(), "a file name");
        if !is_kept_as_it_came(&file) {
            let content = fs::read(&file).unwrap();
            bytes += content.len();
            let content = String::from_utf8_lossy(&content);
            assert_says_nothing_of(&texts, &content, file.to_str().unwrap());
        }
    }
    assert!(bytes > 500_000, "the ledger was looked through: {bytes}");

    // With the keys it is all there.
    for key in [FISCAL_CODE, PLATE] {
        let ran = province.explain(key);
        assert_eq!(ran.code, 0);
        assert!(ran.stdout.contains("position:UNMISTAKABLE"), "{}", ran.stdout);
    }
}

#[test]
fn without_its_own_keys_a_ledger_is_closed_and_stays_as_it_was() {
    let province = Province::new();
    province.run();
    let verified = province.verify();
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    let (key, aside) = (province.path("data/quadra.key"), province.path("aside.key"));
    fs::rename(&key, &aside).unwrap();
    let lost = province.report();
    assert_eq!((lost.code, lost.stdout.as_str()), (1, ""));
    assert!(lost.stderr.contains("its keys are not in data/quadra.key"), "{}", lost.stderr);
    assert!(!key.exists(), "no new keys are made for a ledger that has its own");

    let explain = ["explain", "X", "--data", "other"];
    assert_eq!(province.quadra(&explain).code, 1);
    fs::copy(province.path("other/quadra.key"), &key).unwrap();
    let wrong = province.report();
    assert_eq!((wrong.code, wrong.stdout.as_str()), (1, ""));
    assert!(
        wrong.stderr.contains("not those that this ledger was sealed with"),
        "{}",
        wrong.stderr
    );

    fs::remove_file(&key).unwrap();
    let verify = ["verify", "--data", "data", "--as-of", AS_OF];
    let elsewhere = province.quadra_with(&verify, Some("aside.key"));
    assert_eq!(elsewhere.code, 0, "{}{}", elsewhere.stdout, elsewhere.stderr);
    assert!(!key.exists());
    fs::write(&key, "not keys").unwrap();
    let damaged = province.report();
    assert_eq!(damaged.code, 1);
    assert!(damaged.stderr.contains("not a file of keys"), "{}", damaged.stderr);
}

/// Positions that nothing is to be done about any more, and those that wait for money.
fn closed_and_waiting(province: &Province) -> (BTreeSet<String>, BTreeSet<String>) {
    let rows = province.rows("positions.jsonl");
    let paid = |row: &&Value| ["credited", "cancelled"].contains(&row["state"].as_str().unwrap());
    let id = |row: &Value| row["position_id"].as_str().unwrap().to_owned();
    let troubled = |row: &&Value| !row["anomalies"].as_array().unwrap().is_empty();
    let payments = province.rows("payments.jsonl");
    let with_a_position = payments.iter().filter(|row| row["position_id"].is_string());
    let in_trouble: BTreeSet<_> = with_a_position.filter(troubled).map(id).collect();
    let closed = |row: &&Value| paid(row) && !troubled(row) && !in_trouble.contains(&id(row));
    (
        rows.iter().filter(closed).map(id).collect(),
        rows.iter().filter(|row| !paid(row)).map(id).collect(),
    )
}

#[test]
fn what_is_over_and_closed_names_nobody_and_still_adds_up() {
    let province = Province::new();
    province.run();
    let untouched = ["positions.jsonl", "flows.jsonl", "proposals.jsonl", "psp.jsonl"];
    let before: Vec<_> = untouched.iter().map(|name| province.rows(name)).collect();
    let (states, conservation) = (province.rows("credits.jsonl"), province.conservation());
    let (closed, waiting) = closed_and_waiting(&province);

    let ran = province.forget("2027-01-01");
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let verified = province.verify();
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    let reported = province.report();
    assert_eq!(reported.code, 0, "{}{}", reported.stdout, reported.stderr);
    assert_eq!(province.conservation(), conservation);
    for (name, before) in untouched.iter().zip(before) {
        assert_eq!(province.rows(name), before, "{name}");
    }
    let mut forgotten = 0;
    for (row, before) in province.rows("credits.jsonl").iter().zip(states) {
        for field in ["esercizio", "number", "amount", "state", "flows", "allocated"] {
            assert_eq!(row[field], before[field]);
        }
        if row["remittance"] == "dato cancellato" {
            forgotten += 1;
            assert_eq!(row["remitter"], "dato cancellato");
            assert_eq!(row["reading"]["kind"], before["reading"]["kind"]);
        } else {
            assert_eq!(row["remittance"], before["remittance"]);
        }
    }
    assert!(forgotten > 100, "{forgotten}");

    // Who has still to pay is found; whose debts are all closed is not.
    let (mut gone, mut found) = (0, 0);
    let positions = province.positions();
    let code = |one: &Value| one["debtor"]["fiscal_code"].as_str().map(str::to_owned);
    let id = |one: &Value| one["position_id"].as_str().unwrap().to_owned();
    let not_closed = positions.iter().filter(|one| !closed.contains(&id(one)));
    let of_not_closed: BTreeSet<_> = not_closed.filter_map(code).collect();
    for one in positions.iter().step_by(5) {
        let Some(code) = code(one) else { continue };
        if waiting.contains(&id(one)) {
            let ran = province.explain(&code);
            assert!(ran.stdout.contains(&format!("position:{}", id(one))), "{}", ran.stdout);
            found += 1;
        } else if !of_not_closed.contains(&code) {
            assert_eq!(province.explain(&code).code, 1);
            gone += 1;
        }
    }
    assert!(found > 5 && gone > 5, "{found} {gone}");

    // Taken in again, what is forgotten changes nothing; under a new name it is refused.
    let again = province.run();
    assert!(again.stdout.contains("0 cambiati"), "{}", again.stdout);
    assert_eq!(province.conservation(), conservation);
    fs::write(province.path("late.jsonl"), unmistakable("2025", "LATE")).unwrap();
    let late = province.quadra(&["ingest", "late.jsonl", "--data", "data"]);
    assert_eq!(late.code, 2, "{}", late.stdout);
    assert_eq!(province.explain("LATE").code, 1);
    assert_eq!(province.verify().code, 0);

    // What was asked twice is done once.
    let again = province.forget("2027-01-01");
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stdout.contains("fino al 2026: 0 posizioni, 0 provvisori"), "{}", again.stdout);
}

#[test]
fn what_is_not_past_or_not_computed_is_not_forgotten() {
    let province = Province::new();
    let inputs = ["ingest", "sample/inputs", "--config", "sample/quadra.toml", "--data", "data"];
    province.quadra(&inputs);
    let key = fs::read(province.path("data/quadra.key")).unwrap();
    for (older_than, code, said) in [
        ("2027-07-01", 1, "only what is past"),
        ("2027-01-01", 1, "not up to date"),
        ("soon", 64, "write a date"),
    ] {
        let ran = province.forget(older_than);
        assert_eq!(ran.code, code, "{older_than}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{older_than}: {}", ran.stderr);
    }
    assert_eq!(fs::read(province.path("data/quadra.key")).unwrap(), key);
}

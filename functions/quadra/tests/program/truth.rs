//! Made-up provinces, and what is true of them: every state and every code that the program
//! concludes is compared with what the generator did.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::scene::{AS_OF, rows, text};

const SEEDS: [u64; 5] = [1, 2, 3, 41, 1_000_003];
const NOTICES: &str = "600";

#[test]
fn every_state_and_code_of_a_made_up_province_is_true() {
    let differences: Vec<String> = std::thread::scope(|scope| {
        let seeds = SEEDS.map(|seed| scope.spawn(move || differences(seed)));
        seeds.into_iter().flat_map(|seed| seed.join().unwrap()).collect()
    });
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Makes a province, runs the program on it, and says what differs.
fn differences(seed: u64) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quadra"));
        let output = command.current_dir(&folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    run(&["sample", "--notices", NOTICES, "--seed", &seed.to_string(), "--out", "sample"]);
    let inputs = ["run", "sample/inputs", "--config", "sample/quadra.toml"];
    run(&[&inputs[..], &["--data", "data", "--out", "out", "--as-of", AS_OF]].concat());

    let truth = std::fs::read(folder.path().join("sample/truth.json")).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    assert_eq!(truth["as_of"], AS_OF);
    let mut comparison = Comparison::new(seed, truth, &folder.path().join("out"));
    comparison.credits();
    comparison.flows();
    comparison.payments();
    comparison.positions();
    comparison.incidents();
    comparison.totals();
    comparison.differences
}

struct Comparison {
    seed: u64,
    truth: Value,
    /// What the program wrote, by file.
    found: BTreeMap<&'static str, Vec<Value>>,
    summary: Value,
    /// By kind and state: how many rows that the rules leave open ended so.
    left_open: BTreeMap<(&'static str, String), i64>,
    differences: Vec<String>,
}

impl Comparison {
    fn new(seed: u64, truth: Value, out: &Path) -> Self {
        let found = ["credits", "flows", "payments", "positions", "anomalies"]
            .map(|kind| (kind, rows(&out.join(format!("{kind}.jsonl")))));
        let summary = std::fs::read(out.join("summary.json")).unwrap();
        Self {
            seed,
            truth,
            found: found.into(),
            summary: serde_json::from_slice(&summary).unwrap(),
            left_open: BTreeMap::new(),
            differences: Vec::new(),
        }
    }

    fn differs(&mut self, what: &str) {
        self.differences.push(format!("seed {}: {what}", self.seed));
    }

    /// Pairs the true rows of a kind with those found, by key: none may be missing, nor any too
    /// many.
    fn pairs(&mut self, kind: &'static str, key: fn(&Value) -> String) -> Vec<(Value, Value)> {
        let mut found: BTreeMap<String, Value> = BTreeMap::new();
        for row in self.found[kind].clone() {
            let key = key(&row);
            if found.insert(key.clone(), row).is_some() {
                self.differs(&format!("{kind} {key}: is there twice"));
            }
        }
        let mut pairs = Vec::new();
        for row in self.truth[kind].as_array().unwrap().clone() {
            match found.remove(&key(&row)) {
                Some(found) => pairs.push((row, found)),
                None => self.differs(&format!("{kind} {}: is missing", key(&row))),
            }
        }
        for key in found.keys() {
            self.differs(&format!("{kind} {key}: is not there in truth"));
        }
        assert!(!pairs.is_empty(), "the sample has {kind}");
        pairs
    }

    /// Compares fields, where the rules do not leave them open.
    fn fields(&mut self, name: &str, truth: &Value, found: &Value, fields: &[&str]) {
        let trouble = &truth["trouble"];
        for field in fields {
            if !truth[field].is_null() && truth[field] != found[field] {
                let (truth, found) = (&truth[field], &found[field]);
                self.differs(&format!("{name} {trouble}: {field} is {found}, in truth {truth}"));
            }
        }
    }

    fn codes(&mut self, name: &str, truth: &Value, found: &Value) {
        let trouble = &truth["trouble"];
        let (must, may, has) =
            (names(&truth["anomalies"]), names(&truth["may"]), names(&found["anomalies"]));
        for code in must.difference(&has) {
            self.differs(&format!("{name} {trouble}: lacks {code}"));
        }
        for code in has.iter().filter(|code| !must.contains(*code) && !may.contains(*code)) {
            self.differs(&format!("{name} {trouble}: has {code}"));
        }
    }

    /// Compares the state, and keeps count of those that the rules leave open.
    fn state(&mut self, kind: &'static str, name: &str, truth: &Value, found: &Value) {
        if truth["state"].is_null() {
            *self.left_open.entry((kind, text(&found["state"]))).or_default() += 1;
            return;
        }
        self.fields(name, truth, found, &["state"]);
    }

    fn credits(&mut self) {
        for (truth, found) in
            self.pairs("credits", |row| format!("{}/{}", row["esercizio"], row["number"]))
        {
            let name = format!("credit {}/{}", truth["esercizio"], truth["number"]);
            let trouble = truth["trouble"].as_str().unwrap_or_default();
            self.state("credits", &name, &truth, &found);
            self.fields(&name, &truth, &found, &["amount", "date"]);
            self.codes(&name, &truth, &found);
            // Truth knows whose money it is; a credit says so once it is matched.
            let says_flows = truth["state"] == "matched" || truth["state"] == "regularised";
            if says_flows {
                self.fields(&name, &truth, &found, &["flows"]);
            } else if !names(&found["flows"]).is_subset(&names(&truth["flows"])) {
                let (truth, found) = (&truth["flows"], &found["flows"]);
                self.differs(&format!("{name} {trouble}: flows {found}, in truth {truth}"));
            }
            if found["state"] == "proposed" && found["candidates"].as_array().unwrap().is_empty() {
                self.differs(&format!("{name} {trouble}: proposes nothing"));
            }
        }
    }

    fn flows(&mut self) {
        let key = |row: &Value| {
            let time = text(&row["flow_time"]);
            let revision = row.get("revision").unwrap_or(&Value::Null);
            // The truth has the time as the PSP wrote it, the report with its offset.
            format!("{}:{} {revision} {}", row["psp"], row["iuf"], &time[..19])
        };
        for (truth, found) in self.pairs("flows", key) {
            let name = format!("flow {}", key(&truth));
            self.state("flows", &name, &truth, &found);
            self.codes(&name, &truth, &found);
            let fields =
                ["declared_total", "declared_count", "total", "count", "credited", "difference"];
            self.fields(&name, &truth, &found, &fields);
        }
    }

    fn payments(&mut self) {
        let key =
            |row: &Value| format!("{}/{}/{}", text(&row["iuv"]), text(&row["iur"]), row["index"]);
        for (truth, found) in self.pairs("payments", key) {
            let name = format!("payment {}", key(&truth));
            self.state("payments", &name, &truth, &found);
            self.codes(&name, &truth, &found);
            let fields = ["amount", "outcome", "iuf", "position_id", "receipt", "provvisorio"];
            self.fields(&name, &truth, &found, &fields);
            // A line alone does not tell the number of the notice: its IUV may be of any aux digit.
            if !truth["position_id"].is_null() || !found["notice_number"].is_null() {
                self.fields(&name, &truth, &found, &["notice_number"]);
            }
        }
    }

    fn positions(&mut self) {
        for (truth, found) in self.pairs("positions", |row| text(&row["position_id"])) {
            let name = format!("position {}", text(&truth["position_id"]));
            self.state("positions", &name, &truth, &found);
            self.codes(&name, &truth, &found);
            let fields = ["due", "paid", "residual", "refundable", "minor_revenue"];
            self.fields(&name, &truth, &found, &fields);
            if names(&truth["payments"]) != names(&found["payments"]) {
                let (truth, found) = (&truth["payments"], &found["payments"]);
                self.differs(&format!("{name}: payments {found}, in truth {truth}"));
            }
        }
    }

    /// Every code that is certain of an incident is an open anomaly on one of its subjects.
    fn incidents(&mut self) {
        let open = self.found["anomalies"].iter().filter(|anomaly| anomaly["state"] == "open");
        let open: BTreeSet<(String, String)> =
            open.map(|anomaly| (text(&anomaly["code"]), text(&anomaly["subject"]))).collect();
        for incident in self.truth["incidents"].as_array().unwrap().clone() {
            let subjects = names(&incident["subjects"]);
            for code in names(&incident["codes"]) {
                let is_there =
                    subjects.iter().any(|subject| open.contains(&(code.clone(), subject.clone())));
                if incident["certain"] == true && !is_there {
                    let trouble = &incident["trouble"];
                    self.differs(&format!("incident {trouble}: no {code} on any of {subjects:?}"));
                }
            }
        }
    }

    /// The summary counts the rows, the true rows are among them, and every cent is somewhere.
    fn totals(&mut self) {
        for kind in ["credits", "flows", "payments", "positions"] {
            for (state, total) in self.summary[kind].as_object().unwrap().clone() {
                let count = total["count"].as_i64().unwrap();
                let rows = self.found[kind].iter().filter(|row| row["state"] == state.as_str());
                let rows = i64::try_from(rows.count()).unwrap();
                let truth = self.truth["totals"][kind][&state]["count"].as_i64().unwrap_or(0);
                let open = self.left_open.get(&(kind, state.clone())).copied().unwrap_or(0);
                if count != rows || count != truth + open {
                    self.differs(&format!(
                        "{kind} {state}: {count} in the summary, {rows} rows, {truth} in truth, \
                         {open} left open"
                    ));
                }
            }
        }
        let conservation = self.summary["conservation"].clone();
        let [came_in, matched, proposed, unexplained, reversed] =
            ["credits_in", "matched", "proposed", "unexplained", "reversed"]
                .map(|part| cents(&conservation[part]));
        let in_truth = cents(&self.truth["conservation"]["credits_in"]);
        if came_in != in_truth || came_in != matched + proposed + unexplained + reversed {
            self.differs(&format!("conservation: {conservation}, in truth {in_truth} cents"));
        }
        let of = |states: &[&str]| -> i64 {
            let rows = self.found["credits"].iter();
            let rows = rows.filter(|row| states.contains(&row["state"].as_str().unwrap()));
            rows.map(|row| cents(&row["amount"])).sum()
        };
        let by_state = [
            of(&["matched", "regularised"]),
            of(&["proposed"]),
            of(&["open", "ambiguous", "anomaly"]),
            of(&["reversed"]),
        ];
        if by_state != [matched, proposed, unexplained, reversed] {
            self.differs(&format!("conservation: {conservation}, by the credits {by_state:?}"));
        }
    }
}

/// A list of texts, which may be absent.
fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().map(|list| list.iter().map(text).collect()).unwrap_or_default()
}

fn cents(amount: &Value) -> i64 {
    text(amount).replace('.', "").parse().unwrap()
}

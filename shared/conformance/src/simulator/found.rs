//! What the ledger says of a world, read from where anyone would read it: the rows of the report
//! and the records of the inputs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use engine::configuration::Configuration;
use engine::picture;
use engine::port::{Home, ReadFacts};
use engine::record::{self, InputRecord};
use jiff::Timestamp;
use report::Files;
use serde_json::Value;

use super::fold::{Accepted, Truth};

/// The end of the name of a file that came a second time under another name.
pub(super) const COPY: &str = "-copy";

/// What became of every input; an error when the same input came in once and was refused once.
pub(super) fn accepted<H: Home>(home: &H) -> Result<Accepted, String> {
    let mut of: BTreeMap<String, Vec<InputRecord>> = BTreeMap::new();
    let mut reader = home.reader().map_err(|error| error.to_string())?;
    reader
        .scan_facts(engine::key::INPUTS, &mut |fact| {
            let input: InputRecord = record::read(&fact.body)?;
            let name = input.entry.file.trim_end_matches(COPY).to_owned();
            of.entry(name).or_default().push(input);
            Ok(())
        })
        .map_err(|error| error.to_string())?;
    let mut accepted = Accepted::default();
    for (name, inputs) in of {
        let told = |input: &InputRecord| {
            let entry = &input.entry;
            let whole = entry.is_refused() && entry.bad_lines.is_empty();
            (whole, entry.bad_lines.clone())
        };
        let (refused, bad_lines) = told(&inputs[0]);
        if inputs.iter().any(|input| told(input) != (refused, bad_lines.clone())) {
            return Err(format!("{name} came in and was refused"));
        }
        if refused {
            accepted.refused.insert(name);
        } else if !bad_lines.is_empty() {
            let lines = bad_lines.into_iter().filter_map(|line| usize::try_from(line).ok());
            accepted.bad_lines.insert(name, lines.collect());
        }
    }
    Ok(accepted)
}

/// The rows of the report, one line for each, as [`super::fold`] words them.
pub(super) fn truth<H: Home>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
) -> Result<Truth, String> {
    let desk = Desk::default();
    picture::write_report(home, configuration, as_of, &desk).map_err(|error| error.to_string())?;
    let files = desk.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut truth = Truth::new();
    for kind in ["credits", "flows", "payments", "positions"] {
        let file = files.get(&format!("{kind}.jsonl")).ok_or("a file of the report is missing")?;
        for line in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let row: Value = serde_json::from_slice(line).map_err(|error| error.to_string())?;
            let (name, line) = match kind {
                "credits" => credit(&row),
                "flows" => flow(&row),
                "payments" => payment(&row),
                _ => position(&row),
            };
            if truth.insert(name.clone(), line).is_some() {
                return Err(format!("{name} is reported twice"));
            }
        }
    }
    Ok(truth)
}

fn text<'r>(row: &'r Value, field: &str) -> &'r str {
    row[field].as_str().unwrap_or("-")
}

fn credit(row: &Value) -> (String, String) {
    // Candidates are for people: a credit without an identifier is as open with them as without.
    let unread = row["reading"]["kind"] == "none";
    let names_flows = row["flows"].as_array().is_some_and(|flows| !flows.is_empty());
    let state = match text(row, "state") {
        "proposed" if unread => "open",
        // Which days are loaded, the fold does not know: of a part the rest may still come.
        "open" if names_flows => "anomaly",
        state => state,
    };
    let name = format!("credit {} {}", text(row, "organization"), row["number"]);
    (name, format!("{state} {}", text(row, "amount")))
}

fn flow(row: &Value) -> (String, String) {
    let revision = row["revision"].as_u64();
    let minute = text(row, "flow_time").get(14..16).unwrap_or("-");
    let minute = minute.trim_start_matches('0');
    let minute = if minute.is_empty() { "0" } else { minute };
    let (organization, iuf) = (text(row, "organization"), text(row, "iuf"));
    let name = format!("flow {organization} {iuf} {revision:?} {minute}");
    let [state, total, credited] = ["state", "declared_total", "credited"].map(|f| text(row, f));
    (name, format!("{state} {total} {credited}"))
}

fn payment(row: &Value) -> (String, String) {
    let [organization, iuv, iur] = ["organization", "iuv", "iur"].map(|field| text(row, field));
    let [state, amount, owner] = ["state", "amount", "position_id"].map(|field| text(row, field));
    (format!("payment {organization} {iuv} {iur}"), format!("{state} {amount} {owner}"))
}

fn position(row: &Value) -> (String, String) {
    let name = format!("position {} {}", text(row, "organization"), text(row, "position_id"));
    let fields = ["state", "due", "paid", "residual", "refundable", "minor_revenue"];
    let [state, due, paid, left, back, minor] = fields.map(|field| text(row, field));
    (name, format!("{state} due {due} paid {paid} left {left} back {back} minor {minor}"))
}

/// Takes the files of a report and keeps those for programs.
#[derive(Default)]
struct Desk(Mutex<BTreeMap<String, Vec<u8>>>);

/// A file on the desk.
struct Sheet {
    name: String,
    is_kept: bool,
    content: Vec<u8>,
}

impl Files for &Desk {
    type File = Sheet;

    fn create(&self, name: &str) -> io::Result<Sheet> {
        let is_kept = Path::new(name).extension().is_some_and(|extension| extension == "jsonl");
        Ok(Sheet { name: name.to_owned(), is_kept, content: Vec::new() })
    }

    fn publish(&self, files: Vec<Sheet>) -> io::Result<()> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.extend(files.into_iter().map(|sheet| (sheet.name, sheet.content)));
        Ok(())
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_kept {
            self.content.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! What the program says about its own ledger: `verify` and `explain`.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// Long after everything in the sample happened.
const AS_OF: &str = "2027-06-30T12:00:00+02:00";

/// What a run of the program came to.
struct Ran {
    code: i32,
    stdout: String,
}

fn quadra(root: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quadra"));
    let output = command.current_dir(root).args(arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    Ran { code: output.status.code().unwrap(), stdout }
}

/// A made-up Province, taken in and reconciled once for all tests.
fn province() -> &'static Path {
    static PROVINCE: OnceLock<TempDir> = OnceLock::new();
    let made = PROVINCE.get_or_init(|| {
        let root = TempDir::new().unwrap();
        let sample = ["sample", "--notices", "300", "--seed", "7", "--out", "sample"];
        assert_eq!(quadra(root.path(), &sample).code, 0);
        let run = ["run", "sample/inputs", "--config", "sample/quadra.toml", "--data", "data"];
        let ran = quadra(root.path(), &[&run[..], &["--out", "out", "--as-of", AS_OF]].concat());
        assert!(ran.code == 0 || ran.code == 2, "{}", ran.stdout);
        root
    });
    made.path()
}

/// A copy of the ledger with its triggers taken away, for who means harm.
fn tampered(statements: &[&str]) -> (TempDir, Vec<String>) {
    let copy = TempDir::new().unwrap();
    let data = copy.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let file: PathBuf = data.join("quadra.sqlite");
    std::fs::copy(province().join("data/quadra.sqlite"), &file).unwrap();
    std::fs::copy(province().join("data/quadra.key"), data.join("quadra.key")).unwrap();
    let ledger = Connection::open(&file).unwrap();
    for trigger in
        ["fact_stays", "fact_keeps_its_content", "entry_stays", "entry_keeps_its_content"]
    {
        ledger.execute(&format!("DROP TRIGGER {trigger}"), []).unwrap();
    }
    let mut hit = Vec::new();
    for statement in statements {
        let mut statement = ledger.prepare(statement).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        hit.extend(names.map(Result::unwrap));
    }
    (copy, hit)
}

fn verified(root: &Path) -> Ran {
    quadra(root, &["verify", "--data", "data", "--as-of", AS_OF])
}

#[test]
fn a_good_ledger_verifies_and_says_what_was_checked() {
    let ran = verified(province());
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("Il registro è integro."), "{}", ran.stdout);
    let ledger = Connection::open(province().join("data/quadra.sqlite")).unwrap();
    let count = |sql: &str| ledger.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    for (check, counted) in [
        ("catene", "SELECT count(DISTINCT subject) FROM entry"),
        ("flussi, ric", "SELECT count(*) FROM outcome WHERE subject GLOB '*#IUF#*'"),
        ("provvisori", "SELECT count(*) FROM outcome WHERE subject GLOB '*#CREDIT#*'"),
        ("posizioni", "SELECT count(*) FROM outcome WHERE subject GLOB '*#POS#*'"),
        ("IUV", "SELECT count(*) FROM outcome WHERE subject GLOB '*#IUV#*'"),
        ("somme", "SELECT count(*) FROM fact WHERE sort GLOB 'REVISION#*'"),
    ] {
        let row = ran.stdout.lines().find(|line| line.contains(check)).unwrap();
        let cells: Vec<_> = row.split(['│', '┆']).map(str::trim).collect();
        let expected = count(counted);
        assert!(expected > 0, "{check}");
        assert_eq!(cells[2..5], [expected.to_string().as_str(), "0", "0"], "{row}");
    }
}

#[test]
fn what_was_tampered_with_is_found_and_named() {
    let paid =
        "SELECT min(subject) FROM outcome WHERE subject GLOB '*#POS#*' AND body GLOB '*lines*'";
    let line =
        "SELECT min(id) FROM fact WHERE sort GLOB 'LINE#*' AND body GLOB '*\"outcome\":\"0\"*'";
    for (what, statement, said) in [
        (
            "the body of an outcome",
            format!(
                "UPDATE outcome SET body = replace(body, '\"lines\"', '\"line\"')
                     WHERE subject = ({paid}) RETURNING subject"
            ),
            &[
                "esiti delle posizioni, ricalcolati: {}: l'esito non è quello che segue dai fatti",
                "catene del giornale degli esiti: {}: l'esito non è quello dell'ultima registrazione",
            ][..],
        ),
        (
            "the body of an entry",
            format!(
                "UPDATE entry SET body = replace(body, '\"lines\"', '\"line\"')
                     WHERE subject = ({paid}) RETURNING subject"
            ),
            &["{}: l'impronta della registrazione 1 non è quella del suo testo"],
        ),
        (
            "an outcome that is gone",
            format!("DELETE FROM outcome WHERE subject = ({paid}) RETURNING subject"),
            &[
                "catene del giornale degli esiti: {}: ci sono registrazioni ma nessun esito",
                "esiti delle posizioni, ricalcolati: {}: ci sono fatti ma nessun esito",
            ],
        ),
        (
            "an entry that is gone",
            format!("DELETE FROM entry WHERE subject = ({paid}) RETURNING subject"),
            &["{}: c'è un esito ma nessuna registrazione"],
        ),
        (
            "a first entry that is gone",
            "UPDATE entry SET version = 2 WHERE subject =
             (SELECT min(subject) FROM entry WHERE subject GLOB '*#IUF#*') RETURNING subject"
                .into(),
            &["{}: manca la registrazione 1"],
        ),
        (
            "the position of a payment",
            "DELETE FROM fact WHERE partition =
             (SELECT min(partition) FROM fact WHERE sort GLOB 'VERSION#*') RETURNING partition"
                .into(),
            &["esiti delle posizioni, ricalcolati: {}: mancano i fatti"],
        ),
        (
            "the lines of a flow",
            "UPDATE fact SET body = replace(body, ',1,', ',1,9') WHERE id =
             (SELECT min(id) FROM fact WHERE sort GLOB 'LINES#*') RETURNING
             replace(partition, '#LINES#', '#IUF#')"
                .into(),
            &["somme dei flussi, dalle righe: {}: le righe non danno i totali"],
        ),
        (
            "the amount of a movement",
            "UPDATE fact SET body = replace(body, '\"amount\":', '\"amount\":9') WHERE id =
             (SELECT min(id) FROM fact WHERE sort GLOB 'MOVEMENT#SOSPESO*') RETURNING partition"
                .into(),
            &["esiti dei provvisori, ricalcolati: {}: l'esito non è quello che segue dai fatti"],
        ),
        (
            "the amount of a line",
            format!(
                "UPDATE fact SET body = replace(body, '\"amount\":', '\"amount\":9')
                     WHERE id = ({line}) RETURNING 'ricalcolati'"
            ),
            &["l'esito non è quello che segue dai fatti"],
        ),
        (
            "a fact that is no record any more",
            "UPDATE fact SET body = '{}' WHERE id =
             (SELECT min(id) FROM fact WHERE sort GLOB 'REVISION#*') RETURNING partition"
                .into(),
            &["esiti dei flussi, ricalcolati: {}: un dato non si legge"],
        ),
    ] {
        let (copy, hit) = tampered(&[&statement]);
        assert!(!hit.is_empty(), "{what}: nothing was tampered with");
        let ran = verified(copy.path());
        assert_eq!(ran.code, 1, "{what}: {}", ran.stdout);
        for said in said {
            let said = said.replace("{}", &hit[0]);
            assert!(ran.stdout.contains(&said), "{what}: {said} is not in\n{}", ran.stdout);
        }
    }
}

/// Outcome, entry and hashes changed together: only the facts tell.
#[test]
fn a_forged_conclusion_with_a_good_chain_is_found() {
    use sha2::{Digest, Sha256};
    let (copy, hit) =
        tampered(&["SELECT min(subject) FROM outcome WHERE subject GLOB '*#CREDIT#*'"]);
    let ledger = Connection::open(copy.path().join("data/quadra.sqlite")).unwrap();
    let of = |sql: &str| ledger.query_row(sql, [&hit[0]], |row| row.get::<_, String>(0)).unwrap();
    let forge = |body: String| body.replace("\"amount\":", "\"amount\":1");
    let body = forge(of("SELECT body FROM outcome WHERE subject = ?1"));
    let entry = forge(of("SELECT body FROM entry WHERE subject = ?1 AND version = 1"));
    let hash = Sha256::new().chain_update([0; 32]).chain_update(&entry).finalize();
    let hash = hash.as_slice();
    ledger
        .execute(
            "UPDATE outcome SET body = ?2, entry_hash = ?3 WHERE subject = ?1",
            (&hit[0], body, hash),
        )
        .unwrap();
    ledger
        .execute("UPDATE entry SET body = ?2, hash = ?3 WHERE subject = ?1", (&hit[0], entry, hash))
        .unwrap();
    drop(ledger);
    let ran = verified(copy.path());
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    let chains = ran.stdout.lines().find(|line| line.contains("catene")).unwrap();
    assert!(chains.split('┆').nth(2).unwrap().trim() == "0", "{chains}");
    let said = format!("{}: l'esito non è quello che segue dai fatti", hit[0]);
    assert!(ran.stdout.contains(&said), "{}", ran.stdout);
}

#[test]
fn what_was_taken_in_and_not_reconciled_is_no_damage() {
    let root = TempDir::new().unwrap();
    let inputs = province().join("sample");
    let inputs = inputs.to_str().unwrap();
    let config = format!("{inputs}/quadra.toml");
    let inputs = format!("{inputs}/inputs");
    let ran = quadra(root.path(), &["ingest", &inputs, "--config", &config, "--data", "data"]);
    assert!(ran.code == 0 || ran.code == 2);
    let ran = verified(root.path());
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("quadra reconcile"), "{}", ran.stdout);
}

/// What `explain --json` says of a key.
fn explained(key: &str) -> Value {
    let as_of = "2026-11-15T08:00:00+01:00";
    let ran = quadra(province(), &["explain", key, "--json", "--data", "data", "--as-of", as_of]);
    assert_eq!(ran.code, 0, "{key}: {}", ran.stdout);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn truth() -> Value {
    let text = std::fs::read_to_string(province().join("sample/truth.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

/// The subjects of an explanation, by name.
fn subject<'a>(explanation: &'a Value, name: &str) -> &'a Value {
    let found = list(explanation, "subjects").iter().find(|story| story["subject"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {explanation}"))
}

/// The one event on a day whose text begins so.
fn event<'a>(story: &'a Value, day: &str, begins: &str) -> &'a Value {
    let is = |event: &&Value| {
        event["at"].as_str().is_some_and(|at| at.starts_with(day))
            && event["what"].as_str().unwrap().starts_with(begins)
    };
    let mut events = list(story, "timeline").iter().filter(is);
    let found = events.next().unwrap_or_else(|| panic!("{day} {begins}: {story}"));
    assert!(events.next().is_none(), "{day} {begins} is told twice: {story}");
    found
}

/// The line of the input that an event was read from.
fn line_of(event: &Value) -> String {
    let file = province().join("sample/inputs").join(event["file"].as_str().unwrap());
    let text = std::fs::read_to_string(file).unwrap();
    let line = usize::try_from(event["line"].as_u64().unwrap()).unwrap();
    text.lines().nth(line - 1).unwrap().to_owned()
}

#[test]
fn a_fine_is_found_by_all_that_names_it_and_told_from_violation_to_treasury() {
    let positions = province().join("sample/inputs/positions/20-posizioni-01.jsonl");
    let positions = std::fs::read_to_string(positions).unwrap();
    let position: Value = serde_json::from_str(positions.lines().next().unwrap()).unwrap();
    let truth = truth();
    let id = position["position_id"].as_str().unwrap();
    let payment = list(&truth, "payments").iter().find(|one| one["position_id"] == id).unwrap();
    let iuf = payment["iuf"].as_str().unwrap();
    let pays = |credit: &&Value| list(credit, "flows").iter().any(|flow| flow == iuf);
    let credit = list(&truth, "credits").iter().find(pays).unwrap();
    let (fine, notice) = (&position["fine"], &position["notices"][1]);
    let fiscal_code = position["debtor"]["fiscal_code"].as_str().unwrap().to_lowercase();
    for key in [
        id,
        notice["iuv"].as_str().unwrap(),
        notice["notice_number"].as_str().unwrap(),
        fine["report_number"].as_str().unwrap(),
        &fine["plate"].as_str().unwrap().to_lowercase(),
        &fiscal_code,
    ] {
        let explanation = explained(key);
        let story = subject(&explanation, &format!("position:{id}"));
        let on = |day: &str, begins: &str| event(story, fine[day].as_str().unwrap(), begins);
        let violation = on("violation_date", "violazione");
        assert!(line_of(violation).contains(&format!("\"position_id\":\"{id}\"")));
        on("report_date", "verbale");
        on("notified_on", "notifica");
        let paid_at = &payment["paid_at"].as_str().unwrap()[..10];
        event(story, paid_at, "ricevuta del pagamento");
        let line = event(story, paid_at, &format!("riga del flusso {iuf}"));
        assert!(line["file"].as_str().unwrap().contains(iuf), "{line}");
        let number = format!("{}/{}", credit["esercizio"], credit["number"]);
        event(story, credit["date"].as_str().unwrap(), &format!("provvisorio {number}: "));
    }
}

#[test]
fn flows_and_credits_are_found_whatever_their_case_and_told_with_each_other() {
    let truth = truth();
    let flow = list(&truth, "flows").iter().find(|flow| flow["state"] == "credited").unwrap();
    let iuf = flow["iuf"].as_str().unwrap();
    let pays = |credit: &&Value| list(credit, "flows").iter().any(|named| named == iuf);
    let credit = list(&truth, "credits").iter().find(pays).unwrap();
    let number = format!("{}/{}", credit["esercizio"], credit["number"]);
    let flow_time = &flow["flow_time"].as_str().unwrap()[..10];
    let of_flow = explained(&iuf.to_lowercase());
    let of_credit = explained(&number);
    for story in [
        subject(&of_flow, &format!("flow:{}:{iuf}", flow["psp"].as_str().unwrap())),
        subject(&of_credit, &format!("credit:{number}")),
    ] {
        let told = event(story, flow_time, &format!("flusso {iuf}"));
        assert!(told["file"].as_str().unwrap().contains(iuf), "{told}");
        event(story, credit["date"].as_str().unwrap(), &format!("provvisorio {number}: "));
    }
    assert_eq!(subject(&of_credit, &format!("credit:{number}"))["state"], "abbinato");
}

/// The words of the states are those of the report.
#[test]
fn a_position_stands_where_the_truth_has_it() {
    let mut seen = 0;
    for position in list(&truth(), "positions").iter().step_by(9) {
        let label = match position["state"].as_str() {
            Some("unpaid") => "da pagare",
            Some("partially_paid") => "pagata in parte",
            Some("paid") => "pagata, non ancora rendicontata",
            Some("reported") => "rendicontata, non ancora accreditata",
            Some("credited") => "accreditata",
            Some("cancelled") => "annullata",
            _ => continue,
        };
        let id = position["position_id"].as_str().unwrap();
        let explanation = explained(id);
        assert_eq!(subject(&explanation, &format!("position:{id}"))["state"], label, "{id}");
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn of_an_unknown_key_nothing_is_known() {
    let ran = quadra(province(), &["explain", "ZZ000ZZ", "--data", "data"]);
    assert_eq!((ran.code, ran.stdout.trim()), (1, "ZZ000ZZ: non se ne sa nulla."));
}

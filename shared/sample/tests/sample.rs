//! The sample as a whole: the same every time, complete, and true to itself.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use formats::position::PositionLine;
use sample::{Options, SampleError, Summary, generate};
use serde_json::Value;
use tempfile::TempDir;

fn sample(notices: u32, seed: u64) -> (TempDir, Summary) {
    let out = TempDir::new().unwrap();
    let mut options = Options { notices, seed, out: out.path(), progress: &mut |_| {} };
    let summary = generate(&mut options).unwrap();
    (out, summary)
}

/// Every file below a folder with its content.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut rooms = vec![root.to_owned()];
    while let Some(room) = rooms.pop() {
        for entry in fs::read_dir(room).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rooms.push(path);
            } else {
                files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn truth(out: &TempDir) -> Value {
    serde_json::from_slice(&fs::read(out.path().join("truth.json")).unwrap()).unwrap()
}

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

fn rows<'a>(truth: &'a Value, key: &str) -> &'a [Value] {
    truth[key].as_array().unwrap()
}

/// The texts of every element of a name in an XML text without prefixes.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap()).collect()
}

fn amount(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

/// The journals as texts, whatever their encoding, by file name.
fn journals(out: &TempDir) -> Vec<(String, String)> {
    let journals = tree(&out.path().join("inputs/journals"));
    let mut texts = Vec::new();
    for (path, bytes) in journals {
        let name = path.display().to_string();
        if path.extension().unwrap() == "zip" {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            for entry in 0..archive.len() {
                let text = std::io::read_to_string(archive.by_index(entry).unwrap()).unwrap();
                texts.push((name.clone(), text));
            }
        } else {
            // All the bytes of ISO-8859-1 are the characters of the same number.
            let latin = String::from_utf8(bytes.clone());
            texts.push((
                name,
                latin.unwrap_or_else(|_| bytes.iter().map(|&b| char::from(b)).collect()),
            ));
        }
    }
    texts
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (first, again, other) = (sample(300, 7).0, sample(300, 7).0, sample(300, 8).0);
    assert!(tree(first.path()) == tree(again.path()));
    assert!(tree(first.path()) != tree(other.path()));
}

#[test]
fn every_trouble_happens_from_200_notices_on() {
    for seed in 0..30 {
        let (_, summary) = sample(200, seed);
        assert_eq!(summary.notices, 200);
        for (trouble, count) in summary.troubles {
            assert!(count > 0, "{trouble:?} with seed {seed}");
        }
    }
}

#[test]
fn a_sample_can_be_as_small_as_one_notice() {
    for notices in [1, 2, 3, 7, 20, 60, 120, 199] {
        let (out, _) = sample(notices, 3);
        assert_eq!(exported_notices(&out).len(), usize::try_from(notices).unwrap());
    }
}

/// The IUVs of all positions, of all their versions.
fn exported_notices(out: &TempDir) -> BTreeSet<String> {
    let files = tree(&out.path().join("inputs/positions"));
    let mut iuvs = BTreeSet::new();
    for (path, bytes) in files {
        let text = String::from_utf8(bytes).unwrap();
        if path.extension().unwrap() == "csv" {
            iuvs.extend(text.lines().skip(1).map(|l| l.split(';').nth(11).unwrap().to_owned()));
            continue;
        }
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let notices = row["notices"].as_array().unwrap();
            iuvs.extend(notices.iter().map(|notice| notice["iuv"].as_str().unwrap().to_owned()));
        }
    }
    iuvs
}

#[test]
fn what_cannot_be_written_is_refused() {
    let out = TempDir::new().unwrap();
    for notices in [0, 1_000_001] {
        let mut options = Options { notices, seed: 1, out: out.path(), progress: &mut |_| {} };
        assert!(matches!(generate(&mut options), Err(SampleError::Notices(n)) if n == notices));
    }
    fs::write(out.path().join("mine.txt"), "x").unwrap();
    let mut options = Options { notices: 5, seed: 1, out: out.path(), progress: &mut |_| {} };
    assert!(matches!(generate(&mut options), Err(SampleError::NotEmpty(_))));
}

#[test]
fn truth_begins_with_the_key_that_programs_know_it_by() {
    let (out, _) = sample(5, 1);
    let text = fs::read_to_string(out.path().join("truth.json")).unwrap();
    assert!(text.starts_with("{\"quadra_sample_truth\": 1,"));
}

#[test]
fn the_credits_of_the_truth_are_those_of_the_journals() {
    let (out, summary) = sample(3000, 5);
    let truth = truth(&out);
    let mut in_journals: BTreeMap<(String, u64), BTreeSet<i64>> = BTreeMap::new();
    for (_, text) in journals(&out) {
        let esercizio = elements(&text, "esercizio")[0].to_owned();
        for row in elements(&text, "movimento_conto_evidenza") {
            if row.contains(">SOSPESO ENTRATA<") && row.contains(">ESEGUITO<") {
                let number = elements(row, "numero_documento")[0].parse().unwrap();
                let amounts = in_journals.entry((esercizio.clone(), number)).or_default();
                amounts.insert(amount(elements(row, "importo")[0]));
            }
        }
    }
    let mut total = 0;
    for credit in rows(&truth, "credits") {
        let key = (credit["esercizio"].to_string(), credit["number"].as_u64().unwrap());
        let amounts = in_journals.remove(&key).unwrap();
        assert!(amounts.contains(&cents(&credit["amount"])));
        let conflict = credit["trouble"] == "CreditConflict";
        assert_eq!(amounts.len(), if conflict { 2 } else { 1 }, "{credit}");
        total += cents(&credit["amount"]);
    }
    assert!(in_journals.is_empty());
    assert_eq!(summary.credits_in.get(), total);
    let conservation = truth["conservation"].as_object().unwrap();
    let parts = conservation.iter().filter(|(key, _)| *key != "credits_in");
    assert_eq!(cents(&conservation["credits_in"]), total);
    assert_eq!(parts.map(|(_, part)| cents(part)).sum::<i64>(), total);
}

#[test]
fn flows_are_credited_what_their_credits_bring() {
    let (out, _) = sample(3000, 6);
    let truth = truth(&out);
    let mut brought: BTreeMap<&str, i64> = BTreeMap::new();
    for credit in rows(&truth, "credits") {
        let flows = credit["flows"].as_array().unwrap();
        // One credit for two flows: its sum is checked by the sum of both.
        if let ([flow], true) = (flows.as_slice(), credit["state"] != "reversed") {
            *brought.entry(flow.as_str().unwrap()).or_default() += cents(&credit["amount"]);
        }
    }
    for flow in rows(&truth, "flows").iter().filter(|flow| !flow["credited"].is_null()) {
        let (declared, credited) = (cents(&flow["declared_total"]), cents(&flow["credited"]));
        let trouble = flow["trouble"].as_str().unwrap_or("");
        assert_eq!(cents(&flow["difference"]), credited - declared);
        match flow["state"].as_str() {
            Some("credited") => assert_eq!(credited, declared),
            Some("partially_credited") => assert!(0 < credited && credited < declared),
            Some("over_credited") => assert!(credited > declared),
            Some("reported") => assert_eq!(credited, 0),
            other => panic!("{other:?}: {flow}"),
        }
        if let Some(&sum) = brought.get(flow["iuf"].as_str().unwrap()) {
            let proposed = ["CausaleCutToDate", "CausaleNotProvided"].contains(&trouble);
            assert_eq!(if proposed { 0 } else { sum }, credited, "{flow}");
        }
        if trouble != "TotalLies" && !flow["total"].is_null() {
            assert_eq!(flow["total"], flow["declared_total"], "{flow}");
        }
        let count = flow["count"] == flow["declared_count"];
        assert_eq!(count, trouble != "CountLies");
    }
}

#[test]
fn the_lines_of_the_files_are_the_payments_of_the_truth() {
    let (out, _) = sample(2000, 9);
    let truth = truth(&out);
    let payments = rows(&truth, "payments");
    let known: BTreeSet<String> = payments
        .iter()
        .map(|p| format!("{}/{}", p["iuv"].as_str().unwrap(), p["iur"].as_str().unwrap()))
        .collect();
    assert_eq!(known.len(), payments.len());
    let mut lines = 0;
    for (path, bytes) in tree(&out.path().join("inputs/flows")) {
        let text = String::from_utf8(bytes).unwrap().replace("pay_i:", "");
        let ius = elements(&text, "identificativoUnivocoVersamento");
        let irs = elements(&text, "identificativoUnivocoRiscossione");
        for (iuv, iur) in ius.into_iter().zip(irs) {
            assert!(known.contains(&format!("{iuv}/{iur}")), "{}", path.display());
            lines += 1;
        }
    }
    assert!(lines > payments.len() / 2);
}

#[test]
fn positions_add_up() {
    let (out, _) = sample(3000, 10);
    let truth = truth(&out);
    let amounts: BTreeMap<String, (&Value, &Value)> = rows(&truth, "payments")
        .iter()
        .map(|p| {
            let text = |key: &str| p[key].as_str().unwrap();
            let name = format!("{}/{}/{}", text("iuv"), text("iur"), p["index"]);
            (name, (&p["amount"], &p["state"]))
        })
        .collect();
    for position in rows(&truth, "positions") {
        if position["paid"].is_null() {
            continue;
        }
        let paid = cents(&position["paid"]);
        let payments = position["payments"].as_array().unwrap();
        let good = payments.iter().map(|name| amounts[name.as_str().unwrap()]);
        let good = good.filter(|(_, state)| **state != "revoked");
        assert_eq!(paid, good.map(|(amount, _)| cents(amount)).sum::<i64>());
        if position["due"].is_null() || position["state"] == "cancelled" {
            continue;
        }
        let [due, residual, refundable] =
            ["due", "residual", "refundable"].map(|key| cents(&position[key]));
        assert_eq!(due + refundable, paid + residual, "{position}");
        assert!(residual == 0 || refundable == 0);
        match position["state"].as_str() {
            Some("unpaid") => assert_eq!(paid, 0),
            Some("partially_paid") => assert!(residual > 0 && paid > 0),
            _ => assert!(residual == 0, "{position}"),
        }
    }
}

#[test]
fn journals_add_up_over_their_pages() {
    let (out, _) = sample(1000, 11);
    let mut by_id: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, text) in journals(&out) {
        let id = elements(&text, "identificativo_flusso_BT")[0].split('#').next().unwrap();
        by_id.entry(id.to_owned()).or_default().push(text);
    }
    let truth = truth(&out);
    for journal in rows(&truth, "journals") {
        let pages = &by_id[journal["id"].as_str().unwrap()];
        let delivered = journal["delivered"].as_array().unwrap().len();
        assert_eq!(pages.len(), delivered);
        if delivered < usize::try_from(journal["pages"].as_u64().unwrap()).unwrap() {
            continue;
        }
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        let mut declared: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
        for block in pages.iter().flat_map(|page| elements(page, "informazioni_conto_evidenza")) {
            let conto = elements(block, "conto_evidenza")[0];
            let rows = elements(block, "movimento_conto_evidenza");
            let sum: i64 = rows.iter().map(|row| amount(elements(row, "importo")[0])).sum();
            *sums.entry(conto).or_default() += sum;
            let total = |name: &str| amount(elements(block, &format!("{name}_conto_evidenza"))[0]);
            let totals =
                ["saldo_precedente", "totale_entrate", "totale_uscite", "saldo_finale"].map(total);
            declared.insert(conto, totals);
        }
        let lie = i64::from(journal["trouble"] == "JournalTotalsWrong") * 100;
        for (conto, [opening, credits, debits, closing]) in declared {
            let lie = if conto == "0000001" { lie } else { 0 };
            assert_eq!(credits + debits - lie, sums[conto], "{journal}");
            assert_eq!(opening + credits - debits - lie, closing, "{journal}");
        }
    }
}

#[test]
fn the_xml_is_valid_against_the_published_schemas() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec/xsd");
    if !schemas.is_dir() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no schemas beside the repository, or no xmllint");
        return;
    }
    let (out, _) = sample(600, 12);
    let inputs = out.path().join("inputs");
    let receipts = inputs.join("receipts/receipts.zip");
    let mut archive = zip::ZipArchive::new(fs::File::open(receipts).unwrap()).unwrap();
    archive.extract(out.path().join("receipts")).unwrap();
    let flow = "pagopa/variants/FlussoRiversamento_1_0_4.p4pa-revisioneFlusso.xsd";
    let mut validated = BTreeMap::new();
    for (room, root, schema) in [
        (inputs.join("flows"), "FlussoRiversamento", flow),
        (inputs.join("journals"), "flusso_giornale", "opi/OPI_GIORNALE_DI_CASSA_V_1_8.xsd"),
        (out.path().join("receipts"), "paSendRT", "pagopa/wsdl/xsd/paForNode.xsd"),
        (out.path().join("receipts"), "pay_i:RT", "pagopa/gad/xsd/PagInf_RPT_RT_6_2_0.xsd"),
    ] {
        let files = tree(&room).into_iter().filter(|(path, bytes)| {
            let start = String::from_utf8_lossy(bytes);
            path.extension().is_some_and(|kind| kind == "xml")
                && start.contains(&format!("<{root}")) | start.contains(&format!(":{root}"))
                // An outcome that no schema knows is one of the troubles.
                && !start.contains("<codiceEsitoSingoloPagamento>7<")
        });
        let files: Vec<PathBuf> = files.map(|(path, _)| room.join(path)).collect();
        validated.insert(schema, files.len());
        let result = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(schemas.join(schema))
            .args(files)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&result.stderr);
        let bad: Vec<&str> = said.lines().filter(|line| !line.ends_with(" validates")).collect();
        assert!(result.status.success(), "{schema}: {bad:#?}");
    }
    assert!(validated.values().all(|&files| files > 0), "{validated:?}");
}

#[test]
fn every_input_is_accepted_by_the_readers() {
    let (out, summary) = sample(1500, 13);
    let inputs = out.path().join("inputs");
    for (path, bytes) in tree(&inputs.join("flows")) {
        if path.extension().unwrap() == "json" {
            let flow: Value = serde_json::from_slice(&bytes).unwrap();
            assert!(flow["payments"].is_array());
        } else {
            let read = formats::flow_xml::read(bytes.as_slice(), &mut |_| {});
            assert!(read.is_ok(), "{}: {read:?}", path.display());
        }
    }
    let mut receipts = 0;
    let container = fs::File::open(inputs.join("receipts/receipts.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(container).unwrap();
    for entry in 0..archive.len() {
        let read = formats::receipt::read(archive.by_index(entry).unwrap(), &mut |_| receipts += 1);
        assert!(read.is_ok(), "{read:?}");
    }
    assert_eq!(receipts, summary.receipts);
    for (path, bytes) in tree(&inputs.join("journals")) {
        if path.extension().unwrap() == "xml" {
            let text = formats::encoding::decoded(bytes.as_slice()).unwrap();
            let read = formats::journal::read(text, &mut |_| {});
            assert!(read.is_ok(), "{}: {read:?}", path.display());
        }
    }
    for (path, bytes) in tree(&inputs.join("positions")) {
        let mut bad = Vec::new();
        let mut sink = |line: PositionLine<'_>| {
            if let PositionLine::Bad { defects, .. } = line {
                bad.push(defects);
            }
        };
        if path.extension().unwrap() == "csv" {
            formats::position::read_csv(bytes.as_slice(), &mut sink).unwrap();
        } else {
            formats::position::read_json_lines(bytes.as_slice(), &mut sink).unwrap();
        }
        assert!(bad.is_empty(), "{}: {:?}", path.display(), bad.first());
    }
}

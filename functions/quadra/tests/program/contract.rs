//! What contract.md promises of the command line, the files in and the files out.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::scene::{
    AS_OF, Files, IUV_A, IUV_B, IUV_C, IUV_D, OTHER_BODY, PAID_FLOW, PERSONAL, PROVINCE, RUN,
    Scene, UNPAID_FLOW, assert_same, cents, configuration, flow, flow_to, gzip, journal, p7m,
    plain_position, position, province, receipt, text, visible, zip,
};

/// Something that no reader knows.
const LETTER: &[u8] = b"Gentile ufficio, in allegato quanto richiesto.\n";

// The main job.

#[test]
fn a_province_worked_out_by_hand_comes_out_as_it_is() {
    let scene = Scene::province();
    let ran = scene.run_to(0);
    assert_eq!(ran.stderr, "", "a pipe shows no progress");

    let states = |file: &str, key: &str| -> Vec<(Value, Value)> {
        scene.rows(file).iter().map(|row| (row[key].clone(), row["state"].clone())).collect()
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(Value, Value)> {
        pairs.iter().map(|(key, state)| (json!(key), json!(state))).collect()
    };
    assert_eq!(states("credits", "amount"), pairs(&[("101.40", "matched"), ("500.00", "open")]));
    assert_eq!(
        states("flows", "iuf"),
        pairs(&[(PAID_FLOW, "credited"), (UNPAID_FLOW, "reported")])
    );
    assert_eq!(
        states("payments", "iuv"),
        pairs(&[(IUV_A, "credited"), (IUV_B, "credited"), (IUV_C, "reported")])
    );
    assert_eq!(
        states("positions", "position_id"),
        pairs(&[("P-A", "credited"), ("P-B", "credited"), ("P-C", "reported"), ("P-D", "unpaid")])
    );
    assert_eq!(scene.codes_on("credit:2026/123"), [""; 0]);
    assert_eq!(scene.codes_on("credit:2026/124"), ["credit_not_pagopa"]);
    assert_eq!(
        scene.codes_on(&format!("flow:PSPPROV1:{UNPAID_FLOW}")),
        ["fdr_without_credit"],
        "its credit was due on 2 March, whose journal is here"
    );
    let conservation = json!({
        "credits_in": "601.40", "matched": "101.40", "proposed": "0.00", "unexplained": "500.00",
        "reversed": "0.00",
    });
    assert_eq!(scene.summary()["conservation"], conservation);
    assert_eq!(scene.summary()["as_of"], AS_OF);
}

#[test]
fn ingest_reconcile_and_report_are_together_what_run_is() {
    let (whole, steps) = (Scene::province(), Scene::province());
    whole.run_to(0);
    let data = ["--data", "data"];
    assert_eq!(steps.quadra(&[&["ingest", "inputs"], &data[..]].concat()).code, 0);
    assert_eq!(steps.quadra(&["reconcile", "--data", "data", "--as-of", AS_OF]).code, 0);
    let report = ["report", "--data", "data", "--out", "out", "--as-of", AS_OF];
    assert_eq!(steps.quadra(&report).code, 0);
    assert_same(&steps.report(), &whole.report(), "in steps");
}

// Exit codes.

#[test]
fn a_wrong_command_line_ends_in_64_and_does_nothing() {
    for wrong in [
        &[][..],
        &["run"],
        &["run", "inputs"],
        &["run", "inputs", "--data", "data"],
        &["run", "--data", "data", "--out", "out"],
        &["run", "inputs", "--data", "data", "--out", "out", "--as-of", "yesterday"],
        &["run", "inputs", "--data", "data", "--out", "out", "--as-of", "2026-02-30"],
        &["run", "inputs", "--data", "data", "--out", "out", "--as-of", "2026-11-15T08:00:00"],
        &["run", "inputs", "--data", "data", "--out", "out", "--frobnicate"],
        &["settle", "--data", "data"],
        &["sample", "--notices", "many", "--seed", "1", "--out", "out"],
    ] {
        let scene = Scene::province();
        let ran = scene.quadra(wrong);
        assert_eq!(ran.code, 64, "{wrong:?}: {ran:?}");
        assert!(!scene.path("data").exists() && !scene.path("out").exists(), "{wrong:?}");
    }
}

#[test]
fn help_and_version_are_no_failure() {
    for asked in ["--help", "--version"] {
        assert_eq!(Scene::new().quadra(&[asked]).code, 0, "{asked}");
    }
}

#[test]
fn a_run_that_fails_ends_in_1_and_shows_nothing() {
    let inputs_missing = Scene::new();
    fs::remove_dir(inputs_missing.path("inputs")).unwrap();
    let out_is_a_file = Scene::province();
    fs::write(out_is_a_file.path("out"), "not a folder").unwrap();
    let data_is_a_file = Scene::province();
    fs::write(data_is_a_file.path("data"), "not a folder").unwrap();
    for scene in [inputs_missing, out_is_a_file, data_is_a_file] {
        let ran = scene.run_to(1);
        assert!(ran.stderr.starts_with("quadra: "), "{ran:?}");
        assert_eq!(ran.stdout, "", "nothing is said to be done");
        assert!(!scene.path("out").is_dir());
    }
}

#[test]
fn a_failed_run_leaves_the_report_of_the_one_before() {
    let scene = Scene::province();
    scene.run_to(0);
    let before = scene.report();
    fs::write(scene.path("bad.toml"), "[[organization]]\nname = 3\n").unwrap();
    let ran = scene.quadra(&[&RUN[..], &["--config", "bad.toml"]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_same(&scene.report(), &before, "after a run that failed");
    scene.run_to(0);
    assert_same(&scene.report(), &before, "after a good run again");
}

// Refusals.

/// A name and content that are refused, the rule, and words of the reason.
type Refusal = (&'static str, Vec<u8>, &'static str, &'static str);

fn refusals() -> Vec<Refusal> {
    let cut = |text: String| text.as_bytes()[..text.len() - 40].to_vec();
    let flow_here = || flow("2026-03-02PSPPROV1-A000000009", "23:10:07", &[(IUV_D, "x", "12.00")]);
    let journal_here = || journal("2026-03-04", &[(130, "12.00", "ALTRO")]);
    let bare_page = r#"{"count":1,"data":[{"index":1,"iuv":"1","iur":"a","pay":1.00,
        "payStatus":"EXECUTED","payDate":"2026-02-27"}]}"#;
    let old_journal = "<flusso_giornale_di_cassa><codice_ABI_BT>09999</codice_ABI_BT>\
        </flusso_giornale_di_cassa>";
    let others_flow = flow_to(
        OTHER_BODY,
        "2026-03-02PSPPROV1-A000000009",
        "2026-03-02T20:00:00",
        &[(IUV_D, "x", "12.00")],
    );
    let page_5_of_3 = journal_here()
        .replace("<pagina>1<", "<pagina>5<")
        .replace("<pagine_totali>1<", "<pagine_totali>3<");
    let receipt_here = receipt(IUV_D, "iur-d", "12.00");
    let bank_statement = "Data;Importo;Causale\n01/03/2026;1,00;X\n";
    vec![
        ("letter.txt", LETTER.to_vec(), "unknown_format", "sembra"),
        ("empty.xml", Vec::new(), "unknown_format", "un file vuoto"),
        ("scan.pdf", b"%PDF-1.7\n1 0 obj\n".to_vec(), "unknown_format", "un PDF"),
        ("treasurer.csv", bank_statement.into(), "unknown_format", "sembra"),
        ("page.html", b"<html><body/></html>".to_vec(), "unknown_format", "una pagina web"),
        ("before-opi.xml", old_journal.into(), "unknown_format", "prima di OPI"),
        ("page.json", bare_page.into(), "unknown_format", "una pagina di pagamenti da sola"),
        ("cut-flow.xml", cut(flow_here()), "xml_malformed", ""),
        ("cut-journal.xml", cut(journal_here()), "xml_malformed", ""),
        ("cut-receipt.xml", cut(receipt(IUV_D, "iur-d", "12.00")), "xml_malformed", ""),
        (
            "entity.xml",
            flow_here()
                .replacen('\n', "\n<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>\n", 1)
                .into(),
            "xml_unsafe",
            "",
        ),
        ("amount.xml", flow_here().replace("12.00", "12,0x").into(), "amount", ""),
        ("date.xml", flow_here().replace("2026-02-27", "2026-02-30").into(), "date", ""),
        ("page5of3.xml", page_5_of_3.into(), "control_total", ""),
        ("other-body.xml", others_flow.into(), "organization_mismatch", ""),
        (
            "other-journal.xml",
            journal_here().replace(PROVINCE, OTHER_BODY).into(),
            "organization_mismatch",
            "",
        ),
        (
            "other-receipt.xml",
            receipt(IUV_D, "iur-d", "12.00").replace(PROVINCE, OTHER_BODY).into(),
            "organization_mismatch",
            "",
        ),
        ("climbs.zip", zip(&[("../receipt.xml", receipt_here.as_bytes())]), "container", ""),
        ("cut.zip", zip(&[("a.xml", LETTER)])[..40].to_vec(), "container", ""),
        ("cut.gz", gzip(flow_here().as_bytes())[..60].to_vec(), "container", ""),
    ]
}

#[test]
fn a_refused_file_leaves_no_trace_but_itself() {
    let clean = Scene::province();
    fs::write(clean.path("quadra.toml"), configuration(PROVINCE, "Provincia di Prova", false))
        .unwrap();
    let run = [&RUN[..], &["--config", "quadra.toml"]].concat();
    assert_eq!(clean.quadra(&run).code, 0);
    for (name, content, rule, reason) in refusals() {
        let scene = Scene::province();
        fs::copy(clean.path("quadra.toml"), scene.path("quadra.toml")).unwrap();
        scene.put(name, &content);
        let ran = scene.quadra(&run);
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        let input = scene.input(name);
        assert_eq!(input["outcome"], "refused", "{name}: {input}");
        let defects = input["defects"].as_array().unwrap();
        let says = defects
            .iter()
            .any(|defect| defect["rule"] == rule && text(&defect["message"]).contains(reason));
        assert!(says, "{name} says {rule} {reason}: {input}");
        assert_eq!(scene.quarantined(&content).as_ref(), Some(&content), "{name} is kept");
        assert_same(&scene.conclusions(), &clean.conclusions(), name);
        let others = |scene: &Scene| {
            let mut rows = scene.rows("inputs");
            rows.retain(|row| row["file"] != name);
            rows
        };
        assert_eq!(others(&scene), others(&clean), "{name}: the other inputs");
        assert!(ran.stdout.contains(name), "{name} is named: {}", ran.stdout);
    }
}

#[test]
fn all_the_defects_of_a_file_are_told_at_once_with_their_places() {
    let bad = flow(
        "2026-03-02PSPPROV1-A000000009",
        "23:10:07",
        &[(IUV_C, "x", "12.00"), (IUV_D, "y", "13.00")],
    )
    .replace(">12.00<", ">dodici<")
    .replace(">y<", "><")
    .replace("<dataRegolamento>2026-03-02<", "<dataRegolamento>ieri<");
    let scene = Scene::province();
    scene.put("bad.xml", bad.as_bytes());
    scene.run_to(2);
    let input = scene.input("bad.xml");
    let line = |of: &str| 1 + bad.lines().position(|line| line.contains(of)).unwrap();
    let mut found: Vec<(u64, String)> = input["defects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|defect| (defect["line"].as_u64().unwrap(), text(&defect["field"])))
        .collect();
    found.sort();
    let mut expected = vec![
        (line("ieri") as u64, "dataRegolamento".to_owned()),
        (line("dodici") as u64, "singoloImportoPagato".to_owned()),
        (line("Riscossione><") as u64, "identificativoUnivocoRiscossione".to_owned()),
    ];
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_mended_file_comes_in() {
    let good = flow(UNPAID_FLOW, "23:10:06", &[(IUV_C, "iur-c", "30.00")]);
    let scene = Scene::province();
    scene.put("flows/unpaid.xml", good.replace("</FlussoRiversamento>", "").as_bytes());
    scene.run_to(2);
    assert_eq!(scene.rows("flows").len(), 1);
    scene.put("flows/unpaid.xml", good.as_bytes());
    scene.run_to(0);
    let clean = Scene::province();
    clean.run_to(0);
    for file in ["credits.jsonl", "flows.jsonl", "payments.jsonl", "positions.jsonl"] {
        assert!(scene.report()[file] == clean.report()[file], "{file} after mending");
    }
    let closed: Vec<_> = scene
        .rows("anomalies")
        .iter()
        .filter(|anomaly| anomaly["state"] == "closed")
        .map(|anomaly| text(&anomaly["code"]))
        .collect();
    assert_eq!(closed, ["receipt_without_fdr"], "closed by itself, its history stays");
    let mut outcomes: Vec<_> = scene
        .rows("inputs")
        .iter()
        .filter(|row| row["file"] == "flows/unpaid.xml")
        .map(|row| text(&row["outcome"]))
        .collect();
    outcomes.sort();
    assert_eq!(outcomes, ["accepted", "refused"], "every input ever met");
}

#[test]
fn good_lines_of_positions_come_in_and_bad_ones_are_kept_to_mend() {
    let good = [
        plain_position("P-E", 1, "01000000000012575", "10.00"),
        plain_position("P-F", 1, "01000000000012676", "11.00"),
    ];
    let bad = [
        plain_position("P-G", 1, "01000000000012777", "12.345"),
        "{\"position_id\":\"P-H\",\n".to_owned(),
        plain_position("P-I", 1, "01000000000012878", "9.00").replace(PROVINCE, OTHER_BODY),
    ];
    let file = [&good[0], &bad[0], &bad[1], &good[1], &bad[2]].map(String::as_str).concat();
    let scene = Scene::province();
    scene.put("more.jsonl", file.as_bytes());
    let configuration = configuration(PROVINCE, "Provincia di Prova", false);
    fs::write(scene.path("quadra.toml"), configuration).unwrap();
    let ran = scene.quadra(&[&RUN[..], &["--config", "quadra.toml"]].concat());
    assert_eq!(ran.code, 2, "{ran:?}");
    let input = scene.input("more.jsonl");
    assert_eq!(input["outcome"], "partial");
    let mut lines: Vec<_> = input["defects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|defect| defect["line"].as_u64().unwrap())
        .collect();
    lines.dedup();
    assert_eq!(lines, [2, 3, 5]);
    let ids: Vec<_> = scene.rows("positions").iter().map(|row| text(&row["position_id"])).collect();
    assert_eq!(ids, ["P-A", "P-B", "P-C", "P-D", "P-E", "P-F"]);
    assert_eq!(scene.quarantined(bad.concat().as_bytes()), Some(bad.concat().into_bytes()));
    no_personal_data(&ran.stdout);

    // The bad lines, mended, come in as a file of their own.
    let mended = [
        plain_position("P-G", 1, "01000000000012777", "12.34"),
        plain_position("P-I", 1, "01000000000012878", "9.00"),
    ];
    scene.put("mended.jsonl", mended.concat().as_bytes());
    fs::remove_file(scene.path("inputs/more.jsonl")).unwrap();
    scene.run_to(0);
    assert_eq!(scene.rows("positions").len(), 8);
}

#[test]
fn a_line_or_a_file_that_says_otherwise_of_a_known_version_is_refused() {
    let scene = Scene::province();
    scene.run_to(0);
    let before = scene.report();
    let same_time = flow(UNPAID_FLOW, "23:10:06", &[(IUV_C, "iur-c", "30.01")]);
    let other_receipt = receipt(IUV_A, "iur-a", "44.41");
    let other_position = plain_position("P-D", 1, IUV_D, "13.00");
    for (name, content) in [
        ("other-flow.xml", &same_time),
        ("other-receipt.xml", &other_receipt),
        ("other-position.jsonl", &other_position),
    ] {
        scene.put(name, content.as_bytes());
    }
    scene.run_to(2);
    for (name, content) in [
        ("other-flow.xml", same_time),
        ("other-receipt.xml", other_receipt),
        ("other-position.jsonl", other_position),
    ] {
        let input = scene.input(name);
        assert_eq!(input["outcome"], "refused", "{input}");
        assert_eq!(input["defects"][0]["rule"], "version_conflict", "{input}");
        let subject = format!("file:{}", text(&input["sha256"]));
        assert_eq!(scene.codes_on(&subject).len(), 1, "{name} is an anomaly");
        assert_eq!(scene.quarantined(content.as_bytes()), Some(content.into_bytes()));
    }
    for file in ["credits.jsonl", "flows.jsonl", "payments.jsonl", "positions.jsonl"] {
        assert!(scene.report()[file] == before[file], "{file} is as before");
    }
}

#[test]
fn a_higher_version_replaces_a_position_and_a_lower_one_does_not() {
    let versions = [
        ("1.jsonl", plain_position("P-D", 1, IUV_D, "12.00")),
        ("2.jsonl", plain_position("P-D", 2, IUV_D, "15.00")),
    ];
    for order in [[0, 1], [1, 0]] {
        let scene = Scene::new();
        for which in order {
            let (name, content) = &versions[which];
            scene.put(name, content.as_bytes());
            scene.run_to(0);
        }
        assert_eq!(scene.rows("positions")[0]["due"], "15.00", "{order:?}");
    }
}

// The same again.

#[test]
fn a_second_run_over_the_same_inputs_changes_nothing() {
    let scene = Scene::province();
    scene.put("letter.txt", LETTER);
    scene.put("copy.xml", receipt(IUV_A, "iur-a", "44.40").as_bytes());
    scene.put(
        "all.zip",
        &zip(&[("letter.txt", LETTER), ("d.xml", receipt(IUV_D, "iur-d", "12.00").as_bytes())]),
    );
    scene.put(
        "partial.jsonl",
        [plain_position("P-E", 1, "01000000000012575", "10.00"), "{}\n".to_owned()]
            .concat()
            .as_bytes(),
    );
    scene.put("conflict.xml", flow(PAID_FLOW, "23:10:05", &[(IUV_A, "iur-a", "1.00")]).as_bytes());
    scene.run_to(2);
    let (report, ledger) = (scene.report(), scene.ledger());
    scene.run_to(2);
    assert_same(&scene.report(), &report, "the second time");
    assert_eq!(scene.ledger(), ledger, "facts, outcomes, entries of the journal");
}

#[test]
fn a_later_as_of_alone_changes_no_outcome_of_the_ledger() {
    let scene = Scene::province();
    scene.run_to(0);
    let [facts, outcomes, _] = scene.ledger();
    let ran =
        scene.quadra(&["run", "inputs", "--data", "data", "--out", "out", "--as-of", "2026-12-15"]);
    assert_eq!(ran.code, 0);
    let [facts_after, outcomes_after, _] = scene.ledger();
    assert_eq!((facts_after, outcomes_after), (facts, outcomes));
}

#[test]
fn the_same_run_in_another_folder_is_the_same_to_the_byte() {
    let (first, second) = (Scene::province(), Scene::province());
    for scene in [&first, &second] {
        scene.put("letter.txt", LETTER);
        scene.run_to(2);
    }
    assert_same(&second.report(), &first.report(), "in another folder");
}

#[test]
fn the_same_bytes_under_another_name_are_a_duplicate() {
    let content = receipt(IUV_A, "iur-a", "44.40");
    // At once, and a run later.
    for later in [false, true] {
        let (scene, clean) = (Scene::province(), Scene::province());
        clean.run_to(0);
        if later {
            scene.run_to(0);
        }
        scene.put("receipts/z-copy.xml", content.as_bytes());
        scene.run_to(0);
        let outcomes = scene.outcomes();
        assert_eq!(outcomes["receipts/a.xml"], "accepted");
        assert_eq!(outcomes["receipts/z-copy.xml"], "duplicate");
        assert_same(&scene.conclusions(), &clean.conclusions(), "with a copy");
    }
}

#[test]
fn the_same_content_in_another_notation_is_no_second_fact() {
    let clean = Scene::province();
    clean.run_to(0);
    let content =
        flow(PAID_FLOW, "23:10:05", &[(IUV_A, "iur-a", "44.40"), (IUV_B, "iur-b", "57.00")]);
    let prefixed = content
        .replace("</", "</q:")
        .replace('<', "<q:")
        .replace("<q:/q:", "</q:")
        .replace("<q:?", "<?")
        .replace("xmlns=", "xmlns:q=");
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(content.replace("UTF-8", "UTF-16").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (name, other) in [("prefixed.xml", prefixed.into_bytes()), ("utf16.xml", utf16)] {
        let scene = Scene::province();
        scene.put(name, &other);
        scene.run_to(0);
        assert_eq!(scene.outcomes()[name], "duplicate", "{name}");
        assert_same(&scene.conclusions(), &clean.conclusions(), name);
    }
}

#[test]
fn the_later_of_two_revisions_counts_whichever_comes_first() {
    let old = flow(UNPAID_FLOW, "23:10:06", &[(IUV_C, "iur-c", "30.00")]);
    let new = flow(UNPAID_FLOW, "23:40:00", &[(IUV_C, "iur-c", "29.00")]);
    let mut reports: Vec<Files> = Vec::new();
    for order in [["old.xml", "new.xml"], ["new.xml", "old.xml"]] {
        let scene = Scene::new();
        for name in order {
            scene.put(name, if name == "old.xml" { old.as_bytes() } else { new.as_bytes() });
            scene.run_to(0);
        }
        let outcomes = scene.outcomes();
        assert_eq!((&*outcomes["old.xml"], &*outcomes["new.xml"]), ("superseded", "accepted"));
        let flows: Vec<_> = scene
            .rows("flows")
            .iter()
            .map(|flow| (text(&flow["state"]), text(&flow["total"])))
            .collect();
        assert_eq!(
            flows,
            [("superseded".into(), "30.00".into()), ("reported".to_owned(), "29.00".to_owned())]
        );
        assert_eq!(scene.rows("payments")[0]["amount"], "29.00");
        reports.push(scene.report());
    }
    assert_same(&reports[1], &reports[0], "the newer first");
}

// Whose files they are, and the configuration.

#[test]
fn without_configuration_the_organization_is_the_one_that_the_files_name() {
    let scene = Scene::province();
    scene.run_to(0);
    let organizations: Vec<_> = scene.summary()["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["fiscal_code"]))
        .collect();
    assert_eq!(organizations, [PROVINCE]);
}

#[test]
fn two_organizations_without_configuration_are_a_failure_that_shows_nothing() {
    let other = flow_to(
        OTHER_BODY,
        "2026-03-02PSPPROV1-B1",
        "2026-03-02T20:00:00",
        &[(IUV_D, "x", "12.00")],
    );
    let scene = Scene::province();
    scene.put("other.xml", other.as_bytes());
    let ran = scene.run_to(1);
    assert!(ran.stderr.contains(PROVINCE) && ran.stderr.contains(OTHER_BODY), "{ran:?}");
    assert!(ran.stderr.contains("--config"), "says what to do: {ran:?}");
    assert!(!scene.path("out").exists());
    // Nothing came in: without the other's file all is as if it had not been there.
    fs::remove_file(scene.path("inputs/other.xml")).unwrap();
    scene.run_to(0);
    let clean = Scene::province();
    clean.run_to(0);
    assert_same(&scene.report(), &clean.report(), "after the failure");
    assert_eq!(scene.ledger(), clean.ledger());
}

#[test]
fn a_file_that_is_refused_does_not_say_whose_the_files_are() {
    let damaged = flow_to(
        OTHER_BODY,
        "2026-03-02PSPPROV1-B1",
        "2026-03-02T20:00:00",
        &[(IUV_D, "x", "12.00")],
    )
    .replace("</FlussoRiversamento>", "");
    let scene = Scene::province();
    scene.put("damaged.xml", damaged.as_bytes());
    scene.run_to(2);
    let clean = Scene::province();
    clean.run_to(0);
    assert_same(&scene.conclusions(), &clean.conclusions(), "beside a damaged file of others");
}

#[test]
fn the_other_organization_is_told_apart_in_a_later_run_too() {
    let scene = Scene::province();
    scene.run_to(0);
    let before = scene.report();
    scene.put(
        "other.xml",
        flow_to(
            OTHER_BODY,
            "2026-03-02PSPPROV1-B1",
            "2026-03-02T20:00:00",
            &[(IUV_D, "x", "12.00")],
        )
        .as_bytes(),
    );
    scene.run_to(1);
    assert_same(&scene.report(), &before, "after the failure");
}

#[test]
fn two_configured_organizations_share_nothing_not_even_an_equal_iuf() {
    let scene = Scene::province();
    let both = [
        configuration(PROVINCE, "Provincia di Prova", false),
        configuration(OTHER_BODY, "Comune di Prova", false)
            .replace("[interest]\nrate_percent = \"10.15\"\n", ""),
    ];
    let both = both.concat().replace("[interest]\nrate_percent = \"10.15\"\n", "");
    fs::write(scene.path("both.toml"), both).unwrap();
    scene.put(
        "theirs.xml",
        flow_to(OTHER_BODY, PAID_FLOW, "2026-03-02T20:00:00", &[(IUV_D, "x", "12.00")]).as_bytes(),
    );
    let ran = scene.quadra(&[&RUN[..], &["--config", "both.toml"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let flows: Vec<_> = scene
        .rows("flows")
        .iter()
        .filter(|flow| flow["iuf"] == PAID_FLOW)
        .map(|flow| (text(&flow["organization"]), text(&flow["state"])))
        .collect();
    let pair = |code: &str, state: &str| (code.to_owned(), state.to_owned());
    assert_eq!(flows, [pair(OTHER_BODY, "reported"), pair(PROVINCE, "credited")]);
    let unpaid = scene.rows("positions").into_iter().find(|row| row["position_id"] == "P-D");
    assert_eq!(unpaid.unwrap()["state"], "unpaid", "their line pays no position of ours");
}

#[test]
fn the_configuration_is_remembered_until_another_replaces_it() {
    let scene = Scene::province();
    fs::remove_file(scene.path("inputs/receipts/c.xml")).unwrap();
    fs::write(scene.path("one.toml"), configuration(PROVINCE, "Provincia Prima", true)).unwrap();
    fs::write(scene.path("two.toml"), configuration(PROVINCE, "Provincia Seconda", false)).unwrap();
    let name = || text(&scene.summary()["organizations"][0]["name"]);
    let missing = || {
        let payments = scene.rows("payments");
        let c = payments.iter().find(|row| row["iuv"] == IUV_C).unwrap();
        c["anomalies"].as_array().unwrap().contains(&json!("receipt_missing"))
    };
    let with = |file: &str| scene.quadra(&[&RUN[..], &["--config", file]].concat());
    assert_eq!(with("one.toml").code, 0);
    assert_eq!((name(), missing()), ("Provincia Prima".to_owned(), true));
    scene.run_to(0);
    assert_eq!((name(), missing()), ("Provincia Prima".to_owned(), true), "remembered");
    assert_eq!(with("two.toml").code, 0);
    assert_eq!((name(), missing()), ("Provincia Seconda".to_owned(), false), "replaced");
    let report = ["report", "--data", "data", "--out", "out", "--as-of", AS_OF];
    assert_eq!(scene.quadra(&report).code, 0);
    assert_eq!((name(), missing()), ("Provincia Seconda".to_owned(), false), "by any command");
}

#[test]
fn what_another_configuration_makes_ours_comes_in_when_it_is_sent_again() {
    let theirs = flow_to(
        OTHER_BODY,
        "2026-03-02PSPPROV1-B1",
        "2026-03-02T20:00:00",
        &[(IUV_D, "x", "12.00")],
    );
    let packed = zip(&[("theirs.xml", theirs.as_bytes())]);
    for (name, content) in [("theirs.xml", theirs.as_bytes()), ("theirs.zip", &packed)] {
        let scene = Scene::province();
        scene.put(name, content);
        fs::write(scene.path("one.toml"), configuration(PROVINCE, "Provincia di Prova", false))
            .unwrap();
        let both = [
            configuration(PROVINCE, "Provincia di Prova", false),
            configuration(OTHER_BODY, "Comune", false),
        ];
        let both = both.concat().replacen("[interest]\nrate_percent = \"10.15\"\n", "", 1);
        fs::write(scene.path("both.toml"), both).unwrap();
        let with = |file: &str| scene.quadra(&[&RUN[..], &["--config", file]].concat());
        assert_eq!(with("one.toml").code, 2, "{name}");
        assert_eq!(with("both.toml").code, 0, "{name}");
        assert_eq!(scene.rows("flows").len(), 3, "{name}");
    }
}

// The clock.

#[test]
fn as_of_is_a_date_to_its_last_second_or_a_time_with_its_offset() {
    let report = |as_of: &str| {
        let scene = Scene::province();
        let ran =
            scene.quadra(&["run", "inputs", "--data", "data", "--out", "out", "--as-of", as_of]);
        assert_eq!(ran.code, 0, "{ran:?}");
        scene.report()
    };
    let day = report("2026-03-02");
    assert_same(&report("2026-03-02T23:59:59+01:00"), &day, "the last second in Rome");
    assert_same(&report("2026-03-02T22:59:59Z"), &day, "the same instant elsewhere");
}

#[test]
fn before_its_due_time_a_missing_credit_is_pending_and_no_anomaly() {
    // Its payments are of Friday's operating day: the credit is due by the end of Monday 2 March.
    for (as_of, state, codes) in [
        ("2026-03-02T23:59:58+01:00", "pending", &[][..]),
        ("2026-03-03", "reported", &["fdr_without_credit"]),
    ] {
        let scene = Scene::province();
        scene.quadra(&["run", "inputs", "--data", "data", "--out", "out", "--as-of", as_of]);
        let flows = scene.rows("flows");
        let unpaid = flows.iter().find(|flow| flow["iuf"] == UNPAID_FLOW).unwrap();
        assert_eq!(unpaid["credit_due"], "2026-03-02");
        assert_eq!(unpaid["state"], state, "{as_of}");
        assert_eq!(unpaid["anomalies"], json!(codes), "{as_of}");
    }
}

// Containers.

#[test]
fn what_is_in_a_container_comes_in_as_if_it_were_not() {
    let clean = Scene::new();
    let (flow, journal) = (
        flow(PAID_FLOW, "23:10:05", &[(IUV_A, "iur-a", "44.40"), (IUV_B, "iur-b", "57.00")]),
        journal(
            "2026-03-02",
            &[(123, "101.40", &format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{PAID_FLOW}"))],
        ),
    );
    let (flow, journal) = (flow.as_bytes(), journal.as_bytes());
    clean.put("flow.xml", flow).put("journal.xml", journal);
    clean.run_to(0);

    let mac = ("__MACOSX/._flow.xml", LETTER);
    let inner = zip(&[("journal.xml", journal)]);
    let cases: Vec<(&str, Vec<u8>, Vec<&str>)> = vec![
        (
            "a.zip",
            zip(&[("000/1.xml", flow), mac, ("000/2.xml", journal)]),
            vec!["a.zip!000/1.xml", "a.zip!000/2.xml"],
        ),
        (
            "nested.zip",
            zip(&[("flow.xml", flow), ("inner.zip", &inner)]),
            vec!["nested.zip!flow.xml", "nested.zip!inner.zip!journal.xml"],
        ),
        (
            "mixed.zip",
            zip(&[("flow.xml.gz", &gzip(flow)), ("journal.xml.p7m", &p7m(journal))]),
            vec!["mixed.zip!flow.xml.gz", "mixed.zip!journal.xml.p7m"],
        ),
    ];
    for (name, content, inside) in cases {
        let scene = Scene::new();
        scene.put(name, &content);
        scene.run_to(0);
        let outcomes = scene.outcomes();
        for entry in &inside {
            assert_eq!(outcomes.get(*entry).map(String::as_str), Some("accepted"), "{outcomes:?}");
        }
        assert!(!outcomes.keys().any(|file| file.contains("__MACOSX")), "{outcomes:?}");
        for (file, expected) in clean.conclusions() {
            // Anomalies name the file and the line of their evidence.
            if file.starts_with("credits") || file.starts_with("anomalies") {
                continue;
            }
            assert!(scene.conclusions()[&file] == expected, "{name}: {file}");
        }
        let source = scene.rows("credits")[0]["source"]["file"].clone();
        assert_eq!(source, inside[1], "{name}");
    }
    for (name, content) in [("flow.gz", gzip(flow)), ("flow.p7m", p7m(flow))] {
        let scene = Scene::new();
        scene.put(name, &content).put("journal.xml", journal);
        scene.run_to(0);
        let input = scene.input(name);
        assert_eq!((&input["kind"], &input["outcome"]), (&json!("flow"), &json!("accepted")));
        let signature = if name == "flow.p7m" { json!("unverified") } else { Value::Null };
        assert_eq!(input["signature"], signature, "{name}");
        assert_eq!(scene.rows("flows")[0]["state"], "credited", "{name}");
    }
}

#[test]
fn a_bad_entry_is_refused_alone_and_kept_alone() {
    let bad = receipt(IUV_B, "iur-b", "57.00").replace("</receipt>", "");
    let scene = Scene::new();
    scene.put(
        "receipts.zip",
        &zip(&[("a.xml", receipt(IUV_A, "iur-a", "44.40").as_bytes()), ("b.xml", bad.as_bytes())]),
    );
    scene.run_to(2);
    let outcomes = scene.outcomes();
    assert_eq!(outcomes["receipts.zip"], "partial");
    assert_eq!(outcomes["receipts.zip!a.xml"], "accepted");
    assert_eq!(outcomes["receipts.zip!b.xml"], "refused");
    assert_eq!(scene.quarantined(bad.as_bytes()), Some(bad.into_bytes()));
    let paid: Vec<_> = scene.rows("payments").iter().map(|row| text(&row["iuv"])).collect();
    assert_eq!(paid, [IUV_A]);
}

#[test]
fn a_container_that_is_wrong_itself_brings_nothing_in() {
    let good = receipt(IUV_A, "iur-a", "44.40");
    let inner = zip(&[("deep.zip", &zip(&[("a.xml", good.as_bytes())]))]);
    let cut = {
        let whole = zip(&[("a.xml", good.as_bytes())]);
        whole[..whole.len() - 30].to_vec()
    };
    for (name, content) in [
        ("climbs.zip", zip(&[("a.xml", good.as_bytes()), ("../../b.xml", LETTER)])),
        ("cut.zip", cut),
        ("empty.zip", zip(&[])),
    ] {
        let scene = Scene::province();
        scene.put(name, &content);
        scene.run_to(2);
        let input = scene.input(name);
        assert_eq!(input["outcome"], "refused", "{input}");
        assert_eq!(input["defects"][0]["rule"], "container", "{input}");
        assert!(
            !scene.outcomes().keys().any(|file| file.starts_with(&format!("{name}!"))),
            "{name}"
        );
    }
    // Nested twice: something is refused, and nothing that is in there comes in.
    let scene = Scene::new();
    scene
        .put("twice.zip", &zip(&[("inner.zip", &inner)]))
        .put("positions.jsonl", province()[0].1.as_bytes());
    scene.run_to(2);
    assert_eq!(scene.rows("payments").len(), 0);
}

// Positions as CSV.

#[test]
fn positions_as_csv_say_what_they_say_as_json() {
    let header = "position_id;version;organization;debt_type;year;status;\
         debtor.kind;debtor.fiscal_code;debtor.name;notices.1.notice_number;notices.1.iuv;\
         notices.1.tier;notices.1.amount;notices.1.due_date;fine.report_number;fine.plate";
    let row = format!(
        "P-D;1;{PROVINCE};CDS;2026;open;person;RSSMRA80A01H501U;\"Rossi; Mario\";\
         3{IUV_D};{IUV_D};single;1234,50;2026-12-31;7/2026;AB123CD"
    );
    let semicolons = format!("{header}\r\n{row}\r\n");
    let commas = semicolons
        .replace("1234,50", "1234.50")
        .replace("Rossi; Mario", "Rossi Mario")
        .replace(';', ",");
    let json = plain_position("P-D", 1, IUV_D, "1234.50");
    let expected = Scene::with(&[("p.jsonl", json.as_bytes())]);
    expected.run_to(0);
    assert_eq!(expected.rows("positions")[0]["due"], "1234.50");
    let marked = [b"\xef\xbb\xbf", semicolons.as_bytes()].concat();
    for content in [semicolons.as_bytes(), commas.as_bytes(), &marked] {
        let scene = Scene::with(&[("p.csv", content)]);
        scene.run_to(0);
        assert_eq!(scene.rows("positions"), expected.rows("positions"));
    }
}

// Files out.

/// What the rows of a file are sorted by.
type Key = fn(&Value) -> (String, String, u64);

#[test]
fn rows_are_sorted_by_their_key_and_amounts_have_two_decimals() {
    let scene = Scene::province();
    // Written in no order.
    let more = ["01000000000012979", "01000000000012575", "01000000000012777"];
    let lines: String = more
        .iter()
        .enumerate()
        .map(|(place, iuv)| plain_position(&format!("P-{}", 9 - place), 1, iuv, "0.50"))
        .collect();
    scene.put("0.jsonl", lines.as_bytes());
    scene.put(
        "journals/05.xml",
        journal("2026-03-05", &[(90, "3.00", "B"), (1000, "2.00", "A"), (7, "1.00", "C")])
            .as_bytes(),
    );
    scene.put("letter.txt", LETTER);
    scene.run_to(2);
    let keys: [(&str, Key); 6] = [
        ("inputs", |row| (text(&row["file"]), text(&row["sha256"]), 0)),
        ("credits", |row| (String::new(), String::new(), row["number"].as_u64().unwrap())),
        ("flows", |row| (text(&row["psp"]), text(&row["iuf"]), 0)),
        ("payments", |row| (text(&row["iuv"]), text(&row["iur"]), row["index"].as_u64().unwrap())),
        ("positions", |row| (text(&row["position_id"]), String::new(), 0)),
        ("anomalies", |row| (text(&row["id"]), String::new(), 0)),
    ];
    for (file, key) in keys {
        let rows = scene.rows(file);
        assert!(rows.len() > 1, "{file}");
        assert!(rows.is_sorted_by_key(key), "{file}");
    }
    let numbers: Vec<_> =
        scene.rows("credits").iter().map(|row| row["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [7, 90, 123, 124, 1000], "as numbers, not as texts");
    for file in ["credits", "flows", "payments", "positions", "anomalies", "proposals", "psp"] {
        for row in scene.rows(file) {
            two_decimals(file, "", &row);
        }
    }
}

/// Every field of an amount, at any depth, is a text with two decimals.
fn two_decimals(file: &str, name: &str, value: &Value) {
    const AMOUNTS: [&str; 15] = [
        "amount",
        "total",
        "declared_total",
        "credited",
        "difference",
        "interest",
        "due",
        "paid",
        "residual",
        "refundable",
        "minor_revenue",
        "unallocated",
        "declared_amount",
        "amount_late",
        "allocated_amount",
    ];
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| two_decimals(file, name, value));
        }
        Value::Array(values) => values.iter().for_each(|value| two_decimals(file, name, value)),
        Value::Null => {}
        value if AMOUNTS.contains(&name) => {
            let amount = text(value);
            let digits = amount.strip_prefix('-').unwrap_or(&amount);
            let (units, decimals) = digits.split_once('.').unwrap_or((digits, ""));
            let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            assert!(
                !units.is_empty()
                    && decimals.len() == 2
                    && all_digits(units)
                    && all_digits(decimals),
                "{file} {name} {amount}"
            );
        }
        Value::Number(number) => {
            assert!(number.is_i64() || number.is_u64(), "{file} {name} {number}");
        }
        _ => {}
    }
}

#[test]
fn every_cent_that_came_in_is_somewhere() {
    let scene = Scene::province();
    scene.put(
        "journals/05.xml",
        journal(
            "2026-03-05",
            &[
                (125, "29.99", &format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{UNPAID_FLOW}")),
                (126, "7.00", "/RFB/01000000000099999/7.00"),
                (127, "0.01", "INTERESSI"),
            ],
        )
        .as_bytes(),
    );
    scene.run_to(0);
    let conservation = &scene.summary()["conservation"];
    let of = |part: &str| cents(conservation[part].as_str().unwrap());
    assert_eq!(of("credits_in"), 10_140 + 50_000 + 2_999 + 700 + 1);
    assert_eq!(of("matched"), 10_140);
    assert_eq!(
        of("credits_in"),
        of("matched") + of("proposed") + of("unexplained") + of("reversed")
    );
}

#[test]
fn the_csv_are_for_an_italian_spreadsheet() {
    let scene = Scene::province();
    scene.put(
        "journals/05.xml",
        journal("2026-03-05", &[(125, "1234.50", "=HYPERLINK(\"http://x.example\")")]).as_bytes(),
    );
    scene.run_to(0);
    let report = scene.report();
    let is_csv = |name: &str| Path::new(name).extension().is_some_and(|kind| kind == "csv");
    let files: Vec<_> = report.iter().filter(|(name, _)| is_csv(name)).collect();
    assert_eq!(files.len(), 9);
    for (name, content) in files {
        let text =
            std::str::from_utf8(content.strip_prefix(b"\xef\xbb\xbf").expect("a mark")).unwrap();
        let header = text.lines().next().unwrap();
        assert!(header.contains(';'), "{name}: {header}");
    }
    let credits = String::from_utf8(report["credits.csv"].clone()).unwrap();
    assert!(credits.contains(";1234,50;"), "{credits}");
    assert!(!credits.contains(";=HYPERLINK") && !credits.contains(";\"=HYPERLINK"), "{credits}");
}

#[test]
fn the_page_asks_the_network_for_nothing() {
    let scene = Scene::province();
    scene.put(
        "journals/05.xml",
        journal("2026-03-05", &[(125, "5.00", "&lt;img src=http://x.example/a.png&gt;")])
            .as_bytes(),
    );
    scene.run_to(0);
    let page = String::from_utf8(scene.report()["report.html"].clone()).unwrap();
    assert!(page.contains(PROVINCE), "it is the page");
    let page = page.to_lowercase();
    assert!(page.contains("img src=http"), "what the treasurer wrote is shown");
    let tags = page.split('<').skip(1).map(|tag| tag.split('>').next().unwrap());
    for tag in tags {
        let name = tag.split([' ', '/', '\n']).next().unwrap();
        let loads =
            ["img", "link", "iframe", "object", "embed", "base", "audio", "video", "source"];
        assert!(!loads.contains(&name) && !tag.contains("src="), "<{tag}>");
        for link in tag.split("href=").skip(1) {
            assert!(link.trim_start_matches(['"', '\'']).starts_with('#'), "<{tag}>");
        }
    }
    for style in page.split("url(").skip(1) {
        assert!(style.starts_with('#'), "{style:.40}");
    }
    for asks in ["@import", "fetch(", "xmlhttprequest", "http-equiv=\"refresh"] {
        assert!(!page.contains(asks), "{asks}");
    }
}

#[test]
fn the_output_and_the_errors_hold_nothing_personal() {
    let scene = Scene::province();
    // Damaged in many ways, right beside what is personal.
    let bad = [
        plain_position("P-E", 1, "01000000000012575", "1.0.0"),
        plain_position("P-F", 1, "01000000000012676", "1.00")
            .replace("RSSMRA80A01H501U", "RSSMRA80A01H501U-Rossi"),
        position("P-G", 1, "Rossi Mario Bianchi Lucia RSSMRA80A01H501U", "1.00", "X", "Y", "Z"),
        r#"{"position_id":"P-H","debtor":{"name":"Rossi Mario","plate":"AB123CD"#.to_owned(),
    ];
    scene.put("bad.jsonl", bad.concat().as_bytes());
    scene.put("bad.xml", receipt(IUV_D, "iur-d", "RSSMRA80A01H501U").as_bytes());
    scene.put("letter.txt", b"Rossi Mario RSSMRA80A01H501U AB123CD\n");
    let ran = scene.run_to(2);
    no_personal_data(&ran.stdout);
    no_personal_data(&ran.stderr);
    // Nor do the reasons of a refusal.
    for row in scene.rows("inputs") {
        no_personal_data(&row["defects"].to_string());
    }
    for (name, note) in visible(&scene.path("data/quarantine")) {
        if Path::new(&name).extension().is_some_and(|kind| kind == "json") {
            no_personal_data(&String::from_utf8(note).unwrap());
        }
    }
}

#[track_caller]
fn no_personal_data(text: &str) {
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}

/// The signature stands first or last in a journal.
#[test]
fn a_signed_journal_says_that_its_signature_is_not_verified() {
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
                     <ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>";
    let plain = journal("2026-03-02", &[(123, "1.00", "ALTRO")]);
    let first = plain.replace("<testata_messaggio>", &format!("{signature}<testata_messaggio>"));
    let end = "</flusso_giornale_di_cassa>";
    let last = plain.replace(end, &format!("{signature}{end}"));
    for (content, expected) in
        [(&plain, Value::Null), (&first, json!("unverified")), (&last, json!("unverified"))]
    {
        let scene = Scene::with(&[("journal.xml", content.as_bytes())]);
        scene.run_to(0);
        assert_eq!(scene.input("journal.xml")["signature"], expected);
    }
}

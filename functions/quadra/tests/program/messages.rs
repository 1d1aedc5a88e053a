//! Plans of messages, from the files of an office to who would get what, and why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use calamine::{Data, Reader as _, Xlsx};
use domain::campaign::Kind;
use embedded::{KeyFile, Store};
use engine::campaign::intent::{IntentKey, IntentRecord, State};
use engine::campaign::plan::{self, PlanError, Row};
use engine::port::{Change, Hash, Home, WriteOutcomes};
use engine::seal::Sealed;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::scene::{self, PROVINCE, Scene};

/// A Monday, eight days before the 60 days of who was notified on 4/2/2026 are over.
const TODAY: &str = "2026-03-30T10:00:00+02:00";
const ADULT: &str = "RSSMRA80A01H501U";

const CONFIGURATION: &str = r#"
[[organization]]
fiscal_code = "01234567897"
name = "Provincia di Prova"
contacts = "Ufficio sanzioni, tel. 050 000000"
driver_form_url = "https://provincia.example/dati-conducente"
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
[[organization.debt_type]]
code = "COSAP"
appio_service = "canoni"
subject = "occupazione"
"#;

/// The n-th IUV, with its check digits.
fn iuv(n: u64) -> String {
    let base = format!("01{n:013}");
    let whole: u64 = format!("3{base}").parse().unwrap();
    format!("{base}{:02}", whole % 93)
}

/// The n-th fine, notified on 4/2/2026, with its reduced, full and late notices.
fn fine(n: u64) -> Value {
    let notice = |place: u64, tier: &str, amount: &str| {
        let iuv = iuv(n * 10 + place);
        json!({"notice_number": format!("3{iuv}"), "iuv": iuv, "tier": tier, "amount": amount})
    };
    json!({
        "position_id": format!("F-{n}"), "version": 1, "organization": PROVINCE,
        "debt_type": "CDS", "year": 2026, "status": "open",
        "debtor": {"kind": "person", "fiscal_code": ADULT, "name": "Rossi Mario", "abroad": false},
        "notices": [notice(1, "reduced", "44.40"), notice(2, "full", "57.00"),
                    notice(3, "late", "101.50")],
        "items": [{"amount": "42.00", "part": "sanction"}, {"amount": "15.00", "part": "costs"}],
        "fine": {
            "report_number": format!("{n}/2026"), "report_date": "2026-01-15",
            "violation_date": "2026-01-10", "notified_on": "2026-02-04",
            "discount_allowed": true, "settleable": true, "appeal": "none", "installments": false,
            "enforcement_on": null, "deceased": false, "review_pending": false, "sensitive": false,
            "plate": format!("AB{n:03}CD"), "half_maximum": "86.50",
            "driver_data": {"required": true, "received_on": null, "driver_identified": false,
                            "sanction_raised": false, "restarted_on": null},
            "points": {"points": 3, "transmitted_on": null, "acknowledged_on": null,
                       "driver_fiscal_code": null},
        },
    })
}

/// A Province of fines of which each has one story.
fn province() -> Scene {
    let mut company = fine(106);
    company["debtor"] = json!({"kind": "company", "fiscal_code": "01234567897"});
    let mut fee = fine(107);
    fee["debt_type"] = "COSAP".into();
    fee.as_object_mut().unwrap().remove("fine");
    let fines = [101, 102, 103, 104, 105].map(fine);
    let lines: String =
        fines.iter().chain([&company, &fee]).map(Value::to_string).collect::<Vec<_>>().join("\n");
    let credited = iuv(1042);
    let flow = scene::flow(scene::PAID_FLOW, "23:10:05", &[(&credited, "iur-4", "57.00")]);
    let journal = scene::journal(
        "2026-03-02",
        &[
            (1, "57.00", &format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{}", scene::PAID_FLOW)),
            (2, "57.00", "BONIFICO ROSSI MARIO VERBALE 102/2026"),
            (3, "57.00", &format!("/RFB/{}/57.00", iuv(1052))),
        ],
    );
    Scene::with(&[
        ("positions.jsonl", lines.as_bytes()),
        ("r3.xml", scene::receipt(&iuv(1032), "iur-3", "57.00").as_bytes()),
        ("r4.xml", scene::receipt(&credited, "iur-4", "57.00").as_bytes()),
        ("flow.xml", flow.as_bytes()),
        ("journal.xml", journal.as_bytes()),
        ("quadra.toml", CONFIGURATION.as_bytes()),
    ])
}

#[track_caller]
fn ingested(scene: &Scene) {
    let ran = scene.quadra(&["ingest", "inputs", "--data", "data"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// The rows of a plan, by position.
#[track_caller]
fn planned(scene: &Scene, kind: &str, as_of: &str) -> BTreeMap<String, Value> {
    let plan =
        ["campaign", "plan", kind, "--data", "data", "--as-of", as_of, "--out", "plan.jsonl"];
    let ran = scene.quadra(&plan);
    assert_eq!(ran.code, 0, "{ran:?}");
    let rows = scene::rows(&scene.path("plan.jsonl")).into_iter();
    rows.map(|row| (row["position_id"].as_str().unwrap().to_owned(), row)).collect()
}

#[test]
fn what_the_money_tells_decides_who_is_written_to() {
    let scene = province();
    ingested(&scene);
    let rows = planned(&scene, "in_scadenza", TODAY);
    for (position, decision, reasons) in [
        ("F-101", "send", &[][..]),
        // A transfer names the verbale.
        ("F-102", "hold", &["candidate_credit"]),
        // A receipt that no flow reports, after it was due.
        (
            "F-103",
            "exclude",
            &["paid", "payment_not_reconciled", "no_payable_notice", "open_anomaly"],
        ),
        ("F-104", "exclude", &["paid", "no_payable_notice"]),
        // A transfer names the IUV, and nobody reported that payment.
        ("F-105", "hold", &["candidate_credit", "open_anomaly"]),
        ("F-106", "exclude", &["recipient_not_person"]),
    ] {
        let row = &rows[position];
        let mut found: Vec<_> =
            row["reasons"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        let mut expected = reasons.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!((row["decision"].as_str().unwrap(), found), (decision, expected), "{position}");
        assert_eq!(row.get("message").is_some(), decision == "send", "{position}");
    }
    assert!(rows["F-107"]["reasons"].as_array().unwrap().contains(&json!("not_applicable")));
}

#[test]
fn a_message_goes_as_io_wants_it_and_names_nobody() {
    let scene = province();
    ingested(&scene);
    let row = &planned(&scene, "in_scadenza", TODAY)["F-101"];
    assert_eq!(row["kind"], "in_scadenza");
    assert_eq!(row["recipient_kind"], "person");
    assert_eq!(row["message"]["due_date"], "2026-04-07T21:59:59.000Z");
    let number = format!("3{}", iuv(1012));
    assert_eq!(
        row["message"]["payment_data"],
        json!({"amount": 5700, "notice_number": number, "invalid_after_due_date": false})
    );
    let subject = "Sanzione Codice della Strada: il pagamento è in scadenza";
    assert_eq!(row["message"]["subject"], subject);
    let text = row["message"]["markdown"].as_str().unwrap();
    assert!(text.starts_with("Hai tempo fino al **07/04/2026** per pagare"), "{text}");
    assert!(text.contains("il verbale n. 101/2026 del 15/01/2026"), "{text}");
    // 28 March is a Saturday; 5 April is Easter, before it Friday.
    let window = json!({"from": "2026-03-30T09:00:00+02:00", "to": "2026-04-03T19:00:00+02:00"});
    assert_eq!(row["send_window"], window);
    let plan = fs::read_to_string(scene.path("plan.jsonl")).unwrap();
    for personal in [ADULT, "Rossi", "01234567897\",\"name"] {
        assert!(!plan.contains(personal), "{personal}");
    }
}

#[test]
fn a_payment_of_another_debt_is_asked_for_by_an_invitation() {
    let scene = province();
    let mut fee = fine(107);
    fee["position_id"] = "C-1".into();
    fee["debt_type"] = "COSAP".into();
    fee["notices"] = json!([{"notice_number": format!("3{}", iuv(2001)), "iuv": iuv(2001),
        "tier": "single", "amount": "1250.00", "due_date": "2026-04-30"}]);
    fee["items"] = Value::Null;
    let fields = fee.as_object_mut().unwrap();
    fields.remove("fine");
    fields.remove("items");
    fields.insert(
        "flags".to_owned(),
        json!({"installments": false, "enforcement_on": null, "deceased": false,
               "review_pending": false, "sensitive": false}),
    );
    scene.put("fee.jsonl", format!("{fee}\n").as_bytes());
    ingested(&scene);
    let rows = planned(&scene, "invito", TODAY);
    assert_eq!(rows["C-1"]["decision"], "send", "{}", rows["C-1"]);
    let message = &rows["C-1"]["message"];
    assert_eq!(message["subject"], "Nuovo avviso di pagamento: occupazione di suolo pubblico");
    let text = message["markdown"].as_str().unwrap();
    assert!(text.contains("**Importo:** 1.250,00 €\n\n**Entro il:** 30/04/2026\n\n"), "{text}");
    assert_eq!(message["due_date"], "2026-04-30T21:59:59.000Z");
    assert!(rows["F-101"]["reasons"].as_array().unwrap().contains(&json!("not_applicable")));
}

/// The ledger of sending says that a message of `kind` went at `at`.
fn was_sent(scene: &Scene, position_id: &str, kind: Kind, at: &str) {
    was_sent_as(scene, position_id, kind, "1", at);
}

fn was_sent_as(scene: &Scene, position_id: &str, kind: Kind, occurrence: &str, at: &str) {
    let key = IntentKey {
        organization: PROVINCE.parse().unwrap(),
        position_id: position_id.to_owned(),
        kind: kind.code().to_owned(),
        occurrence: occurrence.to_owned(),
    };
    let sent_at: Timestamp = at.parse().unwrap();
    let state = State::Sent { id: "IO-1".to_owned(), fate: None, asked_at: None, sent_at };
    let record = IntentRecord {
        position_id: key.position_id.clone(),
        kind: key.kind.clone(),
        occurrence: key.occurrence.clone(),
        service: "multe".to_owned(),
        recipient: "hash".to_owned(),
        template_version: "1".to_owned(),
        content: "hash".to_owned(),
        attempts: 1,
        at: sent_at,
        state,
        released: None,
    };
    let change = Change {
        subject: key.subject(),
        from_version: 0,
        body: serde_json::to_string(&record).unwrap(),
        entry: "{}".to_owned(),
        entry_hash: Hash::default(),
        answers: Vec::new(),
    };
    let store = Store::open(&scene.path("data")).unwrap();
    assert_eq!(store.writer().unwrap().conclude(&[change]).unwrap(), [true]);
}

/// A day on which a pre-ruolo may go.
const LATER: &str = "2026-06-08T10:00:00+02:00";

/// Plans the pre-ruolo; the batch that it says.
fn planned_batch(scene: &Scene) -> String {
    let plan = ["campaign", "plan", "pre_ruolo", "--data", "data", "--out", "plan.jsonl"];
    let told = scene.quadra(&[&plan[..], &["--as-of", LATER]].concat()).stdout;
    told.split("Lotto ").nth(1).unwrap().split(':').next().unwrap().to_owned()
}

#[test]
fn a_pre_ruolo_waits_for_a_person_who_can_take_the_word_back() {
    let scene = province();
    ingested(&scene);
    was_sent(&scene, "F-101", Kind::Overdue, "2026-04-20T10:00:00+02:00");
    let row = planned(&scene, "pre_ruolo", LATER).remove("F-101").unwrap();
    assert_eq!(
        (&row["decision"], &row["reasons"]),
        (&json!("hold"), &json!(["batch_not_approved"]))
    );
    let exported = fs::read_to_string(scene.path("plan.csv")).unwrap();
    let number = format!("3{}", iuv(1013));
    assert!(
        exported.contains(&format!("F-101;101/2026;04/02/2026;{number};0,00;101,50")),
        "{exported}"
    );
    assert_eq!(exported.lines().count(), 2, "F-101 alone had a sollecito: {exported}");
    let mut book: Xlsx<_> = calamine::open_workbook(scene.path("plan.xlsx")).unwrap();
    let sheet = book.worksheet_range("Lotto").unwrap();
    assert_eq!(sheet.get_value((2, 0)), Some(&Data::String("F-101".to_owned())));

    let batch = planned_batch(&scene);
    let approve = |more: &[&str]| {
        let mut arguments = vec!["campaign", "approve", &batch, "--data", "data", "--as-of", LATER];
        arguments.extend(more);
        scene.quadra(&arguments).code
    };
    assert_eq!(approve(&["--due", "2026-07-10"]), 64, "nobody says so");
    assert_eq!(approve(&["--by", "Bianchi"]), 64, "no day");
    assert_eq!(approve(&["--by", "Bianchi", "--due", "2026-06-08"]), 1, "today is no time to pay");
    let unknown =
        ["campaign", "approve", "beef", "--by", "B", "--due", "2026-07-10", "--data", "data"];
    assert_eq!(scene.quadra(&unknown).code, 1, "there is no such batch");
    assert_eq!(approve(&["--by", "Bianchi", "--due", "2026-07-10"]), 0);

    let row = planned(&scene, "pre_ruolo", LATER).remove("F-101").unwrap();
    assert_eq!(row["decision"], "send", "{row}");
    assert_eq!(row["message"]["due_date"], "2026-07-10T21:59:59.000Z");
    assert_eq!(row["message"]["payment_data"]["amount"], 10_150);
    let text = row["message"]["markdown"].as_str().unwrap();
    assert!(text.contains("**Ti invitiamo a pagare entro il:** 10/07/2026"), "{text}");

    assert_eq!(approve(&["--by", "Bianchi", "--withdraw"]), 0);
    let row = planned(&scene, "pre_ruolo", LATER).remove("F-101").unwrap();
    assert_eq!(row["reasons"], json!(["batch_not_approved"]));
}

#[test]
fn what_changed_since_it_was_approved_is_not_approved() {
    let scene = province();
    ingested(&scene);
    was_sent(&scene, "F-101", Kind::Overdue, "2026-04-20T10:00:00+02:00");
    let batch = &planned_batch(&scene);
    let approve =
        ["campaign", "approve", batch, "--by", "Bianchi", "--due", "2026-07-10", "--data"];
    assert_eq!(scene.quadra(&[&approve[..], &["data", "--as-of", LATER]].concat()).code, 0);
    let mut amended = fine(101);
    amended["version"] = 2.into();
    amended["notices"][2]["amount"] = "111.50".into();
    amended["fine"]["half_maximum"] = "96.50".into();
    scene.put("amended.jsonl", format!("{amended}\n").as_bytes());
    ingested(&scene);
    let row = planned(&scene, "pre_ruolo", LATER).remove("F-101").unwrap();
    assert_eq!(row["reasons"], json!(["batch_not_approved"]));
}

#[test]
fn a_wrong_message_is_corrected_once() {
    let scene = province();
    ingested(&scene);
    let wrong = |position: &str| {
        scene
            .quadra(&[
                "campaign",
                "wrong",
                position,
                "sollecito",
                "--by",
                "Bianchi",
                "--note",
                "errore",
                "--correction",
                "il verbale è stato annullato",
                "--notice-cancelled",
                "--data",
                "data",
                "--as-of",
                LATER,
            ])
            .code
    };
    assert_eq!(wrong("F-101"), 1, "nothing was sent");
    was_sent(&scene, "F-101", Kind::Overdue, "2026-06-05T10:00:00+02:00");
    assert_eq!(wrong("F-101"), 0);
    let rows = planned(&scene, "errata_corrige", LATER);
    let message = &rows["F-101"]["message"];
    let title = "Sanzione Codice della Strada: pagamento non registrato";
    assert_eq!(message["subject"], format!("Errata corrige: {title}"), "{}", rows["F-101"]);
    let text = message["markdown"].as_str().unwrap();
    let first = format!("Il messaggio \"{title}\" del 05/06/2026 ti è stato inviato per errore");
    assert!(text.starts_with(&first), "{text}");
    assert!(text.contains("Il dato corretto è: il verbale è stato annullato."), "{text}");
    assert_eq!(rows["F-102"]["reasons"], json!(["not_applicable"]));
    was_sent_as(&scene, "F-101", Kind::Correction, "sollecito/1", LATER);
    let rows = planned(&scene, "errata_corrige", LATER);
    assert_eq!(rows["F-101"]["reasons"], json!(["already_sent"]));
}

#[test]
fn a_text_that_breaks_a_rule_is_refused_with_the_configuration() {
    let scene = province();
    let own = "[[organization.text]]\nkind = \"sollecito\"\nsubject = \"Verbale {{ numero }}\"\n\
               markdown = \"Ti notifichiamo\"\n";
    scene.put("../own.toml", format!("{CONFIGURATION}{own}").as_bytes());
    let ran = scene.quadra(&["ingest", "inputs", "--data", "data", "--config", "own.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("the text of sollecito: the title must not name"), "{ran:?}");
}

/// The made-up Province, with its fines and all their troubles.
fn sample() -> (Scene, Sealed<Store>, engine::configuration::Configuration) {
    let scene = Scene::new();
    let made = ["sample", "--notices", "600", "--seed", "7", "--out", "made"];
    assert_eq!(scene.quadra(&made).code, 0);
    let ingest = ["ingest", "made/inputs", "--config", "made/quadra.toml", "--data", "data"];
    assert!([0, 2].contains(&scene.quadra(&ingest).code));
    assert_eq!(scene.quadra(&["reconcile", "--data", "data"]).code, 0);
    let stored = Store::open(&scene.path("data")).unwrap();
    let ring = KeyFile::new(scene.path("data/quadra.key")).load().unwrap().unwrap();
    let store = Sealed::new(stored, ring).unwrap();
    let configuration = engine::configuration::remembered(&store).unwrap().unwrap().configuration;
    (scene, store, configuration)
}

#[test]
fn a_plan_of_the_made_up_province_says_something_of_every_position() {
    let (scene, ..) = sample();
    let truth = fs::read_to_string(scene.path("made/truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let positions = truth["positions"].as_array().unwrap().len();
    let mut decided = BTreeSet::new();
    for kind in Kind::ALL {
        let rows = planned(&scene, kind.code(), "2026-11-16T10:00:00+01:00");
        assert_eq!(rows.len(), positions, "{}", kind.code());
        for row in rows.values() {
            let sends = row["decision"] == "send";
            assert_eq!(row["reasons"].as_array().unwrap().is_empty(), sends, "{row}");
            assert_eq!(row.get("message").is_some(), sends, "{row}");
            decided.insert((kind, row["decision"].as_str().unwrap().to_owned()));
        }
        let first = fs::read(scene.path("plan.jsonl")).unwrap();
        planned(&scene, kind.code(), "2026-11-16T10:00:00+01:00");
        assert_eq!(fs::read(scene.path("plan.jsonl")).unwrap(), first, "the same bytes");
    }
    assert!(decided.iter().any(|(_, decision)| decision == "send"), "{decided:?}");
}

#[test]
fn a_position_judged_alone_is_judged_as_among_all() {
    let (_scene, store, configuration) = sample();
    let organization = PROVINCE.parse().unwrap();
    let as_of: Timestamp = "2026-11-16T10:00:00+01:00".parse().unwrap();
    let mut reader = store.reader().unwrap();
    for kind in Kind::ALL {
        let mut rows: Vec<Row> = Vec::new();
        plan::all(&store, &configuration, kind, as_of, |row| {
            rows.push(row);
            Ok::<_, PlanError>(())
        })
        .unwrap();
        // One by one takes a while: a part of them, another for each kind.
        for row in rows.iter().skip(kind as usize).step_by(17) {
            let position = &row.position_id;
            let alone =
                plan::one(&mut reader, &configuration, &organization, position, kind, as_of);
            assert!(alone.unwrap().as_ref() == Some(row), "{}: {position}", kind.code());
        }
        let unknown = plan::one(&mut reader, &configuration, &organization, "NO", kind, as_of);
        assert!(unknown.unwrap().is_none());
    }
}

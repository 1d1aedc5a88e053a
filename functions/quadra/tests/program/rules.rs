//! The rules of credits, flows and payments where they meet, each on the small Province with one
//! thing changed.

use std::fs;

use serde_json::{Value, json};

use crate::scene::{
    AS_OF, IUV_A, IUV_B, IUV_C, OTHER_BODY, PAID_FLOW, PROVINCE, Scene, UNPAID_FLOW, configuration,
    flow, journal, plain_position, receipt,
};

/// The causale of a credit of a flow.
fn of(iuf: &str) -> String {
    format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{iuf}")
}

/// The causale of a credit of one payment.
fn single(iuv: &str) -> String {
    format!("/RFB/{iuv}")
}

/// The small Province with these credits on Monday 2 March, the day on which its flows are due.
fn with_credits(credits: &[(u32, &str, &str)]) -> Scene {
    let scene = Scene::province();
    scene.put("journals/02.xml", journal("2026-03-02", credits).as_bytes());
    scene
}

fn run_at(scene: &Scene, as_of: &str) {
    let config = configuration(PROVINCE, "Provincia di Prova", true);
    fs::write(scene.path("quadra.toml"), config).unwrap();
    let ran = scene.run_with_configuration(as_of);
    assert!(ran.code == 0 || ran.code == 2, "{ran:?}");
    let verified = scene.quadra(&["verify", "--data", "data"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

/// These fields of the one row that has `key` as `name`.
#[track_caller]
fn row(scene: &Scene, file: &str, (name, key): (&str, Value), fields: &[&str]) -> Value {
    let mut rows = scene.rows(file);
    rows.retain(|row| row[name] == key);
    assert_eq!(rows.len(), 1, "{file} {key}: {rows:?}");
    fields.iter().map(|field| rows[0][field].clone()).collect()
}

fn credit(scene: &Scene, number: u32) -> Value {
    row(scene, "credits", ("number", json!(number)), &["state", "unallocated", "anomalies"])
}

fn flow_row(scene: &Scene, iuf: &str) -> Value {
    row(scene, "flows", ("iuf", json!(iuf)), &["state", "credited", "anomalies"])
}

fn payment(scene: &Scene, iuv: &str) -> Value {
    row(scene, "payments", ("iuv", json!(iuv)), &["state", "provvisorio"])
}

/// The open anomaly of a code.
#[track_caller]
fn anomaly(scene: &Scene, code: &str, field: &str) -> Value {
    let mut rows = scene.rows("anomalies");
    rows.retain(|row| row["code"] == code && row["state"] == "open");
    assert_eq!(rows.len(), 1, "{code}: {rows:?}");
    rows[0][field].clone()
}

#[test]
fn a_single_credit_pays_its_line_and_counts_for_the_flow() {
    let (a, b, rest) = (single(IUV_A), single(IUV_B), of(PAID_FLOW));
    // Each payment by a credit of its own; one by its own, the rest by one of the flow; one alone.
    for (second, state, credited, codes, of_b) in [
        (Some(&b), "credited", "101.40", json!([]), json!(["credited", "2026/125"])),
        (Some(&rest), "credited", "101.40", json!([]), json!(["credited", "2026/125"])),
        (
            None,
            "partially_credited",
            "44.40",
            json!(["fdr_without_credit"]),
            json!(["reported", null]),
        ),
    ] {
        let mut credits = vec![(123, "44.40", &*a)];
        credits.extend(second.map(|causale| (125, "57.00", &**causale)));
        let scene = with_credits(&credits);
        run_at(&scene, AS_OF);
        assert_eq!(flow_row(&scene, PAID_FLOW), json!([state, credited, codes]), "{second:?}");
        assert_eq!(credit(&scene, 123), json!(["matched", "0.00", []]), "{second:?}");
        assert_eq!(payment(&scene, IUV_A), json!(["credited", "2026/123"]), "{second:?}");
        assert_eq!(payment(&scene, IUV_B), of_b, "{second:?}");
        if second.is_some() {
            assert_eq!(credit(&scene, 125), json!(["matched", "0.00", []]), "{second:?}");
            let said = scene.quadra(&["explain", PAID_FLOW, "--data", "data", "--as-of", AS_OF]);
            assert!(said.stdout.contains("accreditato per intero"), "{said:?}");
        } else {
            let missing = row(
                &scene,
                "anomalies",
                ("subject", json!(format!("flow:PSPPROV1:{PAID_FLOW}"))),
                &["amount"],
            );
            assert_eq!(missing, json!(["57.00"]), "only the rest is asked for");
        }
    }
}

#[test]
fn a_payment_is_paid_by_its_flow_or_by_a_credit_of_its_own_not_by_both() {
    let (a, whole) = (single(IUV_A), of(PAID_FLOW));
    let scene = with_credits(&[(123, "44.40", &a), (125, "101.40", &whole)]);
    run_at(&scene, AS_OF);
    assert_eq!(credit(&scene, 125), json!(["matched", "0.00", []]));
    assert_eq!(credit(&scene, 123), json!(["anomaly", "44.40", ["credit_duplicated"]]));
    assert_eq!(payment(&scene, IUV_A), json!(["credited", "2026/125"]));
}

#[test]
fn no_money_is_asked_for_that_a_person_must_first_say_whose_it_is() {
    let unreadable = "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-03-02";
    let (paid, both) = (of(PAID_FLOW), format!("{} {}", of(PAID_FLOW), of(UNPAID_FLOW)));
    for (credits, state, code) in [
        // It names one flow and is the sum of two.
        (vec![(123, "131.40", &*paid)], "proposed", "ambiguous_causale"),
        // It names two, and is a cent short.
        (vec![(123, "131.39", &*both)], "anomaly", "credit_amount_mismatch"),
        // It names none that can be read, and has the amount of one.
        (vec![(123, "30.00", unreadable), (125, "101.40", &*paid)], "proposed", "iuf_truncated"),
    ] {
        let scene = with_credits(&credits);
        run_at(&scene, AS_OF);
        let found = credit(&scene, 123);
        assert_eq!((&found[0], &found[2]), (&json!(state), &json!([code])), "{credits:?}");
        let asked = scene.rows("anomalies");
        assert!(asked.iter().all(|row| row["code"] != "fdr_without_credit"), "{credits:?}");
        assert_eq!(flow_row(&scene, UNPAID_FLOW), json!(["reported", "0.00", []]), "{credits:?}");
    }
    // Another amount explains nothing: the money of the flow is missing.
    let scene = with_credits(&[(123, "29.00", unreadable), (125, "101.40", &paid)]);
    run_at(&scene, AS_OF);
    assert_eq!(flow_row(&scene, UNPAID_FLOW), json!(["reported", "0.00", ["fdr_without_credit"]]));
}

#[test]
fn a_credit_that_two_flows_explain_is_on_somebodys_list() {
    let causale = of(UNPAID_FLOW);
    let scene = with_credits(&[(123, "30.00", &causale)]);
    let twin = flow(UNPAID_FLOW, "23:10:07", &[(IUV_B, "iur-b", "30.00")]);
    let twin = twin.replace(">PSPPROV1<", ">PSPPROV2<");
    scene.put("flows/paid.xml", twin.as_bytes());
    run_at(&scene, AS_OF);
    assert_eq!(credit(&scene, 123), json!(["ambiguous", "30.00", ["ambiguous_causale"]]));
    let candidates = anomaly(&scene, "ambiguous_causale", "candidates");
    assert_eq!(candidates.as_array().unwrap().len(), 2);
    assert!(scene.rows("anomalies").iter().all(|row| row["code"] != "fdr_without_credit"));

    let named = single(IUV_A);
    let scene = with_credits(&[(123, "44.40", &named)]);
    let lines = [(IUV_A, "iur-a", "44.40"), (IUV_A, "iur-2", "44.40")];
    scene.put("flows/paid.xml", flow(PAID_FLOW, "23:10:05", &lines).as_bytes());
    run_at(&scene, AS_OF);
    assert_eq!(credit(&scene, 123), json!(["ambiguous", "44.40", ["ambiguous_causale"]]));
}

#[test]
fn what_lacks_of_a_flow_may_still_come_until_its_term_is_over() {
    let causale = of(PAID_FLOW);
    for (as_of, state, codes) in [
        ("2026-03-02T20:00:00+01:00", "open", json!([])),
        ("2026-03-03T00:00:00+01:00", "anomaly", json!(["credit_amount_mismatch"])),
    ] {
        let scene = with_credits(&[(123, "50.00", &causale)]);
        run_at(&scene, as_of);
        assert_eq!(credit(&scene, 123), json!([state, "50.00", codes]), "{as_of}");
        let row = flow_row(&scene, PAID_FLOW);
        assert_eq!(row, json!(["partially_credited", "50.00", []]), "{as_of}");
    }
}

#[test]
fn what_came_too_much_is_told_once() {
    let causale = of(PAID_FLOW);
    let scene = with_credits(&[(123, "57.00", &causale), (125, "60.00", &causale)]);
    run_at(&scene, AS_OF);
    assert_eq!(flow_row(&scene, PAID_FLOW), json!(["over_credited", "117.00", []]));
    assert_eq!(credit(&scene, 123), json!(["matched", "0.00", []]));
    assert_eq!(credit(&scene, 125), json!(["anomaly", "60.00", ["credit_amount_mismatch"]]));
    assert_eq!(anomaly(&scene, "credit_amount_mismatch", "amount"), "15.60");
}

#[test]
fn interest_runs_on_what_is_late_and_on_nothing_else() {
    // Due on Monday 2 March: 57.00 came that day, 44.40 ten days later; 30.00 never did.
    let causale = of(PAID_FLOW);
    let scene = with_credits(&[(123, "57.00", &causale)]);
    scene.put("journals/12.xml", journal("2026-03-12", &[(125, "44.40", &causale)]).as_bytes());
    run_at(&scene, "2026-03-12T20:00:00+01:00");
    let late = |iuf| row(&scene, "flows", ("iuf", json!(iuf)), &["days_late", "interest"]);
    assert_eq!(late(PAID_FLOW), json!([10, "0.12"]), "44.40 x 10.15 % x 10 / 365");
    assert_eq!(late(UNPAID_FLOW), json!([10, "0.08"]), "30.00 x 10.15 % x 10 / 365");
    let fields = ["late", "days_late", "amount_late", "interest"];
    let psp = row(&scene, "psp", ("psp", json!("PSPPROV1")), &fields);
    assert_eq!(psp, json!([2, 20, "74.40", "0.20"]));
}

#[test]
fn a_flow_that_was_refused_is_not_asked_of_the_provider() {
    let scene = with_credits(&[(123, "101.40", &of(PAID_FLOW))]);
    let bad = flow(PAID_FLOW, "23:10:05", &[(IUV_A, "iur-a", "101.40")])
        .replace("<singoloImportoPagato>101.40", "<singoloImportoPagato>101.4x");
    scene.put("flows/paid.xml", bad.as_bytes());
    run_at(&scene, AS_OF);
    let competence = anomaly(&scene, "credit_without_fdr", "competence");
    assert_eq!(competence, json!({"party": "organization", "name": "Provincia di Prova"}));

    let good = flow(PAID_FLOW, "23:10:05", &[(IUV_A, "iur-a", "101.40")]);
    scene.put("flows/paid.xml", good.as_bytes());
    run_at(&scene, AS_OF);
    assert_eq!(credit(&scene, 123), json!(["matched", "0.00", []]), "mended and sent again");
}

#[test]
fn a_flow_that_never_came_is_asked_of_the_provider() {
    let scene = with_credits(&[(123, "101.40", &of(PAID_FLOW))]);
    fs::remove_file(scene.path("inputs/flows/paid.xml")).unwrap();
    run_at(&scene, AS_OF);
    assert_eq!(anomaly(&scene, "credit_without_fdr", "competence")["party"], "psp");
}

#[test]
fn a_flow_of_nothing_lacks_nothing() {
    let scene = Scene::province();
    let lines = [(IUV_C, "iur-c", "30.00"), (IUV_C, "iur-d", "30.00")];
    let text = flow(UNPAID_FLOW, "23:10:06", &lines);
    let (first, last) = text.rsplit_once(">0</codiceEsitoSingoloPagamento>").unwrap();
    let text = format!("{first}>3</codiceEsitoSingoloPagamento>{last}");
    let text = text.replace("<importoTotalePagamenti>60.00", "<importoTotalePagamenti>0.00");
    scene.put("flows/unpaid.xml", text.as_bytes());
    run_at(&scene, AS_OF);
    assert_eq!(flow_row(&scene, UNPAID_FLOW), json!(["credited", "0.00", []]));
    let mut payments = scene.rows("payments");
    payments.retain(|row| row["iuv"] == IUV_C);
    let states: Vec<_> = payments.iter().map(|row| (&row["iur"], &row["state"])).collect();
    assert_eq!(
        states,
        [(&json!("iur-c"), &json!("credited")), (&json!("iur-d"), &json!("revoked"))]
    );
}

#[test]
fn a_real_receipt_with_another_iur_is_no_second_payment() {
    let scene = Scene::province();
    let lines = [(IUV_A, "norpt-1", "44.40"), (IUV_B, "iur-b", "57.00")];
    let text =
        flow(PAID_FLOW, "23:10:05", &lines).replacen(">0</codiceEsito", ">9</codiceEsito", 1);
    scene.put("flows/paid.xml", text.as_bytes());
    run_at(&scene, AS_OF);
    let paid = row(&scene, "payments", ("iuv", json!(IUV_A)), &["iur", "receipt", "state"]);
    assert_eq!(paid, json!(["norpt-1", "real", "credited"]));
    let position = row(&scene, "positions", ("position_id", json!("P-A")), &["paid", "refundable"]);
    assert_eq!(position, json!(["44.40", "0.00"]));
}

#[test]
fn of_two_flows_that_report_one_payment_the_first_holds_it() {
    // By name the second provider comes first.
    let second = "2026-03-03AAAPROV1-A000000001";
    let scene = Scene::province();
    let again = flow(second, "23:10:05", &[(IUV_A, "iur-a", "44.40")])
        .replace(">PSPPROV1<", ">AAAPROV1<")
        .replace("2026-03-02T", "2026-03-03T");
    scene.put("flows/again.xml", again.as_bytes());
    scene.put("journals/03.xml", journal("2026-03-03", &[(125, "44.40", &of(second))]).as_bytes());
    run_at(&scene, AS_OF);
    let paid = row(&scene, "payments", ("iuv", json!(IUV_A)), &["iuf", "provvisorio"]);
    assert_eq!(paid, json!([PAID_FLOW, "2026/123"]));
    let blamed = anomaly(&scene, "payment_reported_twice", "competence");
    assert_eq!(blamed, json!({"party": "psp", "name": "Banca di Prova (AAAPROV1)"}));
    let reason = |number: &str| {
        row(&scene, "proposals", ("provvisorio", json!(number)), &["state", "reason"])
    };
    assert_eq!(reason("2026/125"), json!(["held", "anomaly_open"]));
    assert_eq!(reason("2026/123")[1], "assessment_missing", "the first is held for itself alone");
}

#[test]
fn cash_has_no_days_of_grace() {
    // Paid on Friday 27 February.
    for (due, method, codes) in [
        ("2026-02-27", "cash", json!([])),
        ("2026-02-26", "cash", json!(["paid_after_due"])),
        ("2026-02-26", "creditCard", json!([])),
    ] {
        let scene = Scene::province();
        let method_says = format!("<paymentMethod>{method}</paymentMethod><paymentDateTime>");
        let text = receipt(IUV_A, "iur-a", "44.40").replace("<paymentDateTime>", &method_says);
        scene.put("receipts/a.xml", text.as_bytes());
        let position = plain_position("P-A", 2, IUV_A, "44.40").replace("2026-12-31", due);
        scene.put("again.jsonl", position.as_bytes());
        run_at(&scene, AS_OF);
        let found = row(&scene, "payments", ("iuv", json!(IUV_A)), &["anomalies"])[0].clone();
        let late: Vec<_> =
            found.as_array().unwrap().iter().filter(|c| **c == "paid_after_due").collect();
        assert_eq!(json!(late), codes, "{due} {method}");
    }
}

#[test]
fn a_receipt_that_pays_only_others_is_told() {
    let scene = Scene::province();
    let text = receipt(IUV_A, "iur-x", "80.00")
        .replace(&format!("<fiscalCodePA>{PROVINCE}"), &format!("<fiscalCodePA>{OTHER_BODY}"));
    scene.put("receipts/other.xml", text.as_bytes());
    run_at(&scene, AS_OF);
    assert_eq!(scene.input("receipts/other.xml")["outcome"], "accepted");
    let competence = anomaly(&scene, "receipt_of_other_organization", "competence");
    assert_eq!(competence["party"], "none");
    assert_eq!(anomaly(&scene, "receipt_of_other_organization", "since"), "2026-02-27");
    assert!(scene.rows("payments").iter().all(|row| row["iur"] != "iur-x"));
}

#[test]
fn of_another_bodys_notice_the_intermediary_is_not_asked_for() {
    // Segregation code 48 is of no station of ours.
    let (iuv, ours) = ("48000000000012171", "20.00");
    let lines = [(iuv, "iur-s", ours)];
    let secondary = receipt(iuv, "iur-s", ours)
        .replace(&format!("<fiscalCode>{PROVINCE}"), &format!("<fiscalCode>{OTHER_BODY}"));
    for (text, asked) in [(secondary, false), (receipt(iuv, "iur-s", ours), true)] {
        let scene = Scene::province();
        scene.put("receipts/s.xml", text.as_bytes());
        scene.put("flows/s.xml", flow("2026-03-02PSPPROV1-S1", "23:10:09", &lines).as_bytes());
        run_at(&scene, AS_OF);
        let found = scene.codes_on(&format!("payment:{iuv}/iur-s/1"));
        assert_eq!(found.contains(&"intermediary_unknown".to_owned()), asked, "{found:?}");
    }
}

#[test]
fn a_storno_of_another_amount_is_the_treasurers_alone() {
    let scene = Scene::province();
    let storno = journal("2026-03-04", &[(124, "300.00", "CANONE DI LOCAZIONE MARZO")])
        .replace("<tipo_operazione>ESEGUITO", "<tipo_operazione>STORNATO");
    scene.put("journals/04.xml", storno.as_bytes());
    run_at(&scene, AS_OF);
    assert_eq!(credit(&scene, 124), json!(["anomaly", "500.00", ["credit_conflict"]]));
}

#[test]
fn a_journal_without_all_its_pages_is_expected() {
    let scene = Scene::province();
    for day in ["27", "02", "03"] {
        fs::remove_file(scene.path(&format!("inputs/journals/{day}.xml"))).unwrap();
    }
    let page = journal("2026-03-02", &[])
        .replace("#001#001", "#001#002")
        .replace("<pagine_totali>1", "<pagine_totali>2");
    scene.put("journals/02.xml", page.as_bytes());
    run_at(&scene, AS_OF);
    let coverage = &scene.summary()["coverage"];
    assert_eq!(coverage[0]["treasurer"], "09999", "{coverage}");
    assert_eq!(coverage[0]["loaded_days"], json!([]));
    assert_eq!(coverage[0]["missing_days"], json!(["2026-03-02"]));
}

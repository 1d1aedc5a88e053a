//! Decisions of people: what each changes, to the cent, what takes it back, what contradicts it.

use serde_json::{Value, json};

use crate::scene::{
    AS_OF, IUV_B, IUV_C, IUV_D, PAID_FLOW, PROVINCE, RUN, Ran, Scene, UNPAID_FLOW, assert_same,
    configuration, flow, flow_to, journal, plain_position, position, province, receipt, text,
};

/// Who and why.
const WHO: &str = "Anna Neri";
const WHY: &str = "Telefonata con la banca";

impl Scene {
    /// `quadra decide`, with who and why.
    fn decide(&self, anomaly: &str, wish: &[&str]) -> Ran {
        let known = ["--by", WHO, "--note", WHY, "--data", "data", "--as-of", AS_OF];
        self.quadra(&[&["decide", anomaly], wish, &known].concat())
    }

    /// `quadra decide`, which must decide, and the report after it.
    #[track_caller]
    fn decided(&self, anomaly: &str, wish: &[&str]) {
        let ran = self.decide(anomaly, wish);
        assert_eq!(ran.code, 0, "{ran:?}");
        self.reported();
    }

    /// Writes the report, and asserts that the ledger is whole.
    #[track_caller]
    fn reported(&self) {
        let report = ["report", "--data", "data", "--out", "out", "--as-of", AS_OF];
        let ran = self.quadra(&report);
        assert_eq!(ran.code, 0, "{ran:?}");
        let ran = self.quadra(&["verify", "--data", "data", "--as-of", AS_OF]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    /// Takes one more file in, and writes the report.
    #[track_caller]
    fn arrives(&self, name: &str, content: &str) {
        self.put(name, content.as_bytes());
        self.run_to(0);
        self.reported();
    }

    /// The anomaly with a code on a subject.
    #[track_caller]
    fn anomaly(&self, code: &str, subject: &str) -> Value {
        let mut rows = self.rows("anomalies");
        rows.retain(|row| row["code"] == code && row["subject"] == subject);
        assert_eq!(rows.len(), 1, "{code} on {subject}: {:?}", self.rows("anomalies"));
        rows.remove(0)
    }

    #[track_caller]
    fn id(&self, code: &str, subject: &str) -> String {
        text(&self.anomaly(code, subject)["id"])
    }

    /// The state of an anomaly, `none` where there never was one.
    fn anomaly_state(&self, code: &str, subject: &str) -> String {
        let rows = self.rows("anomalies");
        let row = rows.iter().find(|row| row["code"] == code && row["subject"] == subject);
        row.map_or("none".to_owned(), |row| text(&row["state"]))
    }

    /// A row of a file by a field.
    #[track_caller]
    fn row(&self, file: &str, field: &str, value: impl Into<Value>) -> Value {
        let value = value.into();
        let mut rows = self.rows(file);
        rows.retain(|row| row[field] == value);
        assert_eq!(rows.len(), 1, "{field} {value} of {file}: {:?}", self.rows(file));
        rows.remove(0)
    }

    fn credit(&self, number: u64) -> Value {
        self.row("credits", "number", number)
    }

    /// State, paid, residual, refundable of a position.
    #[track_caller]
    fn debt(&self, id: &str) -> [String; 4] {
        let row = self.row("positions", "position_id", id);
        ["state", "paid", "residual", "refundable"].map(|field| text(&row[field]))
    }

    /// Matched, proposed, unexplained and reversed; they add up to what came in.
    fn money(&self) -> [String; 4] {
        let summary = self.summary();
        let fields = ["matched", "proposed", "unexplained", "reversed"];
        fields.map(|field| text(&summary["conservation"][field]))
    }
}

/// The small Province, in which a transfer outside pagoPA of 12.00 came, that names the verbale and
/// the plate of P-D; and the accertamento of fines.
fn with_transfer() -> Scene {
    let scene = Scene::province();
    scene.put(
        "journals/04.xml",
        journal("2026-03-04", &[(130, "12.00", "VERBALE 9/2026 TARGA EF456GH")]).as_bytes(),
    );
    scene.put("positions.jsonl", positions(1, "open").as_bytes());
    scene.run_to(0);
    scene
}

const TRANSFER: &str = "credit:2026/130";

/// The positions of the small Province; P-D is the only one of its verbale.
fn positions(version: u32, status_of_d: &str) -> String {
    let of_province = province()[0].1.clone();
    let others: Vec<_> = of_province.split_inclusive('\n').take(3).collect();
    let (debtor, name) = ("BNCLCU80A41H501Z", "Bianchi Lucia");
    let d = position("P-D", version, IUV_D, "12.00", debtor, name, "EF456GH")
        .replace("7/2026", "9/2026")
        .replace("\"open\"", &format!("\"{status_of_d}\""));
    others.concat() + &d
}

#[test]
fn a_transfer_outside_pagopa_pays_the_position_that_a_person_chose() {
    let scene = with_transfer();
    assert_eq!(scene.credit(130)["state"], "proposed");
    assert_eq!(scene.debt("P-D"), ["unpaid", "0.00", "12.00", "0.00"]);
    assert_eq!(scene.money(), ["101.40", "12.00", "500.00", "0.00"]);
    let id = scene.id("credit_not_pagopa", TRANSFER);

    scene.decided(&id, &["--choose", "position:P-D"]);
    let credit = scene.credit(130);
    assert_eq!((&credit["state"], &credit["unallocated"]), (&json!("matched"), &json!("0.00")));
    assert_eq!(credit["reading"]["rule"], "decision");
    assert_eq!(scene.debt("P-D"), ["credited", "12.00", "0.00", "0.00"]);
    assert_eq!(scene.money(), ["113.40", "0.00", "500.00", "0.00"]);
    let payment = scene.row("payments", "position_id", "P-D");
    let iur = "PROVVISORIO-2026-130";
    for (field, value) in [
        ("iuv", json!(IUV_D)),
        ("iur", json!(iur)),
        ("index", json!(1)),
        ("amount", json!("12.00")),
        ("state", json!("credited")),
        ("receipt", json!("none")),
        ("provvisorio", json!("2026/130")),
        // No accertamento is known for it, as for the other payments here.
        ("anomalies", json!(["assessment_missing"])),
    ] {
        assert_eq!(payment[field], value, "{field}: {payment}");
    }
    let allocated = json!([{ "iuv": IUV_D, "iur": iur, "index": 1, "amount": "12.00" }]);
    assert_eq!(credit["allocated"], allocated);
    let closed = scene.anomaly("credit_not_pagopa", TRANSFER);
    assert_eq!(closed["state"], "closed");
    assert_eq!(closed["decision"]["by"], WHO);
    assert_eq!(closed["decision"]["note"], WHY);
    assert_eq!(closed["decision"]["at"], AS_OF);
    assert_eq!(closed["decision"]["verdict"], "paga position:P-D");

    scene.decided(&id, &["--withdraw"]);
    assert_eq!(scene.credit(130)["state"], "proposed");
    assert_eq!(scene.debt("P-D"), ["unpaid", "0.00", "12.00", "0.00"]);
    assert_eq!(scene.money(), ["101.40", "12.00", "500.00", "0.00"]);
    assert_eq!(scene.anomaly("credit_not_pagopa", TRANSFER)["state"], "open");
    assert_eq!(scene.row("credits", "number", 130)["reading"]["kind"], "none");
}

#[test]
fn a_chosen_transfer_is_proposed_for_the_accertamento_of_its_position() {
    let scene = with_transfer();
    let registry = "[[organization.assessment]]\ndebt_type = \"CDS\"\nyear = 2026\n\
                    number = \"2026/118\"\nchapter = \"3020\"\nstate = \"definitive\"\n[interest]";
    let text = configuration(PROVINCE, "Provincia di Prova", true).replace("[interest]", registry);
    std::fs::write(scene.path("quadra.toml"), text).unwrap();
    let ran = scene.quadra(&[&RUN[..], &["--config", "quadra.toml"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    scene.decided("credit:2026/00130", &["--choose", "position:P-D"]);
    let proposal = scene.row("proposals", "provvisorio", "2026/130");
    let line = json!({ "assessment": "2026/118", "chapter": "3020", "amount": "12.00", "residual": false });
    assert_eq!((&proposal["state"], &proposal["lines"]), (&json!("ready"), &json!([line])));
    let payment = scene.row("payments", "position_id", "P-D");
    assert_eq!((&payment["unallocated"], &payment["anomalies"]), (&json!("0.00"), &json!([])));
}

#[test]
fn what_is_not_proposed_is_refused_and_what_is_proposed_is_told() {
    let scene = with_transfer();
    let before = scene.ledger();
    let id = scene.id("credit_not_pagopa", TRANSFER);
    for (anomaly, wish, said) in [
        (&*id, &["--choose", "position:P-A"][..], "si può scegliere fra position:P-D"),
        (&id, &["--choose", "flow:X:Y"], "si può scegliere fra position:P-D"),
        (&id, &["--withdraw"], "non vale alcuna decisione"),
        ("0000000000000000", &["--dismiss"], "nessuna anomalia"),
        ("credit:2026/999", &["--dismiss"], "nessuna anomalia"),
        (TRANSFER, &["--dismiss"], "serve il suo identificativo"),
        ("credit:2026/123", &["--choose", "position:P-D"], "non ce ne sono"),
    ] {
        let ran = scene.decide(anomaly, wish);
        assert_eq!(ran.code, 1, "{wish:?}: {ran:?}");
        assert!(ran.stderr.contains(said), "{wish:?}: {ran:?}");
        assert_eq!(ran.stdout, "", "nothing is said to be done");
    }
    assert_eq!(scene.ledger()[0], before[0], "no fact was stored");
}

#[test]
fn who_why_and_one_wish_must_be_given() {
    let scene = with_transfer();
    let id = scene.id("credit_not_pagopa", TRANSFER);
    let long = "x".repeat(1_001);
    let most = "x".repeat(1_000);
    for (arguments, code) in [
        (&["--dismiss", "--by", WHO][..], 64),
        (&["--dismiss", "--note", WHY], 64),
        (&["--dismiss", "--by", " ", "--note", WHY], 64),
        (&["--dismiss", "--by", WHO, "--note", &long], 64),
        (&["--by", WHO, "--note", WHY], 64),
        (&["--dismiss", "--withdraw", "--by", WHO, "--note", WHY], 64),
        (&["--choose", "position:P-D", "--dismiss", "--by", WHO, "--note", WHY], 64),
        (&["--dismiss", "--by", WHO, "--note", &most], 0),
    ] {
        let data = ["--data", "data", "--as-of", AS_OF];
        let ran = scene.quadra(&[&["decide", &id], arguments, &data].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_dismissed_anomaly_is_closed_until_it_is_another() {
    let scene = with_transfer();
    let rent = "credit:2026/124";
    let unpaid = format!("flow:PSPPROV1:{UNPAID_FLOW}");
    for (code, subject) in [("credit_not_pagopa", rent), ("fdr_without_credit", &unpaid)] {
        let money = scene.money();
        let id = scene.id(code, subject);
        scene.decided(&id, &["--dismiss"]);
        assert_eq!(scene.anomaly(code, subject)["state"], "closed", "{code}");
        assert_eq!(scene.anomaly(code, subject)["decision"]["by"], WHO);
        assert_eq!(scene.money(), money, "the money stays where it is");
        let ran = scene.decide(&id, &["--dismiss"]);
        assert_eq!(ran.code, 1, "it is closed already: {ran:?}");
        scene.decided(&id, &["--withdraw"]);
        assert_eq!(scene.anomaly(code, subject)["state"], "open", "{code}");
        scene.decided(&id, &["--dismiss"]);
        assert_eq!(scene.anomaly(code, subject)["state"], "closed", "{code}");
    }
    assert_eq!(scene.credit(124)["anomalies"], json!([]));
    assert_eq!(scene.row("flows", "iuf", UNPAID_FLOW)["anomalies"], json!([]));
    // The flow is revised from 30.00 to 31.00: that is another sum that is missing.
    let lines = [(IUV_C, "iur-c", "31.00")];
    scene.arrives(
        "flows/revised.xml",
        &flow_to(PROVINCE, UNPAID_FLOW, "2026-03-02T23:59:00", &lines),
    );
    assert_eq!(scene.anomaly("fdr_without_credit", &unpaid)["state"], "open");
    assert_eq!(scene.anomaly("credit_not_pagopa", rent)["state"], "closed");
}

#[test]
fn a_later_decision_replaces_the_earlier_and_both_are_told() {
    let scene = with_transfer();
    let id = scene.id("credit_not_pagopa", TRANSFER);
    scene.decided(&id, &["--choose", "position:P-D"]);
    scene.decided(&id, &["--withdraw"]);
    scene.decided(&id, &["--dismiss"]);
    assert_eq!(scene.debt("P-D"), ["unpaid", "0.00", "12.00", "0.00"]);
    assert_eq!(scene.anomaly_state("credit_not_pagopa", TRANSFER), "closed");
    // Chosen after it was dismissed, without a withdrawal in between.
    scene.decided(&id, &["--choose", "position:P-D"]);
    assert_eq!(scene.debt("P-D"), ["credited", "12.00", "0.00", "0.00"]);

    for key in ["2026/130", "2026/7130", "P-D"] {
        let ran = scene.quadra(&["explain", key, "--data", "data", "--as-of", AS_OF]);
        assert_eq!(ran.code, 0, "{ran:?}");
        for number in 1..=4 {
            let told = format!("2026-11-15 08:00:00  decisione n. {number} di {WHO} su {TRANSFER}");
            assert!(ran.stdout.contains(&told), "{key}, n. {number}: {}", ran.stdout);
        }
        assert!(ran.stdout.contains(WHY), "{}", ran.stdout);
    }
}

#[test]
fn of_two_who_decide_at_once_the_second_is_refused() {
    let scene = with_transfer();
    let id = scene.id("credit_not_pagopa", TRANSFER);
    let deciding = |by: &str| {
        let wish = ["--dismiss", "--by", by, "--note", WHY, "--data", "data", "--as-of", AS_OF];
        let mut command = scene.command(&[&["decide", &*id], &wish[..]].concat());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let mut both = [deciding("Anna"), deciding("Bruno")];
    let mut codes: Vec<_> =
        both.iter_mut().map(|one| one.wait().unwrap().code().unwrap()).collect();
    codes.sort_unstable();
    // Whether they met or came one after the other: there is nothing left to close.
    assert_eq!(codes, [0, 1]);
    scene.reported();
    assert_eq!(scene.anomaly_state("credit_not_pagopa", TRANSFER), "closed");
}

/// The small Province whose second flow is credited under a causale that is cut where both flows go
/// on.
fn with_damaged_causale(amount: &str) -> Scene {
    let scene = Scene::province();
    let causale = "/PUR/LGPE-RIVERSAMENTO/URI/2026-03-02PSPPROV1-A00000000";
    scene.put("journals/04.xml", journal("2026-03-04", &[(131, amount, causale)]).as_bytes());
    scene.run_to(0);
    scene
}

#[test]
fn a_damaged_causale_is_the_flow_that_a_person_chose_and_no_cent_is_hidden() {
    let chosen = format!("flow:PSPPROV1:{UNPAID_FLOW}");
    for (amount, credit_state, flow_state, difference, money) in [
        ("30.00", "matched", "credited", "0.00", ["131.40", "0.00", "500.00", "0.00"]),
        ("29.99", "anomaly", "partially_credited", "-0.01", ["101.40", "0.00", "529.99", "0.00"]),
        ("30.01", "anomaly", "over_credited", "0.01", ["101.40", "0.00", "530.01", "0.00"]),
    ] {
        let scene = with_damaged_causale(amount);
        let credit = scene.credit(131);
        let candidates = credit["candidates"].as_array().unwrap();
        assert!(candidates.iter().any(|one| one["subject"] == *chosen), "{credit}");
        scene.decided("credit:2026/131", &["--choose", &chosen]);
        let credit = scene.credit(131);
        assert_eq!(credit["state"], credit_state, "{amount}");
        assert_eq!(credit["flows"], json!([UNPAID_FLOW]));
        assert_eq!(credit["reading"]["iuf"], UNPAID_FLOW);
        assert_eq!(credit["reading"]["rule"], "decision");
        let row = scene.row("flows", "iuf", UNPAID_FLOW);
        assert_eq!((&row["state"], &row["difference"]), (&json!(flow_state), &json!(difference)));
        assert_eq!(row["credits"], json!(["2026/131"]));
        assert_eq!(scene.money(), money, "{amount}");
        // While the amount says that its money may be here, nobody was asked for it.
        let asked = if difference == "0.00" { "none" } else { "closed" };
        assert_eq!(scene.anomaly_state("fdr_without_credit", &chosen), asked);
        let wrong: &[&str] = if difference == "0.00" { &[] } else { &["credit_amount_mismatch"] };
        assert_eq!(scene.codes_on("credit:2026/131"), wrong, "{amount}");
    }
}

#[test]
fn a_credit_that_names_one_flow_and_pays_two_is_both_when_a_person_says_so() {
    // 30.00 and 12.00 of one provider; the causale names the first only.
    let scene = Scene::province();
    let other = "2026-03-02PSPPROV1-A000000003";
    scene.put("flows/third.xml", flow(other, "23:10:09", &[(IUV_D, "iur-d", "12.00")]).as_bytes());
    let causale = format!("/PUR/LGPE-RIVERSAMENTO/URI/{UNPAID_FLOW}");
    scene.put("journals/04.xml", journal("2026-03-04", &[(132, "42.00", &causale)]).as_bytes());
    scene.run_to(0);
    assert_eq!(scene.credit(132)["state"], "proposed");
    scene.decided("credit:2026/132", &["--choose", &format!("flow:PSPPROV1:{other}")]);
    assert_eq!(scene.credit(132)["state"], "matched");
    assert_eq!(scene.credit(132)["unallocated"], "0.00");
    for iuf in [UNPAID_FLOW, other] {
        assert_eq!(scene.row("flows", "iuf", iuf)["state"], "credited", "{iuf}");
    }
    assert_eq!(scene.debt("P-D"), ["credited", "12.00", "0.00", "0.00"]);
    assert_eq!(scene.money(), ["143.40", "0.00", "500.00", "0.00"]);
    assert_eq!(scene.codes_on("credit:2026/132"), [""; 0], "it names one of those it pays");
}

#[test]
fn a_single_credit_pays_the_one_of_several_payments_that_a_person_chose() {
    let scene = Scene::province();
    scene.put("receipts/d1.xml", receipt(IUV_D, "iur-1", "12.00").as_bytes());
    scene.put("receipts/d2.xml", receipt(IUV_D, "iur-2", "12.00").as_bytes());
    let causale = format!("/RFB/{IUV_D}");
    let credits = [(133, "12.00", &*causale), (134, "12.00", &*causale)];
    scene.put("journals/04.xml", journal("2026-03-04", &credits).as_bytes());
    scene.run_to(0);
    assert_eq!(
        [scene.credit(133), scene.credit(134)].map(|row| row["state"].clone()),
        ["ambiguous", "ambiguous"]
    );
    let second = format!("payment:{IUV_D}/iur-2/1");
    scene.decided("credit:2026/133", &["--choose", &second]);
    assert_eq!(scene.credit(133)["state"], "matched");
    assert_eq!(scene.credit(133)["allocated"][0]["iur"], "iur-2");
    // One payment is left for the other.
    assert_eq!(scene.credit(134)["state"], "matched");
    assert_eq!(scene.credit(134)["allocated"][0]["iur"], "iur-1");
    assert_eq!(scene.debt("P-D"), ["credited", "24.00", "0.00", "12.00"]);
    assert_eq!(scene.money(), ["125.40", "0.00", "500.00", "0.00"]);

    // The flow of the chosen payment is credited by itself: the choice is contradicted, not undone.
    let iuf = "2026-03-02PSPPROV1-A000000004";
    scene.put("flows/fourth.xml", flow(iuf, "23:10:09", &[(IUV_D, "iur-2", "12.00")]).as_bytes());
    let causale = format!("/PUR/LGPE-RIVERSAMENTO/URI/{iuf}");
    scene.arrives("journals/05.xml", &journal("2026-03-05", &[(135, "12.00", &causale)]));
    assert_eq!(scene.codes_on("credit:2026/133"), ["decision_contradicted"]);
}

/// [`IUV_D`] with one digit wrong: no position has it.
const NEARLY_D: &str = "01000000000012574";

/// The small Province with a payment of outcome 9 on that IUV, reported and credited.
fn with_unknown_payment() -> (Scene, String) {
    let scene = Scene::province();
    let iuf = "2026-03-02PSPPROV1-A000000003";
    let lines = [(NEARLY_D, "iur-x", "12.00")];
    let of_nine = flow(iuf, "23:10:09", &lines)
        .replace("<codiceEsitoSingoloPagamento>0<", "<codiceEsitoSingoloPagamento>9<");
    scene.put("flows/third.xml", of_nine.as_bytes());
    let causale = format!("/PUR/LGPE-RIVERSAMENTO/URI/{iuf}");
    scene.put("journals/04.xml", journal("2026-03-04", &[(136, "12.00", &causale)]).as_bytes());
    scene.run_to(0);
    (scene, format!("payment:{NEARLY_D}/iur-x/1"))
}

#[test]
fn a_payment_of_an_unknown_iuv_pays_the_position_that_a_person_chose() {
    let (scene, payment) = with_unknown_payment();
    let id = scene.id("position_unknown", &payment);
    assert_eq!(
        scene.anomaly("position_unknown", &payment)["candidates"][0]["subject"],
        "position:P-D"
    );
    let money = scene.money();
    scene.decided(&id, &["--choose", "position:P-D"]);
    assert_eq!(scene.debt("P-D"), ["credited", "12.00", "0.00", "0.00"]);
    assert_eq!(scene.anomaly_state("position_unknown", &payment), "closed");
    assert_eq!(scene.row("payments", "iuv", NEARLY_D)["position_id"], "P-D");
    let paid = json!([{ "iuv": NEARLY_D, "iur": "iur-x", "index": 1 }]);
    let row = scene.row("positions", "position_id", "P-D");
    assert!(row["payments"] == paid || row["payments"] == json!([payment[8..]]), "{row}");
    assert_eq!(scene.money(), money);
    scene.decided(&id, &["--withdraw"]);
    assert_eq!(scene.debt("P-D"), ["unpaid", "0.00", "12.00", "0.00"]);
    assert_eq!(scene.anomaly_state("position_unknown", &payment), "open");
    assert_eq!(scene.row("payments", "iuv", NEARLY_D)["position_id"], Value::Null);
}

/// A choice that later facts contradict: the scene, the anomaly and what was chosen, what arrives,
/// what is said, and the debt of P-D then.
type Contradicted = (
    Scene,
    (&'static str, String),
    String,
    (&'static str, String),
    &'static str,
    [&'static str; 4],
);

fn contradicted() -> Vec<Contradicted> {
    let transfer = || ("credit_not_pagopa", TRANSFER.to_owned());
    let p_d = || "position:P-D".to_owned();
    let unknown = || {
        let (scene, payment) = with_unknown_payment();
        (scene, ("position_unknown", payment))
    };
    let (scene_a, unknown_a) = unknown();
    let (scene_b, unknown_b) = unknown();
    let storno = journal("2026-03-05", &[(130, "12.00", "VERBALE 9/2026 TARGA EF456GH")])
        .replace("<tipo_operazione>ESEGUITO", "<tipo_operazione>STORNATO");
    let damaged = || with_damaged_causale("30.00");
    let cut = || ("none", "credit:2026/131".to_owned());
    let second_flow = || format!("flow:PSPPROV1:{UNPAID_FLOW}");
    let revised = [(IUV_C, "iur-c", "31.00")];
    vec![
        (
            with_transfer(),
            transfer(),
            p_d(),
            ("journals/05.xml", storno),
            "il tesoriere ha stornato il provvisorio",
            ["unpaid", "0.00", "12.00", "0.00"],
        ),
        (
            with_transfer(),
            transfer(),
            p_d(),
            ("later.jsonl", positions(2, "cancelled").lines().last().unwrap().to_owned()),
            "la posizione scelta è stata annullata",
            ["cancelled", "12.00", "0.00", "12.00"],
        ),
        (
            with_transfer(),
            transfer(),
            p_d(),
            ("receipts/d.xml", receipt(IUV_D, "iur-d", "12.00")),
            "la posizione scelta è stata pagata anche da altri, e risultano 12,00\u{a0}€ più",
            // The receipt is of 27 February and pays; the transfer of 4 March is too much.
            ["credited", "24.00", "0.00", "12.00"],
        ),
        (
            scene_a,
            unknown_a,
            p_d(),
            ("later.jsonl", plain_position("P-X", 1, NEARLY_D, "12.00")),
            "lo IUV è della posizione P-X",
            ["credited", "12.00", "0.00", "0.00"],
        ),
        (
            scene_b,
            unknown_b,
            p_d(),
            (
                "receipts/x.xml",
                receipt(NEARLY_D, "iur-x", "12.00").replace(
                    &format!("<noticeNumber>3{NEARLY_D}"),
                    &format!("<noticeNumber>3{IUV_B}"),
                ),
            ),
            "la ricevuta è dell'avviso 301000000000012272",
            ["credited", "12.00", "0.00", "0.00"],
        ),
        (
            damaged(),
            cut(),
            second_flow(),
            ("flows/revised.xml", flow_to(PROVINCE, UNPAID_FLOW, "2026-03-02T23:59:00", &revised)),
            "è stato rettificato da 30,00\u{a0}€ a 31,00\u{a0}€",
            ["unpaid", "0.00", "12.00", "0.00"],
        ),
    ]
}

#[test]
fn facts_that_contradict_a_choice_are_an_anomaly_and_change_nothing_decided() {
    for (scene, (code, subject), chosen, (name, content), said, debt) in contradicted() {
        let id = match &*scene.anomaly_state(code, &subject) {
            "open" => scene.id(code, &subject),
            // What the causale cannot say is asked about the credit itself.
            _ => subject.clone(),
        };
        scene.decided(&id, &["--choose", &chosen]);
        assert_eq!(scene.anomaly_state("decision_contradicted", &subject), "none", "{said}");
        scene.arrives(name, &content);
        let anomaly = scene.anomaly("decision_contradicted", &subject);
        assert_eq!(anomaly["state"], "open", "{said}");
        assert_eq!(anomaly["competence"]["party"], "organization");
        assert_eq!(anomaly["evidence"][0]["fact"], "decisione");
        let explanation = text(&anomaly["explanation"]);
        assert!(explanation.contains(said), "{said}: {explanation}");
        assert_eq!(scene.debt("P-D"), debt, "{said}");
        // A person confirms it, another takes it back.
        let doubt = text(&anomaly["id"]);
        scene.decided(&doubt, &["--dismiss"]);
        assert_eq!(scene.anomaly_state("decision_contradicted", &subject), "closed", "{said}");
        assert_eq!(scene.debt("P-D"), debt, "{said}");
        scene.decided(&doubt, &["--withdraw"]);
        assert_eq!(scene.anomaly_state("decision_contradicted", &subject), "closed", "{said}");
        assert_eq!(scene.decide(&doubt, &["--withdraw"]).code, 1, "{said}: there is none left");
    }
}

#[test]
fn decisions_and_files_may_come_in_any_order() {
    let late = [
        ("receipts/d.xml", receipt(IUV_D, "iur-d", "12.00")),
        ("later.jsonl", plain_position("P-X", 1, "01000000000012676", "12.00")),
        ("journals/06.xml", journal("2026-03-06", &[(140, "7.00", "ALTRO")])),
    ];
    let rent = "credit:2026/124";
    let wishes = [
        ("credit_not_pagopa", TRANSFER, &["--choose", "position:P-D"][..]),
        ("credit_not_pagopa", rent, &["--dismiss"]),
    ];
    let mut expected = None;
    // The choice is first: it was taken when nothing else had paid the debt.
    for order in ["Dd012", "D0d12", "Dd210", "D2d01", "dD102"] {
        let scene = with_transfer();
        let ids = wishes.map(|(code, subject, _)| scene.id(code, subject));
        for step in order.chars() {
            match step {
                'D' => assert_eq!(scene.decide(&ids[0], wishes[0].2).code, 0),
                'd' => assert_eq!(scene.decide(&ids[1], wishes[1].2).code, 0),
                place => {
                    let (name, content) = &late[place.to_digit(10).unwrap() as usize];
                    scene.put(name, content.as_bytes());
                    scene.run_to(0);
                }
            }
        }
        scene.run_to(0);
        scene.reported();
        let mut files = scene.conclusions();
        // What was closed along the way differs with the way; what is open does not.
        for name in ["anomalies.jsonl", "anomalies.csv", "summary.json"] {
            files.remove(name).unwrap();
        }
        let open = scene.codes_on(TRANSFER);
        assert_eq!(open, ["decision_contradicted"], "{order}");
        match &expected {
            None => expected = Some(files),
            Some(expected) => assert_same(&files, expected, order),
        }
    }
}

#[test]
fn the_report_says_what_to_type() {
    let scene = with_transfer();
    let id = scene.id("credit_not_pagopa", TRANSFER);
    let page = std::fs::read_to_string(scene.path("out/report.html")).unwrap();
    for command in [
        format!("quadra decide {TRANSFER} --choose position:P-D"),
        format!(
            "quadra decide {} --dismiss",
            scene.id("fdr_without_credit", &format!("flow:PSPPROV1:{UNPAID_FLOW}"))
        ),
    ] {
        assert!(page.contains(&command), "{command}");
    }
    assert_eq!(scene.anomaly("credit_not_pagopa", TRANSFER)["id"], *id);
}

#[test]
fn explain_tells_candidates_terms_and_the_credit_of_a_quietanza() {
    let scene = with_transfer();
    for (key, said) in [
        ("2026/130", "Candidata nell'ultimo report: position:P-D"),
        // Its quietanza is 7124.
        ("2026/7124", "credit:2026/124"),
        // Paid on Friday 27 February: credit by Monday, flow by Tuesday, definitive after Thursday.
        (
            PAID_FLOW,
            "accredito entro il 02/03/2026, flusso entro il 04/03/2026 00:00, definitivo dopo il 06/03/2026 00:00",
        ),
    ] {
        let ran = scene.quadra(&["explain", key, "--data", "data", "--as-of", AS_OF]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains(said), "{key}: {}", ran.stdout);
    }
}

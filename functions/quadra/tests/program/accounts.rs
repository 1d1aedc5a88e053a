//! Towards the accounts: which credit pays which payment, and what is proposed for it.

use std::fs;

use serde_json::{Value, json};

use crate::scene::{AS_OF, IUV_A, IUV_B, PAID_FLOW, PROVINCE, Scene, configuration, journal};

/// The causale of a credit of the paid flow.
fn causale(txt: u32) -> String {
    format!("/PUR/LGPE-RIVERSAMENTO/TXT/{txt}/URI/{PAID_FLOW}")
}

/// The small Province with one accertamento of fines, if `number` and `state` are given.
fn province_with(assessment: Option<(&str, &str)>) -> Scene {
    let scene = Scene::province();
    let mut text = configuration(PROVINCE, "Provincia di Prova", true);
    if let Some((number, state)) = assessment {
        text = text.replace(
            "[interest]",
            &format!(
                "[[organization.assessment]]\ndebt_type = \"CDS\"\nyear = 2026\n\
                 number = \"{number}\"\nchapter = \"3020\"\nsiope = \"3020201001\"\n\
                 state = \"{state}\"\n[interest]"
            ),
        );
    }
    fs::write(scene.path("quadra.toml"), text).unwrap();
    scene
}

fn run(scene: &Scene, as_of: &str) {
    let ran = scene.run_with_configuration(as_of);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// What is proposed for a provvisorio.
#[track_caller]
fn proposal(scene: &Scene, provvisorio: &str) -> Value {
    let mut rows = scene.rows("proposals");
    rows.retain(|row| row["provvisorio"] == provvisorio);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

/// A field of the payment with an IUV.
fn payment(scene: &Scene, iuv: &str, field: &str) -> Value {
    let payments = scene.rows("payments");
    payments.iter().find(|row| row["iuv"] == iuv).unwrap()[field].clone()
}

#[test]
fn a_provvisorio_is_proposed_by_accertamento_when_its_flow_can_change_no_more() {
    // Paid on Friday 27 February: D+4 is Thursday 5 March.
    for (assessment, as_of, state, reason) in [
        (Some(("2026/118", "definitive")), "2026-03-06", "ready", Value::Null),
        (Some(("2026/118", "definitive")), "2026-03-05", "held", json!("not_definitive")),
        (Some(("2026/118", "provisional")), AS_OF, "held", json!("assessment_not_definitive")),
        (Some(("2025/9", "definitive")), AS_OF, "ready", Value::Null),
        (Some(("2027/1", "definitive")), AS_OF, "held", json!("year_not_open")),
        (None, AS_OF, "held", json!("assessment_missing")),
    ] {
        let scene = province_with(assessment);
        run(&scene, as_of);
        let row = proposal(&scene, "2026/123");
        let why = format!("{assessment:?} at {as_of}: {row}");
        assert_eq!((&row["state"], &row["reason"]), (&json!(state), &reason), "{why}");
        assert_eq!(row["total"], "101.40", "{why}");
        assert_eq!(row["definitive_after"], "2026-03-06T00:00:00+01:00", "{why}");
        let lines = match assessment {
            Some((number, _)) => json!([{
                "assessment": number, "chapter": "3020", "siope": "3020201001",
                "amount": "101.40", "residual": number == "2025/9",
            }]),
            None => json!([]),
        };
        assert_eq!(row["lines"], lines, "{why}");
        assert_eq!(scene.rows("proposals").len(), 1, "the rent is nobody's payment");
    }
}

#[test]
fn what_the_treasurer_took_back_is_held() {
    let scene = province_with(Some(("2026/118", "definitive")));
    let taken_back = journal("2026-03-04", &[(123, "101.40", &causale(0))])
        .replace("<tipo_operazione>ESEGUITO", "<tipo_operazione>STORNATO");
    scene.put("journals/04.xml", taken_back.as_bytes());
    run(&scene, AS_OF);
    let row = proposal(&scene, "2026/123");
    assert_eq!((&row["state"], &row["reason"]), (&json!("held"), &json!("reversed")), "{row}");
    assert_eq!(row["total"], "101.40");
}

#[test]
fn each_of_several_credits_pays_its_lines_where_there_is_one_way() {
    let scene = province_with(Some(("2026/118", "definitive")));
    let credits = [(123, "44.40", &*causale(1)), (125, "57.00", &*causale(2))];
    scene.put("journals/02.xml", journal("2026-03-02", &credits).as_bytes());
    run(&scene, AS_OF);
    for (iuv, iur, provvisorio, amount) in
        [(IUV_A, "iur-a", "2026/123", "44.40"), (IUV_B, "iur-b", "2026/125", "57.00")]
    {
        assert_eq!(payment(&scene, iuv, "state"), "credited");
        assert_eq!(payment(&scene, iuv, "provvisorio"), provvisorio);
        let row = proposal(&scene, provvisorio);
        assert_eq!((&row["state"], &row["total"]), (&json!("ready"), &json!(amount)), "{row}");
        let credits = scene.rows("credits");
        let number: u64 = provvisorio[5..].parse().unwrap();
        let credit = credits.iter().find(|credit| credit["number"] == number).unwrap();
        let line = json!([{ "iuv": iuv, "iur": iur, "index": 1, "amount": amount }]);
        assert_eq!((&credit["state"], &credit["allocated"]), (&json!("matched"), &line));
        assert_eq!(credit["unallocated"], "0.00");
        assert_eq!(scene.codes_on(&format!("credit:{provvisorio}")), Vec::<String>::new());
    }
}

#[test]
fn credits_split_at_any_cent_are_matched_in_sum_and_ambiguous() {
    let scene = province_with(Some(("2026/118", "definitive")));
    let credits = [(123, "50.00", &*causale(0)), (125, "51.40", &*causale(0))];
    scene.put("journals/02.xml", journal("2026-03-02", &credits).as_bytes());
    run(&scene, AS_OF);
    for provvisorio in ["2026/123", "2026/125"] {
        let row = proposal(&scene, provvisorio);
        assert_eq!(row["reason"], "allocation_ambiguous", "{row}");
        assert_eq!(scene.codes_on(&format!("credit:{provvisorio}")), ["allocation_ambiguous"]);
    }
    for iuv in [IUV_A, IUV_B] {
        assert_eq!(payment(&scene, iuv, "state"), "credited", "the money is here");
        assert_eq!(payment(&scene, iuv, "provvisorio"), Value::Null);
    }
}

#[test]
fn of_a_flow_partly_credited_the_lines_that_make_the_credit_are_credited() {
    for (amount, states, provvisori) in [
        ("57.00", ["reported", "credited"], [Value::Null, json!("2026/123")]),
        ("56.99", ["reported", "reported"], [Value::Null, Value::Null]),
    ] {
        let scene = province_with(Some(("2026/118", "definitive")));
        let credits = [(123, amount, &*causale(1))];
        scene.put("journals/02.xml", journal("2026-03-02", &credits).as_bytes());
        run(&scene, AS_OF);
        assert_eq!([IUV_A, IUV_B].map(|iuv| payment(&scene, iuv, "state")), states, "{amount}");
        assert_eq!(
            [IUV_A, IUV_B].map(|iuv| payment(&scene, iuv, "provvisorio")),
            provvisori,
            "{amount}"
        );
        let positions = scene.rows("positions");
        assert_eq!([&positions[0]["state"], &positions[1]["state"]], states, "{amount}");
        let flows = scene.rows("flows");
        let flow = flows.iter().find(|flow| flow["iuf"] == PAID_FLOW).unwrap();
        assert_eq!(flow["state"], "partially_credited");
        // What is short contradicts the flow, whichever lines were paid.
        assert_eq!(scene.rows("credits")[0]["state"], "anomaly");
        let proposed: Vec<_> =
            scene.rows("proposals").iter().map(|row| row["reason"].clone()).collect();
        let expected = if provvisori[1].is_null() { vec![] } else { vec![json!("anomaly_open")] };
        assert_eq!(proposed, expected, "{amount}");
    }
}

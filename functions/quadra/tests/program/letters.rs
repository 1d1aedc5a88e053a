//! Whom the report says to write to, and what stands in the letters.

use std::fs;

use crate::scene::{
    AS_OF, IUV_C, PAID_FLOW, PROVINCE, Scene, UNPAID_FLOW, configuration, flow, journal, text,
};

/// The small Province with a provvisorio that came twice with different amounts, and a flow that
/// came twice with different lines.
fn scene() -> Scene {
    let scene = Scene::province();
    let causale = format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{PAID_FLOW}");
    scene.put("journals/03.xml", journal("2026-03-03", &[(123, "58.00", &causale)]).as_bytes());
    let other = flow(UNPAID_FLOW, "23:10:06", &[(IUV_C, "iur-c", "30.01")]);
    scene.put("flows/zz-other.xml", other.as_bytes());
    let config = configuration(PROVINCE, "Provincia di Prova", true);
    fs::write(scene.path("quadra.toml"), config).unwrap();
    let ran = scene.run_with_configuration(AS_OF);
    assert_eq!(ran.code, 2, "{ran:?}");
    scene
}

#[test]
fn every_addressee_has_one_name_and_gets_one_letter() {
    let scene = scene();
    let mut told = Vec::new();
    for anomaly in scene.rows("anomalies") {
        let Some(message) = anomaly.get("message").map(text) else { continue };
        let name = text(&anomaly["competence"]["name"]);
        assert!(
            message.starts_with(&format!(
                "Mittente: Provincia di Prova, codice fiscale {PROVINCE}\nDestinatario: {name}\n"
            )),
            "{message}"
        );
        told.push((text(&anomaly["code"]), name));
    }
    let bank = "Banca di Prova (PSPPROV1)";
    for (code, name) in [
        ("credit_conflict", "Tesoriere (ABI 09999)"),
        ("fdr_without_credit", bank),
        ("version_conflict", bank),
    ] {
        assert!(told.contains(&(code.to_owned(), name.to_owned())), "{code}: {told:?}");
    }
    let page = fs::read_to_string(scene.path("out/report.html")).unwrap();
    for name in ["Tesoriere (ABI 09999)", bank] {
        assert_eq!(page.matches(&format!("Destinatario: {name}\n")).count(), 1, "{name}");
    }
}

#[test]
fn a_conflict_names_both_amounts_and_the_refused_flow_its_identifier() {
    let scene = scene();
    let message = |code: &str| {
        let rows = scene.rows("anomalies");
        text(&rows.iter().find(|row| row["code"] == code).unwrap()["message"])
    };
    let conflict = message("credit_conflict");
    assert!(conflict.contains("- registrato: 58,00\u{A0}€ il 03/03/2026\n"), "{conflict}");
    assert_eq!(conflict.matches("- registrato: ").count(), 2, "{conflict}");
    let refused = message("version_conflict");
    assert!(refused.contains(&format!("(IUF): {UNPAID_FLOW}\n")), "{refused}");
}

//! The texts as a citizen reads them, and the texts that are refused.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use domain::campaign::Kind;
use domain::money::Cents;
use jiff::civil::date;
use messages::{MARKDOWN_UNITS, SUBJECT_UNITS, Template, Text, Values, builtin, units};

const CONTACTS: &str = "Ufficio sanzioni, tel. 050 000000, sanzioni@provincia.example";

/// What every message is filled with; what there is not always is added by each test.
fn values() -> Values {
    Values::default()
        .text("contatti", CONTACTS)
        .text("numero", "123/2026")
        .date("data_verbale", date(2026, 1, 15))
        .amount("importo", Cents::new(5_700))
        .text("codice_avviso", "301000000000012474")
        .date("scadenza", date(2026, 4, 7))
        .date("scadenza_sconto", date(2026, 2, 9))
        .date("data_calcolo", date(2026, 4, 20))
        .date("data_pagamento", date(2026, 4, 10))
        .date("data_notifica", date(2026, 2, 4))
        .date("data_invito", date(2026, 7, 10))
        .date("data_registrazione", date(2026, 3, 27))
        .date("data_trasmissione", date(2026, 5, 4))
        .date("data_invio", date(2026, 3, 30))
        .text("punti", "3")
        .text("oggetto", "canone di concessione")
        .text("causale", "canone di concessione, anno 2026, pratica C-1")
        .title("titolo", "Sanzione Codice della Strada: il pagamento è in scadenza")
}

/// What the kinds that need more are filled with.
fn values_of(kind: Kind) -> Values {
    match kind {
        Kind::Remainder => values().amount("versato", Cents::new(5_700)),
        Kind::DriverData => values()
            .date("scadenza_dati", date(2026, 4, 7))
            .address("url_modulo", "https://provincia.example/dati-conducente"),
        // The term is not always told.
        Kind::Invitation => values().text("scadenza", ""),
        _ => values(),
    }
}

fn filled(kind: Kind, values: &Values) -> Text {
    let text = builtin(kind).fill(values).unwrap();
    let read = &text.markdown;
    assert!(SUBJECT_UNITS.contains(&units(&text.subject)), "{}", text.subject);
    assert!(MARKDOWN_UNITS.contains(&units(read)), "{read}");
    for never in ["{", "}", "  ", "\n\n\n", "---", "None", "undefined", " .", " ,", "()"] {
        assert!(!read.contains(never), "{}: {never:?} in {read}", kind.code());
    }
    assert!(read.contains(CONTACTS), "{read}");
    text
}

#[test]
fn the_reminder_of_the_term_reads_so() {
    let text = filled(Kind::DueSoon, &values());
    assert_eq!(text.subject, "Sanzione Codice della Strada: il pagamento è in scadenza");
    assert_eq!(
        text.markdown,
        "Hai tempo fino al **07/04/2026** per pagare in misura ridotta il verbale n. 123/2026 del \
         15/01/2026.\n\n\
         **Importo:** 57,00 €, spese comprese\n\n\
         **Entro il:** 07/04/2026\n\n\
         Puoi pagare da questo messaggio o con tutti i canali pagoPA, usando il codice avviso \
         301000000000012474. Dopo questa data la legge prevede un importo più alto (art. 203, \
         comma 3, del Codice della Strada).\n\n\
         Se il verbale è stato notificato tramite SEND, al momento del pagamento l'importo può \
         essere aggiornato con i costi di notifica.\n\n\
         Questo messaggio è un promemoria e non è una notifica: termini e modalità per pagare o \
         per fare ricorso sono quelli del verbale che ti è già stato notificato. Se hai già pagato \
         o hai presentato ricorso, ignora questo messaggio. Per chiarimenti: Ufficio sanzioni, \
         tel. 050 000000, sanzioni@provincia.example."
    );
}

#[test]
fn every_kind_is_complete_without_what_there_is_not_always() {
    for kind in Kind::ALL {
        filled(kind, &values_of(kind));
    }
}

#[test]
fn what_there_is_not_always_is_told_where_there_is() {
    let of = values_of;
    let form = "https://provincia.example/dati-conducente";
    for (kind, values, told, not_told) in [
        (
            Kind::Remainder,
            of(Kind::Remainder).flag("in_ritardo"),
            "Il pagamento è arrivato dopo il termine previsto: la somma versata vale come acconto",
            "per un importo inferiore",
        ),
        (
            Kind::Remainder,
            of(Kind::Remainder),
            "Il pagamento è arrivato per un importo inferiore a quello dovuto: la somma",
            "dopo il termine",
        ),
        (
            Kind::PreEnforcement,
            of(Kind::PreEnforcement).amount("versato", Cents::new(123_450)),
            "(metà del massimo previsto, più le spese, meno 1.234,50 € già versati)",
            "non risulta pagato.",
        ),
        (
            Kind::PreEnforcement,
            of(Kind::PreEnforcement),
            "notificato il 04/02/2026, non risulta pagato. Prima di avviare",
            "già versati",
        ),
        (
            Kind::DriverData,
            of(Kind::DriverData).text("targa", "AB123CD"),
            "chi guidava il veicolo AB123CD per il verbale n. 123/2026",
            "Se hai già pagato",
        ),
        (
            Kind::DriverData,
            of(Kind::DriverData),
            "chi guidava il veicolo per il verbale n. 123/2026",
            "AB123CD",
        ),
        (
            Kind::PaymentRecorded,
            of(Kind::PaymentRecorded)
                .date("scadenza_dati", date(2026, 4, 7))
                .address("url_modulo", form),
            "va trasmesso entro il 07/04/2026 — [vai al modulo](https://provincia.example/",
            "ricorso",
        ),
        (
            Kind::PaymentRecorded,
            of(Kind::PaymentRecorded),
            "la pratica è chiusa.\n\nLa ricevuta pagoPA",
            "modulo",
        ),
        (Kind::PointsSent, of(Kind::PointsSent), "decurtazione di 3 punti dalla", "un punto"),
        (
            Kind::PointsSent,
            of(Kind::PointsSent).text("punti", "1"),
            "decurtazione di un punto dalla",
            "1 punti",
        ),
        (
            Kind::Invitation,
            of(Kind::Invitation).date("scadenza", date(2026, 4, 30)),
            "**Importo:** 57,00 €\n\n**Entro il:** 30/04/2026\n\nPuoi pagare",
            "verbale",
        ),
        (Kind::Invitation, of(Kind::Invitation), "57,00 €\n\nPuoi pagare", "Entro il"),
        (
            Kind::Correction,
            of(Kind::Correction).flag("avviso_annullato").text("correzione", "scade il 9 aprile"),
            "ignora il suo contenuto, compreso l'avviso di pagamento, che abbiamo annullato.\n\n\
             Il dato corretto è: scade il 9 aprile.\n\nCi scusiamo",
            "verbale",
        ),
        (
            Kind::Correction,
            of(Kind::Correction),
            "del 30/03/2026 ti è stato inviato per errore: ignora il suo contenuto.\n\nCi scusiamo",
            "annullato",
        ),
    ] {
        let text = filled(kind, &values).markdown;
        assert!(text.contains(told), "{}: {told}\n{text}", kind.code());
        assert!(!text.contains(not_told), "{}: {not_told}\n{text}", kind.code());
    }
}

#[test]
fn no_title_names_anybody() {
    for kind in Kind::ALL {
        let values = values_of(kind).text("targa", "AB123CD");
        let title = filled(kind, &values).subject;
        for personal in ["123/2026", "AB123CD", "301000000000012474", "57,00"] {
            assert!(!title.contains(personal), "{title}");
        }
    }
}

#[test]
fn data_cannot_change_the_form_of_a_message() {
    let values = values_of(Kind::DriverData).text("targa", "[X](http://x)\n\n# ---\n![y](z) <b>");
    let text = builtin(Kind::DriverData).fill(&values).unwrap().markdown;
    assert!(text.contains(r"il veicolo \[X\](http://x) \# -\-\- !\[y\](z) \<b\> per il"), "{text}");
    assert!(!text.contains("---"), "{text}");
}

#[test]
fn an_errata_corrige_quotes_a_long_title_cut() {
    let values = values_of(Kind::Correction).title("titolo", &"è".repeat(200));
    let title = filled(Kind::Correction, &values).subject;
    assert_eq!(title, format!("Errata corrige: {}…", "è".repeat(99)));
}

/// An organization's own text that keeps every rule.
const OWN: (&str, &str) = (
    "La tua sanzione scade tra poco",
    "Il verbale n. {{ numero }} del {{ data_verbale }} si paga entro il {{ scadenza }}: {{ importo }} \
     euro.\n\nNon è una notifica. Se hai già pagato o hai fatto ricorso, non fare nulla. \
     Scrivi a {{ contatti }}.",
);

#[test]
fn an_organization_may_have_its_own_text() {
    let template = Template::new(Kind::DueSoon, OWN.0, OWN.1).unwrap();
    let text = template.fill(&values()).unwrap();
    assert!(text.markdown.starts_with("Il verbale n. 123/2026 del 15/01/2026 si paga entro"));
    assert_ne!(template.version(), builtin(Kind::DueSoon).version());
    assert!(template.version().starts_with("in_scadenza-"), "{}", template.version());
    let other = Template::new(Kind::DueSoon, OWN.0, &OWN.1.replace("nulla", "niente")).unwrap();
    assert_ne!(template.version(), other.version(), "another text has another version");
}

#[test]
fn a_text_that_breaks_a_rule_is_refused_with_the_rule() {
    let text = |from: &str, to: &str| (OWN.0.to_owned(), OWN.1.replace(from, to));
    let more = |more: &str| (OWN.0.to_owned(), format!("{}\n\n{more}", OWN.1));
    let title = |title: &str| (title.to_owned(), OWN.1.to_owned());
    for ((subject, markdown), rule) in [
        (title("Scadenza"), "10 to 120 UTF-16 units"),
        (title(&"😀".repeat(61)), "10 to 120 UTF-16 units"),
        (title("Verbale {{ numero }} in scadenza"), "must not name {{ numero }}"),
        (title("Per {{ targa }}, in scadenza"), "must not name {{ targa }}"),
        (more("{{ targa }}"), "there is no {{ targa }}"),
        (more("{{ numero"), "syntax"),
        (more("{% if %}"), "syntax"),
        (more(&"a".repeat(10_000)), "80 to 10000 UTF-16 units"),
        (more(&"a".repeat(20_000)), "at most 20000 bytes"),
        (more("---"), "no ---"),
        (more("<b>Attenzione</b>"), "no HTML"),
        (more("![stemma](https://x.example/s.png)"), "no pictures"),
        (more("| a | b |"), "no tables"),
        (more("Con la presente ti  **notifichiamo** il verbale."), "never «ti notifichiamo»"),
        (more("Si notifica il verbale."), "never «si notifica»"),
        (more("Ti ingiungiamo di pagare."), "never «ingiung»"),
        (more("Ti diffidiamo."), "never «diffid»"),
        (more("È una messa in mora."), "never «messa in mora»"),
        (more("Ultimo avviso!"), "never «ultimo avviso»"),
        (more("Seguirà il pignoramento."), "never «pignora»"),
        (more("Seguirà il fermo amministrativo."), "never «fermo amministrativo»"),
        (more("Hai commesso una violazione."), "never «hai commesso»"),
        (text("{{ importo }}", "57"), "must always tell {{ importo }}"),
        (text("{{ scadenza }}", "domani"), "must always tell {{ scadenza }}"),
        (text("{{ contatti }}", "noi"), "must always tell {{ contatti }}"),
        (text("{{ importo }}", "{% if false %}{{ importo }}{% endif %}"), "tell {{ importo }}"),
        (text("Non è una notifica. ", ""), "always «non è una notifica»"),
        (text("o hai fatto ricorso", ""), "always «ricorso»"),
        (text("hai già pagato o ", ""), "always «già pagato»"),
        (text("Il verbale", "Buongiorno.\n\nIl verbale"), "the first paragraph"),
    ] {
        let refused = Template::new(Kind::DueSoon, &subject, &markdown).unwrap_err().to_string();
        assert!(refused.contains(rule), "{rule}: {refused}");
        assert!(refused.starts_with("the text of in_scadenza: "), "{refused}");
    }
}

#[test]
fn who_must_send_the_form_is_not_told_to_ignore_it() {
    let own = "Il verbale n. {{ numero }} del {{ data_verbale }}: manda il modulo entro il \
               {{ scadenza_dati }} da {{ url_modulo }}, che al {{ data_calcolo }} non c'è. Non è \
               una notifica. Se c'è un ricorso dillo a {{ contatti }}. Se hai già pagato ignoralo.";
    let refused = Template::new(Kind::DriverData, "Dati del conducente", own).unwrap_err();
    assert!(refused.to_string().contains("the form is due all the same"), "{refused}");
}

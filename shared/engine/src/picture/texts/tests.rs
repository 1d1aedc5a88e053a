//! The message of every code, with all that can be known and with as little as there can be.

use std::collections::BTreeMap;

use domain::anomaly::{Code, Party};
use jiff::civil::date;
use report::row::Candidate;

use super::{Sender, action, explanation, message};
use crate::picture::finding::{About, Finding};

const SENDER: Sender<'_> = Sender {
    name: "Provincia di Prova",
    fiscal_code: "01234567897",
    contacts: Some("Ufficio ragioneria, tel. 050 000000"),
};
const ALONE: Sender<'_> = Sender { contacts: None, ..SENDER };

fn key() -> domain::payment::PaymentKey {
    domain::payment::PaymentKey {
        iuv: "01000000000012373".parse().unwrap(),
        iur: "IUR-1".parse().unwrap(),
        index: 1,
    }
}

fn euros(text: &str) -> domain::money::Cents {
    text.parse().unwrap()
}

/// Whoever must act, of a kind that is written to.
fn party(code: Code) -> Party {
    match code {
        Code::PositionUnknown => Party::Psp,
        code => code.party(),
    }
}

fn finding(code: Code, subject: &str, about: About) -> Finding {
    Finding {
        organization: "01234567897".parse().unwrap(),
        code,
        subject: subject.into(),
        amount: None,
        since: date(2026, 3, 2),
        party: party(code),
        name: None,
        evidence: Vec::new(),
        about,
        closed_by: None,
    }
}

/// What a finding of a code always has.
fn poor(code: Code) -> Finding {
    let mut about = About::default();
    let subject = subject(code);
    match subject.split_once(':').unwrap().0 {
        "credit" => about.provvisorio = Some("2026/123".parse().unwrap()),
        "flow" => about.iuf = Some("2026-03-02BPROITMM-S01".into()),
        "payment" => {
            about.payment = Some(key());
            about.iuv = Some(key().iuv.to_string());
        }
        "journal" => about.journal = Some(("GDC-7".into(), date(2026, 3, 2))),
        _ => about.file = Some("f001.xml".into()),
    }
    finding(code, subject, about)
}

/// A finding of a code with everything that can be known of it.
fn full(code: Code) -> Finding {
    let Finding { about, .. } = poor(code);
    let mut about = About {
        expected: Some(euros("1234.50")),
        found: Some(euros("1234.51")),
        due: Some(date(2026, 3, 4)),
        ..about
    };
    let kind = subject(code).split_once(':').unwrap().0;
    if matches!(kind, "credit" | "flow" | "payment") {
        about.iuf = Some("2026-03-02BPROITMM-S01".into());
        about.psp = Some("Banca di Prova (BPROITMM)".into());
        about.transfer = Some("TRN-9".into());
    }
    match kind {
        "credit" => {
            about.credit_date = Some(date(2026, 3, 2));
            about.account = Some("0000123".into());
            about.remittance = Some("/PUR/LGPE-RIVERSAMENTO/URI/2026-03".into());
            about.iuv = Some("01000000000012373".into());
        }
        "flow" => {
            about.flow_date = Some(date(2026, 3, 3));
            about.settled_on = Some(date(2026, 3, 2));
            about.counts = (code == Code::FdrCountMismatch).then_some((3, 2));
        }
        "payment" => {
            about.notice = Some("301000000000012373".into());
            about.paid_on = Some(date(2026, 3, 1));
            about.detail = Some("7".into());
        }
        "journal" => about.detail = Some("manca la pagina 2 di 3".into()),
        _ => about.iuf = Some("2026-03-02BPROITMM-S01".into()),
    }
    about.related = match code {
        Code::CreditConflict => {
            vec![("registrato", super::booked(date(2026, 3, 3), "58.00".parse().unwrap()))]
        }
        Code::ReversedAfterRegularisation => {
            vec![("reversale", super::reversale(45, date(2026, 3, 5), "57.00".parse().unwrap()))]
        }
        Code::CreditDuplicated => {
            vec![("altro provvisorio dello stesso flusso", "n. 2026/99".into())]
        }
        Code::PaymentReportedTwice | Code::RowDuplicatedInFlow => vec![
            ("riportato nel flusso", "PRIMO".into()),
            ("riportato nel flusso", "SECONDO".into()),
        ],
        _ => Vec::new(),
    };
    if matches!(code, Code::IufTruncated | Code::AmbiguousCausale) {
        about.candidates = vec![Candidate {
            subject: "flow:BPROITMM:2026-03-02BPROITMM-S99".into(),
            score: 90,
            reasons: Vec::new(),
        }];
    }
    let name = Some("Destinatario di Prova".to_owned());
    Finding { name, amount: Some(euros("57.00")), ..finding(code, subject(code), about) }
}

fn subject(code: Code) -> &'static str {
    match code {
        Code::CreditWithoutFdr
        | Code::CreditNotPagopa
        | Code::CreditAmountMismatch
        | Code::CreditDuplicated
        | Code::CreditConflict
        | Code::CreditNegative
        | Code::PaymentNotFound
        | Code::IufTruncated
        | Code::IufUnreadable
        | Code::IufTooLong
        | Code::AmbiguousCausale
        | Code::ReversedAfterRegularisation
        | Code::AllocationAmbiguous => "credit:2026/123",
        Code::FdrWithoutCredit
        | Code::FdrTotalMismatch
        | Code::FdrCountMismatch
        | Code::LateRevision
        | Code::RevisionAfterClose => "flow:BPROITMM:2026-03-02BPROITMM-S01",
        Code::JournalIncomplete | Code::JournalTotalsMismatch => "journal:GDC-7",
        Code::VersionConflict => "file:abc",
        _ => "payment:01000000000012373/IUR-1/1",
    }
}

/// What whoever receives a message must find in it, code by code; those without a line are never
/// sent to anybody.
fn required() -> BTreeMap<Code, Vec<&'static str>> {
    const IUF: &str = "- identificativo flusso (IUF): 2026-03-02BPROITMM-S01\n";
    const CREDIT: &str = "- provvisorio di entrata: n. 2026/123 del 02/03/2026\n";
    const ACCOUNT: &str = "- conto: 0000123\n";
    const CAUSALE: &str = "- causale ricevuta: «/PUR/LGPE-RIVERSAMENTO/URI/2026-03»\n";
    const TRN: &str = "- identificativo del bonifico (TRN o CRO): TRN-9\n";
    const SETTLED: &str = "- data di regolamento: 02/03/2026\n";
    const IUV: &str = "- IUV: 01000000000012373\n";
    const IUR: &str = "- IUR: IUR-1\n";
    const NOTICE: &str = "- numero di avviso: 301000000000012373\n";
    const PAID: &str = "- data di pagamento: 01/03/2026\n";
    const AMOUNT: &str = "- importo: 57,00\u{A0}€\n";
    const DUE: &str = "- termine: 04/03/2026\n";
    let payment = |more: &[&'static str]| [&[IUV, IUR, NOTICE, PAID], more].concat();
    BTreeMap::from([
        (Code::CreditWithoutFdr, vec![IUF, CREDIT, ACCOUNT, CAUSALE, TRN, AMOUNT, DUE]),
        (
            Code::CreditAmountMismatch,
            vec![
                IUF,
                CREDIT,
                TRN,
                "- importo atteso: 1.234,50\u{A0}€\n",
                "- importo accreditato: 1.234,51\u{A0}€\n",
                "- differenza: 57,00\u{A0}€\n",
                "più del dovuto",
                "l'eccedenza",
            ],
        ),
        (Code::CreditDuplicated, vec![CREDIT, ACCOUNT, TRN, AMOUNT, "n. 2026/99"]),
        (Code::CreditConflict, vec![CREDIT, ACCOUNT, "- registrato: 58,00\u{A0}€ il 03/03/2026\n"]),
        (Code::CreditNegative, vec![CREDIT, ACCOUNT, AMOUNT]),
        (Code::PaymentNotFound, vec![CREDIT, IUV, TRN, CAUSALE, AMOUNT]),
        (
            Code::IufTruncated,
            vec![CREDIT, CAUSALE, AMOUNT, "- flusso possibile (IUF): 2026-03-02BPROITMM-S99\n"],
        ),
        (Code::IufUnreadable, vec![CREDIT, CAUSALE, AMOUNT]),
        (Code::IufTooLong, vec![CREDIT, CAUSALE, AMOUNT]),
        (
            Code::AmbiguousCausale,
            vec![CREDIT, CAUSALE, "- flusso possibile (IUF): 2026-03-02BPROITMM-S99\n"],
        ),
        (
            Code::JournalIncomplete,
            vec![
                "giornale di cassa: GDC-7\n",
                "data di riferimento: 02/03/2026\n",
                "pagina 2 di 3",
            ],
        ),
        (
            Code::JournalTotalsMismatch,
            vec!["giornale di cassa: GDC-7\n", "data di riferimento: 02/03/2026\n"],
        ),
        (
            Code::ReversedAfterRegularisation,
            vec![CREDIT, ACCOUNT, "- reversale: n. 45 del 05/03/2026 per 57,00\u{A0}€\n"],
        ),
        (Code::FdrWithoutCredit, vec![IUF, TRN, SETTLED, "- da accreditare: 57,00\u{A0}€\n", DUE]),
        (
            Code::FdrTotalMismatch,
            vec![
                IUF,
                "- totale dichiarato: 1.234,50\u{A0}€\n",
                "- somma delle righe: 1.234,51\u{A0}€\n",
                "- differenza: 57,00\u{A0}€\n",
            ],
        ),
        (
            Code::FdrCountMismatch,
            vec![IUF, "- pagamenti dichiarati: 3\n", "- pagamenti nelle righe: 2\n"],
        ),
        (Code::RowDuplicatedInFlow, payment(&[IUF, "compare 2 volte", "PRIMO", "SECONDO", AMOUNT])),
        (Code::PaymentReportedTwice, payment(&[IUF, "PRIMO", "SECONDO", AMOUNT])),
        (Code::OutcomeUnknown, payment(&[IUF, "(7)", AMOUNT])),
        (Code::LateRevision, vec![IUF, "- data del flusso: 03/03/2026\n", DUE]),
        (
            Code::RowAmountMismatch,
            payment(&[
                IUF,
                "- importo della ricevuta: 1.234,50\u{A0}€\n",
                "- importo nel flusso: 1.234,51\u{A0}€\n",
            ]),
        ),
        (Code::ReceiptMissing, payment(&[IUF, AMOUNT])),
        (Code::ReceiptWithoutFdr, payment(&[AMOUNT, DUE])),
        (Code::PositionUnknown, payment(&[IUF, AMOUNT, "cifre di controllo"])),
        (Code::VersionConflict, vec![IUF, "- file: f001.xml\n"]),
    ])
}

fn text(finding: &Finding, sender: Sender<'_>) -> Option<String> {
    message(finding, sender).map(|message| message.to_string())
}

#[test]
fn a_message_has_all_that_its_addressee_needs() {
    let required = required();
    for code in Code::ALL {
        let text = text(&full(code), SENDER);
        assert_eq!(text.is_some(), required.contains_key(&code), "{code:?}");
        for part in required.get(&code).into_iter().flatten() {
            let text = text.as_deref().unwrap();
            assert!(text.contains(part), "{code:?} lacks {part:?}:\n{text}");
        }
    }
}

#[test]
fn a_message_says_who_writes_and_to_whom() {
    let whole = text(&full(Code::FdrWithoutCredit), SENDER).unwrap();
    assert!(
        whole.starts_with(
            "Mittente: Provincia di Prova, codice fiscale 01234567897\n\
             Destinatario: Destinatario di Prova\nOggetto: Flusso senza accredito\n\n"
        ),
        "{whole}"
    );
    assert!(
        whole.ends_with(
            "\n\nCordiali saluti\nProvincia di Prova\nUfficio ragioneria, tel. 050 000000"
        ),
        "{whole}"
    );
    let alone = text(&poor(Code::CreditNegative), ALONE).unwrap();
    assert!(alone.contains("\nDestinatario: Tesoriere\n"), "{alone}");
    assert!(alone.ends_with("\n\nCordiali saluti\nProvincia di Prova"), "{alone}");
}

#[test]
fn no_text_has_gaps_english_or_decimal_points() {
    for finding in Code::ALL.into_iter().flat_map(|code| [poor(code), full(code)]) {
        let code = finding.code;
        let message = text(&finding, SENDER).unwrap_or_default();
        let all = format!("{}\n{}\n{message}", explanation(&finding), action(&finding));
        for gap in ["  ", " .", " ,", "—", "..", "()", ": .", "«»"] {
            assert!(!all.contains(gap), "{code:?} has {gap:?}:\n{all}");
        }
        for english in [" the ", " of ", " is ", "missing", "unknown", "None", "Some("] {
            assert!(!all.contains(english), "{code:?} has {english:?}:\n{all}");
        }
        assert!(!has_decimal_point(&all), "{code:?}:\n{all}");
        if let Some((_, references)) = message.split_once("Riferimenti:\n") {
            assert!(references.starts_with("- "), "{code:?} refers to nothing:\n{message}");
        }
    }
}

/// `12.50`, but not `1.234` nor `12.50.3`.
fn has_decimal_point(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (1..bytes.len()).any(|at| {
        bytes[at] == b'.' && digit(at - 1) && digit(at + 1) && digit(at + 2) && !digit(at + 3)
    })
}

#[test]
fn too_little_and_too_much_are_asked_for_differently() {
    let mut finding = full(Code::CreditAmountMismatch);
    let (expected, found) = (finding.about.found, finding.about.expected);
    (finding.about.expected, finding.about.found) = (expected, found);
    finding.amount = Some(euros("-0.01"));
    let text = text(&finding, SENDER).unwrap();
    assert!(text.contains("meno del dovuto"), "{text}");
    assert!(text.contains("- differenza: \u{2212}0,01\u{A0}€\n"), "{text}");
    assert!(text.contains("Si chiede di accreditare la differenza"), "{text}");
}

#[test]
fn a_causale_that_was_read_after_all_asks_for_no_identifier() {
    let mut finding = full(Code::IufTooLong);
    finding.about.matched = true;
    let text = text(&finding, SENDER).unwrap();
    assert!(text.contains("Per questo accredito non serve altro."), "{text}");
    assert!(!text.contains("Si chiede di comunicare"), "{text}");
}

#[test]
fn a_negative_amount_keeps_its_sign() {
    let finding = Finding { amount: Some(euros("-57.00")), ..full(Code::CreditNegative) };
    let text = text(&finding, SENDER).unwrap();
    assert!(text.contains("- importo: \u{2212}57,00\u{A0}€"), "{text}");
}

#[test]
fn dates_take_the_article_that_is_spoken() {
    for (article, day, said) in [
        ("il", 7, "il 07/04/2026"),
        ("il", 8, "l'08/04/2026"),
        ("del", 11, "dell'11/04/2026"),
        ("al", 11, "all'11/04/2026"),
        ("al", 18, "al 18/04/2026"),
    ] {
        assert_eq!(super::dated(article, date(2026, 4, day)), said);
    }
}

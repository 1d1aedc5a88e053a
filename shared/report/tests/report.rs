//! A small report, worked out by hand, in every form that it is written in.
#![allow(clippy::unwrap_used, reason = "where a value is missing the test must fail")]

mod rows;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::sync::{Arc, Mutex};

use calamine::{Data, DataType, Reader, Xlsx};
use domain::money::Cents;
use report::row::{AnomalyRow, Conservation, CreditRow};
use report::{Classifications, Closing, Files, ReportError, ReportWriter};

/// Files in memory, shown only when published.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

struct Draft {
    name: String,
    bytes: Vec<u8>,
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Files for Memory {
    type File = Draft;

    fn create(&self, name: &str) -> io::Result<Draft> {
        Ok(Draft { name: name.into(), bytes: Vec::new() })
    }

    fn publish(&self, files: Vec<Draft>) -> io::Result<()> {
        let mut shown = self.0.lock().unwrap();
        shown.extend(files.into_iter().map(|draft| (draft.name, draft.bytes)));
        Ok(())
    }
}

impl Memory {
    fn text(&self, name: &str) -> String {
        String::from_utf8(self.0.lock().unwrap()[name].clone()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    fn book(&self) -> Xlsx<Cursor<Vec<u8>>> {
        Xlsx::new(Cursor::new(self.0.lock().unwrap()["quadra.xlsx"].clone())).unwrap()
    }
}

fn closing() -> Closing<'static> {
    Closing {
        organizations: rows::organizations(),
        coverage: rows::coverage(),
        intermediaries: rows::intermediaries(),
        conservation: Conservation {
            credits_in: Cents::new(123_450),
            matched: Cents::new(100_000),
            proposed: Cents::ZERO,
            unexplained: Cents::new(23_450),
            reversed: Cents::ZERO,
        },
    }
}

/// Two provvisori, one flow, two payments, two positions, two anomalies and the rest once.
fn small() -> Memory {
    let memory = Memory::default();
    let mut writer = ReportWriter::new(memory.clone(), rows::as_of()).unwrap();
    let mut classifications = Classifications::create(&memory).unwrap();
    for credit in [rows::matched_credit(), rows::hostile_credit()] {
        classifications.credit(&credit).unwrap();
    }
    classifications.flow(&rows::flow());
    for payment in [rows::credited_payment(), rows::revoked_payment()] {
        classifications.payment(&payment).unwrap();
    }
    writer.input(&rows::refused_input()).unwrap();
    writer.credit(&rows::matched_credit()).unwrap();
    writer.credit(&rows::hostile_credit()).unwrap();
    writer.flow(&rows::flow()).unwrap();
    writer.payment(&rows::credited_payment()).unwrap();
    writer.payment(&rows::revoked_payment()).unwrap();
    writer.position(&rows::unpaid_position()).unwrap();
    writer.position(&rows::refundable_position()).unwrap();
    writer.anomaly(&rows::open_anomaly()).unwrap();
    writer.anomaly(&rows::closed_anomaly()).unwrap();
    writer.proposal(&rows::held_proposal()).unwrap();
    writer.psp(&rows::psp_month()).unwrap();
    writer.finish(&closing(), classifications).unwrap();
    memory
}

#[test]
fn every_file_is_shown_at_the_end() {
    let kinds =
        ["anomalies", "credits", "flows", "inputs", "payments", "positions", "proposals", "psp"];
    let mut expected: Vec<String> =
        kinds.iter().flat_map(|kind| [format!("{kind}.csv"), format!("{kind}.jsonl")]).collect();
    let alone = ["classificazioni.csv", "quadra.xlsx", "report.html", "summary.json"];
    expected.extend(alone.map(String::from));
    expected.sort();
    assert_eq!(small().names(), expected);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    assert!(*small().0.lock().unwrap() == *small().0.lock().unwrap());
}

#[test]
fn json_lines_have_the_names_and_forms_that_programs_rely_on() {
    let memory = small();
    for (name, expected) in rows::JSON {
        assert_eq!(memory.text(name), *expected, "{name}");
    }
}

#[test]
fn csv_is_for_italian_readers_and_safe() {
    let memory = small();
    for (name, expected) in rows::CSV {
        assert_eq!(
            memory.text(name),
            format!("\u{FEFF}{}", expected.replace('\n', "\r\n")),
            "{name}"
        );
    }
}

#[test]
fn the_summary_counts_and_adds_up() {
    let summary: serde_json::Value = serde_json::from_str(&small().text("summary.json")).unwrap();
    for (pointer, expected) in [
        ("/as_of", "2026-11-23T07:30:00+01:00"),
        ("/credits/matched/amount", "1000.00"),
        ("/credits/open/amount", "234.50"),
        ("/credits/proposed/amount", "0.00"),
        ("/flows/credited/amount", "1000.00"),
        ("/payments/revoked/amount", "-42.00"),
        ("/positions/unpaid/amount", "57.00"),
        ("/position_amounts/refundable", "42.00"),
        ("/anomalies/open/amount", "234.50"),
        ("/anomalies_by_party/psp/amount", "234.50"),
        ("/proposals_by_reason/not_definitive/amount", "1000.00"),
        ("/psp/interest", "0.41"),
        ("/conservation/unexplained", "234.50"),
        ("/coverage/0/missing_days/0", "2026-11-19"),
        // Of no partner: 958.00 with receipt and position. Of INT-A: -42.00 with neither.
        ("/intermediaries/0/explained/amount", "958.00"),
        ("/intermediaries/0/explained_percent", "100.0"),
        ("/intermediaries/1/intermediary", "INT-A"),
        ("/intermediaries/1/receipts/none/amount", "-42.00"),
        ("/intermediaries/1/explained/amount", "0.00"),
        ("/intermediaries/2/intermediary", "INT-B"),
    ] {
        assert_eq!(
            summary.pointer(pointer).and_then(serde_json::Value::as_str),
            Some(expected),
            "{pointer}"
        );
    }
    for (pointer, expected) in [
        ("/inputs/refused/count", 1),
        ("/inputs/accepted/count", 0),
        ("/credits/matched/count", 1),
        ("/anomalies/closed/count", 1),
        ("/anomalies_by_code/fdr_without_credit/count", 1),
        ("/psp/late", 2),
        ("/intermediaries/0/payments/count", 1),
        ("/intermediaries/0/with_position/count", 1),
        ("/intermediaries/1/payments/count", 1),
        ("/intermediaries/2/payments/count", 0),
    ] {
        assert_eq!(
            summary.pointer(pointer).and_then(serde_json::Value::as_u64),
            Some(expected),
            "{pointer}"
        );
    }
}

#[test]
fn the_page_is_well_formed_and_says_what_matters() {
    let page = small().text("report.html");
    well_formed(&page);
    for expected in [
        "<html lang=\"it\">",
        "lunedì 23 novembre 2026, ore 07:30",
        "1.234,50\u{A0}€ incassati = 1.000,00\u{A0}€ abbinati + 0,00\u{A0}€ proposti + \
         234,50\u{A0}€ da spiegare + 0,00\u{A0}€ stornati.",
        "1.000,00\u{A0}€ abbinati (81,0% di quanto non è stornato); 234,50\u{A0}€ non da pagoPA",
        "lettera pronta per 1 segnalazione: Banca di Prova",
        "nessun provvisorio pagoPA",
        "Chiedere al PSP gli estremi del bonifico.",
        "Destinatario: Banca di Prova\nData: 23/11/2026\nOggetto: Flusso senza accredito\n\n\
         Manca l&#39;accredito.\n\nCordiali saluti",
        "flusso IUF2",
        "scartato",
        "riga 41: importo «singoloImportoPagato»: troppi decimali",
        "il flusso può ancora cambiare: 1, 1.000,00\u{A0}€",
        "19/11/2026",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    for refused in ["<script", "http://", "https://", "<b>", "\u{202E}"] {
        assert!(!page.contains(refused), "{refused}");
    }
}

/// Every element is closed by its own name: the page is written so that XML tools read it too.
fn well_formed(page: &str) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(page);
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
}

#[test]
fn the_workbook_has_true_numbers_and_dates_and_no_formula() {
    let mut book = small().book();
    assert_eq!(
        book.sheet_names(),
        [
            "Riepilogo",
            "Da fare",
            "Provvisori",
            "Flussi",
            "Pagamenti",
            "Posizioni",
            "Anomalie",
            "Proposte",
            "PSP",
            "File scartati"
        ]
    );
    let credits = book.worksheet_range("Provvisori").unwrap();
    let row = |n: u32, column: u32| credits.get_value((n, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(row(1, 1), Data::String("Provvisorio".into()));
    assert_eq!(row(2, 1), Data::String("2026/7".into()));
    assert_eq!(row(2, 5), Data::Float(1000.0));
    assert_eq!(row(3, 5), Data::Float(234.5));
    assert_eq!(row(3, 8), Data::String("=HYPERLINK(\"x\") \u{FFFD}fdp".into()));
    // 1 January 2026 is day 46023 of Excel's calendar, 2 November comes 305 days later.
    let date = row(2, 3).get_datetime().map(|date| date.as_f64());
    assert_eq!(date, Some(46328.0));
    assert!(book.worksheet_formula("Provvisori").unwrap().is_empty());
}

#[test]
fn the_workbook_holds_only_the_payments_and_positions_to_follow() {
    let mut book = small().book();
    let payments = book.worksheet_range("Pagamenti").unwrap();
    assert_eq!(payments.height(), 3, "note, header, the revoked one");
    assert_eq!(payments.get_value((2, 4)), Some(&Data::Float(-42.0)));
    let note = payments.get_value((0, 0)).and_then(DataType::as_string).unwrap();
    assert!(note.contains("Tutti i pagamenti sono in payments.csv"), "{note}");
    let positions = book.worksheet_range("Posizioni").unwrap();
    assert_eq!(positions.height(), 3, "note, header, the one to refund");
}

#[test]
fn the_workbook_says_first_what_is_to_be_done() {
    let todo = small().book().worksheet_range("Da fare").unwrap();
    let text = |column| todo.get_value((2, column)).and_then(DataType::as_string).unwrap();
    assert_eq!(text(0), "PSP");
    assert_eq!(text(1), "Banca di Prova");
    assert_eq!(text(3), "Chiedere al PSP gli estremi del bonifico.");
    assert_eq!(todo.get_value((2, 5)), Some(&Data::Float(234.5)));
    assert_eq!(todo.get_value((2, 7)), Some(&Data::Float(20.0)), "days from 3 to 23 November");
}

#[test]
fn rows_out_of_order_or_twice_are_refused() {
    let mut writer = ReportWriter::new(Memory::default(), rows::as_of()).unwrap();
    let first = rows::matched_credit();
    writer.credit(&CreditRow { number: 10, ..first.clone() }).unwrap();
    for number in [10, 9] {
        let refused = writer.credit(&CreditRow { number, ..first.clone() });
        assert!(matches!(refused, Err(ReportError::OutOfOrder { name: "credits" })), "{number}");
    }
}

#[test]
fn money_that_is_not_conserved_shows_nothing() {
    let memory = Memory::default();
    let mut writer = ReportWriter::new(memory.clone(), rows::as_of()).unwrap();
    writer.credit(&rows::matched_credit()).unwrap();
    let refused = writer.finish(&closing(), Classifications::create(&memory).unwrap());
    assert!(matches!(refused, Err(ReportError::NotConserved { .. })));
    assert!(memory.names().is_empty());
}

#[test]
fn long_lists_are_cut_and_say_so() {
    for (anomalies, said) in [
        (200, "200 anomalie, le maggiori per prime."),
        (
            201,
            "Le righe sono le prime 200 per importo su 201 anomalie: l'elenco completo è in anomalies.csv.",
        ),
    ] {
        let memory = Memory::default();
        let mut writer = ReportWriter::new(memory.clone(), rows::as_of()).unwrap();
        for n in 0..anomalies {
            let id = format!("{n:04}").into();
            writer.anomaly(&AnomalyRow { id, ..rows::open_anomaly() }).unwrap();
        }
        let conservation = Conservation::default();
        let classifications = Classifications::create(&memory).unwrap();
        writer.finish(&Closing { conservation, ..closing() }, classifications).unwrap();
        let page = memory.text("report.html");
        assert!(page.contains(said), "{said}");
        assert_eq!(page.matches("<dt>Identificativo</dt>").count(), 200);
        assert_eq!(memory.text("anomalies.jsonl").lines().count(), anomalies);
    }
}

/// It is moved from frame to frame of a thread with a stack of 2 MiB, and cloud calls are made
/// deep below.
#[test]
fn a_writer_is_small_enough_to_be_moved() {
    let bytes = size_of::<ReportWriter<Memory>>();
    assert!(bytes <= 8 * 1024, "{bytes} bytes");
}

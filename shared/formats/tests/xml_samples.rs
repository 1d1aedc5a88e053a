//! Every XML sample of the field is read, or refused for the reason that this table gives. The
//! samples stand beside the repository; where they are absent the test says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and tell")]

use std::path::PathBuf;

use formats::{Defects, FlowRecord, Rule, flow_xml, journal, receipt};

/// What is expected of a sample.
enum Expected {
    /// So many records, and their sum in cents.
    Read(usize, i64),
    /// The first defect: its rule and field.
    Refused(Rule, &'static str),
}
use Expected::{Read, Refused};

type Counted = Result<(usize, i64), Defects>;

#[test]
fn flows() {
    const RECEIVER: &str =
        "istitutoRicevente/identificativoUnivocoRicevente/codiceIdentificativoUnivoco";
    check(
        "fdr_xml",
        count_flow,
        &[
            // 100 lines of 100.00, receiver with an apostrophe in its name.
            (
                "decoded-pagopa-fdr-2-event-hub-2025-01-2960000000001-S166691700.xml",
                Read(100, 1_000_000),
            ),
            // An answer with an empty list is no flow.
            (
                "fdr-nodo-nodoChiediElencoFlussiRendicontazione-KO_nexi.xml",
                Refused(Rule::UnknownFormat, "nodoChiediElencoFlussiRendicontazioneRisposta"),
            ),
            ("gpd-2021-07-27SELBIT2B-S003014897.xml", Read(3, 6_000)),
            // The receiver is «codIdUniv_2»: no body has such a code, so the flow is nobody's.
            ("nodo-T114-solo-obbligatori.filled.xml", Refused(Rule::Identifier, RECEIVER)),
            // Codes 9, 3, 9, 8 and 4, the revocation written positive.
            ("nodo-postman-codes-9-3-9-8-4.filled.xml", Read(5, 5_000)),
            // The same line twice, and revisioneFlusso: both are facts.
            ("p4pa-2024-04-07ABI03062-315V900103811327.1.xml", Read(2, 30_000)),
            ("p4pa-feature-template.payment_reporting.outcome-0.filled.xml", Read(2, 15_000)),
            ("p4pa-feature-template.payment_reporting.outcome-9.filled.xml", Read(2, 15_000)),
            // No XML declaration.
            ("sanp-2021-11-21ABI00000-AABB648200001295.xml", Read(1, 123_456)),
        ],
    );
}

#[test]
fn journals() {
    // The two SOSPESO ENTRATA rows (5015.87 and 4276.20); the two MANDATO rows are only counted.
    check(
        "giornale_di_cassa",
        count_journal,
        &[
            ("p4pa-OPI_GIORNALE_DI_CASSA_V_1_4.VALID.xml", Read(2, 929_207)),
            ("p4pa-OPI_GIORNALE_DI_CASSA_V_1_6_1.VALID.xml", Read(2, 929_207)),
            // «pagina» is 0, where pages are counted from 1: nothing else is wrong with it.
            ("p4pa-OPI_GIORNALE_DI_CASSA_V_1_8.INVALID.xml", Refused(Rule::ControlTotal, "pagina")),
            // Its totals are all 0.00 beside a movement of 150.00: an anomaly, not a defect.
            ("p4pa-feature-template.treasury_opi.filled.xml", Read(1, 15_000)),
        ],
    );
}

#[test]
fn receipts() {
    check(
        "receipt",
        count_receipt,
        &[
            ("gpd-postman-2-transfers.xml", Read(2, 3_000)),
            ("p4pa-RECEIPT_VALID.xml", Read(2, 3_000)),
            ("sanp-paSendRTReq.ns-declared.xml", Read(2, 3_000)),
            ("sanp-paSendRTV2Request.ns-declared.xml", Read(2, 3_000)),
        ],
    );
    check(
        "rt",
        count_receipt,
        &[
            ("nodo-PAG-2346-piu-pagamenti.filled.xml", Read(3, 1_100)),
            ("nodo-RT_syntax_ok.filled.xml", Read(1, 1_000)),
            ("nodo-T003-default-namespace.filled.xml", Read(1, 1_000)),
            // Outcome 2: what has an amount was paid.
            ("nodo-T005-esito-2.filled.xml", Read(1, 100)),
            // A fiscal code masked with asterisks is a fact about the payer, not our concern.
            ("nodo-real-masked-RF-IUV-263.00.xml", Read(1, 26_300)),
        ],
    );
}

#[test]
fn orders_are_no_journal() {
    check(
        "ordinativi",
        count_journal,
        &[("reversale-minima.xml", Refused(Rule::UnknownFormat, "flusso_ordinativi"))],
    );
}

/// Lines and their sum, as written.
fn count_flow(bytes: &[u8]) -> Counted {
    let mut counted = (0, 0);
    let mut headers = 0;
    flow_xml::read(bytes, &mut |located| match located.record {
        FlowRecord::Header(_) => headers += 1,
        FlowRecord::Line(line) => counted = (counted.0 + 1, counted.1 + line.amount.get()),
    })?;
    assert_eq!(headers, 1);
    Ok(counted)
}

/// Movements and their sum.
fn count_journal(bytes: &[u8]) -> Counted {
    let mut counted = (0, 0);
    let mut pages = 0;
    journal::read(bytes, &mut |located| match located.record {
        journal::JournalRecord::Opens { .. } => {}
        journal::JournalRecord::Page(_) => pages += 1,
        journal::JournalRecord::Movement(movement) => {
            counted = (counted.0 + 1, counted.1 + movement.amount.get());
        }
    })?;
    assert_eq!(pages, 1);
    Ok(counted)
}

/// Transfers and their sum.
fn count_receipt(bytes: &[u8]) -> Counted {
    let mut transfers = vec![];
    receipt::read(bytes, &mut |located| transfers.extend(located.record.transfers))?;
    Ok((transfers.len(), transfers.iter().map(|transfer| transfer.amount.get()).sum()))
}

fn check(folder: &str, count: fn(&[u8]) -> Counted, table: &[(&str, Expected)]) {
    let samples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let samples = samples.join(folder);
    if !samples.is_dir() {
        eprintln!("SKIPPED: there are no samples of {folder}");
        return;
    }
    let mut files: Vec<_> = std::fs::read_dir(&samples)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut named: Vec<_> = table.iter().map(|(name, _)| (*name).to_owned()).collect();
    named.sort();
    assert_eq!(files, named, "every sample of {folder} has its line in the table");
    for (name, expected) in table {
        let counted = count(&std::fs::read(samples.join(name)).unwrap());
        match (counted, expected) {
            (Ok(counted), Read(records, cents)) => {
                assert_eq!(counted, (*records, *cents), "{name}");
            }
            (Err(defects), Refused(rule, field)) => {
                let first = &defects.listed()[0];
                assert_eq!((first.rule, &*first.field), (*rule, *field), "{name}");
                assert_eq!(defects.listed().len(), 1, "{name}: {defects}");
            }
            (Ok(counted), Refused(..)) => panic!("{name} was read: {counted:?}"),
            (Err(defects), Read(..)) => panic!("{name} was refused: {defects}"),
        }
    }
}

//! Readings of causali a second, against the flows that a Province meets in a year.
//!
//! `cargo bench -p domain`.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use domain::causale::{self, KnownFlows};
use domain::identifier::Iuf;

const FLOWS: u32 = 3_000;

/// What banks make of a causale, and what is none.
const FORMS: [&str; 5] = [
    "/PUR/LGPE-RIVERSAMENTO/URI/{iuf}",
    "BON.SEPA DA PSP DI PROVA SPA CAUSALE: /PUR/LGPE-RIVERSAMENTO/URI/{iuf} CRO 0123456789A",
    "RIVERSAMENTO PAGOPA {iuf} NOTPROVIDE",
    "pur lgpe-riversamento uri {iuf}",
    "PAGAMENTO FATTURA N. 12/2026 DEL 3 MARZO",
];

fn main() {
    divan::main();
}

/// 3,000 flows put in order: once a run.
#[divan::bench]
fn know_3_000_flows(bencher: Bencher) {
    bencher.bench(known);
}

/// One causale of each form for each flow.
#[divan::bench]
fn read_against_3_000_flows(bencher: Bencher) {
    let known = known();
    let causali: Vec<String> =
        (0..FLOWS).flat_map(|flow| FORMS.map(|form| form.replace("{iuf}", &iuf(flow)))).collect();
    bencher.counter(ItemsCount::new(causali.len())).bench(|| {
        for causale in &causali {
            black_box(causale::read(causale, None, &known));
        }
    });
}

fn known() -> KnownFlows {
    KnownFlows::new((0..FLOWS).map(|flow| Iuf::parse(&iuf(flow)).expect("it is an IUF")))
}

fn iuf(flow: u32) -> String {
    let (month, day) = (flow % 12 + 1, flow % 28 + 1);
    format!("2026-{month:02}-{day:02}PRVPITM{}XXX-S{flow:09}", flow % 7)
}

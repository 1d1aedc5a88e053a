//! What one unexplained credit costs: to rank the flows and the positions that share something
//! with it, at most as many as the search looks at.
//!
//! `cargo bench -p domain --bench candidate`.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use domain::candidate::{DebtTraits, FlowTraits, Ranking, Sought, UnnamedCredit};
use domain::causale::tokens::name_words;
use domain::fact::{Notice, Tier};
use domain::identifier::{Iuf, NoticeNumber};
use domain::money::Cents;
use jiff::civil::{Date, date};

const FLOWS: u32 = 512;
const POSITIONS: u32 = 256;
const DAY: Date = date(2026, 7, 21);

fn main() {
    divan::main();
}

/// A credit of pagoPA whose identifier is damaged, against the flows of its days.
#[divan::bench]
fn rank_512_flows(bencher: Bencher) {
    let flows: Vec<Iuf> = (0..FLOWS).map(iuf).collect();
    bencher.counter(ItemsCount::new(flows.len())).bench(|| {
        let credit = UnnamedCredit::new(
            "BANCA DI PROVA SPA",
            "/PUR/LGPE-RIVERSAMENTO/URI/2026-07-21PRVPITM1XXX-S00O000017",
            "2026-07-21PRVPITM1XXX-S00O000017",
            Cents::new(123_456),
            DAY,
        );
        let mut ranking = Ranking::default();
        for iuf in &flows {
            let flow = FlowTraits {
                iuf,
                missing: Cents::new(123_456),
                settled_on: DAY,
                settlement_id: "0306927122530803481211712117IT",
                provider: Some("Banca di Prova S.p.A."),
                begins: false,
            };
            ranking.offer(credit.clues(flow), || iuf.to_string());
        }
        black_box(ranking.candidates())
    });
}

/// A transfer outside pagoPA, against the positions that share a word or the amount with it.
#[divan::bench]
fn rank_256_positions(bencher: Bencher) {
    let notices: Vec<[Notice; 1]> = (0..POSITIONS).map(|n| [notice(n)]).collect();
    let debts: Vec<_> = notices.iter().map(|notices| debt(notices)).collect();
    bencher.counter(ItemsCount::new(debts.len())).bench(|| {
        let sought = Sought::transfer(
            "ROSSI MARIO",
            "PAGAMENTO VERBALE N. 1234/2026 TARGA AB123CD",
            Cents::new(5_700),
            DAY,
        );
        let mut ranking = Ranking::default();
        for debt in &debts {
            ranking.offer(sought.clues(debt), || debt.notices[0].iuv.to_string());
        }
        black_box(ranking.candidates())
    });
}

fn iuf(flow: u32) -> Iuf {
    Iuf::parse(&format!("2026-07-21PRVPITM{}XXX-S{flow:09}", flow % 7)).expect("it is an IUF")
}

fn notice(n: u32) -> Notice {
    let number: NoticeNumber = format!("3010{n:014}").parse().expect("eighteen digits");
    Notice {
        iuv: number.iuv(),
        notice_number: Some(number),
        tier: Tier::Full,
        amount: Cents::new(5_700),
        due_date: Some(DAY),
    }
}

fn debt(notices: &[Notice]) -> DebtTraits<'_> {
    DebtTraits {
        notices,
        residual: Cents::new(5_700),
        report: None,
        plate: None,
        fiscal_code: None,
        name: name_words("Rossi Mario"),
    }
}

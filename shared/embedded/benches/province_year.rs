//! The shapes of a province's year: 150,000 payments, each a line of a flow, a receipt and a
//! position; 100,000 outcomes. The budget is for a machine with two cores.
//!
//! `cargo bench -p embedded`. What is stored is made up inside the time measured: about a tenth of
//! it. Memory: `/usr/bin/time -v` around the binary with one bench's name.

use divan::Bencher;
use embedded::Store;
use engine::port::{
    Change, Fact, Hash, PortResult, ReadFacts, Source, Subject, Ticket, Unit, WorkQueue,
    WriteFacts, WriteOutcomes,
};
use tempfile::TempDir;

const PAYMENTS: u64 = 150_000;
const OUTCOMES: u64 = 100_000;
const ORGANIZATION: &str = "01234567897";

fn main() {
    divan::main();
}

/// Facts and asks stored, and the file closed: budget 1.5 s.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn store_450_000_facts_and_150_000_asks(bencher: Bencher) {
    bencher.with_inputs(Home::new).bench_local_values(|home| {
        store_year(&home.store).expect("it works");
        home
    });
}

/// The same inputs again: nothing is new.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn store_the_same_450_000_facts_again(bencher: Bencher) {
    let home = Home::full();
    bencher.bench_local(|| store_year(&home.store).expect("it works"));
}

/// First outcomes, in batches of 1,000, each answering an ask: budget 0.8 s.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn conclude_100_000_changes(bencher: Bencher) {
    bencher.with_inputs(Home::full).bench_local_values(|home| {
        conclude_year(&home.store).expect("it works");
        home
    });
}

/// Both partitions of each payment, 200 a call, in order of key: budget 0.8 s.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_300_000_partitions(bencher: Bencher) {
    let home = Home::full();
    bencher.bench_local(|| assert_eq!(read_year(&home.store, 100).expect("it works"), 450_000));
}

/// As a worker does, two partitions a call.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_300_000_partitions_two_a_call(bencher: Bencher) {
    let home = Home::full();
    bencher.bench_local(|| assert_eq!(read_year(&home.store, 1).expect("it works"), 450_000));
}

/// Every fact, in order of partition.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn scan_450_000_facts(bencher: Bencher) {
    let home = Home::full();
    bencher.bench_local(|| {
        let mut count = 0;
        let mut reader = home.store.reader().expect("it opens");
        let visit = &mut |_| {
            count += 1;
            Ok(())
        };
        reader.scan_facts(ORGANIZATION, visit).expect("it works");
        assert_eq!(count, 450_000);
    });
}

struct Home {
    store: Store,
    _folder: TempDir,
}

impl Home {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self { store: Store::open(folder.path()).expect("it opens"), _folder: folder }
    }

    fn full() -> Self {
        let home = Self::new();
        store_year(&home.store).expect("it works");
        home
    }
}

/// Flows of 500 lines, in units of 100; one file of positions; receipts one by one, each in a scope
/// inside that of its container. Each kind has its own order.
fn store_year(store: &Store) -> PortResult<()> {
    let mut writer = store.writer().expect("it opens");
    for flow in 0..PAYMENTS / 500 {
        writer.open()?;
        for unit in 0..5 {
            let first = flow * 500 + unit * 100;
            let facts = (first..first + 100).map(|place| line(flow, shuffled(place, 7_919)));
            writer.put(Unit { facts: facts.collect(), asks: Vec::new() })?;
        }
        writer.seal()?;
        commit_sometimes(&mut writer, flow, 100)?;
    }
    writer.open()?;
    for place in 0..PAYMENTS {
        writer.put(Unit { facts: vec![position(place)], asks: Vec::new() })?;
    }
    writer.seal()?;
    writer.commit()?;
    for place in 0..PAYMENTS {
        writer.open()?;
        let payment = shuffled(place, 104_729);
        writer.put(Unit { facts: vec![receipt(place, payment)], asks: vec![subject(payment)] })?;
        writer.seal()?;
        commit_sometimes(&mut writer, place, 50_000)?;
    }
    writer.commit()
}

fn commit_sometimes(writer: &mut embedded::Writer, place: u64, every: u64) -> PortResult<()> {
    if place % every == every - 1 { writer.commit() } else { Ok(()) }
}

fn conclude_year(store: &Store) -> PortResult<()> {
    let mut writer = store.writer().expect("it opens");
    let mut done = 0;
    while done < OUTCOMES {
        let tickets = writer.asked(ORGANIZATION, 1_000)?;
        let changes: Vec<Change> = tickets.into_iter().map(change).collect();
        done += changes.len() as u64;
        assert!(writer.conclude(&changes)?.into_iter().all(|stored| stored));
    }
    Ok(())
}

/// `batch` payments a call; says how many facts were read.
fn read_year(store: &Store, batch: u64) -> PortResult<usize> {
    let mut reader = store.reader().expect("it opens");
    let mut count = 0;
    for first in (0..PAYMENTS).step_by(usize::try_from(batch).expect("it is small")) {
        let partitions: Vec<String> = (first..first + batch)
            .flat_map(|payment| [iuv(payment), position_key(payment)])
            .collect();
        count += reader.facts(&partitions)?.iter().map(Vec::len).sum::<usize>();
    }
    Ok(count)
}

/// A permutation of the payments: `step` is a prime that does not divide their number.
fn shuffled(place: u64, step: u64) -> u64 {
    place * step % PAYMENTS
}

fn iuv(payment: u64) -> String {
    format!("{ORGANIZATION}#IUV#01{payment:013}73")
}

fn position_key(payment: u64) -> String {
    format!("{ORGANIZATION}#POS#CDS-2026-{payment:06}")
}

fn subject(payment: u64) -> Subject {
    Subject(position_key(payment))
}

fn line(flow: u64, payment: u64) -> Fact {
    Fact {
        partition: iuv(payment),
        sort: format!("LINE#2026-02-03ABI03069-{flow:018}#{payment:015}#1"),
        body: body(payment, 150),
        source: Source { file: format!("fdr/2026/02/flow-{flow:05}.xml"), line: payment % 500 },
    }
}

fn position(payment: u64) -> Fact {
    Fact {
        partition: position_key(payment),
        sort: "VERSION#0000000001".to_owned(),
        body: body(payment, 800),
        source: Source { file: "positions.jsonl".to_owned(), line: payment },
    }
}

fn receipt(place: u64, payment: u64) -> Fact {
    Fact {
        partition: iuv(payment),
        sort: format!("RECEIPT#{payment:032}#1"),
        body: body(payment, 400),
        source: Source { file: format!("receipts.zip!000/{place}.xml"), line: 1 },
    }
}

fn change(ticket: Ticket) -> Change {
    Change {
        subject: ticket.subject.clone(),
        from_version: 0,
        body: body(ticket.number, 300),
        entry: body(ticket.number, 500),
        entry_hash: Hash([7; 32]),
        answers: vec![ticket],
    }
}

/// JSON of the given length.
fn body(payment: u64, length: usize) -> String {
    let head = format!(r#"{{"iuv":"{payment:017}","text":""#);
    let text = "x".repeat(length - head.len() - 2);
    format!(r#"{head}{text}"}}"#)
}

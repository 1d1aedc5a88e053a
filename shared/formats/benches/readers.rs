//! The XML readers, each against a bare quick-xml event loop over the same bytes: a reader is meant
//! to be at least half as fast.
//!
//! `cargo bench -p formats`. The bare loop copies every event into one buffer, as a reader of a
//! file must, and drops it. The readers begin with the encoding, as they do on a file.

use std::hint::black_box;
use std::io::BufReader;

use divan::Bencher;
use divan::counter::BytesCount;
use formats::{encoding, flow_xml, journal, receipt};
use quick_xml::Reader;
use quick_xml::events::Event;

const FLOW_LINES: usize = 2_000;
const JOURNAL_ROWS: usize = 500;

fn main() {
    divan::main();
}

/// Who goes over the bytes.
#[derive(Debug)]
enum By {
    Bare,
    Reader,
}

const BOTH: [By; 2] = [By::Bare, By::Reader];

/// One receipt of the years since 2022: much of its time is that of beginning. They come in
/// thousands.
#[divan::bench(args = BOTH, sample_size = 100)]
fn receipt_send_rt(bencher: Bencher, by: &By) {
    compare(bencher, by, include_bytes!("../fixtures/send_rt_v2.xml"), read_receipt);
}

/// One receipt of before 2022.
#[divan::bench(args = BOTH, sample_size = 100)]
fn receipt_rt(bencher: Bencher, by: &By) {
    compare(bencher, by, include_bytes!("../fixtures/rt.xml"), read_receipt);
}

/// A flow of 2,000 lines.
#[divan::bench(args = BOTH)]
fn flow(bencher: Bencher, by: &By) {
    let text = include_str!("../fixtures/flow.xml");
    let text = repeated(text, "<datiSingoliPagamenti>", "</datiSingoliPagamenti>", FLOW_LINES);
    compare(bencher, by, &text, |bytes| {
        let mut records = 0;
        let text = encoding::decoded(bytes).expect("it is UTF-8");
        flow_xml::read(text, &mut |_| records += 1).expect("the fixture is right");
        records
    });
}

/// A journal of 500 movements.
#[divan::bench(args = BOTH)]
fn cash_journal(bencher: Bencher, by: &By) {
    let text = include_str!("../fixtures/journal_1_8.xml");
    let (open, close) = ("<movimento_conto_evidenza>", "</movimento_conto_evidenza>");
    compare(bencher, by, &repeated(text, open, close, JOURNAL_ROWS), |bytes| {
        let mut records = 0;
        let text = encoding::decoded(bytes).expect("it is UTF-8");
        journal::read(text, &mut |_| records += 1).expect("the fixture is right");
        records
    });
}

fn compare(bencher: Bencher, by: &By, bytes: &[u8], read: fn(&[u8]) -> u64) {
    let run = match by {
        By::Bare => bare_loop,
        By::Reader => read,
    };
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| run(black_box(bytes)));
}

fn read_receipt(bytes: &[u8]) -> u64 {
    let mut records = 0;
    let text = encoding::decoded(bytes).expect("it is UTF-8");
    receipt::read(text, &mut |_| records += 1).expect("the fixture is right");
    records
}

fn bare_loop(bytes: &[u8]) -> u64 {
    let mut reader = Reader::from_reader(BufReader::new(bytes));
    let mut buffer = vec![];
    let mut events = 0;
    while reader.read_event_into(&mut buffer).expect("the fixture is right") != Event::Eof {
        buffer.clear();
        events += 1;
    }
    events
}

/// `text` with its first element from `open` to `close` in place of all of them, `times` times.
fn repeated(text: &str, open: &str, close: &str, times: usize) -> Vec<u8> {
    let (before, rest) = text.split_once(open).expect("it is in the fixture");
    let (content, _) = rest.split_once(close).expect("it is in the fixture");
    let (_, behind) = rest.rsplit_once(close).expect("it is in the fixture");
    let one = format!("{open}{content}{close}\n");
    [before, &one.repeat(times), behind].concat().into_bytes()
}

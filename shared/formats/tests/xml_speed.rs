//! How fast the XML readers are, against the bare parser over the same bytes. Not part of the usual
//! run, since it measures the machine as well:
//!
//!     cargo test --release -p formats --test xml_speed -- --ignored --nocapture

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and tell")]

use std::time::{Duration, Instant};

use formats::{flow_xml, journal, receipt};
use quick_xml::Reader;
use quick_xml::events::Event;

#[test]
#[ignore = "measures the machine"]
fn long_files_are_read_at_half_the_speed_of_the_bare_parser_or_better() {
    let flow = flow(100_000);
    compare("flow", &flow, 2, &|bytes| {
        let mut lines = 0;
        flow_xml::read(bytes, &mut |_| lines += 1).unwrap();
        assert_eq!(lines, 100_001);
    });
    let journal = journal(20_000);
    compare("journal", &journal, 2, &|bytes| {
        let mut movements = 0;
        journal::read(bytes, &mut |_| movements += 1).unwrap();
        assert_eq!(movements, 20_002);
    });
    let receipt = include_bytes!("../fixtures/send_rt_v2.xml");
    // Most of the time that so small a file takes is that of beginning.
    compare("receipt", receipt, 4, &|bytes| receipt::read(bytes, &mut |_| {}).unwrap());
}

fn compare(name: &str, bytes: &[u8], times: u32, reader: &dyn Fn(&[u8])) {
    // In turns, so that what else the machine does weighs on both.
    let rounds = (0..9).map(|_| {
        let bare = time(&|| assert!(bare_parser(bytes) > 10));
        (bare, time(&|| reader(bytes)))
    });
    let best = |best: (Duration, Duration), round: (Duration, Duration)| {
        (best.0.min(round.0), best.1.min(round.1))
    };
    let (bare, ours) = rounds.reduce(best).unwrap();
    let per_second = |time: Duration| bytes.len() as u128 * 1000 / time.as_nanos();
    println!("{name}: {} MB/s, bare parser {} MB/s", per_second(ours), per_second(bare));
    assert!(ours <= bare * times, "{name}: {ours:?} against {bare:?}");
}

fn time(run: &dyn Fn()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn bare_parser(bytes: &[u8]) -> u64 {
    let mut reader = Reader::from_reader(std::io::BufReader::with_capacity(64 * 1024, bytes));
    let mut buffer = vec![];
    let mut events = 0;
    while !matches!(reader.read_event_into(&mut buffer).unwrap(), Event::Eof) {
        buffer.clear();
        events += 1;
    }
    events
}

fn flow(lines: usize) -> Vec<u8> {
    let text = include_str!("../fixtures/flow.xml");
    repeated(text, "<datiSingoliPagamenti>", "</datiSingoliPagamenti>", lines)
}

fn journal(rows: usize) -> Vec<u8> {
    let text = include_str!("../fixtures/journal_1_8.xml");
    repeated(text, "<movimento_conto_evidenza>", "</movimento_conto_evidenza>", rows)
}

/// `text` with its first element from `open` to `close` in place of all of them, `times` times.
fn repeated(text: &str, open: &str, close: &str, times: usize) -> Vec<u8> {
    let (before, rest) = text.split_once(open).unwrap();
    let (content, _) = rest.split_once(close).unwrap();
    let (_, behind) = rest.rsplit_once(close).unwrap();
    let one = format!("{open}{content}{close}\n");
    [before, &one.repeat(times), behind].concat().into_bytes()
}

//! What each reader promises, whatever the bytes.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io::{self, Cursor, Read};

use conformance::Memory;
use domain::causale::{self, KnownFlows};
use domain::identifier::{Iuf, OrganizationCode};
use engine::configuration::Configuration;
use engine::intake::{self, Input};
use engine::key;
use engine::port::{Hash, Home, PortResult, Quarantine, ReadFacts};
use engine::record::{self, InputOutcome, InputRecord};
use formats::container::zip::Archive;
use formats::container::{Allowance, Limits, gzip as unzip, p7m as signed};
use formats::encoding::{Decoded, decoded};
use formats::position::{self, PositionLine};
use formats::recognise::{self as recogniser, Kind};
use formats::{Defects, FlowRecord, Located, Place};
use formats::{flow_json as json, flow_xml as xml, journal as journals, receipt as receipts};
use serde_json::Value;

/// What a reader made of its bytes.
#[derive(Debug, PartialEq)]
struct Made<T> {
    records: Vec<(Place, T)>,
    end: Result<(), Defects>,
}

type Sink<'a, T> = &'a mut dyn FnMut(Located<T>);

/// Reads bytes twice, all at once and a few at a time; both must be the same, and everything must
/// have its place.
fn read<T: Debug + PartialEq>(
    bytes: &[u8],
    reader: impl Fn(Decoded<Drip<'_>>, Sink<'_, T>) -> Result<(), Defects>,
) -> Made<T> {
    let in_steps = |step| {
        let mut records = Vec::new();
        let mut sink = |located: Located<T>| records.push((located.at, located.record));
        let end = decoded(Drip { bytes, step }).and_then(|text| reader(text, &mut sink));
        Made { records, end }
    };
    let made = in_steps(bytes.len().max(1));
    assert_eq!(made, in_steps(7), "what is read depends on how the bytes come");
    for (at, _) in &made.records {
        assert_placed(bytes, *at);
        assert!(at.line > 0, "a record has no line");
    }
    if let Err(defects) = &made.end {
        assert_told(bytes, defects);
    }
    made
}

/// A place is in the input, or is the input as a whole.
fn assert_placed(bytes: &[u8], at: Place) {
    // As many lines as any reading of the bytes can have.
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    let columns = 3 * bytes.len() + 2;
    assert!(at.line <= lines as u64, "line {} of {lines}", at.line);
    assert!(at.column <= columns as u64, "column {} of at most {columns}", at.column);
}

/// A refusal has a reason, and no more of them than are bearable.
fn assert_told(bytes: &[u8], defects: &Defects) {
    assert!(!defects.is_empty(), "refused for no reason");
    assert!(defects.listed().len() <= Defects::LISTED_MAX, "too many defects are listed");
    for defect in defects.listed() {
        assert_placed(bytes, defect.at);
        assert!(!defect.message.is_empty(), "a defect that says nothing");
        assert!(defect.message.len() + defect.field.len() < 1000, "a defect as long as a file");
    }
}

/// Gives at most so many bytes at a time.
struct Drip<'b> {
    bytes: &'b [u8],
    step: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.step);
        self.bytes.read(&mut into[..most])
    }
}

/// A flow that is not refused has its header, once and first.
fn assert_flow(made: &Made<FlowRecord>) {
    let header = |record: &(Place, FlowRecord)| matches!(record.1, FlowRecord::Header(_));
    if made.end.is_ok() {
        assert!(made.records.first().is_some_and(header), "a flow without a header");
    }
    assert!(!made.records.iter().skip(1).any(header), "a second header");
}

pub(crate) fn flow_xml(bytes: &[u8]) {
    assert_flow(&read(bytes, |text, sink| xml::read(text, sink)));
}

pub(crate) fn flow_json(bytes: &[u8]) {
    assert_flow(&read(bytes, |text, sink| json::read(text, sink)));
}

pub(crate) fn journal(bytes: &[u8]) {
    use journals::JournalRecord::{Opens, Page};
    let made = read(bytes, |text, sink| journals::read(text, sink));
    if made.end.is_ok() {
        let (first, last) = (made.records.first(), made.records.last());
        assert!(matches!(first, Some((_, Opens { .. }))), "a journal of nobody");
        assert!(matches!(last, Some((_, Page(_)))), "a journal without its page");
    }
}

pub(crate) fn receipt(bytes: &[u8]) {
    let made = read(bytes, |text, sink| receipts::read(text, sink));
    assert_eq!(made.end.is_ok(), made.records.len() == 1, "one receipt, or none");
}

pub(crate) fn positions_jsonl(bytes: &[u8]) {
    positions(bytes, |text, sink| position::read_json_lines(text, sink));
}

pub(crate) fn positions_csv(bytes: &[u8]) {
    positions(bytes, |text, sink| position::read_csv(text, sink));
}

/// Every line is good or bad; a good one is written and read again as it was.
fn positions(
    bytes: &[u8],
    reader: impl Fn(Decoded<Drip<'_>>, &mut dyn FnMut(PositionLine<'_>)) -> Result<(), Defects>,
) {
    let made = read(bytes, |text, sink| {
        reader(text, &mut |line| {
            let (at, record) = match line {
                PositionLine::Good(good) => (good.at, Ok(good.record)),
                PositionLine::Bad { at, defects, raw } => {
                    assert!(raw.len() <= position::LINE_BYTES_MAX, "a line without an end");
                    (at, Err(defects))
                }
            };
            sink(Located { at, record });
        })
    });
    for (_, record) in made.records {
        match record {
            Ok(good) => {
                let written = position::to_json(&good);
                let text = std::str::from_utf8(&written).expect("a position is written as UTF-8");
                let again = position::from_json(text).expect("what was written can be read");
                assert_eq!(again, good, "a position changes when it is written");
            }
            Err(defects) => assert_told(bytes, &defects),
        }
    }
}

fn allowance(bytes: &[u8]) -> Allowance {
    Allowance::of_file(bytes.len() as u64, Limits::STANDARD).expect("the input is small")
}

/// No more is unpacked than the limits of a container allow.
fn assert_bounded(bytes: &[u8], unpacked: u64) {
    let limits = Limits::STANDARD;
    let most = limits.ratio_from_bytes.max(limits.ratio_max * bytes.len() as u64);
    // What was being read when the limit was passed.
    assert!(unpacked <= most + 1024 * 1024, "{unpacked} bytes of at most {most}");
}

fn drained(mut input: impl Read) -> u64 {
    let mut buffer = [0; 8192];
    let mut total = 0;
    while let Ok(count) = input.read(&mut buffer) {
        if count == 0 {
            break;
        }
        total += count as u64;
    }
    total
}

pub(crate) fn zip(bytes: &[u8]) {
    let mut source = Cursor::new(bytes);
    let mut unpacked = 0;
    let archive = Archive::open(&mut source, &allowance(bytes));
    let end = archive.and_then(|archive| {
        for entry in archive.entries() {
            let leads_away =
                entry.name.starts_with('/') || entry.name.split('/').any(|p| p == "..");
            assert!(!leads_away, "a name that leads elsewhere");
            archive.read(entry, &mut source, |file| unpacked += drained(file))?;
        }
        Ok(())
    });
    assert_bounded(bytes, unpacked);
    if let Err(defects) = end {
        assert_told(bytes, &defects);
    }
}

pub(crate) fn gzip(bytes: &[u8]) {
    match unzip::unpacked(bytes, &allowance(bytes)) {
        Ok((inside, _)) => assert_bounded(bytes, drained(inside)),
        Err(defects) => assert_told(bytes, &defects),
    }
}

pub(crate) fn p7m(bytes: &[u8]) {
    match signed::content(bytes, &allowance(bytes)) {
        Ok((inside, _)) => assert!(drained(inside) <= bytes.len() as u64, "more than was signed"),
        Err(defects) => assert_told(bytes, &defects),
    }
}

pub(crate) fn encoding(bytes: &[u8]) {
    let text = |step| -> Result<Result<String, ()>, Defects> {
        let mut text = String::new();
        let mut input = decoded(Drip { bytes, step })?;
        Ok(input.read_to_string(&mut text).map(|_| text).map_err(drop))
    };
    let whole = text(bytes.len().max(1));
    assert_eq!(whole, text(61), "the text depends on how the bytes come");
    match whole {
        Ok(Ok(text)) => assert!(text.len() <= 3 * bytes.len(), "a text longer than its bytes"),
        Ok(Err(())) => {}
        Err(defects) => assert_told(bytes, &defects),
    }
}

pub(crate) fn recognise(bytes: &[u8]) {
    let kind = recogniser::kind(bytes);
    assert_eq!(kind, recogniser::kind(bytes));
    if let Kind::Unknown { looks_like } = kind {
        assert!(
            !looks_like.is_empty() && looks_like.len() < 500,
            "unknown, and nothing said of it"
        );
    }
}

pub(crate) fn causale(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let known: Vec<Iuf> = ["2026-03-02PSPPROV1-A000000001", "2018-07-23BCITITMM-0000000024"]
        .iter()
        .map(|iuf| iuf.parse().expect("an identifier"))
        .collect();
    let flows = KnownFlows::new(known.clone());
    for (remittance, end_to_end) in [(&*text, None), ("", Some(&*text))] {
        let reading = causale::read(remittance, end_to_end, &flows);
        if let Some(at) = &reading.at {
            assert!(text.get(at.clone()).is_some(), "it was read outside of the text");
        }
        let plain = |text: &str| -> String {
            let text = text.replace("/ZZ4/", "").to_lowercase();
            text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
        };
        for iuf in &reading.iufs {
            let here = plain(&text).contains(&plain(iuf.as_str()));
            assert!(here || known.contains(iuf), "an identifier that nobody wrote");
        }
    }
    let _any_text_has_tokens = causale::tokens::tokens(&text);
}

pub(crate) fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Configuration::parse(text) {
        Ok(configuration) => assert!(!configuration.organizations.is_empty(), "of nobody"),
        Err(error) => assert!(!error.to_string().is_empty(), "refused for no reason"),
    }
}

/// An input comes in or is refused whole; of positions, each line.
pub(crate) fn intake(bytes: &[u8]) {
    let home = Memory::default();
    let ours: BTreeSet<OrganizationCode> =
        ["01234567897"].map(|code| code.parse().expect("a code")).into();
    let inputs = [Whole(bytes)];
    let ingest = || {
        intake::ingest(&home, &inputs, &ours, &mut Aside(bytes), &|_| {})
            .expect("an input is no error of the store")
    };
    let first = ingest();
    let facts = facts(&home);
    let refused = first.refused.iter().any(|entry| entry.outcome == InputOutcome::Refused);
    let in_part = first.refused.iter().any(|entry| entry.outcome == InputOutcome::Partial);
    let accepted = first.counts.values().any(|of| of.contains_key(&InputOutcome::Accepted));
    if refused && !in_part && !accepted {
        assert_eq!(facts, 0, "something is left of an input that was refused");
    }
    for entry in &first.refused {
        assert!(!entry.defects.is_empty(), "refused for no reason");
        assert!(entry.defects.len() <= Defects::LISTED_MAX, "too many defects are listed");
    }
    ingest();
    assert_eq!(self::facts(&home), facts, "a second time changes something");
}

/// How many facts there are beside the records of inputs, and of the flows that were refused.
fn facts(home: &Memory) -> usize {
    let mut count = 0;
    let mut reader = Home::reader(home).expect("memory can be read");
    let scanned = reader.scan_facts("", &mut |fact| {
        if fact.partition.starts_with(key::INPUTS) {
            record::read::<InputRecord>(&fact.body)?;
        } else if !fact.partition.contains("#REFUSED#") {
            count += 1;
        }
        Ok(())
    });
    scanned.expect("memory can be read");
    count
}

/// The bytes as a file.
struct Whole<'b>(&'b [u8]);

impl<'b> Input for Whole<'b> {
    type Reader = Cursor<&'b [u8]>;

    fn name(&self) -> &'static str {
        "input"
    }

    fn open(&self) -> io::Result<Cursor<&'b [u8]>> {
        Ok(Cursor::new(self.0))
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// Looks at what is kept aside: the input, byte for byte, or an entry of it.
struct Aside<'b>(&'b [u8]);

impl Quarantine for Aside<'_> {
    fn keep(&mut self, _sha256: Hash, content: &mut dyn Read, note: &str) -> PortResult<()> {
        let mut kept = Vec::new();
        content.read_to_end(&mut kept).expect("what is refused can be read again");
        let note: Value = serde_json::from_str(note).expect("a note is JSON");
        assert!(note["name"] != "input" || kept == self.0, "kept otherwise than it came");
        assert!(note["reasons"].as_array().is_some_and(|it| !it.is_empty()), "without a reason");
        Ok(())
    }
}

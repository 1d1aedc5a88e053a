//! Flows in JSON: what is read, what is refused and why.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails its test")]

use std::fmt::Write as _;
use std::io::Read;

use domain::fact::{FlowLine, FlowRevision, LineOutcome};
use domain::identifier::{Iuf, Iur, Iuv, OrganizationCode, Psp};
use domain::money::Cents;
use formats::flow_json::{HELD_LINES_MAX, MEMBER_BYTES_MAX, PAGES_MAX};
use formats::{Defects, FlowRecord, flow_json};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const INLINE: &str = include_str!("../fixtures/flow-with-payments-inline.json");
const ARCHIVED: &str = include_str!("../fixtures/flow-as-archived-with-pages.json");

fn read(input: &str) -> Result<(FlowRevision, Vec<FlowLine>), Defects> {
    let (mut header, mut lines) = (None, Vec::new());
    flow_json::read(input.as_bytes(), &mut |located| match located.record {
        FlowRecord::Header(revision) => {
            assert!(header.is_none() && lines.is_empty(), "the header is one and first");
            header = Some(revision);
        }
        FlowRecord::Line(line) => lines.push(line),
    })?;
    Ok((header.expect("a flow that is read has a header"), lines))
}

/// `line field rule` of each defect.
fn defects(input: &str) -> Vec<String> {
    let Err(defects) = read(input) else { return Vec::new() };
    defects
        .listed()
        .iter()
        .map(|defect| format!("{} {} {}", defect.at.line, defect.field, defect.rule.code()))
        .map(|text| text.replace("  ", " "))
        .collect()
}

fn line(iuv: &str, iur: &str, index: u8, cents: i64, outcome: LineOutcome, day: Date) -> FlowLine {
    FlowLine {
        iuv: Iuv::parse(iuv).unwrap(),
        iur: Iur::parse(iur).unwrap(),
        index,
        amount: Cents::new(cents),
        outcome,
        paid_on: day,
    }
}

#[test]
fn a_flow_with_its_payments_inline_is_read() {
    let (header, lines) = read(INLINE).unwrap();
    assert_eq!(
        header,
        FlowRevision {
            organization: OrganizationCode::parse("01234567897").unwrap(),
            psp: Psp::parse("60000000001").unwrap(),
            psp_alias: Some(Psp::parse("PPAYITR1XXX").unwrap()),
            psp_name: Some("PSP di Prova".into()),
            iuf: Iuf::parse("2025-01-02PPAYITR1XXX-0000001").unwrap(),
            revision: Some(2),
            flow_time: "2025-01-02T12:20:30.8Z".parse().unwrap(),
            settlement_id: "0306926752553605489999999999IT".into(),
            settlement_date: date(2025, 1, 3),
            declared_count: 3,
            declared_total: Cents::new(10_140),
        }
    );
    // 23:30 in UTC is the next day in Rome: the date as written counts.
    assert_eq!(
        lines,
        [
            line("01000000000012373", "abc1", 2, 4440, LineOutcome::Paid, date(2025, 1, 1)),
            line("01000000000012474", "abc2", 1, 5700, LineOutcome::WithoutRpt, date(2025, 1, 1)),
        ]
    );
}

#[test]
fn a_flow_as_the_poller_archives_it_is_read() {
    let (header, lines) = read(ARCHIVED).unwrap();
    assert_eq!(header.flow_time, "2026-08-07T13:27:26Z".parse().unwrap());
    assert_eq!(header.settlement_date, date(2026, 8, 7));
    assert_eq!((header.declared_count, header.declared_total), (3, Cents::new(3000)), "computed");
    let day = date(2026, 8, 6);
    assert_eq!(
        lines,
        [
            line("3", "c", 1, 1000, LineOutcome::Revoked, day),
            line("1", "a", 1, 1000, LineOutcome::StandIn, day),
            line("2", "b", 1, 1000, LineOutcome::Unknown("PARTIAL".into()), day),
        ]
    );
}

#[test]
fn fields_may_come_in_any_order() {
    let (start, rest) = INLINE.split_once("  \"payments\"").unwrap();
    let payments = rest.trim_end().strip_suffix('}').unwrap();
    let fields = start.trim_start_matches('{').trim_end().trim_end_matches(',');
    let last = format!("{{ \"paymentList\" {payments}, {fields} }}");
    assert_eq!(read(&last).unwrap(), read(INLINE).unwrap());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_defect_is_told_with_its_line_field_and_rule() {
    let without = |field: &str| {
        let lines = INLINE.lines().filter(|line| !line.contains(&format!("\"{field}\": ")));
        lines.collect::<Vec<_>>().join("\n")
    };
    for (name, input, expected) in [
        ("good", INLINE.to_owned(), vec![]),
        ("empty", String::new(), vec!["1 xml_malformed"]),
        ("a list", "[]".into(), vec!["0 unknown_format"]),
        ("nothing", "{}".into(), vec!["0 unknown_format"]),
        ("two", format!("{INLINE}{{}}"), vec!["19 xml_malformed"]),
        ("cut", INLINE[..INLINE.len() - 3].to_owned(), vec!["17 xml_malformed"]),
        ("no fdr", without("fdr"), vec!["1 fdr schema"]),
        ("no receiver", without("receiver"), vec!["1 receiver.organizationId schema"]),
        ("no declared total", without("sumPayments"), vec![]),
        (
            "no payments",
            without("payments").replace("    {", "\"x\":{").replace("]\n", "\n"),
            vec!["1 payments schema"],
        ),
        (
            "no total at all",
            without("sumPayments").replace("computedSumPayments", "x"),
            vec!["1 sumPayments schema"],
        ),
        (
            "a computed total of a double",
            without("sumPayments").replace("101.40", "101.40000000000001"),
            vec!["1 computedSumPayments amount"],
        ),
        (
            "a computed total that is not needed",
            INLINE.replace("101.40", "101.40000000000001"),
            vec![],
        ),
        (
            "a field twice",
            INLINE.replace("\"totPayments\"", "\"fdr\":\"x\",\"totPayments\""),
            vec!["12 fdr schema"],
        ),
        (
            "revision 0",
            INLINE.replace("\"revision\": 2", "\"revision\": 0"),
            vec!["3 revision schema"],
        ),
        ("a long IUF", INLINE.replace("-0000001", "-00000000000000"), vec!["4 fdr identifier"]),
        ("no time", INLINE.replace("T12:20:30.8Z", ""), vec!["5 fdrDate date"]),
        (
            "an Italian date",
            INLINE.replace("2025-01-03", "03/01/2025"),
            vec!["7 regulationDate date"],
        ),
        (
            "a sender by name",
            INLINE.replace("{\"type\": \"BIC_CODE\"", "7, \"x\": {\"a\": 1"),
            vec!["8 sender schema", "1 sender.pspId schema"],
        ),
        (
            "another body's shape",
            INLINE.replace("\"01234567897\"", "\"c_f205\""),
            vec!["9 receiver.organizationId identifier"],
        ),
        ("no total as word", INLINE.replace("1.0140E2", "\"many\""), vec!["13 sumPayments amount"]),
        ("a fraction of a cent", INLINE.replace("44.4,", "44.405,"), vec!["15 pay amount"]),
        (
            "transfer 6",
            INLINE.replace("\"idTransfer\": 2", "\"idTransfer\": 6"),
            vec!["15 idTransfer schema"],
        ),
        ("an IUV number", INLINE.replace("\"01000000000012373\"", "1"), vec!["15 iuv schema"]),
        (
            "two lines, three defects",
            INLINE.replace("\"pay\": 57", "\"pay\": true").replace("\"iur\"", "\"x\""),
            vec!["15 iur schema", "16 pay amount", "16 iur schema"],
        ),
        (
            "a payment that is none",
            INLINE.replace("    {\"index\": 1", "    7, {\"index\": 1"),
            vec!["15 payments schema"],
        ),
        (
            "a page missing",
            ARCHIVED.replace("\"totPage\":2", "\"totPage\":4"),
            vec!["0 payments control_total"],
        ),
        (
            "page 2 of 1",
            ARCHIVED.replace("\"totPage\":2", "\"totPage\":1"),
            vec!["2 metadata control_total"],
        ),
        (
            "a page twice",
            ARCHIVED.replace("\"pageNumber\":1", "\"pageNumber\":2"),
            vec!["3 metadata control_total", "0 payments control_total"],
        ),
        (
            "a page of no number",
            ARCHIVED.replace("\"pageNumber\":1", "\"x\":1"),
            vec!["3 metadata.pageNumber schema", "0 payments control_total"],
        ),
        (
            "too many pages",
            ARCHIVED.replace("\"totPage\":2", &format!("\"totPage\":{}", PAGES_MAX + 1)),
            vec!["2 metadata.totPage limit", "3 metadata.totPage limit"],
        ),
        ("deep", INLINE.replace("\"x\"", &"[".repeat(100_000)), vec!["8 limit"]),
        (
            "a number of 200 digits",
            INLINE.replace("44.4,", &format!("{},", "4".repeat(200))),
            vec!["15 amount"],
        ),
    ] {
        assert_eq!(defects(&input), expected, "{name}");
    }
}

#[test]
fn a_bare_page_is_refused_saying_that_it_names_no_flow() {
    for page in [
        r#"{"payments":[{"iuv":"1"}]}"#,
        r#"{"metadata":{"pageNumber":1,"totPage":1},"count":1,"data":[{"iuv":"1"}]}"#,
    ] {
        let refused = read(page).unwrap_err();
        assert_eq!(refused.listed()[0].rule.code(), "unknown_format");
        assert!(refused.listed()[0].message.contains("names no flow"));
    }
}

#[test]
fn no_value_is_in_a_defect() {
    let secret =
        INLINE.replace("\"01234567897\"", "\"Segreto7\"").replace("44.4,", "\"Segreto7\",");
    let refused = read(&secret).unwrap_err();
    assert_eq!(refused.listed().len(), 2);
    assert!(!format!("{refused} {refused:?}").contains("Segreto"));
}

#[test]
fn bytes_that_are_not_utf_8_are_an_encoding_defect() {
    let mut input = INLINE.as_bytes().to_vec();
    let place = INLINE.find("PSP di").unwrap();
    input[place] = 0xe0;
    let refused = flow_json::read(&input[..], &mut |_| ()).unwrap_err();
    assert_eq!(refused.listed()[0].rule.code(), "encoding");
    assert_eq!(refused.listed()[0].at.line, 8);
}

#[test]
fn a_member_of_more_than_1_mib_is_refused() {
    let padded = |length: usize| {
        INLINE.replace("\"password\": \"x\"", &format!("\"x\": \"{}\"", "x".repeat(length)))
    };
    let max = usize::try_from(MEMBER_BYTES_MAX).unwrap();
    let member = "\"x\": \"\"".len();
    assert!(read(&padded(max - member)).is_ok());
    // One kibibyte may have been read before the member began, and one more beside.
    let refused = read(&padded(max + 2048)).unwrap_err();
    assert_eq!(refused.listed()[0].rule.code(), "limit");
}

/// A flow of `count` payments that is made while it is read, its header before or after them.
fn long_flow(count: usize, header_first: bool) -> impl Read {
    let header = INLINE.split_once("\"payments\"").unwrap().0.trim_start_matches('{').to_owned();
    let header = header.trim().trim_end_matches(',').to_owned();
    let (start, end) = if header_first {
        (format!("{{{header},\"payments\":["), "]}".to_owned())
    } else {
        ("{\"payments\":[".to_owned(), format!("],{header}}}"))
    };
    let mut number = 0;
    let mut rest = start.into_bytes();
    let mut end = Some(end);
    let next = move || {
        if !rest.is_empty() {
            return std::mem::take(&mut rest);
        }
        if number == count {
            return end.take().unwrap_or_default().into_bytes();
        }
        number += 1;
        let mut payment = String::new();
        if number > 1 {
            payment.push(',');
        }
        write!(payment, r#"{{"iuv":"{number:017}","iur":"r{number}","pay":0.01,"payStatus":"EXECUTED","payDate":"2025-01-01"}}"#).unwrap();
        payment.into_bytes()
    };
    std::io::BufReader::new(Made { next, piece: std::io::Cursor::default() })
}

/// A reader of pieces, until an empty one.
struct Made<F> {
    next: F,
    piece: std::io::Cursor<Vec<u8>>,
}

impl<F: FnMut() -> Vec<u8>> Read for Made<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.piece.position() == self.piece.get_ref().len() as u64 {
            self.piece = std::io::Cursor::new((self.next)());
        }
        self.piece.read(buffer)
    }
}

#[test]
fn a_long_flow_is_streamed_and_needs_its_header_first() {
    let count = |count, header_first| {
        let (mut headers, mut lines) = (0, 0);
        flow_json::read(long_flow(count, header_first), &mut |located| match located.record {
            FlowRecord::Header(_) => headers += 1,
            FlowRecord::Line(_) => lines += 1,
        })
        .map(|()| (headers, lines))
    };
    assert_eq!(count(3 * HELD_LINES_MAX, true), Ok((1, 3 * HELD_LINES_MAX)));
    assert_eq!(count(HELD_LINES_MAX, false), Ok((1, HELD_LINES_MAX)));
    let refused = count(HELD_LINES_MAX + 1, false).unwrap_err();
    assert_eq!(refused.listed()[0].rule.code(), "limit");
}

#[test]
fn a_header_field_after_the_payments_of_a_long_flow_must_change_nothing() {
    let mut text = String::new();
    long_flow(HELD_LINES_MAX + 1, true).read_to_string(&mut text).unwrap();
    let text = text.replacen("\"revision\": 2,", "", 1);
    let late = text.replace("]}", "],\"revision\": 3}");
    assert_eq!(read(&text).unwrap().0.revision, None);
    assert_eq!(read(&late).unwrap_err().listed()[0].rule.code(), "schema");
}

#[test]
fn a_flow_cut_anywhere_is_refused() {
    for flow in [INLINE.trim_end(), ARCHIVED.trim_end()] {
        for length in 0..flow.len() {
            assert!(read(&flow[..length]).is_err(), "cut at {length}");
        }
    }
}

proptest! {
    #[test]
    fn a_broken_flow_never_panics(
        archived in any::<bool>(),
        breaks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut text = if archived { ARCHIVED } else { INLINE }.as_bytes().to_vec();
        for (place, byte) in breaks {
            let place = place.index(text.len());
            text[place] = byte;
        }
        let _ = flow_json::read(&text[..], &mut |_| ());
    }
}

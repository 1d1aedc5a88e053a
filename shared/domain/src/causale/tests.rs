//! The table of cases, and what holds for every text.

use proptest::prelude::*;

use super::text::fold;
use super::*;

fn known(iufs: &[&str]) -> KnownFlows {
    KnownFlows::new(iufs.iter().map(|iuf| Iuf::parse(iuf).unwrap()))
}

/// What a line of `cases.txt` expects, in its own words.
fn expected(fields: &[&str]) -> String {
    let [reading, rule, damage, more] = fields else { panic!("{fields:?}") };
    let mut more: Vec<&str> = more.split_whitespace().filter(|word| *word != "-").collect();
    more.sort_unstable();
    format!("{reading} | {rule} | {damage} | {}", more.join(" "))
}

/// A reading in the words of `cases.txt`.
fn described(reading: &Reading) -> String {
    let list = |texts: Vec<&str>, separator: &str| texts.join(separator);
    let flows = list(reading.iufs.iter().map(Iuf::as_str).collect(), " ");
    let payments = list(reading.iuvs.iter().map(Iuv::as_str).collect(), " ");
    let named = match reading.kind {
        ReadingKind::Flow => format!("flusso {flows}"),
        ReadingKind::Single => format!("singolo {payments}"),
        ReadingKind::None => "nessuna".to_owned(),
    };
    let rule = reading.rule.map_or("-", Rule::name);
    let damage = reading.damage.map_or("-".to_owned(), |damage| {
        let name = format!("{damage:?}").to_lowercase();
        if name == "toolong" { "too_long".to_owned() } else { name }
    });
    let mut more = Vec::new();
    if !reading.candidates.is_empty() {
        let candidates = reading.candidates.iter().map(Iuf::as_str).collect();
        more.push(format!("candidati={}", list(candidates, ",")));
    }
    more.extend(reading.declared_amount.map(|amount| format!("importo={amount}")));
    more.extend((!reading.marker).then(|| "senza-segno".to_owned()));
    more.extend(reading.txt_progressive.map(|number| format!("txt={number}")));
    more.sort_unstable();
    format!("{named} | {rule} | {damage} | {}", more.join(" "))
}

#[test]
fn causali_are_read_as_the_table_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("cases.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [name, remittance, end_to_end, flows, ..] = fields[..] else { panic!("{line}") };
        let given = |field: &'static str| -> Option<&str> { (field != "-").then_some(field) };
        let flows: Vec<&str> = given(flows).into_iter().flat_map(|f| f.split(',')).collect();
        let remittance = given(remittance).unwrap_or("");
        let reading = read(remittance, given(end_to_end), &known(&flows));
        if described(&reading) != expected(&fields[4..]) {
            wrong.push(format!("{name}\n    {}", described(&reading)));
        }
        let source = if reading.rule == Some(Rule::EndToEndId) { end_to_end } else { remittance };
        if let (Some(at), [only]) = (&reading.at, &reading.iufs[..]) {
            let spelled = fold(&source[at.clone()]);
            let copies = reading.rule == Some(Rule::KnownPrefix) || spelled.len() > MAX_SPELLED;
            assert!(copies || spelled == fold(only.as_str()), "{name}: at {at:?}");
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 80, "only {count} cases");
}

/// A range longer than any identifier spans several of them.
const MAX_SPELLED: usize = 35;

/// Inserts continuation marks, then blanks, at places that are taken modulo the length. No mark
/// goes inside another: a bank ends a line once.
fn disturbed(text: &str, marks: &[usize], blanks: &[usize]) -> String {
    let mut marks: Vec<usize> = marks.iter().map(|mark| mark % (text.len() + 1)).collect();
    marks.sort_unstable();
    let mut text = text.to_owned();
    for mark in marks.into_iter().rev() {
        text.insert_str(mark, "/ZZ4/");
    }
    for blank in blanks {
        text.insert(blank % (text.len() + 1), ' ');
    }
    text
}

fn an_iuf() -> impl Strategy<Value = String> {
    let psp = "(BCITITMM|PPAYITR1XXX|ABI03069|60000000001|nodo-doc-dev|uncritm1)";
    let day = "20[0-4][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    (day, psp, "[0-9A-Za-z]{3,10}").prop_map(|(day, psp, flow)| format!("{day}{psp}-{flow}"))
}

fn a_causale() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "/PUR/LGPE-RIVERSAMENTO/URI/{}",
        "/PUR/LGPE-RIVERSAMENTO/TXT/3/URI/{}",
        "/PUR/LGPE-RIVERSAMENTO Cumulativo pagamenti del 20211108/URI/{}",
        ":RI3:/PUR/LGPE-RIVERSAMENTO/URI/{} :SEC:CASH",
        "RI1/PUR/LGPE-RIVERSAMENTO/URI/{} ACCREDITO BOLLETTINO",
        ".PUR.LGPE-RIVERSAMENTO.URI.{}",
        "LGPE-RIVERSAMENTO URI {}",
        "ACCREDITO {} GRAZIE",
    ])
}

proptest! {
    #[test]
    fn blanks_and_marks_never_change_a_known_flow(
        iuf in an_iuf(),
        causale in a_causale(),
        marks in prop::collection::vec(0..200usize, 0..4),
        blanks in prop::collection::vec(0..200usize, 0..6),
    ) {
        let text = disturbed(&causale.replace("{}", &iuf), &marks, &blanks);
        let reading = read(&text, None, &known(&[&iuf]));
        prop_assert_eq!(reading.iufs.iter().map(Iuf::as_str).collect::<Vec<_>>(), [&iuf], "{}", text);
        prop_assert_eq!(reading.rule, Some(Rule::KnownIdentifier));
    }

    #[test]
    fn any_text_has_a_reading_that_stands_in_it(
        text in r"(\PC|[ /.:]|URI/|/PUR/|LGPE-RIVERSAMENTO|TXT/[0-9]/|/RF[BS]/|/ZZ4/|2021-03-17|ABC-?|[0-9]{1,18}|RF[0-9]{2}){0,24}",
        other in r"(\PC|URI\.|2021-03-17|[0-9A-Z-]){0,12}",
        flow in an_iuf(),
    ) {
        let flows = known(&[&flow, "2021-03-17ABC-1", "2021-03-17ABC-12", "ABC"]);
        let reading = read(&text, Some(&other), &flows);
        let sources = [fold(&text), fold(&other)];
        for iuf in &reading.iufs {
            let folded = fold(iuf.as_str());
            let stands = sources.iter().any(|s| s.windows(folded.len()).any(|w| w == folded));
            let is_known = !flows.whole_at(&Text::new(iuf.as_str()), 0).is_empty();
            prop_assert!(stands || is_known, "{iuf}");
        }
        let source = if reading.rule == Some(Rule::EndToEndId) { &other } else { &text };
        if let Some(at) = reading.at {
            prop_assert!(at.start < at.end && at.end <= source.len());
        }
        prop_assert_eq!(reading.kind == ReadingKind::Flow, !reading.iufs.is_empty());
        prop_assert_eq!(reading.kind == ReadingKind::None, reading.rule.is_none());
    }

    #[test]
    fn flows_that_have_nothing_to_do_with_it_change_nothing(
        iuf in an_iuf(),
        causale in a_causale(),
        cut in 0..12usize,
        mut others in prop::collection::vec(an_iuf(), 1..20),
    ) {
        let text = causale.replace("{}", &iuf);
        let text = &text[..text.len() - cut];
        // Related ones begin alike up to the PSP's code: the day alone decides nothing.
        others.retain(|other| other[..10] != iuf[..10]);
        let alone = read(text, None, &known(&[&iuf]));
        let among = |others: &[String]| {
            let all: Vec<&str> = others.iter().map(String::as_str).chain([&*iuf]).collect();
            read(text, None, &known(&all))
        };
        prop_assert_eq!(&among(&others), &alone);
        others.reverse();
        prop_assert_eq!(&among(&others), &alone);
    }
}

#[test]
fn a_dictionary_of_100_000_flows_is_exact() {
    let iuf = |n: u32| format!("2026-{:02}-{:02}BANCITMM-{n:010}", n % 12 + 1, n % 28 + 1);
    let all: Vec<String> = (0..100_000).map(iuf).collect();
    let flows = KnownFlows::new(all.iter().map(|iuf| Iuf::parse(iuf).unwrap()));
    for n in (0..100_000).step_by(997) {
        let text = format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{}", iuf(n).to_lowercase());
        assert_eq!(read(&text, None, &flows).iufs[0].as_str(), iuf(n));
    }
}

#[test]
fn a_long_text_is_read_in_a_time_that_grows_with_its_length() {
    let flows = known(&["2021-03-17ABC-1"]);
    for repeated in ["URI/", "2021-03-17", "/RFB/1 ", "2021-03-17ABC-1 ", "LGPE-RIVERSAMENTO", "A"]
    {
        let text = repeated.repeat((1 << 20) / repeated.len());
        let reading = read(&text, None, &flows);
        assert!(reading.iufs.len() <= MAX_FLOWS && reading.candidates.len() <= MAX_CANDIDATES);
    }
}

#[test]
fn a_text_with_more_flows_than_it_can_name_is_for_a_person() {
    let text = |count: u32| {
        let names = (0..count).map(|n| format!("/URI/2021-03-17ABC-{n:05}"));
        names.collect::<Vec<_>>().join(" ")
    };
    let flows = KnownFlows::default();
    let most = u32::try_from(MAX_FLOWS).unwrap();
    let reading = read(&text(most), None, &flows);
    assert_eq!((reading.kind, reading.iufs.len()), (ReadingKind::Flow, MAX_FLOWS));
    let reading = read(&text(most + 1), None, &flows);
    assert_eq!((reading.kind, reading.damage), (ReadingKind::None, Some(Damage::Ambiguous)));
    assert_eq!(reading.candidates.len(), MAX_CANDIDATES);
}

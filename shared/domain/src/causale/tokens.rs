//! What a payer writes in a transfer that is not pagoPA's: verbale, plate, fiscal code, name.
//!
//! These only rank candidates for a person: a spelling too many does no harm, one that is missed
//! costs a search by hand.

use crate::identifier::{FiscalCode, Iuv, NoticeNumber};

/// How many runs of letters or of digits are looked at: more than 140 characters can have.
const MAX_RUNS: usize = 256;

/// How many tokens of each kind are kept.
const MAX_TOKENS: usize = 16;

/// Words that announce the number of a verbale.
const REPORT_WORDS: [&str; 15] = [
    "VERBALE",
    "VERBALI",
    "VERB",
    "VERBLE",
    "VERBLI",
    "VRB",
    "VBL",
    "PV",
    "SANZIONE",
    "MULTA",
    "CONTRAVVENZIONE",
    "INFRAZIONE",
    "REPORT",
    "TICKET",
    "VIOLAZIONE",
];

/// Words that may stand between those and the number.
const FILLERS: [&str; 21] = [
    "N",
    "NR",
    "NO",
    "NUM",
    "NUMERO",
    "NRO",
    "CDS",
    "DI",
    "CODICE",
    "DELLA",
    "STRADA",
    "LE",
    "REG",
    "REGISTRO",
    "PROT",
    "CRON",
    "SERIE",
    "V",
    "ACCERTAMENTO",
    "VIOLAZIONE",
    "POLIZIA",
];

/// Words that announce a plate.
const PLATE_WORDS: [&str; 8] =
    ["TARGA", "TARGATO", "TARGATA", "TG", "PLATE", "KENNZEICHEN", "MOTO", "VEICOLO"];

/// The letters of the provinces on plates until 1994.
const PROVINCES: &str = "AG AL AN AO AP AR AT AV BA BG BL BN BO BR BS BZ CA CB CE CH CL CN CO CR CS \
    CT CZ EN FE FG FI FO FR GE GO GR IM IS LC LE LI LO LT LU MC ME MI MN MO MS MT NA NO NU OR PA PC \
    PD PE PG PI PN PO PR PS PT PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SV TA TE TN TO TP TR \
    TS TV UD VA VC VE VI VR VT VV";

/// Words that are in too many causali and in too many names.
const PARTICLES: [&str; 8] = ["DEL", "DELLA", "DELLE", "DELLO", "DEI", "DEGLI", "PER", "CON"];

/// What was found in a text, each kind in its order, without repetitions, at most 16 of each.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Numbers of verbali, behind a word that announces them.
    pub reports: Vec<ReportNumber>,
    /// Plates, as [`plate_key`] writes them.
    pub plates: Vec<Box<str>>,
    /// Fiscal codes; those of 11 digits only with the right check digit, since many numbers of
    /// banks have 11 digits.
    pub fiscal_codes: Vec<FiscalCode>,
    /// IUVs: of notice numbers, and those of 15 or 17 digits that stand alone.
    pub iuvs: Vec<Iuv>,
    /// Numbers with their year (`123/2026`, `2026/123`) that no word announces.
    pub numbers: Vec<ReportNumber>,
    /// Words of 3 letters or more, upper case and without accents: one may be a name.
    pub words: Vec<Box<str>>,
}

/// Personal data stays out of logs and errors.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// Number of a verbale, whatever its spelling: `V/123/2026`, `000123-26`, `123 del 15/01/2026`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportNumber {
    /// The number without leading zeros; letters of a series do not count.
    pub number: u64,
    /// The year, where it is written.
    pub year: Option<i16>,
}

/// A verbale leads to a person: it stays out of logs and errors.
impl std::fmt::Debug for ReportNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportNumber(..)")
    }
}

impl ReportNumber {
    /// The number that an office's own `report_number` means.
    #[must_use]
    pub fn read(report_number: &str) -> Option<Self> {
        let runs = runs(report_number);
        let start = runs.iter().position(Run::is_number)?;
        report_at(&runs, start).map(|(report, _)| report)
    }

    /// Whether both may be the same verbale: equal numbers, and years that do not contradict.
    #[must_use]
    pub fn agrees_with(self, other: Self) -> bool {
        let years_agree = match (self.year, other.year) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        self.number == other.number && years_agree
    }
}

/// The tokens of `text`.
#[must_use]
pub fn tokens(text: &str) -> Tokens {
    let runs = runs(text);
    let mut tokens = Tokens { words: words_of(&runs), ..Tokens::default() };
    for start in 0..runs.len() {
        for report in reports_announced_at(&runs, start) {
            keep(&mut tokens.reports, report);
        }
        if let Some(plate) = plate_at(&runs, start) {
            keep(&mut tokens.plates, plate.into_boxed_str());
        }
        if let Some(code) = fiscal_code_at(&runs, start) {
            keep(&mut tokens.fiscal_codes, code);
        }
        if let Some(iuv) = iuv_at(&runs, start) {
            keep(&mut tokens.iuvs, iuv);
        }
        if let Some(number) = bare_number_at(&runs, start) {
            keep(&mut tokens.numbers, number);
        }
    }
    tokens
}

/// The words of a name, in the form that [`Tokens::words`] has.
#[must_use]
pub fn name_words(name: &str) -> Vec<Box<str>> {
    words_of(&runs(name))
}

/// A plate in the form that [`Tokens::plates`] has: upper case letters and digits, nothing else.
#[must_use]
pub fn plate_key(plate: &str) -> Box<str> {
    runs(plate).iter().map(|run| run.text.as_str()).collect::<String>().into_boxed_str()
}

fn keep<T: PartialEq>(list: &mut Vec<T>, token: T) {
    if list.len() < MAX_TOKENS && !list.contains(&token) {
        list.push(token);
    }
}

/// What stands between a run and the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glue {
    Nothing,
    Blank,
    Slash,
    Dash,
    Other,
}

/// Letters only or digits only, upper case and without accents.
struct Run {
    text: String,
    glue: Glue,
}

impl Run {
    fn is_number(&self) -> bool {
        self.text.as_bytes()[0].is_ascii_digit()
    }

    /// A number of `length` digits.
    fn is_digits(&self, length: usize) -> bool {
        self.is_number() && self.text.len() == length
    }

    fn is_word(&self, words: &[&str]) -> bool {
        words.contains(&self.text.as_str())
    }

    /// Two letters that plates since 1994 have.
    fn is_plate_pair(&self) -> bool {
        self.text.len() == 2
            && self.text.bytes().all(|b| b.is_ascii_uppercase() && !b"IOQU".contains(&b))
    }

    /// Whether it may be part of one code with the run before.
    fn goes_on(&self) -> bool {
        matches!(self.glue, Glue::Nothing | Glue::Blank | Glue::Dash)
    }
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut glue = Glue::Other;
    for character in text.chars() {
        let Some(letter) = plain(character) else {
            glue = match (glue, character) {
                (Glue::Nothing | Glue::Blank, c) if c.is_whitespace() => Glue::Blank,
                (Glue::Nothing | Glue::Blank, '/' | '\\') => Glue::Slash,
                (Glue::Nothing | Glue::Blank, '-' | '–' | '_') => Glue::Dash,
                (found @ (Glue::Slash | Glue::Dash), c) if c.is_whitespace() => found,
                _ => Glue::Other,
            };
            continue;
        };
        let same =
            |last: &&mut Run| glue == Glue::Nothing && last.is_number() == letter.is_ascii_digit();
        if let Some(last) = runs.last_mut().filter(same) {
            last.text.push(letter);
        } else if runs.len() < MAX_RUNS {
            runs.push(Run { text: letter.into(), glue });
        } else {
            break;
        }
        glue = Glue::Nothing;
    }
    runs
}

/// The upper case letter without its accent, or the digit; `None` for all else.
fn plain(character: char) -> Option<char> {
    let upper = match character {
        'à'..='å' | 'À'..='Å' => 'A',
        'ç' | 'Ç' => 'C',
        'è'..='ë' | 'È'..='Ë' => 'E',
        'ì'..='ï' | 'Ì'..='Ï' => 'I',
        'ñ' | 'Ñ' => 'N',
        'ò'..='ö' | 'Ò'..='Ö' => 'O',
        'ù'..='ü' | 'Ù'..='Ü' => 'U',
        'š' | 'Š' => 'S',
        'ž' | 'Ž' => 'Z',
        other => other.to_ascii_uppercase(),
    };
    upper.is_ascii_alphanumeric().then_some(upper)
}

fn words_of(runs: &[Run]) -> Vec<Box<str>> {
    let mut words = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        let in_code = run.glue == Glue::Nothing
            || runs.get(place + 1).is_some_and(|next| next.glue == Glue::Nothing);
        if !run.is_number() && !in_code && run.text.len() >= 3 && !run.is_word(&PARTICLES) {
            keep(&mut words, run.text.as_str().into());
        }
    }
    words
}

/// The verbali that the word at `start` announces: one, or a list `123/2026, 124/2026 e 125/2026`.
fn reports_announced_at(runs: &[Run], start: usize) -> Vec<ReportNumber> {
    let series = runs[start].text == "V"
        && !matches!(runs[start].glue, Glue::Slash | Glue::Dash)
        && runs.get(start + 1).is_some_and(|next| next.glue == Glue::Slash);
    if !runs[start].is_word(&REPORT_WORDS) && !series {
        return Vec::new();
    }
    let mut at = start + 1;
    let mut dated = None;
    for _ in 0..6 {
        let Some(run) = runs.get(at) else { return Vec::new() };
        if run.text == "DEL" {
            let Some((year, next)) = year_after_del(runs, at) else { return Vec::new() };
            (dated, at) = (Some(year), next);
        } else if !run.is_number() && (run.is_word(&FILLERS) || run.text.len() <= 2) {
            at += 1;
        } else {
            break;
        }
    }
    let mut found = Vec::new();
    while let Some((report, next)) = report_at(runs, at) {
        if !found.is_empty() && report.year.is_none() || found.len() == MAX_TOKENS {
            break;
        }
        found.push(ReportNumber { year: report.year.or(dated), ..report });
        at = next + usize::from(runs.get(next).is_some_and(|run| run.is_word(&["E", "ED"])));
    }
    found
}

/// The number at `start` with its year, and the place behind them.
fn report_at(runs: &[Run], start: usize) -> Option<(ReportNumber, usize)> {
    let run = runs.get(start).filter(|run| run.is_number() && run.text.len() <= 18)?;
    let number: u64 = run.text.parse().ok()?;
    let mut at = start + 1;
    let joined = |at: usize| {
        runs.get(at).filter(|run| matches!(run.glue, Glue::Slash | Glue::Dash | Glue::Nothing))
    };
    if joined(at).is_some_and(|series| !series.is_number() && series.text.len() <= 2) {
        at += 1; // the series between the number and the year
    }
    if let Some(next) = joined(at).filter(|next| next.is_number()) {
        if let Some(year) = year_of(&next.text) {
            return Some((ReportNumber { number, year: Some(year) }, at + 1));
        }
        // The year comes first: 2026/000123.
        let year_first = run.is_digits(4).then(|| year_of(&run.text)).flatten();
        if let (Some(year), Ok(number)) = (year_first, next.text.parse()) {
            return Some((ReportNumber { number, year: Some(year) }, at + 1));
        }
    }
    if runs.get(at).is_some_and(|run| run.is_word(&["DEL", "ANNO"]))
        && let Some((year, next)) = year_after_del(runs, at)
    {
        return Some((ReportNumber { number, year: Some(year) }, next));
    }
    Some((ReportNumber { number, year: None }, start + 1))
}

/// The year of `DEL 2026` or `DEL 15/01/2026` at `del`, and the place behind it.
fn year_after_del(runs: &[Run], del: usize) -> Option<(i16, usize)> {
    let number = |at: usize| runs.get(at).filter(|run| run.is_number());
    let first = number(del + 1)?;
    if first.text.len() == 4 {
        return year_of(&first.text).map(|year| (year, del + 2));
    }
    let _month = number(del + 2)?;
    year_of(&number(del + 3)?.text).map(|year| (year, del + 4))
}

/// A year of four digits from 1990, or of two of this century.
fn year_of(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 if (1990..=2099).contains(&year) => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// The plate that begins at `start`.
fn plate_at(runs: &[Run], start: usize) -> Option<String> {
    if runs[start].is_word(&PLATE_WORDS) {
        let behind = start + 1;
        let known = runs.get(behind).and_then(|_| italian_plate_at(runs, behind, true));
        return known.or_else(|| foreign_plate_at(runs, behind));
    }
    italian_plate_at(runs, start, false)
}

/// `AB 123 CD`, since 1994; `AB 12345` of motorcycles; `PI 123456`, until 1994. The last two have
/// many false friends: with blanks inside they count only if `announced`, but for six digits.
fn italian_plate_at(runs: &[Run], start: usize, announced: bool) -> Option<String> {
    let [letters, digits, rest @ ..] = &runs[start..] else { return None };
    if letters.glue == Glue::Nothing || !digits.goes_on() || letters.is_number() {
        return None;
    }
    let closed = |next: Option<&Run>| next.is_none_or(|run| run.glue != Glue::Nothing);
    let text = || format!("{}{}", letters.text, digits.text);
    if letters.is_plate_pair() && digits.is_digits(3) {
        let last = rest.first().filter(|last| last.goes_on() && last.is_plate_pair())?;
        return closed(rest.get(1)).then(|| text() + &last.text);
    }
    let close = announced || digits.glue == Glue::Nothing;
    let motorcycle = letters.is_plate_pair() && digits.is_digits(5) && close;
    let province =
        letters.text == "ROMA" || PROVINCES.split_whitespace().any(|p| p == letters.text);
    let old = province && (digits.is_digits(6) || digits.is_digits(5) && close);
    ((motorcycle || old) && closed(rest.first())).then(text)
}

/// Behind a word that announces a plate: up to 4 short runs, until there are letters and digits and
/// a blank follows.
fn foreign_plate_at(runs: &[Run], start: usize) -> Option<String> {
    let mut plate = String::new();
    let whole = |plate: &str| {
        let has = |test: fn(&u8) -> bool| plate.as_bytes().iter().any(test);
        plate.len() >= 4 && has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase)
    };
    for (place, run) in runs.iter().enumerate().skip(start).take(4) {
        let goes_on = place == start || run.goes_on();
        let complete = run.glue == Glue::Blank && whole(&plate);
        let word = run.is_word(&PARTICLES) || run.is_word(&FILLERS);
        if !goes_on || complete || word || plate.len() + run.text.len() > 9 {
            break;
        }
        plate.push_str(&run.text);
    }
    whole(&plate).then_some(plate)
}

/// The fiscal code that begins at `start`, with or without blanks inside.
fn fiscal_code_at(runs: &[Run], start: usize) -> Option<FiscalCode> {
    if runs[start].is_digits(11) {
        let text = joined_to(runs, start, 11)?;
        return FiscalCode::parse(&text).ok().filter(FiscalCode::verified);
    }
    (!runs[start].is_number()).then_some(())?;
    FiscalCode::parse(&joined_to(runs, start, 16)?).ok()
}

/// The IUV at `start`, or the one of the notice number there, with or without blanks inside.
fn iuv_at(runs: &[Run], start: usize) -> Option<Iuv> {
    if !runs[start].is_number() {
        return None;
    }
    let notice = joined_to(runs, start, 18).and_then(|text| NoticeNumber::parse(&text).ok());
    notice.map(|notice| notice.iuv()).or_else(|| {
        let bare = [17, 15].into_iter().find_map(|length| joined_to(runs, start, length))?;
        bare.bytes().all(|byte| byte.is_ascii_digit()).then(|| Iuv::parse(&bare).ok())?
    })
}

/// A number and a year of four digits, one behind the other with a slash or a dash between.
fn bare_number_at(runs: &[Run], start: usize) -> Option<ReportNumber> {
    let [first, second, rest @ ..] = &runs[start..] else { return None };
    let parted = |run: &Run| matches!(run.glue, Glue::Slash | Glue::Dash);
    // Of `15/01/2026` no two are a number and a year.
    let in_date =
        parted(first) || rest.first().is_some_and(|next| parted(next) && next.is_number());
    if !first.is_number() || !second.is_number() || !parted(second) || in_date {
        return None;
    }
    let year = |run: &Run| if run.text.len() == 4 { year_of(&run.text) } else { None };
    let number = |run: &Run| run.text.parse().ok().filter(|_| run.text.len() <= 18);
    match (year(second), year(first)) {
        (Some(year), _) => Some(ReportNumber { number: number(first)?, year: Some(year) }),
        (None, Some(year)) => Some(ReportNumber { number: number(second)?, year: Some(year) }),
        (None, None) => None,
    }
}

/// The runs from `start` put together, if they make exactly `length` characters that stand alone.
fn joined_to(runs: &[Run], start: usize, length: usize) -> Option<String> {
    if runs[start].glue == Glue::Nothing {
        return None;
    }
    let mut text = String::with_capacity(length);
    for (place, run) in runs.iter().enumerate().skip(start) {
        if place > start && !matches!(run.glue, Glue::Nothing | Glue::Blank) {
            return None;
        }
        text.push_str(&run.text);
        if text.len() >= length {
            let alone = runs.get(place + 1).is_none_or(|next| next.glue != Glue::Nothing);
            return (text.len() == length && alone).then_some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reports(text: &str) -> Vec<(u64, Option<i16>)> {
        tokens(text).reports.iter().map(|report| (report.number, report.year)).collect()
    }

    fn plates(text: &str) -> Vec<String> {
        tokens(text).plates.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_of_verbali_are_found_in_many_spellings() {
        for text in [
            "verbale n. 123/2026",
            "Verbale nr 123/2026 Rossi",
            "VERBALE N° 123 / 2026",
            "V/123/2026",
            "PAGAMENTO V/000123/2026 ROSSI",
            "verb. 123-2026",
            "VERB.LE N.123/26",
            "VERBALE N 000123 DEL 2026",
            "VERBALE 123 DEL 15/01/2026",
            "VERBALE DEL 15.01.2026 N. 123",
            "VRB 123/26",
            "VERBALE123/2026",
            "VERBALE V 123/2026",
            "VERBALE N. 123/V/2026",
            "multa n.123 anno 2026",
            "SANZIONE CODICE DELLA STRADA 123/2026",
            "verbale 2026/000123",
            "VERBALE\n123/2026",
            "Ticket no. 123/2026",
        ] {
            assert_eq!(reports(text), [(123, Some(2026))], "{text}");
        }
        assert_eq!(reports("VERBALE 123"), [(123, None)]);
        assert_eq!(reports("VERBALE N. 123 EURO 45,00"), [(123, None)]);
        assert_eq!(
            reports("VERBALI N. 123/2026, 124/2026 E 7/2025"),
            [(123, Some(2026)), (124, Some(2026)), (7, Some(2025))]
        );
    }

    #[test]
    fn other_numbers_are_no_verbali() {
        for text in [
            "FATTURA 123/2026",
            "123/2026",
            "VERBALE DI GARA",
            "VERBALE DEL 15/01/2026",
            "V 123",
            "",
        ] {
            assert_eq!(reports(text), [], "{text}");
        }
    }

    #[test]
    fn numbers_with_a_year_are_kept_though_nothing_announces_them() {
        for (text, expected) in [
            ("P.V. N. 123/2026", vec![(123, 2026)]),
            ("2026/123 VERBALE", vec![(123, 2026)]),
            ("ACCERTAMENTO 123/2026", vec![(123, 2026)]),
            ("VER BALE N. 123-2026", vec![(123, 2026)]),
            ("REF 000123 / 2026", vec![(123, 2026)]),
            ("V. 123 / 2026", vec![(123, 2026)]),
            ("BUSSGELD 123/2026", vec![(123, 2026)]),
            ("DEL 15/01/2026", vec![]),
            ("2026-01-15", vec![]),
            ("123/26", vec![]),
            ("CANONE 2026", vec![]),
            ("1/2/3", vec![]),
        ] {
            let found: Vec<_> =
                tokens(text).numbers.iter().map(|n| (n.number, n.year.unwrap())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_verbale_of_the_office_agrees_with_the_payers_spelling() {
        let agree = |office: &str, payer: &str| {
            let office = ReportNumber::read(office).unwrap();
            tokens(payer).reports.iter().any(|report| report.agrees_with(office))
        };
        assert!(agree("V/123/2026", "verb 000123-26"));
        assert!(agree("123/2026", "VERBALE 123"));
        assert!(!agree("123/2026", "VERBALE 123/2025"));
        assert!(!agree("123/2026", "VERBALE 1234/2026"));
        assert_eq!(ReportNumber::read("senza numero"), None);
    }

    #[test]
    fn plates_are_found_in_many_spellings() {
        for (text, plate) in [
            ("MULTA AB123CD ROSSI", "AB123CD"),
            ("multa ab 123 cd", "AB123CD"),
            ("TARGA: AB-123-CD", "AB123CD"),
            ("verbale 12/2026 targa AB123CD del 3/3", "AB123CD"),
            ("moto AB12345", "AB12345"),
            ("PAGO AB12345 GRAZIE", "AB12345"),
            ("TARGA AB 12345", "AB12345"),
            ("PI 123456", "PI123456"),
            ("AUTO PI123456", "PI123456"),
            ("TARGA PI 12345", "PI12345"),
            ("plate B-MW 1234", "BMW1234"),
            ("Kennzeichen M AB 123 aus Berlin", "MAB123"),
            ("TARGA 1234 BCD", "1234BCD"),
        ] {
            assert_eq!(plates(text), [plate], "{text}");
            assert_eq!(&*plate_key(plate), plate);
        }
        assert_eq!(&*plate_key("ab 123-cd"), "AB123CD");
    }

    #[test]
    fn other_codes_are_no_plates() {
        for text in [
            "NR 12345",
            "CC 12345",
            "IT60X0542811101000000123456",
            "RSSMRA80A01H501U",
            "AB1234CD",
            "UI 123 OQ",
            "VERBALE 123/2026",
            "TARGA ILLEGGIBILE",
            "XAB123CDX",
        ] {
            assert_eq!(plates(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn fiscal_codes_notices_and_words_are_found() {
        let codes = |text: &str| -> Vec<String> {
            tokens(text).fiscal_codes.iter().map(|code| code.as_str().to_owned()).collect()
        };
        assert_eq!(codes("CF RSSMRA80A01H501U"), ["RSSMRA80A01H501U"]);
        assert_eq!(codes("c.f. rss mra 80a01 h501u multa"), ["RSSMRA80A01H501U"]);
        assert_eq!(codes("P.IVA 01234567897"), ["01234567897"]);
        assert_eq!(codes("CRO 01234567890"), [""; 0], "wrong check digit");
        assert_eq!(codes("RSSMRA80A01H501UX"), [""; 0]);

        let iuvs = |text: &str| -> Vec<String> {
            tokens(text).iuvs.iter().map(ToString::to_string).collect()
        };
        assert_eq!(iuvs("AVVISO 301000000000012373"), ["01000000000012373"]);
        assert_eq!(iuvs("3010 0000 0000 0123 73 Rossi"), ["01000000000012373"]);
        assert_eq!(iuvs("IUV 01000000000012373"), ["01000000000012373"]);
        assert_eq!(iuvs("000000000004282"), ["000000000004282"]);
        assert_eq!(iuvs("901000000000012373"), [""; 0]);
        assert_eq!(iuvs("3010000000000123731"), [""; 0]);

        let expected: Vec<Box<str>> = ["NICOLO".into(), "ANGELO".into(), "ROSSI".into()].into();
        assert_eq!(tokens("Nicolò D'Angelo-Rossi n. 5 AB123CD").words, expected);
        assert_eq!(name_words("D'ANGELO ROSSI Nicolò").len(), 3);
    }

    #[test]
    fn nothing_personal_is_in_debug() {
        let tokens = tokens("VERBALE 123/2026 AB123CD RSSMRA80A01H501U ROSSI");
        assert_eq!(format!("{tokens:?} {:?}", tokens.reports[0]), "Tokens(..) ReportNumber(..)");
    }

    #[test]
    fn a_text_gives_no_more_than_the_most() {
        let many = (100..400).map(|n| format!("VERBALE {n}/2026"));
        let many = many.collect::<Vec<_>>().join(" ");
        assert_eq!(tokens(&many).reports.len(), MAX_TOKENS);
        let behind = format!("{}AB123CD", "X ".repeat(MAX_RUNS));
        assert_eq!(plates(&behind), [""; 0]);
        let inside = format!("{}AB123CD", "X ".repeat(MAX_RUNS - 3));
        assert_eq!(plates(&inside), ["AB123CD"]);
    }

    proptest! {
        #[test]
        fn any_text_has_tokens(text in r"(\PC|VERBALE |DEL |[0-9]{1,18}|[A-Z]{1,4}|/| |TARGA ){0,40}") {
            let tokens = tokens(&text);
            prop_assert!(tokens.reports.len() <= MAX_TOKENS && tokens.plates.len() <= MAX_TOKENS);
        }
    }
}

//! Where the grammar of SACI, in its historical and damaged forms, says that an identifier begins.
//!
//! | SACI | cumulative transfer |
//! |---|---|
//! | 1.3.1 | `/PUR/LGPE-RIVERSAMENTO/URI/<IUF>` |
//! | 1.4.0 | `/PUR/LGPE-RIVERSAMENTO <Cumulativo¦Cumulativo same day¦Integrativo<n>> pagamenti del <aaaammgg>/URI/<IUF>` |
//! | 2.0.0 | `/PUR/LGPE-RIVERSAMENTO/TXT/<n>/URI/<IUF>` |
//!
//! Slashes may be dots or missing, `/PUR/` or more may be missing, anything may stand before.

use super::Rule;
use super::form::starts_with_date;
use super::text::Text;

const LGPE: &[u8] = b"lgpe";
const RIVERSAMENTO: &[u8] = b"riversamento";

/// A place where an identifier of a flow should begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    /// What says so. [`Rule::KnownPrefix`]: a date and nothing else, so only a known flow counts.
    pub(super) rule: Rule,
    /// The number after TXT or Integrativo: 0 ordinary, 1 to 9 integrative.
    pub(super) progressive: Option<u8>,
}

/// What the grammar finds in a text.
pub(super) struct Grammar {
    /// Where identifiers may begin, in the order of the text, no two alike.
    pub(super) places: Vec<Place>,
    /// `LGPE` is there: the transfer says that it is a riversamento.
    pub(super) lgpe: bool,
    /// The text has a pagoPA marker: `LGPE`, a `URI` tag, the name of the platform.
    pub(super) marker: bool,
}

impl Grammar {
    pub(super) fn scan(text: &Text<'_>) -> Self {
        let lgpe = text.find_all(LGPE).next().is_some();
        let mut places: Vec<Place> =
            text.find_all(b"uri").filter_map(|uri| place_after_uri(text, uri)).collect();
        let tagged = lgpe || !places.is_empty();
        if lgpe {
            places.extend(text.find_all(RIVERSAMENTO).filter_map(|at| place_after_lgpe(text, at)));
        }
        let rule = if tagged { Rule::MarkedDate } else { Rule::KnownPrefix };
        let dates = text.find_all(b"20").filter(|&at| starts_with_date(&text.bytes()[at..]));
        places.extend(dates.map(|start| Place { start, rule, progressive: None }));
        // The sort is stable: of two places that are one, the first that was found stays.
        places.sort_by_key(|place| place.start);
        places.dedup_by_key(|place| place.start);
        let marker = tagged || text.find_all(b"pagopa").next().is_some();
        Self { places, lgpe, marker }
    }

    /// Whether the text is cut inside the fixed part of the grammar. One that is whole and has no
    /// identifier behind it is not cut: there was none.
    pub(super) fn stops_before_identifier(text: &Text<'_>) -> bool {
        let Some(lgpe) = text.find_all(LGPE).last() else { return false };
        let letters: Vec<u8> = text.bytes()[lgpe + LGPE.len()..]
            .iter()
            .filter(|byte| !is_separator(**byte) && **byte != b'-' && !byte.is_ascii_digit())
            .copied()
            .collect();
        let whole: [&[u8]; 2] = [b"riversamentouri", b"riversamentotxturi"];
        whole.iter().any(|whole| whole.starts_with(&letters) && letters.len() < whole.len())
    }
}

/// The place behind the letters `uri` at `uri`, if they are the tag.
fn place_after_uri(text: &Text<'_>, uri: usize) -> Option<Place> {
    let head = &text.bytes()[..uri];
    let (head, progressive) = strip_progressive(head);
    let (head, narrative) = strip_narrative(head);
    let start = skip_separators(text, uri + 3);
    let rule = if ends_with_lgpe(head) {
        match (progressive, narrative) {
            (_, Some(_)) => Rule::PagamentiDelUri,
            (Some(_), None) => Rule::TxtUri,
            (None, None) => Rule::Uri,
        }
    } else if progressive.is_some() {
        Rule::TxtUri
    } else if is_tag(text, uri, 3) {
        Rule::BareUri
    } else {
        return None;
    };
    let progressive = progressive.or(narrative);
    Some(Place { start, rule, progressive })
}

/// The place behind `LGPE-RIVERSAMENTO` where `URI` was lost: only a date can begin there.
fn place_after_lgpe(text: &Text<'_>, at: usize) -> Option<Place> {
    if !ends_with_lgpe(&text.bytes()[..at + RIVERSAMENTO.len()]) {
        return None;
    }
    let mut start = skip_separators(text, at + RIVERSAMENTO.len());
    let mut progressive = None;
    if text.is_at(start, b"txt") {
        start = skip_separators(text, start + 3);
        let digit = text.byte(start).filter(u8::is_ascii_digit);
        let after = start + 1;
        if let Some(digit) = digit
            && (text.has_gap(after) || text.byte(after).is_some_and(is_separator))
        {
            progressive = Some(digit - b'0');
            start = skip_separators(text, after);
        }
    }
    let dated = starts_with_date(text.bytes().get(start..)?);
    dated.then_some(Place { start, rule: Rule::Lgpe, progressive })
}

/// Whether the word of `length` letters at `at` stands alone: a separator or a blank on each side.
pub(super) fn is_tag(text: &Text<'_>, at: usize, length: usize) -> bool {
    let separator_at = |position: usize| text.byte(position).is_some_and(is_separator);
    let before = at == 0 || text.has_gap(at) || separator_at(at - 1);
    let after = text.has_gap(at + length) || separator_at(at + length);
    before && after
}

/// The first position from `start` that is no separator.
pub(super) fn skip_separators(text: &Text<'_>, start: usize) -> usize {
    (start..text.len())
        .find(|&position| !is_separator(text.bytes()[position]))
        .unwrap_or(text.len())
}

/// A slash, the dot that stands for it in end-to-end identifiers, the colon of bank tags.
const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'.' | b':')
}

fn trim_separators(head: &[u8]) -> &[u8] {
    let end = head.iter().rposition(|byte| !is_separator(*byte)).map_or(0, |last| last + 1);
    &head[..end]
}

/// Takes `TXT/<n>` off the end.
fn strip_progressive(head: &[u8]) -> (&[u8], Option<u8>) {
    let trimmed = trim_separators(head);
    if let Some((digit @ b'0'..=b'9', rest)) = trimmed.split_last()
        && let Some(rest) = trim_separators(rest).strip_suffix(b"txt")
    {
        return (rest, Some(digit - b'0'));
    }
    (head, None)
}

/// Takes `Cumulativo pagamenti del 20211022` and the like off the end; the number is that of
/// Integrativo, 0 for the others.
fn strip_narrative(head: &[u8]) -> (&[u8], Option<u8>) {
    let trimmed = trim_separators(head);
    let digits = trimmed.iter().rev().take(8).take_while(|byte| byte.is_ascii_digit()).count();
    let Some(kind) = trimmed[..trimmed.len() - digits].strip_suffix(b"pagamentidel") else {
        return (head, None);
    };
    for ordinary in [&b"cumulativosameday"[..], b"cumulativo"] {
        if let Some(rest) = kind.strip_suffix(ordinary) {
            return (rest, Some(0));
        }
    }
    match kind.split_last() {
        Some((digit @ b'1'..=b'9', rest)) if rest.ends_with(b"integrativo") => {
            (&rest[..rest.len() - b"integrativo".len()], Some(digit - b'0'))
        }
        _ => (head, None),
    }
}

/// Whether `head` ends with `LGPE-RIVERSAMENTO`, whatever became of the dash.
fn ends_with_lgpe(head: &[u8]) -> bool {
    let Some(rest) = trim_separators(head).strip_suffix(RIVERSAMENTO) else { return false };
    let rest = trim_separators(rest);
    rest.strip_suffix(b"-").unwrap_or(rest).ends_with(LGPE)
}

//! Transfers of one payment: `/RFB/<IUV>[/<importo>][/TXT/…]`, `/RFS/<IUV RF…>/<importo>[/TXT/…]`.
//!
//! Not allowed since SACI 1.4.0, and still seen.

use std::ops::Range;

use crate::identifier::Iuv;
use crate::money::Cents;

use super::form::MAX_IUF;
use super::grammar::{is_tag, skip_separators};
use super::text::Text;
use super::{Damage, Rule};

/// The most characters of an ISO 11649 reference.
const MAX_RF: usize = 25;

/// How many single payments a reading names at most.
const MAX_SINGLES: usize = 8;

/// A single payment that the text names.
pub(super) struct Single {
    pub(super) rule: Rule,
    pub(super) iuv: Iuv,
    pub(super) range: Range<usize>,
    pub(super) amount: Option<Cents>,
}

/// The single payments that `text` names, else what is wrong with the first that it tries to name.
pub(super) fn singles(text: &Text<'_>) -> (Vec<Single>, Option<Damage>) {
    let mut found: Vec<Single> = Vec::new();
    let mut damage = None;
    let tags = text.find_all(b"rf").filter_map(|at| match text.byte(at + 2) {
        Some(b'b') if is_tag(text, at, 3) => Some((at, Rule::Rfb)),
        Some(b's') if is_tag(text, at, 3) => Some((at, Rule::Rfs)),
        _ => None,
    });
    for (at, rule) in tags.take(MAX_SINGLES) {
        match single_at(text, skip_separators(text, at + 3), rule) {
            Ok(single) if found.iter().any(|other| other.iuv == single.iuv) => {}
            Ok(single) => found.push(single),
            Err(what) => damage = damage.or(Some(what)),
        }
    }
    (found, damage)
}

fn single_at(text: &Text<'_>, start: usize, rule: Rule) -> Result<Single, Damage> {
    let end = if is_rf(text, start) { rf_end(text, start) } else { iuv_end(text, start) }?;
    if end == text.len() && text.has_cut_width() {
        return Err(Damage::Truncated);
    }
    let iuv = Iuv::parse(&text.original(start..end)).map_err(|_| Damage::Unreadable)?;
    Ok(Single { rule, iuv, range: start..end, amount: amount_after(text, end) })
}

fn is_rf(text: &Text<'_>, start: usize) -> bool {
    text.is_at(start, b"rf")
        && [2, 3].iter().all(|i| text.byte(start + i).is_some_and(|byte| byte.is_ascii_digit()))
}

/// The end of an `RF…` in one piece or printed in groups of 4; a word behind is not a group.
fn rf_end(text: &Text<'_>, start: usize) -> Result<usize, Damage> {
    let mut end = text.piece_end(start);
    let mut group = end - start;
    while group == 4 && text.has_gap(end) {
        let next = text.piece_end(end);
        let has_digit = text.bytes()[end..next].iter().any(u8::is_ascii_digit);
        if next - end > 4 || !has_digit || next - start > MAX_RF {
            break;
        }
        (group, end) = (next - end, next);
    }
    let letters_and_digits = text.bytes()[start..end].iter().all(u8::is_ascii_alphanumeric);
    match end - start {
        0..=4 => Err(if end == text.len() { Damage::Truncated } else { Damage::Unreadable }),
        length if length > MAX_RF => Err(Damage::TooLong),
        _ if !letters_and_digits => Err(Damage::Unreadable),
        _ => Ok(end),
    }
}

/// The end of an IUV of 15 or 17 digits, whole or with blanks inside; else of the free text that
/// old flows have, only if a slash closes it.
fn iuv_end(text: &Text<'_>, start: usize) -> Result<usize, Damage> {
    let first = text.piece_end(start);
    let all_digits = |end: usize| text.bytes()[start..end].iter().all(u8::is_ascii_digit);
    let mut end = first;
    while all_digits(end) && end - start < 17 && end - start != 15 && text.has_gap(end) {
        match text.piece_end(end) {
            next if next > end => end = next,
            _ => break,
        }
    }
    if all_digits(end) && matches!(end - start, 15 | 17) {
        return Ok(end);
    }
    let has_digit = text.bytes()[start..first].iter().any(u8::is_ascii_digit);
    match first - start {
        length if length > MAX_IUF => Err(Damage::TooLong),
        _ if first == text.len() => Err(Damage::Truncated),
        _ if has_digit && text.is_at(first, b"/") => Ok(first),
        _ => Err(Damage::Unreadable),
    }
}

/// The amount behind the reference, `/44.40` or `/44,40`.
fn amount_after(text: &Text<'_>, end: usize) -> Option<Cents> {
    if !text.is_at(end, b"/") {
        return None;
    }
    let rest = &text.bytes()[end + 1..];
    let length = rest
        .iter()
        .enumerate()
        .take_while(|(i, byte)| {
            (byte.is_ascii_digit() || matches!(byte, b'.' | b','))
                && (*i == 0 || !text.has_gap(end + 1 + i))
        })
        .take(17)
        .count();
    let number = std::str::from_utf8(&rest[..length]).ok()?.replace(',', ".");
    let closed = text.is_boundary(end + 1 + length);
    Cents::parse(&number).ok().filter(|_| closed)
}

//! Identifiers of flows in a causale: the known ones, then what the grammar shows.

use std::ops::Range;

use crate::identifier::Iuf;

use super::form::{DATE, Form, MAX_IUF, is_telling, is_unmistakable, may_be_a_shorter_number};
use super::grammar::{Grammar, Place};
use super::known::{Known, KnownFlows, MAX_CANDIDATES};
use super::text::{Text, is_identifier_byte};
use super::{Damage, Rule};

/// How many flows a reading names at most: 140 characters have room for fewer. A text with more
/// is for a person.
pub(super) const MAX_FLOWS: usize = 16;

/// Something at one place of the text that is, or should be, the identifier of a flow.
pub(super) struct Finding {
    pub(super) range: Range<usize>,
    pub(super) what: What,
}

pub(super) enum What {
    /// An identifier that is whole.
    Whole(Iuf, Rule),
    /// The beginning of exactly one known identifier.
    Cut(Iuf),
    /// Nothing that can be relied on, and the known flows that it may mean.
    Damaged(Damage, Vec<Iuf>),
}

impl Finding {
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.what, What::Whole(..))
    }
}

/// What `text` says of flows, in its order.
pub(super) fn findings(text: &Text<'_>, grammar: &Grammar, known: &KnownFlows) -> Vec<Finding> {
    let mut found = known_whole(text, grammar, known);
    let known_count = found.len();
    let mut next = 0;
    for place in &grammar.places {
        let covered = || covers(&found[..known_count], text, place.start);
        if place.start < next || found.len() > MAX_FLOWS || covered() {
            continue;
        }
        if let Some(finding) = at_place(text, *place, known) {
            next = finding.range.end;
            found.push(finding);
        }
    }
    found.sort_by_key(|finding| finding.range.start);
    found
}

/// Whether a known identifier stands at `start`, or in what is glued together there.
fn covers(known: &[Finding], text: &Text<'_>, start: usize) -> bool {
    let glued = start..text.piece_end(start);
    known.iter().any(|found| found.range.contains(&start) || glued.contains(&found.range.start))
}

/// Rule 1: the known identifiers that stand whole in the text, the longest at each place.
fn known_whole(text: &Text<'_>, grammar: &Grammar, known: &KnownFlows) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut next = 0;
    let mut places = grammar.places.iter().map(|place| place.start).peekable();
    for start in 0..text.len() {
        while places.next_if(|place| *place < start).is_some() {}
        let in_place = places.peek() == Some(&start);
        let anywhere = known.has_undated() && begins_piece(text, start);
        if start < next || !(in_place || anywhere) || found.len() > MAX_FLOWS {
            continue;
        }
        let fitting = known.whole_at(text, start);
        if let Some(first) = fitting.first().filter(|k| in_place || is_unmistakable(k.key())) {
            let range = start..start + first.key().len();
            next = range.end;
            found.push(Finding { what: spelled(text, &range, fitting), range });
        }
    }
    found
}

/// Whether nothing of an identifier stands right before `start`.
fn begins_piece(text: &Text<'_>, start: usize) -> bool {
    start == 0 || text.has_gap(start) || !is_identifier_byte(text.bytes()[start - 1])
}

/// The one of `fitting` that the text spells, they being alike but for case and blanks.
fn spelled(text: &Text<'_>, range: &Range<usize>, fitting: &[Known]) -> What {
    let spelling = text.original(range.clone());
    match (fitting, fitting.iter().find(|known| known.iuf().as_str() == spelling)) {
        ([only], _) | (_, Some(only)) => What::Whole(only.iuf().clone(), Rule::KnownIdentifier),
        _ => What::Damaged(Damage::Ambiguous, candidates(fitting)),
    }
}

/// What stands at a place where no known identifier is whole; `None` if nothing was to be there.
fn at_place(text: &Text<'_>, place: Place, known: &KnownFlows) -> Option<Finding> {
    let start = place.start;
    if let Some((range, what)) = cut_known(text, start, known) {
        let relied_on = matches!(what, What::Cut(_)) || place.rule != Rule::KnownPrefix;
        return relied_on.then_some(Finding { range, what });
    }
    if place.rule == Rule::KnownPrefix {
        return None;
    }
    let (end, form) = run_at(text, start);
    let range = start..end;
    let at_end = end == text.len();
    let damaged = |damage| What::Damaged(damage, Vec::new());
    let what = match form {
        Form::Dated | Form::Undated if at_end && range.len() < MAX_IUF && text.has_cut_width() => {
            damaged(Damage::Truncated)
        }
        Form::Dated | Form::Undated => Iuf::parse(&text.original(range.clone()))
            .map_or_else(|_| damaged(Damage::Unreadable), |iuf| What::Whole(iuf, place.rule)),
        Form::TooLong => too_long(text, start, known.glued_at(text, start)),
        // A date in a narrative is no attempt to name a flow.
        _ if place.rule == Rule::MarkedDate => return None,
        _ if range.is_empty() && !text.has_cut_width() => damaged(Damage::Unreadable),
        _ if at_end => damaged(Damage::Truncated),
        _ => damaged(Damage::Unreadable),
    };
    Some(Finding { range, what })
}

/// More characters stand at `start` than an identifier has. A known one that is whole in them is
/// meant if a word is glued to its number; a number glued to a number could be another flow's.
fn too_long(text: &Text<'_>, start: usize, fitting: &[Known]) -> What {
    if let [only] = fitting {
        let last = only.key().last().copied();
        let next = text.bytes().get(start + only.key().len()).copied();
        let is = |byte: Option<u8>, test: fn(&u8) -> bool| byte.as_ref().is_some_and(test);
        if is(last, u8::is_ascii_digit) && is(next, u8::is_ascii_alphabetic) {
            return What::Whole(only.iuf().clone(), Rule::KnownIdentifier);
        }
    }
    What::Damaged(Damage::TooLong, candidates(fitting))
}

/// The known identifiers of which the text at `start` has only the beginning.
///
/// It counts if it is the beginning of exactly one, tells enough, and the text ends with it. In
/// the middle it could as well be a whole one that is not known yet, and so could a number that is
/// just shorter than the known one's; those are ambiguous.
fn cut_known(text: &Text<'_>, start: usize, known: &KnownFlows) -> Option<(Range<usize>, What)> {
    let (end, fitting) = ends_of_pieces(text, start)
        .into_iter()
        .rev()
        .map(|end| (end, known.beginning_with(&text.bytes()[start..end])))
        .find(|(_, fitting)| !fitting.is_empty())?;
    let cut = &text.bytes()[start..end];
    let what = match fitting {
        _ if cut.len() <= DATE => return None,
        [only] if !is_telling(cut, only.key()) => {
            What::Damaged(Damage::Truncated, candidates(fitting))
        }
        [only] if end == text.len() && !may_be_a_shorter_number(cut, only.key()) => {
            What::Cut(only.iuf().clone())
        }
        _ => What::Damaged(Damage::Ambiguous, candidates(fitting)),
    };
    Some((start..end, what))
}

/// Where the text at `start` could stop being an identifier: at each blank inside it and at its
/// end. At most one more than an identifier has characters.
fn ends_of_pieces(text: &Text<'_>, start: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut end = start;
    loop {
        let next = text.piece_end(end);
        if next == end || next - start > MAX_IUF {
            return ends;
        }
        ends.push(next);
        end = next;
    }
}

/// The end of what stands at `start` and is the most like a whole identifier, and its form.
///
/// Pieces parted by a blank are joined as long as they make no identifier yet and the next one can
/// be its continuation; over a continuation mark also after that, if the next has digits.
fn run_at(text: &Text<'_>, start: usize) -> (usize, Form) {
    let mut end = text.piece_end(start);
    loop {
        let form = Form::of(&text.bytes()[start..end]);
        if end == start || !text.has_gap(end) {
            return (end, form);
        }
        let next = text.piece_end(end);
        let piece = &text.bytes()[end..next];
        let fits = next > end && next - start <= MAX_IUF;
        let has_digit = piece.iter().any(u8::is_ascii_digit);
        let joins = match form {
            Form::PartOfDate => matches!(piece.first(), Some(b'0'..=b'9' | b'-')),
            Form::Date => {
                let has_code = has_digit && !piece.iter().all(u8::is_ascii_digit);
                has_code || text.has_gap(next) && text.is_at(next, b"-")
            }
            Form::Psp => piece == b"-" || has_digit && piece[0] == b'-',
            Form::Dash => has_digit,
            Form::Dated | Form::Undated => has_digit && text.continues(end),
            Form::Nothing | Form::TooLong => false,
        };
        if !(fits && joins) {
            return (end, form);
        }
        end = next;
    }
}

fn candidates(known: &[Known]) -> Vec<Iuf> {
    known.iter().take(MAX_CANDIDATES).map(|known| known.iuf().clone()).collect()
}

//! Reading the causale of a credit: which flows or payments it names (SACI, causale of the SCT).
//!
//! | order | what | rule |
//! |---|---|---|
//! | 1 | known IUFs, whole: without blanks, `/ZZ4/` and case; the longest at each place | `known_identifier` |
//! | 1 | the beginning of exactly one known IUF, where the text ends | `known_prefix` |
//! | 2 | the grammar in its historical and damaged forms | `uri`, `txt_uri`, `pagamenti_del_uri`, `bare_uri`, `lgpe`, `marked_date` |
//! | 2 | transfers of one payment | `rfb`, `rfs` |
//! | 3 | `end_to_end_id`, read in the same way | `end_to_end_id` |
//!
//! An identifier that is wrong is worse than none: what is damaged, glued to more text or fits
//! several flows is not named, and the reading says why and lists what it may mean. `cases.txt`
//! shows what is read in what; [`tokens`] is for transfers that are not pagoPA's.

mod flow;
mod form;
mod grammar;
mod known;
mod single;
#[cfg(test)]
mod tests;
mod text;
pub mod tokens;

use std::ops::Range;

use crate::identifier::{Iuf, Iuv};
use crate::money::Cents;

use flow::{Finding, MAX_FLOWS, What};
use form::Form;
use grammar::Grammar;
pub use known::KnownFlows;
use known::MAX_CANDIDATES;
use text::Text;

/// What a causale says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// What it names.
    pub kind: ReadingKind,
    /// The flows that it names, in its order; more than one if it names several whole.
    pub iufs: Vec<Iuf>,
    /// The single payments that it names.
    pub iuvs: Vec<Iuv>,
    /// The number after TXT or Integrativo: 0 ordinary, 1 to 9 integrative.
    pub txt_progressive: Option<u8>,
    /// The amount behind a single IUV.
    pub declared_amount: Option<Cents>,
    /// What read the first identifier.
    pub rule: Option<Rule>,
    /// From the first identifier, or the first damaged one, to the last: bytes of the causale, or
    /// of the end-to-end identifier if [`Rule::EndToEndId`] read it.
    pub at: Option<Range<usize>>,
    /// What is wrong with it. An identifier may be named all the same.
    pub damage: Option<Damage>,
    /// Whether the text says that it is pagoPA's.
    pub marker: bool,
    /// Known flows that a damaged identifier may mean: for a person, at most 8.
    pub candidates: Vec<Iuf>,
}

/// What a causale names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReadingKind {
    /// Flows: riversamento cumulativo.
    Flow,
    /// One payment: riversamento singolo.
    Single,
    /// Nothing that can be relied on.
    #[default]
    None,
}

/// What is wrong with a causale, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// Where an identifier should be there is something else: `iuf_unreadable`.
    Unreadable,
    /// The identifier is cut: `iuf_truncated`.
    Truncated,
    /// The identifier has more than 35 characters: `iuf_too_long`.
    TooLong,
    /// It fits more than one flow, or a known one and one that may come: `ambiguous_causale`.
    Ambiguous,
}

/// Which rule read an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A known IUF stands whole in the text.
    KnownIdentifier,
    /// The text ends with the beginning of exactly one known IUF.
    KnownPrefix,
    /// `LGPE-RIVERSAMENTO/URI/`, SACI 1.3.1.
    Uri,
    /// `TXT/<n>/URI/`, SACI 2.0.0.
    TxtUri,
    /// `LGPE-RIVERSAMENTO … pagamenti del <aaaammgg>/URI/`, SACI 1.4.0.
    PagamentiDelUri,
    /// `/URI/` with nothing of the rest.
    BareUri,
    /// A date right after `LGPE-RIVERSAMENTO`, with no `URI`.
    Lgpe,
    /// An identifier with its date somewhere in a text that has a tag.
    MarkedDate,
    /// `/RFB/<IUV>`.
    Rfb,
    /// `/RFS/<RF…>`.
    Rfs,
    /// Any of these in the end-to-end identifier.
    EndToEndId,
}

impl Rule {
    /// The name that files and explanations give it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KnownIdentifier => "known_identifier",
            Self::KnownPrefix => "known_prefix",
            Self::Uri => "uri",
            Self::TxtUri => "txt_uri",
            Self::PagamentiDelUri => "pagamenti_del_uri",
            Self::BareUri => "bare_uri",
            Self::Lgpe => "lgpe",
            Self::MarkedDate => "marked_date",
            Self::Rfb => "rfb",
            Self::Rfs => "rfs",
            Self::EndToEndId => "end_to_end_id",
        }
    }
}

impl ReadingKind {
    /// The name that files give it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Single => "single",
            Self::None => "none",
        }
    }
}

impl Damage {
    /// The code of the anomaly that it is (contract of the anomalies).
    #[must_use]
    pub const fn anomaly(self) -> &'static str {
        match self {
            Self::Unreadable => "iuf_unreadable",
            Self::Truncated => "iuf_truncated",
            Self::TooLong => "iuf_too_long",
            Self::Ambiguous => "ambiguous_causale",
        }
    }
}

/// Reads the causale of a credit, and its end-to-end identifier where the causale names nothing.
///
/// Any text gives a reading, in time that grows with its length. What is named is known, or stands
/// in the text letter by letter but for blanks and `/ZZ4/`.
#[must_use]
pub fn read(remittance: &str, end_to_end_id: Option<&str>, known: &KnownFlows) -> Reading {
    let reading = read_text(&Text::new(remittance), known);
    let Some(end_to_end_id) = end_to_end_id.filter(|_| reading.kind == ReadingKind::None) else {
        return reading;
    };
    let other = read_end_to_end(end_to_end_id, known);
    if other.kind == ReadingKind::None {
        let marker = reading.marker || other.marker;
        return Reading { marker, ..reading };
    }
    Reading {
        txt_progressive: other.txt_progressive.or(reading.txt_progressive),
        rule: Some(Rule::EndToEndId),
        damage: other.damage.max(reading.damage),
        marker: other.marker || reading.marker,
        ..other
    }
}

/// An end-to-end identifier has no room for the whole grammar: an IUF may be all that it is.
fn read_end_to_end(end_to_end_id: &str, known: &KnownFlows) -> Reading {
    let text = Text::new(end_to_end_id);
    let reading = read_text(&text, known);
    if reading.kind != ReadingKind::None || Form::of(text.bytes()) != Form::Dated {
        return reading;
    }
    let range = 0..text.len();
    match Iuf::parse(&text.original(range.clone())) {
        Ok(iuf) if reading.damage.is_none() => Reading {
            kind: ReadingKind::Flow,
            iufs: vec![iuf],
            at: Some(text.place(&range)),
            ..reading
        },
        _ => reading,
    }
}

fn read_text(text: &Text<'_>, known: &KnownFlows) -> Reading {
    let grammar = Grammar::scan(text);
    let mut reading = Reading { marker: grammar.marker, ..Reading::default() };
    reading.txt_progressive = grammar.places.iter().find_map(|place| place.progressive);
    reading.take_flows(text, flow::findings(text, &grammar, known));
    let singles = reading.take_singles(text);
    if reading.kind == ReadingKind::None && reading.damage.is_none() {
        reading.damage = singles.or_else(|| missing_identifier(text, &grammar));
    }
    reading
}

/// What is wrong with a text that says it is a riversamento and names nothing at all.
fn missing_identifier(text: &Text<'_>, grammar: &Grammar) -> Option<Damage> {
    grammar.lgpe.then(|| {
        if Grammar::stops_before_identifier(text) { Damage::Truncated } else { Damage::Unreadable }
    })
}

impl Reading {
    /// Weighs what was found in different places against each other.
    fn take_flows(&mut self, text: &Text<'_>, mut findings: Vec<Finding>) {
        forget_copies(text, &mut findings);
        let mut cut = Vec::new();
        let mut at: Option<Range<usize>> = None;
        for Finding { range, what } in findings {
            let first = at.get_or_insert(range.clone());
            first.end = first.end.max(range.end);
            match what {
                What::Whole(iuf, rule) => {
                    self.rule = self.rule.or(Some(rule));
                    self.iufs.push(iuf);
                }
                What::Cut(iuf) => cut.push(iuf),
                What::Damaged(damage, candidates) => {
                    self.damage = self.damage.max(Some(damage));
                    self.candidates.extend(candidates);
                }
            }
        }
        if !cut.is_empty() {
            self.damage = self.damage.max(Some(Damage::Truncated));
        }
        match &cut[..] {
            [only] if self.iufs.is_empty() && self.candidates.is_empty() => {
                self.rule = Some(Rule::KnownPrefix);
                self.iufs.push(only.clone());
            }
            _ => self.candidates.extend(cut),
        }
        if self.iufs.len() > MAX_FLOWS {
            self.damage = Some(Damage::Ambiguous);
            self.candidates = std::mem::take(&mut self.iufs);
        }
        self.candidates.truncate(MAX_CANDIDATES);
        self.at = at.filter(|range| !range.is_empty()).map(|range| text.place(&range));
        if !self.iufs.is_empty() {
            self.kind = ReadingKind::Flow;
        }
    }

    /// The single payments; of a text that names flows they are only listed. What is wrong with
    /// them, if anything.
    fn take_singles(&mut self, text: &Text<'_>) -> Option<Damage> {
        let (singles, damage) = single::singles(text);
        self.marker |= !singles.is_empty() || damage.is_some();
        if let (Some(first), ReadingKind::None) = (singles.first(), self.kind) {
            let end = singles.last().unwrap_or(first).range.end;
            self.kind = ReadingKind::Single;
            self.rule = Some(first.rule);
            self.at = Some(text.place(&(first.range.start..end)));
            self.declared_amount = first.amount;
        }
        self.iuvs = singles.into_iter().map(|single| single.iuv).collect();
        damage
    }
}

/// The same causale is sometimes there twice with only one whole: what is the beginning of another
/// identifier of the same text names nothing.
///
/// A whole one goes for any longer one, a damaged one only for a whole one, so that what is wrong
/// with the longest is not forgotten.
fn forget_copies(text: &Text<'_>, findings: &mut Vec<Finding>) {
    let all: Vec<(Range<usize>, bool)> =
        findings.iter().map(|found| (found.range.clone(), found.is_whole())).collect();
    let spelled = |range: &Range<usize>| &text.bytes()[range.clone()];
    findings.retain(|found| {
        let own = spelled(&found.range);
        !all.iter().any(|(range, whole)| {
            let other = spelled(range);
            let longer = other.len() > own.len() && (found.is_whole() || *whole);
            let again = other.len() == own.len() && *whole && range.start < found.range.start;
            (longer || again)
                && other.starts_with(own)
                && !(found.is_whole() && *whole && form::may_be_a_shorter_number(own, other))
        })
    });
}

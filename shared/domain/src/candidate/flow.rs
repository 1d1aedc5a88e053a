//! Clues that a flow is what a credit of pagoPA without a readable identifier pays.

use jiff::civil::Date;

use super::{Clue, has_name};
use crate::causale::tokens::{name_words, tokens};
use crate::identifier::Iuf;
use crate::money::Cents;

/// How many days may be between a credit and the settlement of its flow.
pub const DAYS_APART_MAX: i64 = 5;
/// How many characters of an identifier may be wrong.
const WRONG_MAX: usize = 3;
/// An identifier of fewer characters is near too many.
const LENGTH_MIN: usize = 12;

/// A credit that is pagoPA's and names no flow.
#[derive(Clone)]
pub struct UnnamedCredit {
    /// Its amount.
    amount: Cents,
    /// Its day.
    on: Date,
    /// What stands where the identifier should be, folded.
    damaged: Vec<u8>,
    /// The words of remitter and causale.
    words: Vec<Box<str>>,
    /// TRN or CRO of the transfer, as [`settlement_key`] writes it.
    settlement: Option<Box<str>>,
}

/// A flow, as such a credit may tell of it.
#[derive(Debug, Clone, Copy)]
pub struct FlowTraits<'a> {
    /// Its identifier.
    pub iuf: &'a Iuf,
    /// What of its declared total has not been credited.
    pub missing: Cents,
    /// dataRegolamento.
    pub settled_on: Date,
    /// identificativoUnivocoRegolamento.
    pub settlement_id: &'a str,
    /// The name of its provider.
    pub provider: Option<&'a str>,
    /// Whether the reading of the causale says that the damaged identifier begins it.
    pub begins: bool,
}

impl UnnamedCredit {
    /// A credit by what the journal says of it; `damaged` is what stands in the causale where the
    /// identifier should be, or nothing.
    #[must_use]
    pub fn new(remitter: &str, remittance: &str, damaged: &str, amount: Cents, on: Date) -> Self {
        let words = tokens(&format!("{remitter} | {remittance}")).words;
        Self { amount, on, damaged: folded(damaged), words, settlement: None }
    }

    /// The same with the TRN or CRO of the transfer.
    #[must_use]
    pub fn transferred_as(self, reference: Option<&str>) -> Self {
        Self { settlement: reference.and_then(settlement_key), ..self }
    }

    /// What speaks for a flow, in the order in which people are told. Empty if neither identifier
    /// nor amount do: day and provider alone say nothing.
    #[must_use]
    pub fn clues(&self, flow: FlowTraits<'_>) -> Vec<Clue> {
        let mut clues = Vec::new();
        if self.settlement.is_some() && self.settlement == settlement_key(flow.settlement_id) {
            clues.push(Clue::Settlement);
        }
        if flow.begins {
            clues.push(Clue::IufBegins);
        } else if let Some(wrong) = self.wrong_characters(flow.iuf) {
            clues.push(Clue::IufNear(wrong));
        }
        if self.amount == flow.missing {
            clues.push(Clue::FlowAmount(self.amount));
        }
        if clues.is_empty() {
            return clues;
        }
        match (self.on - flow.settled_on).get_days().unsigned_abs() {
            0 => clues.push(Clue::SameDay),
            days if i64::from(days) <= DAYS_APART_MAX => clues.push(Clue::NearDay),
            _ => {}
        }
        if flow.provider.is_some_and(|name| has_name(&self.words, &name_words(name))) {
            clues.push(Clue::Provider);
        }
        if flow.missing <= Cents::ZERO {
            clues.push(Clue::CreditedAlready);
        }
        clues
    }

    fn wrong_characters(&self, iuf: &Iuf) -> Option<usize> {
        let own = folded(iuf.as_str());
        let long = self.damaged.len().min(own.len()) >= LENGTH_MIN;
        if long { distance(&self.damaged, &own, WRONG_MAX) } else { None }
    }
}

/// A TRN, CRO or identificativoUnivocoRegolamento as they are compared: letters and digits, upper
/// case. One of fewer than 8 (`0`, `N/A`) names no transfer.
#[must_use]
pub fn settlement_key(reference: &str) -> Option<Box<str>> {
    let key: String = reference
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let told = key.len() >= 8 && key.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0');
    told.then(|| key.into_boxed_str())
}

/// Lower case and without blanks, which banks add and lose.
fn folded(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|b| b.to_ascii_lowercase())
        .collect()
}

/// How many characters must be changed, added or taken away to make `b` of `a`, if no more than
/// `most`. Only the band of width `2 · most + 1` around the diagonal is looked at.
fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let too_many = most + 1;
    let mut above: Vec<usize> = (0..=b.len()).map(|column| column.min(too_many)).collect();
    for (row, character) in (1..).zip(a) {
        let mut here = vec![too_many; b.len() + 1];
        if row <= most {
            here[0] = row;
        }
        for column in row.saturating_sub(most).max(1)..=(row + most).min(b.len()) {
            let changed = above[column - 1] + usize::from(*character != b[column - 1]);
            let moved = above[column].min(here[column - 1]) + 1;
            here[column] = changed.min(moved).min(too_many);
        }
        above = here;
    }
    above.last().copied().filter(|wrong| *wrong <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn distances_are_counted_up_to_the_most() {
        for (a, b, wrong) in [
            ("abcdef", "abcdef", Some(0)),
            ("abcdef", "abXdef", Some(1)),
            ("abcdef", "abdef", Some(1)),
            ("abcdef", "Xabcdef", Some(1)),
            ("abcdef", "bacdef", Some(2)),
            ("abcdef", "XbYdZf", Some(3)),
            ("abcdef", "XbYdZW", None),
            ("abcdef", "abc", Some(3)),
            ("abcdef", "ab", None),
            ("", "abc", Some(3)),
            ("", "", Some(0)),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes(), 3), wrong, "{a} {b}");
            assert_eq!(distance(b.as_bytes(), a.as_bytes(), 3), wrong, "{b} {a}");
        }
    }

    #[test]
    fn the_transfer_of_a_flow_is_known_by_its_reference() {
        for (reference, settlement_id, same) in [
            ("0306927122530803481211712117IT", "0306927122530803481211712117IT", true),
            ("0306927122530803481211712117it", " 0306927122530803481211712117IT", true),
            ("12345678901", "12345678901", true),
            ("12345678901", "12345678902", false),
            ("00000000000", "00000000000", false),
            ("1234567", "1234567", false),
            ("", "", false),
        ] {
            let key = settlement_key(reference);
            assert_eq!(key.is_some() && key == settlement_key(settlement_id), same, "{reference}");
        }
    }

    #[test]
    fn a_flow_is_known_by_identifier_and_amount() {
        let iuf = Iuf::parse("2026-03-04PROVAIT1-0001").unwrap();
        let of = |missing: i64, day: i8, begins: bool| FlowTraits {
            iuf: &iuf,
            missing: Cents::new(missing),
            settled_on: date(2026, 3, day),
            settlement_id: "0306927122530803481211712117IT",
            provider: Some("Banca di Prova S.p.A."),
            begins,
        };
        let whole = Clue::FlowAmount(Cents::new(5_700));
        for (name, damaged, remitter, flow, clues) in [
            ("amount and day", "", "ALTRI", of(5_700, 4, false), vec![whole, Clue::SameDay]),
            ("five days later", "", "ALTRI", of(5_700, 9, false), vec![whole, Clue::NearDay]),
            ("six days later", "", "ALTRI", of(5_700, 10, false), vec![whole]),
            (
                "amount and provider",
                "",
                "BANCA DI PROVA SPA",
                of(5_700, 20, false),
                vec![whole, Clue::Provider],
            ),
            ("day and provider alone", "", "BANCA DI PROVA SPA", of(1, 4, false), vec![]),
            (
                "typed wrong",
                "2026-03-04 PROVAIT1-0002",
                "ALTRI",
                of(1, 20, false),
                vec![Clue::IufNear(1)],
            ),
            ("too short to be near", "0001", "ALTRI", of(1, 4, false), vec![]),
            ("cut", "2026-03-04", "ALTRI", of(1, 20, true), vec![Clue::IufBegins]),
            (
                "cut and credited",
                "2026-03-04",
                "ALTRI",
                of(0, 20, true),
                vec![Clue::IufBegins, Clue::CreditedAlready],
            ),
        ] {
            let credit = UnnamedCredit::new(
                remitter,
                "URI NOT PROVIDED",
                damaged,
                Cents::new(5_700),
                date(2026, 3, 4),
            );
            assert_eq!(credit.clues(flow), clues, "{name}");
        }
    }
}

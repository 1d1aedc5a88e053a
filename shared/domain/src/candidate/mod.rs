//! What may explain a credit or a payment that nothing explains: the clues, how much they weigh,
//! and when they are enough to ask a person.
//!
//! Nothing here matches anything: a candidate is a question, whatever its score.

mod flow;
mod position;
mod slip;

use std::cmp::Reverse;

use crate::causale::tokens::ReportNumber;
use crate::money::Cents;

pub use flow::{DAYS_APART_MAX, FlowTraits, UnnamedCredit, settlement_key};
pub use position::{DebtTraits, Sought};
pub use slip::{IuvDigits, slips};

/// How many candidates are kept for a credit or a payment.
pub const CANDIDATES_MAX: usize = 5;

/// Something that speaks for a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clue {
    /// The text has the number of one of its notices.
    Notice,
    /// The IUV is that of one of its notices but for one digit, or for two neighbours swapped.
    NoticeSlip,
    /// The text names its verbale, with the year.
    Report(ReportNumber),
    /// The text has the number of its verbale without the year.
    ReportWithoutYear(ReportNumber),
    /// The text has its number and year, and nothing that says whose number it is.
    BareNumber(ReportNumber),
    /// The text has the plate of its vehicle.
    Plate,
    /// The text has the fiscal code of its debtor.
    FiscalCode,
    /// Remitter or text have the name of its debtor.
    Name,
    /// The amount is what is left to pay today.
    Residual(Cents),
    /// The amount is that of one of its notices.
    NoticeAmount(Cents),
    /// The day is one on which a notice of that amount could be paid.
    InTerm,
    /// The transfer's TRN or CRO is the flow's identificativoUnivocoRegolamento.
    Settlement,
    /// The damaged identifier is the beginning of the flow's.
    IufBegins,
    /// The damaged identifier is the flow's, but for so many characters.
    IufNear(usize),
    /// The amount is what the flow has not been credited.
    FlowAmount(Cents),
    /// The flow was settled on that day.
    SameDay,
    /// The flow was settled within [`DAYS_APART_MAX`] days of it.
    NearDay,
    /// The remitter is the flow's provider.
    Provider,
    /// The flow has been credited already.
    CreditedAlready,
}

impl Clue {
    /// Whether it names the debt, its debtor or the flow, and no other.
    const fn names_it(&self) -> bool {
        matches!(
            self,
            Self::Notice
                | Self::NoticeSlip
                | Self::Report(_)
                | Self::ReportWithoutYear(_)
                | Self::Plate
                | Self::FiscalCode
                | Self::Settlement
                | Self::IufBegins
                | Self::IufNear(_)
        )
    }

    /// What it adds to a score, of 100.
    const fn weight(self) -> i32 {
        match self {
            Self::Settlement => 70,
            Self::Notice | Self::IufBegins => 60,
            Self::Report(_) => 50,
            Self::NoticeSlip => 45,
            Self::ReportWithoutYear(_) | Self::FiscalCode | Self::FlowAmount(_) => 35,
            Self::Plate | Self::IufNear(1) => 30,
            Self::Residual(_) | Self::IufNear(_) => 25,
            Self::NoticeAmount(_) | Self::BareNumber(_) => 20,
            Self::Name | Self::SameDay | Self::Provider => 15,
            Self::NearDay => 10,
            Self::InTerm => 5,
            Self::CreditedAlready => -30,
        }
    }
}

/// The score of a candidate, 0 to 99: nothing is certain before a person says so.
#[must_use]
pub fn score(clues: &[Clue]) -> u32 {
    let sum: i32 = clues.iter().map(|clue| clue.weight()).sum();
    sum.clamp(0, 99).unsigned_abs()
}

/// Whether the clues are enough to propose the candidate to a person.
///
/// What names the debt or its debtor is enough: a notice number, a verbale, a plate, a fiscal code,
/// the transfer of the flow, the beginning of its identifier or one that is nearly its own. A name,
/// or a number that nothing announces, is with the amount; the amount of a flow is with its day or
/// its provider. An amount alone is not: many debts have it, and most transfers are of other
/// things.
#[must_use]
pub fn is_strong(clues: &[Clue]) -> bool {
    let has = |test: fn(&Clue) -> bool| clues.iter().any(test);
    let amount = has(|clue| matches!(clue, Clue::Residual(_) | Clue::NoticeAmount(_)));
    let weak = has(|clue| matches!(clue, Clue::Name | Clue::BareNumber(_)));
    let near = has(|clue| matches!(clue, Clue::SameDay | Clue::NearDay | Clue::Provider));
    has(Clue::names_it) || amount && weak || near && has(|clue| matches!(clue, Clue::FlowAmount(_)))
}

/// Whether nothing but the amount speaks for the candidate.
fn is_amount_alone(clues: &[Clue]) -> bool {
    clues
        .iter()
        .all(|clue| matches!(clue, Clue::Residual(_) | Clue::NoticeAmount(_) | Clue::InTerm))
}

/// A candidate and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// `position:ID`, `flow:PSP:IUF`.
    pub subject: String,
    /// Why, in the order in which people are told.
    pub clues: Vec<Clue>,
}

impl Candidate {
    fn rank(&self) -> (Reverse<u32>, &str) {
        (Reverse(score(&self.clues)), &self.subject)
    }
}

/// The best candidates for one credit or payment, whatever the order in which they come.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    best: Vec<Candidate>,
    /// For which only the amount speaks, and how many they were.
    of_equal_amount: Vec<Candidate>,
    equal_amounts: usize,
}

impl Ranking {
    /// Takes note of a candidate, if anything speaks for it. `subject` is asked only where it may
    /// be kept.
    pub fn offer(&mut self, clues: Vec<Clue>, subject: impl FnOnce() -> String) {
        if clues.is_empty() {
            return;
        }
        let list = if is_amount_alone(&clues) {
            self.equal_amounts += 1;
            &mut self.of_equal_amount
        } else {
            &mut self.best
        };
        let full = list.len() == CANDIDATES_MAX;
        if full && list.last().is_some_and(|last| score(&last.clues) > score(&clues)) {
            return;
        }
        let candidate = Candidate { subject: subject(), clues };
        let place = list.partition_point(|other| other.rank() < candidate.rank());
        list.insert(place, candidate);
        list.truncate(CANDIDATES_MAX);
    }

    /// The candidates, best first. An amount that more than [`CANDIDATES_MAX`] share says nothing.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        let mut candidates = self.best.clone();
        if self.equal_amounts <= CANDIDATES_MAX {
            candidates.extend_from_slice(&self.of_equal_amount);
        }
        candidates.sort_by(|a, b| a.rank().cmp(&b.rank()));
        candidates.truncate(CANDIDATES_MAX);
        candidates
    }
}

/// Whether a text with these words has a name of these: two words of it, or all if it is one.
fn has_name(text: &[Box<str>], name: &[Box<str>]) -> bool {
    let found = name.iter().filter(|word| text.contains(word)).count();
    found >= 2 || found == 1 && name.len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMOUNT: Clue = Clue::NoticeAmount(Cents::new(5_700));
    const REPORT: ReportNumber = ReportNumber { number: 123, year: Some(2026) };
    const NUMBER: ReportNumber = ReportNumber { number: 123, year: None };

    #[test]
    fn only_what_identifies_is_proposed() {
        use Clue as C;
        for (name, clues, strong) in [
            ("a notice number", vec![C::Notice], true),
            ("a verbale", vec![C::Report(REPORT)], true),
            ("a verbale without its year", vec![C::ReportWithoutYear(NUMBER)], true),
            ("the same with the amount", vec![C::ReportWithoutYear(NUMBER), AMOUNT], true),
            ("the same with the name", vec![C::ReportWithoutYear(NUMBER), C::Name], true),
            ("a plate", vec![C::Plate], true),
            ("a plate and the amount", vec![C::Plate, AMOUNT], true),
            ("a plate and the name", vec![C::Plate, C::Name], true),
            ("a fiscal code", vec![C::FiscalCode], true),
            (
                "a fiscal code and what is left",
                vec![C::FiscalCode, C::Residual(Cents::new(1))],
                true,
            ),
            ("an amount", vec![AMOUNT, C::InTerm], false),
            ("a name", vec![C::Name], false),
            ("a name and the amount", vec![C::Name, AMOUNT, C::InTerm], true),
            ("a number of nothing", vec![C::BareNumber(REPORT)], false),
            ("the same with the amount", vec![C::BareNumber(REPORT), AMOUNT], true),
            ("an IUV typed wrong", vec![C::NoticeSlip], true),
            ("the transfer of a flow", vec![C::Settlement], true),
            ("a cut IUF", vec![C::IufBegins], true),
            ("an IUF typed wrong", vec![C::IufNear(1), C::SameDay, C::Provider], true),
            (
                "an IUF typed wrong and the amount",
                vec![C::IufNear(2), C::FlowAmount(Cents::new(1))],
                true,
            ),
            ("the amount of a flow", vec![C::FlowAmount(Cents::new(1))], false),
            ("the same on its day", vec![C::FlowAmount(Cents::new(1)), C::NearDay], true),
            ("nothing", vec![], false),
        ] {
            assert_eq!(is_strong(&clues), strong, "{name}");
        }
    }

    #[test]
    fn scores_add_up_and_never_reach_100() {
        assert_eq!(score(&[Clue::Plate, AMOUNT]), 50);
        assert_eq!(score(&[Clue::Notice, Clue::Report(REPORT), AMOUNT]), 99);
        assert_eq!(score(&[Clue::CreditedAlready]), 0);
    }

    fn ranked(offers: &[(&str, &[Clue])]) -> Vec<String> {
        let mut ranking = Ranking::default();
        for (subject, clues) in offers {
            ranking.offer(clues.to_vec(), || (*subject).to_owned());
        }
        ranking.candidates().into_iter().map(|candidate| candidate.subject).collect()
    }

    #[test]
    fn the_best_five_are_kept_whatever_the_order() {
        let plate: &[Clue] = &[Clue::Plate];
        let mut offers: Vec<(&str, &[Clue])> =
            ["f", "e", "d", "c", "b", "a"].map(|subject| (subject, plate)).into();
        offers.push(("z", &[Clue::Report(REPORT)]));
        offers.push(("none", &[]));
        let expected = ["z", "a", "b", "c", "d"];
        assert_eq!(ranked(&offers), expected);
        offers.reverse();
        assert_eq!(ranked(&offers), expected);
    }

    #[test]
    fn an_amount_that_many_share_says_nothing() {
        let amount: &[Clue] = &[AMOUNT];
        let mut offers: Vec<(&str, &[Clue])> =
            ["a", "b", "c", "d", "e"].map(|subject| (subject, amount)).into();
        assert_eq!(ranked(&offers), ["a", "b", "c", "d", "e"]);
        offers.push(("n", &[Clue::Name]));
        assert_eq!(ranked(&offers), ["a", "b", "c", "d", "e"], "15 is less than 20");
        offers.push(("f", amount));
        assert_eq!(ranked(&offers), ["n"]);
    }

    #[test]
    fn a_name_is_two_words_of_it() {
        let words = |text: &str| crate::causale::tokens::name_words(text);
        let text = words("Bonifico di ROSSI MARIO per multa");
        for (name, there) in [
            ("Rossi Mario", true),
            ("Rossi Mario Luigi", true),
            ("Rossi Anna", false),
            ("Bonifico", true),
            ("", false),
        ] {
            assert_eq!(has_name(&text, &words(name)), there, "{name}");
        }
    }
}

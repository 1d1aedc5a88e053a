//! Proposals of reversale: how a provvisorio would be regularised, whole or not at all.

use std::collections::BTreeMap;

use crate::allocation::{Allocation, Share};
use crate::anomaly::Code;
use crate::identifier::Provvisorio;
use crate::money::Cents;

/// Why a proposal must wait. In order of precedence: of several reasons the first is told, so that
/// what cannot be helped comes before what can, and what may go by itself before what an office
/// must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The treasurer took the provvisorio back.
    Reversed,
    /// Reversali cover all of it.
    Regularised,
    /// A flow that it pays can still change.
    NotDefinitive,
    /// An anomaly is open that puts the money in doubt.
    AnomalyOpen,
    /// Which lines are its own cannot be told.
    AllocationAmbiguous,
    /// Part of it has no accertamento, or one whose year cannot be read.
    AssessmentMissing,
    /// An accertamento is provisional.
    AssessmentNotDefinitive,
    /// An accertamento is closed.
    AssessmentClosed,
    /// An accertamento is of a year later than the esercizio.
    YearNotOpen,
    /// The parts are not the whole.
    SumDiffers,
    /// It is more than reversali have left.
    OverAvailable,
}

impl Reason {
    /// Its fixed name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reversed => "reversed",
            Self::Regularised => "regularised",
            Self::NotDefinitive => "not_definitive",
            Self::AnomalyOpen => "anomaly_open",
            Self::AllocationAmbiguous => "allocation_ambiguous",
            Self::AssessmentMissing => "assessment_missing",
            Self::AssessmentNotDefinitive => "assessment_not_definitive",
            Self::AssessmentClosed => "assessment_closed",
            Self::YearNotOpen => "year_not_open",
            Self::SumDiffers => "sum_differs",
            Self::OverAvailable => "over_available",
        }
    }
}

/// Whether an anomaly of a payment puts its money in doubt: it contests the amount itself, or it is
/// why some of it has no accertamento (`unallocated`).
///
/// A missing receipt, a late payment, wrong check digits and the like do not: the money is there
/// and it is known for what.
#[must_use]
pub fn puts_in_doubt(code: Code, unallocated: Cents) -> bool {
    match code {
        Code::RowAmountMismatch | Code::OutcomeUnknown | Code::DecisionContradicted => true,
        Code::PositionUnknown | Code::DuplicatePayment | Code::AllocationIncomplete => {
            !unallocated.is_zero()
        }
        _ => false,
    }
}

/// Where money is booked: accertamento, chapter, SIOPE.
type Target = (Box<str>, Option<Box<str>>, Option<Box<str>>);

/// What the payments of one provvisorio put on each accertamento, line by line as they are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    targets: BTreeMap<Target, Cents>,
    without_assessment: bool,
    in_doubt: bool,
}

impl Parts {
    /// Adds a line of a payment, `amount` as it counts in its flow: a revoked one is negative and
    /// takes back what the payment put.
    ///
    /// `allocation` is the payment's. `None` when the line is not the one that the payment is made
    /// by (the same payment again): then nobody knows what it is for.
    pub fn add(&mut self, amount: Cents, allocation: Option<&Allocation>, in_doubt: bool) {
        self.in_doubt |= in_doubt;
        let Some(allocation) = allocation else {
            self.in_doubt = true;
            return;
        };
        self.without_assessment |= !allocation.unallocated.is_zero() && !in_doubt;
        for share in &allocation.shares {
            let target = (share.assessment.clone(), share.chapter.clone(), share.siope.clone());
            let part = if amount.is_negative() { -share.amount } else { share.amount };
            *self.targets.entry(target).or_default() += part;
        }
    }
}

/// A provvisorio and what is known of it.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent answers, each of which gives a reason of its own"
)]
#[derive(Debug, Clone, Copy)]
pub struct ToPropose<'a> {
    /// Which one.
    pub provvisorio: Provvisorio,
    /// All of it.
    pub amount: Cents,
    /// How much of it reversali have regularised.
    pub regularised: Cents,
    /// Whether the treasurer took it back.
    pub reversed: bool,
    /// Whether no flow that it pays can change any more.
    pub definitive: bool,
    /// Whether an anomaly of its own or of its flow puts the money in doubt.
    pub in_doubt: bool,
    /// Whether it cannot be told which lines are its own.
    pub ambiguous: bool,
    /// What its payments put where.
    pub parts: &'a Parts,
}

/// How a provvisorio would be regularised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Why it must wait; `None` when it is ready: then its lines are the whole provvisorio.
    pub reason: Option<Reason>,
    /// Its split as far as it is known, in order of accertamento.
    pub lines: Vec<ProposedLine>,
}

/// A part of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedLine {
    /// Where it goes, and how much of it.
    pub share: Share,
    /// Whether the accertamento is of an earlier year (conto residui).
    pub residual: bool,
}

/// Splits a provvisorio by accertamento. `registry` says why no reversale may be issued on an
/// accertamento, if so; of one that it does not know, nothing.
#[must_use]
pub fn propose(of: &ToPropose<'_>, registry: impl Fn(&str) -> Option<Reason>) -> Proposal {
    let esercizio = of.provvisorio.esercizio.year();
    let mut reasons = standing(of);
    let mut lines = Vec::new();
    for ((assessment, chapter, siope), &amount) in &of.parts.targets {
        if amount.is_zero() {
            continue;
        }
        // More was revoked than paid: no reversale is negative.
        if amount.is_negative() {
            reasons.push(Reason::AnomalyOpen);
        }
        let year = year_of(assessment);
        reasons.extend(registry(assessment));
        match year {
            None => reasons.push(Reason::AssessmentMissing),
            Some(year) if year > esercizio => reasons.push(Reason::YearNotOpen),
            Some(_) => {}
        }
        lines.push(ProposedLine {
            share: Share {
                assessment: assessment.clone(),
                chapter: chapter.clone(),
                siope: siope.clone(),
                amount,
            },
            residual: year.is_some_and(|year| year < esercizio),
        });
    }
    let sum: Cents = lines.iter().map(|line| line.share.amount).sum();
    if sum != of.amount {
        reasons.push(Reason::SumDiffers);
    }
    if sum > of.amount - of.regularised {
        reasons.push(Reason::OverAvailable);
    }
    Proposal { reason: reasons.into_iter().min(), lines }
}

/// What keeps a provvisorio from being regularised, whatever its parts.
fn standing(of: &ToPropose<'_>) -> Vec<Reason> {
    [
        (of.reversed, Reason::Reversed),
        (of.regularised >= of.amount, Reason::Regularised),
        (!of.definitive, Reason::NotDefinitive),
        (of.in_doubt || of.parts.in_doubt, Reason::AnomalyOpen),
        (of.ambiguous, Reason::AllocationAmbiguous),
        (of.parts.without_assessment, Reason::AssessmentMissing),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}

/// The year of an accertamento, `year/number`.
fn year_of(assessment: &str) -> Option<i16> {
    let (year, _) = assessment.split_once('/')?;
    year.parse().ok().filter(|_| year.len() == 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(assessment: &str, amount: &str) -> Share {
        Share {
            assessment: assessment.into(),
            chapter: Some("3020".into()),
            siope: None,
            amount: amount.parse().unwrap(),
        }
    }

    /// `118 42.00, 119 15.00, left 1.00`: accertamenti of 2026 unless they say their year.
    fn allocation(text: &str) -> Allocation {
        let mut allocation = Allocation::default();
        for (to, amount) in text.split(", ").map(|part| part.split_once(' ').unwrap()) {
            match to {
                "left" => allocation.unallocated = amount.parse().unwrap(),
                _ if to.contains('/') || to == "?" => allocation.shares.push(share(to, amount)),
                _ => allocation.shares.push(share(&format!("2026/{to}"), amount)),
            }
        }
        allocation
    }

    /// Payments one after the other; `-` before a revoked one, `~` before one in doubt.
    fn parts(payments: &[&str]) -> Parts {
        let mut parts = Parts::default();
        for payment in payments {
            let text = payment.trim_start_matches(['-', '~']);
            let allocation = allocation(text);
            let amount = allocation.shares.iter().map(|share| share.amount).sum::<Cents>()
                + allocation.unallocated;
            let amount = if payment.starts_with('-') { -amount } else { amount };
            parts.add(amount, Some(&allocation), payment.starts_with('~'));
        }
        parts
    }

    fn written(proposal: &Proposal) -> String {
        let lines = proposal.lines.iter().map(|line| {
            let residual = if line.residual { " residual" } else { "" };
            format!("{} {}{residual}", line.share.assessment, line.share.amount)
        });
        let reason = proposal.reason.map_or("ready", Reason::code);
        std::iter::once(reason.to_owned()).chain(lines).collect::<Vec<_>>().join(", ")
    }

    fn whole<'a>(amount: &str, parts: &'a Parts) -> ToPropose<'a> {
        ToPropose {
            provvisorio: "2026/7".parse().unwrap(),
            amount: amount.parse().unwrap(),
            regularised: Cents::ZERO,
            reversed: false,
            definitive: true,
            in_doubt: false,
            ambiguous: false,
            parts,
        }
    }

    fn registry(assessment: &str) -> Option<Reason> {
        match assessment {
            "2026/8" => Some(Reason::AssessmentNotDefinitive),
            "2026/9" => Some(Reason::AssessmentClosed),
            _ => None,
        }
    }

    #[test]
    fn a_provvisorio_is_split_by_accertamento_or_says_why_not() {
        for (amount, payments, expected) in [
            (
                "101.40",
                &["118 42.00, 119 15.00", "118 29.40, 119 15.00"][..],
                "ready, 2026/118 71.40, 2026/119 30.00",
            ),
            ("10.00", &["2025/118 4.00, 118 6.00"], "ready, 2025/118 4.00 residual, 2026/118 6.00"),
            ("4.00", &["118 4.00", "118 4.00", "-118 4.00"], "ready, 2026/118 4.00"),
            ("4.00", &["119 4.00", "118 4.00", "-118 4.00"], "ready, 2026/119 4.00"),
            ("1.00", &["119 5.00", "-118 4.00"], "anomaly_open, 2026/118 -4.00, 2026/119 5.00"),
            ("4.00", &["2027/1 4.00"], "year_not_open, 2027/1 4.00"),
            ("4.00", &["8 4.00"], "assessment_not_definitive, 2026/8 4.00"),
            ("4.00", &["9 4.00"], "assessment_closed, 2026/9 4.00"),
            ("4.00", &["8 2.00, 9 2.00"], "assessment_not_definitive, 2026/8 2.00, 2026/9 2.00"),
            ("4.00", &["? 4.00"], "assessment_missing, ? 4.00"),
            ("4.00", &["118 3.00, left 1.00"], "assessment_missing, 2026/118 3.00"),
            ("4.00", &["~118 3.00, left 1.00"], "anomaly_open, 2026/118 3.00"),
            ("4.00", &["~118 4.00"], "anomaly_open, 2026/118 4.00"),
            ("4.01", &["118 4.00"], "sum_differs, 2026/118 4.00"),
            ("3.99", &["118 4.00"], "sum_differs, 2026/118 4.00"),
            ("4.00", &[], "sum_differs"),
        ] {
            let parts = parts(payments);
            let proposal = propose(&whole(amount, &parts), registry);
            assert_eq!(written(&proposal), expected, "{amount}: {payments:?}");
        }
    }

    #[test]
    fn of_several_reasons_the_first_is_told() {
        // Provisional, one of a later year, a cent without any: everything is wrong.
        let parts = parts(&["118 1.00", "2027/1 1.98, left 0.01"]);
        let all = ToPropose {
            regularised: "3.00".parse().unwrap(),
            reversed: true,
            definitive: false,
            in_doubt: true,
            ambiguous: true,
            ..whole("3.00", &parts)
        };
        let provisional = |_: &str| Some(Reason::AssessmentNotDefinitive);
        let reason = |of: &ToPropose<'_>| propose(of, provisional).reason.map(Reason::code);
        assert_eq!(reason(&all), Some("reversed"));
        let here = ToPropose { reversed: false, ..all };
        assert_eq!(reason(&here), Some("regularised"));
        let partly = ToPropose { regularised: "1.00".parse().unwrap(), ..here };
        assert_eq!(reason(&partly), Some("not_definitive"));
        let definitive = ToPropose { definitive: true, ..partly };
        assert_eq!(reason(&definitive), Some("anomaly_open"));
        let certain = ToPropose { in_doubt: false, ..definitive };
        assert_eq!(reason(&certain), Some("allocation_ambiguous"));
        let told = ToPropose { ambiguous: false, ..certain };
        assert_eq!(reason(&told), Some("assessment_missing"));
    }

    #[test]
    fn what_reversali_have_left_must_be_enough() {
        let parts = parts(&["118 4.00"]);
        for (regularised, expected) in [
            ("0.00", "ready, 2026/118 4.00"),
            ("0.01", "over_available, 2026/118 4.00"),
            ("3.99", "over_available, 2026/118 4.00"),
            ("4.00", "regularised, 2026/118 4.00"),
        ] {
            let regularised = regularised.parse().unwrap();
            let of = ToPropose { regularised, ..whole("4.00", &parts) };
            assert_eq!(written(&propose(&of, registry)), expected, "{regularised}");
        }
    }

    #[test]
    fn a_payment_that_comes_again_is_in_doubt() {
        let mut parts = parts(&["118 4.00"]);
        parts.add(Cents::new(400), None, false);
        let proposal = propose(&whole("8.00", &parts), registry);
        assert_eq!(written(&proposal), "anomaly_open, 2026/118 4.00");
    }

    #[test]
    fn an_anomaly_is_in_the_way_only_if_it_is_about_the_money() {
        let (none, some) = (Cents::ZERO, Cents::new(1));
        for (code, unallocated, expected) in [
            (Code::RowAmountMismatch, none, true),
            (Code::OutcomeUnknown, none, true),
            (Code::PositionUnknown, some, true),
            (Code::DuplicatePayment, some, true),
            (Code::DuplicatePayment, none, false),
            (Code::AllocationIncomplete, some, true),
            (Code::AssessmentMissing, some, false),
            (Code::ReceiptMissing, some, false),
            (Code::PaidAfterDue, none, false),
            (Code::IuvCheckDigit, none, false),
            (Code::PaymentRevoked, none, false),
        ] {
            assert_eq!(puts_in_doubt(code, unallocated), expected, "{}", code.code());
        }
    }
}

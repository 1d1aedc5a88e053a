//! On which accertamenti a payment goes: the position's items, else the default of the debt type,
//! else the registry. To the cent, or it says by how much it falls short.

use rust_decimal::Decimal;

use crate::anomaly::Code;
use crate::debt::PaidSum;
use crate::fact::{Item, ItemPart};
use crate::money::Cents;

/// Part of a payment on an accertamento.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// The accertamento, `year/number`.
    pub assessment: Box<str>,
    /// The chapter of the budget.
    pub chapter: Option<Box<str>>,
    /// The SIOPE code.
    pub siope: Option<Box<str>>,
    /// How much.
    pub amount: Cents,
}

/// One entry of a debt type's default allocation; the entries of a type make 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultShare {
    /// The accertamento.
    pub assessment: Box<str>,
    /// The chapter.
    pub chapter: Option<Box<str>>,
    /// The SIOPE code.
    pub siope: Option<Box<str>>,
    /// Percentage of the payment.
    pub share_percent: Decimal,
}

/// Where a position's accertamenti come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllocationRule<'a> {
    /// The items of the position itself.
    Items(&'a [Item]),
    /// The default of its debt type, or the one active entry of the registry as 100 per cent.
    Default(&'a [DefaultShare]),
    /// Neither is known.
    Missing,
}

/// How a payment was allocated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allocation {
    /// Its parts, none of them zero.
    pub shares: Vec<Share>,
    /// What could not be put anywhere.
    pub unallocated: Cents,
    /// Why not.
    pub finding: Option<Code>,
}

/// Allocates the payments of one position, in the order in which they count.
///
/// For each answer, shares and the unallocated rest add up to the payment.
#[must_use]
pub fn allocate(rule: AllocationRule<'_>, payments: &[PaidSum]) -> Vec<Allocation> {
    let allocations = match rule {
        AllocationRule::Items(items) => over_items(items, payments),
        AllocationRule::Default(shares) => {
            payments.iter().map(|paid| by_percentage(shares, paid.amount)).collect()
        }
        AllocationRule::Missing => payments
            .iter()
            .map(|paid| Allocation {
                shares: Vec::new(),
                unallocated: paid.amount,
                finding: Some(Code::AssessmentMissing),
            })
            .collect::<Vec<_>>(),
    };
    for (allocation, paid) in allocations.iter().zip(payments) {
        let shared: Cents = allocation.shares.iter().map(|share| share.amount).sum();
        assert_eq!(shared + allocation.unallocated, paid.amount, "an allocation loses money");
    }
    allocations
}

/// Fills the items: costs first, since they are never discounted, then the others in proportion to
/// what is left on each.
fn over_items(items: &[Item], payments: &[PaidSum]) -> Vec<Allocation> {
    let ours: Vec<_> = items.iter().filter(|item| !item.stamp_duty).collect();
    let mut left: Vec<_> = ours.iter().map(|item| item.amount).collect();
    let mut answers = Vec::with_capacity(payments.len());
    for paid in payments {
        let mut rest = paid.amount;
        let mut allocation = Allocation::default();
        for costs in [true, false] {
            let group: Vec<_> = (0..ours.len())
                .filter(|&place| (ours[place].part == Some(ItemPart::Costs)) == costs)
                .collect();
            let room: Vec<_> = group.iter().map(|&place| left[place]).collect();
            let parts = in_proportion(rest.min(room.iter().copied().sum()), &room);
            for (&place, part) in group.iter().zip(parts) {
                left[place] -= part;
                rest -= part;
                put(&mut allocation, ours[place], part);
            }
        }
        if rest > Cents::ZERO {
            allocation.unallocated += rest;
            allocation.finding.get_or_insert(Code::AllocationIncomplete);
        }
        answers.push(allocation);
    }
    answers
}

fn put(allocation: &mut Allocation, item: &Item, amount: Cents) {
    if amount.is_zero() {
        return;
    }
    if let Some(assessment) = &item.assessment {
        allocation.shares.push(Share {
            assessment: assessment.clone(),
            chapter: item.chapter.clone(),
            siope: item.siope.clone(),
            amount,
        });
    } else {
        allocation.unallocated += amount;
        allocation.finding = Some(Code::AssessmentMissing);
    }
}

fn by_percentage(shares: &[DefaultShare], amount: Cents) -> Allocation {
    let weights: Vec<_> = shares
        .iter()
        .map(|share| {
            let weight = share.share_percent * Decimal::from(1_000_000);
            Cents::new(i64::try_from(weight.trunc()).expect("a percentage is at most 100"))
        })
        .collect();
    let parts = in_proportion(amount, &weights);
    let shares = shares.iter().zip(parts).filter(|(_, part)| !part.is_zero());
    Allocation {
        shares: shares
            .map(|(share, amount)| Share {
                assessment: share.assessment.clone(),
                chapter: share.chapter.clone(),
                siope: share.siope.clone(),
                amount,
            })
            .collect(),
        unallocated: Cents::ZERO,
        finding: None,
    }
}

/// Splits an amount in proportion to weights, to the cent: by largest remainder, the first of
/// equals.
fn in_proportion(amount: Cents, weights: &[Cents]) -> Vec<Cents> {
    let total: i128 = weights.iter().map(|weight| i128::from(weight.get())).sum();
    if total == 0 {
        return vec![Cents::ZERO; weights.len()];
    }
    let product = |weight: &Cents| i128::from(amount.get()) * i128::from(weight.get());
    let mut parts: Vec<_> = weights.iter().map(|weight| product(weight) / total).collect();
    let mut order: Vec<_> = (0..weights.len()).collect();
    order.sort_by_key(|&place| std::cmp::Reverse(product(&weights[place]) % total));
    let missing = i128::from(amount.get()) - parts.iter().sum::<i128>();
    for (_, place) in (0..missing).zip(order) {
        parts[place] += 1;
    }
    let cents = |part| Cents::new(i64::try_from(part).expect("a part is not more than the whole"));
    parts.into_iter().map(cents).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debt::Maturity;
    use crate::payment::PaymentKey;

    fn items(text: &str) -> Vec<Item> {
        text.split(", ")
            .map(|text| {
                let mut words = text.split(' ');
                let assessment = words.next().unwrap();
                let part = words.next().unwrap();
                Item {
                    assessment: (assessment != "-").then(|| assessment.into()),
                    chapter: None,
                    siope: None,
                    amount: words.next().unwrap().parse().unwrap(),
                    part: Some(if part == "costs" { ItemPart::Costs } else { ItemPart::Sanction }),
                    stamp_duty: part == "stamp",
                }
            })
            .collect()
    }

    fn paid(amounts: &str) -> Vec<PaidSum> {
        amounts
            .split(", ")
            .map(|amount| PaidSum {
                key: PaymentKey { iuv: "1".parse().unwrap(), iur: "A".parse().unwrap(), index: 1 },
                amount: amount.parse().unwrap(),
                elsewhere: Cents::ZERO,
                paid_on: None,
                cash: false,
                maturity: Maturity::Paid,
            })
            .collect()
    }

    fn written(allocations: &[Allocation]) -> String {
        let one = |allocation: &Allocation| {
            let shares = allocation.shares.iter();
            let mut words: Vec<_> =
                shares.map(|share| format!("{} {}", share.assessment, share.amount)).collect();
            if !allocation.unallocated.is_zero() {
                words.push(format!("left {}", allocation.unallocated));
            }
            words.extend(allocation.finding.map(|code| code.code().to_owned()));
            words.join(" ")
        };
        allocations.iter().map(one).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn payments_fill_the_items_costs_first() {
        const FINE: &str = "118 sanction 42.00, 119 costs 15.00";
        for (parts, amounts, expected) in [
            (FINE, "57.00", "119 15.00 118 42.00"),
            (FINE, "44.40", "119 15.00 118 29.40"),
            (FINE, "44.40, 12.60", "119 15.00 118 29.40 | 118 12.60"),
            (FINE, "101.50", "119 15.00 118 42.00 left 44.50 allocation_incomplete"),
            ("1 sanction 10.00, 2 sanction 20.00", "10.00", "1 3.33 2 6.67"),
            ("1 sanction 1.00, 2 sanction 1.00, 3 sanction 1.00", "1.00", "1 0.34 2 0.33 3 0.33"),
            ("1 sanction 100.00, 1 stamp 16.00", "100.00", "1 100.00"),
            ("- sanction 10.00", "10.00", "left 10.00 assessment_missing"),
        ] {
            let answer = allocate(AllocationRule::Items(&items(parts)), &paid(amounts));
            assert_eq!(written(&answer), expected, "{parts}: {amounts}");
        }
    }

    #[test]
    fn a_default_splits_by_percentage_to_the_cent() {
        let share = |assessment: &str, percent: &str| DefaultShare {
            assessment: assessment.into(),
            chapter: None,
            siope: None,
            share_percent: percent.parse().unwrap(),
        };
        let shares = [share("1", "33.33"), share("2", "33.33"), share("3", "33.34")];
        let answer = allocate(AllocationRule::Default(&shares), &paid("0.02, 100.00"));
        // 0.02: each is owed 0.0067, the largest remainder is the third's, then the first's.
        assert_eq!(written(&answer), "1 0.01 3 0.01 | 1 33.33 2 33.33 3 33.34");
        let answer = allocate(AllocationRule::Missing, &paid("1.00"));
        assert_eq!(written(&answer), "left 1.00 assessment_missing");
    }
}

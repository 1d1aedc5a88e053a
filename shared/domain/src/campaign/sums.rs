//! Whether the notice asks for what the data say is due.

use super::Reason;
use crate::fact::{Item, ItemPart, Notice, PositionVersion, Tier};
use crate::identifier::Iuv;
use crate::money::Cents;

/// What a message can ask for at most: `payment_data.amount` of IO.
const AMOUNT_MAX: Cents = Cents::new(9_999_999_999);

/// The notice of a tier that can be paid from a message: it has a number, a sum, and no payment.
pub(super) fn payable_notice<'a>(
    position: &'a PositionVersion,
    tier: Tier,
    paid: &[Iuv],
) -> Option<&'a Notice> {
    position.notices.iter().find(|notice| {
        notice.tier == tier
            && notice.notice_number.is_some()
            && notice.amount > Cents::ZERO
            && notice.amount <= AMOUNT_MAX
            && !paid.contains(&notice.iuv)
    })
}

/// What speaks against the sum of the notice that a message asks for; nothing where it is right.
/// `paid` is what came so far.
pub(super) fn objection(
    position: &PositionVersion,
    notice: &Notice,
    paid: Cents,
) -> Option<Reason> {
    match notice.tier {
        Tier::Late => late(position, notice, paid),
        Tier::Reduced => reduced(position.items.as_deref()?, notice.amount),
        _ => whole(position.items.as_deref()?, notice.amount),
    }
}

/// Art. 203 c. 3 CdS, art. 389 Reg.: half of the maximum and the costs, less what was paid.
fn late(position: &PositionVersion, notice: &Notice, paid: Cents) -> Option<Reason> {
    let half_maximum = position.fine.as_ref().and_then(|fine| fine.half_maximum);
    let costs = position.items.as_deref().and_then(costs);
    let (Some(half_maximum), Some(costs)) = (half_maximum, costs) else {
        return Some(Reason::AmountUnknown);
    };
    (half_maximum + costs - paid != notice.amount).then_some(Reason::AmountMismatch)
}

/// The costs; `None` where the office does not say what each item is for.
fn costs(items: &[Item]) -> Option<Cents> {
    items.iter().all(|item| item.part.is_some()).then(|| sum(items, Some(ItemPart::Costs)))
}

/// The items of the whole sum, with or without the marche da bollo: offices write it either way.
fn whole(items: &[Item], amount: Cents) -> Option<Reason> {
    let all = sum(items, None);
    let stamps = items.iter().filter(|item| item.stamp_duty).map(|item| item.amount).sum();
    let right = amount == all || amount == all - stamps;
    (!items.is_empty() && !right).then_some(Reason::AmountMismatch)
}

/// Art. 202 c. 1 CdS: 30 % less of the sanction and all of the costs, where the items tell them
/// apart. The half cent may have gone either way.
fn reduced(items: &[Item], amount: Cents) -> Option<Reason> {
    let costs = costs(items)?;
    let sanction = sum(items, Some(ItemPart::Sanction)).get();
    if sanction == 0 {
        return None;
    }
    let (down, rest) = (sanction * 7 / 10, sanction * 7 % 10);
    let sums = [down, down + i64::from(rest > 0)].map(|sum| Cents::new(sum) + costs);
    (!sums.contains(&amount)).then_some(Reason::AmountMismatch)
}

fn sum(items: &[Item], part: Option<ItemPart>) -> Cents {
    let counted = items.iter().filter(|item| part.is_none() || item.part == part);
    counted.map(|item| item.amount).sum()
}

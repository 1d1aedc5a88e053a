//! A debt position: what was due, what was paid, what is left, what must be given back.
//!
//! «Is it paid?» is a question about the position, never about one of its IUVs: a fine has a notice
//! for each sum that the law allows (reduced, full, late).

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::anomaly::Code;
use crate::calendar::deadline;
use crate::fact::{ItemPart, NotSoFar, Notice, PositionStatus, PositionVersion, Tier};
use crate::identifier::Iuv;
use crate::money::Cents;
use crate::payment::PaymentKey;

/// A payment that is not in cash is in time until this many days after the term, since what counts
/// for it is the day of credit (art. 17-quinquies DL 18/2016).
///
/// Deviation: the article counts the day of credit; pagoPA tells the day of payment, which is what
/// is compared here.
pub const TOLERANCE_DAYS: i64 = 2;

/// Art. 202 c. 1 CdS: 30 % less within 5 days of notification.
pub(crate) const REDUCED_TERM_DAYS: u16 = 5;
/// Art. 202 c. 1 CdS: the minimum within 60 days of notification.
pub(crate) const FULL_TERM_DAYS: u16 = 60;

/// How far the money of a payment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maturity {
    /// A receipt says so.
    Paid,
    /// A line of a flow says so.
    Reported,
    /// It is in the treasury.
    Credited,
}

/// A payment of the position that was not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidSum {
    /// Which payment.
    pub key: PaymentKey,
    /// What came to us.
    pub amount: Cents,
    /// What the debtor paid with it that is not transferred to us.
    pub elsewhere: Cents,
    /// The day of payment in Europe/Rome; unknown sorts first.
    pub paid_on: Option<Date>,
    /// Whether it was paid in cash: then it is in time until the term itself.
    pub cash: bool,
    /// How far it has come.
    pub maturity: Maturity,
}

impl PaidSum {
    /// The day that is compared with a term and its days of grace: cash has none of them, so it
    /// counts as if it came that many days later.
    fn day_that_counts(&self) -> Option<Date> {
        let grace = if self.cash { TOLERANCE_DAYS } else { 0 };
        self.paid_on.map(|day| day.saturating_add(grace.days()))
    }
}

/// State of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PositionState {
    /// Nothing was paid.
    Unpaid,
    /// Less was paid than was due.
    PartiallyPaid,
    /// What was due is covered, by receipts at least.
    Paid,
    /// What was due is covered by lines of flows at least.
    Reported,
    /// What was due is in the treasury.
    Credited,
    /// The office cancelled it, or archived it unpaid.
    Cancelled,
}

/// What can be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    /// The IUV of the notice.
    pub iuv: Iuv,
    /// Its amount.
    pub amount: Cents,
    /// Its last good day, where one is known.
    pub due_date: Option<Date>,
}

/// The answer about a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtStanding {
    /// Its state.
    pub state: PositionState,
    /// What was due on the day when it was covered; while it is not, what is due today.
    pub due: Cents,
    /// What came, net of revocations.
    pub paid: Cents,
    /// What is left to pay.
    pub residual: Cents,
    /// What was paid beyond what was due.
    pub refundable: Cents,
    /// What the accertamento loses because the reduced sum closed the fine in time.
    pub minor_revenue: Cents,
    /// The notices that can be paid today.
    pub payable: Vec<Payable>,
    /// What is wrong, and with which payment.
    pub findings: Vec<(PaymentKey, Code)>,
    /// How many of the payments, earliest first, covered what was due; `None` while it is not
    /// covered.
    pub covered_by: Option<usize>,
}

/// The order in which payments count: by day, then by key.
pub fn sort_payments(payments: &mut [PaidSum]) {
    payments.sort_by(|a, b| (a.paid_on, &a.key).cmp(&(b.paid_on, &b.key)));
}

/// Answers about a position on the day `today` (Europe/Rome).
///
/// `payments` are those of all its IUVs, revoked ones left out, in the order of [`sort_payments`].
#[must_use]
pub fn assess(position: &PositionVersion, payments: &[PaidSum], today: Date) -> DebtStanding {
    let paid: Cents = payments.iter().map(|payment| payment.amount).sum();
    let covered = cover(position, payments);
    let status = position.status;
    let cancelled = status == PositionStatus::Cancelled
        || status == PositionStatus::Archived && payments.is_empty();
    let due = if cancelled {
        Cents::ZERO
    } else if let Some(covered) = &covered {
        covered.due
    } else {
        required_from_us(position, payments, today)
    };
    let excess = if covered.is_some() || cancelled { paid - due } else { Cents::ZERO };
    let open = !cancelled && covered.is_none();
    let residual = if open { due - paid } else { Cents::ZERO };
    let state = match &covered {
        _ if cancelled => PositionState::Cancelled,
        Some(_) => matured(payments, due),
        None if payments.is_empty() => PositionState::Unpaid,
        None => PositionState::PartiallyPaid,
    };
    DebtStanding {
        state,
        due,
        paid,
        residual,
        refundable: excess,
        minor_revenue: match &covered {
            Some(covered) if !cancelled => covered.minor_revenue,
            _ => Cents::ZERO,
        },
        payable: if open { payable(position, payments, residual, today) } else { Vec::new() },
        findings: findings(position, payments, covered.as_ref(), excess),
        covered_by: covered.map(|covered| covered.payments),
    }
}

/// How a position was covered.
struct Covered {
    due: Cents,
    payments: usize,
    minor_revenue: Cents,
}

/// The first moment when the sum of the payments reached what was due on that day.
fn cover(position: &PositionVersion, payments: &[PaidSum]) -> Option<Covered> {
    let mut paid = Cents::ZERO;
    for (place, payment) in payments.iter().enumerate() {
        paid += payment.amount;
        let day = payment.day_that_counts().unwrap_or(Date::MIN);
        let due = required_from_us(position, &payments[..=place], day);
        if paid >= due {
            let minor_revenue = match in_force(position, day) {
                Some(notice) if notice.tier == Tier::Reduced => minor_revenue(position, due),
                _ => Cents::ZERO,
            };
            return Some(Covered { due, payments: place + 1, minor_revenue });
        }
    }
    None
}

/// What the office expected on the accertamento beyond the reduced sum: art. 202 c. 1 CdS.
fn minor_revenue(position: &PositionVersion, due: Cents) -> Cents {
    let assessed = match &position.items {
        Some(items) => items.iter().filter(|item| !item.stamp_duty).map(|item| item.amount).sum(),
        None => notice_of(position, Tier::Full).map_or(due, |notice| notice.amount),
    };
    if assessed > due { assessed - due } else { Cents::ZERO }
}

/// What must come to us when everything is paid on `day`: the debt of that day without what goes
/// elsewhere (marche da bollo, other bodies' shares).
///
/// Some offices write the whole notice as its amount, others only their own share of it: so of what
/// goes elsewhere no more is taken off than what came to us falls short.
fn required_from_us(position: &PositionVersion, payments: &[PaidSum], day: Date) -> Cents {
    let stamps: Cents = position
        .items
        .iter()
        .flatten()
        .filter(|item| item.stamp_duty)
        .map(|item| item.amount)
        .sum();
    let elsewhere: Cents = payments.iter().map(|payment| payment.elsewhere).sum();
    let paid: Cents = payments.iter().map(|payment| payment.amount).sum();
    let required = required_on(position, day);
    let short = if required > paid { required - paid } else { Cents::ZERO };
    required - stamps.max(elsewhere.min(short))
}

/// The whole debt if it is paid on `day`.
#[must_use]
pub fn required_on(position: &PositionVersion, day: Date) -> Cents {
    let plan: Vec<_> = position
        .notices
        .iter()
        .filter(|notice| matches!(notice.tier, Tier::Installment(_)))
        .map(|notice| notice.amount)
        .collect();
    let single = notice_of(position, Tier::Single).map(|notice| notice.amount);
    if !plan.is_empty() {
        let plan: Cents = plan.into_iter().sum();
        return single.map_or(plan, |single| single.min(plan));
    }
    match in_force(position, day) {
        // Once part is paid the late notice is issued anew for the rest: the debt is the whole.
        Some(notice) if notice.tier == Tier::Late => {
            late_sum(position).map_or(notice.amount, |whole| whole.max(notice.amount))
        }
        Some(notice) => notice.amount,
        None => late_sum(position)
            .or_else(|| position.notices.iter().map(|notice| notice.amount).max())
            .unwrap_or_else(|| position.items.iter().flatten().map(|item| item.amount).sum()),
    }
}

/// The notice whose sum closes the debt if it is paid on `day`, with the tolerance.
fn in_force(position: &PositionVersion, day: Date) -> Option<&Notice> {
    let within = |notice: &&Notice| {
        term(position, notice).is_none_or(|term| day <= term.saturating_add(TOLERANCE_DAYS.days()))
    };
    notice_of(position, Tier::Single)
        .or_else(|| notice_of(position, Tier::Reduced).filter(within))
        .or_else(|| notice_of(position, Tier::Full).filter(within))
        .or_else(|| notice_of(position, Tier::Late))
}

/// Art. 203 c. 3 CdS: half of the maximum and the costs, as the office's data give them.
fn late_sum(position: &PositionVersion) -> Option<Cents> {
    let half_maximum = position.fine.as_ref()?.half_maximum?;
    let items = position.items.as_ref()?;
    let costs = items.iter().filter(|item| item.part == Some(ItemPart::Costs));
    Some(half_maximum + costs.map(|item| item.amount).sum::<Cents>())
}

fn notice_of(position: &PositionVersion, tier: Tier) -> Option<&Notice> {
    position.notices.iter().find(|notice| notice.tier == tier)
}

/// The last good day of a notice: the office's, else counted from the notification where that is
/// known (art. 202 CdS).
#[must_use]
pub fn term(position: &PositionVersion, notice: &Notice) -> Option<Date> {
    let days = match notice.tier {
        Tier::Reduced => Some(REDUCED_TERM_DAYS),
        Tier::Full => Some(FULL_TERM_DAYS),
        _ => None,
    };
    notice.due_date.or_else(|| match position.fine.as_ref()?.notified_on? {
        NotSoFar::On(notified_on) => days.map(|days| deadline(notified_on, days)),
        NotSoFar::NotYet => None,
    })
}

/// The state of a covered position: how far the money that covers it has come.
fn matured(payments: &[PaidSum], due: Cents) -> PositionState {
    let at_least = |maturity: Maturity| -> Cents {
        payments.iter().filter(|paid| paid.maturity >= maturity).map(|paid| paid.amount).sum()
    };
    if at_least(Maturity::Credited) >= due {
        PositionState::Credited
    } else if at_least(Maturity::Reported) >= due {
        PositionState::Reported
    } else {
        PositionState::Paid
    }
}

/// What the debtor can pay today: every open instalment, else the notice of the tier of the day;
/// after a part payment only if it is of what is left.
fn payable(
    position: &PositionVersion,
    payments: &[PaidSum],
    residual: Cents,
    today: Date,
) -> Vec<Payable> {
    let is_left = |notice: &&Notice| payments.is_empty() || notice.amount == residual;
    let unpaid = |notice: &&Notice| payments.iter().all(|paid| paid.key.iuv != notice.iuv);
    let plan = |notice: &&Notice| matches!(notice.tier, Tier::Installment(_));
    let good_today = |notice: &&Notice| match notice.tier {
        Tier::Reduced | Tier::Full => term(position, notice).is_none_or(|term| today <= term),
        _ => true,
    };
    let tiers = [Tier::Single, Tier::Reduced, Tier::Full, Tier::Late];
    let mut of_today = tiers
        .into_iter()
        .filter_map(|tier| notice_of(position, tier))
        .filter(good_today)
        .take(1)
        .filter(is_left)
        .chain(position.notices.iter().filter(plan))
        .filter(unpaid)
        .map(|notice| Payable {
            iuv: notice.iuv.clone(),
            amount: notice.amount,
            due_date: term(position, notice),
        })
        .collect::<Vec<_>>();
    of_today.sort_by(|a, b| a.iuv.cmp(&b.iuv));
    of_today
}

fn findings(
    position: &PositionVersion,
    payments: &[PaidSum],
    covered: Option<&Covered>,
    excess: Cents,
) -> Vec<(PaymentKey, Code)> {
    let mut findings = Vec::new();
    for paid in payments {
        let notice = position.notices.iter().find(|notice| notice.iuv == paid.key.iuv);
        let term = notice.and_then(|notice| term(position, notice));
        let late = |term: Date| {
            let day = paid.day_that_counts();
            day.is_some_and(|day| day > term.saturating_add(TOLERANCE_DAYS.days()))
        };
        if term.is_some_and(late) {
            findings.push((paid.key.clone(), Code::PaidAfterDue));
        }
    }
    let distinct: BTreeSet<_> = payments.iter().map(|paid| &paid.key.iur).collect();
    if let Some(covered) = covered
        && distinct.len() > 1
        && excess > Cents::ZERO
    {
        let duplicates = duplicates(payments, covered).into_iter();
        findings.extend(duplicates.map(|paid| (paid.key.clone(), Code::DuplicatePayment)));
    }
    findings.sort();
    findings
}

/// Which payments are the surplus: those on a notice that was paid before; else what came after the
/// debt was covered; else the payment that covered it.
fn duplicates<'a>(payments: &'a [PaidSum], covered: &Covered) -> Vec<&'a PaidSum> {
    let again: Vec<_> = payments
        .iter()
        .enumerate()
        .filter(|(place, paid)| {
            payments[..*place]
                .iter()
                .any(|other| other.key.iuv == paid.key.iuv && other.key.iur != paid.key.iur)
        })
        .map(|(_, paid)| paid)
        .collect();
    if again.is_empty() {
        payments[covered.payments.min(payments.len() - 1)..].iter().collect()
    } else {
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Fine, Flags, Item};

    /// Notices `tier amount [due]`, items `part amount`.
    fn position(notices: &str, items: &str, half_maximum: Option<&str>) -> PositionVersion {
        let notices = notices.split(", ").enumerate().map(|(place, text)| {
            let mut words = text.split(' ');
            let tier = match words.next().unwrap() {
                "single" => Tier::Single,
                "reduced" => Tier::Reduced,
                "full" => Tier::Full,
                "late" => Tier::Late,
                rate => Tier::Installment(rate.parse().unwrap()),
            };
            Notice {
                notice_number: None,
                iuv: (place + 1).to_string().parse().unwrap(),
                tier,
                amount: words.next().unwrap().parse().unwrap(),
                due_date: words.next().map(|day| day.parse().unwrap()),
            }
        });
        let items = items.split(", ").filter(|text| !text.is_empty()).map(|text| {
            let (part, amount) = text.split_once(' ').unwrap();
            Item {
                assessment: None,
                chapter: None,
                siope: None,
                amount: amount.parse().unwrap(),
                part: Some(if part == "costs" { ItemPart::Costs } else { ItemPart::Sanction }),
                stamp_duty: part == "stamp",
            }
        });
        let items: Vec<_> = items.collect();
        let fine = Fine {
            report_number: "1/2026".into(),
            report_date: None,
            violation_date: None,
            notified_on: Some(NotSoFar::On("2026-02-04".parse().unwrap())),
            discount_allowed: None,
            settleable: None,
            appeal: None,
            flags: Flags::default(),
            plate: None,
            half_maximum: half_maximum.map(|sum| sum.parse().unwrap()),
            prescription_from: None,
            driver_data: None,
            points: None,
        };
        PositionVersion {
            organization: "01234567897".parse().unwrap(),
            position_id: "CDS-1".into(),
            version: 1,
            debt_type: "CDS".into(),
            year: 2026,
            status: PositionStatus::Open,
            debtor: None,
            notices: notices.collect(),
            items: (!items.is_empty()).then_some(items),
            fine: Some(Box::new(fine)),
            flags: None,
        }
    }

    /// Payments `day amount iuv/iur [maturity or cash]`.
    fn payments(text: &str) -> Vec<PaidSum> {
        let mut payments: Vec<_> = text
            .split(", ")
            .filter(|text| !text.is_empty())
            .map(|text| {
                let mut words = text.split(' ');
                let paid_on = Some(words.next().unwrap().parse().unwrap());
                let amount = words.next().unwrap().parse().unwrap();
                let (iuv, iur) = words.next().unwrap().split_once('/').unwrap();
                let key =
                    PaymentKey { iuv: iuv.parse().unwrap(), iur: iur.parse().unwrap(), index: 1 };
                let word = words.next();
                let maturity = match word {
                    Some("reported") => Maturity::Reported,
                    Some("paid") => Maturity::Paid,
                    _ => Maturity::Credited,
                };
                let cash = word == Some("cash");
                PaidSum { key, amount, elsewhere: Cents::ZERO, paid_on, cash, maturity }
            })
            .collect();
        sort_payments(&mut payments);
        payments
    }

    fn check(position: &PositionVersion, paid: &str, expected: &str) {
        let answer = assess(position, &payments(paid), "2026-06-30".parse().unwrap());
        let codes: Vec<_> = answer
            .findings
            .iter()
            .map(|(key, code)| format!("{}/{} {}", key.iuv, key.iur, code.code()))
            .collect();
        let found = format!(
            "{:?} due {} paid {} residual {} refund {} minor {} [{}]",
            answer.state,
            answer.due,
            answer.paid,
            answer.residual,
            answer.refundable,
            answer.minor_revenue,
            codes.join(", ")
        );
        assert_eq!(found, expected, "{paid}");
    }

    /// 42–173 € and 15.00 of costs; notified on 4/2/2026: 5 days end on 9/2, 60 days on 7/4
    /// (Easter).
    const FINE: &str = "reduced 44.40, full 57.00";
    const PARTS: &str = "sanction 42.00, costs 15.00";

    #[test]
    fn a_fine_is_closed_by_the_sum_of_the_day() {
        let fine = position(FINE, PARTS, Some("86.50"));
        for (paid, expected) in [
            // Day 145: half of 173.00 and the costs.
            ("", "Unpaid due 101.50 paid 0.00 residual 101.50 refund 0.00 minor 0.00 []"),
            (
                "2026-02-09 44.40 1/A",
                "Credited due 44.40 paid 44.40 residual 0.00 refund 0.00 minor 12.60 []",
            ),
            (
                "2026-02-11 44.40 1/A reported",
                "Reported due 44.40 paid 44.40 residual 0.00 refund 0.00 minor 12.60 []",
            ),
            // Cash has no days of grace (art. 17-quinquies DL 18/2016).
            (
                "2026-02-09 44.40 1/A cash",
                "Credited due 44.40 paid 44.40 residual 0.00 refund 0.00 minor 12.60 []",
            ),
            (
                "2026-02-10 44.40 1/A cash",
                "PartiallyPaid due 101.50 paid 44.40 residual 57.10 refund 0.00 minor 0.00 [1/A paid_after_due]",
            ),
            (
                "2026-02-12 44.40 1/A",
                "PartiallyPaid due 101.50 paid 44.40 residual 57.10 refund 0.00 minor 0.00 [1/A paid_after_due]",
            ),
            (
                "2026-02-12 44.40 1/A, 2026-03-01 12.60 2/B",
                "Credited due 57.00 paid 57.00 residual 0.00 refund 0.00 minor 0.00 [1/A paid_after_due]",
            ),
            (
                "2026-03-01 57.00 2/A paid",
                "Paid due 57.00 paid 57.00 residual 0.00 refund 0.00 minor 0.00 []",
            ),
            (
                "2026-04-09 57.00 2/A",
                "Credited due 57.00 paid 57.00 residual 0.00 refund 0.00 minor 0.00 []",
            ),
            // Day 62 of another notification would be in time; after the tolerance it is an
            // acconto.
            (
                "2026-04-10 57.00 2/A",
                "PartiallyPaid due 101.50 paid 57.00 residual 44.50 refund 0.00 minor 0.00 [2/A paid_after_due]",
            ),
            // Both notices of one fine.
            (
                "2026-02-05 44.40 1/A, 2026-03-01 57.00 2/B reported",
                "Credited due 44.40 paid 101.40 residual 0.00 refund 57.00 minor 12.60 [2/B duplicate_payment]",
            ),
            // The same notice twice.
            (
                "2026-03-01 57.00 2/A, 2026-03-01 57.00 2/B",
                "Credited due 57.00 paid 114.00 residual 0.00 refund 57.00 minor 0.00 [2/B duplicate_payment]",
            ),
            // Late reduced sum, then the full one: the last payment carries the excess.
            (
                "2026-02-12 44.40 1/A, 2026-03-01 57.00 2/B",
                "Credited due 57.00 paid 101.40 residual 0.00 refund 44.40 minor 0.00 [1/A paid_after_due, 2/B duplicate_payment]",
            ),
        ] {
            check(&fine, paid, expected);
        }
    }

    #[test]
    fn a_late_notice_is_the_late_sum() {
        let fine = position("reduced 44.40, full 57.00, late 101.50", PARTS, None);
        check(
            &fine,
            "2026-05-20 101.50 3/A",
            "Credited due 101.50 paid 101.50 residual 0.00 refund 0.00 minor 0.00 []",
        );
    }

    #[test]
    fn a_plan_is_paid_by_all_its_instalments() {
        let plan = position("1 50.00 2026-03-31, 2 50.00 2026-06-30", "", None);
        for (paid, expected) in [
            (
                "2026-03-30 50.00 1/A",
                "PartiallyPaid due 100.00 paid 50.00 residual 50.00 refund 0.00 minor 0.00 []",
            ),
            (
                "2026-03-30 50.00 1/A, 2026-06-30 50.00 2/B",
                "Credited due 100.00 paid 100.00 residual 0.00 refund 0.00 minor 0.00 []",
            ),
            (
                "2026-03-30 50.00 1/A, 2026-03-31 50.00 1/C, 2026-06-30 50.00 2/B",
                "Credited due 100.00 paid 150.00 residual 0.00 refund 50.00 minor 0.00 [1/C duplicate_payment]",
            ),
            (
                "2026-04-15 50.00 1/A",
                "PartiallyPaid due 100.00 paid 50.00 residual 50.00 refund 0.00 minor 0.00 [1/A paid_after_due]",
            ),
        ] {
            check(&plan, paid, expected);
        }
    }

    #[test]
    fn stamps_and_cancelled_debts() {
        let stamped = position("single 116.00", "sanction 100.00, stamp 16.00", None);
        check(
            &stamped,
            "2026-03-01 100.00 1/A",
            "Credited due 100.00 paid 100.00 residual 0.00 refund 0.00 minor 0.00 []",
        );
        // A receipt of 30.00, of which 10.00 are another body's: the office writes either sum.
        for amount in ["30.00", "20.00"] {
            let shared = position(&format!("single {amount}"), "", None);
            let mut paid = payments("2026-03-01 20.00 1/A");
            paid[0].elsewhere = "10.00".parse().unwrap();
            let answer = assess(&shared, &paid, "2026-06-30".parse().unwrap());
            assert_eq!(
                (answer.state, answer.due.to_string(), answer.refundable),
                (PositionState::Credited, "20.00".into(), Cents::ZERO),
                "{amount}"
            );
        }
        let mut cancelled = position("single 30.00", "", None);
        cancelled.status = PositionStatus::Cancelled;
        check(
            &cancelled,
            "",
            "Cancelled due 0.00 paid 0.00 residual 0.00 refund 0.00 minor 0.00 []",
        );
        check(
            &cancelled,
            "2026-03-01 30.00 1/A",
            "Cancelled due 0.00 paid 30.00 residual 0.00 refund 30.00 minor 0.00 []",
        );
        // What was paid is given back: no part of the accertamento was lost to the reduced sum.
        let mut fine = position(FINE, PARTS, None);
        fine.status = PositionStatus::Cancelled;
        check(
            &fine,
            "2026-02-09 44.40 1/A",
            "Cancelled due 0.00 paid 44.40 residual 0.00 refund 44.40 minor 0.00 []",
        );
    }

    #[test]
    fn what_can_be_paid_is_the_sum_of_the_day() {
        let fine = position(FINE, PARTS, None);
        let on = |day: &str, paid: &str| {
            let answer = assess(&fine, &payments(paid), day.parse().unwrap());
            let payable = answer.payable.iter().map(|notice| {
                format!("{} {} {}", notice.iuv, notice.amount, notice.due_date.unwrap())
            });
            payable.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(on("2026-02-09", ""), "1 44.40 2026-02-09");
        assert_eq!(on("2026-02-10", ""), "2 57.00 2026-04-07");
        assert_eq!(on("2026-04-08", ""), "");
        assert_eq!(on("2026-02-10", "2026-02-09 44.40 1/A"), "");
        // Of 57.00, 44.40 came late: no notice is of the 12.60 that are left.
        assert_eq!(on("2026-03-01", "2026-02-20 44.40 1/A"), "");
        // A late notice that was issued anew for the rest can be paid.
        let anew = position("reduced 44.40, full 57.00, late 57.10", PARTS, Some("86.50"));
        let answer =
            assess(&anew, &payments("2026-02-20 44.40 1/A"), "2026-06-30".parse().unwrap());
        assert_eq!(answer.residual.to_string(), "57.10");
        assert_eq!(
            answer.payable.iter().map(|one| one.amount).collect::<Vec<_>>(),
            [answer.residual]
        );
        // Of a plan the open instalments can be paid, the whole cannot any more.
        let plan = position("single 100.00, 1 50.00 2026-03-31, 2 50.00 2026-06-30", "", None);
        let answer =
            assess(&plan, &payments("2026-03-30 50.00 2/A"), "2026-04-01".parse().unwrap());
        let iuvs: Vec<_> = answer.payable.iter().map(|notice| notice.iuv.to_string()).collect();
        assert_eq!(iuvs, ["3"]);
    }
}

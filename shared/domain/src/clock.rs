//! The official clock of pagoPA: operating days and the terms that run from them (SACI §4.1, SANP
//! «Rendicontazione e Cashflow»).

use std::sync::LazyLock;

use jiff::civil::{Date, Time, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::DateTime};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::calendar::Calendar;
use crate::fact::PaidAt;
use crate::money::Cents;

/// The last instant of an operating day, which is still in it (SACI §4.1, «sino alle ore 13:00
/// incluse»): 13:00:01 is the next day.
const CUT_OFF: Time = time(13, 0, 0, 0);

static ROME: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Rome").expect("the zones are compiled in"));

/// Europe/Rome.
#[must_use]
pub fn rome() -> TimeZone {
    ROME.clone()
}

/// What the clocks of Rome show at `moment`.
#[must_use]
pub fn in_rome(moment: Timestamp) -> DateTime {
    ROME.to_datetime(moment)
}

/// 23:59:59 in Rome on `date`: the last second in which what is due that day is in time.
#[must_use]
pub fn last_second(date: Date) -> Timestamp {
    instant(date.at(23, 59, 59, 0))
}

/// 24:00 in Rome on `date`: the instant from which that day is over.
#[must_use]
pub fn midnight_after(date: Date) -> Timestamp {
    date.tomorrow().map_or(Timestamp::MAX, |next| instant(next.at(0, 0, 0, 0)))
}

/// The instant of a time of Rome. Rome changes the hour between 1 and 3 at night, so neither
/// midnight nor 23:59:59 is ever missing or double.
fn instant(local: DateTime) -> Timestamp {
    ROME.to_ambiguous_timestamp(local).compatible().unwrap_or(Timestamp::MAX)
}

/// The operating day that a payment belongs to.
///
/// A moment until 13:00 of an operating day belongs to that day; later, or on any other day, to
/// the next operating day. Where only the day is known it is that day, if operating: whether it
/// was before 13:00 is not known, and the earlier day is the one that the document shows.
#[must_use]
pub fn operating_day(paid: PaidAt, calendar: &Calendar) -> Date {
    match paid {
        PaidAt::Moment(moment) if moment.time() > CUT_OFF => {
            calendar.next_operating_day(moment.date())
        }
        PaidAt::Moment(_) | PaidAt::Day(_) => calendar.operating_day_from(paid.day()),
    }
}

/// The operating day D of a flow: the latest of its payments by their receipts; without any, the
/// operating day before `settlement_date` (dataRegolamento); without it, the latest of the dates
/// of its lines. `None` when there is none of the three.
#[must_use]
pub fn operating_day_of_flow(
    receipts: impl IntoIterator<Item = PaidAt>,
    settlement_date: Option<Date>,
    line_dates: impl IntoIterator<Item = Date>,
    calendar: &Calendar,
) -> Option<Date> {
    let by_receipts = receipts.into_iter().map(|paid| operating_day(paid, calendar)).max();
    by_receipts
        .or_else(|| settlement_date.map(|date| calendar.previous_operating_day(date)))
        .or_else(|| line_dates.into_iter().max().map(|date| calendar.operating_day_from(date)))
}

/// What is due, and when, for the payments of one operating day D. Counted in operating days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The day by the end of which the treasurer must have the credit: D+1.
    pub credit_due: Date,
    /// The instant by which the flow must be here: 24:00 of D+2.
    pub flow_due: Timestamp,
    /// The instant from which the flow can change no more: 24:00 of D+4.
    pub definitive_after: Timestamp,
}

impl Terms {
    /// The terms of `operating_day`.
    #[must_use]
    pub fn of(operating_day: Date, calendar: &Calendar) -> Self {
        let day = |n| calendar.nth_operating_day_after(operating_day, n);
        Self {
            credit_due: day(1),
            flow_due: midnight_after(day(2)),
            definitive_after: midnight_after(day(4)),
        }
    }
}

/// How many days after `due` something came, 0 when it came in time.
///
/// Calendar days, not operating ones: interest runs on every day from the end of the term (SACI
/// §4.1, art. 5 d.lgs. 231/2002), and its divisor is a year of 365.
#[must_use]
pub fn days_late(due: Date, came: Date) -> u32 {
    let days = came.duration_since(due).as_hours() / 24;
    u32::try_from(days).unwrap_or(0)
}

/// Interest for a late credit: `amount` × `rate_percent` ÷ 100 × days ÷ 365, to the nearest cent,
/// half a cent away from zero (the rule of Reg. CE 1103/97 art. 5).
///
/// The rate is per year, in percent: that of the ECB plus 8 points, from the configuration. `None`
/// when the result does not fit in an amount, which only a senseless rate can do.
#[must_use]
pub fn interest(amount: Cents, days_late: u32, rate_percent: Decimal) -> Option<Cents> {
    // The only division comes last: nothing is rounded before it.
    let cents = Decimal::from(amount.get())
        .checked_mul(rate_percent)?
        .checked_mul(Decimal::from(days_late))?
        .checked_div(Decimal::from(36_500))?
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(cents).ok().map(Cents::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
    use std::collections::BTreeSet;

    fn at(instant: &str) -> Timestamp {
        instant.parse().unwrap()
    }

    #[test]
    fn an_operating_day_ends_at_13() {
        let calendar = Calendar::default();
        let moment = |day: Date, h, m, s| PaidAt::Moment(day.at(h, m, s, 0));
        let tuesday = date(2026, 3, 10);
        let friday = date(2026, 3, 13);
        let monday = date(2026, 3, 16);
        for (paid, expected, why) in [
            (moment(tuesday, 0, 0, 0), tuesday, "from midnight"),
            (moment(tuesday, 12, 59, 59), tuesday, "a second before"),
            (moment(tuesday, 13, 0, 0), tuesday, "13:00 included"),
            (moment(tuesday, 13, 0, 1), date(2026, 3, 11), "a second later"),
            (moment(tuesday, 13, 1, 0), date(2026, 3, 11), "a minute later"),
            (moment(friday, 13, 0, 0), friday, "Friday in time"),
            (moment(friday, 13, 1, 0), monday, "Friday afternoon"),
            (moment(date(2026, 3, 14), 9, 0, 0), monday, "Saturday morning"),
            (moment(date(2026, 3, 15), 23, 0, 0), monday, "Sunday night"),
            (moment(monday, 12, 0, 0), monday, "Monday"),
            (moment(date(2026, 4, 3), 13, 30, 0), date(2026, 4, 7), "before Easter"),
            (moment(date(2026, 12, 24), 15, 0, 0), date(2026, 12, 28), "Christmas Eve"),
            (PaidAt::Day(tuesday), tuesday, "only the day is known"),
            (PaidAt::Day(date(2026, 3, 14)), monday, "only a Saturday is known"),
        ] {
            assert_eq!(operating_day(paid, &calendar), expected, "{why}");
        }
    }

    #[test]
    fn terms_are_counted_in_operating_days() {
        let calendar = Calendar::default();
        for (day, credit_due, flow_due, definitive_after, why) in [
            (
                date(2026, 3, 10),
                date(2026, 3, 11),
                "2026-03-12T23:00:00Z",
                "2026-03-16T23:00:00Z",
                "plain",
            ),
            (
                date(2026, 3, 26),
                date(2026, 3, 27),
                "2026-03-30T22:00:00Z",
                "2026-04-01T22:00:00Z",
                "summer time starts on Sunday 29",
            ),
            (
                date(2026, 10, 22),
                date(2026, 10, 23),
                "2026-10-26T23:00:00Z",
                "2026-10-28T23:00:00Z",
                "summer time ends on Sunday 25",
            ),
            (
                date(2026, 10, 20),
                date(2026, 10, 21),
                "2026-10-22T22:00:00Z",
                "2026-10-26T23:00:00Z",
                "summer time ends between the two",
            ),
            (
                date(2026, 4, 2),
                date(2026, 4, 3),
                "2026-04-07T22:00:00Z",
                "2026-04-09T22:00:00Z",
                "Easter",
            ),
            (
                date(2026, 12, 30),
                date(2026, 12, 31),
                "2027-01-04T23:00:00Z",
                "2027-01-07T23:00:00Z",
                "new year and Epiphany",
            ),
        ] {
            let terms = Terms::of(day, &calendar);
            assert_eq!(terms.credit_due, credit_due, "{why}");
            assert_eq!(terms.flow_due, at(flow_due), "{why}");
            assert_eq!(terms.definitive_after, at(definitive_after), "{why}");
        }
        let target = Calendar::new(BTreeSet::from([date(2026, 4, 3)]));
        assert_eq!(Terms::of(date(2026, 4, 2), &target).credit_due, date(2026, 4, 7));
    }

    #[test]
    fn a_flow_has_the_latest_day_of_its_receipts_else_of_its_settlement_else_of_its_lines() {
        let calendar = Calendar::default();
        let early = PaidAt::Moment(datetime(2026, 3, 10, 9, 0, 0, 0));
        let late = PaidAt::Moment(datetime(2026, 3, 10, 18, 0, 0, 0));
        let lines = [date(2026, 3, 9), date(2026, 3, 14)];
        let day = |receipts: &[PaidAt], settlement, lines: &[Date]| {
            operating_day_of_flow(
                receipts.iter().copied(),
                settlement,
                lines.iter().copied(),
                &calendar,
            )
        };
        let settlement = Some(date(2026, 3, 16));
        assert_eq!(day(&[late, early], settlement, &lines), Some(date(2026, 3, 11)));
        assert_eq!(day(&[early], settlement, &lines), Some(date(2026, 3, 10)));
        assert_eq!(day(&[], settlement, &lines), Some(date(2026, 3, 13)), "Friday before Monday");
        assert_eq!(day(&[], None, &lines), Some(date(2026, 3, 16)), "the Saturday's Monday");
        assert_eq!(day(&[], None, &[]), None);
    }

    #[test]
    fn days_late_are_days_of_the_calendar() {
        let friday = date(2026, 3, 13);
        assert_eq!(days_late(friday, friday), 0);
        assert_eq!(days_late(friday, date(2026, 3, 12)), 0, "early");
        assert_eq!(days_late(friday, date(2026, 3, 16)), 3, "over a weekend");
        assert_eq!(days_late(date(2026, 3, 27), date(2026, 3, 30)), 3, "over the change of hour");
        assert_eq!(days_late(date(2027, 12, 31), date(2028, 12, 31)), 366);
    }

    #[test]
    fn interest_is_on_a_year_of_365_days_to_the_nearest_cent() {
        let rate = |text: &str| text.parse::<Decimal>().unwrap();
        for (cents, days, percent, expected) in [
            (1_000_000, 365, "10.15", 101_500), // a year on 10,000.00 euro
            (1_000_000, 1, "10.15", 278),       // 2.7808…
            (1_234_567, 3, "10.15", 1_030),     // 10.2993… euro
            (36_500, 1, "0.5", 1),              // exactly half a cent
            (36_500, 1, "0.49", 0),             // less
            (36_500, 3, "0.5", 2),              // a cent and a half
            (1_000_000, 0, "10.15", 0),
            (999_999_999_999_999, 36_500, "10.15", 10_149_999_999_999_990), // a century
        ] {
            let due = interest(Cents::new(cents), days, rate(percent));
            assert_eq!(due, Some(Cents::new(expected)), "{cents} for {days} days");
        }
        assert_eq!(interest(Cents::MAX_ON_THE_WIRE, 365, Decimal::MAX), None);
    }

    #[test]
    fn midnight_is_that_of_rome() {
        assert_eq!(midnight_after(date(2026, 3, 28)), at("2026-03-28T23:00:00Z"));
        assert_eq!(midnight_after(date(2026, 3, 29)), at("2026-03-29T22:00:00Z"));
        assert_eq!(midnight_after(date(2026, 10, 24)), at("2026-10-24T22:00:00Z"));
        assert_eq!(midnight_after(date(2026, 10, 25)), at("2026-10-25T23:00:00Z"));
        assert_eq!(in_rome(at("2026-07-01T22:30:00Z")), datetime(2026, 7, 2, 0, 30, 0, 0));
        assert_eq!(midnight_after(Date::MAX), Timestamp::MAX);
    }
}

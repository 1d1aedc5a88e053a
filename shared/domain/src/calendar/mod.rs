//! The Italian calendar: holidays, the operating days of SACI, the terms of the law.
//!
//! The table of holidays is ours: of the crates that have Italy, none knows the 4th of October
//! (L. 151/2025), and the calendars built on jiff have other countries only. Easter, which is the
//! part that can be got wrong, comes from a library.

mod holiday;
mod office;
mod term;

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

pub use holiday::is_holiday;
pub use office::{is_office_day, is_office_hour};
pub use term::deadline;

/// The days on which pagoPA and the banks work: Monday to Friday, no national holiday («si applica
/// il calendario italiano», SACI §4.1), none of the closures of the configuration.
///
/// The last day that a date can be, 31/12/9999, is where every search stops.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    extra_closures: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar that is closed on `extra_closures` too (`calendar.extra_closures`), for instance
    /// Good Friday, when TARGET is closed.
    #[must_use]
    pub const fn new(extra_closures: BTreeSet<Date>) -> Self {
        Self { extra_closures }
    }

    /// Whether `date` is a giorno operativo.
    #[must_use]
    pub fn is_operating_day(&self, date: Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !is_holiday(date)
            && !self.extra_closures.contains(&date)
    }

    /// `date` itself if it is an operating day, else the first one after it.
    #[must_use]
    pub fn operating_day_from(&self, date: Date) -> Date {
        if self.is_operating_day(date) { date } else { self.next_operating_day(date) }
    }

    /// The first operating day after `date`.
    #[must_use]
    pub fn next_operating_day(&self, date: Date) -> Date {
        days_after(date).find(|day| self.is_operating_day(*day)).unwrap_or(Date::MAX)
    }

    /// The last operating day before `date`.
    #[must_use]
    pub fn previous_operating_day(&self, date: Date) -> Date {
        let before = std::iter::successors(date.yesterday().ok(), |day| day.yesterday().ok());
        before.into_iter().find(|day| self.is_operating_day(*day)).unwrap_or(Date::MIN)
    }

    /// The `n`th operating day after `date`: D + n. With 0, `date` itself.
    #[must_use]
    pub fn nth_operating_day_after(&self, date: Date, n: u8) -> Date {
        (0..n).fold(date, |day, _| self.next_operating_day(day))
    }
}

/// Every day after `date`, in order.
fn days_after(date: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(date.tomorrow().ok(), |day| day.tomorrow().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn operating_days_are_monday_to_friday_without_holidays_and_closures() {
        let good_friday = date(2026, 4, 3);
        let calendar = Calendar::new(BTreeSet::from([good_friday]));
        for (day, operating, why) in [
            (date(2026, 4, 2), true, "a Thursday"),
            (good_friday, false, "closed by configuration"),
            (date(2026, 4, 4), false, "Saturday"),
            (date(2026, 4, 5), false, "Sunday"),
            (date(2026, 4, 6), false, "Easter Monday"),
            (date(2026, 4, 7), true, "a Tuesday"),
            (date(2026, 6, 17), true, "San Ranieri: a patron day does not count"),
            (date(2026, 12, 8), false, "a Tuesday, the Immacolata"),
        ] {
            assert_eq!(calendar.is_operating_day(day), operating, "{day}: {why}");
        }
        assert!(Calendar::default().is_operating_day(good_friday), "not closed by law");
    }

    #[test]
    fn operating_days_are_counted_over_weekends_and_holidays() {
        let calendar = Calendar::default();
        for (from, n, expected) in [
            (date(2026, 3, 10), 0, date(2026, 3, 10)),
            (date(2026, 3, 10), 1, date(2026, 3, 11)),
            (date(2026, 3, 13), 1, date(2026, 3, 16)), // Friday to Monday
            (date(2026, 4, 2), 2, date(2026, 4, 7)),   // Easter weekend between
            (date(2026, 12, 23), 2, date(2026, 12, 28)), // 25, 26 and Sunday 27
            (date(2026, 12, 31), 4, date(2027, 1, 8)), // 1/1, a weekend, 6/1
        ] {
            assert_eq!(calendar.nth_operating_day_after(from, n), expected, "{from} + {n}");
        }
        assert_eq!(calendar.previous_operating_day(date(2026, 4, 7)), date(2026, 4, 3));
        assert_eq!(calendar.operating_day_from(date(2026, 4, 4)), date(2026, 4, 7));
        assert_eq!(calendar.operating_day_from(date(2026, 4, 7)), date(2026, 4, 7));
    }

    #[test]
    fn the_end_of_the_calendar_stops_the_search() {
        let calendar = Calendar::default();
        assert_eq!(calendar.nth_operating_day_after(Date::MAX, 4), Date::MAX);
        assert_eq!(calendar.previous_operating_day(Date::MIN), Date::MIN);
        assert_eq!(deadline(Date::MAX, 60), Date::MAX);
    }
}

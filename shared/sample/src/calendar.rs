//! The days of the made-up year: which of them PSPs and treasurer work, and when terms end.

use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::{Span, ToSpan};

/// The first operating day that payments belong to: the edge between two esercizi.
pub(crate) const FIRST_DAY: Date = date(2025, 12, 30);
/// The last operating day that payments belong to.
pub(crate) const LAST_DAY: Date = date(2026, 10, 30);
/// The last day with a journal.
pub(crate) const LAST_JOURNAL: Date = date(2026, 11, 13);
/// The day of the recommended `--as-of`: every flow of the sample is definitive by then.
pub(crate) const AS_OF: Date = date(2026, 11, 15);
/// The recommended `--as-of`.
pub(crate) const AS_OF_TEXT: &str = "2026-11-15T08:00:00+01:00";

/// Holidays on fixed days (L. 260/1949 and amendments; 4 October by L. 151/2025).
const FIXED: [(i8, i8); 11] = [
    (1, 1),
    (1, 6),
    (4, 25),
    (5, 1),
    (6, 2),
    (8, 15),
    (10, 4),
    (11, 1),
    (12, 8),
    (12, 25),
    (12, 26),
];
/// Easter Monday of the years in use.
const EASTER_MONDAYS: [Date; 3] = [date(2025, 4, 21), date(2026, 4, 6), date(2027, 3, 29)];

/// Sundays and national holidays.
pub(crate) fn holiday(day: Date) -> bool {
    let from_2026 = |month, number| (month, number) != (10, 4) || day.year() >= 2026;
    day.weekday() == Weekday::Sunday
        || EASTER_MONDAYS.contains(&day)
        || FIXED.contains(&(day.month(), day.day())) && from_2026(day.month(), day.day())
}

/// Neither Saturday, nor Sunday, nor holiday (SACI, giornata operativa).
pub(crate) fn operating(day: Date) -> bool {
    day.weekday() != Weekday::Saturday && !holiday(day)
}

/// `day` and `days` more (or less).
pub(crate) fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// The `count`-th operating day after `day`.
pub(crate) fn operating_after(day: Date, count: u32) -> Date {
    let mut found = day;
    for _ in 0..count {
        found = plus(found, 1);
        while !operating(found) {
            found = plus(found, 1);
        }
    }
    found
}

/// The last operating day before `day`.
pub(crate) fn operating_before(day: Date) -> Date {
    let mut found = plus(day, -1);
    while !operating(found) {
        found = plus(found, -1);
    }
    found
}

/// Operating days from `first` to `last`, both included.
pub(crate) fn operating_days(first: Date, last: Date) -> Vec<Date> {
    first.series(1.day()).take_while(|day| *day <= last).filter(|day| operating(*day)).collect()
}

/// The last good day of a term of `days` from `from` (art. 155 c.p.c.: the first day excluded, a
/// holiday at the end moves it on, a Saturday does not).
pub(crate) fn term(from: Date, days: i64) -> Date {
    let mut last = plus(from, days);
    while holiday(last) {
        last = plus(last, 1);
    }
    last
}

/// The moment `seconds` after `moment`.
pub(crate) fn later(moment: DateTime, seconds: i64) -> DateTime {
    moment.saturating_add(Span::new().seconds(seconds))
}

/// The moment at 13:00 of `day`, when an operating day ends (SACI).
pub(crate) fn cut_off(day: Date) -> DateTime {
    day.at(13, 0, 0, 0)
}

/// How many days lie between two dates.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_end_as_the_civil_code_counts() {
        for (from, days, last) in [
            (date(2026, 3, 31), 5, date(2026, 4, 7)), // Easter and its Monday
            (date(2026, 1, 1), 5, date(2026, 1, 7)),  // Epiphany
            (date(2025, 12, 20), 5, date(2025, 12, 27)), // Saturday stays
            (date(2026, 6, 16), 60, date(2026, 8, 17)), // Ferragosto and Sunday
            (date(2025, 8, 5), 60, date(2025, 10, 4)), // not yet a holiday
        ] {
            assert_eq!(term(from, days), last, "{from} + {days}");
        }
    }

    #[test]
    fn operating_days_leave_out_weekends_and_holidays() {
        assert_eq!(operating_after(date(2025, 12, 31), 1), date(2026, 1, 2));
        assert_eq!(operating_after(date(2026, 4, 3), 1), date(2026, 4, 7));
        assert_eq!(operating_before(date(2025, 12, 29)), date(2025, 12, 24));
        assert_eq!(operating_days(date(2026, 4, 30), date(2026, 5, 4)).len(), 2);
    }
}

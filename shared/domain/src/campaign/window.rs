//! When a kind of message may go.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::calendar::{Calendar, is_office_day};

/// Days of the calendar, both ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub first: Date,
    /// The last one; none where it has no end.
    pub last: Option<Date>,
}

impl Window {
    /// From one day to another.
    pub(super) const fn new(first: Date, last: Date) -> Self {
        Self { first, last: Some(last) }
    }

    /// From so many days after a day to so many after another.
    pub(super) fn around((from, after): (Date, i64), (to, until): (Date, i64)) -> Self {
        Self::new(from.saturating_add(after.days()), to.saturating_add(until.days()))
    }

    /// The last day on which a message can go: a last day on which no office works moves back.
    #[must_use]
    pub fn last_office_day(self) -> Option<Date> {
        let back = |last| {
            if is_office_day(last) {
                last
            } else {
                Calendar::default().previous_operating_day(last)
            }
        };
        self.last.map(back)
    }

    /// The first day on which a message can go.
    #[must_use]
    pub fn first_office_day(self) -> Date {
        Calendar::default().operating_day_from(self.first)
    }

    /// Whether `day` is in it, ended by its last office day.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && self.last_office_day().is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_last_day_without_offices_moves_back() {
        for (last, moved, why) in [
            (date(2026, 4, 3), date(2026, 4, 3), "a Friday"),
            (date(2026, 4, 4), date(2026, 4, 3), "a Saturday"),
            (date(2026, 4, 6), date(2026, 4, 3), "Easter Monday"),
            (date(2026, 12, 26), date(2026, 12, 24), "Santo Stefano, a Saturday, after Christmas"),
            (date(2026, 6, 17), date(2026, 6, 17), "San Ranieri: offices of the law work"),
        ] {
            let window = Window::new(date(2026, 1, 7), last);
            assert_eq!(window.last_office_day(), Some(moved), "{why}");
            assert!(window.contains(moved), "{why}");
            assert!(!window.contains(moved.tomorrow().unwrap()), "{why}");
        }
    }

    #[test]
    fn a_window_begins_with_its_first_day_and_may_have_no_end() {
        let window = Window { first: date(2026, 4, 4), last: None };
        assert_eq!(window.first_office_day(), date(2026, 4, 7), "Saturday, Easter");
        assert!(!window.contains(date(2026, 4, 3)));
        assert!(window.contains(date(2046, 4, 3)));
    }
}

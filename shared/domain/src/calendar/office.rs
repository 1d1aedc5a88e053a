//! When the Province writes to citizens.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use super::is_holiday;
use crate::clock::in_rome;

/// The first hour of an office day in which a message may leave.
const OPENS: i8 = 9;
/// The first hour in which none may any more.
const CLOSES: i8 = 19;

/// Whether the office works on `date`: Monday to Friday, no national holiday. The closures of the
/// banks are not its own.
#[must_use]
pub fn is_office_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(date)
}

/// Whether a message may leave at `moment`: from 9:00 to before 19:00 of an office day, in Rome.
#[must_use]
pub fn is_office_hour(moment: Timestamp) -> bool {
    let local = in_rome(moment);
    is_office_day(local.date()) && (OPENS..CLOSES).contains(&local.hour())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_on_office_days_from_nine_to_nineteen() {
        for (moment, open) in [
            ("2026-11-23T08:59:59+01:00", false),
            ("2026-11-23T09:00:00+01:00", true),
            ("2026-11-23T18:59:59+01:00", true),
            ("2026-11-23T19:00:00+01:00", false),
            // Summer time: 7:00 in Greenwich is 9:00 in Rome.
            ("2026-07-01T07:00:00Z", true),
            ("2026-07-01T17:00:00Z", false),
            ("2026-11-21T10:00:00+01:00", false), // Saturday
            ("2026-11-22T10:00:00+01:00", false), // Sunday
            ("2026-12-08T10:00:00+01:00", false), // Immaculate Conception, a Tuesday
            ("2026-04-06T10:00:00+02:00", false), // Easter Monday
            ("2026-04-03T10:00:00+02:00", true),  // Good Friday: the banks' closure
        ] {
            assert_eq!(is_office_hour(moment.parse().unwrap()), open, "{moment}");
        }
    }
}

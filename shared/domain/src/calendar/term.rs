//! Terms counted in days (art. 2963 c.c., art. 155 c.p.c.).

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::{days_after, is_holiday};

/// The last day of a term of `days` days from `notified_on`.
///
/// The first day does not count, the last one does, holidays inside the term count. A term that
/// ends on a Sunday or a holiday ends on the next day that is neither. A Saturday is a working day
/// here: art. 155 c.5 c.p.c. speaks of procedural acts only. Closures of banks do not matter.
#[must_use]
pub fn deadline(notified_on: Date, days: u16) -> Date {
    let last = notified_on.saturating_add(i64::from(days).days());
    if is_day_of_rest(last) {
        days_after(last).find(|day| !is_day_of_rest(*day)).unwrap_or(Date::MAX)
    } else {
        last
    }
}

fn is_day_of_rest(date: Date) -> bool {
    date.weekday() == Weekday::Sunday || is_holiday(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::last_second;
    use jiff::Timestamp;

    #[test]
    fn terms_end_where_the_law_says() {
        // Notified on, days, last day of the term, its last second, why.
        let cases = "
            2026-03-31 5  2026-04-07 2026-04-07T21:59:59.000Z Easter Sunday and Monday
            2026-04-01 5  2026-04-07 2026-04-07T21:59:59.000Z Easter Monday
            2026-01-01 5  2026-01-07 2026-01-07T22:59:59.000Z Epiphany
            2026-04-29 5  2026-05-04 2026-05-04T21:59:59.000Z 1 May inside counts
            2025-12-20 5  2025-12-27 2025-12-27T22:59:59.000Z Christmas, and Saturday stays
            2026-11-02 5  2026-11-07 2026-11-07T22:59:59.000Z Saturday stays
            2027-03-23 5  2027-03-30 2027-03-30T21:59:59.000Z Easter on the day summer time starts
            2026-02-04 60 2026-04-07 2026-04-07T21:59:59.000Z Easter
            2026-04-18 60 2026-06-17 2026-06-17T21:59:59.000Z San Ranieri does not count
            2026-06-16 60 2026-08-17 2026-08-17T21:59:59.000Z Ferragosto and Sunday
            2026-08-26 60 2026-10-26 2026-10-26T22:59:59.000Z Sunday on which summer time ends
            2025-08-05 60 2025-10-04 2025-10-04T21:59:59.000Z San Francesco not yet a holiday
            2027-08-05 60 2027-10-05 2027-10-05T21:59:59.000Z San Francesco
            2026-10-26 60 2026-12-28 2026-12-28T22:59:59.000Z 25, 26 and Sunday 27 December
            2028-01-01 60 2028-03-01 2028-03-01T22:59:59.000Z leap year
        ";
        let mut read = 0;
        for line in cases.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let fields: Vec<&str> = line.split_whitespace().take(4).collect();
            let [notified_on, days, last, second] = fields[..] else { panic!("{line}") };
            let due = deadline(notified_on.parse().unwrap(), days.parse().unwrap());
            assert_eq!(due, last.parse().unwrap(), "{line}");
            assert_eq!(last_second(due), second.parse::<Timestamp>().unwrap(), "{line}");
            read += 1;
        }
        assert_eq!(read, 15);
    }
}

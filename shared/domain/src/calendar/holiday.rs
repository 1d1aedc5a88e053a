//! National holidays: L. 260/1949 as amended (L. 54/1977, DPR 792/1985, L. 336/2000, L. 151/2025).

use jiff::civil::Date;

/// The holidays of a fixed day: month, day, first year.
///
/// From 2001, when the 2nd of June came back (L. 336/2000): no fact of pagoPA is older.
const FIXED: [(i8, i8, i16); 11] = [
    (1, 1, 2001),
    (1, 6, 2001),
    (4, 25, 2001),
    (5, 1, 2001),
    (6, 2, 2001),
    (8, 15, 2001),
    (10, 4, 2026), // San Francesco, L. 151/2025
    (11, 1, 2001),
    (12, 8, 2001),
    (12, 25, 2001),
    (12, 26, 2001),
];

/// Whether `date`, in 2001 or later, is a national holiday. Sundays are not asked here; the day of
/// a town's patron saint is not one (Cass. 17079/2007).
#[must_use]
pub fn is_holiday(date: Date) -> bool {
    FIXED.iter().any(|&(month, day, from)| {
        date.month() == month && date.day() == day && date.year() >= from
    }) || is_easter_monday(date)
}

fn is_easter_monday(date: Date) -> bool {
    let Ok(eve) = date.yesterday() else { return false };
    computus::gregorian(i32::from(eve.year())).is_ok_and(|easter| {
        (i64::from(easter.month), i64::from(easter.day))
            == (i64::from(eve.month()), i64::from(eve.day()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_year_has_its_twelve_holidays() {
        let first = date(2026, 1, 1);
        let found: Vec<String> = first
            .series(jiff::Span::new().days(1))
            .take_while(|day| day.year() == 2026)
            .filter(|day| is_holiday(*day))
            .map(|day| day.strftime("%d/%m").to_string())
            .collect();
        let expected = [
            "01/01", "06/01", "06/04", "25/04", "01/05", "02/06", "15/08", "04/10", "01/11",
            "08/12", "25/12", "26/12",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn easter_monday_moves() {
        // Published dates of Easter, plus one day; 2038 has the latest Easter there can be.
        for (year, month, day) in [
            (2008, 3, 24),
            (2024, 4, 1),
            (2025, 4, 21),
            (2026, 4, 6),
            (2027, 3, 29),
            (2028, 4, 17),
            (2038, 4, 26),
            (2049, 4, 19),
        ] {
            assert!(is_holiday(date(year, month, day)), "{year}");
            assert!(!is_holiday(date(year, month, day + 1)), "{year}, the day after");
        }
    }

    #[test]
    fn saint_francis_counts_from_2026_and_patrons_never() {
        assert!(!is_holiday(date(2025, 10, 4)));
        assert!(is_holiday(date(2026, 10, 4)));
        assert!(!is_holiday(date(2026, 6, 17)), "San Ranieri");
        assert!(!is_holiday(date(2026, 6, 29)), "Santi Pietro e Paolo");
    }
}

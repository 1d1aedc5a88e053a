//! The day of birth that a fiscal code tells (DM 23/12/1976).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::identifier::{FiscalCode, FiscalCodeKind};

/// Until here one is a minor (art. 2 c.c.): IO is for adults.
const ADULT_YEARS: i64 = 18;
/// What is added to the day of birth of a woman.
const WOMAN: i8 = 40;

/// The day of birth, read so that on `today` the age is under 100; `None` where the code is a
/// company's or names no day that there is.
#[must_use]
pub fn birth_date(code: &FiscalCode, today: Date) -> Option<Date> {
    if code.kind() != FiscalCodeKind::Person {
        return None;
    }
    let bytes = code.as_str().as_bytes();
    let year = i16::from(number(bytes[6], bytes[7])?);
    let month = b"ABCDEHLMPRST".iter().position(|letter| *letter == bytes[8])?;
    let month = i8::try_from(month + 1).ok()?;
    let day = number(bytes[9], bytes[10])?;
    let day = if day > WOMAN { day - WOMAN } else { day };
    let century = today.year() - today.year().rem_euclid(100);
    [century + year, century + year - 100]
        .into_iter()
        .filter_map(|year| Date::new(year, month, day).ok())
        .find(|born| *born <= today)
}

/// Whether who was born on a day is under 18.
pub(super) fn is_minor(born: Date, today: Date) -> bool {
    today < born.saturating_add(ADULT_YEARS.years())
}

fn number(tens: u8, units: u8) -> Option<i8> {
    Some(digit(tens)? * 10 + digit(units)?)
}

/// A digit, or the letter that stands for it when two people would have the same code.
fn digit(byte: u8) -> Option<i8> {
    let place = match byte {
        b'0'..=b'9' => usize::from(byte - b'0'),
        letter => b"LMNPQRSTUV".iter().position(|stands| *stands == letter)?,
    };
    i8::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_day_of_birth_is_read_so_that_nobody_is_100() {
        let today = date(2026, 3, 30);
        for (code, born) in [
            ("RSSMRA80A01G702C", Some(date(1980, 1, 1))),
            ("RSSMRA80A41G702G", Some(date(1980, 1, 1))), // a woman
            ("RSSMRAULA01G702X", Some(date(1980, 1, 1))), // omocodia: UL is 80
            ("RSSMRA80AL1G702X", Some(date(1980, 1, 1))), // L1 is 01
            ("RSSMRA26C30G702X", Some(date(2026, 3, 30))), // today
            ("RSSMRA26C31G702X", Some(date(1926, 3, 31))), // tomorrow it would be: 99 years old
            ("RSSMRA00B29G702X", Some(date(2000, 2, 29))),
            ("RSSMRA80B30G702X", None), // the 30th of February
            ("RSSMRA80A00G702X", None),
            ("01234567897", None),
        ] {
            let code = FiscalCode::parse(code).unwrap();
            assert_eq!(birth_date(&code, today), born, "{}", code.as_str());
        }
    }

    #[test]
    fn one_is_of_age_on_the_eighteenth_birthday() {
        let born = date(2008, 3, 30);
        assert!(is_minor(born, date(2026, 3, 29)));
        assert!(!is_minor(born, date(2026, 3, 30)));
    }
}

//! Values as XML writes them: amounts, dates, times, numbers, identifiers.
//!
//! Each function reads one text, without blanks around it, in place.

use std::sync::LazyLock;

use domain::identifier::IdentifierError;
use domain::money::{AmountError, Cents};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::defect::Rule;

/// Why a text is not a value: the rule that it breaks and what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub rule: Rule,
    pub expected: &'static str,
}

const fn fault(rule: Rule, expected: &'static str) -> Fault {
    Fault { rule, expected }
}

impl From<IdentifierError> for Fault {
    fn from(error: IdentifierError) -> Self {
        fault(Rule::Identifier, error.0)
    }
}

/// Reads an identifier by the parser of its kind.
pub(crate) fn identifier<T>(
    parse: impl Fn(&str) -> Result<T, IdentifierError>,
) -> impl Fn(&str) -> Result<T, Fault> {
    move |text| parse(text).map_err(Fault::from)
}

/// Any text, even an empty one.
#[expect(clippy::unnecessary_wraps, reason = "it stands where a parser is asked for")]
pub(crate) fn text(text: &str) -> Result<Box<str>, Fault> {
    Ok(text.into())
}

/// A text of 1 to `MAX` characters.
pub(crate) fn text_up_to<const MAX: usize>(text: &str) -> Result<Box<str>, Fault> {
    if text.is_empty() || text.chars().nth(MAX).is_some() {
        return Err(fault(Rule::Schema, "must be a text that is neither empty nor too long"));
    }
    Ok(text.into())
}

/// An amount of euro, whatever its sign.
pub(crate) fn amount(text: &str) -> Result<Cents, Fault> {
    Cents::parse(text).map_err(|error| {
        let expected = match error {
            AmountError::NotANumber => "must be an amount such as 12.50",
            AmountError::FractionOfCent => "must have at most two decimals",
            AmountError::TooLarge => "must have at most 13 digits before the point",
        };
        fault(Rule::Amount, expected)
    })
}

/// An amount of euro that is not below zero.
pub(crate) fn amount_not_negative(text: &str) -> Result<Cents, Fault> {
    match amount(text)? {
        cents if cents.is_negative() => Err(fault(Rule::Amount, "must not be negative")),
        cents => Ok(cents),
    }
}

/// A whole number below 10^18 (the widest number of the OPI schemas), leading zeros or not.
pub(crate) fn number(text: &str) -> Result<u64, Fault> {
    let digits = text.trim_start_matches('0');
    if text.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault(Rule::Schema, "must be a whole number of at most 18 digits"));
    }
    Ok(digits.bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// A whole number of 32 bits that is not zero.
pub(crate) fn positive(text: &str) -> Result<u32, Fault> {
    match u32::try_from(number(text)?) {
        Ok(number @ 1..) => Ok(number),
        _ => Err(fault(Rule::Schema, "must be a whole number from 1 to 4294967295")),
    }
}

/// The place of a payment among those of one receipt: 1 to 5 (stIndice; `idTransfer`).
pub(crate) fn index(text: &str) -> Result<u8, Fault> {
    match number(text)? {
        number @ 1..=5 => Ok(u8::try_from(number).expect("5 fits 8 bits")),
        _ => Err(fault(Rule::Schema, "must be a number from 1 to 5")),
    }
}

/// xs:boolean.
pub(crate) fn boolean(text: &str) -> Result<bool, Fault> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(fault(Rule::Schema, "must be true or false")),
    }
}

/// xs:date, with a zone or not: the date that is written.
pub(crate) fn date(text: &str) -> Result<Date, Fault> {
    date_and_rest(text.as_bytes())
        .filter(|(_, rest)| zone(rest).is_some())
        .map(|(date, _)| date)
        .ok_or(fault(Rule::Date, "must be a date such as 2026-01-31"))
}

/// xs:dateTime as a moment; without a zone it is on the clock of Europe/Rome.
pub(crate) fn moment(text: &str) -> Result<Timestamp, Fault> {
    let (time, zone) = date_time(text)?;
    let moment = match zone {
        Zone::Rome => ROME.to_ambiguous_timestamp(time).compatible(),
        Zone::Offset(offset) => offset.to_timestamp(time),
    };
    moment.map_err(|_| fault(Rule::Date, "must be a time before the end of the year 9999"))
}

/// xs:dateTime on the clock of Europe/Rome.
pub(crate) fn rome_time(text: &str) -> Result<DateTime, Fault> {
    match date_time(text)? {
        (time, Zone::Rome) => Ok(time),
        (_, Zone::Offset(_)) => moment(text).map(|moment| ROME.to_datetime(moment)),
    }
}

static ROME: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Rome").expect("the zone is part of the program"));

/// xs:dateTime and its zone: seconds are mandatory, a fraction of them is not.
fn date_time(text: &str) -> Result<(DateTime, Zone), Fault> {
    let read = || {
        let (date, rest) = date_and_rest(text.as_bytes())?;
        let (clock, rest) = rest.strip_prefix(b"T")?.split_at_checked(8)?;
        if clock[2] != b':' || clock[5] != b':' {
            return None;
        }
        let [hour, minute, second] = [&clock[..2], &clock[3..5], &clock[6..]].map(two_digits);
        let (nanoseconds, rest) = fraction(rest)?;
        let time = Time::new(hour?, minute?, second?, nanoseconds).ok()?;
        Some((date.to_datetime(time), zone(rest)?))
    };
    read().ok_or(fault(Rule::Date, "must be a time such as 2026-01-31T23:59:59"))
}

fn date_and_rest(text: &[u8]) -> Option<(Date, &[u8])> {
    let (date, rest) = text.split_at_checked(10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    let [century, year, month, day] =
        [&date[..2], &date[2..4], &date[5..7], &date[8..]].map(two_digits);
    let year = i16::from(century?) * 100 + i16::from(year?);
    Some((Date::new(year, month?, day?).ok()?, rest))
}

fn two_digits(text: &[u8]) -> Option<i8> {
    match *text {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => {
            i8::try_from((tens - b'0') * 10 + (units - b'0')).ok()
        }
        _ => None,
    }
}

/// A fraction of a second in nanoseconds (what is finer is cut), and what follows it.
fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else { return Some((0, text)) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let padded = digits[..length].iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanoseconds = padded.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    (length > 0).then_some((nanoseconds, &digits[length..]))
}

/// Whose clock a time is on.
enum Zone {
    /// It is not said: Europe/Rome.
    Rome,
    Offset(Offset),
}

/// The zone that a whole text says.
fn zone(text: &[u8]) -> Option<Zone> {
    match *text {
        [] => Some(Zone::Rome),
        [b'Z'] => Some(Zone::Offset(Offset::UTC)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = i32::from(two_digits(&[h1, h2]).filter(|&hours| hours <= 14)?);
            let minutes = i32::from(two_digits(&[m1, m2]).filter(|&minutes| minutes <= 59)?);
            let seconds = (hours * 60 + minutes) * 60;
            let east = if sign == b'-' { -seconds } else { seconds };
            Offset::from_seconds(east).ok().map(Zone::Offset)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_may_carry_a_zone_and_nothing_else() {
        for (text, good) in [
            ("2026-01-31", true),
            ("2026-01-31Z", true),
            ("2026-01-31+01:00", true),
            ("2026-01-31-14:00", true),
            ("2026-01-31+15:00", false),
            ("2026-02-29", false),
            ("2026-01-31T10:00:00", false),
            ("2026-1-31", false),
            ("31/01/2026", false),
            ("2026-01-3è", false),
            ("", false),
        ] {
            assert_eq!(date(text).is_ok(), good, "{text}");
        }
        assert_eq!(date("2026-01-31+01:00").unwrap(), Date::constant(2026, 1, 31));
    }

    #[test]
    fn times_without_a_zone_are_those_of_rome() {
        for (text, utc) in [
            ("2026-01-31T10:15:30", "2026-01-31T09:15:30Z"),
            ("2026-07-31T10:15:30", "2026-07-31T08:15:30Z"),
            ("2026-07-31T10:15:30.123", "2026-07-31T08:15:30.123Z"),
            ("2026-07-31T10:15:30.1234567891", "2026-07-31T08:15:30.123456789Z"),
            ("2026-07-31T10:15:30Z", "2026-07-31T10:15:30Z"),
            ("2026-07-31T10:15:30.5+05:30", "2026-07-31T04:45:30.5Z"),
            // Clocks go forward on 29 March 2026 at 2: 2:30 does not exist, and is taken as 3:30.
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
            // Clocks go back on 25 October 2026 at 3: 2:30 comes twice, and the first is taken.
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(moment(text), Ok(utc.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn times_have_seconds_and_a_real_clock() {
        for text in [
            "2022-01-24T11:02",
            "2022-01-24",
            "2022-01-24 11:02:00",
            "2022-01-24T24:00:00",
            "2022-01-24T11:60:00",
            "2022-01-24T11:02:00.",
            "2022-01-24T11:02:00+1:00",
            "2022-01-24T11:02:00CET",
            "9999-12-31T23:59:59-14:00",
            "",
        ] {
            let fault = moment(text).unwrap_err();
            assert_eq!(fault.rule, Rule::Date, "{text}");
        }
    }

    #[test]
    fn a_time_is_put_on_the_clock_of_rome() {
        for (text, rome) in [
            ("2021-10-01T17:48:22", "2021-10-01T17:48:22"),
            ("2021-10-01T23:48:22Z", "2021-10-02T01:48:22"),
            ("2021-12-01T17:48:22+00:00", "2021-12-01T18:48:22"),
        ] {
            assert_eq!(rome_time(text), Ok(rome.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn numbers_are_whole_and_bounded() {
        for (text, read) in [
            ("0", Some(0)),
            ("0064422", Some(64_422)),
            ("999999999999999999", Some(999_999_999_999_999_999)),
            ("000999999999999999999", Some(999_999_999_999_999_999)),
            ("1000000000000000000", None),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
            ("", None),
        ] {
            assert_eq!(number(text).ok(), read, "{text}");
        }
        assert_eq!(
            (positive("1").ok(), positive("0").ok(), positive("4294967296").ok()),
            (Some(1), None, None)
        );
        assert_eq!((index("1").ok(), index("5").ok()), (Some(1), Some(5)));
        assert_eq!((index("0").ok(), index("6").ok()), (None, None));
    }
}

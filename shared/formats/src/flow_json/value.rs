//! Values of JSON members, and what they may be.

use std::borrow::Cow;
use std::io::Read;

use domain::identifier::IdentifierError;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ValueType};

use crate::Rule;
use crate::moment;
use crate::shape::Shape;

/// Which rule a value breaks, and what it must be.
pub(super) type Wrong = (Rule, &'static str);

/// A field that is read at most once.
#[derive(Debug, Default)]
pub(super) enum Slot<T> {
    #[default]
    Absent,
    /// It was there and its defect is told.
    Wrong,
    Is(T),
}

impl<T> Slot<T> {
    pub(super) fn get(&self) -> Option<&T> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }

    pub(super) fn take(self) -> Option<T> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// A value that is not read further.
pub(super) enum Value {
    Null,
    Text(String),
    Number(String),
    /// A boolean, an object or a list.
    Other,
}

impl Value {
    pub(super) fn next<R: Read>(json: &mut JsonStreamReader<R>) -> Result<Self, ReaderError> {
        match json.peek()? {
            ValueType::Null => json.next_null().map(|()| Self::Null),
            ValueType::String => json.next_string().map(Self::Text),
            ValueType::Number => json.next_number_as_string().map(Self::Number),
            _ => json.skip_value().map(|()| Self::Other),
        }
    }

    /// What was found, without telling the value.
    pub(super) fn shape(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(text) => format!("\"{}\"", Shape(text)),
            Self::Number(number) => Shape(number).to_string(),
            Self::Other => "a boolean, an object or a list".to_owned(),
        }
    }

    /// The text, without blanks around it.
    pub(super) fn text(&self) -> Result<&str, Wrong> {
        match self {
            Self::Text(text) => Ok(text.trim()),
            _ => Err((Rule::Schema, "must be a string")),
        }
    }
}

/// A reader of an identifier.
pub(super) fn identifier<T>(
    value: &Value,
    parse: fn(&str) -> Result<T, IdentifierError>,
) -> Result<T, Wrong> {
    parse(value.text()?).map_err(|IdentifierError(message)| (Rule::Identifier, message))
}

/// A text of 1 to 255 characters.
pub(super) fn short_text(value: &Value) -> Result<Box<str>, Wrong> {
    let text = value.text()?;
    if text.is_empty() || text.chars().count() > 255 {
        return Err((Rule::Schema, "must have 1 to 255 characters"));
    }
    Ok(text.into())
}

/// A whole number, not negative.
pub(super) fn count(value: &Value) -> Result<u64, Wrong> {
    let wrong = (Rule::Schema, "must be a whole number");
    let Value::Number(digits) = value else { return Err(wrong) };
    digits.parse().map_err(|_| wrong)
}

/// An amount: a JSON number, or a string that holds one.
pub(super) fn amount(value: &Value) -> Result<Cents, Wrong> {
    let (Value::Number(text) | Value::Text(text)) = value else {
        return Err((Rule::Amount, "must be a number"));
    };
    let plain = plain_decimal(text).ok_or((Rule::Amount, "must be a number"))?;
    Cents::parse(&plain).map_err(|_| (Rule::Amount, "must have at most 13 digits and two decimals"))
}

/// A moment: a text with or without an offset, or epoch seconds.
pub(super) fn timestamp(value: &Value) -> Result<Timestamp, Wrong> {
    let time = match value {
        Value::Text(text) => moment::timestamp_or_rome(text.trim()),
        Value::Number(seconds) => epoch(seconds),
        _ => None,
    };
    time.ok_or((Rule::Date, "must be a date and time, or epoch seconds"))
}

/// The date of a date or of a date and time, as written; of epoch seconds, in UTC.
pub(super) fn date_part(value: &Value) -> Result<Date, Wrong> {
    let date = match value {
        Value::Text(text) => moment::date_as_written(text.trim()),
        Value::Number(seconds) => epoch(seconds).map(|time| TimeZone::UTC.to_datetime(time).date()),
        _ => None,
    };
    date.ok_or((Rule::Date, "must be a date, a date and time, or epoch seconds"))
}

/// Seconds since 1970, with up to nine decimals.
fn epoch(seconds: &str) -> Option<Timestamp> {
    let plain = plain_decimal(seconds)?;
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanoseconds = format!("{fraction:0<9}").parse().ok()?;
    Timestamp::new(whole.parse::<u64>().ok()?.try_into().ok()?, nanoseconds).ok()
}

/// A JSON number without its exponent: `1.5E3` is `1500`.
fn plain_decimal(number: &str) -> Option<Cow<'_, str>> {
    /// More would be no amount and no time.
    const EXPONENT_MAX: usize = 30;
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        return Some(Cow::Borrowed(number));
    };
    let (sign, mantissa) =
        mantissa.strip_prefix('-').map_or(("", mantissa), |unsigned| ("-", unsigned));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i32 = exponent.parse().ok()?;
    let places = usize::try_from(exponent.unsigned_abs()).ok().filter(|&n| n <= EXPONENT_MAX)?;
    let (whole, fraction) = if exponent >= 0 {
        let fraction = format!("{fraction:0<places$}");
        let (moved, rest) = fraction.split_at_checked(places)?;
        (format!("{whole}{moved}"), rest.to_owned())
    } else {
        let whole = format!("{whole:0>places$}");
        let (rest, moved) = whole.split_at_checked(whole.len() - places)?;
        (rest.to_owned(), format!("{moved}{fraction}"))
    };
    Some(format!("{sign}{}.{fraction}", if whole.is_empty() { "0" } else { &whole }).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_decimal_text() {
        for (number, cents) in [
            ("0.01", Some(1)),
            ("100.95", Some(10_095)),
            ("7", Some(700)),
            ("-1.5", Some(-150)),
            ("1E+2", Some(10_000)),
            ("1.23456789E7", Some(1_234_567_890)),
            ("1.5e-1", Some(15)),
            ("-12e-2", Some(-12)),
            ("5E-2", Some(5)),
            ("1.0E-3", None),
            ("81.66000000000001", None),
            ("1E30", None),
            ("1E31", None),
            ("1E99999999999", None),
            ("9999999999999.99", Some(999_999_999_999_999)),
        ] {
            assert_eq!(
                amount(&Value::Number(number.into())).ok(),
                cents.map(Cents::new),
                "{number}"
            );
        }
    }

    #[test]
    fn times_come_in_many_forms() {
        for (text, expected) in [
            ("2025-01-01T12:20:30Z", Some("2025-01-01T12:20:30Z")),
            ("2025-01-01T12:20:30.8Z", Some("2025-01-01T12:20:30.8Z")),
            ("2025-01-01T12:20:30.123456789Z", Some("2025-01-01T12:20:30.123456789Z")),
            ("2025-01-01T12:20:30.1234567891Z", None),
            // Winter in Rome is one hour ahead, summer two.
            ("2025-01-27T10:30:45.123", Some("2025-01-27T09:30:45.123Z")),
            ("2025-07-27T10:30:45", Some("2025-07-27T08:30:45Z")),
            ("2025-12-09T00:00+01:00", Some("2025-12-08T23:00:00Z")),
            ("2025-12-09T00:00", Some("2025-12-08T23:00:00Z")),
            ("2025-12-09", None),
            ("9/12/2025", None),
            ("", None),
        ] {
            let read = timestamp(&Value::Text(text.into())).ok();
            assert_eq!(read, expected.map(|text| text.parse().unwrap()), "{text}");
        }
        for (seconds, expected) in [
            ("1786109246.000000000", Some("2026-08-07T13:27:26Z")),
            ("1.786109246E9", Some("2026-08-07T13:27:26Z")),
            ("0.5", Some("1970-01-01T00:00:00.5Z")),
            ("-1", None),
            ("1786109246000", None),
        ] {
            let read = timestamp(&Value::Number(seconds.into())).ok();
            assert_eq!(read, expected.map(|text| text.parse().unwrap()), "{seconds}");
        }
    }

    #[test]
    fn the_date_of_a_payment_is_the_one_that_is_written() {
        for (text, expected) in [
            ("2026-08-06", Some("2026-08-06")),
            ("2026-08-06T00:00:00Z", Some("2026-08-06")),
            ("2026-08-06T23:59:59Z", Some("2026-08-06")),
            ("2025-12-09T00:00+01:00", Some("2025-12-09")),
            ("2026-02-30T00:00:00Z", None),
            ("2026-08-06 junk", None),
            ("2026-08", None),
        ] {
            let read = date_part(&Value::Text(text.into())).ok();
            assert_eq!(read, expected.map(|text| text.parse().unwrap()), "{text}");
        }
        let epoch = Value::Number("1785974400.000000000".into());
        assert_eq!(date_part(&epoch), Ok(jiff::civil::date(2026, 8, 6)), "midnight in UTC");
    }
}

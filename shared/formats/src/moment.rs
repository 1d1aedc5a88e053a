//! Dates and times as JSON and CSV files write them.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Reads `yyyy-mm-dd` and nothing else.
pub(crate) fn iso_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0_i16, |sum, &b| b.is_ascii_digit().then(|| sum * 10 + i16::from(b - b'0')))
    };
    let part = |from, to| number(from, to).and_then(|part| i8::try_from(part).ok());
    Date::new(number(0, 4)?, part(5, 7)?, part(8, 10)?).ok()
}

/// Reads a date and time. Without an offset it is Europe/Rome (GovPay reads flows so); of an hour
/// that comes twice in autumn, the first.
pub(crate) fn timestamp_or_rome(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let time = civil_with_time(text)?;
    ROME.to_timestamp(time).ok()
}

/// Reads the date of a date or of a date and time, as written.
pub(crate) fn date_as_written(text: &str) -> Option<Date> {
    let date = iso_date(text.get(..10)?)?;
    let whole =
        text.len() == 10 || text.parse::<Timestamp>().is_ok() || civil_with_time(text).is_some();
    whole.then_some(date)
}

/// A date and time without an offset.
fn civil_with_time(text: &str) -> Option<DateTime> {
    let with_time = matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' '));
    text.parse().ok().filter(|_| with_time)
}

static ROME: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Rome").expect("the time zones are compiled in"));

//! Dates and times as JSON and CSV files write them.

use jiff::civil::Date;

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

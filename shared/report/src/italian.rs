//! How amounts, numbers and dates are written for Italian readers.

use std::fmt;

use domain::money::Cents;
use jiff::civil::{Date, DateTime, Weekday};

/// A whole number: `110.000`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (n, digit) in digits.chars().enumerate() {
            if n > 0 && (digits.len() - n).is_multiple_of(3) {
                f.write_str(".")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// An amount inside a text: `1.234,50`.
#[derive(Debug, Clone, Copy)]
pub struct Comma(pub Cents);

impl fmt::Display for Comma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0.is_negative() { "-" } else { "" };
        let cents = self.0.get().unsigned_abs();
        write!(f, "{sign}{},{:02}", Number(cents / 100), cents % 100)
    }
}

/// An amount: `1.234,50 €`, with a true minus and a space that does not break.
#[derive(Debug, Clone, Copy)]
pub struct Euro(pub Cents);

impl fmt::Display for Euro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0.is_negative() { "\u{2212}" } else { "" };
        let cents = self.0.get().unsigned_abs();
        write!(f, "{sign}{},{:02}\u{A0}€", Number(cents / 100), cents % 100)
    }
}

/// An amount in few characters, for the axis of a chart: `250 mila €`, `1,5 mln €`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShortEuro(pub Cents);

impl fmt::Display for ShortEuro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0.is_negative() { "\u{2212}" } else { "" };
        let euros = self.0.get().unsigned_abs() / 100;
        let (unit, name) = match euros {
            1_000_000.. => (1_000_000, "\u{A0}mln"),
            10_000.. => (1_000, "\u{A0}mila"),
            _ => return write!(f, "{sign}{}\u{A0}€", Number(euros)),
        };
        let tenths = euros * 10 / unit;
        write!(f, "{sign}{}", Number(tenths / 10))?;
        if !tenths.is_multiple_of(10) {
            write!(f, ",{}", tenths % 10)?;
        }
        write!(f, "{name}\u{A0}€")
    }
}

/// A day: `09/02/2026`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(pub Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:02}/{:04}", self.0.day(), self.0.month(), self.0.year())
    }
}

/// A moment, in full: `lunedì 9 febbraio 2026, ore 08:00`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InFull(pub DateTime);

impl fmt::Display for InFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.0.date(), self.0.time());
        let weekday = match date.weekday() {
            Weekday::Monday => "lunedì",
            Weekday::Tuesday => "martedì",
            Weekday::Wednesday => "mercoledì",
            Weekday::Thursday => "giovedì",
            Weekday::Friday => "venerdì",
            Weekday::Saturday => "sabato",
            Weekday::Sunday => "domenica",
        };
        let day = date.day();
        let ordinal = if day == 1 { "º" } else { "" };
        let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
        let year = date.year();
        write!(
            f,
            "{weekday} {day}{ordinal} {month} {year}, ore {:02}:{:02}",
            time.hour(),
            time.minute()
        )
    }
}

/// The months, from January.
pub(crate) const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

/// A part of a whole in tenths of a percent: `98,7%`. Rounded down, so that 100% is the whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub part: u64,
    pub whole: u64,
}

impl Share {
    /// In tenths of a percent, cut; none of nothing.
    pub fn tenths(self) -> Option<u128> {
        (u128::from(self.part) * 1000).checked_div(u128::from(self.whole))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tenths() {
            Some(tenths) => write!(f, "{},{}%", tenths / 10, tenths % 10),
            None => f.write_str("—"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    #[test]
    fn amounts_have_points_commas_and_a_true_minus() {
        for (cents, text) in [
            (0, "0,00\u{A0}€"),
            (5, "0,05\u{A0}€"),
            (100_000, "1.000,00\u{A0}€"),
            (-123_456_789, "\u{2212}1.234.567,89\u{A0}€"),
        ] {
            assert_eq!(Euro(Cents::new(cents)).to_string(), text);
        }
    }

    #[test]
    fn axis_labels_are_short() {
        for (euros, text) in [
            (0, "0\u{A0}€"),
            (9_999, "9.999\u{A0}€"),
            (250_000, "250\u{A0}mila\u{A0}€"),
            (12_500, "12,5\u{A0}mila\u{A0}€"),
            (1_500_000, "1,5\u{A0}mln\u{A0}€"),
            (2_000_000_000, "2.000\u{A0}mln\u{A0}€"),
        ] {
            assert_eq!(ShortEuro(Cents::new(euros * 100)).to_string(), text);
        }
    }

    #[test]
    fn dates_are_written_as_in_italy() {
        assert_eq!(Day(date(2026, 2, 9)).to_string(), "09/02/2026");
        let moment = datetime(2026, 2, 9, 8, 5, 0, 0);
        assert_eq!(InFull(moment).to_string(), "lunedì 9 febbraio 2026, ore 08:05");
        let first = datetime(2026, 5, 1, 0, 0, 0, 0);
        assert_eq!(InFull(first).to_string(), "venerdì 1º maggio 2026, ore 00:00");
    }

    #[test]
    fn a_share_is_whole_only_when_nothing_is_missing() {
        assert_eq!(Share { part: 9_999, whole: 10_000 }.to_string(), "99,9%");
        assert_eq!(Share { part: 10_000, whole: 10_000 }.to_string(), "100,0%");
        assert_eq!(Share { part: 0, whole: 0 }.to_string(), "—");
    }
}

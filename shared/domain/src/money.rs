//! Money: whole euro cents, checked.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use rust_decimal::Decimal;

/// An amount of euro in whole cents; negative amounts are debits or differences.
///
/// Every operation is checked: an overflow panics (it is a defect of the program, since readers
/// refuse any amount over [`Cents::MAX_ON_THE_WIRE`]), it never wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cents(i64);

/// Why a text is not an amount of euro.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is not a plain decimal number.
    #[error("not a decimal number")]
    NotANumber,
    /// There is a fraction of a cent.
    #[error("more than two decimals")]
    FractionOfCent,
    /// The amount has more digits than any standard allows.
    #[error("more than 13 digits before the point")]
    TooLarge,
}

impl Cents {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount that a file can carry: decimal(15,2), OPI giornale di cassa, `importo`.
    pub const MAX_ON_THE_WIRE: Self = Self(999_999_999_999_999);

    /// An amount of `cents` hundredths of a euro.
    #[must_use]
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The amount in hundredths of a euro.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the amount is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Reads a decimal text as files have it: `"12"`, `"68.7"`, `"1234.50"`, `"-1.50"`.
    ///
    /// Zeros after the second decimal are accepted, any other digit there is not.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(AmountError::NotANumber);
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() > 13 {
            return Err(AmountError::TooLarge);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 2 {
            return Err(AmountError::FractionOfCent);
        }
        let mut cents: i64 = 0;
        let padding = std::iter::repeat_n(b'0', 2 - fraction.len());
        for digit in whole.bytes().chain(fraction.bytes()).chain(padding) {
            cents = cents * 10 + i64::from(digit - b'0');
        }
        Ok(Self(if negative { -cents } else { cents }))
    }

    /// The amount as a decimal number of euro with two decimals, for rates and percentages.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Sum, or `None` on overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(cents) => Some(Self(cents)),
            None => None,
        }
    }
}

impl std::ops::Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.checked_add(other).expect("amounts on the wire cannot overflow 63 bits")
    }
}

impl std::ops::AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::ops::Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.checked_neg().expect("amounts on the wire cannot overflow 63 bits"))
    }
}

impl std::ops::Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl std::ops::SubAssign for Cents {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |total, amount| total + amount)
    }
}

/// `1234.50`, `-1.50`: the form of the files that programs read.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl FromStr for Cents {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_files_write_them() {
        for (text, cents) in [
            ("22", Ok(2200)),
            ("68.7", Ok(6870)),
            ("0.01", Ok(1)),
            (".50", Ok(50)),
            ("7.", Ok(700)),
            ("-1.50", Ok(-150)),
            ("10.000", Ok(1000)),
            ("0000000000000012.30", Ok(1230)),
            ("9999999999999.99", Ok(999_999_999_999_999)),
            ("10000000000000.00", Err(AmountError::TooLarge)),
            ("1.005", Err(AmountError::FractionOfCent)),
            ("1,50", Err(AmountError::NotANumber)),
            ("1e3", Err(AmountError::NotANumber)),
            (".", Err(AmountError::NotANumber)),
            ("-", Err(AmountError::NotANumber)),
            ("", Err(AmountError::NotANumber)),
            (" 1", Err(AmountError::NotANumber)),
        ] {
            assert_eq!(Cents::parse(text), cents.map(Cents::new), "{text}");
        }
    }

    #[test]
    fn amounts_are_written_with_two_decimals() {
        for (cents, text) in [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_450, "1234.50")] {
            assert_eq!(Cents::new(cents).to_string(), text);
            assert_eq!(text.parse(), Ok(Cents::new(cents)));
        }
    }
}

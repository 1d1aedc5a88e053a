//! Slips of whoever types a notice number: one digit wrong, or two neighbours swapped.

use crate::identifier::Iuv;

/// An IUV of 15 or 17 digits as a number that keeps its length: cheap to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IuvDigits(u64);

impl IuvDigits {
    /// `None` for the IUVs that are not 15 or 17 digits: nobody types those.
    #[must_use]
    pub fn of(iuv: &Iuv) -> Option<Self> {
        let digits = iuv.as_str().as_bytes();
        let typed = matches!(digits.len(), 15 | 17) && digits.iter().all(u8::is_ascii_digit);
        typed.then(|| Self::read(digits))
    }

    /// A leading 1 keeps the zeros, and with them the length.
    fn read(digits: &[u8]) -> Self {
        Self(digits.iter().fold(1, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    }
}

/// Every IUV that is one slip away from `iuv`: at most 169. None for those that nobody types.
#[must_use]
pub fn slips(iuv: &Iuv) -> Vec<IuvDigits> {
    if IuvDigits::of(iuv).is_none() {
        return Vec::new();
    }
    let mut digits = iuv.as_str().as_bytes().to_vec();
    let mut slips = Vec::new();
    for place in 0..digits.len() {
        let typed = digits[place];
        for other in (b'0'..=b'9').filter(|other| *other != typed) {
            digits[place] = other;
            slips.push(IuvDigits::read(&digits));
        }
        digits[place] = typed;
        let next = place + 1;
        // Neighbours that differ by nothing are no slip.
        if next < digits.len() && digits[next] != typed {
            digits.swap(place, next);
            slips.push(IuvDigits::read(&digits));
            digits.swap(place, next);
        }
    }
    slips
}

/// Whether `a` and `b` are one slip apart.
pub(super) fn one_slip_apart(a: &Iuv, b: &Iuv) -> bool {
    if IuvDigits::of(a).is_none() || a.as_str().len() != b.as_str().len() {
        return false;
    }
    let (a, b) = (a.as_str().as_bytes(), b.as_str().as_bytes());
    let mut wrong = (0..a.len()).filter(|&place| a[place] != b[place]);
    match (wrong.next(), wrong.next(), wrong.next()) {
        (Some(place), None, None) => b[place].is_ascii_digit(),
        (Some(first), Some(second), None) => {
            second == first + 1 && a[first] == b[second] && a[second] == b[first]
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iuv(text: &str) -> Iuv {
        Iuv::parse(text).unwrap()
    }

    #[test]
    fn a_slip_is_one_digit_or_two_neighbours() {
        let typed = iuv("01000000000012373");
        for (other, slip) in [
            ("01000000000012374", true),  // last digit
            ("91000000000012373", true),  // first digit
            ("01000000000021373", true),  // 12 and 21
            ("01000000000012337", true),  // 73 and 37
            ("01000000000012373", false), // the same
            ("01000000000012484", false), // two digits
            ("01000000000032173", false), // 1 and 3, no neighbours
            ("010000000000123", false),   // another length
            ("0100000000001237A", false), // no digit
        ] {
            let other = iuv(other);
            assert_eq!(one_slip_apart(&typed, &other), slip, "{other}");
            let found = IuvDigits::of(&other).is_some_and(|key| slips(&typed).contains(&key));
            assert_eq!(found, slip, "{other}");
        }
    }

    #[test]
    fn only_what_is_typed_has_slips() {
        // 17 × 9 digits and 16 pairs, of 15: 135 and 14; of which pairs of equal digits are none.
        assert_eq!(slips(&iuv("01010101010101010")).len(), 153 + 16);
        assert_eq!(slips(&iuv("010101010101010")).len(), 135 + 14);
        assert_eq!(slips(&iuv("00000000000000000")).len(), 153);
        assert_eq!(slips(&iuv("RF3301600201900000053964")).len(), 0);
    }

    #[test]
    fn leading_zeros_count() {
        assert_ne!(
            IuvDigits::of(&iuv("000000000000042")),
            IuvDigits::of(&iuv("00000000000000042"))
        );
    }
}

//! Notice numbers and IUVs with their check digits (SACI §2).

use domain::identifier::{Iuv, NoticeNumber};

/// How a payment is called: a notice of one of the forms, or an ISO 11649 reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Aux digit 3: segregation code, 13 digits, check digits.
    Segregated { code: u8, base: u64, check: u8 },
    /// Aux digit 0: application code, 13 digits, check digits.
    Application { code: u8, base: u64, check: u8 },
    /// `RF` and its check digits over 16 digits; no notice number.
    Reference { base: u64, check: u8 },
}

impl Code {
    /// A notice of aux digit 3 with right check digits.
    pub fn segregated(code: u8, base: u64) -> Self {
        Self::Segregated { code, base, check: check_93(&format!("3{code:02}{base:013}")) }
    }

    /// A notice of aux digit 0 with right check digits.
    pub fn application(code: u8, base: u64) -> Self {
        Self::Application { code, base, check: check_93(&format!("0{code:02}{base:013}")) }
    }

    /// An ISO 11649 reference: the remainder of base, `RF` as 2715 and 00 by 97, from 98.
    pub fn reference(base: u64) -> Self {
        let remainder = modulo(&format!("{base:016}271500"), 97);
        Self::Reference { base, check: 98 - remainder }
    }

    /// The same notice with check digits that are wrong by one.
    pub fn with_wrong_check(self) -> Self {
        match self {
            Self::Segregated { code, base, check } => {
                Self::Segregated { code, base, check: (check + 1) % 93 }
            }
            other => other,
        }
    }

    /// The same notice with its `place`-th digit (of the 13) one higher: mod 93 always sees it.
    pub fn mistyped(self, place: u32) -> Self {
        match self {
            Self::Segregated { code, base, check } => {
                let unit = 10u64.pow(place);
                let digit = base / unit % 10;
                Self::Segregated {
                    code,
                    base: base - digit * unit + (digit + 1) % 10 * unit,
                    check,
                }
            }
            other => other,
        }
    }

    /// The IUV.
    pub fn iuv(self) -> Iuv {
        let text = match self {
            Self::Segregated { code, base, check } => format!("{code:02}{base:013}{check:02}"),
            Self::Application { base, check, .. } => format!("{base:013}{check:02}"),
            Self::Reference { base, check } => format!("RF{check:02}{base:016}"),
        };
        Iuv::parse(&text).expect("15 to 20 digits and letters are an IUV")
    }

    /// The notice number, which a reference has not.
    pub fn number(self) -> Option<NoticeNumber> {
        let text = match self {
            Self::Segregated { .. } => format!("3{}", self.iuv()),
            Self::Application { code, .. } => format!("0{code:02}{}", self.iuv()),
            Self::Reference { .. } => return None,
        };
        Some(NoticeNumber::parse(&text).expect("18 digits that begin with 0 or 3 are a notice"))
    }
}

fn check_93(digits: &str) -> u8 {
    modulo(digits, 93)
}

/// The remainder of a number of any length by a small one.
fn modulo(digits: &str, by: u32) -> u8 {
    let remainder = digits.bytes().fold(0, |sum, b| (sum * 10 + u32::from(b - b'0')) % by);
    u8::try_from(remainder).expect("a remainder by 97 or less fits a byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::identifier::CheckDigits;

    #[test]
    fn check_digits_are_those_of_saci() {
        // 3·12·0000000000007 mod 93 = 25 and 0·01·0000000000042 mod 93 = 82.
        let notice = Code::segregated(12, 7);
        assert_eq!(notice.number().unwrap().as_str(), "312000000000000725");
        assert_eq!(notice.iuv().as_str(), "12000000000000725");
        let old = Code::application(1, 42);
        assert_eq!(old.number().unwrap().as_str(), "001000000000004282");
        assert_eq!(old.iuv().as_str(), "000000000004282");
        for wrong in [notice.with_wrong_check(), notice.mistyped(0), notice.mistyped(5)] {
            assert_eq!(wrong.number().unwrap().check_digits(), CheckDigits::Wrong);
        }
    }

    #[test]
    fn references_pass_mod_97() {
        // ISO 11649: base, then RF as digits (27 15), then the check digits: remainder 1.
        let Code::Reference { base, check } = Code::reference(539_007_547_034) else { panic!() };
        assert_eq!(modulo(&format!("{base:016}2715{check:02}"), 97), 1);
    }
}

//! Notice numbers and IUVs (SACI, "Specifiche attuative dei codici identificativi").

use super::{IdentifierError, text_35, text_identifier};

text_identifier! {
    /// Identificativo univoco di versamento (IUV): 15 or 17 digits, an ISO 11649 `RF…`, or the
    /// 1 to 35 characters of free text of old flows.
    Iuv, text_35
}

/// Number of a payment notice: 18 digits, the first of which (aux digit) is 0 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeNumber([u8; 18]);

/// The first digit of a notice number: how the rest is built (SACI §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuxDigit {
    /// 0 + application code (2) + base (13) + check digits (2); the IUV has 15 digits.
    Zero,
    /// 1 + base (17), no check digits.
    One,
    /// 2 + base (15) + check digits (2).
    Two,
    /// 3 + segregation code (2) + base (13) + check digits (2).
    Three,
}

/// Which station of which intermediary issued a notice, as its number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StationCode {
    /// The aux digit.
    pub aux: AuxDigit,
    /// Segregation code (aux 3) or application code (aux 0), 0 to 99; `None` for aux 1 and 2.
    pub code: Option<u8>,
}

/// What the mod 93 check says. A wrong one is an information, never a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigits {
    /// The last two digits are the remainder.
    Right,
    /// They are not.
    Wrong,
    /// The form has none (aux 1, RF, free text), or the application code is not known (aux 0).
    Absent,
}

impl AuxDigit {
    /// The digit, 0 to 3.
    #[must_use]
    pub const fn digit(self) -> u8 {
        match self {
            Self::Zero => 0,
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The aux digit written `digit`, if it is one.
    #[must_use]
    pub const fn from_digit(digit: u8) -> Option<Self> {
        match digit {
            0 => Some(Self::Zero),
            1 => Some(Self::One),
            2 => Some(Self::Two),
            3 => Some(Self::Three),
            _ => None,
        }
    }
}

impl NoticeNumber {
    /// Reads a notice number.
    ///
    /// # Errors
    /// When it has not 18 digits or begins with 4 to 9.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits: [u8; 18] =
            text.as_bytes().try_into().map_err(|_| IdentifierError("must have 18 digits"))?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(IdentifierError("must have 18 digits"));
        }
        if digits[0] > b'3' {
            return Err(IdentifierError("must begin with 0, 1, 2 or 3"));
        }
        Ok(Self(digits))
    }

    /// The 18 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only digits are accepted")
    }

    /// The aux digit.
    #[must_use]
    pub fn aux(&self) -> AuxDigit {
        AuxDigit::from_digit(self.0[0] - b'0').expect("only 0 to 3 are accepted")
    }

    /// The IUV inside: without the aux digit, and for aux 0 without the application code.
    #[must_use]
    pub fn iuv(&self) -> Iuv {
        let from = if self.aux() == AuxDigit::Zero { 3 } else { 1 };
        Iuv::parse(&self.as_str()[from..]).expect("15 or 17 digits are an IUV")
    }

    /// The station that issued it.
    #[must_use]
    pub fn station(&self) -> StationCode {
        let aux = self.aux();
        let code = matches!(aux, AuxDigit::Zero | AuxDigit::Three)
            .then(|| (self.0[1] - b'0') * 10 + (self.0[2] - b'0'));
        StationCode { aux, code }
    }

    /// The mod 93 check over everything before the last two digits.
    #[must_use]
    pub fn check_digits(&self) -> CheckDigits {
        if self.aux() == AuxDigit::One {
            return CheckDigits::Absent;
        }
        mod_93(self.as_str())
    }
}

impl std::fmt::Display for NoticeNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for NoticeNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

impl Iuv {
    /// The station that may have issued a 17-digit IUV, read as aux 3 (segregation code first).
    ///
    /// Aux 1 and 2 have 17 digits too: a station table decides between them. A 15-digit IUV
    /// (aux 0) does not carry its application code, so it has no station of its own.
    #[must_use]
    pub fn segregation_code(&self) -> Option<u8> {
        let digits = self.as_str().as_bytes();
        (digits.len() == 17 && digits.iter().all(u8::is_ascii_digit))
            .then(|| (digits[0] - b'0') * 10 + (digits[1] - b'0'))
    }

    /// The mod 93 check of a 17-digit IUV, right if it holds for aux 3 or for aux 2.
    #[must_use]
    pub fn check_digits(&self) -> CheckDigits {
        if self.segregation_code().is_none() {
            return CheckDigits::Absent;
        }
        let holds = |aux: char| mod_93(&format!("{aux}{self}")) == CheckDigits::Right;
        if holds('3') || holds('2') { CheckDigits::Right } else { CheckDigits::Wrong }
    }
}

fn mod_93(digits: &str) -> CheckDigits {
    let (base, check) = digits.split_at(digits.len() - 2);
    let remainder = base.bytes().fold(0u32, |sum, b| (sum * 10 + u32::from(b - b'0')) % 93);
    if check.parse() == Ok(remainder) { CheckDigits::Right } else { CheckDigits::Wrong }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notice_numbers_carry_their_iuv_and_their_check_digits() {
        // Worked by hand: base mod 93 of each form of SACI.
        for (notice, iuv, check) in [
            ("001000000000004282", "000000000004282", CheckDigits::Right), // 0·01·42 → 82
            ("100000000000000042", "00000000000000042", CheckDigits::Absent),
            ("212000000000004259", "12000000000004259", CheckDigits::Right), // 2·12…42 → 59
            ("312000000000000725", "12000000000000725", CheckDigits::Right), // 3·12·7 → 25
            ("312000000000000726", "12000000000000726", CheckDigits::Wrong),
        ] {
            let number = NoticeNumber::parse(notice).unwrap();
            assert_eq!(number.iuv().as_str(), iuv);
            assert_eq!(number.check_digits(), check, "{notice}");
        }
    }

    #[test]
    fn real_iuvs_pass_the_check() {
        for iuv in [
            "00551000024916517",
            "02000000000810908",
            "01000000119926169",
            "04100435542586389",
            "01600019011391534",
        ] {
            assert_eq!(Iuv::parse(iuv).unwrap().check_digits(), CheckDigits::Right, "{iuv}");
        }
        assert_eq!(
            Iuv::parse("RF3301600201900000053964").unwrap().check_digits(),
            CheckDigits::Absent
        );
    }

    #[test]
    fn the_station_is_in_the_number() {
        let station = |text| NoticeNumber::parse(text).unwrap().station();
        assert_eq!(station("301000000000012373").code, Some(1));
        assert_eq!(station("005000000000004282").code, Some(5));
        assert_eq!(station("212000000000004259").code, None);
        assert!(NoticeNumber::parse("412000000000004259").is_err());
        assert!(NoticeNumber::parse("31200000000000425").is_err());
        assert!(NoticeNumber::parse("3120000000000042a9").is_err());
    }
}

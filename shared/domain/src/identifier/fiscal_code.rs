//! The citizen's or the company's fiscal code (DM 23/12/1976).

use super::IdentifierError;

/// A fiscal code: 16 characters of a person or 11 digits of a company, upper case.
///
/// A person's code whose check character is wrong can exist: it is matched, never written to
/// ([`FiscalCode::verified`]).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalCode(Box<str>);

/// Whose code it is, by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiscalCodeKind {
    /// 16 characters.
    Person,
    /// 11 digits.
    Company,
}

impl FiscalCode {
    /// Reads a fiscal code, folding it to upper case.
    ///
    /// Omocodia is accepted: the seven digits may be the letters LMNPQRSTUV.
    ///
    /// # Errors
    /// The rule that the text breaks; never the text.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let code = text.to_ascii_uppercase();
        let bytes = code.as_bytes();
        let good = match bytes.len() {
            11 => bytes.iter().all(u8::is_ascii_digit),
            16 => bytes.iter().enumerate().all(|(position, b)| match position {
                0..=5 | 11 | 15 => b.is_ascii_uppercase(),
                8 => b"ABCDEHLMPRST".contains(b),
                _ => b.is_ascii_digit() || OMOCODIA.contains(b),
            }),
            _ => return Err(IdentifierError("must have 16 characters or 11 digits")),
        };
        if good {
            Ok(Self(code.into_boxed_str()))
        } else {
            Err(IdentifierError("must have the form of a fiscal code"))
        }
    }

    /// The code, upper case. Personal data: never in a log, an error or a file name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whose code it is.
    #[must_use]
    pub fn kind(&self) -> FiscalCodeKind {
        if self.0.len() == 16 { FiscalCodeKind::Person } else { FiscalCodeKind::Company }
    }

    /// Whether the check character (person) or check digit (company) is right.
    #[must_use]
    pub fn verified(&self) -> bool {
        let bytes = self.0.as_bytes();
        match self.kind() {
            FiscalCodeKind::Person => {
                let sum: u32 = bytes[..15]
                    .iter()
                    .enumerate()
                    .map(|(i, &b)| if i % 2 == 0 { odd_value(b) } else { even_value(b) })
                    .sum();
                u32::from(bytes[15] - b'A') == sum % 26
            }
            FiscalCodeKind::Company => {
                let sum: u32 = bytes
                    .iter()
                    .enumerate()
                    .map(|(i, &b)| {
                        let digit = u32::from(b - b'0');
                        if i % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
                    })
                    .sum();
                sum.is_multiple_of(10)
            }
        }
    }
}

/// The kind and nothing else: a fiscal code must not reach a log by way of `{:?}`.
impl std::fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FiscalCode({:?})", self.kind())
    }
}

impl std::str::FromStr for FiscalCode {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

/// The letters that stand for 0 to 9 when two people would have the same code.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";

/// Value of a character in an even place (2nd, 4th …), DM 23/12/1976, table.
fn even_value(b: u8) -> u32 {
    if b.is_ascii_digit() { u32::from(b - b'0') } else { u32::from(b - b'A') }
}

/// Value of a character in an odd place (1st, 3rd …), DM 23/12/1976, table.
fn odd_value(b: u8) -> u32 {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    ODD[even_value(b) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_verified() {
        for (code, verified) in [
            ("RSSMRA80A01H501U", true),
            ("RSSMRA80A01H501X", false),
            ("rssmra80a01h501u", true),
            ("01234567897", true),
            ("01234567890", false),
        ] {
            assert_eq!(FiscalCode::parse(code).unwrap().verified(), verified, "{code}");
        }
    }

    #[test]
    fn a_code_of_another_form_is_refused() {
        for bad in [
            "",
            "ANONIMO",
            "RSSMRA80A01H501",
            "RSSMRA80F01H501U",
            "1234567890A",
            "RSSMRA8KA01H501U",
        ] {
            assert!(FiscalCode::parse(bad).is_err(), "{bad}");
        }
        assert!(FiscalCode::parse("RSSMRAULA01H501U").is_ok(), "omocodia");
    }

    #[test]
    fn a_code_does_not_leak_through_debug() {
        let code = FiscalCode::parse("RSSMRA80A01H501U").unwrap();
        assert_eq!(format!("{code:?}"), "FiscalCode(Person)");
    }
}

//! The treasurer's provisional credit.

use std::fmt;
use std::str::FromStr;

use super::IdentifierError;

/// Financial year of a public body: 1999 to 2099 (OPI giornale di cassa, `esercizio`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Esercizio(i16);

impl Esercizio {
    /// The financial year `year`.
    ///
    /// # Errors
    /// When the year is outside 1999 to 2099.
    pub fn new(year: i16) -> Result<Self, IdentifierError> {
        if (1999..=2099).contains(&year) {
            Ok(Self(year))
        } else {
            Err(IdentifierError("must be a year from 1999 to 2099"))
        }
    }

    /// The calendar year that it is named after.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.0
    }
}

impl fmt::Display for Esercizio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Esercizio {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::new(text.parse().map_err(|_| IdentifierError("must be a year"))?)
    }
}

/// A provvisorio di entrata (sospeso): its number starts again each esercizio.
///
/// The number is `numero_documento` of a SOSPESO ENTRATA row, and what a reversale writes in
/// `sospeso/numero_provvisorio`. Leading zeros do not count. Written `2026/123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provvisorio {
    /// The financial year of the journal that carries it.
    pub esercizio: Esercizio,
    /// `numero_documento`, as an integer below 10^18.
    pub number: u64,
}

impl fmt::Display for Provvisorio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.esercizio, self.number)
    }
}

impl FromStr for Provvisorio {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let (esercizio, number) =
            text.split_once('/').ok_or(IdentifierError("must be written year/number"))?;
        if number.is_empty() || number.len() > 18 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IdentifierError("must have a number of at most 18 digits"));
        }
        let number = number.parse().map_err(|_| IdentifierError("must have a number"))?;
        Ok(Self { esercizio: esercizio.parse()?, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_of_a_provvisorio_do_not_count() {
        let read: Provvisorio = "2022/0064422".parse().unwrap();
        assert_eq!(read, "2022/64422".parse().unwrap());
        assert_eq!(read.to_string(), "2022/64422");
        for bad in ["64422", "1998/1", "2022/", "2022/-1", "2022/1234567890123456789"] {
            assert!(bad.parse::<Provvisorio>().is_err(), "{bad}");
        }
    }
}

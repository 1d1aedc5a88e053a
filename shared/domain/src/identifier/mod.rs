//! Identifiers: newtypes that exist only if their text was read and accepted.
//!
//! All of them compare, hash and sort by their text, and print it back unchanged.

mod fiscal_code;
mod flow;
mod notice;
mod organization;
mod provvisorio;

pub use fiscal_code::{FiscalCode, FiscalCodeKind};
pub use flow::{Iuf, Iur, Psp};
pub use notice::{AuxDigit, CheckDigits, Iuv, NoticeNumber, StationCode};
pub use organization::OrganizationCode;
pub use provvisorio::{Esercizio, Provvisorio};

/// Why a text is not an identifier: the rule that it breaks, without the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IdentifierError(pub &'static str);

/// Declares a newtype over a text that `accept` has approved.
macro_rules! text_identifier {
    ($(#[$doc:meta])* $name:ident, $accept:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads the identifier.
            ///
            /// # Errors
            /// The rule that the text breaks.
            pub fn parse(text: &str) -> Result<Self, $crate::identifier::IdentifierError> {
                $accept(text).map_err($crate::identifier::IdentifierError)?;
                Ok(Self(text.into()))
            }

            /// The text as it was read.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::identifier::IdentifierError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use text_identifier;

/// Accepts 1 to 35 characters, none of them a control character or a blank at either end.
pub(crate) fn text_35(text: &str) -> Result<(), &'static str> {
    let length = text.chars().count();
    if length == 0 || length > 35 {
        return Err("must have 1 to 35 characters");
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err("must have no control characters and no blanks around");
    }
    Ok(())
}

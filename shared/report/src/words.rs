//! Closed vocabularies: a small enum, the word that programs read, the words that people read.

/// A value of a closed vocabulary.
pub trait Word: Copy + Ord + 'static {
    /// Every value, in the order in which people read them.
    const ALL: &'static [Self];

    /// The word in the files that programs read.
    fn code(self) -> &'static str;

    /// The same in Italian, for people.
    fn label(self) -> &'static str;

    /// The value that a word stands for, if it is one of the vocabulary.
    #[must_use]
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.code() == code)
    }
}

/// Declares an enum that is a [`Word`] and serializes as its code.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $crate::words::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)+
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str($crate::words::Word::code(*self))
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::Word;
    use crate::row::{AnomalyCode, CreditState, FlowState, ProposalReason};

    fn round_trip<W: Word + std::fmt::Debug>() {
        for word in W::ALL {
            assert_eq!(W::from_code(word.code()), Some(*word));
            assert!(!word.label().is_empty());
        }
        assert_eq!(W::from_code("nessuna di queste"), None);
    }

    #[test]
    fn every_word_is_read_back_from_its_code() {
        round_trip::<CreditState>();
        round_trip::<FlowState>();
        round_trip::<AnomalyCode>();
        round_trip::<ProposalReason>();
    }
}

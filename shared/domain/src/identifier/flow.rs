//! Identifiers of a flusso di rendicontazione and of what it reports.

use super::{text_35, text_identifier};

text_identifier! {
    /// Identificativo univoco del flusso di rendicontazione (IUF): 1 to 35 characters.
    ///
    /// SACI asks for `[0-9A-Za-z_-]`; old flows carry free text (FlussoRiversamento 1.0.4 of 2015),
    /// so only length and control characters are judged here. Case is kept; searches fold it.
    Iuf, text_35
}

text_identifier! {
    /// Identificativo univoco di riscossione (IUR), `receiptId` of new receipts: 1 to 35
    /// characters.
    Iur, text_35
}

text_identifier! {
    /// Code of a payment service provider: a BIC, `ABI` and digits, a fiscal code or a name.
    Psp, text_35
}

impl Iuf {
    /// The identifier in lower case, for searches only (never for storage).
    #[must_use]
    pub fn folded(&self) -> String {
        self.as_str().to_lowercase()
    }
}

impl Psp {
    /// Whether two codes may name one provider: equal whatever the case, or two BICs
    /// that agree on their first 8 characters (a BIC8 and its BIC11).
    #[must_use]
    pub fn same_provider(&self, other: &Self) -> bool {
        let (a, b) = (self.as_str(), other.as_str());
        a.eq_ignore_ascii_case(b) || is_bic(a) && is_bic(b) && a[..8].eq_ignore_ascii_case(&b[..8])
    }
}

/// ISO 9362: 4 letters (bank), 2 letters (country), 2 letters or digits, optionally 3 more.
fn is_bic(text: &str) -> bool {
    matches!(text.len(), 8 | 11)
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().take(6).all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iuf_has_1_to_35_characters() {
        for (text, good) in [
            ("2018-05-31ITBBITM1-0000000000040091", true), // exactly 35
            ("2018-05-31ITBBITM1-00000000000400911", false),
            ("", false),
            ("a b", true),
            (" a", false),
            ("a\nb", false),
        ] {
            assert_eq!(Iuf::parse(text).is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn a_bic_of_8_and_its_bic_of_11_are_one_provider() {
        let psp = |text| Psp::parse(text).unwrap();
        assert!(psp("PPAYITR1").same_provider(&psp("PPAYITR1XXX")));
        assert!(psp("bcititmm").same_provider(&psp("BCITITMM")));
        assert!(!psp("BCITITMM").same_provider(&psp("UNCRITMM")));
        assert!(!psp("ABI03069").same_provider(&psp("ABI03069001")));
    }
}

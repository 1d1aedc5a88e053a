//! The public body.

use super::text_identifier;

fn organization(text: &str) -> Result<(), &'static str> {
    if !(11..=16).contains(&text.len()) {
        return Err("must have 11 to 16 characters");
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err("must have digits and capital letters only")
    }
}

text_identifier! {
    /// Fiscal code of a public body: `codice_fiscale_ente` of the journal (`[A-Z0-9]{11,16}`),
    /// identificativoDominio and fiscalCodePA of pagoPA (11 digits).
    ///
    /// The check digit is not judged: test bodies of every peer break it.
    OrganizationCode, organization
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_has_11_digits_or_up_to_16_characters() {
        for (text, good) in
            [("01234567897", true), ("0123456789", false), ("codIdUniv_2", false), ("", false)]
        {
            assert_eq!(OrganizationCode::parse(text).is_ok(), good, "{text}");
        }
    }
}

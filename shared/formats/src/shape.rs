//! What a value looks like, without telling what it is.

use std::fmt;

/// The shape of a value for a message: every letter is written `a` or `A`, every digit `9`, other
/// ASCII signs are kept, anything else is `?`.
pub(crate) struct Shape<'t>(pub &'t str);

/// How many characters of a shape are written.
const WRITTEN: usize = 40;

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for c in self.0.chars().take(WRITTEN) {
            fmt::Write::write_char(f, sign(c))?;
        }
        match self.0.chars().skip(WRITTEN).count() {
            0 => Ok(()),
            more => write!(f, "… and {more} more characters"),
        }
    }
}

fn sign(c: char) -> char {
    match c {
        c if c.is_lowercase() => 'a',
        c if c.is_alphabetic() => 'A',
        c if c.is_numeric() => '9',
        ' '..='~' => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_tells_the_form_and_hides_the_value() {
        for (value, shape) in [
            ("RSSMRA80A01H501U", "AAAAAA99A99A999A"),
            ("12,50 €", "99,99 ?"),
            ("perché\u{202e}", "aaaaaa?"),
            ("", "nothing"),
        ] {
            assert_eq!(Shape(value).to_string(), shape);
        }
        let long = "x".repeat(45);
        assert_eq!(Shape(&long).to_string(), format!("{}… and 5 more characters", "a".repeat(40)));
    }
}

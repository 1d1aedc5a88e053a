//! What fills a text: each value is made harmless as it is put in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::campaign::Kind;
use domain::money::Cents;
use jiff::civil::Date;

use crate::placeholder;

/// Characters of one value: what is longer is cut and marked.
pub(crate) const VALUE_CHARS_MAX: usize = 1_000;

/// UTF-16 units of a title that another one quotes.
pub(crate) const TITLE_UNITS_MAX: usize = 100;

/// What fills the places of a text. A place that is not filled is empty.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<&'static str, String>);

/// What a text is filled with is somebody's.
impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Values({:?})", self.0.keys())
    }
}

impl Values {
    /// A text of the data, harmless in markdown and on one line.
    #[must_use]
    pub fn text(mut self, name: &'static str, text: &str) -> Self {
        self.0.insert(name, escaped(text));
        self
    }

    /// A title, cut so that another one can quote it.
    #[must_use]
    pub fn title(self, name: &'static str, title: &str) -> Self {
        if crate::units(title) <= TITLE_UNITS_MAX {
            return self.text(name, title);
        }
        let mut units = 0;
        let fits = |character: &char| {
            units += character.len_utf16();
            units < TITLE_UNITS_MAX
        };
        let cut: String = title.chars().take_while(fits).collect();
        self.text(name, &format!("{cut}…"))
    }

    /// An amount, `1.234,50`.
    #[must_use]
    pub fn amount(mut self, name: &'static str, amount: Cents) -> Self {
        self.0.insert(name, euro(amount));
        self
    }

    /// A day, `07/04/2026`: in figures, since «il 8 aprile» is no Italian.
    #[must_use]
    pub fn date(mut self, name: &'static str, date: Date) -> Self {
        let text = format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year());
        self.0.insert(name, text);
        self
    }

    /// An https address that the configuration has checked.
    #[must_use]
    pub fn address(mut self, name: &'static str, url: &str) -> Self {
        self.0.insert(name, url.to_owned());
        self
    }

    /// That something is so.
    #[must_use]
    pub fn flag(mut self, name: &'static str) -> Self {
        self.0.insert(name, "sì".to_owned());
        self
    }

    /// Every place of a kind, filled or empty.
    pub(crate) fn all(&self, kind: Kind) -> BTreeMap<&'static str, &str> {
        let filled = |name| self.0.get(name).map_or("", String::as_str);
        placeholder::of(kind).iter().map(|place| (place.name, filled(place.name))).collect()
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// The text of the data as it is, whatever it looks like in markdown; on one line, without controls
/// and marks of direction.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (place, c) in words.chars().filter(|c| !is_hidden(*c)).enumerate() {
        if place == VALUE_CHARS_MAX {
            safe.push('…');
            break;
        }
        if matches!(c, '*' | '_' | '[' | ']' | '#' | '`' | '\\' | '<' | '>' | '|' | '~')
            || c == '-' && safe.ends_with('-')
        {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// `1.234,50`.
fn euro(amount: Cents) -> String {
    let sign = if amount.is_negative() { "-" } else { "" };
    let cents = amount.get().unsigned_abs();
    let digits = (cents / 100).to_string();
    let mut text = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    write!(text, ",{:02}", cents % 100).expect("a text takes any text");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stay_what_they_are_in_markdown() {
        for (data, safe) in [
            ("123/2026", "123/2026"),
            ("A*B_C", "A\\*B\\_C"),
            ("[clicca](https://x.example)", "\\[clicca\\](https://x.example)"),
            ("# titolo", "\\# titolo"),
            ("`codice`", "\\`codice\\`"),
            ("una\nriga\r\n  sola", "una riga sola"),
            ("12---3", "12-\\-\\-3"),
            ("a\\b", "a\\\\b"),
            ("<b>", "\\<b\\>"),
            ("AB\u{202E}123", "AB123"),
        ] {
            assert_eq!(escaped(data), safe, "{data:?}");
        }
        assert!(!escaped("-----").contains("---"));
    }

    #[test]
    fn a_value_is_cut_at_its_maximum() {
        let most = "è".repeat(VALUE_CHARS_MAX);
        assert_eq!(escaped(&most), most);
        assert_eq!(escaped(&format!("{most}è")), format!("{most}…"));
    }

    #[test]
    fn amounts_are_italian() {
        for (cents, text) in [
            (5, "0,05"),
            (5_700, "57,00"),
            (123_450, "1.234,50"),
            (9_999_999_999, "99.999.999,99"),
            (-150, "-1,50"),
        ] {
            assert_eq!(euro(Cents::new(cents)), text);
        }
    }
}

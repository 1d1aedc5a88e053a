//! Text that comes from outside, made safe to show: no control character reaches a terminal or a
//! spreadsheet, no direction mark makes a name read as another.

use std::borrow::Cow;
use std::fmt;

/// What stands where a character was taken away.
const TAKEN_AWAY: char = '\u{FFFD}';

/// The text on one line: line ends and tabs are blanks.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    push_one_line(&mut safe, text);
    Cow::Owned(safe)
}

/// The text with its line ends, for a message.
pub(crate) fn lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n")
}

/// The first `max` characters of a text; what is cut is said.
pub(crate) fn cut(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{} […]", &text[..end])),
    }
}

/// Writes into a text only what is harmless on one line.
pub(crate) struct Harmless<'a>(pub &'a mut String);

impl fmt::Write for Harmless<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_one_line(self.0, text);
        Ok(())
    }
}

/// Appends the text as [`one_line`] has it.
pub(crate) fn push_one_line(safe: &mut String, text: &str) {
    if is_plain(text) {
        safe.push_str(text);
    } else {
        safe.extend(text.chars().map(replacement));
    }
}

fn is_plain(text: &str) -> bool {
    // Without an early end, so that many bytes are looked at at once.
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

fn replacement(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_control() || is_invisible(c) => TAKEN_AWAY,
        c => c,
    }
}

/// Direction marks, blanks without width, tags and non-characters: what a reader cannot see and
/// what XML does not allow.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
        | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_taken_away() {
        for (text, safe) in [
            ("Provincia di Prova", "Provincia di Prova"),
            ("Niccolò «è» €", "Niccolò «è» €"),
            ("a\tb\r\nc", "a b  c"),
            ("bell\u{7}", "bell\u{FFFD}"),
            ("nul\0l", "nul\u{FFFD}l"),
            ("pdf.\u{202E}fdp", "pdf.\u{FFFD}fdp"),
            ("\u{2066}x\u{2069}", "\u{FFFD}x\u{FFFD}"),
            ("ze\u{200B}ro", "ze\u{FFFD}ro"),
            ("\u{FEFF}mark", "\u{FFFD}mark"),
            ("not\u{FFFE}xml", "not\u{FFFD}xml"),
            ("c1\u{9B}31m", "c1\u{FFFD}31m"),
        ] {
            assert_eq!(one_line(text), safe, "{text:?}");
        }
    }

    #[test]
    fn a_message_keeps_its_lines_and_nothing_else() {
        assert_eq!(
            lines("Gentile PSP,\r\n\r\nmanca\u{202E} il flusso"),
            "Gentile PSP,\n\nmanca\u{FFFD} il flusso"
        );
    }

    #[test]
    fn a_text_at_the_limit_is_whole_and_one_over_it_is_cut() {
        assert_eq!(cut("àèì", 3), "àèì");
        assert_eq!(cut("àèìò", 3), "àèì […]");
    }
}

//! The causale as it is compared: without blanks, without `/ZZ4/`, in lower case.

use std::ops::Range;

use super::form::MAX_IUF;

/// The line-continuation mark that some banks leave in the text.
const CONTINUATION: &[u8] = b"/zz4/";

/// The tags of fields that banks leave in the text.
const TAGS: [&[u8]; 9] = [b"ri1", b"ri2", b"ri3", b"zz2", b"zz3", b"bi2", b"or1", b"sec", b"cro"];

/// What stood before a byte in the original and was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Blank,
    Continuation,
}

/// A text without blanks and continuation marks that knows where each byte came from.
///
/// Positions are bytes of the comparable text; [`Text::place`] turns them into the original's.
pub(super) struct Text<'a> {
    original: &'a str,
    /// ASCII letters are lower case, all else is as it was. Same length as `at` and `gaps`.
    folded: Vec<u8>,
    at: Vec<usize>,
    gaps: Vec<Gap>,
    /// What was taken away after the last byte does not matter: the text ends there anyway.
    pending: Gap,
}

impl<'a> Text<'a> {
    pub(super) fn new(original: &'a str) -> Self {
        let size = original.len();
        let mut text = Self {
            original,
            folded: Vec::with_capacity(size),
            at: Vec::with_capacity(size),
            gaps: Vec::with_capacity(size),
            pending: Gap::None,
        };
        for (offset, character) in original.char_indices() {
            if is_blank(character) {
                text.pending = text.pending.max(Gap::Blank);
            } else if character.is_ascii() {
                text.push(offset, original.as_bytes()[offset].to_ascii_lowercase());
            } else {
                for position in offset..offset + character.len_utf8() {
                    text.push(position, original.as_bytes()[position]);
                }
            }
        }
        text
    }

    fn push(&mut self, offset: usize, byte: u8) {
        self.folded.push(byte);
        self.at.push(offset);
        self.gaps.push(std::mem::replace(&mut self.pending, Gap::None));
        // As each mark goes the moment it is complete, one that was split by another goes too.
        if byte == b'/' && self.folded.ends_with(CONTINUATION) {
            let start = self.folded.len() - CONTINUATION.len();
            self.folded.truncate(start);
            self.at.truncate(start);
            self.gaps.truncate(start);
            self.pending = Gap::Continuation;
        }
    }

    /// The comparable text.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.folded
    }

    pub(super) fn len(&self) -> usize {
        self.folded.len()
    }

    /// The byte at `position`, if the text goes that far.
    pub(super) fn byte(&self, position: usize) -> Option<u8> {
        self.folded.get(position).copied()
    }

    /// Whether the original had a blank or a continuation mark before `position`.
    pub(super) fn has_gap(&self, position: usize) -> bool {
        self.gaps.get(position).is_some_and(|gap| *gap != Gap::None)
    }

    /// Whether the original had a continuation mark before `position`.
    pub(super) fn continues(&self, position: usize) -> bool {
        self.gaps.get(position) == Some(&Gap::Continuation)
    }

    /// Whether no identifier can go on across `position`: the text ends there, or has a blank, a
    /// mark or a character that identifiers do not have.
    pub(super) fn is_boundary(&self, position: usize) -> bool {
        self.has_gap(position) || !self.byte(position).is_some_and(is_identifier_byte)
    }

    /// Whether a known identifier can end at `position`: at a boundary, before a dash that goes
    /// nowhere, or where a bank has glued the tag of its next field.
    pub(super) fn ends_identifier(&self, position: usize) -> bool {
        let dash = matches!(self.byte(position), Some(b'-' | b'_'));
        let tag = TAGS.iter().any(|tag| {
            let end = position + tag.len();
            self.is_at(position, tag) && matches!(self.byte(end), Some(b'/' | b':'))
        });
        self.is_boundary(position) || dash && self.is_boundary(position + 1) || tag
    }

    /// The end of the identifier characters from `start` that stand together in the original, or
    /// one more than any identifier has of them.
    pub(super) fn piece_end(&self, start: usize) -> usize {
        let last = self.len().min(start + MAX_IUF + 1);
        (start..last)
            .find(|&p| p > start && self.has_gap(p) || !is_identifier_byte(self.folded[p]))
            .unwrap_or(last)
    }

    /// Whether the text begins with `word` at `position`.
    pub(super) fn is_at(&self, position: usize, word: &[u8]) -> bool {
        self.folded.get(position..).is_some_and(|rest| rest.starts_with(word))
    }

    /// `range` with the letters of the original, still without blanks and marks.
    pub(super) fn original(&self, range: Range<usize>) -> String {
        let bytes: Vec<u8> =
            self.at[range].iter().map(|&offset| self.original.as_bytes()[offset]).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Where a range that is not empty stands in the original.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        self.at[range.start]..self.at[range.end - 1] + 1
    }

    /// Whether the original has just the length at which banks cut: 35, 105 or 140 characters.
    pub(super) fn has_cut_width(&self) -> bool {
        matches!(self.original.chars().take(141).count(), 35 | 105 | 140)
    }

    /// Every place where `word` stands, as long as they do not overlap.
    pub(super) fn find_all(&self, word: &'static [u8]) -> impl Iterator<Item = usize> {
        memchr::memmem::find_iter(&self.folded, word)
    }
}

/// `[0-9A-Za-z_-]`, SACI.
pub(super) const fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Blanks, line ends and the invisible characters that editors leave.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// The comparable form of an identifier.
pub(super) fn fold(identifier: &str) -> Vec<u8> {
    Text::new(identifier).folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_continuation_marks_go_and_places_stay() {
        for (original, expected) in [
            ("L GPE -\u{a0}Riv\n", "lgpe-riv"),
            ("…67394095 /ZZ4/45322700/ZZ4/", "…6739409545322700"),
            ("a/zz 4/b", "ab"),
            ("a/Z/ZZ4/Z4/b", "ab"), // a mark inside a mark
            ("a//ZZ4/b", "a/b"),
            ("/ZZ3/ZZ4", "/zz3/zz4"),
            ("", ""),
        ] {
            let text = Text::new(original);
            assert_eq!(String::from_utf8_lossy(text.bytes()), expected, "{original:?}");
        }
        let text = Text::new("è 20 /ZZ4/2È");
        assert_eq!(text.original(2..7), "202È");
        assert_eq!(text.place(&(2..7)), 3..14);
        assert!(text.has_gap(2) && !text.continues(2));
        assert!(!text.has_gap(3));
        assert!(text.continues(4));
    }
}

//! The bytes of a document, counted and bounded before the parser sees them.

use std::io::{self, BufRead, Read};

use crate::place::Place;

/// The most bytes that one text, one tag or one comment may have, as it is written.
pub const MAX_TEXT: usize = 1 << 20;

const BUFFER: usize = crate::encoding::BUFFER_BYTES;

/// Why the source stops before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SourceError {
    #[error("one text or tag has more than {MAX_TEXT} bytes")]
    TooLong,
    #[error("a NUL or another control character")]
    ControlCharacter,
}

impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        Self::other(error)
    }
}

/// A buffered reader that knows the line and column of the next byte, gives one event of the parser
/// no more than [`MAX_TEXT`] bytes, and ends in an error at a character that XML forbids.
pub(super) struct Source<'i> {
    input: &'i mut dyn Read,
    buffer: Box<[u8]>,
    /// The unread bytes are `start..end`.
    start: usize,
    end: usize,
    /// `place` is that of this byte: lines are counted only when somebody asks.
    counted: usize,
    place: Place,
    /// Where the present event begins: in the buffer, and in the text once the buffer moved on.
    event: usize,
    event_place: Option<Place>,
    /// How many more bytes the present event may take.
    allowance: usize,
    /// The byte at `end` is a character that XML forbids.
    forbidden: bool,
}

impl<'i> Source<'i> {
    pub fn new(input: &'i mut dyn Read) -> Self {
        Self {
            input,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            counted: 0,
            place: Place { line: 1, column: 1 },
            event: 0,
            event_place: None,
            allowance: usize::MAX,
            forbidden: false,
        }
    }

    /// Where the next byte stands.
    pub fn place(&mut self) -> Place {
        self.count_to(self.start)
    }

    /// Where the present event begins.
    pub fn event_place(&mut self) -> Place {
        self.event_place.unwrap_or_else(|| self.count_to(self.event))
    }

    /// Begins an event and allows it its bytes: a text of [`MAX_TEXT`] and the `<` behind it.
    #[inline]
    pub fn begin_event(&mut self) {
        self.event = self.start;
        self.event_place = None;
        self.allowance = MAX_TEXT + 1;
    }

    /// Goes over the blanks before a tag, as far as both are in the buffer: between elements they
    /// are half of all that the parser would tell of.
    #[inline]
    pub fn skip_blanks(&mut self) {
        let unread = &self.buffer[self.start..self.end];
        let blanks = unread.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if unread.get(blanks) == Some(&b'<') {
            self.start += blanks;
        }
    }

    /// Takes the bound off, for an element that is streamed and never held.
    pub fn unbound(&mut self) {
        self.allowance = usize::MAX;
    }

    fn count_to(&mut self, end: usize) -> Place {
        self.place = after(self.place, &self.buffer[self.counted..end]);
        self.counted = end;
        self.place
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.forbidden {
            return Err(SourceError::ControlCharacter.into());
        }
        self.event_place = Some(self.event_place());
        self.place();
        (self.start, self.end, self.counted) = (0, 0, 0);
        let length = loop {
            match self.input.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        let forbidden = first_forbidden(&self.buffer[..length]);
        self.forbidden = forbidden.is_some();
        self.end = forbidden.unwrap_or(length);
        if self.end == 0 && self.forbidden {
            return Err(SourceError::ControlCharacter.into());
        }
        Ok(())
    }
}

impl BufRead for Source<'_> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.refill()?;
        }
        let unread = &self.buffer[self.start..self.end];
        if unread.len() <= self.allowance {
            Ok(unread)
        } else if self.allowance == 0 {
            Err(SourceError::TooLong.into())
        } else {
            Ok(&unread[..self.allowance])
        }
    }

    #[inline]
    fn consume(&mut self, amount: usize) {
        self.start += amount;
        self.allowance = self.allowance.saturating_sub(amount);
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut unread = self.fill_buf()?;
        let read = unread.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// The place behind `text`, which begins at `from`.
pub(super) fn after(from: Place, text: &[u8]) -> Place {
    let Place { mut line, mut column } = from;
    let mut rest = text;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        rest = &rest[end + 1..];
        (line, column) = (line + 1, 1);
    }
    Place { line, column: column + u64::try_from(rest.len()).expect("a length fits 64 bits") }
}

/// Where the first control character stands that XML 1.0 §2.2 does not have.
fn first_forbidden(bytes: &[u8]) -> Option<usize> {
    let forbidden = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Without a branch inside, this pass becomes vector code; nearly always it is the only one.
    let any = bytes.iter().fold(false, |any, &byte| any | forbidden(byte));
    if any { bytes.iter().position(|&byte| forbidden(byte)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_bytes_from_one() {
        let start = Place { line: 1, column: 1 };
        for (text, line, column) in
            [("", 1, 1), ("ab", 1, 3), ("\n", 2, 1), ("a\nbc", 2, 3), ("a\n\n\nè", 4, 3)]
        {
            assert_eq!(after(start, text.as_bytes()), Place { line, column }, "{text:?}");
        }
    }

    #[test]
    fn a_place_does_not_depend_on_where_the_buffer_ends() {
        let text = "x\n".repeat(BUFFER);
        let mut bytes = text.as_bytes();
        let mut source = Source::new(&mut bytes);
        let mut left = BUFFER + 1; // a byte is a line's half, and the last is in the second buffer
        while left > 0 {
            let step = source.fill_buf().unwrap().len().min(left).min(1000);
            source.consume(step);
            left -= step;
        }
        let line = u64::try_from(BUFFER).unwrap() / 2 + 1;
        assert_eq!(source.place(), Place { line, column: 2 });
    }

    #[test]
    fn a_forbidden_character_ends_the_source_where_it_stands() {
        let mut bytes: &[u8] = b"ab\ncd\0ef";
        let mut source = Source::new(&mut bytes);
        assert_eq!(source.fill_buf().unwrap(), b"ab\ncd");
        source.consume(5);
        assert!(source.fill_buf().is_err());
        assert_eq!(source.place(), Place { line: 2, column: 3 });
        assert!(source.fill_buf().is_err(), "it stays at its end");
    }
}

//! A document inside an element, in base64.

use std::io::{self, BufRead, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT as ENGINE;

use super::source::Source;
use crate::defect::Rule;
use crate::failure::{carrying, defect};

/// Symbols decoded at a time: a whole number of groups of four.
const SYMBOLS: usize = 4 * 4096;

/// The bytes that the text of the present element says in base64, decoded as they are asked for.
///
/// It ends at the next tag and leaves it to the parser. Blanks between symbols do not count,
/// nor do their character references, which some SOAP libraries write at each end of line.
pub(super) struct Base64<'s, 'i> {
    source: &'s mut Source<'i>,
    symbols: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
    /// Padding was met: nothing may follow.
    complete: bool,
}

impl<'s, 'i> Base64<'s, 'i> {
    pub fn new(source: &'s mut Source<'i>) -> Self {
        source.unbound();
        Self {
            source,
            symbols: Vec::with_capacity(SYMBOLS),
            decoded: vec![],
            given: 0,
            complete: false,
        }
    }

    /// Collects up to [`SYMBOLS`] symbols, fewer only at the end of the text.
    fn collect(&mut self) -> io::Result<()> {
        self.symbols.clear();
        while self.symbols.len() < SYMBOLS {
            let unread = self.source.fill_buf()?;
            let room = unread.len().min(SYMBOLS - self.symbols.len());
            let text = &unread[..room];
            let until = memchr::memchr2(b'<', b'&', text).unwrap_or(room);
            self.symbols.extend(text[..until].iter().filter(|byte| !byte.is_ascii_whitespace()));
            let stop = text.get(until).copied();
            let at_end = unread.is_empty();
            self.source.consume(until);
            match stop {
                Some(b'&') => self.skip_reference()?,
                None if !at_end => {}
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Skips `&#13;` and the like.
    fn skip_reference(&mut self) -> io::Result<()> {
        let mut reference = Vec::with_capacity(LONGEST_REFERENCE);
        while reference.last() != Some(&b';') {
            let next = self.source.fill_buf()?.first().copied();
            let next = next.filter(|_| reference.len() < LONGEST_REFERENCE);
            reference.push(next.ok_or_else(|| self.fault("a reference that is not to a blank"))?);
            self.source.consume(1);
        }
        match reference.as_slice() {
            b"&#9;" | b"&#10;" | b"&#13;" | b"&#32;" | b"&#x9;" | b"&#xA;" | b"&#xa;"
            | b"&#xD;" | b"&#xd;" | b"&#x20;" => Ok(()),
            _ => Err(self.fault("a reference that is not to a blank")),
        }
    }

    fn decode(&mut self) -> io::Result<()> {
        self.collect()?;
        self.given = 0;
        self.decoded.clear();
        if self.symbols.is_empty() {
            return Ok(());
        }
        if self.complete {
            return Err(self.fault("something behind the padding"));
        }
        self.complete = self.symbols.last() == Some(&b'=');
        ENGINE
            .decode_vec(&self.symbols, &mut self.decoded)
            .map_err(|_| self.fault("something that is not base64"))
    }

    fn fault(&mut self, found: &'static str) -> io::Error {
        let at = self.source.place();
        carrying(defect(at, Rule::Encoding, format!("must be base64; found {found}")).into())
    }
}

const LONGEST_REFERENCE: usize = 6;

impl Read for Base64<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() {
            self.decode()?;
        }
        let read = (&self.decoded[self.given..]).read(into)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> io::Result<Vec<u8>> {
        let mut bytes = text.as_bytes();
        let mut source = Source::new(&mut bytes);
        let mut all = vec![];
        Base64::new(&mut source).read_to_end(&mut all)?;
        assert!(source.fill_buf().unwrap().is_empty() || source.fill_buf().unwrap()[0] == b'<');
        Ok(all)
    }

    #[test]
    fn base64_is_read_up_to_the_next_tag() {
        for (text, bytes) in [
            ("UXVhZHJh</rt>", "Quadra"),
            (" UXVh\r\n ZHJh\n</rt>", "Quadra"),
            ("UXVh&#13;\nZHJh&#xD;</rt>", "Quadra"),
            ("UXVhZA==</rt>", "Quad"),
            ("UXVhZA</rt>", "Quad"),
            ("</rt>", ""),
        ] {
            assert_eq!(decoded(text).unwrap(), bytes.as_bytes(), "{text}");
        }
    }

    #[test]
    fn long_text_is_decoded_in_pieces() {
        let bytes: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[0]).collect();
        let text = ENGINE.encode(&bytes);
        assert!(text.len() > 2 * SYMBOLS);
        assert_eq!(decoded(&text).unwrap(), bytes);
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in ["UXV*", "U", "UXVhZA==UXVh", "UX=hZA==", "UXVh&lt;", "UXVh&#13", "UXVh&"] {
            assert!(decoded(text).is_err(), "{text}");
        }
        let behind_a_whole_block = format!("{}A==AAAA", "A".repeat(SYMBOLS - 3));
        assert!(decoded(&behind_a_whole_block).is_err());
    }
}

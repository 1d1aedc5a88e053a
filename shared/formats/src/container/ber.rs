//! The content of a CMS `SignedData` (RFC 5652), out of its BER.
//!
//! Signing programs write indefinite lengths and cut the content into pieces (a constructed OCTET
//! STRING), which libraries of DER refuse and those of BER read into memory whole. The content here
//! may have 2 GiB: it is walked over and handed on as it comes, and nothing else is kept.

use std::io::{self, Read};

use super::damaged;
use crate::failure::carrying;

/// The deepest nesting of pieces, and of what is passed over.
const DEPTH_MAX: usize = 32;

/// id-signedData, 1.2.840.113549.1.7.2, as an OBJECT IDENTIFIER.
pub(crate) const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING_PIECES: u8 = 0x24;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xa0;
const CONSTRUCTED: u8 = 0x20;

/// A reader of the content. Its end is reported only when all that follows is well-formed too.
pub(super) struct Content<R> {
    input: R,
    position: u64,
    /// The elements that are open around the position.
    open: Vec<Level>,
    /// How many of them stand around the content.
    around: usize,
    /// A header that was looked at.
    ahead: Option<Header>,
    /// Bytes of the current piece.
    piece_left: u64,
    finished: bool,
}

/// An open element.
#[derive(Clone, Copy)]
struct Level {
    /// Where it ends; `None` when two zeros will end it.
    end: Option<u64>,
    /// The nearest end that is known, of it or of what is around it.
    bound: Option<u64>,
}

/// An identifier octet and a length.
struct Header {
    tag: u8,
    length: Option<u64>,
}

impl Header {
    fn is_end(&self) -> bool {
        self.tag == 0 && self.length == Some(0)
    }
}

impl<R: Read> Content<R> {
    /// Reads up to where the content begins.
    pub(super) fn open(input: R) -> io::Result<Self> {
        let mut this = Self {
            input,
            position: 0,
            open: Vec::new(),
            around: 0,
            ahead: None,
            piece_left: 0,
            finished: false,
        };
        // ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT … }
        this.enter(SEQUENCE)?;
        let mut signed_data = [0; SIGNED_DATA.len()];
        this.fill(&mut signed_data)?;
        if signed_data != SIGNED_DATA {
            return Err(refusal("must be CMS signed data"));
        }
        this.enter(EXPLICIT_0)?;
        // SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo SEQUENCE, … }
        this.enter(SEQUENCE)?;
        this.pass(INTEGER)?;
        this.pass(SET)?;
        // EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OPTIONAL }
        this.enter(SEQUENCE)?;
        this.pass(OBJECT_IDENTIFIER)?;
        if this.at_end()? {
            return Err(refusal("a signature without the file that it signs"));
        }
        this.enter(EXPLICIT_0)?;
        this.around = this.open.len();
        let header = this.header()?;
        this.piece(&header)?;
        Ok(this)
    }

    /// Begins a piece of the content, or a group of them.
    fn piece(&mut self, header: &Header) -> io::Result<()> {
        match (header.tag, header.length) {
            (OCTET_STRING, Some(length)) => {
                self.within(length)?;
                self.piece_left = length;
                Ok(())
            }
            (OCTET_STRING_PIECES, _) => self.push(header),
            _ => Err(refusal("the signed content must be an octet string")),
        }
    }

    /// Goes on to the next piece; `false` when there is none.
    fn next_piece(&mut self) -> io::Result<bool> {
        while self.piece_left == 0 {
            if self.open.len() == self.around {
                return Ok(false);
            }
            if self.level().end == Some(self.position) {
                self.open.pop();
                continue;
            }
            let header = self.header()?;
            if header.is_end() && self.level().end.is_none() {
                self.open.pop();
            } else {
                self.piece(&header)?;
            }
        }
        Ok(true)
    }

    /// Passes over all that follows the content.
    fn finish(&mut self) -> io::Result<()> {
        while let Some(level) = self.open.pop() {
            match level.end {
                Some(end) => self.skip(end - self.position)?,
                None => self.pass_to_end()?,
            }
        }
        // Transports leave blanks or zeros behind.
        let mut rest = [0; 512];
        loop {
            match self.input.read(&mut rest)? {
                0 => return Ok(()),
                read if rest[..read].iter().all(|b| matches!(b, 0 | b' ' | b'\r' | b'\n')) => {}
                _ => return Err(refusal("there is something after the end of the p7m")),
            }
        }
    }

    fn level(&self) -> Level {
        self.open.last().copied().unwrap_or(Level { end: None, bound: None })
    }

    /// Opens the element that must come next.
    fn enter(&mut self, tag: u8) -> io::Result<()> {
        let header = self.header()?;
        if header.tag != tag {
            return Err(refusal("must be CMS signed data"));
        }
        self.push(&header)
    }

    fn push(&mut self, header: &Header) -> io::Result<()> {
        if self.open.len() == DEPTH_MAX {
            return Err(refusal("the p7m is nested too deep"));
        }
        let bound = self.level().bound;
        let end = match header.length {
            Some(length) => Some(self.within(length)?),
            None => None,
        };
        self.open.push(Level { end, bound: end.or(bound) });
        Ok(())
    }

    /// Where `length` more bytes end, which must be inside of what is open.
    fn within(&self, length: u64) -> io::Result<u64> {
        self.position
            .checked_add(length)
            .filter(|&end| self.level().bound.is_none_or(|bound| end <= bound))
            .ok_or_else(|| refusal("the p7m is damaged: an element is longer than what holds it"))
    }

    /// Passes over the element that must come next.
    fn pass(&mut self, tag: u8) -> io::Result<()> {
        let header = self.header()?;
        if header.tag != tag {
            return Err(refusal("must be CMS signed data"));
        }
        self.pass_value(&header)
    }

    fn pass_value(&mut self, header: &Header) -> io::Result<()> {
        match header.length {
            Some(length) => {
                self.within(length)?;
                self.skip(length)
            }
            None => self.pass_to_end(),
        }
    }

    /// Passes over elements, to the two zeros that end the one they are in.
    fn pass_to_end(&mut self) -> io::Result<()> {
        let mut depth = 1;
        while depth > 0 {
            let header = self.header()?;
            match header.length {
                Some(0) if header.tag == 0 => depth -= 1,
                Some(length) => {
                    self.within(length)?;
                    self.skip(length)?;
                }
                None if depth < DEPTH_MAX => depth += 1,
                None => return Err(refusal("the p7m is nested too deep")),
            }
        }
        Ok(())
    }

    /// Whether the innermost open element ends here.
    fn at_end(&mut self) -> io::Result<bool> {
        if let Some(end) = self.level().end {
            return Ok(self.position == end);
        }
        let header = self.header()?;
        let ended = header.is_end();
        self.ahead = Some(header);
        Ok(ended)
    }

    fn header(&mut self) -> io::Result<Header> {
        if let Some(header) = self.ahead.take() {
            return Ok(header);
        }
        let mut octets = [0; 2];
        self.fill(&mut octets)?;
        let [tag, first] = octets;
        if tag & 0x1f == 0x1f {
            return Err(refusal("the p7m is damaged: an identifier is too long"));
        }
        let length = match first {
            0x80 if tag & CONSTRUCTED != 0 => None,
            0x80 => return Err(refusal("the p7m is damaged: a length is missing")),
            0x81..=0x88 => {
                let mut bytes = [0; 8];
                let count = usize::from(first & 0x7f);
                self.fill(&mut bytes[8 - count..])?;
                Some(u64::from_be_bytes(bytes))
            }
            0x89.. => return Err(refusal("the p7m is damaged: a length is too large")),
            short => Some(u64::from(short)),
        };
        Ok(Header { tag, length })
    }

    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.within(bytes.len() as u64)?;
        self.input.read_exact(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.input).take(length), &mut io::sink())?;
        self.position += skipped;
        if skipped < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

impl<R: Read> Read for Content<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.finished || buffer.is_empty() {
            return Ok(0);
        }
        if !self.next_piece()? {
            self.finish()?;
            self.finished = true;
            return Ok(0);
        }
        let room = usize::try_from(self.piece_left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.input.read(&mut buffer[..room])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += read as u64;
        self.piece_left -= read as u64;
        Ok(read)
    }
}

fn refusal(message: &'static str) -> io::Error {
    carrying(damaged(message))
}

//! Any encoding that files come in, to UTF-8.
//!
//! The encoding is, in this order:
//! 1. what a byte order mark says (UTF-8, UTF-16LE, UTF-16BE); the mark is removed;
//! 2. what an XML declaration says: UTF-8, US-ASCII, ISO-8859-1, windows-1252, ISO-8859-15 and
//!    their usual aliases; any other is a defect;
//! 3. UTF-8.
//!
//! ISO-8859-1 is read as windows-1252, as the WHATWG Encoding Standard does: the two differ in
//! control characters that no file of ours means.
//!
//! UTF-8 passes through unjudged and copied once: the reader of the format checks it. The other
//! encodings are judged here, with the line of the first byte that is wrong. A declaration stays in
//! the text as it was and is true no more: readers must not look at it.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use encoding_rs::{
    Decoder, DecoderResult, Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

use crate::failure::{carrying, defect, read_failure, whole_file};
use crate::{Defects, Place, Rule};

/// Where an XML declaration must end.
pub const DECLARATION_BYTES_MAX: usize = 1024;
/// Bytes read from the input at a time. A reader that asks for as many has no use for the buffer,
/// which costs a small file more than the file.
pub(crate) const BUFFER_BYTES: usize = 16 * 1024;

/// `input` as UTF-8, without a byte order mark.
///
/// # Errors
/// [`Rule::Encoding`] when a declared encoding is not known; what [`read_failure`] says when the
/// first bytes cannot be read.
pub fn decoded<R: Read>(mut input: R) -> Result<Decoded<R>, Defects> {
    let mut head = Vec::with_capacity(DECLARATION_BYTES_MAX);
    (&mut input)
        .take(DECLARATION_BYTES_MAX as u64)
        .read_to_end(&mut head)
        .map_err(|error| read_failure(&error, Place::WHOLE_FILE))?;
    let (scheme, mark_bytes) = match Encoding::for_bom(&head) {
        Some((encoding, mark_bytes)) => (Scheme::of(encoding), mark_bytes),
        None => (declared_scheme(&head)?, 0),
    };
    head.drain(..mark_bytes);
    let source = BufReader::with_capacity(BUFFER_BYTES, Cursor::new(head).chain(input));
    Ok(Decoded { source, recoding: scheme.map(Recoding::new) })
}

/// A reader of UTF-8: see [`decoded`].
pub struct Decoded<R> {
    source: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    /// `None` for UTF-8.
    recoding: Option<Recoding>,
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match &mut self.recoding {
            None => self.source.fill_buf(),
            Some(recoding) => recoding.fill_from(&mut self.source),
        }
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.recoding {
            None => self.source.consume(amount),
            Some(recoding) => recoding.read_to += amount,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.recoding.is_none() {
            return self.source.read(buffer);
        }
        let amount = self.fill_buf()?.read(buffer)?;
        self.consume(amount);
        Ok(amount)
    }
}

/// An encoding that is not passed through.
enum Scheme {
    Ascii,
    Other(Box<Decoder>),
}

impl Scheme {
    /// `None` for UTF-8.
    fn of(encoding: &'static Encoding) -> Option<Self> {
        (encoding != UTF_8)
            .then(|| Self::Other(Box::new(encoding.new_decoder_without_bom_handling())))
    }
}

/// The encoding of an XML declaration at the head of a file; `None` is UTF-8.
fn declared_scheme(head: &[u8]) -> Result<Option<Scheme>, Defects> {
    let Some(label) = declared_label(head) else { return Ok(None) };
    match label.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Ok(None),
        "us-ascii" | "ascii" | "iso646-us" | "ansi_x3.4-1968" => Ok(Some(Scheme::Ascii)),
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "iso88591" | "latin1" | "latin-1" | "l1"
        | "windows-1252" | "cp1252" | "cp-1252" | "x-cp1252" => Ok(Scheme::of(WINDOWS_1252)),
        "iso-8859-15" | "iso8859-15" | "iso_8859-15" | "iso885915" | "latin9" | "latin-9"
        | "l9" => Ok(Scheme::of(ISO_8859_15)),
        "utf-16" | "utf-16le" | "utf-16be" => {
            Err(whole_file(Rule::Encoding, "UTF-16 is declared but the file is not in UTF-16"))
        }
        _ => Err(whole_file(
            Rule::Encoding,
            "the declared encoding must be UTF-8, UTF-16, US-ASCII, ISO-8859-1, ISO-8859-15 or \
             windows-1252",
        )),
    }
}

/// What follows `encoding=` in `<?xml … ?>`.
fn declared_label(head: &[u8]) -> Option<&str> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let text = std::str::from_utf8(&declaration[..end]).ok()?;
    let value = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label.trim())
}

/// A buffer of text that is not UTF-8 at its source.
struct Recoding {
    scheme: Scheme,
    text: Vec<u8>,
    read_to: usize,
    /// Line feeds before the buffered text.
    lines_before: u64,
    finished: bool,
}

impl Recoding {
    fn new(scheme: Scheme) -> Self {
        Self { scheme, text: Vec::new(), read_to: 0, lines_before: 0, finished: false }
    }

    fn fill_from(&mut self, source: &mut impl BufRead) -> io::Result<&[u8]> {
        while self.read_to >= self.text.len() && !self.finished {
            self.lines_before += newlines(&self.text);
            self.refill(source)?;
        }
        Ok(&self.text[self.read_to.min(self.text.len())..])
    }

    fn refill(&mut self, source: &mut impl BufRead) -> io::Result<()> {
        let bytes = source.fill_buf()?;
        let last = bytes.is_empty();
        self.read_to = 0;
        self.text.resize(BUFFER_BYTES, 0);
        let (read, written, good) = match &mut self.scheme {
            Scheme::Ascii => {
                let length = bytes.len().min(self.text.len());
                self.text[..length].copy_from_slice(&bytes[..length]);
                (length, length, self.text[..length].is_ascii())
            }
            Scheme::Other(decoder) => {
                let (result, read, written) =
                    decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, last);
                (read, written, !matches!(result, DecoderResult::Malformed(..)))
            }
        };
        self.text.truncate(written);
        source.consume(read);
        if good {
            self.finished = last;
            return Ok(());
        }
        let line = 1 + self.lines_before + newlines(&self.text);
        self.finished = true;
        self.text.clear();
        let message = "bytes that the encoding of the file does not allow";
        Err(carrying(defect(Place { line, column: 0 }, Rule::Encoding, message).into()))
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// The beginning of a file as UTF-8, for looking at only: what is malformed is replaced.
pub(crate) fn glimpse(head: &[u8]) -> Cow<'_, str> {
    match Encoding::for_bom(head) {
        Some((encoding, mark_bytes)) => {
            let even = if encoding == UTF_16LE || encoding == UTF_16BE {
                head.len() & !1
            } else {
                head.len()
            };
            encoding.decode_without_bom_handling(&head[mark_bytes..even]).0
        }
        // Nearly every file is UTF-8, and that is found out many times faster.
        None => str::from_utf8(head).map_or_else(|_| String::from_utf8_lossy(head), Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(input: &[u8]) -> Result<String, Defects> {
        let mut text = String::new();
        let mut reader = decoded(input)?;
        reader
            .read_to_string(&mut text)
            .map_err(|error| read_failure(&error, Place::WHOLE_FILE))?;
        Ok(text)
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once('\u{feff}')
            .chain(text.chars())
            .flat_map(|c| {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).to_vec()
            })
            .flat_map(bytes)
            .collect()
    }

    #[test]
    fn every_encoding_that_files_come_in_is_read() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>citt\xe0 \x80</a>";
        let latin_9 = b"<?xml version=\"1.0\" encoding = \"iso-8859-15\" ?><a>\xa4</a>";
        for (name, input, text) in [
            ("no mark", "è".as_bytes().to_vec(), "è"),
            ("UTF-8 mark", "\u{feff}è".as_bytes().to_vec(), "è"),
            ("UTF-16LE", utf_16("<a>è€𝄞</a>", u16::to_le_bytes), "<a>è€𝄞</a>"),
            ("UTF-16BE", utf_16("<a>è€𝄞</a>", u16::to_be_bytes), "<a>è€𝄞</a>"),
            (
                "ISO-8859-1",
                latin.to_vec(),
                "<?xml version='1.0' encoding='ISO-8859-1'?><a>città €</a>",
            ),
            (
                "ISO-8859-15",
                latin_9.to_vec(),
                "<?xml version=\"1.0\" encoding = \"iso-8859-15\" ?><a>€</a>",
            ),
            (
                "US-ASCII",
                b"<?xml version='1.0' encoding='US-ASCII'?><a/>".to_vec(),
                "<?xml version='1.0' encoding='US-ASCII'?><a/>",
            ),
            ("empty", Vec::new(), ""),
        ] {
            assert_eq!(text_of(&input).as_deref(), Ok(text), "{name}");
        }
    }

    #[test]
    fn a_text_longer_than_every_buffer_is_read_whole() {
        let text = "<a>però €</a>\n".repeat(20_000);
        assert_eq!(text_of(&utf_16(&text, u16::to_le_bytes)).as_deref(), Ok(text.as_str()));
    }

    #[test]
    fn what_an_encoding_does_not_allow_is_a_defect_at_its_line() {
        let mut half = utf_16("a\nb", u16::to_le_bytes);
        half.push(0);
        let mut lone = utf_16("a\n", u16::to_le_bytes);
        lone.extend([0x00, 0xd8, 0x41, 0x00]);
        for (name, input, line) in [
            ("unknown", b"<?xml version='1.0' encoding='EBCDIC-CP-IT'?><a/>".to_vec(), 0),
            ("not UTF-16", b"<?xml version='1.0' encoding='UTF-16'?><a/>".to_vec(), 0),
            ("not ASCII", b"<?xml version='1.0' encoding='ascii'?>\n<a>\xe0</a>".to_vec(), 2),
            ("half a unit", half, 2),
            ("a lone surrogate", lone, 2),
        ] {
            let defects = text_of(&input).unwrap_err();
            assert_eq!(defects.listed()[0].rule, Rule::Encoding, "{name}");
            assert_eq!(defects.listed()[0].at.line, line, "{name}");
        }
    }
}

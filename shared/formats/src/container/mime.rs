//! S/MIME text (RFC 8551): the file inside of a signed message.

use std::io::{self, BufRead, Read};

use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;

use super::damaged;
use crate::failure::carrying;

/// The most lines of a header, and the bytes of each.
const HEADER_LINES_MAX: usize = 200;
const LINE_BYTES_MAX: u64 = 8 * 1024;

/// What the headers of a message or of a part say.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// In lower case, with no parameters.
    pub media_type: String,
    /// Where parts begin, of a multipart.
    pub boundary: Option<String>,
    /// In lower case.
    pub encoding: String,
}

impl Headers {
    /// Reads the headers of a part. Programs that sign a bare file leave them out, with the blank
    /// line: the file then begins at once.
    pub(super) fn read_if_any(part: &mut impl BufRead) -> io::Result<Self> {
        let start = part.fill_buf()?;
        let name = start.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        if start.is_empty() || name > 0 && start.get(name) == Some(&b':') {
            Self::read(part)
        } else {
            Ok(Self::default())
        }
    }

    /// Reads up to the blank line.
    pub(super) fn read(input: &mut impl BufRead) -> io::Result<Self> {
        let mut fields: Vec<String> = Vec::new();
        for _ in 0..HEADER_LINES_MAX {
            let line = line(input)?;
            if line.is_empty() {
                return Err(refusal("the message is cut short"));
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end();
            if text.is_empty() {
                return Ok(Self::of(&fields));
            }
            match fields.last_mut() {
                Some(field) if text.starts_with([' ', '\t']) => field.push_str(text),
                _ => fields.push(text.to_owned()),
            }
        }
        Err(refusal("the message has too many headers"))
    }

    fn of(fields: &[String]) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields.iter().filter_map(|field| field.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-type") {
                let mut parameters = value.split(';').map(str::trim);
                headers.media_type = parameters.next().unwrap_or_default().to_ascii_lowercase();
                headers.boundary = parameters.find_map(|parameter| {
                    let (name, value) = parameter.split_once('=')?;
                    name.trim()
                        .eq_ignore_ascii_case("boundary")
                        .then(|| value.trim().trim_matches('"').to_owned())
                });
            } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
                headers.encoding = value.to_ascii_lowercase();
            }
        }
        headers
    }
}

/// The body of a message or of a part, out of its transfer encoding.
pub(super) fn transferred<'i>(
    body: impl BufRead + 'i,
    encoding: &str,
) -> io::Result<Box<dyn Read + 'i>> {
    match encoding {
        "base64" => Ok(Box::new(from_base64(body))),
        "quoted-printable" => Ok(Box::new(QuotedPrintable { body })),
        "" | "7bit" | "8bit" | "binary" => Ok(Box::new(body)),
        _ => Err(refusal("the message has a transfer encoding that is not known")),
    }
}

/// Base64 text, with blanks anywhere, up to its end or to the dashes of a PEM.
pub(super) fn from_base64(text: impl BufRead) -> impl Read {
    DecoderReader::new(WithoutBlanks { text }, &STANDARD)
}

struct WithoutBlanks<R> {
    text: R,
}

impl<R: BufRead> Read for WithoutBlanks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let text = self.text.fill_buf()?;
            let mut written = 0;
            let mut taken = 0;
            for &b in text {
                if b == b'-' || written == buffer.len() {
                    break;
                }
                taken += 1;
                if !b.is_ascii_whitespace() {
                    buffer[written] = b;
                    written += 1;
                }
            }
            let at_end = taken == 0;
            self.text.consume(taken);
            if written > 0 || at_end {
                return Ok(written);
            }
        }
    }
}

/// Quoted-printable text (RFC 2045 §6.7).
struct QuotedPrintable<R> {
    body: R,
}

impl<R: BufRead> QuotedPrintable<R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.body.fill_buf()?.first().copied();
        self.body.consume(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// The byte that an equals sign stands for; `None` for a line that goes on.
    fn escaped(&mut self) -> io::Result<Option<u8>> {
        let wrong = || refusal("the message is damaged: not quoted-printable");
        let first = self.byte()?.ok_or_else(wrong)?;
        if first == b'\n' {
            return Ok(None);
        }
        let second = self.byte()?.ok_or_else(wrong)?;
        if (first, second) == (b'\r', b'\n') {
            return Ok(None);
        }
        let digit = |b: u8| char::from(b).to_digit(16);
        let (Some(high), Some(low)) = (digit(first), digit(second)) else { return Err(wrong()) };
        Ok(u8::try_from(high * 16 + low).ok())
    }
}

impl<R: BufRead> Read for QuotedPrintable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < buffer.len() {
            let byte = match self.byte()? {
                None => break,
                Some(b'=') => self.escaped()?,
                byte => byte,
            };
            if let Some(byte) = byte {
                buffer[written] = byte;
                written += 1;
            }
        }
        Ok(written)
    }
}

/// The first part of a multipart. Its end is reported only when the multipart ends too.
pub(super) struct FirstPart<R> {
    input: R,
    /// Two dashes and the boundary.
    boundary: Vec<u8>,
    text: Vec<u8>,
    read_to: usize,
    /// A line end, which is the boundary's if that comes next.
    held_back: &'static [u8],
    at_line_start: bool,
    finished: bool,
}

impl<R: BufRead> FirstPart<R> {
    /// Passes over what stands before the part.
    pub(super) fn find(mut input: R, boundary: &str) -> io::Result<Self> {
        let boundary = format!("--{boundary}").into_bytes();
        pass_to(&mut input, &boundary)?;
        Ok(Self {
            input,
            boundary,
            text: Vec::new(),
            read_to: 0,
            held_back: b"",
            at_line_start: true,
            finished: false,
        })
    }

    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.read_to = 0;
        let line = line(&mut self.input)?;
        if line.is_empty() {
            return Err(refusal("the message is cut short"));
        }
        if self.at_line_start && line.starts_with(&self.boundary) {
            let closing = [&self.boundary[..], b"--"].concat();
            if !line.starts_with(&closing) {
                pass_to(&mut self.input, &closing)?;
            }
            self.finished = true;
            return Ok(());
        }
        let (text, end): (_, &'static [u8]) = match line.strip_suffix(b"\n") {
            Some(text) => match text.strip_suffix(b"\r") {
                Some(text) => (text, b"\r\n"),
                None => (text, b"\n"),
            },
            None => (&line[..], b""),
        };
        self.text.extend_from_slice(self.held_back);
        self.text.extend_from_slice(text);
        self.held_back = end;
        self.at_line_start = !end.is_empty();
        Ok(())
    }
}

impl<R: BufRead> BufRead for FirstPart<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read_to >= self.text.len() && !self.finished {
            self.refill()?;
        }
        Ok(&self.text[self.read_to.min(self.text.len())..])
    }

    fn consume(&mut self, amount: usize) {
        self.read_to += amount;
    }
}

impl<R: BufRead> Read for FirstPart<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// Passes over lines, to the one that begins with `start`.
fn pass_to(input: &mut impl BufRead, start: &[u8]) -> io::Result<()> {
    loop {
        let line = line(input)?;
        if line.is_empty() {
            return Err(refusal("the message is cut short"));
        }
        if line.starts_with(start) {
            return Ok(());
        }
    }
}

/// A line with its end, or as much of it as fits; empty at the end of the input.
fn line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    Ok(line)
}

fn refusal(message: &'static str) -> io::Error {
    carrying(damaged(message))
}

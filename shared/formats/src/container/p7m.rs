//! p7m: a file with its CAdES signature around it.
//!
//! Read are the binary form (DER, and the BER that signing programs write), its base64 with or
//! without the lines of PEM, and S/MIME text: `application/pkcs7-mime` and `multipart/signed`.
//!
//! **The signature is not verified**: whoever uses the content says `signature: unverified`.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::ber::{Content, SIGNED_DATA};
use super::mime::{FirstPart, Headers, from_base64, transferred};
use super::{Allowance, damage, damaged};
use crate::failure::carrying;
use crate::{Defects, Place, read_failure};

/// How much of a file is looked at to tell the forms apart.
const HEAD_BYTES: u64 = 4096;

/// The file inside of a p7m, and the allowance of what stands in it.
///
/// Damage is met while the content is read, also that of what follows it: see [`read_failure`].
///
/// # Errors
/// [`Rule::Container`](crate::Rule::Container) when no content is found;
/// [`Rule::Limit`](crate::Rule::Limit) when it stands too deep.
pub fn content<'i>(
    mut input: impl Read + 'i,
    allowance: &Allowance,
) -> Result<(impl Read + 'i, Allowance), Defects> {
    let inside = allowance.inside_signed()?;
    inside.take_entries(1)?;
    let mut opened = || {
        let mut head = Vec::new();
        (&mut input).take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok((form(&head), Cursor::new(head)))
    };
    let (form, head) = opened().map_err(|error| failed(&error))?;
    let input = BufReader::new(head.chain(input));
    let content: io::Result<Box<dyn Read + 'i>> = match form {
        Form::Binary => Content::open(input).map(boxed),
        Form::Base64 => Content::open(BufReader::new(from_base64(input))).map(boxed),
        Form::Pem => pem(input),
        Form::Message => message(input),
    };
    Ok((Judged(content.map_err(|error| failed(&error))?), inside))
}

/// How a p7m is written.
enum Form {
    Binary,
    Base64,
    Pem,
    Message,
}

fn form(head: &[u8]) -> Form {
    if is_binary(head) {
        Form::Binary
    } else if is_pem(head) {
        Form::Pem
    } else if is_message(head) {
        Form::Message
    } else {
        Form::Base64
    }
}

/// Whether a file begins as CMS signed data in any of its forms.
pub(crate) fn is_p7m(head: &[u8]) -> bool {
    is_binary(head) || is_pem(head) || is_message(head) || is_base64(head)
}

fn is_binary(head: &[u8]) -> bool {
    // A sequence, its length of 1 to 9 bytes, and the identifier.
    head.first() == Some(&0x30)
        && head.len() > 2
        && memchr::memmem::find(&head[..head.len().min(32)], SIGNED_DATA).is_some()
}

fn is_pem(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    head.starts_with(b"-----BEGIN PKCS7") || head.starts_with(b"-----BEGIN CMS")
}

fn is_base64(head: &[u8]) -> bool {
    // The first six bits of what is sought say so; most files end here.
    if head.trim_ascii_start().first() != Some(&b'M') {
        return false;
    }
    let mut start = Vec::new();
    // Not even half of it is needed: a base64 that is cut has no right end.
    let _ = from_base64(head).take(32).read_to_end(&mut start);
    is_binary(&start)
}

fn is_message(head: &[u8]) -> bool {
    let head = &head[..head.len().min(4096)];
    let starts_with_header = head
        .split(|&b| b == b':')
        .next()
        .is_some_and(|name| name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-'));
    if !starts_with_header {
        return false;
    }
    let head = head.to_ascii_lowercase();
    let has = |text: &[u8]| memchr::memmem::find(&head, text).is_some();
    has(b"content-type:")
        && (has(b"multipart/signed")
            || has(b"application/pkcs7-mime")
            || has(b"application/x-pkcs7-mime"))
}

fn pem<'i>(mut input: impl BufRead + 'i) -> io::Result<Box<dyn Read + 'i>> {
    (&mut input).take(HEAD_BYTES).read_until(b'\n', &mut Vec::new())?;
    Content::open(BufReader::new(from_base64(input))).map(boxed)
}

fn message<'i>(mut input: impl BufRead + 'i) -> io::Result<Box<dyn Read + 'i>> {
    let headers = Headers::read(&mut input)?;
    match (headers.media_type.as_str(), &headers.boundary) {
        ("multipart/signed", Some(boundary)) => {
            let mut part = FirstPart::find(input, boundary)?;
            let headers = Headers::read_if_any(&mut part)?;
            transferred(part, &headers.encoding)
        }
        ("application/pkcs7-mime" | "application/x-pkcs7-mime", _) => {
            let body = transferred(input, &headers.encoding)?;
            Content::open(BufReader::new(body)).map(boxed)
        }
        _ => Err(carrying(damaged("the message must be signed"))),
    }
}

fn boxed<'i>(content: impl Read + 'i) -> Box<dyn Read + 'i> {
    Box::new(content)
}

fn failed(error: &io::Error) -> Defects {
    read_failure(&damage(error), Place::WHOLE_FILE)
}

/// A reader whose failures carry a defect.
struct Judged<'i>(Box<dyn Read + 'i>);

impl Read for Judged<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| damage(&error))
    }
}

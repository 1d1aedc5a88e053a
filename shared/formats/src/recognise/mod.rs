//! What a file is, by its content and never by its name.
//!
//! Only the beginning is looked at, so a file can turn out to be damaged, or not what it seemed,
//! when it is read: then its reader refuses it.

mod json;
mod table;
mod xml;

use std::borrow::Cow;

use crate::container::p7m::is_p7m;
use crate::encoding::glimpse;

/// How much of a file [`kind`] needs: all of it, when it is shorter.
pub const HEAD_BYTES: usize = 64 * 1024;

/// The kinds of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A zip of files: [`crate::container::zip`].
    Zip,
    /// A gzip: [`crate::container::gzip`].
    Gzip,
    /// A signed file, in any of its forms: [`crate::container::p7m`].
    P7m,
    /// OPI giornale di cassa.
    Journal,
    /// FdR XML: root `FlussoRiversamento`.
    FlowXml,
    /// FdR XML in an answer of the node: `xmlRendicontazione`.
    SoapFlow,
    /// FdR REST: [`crate::flow_json`].
    FlowJson,
    /// `RT`, `paSendRTReq`, `paSendRTV2Request`, bare, in SOAP, or in base64 (`paaInviaRT`,
    /// `nodoChiediCopiaRTRisposta`).
    Receipt,
    /// [`crate::position::read_json_lines`].
    PositionsJsonLines,
    /// [`crate::position::read_csv`].
    PositionsCsv,
    /// A configuration, `quadra.toml`.
    Configuration,
    /// The truth of a sample: a JSON object whose first field is `quadra_sample_truth`.
    SampleTruth,
    /// None of these.
    Unknown {
        /// What it looks like, with its article.
        looks_like: Cow<'static, str>,
    },
}

fn unknown(looks_like: impl Into<Cow<'static, str>>) -> Kind {
    Kind::Unknown { looks_like: looks_like.into() }
}

/// The kind of the file that begins with `head`, its first [`HEAD_BYTES`].
#[must_use]
pub fn kind(head: &[u8]) -> Kind {
    if head.is_empty() {
        return unknown("an empty file");
    }
    if let Some(kind) = by_signature(head) {
        return kind;
    }
    if is_p7m(head) {
        return Kind::P7m;
    }
    let text = glimpse(head);
    let text = text.trim_start();
    if text.is_empty() {
        return unknown("a file of blanks");
    }
    match text.as_bytes()[0] {
        b'<' => xml::kind(text),
        b'{' => json::kind(text),
        _ if text.contains(|c: char| c.is_control() && !c.is_whitespace()) => {
            unknown("a binary file")
        }
        _ if table::is_configuration(text) => Kind::Configuration,
        b'[' => unknown("a JSON list"),
        _ => table::kind(text),
    }
}

/// Files that begin with bytes of their own.
fn by_signature(head: &[u8]) -> Option<Kind> {
    const OLE2: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    if head.starts_with(b"PK\x03\x04") {
        return Some(zip_kind(head));
    }
    if head.starts_with(b"PK\x05\x06") {
        return Some(Kind::Zip);
    }
    if head.starts_with(b"\x1f\x8b") {
        return Some(Kind::Gzip);
    }
    let signatures: [(&[u8], &'static str); 11] = [
        (OLE2, "an old Excel workbook (XLS) or another document of old Office programs"),
        (b"%PDF-", "a PDF"),
        (b"\x89PNG", "an image"),
        (b"\xff\xd8\xff", "an image"),
        (b"GIF8", "an image"),
        (b"II*\0", "an image"),
        (b"MM\0*", "an image"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"BZh", "a bzip2 archive"),
        (b"SQLite format 3\0", "a SQLite database"),
    ];
    let (_, looks_like) = signatures.iter().find(|(signature, _)| head.starts_with(signature))?;
    Some(unknown(*looks_like))
}

/// A zip, or an office document, which is one; the name of the first entry tells.
fn zip_kind(head: &[u8]) -> Kind {
    // APPNOTE 4.3.7: the name stands at byte 30, its length at byte 26.
    let length =
        head.get(26..28).map_or(0, |length| usize::from(length[0]) | usize::from(length[1]) << 8);
    let name = head.get(30..30 + length).unwrap_or_default();
    match name {
        b"[Content_Types].xml"
        | b"_rels/.rels"
        | b"docProps/app.xml"
        | b"docProps/core.xml"
        | b"xl/workbook.xml" => unknown("an office document such as an Excel workbook (XLSX)"),
        b"mimetype" if head[30 + length..].starts_with(b"application/vnd.oasis") => {
            unknown("an office document such as an OpenDocument sheet (ODS)")
        }
        _ => Kind::Zip,
    }
}

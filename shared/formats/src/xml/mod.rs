//! The safe streaming core under every XML reader.
//!
//! A `Document` is pulled tag by tag; `Fields` collects the leaves that a record is made of.
//! Elements are known by their local name: prefixes and namespaces differ from sender to sender.
//!
//! What is never accepted: a document type, an entity beyond the five of XML, and whatever passes
//! [`MAX_DEPTH`], [`MAX_ATTRIBUTES`] or [`MAX_TEXT`]. Memory does not grow with the document.

mod base64;
mod fields;
pub(crate) mod lexical;
mod source;

use std::borrow::Cow;
use std::io::Read;

use quick_xml::Reader;
use quick_xml::encoding::EncodingError;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

pub(crate) use fields::{Fields, Schema};
pub use source::MAX_TEXT;

use self::base64::Base64;
use self::source::{Source, SourceError, after};
use crate::defect::{Defects, Rule};
use crate::encoding;
use crate::failure::read_failure;
use crate::place::Place;

/// The most elements that may be open at once, the root included.
pub const MAX_DEPTH: usize = 64;
/// The most attributes that one element may have.
pub const MAX_ATTRIBUTES: usize = 64;

/// Reading cannot go on; the reason is already among the defects of the document.
#[derive(Debug)]
pub(crate) struct Stop(());

/// What the document goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element opens: [`Document::name`] tells which.
    Open,
    /// The element that was opened last closes.
    Close,
    /// The document is over.
    End,
}

/// What a text is worth where it stands.
enum Text<'t> {
    /// It belongs to a leaf: it is kept, up to a length of the whole.
    Kept(&'t mut String, usize),
    /// Only elements are expected: anything but blanks is a defect.
    BetweenElements,
    /// Nobody asks for it.
    Skipped,
}

/// A document that is being read, with all that is wrong with it so far.
pub(crate) struct Document<'i> {
    reader: Reader<Source<'i>>,
    buffer: Vec<u8>,
    name: String,
    at: Place,
    depth: usize,
    root_was_opened: bool,
    defects: Defects,
    /// The element of another document whose base64 text this document is.
    inside: Option<&'static str>,
}

/// Reads a document to its end.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn read(
    input: &mut dyn Read,
    content: impl FnOnce(&mut Document<'_>) -> Result<(), Stop>,
) -> Result<(), Defects> {
    let mut document = Document::new(input);
    match content(&mut document) {
        Ok(()) => document.defects.into_result(),
        Err(Stop(())) => Err(document.defects),
    }
}

impl<'i> Document<'i> {
    fn new(input: &'i mut dyn Read) -> Self {
        let mut reader = Reader::from_reader(Source::new(input));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::with_capacity(USUAL_EVENT),
            name: String::new(),
            at: Place { line: 1, column: 1 },
            depth: 0,
            root_was_opened: false,
            defects: Defects::new(),
            inside: None,
        }
    }

    /// The local name of the element that opened last.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the element that opened last begins.
    pub const fn at(&self) -> Place {
        self.at
    }

    /// Whether nothing was wrong so far: only then is a record worth handing over.
    pub fn is_good(&self) -> bool {
        self.defects.is_empty()
    }

    /// Notes something wrong; reading goes on.
    pub fn defect(
        &mut self,
        at: Place,
        field: impl Into<Cow<'static, str>>,
        rule: Rule,
        message: impl Into<Cow<'static, str>>,
    ) {
        let mut message = message.into();
        if let Some(element) = self.inside {
            message = format!("in the decoded {element}: {message}").into();
        }
        self.defects.push(at, field, rule, message);
    }

    /// Notes something that reading cannot go on after.
    pub fn stop(
        &mut self,
        at: Place,
        field: impl Into<Cow<'static, str>>,
        rule: Rule,
        message: impl Into<Cow<'static, str>>,
    ) -> Stop {
        self.defect(at, field, rule, message);
        Stop(())
    }

    /// Goes to the next tag, where elements only are expected.
    pub fn next(&mut self) -> Result<Step, Stop> {
        self.step(Text::BetweenElements)
    }

    /// Goes to the next tag, where anything may stand.
    pub fn next_among_anything(&mut self) -> Result<Step, Stop> {
        self.step(Text::Skipped)
    }

    /// Reads the rest of the element that opened last as a leaf, adding its text to `text`.
    pub fn text(&mut self, text: &mut String) -> Result<(), Stop> {
        let limit = text.len() + MAX_TEXT;
        loop {
            if self.step(Text::Kept(text, limit))? != Step::Open {
                return Ok(());
            }
            let inner =
                format!("a text was expected, an element <{}> was found", self.shown_name());
            self.defect(self.at, "", Rule::Schema, inner);
            self.skip()?;
        }
    }

    /// Skips the rest of the element that opened last.
    pub fn skip(&mut self) -> Result<(), Stop> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.step(Text::Skipped)?;
        }
        Ok(())
    }

    /// Goes from the end of what was read to the end of the document, where nothing may be left.
    pub fn finish(&mut self) -> Result<(), Stop> {
        loop {
            match self.next()? {
                Step::End => return Ok(()),
                Step::Close => {}
                Step::Open => {
                    let message =
                        format!("nothing was expected here, <{}> was found", self.shown_name());
                    self.defect(self.at, "", Rule::Schema, message);
                    self.skip()?;
                }
            }
        }
    }

    /// Reads the document that the text of the element that opened last is, in base64. Its length
    /// has no bound but that of the whole; places in it are those of the decoded document.
    pub fn embedded(
        &mut self,
        element: &'static str,
        content: impl FnOnce(&mut Document<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        if self.buffer.ends_with(b"/>") {
            return Err(self.stop(self.at, element, Rule::Schema, "is empty"));
        }
        let mut decoded = match encoding::decoded(Base64::new(self.reader.get_mut())) {
            Ok(decoded) => decoded,
            Err(found) => return Err(self.take(&found)),
        };
        let mut inner = Document::new(&mut decoded);
        inner.inside = Some(element);
        inner.defects = std::mem::take(&mut self.defects);
        let read = content(&mut inner);
        self.defects = inner.defects;
        read?;
        match self.next()? {
            Step::Close => Ok(()),
            _ => Err(self.stop(self.at, element, Rule::Schema, "must be base64 and nothing else")),
        }
    }

    /// The name of the element that opened last, for a message: cut, and free of odd characters.
    pub fn shown_name(&self) -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        self.name.chars().filter(plain).take(60).collect()
    }

    /// Goes to the next tag, doing with the texts on the way what `text` says.
    fn step(&mut self, mut text: Text<'_>) -> Result<Step, Stop> {
        loop {
            self.buffer.clear();
            let source = self.reader.get_mut();
            if !matches!(text, Text::Kept(..)) {
                source.skip_blanks();
            }
            source.begin_event();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(self.fail(&error)),
            };
            let fault = match event {
                Event::Start(tag) => match open(&tag, &mut self.name) {
                    Err(fault) => Some(fault),
                    Ok(()) => return self.opened(),
                },
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(Step::Close);
                }
                Event::Eof => return self.ended(),
                Event::Text(piece) if self.depth == 0 => {
                    keep(&mut Text::BetweenElements, &piece, || piece.xml10_content())
                }
                Event::Text(piece) => keep(&mut text, &piece, || piece.xml10_content()),
                Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => Some(OUTSIDE),
                Event::CData(piece) => keep(&mut text, &piece, || piece.xml10_content()),
                Event::GeneralRef(reference) => match resolve(&reference) {
                    Ok(character) => {
                        let mut bytes = [0; 4];
                        let piece = &*character.encode_utf8(&mut bytes);
                        keep(&mut text, piece, || piece.into())
                    }
                    Err(fault) => Some(fault),
                },
                Event::DocType(_) => Some((Rule::XmlUnsafe, "a document type is never accepted")),
                Event::Decl(_) if self.root_was_opened => {
                    Some((Rule::XmlMalformed, "an XML declaration that is not at the beginning"))
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => None,
            };
            self.judge(fault)?;
        }
    }

    fn judge(&mut self, fault: Option<(Rule, &'static str)>) -> Result<(), Stop> {
        let Some((rule, message)) = fault else { return Ok(()) };
        let at = self.reader.get_mut().event_place();
        match rule {
            // A stray text does not keep the rest from being read, unless there is no element.
            Rule::Schema if self.depth == 0 => Err(self.stop(at, "", OUTSIDE.0, OUTSIDE.1)),
            Rule::Schema => {
                self.defect(at, "", rule, message);
                Ok(())
            }
            _ => Err(self.stop(at, "", rule, message)),
        }
    }

    fn opened(&mut self) -> Result<Step, Stop> {
        self.at = self.reader.get_mut().event_place();
        if self.depth == 0 && self.root_was_opened {
            return Err(self.stop(self.at, "", Rule::XmlMalformed, "a second root element"));
        }
        if self.depth == MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} elements inside one another");
            return Err(self.stop(self.at, "", Rule::Limit, message));
        }
        self.root_was_opened = true;
        self.depth += 1;
        Ok(Step::Open)
    }

    fn ended(&mut self) -> Result<Step, Stop> {
        let at = self.reader.get_mut().event_place();
        if self.depth > 0 {
            let message = format!("cut short: {} elements are not closed", self.depth);
            return Err(self.stop(at, "", Rule::XmlMalformed, message));
        }
        if !self.root_was_opened {
            return Err(self.stop(at, "", Rule::XmlMalformed, "no root element"));
        }
        Ok(Step::End)
    }

    /// Turns an error of the parser into a defect.
    fn fail(&mut self, error: &Error) -> Stop {
        let at = self.reader.get_mut().event_place();
        let (at, rule, message) = match error {
            Error::Io(error) => return self.fail_to_read(error, at),
            Error::Encoding(EncodingError::Utf8(error)) => {
                let place = after(at, &self.buffer[..error.valid_up_to()]);
                (place, Rule::Encoding, "bytes that are not UTF-8")
            }
            Error::Syntax(_) => (at, Rule::XmlMalformed, "a tag, a comment or the like has no end"),
            _ => (at, Rule::XmlMalformed, "a tag or a reference that matches nothing"),
        };
        self.stop(at, "", rule, message)
    }

    fn fail_to_read(&mut self, error: &std::io::Error, at: Place) -> Stop {
        let source_error = error.get_ref().and_then(|error| error.downcast_ref::<SourceError>());
        if let Some(error) = source_error {
            let (at, rule) = match error {
                SourceError::TooLong => (at, Rule::Limit),
                SourceError::ControlCharacter => {
                    (self.reader.get_mut().place(), Rule::XmlMalformed)
                }
            };
            return self.stop(at, "", rule, error.to_string());
        }
        self.take(&read_failure(error, at))
    }

    /// Takes over what an adapter under this document has found wrong.
    fn take(&mut self, found: &Defects) -> Stop {
        for defect in found.listed() {
            self.defect(defect.at, defect.field.clone(), defect.rule, defect.message.clone());
        }
        Stop(())
    }
}

/// More bytes than most tags and texts have.
const USUAL_EVENT: usize = 256;

const OUTSIDE: (Rule, &str) = (Rule::XmlMalformed, "a text outside the root element");

/// Takes the local name of a tag over, if all of the tag is right.
fn open(tag: &BytesStart<'_>, name: &mut String) -> Result<(), (Rule, &'static str)> {
    let whole = tag.name();
    let local = local_name(whole.as_ref());
    let local = local.ok_or((Rule::XmlMalformed, "a tag whose name is none"))?;
    if !tag.attributes_raw().is_empty() {
        check_attributes(tag)?;
    }
    name.clear();
    name.push_str(local);
    Ok(())
}

/// A name without its prefix; `None` when it is no name (XML 1.0 §2.3, judged in its ASCII part).
fn local_name(name: &str) -> Option<&str> {
    // Ranges and no early end: this becomes vector code.
    let part = |byte: u8| {
        (byte | 0x20).wrapping_sub(b'a') < 26
            || byte.wrapping_sub(b'0') <= b':' - b'0'
            || byte >= 0x80
            || byte == b'_'
            || byte == b'-'
            || byte == b'.'
    };
    let judge = |(name, prefixed), byte| (name & part(byte), prefixed || byte == b':');
    let (is_name, is_prefixed) = name.bytes().fold((true, false), judge);
    let begins = name.bytes().next().is_some_and(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'.'));
    let local =
        if is_prefixed { name.split_once(':').map_or(name, |(_, local)| local) } else { name };
    (is_name && begins).then_some(local)
}

fn check_attributes(tag: &BytesStart<'_>) -> Result<(), (Rule, &'static str)> {
    for (count, attribute) in tag.attributes().enumerate() {
        if count == MAX_ATTRIBUTES {
            return Err((Rule::Limit, "an element has more than 64 attributes"));
        }
        let value = attribute.map_err(|_| (Rule::XmlMalformed, "an attribute that is none"))?.value;
        if value.contains('<') {
            return Err((Rule::XmlMalformed, "an attribute that is none"));
        }
        for reference in value.split('&').skip(1) {
            let (name, _) = reference.split_once(';').ok_or(DANGLING)?;
            resolve(&BytesRef::new(name))?;
        }
    }
    Ok(())
}

const DANGLING: (Rule, &str) = (Rule::XmlMalformed, "a reference that has no end");

/// The character that a reference stands for: one of the five entities, or a number.
fn resolve(reference: &BytesRef<'_>) -> Result<char, (Rule, &'static str)> {
    if reference.is_char_ref() {
        let none = (Rule::XmlMalformed, "a reference to a character that XML does not have");
        let character = reference.resolve_char_ref().ok().flatten().ok_or(none)?;
        let control = character < ' ' && !matches!(character, '\t' | '\n' | '\r');
        return if control { Err(none) } else { Ok(character) };
    }
    let entity = resolve_xml_entity(reference).and_then(|text| text.chars().next());
    entity.ok_or((Rule::XmlUnsafe, "an entity beyond the five of XML is never accepted"))
}

/// Adds the content of a piece to the text of a leaf; elsewhere says whether it is out of place.
fn keep<'c>(
    text: &mut Text<'_>,
    piece: &str,
    content: impl FnOnce() -> Cow<'c, str>,
) -> Option<(Rule, &'static str)> {
    match text {
        Text::Kept(kept, limit) => {
            let content = content();
            if kept.len() + content.len() > *limit {
                return Some((Rule::Limit, "one text has more than a mebibyte"));
            }
            kept.push_str(&content);
            None
        }
        Text::Skipped => None,
        Text::BetweenElements if piece.bytes().all(|byte| byte.is_ascii_whitespace()) => None,
        // A no-break space is no blank for XML, but some senders indent with it.
        Text::BetweenElements if piece.trim().is_empty() => None,
        Text::BetweenElements => Some((Rule::Schema, "a text between elements")),
    }
}

#[cfg(test)]
mod tests;

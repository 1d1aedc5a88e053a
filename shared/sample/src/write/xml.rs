//! XML by hand: elements without attributes but the root's, text escaped.

use std::fmt::{Display, Write};

/// A document in the making.
pub(crate) struct Xml {
    text: String,
    prefix: &'static str,
}

impl Xml {
    /// A document whose elements carry `prefix` (with its colon), after the XML declaration.
    pub fn new(encoding: &str, prefix: &'static str) -> Self {
        let mut text = String::with_capacity(4096);
        text.push_str("<?xml version=\"1.0\" encoding=\"");
        text.push_str(encoding);
        text.push_str("\"?>\n");
        Self { text, prefix }
    }

    /// Opens an element; `attributes` begin with a blank.
    pub fn open_with(&mut self, name: &str, attributes: &str) {
        self.tag("<", name, attributes);
        self.text.push('\n');
    }

    pub fn open(&mut self, name: &str) {
        self.open_with(name, "");
    }

    pub fn close(&mut self, name: &str) {
        self.tag("</", name, "");
        self.text.push('\n');
    }

    /// An element with text only.
    pub fn leaf(&mut self, name: &str, value: impl Display) {
        self.tag("<", name, "");
        write!(Escaper(&mut self.text), "{value}").expect("a String takes every text");
        self.tag("</", name, "");
        self.text.push('\n');
    }

    /// A piece that is XML already.
    pub fn raw(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    pub fn finish(self) -> String {
        self.text
    }

    fn tag(&mut self, start: &str, name: &str, attributes: &str) {
        for piece in [start, self.prefix, name, attributes, ">"] {
            self.text.push_str(piece);
        }
    }
}

struct Escaper<'a>(&'a mut String);

impl Write for Escaper<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

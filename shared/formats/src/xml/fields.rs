//! The leaves of one record, collected by their path.

use super::lexical::Fault;
use super::{Document, Step, Stop};
use crate::defect::Rule;
use crate::place::Place;
use crate::shape::Shape;

/// What a record is made of: paths of local names below its element, joined by `/`.
pub(crate) struct Schema {
    /// The elements whose text is asked for.
    pub leaves: &'static [&'static str],
    /// The elements that are records of their own, or that the caller wants to read itself.
    pub records: &'static [&'static str],
}

/// The texts of one record. It is used again for the next record of its kind, without allocating.
pub(crate) struct Fields {
    schema: &'static Schema,
    leaves: Vec<Leaf>,
    /// Path of the element that is open.
    path: String,
    /// Files have their elements in the order of the schema: a leaf is sought from here.
    next: usize,
    at: Place,
}

#[derive(Default)]
struct Leaf {
    text: String,
    at: Place,
    found: bool,
}

impl Fields {
    pub fn new(schema: &'static Schema) -> Self {
        let leaves = schema.leaves.iter().map(|_| Leaf::default()).collect();
        Self { schema, leaves, path: String::new(), next: 0, at: Place::WHOLE_FILE }
    }

    /// Begins the record whose element opened last.
    pub fn begin(&mut self, doc: &Document<'_>) {
        for leaf in &mut self.leaves {
            leaf.text.clear();
            leaf.found = false;
        }
        self.path.clear();
        self.next = 0;
        self.at = doc.at();
    }

    /// Where the record begins.
    pub const fn at(&self) -> Place {
        self.at
    }

    /// Collects leaves up to the next record inside, whose element is then open and must be read to
    /// its end before the next call; `None` at the end of this one.
    pub fn advance(&mut self, doc: &mut Document<'_>) -> Result<Option<&'static str>, Stop> {
        loop {
            match doc.next()? {
                Step::Close if self.path.is_empty() => return Ok(None),
                Step::Close => self.leave(),
                Step::End => unreachable!("the element of the record is open"),
                Step::Open => {
                    self.enter(doc.name());
                    if let Some(leaf) = self.leaf() {
                        self.collect(doc, leaf)?;
                        self.leave();
                    } else if let Some(record) = self.record() {
                        self.leave();
                        return Ok(Some(record));
                    } else if !self.leads_on() {
                        doc.skip()?;
                        self.leave();
                    }
                }
            }
        }
    }

    /// Reads the record that has no record inside.
    pub fn read(&mut self, doc: &mut Document<'_>) -> Result<(), Stop> {
        self.begin(doc);
        while self.advance(doc)?.is_some() {
            doc.skip()?;
        }
        Ok(())
    }

    /// Whether the leaf was there.
    pub fn has(&self, path: &'static str) -> bool {
        self.find(path).found
    }

    /// Where the leaf stands, or the record when it was not there.
    pub fn place(&self, path: &'static str) -> Place {
        let leaf = self.find(path);
        if leaf.found { leaf.at } else { self.at }
    }

    /// The text of the leaf, without blanks around it; empty when it was not there.
    pub fn text(&self, path: &'static str) -> &str {
        let leaf = self.find(path);
        if leaf.found { leaf.text.trim() } else { "" }
    }

    /// The value of a leaf that must be there; when it is missing or no value, a defect says so.
    pub fn required<T>(
        &self,
        doc: &mut Document<'_>,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        if !self.has(path) {
            doc.defect(self.at, path, Rule::Schema, "is missing");
            return None;
        }
        self.value(doc, path, parse)
    }

    /// The value of a leaf that may be missing or empty; when it is no value, a defect says so.
    pub fn optional<T>(
        &self,
        doc: &mut Document<'_>,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        if self.text(path).is_empty() { None } else { self.value(doc, path, parse) }
    }

    fn value<T>(
        &self,
        doc: &mut Document<'_>,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let text = self.text(path);
        match parse(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                let message = format!("{}; found {}", fault.expected, Shape(text));
                doc.defect(self.place(path), path, fault.rule, message);
                None
            }
        }
    }

    fn collect(&mut self, doc: &mut Document<'_>, index: usize) -> Result<(), Stop> {
        let leaf = &mut self.leaves[index];
        if leaf.found {
            doc.defect(doc.at(), self.schema.leaves[index], Rule::Schema, "is repeated");
            return doc.skip();
        }
        leaf.found = true;
        leaf.at = doc.at();
        doc.text(&mut leaf.text)
    }

    fn find(&self, path: &'static str) -> &Leaf {
        let index = self.schema.leaves.iter().position(|&leaf| leaf == path);
        &self.leaves[index.expect("readers ask for leaves of their own schema")]
    }

    fn enter(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name);
    }

    fn leave(&mut self) {
        self.path.truncate(self.path.rfind('/').unwrap_or(0));
    }

    fn leaf(&mut self) -> Option<usize> {
        let leaves = self.schema.leaves;
        let count = leaves.len();
        let order = (self.next..count).chain(0..self.next);
        let found = order.into_iter().find(|&index| leaves[index] == self.path)?;
        self.next = found + 1;
        Some(found)
    }

    fn record(&self) -> Option<&'static str> {
        self.schema.records.iter().copied().find(|&record| record == self.path)
    }

    /// Whether leaves or records are to be found further inside.
    fn leads_on(&self) -> bool {
        let inside = |path: &&str| {
            path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        self.schema.leaves.iter().any(inside) || self.schema.records.iter().any(inside)
    }
}

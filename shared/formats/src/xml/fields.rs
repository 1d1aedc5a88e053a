//! The leaves of one record, collected by their path.

use std::cell::Cell;
use std::ops::Range;

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
    /// The texts of the leaves, one behind the other.
    texts: String,
    /// Path of the element that is open; empty for that of the record.
    container: &'static str,
    /// Files have their elements in the order of the schema, and readers ask for them so: a leaf is
    /// sought from here.
    next: Cell<usize>,
    at: Place,
}

#[derive(Clone, Default)]
struct Leaf {
    /// Where its text is among the texts.
    text: Range<usize>,
    at: Place,
    found: bool,
}

impl Fields {
    pub fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            leaves: vec![Leaf::default(); schema.leaves.len()],
            texts: String::with_capacity(USUAL_TEXT * schema.leaves.len()),
            container: "",
            next: Cell::new(0),
            at: Place::WHOLE_FILE,
        }
    }

    /// Begins the record whose element opened last.
    pub fn begin(&mut self, doc: &Document<'_>) {
        self.leaves.fill(Leaf::default());
        self.texts.clear();
        self.container = "";
        self.next.set(0);
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
                Step::Close if self.container.is_empty() => return Ok(None),
                Step::Close => self.leave(),
                Step::End => unreachable!("the element of the record is open"),
                Step::Open => match self.known(doc.name()) {
                    Known::Leaf(leaf) => self.collect(doc, leaf)?,
                    Known::Record(record) => return Ok(Some(record)),
                    Known::Container(container) => self.container = container,
                    Known::Nothing => doc.skip()?,
                },
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
        self.text_of(self.find(path))
    }

    /// The value of a leaf that must be there; when it is missing or no value, a defect says so.
    pub fn required<T>(
        &self,
        doc: &mut Document<'_>,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let leaf = self.find(path);
        if !leaf.found {
            doc.defect(self.at, path, Rule::Schema, "is missing");
            return None;
        }
        self.value(leaf, doc, path, parse)
    }

    /// The value of a leaf that may be missing or empty; when it is no value, a defect says so.
    pub fn optional<T>(
        &self,
        doc: &mut Document<'_>,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let leaf = self.find(path);
        if self.text_of(leaf).is_empty() { None } else { self.value(leaf, doc, path, parse) }
    }

    /// The text without blanks around it; empty when the leaf was not there.
    fn text_of(&self, leaf: &Leaf) -> &str {
        self.texts[leaf.text.clone()].trim()
    }

    fn value<T>(
        &self,
        leaf: &Leaf,
        doc: &mut Document<'_>,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let text = self.text_of(leaf);
        let read = parse(text);
        if let Err(fault) = &read {
            let message = format!("{}; found {}", fault.expected, Shape(text));
            doc.defect(leaf.at, path, fault.rule, message);
        }
        read.ok()
    }

    fn collect(&mut self, doc: &mut Document<'_>, index: usize) -> Result<(), Stop> {
        let leaf = &mut self.leaves[index];
        if leaf.found {
            doc.defect(doc.at(), self.schema.leaves[index], Rule::Schema, "is repeated");
            return doc.skip();
        }
        leaf.found = true;
        leaf.at = doc.at();
        let start = self.texts.len();
        doc.text(&mut self.texts)?;
        leaf.text = start..self.texts.len();
        Ok(())
    }

    fn find(&self, path: &'static str) -> &Leaf {
        let index = self.index(|leaf| leaf == path);
        &self.leaves[index.expect("readers ask for leaves of their own schema")]
    }

    fn index(&self, is_sought: impl Fn(&str) -> bool) -> Option<usize> {
        let (sought_last, sought_first) = self.schema.leaves.split_at(self.next.get());
        let found = match sought_first.iter().position(|leaf| is_sought(leaf)) {
            Some(after) => sought_last.len() + after,
            None => sought_last.iter().position(|leaf| is_sought(leaf))?,
        };
        self.next.set(found + 1);
        Some(found)
    }

    /// What the element `name` of the present container is.
    fn known(&self, name: &str) -> Known {
        let sought = Child { container: self.container, name };
        let Schema { leaves, records } = self.schema;
        if let Some(leaf) = self.index(|path| sought.is(path)) {
            Known::Leaf(leaf)
        } else if let Some(record) = records.iter().find(|path| sought.is(path)) {
            Known::Record(record)
        } else {
            let mut paths = leaves.iter().chain(*records);
            paths.find_map(|path| sought.contains(path)).map_or(Known::Nothing, Known::Container)
        }
    }

    fn leave(&mut self) {
        self.container = self.container.rsplit_once('/').map_or("", |(outer, _)| outer);
    }
}

/// The usual length of a text, for a beginning.
const USUAL_TEXT: usize = 24;

/// An element inside a container, compared with paths without putting its own together.
struct Child<'n> {
    container: &'static str,
    name: &'n str,
}

impl Child<'_> {
    fn path_length(&self) -> usize {
        let separator = usize::from(!self.container.is_empty());
        self.container.len() + separator + self.name.len()
    }

    /// Whether this is its path.
    fn is(&self, path: &str) -> bool {
        // Most paths differ in length.
        path.len() == self.path_length()
            && path.ends_with(self.name)
            && path.starts_with(self.container)
            && (self.container.is_empty() || path.as_bytes()[self.container.len()] == b'/')
    }

    /// Its path, when `path` leads through it.
    fn contains(&self, path: &'static str) -> Option<&'static str> {
        let (own, inner) = path.split_at_checked(self.path_length())?;
        (inner.starts_with('/') && self.is(own)).then_some(own)
    }
}

/// What an element is to a record.
enum Known {
    Leaf(usize),
    Record(&'static str),
    Container(&'static str),
    Nothing,
}

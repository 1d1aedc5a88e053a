//! What is wrong with an input.

use std::borrow::Cow;
use std::fmt;

use crate::place::Place;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Where.
    pub at: Place,
    /// The element or field, by the standard's name; empty when it is of no field.
    pub field: Cow<'static, str>,
    /// Which rule is broken.
    pub rule: Rule,
    /// What was expected and the shape of what was found; never the value, which may be personal.
    pub message: Cow<'static, str>,
}

/// The rules that an input can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Not a format that is known; the message says what it looks like.
    UnknownFormat,
    /// Not well-formed XML (or JSON, or CSV).
    XmlMalformed,
    /// A document type, an external entity, or another construct that is never accepted.
    XmlUnsafe,
    /// Bytes that are not what the declared encoding allows.
    Encoding,
    /// An element or a field is missing, repeated, unknown or misplaced.
    Schema,
    /// The container itself: unsafe name, encrypted, truncated, empty.
    Container,
    /// A stated maximum is passed.
    Limit,
    /// Not an amount of euro.
    Amount,
    /// Not a date or a time.
    Date,
    /// Not an identifier of its kind.
    Identifier,
    /// A control total is impossible (page 5 of 3).
    ControlTotal,
    /// Another organization's file.
    OrganizationMismatch,
    /// Same key and version, other content.
    VersionConflict,
    /// The configuration breaks a rule of its own.
    Configuration,
}

impl Rule {
    /// The word for it in the files that programs read.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownFormat => "unknown_format",
            Self::XmlMalformed => "xml_malformed",
            Self::XmlUnsafe => "xml_unsafe",
            Self::Encoding => "encoding",
            Self::Schema => "schema",
            Self::Container => "container",
            Self::Limit => "limit",
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Identifier => "identifier",
            Self::ControlTotal => "control_total",
            Self::OrganizationMismatch => "organization_mismatch",
            Self::VersionConflict => "version_conflict",
            Self::Configuration => "configuration",
        }
    }
}

/// Everything that is wrong with an input: the first [`Defects::LISTED_MAX`] in full, the rest
/// counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defects {
    listed: Vec<Defect>,
    unlisted: u64,
}

impl Defects {
    /// How many defects are kept in full.
    pub const LISTED_MAX: usize = 100;

    /// No defect so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one more.
    pub fn push(
        &mut self,
        at: Place,
        field: impl Into<Cow<'static, str>>,
        rule: Rule,
        message: impl Into<Cow<'static, str>>,
    ) {
        if self.listed.len() < Self::LISTED_MAX {
            self.listed.push(Defect { at, field: field.into(), rule, message: message.into() });
        } else {
            self.unlisted += 1;
        }
    }

    /// Adds those of another, which come after these.
    pub fn append(&mut self, other: Self) {
        let room = Self::LISTED_MAX - self.listed.len();
        self.unlisted += other.unlisted + other.listed.len().saturating_sub(room) as u64;
        self.listed.extend(other.listed.into_iter().take(room));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// The first hundred, in the order in which they were met.
    #[must_use]
    pub fn listed(&self) -> &[Defect] {
        &self.listed
    }

    /// How many there are beyond those.
    #[must_use]
    pub const fn unlisted(&self) -> u64 {
        self.unlisted
    }

    /// `Ok` when there is no defect.
    ///
    /// # Errors
    /// The defects themselves, when there are any.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Defect> for Defects {
    fn from(defect: Defect) -> Self {
        Self { listed: vec![defect], unlisted: 0 }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} [{}]: {}", self.at, self.field, self.rule.code(), self.message)
    }
}

impl fmt::Display for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for defect in &self.listed {
            writeln!(f, "{defect}")?;
        }
        if self.unlisted > 0 {
            writeln!(f, "and {} more", self.unlisted)?;
        }
        Ok(())
    }
}

impl std::error::Error for Defects {}

//! The texts of the messages to citizens: templates, their rules, and how data get into them.
//!
//! **Architecture Invariant:** decides nothing: who gets a message, and whether, is the domain's. A
//! template that breaks a rule cannot be made, so that no message made of one breaks it.

mod builtin;
mod placeholder;
mod rules;
mod template;
mod values;

pub use builtin::builtin;
pub use template::{Template, TemplateError, Text};
pub use values::Values;

/// `subject` of IO, in UTF-16 units.
pub const SUBJECT_UNITS: std::ops::RangeInclusive<usize> = 10..=120;
/// `markdown` of IO, in UTF-16 units.
pub const MARKDOWN_UNITS: std::ops::RangeInclusive<usize> = 80..=10_000;

/// The length of a text as IO counts it.
#[must_use]
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

//! Defects that are found while bytes are still being unpacked or decoded.
//!
//! Containers and encodings are [`Read`](std::io::Read)ers, so what they find wrong travels as an
//! [`io::Error`] through the reader of the format above, which gives it back with [`read_failure`].

use std::borrow::Cow;
use std::io;

use crate::{Defect, Defects, Place, Rule};

/// What a reader that failed has found wrong with the input.
///
/// An error that carries no defect comes from the transport; the input is then not readable to
/// its end, and the defect says so at `at`.
#[must_use]
pub fn read_failure(error: &io::Error, at: Place) -> Defects {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Defects>()) {
        Some(defects) => defects.clone(),
        None => defect(at, Rule::Container, "must be readable to its end").into(),
    }
}

/// A defect that is of no field.
pub(crate) fn defect(at: Place, rule: Rule, message: impl Into<Cow<'static, str>>) -> Defect {
    Defect { at, field: "".into(), rule, message: message.into() }
}

/// A defect of the file as a whole.
pub(crate) fn whole_file(rule: Rule, message: impl Into<Cow<'static, str>>) -> Defects {
    defect(Place::WHOLE_FILE, rule, message).into()
}

/// An error of a reader that carries `defects`.
pub(crate) fn carrying(defects: Defects) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, defects)
}

//! How values are written in the files that programs read.
#![allow(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a function every field by reference"
)]

use std::fmt::Display;
use std::sync::LazyLock;

use domain::fact::PaidAt;
use domain::identifier::Esercizio;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serializer;
use serde::ser::SerializeMap;

static ROME: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("Europe/Rome").expect("the zone database is part of the program")
});

/// What a clock in Rome shows at `instant`.
pub(crate) fn rome(instant: Timestamp) -> DateTime {
    ROME.to_datetime(instant)
}

/// Anything that prints itself as programs read it: amounts, dates, identifiers.
pub(crate) fn text<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// [`text`], or null. The fields that use it are left out when absent.
pub(crate) fn text_opt<T: Display, S: Serializer>(
    value: &Option<T>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_none(),
    }
}

/// A financial year, as a number.
pub(crate) fn esercizio<S: Serializer>(value: &Esercizio, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_i16(value.year())
}

/// A list of [`text`].
pub(crate) fn texts<T: Display, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(Shown))
}

/// An instant with the offset of Rome: `2026-11-02T18:00:00+01:00`.
pub(crate) fn instant<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&instant.display_with_offset(ROME.to_offset(*instant)))
}

/// [`instant`], or null.
pub(crate) fn instant_opt<S: Serializer>(
    value: &Option<Timestamp>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => instant(value, to),
        None => to.serialize_none(),
    }
}

/// A day, or a moment with the offset of Rome.
pub(crate) fn paid_at<S: Serializer>(value: &Option<PaidAt>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        None => to.serialize_none(),
        Some(PaidAt::Day(day)) => to.collect_str(day),
        Some(PaidAt::Moment(moment)) => {
            match ROME.to_ambiguous_timestamp(*moment).compatible() {
                Ok(timestamp) => instant(&timestamp, to),
                // Only at the very ends of the calendar, where no offset can be told.
                Err(_) => to.collect_str(moment),
            }
        }
    }
}

/// Named counts, as an object in their order.
pub(crate) fn counts<S: Serializer>(counts: &[(&str, u64)], to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(counts.len()))?;
    for (name, count) in counts {
        map.serialize_entry(name, count)?;
    }
    map.end()
}

struct Shown<'a, T>(&'a T);

impl<T: Display> serde::Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self.0)
    }
}

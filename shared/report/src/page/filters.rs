//! What templates call: `amount|euro`.
#![allow(
    clippy::inline_always,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::trivially_copy_pass_by_ref,
    reason = "the template engine asks for these signatures and wraps them in its own code"
)]

use std::borrow::{Borrow, Cow};

use askama::{Result, Values, filter_fn};
use domain::money::Cents;
use jiff::civil::Date;

use crate::harmless;
use crate::italian::{Day, Euro, Number};

/// An amount as Italians write it.
#[filter_fn]
pub fn euro(amount: &Cents, _: &dyn Values) -> Result<Euro> {
    Ok(Euro(*amount))
}

/// A whole number as Italians write it.
#[filter_fn]
pub fn number(number: impl Borrow<u64>, _: &dyn Values) -> Result<Number> {
    Ok(Number(*number.borrow()))
}

/// A day as Italians write it.
#[filter_fn]
pub fn day(day: &Date, _: &dyn Values) -> Result<Day> {
    Ok(Day(*day))
}

/// A text of a row made harmless, on one line.
#[filter_fn]
pub fn one_line<'a>(text: &'a str, _: &dyn Values) -> Result<Cow<'a, str>> {
    Ok(harmless::one_line(text))
}

//! One row as people see it: the same cells for the CSV and for the workbook.

use std::fmt::{Display, Write as _};
use std::ops::Range;

use domain::fact::PaidAt;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::harmless::{Harmless, push_one_line};
use crate::wire::rome;

/// A column of a table for people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its header, in Italian.
    pub header: &'static str,
    /// Its width in the workbook, in characters.
    pub width: u16,
}

/// A column.
pub(crate) const fn column(header: &'static str, width: u16) -> Column {
    Column { header, width }
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A text, harmless and on one line.
    Text(&'a str),
    /// Euro.
    Amount(Cents),
    /// A whole number.
    Count(u64),
    /// A day.
    Date(Date),
    /// What the clock in Rome showed.
    Instant(DateTime),
}

/// The cells of one row. It is filled anew for each row and keeps its memory.
#[derive(Debug, Default)]
pub(crate) struct Line {
    text: String,
    cells: Vec<Held>,
}

#[derive(Debug)]
enum Held {
    Text(Range<usize>),
    Other(Cell<'static>),
}

impl Line {
    /// Forgets the row before.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    /// The cells, in the order of their columns.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'_>> {
        self.cells.iter().map(|held| match held {
            Held::Text(range) if range.is_empty() => Cell::Empty,
            Held::Text(range) => Cell::Text(&self.text[range.clone()]),
            Held::Other(cell) => *cell,
        })
    }

    pub fn empty(&mut self, cells: usize) {
        self.cells.extend(std::iter::repeat_with(|| Held::Other(Cell::Empty)).take(cells));
    }

    pub fn text(&mut self, text: &str) {
        let start = self.text.len();
        push_one_line(&mut self.text, text);
        self.cells.push(Held::Text(start..self.text.len()));
    }

    pub fn text_opt(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default());
    }

    pub fn display(&mut self, value: impl Display) {
        let start = self.text.len();
        write!(Harmless(&mut self.text), "{value}").expect("a String takes any text");
        self.cells.push(Held::Text(start..self.text.len()));
    }

    pub fn display_opt(&mut self, value: Option<impl Display>) {
        match value {
            Some(value) => self.display(value),
            None => self.empty(1),
        }
    }

    /// Several values in one cell, with a comma between them.
    pub fn list(&mut self, values: impl IntoIterator<Item = impl Display>) {
        let start = self.text.len();
        for (n, value) in values.into_iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(Harmless(&mut self.text), "{comma}{value}").expect("a String takes any text");
        }
        self.cells.push(Held::Text(start..self.text.len()));
    }

    pub fn amount(&mut self, amount: Cents) {
        self.cells.push(Held::Other(Cell::Amount(amount)));
    }

    pub fn amount_opt(&mut self, amount: Option<Cents>) {
        self.cells.push(Held::Other(amount.map_or(Cell::Empty, Cell::Amount)));
    }

    pub fn count(&mut self, count: u64) {
        self.cells.push(Held::Other(Cell::Count(count)));
    }

    pub fn count_opt(&mut self, count: Option<u64>) {
        self.cells.push(Held::Other(count.map_or(Cell::Empty, Cell::Count)));
    }

    pub fn date(&mut self, date: Date) {
        self.cells.push(Held::Other(Cell::Date(date)));
    }

    pub fn date_opt(&mut self, date: Option<Date>) {
        self.cells.push(Held::Other(date.map_or(Cell::Empty, Cell::Date)));
    }

    pub fn instant(&mut self, instant: Timestamp) {
        self.cells.push(Held::Other(Cell::Instant(rome(instant))));
    }

    pub fn instant_opt(&mut self, instant: Option<Timestamp>) {
        match instant {
            Some(instant) => self.instant(instant),
            None => self.empty(1),
        }
    }

    pub fn paid_at(&mut self, paid_at: Option<PaidAt>) {
        self.cells.push(Held::Other(match paid_at {
            None => Cell::Empty,
            Some(PaidAt::Day(day)) => Cell::Date(day),
            Some(PaidAt::Moment(moment)) => Cell::Instant(moment),
        }));
    }
}

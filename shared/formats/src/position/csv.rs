//! CSV of positions: see the module above for the columns.

use std::borrow::Cow;
use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use domain::fact::PositionVersion;
use encoding_rs::WINDOWS_1252;

use super::draft::{Draft, ItemDraft, NoticeDraft, Scalar};
use super::{LINE_BYTES_MAX, PositionLine, check};
use crate::failure::{defect, read_failure};
use crate::lines::Lines;
use crate::{Defects, Located, Place, Rule};

/// The longest list: `notices.100.iuv`.
pub const CSV_LIST_MAX: usize = 100;
/// The most columns that a header may have.
const COLUMNS_MAX: usize = 2000;

/// Reads positions, one a record, under a header.
///
/// # Errors
/// When the header has no `position_id`, a column twice, or more columns or a longer list than
/// there may be; when the input cannot be read to its end. A bad record goes to `sink` as any
/// other.
pub fn read_csv(
    input: impl BufRead,
    sink: &mut dyn FnMut(PositionLine<'_>),
) -> Result<(), Defects> {
    let mut records = Records::new(input);
    let header = loop {
        match records.next()? {
            None => return Err(defect(FIRST_LINE, Rule::Schema, "must have a header").into()),
            Some(record) if record.raw.trim_ascii().is_empty() => {}
            Some(record) => break Header::read(&record)?,
        }
    };
    records.set_separator(header.separator);
    while let Some(record) = records.next()? {
        if record.raw.trim_ascii().is_empty() {
            continue;
        }
        let at = record.at;
        sink(match header.position(&record) {
            Ok(record) => PositionLine::Good(Located { at, record }),
            Err(defects) => PositionLine::Bad { at, raw: record.raw, defects },
        });
    }
    Ok(())
}

const FIRST_LINE: Place = Place { line: 1, column: 1 };

/// Cuts a text into records, which may hold line ends between quotes.
struct Records<R> {
    lines: Lines<R>,
    line: u64,
    reader: Reader,
    raw: Vec<u8>,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

struct Record<'r> {
    at: Place,
    raw: &'r [u8],
    fields: &'r [u8],
    ends: &'r [usize],
    too_long: bool,
}

impl<R: BufRead> Records<R> {
    fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input, LINE_BYTES_MAX),
            line: 0,
            reader: Reader::new(),
            raw: Vec::new(),
            fields: Vec::new(),
            ends: vec![0; COLUMNS_MAX + 1],
        }
    }

    fn set_separator(&mut self, separator: u8) {
        self.reader = ReaderBuilder::new().delimiter(separator).build();
    }

    fn next(&mut self) -> Result<Option<Record<'_>>, Defects> {
        self.raw.clear();
        self.reader.reset();
        let first = self.line + 1;
        let (mut written, mut ended, mut too_long) = (0, 0, false);
        loop {
            let at = Place { line: self.line + 1, column: 0 };
            let line = self.lines.next().map_err(|error| read_failure(&error, at))?;
            let Some(line) = line else {
                if self.raw.is_empty() {
                    return Ok(None);
                }
                // The quotes of the last record are not closed.
                too_long = true;
                break;
            };
            self.line = line.number;
            if !self.raw.is_empty() {
                self.raw.push(b'\n');
            }
            let from = self.raw.len();
            let room = LINE_BYTES_MAX.saturating_sub(self.raw.len());
            self.raw.extend_from_slice(&line.bytes[..line.bytes.len().min(room)]);
            too_long |= line.too_long || line.bytes.len() > room;
            if too_long {
                break;
            }
            self.fields.resize(self.raw.len() + 1, 0);
            let done = feed(
                &mut self.reader,
                (&self.raw[from..], &mut self.fields, &mut self.ends),
                (&mut written, &mut ended),
            );
            if done {
                break;
            }
        }
        Ok(Some(Record {
            at: Place { line: first, column: 1 },
            raw: &self.raw,
            fields: &self.fields[..written],
            ends: &self.ends[..ended],
            too_long,
        }))
    }
}

/// Gives a line to the record reader; whether the record ends with it.
fn feed(
    reader: &mut Reader,
    (line, fields, ends): (&[u8], &mut [u8], &mut [usize]),
    (written, ended): (&mut usize, &mut usize),
) -> bool {
    for part in [line, b"\n"] {
        let (result, _, wrote, found) =
            reader.read_record(part, &mut fields[*written..], &mut ends[*ended..]);
        *written += wrote;
        *ended += found;
        if !matches!(result, ReadRecordResult::InputEmpty) {
            return true;
        }
    }
    false
}

impl Record<'_> {
    fn cells(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let utf_8 = std::str::from_utf8(self.fields).is_ok();
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends).map(move |(from, &to)| {
            let cell = &self.fields[from..to];
            if utf_8 { String::from_utf8_lossy(cell) } else { WINDOWS_1252.decode(cell).0 }
        })
    }
}

/// What a cell is written as.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Boolean,
    Amount,
}

type Slot<D> = for<'d> fn(&'d mut D) -> &'d mut Scalar<'static>;

/// Where the cells of a column go.
enum Column {
    Unknown,
    Top(Kind, Slot<Draft<'static>>),
    Notice(Kind, usize, Slot<NoticeDraft<'static>>),
    Item(Kind, usize, Slot<ItemDraft<'static>>),
}

struct Header {
    separator: u8,
    columns: Vec<Column>,
}

impl Header {
    fn read(record: &Record<'_>) -> Result<Self, Defects> {
        let count = |separator| memchr::memchr_iter(separator, record.raw).count();
        let separator = if count(b';') >= count(b',') { b';' } else { b',' };
        let text = String::from_utf8_lossy(record.raw);
        let names: Vec<_> = text
            .split(char::from(separator))
            .map(|name| name.trim().trim_matches('"').trim())
            .collect();
        let mut defects = Defects::new();
        if !names.contains(&"position_id") {
            defects.push(record.at, "position_id", Rule::Schema, "must be a column of the header");
        }
        if names.len() > COLUMNS_MAX {
            return Err(defect(record.at, Rule::Limit, "must have at most 2000 columns").into());
        }
        let mut columns = Vec::with_capacity(names.len());
        let mut met = std::collections::HashSet::new();
        for name in names {
            let column = Column::named(name);
            let known = !matches!(column, Column::Unknown);
            if known && !met.insert(name) {
                let message = "must be one column only";
                defects.push(record.at, name.to_owned(), Rule::Schema, message);
            }
            if let Column::Notice(_, number, _) | Column::Item(_, number, _) = column
                && number > CSV_LIST_MAX
            {
                let message = "a list must have at most 100 elements";
                defects.push(record.at, name.to_owned(), Rule::Limit, message);
            }
            columns.push(column);
        }
        defects.into_result()?;
        Ok(Self { separator, columns })
    }

    fn position(&self, record: &Record<'_>) -> Result<PositionVersion, Defects> {
        if record.too_long {
            let message = "a record must have at most 1 MiB, and its quotes must be closed";
            return Err(defect(record.at, Rule::Limit, message).into());
        }
        if record.ends.len() != self.columns.len() {
            let message = "must have as many cells as the header";
            return Err(defect(record.at, Rule::Schema, message).into());
        }
        let mut draft = Draft::default();
        for (column, cell) in self.columns.iter().zip(record.cells()) {
            if !cell.trim().is_empty() {
                column.put(&mut draft, cell.trim());
            }
        }
        check::position(&draft, record.raw, record.at)
    }
}

impl Column {
    fn named(name: &str) -> Self {
        if let Some((number, slot)) = list_column(name, "notices.", NOTICE_COLUMNS) {
            return Self::Notice(slot.0, number, slot.1);
        }
        if let Some((number, slot)) = list_column(name, "items.", ITEM_COLUMNS) {
            return Self::Item(slot.0, number, slot.1);
        }
        let column = COLUMNS.iter().find(|(column, ..)| *column == name);
        column.map_or(Self::Unknown, |&(_, kind, slot)| Self::Top(kind, slot))
    }

    fn put(&self, draft: &mut Draft<'static>, cell: &str) {
        match *self {
            Self::Unknown => {}
            Self::Top(kind, slot) => *slot(draft) = value(kind, cell),
            Self::Notice(kind, number, slot) => {
                *slot(draft.notices.element_mut(number - 1)) = value(kind, cell);
            }
            Self::Item(kind, number, slot) => {
                *slot(draft.items.element_mut(number - 1)) = value(kind, cell);
            }
        }
    }
}

/// Reads `prefix`, a number from 1, a dot and a column of the list's elements.
fn list_column<S: Copy>(
    name: &str,
    prefix: &str,
    columns: &[(&str, Kind, S)],
) -> Option<(usize, (Kind, S))> {
    let (number, field) = name.strip_prefix(prefix)?.split_once('.')?;
    let number = number.parse().ok().filter(|&number: &usize| number > 0)?;
    let &(_, kind, slot) = columns.iter().find(|(column, ..)| *column == field)?;
    Some((number, (kind, slot)))
}

fn value(kind: Kind, cell: &str) -> Scalar<'static> {
    let text = |text: String| Scalar::Text(Cow::Owned(text));
    match (kind, cell) {
        (_, "null") => Scalar::Null,
        (Kind::Boolean, "true") => Scalar::Bool(true),
        (Kind::Boolean, "false") => Scalar::Bool(false),
        (Kind::Integer, cell) => {
            cell.parse().map_or_else(|_| text(cell.to_owned()), Scalar::Integer)
        }
        (Kind::Amount, cell) => text(cell.replacen(',', ".", 1)),
        (Kind::Text | Kind::Boolean, cell) => text(cell.to_owned()),
    }
}

const NOTICE_COLUMNS: &[(&str, Kind, Slot<NoticeDraft<'static>>)] = &[
    ("notice_number", Kind::Text, |notice| &mut notice.notice_number),
    ("iuv", Kind::Text, |notice| &mut notice.iuv),
    ("tier", Kind::Text, |notice| &mut notice.tier),
    ("installment", Kind::Integer, |notice| &mut notice.installment),
    ("amount", Kind::Amount, |notice| &mut notice.amount),
    ("due_date", Kind::Text, |notice| &mut notice.due_date),
];

const ITEM_COLUMNS: &[(&str, Kind, Slot<ItemDraft<'static>>)] = &[
    ("assessment", Kind::Text, |item| &mut item.assessment),
    ("chapter", Kind::Text, |item| &mut item.chapter),
    ("siope", Kind::Text, |item| &mut item.siope),
    ("amount", Kind::Amount, |item| &mut item.amount),
    ("part", Kind::Text, |item| &mut item.part),
    ("stamp_duty", Kind::Boolean, |item| &mut item.stamp_duty),
];

/// A column of a group: its name and where its cells go.
macro_rules! columns {
    ($($name:literal $kind:ident $($group:ident .)* => $field:ident;)*) => {
        &[$(($name, Kind::$kind, |draft| &mut draft$(.$group.fields_mut())*.$field)),*]
    };
}

const COLUMNS: &[(&str, Kind, Slot<Draft<'static>>)] = columns! {
    "position_id" Text => position_id;
    "version" Integer => version;
    "organization" Text => organization;
    "debt_type" Text => debt_type;
    "year" Integer => year;
    "status" Text => status;
    "debtor.kind" Text debtor. => kind;
    "debtor.fiscal_code" Text debtor. => fiscal_code;
    "debtor.name" Text debtor. => name;
    "debtor.abroad" Boolean debtor. => abroad;
    "fine.report_number" Text fine. => report_number;
    "fine.report_date" Text fine. => report_date;
    "fine.violation_date" Text fine. => violation_date;
    "fine.notified_on" Text fine. => notified_on;
    "fine.discount_allowed" Boolean fine. => discount_allowed;
    "fine.settleable" Boolean fine. => settleable;
    "fine.appeal" Text fine. => appeal;
    "fine.installments" Boolean fine. => installments;
    "fine.enforcement_on" Text fine. => enforcement_on;
    "fine.deceased" Boolean fine. => deceased;
    "fine.review_pending" Boolean fine. => review_pending;
    "fine.sensitive" Boolean fine. => sensitive;
    "fine.plate" Text fine. => plate;
    "fine.half_maximum" Amount fine. => half_maximum;
    "fine.prescription_from" Text fine. => prescription_from;
    "fine.driver_data.required" Boolean fine.driver_data. => required;
    "fine.driver_data.received_on" Text fine.driver_data. => received_on;
    "fine.driver_data.driver_identified" Boolean fine.driver_data. => driver_identified;
    "fine.driver_data.sanction_raised" Boolean fine.driver_data. => sanction_raised;
    "fine.driver_data.restarted_on" Text fine.driver_data. => restarted_on;
    "fine.points.points" Integer fine.points. => points;
    "fine.points.transmitted_on" Text fine.points. => transmitted_on;
    "fine.points.acknowledged_on" Text fine.points. => acknowledged_on;
    "fine.points.driver_fiscal_code" Text fine.points. => driver_fiscal_code;
    "flags.installments" Boolean flags. => installments;
    "flags.enforcement_on" Text flags. => enforcement_on;
    "flags.deceased" Boolean flags. => deceased;
    "flags.review_pending" Boolean flags. => review_pending;
    "flags.sensitive" Boolean flags. => sensitive;
};

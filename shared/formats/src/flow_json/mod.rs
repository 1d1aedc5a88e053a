//! Flusso di rendicontazione (FdR) in JSON, as the REST API `FDR [ORG]` gives it.
//!
//! # What is accepted
//!
//! - A flow with its payments inline (`payments` or `paymentList`), fields in any order.
//! - `{"flow": {…}, "payments": [page, page …]}`, a page being what the API answers:
//!   `{"metadata": {"pageNumber", "totPage"}, "count", "data": [payment …]}`. Pages may come in any
//!   order; none may be missing.
//! - Amounts are read as decimal text, also with an exponent (`1.23456789E7`), which is how a Java
//!   `double` or a stripped `BigDecimal` is written.
//! - Times: `…Z` or with an offset, 0 to 9 digits of fraction, seconds or none; without an offset
//!   they are Europe/Rome; a number is epoch seconds. Of `payDate` and `regulationDate` the date as
//!   written counts, before any conversion of zone.
//! - Declared totals: `totPayments` and `sumPayments`; where they are absent, the computed ones.
//! - Any `status`: what is not published yet is replaced by its publication, a later revision.
//! - Fields that are not known are passed over. `null` is absent.
//!
//! A flow without payments, or a page of payments without its flow, is refused.
//!
//! # Memory
//!
//! The header goes before the lines, and JSON may have it after them: up to [`HELD_LINES_MAX`]
//! lines are held back until it is known. A longer flow is streamed, and needs its header first.

mod header;
mod page;
mod payment;
mod value;

pub use page::PAGES_MAX;

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use domain::fact::{FlowLine, FlowRevision};
use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ReaderSettings, ValueType};

use self::header::HeaderDraft;
use self::page::{Page, Pages};
use self::payment::PaymentDraft;
use self::value::{Slot, Value, Wrong};
use crate::failure::{carrying, whole_file};
use crate::{Defects, FlowRecord, Located, Place, Rule, read_failure};

/// Lines that are held back while the header is not known.
pub const HELD_LINES_MAX: usize = 10_000;
/// The longest member: its name, its value if it is not read further, the blanks around it.
/// A longer one is met within two kibibytes.
pub const MEMBER_BYTES_MAX: u64 = 1024 * 1024;
/// What the JSON reader takes at once, which may be of the next member.
const READ_AHEAD_BYTES: u64 = 1024;
/// The deepest nesting.
pub const DEPTH_MAX: u32 = 64;

/// Reads one flow: its header, then its lines.
///
/// # Errors
/// All that is wrong; records handed over before must be dropped.
pub fn read(input: impl Read, sink: &mut dyn FnMut(Located<FlowRecord>)) -> Result<(), Defects> {
    let allowance = Rc::new(Cell::new(MEMBER_BYTES_MAX + READ_AHEAD_BYTES));
    let paced = Paced { input, allowance: Rc::clone(&allowance) };
    let settings = ReaderSettings {
        track_path: false,
        max_nesting_depth: Some(DEPTH_MAX),
        // A second value is met and refused by us.
        allow_multiple_top_level: true,
        ..ReaderSettings::default()
    };
    let json = JsonStreamReader::new_custom(paced, settings);
    let mut walk = Walk {
        json,
        allowance,
        defects: Defects::new(),
        header: HeaderDraft::default(),
        header_at: Place { line: 1, column: 1 },
        has_payments: false,
        payment: PaymentDraft::default(),
        page: Page::default(),
        pages: Pages::default(),
        bare_page: false,
        outlet: Outlet::Holding(Vec::new()),
        sink,
    };
    match walk.file() {
        Ok(()) => walk.finish(),
        Err(error) => Err(walk.stopped(&error)),
    }
}

/// What JSON reading steps answer: an error ends the reading.
type Step<T = ()> = Result<T, ReaderError>;

/// Where lines go.
enum Outlet {
    /// The header may not be complete yet.
    Holding(Vec<Located<FlowLine>>),
    /// This header was handed over.
    Streaming(Box<FlowRevision>),
    /// The header did not come in time: lines are judged and dropped.
    Refused,
}

struct Walk<'s, R: Read> {
    json: JsonStreamReader<Paced<R>>,
    allowance: Rc<Cell<u64>>,
    defects: Defects,
    header: HeaderDraft,
    header_at: Place,
    has_payments: bool,
    /// The payment that is being read.
    payment: PaymentDraft,
    /// The page whose metadata are being read.
    page: Page,
    pages: Pages,
    bare_page: bool,
    outlet: Outlet,
    sink: &'s mut dyn FnMut(Located<FlowRecord>),
}

impl<R: Read> Walk<'_, R> {
    fn file(&mut self) -> Step {
        if self.json.peek()? != ValueType::Object {
            self.wrong(self.place(), "", (Rule::UnknownFormat, "must be a JSON object"));
            return self.json.skip_value();
        }
        self.members(|walk, name, at| match name {
            "flow" => walk.flow(at),
            "payments" | "paymentList" => walk.payments(at),
            "data" => {
                walk.bare_page = true;
                walk.elements(at, "data", |walk| walk.json.skip_value())
            }
            _ => walk.header_member(name, at),
        })?;
        self.renew_allowance();
        if self.json.has_next()? {
            self.wrong(self.place(), "", (Rule::XmlMalformed, "must be one JSON object only"));
        }
        Ok(())
    }

    fn flow(&mut self, at: Place) -> Step {
        if !self.is(ValueType::Object, at, "flow")? {
            return Ok(());
        }
        self.header_at = at;
        self.members(Self::header_member)
    }

    /// `payments`: payments or pages of them.
    fn payments(&mut self, at: Place) -> Step {
        if self.has_payments {
            self.wrong(at, "payments", (Rule::Schema, "must not be repeated"));
        }
        self.has_payments = true;
        self.elements(at, "payments", Self::payment_or_page)
    }

    fn line(&mut self, line: Located<FlowLine>) {
        match &mut self.outlet {
            Outlet::Streaming(_) => {
                (self.sink)(Located { at: line.at, record: FlowRecord::Line(line.record) });
            }
            Outlet::Refused => {}
            Outlet::Holding(lines) => {
                lines.push(line);
                if lines.len() > HELD_LINES_MAX {
                    self.stream();
                }
            }
        }
    }

    /// Hands the header over, and the lines that were held back for it.
    fn stream(&mut self) {
        let Outlet::Holding(lines) = std::mem::replace(&mut self.outlet, Outlet::Refused) else {
            return;
        };
        let Some(header) = self.header.revision() else {
            let message = "the header must come first in a flow of more than 10000 payments";
            self.wrong(self.header_at, "", (Rule::Limit, message));
            return;
        };
        (self.sink)(Located { at: self.header_at, record: FlowRecord::Header(header.clone()) });
        for Located { at, record } in lines {
            (self.sink)(Located { at, record: FlowRecord::Line(record) });
        }
        self.outlet = Outlet::Streaming(Box::new(header));
    }

    /// After the top-level object was read: what only the whole can tell.
    fn finish(mut self) -> Result<(), Defects> {
        if self.header.is_empty() {
            let message = if self.bare_page || self.has_payments {
                "a bare page of payments names no flow: it must come with the flow it belongs to"
            } else {
                "must be a flow of the FdR REST API"
            };
            return Err(whole_file(Rule::UnknownFormat, message));
        }
        self.header.judge(self.header_at, &mut self.defects);
        if !self.has_payments {
            let message = "a flow must come with its payments";
            self.wrong(self.header_at, "payments", (Rule::Schema, message));
        }
        self.pages.judge(&mut self.defects);
        if let Outlet::Streaming(first) = &self.outlet
            && self.header.revision().as_ref() != Some(&**first)
        {
            let message = "must come before the payments, in a flow of more than 10000";
            self.wrong(self.header_at, "", (Rule::Schema, message));
        }
        if self.defects.is_empty() {
            self.stream();
        }
        self.defects.into_result()
    }

    /// The defects, when reading could not go on.
    fn stopped(mut self, error: &ReaderError) -> Defects {
        push_stop(&mut self.defects, error);
        self.defects
    }

    /// Reads the members of the object that comes next, which is known to be one.
    fn members(&mut self, mut member: impl FnMut(&mut Self, &str, Place) -> Step) -> Step {
        self.json.begin_object()?;
        loop {
            self.renew_allowance();
            if !self.json.has_next()? {
                return self.json.end_object();
            }
            let at = self.place();
            let name = self.json.next_name_owned()?;
            member(self, &name, at)?;
        }
    }

    /// Reads the elements of the list that should come next.
    fn elements(
        &mut self,
        at: Place,
        field: &'static str,
        mut element: impl FnMut(&mut Self) -> Step,
    ) -> Step {
        if !self.is(ValueType::Array, at, field)? {
            return Ok(());
        }
        self.json.begin_array()?;
        loop {
            self.renew_allowance();
            if !self.json.has_next()? {
                return self.json.end_array();
            }
            element(self)?;
        }
    }

    /// Whether a value of `kind` comes next; any other is a defect, and passed over.
    fn is(&mut self, kind: ValueType, at: Place, field: &'static str) -> Step<bool> {
        if self.json.peek()? == kind {
            return Ok(true);
        }
        let message =
            if kind == ValueType::Object { "must be an object" } else { "must be a list" };
        self.wrong(at, field, (Rule::Schema, message));
        self.json.skip_value()?;
        Ok(false)
    }

    /// Reads the value that comes next into `slot`.
    fn fill<T>(
        &mut self,
        slot: fn(&mut Self) -> &mut Slot<T>,
        (field, at): (&'static str, Place),
        read: fn(&Value) -> Result<T, Wrong>,
    ) -> Step {
        let value = Value::next(&mut self.json)?;
        if !matches!(slot(self), Slot::Absent) {
            self.wrong(at, field, (Rule::Schema, "must not be repeated"));
        } else if !matches!(value, Value::Null) {
            *slot(self) = match read(&value) {
                Ok(value) => Slot::Is(value),
                Err((rule, message)) => {
                    let message = format!("{message}, not {}", value.shape());
                    self.defects.push(at, field, rule, message);
                    Slot::Wrong
                }
            };
        }
        Ok(())
    }

    fn renew_allowance(&self) {
        self.allowance.set(MEMBER_BYTES_MAX + READ_AHEAD_BYTES);
    }

    fn wrong(&mut self, at: Place, field: &'static str, (rule, message): Wrong) {
        self.defects.push(at, field, rule, message);
    }

    fn place(&self) -> Place {
        place(&self.json.current_position(false))
    }
}

fn place(position: &struson::reader::JsonReaderPosition) -> Place {
    position.line_pos.map_or(Place::WHOLE_FILE, |position| Place {
        line: position.line + 1,
        column: position.column + 1,
    })
}

/// The defect for which the JSON reader stopped. Its own message may hold values: it is left out.
fn push_stop(defects: &mut Defects, error: &ReaderError) {
    let (location, rule, message) = match error {
        ReaderError::SyntaxError(error) => {
            (&error.location, Rule::XmlMalformed, "must be valid JSON")
        }
        ReaderError::MaxNestingDepthExceeded { location, .. } => {
            (location, Rule::Limit, "must be nested at most 64 deep")
        }
        ReaderError::UnsupportedNumberValue { location, .. } => {
            (location, Rule::Amount, "must be a number of at most 100 digits")
        }
        ReaderError::UnexpectedValueType { location, .. }
        | ReaderError::UnexpectedStructure { location, .. } => {
            (location, Rule::Schema, "must be a value of another kind")
        }
        ReaderError::IoError { error, location } => {
            // What fails below carries defects; another error is of the JSON reader itself.
            if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Defects>) {
                for defect in read_failure(error, place(location)).listed() {
                    let at =
                        if defect.at == Place::WHOLE_FILE { place(location) } else { defect.at };
                    defects.push(at, defect.field.clone(), defect.rule, defect.message.clone());
                }
                return;
            }
            (location, Rule::Encoding, "must be UTF-8")
        }
        _ => {
            defects.push(Place::WHOLE_FILE, "", Rule::XmlMalformed, "must be valid JSON");
            return;
        }
    };
    defects.push(place(location), "", rule, message);
}

/// A reader that gives no more bytes than one member may have.
struct Paced<R> {
    input: R,
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            result => result.map_err(|error| carrying(read_failure(&error, Place::WHOLE_FILE)))?,
        };
        match self.allowance.get().checked_sub(read as u64) {
            Some(left) => self.allowance.set(left),
            None => {
                return Err(carrying(whole_file(Rule::Limit, "a member must have at most 1 MiB")));
            }
        }
        Ok(read)
    }
}

//! JSON Lines of positions, read and written.

use std::io::BufRead;

use domain::fact::{
    Appeal, Debtor, DebtorKind, DriverData, Fine, Flags, Item, ItemPart, NotSoFar, Notice, Points,
    PositionStatus, PositionVersion, Tier,
};
use domain::identifier::{FiscalCode, NoticeNumber};
use domain::money::Cents;
use jiff::civil::Date;
use serde_json::error::Category;

use super::draft::{Draft, Group};
use super::{LINE_BYTES_MAX, PositionLine, check};
use crate::failure::{defect, read_failure};
use crate::lines::{Line, Lines};
use crate::{Defects, Located, Place, Rule};

/// Reads positions, one JSON object a line.
///
/// # Errors
/// Only when the input cannot be read to its end; a bad line goes to `sink` as any other.
pub fn read_json_lines(
    input: impl BufRead,
    sink: &mut dyn FnMut(PositionLine<'_>),
) -> Result<(), Defects> {
    let mut lines = Lines::new(input, LINE_BYTES_MAX);
    let mut number = 0;
    loop {
        let line = lines
            .next()
            .map_err(|error| read_failure(&error, Place { line: number + 1, column: 0 }))?;
        let Some(line) = line else { return Ok(()) };
        number = line.number;
        if line.bytes.trim_ascii().is_empty() && !line.too_long {
            continue;
        }
        let at = Place { line: number, column: 1 };
        sink(match read_line(&line, at) {
            Ok(record) => PositionLine::Good(Located { at, record }),
            Err(defects) => PositionLine::Bad { at, raw: line.bytes, defects },
        });
    }
}

/// Reads one position, as [`to_json`] writes it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn from_json(text: &str) -> Result<PositionVersion, Defects> {
    let line = Line { number: 1, bytes: text.as_bytes(), too_long: false };
    read_line(&line, Place { line: 1, column: 1 })
}

fn read_line(line: &Line<'_>, at: Place) -> Result<PositionVersion, Defects> {
    if line.too_long {
        return Err(defect(at, Rule::Limit, "a line must have at most 1 MiB").into());
    }
    let text = std::str::from_utf8(line.bytes).map_err(|error| {
        let at = Place { column: error.valid_up_to() as u64 + 1, ..at };
        Defects::from(defect(at, Rule::Encoding, "must be UTF-8"))
    })?;
    match serde_json::from_str::<Group<Draft<'_>>>(text).map_err(|error| malformed(&error, at))? {
        Group::Fields(draft) => check::position(&draft, line.bytes, at),
        _ => Err(defect(at, Rule::Schema, "must be a JSON object").into()),
    }
}

/// The defect that the JSON reader met. Its own message may hold values: it is left out.
fn malformed(error: &serde_json::Error, at: Place) -> Defects {
    let at = Place { column: error.column() as u64, ..at };
    match error.classify() {
        // A draft takes any value, so this is all that can be wrong with the data.
        Category::Data => defect(at, Rule::Schema, "a field must not be repeated"),
        Category::Eof => defect(at, Rule::XmlMalformed, "the JSON object is not closed"),
        Category::Syntax | Category::Io => defect(at, Rule::XmlMalformed, "must be valid JSON"),
    }
    .into()
}

/// The position as one line of JSON (without the line end): fields in the order of the contract,
/// those that are not known left out, «not so far» as `null`. [`read_json_lines`] reads it back.
#[must_use]
pub fn to_json(position: &PositionVersion) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    Object::write(&mut out, |object| {
        object.text("position_id", &position.position_id);
        object.number("version", position.version.into());
        object.text("organization", position.organization.as_str());
        object.text("debt_type", &position.debt_type);
        object.number("year", position.year.into());
        object.text("status", status_word(position.status));
        object.group("debtor", position.debtor.as_ref(), write_debtor);
        object.list("notices", Some(&position.notices), write_notice);
        object.list("items", position.items.as_ref(), write_item);
        object.group("fine", position.fine.as_deref(), write_fine);
        object.group("flags", position.flags.as_ref(), write_flags);
    });
    out
}

fn write_debtor(object: &mut Object<'_>, debtor: &Debtor) {
    object.text(
        "kind",
        match debtor.kind {
            DebtorKind::Person => "person",
            DebtorKind::Company => "company",
        },
    );
    object.text_if("fiscal_code", debtor.fiscal_code.as_ref().map(FiscalCode::as_str));
    object.text_if("name", debtor.name.as_deref());
    object.boolean("abroad", debtor.abroad);
}

fn write_notice(object: &mut Object<'_>, notice: &Notice) {
    object.text_if("notice_number", notice.notice_number.as_ref().map(NoticeNumber::as_str));
    object.text("iuv", notice.iuv.as_str());
    object.text(
        "tier",
        match notice.tier {
            Tier::Single => "single",
            Tier::Reduced => "reduced",
            Tier::Full => "full",
            Tier::Late => "late",
            Tier::Installment(_) => "installment",
        },
    );
    if let Tier::Installment(number) = notice.tier {
        object.number("installment", number.into());
    }
    object.amount("amount", Some(notice.amount));
    object.date("due_date", notice.due_date);
}

fn write_item(object: &mut Object<'_>, item: &Item) {
    object.text_if("assessment", item.assessment.as_deref());
    object.text_if("chapter", item.chapter.as_deref());
    object.text_if("siope", item.siope.as_deref());
    object.amount("amount", Some(item.amount));
    object.text_if(
        "part",
        item.part.map(|part| match part {
            ItemPart::Sanction => "sanction",
            ItemPart::Costs => "costs",
            ItemPart::Other => "other",
        }),
    );
    object.boolean("stamp_duty", item.stamp_duty.then_some(true));
}

fn write_fine(object: &mut Object<'_>, fine: &Fine) {
    object.text("report_number", &fine.report_number);
    object.date("report_date", fine.report_date);
    object.date("violation_date", fine.violation_date);
    object.not_so_far("notified_on", fine.notified_on);
    object.boolean("discount_allowed", fine.discount_allowed);
    object.boolean("settleable", fine.settleable);
    object.text_if(
        "appeal",
        fine.appeal.map(|appeal| match appeal {
            Appeal::None => "none",
            Appeal::Prefect => "prefect",
            Appeal::Judge => "judge",
            Appeal::Accepted => "accepted",
            Appeal::Rejected => "rejected",
        }),
    );
    write_flags(object, &fine.flags);
    object.text_if("plate", fine.plate.as_deref());
    object.amount("half_maximum", fine.half_maximum);
    object.date("prescription_from", fine.prescription_from);
    object.group("driver_data", fine.driver_data.as_ref(), write_driver_data);
    object.group("points", fine.points.as_ref(), write_points);
}

fn write_flags(object: &mut Object<'_>, flags: &Flags) {
    object.boolean("installments", flags.installments);
    object.not_so_far("enforcement_on", flags.enforcement_on);
    object.boolean("deceased", flags.deceased);
    object.boolean("review_pending", flags.review_pending);
    object.boolean("sensitive", flags.sensitive);
}

fn write_driver_data(object: &mut Object<'_>, data: &DriverData) {
    object.boolean("required", data.required);
    object.not_so_far("received_on", data.received_on);
    object.boolean("driver_identified", data.driver_identified);
    object.boolean("sanction_raised", data.sanction_raised);
    object.not_so_far("restarted_on", data.restarted_on);
}

fn write_points(object: &mut Object<'_>, points: &Points) {
    if let Some(number) = points.points {
        object.number("points", number.into());
    }
    object.not_so_far("transmitted_on", points.transmitted_on);
    object.not_so_far("acknowledged_on", points.acknowledged_on);
    let driver = points.driver_fiscal_code.as_ref();
    object.text_if("driver_fiscal_code", driver.map(FiscalCode::as_str));
}

const fn status_word(status: PositionStatus) -> &'static str {
    match status {
        PositionStatus::Open => "open",
        PositionStatus::Cancelled => "cancelled",
        PositionStatus::Archived => "archived",
    }
}

/// A JSON object that is being written.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    fn write(out: &'o mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
        out.push(b'{');
        members(&mut Object { out, empty: true });
        out.push(b'}');
    }

    /// Writes a name, which is one of ours and needs no escape.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    fn text(&mut self, name: &str, text: &str) {
        serde_json::to_writer(self.name(name), text).expect("a string is always JSON");
    }

    fn text_if(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn number(&mut self, name: &str, number: i64) {
        self.name(name).extend_from_slice(number.to_string().as_bytes());
    }

    fn boolean(&mut self, name: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.name(name).extend_from_slice(if value { b"true" } else { b"false" });
        }
    }

    fn amount(&mut self, name: &str, amount: Option<Cents>) {
        self.text_if(name, amount.map(|amount| amount.to_string()).as_deref());
    }

    fn date(&mut self, name: &str, date: Option<Date>) {
        self.text_if(name, date.map(|date| date.to_string()).as_deref());
    }

    fn not_so_far(&mut self, name: &str, date: Option<NotSoFar>) {
        match date {
            Some(NotSoFar::NotYet) => self.name(name).extend_from_slice(b"null"),
            Some(NotSoFar::On(date)) => self.date(name, Some(date)),
            None => {}
        }
    }

    fn group<T>(&mut self, name: &str, group: Option<&T>, write: fn(&mut Object<'_>, &T)) {
        if let Some(group) = group {
            Object::write(self.name(name), |object| write(object, group));
        }
    }

    fn list<T>(&mut self, name: &str, list: Option<&Vec<T>>, write: fn(&mut Object<'_>, &T)) {
        let Some(list) = list else { return };
        let out = self.name(name);
        out.push(b'[');
        for (place, element) in list.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            Object::write(out, |object| write(object, element));
        }
        out.push(b']');
    }
}

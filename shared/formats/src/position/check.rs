//! From a draft to a position, with every defect.

use std::borrow::Cow;

use domain::fact::{
    Appeal, Debtor, DebtorKind, DriverData, Fine, Flags, Item, ItemPart, NotSoFar, Notice, Points,
    PositionStatus, PositionVersion, Tier,
};
use domain::identifier::{FiscalCode, IdentifierError, Iuv, NoticeNumber, OrganizationCode};
use domain::money::Cents;
use jiff::civil::Date;

use super::draft::{
    DebtorDraft, Draft, DriverDataDraft, FineDraft, FlagsDraft, Group, ItemDraft, List,
    NoticeDraft, PointsDraft, Scalar,
};
use super::{CODE_CHARS_MAX, NOTICES_MAX, TEXT_CHARS_MAX};
use crate::moment::iso_date;
use crate::shape::Shape;
use crate::{Defects, Place, Rule};

/// The years that a debt can be of.
const YEARS: std::ops::RangeInclusive<i64> = 1900..=2199;

/// The position that a draft says.
///
/// `line` is the text that the draft was read from, to tell the column of a defect.
///
/// # Errors
/// All that is wrong.
pub(super) fn position(
    draft: &Draft<'_>,
    line: &[u8],
    at: Place,
) -> Result<PositionVersion, Defects> {
    let mut check = Check { line, at, defects: Defects::new() };
    let position = check.position(draft);
    check.defects.into_result()?;
    Ok(position.expect("without defects, every field that must be there is there"))
}

/// The name of a field: `notices.2.iuv`.
#[derive(Clone, Copy)]
struct Field {
    group: &'static str,
    /// Place in a list, from 1.
    number: Option<usize>,
    name: &'static str,
}

impl Field {
    const fn top(name: &'static str) -> Self {
        Self { group: "", number: None, name }
    }

    fn path(self) -> Cow<'static, str> {
        match (self.group, self.number) {
            ("", _) => self.name.into(),
            (group, None) => format!("{group}.{}", self.name).into(),
            (group, Some(number)) if self.name.is_empty() => format!("{group}.{number}").into(),
            (group, Some(number)) => format!("{group}.{number}.{}", self.name).into(),
        }
    }
}

/// The fields of a group.
fn of(group: &'static str) -> impl Fn(&'static str) -> Field {
    move |name| Field { group, number: None, name }
}

/// Which rule a value breaks, and what it must be.
type Wrong = (Rule, &'static str);

struct Check<'l> {
    line: &'l [u8],
    at: Place,
    defects: Defects,
}

impl Check<'_> {
    fn position(&mut self, draft: &Draft<'_>) -> Option<PositionVersion> {
        let organization = self.must(Field::top("organization"), &draft.organization, |value| {
            text(value).and_then(identifier(OrganizationCode::parse))
        });
        let position_id = self.must(Field::top("position_id"), &draft.position_id, code);
        let version = self.must(Field::top("version"), &draft.version, |value| {
            integer(value, 1..=i64::from(u32::MAX), "must be a whole number from 1")
        });
        let debt_type = self.must(Field::top("debt_type"), &draft.debt_type, code);
        let year = self.must(Field::top("year"), &draft.year, |value| {
            integer(value, YEARS, "must be a year, as a number")
        });
        let status = self.must(Field::top("status"), &draft.status, status);
        let debtor = self.group("debtor", &draft.debtor, Self::debtor);
        let notices = self.list("notices", &draft.notices, Self::notice);
        if notices.is_none() && !matches!(draft.notices, List::Other) {
            self.wrong(Field::top("notices"), None, (Rule::Schema, "must be there"));
        }
        if notices.as_ref().is_some_and(|notices| notices.len() > NOTICES_MAX) {
            let message = "must have at most 90 notices";
            self.wrong(Field::top("notices"), None, (Rule::Limit, message));
        }
        let items = self.list("items", &draft.items, Self::item);
        let fine = self.group("fine", &draft.fine, Self::fine);
        let flags = self.group("flags", &draft.flags, Self::flags_group);
        if fine.is_some() && flags.is_some() {
            let message = "must not stand beside a fine, which has its own flags";
            self.wrong(Field::top("flags"), None, (Rule::Schema, message));
        }
        Some(PositionVersion {
            organization: organization?,
            position_id: position_id?,
            version: version?,
            debt_type: debt_type?,
            year: year?,
            status: status?,
            debtor,
            notices: notices?,
            items,
            fine: fine.map(Box::new),
            flags,
        })
    }

    fn debtor(&mut self, draft: &DebtorDraft<'_>) -> Option<Debtor> {
        let field = of("debtor");
        let kind = self.must(field("kind"), &draft.kind, |value| match text(value)? {
            "person" => Ok(DebtorKind::Person),
            "company" => Ok(DebtorKind::Company),
            _ => Err((Rule::Schema, "must be person or company")),
        });
        let fiscal_code = self.may(field("fiscal_code"), &draft.fiscal_code, fiscal_code);
        let name = self.may(field("name"), &draft.name, long_text);
        let abroad = self.may(field("abroad"), &draft.abroad, boolean);
        Some(Debtor { kind: kind?, fiscal_code, name, abroad })
    }

    fn notice(&mut self, number: usize, draft: &NoticeDraft<'_>) -> Option<Notice> {
        let field = |name| Field { group: "notices", number: Some(number), name };
        let notice_number = self.may(field("notice_number"), &draft.notice_number, |value| {
            text(value).and_then(identifier(NoticeNumber::parse))
        });
        let given = self
            .may(field("iuv"), &draft.iuv, |value| text(value).and_then(identifier(Iuv::parse)));
        let iuv = match (notice_number, given) {
            (Some(notice_number), None) => Some(notice_number.iuv()),
            (Some(notice_number), Some(iuv)) if iuv != notice_number.iuv() => {
                let message = "must be the one inside the notice number";
                self.wrong(field("iuv"), Some(&draft.iuv), (Rule::Identifier, message));
                None
            }
            (None, None) => {
                if draft.notice_number.is_absent() && draft.iuv.is_absent() {
                    let message = "must be there, unless a notice number is";
                    self.wrong(field("iuv"), None, (Rule::Schema, message));
                }
                None
            }
            (_, iuv) => iuv,
        };
        let tier = self.tier(field, draft);
        let amount = self.must(field("amount"), &draft.amount, amount);
        let due_date = self.may(field("due_date"), &draft.due_date, date);
        Some(Notice { notice_number, iuv: iuv?, tier: tier?, amount: amount?, due_date })
    }

    fn tier(
        &mut self,
        field: impl Fn(&'static str) -> Field,
        draft: &NoticeDraft<'_>,
    ) -> Option<Tier> {
        let tier = self.must(field("tier"), &draft.tier, |value| match text(value)? {
            "single" => Ok(Tier::Single),
            "reduced" => Ok(Tier::Reduced),
            "full" => Ok(Tier::Full),
            "late" => Ok(Tier::Late),
            "installment" => Ok(Tier::Installment(0)),
            _ => Err((Rule::Schema, "must be single, reduced, full, late or installment")),
        })?;
        if tier == Tier::Installment(0) {
            let number = self.must(field("installment"), &draft.installment, |value| {
                integer(value, 1..=i64::from(u16::MAX), "must be a whole number from 1")
            });
            return number.map(Tier::Installment);
        }
        if !draft.installment.is_absent() {
            let message = "must not be there, unless the tier is installment";
            self.wrong(field("installment"), Some(&draft.installment), (Rule::Schema, message));
        }
        Some(tier)
    }

    fn item(&mut self, number: usize, draft: &ItemDraft<'_>) -> Option<Item> {
        let field = |name| Field { group: "items", number: Some(number), name };
        let assessment = self.may(field("assessment"), &draft.assessment, code);
        let chapter = self.may(field("chapter"), &draft.chapter, code);
        let siope = self.may(field("siope"), &draft.siope, code);
        let amount = self.must(field("amount"), &draft.amount, amount);
        let part = self.may(field("part"), &draft.part, |value| {
            Ok(match &*code(value)? {
                "sanction" => ItemPart::Sanction,
                "costs" => ItemPart::Costs,
                _ => ItemPart::Other,
            })
        });
        let stamp_duty = self.may(field("stamp_duty"), &draft.stamp_duty, boolean);
        let stamp_duty = stamp_duty == Some(true);
        Some(Item { assessment, chapter, siope, amount: amount?, part, stamp_duty })
    }

    fn fine(&mut self, draft: &FineDraft<'_>) -> Option<Fine> {
        let field = of("fine");
        let report_number = self.must(field("report_number"), &draft.report_number, code);
        Some(Fine {
            report_date: self.may(field("report_date"), &draft.report_date, date),
            violation_date: self.may(field("violation_date"), &draft.violation_date, date),
            notified_on: self.not_so_far(field("notified_on"), &draft.notified_on),
            discount_allowed: self.may(field("discount_allowed"), &draft.discount_allowed, boolean),
            settleable: self.may(field("settleable"), &draft.settleable, boolean),
            appeal: self.may(field("appeal"), &draft.appeal, appeal),
            flags: Flags {
                installments: self.may(field("installments"), &draft.installments, boolean),
                enforcement_on: self.not_so_far(field("enforcement_on"), &draft.enforcement_on),
                deceased: self.may(field("deceased"), &draft.deceased, boolean),
                review_pending: self.may(field("review_pending"), &draft.review_pending, boolean),
                sensitive: self.may(field("sensitive"), &draft.sensitive, boolean),
            },
            plate: self.may(field("plate"), &draft.plate, code),
            half_maximum: self.may(field("half_maximum"), &draft.half_maximum, amount),
            prescription_from: self.may(field("prescription_from"), &draft.prescription_from, date),
            driver_data: self.group("fine.driver_data", &draft.driver_data, Self::driver_data),
            points: self.group("fine.points", &draft.points, Self::points),
            report_number: report_number?,
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every reader of a group")]
    fn flags_group(&mut self, draft: &FlagsDraft<'_>) -> Option<Flags> {
        let field = of("flags");
        Some(Flags {
            installments: self.may(field("installments"), &draft.installments, boolean),
            enforcement_on: self.not_so_far(field("enforcement_on"), &draft.enforcement_on),
            deceased: self.may(field("deceased"), &draft.deceased, boolean),
            review_pending: self.may(field("review_pending"), &draft.review_pending, boolean),
            sensitive: self.may(field("sensitive"), &draft.sensitive, boolean),
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every reader of a group")]
    fn driver_data(&mut self, draft: &DriverDataDraft<'_>) -> Option<DriverData> {
        let field = of("fine.driver_data");
        Some(DriverData {
            required: self.may(field("required"), &draft.required, boolean),
            received_on: self.not_so_far(field("received_on"), &draft.received_on),
            driver_identified: self.may(
                field("driver_identified"),
                &draft.driver_identified,
                boolean,
            ),
            sanction_raised: self.may(field("sanction_raised"), &draft.sanction_raised, boolean),
            restarted_on: self.not_so_far(field("restarted_on"), &draft.restarted_on),
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every reader of a group")]
    fn points(&mut self, draft: &PointsDraft<'_>) -> Option<Points> {
        let field = of("fine.points");
        Some(Points {
            points: self.may(field("points"), &draft.points, |value| {
                integer(value, 0..=i64::from(u8::MAX), "must be a whole number, at most 255")
            }),
            transmitted_on: self.not_so_far(field("transmitted_on"), &draft.transmitted_on),
            acknowledged_on: self.not_so_far(field("acknowledged_on"), &draft.acknowledged_on),
            driver_fiscal_code: self.may(
                field("driver_fiscal_code"),
                &draft.driver_fiscal_code,
                fiscal_code,
            ),
        })
    }

    /// A value that must be there.
    fn must<'s, T>(
        &mut self,
        field: Field,
        value: &'s Scalar<'_>,
        read: impl FnOnce(&'s Scalar<'_>) -> Result<T, Wrong>,
    ) -> Option<T> {
        if value.is_absent() {
            self.wrong(field, None, (Rule::Schema, "must be there"));
            return None;
        }
        self.may(field, value, read)
    }

    /// A value that may be absent or `null`.
    fn may<'s, T>(
        &mut self,
        field: Field,
        value: &'s Scalar<'_>,
        read: impl FnOnce(&'s Scalar<'_>) -> Result<T, Wrong>,
    ) -> Option<T> {
        if value.is_absent() {
            return None;
        }
        read(value).map_err(|wrong| self.wrong(field, Some(value), wrong)).ok()
    }

    /// A date for which `null` says «not so far».
    fn not_so_far(&mut self, field: Field, value: &Scalar<'_>) -> Option<NotSoFar> {
        match value {
            Scalar::Null => Some(NotSoFar::NotYet),
            _ => self.may(field, value, date).map(NotSoFar::On),
        }
    }

    fn group<D, T>(
        &mut self,
        name: &'static str,
        group: &Group<D>,
        read: impl FnOnce(&mut Self, &D) -> Option<T>,
    ) -> Option<T> {
        match group {
            Group::Absent | Group::Null => None,
            Group::Fields(fields) => read(self, fields),
            Group::Other => {
                self.wrong(Field::top(name), None, (Rule::Schema, "must be an object"));
                None
            }
        }
    }

    fn list<D, T>(
        &mut self,
        name: &'static str,
        list: &List<D>,
        mut read: impl FnMut(&mut Self, usize, &D) -> Option<T>,
    ) -> Option<Vec<T>> {
        let elements = match list {
            List::Absent | List::Null => return None,
            List::Elements(elements) => elements,
            List::Other => {
                self.wrong(Field::top(name), None, (Rule::Schema, "must be a list"));
                return None;
            }
        };
        let mut records = Vec::with_capacity(elements.len());
        for (place, element) in elements.iter().enumerate() {
            match element {
                Group::Fields(fields) => records.extend(read(self, place + 1, fields)),
                Group::Absent => {}
                Group::Null | Group::Other => {
                    let field = Field { group: name, number: Some(place + 1), name: "" };
                    self.wrong(field, None, (Rule::Schema, "must be an object"));
                }
            }
        }
        Some(records)
    }

    fn wrong(&mut self, field: Field, value: Option<&Scalar<'_>>, (rule, message): Wrong) {
        let column = value.map_or(0, |value| self.column(value));
        let message = match value {
            None => message.into(),
            Some(value) => Cow::Owned(format!("{message}, not {}", value.shape())),
        };
        self.defects.push(Place { column, ..self.at }, field.path(), rule, message);
    }

    /// The column of a text that still stands in the line; 0 of any other value.
    fn column(&self, value: &Scalar<'_>) -> u64 {
        let Scalar::Text(Cow::Borrowed(text)) = value else { return 0 };
        let line = self.line.as_ptr_range();
        let inside = line.contains(&text.as_ptr());
        if inside { (text.as_ptr().addr() - line.start.addr() + 1) as u64 } else { 0 }
    }
}

impl Scalar<'_> {
    /// Whether nothing is known: absent, `null`, or blank.
    fn is_absent(&self) -> bool {
        match self {
            Self::Absent | Self::Null => true,
            Self::Text(text) => text.trim_ascii().is_empty(),
            _ => false,
        }
    }

    /// What was found, without telling the value.
    fn shape(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{}\"", Shape(text)),
            Self::Absent | Self::Null => "null".to_owned(),
            Self::Integer(_) => "a whole number".to_owned(),
            Self::Bool(_) => "a boolean".to_owned(),
            Self::Other => "a number with decimals, an object or a list".to_owned(),
        }
    }
}

fn text<'s>(value: &'s Scalar<'_>) -> Result<&'s str, Wrong> {
    match value {
        Scalar::Text(text) => Ok(text.trim()),
        _ => Err((Rule::Schema, "must be a string")),
    }
}

fn bounded(value: &Scalar<'_>, chars_max: usize, wrong: &'static str) -> Result<Box<str>, Wrong> {
    let text = text(value)?;
    // Bytes are at least characters: most texts need no counting.
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err((Rule::Limit, wrong));
    }
    Ok(text.into())
}

fn long_text(value: &Scalar<'_>) -> Result<Box<str>, Wrong> {
    bounded(value, TEXT_CHARS_MAX, "must have at most 500 characters")
}

fn code(value: &Scalar<'_>) -> Result<Box<str>, Wrong> {
    let code = bounded(value, CODE_CHARS_MAX, "must have at most 70 characters")?;
    if code.chars().any(char::is_control) {
        return Err((Rule::Identifier, "must have no control characters"));
    }
    Ok(code)
}

fn identifier<T>(
    parse: impl FnOnce(&str) -> Result<T, IdentifierError>,
) -> impl FnOnce(&str) -> Result<T, Wrong> {
    move |text| parse(text).map_err(|IdentifierError(message)| (Rule::Identifier, message))
}

fn fiscal_code(value: &Scalar<'_>) -> Result<FiscalCode, Wrong> {
    text(value).and_then(identifier(FiscalCode::parse))
}

fn amount(value: &Scalar<'_>) -> Result<Cents, Wrong> {
    let Ok(text) = text(value) else {
        return Err((Rule::Amount, "must be a string such as \"1234.50\""));
    };
    match Cents::parse(text) {
        Ok(amount) if amount.is_negative() => Err((Rule::Amount, "must not be negative")),
        Ok(amount) => Ok(amount),
        Err(_) => Err((Rule::Amount, "must be an amount with at most two decimals")),
    }
}

fn date(value: &Scalar<'_>) -> Result<Date, Wrong> {
    text(value).ok().and_then(iso_date).ok_or((Rule::Date, "must be a day such as \"2026-02-09\""))
}

fn boolean(value: &Scalar<'_>) -> Result<bool, Wrong> {
    match value {
        Scalar::Bool(value) => Ok(*value),
        _ => Err((Rule::Schema, "must be true or false")),
    }
}

fn integer<T: TryFrom<i64>>(
    value: &Scalar<'_>,
    range: std::ops::RangeInclusive<i64>,
    wrong: &'static str,
) -> Result<T, Wrong> {
    match value {
        Scalar::Integer(value) if range.contains(value) => {
            T::try_from(*value).map_err(|_| (Rule::Schema, wrong))
        }
        _ => Err((Rule::Schema, wrong)),
    }
}

fn status(value: &Scalar<'_>) -> Result<PositionStatus, Wrong> {
    match text(value)? {
        "open" => Ok(PositionStatus::Open),
        "cancelled" => Ok(PositionStatus::Cancelled),
        "archived" => Ok(PositionStatus::Archived),
        _ => Err((Rule::Schema, "must be open, cancelled or archived")),
    }
}

fn appeal(value: &Scalar<'_>) -> Result<Appeal, Wrong> {
    match text(value)? {
        "none" => Ok(Appeal::None),
        "prefect" => Ok(Appeal::Prefect),
        "judge" => Ok(Appeal::Judge),
        "accepted" => Ok(Appeal::Accepted),
        "rejected" => Ok(Appeal::Rejected),
        _ => Err((Rule::Schema, "must be none, prefect, judge, accepted or rejected")),
    }
}

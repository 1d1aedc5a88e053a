//! `positions/*.jsonl` and a small CSV: the office's export.
//!
//! Version 1 of every position is in `20-posizioni-NN.jsonl`; version 2 in `30-aggiornamenti.jsonl`
//! or, out of order, in `10-aggiornamenti.jsonl`. Some positions are in `40-posizioni.csv` instead.

use std::path::Path;

use domain::identifier::NoticeNumber;
use domain::money::Cents;
use serde::Serialize;

use super::{Output, Progress};
use crate::calendar::{days_between, plus};
use crate::error::SampleError;
use crate::positions::report_date;
use crate::truth::Money;
use crate::world::{
    DebtKind, Fine, Notice, ORGANIZATION, Position, SecondVersion, Tier, World, kind_name,
};

/// How many positions are in one file.
const PER_FILE: usize = 20_000;

#[derive(Serialize)]
struct PositionRow {
    position_id: String,
    version: u32,
    organization: &'static str,
    debt_type: &'static str,
    year: i16,
    status: &'static str,
    debtor: DebtorRow,
    notices: Vec<NoticeRow>,
    items: Vec<ItemRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fine: Option<FineRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<FlagsRow>,
}

#[derive(Serialize)]
struct DebtorRow {
    kind: &'static str,
    fiscal_code: String,
    name: String,
    abroad: bool,
}

#[derive(Serialize)]
struct NoticeRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    notice_number: Option<String>,
    iuv: String,
    tier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    installment: Option<u8>,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
}

#[derive(Serialize)]
struct ItemRow {
    assessment: String,
    chapter: &'static str,
    siope: &'static str,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'static str>,
}

#[allow(clippy::struct_excessive_bools, reason = "the fields of the contract")]
#[derive(Serialize)]
struct FlagsRow {
    installments: bool,
    enforcement_on: Option<String>,
    deceased: bool,
    review_pending: bool,
    sensitive: bool,
}

#[derive(Serialize)]
struct FineRow {
    report_number: String,
    report_date: String,
    violation_date: String,
    notified_on: String,
    discount_allowed: bool,
    settleable: bool,
    appeal: &'static str,
    #[serde(flatten)]
    flags: FlagsRow,
    plate: String,
    half_maximum: Money,
    driver_data: DriverDataRow,
    points: PointsRow,
}

#[derive(Serialize)]
struct DriverDataRow {
    required: bool,
    received_on: Option<String>,
    driver_identified: bool,
    sanction_raised: bool,
    restarted_on: Option<String>,
}

#[derive(Serialize)]
struct PointsRow {
    points: u8,
    transmitted_on: Option<String>,
    acknowledged_on: Option<String>,
    driver_fiscal_code: Option<String>,
}

/// Writes every version of every position.
pub(crate) fn write(
    world: &World,
    room: &Path,
    progress: &mut Progress<'_>,
) -> Result<(), SampleError> {
    let mut before = Output::new(room.join("10-aggiornamenti.jsonl"))?;
    let mut after = Output::new(room.join("30-aggiornamenti.jsonl"))?;
    let mut table = Output::new(room.join("40-posizioni.csv"))?;
    table.write(CSV_HEADER.as_bytes())?;
    let mut in_table = 0;
    for (file, from) in (1..).zip((0..world.positions.len()).step_by(PER_FILE)) {
        let mut first = Output::new(room.join(format!("20-posizioni-{file:02}.jsonl")))?;
        for number in from..world.positions.len().min(from + PER_FILE) {
            let version_1 = row(world, number, 1);
            if in_table < IN_TABLE && fits_table(&world.positions[number]) {
                in_table += 1;
                table.write(csv(&version_1).as_bytes())?;
            } else {
                line(&mut first, &version_1)?;
            }
            match world.positions[number].second {
                SecondVersion::None => {}
                SecondVersion::Amended { before: true, .. } => {
                    line(&mut before, &row(world, number, 2))?;
                }
                _ => line(&mut after, &row(world, number, 2))?,
            }
            progress.one_more();
        }
        first.finish()?;
    }
    before.finish()?;
    table.finish()?;
    after.finish()
}

/// How many positions are in the CSV instead.
const IN_TABLE: usize = 25;
/// The columns of the CSV: groups with a dot, lists with a number.
const CSV_HEADER: &str = "position_id;version;organization;debt_type;year;status;debtor.kind;\
debtor.fiscal_code;debtor.name;debtor.abroad;notices.1.notice_number;notices.1.iuv;notices.1.tier;\
notices.1.amount;notices.1.due_date;items.1.assessment;items.1.chapter;items.1.siope;\
items.1.amount\n";

/// The CSV has debts with one notice and one item, with nothing odd about them.
fn fits_table(position: &Position) -> bool {
    position.kind == DebtKind::Fee && position.trouble.is_none()
}

fn csv(row: &PositionRow) -> String {
    let (debtor, notice, item) = (&row.debtor, &row.notices[0], &row.items[0]);
    let comma = |money: Money| money.0.to_string().replace('.', ",");
    let number = notice.notice_number.as_deref().unwrap_or_default();
    let due_date = notice.due_date.as_deref().unwrap_or_default();
    [
        &row.position_id,
        "1",
        row.organization,
        row.debt_type,
        &row.year.to_string(),
        row.status,
        debtor.kind,
        &debtor.fiscal_code,
        &debtor.name,
        &debtor.abroad.to_string(),
        number,
        &notice.iuv,
        notice.tier,
        &comma(notice.amount),
        due_date,
        &item.assessment,
        item.chapter,
        item.siope,
        &comma(item.amount),
    ]
    .join(";")
        + "\n"
}

fn line(output: &mut Output, row: &PositionRow) -> Result<(), SampleError> {
    output.json(row)?;
    output.write(b"\n")
}

fn row(world: &World, number: usize, version: u32) -> PositionRow {
    let position = &world.positions[number];
    let debtor = world.debtor(number);
    let late = position.second == SecondVersion::LateNotice && version == 2;
    let hidden = usize::from(position.second == SecondVersion::LateNotice && version == 1);
    let shown = &position.notices[..position.notices.len() - hidden];
    let mut notices: Vec<NoticeRow> = shown.iter().map(notice).collect();
    if let (SecondVersion::Amended { from, .. }, 1) = (position.second, version) {
        notices[0].amount = Money(from);
    }
    let total = notices.iter().map(|notice| notice.amount.0).sum();
    let cancelled = position.second == SecondVersion::Cancelled && version == 2;
    PositionRow {
        position_id: world.position_id(number),
        version,
        organization: ORGANIZATION,
        debt_type: debt_type(position.kind),
        year: position.year,
        status: if cancelled { "cancelled" } else { "open" },
        debtor: DebtorRow {
            kind: kind_name(debtor.kind),
            fiscal_code: debtor.fiscal_code,
            name: debtor.name,
            abroad: debtor.abroad,
        },
        notices,
        items: items(position, late, total),
        fine: position.fine.map(|known| fine(world, number, known)),
        flags: position.fine.is_none().then(|| flags(position.kind == DebtKind::Plan)),
    }
}

fn debt_type(kind: DebtKind) -> &'static str {
    match kind {
        DebtKind::Fine => "CDS",
        DebtKind::Fee => "COSAP",
        DebtKind::Plan => "CANONE",
    }
}

fn notice(notice: &Notice) -> NoticeRow {
    let (tier, installment) = match notice.tier {
        Tier::Single => ("single", None),
        Tier::Reduced => ("reduced", None),
        Tier::Full => ("full", None),
        Tier::Late => ("late", None),
        Tier::Installment(number) => ("installment", Some(number)),
    };
    NoticeRow {
        notice_number: notice.code.number().as_ref().map(NoticeNumber::to_string),
        iuv: notice.code.iuv().to_string(),
        tier,
        installment,
        amount: Money(notice.amount),
        due_date: notice.due_date.map(|day| day.to_string()),
    }
}

/// The accertamenti: of a fine its sanction (half of the maximum once a late notice is issued)
/// and its costs, of another debt the whole.
fn items(position: &Position, late: bool, total: Cents) -> Vec<ItemRow> {
    let item = |number: u32, chapter, siope, amount, part| ItemRow {
        assessment: format!("{}/{number}", position.year),
        chapter,
        siope,
        amount: Money(amount),
        part,
    };
    match (position.fine, position.kind) {
        (Some(fine), _) => {
            let sanction = if late { fine.half_maximum } else { fine.sanction };
            vec![
                item(118, "3020", "3020201001", sanction, Some("sanction")),
                item(119, "3021", "3059999999", fine.costs, Some("costs")),
            ]
        }
        (None, DebtKind::Plan) => vec![item(311, "3110", "3010302002", total, None)],
        (None, _) => vec![item(204, "1060", "3010301003", total, None)],
    }
}

fn flags(installments: bool) -> FlagsRow {
    FlagsRow {
        installments,
        enforcement_on: None,
        deceased: false,
        review_pending: false,
        sensitive: false,
    }
}

fn fine(world: &World, number: usize, fine: Fine) -> FineRow {
    let report = report_date(fine.notified);
    let violation = plus(report, -5);
    debug_assert!(days_between(violation, fine.notified) <= 90);
    let points = if fine.sanction > Cents::new(8000) { 3 } else { 0 };
    FineRow {
        report_number: world.report_number(number),
        report_date: report.to_string(),
        violation_date: violation.to_string(),
        notified_on: fine.notified.to_string(),
        discount_allowed: true,
        settleable: true,
        appeal: "none",
        flags: flags(false),
        plate: world.plate(number),
        half_maximum: Money(fine.half_maximum),
        driver_data: DriverDataRow {
            required: points > 0,
            received_on: None,
            driver_identified: false,
            sanction_raised: false,
            restarted_on: None,
        },
        points: PointsRow {
            points,
            transmitted_on: None,
            acknowledged_on: None,
            driver_fiscal_code: None,
        },
    }
}

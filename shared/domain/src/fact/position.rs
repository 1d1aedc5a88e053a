//! Debt positions, as the offices' systems export them.
//!
//! Absent is «not known», never «no»: every field that may be absent is an `Option`.

use jiff::civil::Date;

use crate::identifier::{FiscalCode, Iuv, NoticeNumber, OrganizationCode};
use crate::money::Cents;

/// One version of a debt position: a higher `version` replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionVersion {
    /// `organization`.
    pub organization: OrganizationCode,
    /// `position_id`: the office's own key, 1 to 70 characters.
    pub position_id: Box<str>,
    /// `version`, from 1.
    pub version: u32,
    /// `debt_type`, a code of the configuration.
    pub debt_type: Box<str>,
    /// `year` of the debt.
    pub year: i16,
    /// `status`.
    pub status: PositionStatus,
    /// `debtor`.
    pub debtor: Option<Debtor>,
    /// `notices`: what can be paid, one IUV each.
    pub notices: Vec<Notice>,
    /// `items`: how the sum is split over the accertamenti.
    pub items: Option<Vec<Item>>,
    /// `fine`, for a violation of the Codice della Strada.
    pub fine: Option<Box<Fine>>,
    /// `flags`, for a debt that is no fine.
    pub flags: Option<Flags>,
}

/// `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PositionStatus {
    /// `open`.
    Open,
    /// `cancelled`.
    Cancelled,
    /// `archived`.
    Archived,
}

/// `debtor`.
#[derive(Clone, PartialEq, Eq)]
pub struct Debtor {
    /// `kind`.
    pub kind: DebtorKind,
    /// `fiscal_code`.
    pub fiscal_code: Option<FiscalCode>,
    /// `name`.
    pub name: Option<Box<str>>,
    /// `abroad`: the address is abroad.
    pub abroad: Option<bool>,
}

/// Personal data stays out of logs and errors.
impl std::fmt::Debug for Debtor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Debtor({:?}, ..)", self.kind)
    }
}

/// `debtor.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DebtorKind {
    /// `person`.
    Person,
    /// `company`.
    Company,
}

/// One payment notice of a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `notice_number`.
    pub notice_number: Option<NoticeNumber>,
    /// `iuv`; where absent, the one inside the notice number.
    pub iuv: Iuv,
    /// `tier`, with `installment` for the n-th instalment.
    pub tier: Tier,
    /// `amount`.
    pub amount: Cents,
    /// `due_date`, the last good day.
    pub due_date: Option<Date>,
}

/// `tier`: which of the sums that the law allows a notice asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// `single`: the debt has one sum only.
    Single,
    /// `reduced`: within 5 days, art. 202 c. 1 CdS.
    Reduced,
    /// `full`: within 60 days, art. 202 c. 1 CdS.
    Full,
    /// `late`: half of the maximum, art. 203 c. 3 CdS.
    Late,
    /// `installment`, the n-th.
    Installment(u16),
}

/// One part of a position on an accertamento.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `assessment`: the accertamento, `year/number`.
    pub assessment: Option<Box<str>>,
    /// `chapter`.
    pub chapter: Option<Box<str>>,
    /// `siope`.
    pub siope: Option<Box<str>>,
    /// `amount`.
    pub amount: Cents,
    /// `part`.
    pub part: Option<ItemPart>,
    /// `stamp_duty`: a marca da bollo, which is not transferred to us.
    pub stamp_duty: bool,
}

/// `part`: what an item is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemPart {
    /// `sanction`.
    Sanction,
    /// `costs`: never discounted.
    Costs,
    /// Any other word of the office.
    Other,
}

/// A date that the office may not know, or that may not have come so far (`null`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotSoFar {
    /// `null`: it has not happened so far.
    NotYet,
    /// It happened on this day.
    On(Date),
}

/// `appeal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Appeal {
    /// `none`.
    None,
    /// `prefect`: to the Prefect, art. 203 CdS.
    Prefect,
    /// `judge`: to the giudice di pace, art. 204-bis CdS.
    Judge,
    /// `accepted`.
    Accepted,
    /// `rejected`.
    Rejected,
}

/// `fine`: what the office knows of a violation.
#[derive(Clone, PartialEq, Eq)]
pub struct Fine {
    /// `report_number`: the verbale.
    pub report_number: Box<str>,
    /// `report_date`.
    pub report_date: Option<Date>,
    /// `violation_date`.
    pub violation_date: Option<Date>,
    /// `notified_on`: N, contestazione or notificazione.
    pub notified_on: Option<NotSoFar>,
    /// `discount_allowed`: the 30 % of art. 202 c. 1 CdS.
    pub discount_allowed: Option<bool>,
    /// `settleable`: oblabile.
    pub settleable: Option<bool>,
    /// `appeal`.
    pub appeal: Option<Appeal>,
    /// The flags that a debt which is no fine carries in `flags`.
    pub flags: Flags,
    /// `plate`.
    pub plate: Option<Box<str>>,
    /// `half_maximum`, without costs.
    pub half_maximum: Option<Cents>,
    /// `prescription_from`.
    pub prescription_from: Option<Date>,
    /// `driver_data`, art. 126-bis CdS.
    pub driver_data: Option<DriverData>,
    /// `points`.
    pub points: Option<Points>,
}

/// Plates and report numbers stay out of logs and errors.
impl std::fmt::Debug for Fine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fine(..)")
    }
}

/// What may keep an office from writing to a debtor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    /// `installments`: an instalment plan runs.
    pub installments: Option<bool>,
    /// `enforcement_on`: the day of the ruolo or of the ingiunzione.
    pub enforcement_on: Option<NotSoFar>,
    /// `deceased`.
    pub deceased: Option<bool>,
    /// `review_pending`: a request of autotutela is open.
    pub review_pending: Option<bool>,
    /// `sensitive`: the violation is a crime or reveals health.
    pub sensitive: Option<bool>,
}

/// `driver_data`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DriverData {
    /// `required`.
    pub required: Option<bool>,
    /// `received_on`.
    pub received_on: Option<NotSoFar>,
    /// `driver_identified`.
    pub driver_identified: Option<bool>,
    /// `sanction_raised`.
    pub sanction_raised: Option<bool>,
    /// `restarted_on`: a new invitation was notified after a rejected appeal.
    pub restarted_on: Option<NotSoFar>,
}

/// `points`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Points {
    /// `points`.
    pub points: Option<u8>,
    /// `transmitted_on`.
    pub transmitted_on: Option<NotSoFar>,
    /// `acknowledged_on`.
    pub acknowledged_on: Option<NotSoFar>,
    /// `driver_fiscal_code`: known, or `null`.
    pub driver_fiscal_code: Option<FiscalCode>,
}

//! What speaks against a message: each guard adds its reasons, so that a row tells them all.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::judge::{Account, Case};
use super::terms::{Terms, day, is_near_prescription, is_notified_late};
use super::{Decision, Kind, Reason};
use crate::debt::PositionState;
use crate::fact::{Appeal, Fine, Flags, NotSoFar, PositionStatus};
use crate::identifier::{FiscalCode, FiscalCodeKind};

/// «In the last 7 days»: the seventh day is inside.
const RECENT_DAYS: i64 = 7;
/// A pre-ruolo leaves this much time before the ruolo, and after the sollecito.
const BEFORE_ENFORCEMENT_DAYS: i64 = 30;

/// The reasons so far.
#[derive(Default)]
pub(super) struct Reasons(BTreeMap<Reason, Decision>);

impl Reasons {
    pub fn add(&mut self, reason: Reason) {
        self.0.insert(reason, reason.decision());
    }

    /// What usually excludes and here waits for a person.
    pub fn hold(&mut self, reason: Reason) {
        self.0.entry(reason).or_insert(Decision::Hold);
    }

    pub fn when(&mut self, holds: bool, reason: Reason) {
        if holds {
            self.add(reason);
        }
    }

    /// What a flag says; a flag that is not known is never «no».
    fn flag(&mut self, flag: Option<bool>, stops: bool, reason: Reason, unknown: Reason) {
        match flag {
            Some(value) => self.when(value == stops, reason),
            None => self.add(unknown),
        }
    }

    pub fn decided(self) -> (Decision, Vec<Reason>) {
        let decision = self.0.values().copied().max().unwrap_or(Decision::Send);
        (decision, self.0.into_keys().collect())
    }
}

/// Whether something of `on` was in the last 7 days, or is still to come.
fn is_recent(on: Date, today: Date) -> bool {
    today <= on.saturating_add(RECENT_DAYS.days())
}

/// Guards of every message.
pub(super) fn of_all(case: &Case<'_>, flags: &Flags, occurrence: &str, reasons: &mut Reasons) {
    use Reason as R;
    reasons.when(case.position.status != PositionStatus::Open, R::Cancelled);
    reasons.flag(flags.deceased, true, R::Deceased, R::DeceasedUnknown);
    reasons.flag(flags.review_pending, true, R::ReviewPending, R::ReviewUnknown);
    reasons.flag(flags.sensitive, true, R::Sensitive, R::SensitiveUnknown);
    reasons.when(!case.setting.ready, R::ServiceNotConfigured);
    let is_this = |sent: &&super::Sent| sent.kind == case.kind && &*sent.occurrence == occurrence;
    reasons.when(case.sent.iter().any(|sent| is_this(&sent) && sent.over), R::AlreadySent);
    let another = case.sent.iter().filter(|sent| !is_this(sent) && sent.may_have_arrived);
    let exempt = matches!(case.kind, Kind::PaymentRecorded | Kind::PointsSent);
    let recent = another.into_iter().any(|sent| is_recent(sent.on, case.today));
    reasons.when(recent && !exempt, R::RecentMessage);
}

/// Guards of who gets it.
pub(super) fn of_recipient(code: Option<&FiscalCode>, today: Date, reasons: &mut Reasons) {
    let person = code.filter(|code| code.kind() == FiscalCodeKind::Person && code.verified());
    match person.and_then(|code| super::birth_date(code, today)) {
        Some(born) => reasons.when(super::birth::is_minor(born, today), Reason::Minor),
        None => reasons.add(Reason::FiscalCodeNotPersonal),
    }
}

/// Guards of the notification, for every message about a fine.
pub(super) fn of_notification(
    fine: Option<&Fine>,
    terms: Option<&Terms>,
    today: Date,
    reasons: &mut Reasons,
) {
    let Some(terms) = terms else { return reasons.add(Reason::NotifiedOnMissing) };
    reasons.when(terms.notified_on > today, Reason::NotifiedOnFuture);
    let violation = fine.and_then(|fine| fine.violation_date);
    let late = violation.is_some_and(|violation| is_notified_late(violation, terms.notified_on));
    reasons.when(late, Reason::NotifiedLate);
    // Every text names the verbale by its date too.
    reasons.when(fine.is_none_or(|fine| fine.report_date.is_none()), Reason::ViolationDateUnknown);
}

/// Guards of every message that asks for money.
pub(super) fn of_money(case: &Case<'_>, flags: &Flags, reasons: &mut Reasons) {
    use Reason as R;
    let Account { standing, payments, candidate_credit, open_anomaly } = case.account;
    reasons.when(standing.covered_by.is_some(), R::Paid);
    reasons.when(payments.iter().any(|part| !part.credited), R::PaymentNotReconciled);
    let recent = |on: Option<Date>| on.is_none_or(|on| is_recent(on, case.today));
    reasons.when(payments.iter().any(|part| recent(part.paid_on)), R::RecentPayment);
    let partially = standing.state == PositionState::PartiallyPaid;
    match case.kind {
        Kind::Remainder => reasons.when(!partially, R::NotPartiallyPaid),
        Kind::PreEnforcement => {}
        _ => reasons.when(partially, R::PartiallyPaid),
    }
    reasons.flag(flags.installments, true, R::Installments, R::InstallmentsUnknown);
    of_enforcement(case, flags, reasons);
    reasons.when(*candidate_credit, R::CandidateCredit);
    reasons.when(*open_anomaly, R::OpenAnomaly);
}

fn of_enforcement(case: &Case<'_>, flags: &Flags, reasons: &mut Reasons) {
    match flags.enforcement_on {
        None => reasons.hold(Reason::InEnforcement),
        Some(NotSoFar::NotYet) => {}
        Some(NotSoFar::On(day)) if day <= case.today => reasons.add(Reason::InEnforcement),
        Some(NotSoFar::On(day)) => {
            let latest = day.saturating_sub(BEFORE_ENFORCEMENT_DAYS.days());
            let near = case.kind == Kind::PreEnforcement && case.today > latest;
            reasons.when(near, Reason::EnforcementTooNear);
        }
    }
}

/// Guards of the messages that ask for money of a fine.
pub(super) fn of_fine_money(fine: Option<&Fine>, today: Date, reasons: &mut Reasons) {
    use Reason as R;
    let settleable = fine.and_then(|fine| fine.settleable);
    reasons.flag(settleable, false, R::NotSettleable, R::SettleableUnknown);
    match fine.and_then(|fine| fine.appeal) {
        None => reasons.add(R::AppealUnknown),
        Some(Appeal::None) => {}
        // The sum is the judge's or the Prefect's: a person knows it.
        Some(Appeal::Rejected) => reasons.hold(R::Appeal),
        Some(Appeal::Prefect | Appeal::Judge | Appeal::Accepted) => reasons.add(R::Appeal),
    }
    let violation = fine.and_then(|fine| fine.violation_date);
    let from = fine.and_then(|fine| fine.prescription_from).or(violation);
    reasons.when(violation.is_none(), R::ViolationDateUnknown);
    reasons.when(from.is_some_and(|from| is_near_prescription(from, today)), R::PrescriptionNear);
}

/// Guards of the reminder of the driver's data.
pub(super) fn of_driver_data(
    fine: Option<&Fine>,
    terms: Option<&Terms>,
    today: Date,
    reasons: &mut Reasons,
) {
    use Reason as R;
    let data = fine.and_then(|fine| fine.driver_data.clone()).unwrap_or_default();
    reasons.flag(data.required, false, R::DriverDataNotRequired, R::DriverDataUnknown);
    reasons.flag(data.driver_identified, true, R::DriverIdentified, R::DriverDataUnknown);
    reasons.flag(data.sanction_raised, true, R::Sanction126bisRaised, R::DriverDataUnknown);
    match data.received_on {
        None => reasons.add(R::DriverDataUnknown),
        Some(NotSoFar::NotYet) => {}
        Some(NotSoFar::On(_)) => reasons.add(R::FormReceived),
    }
    match fine.and_then(|fine| fine.appeal) {
        None => reasons.add(R::AppealUnknown),
        Some(Appeal::None) => {}
        // Lost: the duty begins again with a new invitation, and not before (Cass. 24012/2022).
        Some(Appeal::Rejected) => match data.restarted_on {
            None => reasons.add(R::DriverDataUnknown),
            Some(NotSoFar::NotYet) => reasons.add(R::Appeal),
            Some(NotSoFar::On(_)) => {}
        },
        Some(Appeal::Prefect | Appeal::Judge | Appeal::Accepted) => reasons.add(R::Appeal),
    }
    let over = terms.is_some_and(|terms| today > terms.driver_data);
    reasons.when(over, R::DriverDataTermPassed);
}

/// Guards of the message that a payment was registered.
pub(super) fn of_recorded(account: &Account, covered_on: Option<Date>, reasons: &mut Reasons) {
    reasons.when(account.payments.is_empty(), Reason::NotPaid);
    let matched = account.standing.state == PositionState::Credited;
    reasons.when(!matched, Reason::NotFullyMatched);
    reasons.when(account.open_anomaly, Reason::OpenAnomaly);
    // It was covered and nobody knows since when: whether it is news cannot be told.
    let covered = account.standing.covered_by.is_some();
    reasons.when(covered && covered_on.is_none(), Reason::OutsideWindow);
}

/// Guards of the message about points.
pub(super) fn of_points(fine: Option<&Fine>, today: Date, reasons: &mut Reasons) {
    use Reason as R;
    let points = fine.and_then(|fine| fine.points.clone()).unwrap_or_default();
    let came = |known| day(known).is_some_and(|day| day <= today);
    let told = points.points.is_some_and(|points| points > 0);
    let sent = came(points.transmitted_on) && came(points.acknowledged_on);
    reasons.when(!(told && sent), R::PointsNotTransmitted);
    match fine.and_then(|fine| fine.appeal) {
        None => reasons.add(R::AppealUnknown),
        Some(Appeal::None | Appeal::Rejected) => {}
        Some(Appeal::Prefect | Appeal::Judge | Appeal::Accepted) => reasons.add(R::Appeal),
    }
}

/// Guards of the pre-ruolo: a sollecito long enough ago, and a batch that a person approved.
pub(super) fn of_batch(case: &Case<'_>, reasons: &mut Reasons) {
    let told = case.sent.iter().any(|sent| {
        sent.kind == Kind::Overdue
            && sent.accepted
            && sent.on.saturating_add(BEFORE_ENFORCEMENT_DAYS.days()) <= case.today
    });
    reasons.when(!told, Reason::M2NotSent);
    reasons.when(case.setting.approval.is_none(), Reason::BatchNotApproved);
}

//! The judgement on one position: which message, when, to whom, and what speaks against it.

use jiff::ToSpan;
use jiff::civil::Date;

use super::guard::{self, Reasons};
use super::sums::{objection, payable_notice};
use super::terms::{Terms, day};
use super::window::Window;
use super::{Decision, Kind, Reason, Sent};
use crate::debt::DebtStanding;
use crate::fact::{Appeal, DebtorKind, Fine, Flags, NotSoFar, Notice, PositionVersion, Tier};
use crate::identifier::{FiscalCode, Iuv};

/// The occurrence of a message that a position has once.
pub const ONCE: &str = "1";

/// Everything that a judgement depends on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The kind of message.
    pub kind: Kind,
    /// The position, its last version.
    pub position: &'a PositionVersion,
    /// What was paid of it.
    pub account: &'a Account,
    /// The messages that it had before.
    pub sent: &'a [Sent],
    /// What the office has set.
    pub setting: Setting,
    /// The day, in Rome.
    pub today: Date,
}

/// What is known of the payments of a position.
#[derive(Debug, Clone)]
pub struct Account {
    /// What is due and what is left.
    pub standing: DebtStanding,
    /// The payments that count, in the order in which they do.
    pub payments: Vec<PaidPart>,
    /// Whether an open credit may be its payment.
    pub candidate_credit: bool,
    /// Whether an open anomaly may be about its payment.
    pub open_anomaly: bool,
}

/// A payment that was not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidPart {
    /// The notice that it paid.
    pub iuv: Iuv,
    /// The day of payment, where it is known.
    pub paid_on: Option<Date>,
    /// The day on which a receipt or a reported line first told of it.
    pub known_on: Option<Date>,
    /// Whether its money is in the treasury.
    pub credited: bool,
}

/// What the office has set, as far as a judgement depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Setting {
    /// Whether the debt type is that of fines.
    pub fine: bool,
    /// Whether there is all that a message of this kind needs: a service, contacts, a form.
    pub ready: bool,
    /// The approval of the batch that the position is in.
    pub approval: Option<Approval>,
    /// Whether a person said that a message of the position was wrong.
    pub wrong: bool,
}

/// A person's word that a batch may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// By when the office invites to pay.
    pub due: Date,
}

/// The judgement.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// Whether the message goes.
    pub decision: Decision,
    /// Every reason against it, each once, in the order of [`Reason::ALL`].
    pub reasons: Vec<Reason>,
    /// Which one of its kind it is: there is one message for each.
    pub occurrence: Box<str>,
    /// When it may go, where that is known.
    pub window: Option<Window>,
    /// Who gets it.
    pub recipient: Option<&'a FiscalCode>,
    /// The notice that it asks to pay.
    pub notice: Option<&'a Notice>,
    /// By when to do what it asks for.
    pub due: Option<Date>,
    /// The terms of the fine.
    pub terms: Option<Terms>,
    /// The day on which what was due was first known to be covered.
    pub covered_on: Option<Date>,
    /// Until when the driver's data are still to be sent, where they are.
    pub driver_data_until: Option<Date>,
}

/// Judges one position on one day.
///
/// [`Kind::Correction`] is about a message and not about a debt: it has the guards of every
/// message.
#[must_use]
pub fn judge<'a>(case: &Case<'a>) -> Judgement<'a> {
    let fine = case.position.fine.as_deref();
    let is_fine = case.setting.fine || fine.is_some();
    let flags = flags(case.position, fine);
    let terms = fine.and_then(Terms::of);
    let mut reasons = Reasons::default();
    let applies = match case.kind {
        Kind::Correction => case.setting.wrong,
        kind => kind.is_of_fines() == is_fine,
    };
    reasons.when(!applies, Reason::NotApplicable);
    let covered_on = covered_on(case.account);
    let (window, occurrence) = window(case, fine, terms.as_ref(), covered_on);
    guard::of_all(case, &flags, &occurrence, &mut reasons);
    let recipient = recipient(case, fine, &mut reasons);
    let notice =
        if applies { about_the_debt(case, &flags, terms.as_ref(), &mut reasons) } else { None };
    let outside = window.is_some_and(|window| !window.contains(case.today));
    reasons.when(applies && outside, Reason::OutsideWindow);
    let (decision, reasons) = reasons.decided();
    Judgement {
        decision,
        reasons,
        occurrence,
        window: window.filter(|_| applies),
        recipient,
        notice,
        due: due(case, terms.as_ref(), notice),
        terms,
        covered_on,
        driver_data_until: driver_data_until(fine, terms.as_ref(), case.today),
    }
}

/// A fine has its flags inside; any other debt has them beside.
fn flags(position: &PositionVersion, fine: Option<&Fine>) -> Flags {
    match fine {
        Some(fine) => fine.flags.clone(),
        None => position.flags.clone().unwrap_or_default(),
    }
}

/// The debtor; of points the driver, whoever the debtor is.
fn recipient<'a>(
    case: &Case<'a>,
    fine: Option<&'a Fine>,
    reasons: &mut Reasons,
) -> Option<&'a FiscalCode> {
    if case.kind == Kind::PointsSent {
        let points = fine.and_then(|fine| fine.points.as_ref());
        let driver = points.and_then(|points| points.driver_fiscal_code.as_ref());
        match driver {
            Some(_) => guard::of_recipient(driver, case.today, reasons),
            None => reasons.add(Reason::DriverUnknown),
        }
        return driver;
    }
    let debtor = case.position.debtor.as_ref();
    let code = debtor.and_then(|debtor| debtor.fiscal_code.as_ref());
    if debtor.is_some_and(|debtor| debtor.kind == DebtorKind::Company) {
        reasons.add(Reason::RecipientNotPerson);
    } else {
        guard::of_recipient(code, case.today, reasons);
    }
    code
}

/// The guards of the kind; the notice that it asks to pay.
fn about_the_debt<'a>(
    case: &Case<'a>,
    flags: &Flags,
    terms: Option<&Terms>,
    reasons: &mut Reasons,
) -> Option<&'a Notice> {
    let fine = case.position.fine.as_deref();
    if case.kind.is_of_fines() {
        guard::of_notification(fine, terms, case.today, reasons);
    }
    match case.kind {
        Kind::DriverData => guard::of_driver_data(fine, terms, case.today, reasons),
        Kind::PaymentRecorded => {
            guard::of_recorded(case.account, covered_on(case.account), reasons);
        }
        Kind::PointsSent => guard::of_points(fine, case.today, reasons),
        _ => {}
    }
    let tier = asked_tier(case.kind)?;
    guard::of_money(case, flags, reasons);
    if case.kind.is_of_fines() {
        guard::of_fine_money(fine, case.today, reasons);
        of_terms(case, terms, reasons);
    }
    if case.kind == Kind::Discount {
        match fine.and_then(|fine| fine.discount_allowed) {
            Some(allowed) => reasons.when(!allowed, Reason::DiscountNotAllowed),
            None => reasons.add(Reason::DiscountUnknown),
        }
    }
    if case.kind == Kind::PreEnforcement {
        guard::of_batch(case, reasons);
    }
    notice(case, tier, reasons)
}

/// The tier that a kind asks for.
const fn asked_tier(kind: Kind) -> Option<Tier> {
    match kind {
        Kind::DueSoon => Some(Tier::Full),
        Kind::Discount => Some(Tier::Reduced),
        Kind::Overdue | Kind::Remainder | Kind::PreEnforcement => Some(Tier::Late),
        Kind::Invitation => Some(Tier::Single),
        Kind::DriverData | Kind::PaymentRecorded | Kind::PointsSent | Kind::Correction => None,
    }
}

/// The notice that a message asks to pay, with what speaks against its sum.
fn notice<'a>(case: &Case<'a>, tier: Tier, reasons: &mut Reasons) -> Option<&'a Notice> {
    let paid: Vec<_> = case.account.payments.iter().map(|part| part.iuv.clone()).collect();
    let notice = payable_notice(case.position, tier, &paid);
    if let Some(notice) = notice {
        if let Some(against) = objection(case.position, notice, case.account.standing.paid) {
            reasons.add(against);
        }
    } else {
        reasons.add(Reason::NoPayableNotice);
        let abroad = case.position.debtor.as_ref().and_then(|debtor| debtor.abroad);
        reasons.when(abroad == Some(true), Reason::ForeignWithoutNotice);
    }
    notice
}

/// The office's terms against those of the law, as far as the message names them.
fn of_terms(case: &Case<'_>, terms: Option<&Terms>, reasons: &mut Reasons) {
    let Some(terms) = terms else { return };
    let differs = |tier: Tier, term: Date| {
        let notices = case.position.notices.iter().filter(|notice| notice.tier == tier);
        notices.filter_map(|notice| notice.due_date).any(|due| due != term)
    };
    let of_discount = case.kind == Kind::Discount && differs(Tier::Reduced, terms.reduced);
    reasons.when(of_discount || differs(Tier::Full, terms.full), Reason::DueDateMismatch);
}

/// When a message may go, and which one of its kind it is.
fn window(
    case: &Case<'_>,
    fine: Option<&Fine>,
    terms: Option<&Terms>,
    covered_on: Option<Date>,
) -> (Option<Window>, Box<str>) {
    let once = |window| (window, ONCE.into());
    let since =
        |from: Option<Date>, days: i64| from.map(|from| Window::around((from, 0), (from, days)));
    match case.kind {
        Kind::DueSoon => of_term(terms, |terms| {
            (Window::around((terms.full, -10), (terms.full, -2)), terms.full.to_string())
        }),
        Kind::Discount => of_term(terms, |terms| {
            let window = Window::around((terms.notified_on, 1), (terms.reduced, -1));
            (window, terms.reduced.to_string())
        }),
        Kind::DriverData => of_term(terms, |terms| driver_data_window(terms, case.today)),
        Kind::Overdue | Kind::Remainder => {
            once(terms.map(|terms| Window::around((terms.full, 10), (terms.notified_on, 365))))
        }
        Kind::PreEnforcement => once(terms.map(|terms| pre_enforcement_window(terms, case, fine))),
        Kind::PaymentRecorded => once(since(covered_on, 5)),
        Kind::PointsSent => {
            let points = fine.and_then(|fine| fine.points.as_ref());
            once(since(points.and_then(|points| day(points.acknowledged_on)), 30))
        }
        Kind::Invitation => {
            let single = case.position.notices.iter().find(|one| one.tier == Tier::Single);
            let last = single.and_then(|notice| notice.due_date);
            once(Some(Window { first: case.today, last }))
        }
        Kind::Correction => once(None),
    }
}

fn of_term(
    terms: Option<&Terms>,
    window: impl FnOnce(&Terms) -> (Window, String),
) -> (Option<Window>, Box<str>) {
    match terms.map(window) {
        Some((window, occurrence)) => (Some(window), occurrence.into()),
        None => (None, Box::default()),
    }
}

/// The first reminder while it can still go, then the second.
fn driver_data_window(terms: &Terms, today: Date) -> (Window, String) {
    let until = terms.driver_data;
    let first = Window::around((until, -20), (until, -15));
    if first.last_office_day().is_none_or(|last| today <= last) {
        return (first, format!("{until}/1"));
    }
    (Window::around((until, -5), (until, -2)), format!("{until}/2"))
}

/// From 120 days after the notification until 30 before the ruolo, and not after the day by which
/// the office invites to pay.
fn pre_enforcement_window(terms: &Terms, case: &Case<'_>, fine: Option<&Fine>) -> Window {
    let first = terms.notified_on.saturating_add(120.days());
    let enforcement = fine.and_then(|fine| day(fine.flags.enforcement_on));
    let before = enforcement.map(|day| day.saturating_sub(30.days()));
    let invited = case.setting.approval.map(|approval| approval.due);
    Window { first, last: before.into_iter().chain(invited).min() }
}

/// By when to do what the message asks for; of a debt after its term no law says so.
fn due(case: &Case<'_>, terms: Option<&Terms>, notice: Option<&Notice>) -> Option<Date> {
    match case.kind {
        Kind::DueSoon => terms.map(|terms| terms.full),
        Kind::Discount => terms.map(|terms| terms.reduced),
        Kind::DriverData => terms.map(|terms| terms.driver_data),
        Kind::PreEnforcement => case.setting.approval.map(|approval| approval.due),
        Kind::Invitation => notice.and_then(|notice| notice.due_date),
        _ => None,
    }
}

/// The day on which the last of the payments that cover what was due was first told of.
fn covered_on(account: &Account) -> Option<Date> {
    let covering = account.payments.get(..account.standing.covered_by?)?;
    covering.iter().map(|part| part.known_on).try_fold(Date::MIN, |last, on| Some(last.max(on?)))
}

/// Until when the driver's data are still to be sent: nothing where they are not, or where that is
/// not known.
fn driver_data_until(fine: Option<&Fine>, terms: Option<&Terms>, today: Date) -> Option<Date> {
    let (fine, terms) = (fine?, terms?);
    let data = fine.driver_data.as_ref()?;
    let missing = data.required == Some(true)
        && data.received_on == Some(NotSoFar::NotYet)
        && data.driver_identified == Some(false)
        && data.sanction_raised == Some(false)
        && fine.appeal == Some(Appeal::None);
    (missing && today <= terms.driver_data).then_some(terms.driver_data)
}

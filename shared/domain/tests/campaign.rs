//! Who gets which message on which day: cases that an office can read.
//!
//! The fine: violation on 10/1/2026, verbale of 15/1, notified on Wednesday 4/2. So the 5 days end
//! on 9/2, and the 60 on Tuesday 7/4, since 5/4 is Easter. 42 € of sanction and 15 € of costs:
//! 44.40 with the 30 % less, 57 within 60 days, then 86.50 + 15 = 101.50.

#![allow(
    clippy::unwrap_used,
    clippy::unnecessary_wraps,
    clippy::type_complexity,
    reason = "a test may panic, and its tables say what a case has in one word"
)]

use domain::campaign::Decision::{Exclude, Hold, Send};
use domain::campaign::Reason as R;
use domain::campaign::{
    Account, Approval, Case, Decision, Judgement, Kind, PaidPart, Reason, Sent, Setting, judge,
};
use domain::debt::{Maturity, PaidSum, assess};
use domain::fact::{
    Appeal, Debtor, DebtorKind, DriverData, Fine, Flags, Item, ItemPart, NotSoFar, Notice, Points,
    PositionStatus, PositionVersion, Tier,
};
use domain::identifier::FiscalCode;
use domain::money::Cents;
use domain::payment::PaymentKey;
use jiff::civil::Date;

const ADULT: &str = "RSSMRA80A01H501U";
const DRIVER: &str = "VRDLGU75C15H501L";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn on(text: &str) -> Option<NotSoFar> {
    Some(NotSoFar::On(day(text)))
}

fn code(text: &str) -> Option<FiscalCode> {
    Some(text.parse().unwrap())
}

/// A payment: day, amount, place of its notice, whether it is in the treasury.
type Paid = (&'static str, &'static str, usize, bool);

/// A position on a day, with what a case changes of it.
struct Scene {
    kind: Kind,
    position: PositionVersion,
    paid: Vec<Paid>,
    candidate_credit: bool,
    open_anomaly: bool,
    sent: Vec<Sent>,
    setting: Setting,
    today: Date,
}

impl Scene {
    fn fine(&mut self) -> &mut Fine {
        self.position.fine.as_mut().unwrap()
    }

    fn data(&mut self) -> &mut DriverData {
        self.fine().driver_data.as_mut().unwrap()
    }

    fn points(&mut self) -> &mut Points {
        self.fine().points.as_mut().unwrap()
    }

    fn debtor(&mut self) -> &mut Debtor {
        self.position.debtor.as_mut().unwrap()
    }

    fn on(&mut self, today: &str) {
        self.today = day(today);
    }

    fn notified(&mut self, on_day: &str) {
        self.fine().notified_on = on(on_day);
        for notice in &mut self.position.notices {
            notice.due_date = None;
        }
    }

    fn amount(&mut self, notice: usize, amount: &str) {
        self.position.notices[notice].amount = amount.parse().unwrap();
    }

    fn was_sent(&mut self, kind: Kind, occurrence: &str, on: &str) {
        self.sent.push(Sent {
            kind,
            occurrence: occurrence.into(),
            over: true,
            may_have_arrived: true,
            accepted: true,
            on: day(on),
        });
    }

    fn sum(&self, &(paid_on, amount, notice, credited): &Paid) -> PaidSum {
        let iuv = self.position.notices[notice].iuv.clone();
        PaidSum {
            key: PaymentKey { iuv, iur: paid_on.parse().unwrap(), index: 1 },
            amount: amount.parse().unwrap(),
            elsewhere: Cents::ZERO,
            paid_on: Some(day(paid_on)),
            cash: false,
            maturity: if credited { Maturity::Credited } else { Maturity::Paid },
        }
    }

    fn account(&self) -> Account {
        let sums: Vec<_> = self.paid.iter().map(|paid| self.sum(paid)).collect();
        let part = |&(paid_on, _, notice, credited): &Paid| PaidPart {
            iuv: self.position.notices[notice].iuv.clone(),
            paid_on: Some(day(paid_on)),
            known_on: Some(day(paid_on)),
            credited,
        };
        Account {
            standing: assess(&self.position, &sums, self.today),
            payments: self.paid.iter().map(part).collect(),
            candidate_credit: self.candidate_credit,
            open_anomaly: self.open_anomaly,
        }
    }

    fn judged<T>(&self, tell: impl FnOnce(Judgement<'_>) -> T) -> T {
        tell(judge(&Case {
            kind: self.kind,
            position: &self.position,
            account: &self.account(),
            sent: &self.sent,
            setting: self.setting,
            today: self.today,
        }))
    }
}

fn notice(number: u8, tier: Tier, amount: &str, due: Option<&str>) -> Notice {
    let number = format!("3010000000000{number:03}73");
    Notice {
        notice_number: Some(number.parse().unwrap()),
        iuv: number[1..].parse().unwrap(),
        tier,
        amount: amount.parse().unwrap(),
        due_date: due.map(day),
    }
}

fn item(amount: &str, part: ItemPart) -> Item {
    Item {
        assessment: None,
        chapter: None,
        siope: None,
        amount: amount.parse().unwrap(),
        part: Some(part),
        stamp_duty: false,
    }
}

fn clear() -> Flags {
    Flags {
        installments: Some(false),
        enforcement_on: Some(NotSoFar::NotYet),
        deceased: Some(false),
        review_pending: Some(false),
        sensitive: Some(false),
    }
}

/// The fine of the top of this file.
fn the_fine() -> Fine {
    Fine {
        report_number: "123/2026".into(),
        report_date: Some(day("2026-01-15")),
        violation_date: Some(day("2026-01-10")),
        notified_on: on("2026-02-04"),
        discount_allowed: Some(true),
        settleable: Some(true),
        appeal: Some(Appeal::None),
        flags: clear(),
        plate: Some("AB123CD".into()),
        half_maximum: Some("86.50".parse().unwrap()),
        prescription_from: None,
        driver_data: Some(DriverData {
            required: Some(true),
            received_on: Some(NotSoFar::NotYet),
            driver_identified: Some(false),
            sanction_raised: Some(false),
            restarted_on: Some(NotSoFar::NotYet),
        }),
        points: Some(Points {
            points: Some(3),
            transmitted_on: on("2026-05-04"),
            acknowledged_on: on("2026-05-06"),
            driver_fiscal_code: code(DRIVER),
        }),
    }
}

fn the_position() -> PositionVersion {
    PositionVersion {
        organization: "01234567897".parse().unwrap(),
        position_id: "CDS-1".into(),
        version: 1,
        debt_type: "CDS".into(),
        year: 2026,
        status: PositionStatus::Open,
        debtor: Some(Debtor {
            kind: DebtorKind::Person,
            fiscal_code: code(ADULT),
            name: None,
            abroad: Some(false),
        }),
        notices: vec![
            notice(1, Tier::Reduced, "44.40", Some("2026-02-09")),
            notice(2, Tier::Full, "57.00", Some("2026-04-07")),
            notice(3, Tier::Late, "101.50", None),
        ],
        items: Some(vec![item("42.00", ItemPart::Sanction), item("15.00", ItemPart::Costs)]),
        fine: Some(Box::new(the_fine())),
        flags: None,
    }
}

/// A position on a day on which the message goes.
fn good(kind: Kind) -> Scene {
    let mut scene = Scene {
        kind,
        position: the_position(),
        paid: Vec::new(),
        candidate_credit: false,
        open_anomaly: false,
        sent: Vec::new(),
        setting: Setting { fine: true, ready: true, approval: None, wrong: false },
        today: day("2026-03-30"),
    };
    match kind {
        Kind::DueSoon => {}
        Kind::Discount => scene.on("2026-02-06"),
        Kind::Overdue => scene.on("2026-04-20"),
        Kind::Remainder => {
            // 57 € three days after the term, beyond the tolerance: 101.50 less 57 are left.
            scene.amount(2, "44.50");
            scene.paid.push(("2026-04-10", "57.00", 1, true));
            scene.on("2026-04-20");
        }
        Kind::PreEnforcement => {
            scene.was_sent(Kind::Overdue, "1", "2026-04-20");
            scene.setting.approval = Some(Approval { due: day("2026-07-10") });
            scene.on("2026-06-08");
        }
        Kind::DriverData => scene.on("2026-03-18"),
        Kind::PaymentRecorded => scene.paid.push(("2026-03-27", "57.00", 1, true)),
        Kind::PointsSent => scene.on("2026-05-07"),
        Kind::Invitation => {
            scene.position.fine = None;
            scene.position.flags = Some(clear());
            scene.position.items = None;
            scene.position.notices = vec![notice(4, Tier::Single, "120.00", Some("2026-04-30"))];
            scene.setting.fine = false;
        }
        Kind::Correction => scene.setting.wrong = true,
    }
    scene
}

type Change = fn(&mut Scene);
/// A case: its name, what is changed of the good day, what follows.
type Row<'a> = (&'a str, Change, Decision, &'a [Reason]);

fn check(kind: Kind, cases: &[Row<'_>]) {
    for (name, change, decision, reasons) in cases {
        let mut scene = good(kind);
        change(&mut scene);
        let found = scene.judged(|it| (it.decision, it.reasons));
        assert_eq!(found, (*decision, reasons.to_vec()), "{}: {name}", kind.code());
    }
}

/// The days on which a message goes and does not, all else being well.
fn check_days(kind: Kind, prepare: Change, cases: &[(&str, bool, &str)]) {
    for (today, goes, why) in cases {
        let mut scene = good(kind);
        prepare(&mut scene);
        scene.on(today);
        let inside = scene.judged(|it| !it.reasons.contains(&R::OutsideWindow));
        assert_eq!(inside, *goes, "{} on {today}: {why}", kind.code());
    }
}

#[test]
fn on_a_good_day_every_kind_goes() {
    for kind in Kind::ALL {
        check(kind, &[("nothing changed", |_| {}, Send, &[])]);
    }
}

#[test]
fn every_kind_asks_whether_the_debtor_may_be_written_to() {
    for kind in Kind::ALL {
        let closed: Change = |s| s.position.status = PositionStatus::Archived;
        check(
            kind,
            &[
                ("archived", closed, Exclude, &[R::Cancelled]),
                ("no service", |s| s.setting.ready = false, Hold, &[R::ServiceNotConfigured]),
            ],
        );
    }
    let flags: [(&str, fn(&mut Flags), Decision, Reason); 6] = [
        ("dead", |f| f.deceased = Some(true), Exclude, R::Deceased),
        ("dead or not", |f| f.deceased = None, Hold, R::DeceasedUnknown),
        ("autotutela", |f| f.review_pending = Some(true), Exclude, R::ReviewPending),
        ("autotutela or not", |f| f.review_pending = None, Hold, R::ReviewUnknown),
        ("a crime", |f| f.sensitive = Some(true), Exclude, R::Sensitive),
        ("a crime or not", |f| f.sensitive = None, Hold, R::SensitiveUnknown),
    ];
    for kind in Kind::ALL {
        for (name, change, decision, reason) in &flags {
            let mut scene = good(kind);
            let position = &mut scene.position;
            let own = position.fine.as_mut().map(|fine| &mut fine.flags);
            change(own.or(position.flags.as_mut()).unwrap());
            let found = scene.judged(|it| (it.decision, it.reasons));
            assert_eq!(found, (*decision, vec![*reason]), "{}: {name}", kind.code());
        }
    }
}

#[test]
fn only_adults_with_a_valid_code_are_written_to() {
    let company: Change = |s| {
        s.debtor().kind = DebtorKind::Company;
        s.debtor().fiscal_code = code("01234567897");
    };
    let not_personal = &[R::FiscalCodeNotPersonal];
    check(
        Kind::DueSoon,
        &[
            ("a company", company, Exclude, &[R::RecipientNotPerson]),
            ("11 digits", |s| s.debtor().fiscal_code = code("01234567897"), Exclude, not_personal),
            (
                "misspelt",
                |s| s.debtor().fiscal_code = code("RSSMRA80A01H501X"),
                Exclude,
                not_personal,
            ),
            ("no code", |s| s.debtor().fiscal_code = None, Exclude, not_personal),
            ("nobody", |s| s.position.debtor = None, Exclude, not_personal),
            (
                "born in 2010",
                |s| s.debtor().fiscal_code = code("RSSMRA10A01H501B"),
                Exclude,
                &[R::Minor],
            ),
            (
                "2010, omocodia",
                |s| s.debtor().fiscal_code = code("RSSMRA1LA01H501M"),
                Exclude,
                &[R::Minor],
            ),
            ("abroad with an Italian code", |s| s.debtor().abroad = Some(true), Send, &[]),
        ],
    );
}

#[test]
fn without_a_sure_notification_nothing_is_said_of_a_fine() {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_of_fines()) {
        for unknown in [None, Some(NotSoFar::NotYet)] {
            let mut scene = good(kind);
            scene.fine().notified_on = unknown;
            let reasons = scene.judged(|it| it.reasons);
            assert!(reasons.contains(&R::NotifiedOnMissing), "{}: {reasons:?}", kind.code());
        }
        let mut scene = good(kind);
        scene.notified("2026-12-01");
        let reasons = scene.judged(|it| it.reasons);
        assert!(reasons.contains(&R::NotifiedOnFuture), "{}: {reasons:?}", kind.code());
    }
    // 90 days after 6/11/2025 are 4/2/2026.
    check(
        Kind::DueSoon,
        &[
            ("the 90th day", |s| s.fine().violation_date = Some(day("2025-11-06")), Send, &[]),
            (
                "the 91st day",
                |s| s.fine().violation_date = Some(day("2025-11-05")),
                Hold,
                &[R::NotifiedLate],
            ),
            (
                "an undated verbale",
                |s| s.fine().report_date = None,
                Hold,
                &[R::ViolationDateUnknown],
            ),
        ],
    );
}

#[test]
fn who_paid_or_may_have_is_not_asked_for_money() {
    check(
        Kind::DueSoon,
        &[
            ("paid", |s| s.paid.push(("2026-02-06", "44.40", 0, true)), Exclude, &[R::Paid]),
            (
                "a receipt, no credit yet",
                |s| s.paid.push(("2026-02-06", "44.40", 0, false)),
                Exclude,
                &[R::Paid, R::PaymentNotReconciled],
            ),
            (
                "70 % on the tenth day: an acconto",
                |s| s.paid.push(("2026-02-14", "44.40", 0, true)),
                Exclude,
                &[R::PartiallyPaid],
            ),
            (
                "something seven days ago",
                |s| s.paid.push(("2026-03-23", "10.00", 0, true)),
                Exclude,
                &[R::RecentPayment, R::PartiallyPaid],
            ),
            (
                "something eight days ago",
                |s| s.paid.push(("2026-03-22", "10.00", 0, true)),
                Exclude,
                &[R::PartiallyPaid],
            ),
            ("a transfer names it", |s| s.candidate_credit = true, Hold, &[R::CandidateCredit]),
            ("an anomaly names it", |s| s.open_anomaly = true, Hold, &[R::OpenAnomaly]),
            (
                "paid, and a transfer names it: all the reasons",
                |s| {
                    s.candidate_credit = true;
                    s.paid.push(("2026-02-06", "44.40", 0, true));
                },
                Exclude,
                &[R::Paid, R::CandidateCredit],
            ),
        ],
    );
}

#[test]
fn what_is_suspended_elsewhere_or_unknown_is_not_asked_for() {
    for kind in
        [Kind::DueSoon, Kind::Discount, Kind::Overdue, Kind::Remainder, Kind::PreEnforcement]
    {
        check(
            kind,
            &[
                (
                    "to the Prefect",
                    |s| s.fine().appeal = Some(Appeal::Prefect),
                    Exclude,
                    &[R::Appeal],
                ),
                ("to the judge", |s| s.fine().appeal = Some(Appeal::Judge), Exclude, &[R::Appeal]),
                ("accepted", |s| s.fine().appeal = Some(Appeal::Accepted), Exclude, &[R::Appeal]),
                ("rejected", |s| s.fine().appeal = Some(Appeal::Rejected), Hold, &[R::Appeal]),
                ("appealed or not", |s| s.fine().appeal = None, Hold, &[R::AppealUnknown]),
                (
                    "instalments",
                    |s| s.fine().flags.installments = Some(true),
                    Exclude,
                    &[R::Installments],
                ),
                (
                    "instalments or not",
                    |s| s.fine().flags.installments = None,
                    Hold,
                    &[R::InstallmentsUnknown],
                ),
                (
                    "non oblabile",
                    |s| s.fine().settleable = Some(false),
                    Exclude,
                    &[R::NotSettleable],
                ),
                ("oblabile or not", |s| s.fine().settleable = None, Hold, &[R::SettleableUnknown]),
                (
                    "a ruolo or not",
                    |s| s.fine().flags.enforcement_on = None,
                    Hold,
                    &[R::InEnforcement],
                ),
                (
                    "when it was is not known",
                    |s| s.fine().violation_date = None,
                    Hold,
                    &[R::ViolationDateUnknown],
                ),
            ],
        );
        let mut scene = good(kind);
        scene.fine().flags.enforcement_on = Some(NotSoFar::On(scene.today));
        let (decision, reasons) = scene.judged(|it| (it.decision, it.reasons));
        assert_eq!(decision, Exclude, "a ruolo from today");
        assert!(reasons.contains(&R::InEnforcement), "{}: {reasons:?}", kind.code());
    }
}

#[test]
fn close_to_prescription_it_takes_a_formal_act() {
    // Five years from 30/9/2021 are 30/9/2026, six months before are 30/3/2026.
    let near = &[R::PrescriptionNear];
    check(
        Kind::DueSoon,
        &[
            ("six months", |s| s.fine().prescription_from = Some(day("2021-09-30")), Send, &[]),
            ("less", |s| s.fine().prescription_from = Some(day("2021-09-29")), Exclude, near),
            ("prescribed", |s| s.fine().prescription_from = Some(day("2020-01-01")), Exclude, near),
        ],
    );
}

#[test]
fn the_notice_must_ask_for_what_the_data_say() {
    check(
        Kind::DueSoon,
        &[
            ("57.01 instead of 57", |s| s.amount(1, "57.01"), Hold, &[R::AmountMismatch]),
            (
                "no full notice",
                |s| drop(s.position.notices.remove(1)),
                Exclude,
                &[R::NoPayableNotice],
            ),
            (
                "a notice without its number",
                |s| s.position.notices[1].notice_number = None,
                Exclude,
                &[R::NoPayableNotice],
            ),
            (
                "no full notice, and abroad",
                |s| {
                    s.position.notices.remove(1);
                    s.debtor().abroad = Some(true);
                },
                Exclude,
                &[R::NoPayableNotice, R::ForeignWithoutNotice],
            ),
            (
                "Saturday 4/4 for the office",
                |s| s.position.notices[1].due_date = Some(day("2026-04-04")),
                Hold,
                &[R::DueDateMismatch],
            ),
            ("no term of the office", |s| s.position.notices[1].due_date = None, Send, &[]),
        ],
    );
    check(
        Kind::Discount,
        &[
            ("44.00 instead of 44.40", |s| s.amount(0, "44.00"), Hold, &[R::AmountMismatch]),
            (
                "10/2 for the office",
                |s| s.position.notices[0].due_date = Some(day("2026-02-10")),
                Hold,
                &[R::DueDateMismatch],
            ),
            (
                "no discount",
                |s| s.fine().discount_allowed = Some(false),
                Exclude,
                &[R::DiscountNotAllowed],
            ),
            (
                "a discount or not",
                |s| s.fine().discount_allowed = None,
                Hold,
                &[R::DiscountUnknown],
            ),
        ],
    );
    for kind in [Kind::Overdue, Kind::Remainder, Kind::PreEnforcement] {
        check(
            kind,
            &[
                (
                    "1.50 less",
                    |s| s.position.notices[2].amount -= Cents::new(150),
                    Hold,
                    &[R::AmountMismatch],
                ),
                (
                    "no late notice",
                    |s| drop(s.position.notices.remove(2)),
                    Exclude,
                    &[R::NoPayableNotice],
                ),
            ],
        );
    }
    for kind in [Kind::Overdue, Kind::PreEnforcement] {
        check(
            kind,
            &[
                ("no half maximum", |s| s.fine().half_maximum = None, Hold, &[R::AmountUnknown]),
                ("no costs", |s| s.position.items = None, Hold, &[R::AmountUnknown]),
            ],
        );
    }
}

#[test]
fn the_reminder_of_the_term_goes_from_ten_to_two_days_before_it() {
    check_days(
        Kind::DueSoon,
        |_| {},
        &[
            ("2026-03-27", false, "eleven days before"),
            ("2026-03-28", true, "ten"),
            ("2026-04-03", true, "the office day before Easter"),
            ("2026-04-04", false, "the last day, Easter, has moved back to Friday"),
            ("2026-04-05", false, "two days before, but Easter"),
        ],
    );
    // N 16/6: 15/8 is Ferragosto and 16/8 Sunday, so the term is Monday 17/8.
    check_days(
        Kind::DueSoon,
        |s| s.notified("2026-06-16"),
        &[
            ("2026-08-06", false, "eleven days before"),
            ("2026-08-07", true, "ten"),
            ("2026-08-14", true, "Friday"),
            ("2026-08-15", false, "two days before, but Ferragosto"),
        ],
    );
    // N 18/4: 17/6 is San Ranieri, which is no holiday of the law.
    check_days(
        Kind::DueSoon,
        |s| s.notified("2026-04-18"),
        &[("2026-06-15", true, "two days before"), ("2026-06-16", false, "one day before")],
    );
}

#[test]
fn the_discount_is_told_from_the_day_after_until_the_day_before() {
    check_days(
        Kind::Discount,
        |_| {},
        &[
            ("2026-02-04", false, "the day of notification"),
            ("2026-02-05", true, "the day after"),
            ("2026-02-06", true, "Friday"),
            ("2026-02-08", false, "the day before the term, but Sunday"),
            ("2026-02-09", false, "the term"),
        ],
    );
}

#[test]
fn a_sollecito_waits_ten_days_and_goes_once_in_the_year() {
    check_days(
        Kind::Overdue,
        |_| {},
        &[
            ("2026-04-16", false, "nine days after the term"),
            ("2026-04-17", true, "ten"),
            ("2027-02-04", true, "365 days after the notification"),
            ("2027-02-05", false, "366"),
        ],
    );
    check(
        Kind::Overdue,
        &[
            (
                "it went before",
                |s| {
                    s.was_sent(Kind::Overdue, "1", "2026-04-17");
                    s.on("2026-05-20");
                },
                Exclude,
                &[R::AlreadySent],
            ),
            (
                "nobody knows whether it went",
                |s| {
                    s.was_sent(Kind::Overdue, "1", "2026-04-17");
                    s.sent[0].accepted = false;
                    s.on("2026-05-20");
                },
                Exclude,
                &[R::AlreadySent],
            ),
            (
                "it is planned",
                |s| {
                    s.was_sent(Kind::Overdue, "1", "2026-04-17");
                    (s.sent[0].over, s.sent[0].may_have_arrived) = (false, false);
                },
                Send,
                &[],
            ),
            (
                "another message seven days ago",
                |s| s.was_sent(Kind::DriverData, "2026-04-07/2", "2026-04-13"),
                Exclude,
                &[R::RecentMessage],
            ),
            (
                "another message eight days ago",
                |s| s.was_sent(Kind::DriverData, "2026-04-07/2", "2026-04-12"),
                Send,
                &[],
            ),
            (
                "57 beyond the tolerance: the rest is for the conguaglio",
                |s| s.paid.push(("2026-04-10", "57.00", 1, true)),
                Exclude,
                &[R::PartiallyPaid, R::AmountMismatch],
            ),
        ],
    );
}

#[test]
fn a_conguaglio_asks_for_the_rest_and_nothing_else() {
    check(
        Kind::Remainder,
        &[
            (
                "nothing was paid",
                |s| {
                    s.paid.clear();
                    s.amount(2, "101.50");
                },
                Exclude,
                &[R::NotPartiallyPaid],
            ),
            (
                "the part is not in the treasury yet",
                |s| s.paid[0].3 = false,
                Exclude,
                &[R::PaymentNotReconciled],
            ),
            ("the notice asks for all", |s| s.amount(2, "101.50"), Hold, &[R::AmountMismatch]),
        ],
    );
    let mut paid = good(Kind::Remainder);
    paid.paid = vec![("2026-04-07", "57.00", 1, true)];
    let reasons = paid.judged(|it| it.reasons);
    assert!(reasons.contains(&R::Paid) && reasons.contains(&R::NotPartiallyPaid), "{reasons:?}");
}

#[test]
fn a_pre_ruolo_needs_a_sollecito_an_approval_and_time() {
    check_days(
        Kind::PreEnforcement,
        |_| {},
        &[
            ("2026-06-03", false, "119 days after the notification"),
            ("2026-06-04", true, "120"),
            ("2026-07-10", true, "the day by which the office invites to pay"),
            ("2026-07-13", false, "after it"),
        ],
    );
    // 30 days before 8/6 are 9/5; 30 days after it are 8/7.
    check(
        Kind::PreEnforcement,
        &[
            ("no approval", |s| s.setting.approval = None, Hold, &[R::BatchNotApproved]),
            ("no sollecito", |s| s.sent.clear(), Exclude, &[R::M2NotSent]),
            ("30 days after it", |s| s.sent[0].on = day("2026-05-09"), Send, &[]),
            ("29 days after it", |s| s.sent[0].on = day("2026-05-10"), Exclude, &[R::M2NotSent]),
            ("did it arrive?", |s| s.sent[0].accepted = false, Exclude, &[R::M2NotSent]),
            (
                "30 days before the ruolo",
                |s| s.fine().flags.enforcement_on = on("2026-07-08"),
                Send,
                &[],
            ),
            (
                "29 days before the ruolo",
                |s| s.fine().flags.enforcement_on = on("2026-07-07"),
                Exclude,
                &[R::OutsideWindow, R::EnforcementTooNear],
            ),
            (
                "part was paid: the rest may be asked for",
                |s| {
                    s.paid.push(("2026-05-04", "57.00", 1, true));
                    s.amount(2, "44.50");
                },
                Send,
                &[],
            ),
        ],
    );
}

#[test]
fn the_drivers_data_are_asked_for_twice() {
    check_days(
        Kind::DriverData,
        |_| {},
        &[
            ("2026-03-17", false, "21 days before the term"),
            ("2026-03-18", true, "20"),
            ("2026-03-23", true, "15"),
            ("2026-03-24", false, "14"),
            ("2026-04-01", false, "6"),
            ("2026-04-02", true, "5"),
            ("2026-04-03", true, "4"),
            ("2026-04-04", false, "the last day, Easter, has moved back to Friday"),
        ],
    );
    for (today, occurrence) in [("2026-03-23", "2026-04-07/1"), ("2026-04-02", "2026-04-07/2")] {
        let mut scene = good(Kind::DriverData);
        scene.was_sent(Kind::DriverData, "2026-04-07/1", "2026-03-18");
        scene.on(today);
        let (found, reasons) = scene.judged(|it| (it.occurrence, it.reasons));
        assert_eq!(&*found, occurrence);
        assert_eq!(reasons.contains(&R::AlreadySent), occurrence.ends_with("/1"), "{today}");
    }
}

#[test]
fn the_drivers_data_have_guards_of_their_own() {
    let unknown = &[R::DriverDataUnknown];
    check(
        Kind::DriverData,
        &[
            ("paid: no difference", |s| s.paid.push(("2026-02-06", "44.40", 0, true)), Send, &[]),
            ("a transfer names it", |s| s.candidate_credit = true, Send, &[]),
            ("instalments", |s| s.fine().flags.installments = Some(true), Send, &[]),
            (
                "no points",
                |s| s.data().required = Some(false),
                Exclude,
                &[R::DriverDataNotRequired],
            ),
            ("points or not", |s| s.data().required = None, Hold, unknown),
            ("nothing is known", |s| s.fine().driver_data = None, Hold, unknown),
            (
                "the form came",
                |s| s.data().received_on = on("2026-03-02"),
                Exclude,
                &[R::FormReceived],
            ),
            ("it came or not", |s| s.data().received_on = None, Hold, unknown),
            (
                "stopped on the road",
                |s| s.data().driver_identified = Some(true),
                Exclude,
                &[R::DriverIdentified],
            ),
            (
                "sanctioned already",
                |s| s.data().sanction_raised = Some(true),
                Exclude,
                &[R::Sanction126bisRaised],
            ),
            (
                "the term has passed",
                |s| s.on("2026-04-08"),
                Exclude,
                &[R::OutsideWindow, R::DriverDataTermPassed],
            ),
        ],
    );
}

#[test]
fn an_appeal_suspends_the_drivers_data_and_a_new_invitation_restarts_them() {
    // Invited anew on 1/9/2026: 60 days are 31/10, a Saturday, and 20 before it 11/10, a Sunday.
    let invited: Change = |s| {
        s.fine().appeal = Some(Appeal::Rejected);
        s.data().restarted_on = on("2026-09-01");
    };
    check(
        Kind::DriverData,
        &[
            ("to the judge", |s| s.fine().appeal = Some(Appeal::Judge), Exclude, &[R::Appeal]),
            ("accepted", |s| s.fine().appeal = Some(Appeal::Accepted), Exclude, &[R::Appeal]),
            ("appealed or not", |s| s.fine().appeal = None, Hold, &[R::AppealUnknown]),
            (
                "not invited anew",
                |s| s.fine().appeal = Some(Appeal::Rejected),
                Exclude,
                &[R::Appeal],
            ),
            (
                "invited anew or not",
                |s| {
                    s.fine().appeal = Some(Appeal::Rejected);
                    s.data().restarted_on = None;
                },
                Hold,
                &[R::DriverDataUnknown],
            ),
            ("invited anew, too early", invited, Exclude, &[R::OutsideWindow]),
        ],
    );
    check_days(
        Kind::DriverData,
        invited,
        &[
            ("2026-10-09", false, "22 days before the new term"),
            ("2026-10-12", true, "19 days before"),
            ("2026-10-29", true, "two days before"),
            ("2026-10-30", false, "one day before"),
        ],
    );
}

#[test]
fn a_payment_is_confirmed_when_all_of_it_is_in_the_treasury() {
    check_days(
        Kind::PaymentRecorded,
        |_| {},
        &[
            ("2026-03-27", true, "the day on which it was known"),
            ("2026-04-01", true, "five days later"),
            ("2026-04-02", false, "six"),
        ],
    );
    check(
        Kind::PaymentRecorded,
        &[
            ("nothing was paid", |s| s.paid.clear(), Exclude, &[R::NotPaid, R::NotFullyMatched]),
            ("a receipt, no credit yet", |s| s.paid[0].3 = false, Exclude, &[R::NotFullyMatched]),
            ("part of it", |s| s.paid[0].1 = "44.40", Exclude, &[R::NotFullyMatched]),
            ("twice", |s| s.open_anomaly = true, Hold, &[R::OpenAnomaly]),
            ("appealed: a payment is a payment", |s| s.fine().appeal = None, Send, &[]),
            (
                "another message three days ago",
                |s| s.was_sent(Kind::DueSoon, "2026-04-07", "2026-03-27"),
                Send,
                &[],
            ),
        ],
    );
    let cases: [(&str, Change, Option<&str>); 5] = [
        ("the form is missing", |_| {}, Some("2026-04-07")),
        ("it came", |s| s.data().received_on = on("2026-03-02"), None),
        ("appealed", |s| s.fine().appeal = Some(Appeal::Prefect), None),
        ("appealed or not", |s| s.fine().appeal = None, None),
        ("whether it came is not known", |s| s.data().received_on = None, None),
    ];
    for (name, change, until) in cases {
        let mut scene = good(Kind::PaymentRecorded);
        change(&mut scene);
        assert_eq!(scene.judged(|it| it.driver_data_until), until.map(day), "{name}");
    }
}

#[test]
fn points_are_told_to_the_driver_alone() {
    check_days(
        Kind::PointsSent,
        |_| {},
        &[
            ("2026-05-06", true, "the day of the acknowledgement"),
            ("2026-06-05", true, "30 days later, a Friday"),
            ("2026-06-06", false, "31"),
        ],
    );
    check(
        Kind::PointsSent,
        &[
            ("the debtor is a company", |s| s.debtor().kind = DebtorKind::Company, Send, &[]),
            (
                "nobody knows who drove",
                |s| s.points().driver_fiscal_code = None,
                Exclude,
                &[R::DriverUnknown],
            ),
            (
                "the driver's code is wrong",
                |s| s.points().driver_fiscal_code = code("VRDLGU75C15H501X"),
                Exclude,
                &[R::FiscalCodeNotPersonal],
            ),
            (
                "sent and not acknowledged",
                |s| s.points().acknowledged_on = Some(NotSoFar::NotYet),
                Exclude,
                &[R::PointsNotTransmitted],
            ),
            (
                "acknowledged tomorrow",
                |s| s.points().acknowledged_on = on("2026-05-08"),
                Exclude,
                &[R::OutsideWindow, R::PointsNotTransmitted],
            ),
            ("to the judge", |s| s.fine().appeal = Some(Appeal::Judge), Exclude, &[R::Appeal]),
            ("rejected", |s| s.fine().appeal = Some(Appeal::Rejected), Send, &[]),
            ("appealed or not", |s| s.fine().appeal = None, Hold, &[R::AppealUnknown]),
        ],
    );
    let scene = good(Kind::PointsSent);
    assert!(scene.judged(|it| it.recipient.is_some_and(|code| code.as_str() == DRIVER)));
}

#[test]
fn an_invitation_is_for_debts_that_are_no_fines() {
    check_days(
        Kind::Invitation,
        |_| {},
        &[("2026-04-30", true, "the last day"), ("2026-05-04", false, "after it")],
    );
    let nothing_known = &[
        R::DeceasedUnknown,
        R::ReviewUnknown,
        R::SensitiveUnknown,
        R::InstallmentsUnknown,
        R::InEnforcement,
    ];
    check(
        Kind::Invitation,
        &[
            ("no term", |s| s.position.notices[0].due_date = None, Send, &[]),
            ("of the type of fines", |s| s.setting.fine = true, Exclude, &[R::NotApplicable]),
            (
                "instalments",
                |s| s.position.flags.as_mut().unwrap().installments = Some(true),
                Exclude,
                &[R::Installments],
            ),
            ("no flags at all", |s| s.position.flags = None, Hold, nothing_known),
            (
                "paid",
                |s| s.paid.push(("2026-03-02", "120.00", 0, true)),
                Exclude,
                &[R::Paid, R::NoPayableNotice],
            ),
            (
                "it went before",
                |s| s.was_sent(Kind::Invitation, "1", "2026-03-02"),
                Exclude,
                &[R::AlreadySent],
            ),
        ],
    );
    let mut fee = good(Kind::Invitation);
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_of_fines()) {
        fee.kind = kind;
        let reasons = fee.judged(|it| it.reasons);
        assert!(reasons.contains(&R::NotApplicable), "{}: {reasons:?}", kind.code());
    }
}

#[test]
fn every_reason_has_its_own_word_and_what_is_unknown_waits() {
    let codes: std::collections::BTreeSet<_> = R::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), R::ALL.len());
    for reason in R::ALL.into_iter().filter(|reason| *reason != R::DriverUnknown) {
        assert!(!reason.code().ends_with("_unknown") || reason.decision() == Hold, "{reason:?}");
    }
}

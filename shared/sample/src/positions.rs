//! Debts and who pays them, trouble by trouble.

use domain::money::Cents;
use jiff::civil::{Date, date};

use crate::calendar::{AS_OF, days_between, operating_after, plus, term};
use crate::notice::Code;
use crate::troubles::{Level, Trouble, plan};
use crate::world::{
    Builder, DebtKind, Fine, Line, Notice, OLD_STATION_LAST_DAY, PaymentState, Position,
    ReceiptForm, SecondVersion, Subject, Tier, autumn, index, midweek, year_end,
};

/// Sanction (the minimum) and half of the maximum, in cents (art. 202 and 203 CdS).
const SANCTIONS: [(i64, i64); 4] = [(4200, 8650), (8700, 17_200), (17_300, 34_700), (5600, 11_533)];
/// Costs of report and notification, in cents.
const COSTS: [i64; 3] = [1500, 1230, 1690];
/// What the revoked payments and only they amount to: less than any other payment.
const SMALL: Cents = Cents::new(600);

impl Builder {
    /// Makes positions until the notices are as many as asked for, the troubled ones scattered
    /// among the others.
    pub fn populate(&mut self) {
        let mut left = index(self.world.notices);
        let mut special = plan(Level::Position, left / 2, left / 3);
        self.dice.shuffle(&mut special);
        while left > 0 {
            let from = self.world.positions.len();
            let reserve = special.len() * 2;
            let turn = self.dice.place(left) < reserve || left <= reserve;
            let trouble = if turn { special.pop() } else { None };
            match trouble {
                Some(trouble) => self.troubled(trouble, left),
                None => self.ordinary(left),
            }
            let made: usize =
                self.world.positions[from..].iter().map(|position| position.notices.len()).sum();
            left -= made;
        }
    }

    fn ordinary(&mut self, left: usize) {
        match self.dice.below(100) {
            0..30 if left >= 3 => self.ordinary_fine(),
            30..50 if left >= 4 => self.plan_of_four(),
            _ => self.ordinary_fee(),
        }
    }

    /// A fine paid in one of the ways that law foresees, or not at all.
    fn ordinary_fine(&mut self) {
        let fate = self.dice.below(100);
        if fate >= 90 {
            let days = self.dice.between(20, 300);
            self.fine(plus(AS_OF, -days), None);
            return;
        }
        let slot = self.next_slot();
        let at = self.moment(slot);
        let (tier, days) = match fate {
            0..50 => (Tier::Reduced, self.dice.between(0, 4)),
            50..82 => (Tier::Full, self.dice.between(10, 55)),
            _ => (Tier::Late, self.dice.between(75, 140)),
        };
        let position = self.fine(plus(at.date(), -days), None);
        if tier == Tier::Late {
            self.issue_late_notice(position);
        }
        self.pay_tier(position, tier, slot, at);
    }

    /// A fine notified on a day, with its reduced and full notices, unpaid.
    fn fine(&mut self, notified: Date, trouble: Option<Trouble>) -> usize {
        let (sanction, half_maximum) = self.dice.pick(&SANCTIONS);
        let costs = self.dice.pick(&COSTS);
        let fine = Fine {
            sanction: Cents::new(sanction),
            half_maximum: Cents::new(half_maximum),
            costs: Cents::new(costs),
            notified,
        };
        let station = self.station();
        let reduced = Cents::new(sanction * 7 / 10 + costs);
        let full = Cents::new(sanction + costs);
        let full_term = term(notified, 60);
        let notices = vec![
            Notice {
                code: Code::segregated(station, self.next_base()),
                tier: Tier::Reduced,
                amount: reduced,
                due_date: Some(term(notified, 5)),
            },
            Notice {
                code: Code::segregated(station, self.next_base()),
                tier: Tier::Full,
                amount: full,
                due_date: Some(full_term),
            },
        ];
        // Within the 5 days, and after the 60, what an unpaid fine asks for is left open.
        let running = AS_OF > plus(notified, 12) && AS_OF <= full_term;
        self.add(Position {
            kind: DebtKind::Fine,
            trouble,
            year: report_date(notified).year(),
            notices,
            fine: Some(fine),
            second: SecondVersion::None,
            due: None,
            due_unpaid: running.then_some(full),
            minor_revenue: Some(Cents::ZERO),
            partial: false,
        })
    }

    fn issue_late_notice(&mut self, position: usize) {
        let base = self.next_base();
        let position = &mut self.world.positions[position];
        let fine = position.fine.expect("a late notice is a fine's");
        let Code::Segregated { code, .. } = position.notices[0].code else { return };
        position.notices.push(Notice {
            code: Code::segregated(code, base),
            tier: Tier::Late,
            amount: fine.half_maximum + fine.costs,
            due_date: None,
        });
        position.second = SecondVersion::LateNotice;
    }

    /// Pays the notice of a tier; what is due is that tier's sum.
    fn pay_tier(
        &mut self,
        position: usize,
        tier: Tier,
        slot: usize,
        at: jiff::civil::DateTime,
    ) -> usize {
        let debt = &mut self.world.positions[position];
        let notice = debt.notices.iter().find(|notice| notice.tier == tier);
        let (code, amount) = notice.map(|n| (n.code, n.amount)).expect("the tier has a notice");
        debt.due = Some(amount);
        if tier == Tier::Reduced {
            debt.minor_revenue = Some(debt.notices[1].amount - amount);
        }
        self.pay_in(slot, Some(short(position)), code, amount, at)
    }

    /// A fee with one notice, paid in time 95 times in a hundred.
    fn ordinary_fee(&mut self) {
        if self.dice.percent(5) {
            let (code, amount) = (self.own_code(), self.fee_amount());
            let due = plus(AS_OF, self.dice.between(-200, 60));
            self.fee(code, amount, due, None);
            return;
        }
        let slot = self.next_slot();
        self.paid_fee_in(slot);
    }

    fn paid_fee_in(&mut self, slot: usize) {
        let (code, amount) = (self.own_code(), self.fee_amount());
        let at = self.moment(slot);
        let due = plus(at.date(), self.dice.between(0, 30));
        let position = self.fee(code, amount, due, None);
        self.pay_in(slot, Some(short(position)), code, amount, at);
    }

    /// A debt with one notice, unpaid.
    fn fee(&mut self, code: Code, amount: Cents, due: Date, trouble: Option<Trouble>) -> usize {
        self.add(Position {
            kind: DebtKind::Fee,
            trouble,
            year: year_of(due),
            notices: vec![Notice { code, tier: Tier::Single, amount, due_date: Some(due) }],
            fine: None,
            second: SecondVersion::None,
            due: Some(amount),
            due_unpaid: Some(amount),
            minor_revenue: Some(Cents::ZERO),
            partial: false,
        })
    }

    /// Four instalments, each paid in time 95 times in a hundred.
    fn plan_of_four(&mut self) {
        let amount = self.fee_amount();
        let station = self.station();
        let mut slots: Vec<(usize, bool)> = (0..4).map(|_| self.installment_slot()).collect();
        slots.sort_unstable();
        let mut notices = Vec::with_capacity(4);
        let mut paid = Vec::with_capacity(4);
        for (number, (slot, is_paid)) in (1..).zip(slots) {
            let at = self.moment(slot);
            let code = Code::segregated(station, self.next_base());
            let due_date = Some(plus(at.date(), self.dice.between(0, 10)));
            notices.push(Notice { code, tier: Tier::Installment(number), amount, due_date });
            if is_paid {
                paid.push((slot, code, at));
            }
        }
        let due: Cents = notices.iter().map(|notice| notice.amount).sum();
        let position = self.add(Position {
            kind: DebtKind::Plan,
            trouble: None,
            year: notices[0].due_date.map_or(2026, year_of),
            notices,
            fine: None,
            second: SecondVersion::None,
            due: Some(due),
            due_unpaid: Some(due),
            minor_revenue: Some(Cents::ZERO),
            partial: false,
        });
        for (slot, code, at) in paid {
            self.pay_in(slot, Some(short(position)), code, amount, at);
        }
    }

    /// When an instalment is due, and whether it is paid then.
    fn installment_slot(&mut self) -> (usize, bool) {
        if self.dice.percent(95) {
            (self.next_slot(), true)
        } else {
            (self.dice.place(self.slots.len()), false)
        }
    }

    /// A position with a trouble; where the days or the notices left do not allow it, without.
    fn troubled(&mut self, trouble: Trouble, left: usize) {
        use Trouble as T;
        let done = match trouble {
            T::ReducedInTolerance
            | T::PartPayment
            | T::FullAfterTerm
            | T::DuplicateTwoNotices
            | T::TransferNamesReport
            | T::Revoked
            | T::RevokedPlainSum
                if left < 2 =>
            {
                None
            }
            T::ReducedInTolerance => self.reduced_in_tolerance(),
            T::PartPayment => self.part_payment(),
            T::FullAfterTerm => self.full_after_term(),
            T::DuplicateTwoNotices => self.duplicate_two_notices(),
            T::DuplicateSameNotice | T::DuplicateSameFlow => self.duplicate(trouble),
            T::ReportedTwice | T::Revoked | T::RevokedPlainSum => self.second_line(trouble),
            T::UnknownIuv | T::UnknownIuvWithReceipt | T::OtherIntermediary => {
                self.without_position(trouble)
            }
            T::MistypedNotice => self.mistyped_notice(),
            T::SecondaryBeneficiary => self.secondary_beneficiary(),
            T::ReceiptWithoutFlow => self.receipt_without_flow(),
            T::SingleTransferRfb
            | T::SingleTransferRfs
            | T::SingleTransferAmountDiffers
            | T::SingleTransferSeveral => self.single_transfer(trouble),
            T::TransferNamesReport => self.transfer_names_report(),
            T::Cancelled => {
                self.cancelled();
                Some(())
            }
            T::YearEnd => self.year_end(),
            T::OldStation => self.old_station(),
            _ => self.one_payment(trouble),
        };
        match done {
            Some(()) => self.happens(trouble),
            None => self.ordinary_fee(),
        }
    }

    /// Paid on the day after the term, credited on the day after that: both days operating, so
    /// that payment and credit are within the 2 days however they are counted.
    fn reduced_in_tolerance(&mut self) -> Option<()> {
        let slot = self.clean_slot(|slot| midweek(slot.day))?;
        let at = self.morning(slot);
        let notified = plus(at.date(), -6);
        let position = self.fine(notified, Some(Trouble::ReducedInTolerance));
        let term = self.world.positions[position].notices[0].due_date;
        debug_assert_eq!(term, Some(plus(at.date(), -1)));
        self.pay_tier(position, Tier::Reduced, slot, at);
        Some(())
    }

    fn part_payment(&mut self) -> Option<()> {
        let first = !self.world.positions.iter().any(|p| p.trouble == Some(Trouble::PartPayment));
        let slot = self.clean_slot(|slot| if first { autumn(slot.day) } else { true })?;
        let at = self.moment(slot);
        let days = self.dice.between(15, 30);
        let position = self.fine(plus(at.date(), -days), Some(Trouble::PartPayment));
        let payment = self.pay_tier(position, Tier::Reduced, slot, at);
        let debt = &mut self.world.positions[position];
        debt.due = debt.due_unpaid;
        debt.minor_revenue = None;
        debt.partial = true;
        self.paid_after_due(Trouble::PartPayment, payment, position);
        Some(())
    }

    fn full_after_term(&mut self) -> Option<()> {
        let slot = self.clean_slot(|_| true)?;
        let at = self.moment(slot);
        let days = self.dice.between(70, 120);
        let position = self.fine(plus(at.date(), -days), Some(Trouble::FullAfterTerm));
        let payment = self.pay_tier(position, Tier::Full, slot, at);
        let debt = &mut self.world.positions[position];
        debt.due = None;
        debt.minor_revenue = None;
        debt.partial = true;
        self.paid_after_due(Trouble::FullAfterTerm, payment, position);
        Some(())
    }

    fn paid_after_due(&mut self, trouble: Trouble, payment: usize, position: usize) {
        self.world.payments[payment].trouble = Some(trouble);
        let subjects = [Subject::Payment(payment), Subject::Position(position)];
        self.raises(trouble, &["paid_after_due"], &subjects);
    }

    fn duplicate_two_notices(&mut self) -> Option<()> {
        let trouble = Trouble::DuplicateTwoNotices;
        let slot = self.clean_slot(|_| true)?;
        let day = self.slots[slot].day;
        let at = self.moment(slot);
        let notified = plus(at.date(), -self.dice.between(0, 3));
        let position = self.fine(notified, Some(trouble));
        // The full notice within its own term as well, in a later flow if there is one.
        let second = self
            .clean_slot(|slot| slot.day > day && days_between(day, slot.day) < 45)
            .unwrap_or(slot);
        let at_second = self.moment(second);
        let (at, at_second) = (at.min(at_second), at.max(at_second));
        self.pay_tier(position, Tier::Full, second, at_second);
        self.pay_tier(position, Tier::Reduced, slot, at);
        self.world.positions[position].minor_revenue = None;
        self.duplicated(trouble, position);
        Some(())
    }

    fn duplicated(&mut self, trouble: Trouble, position: usize) {
        let payments = self.payments_of(position);
        let mut subjects = vec![Subject::Position(position)];
        subjects.extend(payments.map(Subject::Payment));
        self.raises(trouble, &["duplicate_payment"], &subjects);
    }

    /// The payments of the position made last.
    fn payments_of(&self, position: usize) -> impl Iterator<Item = usize> + use<> {
        let of = Some(short(position));
        let from = self.world.payments.iter().rev().take_while(|p| p.position == of).count();
        self.world.payments.len() - from..self.world.payments.len()
    }

    fn duplicate(&mut self, trouble: Trouble) -> Option<()> {
        let slot = self.clean_slot(|_| true)?;
        let second = if trouble == Trouble::DuplicateSameFlow {
            slot
        } else {
            let (day, psp) = (self.slots[slot].day, self.slots[slot].psp);
            self.clean_slot(|slot| (slot.day, slot.psp) != (day, psp))?
        };
        let (at, again) = (self.moment(slot), self.moment(second));
        let (code, amount) = (self.own_code(), self.fee_amount());
        let due = plus(at.date().max(again.date()), 10);
        let position = self.fee(code, amount, due, Some(trouble));
        self.pay_in(slot, Some(short(position)), code, amount, at);
        self.pay_in(second, Some(short(position)), code, amount, again);
        self.duplicated(trouble, position);
        Some(())
    }

    /// The same payment in a later flow too: again, or revoked there.
    fn second_line(&mut self, trouble: Trouble) -> Option<()> {
        let revoked = trouble != Trouble::ReportedTwice;
        let first = self.clean.first().map(|&slot| self.slots[slot].day)?;
        let second = self.clean_slot(|slot| slot.day > first && slot.revocation.is_none())?;
        let day = self.slots[second].day;
        let slot = self.clean_slot(|slot| slot.day < day)?;
        let (code, at) = (self.own_code(), self.moment(slot));
        let amount = if revoked { SMALL } else { self.fee_amount() };
        let position = self.fee(code, amount, plus(at.date(), 20), Some(trouble));
        let payment = self.pay_in(slot, Some(short(position)), code, amount, at);
        self.world.payments[payment].trouble = Some(trouble);
        let outcome = if revoked { b'3' } else { b'0' };
        self.slots[second].lines.push(Line { payment, outcome, amount });
        let subject = [Subject::Payment(payment)];
        if revoked {
            self.slots[second].revocation = Some(trouble);
            // What is left of the flow must be more than nothing.
            self.paid_fee_in(second);
            self.raises(trouble, &["payment_revoked"], &subject);
        } else {
            let subjects = [subject[0], Subject::Position(position)];
            self.raises(trouble, &["payment_reported_twice"], &subjects);
        }
        Some(())
    }

    /// A line whose IUV no exported position has.
    fn without_position(&mut self, trouble: Trouble) -> Option<()> {
        let slot = self.clean_slot(|_| true)?;
        let (at, amount) = (self.moment(slot), self.fee_amount());
        let base = 9_000_000_000_000 + self.next_base();
        let station = if trouble == Trouble::OtherIntermediary { 4 } else { self.station() };
        let payment = self.pay_in(slot, None, Code::segregated(station, base), amount, at);
        self.world.payments[payment].trouble = Some(trouble);
        let subject = [Subject::Payment(payment)];
        match trouble {
            Trouble::UnknownIuv => {
                self.outcome(slot, payment, b'9');
                self.world.payments[payment].receipt = None;
                self.raises(trouble, &["position_unknown", "payment_without_rpt"], &subject);
            }
            Trouble::UnknownIuvWithReceipt => {
                self.raises(trouble, &["position_unknown"], &subject);
            }
            _ => {}
        }
        // The notice that makes the trouble countable among the others is an ordinary one.
        self.ordinary_fee();
        Some(())
    }

    fn mistyped_notice(&mut self) -> Option<()> {
        let trouble = Trouble::MistypedNotice;
        let slot = self.clean_slot(|_| true)?;
        let (at, amount, code) = (self.moment(slot), self.fee_amount(), self.own_code());
        self.fee(code, amount, plus(at.date(), 15), Some(trouble));
        let place = u32::try_from(self.dice.below(6)).unwrap_or(0);
        let payment = self.pay_in(slot, None, code.mistyped(place), amount, at);
        self.world.payments[payment].trouble = Some(trouble);
        self.world.payments[payment].receipt = None;
        self.outcome(slot, payment, b'9');
        let subject = [Subject::Payment(payment)];
        self.raises(trouble, &["position_unknown", "payment_without_rpt"], &subject);
        self.may_raise(trouble, &["iuv_check_digit"], &subject);
        Some(())
    }

    fn secondary_beneficiary(&mut self) -> Option<()> {
        let trouble = Trouble::SecondaryBeneficiary;
        let slot = self.clean_slot(|_| true)?;
        let (at, amount) = (self.moment(slot), self.fee_amount());
        let base = 8_000_000_000_000 + self.next_base();
        let payment = self.pay_in(slot, None, Code::segregated(48, base), amount, at);
        let made = &mut self.world.payments[payment];
        made.trouble = Some(trouble);
        made.index = 2;
        made.receipt = Some(ReceiptForm::SendRtV2);
        let codes = &["receipt_of_other_organization", "intermediary_unknown"];
        self.may_raise(trouble, codes, &[Subject::Payment(payment)]);
        self.ordinary_fee();
        Some(())
    }

    fn receipt_without_flow(&mut self) -> Option<()> {
        let slot = self.clean_slot(|_| true)?;
        let (at, amount, code) = (self.moment(slot), self.fee_amount(), self.own_code());
        let trouble = Trouble::ReceiptWithoutFlow;
        let position = self.fee(code, amount, plus(at.date(), 15), Some(trouble));
        let psp = self.slots[slot].psp;
        let payment = self.pay(Some(short(position)), code, amount, psp, at);
        self.world.payments[payment].trouble = Some(trouble);
        self.raises(trouble, &["receipt_without_fdr"], &[Subject::Payment(payment)]);
        Some(())
    }

    /// A payment that no flow reports, brought (or not) by a transfer of its own.
    fn single_transfer(&mut self, trouble: Trouble) -> Option<()> {
        let slot = self.clean_slot(|_| true)?;
        let (at, amount) = (self.moment(slot), self.fee_amount());
        let rfs = trouble == Trouble::SingleTransferRfs;
        let code = if rfs { Code::reference(self.next_base()) } else { self.own_code() };
        let position = self.fee(code, amount, plus(at.date(), 15), Some(trouble));
        let psp = self.slots[slot].psp;
        let times = if trouble == Trouble::SingleTransferSeveral { 2 } else { 1 };
        let credit_day = operating_after(self.slots[slot].day, 1);
        for time in 0..times {
            let at = crate::calendar::later(at, time);
            let payment = self.pay(Some(short(position)), code, amount, psp, at);
            self.world.payments[payment].trouble = Some(trouble);
            self.may_raise(trouble, &["receipt_without_fdr"], &[Subject::Payment(payment)]);
        }
        let credit = self.single_credit(trouble, psp, credit_day, code, amount);
        let payment = self.world.payments.len() - 1;
        match trouble {
            Trouble::SingleTransferSeveral => {
                self.raises(trouble, &["ambiguous_causale"], &[Subject::Credit(credit)]);
                self.duplicated(trouble, position);
            }
            Trouble::SingleTransferAmountDiffers => {
                let subject = [Subject::Credit(credit)];
                self.raises(trouble, &["credit_amount_mismatch"], &subject);
            }
            _ => {
                self.world.payments[payment].state = Some(PaymentState::Credited);
                self.world.payments[payment].credit = Some(credit);
            }
        }
        Some(())
    }

    fn transfer_names_report(&mut self) -> Option<()> {
        let trouble = Trouble::TransferNamesReport;
        let slot = self.clean_slot(|_| true)?;
        let day = operating_after(self.slots[slot].day, 1);
        let position = self.fine(plus(day, -25), Some(trouble));
        let credit = self.transfer_naming(position, day);
        self.raises(trouble, &["credit_not_pagopa"], &[Subject::Credit(credit)]);
        Some(())
    }

    fn cancelled(&mut self) {
        let (code, amount) = (self.own_code(), self.fee_amount());
        let due = plus(AS_OF, -self.dice.between(10, 200));
        let position = self.fee(code, amount, due, Some(Trouble::Cancelled));
        self.world.positions[position].second = SecondVersion::Cancelled;
    }

    fn year_end(&mut self) -> Option<()> {
        let slot = self.clean_slot(|slot| year_end(slot.day))?;
        let (at, amount, code) = (self.moment(slot), self.fee_amount(), self.own_code());
        let position = self.fee(code, amount, date(2025, 12, 31), Some(Trouble::YearEnd));
        self.pay_in(slot, Some(short(position)), code, amount, at);
        Some(())
    }

    fn old_station(&mut self) -> Option<()> {
        let slot = self.clean_slot(|slot| slot.day <= OLD_STATION_LAST_DAY)?;
        let (at, amount) = (self.moment(slot), self.fee_amount());
        let code = Code::application(5, self.next_base());
        let position = self.fee(code, amount, plus(at.date(), 15), Some(Trouble::OldStation));
        self.pay_in(slot, Some(short(position)), code, amount, at);
        Some(())
    }

    /// A debt with one notice and one payment in a clean flow, with something odd about one.
    fn one_payment(&mut self, trouble: Trouble) -> Option<()> {
        use Trouble as T;
        let slot = self.clean_slot(|_| true)?;
        let (at, amount) = (self.moment(slot), self.fee_amount());
        let code = match trouble {
            T::IntermediaryUnknown => Code::segregated(17, self.next_base()),
            T::WrongCheckDigits => self.own_code().with_wrong_check(),
            _ => self.own_code(),
        };
        let days = if trouble == T::PaidAfterDue { -20 } else { 15 };
        let position = self.fee(code, amount, plus(at.date(), days), Some(trouble));
        let payment = self.pay_in(slot, Some(short(position)), code, amount, at);
        let made = &mut self.world.payments[payment];
        made.trouble = Some(trouble);
        let subject = [Subject::Payment(payment)];
        match trouble {
            T::PaidAfterDue => self.paid_after_due(trouble, payment, position),
            T::StandInWithReceipt => {
                made.receipt = Some(ReceiptForm::SendRtV2);
                self.outcome(slot, payment, b'4');
            }
            T::NoRptWithReceipt => {
                self.outcome(slot, payment, b'9');
                self.may_raise(trouble, &["payment_without_rpt"], &subject);
            }
            T::NoRptImplied | T::StandInNoRptImplied => {
                made.receipt = None;
                self.outcome(slot, payment, if trouble == T::NoRptImplied { b'9' } else { b'8' });
                self.raises(trouble, &["payment_without_rpt"], &subject);
            }
            T::ReceiptMissing => {
                made.receipt = None;
                self.raises(trouble, &["receipt_missing"], &subject);
            }
            T::PrimaryOfTwo => {
                made.receipt = Some(ReceiptForm::SendRtV2);
                self.may_raise(trouble, &["receipt_of_other_organization"], &subject);
            }
            T::ReceiptAmountDiffers => self.raises(trouble, &["row_amount_mismatch"], &subject),
            T::IntermediaryUnknown => self.raises(trouble, &["intermediary_unknown"], &subject),
            T::WrongCheckDigits => {
                let subjects = [subject[0], Subject::Position(position)];
                self.may_raise(trouble, &["iuv_check_digit"], &subjects);
            }
            T::Amended | T::AmendedBefore => {
                self.world.positions[position].second = SecondVersion::Amended {
                    from: amount + Cents::new(500),
                    before: trouble == T::AmendedBefore,
                };
            }
            _ => {}
        }
        Some(())
    }

    /// Sets the outcome of the payment just made in a slot, and of its line.
    fn outcome(&mut self, slot: usize, payment: usize, outcome: u8) {
        self.world.payments[payment].outcome = outcome;
        let line = self.slots[slot].lines.last_mut().filter(|line| line.payment == payment);
        line.expect("the payment was just made in the slot").outcome = outcome;
    }

    /// The segregation code of one of our two stations.
    fn station(&mut self) -> u8 {
        if self.dice.percent(70) { 1 } else { 2 }
    }

    fn own_code(&mut self) -> Code {
        let station = self.station();
        Code::segregated(station, self.next_base())
    }

    /// 12.00 to 380.00 euro: more than [`SMALL`] and than any difference of a damaged transfer.
    fn fee_amount(&mut self) -> Cents {
        Cents::new(self.dice.between(1200, 38_000))
    }

    fn add(&mut self, position: Position) -> usize {
        self.world.positions.push(position);
        self.world.positions.len() - 1
    }
}

/// The day of a fine's report: 30 days before it was notified.
pub(crate) fn report_date(notified: Date) -> Date {
    plus(notified, -30)
}

/// The year of a fee: what is due until the middle of February is still of 2025.
fn year_of(due: Date) -> i16 {
    if due < date(2026, 2, 15) { 2025 } else { 2026 }
}

fn short(position: usize) -> u32 {
    u32::try_from(position).expect("there are at most a million positions")
}

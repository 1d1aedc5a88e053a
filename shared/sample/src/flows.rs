//! What PSPs report and transfer for each operating day, trouble by trouble.

use domain::money::Cents;
use jiff::civil::{Date, DateTime};

use crate::calendar::{later, operating_after};
use crate::causale;
use crate::troubles::Trouble;
use crate::world::{
    After, Builder, CreditState, Flow, FlowForm, FlowState, Line, Movement, PSPS, PaymentState,
    Subject,
};

impl Builder {
    /// Reports and transfers what every slot has collected.
    pub fn settle(&mut self) {
        for payment in &mut self.world.payments {
            payment.seen = payment.receipt.is_some();
        }
        for slot in 0..self.slots.len() {
            let lines = std::mem::take(&mut self.slots[slot].lines);
            if !lines.is_empty() {
                self.settle_slot(slot, lines);
            }
        }
    }

    fn settle_slot(&mut self, slot: usize, lines: Vec<Line>) {
        use Trouble as T;
        let lone = lines.len() < 2;
        let trouble = self.slots[slot].trouble;
        let mut flow = self.flow_of(slot, lines);
        let Some(trouble) = trouble else { return self.credit_whole(flow, None) };
        let two = [T::SplitByLines, T::TwoFlowsOneCredit, T::CreditNamesOneOfTwo];
        if lone && two.contains(&trouble) {
            return self.credit_whole(flow, None);
        }
        flow.trouble = Some(trouble);
        self.happens(trouble);
        match trouble {
            T::FlowWithoutCredit
            | T::CreditWithoutFlow
            | T::PartlyCredited
            | T::OverCredited
            | T::TransferTwice => self.transfer_amiss(trouble, flow),
            T::Revision | T::RevisionRest | T::LateRevision => self.revised(trouble, flow),
            T::TotalLies | T::CountLies | T::RowDuplicated | T::OutcomeUnknown => {
                self.lying(trouble, flow);
            }
            T::SplitByLines | T::SplitByTreasurer => self.split(trouble, flow),
            T::TwoFlowsOneCredit | T::CreditNamesOneOfTwo => self.two_flows(trouble, flow),
            T::StornoReissued
            | T::StornoFirst
            | T::StornoAfterRegularisation
            | T::Regularised
            | T::RegularisationUndone => self.treasurer_acts(trouble, flow),
            T::CausaleCutToDate | T::CausaleNotProvided => self.unnamed(trouble, flow),
            T::FlowSentAgain => {
                flow.form = FlowForm::Xml;
                flow.revision = None;
                flow.again = true;
                self.credit_whole(flow, Some(trouble));
            }
            T::LateFlow => {
                flow.time = operating_after(flow.day, 4).at(10, 5, 0, 0);
                self.credit_whole(flow, Some(trouble));
            }
            _ => self.credit_whole(flow, Some(trouble)),
        }
    }

    /// The flow of a slot as the PSP should make it.
    fn flow_of(&mut self, slot: usize, lines: Vec<Line>) -> Flow {
        let day = self.slots[slot].day;
        let psp = self.slots[slot].psp;
        let settlement = operating_after(day, 1);
        let plain_sum = self.slots[slot].revocation == Some(Trouble::RevokedPlainSum);
        let signed = |line: &Line| {
            if line.outcome == b'3' && !plain_sum { -line.amount } else { line.amount }
        };
        let number = self.world.flows.len();
        let form = match number % 25 {
            3 | 10 | 14 | 21 => FlowForm::XmlPrefixed,
            5 => FlowForm::XmlRevision,
            7 => FlowForm::Soap,
            9 | 19 => FlowForm::RestPages,
            16 => FlowForm::RestInline,
            _ => FlowForm::Xml,
        };
        let numbered =
            matches!(form, FlowForm::XmlRevision | FlowForm::RestPages | FlowForm::RestInline);
        Flow {
            psp,
            iuf: format!("{settlement}{}-S{:09}", PSPS[psp].id, 3_100_000 + slot * 17),
            day,
            settlement,
            time: later(settlement.at(18, 0, 0, 0), self.dice.between(0, 5 * 3600)),
            trn: format!("{:05}{:023}IT", 9901 + psp, 77_000_000 + number),
            revision: numbered.then_some(1),
            form,
            declared_total: lines.iter().map(signed).sum(),
            declared_count: lines.len(),
            lines,
            trouble: None,
            again: false,
            state: Some(FlowState::Credited),
            credited: Cents::ZERO,
        }
    }

    /// The flow and one transfer of its total.
    fn credit_whole(&mut self, flow: Flow, trouble: Option<Trouble>) {
        let late = if trouble == Some(Trouble::LateCredit) { 4 } else { 1 };
        let day = operating_after(flow.day, late);
        let said = causale::of(&flow.iuf, flow.day, trouble);
        let flow = self.close(flow, FlowState::Credited);
        let amount = self.world.flows[flow].declared_total;
        let credit = self.transfer(flow, day, amount, said.causale);
        self.world.credits[credit].end_to_end = said.end_to_end;
        self.world.credits[credit].trouble = trouble;
        let subject = [Subject::Credit(credit)];
        match trouble {
            Some(trouble @ Trouble::CausaleGlued) => {
                self.may_raise(trouble, &["iuf_too_long"], &subject);
            }
            Some(trouble @ Trouble::CausaleCutUnique) => {
                self.may_raise(trouble, &["iuf_truncated"], &subject);
            }
            _ => {}
        }
    }

    /// Keeps a flow in a state and tells its payments.
    fn close(&mut self, mut flow: Flow, state: impl Into<Option<FlowState>>) -> usize {
        flow.state = state.into();
        let number = self.world.flows.len();
        if flow.state != Some(FlowState::Superseded) {
            let lines_state = match flow.state {
                Some(FlowState::Credited) => Some(PaymentState::Credited),
                Some(FlowState::Reported | FlowState::PartiallyCredited) => {
                    Some(PaymentState::Reported)
                }
                _ => None,
            };
            for line in &flow.lines {
                let payment = &mut self.world.payments[line.payment];
                let revoked = line.outcome == b'3';
                payment.seen = true;
                payment.flows_several |= payment.flow.is_some_and(|other| other != number);
                payment.flow = Some(number);
                payment.state = if revoked { Some(PaymentState::Revoked) } else { lines_state };
            }
        }
        self.world.flows.push(flow);
        number
    }

    fn transfer_amiss(&mut self, trouble: Trouble, flow: Flow) {
        let (total, day) = (flow.declared_total, flow.settlement);
        let causale = causale::plain(&flow.iuf, 0);
        if trouble == Trouble::CreditWithoutFlow {
            return self.credit_without_flow(&flow, causale);
        }
        let difference = Cents::new(self.dice.between(1, 500));
        let (state, amounts) = match trouble {
            Trouble::FlowWithoutCredit => (FlowState::Reported, vec![]),
            Trouble::PartlyCredited => (FlowState::PartiallyCredited, vec![total - difference]),
            Trouble::OverCredited => (FlowState::OverCredited, vec![total + difference]),
            _ => (FlowState::OverCredited, vec![total, total]),
        };
        let flow = self.close(flow, state);
        let credits: Vec<usize> = amounts
            .into_iter()
            .map(|amount| self.transfer(flow, day, amount, causale.clone()))
            .collect();
        for &credit in &credits {
            let credit = &mut self.world.credits[credit];
            credit.trouble = Some(trouble);
            let twice = trouble == Trouble::TransferTwice;
            credit.state = (!twice).then_some(CreditState::Anomaly);
        }
        let mut subjects: Vec<Subject> = credits.into_iter().map(Subject::Credit).collect();
        if trouble != Trouble::TransferTwice {
            subjects.push(Subject::Flow(flow));
        }
        let codes: &[&str] = match trouble {
            Trouble::FlowWithoutCredit => &["fdr_without_credit"],
            Trouble::TransferTwice => &["credit_duplicated"],
            _ => &["credit_amount_mismatch"],
        };
        self.raises(trouble, codes, &subjects);
        if trouble == Trouble::TransferTwice {
            subjects.push(Subject::Flow(flow));
            self.may_raise(trouble, &["credit_amount_mismatch"], &subjects);
        }
    }

    fn credit_without_flow(&mut self, flow: &Flow, causale: String) {
        let trouble = Trouble::CreditWithoutFlow;
        for line in &flow.lines {
            if self.world.payments[line.payment].receipt.is_some() {
                self.raises(trouble, &["receipt_without_fdr"], &[Subject::Payment(line.payment)]);
            }
        }
        let credit = self.bare_credit(flow.settlement, flow.declared_total, causale);
        let made = &mut self.world.credits[credit];
        made.remitter = PSPS[flow.psp].name;
        made.trn = Some(flow.trn.clone());
        made.trouble = Some(trouble);
        made.names = Some(flow.iuf.clone());
        made.state = None;
        self.raises(trouble, &["credit_without_fdr"], &[Subject::Credit(credit)]);
    }

    /// A first revision with one amount wrong, superseded by a right one.
    fn revised(&mut self, trouble: Trouble, mut right: Flow) {
        let rest = trouble == Trouble::RevisionRest;
        right.form = if rest { FlowForm::RestPages } else { FlowForm::Xml };
        right.revision = rest.then_some(1);
        let mut wrong = right.clone();
        wrong.lines[0].amount += Cents::new(100);
        wrong.declared_total += Cents::new(100);
        self.close(wrong, FlowState::Superseded);
        right.revision = rest.then_some(2);
        right.time = revision_time(right.day, trouble);
        self.credit_whole(right, Some(trouble));
        if trouble == Trouble::LateRevision {
            let flow = self.world.flows.len() - 1;
            self.raises(trouble, &["late_revision"], &[Subject::Flow(flow)]);
        }
    }

    /// A flow that contradicts itself; the transfer is what it declares.
    fn lying(&mut self, trouble: Trouble, mut flow: Flow) {
        let line = flow.lines[0];
        let number = self.world.flows.len();
        let mut subjects = vec![Subject::Flow(number)];
        let codes: &[&str] = match trouble {
            Trouble::TotalLies => {
                flow.declared_total += Cents::new(100);
                &["fdr_total_mismatch"]
            }
            Trouble::CountLies => {
                flow.declared_count += 1;
                &["fdr_count_mismatch"]
            }
            Trouble::RowDuplicated => {
                flow.lines.push(line);
                flow.declared_count += 1;
                flow.declared_total += line.amount;
                subjects.push(Subject::Payment(line.payment));
                &["row_duplicated_in_flow"]
            }
            _ => {
                flow.form = FlowForm::Xml;
                flow.revision = None;
                flow.lines[0].outcome = b'7';
                self.world.payments[line.payment].outcome = b'7';
                subjects.push(Subject::Payment(line.payment));
                let flow_alone = [Subject::Flow(number)];
                self.may_raise(trouble, &["fdr_total_mismatch"], &flow_alone);
                &["outcome_unknown"]
            }
        };
        self.raises(trouble, codes, &subjects);
        self.credit_whole(flow, Some(trouble));
    }

    /// Two transfers for one flow.
    fn split(&mut self, trouble: Trouble, flow: Flow) {
        let by_lines = trouble == Trouble::SplitByLines;
        let total = flow.declared_total;
        let first = if by_lines {
            flow.lines[..flow.lines.len() / 2].iter().map(|line| line.amount).sum()
        } else {
            Cents::new(total.get() / 2 + 1)
        };
        let day = flow.settlement;
        let causali = if by_lines { [1, 2] } else { [0, 0] }.map(|n| causale::plain(&flow.iuf, n));
        let flow = self.close(flow, FlowState::Credited);
        let mut subjects = vec![Subject::Flow(flow)];
        let trn = self.world.flows[flow].trn.clone();
        for (place, (causale, amount)) in
            causali.into_iter().zip([first, total - first]).enumerate()
        {
            let credit = self.transfer(flow, day, amount, causale);
            self.world.credits[credit].trouble = Some(trouble);
            // Two transfers, two TRNs: with one TRN they would be one transfer seen twice.
            self.world.credits[credit].trn = Some(format!("{}{place}IT", &trn[..27]));
            subjects.push(Subject::Credit(credit));
        }
        self.may_raise(trouble, &["allocation_ambiguous"], &subjects);
    }

    /// Two flows of one PSP and one day, one transfer.
    fn two_flows(&mut self, trouble: Trouble, mut first: Flow) {
        let mut second = first.clone();
        second.lines = first.lines.split_off(first.lines.len() / 2);
        // The numbers of flows have leading zeros: another first digit makes another flow.
        second.iuf = first.iuf.replacen("-S0", "-S9", 1);
        for flow in [&mut first, &mut second] {
            flow.declared_total = flow.lines.iter().map(|line| line.amount).sum();
            flow.declared_count = flow.lines.len();
        }
        let total = first.declared_total + second.declared_total;
        let both = trouble == Trouble::TwoFlowsOneCredit;
        let mut said = causale::of(&first.iuf, first.day, Some(Trouble::CausaleOldUri)).causale;
        if both {
            said = format!("{said} /PUR/LGPE-RIVERSAMENTO/URI/{}", second.iuf);
        }
        let day = first.settlement;
        let state = both.then_some(FlowState::Credited);
        let flows = [self.close(first, state), self.close(second, state)];
        let credit = self.transfer(flows[0], day, total, said);
        for flow in flows {
            self.world.flows[flow].credited = Cents::ZERO;
            if both {
                self.world.flows[flow].credited = self.world.flows[flow].declared_total;
            }
        }
        let made = &mut self.world.credits[credit];
        made.trouble = Some(trouble);
        made.flows = flows.to_vec();
        if !both {
            made.state = Some(CreditState::Proposed);
            let subjects =
                [Subject::Credit(credit), Subject::Flow(flows[0]), Subject::Flow(flows[1])];
            let codes = &["ambiguous_causale", "credit_amount_mismatch", "fdr_without_credit"];
            self.may_raise(trouble, codes, &subjects);
        }
    }

    /// The credit comes whole, and the treasurer reverses or regularises it.
    fn treasurer_acts(&mut self, trouble: Trouble, flow: Flow) {
        use Trouble as T;
        let (day, total) = (flow.settlement, flow.declared_total);
        let causale = causale::plain(&flow.iuf, 0);
        let (state, credit_state) = match trouble {
            T::StornoFirst => (Some(FlowState::Reported), Some(CreditState::Reversed)),
            T::StornoAfterRegularisation => (None, None),
            T::StornoReissued => (Some(FlowState::Credited), Some(CreditState::Reversed)),
            T::Regularised => (Some(FlowState::Credited), Some(CreditState::Regularised)),
            _ => (Some(FlowState::Credited), Some(CreditState::Matched)),
        };
        let flow = self.close(flow, state);
        let credit = self.transfer(flow, day, total, causale.clone());
        self.world.credits[credit].trouble = Some(trouble);
        self.world.credits[credit].state = credit_state;
        let subject = [Subject::Credit(credit)];
        let mut moves = |days: u32, what: After| {
            let day = operating_after(day, days);
            self.world.movements.push(Movement { day, credit, what });
        };
        let reversale = 5000 + self.reversali;
        self.reversali += 1;
        match trouble {
            T::StornoFirst => moves(0, After::Reversed { first: true }),
            T::StornoReissued => moves(1, After::Reversed { first: false }),
            T::Regularised => moves(8, After::Regularised { reversale: 0 }),
            T::RegularisationUndone => {
                moves(5, After::Regularised { reversale });
                moves(7, After::Undone { reversale });
            }
            _ => {
                moves(5, After::Regularised { reversale });
                moves(7, After::Reversed { first: false });
            }
        }
        if credit_state == Some(CreditState::Reversed) {
            self.world.flows[flow].credited = Cents::ZERO;
        }
        match trouble {
            T::StornoReissued => {
                let again = self.transfer(flow, operating_after(day, 2), total, causale);
                self.world.credits[again].trouble = Some(trouble);
            }
            T::StornoFirst => {
                self.may_raise(trouble, &["fdr_without_credit"], &[Subject::Flow(flow)]);
            }
            T::StornoAfterRegularisation => {
                // Of a credit that was taken back nothing counts for the flow.
                self.world.flows[flow].credited = Cents::ZERO;
                self.raises(trouble, &["reversed_after_regularisation"], &subject);
                self.may_raise(trouble, &["fdr_without_credit"], &[Subject::Flow(flow)]);
            }
            _ => {}
        }
    }

    /// A transfer that is pagoPA's but does not say for which flow.
    fn unnamed(&mut self, trouble: Trouble, flow: Flow) {
        let said = causale::of(&flow.iuf, flow.day, Some(trouble));
        let (day, total) = (flow.settlement, flow.declared_total);
        let flow = self.close(flow, FlowState::Reported);
        let credit = self.transfer(flow, day, total, said.causale);
        self.world.flows[flow].credited = Cents::ZERO;
        let made = &mut self.world.credits[credit];
        made.trouble = Some(trouble);
        made.state = Some(CreditState::Proposed);
        let codes = &["iuf_truncated", "iuf_unreadable", "ambiguous_causale"];
        self.may_raise(trouble, codes, &[Subject::Credit(credit)]);
        self.may_raise(trouble, &["fdr_without_credit"], &[Subject::Flow(flow)]);
    }
}

/// When a revision is sent: on D+3 or, late, on D+5.
fn revision_time(day: Date, trouble: Trouble) -> DateTime {
    let days = if trouble == Trouble::LateRevision { 5 } else { 3 };
    operating_after(day, days).at(9, 30, 0, 0)
}

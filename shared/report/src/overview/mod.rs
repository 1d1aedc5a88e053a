//! What is remembered of the rows once they are written: tallies and bounded lists.

mod items;
mod tallies;

use std::collections::BTreeMap;

use domain::money::Cents;
use jiff::civil::Date;

use crate::bounded::{Grouped, Largest};
use crate::harmless;
use crate::row::{
    AnomalyCode, AnomalyRow, AnomalyState, CreditRow, CreditState, FlowRow, FlowState,
    InputOutcome, InputRow, Month, Party, PaymentRow, PositionRow, ProposalRow, PspRow, Tally,
};

pub(crate) use items::{
    Anomaly, Credit, Flow, Proposal, PspPunctuality, Recipient, Refund, Refused, Work,
};
pub(crate) use tallies::Tallies;

/// Rows in each list of the page: the largest amounts.
pub(crate) const LISTED_MAX: usize = 200;
/// Open anomalies on the sheet of what is to be done: the largest amounts.
pub(crate) const TODO_MAX: usize = 2_000;
/// Those whom the page says to write to, apart from each other.
const RECIPIENTS_MAX: usize = 500;
/// Matters in the letter to each of them: the largest amounts.
const MATTERS_MAX: usize = 30;
/// PSPs that the page shows apart from each other.
const PSPS_MAX: usize = 500;

/// Ages of what is not explained, each up to so many days.
pub(crate) const AGES: [(&str, i32); 4] =
    [("0–7 giorni", 7), ("8–30 giorni", 30), ("31–90 giorni", 90), ("oltre 90 giorni", i32::MAX)];

/// Provvisori of one age that are not explained.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Aged {
    /// They speak of pagoPA, and nothing explains them.
    pub unexplained: Tally,
    /// They wait for a choice.
    pub proposed: Tally,
    /// They do not come from pagoPA.
    pub not_pagopa: Tally,
    /// They are below zero: added to the others they would hide as much.
    pub negative: Tally,
}

/// Everything that the page and the summary say.
pub(crate) struct Overview {
    /// The as-of day in Rome.
    pub today: Date,
    /// How many and how much.
    pub tallies: Tallies,
    /// Money that came in each month, and where it is. Years of a journal are 1999 to 2099.
    pub months: BTreeMap<Month, crate::row::Conservation>,
    /// Provvisori that are not explained, by age.
    pub ages: [Aged; AGES.len()],
    /// The first day of those that speak of pagoPA.
    pub oldest: Option<Date>,
    /// The provvisori themselves.
    pub credits: Largest<Credit>,
    /// Flows whose money is not what it should be.
    pub flows: Largest<Flow>,
    /// Positions with something to give back.
    pub refunds: Largest<Refund>,
    /// Open anomalies that somebody must act upon.
    pub anomalies: Largest<Anomaly>,
    /// The same, by who must act and by kind.
    pub work: BTreeMap<(Party, AnomalyCode), Work>,
    /// The same, by who writes and to whom.
    pub recipients: Grouped<(String, Party, String), Recipient>,
    /// Proposals.
    pub proposals: Largest<Proposal>,
    /// PSPs.
    pub psps: Grouped<String, PspPunctuality>,
    /// Inputs that were refused, the first ones.
    pub refused: Vec<Refused>,
}

impl Overview {
    pub fn new(today: Date) -> Self {
        Self {
            today,
            tallies: Tallies::default(),
            months: BTreeMap::new(),
            ages: <[Aged; AGES.len()]>::default(),
            oldest: None,
            credits: Largest::new(LISTED_MAX),
            flows: Largest::new(LISTED_MAX),
            refunds: Largest::new(LISTED_MAX),
            anomalies: Largest::new(TODO_MAX),
            work: BTreeMap::new(),
            recipients: Grouped::new(RECIPIENTS_MAX),
            proposals: Largest::new(LISTED_MAX),
            psps: Grouped::new(PSPS_MAX),
            refused: Vec::new(),
        }
    }

    /// Days from `since` to the as-of day, none for a day to come.
    pub fn days_since(&self, since: Date) -> i32 {
        // Days of the whole calendar, years -9999 to 9999, fit an i32.
        (self.today - since).get_days().max(0)
    }

    pub fn input(&mut self, row: &InputRow<'_>) {
        self.tallies.input(row);
        let not_whole = matches!(row.outcome, InputOutcome::Refused | InputOutcome::Partial);
        if not_whole && self.refused.len() < LISTED_MAX {
            self.refused.push(Refused::new(row));
        }
    }

    pub fn credit(&mut self, row: &CreditRow<'_>) {
        self.tallies.credit(row);
        self.months.entry(Month::from(row.date)).or_default().add(row.state, row.amount);
        let days = self.days_since(row.date);
        let age = AGES.iter().position(|(_, up_to)| days <= *up_to).expect("the last has no end");
        let aged = &mut self.ages[age];
        match row.state {
            CreditState::Proposed => aged.proposed.add(row.amount),
            CreditState::Open | CreditState::Ambiguous | CreditState::Anomaly => {
                if row.amount < Cents::ZERO {
                    aged.negative.add(row.amount);
                } else if row.anomalies.contains(&AnomalyCode::CreditNotPagopa) {
                    aged.not_pagopa.add(row.amount);
                } else {
                    aged.unexplained.add(row.amount);
                    let oldest = self.oldest.get_or_insert(row.date);
                    *oldest = row.date.min(*oldest);
                }
            }
            CreditState::Matched | CreditState::Regularised | CreditState::Reversed => return,
        }
        self.credits.offer(row.amount, || Credit::new(row, days));
    }

    pub fn flow(&mut self, row: &FlowRow<'_>) {
        self.tallies.flow(row);
        let to_follow = matches!(
            row.state,
            FlowState::Reported | FlowState::PartiallyCredited | FlowState::OverCredited
        );
        if to_follow {
            self.flows.offer(row.difference, || Flow::new(row));
        }
    }

    pub fn payment(&mut self, row: &PaymentRow<'_>) {
        self.tallies.payment(row);
    }

    pub fn position(&mut self, row: &PositionRow<'_>) {
        self.tallies.position(row);
        if row.refundable > Cents::ZERO {
            self.refunds.offer(row.refundable, || Refund::new(row));
        }
    }

    pub fn anomaly(&mut self, row: &AnomalyRow<'_>) {
        self.tallies.anomaly(row);
        if row.state == AnomalyState::Closed {
            return;
        }
        let (party, amount) = (row.competence.party, row.amount.unwrap_or_default());
        let work = self.work.entry((party, row.code)).or_insert_with(|| Work::new(row));
        work.add(row);
        if party == Party::None {
            return;
        }
        let days = self.days_since(row.since);
        self.anomalies.offer(amount, || Anomaly::new(row, days));
        if let Some(message) = &row.message {
            let name = row.competence.name.as_deref().unwrap_or_default();
            let (from, name) = (row.organization.to_string(), harmless::one_line(name));
            let key = (from, party, name.into_owned());
            let recipient = self.recipients.of(&key, || Recipient::new(message, MATTERS_MAX));
            recipient.add(amount, message);
        }
    }

    pub fn proposal(&mut self, row: &ProposalRow<'_>) {
        self.tallies.proposal(row);
        self.proposals.offer(row.total, || Proposal::new(row));
    }

    pub fn psp(&mut self, row: &PspRow<'_>) {
        self.tallies.psp(row);
        let code = harmless::one_line(&row.psp).into_owned();
        self.psps.of(&code, PspPunctuality::default).add(row);
    }
}

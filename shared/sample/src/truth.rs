//! What is true in the end, as `truth.json` says it: every row is worked out from what the
//! generator did, never by the rules of the engine.

use std::collections::BTreeMap;

use domain::identifier::NoticeNumber;
use domain::money::Cents;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::troubles::Trouble;
use crate::world::{
    Credit, CreditState, DebtKind, Flow, FlowState, Line, PSPS, Payment, PaymentState,
    SecondVersion, Subject, World, index,
};

/// An amount as the contract writes it: a text with two decimals.
#[derive(Clone, Copy)]
pub(crate) struct Money(pub Cents);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The codes that an object must carry, and those that it may carry.
#[derive(Default, Clone, Serialize)]
pub(crate) struct Codes {
    /// Certain, and on this object.
    anomalies: Vec<&'static str>,
    /// Left open by the rules, or certain but perhaps on another subject of the same incident.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    may: Vec<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct CreditRow {
    esercizio: i16,
    number: u32,
    date: String,
    amount: Money,
    state: Option<&'static str>,
    /// The true IUFs.
    flows: Vec<String>,
    /// The IUF or IUV that it truly names, where no flow has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<String>,
    #[serde(flatten)]
    codes: Codes,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct FlowRow<'a> {
    psp: &'static str,
    iuf: &'a str,
    revision: Option<u32>,
    flow_time: String,
    declared_total: Money,
    declared_count: usize,
    /// Sum of the lines; `null` where a revocation may count either way.
    total: Option<Money>,
    count: usize,
    state: Option<&'static str>,
    /// What came in for it, and how much that differs from the total in force; `null` where the
    /// state is left open or another revision is in force.
    credited: Option<Money>,
    difference: Option<Money>,
    #[serde(flatten)]
    codes: Codes,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct PaymentRow<'a> {
    iuv: String,
    iur: String,
    index: u8,
    amount: Option<Money>,
    outcome: Option<char>,
    paid_at: String,
    state: Option<&'static str>,
    iuf: Option<&'a str>,
    position_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice_number: Option<String>,
    receipt: &'static str,
    provvisorio: Option<String>,
    #[serde(flatten)]
    codes: Codes,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct PositionRow {
    position_id: String,
    state: Option<&'static str>,
    due: Option<Money>,
    paid: Option<Money>,
    residual: Option<Money>,
    refundable: Option<Money>,
    minor_revenue: Option<Money>,
    payments: Vec<String>,
    #[serde(flatten)]
    codes: Codes,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct IncidentRow {
    trouble: &'static str,
    codes: &'static [&'static str],
    subjects: Vec<String>,
    certain: bool,
}

/// How many and how much, by state.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<&'static str, (u64, Cents)>);

#[derive(Serialize)]
struct Sum {
    count: u64,
    amount: Money,
}

impl Tally {
    /// Counts one more in a state; what is left open is a state of its own.
    fn add(&mut self, state: Option<&'static str>, amount: Cents) {
        let (count, sum) = self.0.entry(state.unwrap_or(LEFT_OPEN)).or_default();
        *count += 1;
        *sum += amount;
    }

    /// The sum of some states.
    pub fn of(&self, states: &[&str]) -> Cents {
        let picked = self.0.iter().filter(|(state, _)| states.contains(state));
        picked.map(|(_, (_, sum))| *sum).sum()
    }

    /// The sum of all states.
    pub fn all(&self) -> Cents {
        self.0.values().map(|(_, sum)| *sum).sum()
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sums = self
            .0
            .iter()
            .map(|(state, &(count, amount))| (state, Sum { count, amount: Money(amount) }));
        serializer.collect_map(sums)
    }
}

/// The name of what the rules leave open, in totals.
pub(crate) const LEFT_OPEN: &str = "left_open";

/// The truth of a world, row by row.
pub(crate) struct Truth<'a> {
    world: &'a World,
    codes: BTreeMap<Subject, Codes>,
    /// Payments by position, as (position, payment), sorted.
    by_position: Vec<(u32, usize)>,
    pub credits: Tally,
    pub flows: Tally,
    pub payments: Tally,
    pub positions: Tally,
}

impl<'a> Truth<'a> {
    pub fn new(world: &'a World) -> Self {
        let payments = world.payments.iter().enumerate();
        let mut by_position: Vec<(u32, usize)> =
            payments.filter_map(|(number, p)| Some((p.position?, number))).collect();
        by_position.sort_unstable();
        Self {
            world,
            codes: codes_by_subject(world),
            by_position,
            credits: Tally::default(),
            flows: Tally::default(),
            payments: Tally::default(),
            positions: Tally::default(),
        }
    }

    /// The codes of a subject.
    pub fn codes(&self, subject: Subject) -> Codes {
        self.codes.get(&subject).cloned().unwrap_or_default()
    }

    pub fn credit(&mut self, number: usize) -> CreditRow {
        let credit = &self.world.credits[number];
        let state = credit.state.map(credit_state);
        self.credits.add(state, credit.amount);
        CreditRow {
            esercizio: credit.day.year(),
            number: credit.number,
            date: credit.day.to_string(),
            amount: Money(credit.amount),
            state,
            flows: credit.flows.iter().map(|&flow| self.world.flows[flow].iuf.clone()).collect(),
            names: credit.names.clone(),
            codes: self.codes(Subject::Credit(number)),
            trouble: credit.trouble.map(name),
            why: why(state.is_none(), credit.trouble),
        }
    }

    pub fn flow(&mut self, number: usize) -> FlowRow<'a> {
        let flow: &Flow = &self.world.flows[number];
        let state = flow.state.map(flow_state);
        self.flows.add(state, flow.declared_total);
        let in_force = flow.state.is_some_and(|state| state != FlowState::Superseded);
        let credited = in_force.then_some(flow.credited);
        let plain_sum = flow.lines.iter().any(|line| self.counted_plain(line));
        let signed = |line: &Line| if line.outcome == b'3' { -line.amount } else { line.amount };
        FlowRow {
            psp: PSPS[flow.psp].id,
            iuf: &flow.iuf,
            revision: flow.revision,
            flow_time: flow.time.to_string(),
            declared_total: Money(flow.declared_total),
            declared_count: flow.declared_count,
            total: (!plain_sum).then(|| Money(flow.lines.iter().map(signed).sum())),
            count: flow.lines.len(),
            state,
            credited: credited.map(Money),
            difference: credited.map(|credited| Money(credited - flow.declared_total)),
            codes: self.codes(Subject::Flow(number)),
            trouble: flow.trouble.map(name),
            why: why(state.is_none(), flow.trouble),
        }
    }

    /// Whether a line is a revocation that the PSP counts as positive.
    fn counted_plain(&self, line: &Line) -> bool {
        let trouble = self.world.payments[line.payment].trouble;
        line.outcome == b'3' && trouble == Some(Trouble::RevokedPlainSum)
    }

    /// The row of a payment, if any file speaks of it.
    pub fn payment(&mut self, number: usize) -> Option<PaymentRow<'a>> {
        let payment: &Payment = &self.world.payments[number];
        if !payment.seen {
            return None;
        }
        let state = payment.state.map(payment_state);
        self.payments.add(state, payment.amount);
        let flow = payment.flow.map(|flow| &self.world.flows[flow]);
        let single = flow.filter(|_| !payment.flows_several);
        let amount_open = payment.trouble == Some(Trouble::ReceiptAmountDiffers);
        let provvisorio = payment.credit.map(|credit| &self.world.credits[credit]);
        let position = payment.position.map(index);
        Some(PaymentRow {
            iuv: payment.code.iuv().to_string(),
            iur: self.world.iur(number),
            index: payment.index,
            amount: (!amount_open).then_some(Money(payment.amount)),
            outcome: single.map(|_| char::from(payment.outcome)),
            paid_at: payment.paid_at.to_string(),
            state,
            iuf: single.map(|flow| flow.iuf.as_str()),
            position_id: position.map(|position| self.world.position_id(position)),
            notice_number: payment.code.number().as_ref().map(NoticeNumber::to_string),
            receipt: match payment.receipt {
                Some(_) => "real",
                None if matches!(payment.outcome, b'8' | b'9') => "implied",
                None => "none",
            },
            provvisorio: provvisorio.map(provvisorio_name),
            codes: self.codes(Subject::Payment(number)),
            trouble: payment.trouble.map(name),
            why: if state.is_none() {
                why(true, flow.and_then(|flow| flow.trouble))
            } else {
                why(amount_open || payment.flows_several, payment.trouble)
            },
        })
    }

    pub fn position(&mut self, number: usize) -> PositionRow {
        let position = &self.world.positions[number];
        let known = self.known_payments(number);
        let payments = known.iter().map(|&payment| self.payment_name(payment)).collect();
        let mut row = PositionRow {
            position_id: self.world.position_id(number),
            state: None,
            due: None,
            paid: None,
            residual: None,
            refundable: None,
            minor_revenue: None,
            payments,
            codes: self.codes(Subject::Position(number)),
            trouble: position.trouble.map(name),
            why: None,
        };
        if position.trouble == Some(Trouble::ReceiptAmountDiffers) {
            row.why = why(true, position.trouble);
        } else if position.second == SecondVersion::Cancelled {
            row.state = Some("cancelled");
            row.paid = Some(Money(Cents::ZERO));
            row.why = Some("what is due of a cancelled position is left open");
        } else {
            self.balance(number, &known, &mut row);
        }
        self.positions.add(row.state, row.paid.map_or(Cents::ZERO, |paid| paid.0));
        row
    }

    /// What was paid against what was due.
    fn balance(&self, number: usize, known: &[usize], row: &mut PositionRow) {
        let position = &self.world.positions[number];
        let payments = known.iter().map(|&payment| &self.world.payments[payment]);
        let good = payments.filter(|p| p.state != Some(PaymentState::Revoked));
        let paid: Cents = good.clone().map(|p| p.amount).sum();
        let due = if paid.is_zero() { position.due_unpaid } else { position.due };
        let partial = position.partial || due.is_some_and(|due| paid < due);
        row.paid = Some(Money(paid));
        row.due = due.map(Money);
        row.residual = due.map(|due| Money((due - paid).max(Cents::ZERO)));
        row.refundable = due.map(|due| Money((paid - due).max(Cents::ZERO)));
        row.minor_revenue = position.minor_revenue.map(Money);
        row.why = why(due.is_none() || position.minor_revenue.is_none(), position.trouble);
        if paid.is_zero() {
            row.state = Some("unpaid");
            row.refundable = Some(Money(Cents::ZERO));
            if position.kind == DebtKind::Fine {
                row.minor_revenue = None;
                row.why = Some("what an unpaid fine owes in or after its terms is left open");
            }
        } else if partial {
            row.state = Some("partially_paid");
            row.refundable = Some(Money(Cents::ZERO));
        } else {
            let mut states = good.map(|p| p.state);
            let first = states.next().flatten();
            let same = states.all(|state| state == first);
            row.state = first.filter(|_| same).map(payment_state);
            if row.state.is_none() {
                row.why = Some("its payments stand differently, or where they stand is left open");
            }
        }
    }

    fn known_payments(&self, position: usize) -> Vec<usize> {
        let from = self.by_position.partition_point(|&(of, _)| index(of) < position);
        let of_it = self.by_position[from..].iter().take_while(|&&(of, _)| index(of) == position);
        of_it.map(|&(_, payment)| payment).filter(|&p| self.world.payments[p].seen).collect()
    }

    fn payment_name(&self, payment: usize) -> String {
        let made = &self.world.payments[payment];
        format!("{}/{}/{}", made.code.iuv(), self.world.iur(payment), made.index)
    }

    /// The rows of what happened, trouble by trouble.
    pub fn incidents(&self) -> impl Iterator<Item = IncidentRow> {
        self.world.incidents.iter().map(|incident| IncidentRow {
            trouble: name(incident.trouble),
            codes: incident.codes,
            subjects: incident.subjects.iter().map(|&subject| self.subject(subject)).collect(),
            certain: incident.certain,
        })
    }

    /// The name of a subject as anomalies write it.
    fn subject(&self, subject: Subject) -> String {
        match subject {
            Subject::Credit(number) => {
                format!("credit:{}", provvisorio_name(&self.world.credits[number]))
            }
            Subject::Flow(number) => {
                let flow = &self.world.flows[number];
                format!("flow:{}:{}", PSPS[flow.psp].id, flow.iuf)
            }
            Subject::Payment(number) => format!("payment:{}", self.payment_name(number)),
            Subject::Position(number) => format!("position:{}", self.world.position_id(number)),
            Subject::Journal(day) => format!("journal:{}", journal_id(day, false)),
        }
    }
}

/// `identificativo_flusso_BT` of a day's journal without the page numbers; a journal that is sent
/// again has another one.
pub(crate) fn journal_id(day: Date, again: bool) -> String {
    let series = if again { 500_000_000 } else { 100_000_000 };
    let ordinal = u32::try_from(day.day_of_year()).unwrap_or(0);
    format!("GDC-{}09900{:09}", day.strftime("%Y%m%d"), series + ordinal)
}

fn codes_by_subject(world: &World) -> BTreeMap<Subject, Codes> {
    let mut codes: BTreeMap<Subject, Codes> = BTreeMap::new();
    for credit in &world.not_pagopa {
        codes.entry(Subject::Credit(*credit)).or_default().anomalies.push("credit_not_pagopa");
    }
    for incident in &world.incidents {
        for &subject in &incident.subjects {
            let entry = codes.entry(subject).or_default();
            let certain = incident.certain && incident.subjects.len() == 1;
            let list = if certain { &mut entry.anomalies } else { &mut entry.may };
            for code in incident.codes {
                if !list.contains(code) {
                    list.push(code);
                }
            }
        }
    }
    codes
}

/// Why something is `null`: what the table says of the trouble.
fn why(open: bool, trouble: Option<Trouble>) -> Option<&'static str> {
    open.then(|| trouble.map_or("left open by the rules", |trouble| trouble.row().truth))
}

/// The name of a trouble in `truth.json`.
pub(crate) fn name(trouble: Trouble) -> &'static str {
    trouble.row().name
}

fn provvisorio_name(credit: &Credit) -> String {
    format!("{}/{}", credit.day.year(), credit.number)
}

fn credit_state(state: CreditState) -> &'static str {
    match state {
        CreditState::Open => "open",
        CreditState::Matched => "matched",
        CreditState::Proposed => "proposed",
        CreditState::Ambiguous => "ambiguous",
        CreditState::Anomaly => "anomaly",
        CreditState::Reversed => "reversed",
        CreditState::Regularised => "regularised",
    }
}

fn flow_state(state: FlowState) -> &'static str {
    match state {
        FlowState::Superseded => "superseded",
        FlowState::Reported => "reported",
        FlowState::Credited => "credited",
        FlowState::PartiallyCredited => "partially_credited",
        FlowState::OverCredited => "over_credited",
    }
}

fn payment_state(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Paid => "paid",
        PaymentState::Reported => "reported",
        PaymentState::Credited => "credited",
        PaymentState::Revoked => "revoked",
    }
}

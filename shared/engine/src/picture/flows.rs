//! Flows, joined with their credits and the clock.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use domain::anomaly::Code;
use domain::clock::{self, Terms, in_rome, operating_day_of_flow};
use domain::credit::Credit;
use domain::fact::{LineOutcome, Source};
use domain::flow::{FlowKey, Revision, TotalBasis};
use domain::identifier::{OrganizationCode, Provvisorio};
use domain::money::Cents;
use domain::payment::{Payment, PaymentKey, ReportedLine};
use domain::settlement::FlowStanding;
use jiff::ToSpan;
use jiff::civil::Date;
use report::Word;
use report::row::{AnomalyCode, FlowRow, FlowState};

use super::assignments::Payers;
use super::finding::{About, Finding, RELATED_MAX};
use super::rows::{Row, Rows};
use super::singles::SinglePayers;
use super::{PictureError, Province, texts};
use crate::key::Kind;
use crate::port::{PortResult, ReadOutcomes};
use crate::record::{self, FlowOutcome, FlowStandingRecord};

/// A flow and what was found out about it while payments were read.
pub(crate) struct FlowView {
    pub key: FlowKey,
    pub revisions: Vec<Revision>,
    pub current: usize,
    pub standing: FlowStanding,
    pub credited: Cents,
    pub credits: Vec<Provvisorio>,
    /// Which of them pays which line, but for those that a credit of their own pays.
    pub payers: Payers,
    /// The payments in its lines that a credit of their own pays, and which: it is among
    /// `credits` too.
    pub singles: SinglePayers,
    /// The latest operating day of its payments by their receipts.
    pub receipt_day: Option<Date>,
    /// Its lines, as they count in its total.
    pub lines: Vec<(PaymentKey, Cents)>,
}

/// Reads the flows of an organization.
pub(crate) fn load(
    reader: &mut impl ReadOutcomes,
    code: &OrganizationCode,
) -> PortResult<Vec<FlowView>> {
    let mut flows = Vec::new();
    reader.scan_outcomes(&Kind::Flow.prefix(code), &mut |_, outcome| {
        let outcome: FlowOutcome = record::read(&outcome.body)?;
        flows.extend(outcome.flows.into_iter().map(|flow| FlowView::new(flow, code)));
        Ok(())
    })?;
    Ok(flows)
}

impl FlowView {
    /// A flow as it was concluded, before payments are read.
    pub fn new(flow: FlowStandingRecord, code: &OrganizationCode) -> Self {
        let (psp, current) = (flow.psp.clone(), flow.current);
        let (standing, credited) = (flow.standing.into(), flow.credited);
        let credits = flow.credits.clone();
        let revisions = flow.into_revisions(code);
        let key = FlowKey { psp, iuf: revisions[current].header.iuf.clone() };
        Self {
            key,
            revisions,
            current,
            standing,
            credited,
            credits,
            payers: Payers::default(),
            singles: SinglePayers::default(),
            receipt_day: None,
            lines: Vec::new(),
        }
    }

    /// The revision in force.
    pub fn revision(&self) -> &Revision {
        &self.revisions[self.current]
    }

    /// Whether the money of its lines is in the treasury.
    pub fn is_credited(&self) -> bool {
        matches!(self.standing, FlowStanding::Credited | FlowStanding::OverCredited)
    }

    /// What of its declared total has not been credited; below zero where more has.
    pub fn missing(&self) -> Cents {
        self.revision().header.declared_total - self.credited
    }

    /// The amount of one of its lines, as it counts in its total.
    pub fn counted(&self, line: &ReportedLine) -> Cents {
        match (&line.outcome, self.revision().total_basis()) {
            (LineOutcome::Revoked, TotalBasis::Algebraic) => -line.amount,
            _ => line.amount,
        }
    }

    /// The credit that pays a line, of `amount` as it counts in the flow.
    pub fn payer(&self, payment: &PaymentKey, amount: Cents) -> Option<Provvisorio> {
        self.singles.get(payment).copied().or_else(|| self.payers.of(payment, amount))
    }

    /// The lines that a credit pays.
    pub fn paid_by(&self, credit: Provvisorio) -> impl Iterator<Item = &(PaymentKey, Cents)> {
        self.lines.iter().filter(move |(key, amount)| self.payer(key, *amount) == Some(credit))
    }

    /// Takes note that a credit of its own pays a payment in its lines.
    pub fn is_paid_singly(&mut self, payment: &PaymentKey, credit: &Credit) {
        self.singles.insert(payment.clone(), credit.provvisorio);
        self.credits.push(credit.provvisorio);
        self.credited += credit.amount;
        self.standing = match self.credited.cmp(&self.revision().header.declared_total) {
            Ordering::Less => FlowStanding::PartiallyCredited,
            Ordering::Equal => FlowStanding::Credited,
            Ordering::Greater => FlowStanding::OverCredited,
        };
    }

    /// How anomalies and reports name it.
    pub fn subject(&self) -> String {
        format!("flow:{}:{}", self.key.psp, self.key.iuf)
    }

    pub fn source(&self) -> Source {
        self.revision().source.clone()
    }
}

/// Of flows that report one payment, the first to do so holds it: its line comes first.
pub(crate) fn put_first_flow_first(
    payment: &mut Payment,
    flows: &[FlowView],
    places: &HashMap<FlowKey, usize>,
) {
    let time = |line: &ReportedLine| {
        places.get(&line.flow).map(|&place| flows[place].revision().header.flow_time)
    };
    payment.lines.sort_by(|a, b| (time(a), &a.flow, &a.source).cmp(&(time(b), &b.flow, &b.source)));
}

/// What the clock says of a flow.
pub(crate) struct Timing {
    pub operating_day: Option<Date>,
    pub terms: Option<Terms>,
    /// By how many days the last of its money was late, or is.
    pub days_late: Option<u32>,
    /// How much of its money was late, or is.
    pub amount_late: Cents,
    /// What is due for that; `None` where nothing is.
    pub interest: Option<Cents>,
}

impl Province<'_> {
    /// What the clock says of a flow.
    pub(super) fn timing(&self, flow: &FlowView) -> Timing {
        let calendar = &self.configuration.calendar;
        let header = &flow.revision().header;
        let day = flow.receipt_day.or_else(|| {
            operating_day_of_flow(
                [],
                Some(header.settlement_date),
                flow.revision().sums.last_paid_on,
                calendar,
            )
        });
        let terms = day.map(|day| Terms::of(day, calendar));
        let late = terms.map_or_else(Vec::new, |terms| self.late(flow, &terms));
        let rate = self.configuration.interest_rate_percent;
        let interest = |(amount, days): &(Cents, u32)| clock::interest(*amount, *days, rate);
        Timing {
            operating_day: day,
            terms,
            days_late: late.iter().map(|(_, days)| *days).max(),
            amount_late: late.iter().map(|(amount, _)| *amount).sum(),
            interest: late.iter().map(interest).reduce(|a, b| Some(a? + b?)).flatten(),
        }
    }

    /// What of a flow came after its term, and what has not come though it is over: how much, and
    /// by how many days. What came beyond the total was owed by nobody.
    fn late(&self, flow: &FlowView, terms: &Terms) -> Vec<(Cents, u32)> {
        let mut left = flow.revision().header.declared_total;
        let mut parts = Vec::new();
        for credit in self.credits_of(flow) {
            let part = credit.amount.min(left);
            left -= part;
            parts.push((part, clock::days_late(terms.credit_due, credit.date)));
        }
        if self.is_overdue(flow, terms) {
            parts.push((left, clock::days_late(terms.credit_due, self.today)));
        }
        parts.retain(|(amount, days)| *amount > Cents::ZERO && *days > 0);
        parts
    }

    fn credits_of<'f>(&'f self, flow: &'f FlowView) -> impl Iterator<Item = &'f Credit> {
        let places = flow.credits.iter().filter_map(|credit| self.credit_places.get(credit));
        places.map(|&place| &self.credits[place].credit)
    }

    /// Whether a flow lacks money that should be here. What a credit was meant for, a person must
    /// say first where one names the flow or is proposed for it.
    fn is_overdue(&self, flow: &FlowView, terms: &Terms) -> bool {
        flow.missing() > Cents::ZERO
            && self.is_term_over(flow, terms)
            && !self.spoken_for.contains(&flow.key)
    }

    /// Whether the term of a flow is over and the journal of its last day is here, or a later one
    /// with money of it.
    fn is_term_over(&self, flow: &FlowView, terms: &Terms) -> bool {
        let due = terms.credit_due;
        self.as_of >= clock::midnight_after(due)
            && (self.coverage.is_loaded(due) || self.credits_of(flow).any(|one| one.date >= due))
    }

    /// Whether the rest of a flow that is credited in part may still come in time.
    pub(super) fn rest_may_come(&self, flow: &FlowView) -> bool {
        flow.standing == FlowStanding::PartiallyCredited
            && self.timing(flow).terms.is_some_and(|terms| !self.is_term_over(flow, &terms))
    }

    /// Whether a flow that no credit names is still in time.
    fn is_pending(&self, flow: &FlowView, timing: &Timing) -> bool {
        flow.standing == FlowStanding::Reported
            && timing
                .terms
                .is_some_and(|terms| self.as_of < clock::midnight_after(terms.credit_due))
    }

    /// Writes the flows of the organization, superseded revisions included, and finds what is wrong
    /// with them. Says how many rows it wrote.
    pub(super) fn write_flows(&mut self, rows: &mut Rows) -> Result<u64, PictureError> {
        let mut findings = Vec::new();
        let mut order: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
        for (place, flow) in self.flows.iter().enumerate() {
            for (at, revision) in flow.revisions.iter().enumerate() {
                if at != flow.current && revision.is_form_of(flow.revision()) {
                    continue;
                }
                let header = &revision.header;
                let psp = if at == flow.current { &flow.key.psp } else { &header.psp };
                let key = (psp.clone(), header.iuf.clone(), header.revision.unwrap_or(0));
                order.entry((key, header.flow_time)).or_default().push((place, at));
            }
        }
        let mut count = 0;
        for (place, at) in order.into_values().flatten() {
            let flow = &self.flows[place];
            let row = if at == flow.current {
                let timing = self.timing(flow);
                let found = self.flow_findings(flow, &timing);
                let row = self.flow_row(flow, &timing, &found);
                findings.extend(found);
                row
            } else {
                superseded_row(self.code, flow, at)
            };
            rows.push(Row::Flow(row))?;
            count += 1;
        }
        self.findings.extend(findings);
        Ok(count)
    }

    fn flow_row(&self, flow: &FlowView, timing: &Timing, found: &[Finding]) -> FlowRow<'static> {
        let revision = flow.revision();
        let state = match flow.standing {
            _ if self.is_pending(flow, timing) => FlowState::Pending,
            FlowStanding::Reported => FlowState::Reported,
            FlowStanding::Credited => FlowState::Credited,
            FlowStanding::PartiallyCredited => FlowState::PartiallyCredited,
            FlowStanding::OverCredited => FlowState::OverCredited,
        };
        let declared = revision.header.declared_total;
        FlowRow {
            psp: flow.key.psp.to_string().into(),
            state,
            credited: flow.credited,
            difference: flow.credited - declared,
            operating_day: timing.operating_day,
            credit_due: timing.terms.map(|terms| terms.credit_due),
            fdr_due: timing.terms.map(|terms| terms.flow_due),
            definitive_after: timing.terms.map(|terms| terms.definitive_after),
            days_late: timing.days_late,
            interest: timing.interest,
            credits: flow.credits.clone(),
            anomalies: codes(found),
            ..revision_row(self.code, revision)
        }
    }

    fn flow_findings(&self, flow: &FlowView, timing: &Timing) -> Vec<Finding> {
        let revision = flow.revision();
        let header = &revision.header;
        let psp = self.psp_name(flow);
        let mut found = Vec::new();
        let mut find = |code, amount, expected, present, due| {
            found.push(Finding {
                organization: self.code.clone(),
                code,
                subject: flow.subject(),
                amount,
                since: in_rome(header.flow_time).date(),
                party: code.party(),
                name: Some(psp.clone()),
                evidence: vec![("flusso di rendicontazione", flow.source())],
                closed_by: None,
                about: About {
                    iuf: Some(header.iuf.to_string()),
                    psp: Some(psp.clone()),
                    flow_date: Some(in_rome(header.flow_time).date()),
                    settled_on: Some(header.settlement_date),
                    transfer: Some(header.settlement_id.to_string()),
                    expected,
                    found: present,
                    due,
                    ..About::default()
                },
            });
        };
        for code in revision.findings() {
            let total = Some(revision.total());
            match code {
                Code::FdrTotalMismatch => {
                    let difference = revision.total() - header.declared_total;
                    find(code, Some(difference), Some(header.declared_total), total, None);
                }
                // The line itself says it, where the line is.
                Code::OutcomeUnknown => {}
                _ => find(code, None, None, None, None),
            }
        }
        if let Some(terms) = timing.terms {
            // Of what credits name the flow for, each of them tells what is wrong.
            let unnamed = flow.credits.len() == flow.singles.len();
            if unnamed && self.is_overdue(flow, &terms) {
                let (total, missing) = (header.declared_total, flow.missing());
                let came = (!flow.credits.is_empty()).then_some(flow.credited);
                let due = Some(terms.credit_due);
                find(Code::FdrWithoutCredit, Some(missing), Some(total), came, due);
            }
            if flow.revisions.len() > 1 && header.flow_time >= terms.definitive_after {
                let last = in_rome(terms.definitive_after).date().saturating_sub(1.day());
                find(Code::LateRevision, Some(header.declared_total), None, None, Some(last));
            }
        }
        if self.revised_after_close(flow) {
            find(Code::RevisionAfterClose, Some(header.declared_total), None, None, None);
        }
        for finding in &mut found {
            match finding.code {
                Code::FdrCountMismatch => {
                    finding.about.counts = Some((header.declared_count, revision.sums.count));
                }
                Code::RevisionAfterClose => {
                    finding.about.related = self.flow_credits(flow, None);
                }
                _ => {}
            }
        }
        self.decided.close(&mut found);
        found
    }

    /// The provvisori of a flow, but for one, as references.
    pub(super) fn flow_credits(
        &self,
        flow: &FlowView,
        but: Option<Provvisorio>,
    ) -> Vec<(&'static str, String)> {
        let others = self.credits_of(flow).filter(|one| Some(one.provvisorio) != but);
        let text = |one: &Credit| texts::provvisorio(one.provvisorio, Some(one.date), one.amount);
        let label =
            if but.is_some() { "altro provvisorio dello stesso flusso" } else { "provvisorio" };
        others.take(RELATED_MAX).map(|one| (label, text(one))).collect()
    }

    /// Whether the revision in force came after a reversale had regularised the credit of an
    /// earlier one.
    fn revised_after_close(&self, flow: &FlowView) -> bool {
        flow.current > 0
            && flow
                .credits
                .iter()
                .filter_map(|credit| self.credit_places.get(credit))
                .filter_map(|&place| self.credits[place].regularised_on)
                .any(|day| in_rome(flow.revision().header.flow_time).date() > day)
    }

    /// How people call the provider of a flow.
    pub(super) fn psp_name(&self, flow: &FlowView) -> String {
        self.names.provider(&flow.key.psp, None)
    }
}

/// The codes of findings that no person closed, for a row.
pub(super) fn codes(found: &[Finding]) -> Vec<AnomalyCode> {
    let open = found.iter().filter(|finding| finding.closed_by.is_none());
    let mut codes: Vec<_> =
        open.filter_map(|finding| AnomalyCode::from_code(finding.code.code())).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn superseded_row(code: &OrganizationCode, flow: &FlowView, at: usize) -> FlowRow<'static> {
    revision_row(code, &flow.revisions[at])
}

/// What a revision says of itself; superseded, until it turns out to be in force.
fn revision_row(code: &OrganizationCode, revision: &Revision) -> FlowRow<'static> {
    let header = &revision.header;
    FlowRow {
        organization: code.to_string().into(),
        psp: header.psp.to_string().into(),
        psp_name: header.psp_name.as_ref().map(|name| name.to_string().into()),
        iuf: header.iuf.to_string().into(),
        revision: header.revision,
        flow_time: header.flow_time,
        settlement_id: header.settlement_id.to_string().into(),
        settlement_date: header.settlement_date,
        declared_total: header.declared_total,
        declared_count: header.declared_count,
        total: revision.total(),
        count: revision.sums.count,
        state: FlowState::Superseded,
        credited: Cents::ZERO,
        difference: -header.declared_total,
        operating_day: None,
        credit_due: None,
        fdr_due: None,
        definitive_after: None,
        days_late: None,
        interest: None,
        credits: Vec::new(),
        anomalies: Vec::new(),
    }
}

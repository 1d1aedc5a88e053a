//! Flows, joined with their credits and the clock.

use std::collections::BTreeMap;

use domain::anomaly::Code;
use domain::clock::{self, Terms, in_rome, operating_day_of_flow};
use domain::fact::{LineOutcome, Source};
use domain::flow::{FlowKey, Revision, TotalBasis};
use domain::identifier::{OrganizationCode, Provvisorio};
use domain::money::Cents;
use domain::payment::{PaymentKey, ReportedLine};
use domain::settlement::FlowStanding;
use jiff::civil::Date;
use report::Word;
use report::row::{AnomalyCode, FlowRow, FlowState};

use super::assignments::Payers;
use super::finding::{About, Finding};
use super::rows::{Row, Rows};
use super::{PictureError, Province};
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
    /// Which of them pays which line.
    pub payers: Payers,
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
        let (payers, receipt_day, lines) = (Payers::default(), None, Vec::new());
        Self { key, revisions, current, standing, credited, credits, payers, receipt_day, lines }
    }

    /// The revision in force.
    pub fn revision(&self) -> &Revision {
        &self.revisions[self.current]
    }

    /// Whether the money of its lines is in the treasury.
    pub fn is_credited(&self) -> bool {
        matches!(self.standing, FlowStanding::Credited | FlowStanding::OverCredited)
    }

    /// The amount of one of its lines, as it counts in its total.
    pub fn counted(&self, line: &ReportedLine) -> Cents {
        match (&line.outcome, self.revision().total_basis()) {
            (LineOutcome::Revoked, TotalBasis::Algebraic) => -line.amount,
            _ => line.amount,
        }
    }

    /// The lines that a credit pays.
    pub fn paid_by(&self, credit: Provvisorio) -> impl Iterator<Item = &(PaymentKey, Cents)> {
        self.lines.iter().filter(move |(key, amount)| self.payers.of(key, *amount) == Some(credit))
    }

    /// How anomalies and reports name it.
    pub fn subject(&self) -> String {
        format!("flow:{}:{}", self.key.psp, self.key.iuf)
    }

    pub fn source(&self) -> Source {
        self.revision().source.clone()
    }
}

/// What the clock says of a flow.
pub(crate) struct Timing {
    pub operating_day: Option<Date>,
    pub terms: Option<Terms>,
    pub days_late: Option<u32>,
    pub interest: Option<Cents>,
}

impl Province<'_> {
    /// What the clock says of a flow; lateness where its credit is here.
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
        let arrived = flow
            .credits
            .iter()
            .filter_map(|credit| self.credit_places.get(credit))
            .map(|&place| self.credits[place].credit.date)
            .max()
            .filter(|_| flow.is_credited());
        let days_late = terms
            .zip(arrived)
            .map(|(terms, arrived)| clock::days_late(terms.credit_due, arrived))
            .filter(|days| *days > 0);
        let interest = days_late.and_then(|days| {
            clock::interest(header.declared_total, days, self.configuration.interest_rate_percent)
        });
        Timing { operating_day: day, terms, days_late, interest }
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
        let mut found = Vec::new();
        let mut find = |code, amount, expected, present, due| {
            found.push(Finding {
                organization: self.code.clone(),
                code,
                subject: flow.subject(),
                amount,
                since: in_rome(header.flow_time).date(),
                party: code.party(),
                name: Some(Self::psp_name(flow)),
                evidence: vec![("flusso di rendicontazione", flow.source())],
                closed_by: None,
                about: About {
                    iuf: Some(header.iuf.to_string()),
                    psp: Some(Self::psp_name(flow)),
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
            let late = self.as_of >= clock::midnight_after(terms.credit_due);
            if flow.standing == FlowStanding::Reported
                && late
                && !header.declared_total.is_zero()
                && self.coverage.is_loaded(terms.credit_due)
            {
                let total = Some(header.declared_total);
                find(Code::FdrWithoutCredit, total, total, None, Some(terms.credit_due));
            }
            if flow.revisions.len() > 1 && header.flow_time >= terms.definitive_after {
                find(Code::LateRevision, Some(header.declared_total), None, None, None);
            }
        }
        if self.revised_after_close(flow) {
            find(Code::RevisionAfterClose, Some(header.declared_total), None, None, None);
        }
        self.decided.close(&mut found);
        found
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
    pub(super) fn psp_name(flow: &FlowView) -> String {
        match &flow.revision().header.psp_name {
            Some(name) => format!("{name} ({})", flow.key.psp),
            None => flow.key.psp.to_string(),
        }
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

//! A few debts and credits, as the report would show them.

use std::collections::HashSet;

use domain::flow::FlowKey;
use domain::identifier::{OrganizationCode, Provvisorio};
use domain::money::Cents;
use domain::settlement::FlowStanding;
use jiff::Timestamp;
use report::row::{CreditState, PositionRow};

use super::coverage::Coverage;
use super::payments::Debt;
use super::rows::Payments;
use super::{CreditView, FlowView, Province, Timing, texts};
use crate::configuration::{Configuration, Organization};
use crate::port::{PortResult, ReadFacts, ReadOutcomes};

/// What debts and credits depend on: enough of a province to show them.
pub(crate) struct Around {
    /// The flows of the payments, and those that the credits name.
    pub flows: Vec<FlowView>,
    /// The credits of the flows, and those that name an IUV of the debts.
    pub credits: Vec<CreditView>,
}

/// What the report would show.
#[derive(Default)]
pub(crate) struct Shown {
    pub positions: Vec<PositionRow<'static>>,
    pub payments: Payments,
    /// Each credit, with what is wrong with it, and what it may be of what it names.
    pub credits: Vec<(Provvisorio, CreditState, Vec<String>)>,
    /// Each flow: how far it is covered, and what the clock says of it.
    pub flows: Vec<(FlowKey, FlowStanding, Cents, Timing)>,
    /// What is wrong with the debts and their payments, in words.
    pub wrong: Vec<String>,
}

impl Shown {
    /// Works out these debts and the credits around them, at the moment `as_of`. Left out is what
    /// only the whole province can tell: how many providers damage causali, candidates.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn new(
        reader: &mut (impl ReadFacts + ReadOutcomes),
        (code, settings): (&OrganizationCode, &Organization),
        configuration: &Configuration,
        as_of: Timestamp,
        around: Around,
        debts: Vec<Debt>,
    ) -> PortResult<Self> {
        let Around { flows, credits } = around;
        let coverage = Coverage::load(reader, code)?;
        let views = (flows, credits, coverage);
        let mut province = Province::of(reader, code, settings, configuration, as_of, views)?;
        let mut shown = Self::default();
        for debt in debts {
            shown.positions.extend(province.debt(debt, &mut shown.payments));
        }
        let mut spoken_for = HashSet::new();
        for view in &province.credits {
            let concluded = province.conclude(view);
            spoken_for.extend(province.speaks_for(view, &concluded));
            let open = concluded.findings.iter().filter(|finding| finding.closed_by.is_none());
            let mut wrong: Vec<_> =
                open.map(|one| format!("Anomalia: {}", texts::explanation(one))).collect();
            if !view.reading.iufs.is_empty() || !view.reading.iuvs.is_empty() {
                wrong.extend(concluded.candidates.iter().map(texts::candidate));
            }
            shown.credits.push((view.credit.provvisorio, concluded.state, wrong));
        }
        province.spoken_for = spoken_for;
        let flow = |flow: &FlowView| {
            (flow.key.clone(), flow.standing, flow.credited, province.timing(flow))
        };
        shown.flows.extend(province.flows.iter().map(flow));
        let open = province.findings.iter().filter(|finding| finding.closed_by.is_none());
        shown.wrong.extend(open.map(|one| format!("Anomalia: {}", texts::explanation(one))));
        Ok(shown)
    }
}

//! How many and how much, by state.

use std::collections::BTreeMap;

use domain::money::Cents;
use jiff::Timestamp;

use crate::row::{
    AnomalyCode, AnomalyRow, AnomalyState, ByState, Conservation, CreditRow, CreditState, FlowRow,
    FlowState, InputKind, InputOutcome, InputRow, IntermediaryCoverage, Party, PaymentRow,
    PaymentState, PositionAmounts, PositionRow, PositionState, ProposalReason, ProposalRow,
    ProposalState, PspRow, PspTotals, Summary,
};
use crate::writer::Closing;

/// The tallies of all rows. See [`Summary`](crate::row::Summary) for what each counts.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    pub inputs: ByState<InputOutcome>,
    pub inputs_by_kind: ByState<InputKind>,
    /// Both at once, for the page.
    pub inputs_by_both: BTreeMap<(InputKind, InputOutcome), u64>,
    pub credits: ByState<CreditState>,
    pub conservation: Conservation,
    pub flows: ByState<FlowState>,
    pub payments: ByState<PaymentState>,
    /// By organization and technology partner; as many as the station tables name, and one more.
    pub intermediaries: BTreeMap<(String, Option<String>), IntermediaryCoverage<'static>>,
    pub positions: ByState<PositionState>,
    pub position_amounts: PositionAmounts,
    pub anomalies: ByState<AnomalyState>,
    pub anomalies_by_code: ByState<AnomalyCode>,
    pub anomalies_by_party: ByState<Party>,
    pub proposals: ByState<ProposalState>,
    pub proposals_by_reason: ByState<ProposalReason>,
    pub psp: PspTotals,
}

impl Tallies {
    pub fn input(&mut self, row: &InputRow<'_>) {
        self.inputs.add(row.outcome, Cents::ZERO);
        self.inputs_by_kind.add(row.kind, Cents::ZERO);
        *self.inputs_by_both.entry((row.kind, row.outcome)).or_default() += 1;
    }

    pub fn credit(&mut self, row: &CreditRow<'_>) {
        self.credits.add(row.state, row.amount);
        self.conservation.add(row.state, row.amount);
    }

    pub fn flow(&mut self, row: &FlowRow<'_>) {
        self.flows.add(row.state, row.declared_total);
    }

    pub fn payment(&mut self, row: &PaymentRow<'_>) {
        self.payments.add(row.state, row.amount);
        let name = row.intermediary.as_deref().map(str::to_owned);
        self.intermediaries.entry((row.organization.to_string(), name)).or_default().add(row);
    }

    pub fn position(&mut self, row: &PositionRow<'_>) {
        self.positions.add(row.state, row.due.unwrap_or_default());
        let sums = &mut self.position_amounts;
        sums.due += row.due.unwrap_or_default();
        sums.paid += row.paid;
        sums.residual += row.residual.unwrap_or_default();
        sums.refundable += row.refundable;
        sums.minor_revenue += row.minor_revenue;
    }

    pub fn anomaly(&mut self, row: &AnomalyRow<'_>) {
        let amount = row.amount.unwrap_or_default();
        self.anomalies.add(row.state, amount);
        if row.state == AnomalyState::Open {
            self.anomalies_by_code.add(row.code, amount);
            self.anomalies_by_party.add(row.competence.party, amount);
        }
    }

    pub fn proposal(&mut self, row: &ProposalRow<'_>) {
        self.proposals.add(row.state, row.total);
        if let Some(reason) = row.reason {
            self.proposals_by_reason.add(reason, row.total);
        }
    }

    pub fn psp(&mut self, row: &PspRow<'_>) {
        let sums = &mut self.psp;
        sums.count += 1;
        sums.flows += row.flows;
        sums.late += row.late;
        sums.wrong += row.wrong;
        sums.integrative += row.integrative;
        sums.days_late += row.days_late;
        sums.amount_late += row.amount_late;
        sums.interest += row.interest;
    }

    /// The report in numbers.
    pub fn summary<'a>(&self, as_of: Timestamp, closing: &'a Closing<'a>) -> Summary<'a> {
        Summary {
            as_of,
            organizations: &closing.organizations,
            inputs: self.inputs.clone(),
            inputs_by_kind: self.inputs_by_kind.clone(),
            credits: self.credits.clone(),
            flows: self.flows.clone(),
            payments: self.payments.clone(),
            positions: self.positions.clone(),
            position_amounts: self.position_amounts,
            anomalies: self.anomalies.clone(),
            anomalies_by_code: self.anomalies_by_code.clone(),
            anomalies_by_party: self.anomalies_by_party.clone(),
            proposals: self.proposals.clone(),
            proposals_by_reason: self.proposals_by_reason.clone(),
            psp: self.psp,
            conservation: self.conservation,
            coverage: &closing.coverage,
            intermediaries: self.of_intermediaries(closing),
        }
    }

    /// What each technology partner gives us; also those that no payment is of.
    pub fn of_intermediaries(&self, closing: &Closing<'_>) -> Vec<IntermediaryCoverage<'static>> {
        let mut all = self.intermediaries.clone();
        for known in &closing.intermediaries {
            let key = (known.organization.to_string(), Some(known.name.to_string()));
            all.entry(key).or_default().receipts_expected = Some(known.receipts_expected);
        }
        all.into_iter()
            .map(|((organization, intermediary), counted)| IntermediaryCoverage {
                organization: organization.into(),
                intermediary: intermediary.map(Into::into),
                explained_percent: counted.percent(),
                ..counted
            })
            .collect()
    }
}

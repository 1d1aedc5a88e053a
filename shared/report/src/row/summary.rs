//! The report in numbers.

use std::collections::BTreeMap;
use std::fmt;

use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::{
    AnomalyCode, AnomalyState, CreditState, FlowState, InputKind, InputOutcome,
    IntermediaryCoverage, Party, PaymentState, PositionState, ProposalReason, ProposalState, Text,
    wire,
};
use crate::words::Word;

/// `summary.json`: counts and amounts of everything, by state.
#[derive(Debug, Clone, Serialize)]
pub struct Summary<'a> {
    /// The instant that the report is true for.
    #[serde(serialize_with = "wire::instant")]
    pub as_of: Timestamp,
    /// The organizations.
    pub organizations: &'a [Organization<'a>],
    /// Inputs by outcome.
    #[serde(serialize_with = "counts_only")]
    pub inputs: ByState<InputOutcome>,
    /// Inputs by kind.
    #[serde(serialize_with = "counts_only")]
    pub inputs_by_kind: ByState<InputKind>,
    /// Provvisori by state, with their amounts.
    pub credits: ByState<CreditState>,
    /// Flows by state, with their declared totals.
    pub flows: ByState<FlowState>,
    /// Payments by state, with their amounts.
    pub payments: ByState<PaymentState>,
    /// Positions by state, with what is due.
    pub positions: ByState<PositionState>,
    /// Sums over all positions.
    pub position_amounts: PositionAmounts,
    /// Anomalies by state, with the amounts that are known.
    pub anomalies: ByState<AnomalyState>,
    /// Open anomalies by code.
    pub anomalies_by_code: ByState<AnomalyCode>,
    /// Open anomalies by who must act.
    pub anomalies_by_party: ByState<Party>,
    /// Proposals by state, with their totals.
    pub proposals: ByState<ProposalState>,
    /// Held proposals by reason.
    pub proposals_by_reason: ByState<ProposalReason>,
    /// Sums over all PSPs and months.
    pub psp: PspTotals,
    /// Where every cent that came in is.
    pub conservation: Conservation,
    /// Which days of which treasurer are loaded.
    pub coverage: &'a [Coverage<'a>],
    /// What each technology partner gives us.
    pub intermediaries: Vec<IntermediaryCoverage<'static>>,
}

/// An organization that the report is about.
#[derive(Debug, Clone, Serialize)]
pub struct Organization<'a> {
    /// Fiscal code.
    pub fiscal_code: Text<'a>,
    /// Name.
    pub name: Text<'a>,
}

/// Which days of a treasurer's journal are loaded.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// The treasurer, by its ABI code.
    pub treasurer: Text<'a>,
    /// The days that are loaded.
    #[serde(serialize_with = "wire::texts")]
    pub loaded_days: Vec<Date>,
    /// The operating days between the first and the as-of day that are not.
    #[serde(serialize_with = "wire::texts")]
    pub missing_days: Vec<Date>,
}

/// Where every cent that came in is: the first is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Conservation {
    /// All the provvisori.
    #[serde(serialize_with = "wire::text")]
    pub credits_in: Cents,
    /// Explained: `matched` and `regularised`.
    #[serde(serialize_with = "wire::text")]
    pub matched: Cents,
    /// Waiting for a person's choice: `proposed`.
    #[serde(serialize_with = "wire::text")]
    pub proposed: Cents,
    /// Not explained: `open`, `ambiguous` and `anomaly`.
    #[serde(serialize_with = "wire::text")]
    pub unexplained: Cents,
    /// Taken back by the treasurer: `reversed`.
    #[serde(serialize_with = "wire::text")]
    pub reversed: Cents,
}

impl Conservation {
    /// Adds a provvisorio.
    pub fn add(&mut self, state: CreditState, amount: Cents) {
        self.credits_in += amount;
        *match state {
            CreditState::Matched | CreditState::Regularised => &mut self.matched,
            CreditState::Proposed => &mut self.proposed,
            CreditState::Open | CreditState::Ambiguous | CreditState::Anomaly => {
                &mut self.unexplained
            }
            CreditState::Reversed => &mut self.reversed,
        } += amount;
    }

    /// Whether the parts add up to the whole, to the cent.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.matched + self.proposed + self.unexplained + self.reversed == self.credits_in
    }
}

impl fmt::Display for Conservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in = {} matched + {} proposed + {} unexplained + {} reversed",
            self.credits_in, self.matched, self.proposed, self.unexplained, self.reversed
        )
    }
}

/// How many, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How much, as far as amounts are known.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
}

impl Tally {
    /// Adds one thing.
    pub fn add(&mut self, amount: Cents) {
        self.count += 1;
        self.amount += amount;
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.amount += other.amount;
    }
}

/// A tally for each word of a vocabulary. All of them are written, also those with nothing.
#[derive(Debug, Clone)]
pub struct ByState<W>(BTreeMap<W, Tally>);

impl<W: Word> ByState<W> {
    /// Adds one thing in a state.
    pub fn add(&mut self, state: W, amount: Cents) {
        self.0.entry(state).or_default().add(amount);
    }

    /// The tally of a state.
    #[must_use]
    pub fn get(&self, state: W) -> Tally {
        self.0.get(&state).copied().unwrap_or_default()
    }

    /// The tally of all states together.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.0.values().for_each(|tally| total += *tally);
        total
    }

    /// Each state that something is in, with its tally, in the order of the vocabulary.
    pub fn present(&self) -> impl Iterator<Item = (W, Tally)> {
        self.0.iter().map(|(state, tally)| (*state, *tally))
    }
}

impl<W> Default for ByState<W> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<W: Word> Serialize for ByState<W> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(W::ALL.iter().map(|state| (state.code(), self.get(*state))))
    }
}

/// Inputs have no amount.
fn counts_only<W: Word, S: Serializer>(tallies: &ByState<W>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Count {
        count: u64,
    }
    to.collect_map(W::ALL.iter().map(|w| (w.code(), Count { count: tallies.get(*w).count })))
}

/// Sums over all positions.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct PositionAmounts {
    /// What is due, where it is known.
    #[serde(serialize_with = "wire::text")]
    pub due: Cents,
    /// What was paid.
    #[serde(serialize_with = "wire::text")]
    pub paid: Cents,
    /// What is still due, where it is known.
    #[serde(serialize_with = "wire::text")]
    pub residual: Cents,
    /// What was paid beyond what was due.
    #[serde(serialize_with = "wire::text")]
    pub refundable: Cents,
    /// What the accertamenti lose.
    #[serde(serialize_with = "wire::text")]
    pub minor_revenue: Cents,
}

/// Sums over PSPs and months.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct PspTotals {
    /// How many rows: PSPs times months.
    pub count: u64,
    /// How many flows.
    pub flows: u64,
    /// How many of them late.
    pub late: u64,
    /// How many of them wrong.
    pub wrong: u64,
    /// How many integrative transfers.
    pub integrative: u64,
    /// Sum of the days of delay.
    pub days_late: u64,
    /// Money that came late.
    #[serde(serialize_with = "wire::text")]
    pub amount_late: Cents,
    /// Interest for it.
    #[serde(serialize_with = "wire::text")]
    pub interest: Cents,
}

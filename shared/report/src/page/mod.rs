//! `report.html`: one page for whoever opens it on Monday morning, with no network and no script.

mod chart;
mod filters;
mod view;

use askama::Template;
use domain::money::Cents;
use jiff::Timestamp;

use crate::italian::{InFull, Share};
use crate::overview::{
    Anomaly, Credit, Flow, LISTED_MAX, Overview, Proposal, Refund, Refused, Tallies,
};
use crate::row::{
    InputOutcome, IntermediaryCoverage, Organization, Party, ProposalState, ReceiptPresence, Tally,
};
use crate::wire::rome;
use crate::words::Word;
use crate::writer::Closing;
use chart::{COLUMN_STEP, COLUMNS_HEIGHT, ROW_STEP};
use view::{
    Ageing, Days, Duty, Income, Letter, Listed, Punctuality, Received, States, duties, letters,
    received,
};

/// Recipients that the first screen names.
const NAMED_MAX: usize = 2;

/// The page. Every text in it is harmless; the template escapes it for HTML.
#[derive(Template)]
#[template(path = "report.html")]
pub(crate) struct Page<'a> {
    as_of: InFull,
    organizations: &'a [Organization<'a>],
    tallies: Tallies,
    duties: Vec<Duty>,
    letters: Vec<Letter>,
    ageing: Ageing,
    income: Income,
    states: [States; 4],
    anomalies: Listed<Anomaly>,
    credits: Listed<Credit>,
    flows: Listed<Flow>,
    refunds: Listed<Refund>,
    proposals: Listed<Proposal>,
    punctuality: Punctuality,
    received: Vec<Received>,
    refused: Vec<Refused>,
    days: Vec<Days<'a>>,
    intermediaries: Vec<IntermediaryCoverage<'static>>,
}

impl<'a> Page<'a> {
    /// The page of what the rows said.
    pub fn new(as_of: Timestamp, closing: &'a Closing<'a>, overview: Overview) -> Self {
        Self {
            as_of: InFull(rome(as_of)),
            ageing: Ageing::new(&overview),
            organizations: &closing.organizations,
            duties: duties(overview.work),
            letters: letters(overview.recipients, overview.today),
            income: Income::new(overview.months),
            states: states(&overview.tallies),
            anomalies: Listed::new(overview.anomalies),
            credits: Listed::new(overview.credits),
            flows: Listed::new(overview.flows),
            refunds: Listed::new(overview.refunds),
            proposals: Listed::new(overview.proposals),
            punctuality: Punctuality::new(overview.psps),
            received: received(&overview.tallies.inputs_by_both),
            refused: overview.refused,
            days: closing.coverage.iter().map(Days::new).collect(),
            intermediaries: overview.tallies.of_intermediaries(closing),
            tallies: overview.tallies,
        }
    }

    /// The open anomalies that somebody must act upon, the largest first.
    pub fn todo(&self) -> &[Anomaly] {
        &self.anomalies.rows
    }

    /// How many and how much of everything.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Open anomalies that are only an information.
    fn informations(&self) -> Tally {
        self.tallies.anomalies_by_party.get(Party::None)
    }

    /// Inputs that did not come in, or not whole.
    fn not_whole(&self) -> Tally {
        let mut tally = self.tallies.inputs.get(InputOutcome::Refused);
        tally += self.tallies.inputs.get(InputOutcome::Partial);
        tally
    }

    /// How many matters there are to write about.
    fn matters(&self) -> u64 {
        self.letters.iter().map(|letter| letter.tally.count).sum()
    }

    /// Those with most money at stake, by name.
    fn first_recipients(&self) -> String {
        let names = self.letters.iter().take(NAMED_MAX).map(|letter| match &*letter.name {
            "" => letter.party.label(),
            name => name,
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// What of the money that came in, net of what was taken back, is explained.
    fn matched_share(&self) -> Share {
        let money = &self.tallies.conservation;
        let euros = |amount: Cents| amount.get().max(0).unsigned_abs();
        Share { part: euros(money.matched), whole: euros(money.credits_in - money.reversed) }
    }
}

fn states(tallies: &Tallies) -> [States; 4] {
    [
        States::new(
            ["Provvisori di entrata", "provvisori", "Importo", "credits"],
            &tallies.credits,
        ),
        States::new(
            ["Flussi di rendicontazione", "flussi", "Totale dichiarato", "flows"],
            &tallies.flows,
        ),
        States::new(["Pagamenti", "pagamenti", "Importo", "payments"], &tallies.payments),
        States::new(
            ["Posizioni debitorie", "posizioni", "Dovuto", "positions"],
            &tallies.positions,
        ),
    ]
}

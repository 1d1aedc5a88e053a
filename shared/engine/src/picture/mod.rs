//! The picture of a province at one moment: every outcome joined with every other, and the report
//! that shows it.
//!
//! Outcomes of the ledger depend on facts alone. What also depends on the moment (what is pending,
//! what is late, what can be paid today) and on the configuration (who owns an IUV, which
//! accertamento) is worked out here, so that time alone never makes an outcome stale.

mod accounts;
mod anomalies;
mod assignments;
mod candidates;
mod coverage;
mod credits;
mod decided;
mod finding;
mod flows;
mod inputs;
mod names;
mod one;
mod payments;
mod proposals;
mod psp;
mod question;
mod rows;
mod singles;
mod still_open;
mod texts;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::clock::in_rome;
use domain::flow::FlowKey;
use domain::identifier::{OrganizationCode, Provvisorio};
use jiff::Timestamp;
use jiff::civil::Date;
use report::row::{Conservation, Intermediary as IntermediaryRow, Organization as OrganizationRow};
use report::{Classifications, Closing, Files, ReportError, ReportWriter};

use crate::configuration::{Configuration, Organization};
use crate::key;
use crate::port::{Home, PortError, PortResult, ReadFacts, ReadOutcomes};
use assignments::find_payers;
use candidates::{FlowSearch, PositionSearch};
use coverage::Coverage;
use decided::Decided;
use finding::Finding;
use names::Names;
use rows::{Payments, Row, Rows, WriterGone, Written};
use singles::Singles;

pub use anomalies::remember;
pub(crate) use anomalies::{open_on, recall};
pub(crate) use assignments::lines;
pub(crate) use credits::CreditView;
pub(crate) use finding::anomaly_id;
pub(crate) use flows::{FlowView, Timing};
pub(crate) use one::{Around, Shown};
pub(crate) use payments::Debt;
pub(crate) use question::{Asked, Question, question};
pub(crate) use still_open::still_open;
pub(crate) use texts::verdict;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The ledger could not be read.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The files could not be written, or the money does not add up.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The writer of the files has stopped; why is told instead of this.
    #[error("the writer of the files has stopped")]
    WriterGone,
}

impl From<WriterGone> for PictureError {
    fn from(_: WriterGone) -> Self {
        Self::WriterGone
    }
}

/// What a report was about, in a few numbers.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Where every cent is.
    pub conservation: Conservation,
    /// How many provvisori.
    pub credits: u64,
    /// How many flows, superseded revisions included.
    pub flows: u64,
    /// How many payments.
    pub payments: u64,
    /// How many positions.
    pub positions: u64,
    /// The working days without a journal of the treasurer up to now: the most of any organization
    /// that has one.
    pub working_days_without_journal: Option<u64>,
    /// The anomalies of the moment, to be remembered with [`remember`].
    pub anomalies: Vec<anomalies::Anomaly>,
}

/// What is known of one organization, joined.
pub(crate) struct Province<'a> {
    code: &'a OrganizationCode,
    configuration: &'a Configuration,
    settings: &'a Organization,
    as_of: Timestamp,
    /// The day of `as_of` in Rome.
    today: Date,
    flows: Vec<FlowView>,
    flow_places: HashMap<FlowKey, usize>,
    flow_search: FlowSearch,
    /// What seeks a position, while positions are read.
    position_search: PositionSearch,
    /// The identifiers of the flows, folded.
    known_iufs: HashSet<String>,
    credits: Vec<CreditView>,
    credit_places: BTreeMap<Provvisorio, usize>,
    /// The identifiers of the flows that came in and were refused, folded.
    refused_flows: HashSet<String>,
    /// What the credits that name an IUV pay.
    singles: Singles,
    /// The flows that a credit names without paying them, or is proposed for; while credits were
    /// written.
    spoken_for: HashSet<FlowKey>,
    /// Whether causali are damaged with many providers.
    damaged_with_many: bool,
    coverage: Coverage,
    names: Names,
    decided: Decided,
    findings: Vec<Finding>,
}

/// Writes every report file for the moment `as_of`.
///
/// # Errors
/// When the ledger cannot be read, a file cannot be written, or the rows do not account for every
/// cent that came in: no file is shown then.
pub fn write_report<H: Home, P: Files + Send>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
    files: P,
) -> Result<Overview, PictureError>
where
    P::File: Send,
{
    let classifications = Classifications::create(&files)?;
    let to = Written { report: ReportWriter::new(files, as_of)?, classifications };
    let (rows, receiver) = rows::channel();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || rows::write(to, &receiver));
        let drawn = draw(home, configuration, as_of, rows);
        let written = writing.join().expect("a writer of rows does not panic")?;
        let (overview, closing) = drawn?;
        written.report.finish(&closing, written.classifications)?;
        Ok(overview)
    })
}

/// Works out every row; says what the report is about, and what closes it.
fn draw<H: Home>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
    mut rows: Rows,
) -> Result<(Overview, Closing<'static>), PictureError> {
    let today = in_rome(as_of).date();
    let mut overview = Overview::default();
    let mut findings = Vec::new();
    let mut decided = BTreeMap::new();
    let mut coverages = Vec::new();
    let mut organizations = Vec::new();
    let mut partners = Vec::new();
    let mut payments = Payments::new();
    let input_findings = std::thread::scope(|scope| {
        let mut of_inputs = rows.another();
        let inputs = scope.spawn(move || {
            inputs::write(&mut home.reader()?, configuration, today, &mut of_inputs)
        });
        for (code, settings) in &configuration.organizations {
            let mut province =
                Province::load(&mut home.reader()?, code, settings, configuration, as_of)?;
            overview.positions +=
                province.positions_and_payments(home, &mut rows, &mut payments)?;
            overview.credits += province.write_credits(&mut rows, &mut overview.conservation)?;
            overview.flows += province.write_flows(&mut rows)?;
            province.write_psps(&mut rows)?;
            province.journal_findings();
            let behind = province.coverage.working_days_behind(today, &configuration.calendar);
            overview.working_days_without_journal =
                overview.working_days_without_journal.max(behind);
            decided.insert(code.clone(), std::mem::take(&mut province.decided));
            coverages.extend(province.coverage.rows(code));
            findings.append(&mut province.findings);
            partners.extend(intermediaries(code, settings));
            organizations.push(OrganizationRow {
                fiscal_code: code.to_string().into(),
                name: settings.name.clone().into(),
            });
        }
        inputs.join().expect("a reader of inputs does not panic")
    })?;
    findings.extend(input_findings);
    overview.payments = payments.len() as u64;
    for row in payments {
        rows.push(Row::Payment(row))?;
    }
    overview.anomalies =
        anomalies::write(&mut home.reader()?, &mut rows, configuration, &decided, findings)?;
    rows.flush()?;
    let conservation = overview.conservation;
    let closing =
        Closing { organizations, coverage: coverages, intermediaries: partners, conservation };
    Ok((overview, closing))
}

/// The technology partners of an organization's station table, each once.
fn intermediaries(
    code: &OrganizationCode,
    settings: &Organization,
) -> Vec<IntermediaryRow<'static>> {
    let mut receipts: BTreeMap<&str, bool> = BTreeMap::new();
    for station in &settings.stations {
        *receipts.entry(&station.intermediary).or_default() |= station.receipts;
    }
    let row = |(name, receipts_expected): (&str, bool)| IntermediaryRow {
        organization: code.to_string().into(),
        name: name.to_owned().into(),
        receipts_expected,
    };
    receipts.into_iter().map(row).collect()
}

impl<'a> Province<'a> {
    fn load(
        reader: &mut (impl ReadFacts + ReadOutcomes),
        code: &'a OrganizationCode,
        settings: &'a Organization,
        configuration: &'a Configuration,
        as_of: Timestamp,
    ) -> PortResult<Self> {
        let (flows, credits) = (flows::load(reader, code)?, credits::load(reader, code)?);
        let coverage = Coverage::load(reader, code)?;
        let loaded = (flows, credits, coverage);
        let mut province = Self::of(reader, code, settings, configuration, as_of, loaded)?;
        let alone = Decided::load(reader, code)?;
        province.decided.merge(alone);
        Ok(province)
    }

    /// A province of these flows and credits.
    fn of(
        reader: &mut (impl ReadFacts + ReadOutcomes),
        code: &'a OrganizationCode,
        settings: &'a Organization,
        configuration: &'a Configuration,
        as_of: Timestamp,
        (mut flows, mut credits, coverage): (Vec<FlowView>, Vec<CreditView>, Coverage),
    ) -> PortResult<Self> {
        let flow_places: HashMap<_, _> =
            flows.iter().enumerate().map(|(place, flow)| (flow.key.clone(), place)).collect();
        let credit_places = credits
            .iter()
            .enumerate()
            .map(|(place, view)| (view.credit.provvisorio, place))
            .collect();
        find_payers(reader, code, flows.iter_mut(), &credits, &credit_places)?;
        let singles = singles::find(reader, code, (&mut flows, &mut credits), &flow_places)?;
        let changed = flows.iter_mut().filter(|flow| !flow.singles.is_empty());
        find_payers(reader, code, changed, &credits, &credit_places)?;
        let mut decided = Decided::default();
        for view in &credits {
            decided.add(&view.decisions);
        }
        let known_iufs = flows.iter().map(|flow| flow.key.iuf.folded()).collect();
        Ok(Self {
            code,
            names: Names::of(&flows),
            known_iufs,
            flow_search: FlowSearch::new(&flows),
            position_search: PositionSearch::default(),
            configuration,
            settings,
            as_of,
            today: in_rome(as_of).date(),
            flows,
            flow_places,
            damaged_with_many: credits::damaged_with_many(&credits),
            credits,
            credit_places,
            refused_flows: refused_flows(reader, code)?,
            singles,
            spoken_for: HashSet::new(),
            coverage,
            decided,
            findings: Vec::new(),
        })
    }
}

/// The identifiers of the flows of an organization that came in and were refused, folded.
fn refused_flows(
    reader: &mut impl ReadFacts,
    code: &OrganizationCode,
) -> PortResult<HashSet<String>> {
    let prefix = key::refused_flows(code);
    let mut refused = HashSet::new();
    reader.scan_facts(&prefix, &mut |fact| {
        refused.extend(fact.partition.strip_prefix(&prefix).map(str::to_owned));
        Ok(())
    })?;
    Ok(refused)
}

//! Credits and flows of one organization: a few thousand a year, put side by side in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::causale::{self, KnownFlows};
use domain::credit::{Credit, credit};
use domain::decision::{Decision, in_force as holding};
use domain::fact::Sourced;
use domain::flow::{FlowKey, Revision, current_revision, group_by_provider, provider};
use domain::identifier::{Iuf, OrganizationCode, Provvisorio, Psp};
use domain::settlement::{CreditStanding, CreditToSettle, FlowToSettle, Settlement, settle};
use jiff::Timestamp;

use super::Reconciled;
use super::change::{change, facts_hash};
use crate::intake::revision_tag;
use crate::key::{self, Kind};
use crate::port::{
    Fact, Hash, Home, Outcome, PortResult, ReadFacts, ReadOutcomes, Subject, Ticket, WorkQueue,
    WriteOutcomes,
};
use crate::record::{
    self, ChunkRecord, CreditOutcome, DECISION, FlowOutcome, FlowStandingRecord, MovementRecord,
    ReadingRecord, RevisionRecord, StandingRecord,
};

/// The revisions in force, by their tag: the flow that each is a revision of.
pub type InForce = HashMap<String, FlowKey>;

/// What this stage did, and what the next needs.
pub struct Settled {
    pub done: Reconciled,
    pub in_force: InForce,
}

/// One IUF: its flows as they are now, and what is stored.
pub struct FlowState {
    stored: Option<Outcome>,
    groups: Vec<Vec<Revision>>,
    facts: Hash,
    ticket: Option<Ticket>,
}

/// One provvisorio: the credit as it is now, and what is stored.
pub struct CreditState {
    stored: Option<Outcome>,
    pub(super) credit: Credit,
    /// The decisions on it that hold.
    pub(super) decisions: Vec<Decision>,
    /// The positions that any decision on it ever chose.
    positions: BTreeSet<String>,
    facts: Hash,
    ticket: Option<Ticket>,
}

impl CreditState {
    /// What a person chose it to be.
    pub(super) fn chosen(&self) -> Option<&Decision> {
        self.decisions.iter().find(|decision| decision.choice().is_some())
    }
}

/// Most asked subjects that are looked at in one round.
const ROUND: usize = 100_000;

/// Computes asked credits and flows, reads every causale with the flows that are known now,
/// settles, and stores what changed.
pub fn bring_up_to_date<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    now: Timestamp,
) -> PortResult<Settled> {
    let mut reader = home.reader()?;
    let mut writer = home.writer()?;
    loop {
        let asked_credits = writer.asked(&Kind::Credit.prefix(organization), ROUND)?;
        let asked_flows = writer.asked(&Kind::Flow.prefix(organization), ROUND)?;
        let flows = load_flows(&mut reader, organization, &asked_flows)?;
        let in_force = in_force(&flows);
        if asked_credits.is_empty() && asked_flows.is_empty() {
            return Ok(Settled { done: Reconciled::default(), in_force });
        }
        let (credits, mut unborn) = load_credits(&mut reader, organization, &asked_credits)?;
        let computed = (credits.len() + flows.len()) as u64;

        ask_for_lines(&mut reader, &mut writer, organization, &flows)?;
        ask_for_positions(&mut writer, organization, &credits)?;
        let (of_flows, of_credits) = compute(&flows, &credits);
        let mut changes = Vec::new();
        let mut answered = std::mem::take(&mut unborn);
        let mut conclude = |subject, stored: Option<Outcome>, body, facts, ticket: Option<_>| {
            let ticket = ticket.into_iter().collect();
            match change(subject, stored.as_ref(), body, facts, now, ticket)? {
                Ok(change) => changes.push(change),
                Err(tickets) => answered.extend(tickets),
            }
            PortResult::Ok(())
        };
        for ((subject, state), outcome) in flows.into_iter().zip(of_flows) {
            conclude(subject, state.stored, record::write(&outcome), state.facts, state.ticket)?;
        }
        for ((subject, state), outcome) in credits.into_iter().zip(of_credits) {
            conclude(subject, state.stored, record::write(&outcome), state.facts, state.ticket)?;
        }
        writer.answer(&answered)?;
        let stored = writer.conclude(&changes)?;
        if stored.iter().all(|stored| *stored) {
            let done = Reconciled { computed, changed: changes.len() as u64 };
            return Ok(Settled { done, in_force });
        }
        // Another worker was faster with some subject: its facts are read again.
    }
}

/// Every flow of the organization: the asked ones from their facts, the others from their outcome.
fn load_flows(
    reader: &mut (impl ReadFacts + ReadOutcomes),
    organization: &OrganizationCode,
    asked: &[Ticket],
) -> PortResult<BTreeMap<Subject, FlowState>> {
    let mut flows = BTreeMap::new();
    reader.scan_outcomes(&Kind::Flow.prefix(organization), &mut |subject, outcome| {
        let read: FlowOutcome = record::read(&outcome.body)?;
        let groups = read.flows.into_iter().map(|flow| flow.into_revisions(organization)).collect();
        let state =
            FlowState { stored: Some(outcome), groups, facts: Hash::default(), ticket: None };
        flows.insert(subject, state);
        Ok(())
    })?;
    let partitions: Vec<_> = asked.iter().map(|ticket| ticket.subject.0.clone()).collect();
    for (ticket, facts) in asked.iter().zip(reader.facts(&partitions)?) {
        let stored = flows.remove(&ticket.subject).and_then(|state: FlowState| state.stored);
        let ticket = ticket.clone();
        let state =
            FlowState { stored, ticket: Some(ticket.clone()), ..flow_state(organization, &facts)? };
        flows.insert(ticket.subject, state);
    }
    Ok(flows)
}

/// One IUF as its facts have it.
pub fn flow_state(organization: &OrganizationCode, facts: &[Fact]) -> PortResult<FlowState> {
    let mut revisions = Vec::new();
    for fact in facts {
        let record: RevisionRecord = record::read(&fact.body)?;
        revisions.push(record.into_revision(organization, fact.source.clone()));
    }
    Ok(FlowState {
        stored: None,
        groups: group_by_provider(revisions),
        facts: facts_hash(facts),
        ticket: None,
    })
}

/// Every credit of the organization; and the tickets of those that only reversali speak of so far.
fn load_credits(
    reader: &mut (impl ReadFacts + ReadOutcomes),
    organization: &OrganizationCode,
    asked: &[Ticket],
) -> PortResult<(BTreeMap<Subject, CreditState>, Vec<Ticket>)> {
    let mut credits = BTreeMap::new();
    let mut unborn = Vec::new();
    reader.scan_outcomes(&Kind::Credit.prefix(organization), &mut |subject, outcome| {
        let read: CreditOutcome = record::read(&outcome.body)?;
        let state = CreditState {
            stored: Some(outcome),
            credit: read.credit(),
            decisions: read.decisions,
            positions: BTreeSet::new(),
            facts: Hash::default(),
            ticket: None,
        };
        credits.insert(subject, state);
        Ok(())
    })?;
    let partitions: Vec<_> = asked.iter().map(|ticket| ticket.subject.0.clone()).collect();
    for (ticket, facts) in asked.iter().zip(reader.facts(&partitions)?) {
        match credit_state(&ticket.subject, &facts)? {
            Some(state) => {
                let stored =
                    credits.remove(&ticket.subject).and_then(|state: CreditState| state.stored);
                let state = CreditState { stored, ticket: Some(ticket.clone()), ..state };
                credits.insert(ticket.subject.clone(), state);
            }
            None => unborn.push(ticket.clone()),
        }
    }
    Ok((credits, unborn))
}

/// One provvisorio as its facts have it; `None` while only reversali speak of it.
pub fn credit_state(subject: &Subject, facts: &[Fact]) -> PortResult<Option<CreditState>> {
    let Some(provvisorio) = key::provvisorio(&subject.0) else { return Ok(None) };
    let mut movements = Vec::with_capacity(facts.len());
    for fact in facts.iter().filter(|fact| !fact.sort.starts_with(DECISION)) {
        let record: MovementRecord = record::read(&fact.body)?;
        let movement = record.into_movement(provvisorio);
        movements.extend(
            movement.map(|movement| Sourced { fact: movement, source: fact.source.clone() }),
        );
    }
    let decisions = record::decisions(facts)?;
    let positions = decisions.iter().filter_map(Decision::position);
    let positions = positions.map(|chosen| chosen.position_id.to_string()).collect();
    let state = |credit| CreditState {
        stored: None,
        credit,
        decisions: holding(decisions),
        positions,
        facts: facts_hash(facts),
        ticket: None,
    };
    Ok(credit(provvisorio, &movements).map(state))
}

/// The revisions in force among flows.
pub fn in_force(flows: &BTreeMap<Subject, FlowState>) -> InForce {
    let mut in_force = HashMap::new();
    for group in flows.values().flat_map(|state| &state.groups) {
        if let Some(current) = current_revision(group) {
            let header = &group[current].header;
            let key = FlowKey { psp: provider(group), iuf: header.iuf.clone() };
            in_force.insert(revision_tag(header), key);
        }
    }
    in_force
}

/// Every causale is read with the flows that are known now: a flow that arrives after its credit
/// may make a cut identifier whole.
fn read_causali(
    credits: &BTreeMap<Subject, CreditState>,
    flows: &BTreeMap<Subject, FlowState>,
) -> BTreeMap<Provvisorio, ReadingRecord> {
    let known = KnownFlows::new(
        flows.values().flat_map(|state| &state.groups).map(|group| group[0].header.iuf.clone()),
    );
    credits
        .values()
        .map(|state| &state.credit)
        .map(|credit| {
            let reading =
                causale::read(&credit.remittance, credit.end_to_end_id.as_deref(), &known);
            (credit.provvisorio, ReadingRecord::from(reading))
        })
        .collect()
}

/// Places of flows and of credits in the settlement.
type FlowPlaces = HashMap<FlowKey, usize>;
type CreditPlaces = HashMap<Provvisorio, usize>;

fn put_side_by_side(
    flows: &BTreeMap<Subject, FlowState>,
    credits: &BTreeMap<Subject, CreditState>,
    readings: &BTreeMap<Provvisorio, ReadingRecord>,
) -> (Settlement, FlowPlaces, CreditPlaces) {
    let mut to_settle = Vec::new();
    let mut flow_places = HashMap::new();
    for group in flows.values().flat_map(|state| &state.groups) {
        if let Some(current) = current_revision(group) {
            let header = &group[current].header;
            let key = FlowKey { psp: provider(group), iuf: header.iuf.clone() };
            flow_places.insert(key.clone(), to_settle.len());
            to_settle.push(FlowToSettle { key, total: header.declared_total });
        }
    }
    let mut naming = Vec::new();
    let mut credit_places = HashMap::new();
    for state in credits.values().filter(|state| state.credit.counts()) {
        let credit = &state.credit;
        let (iufs, chosen) = flows_named(state, &readings[&credit.provvisorio]);
        if !iufs.is_empty() {
            credit_places.insert(credit.provvisorio, naming.len());
            naming.push(CreditToSettle {
                provvisorio: credit.provvisorio,
                amount: credit.amount,
                date: credit.date,
                iufs,
                chosen,
                transaction_reference: credit.transaction_reference.clone(),
                end_to_end_id: credit.end_to_end_id.clone(),
            });
        }
    }
    (settle(&to_settle, &naming), flow_places, credit_places)
}

/// The flows that a credit names: those that a person chose, with their providers, else those of
/// its causale. None where a person chose that it is something else.
fn flows_named(state: &CreditState, reading: &ReadingRecord) -> (Vec<Iuf>, Vec<Psp>) {
    match state.chosen() {
        Some(decision) => {
            let flows = decision.flows().iter();
            flows.map(|flow| (flow.key.iuf.clone(), flow.key.psp.clone())).unzip()
        }
        None => (reading.iufs.clone(), Vec::new()),
    }
}

/// Where another revision has come into force, the payments of the lines of both are asked again.
fn ask_for_lines(
    reader: &mut impl ReadFacts,
    writer: &mut impl WorkQueue,
    organization: &OrganizationCode,
    flows: &BTreeMap<Subject, FlowState>,
) -> PortResult<()> {
    for state in flows.values().filter(|state| state.ticket.is_some()) {
        let Some(stored) = &state.stored else { continue };
        let before: FlowOutcome = record::read(&stored.body)?;
        let before: BTreeSet<_> =
            before.flows.iter().map(FlowStandingRecord::current_tag).collect();
        let after: BTreeSet<_> = state
            .groups
            .iter()
            .filter_map(|group| current_revision(group).map(|place| &group[place].header))
            .map(revision_tag)
            .collect();
        let Some(group) = state.groups.first() else { continue };
        if before == after {
            continue;
        }
        let partition = key::lines(organization, &group[0].header.iuf);
        reader.scan_facts(&partition, &mut |fact| {
            if fact.partition != partition {
                return Ok(());
            }
            let chunk: ChunkRecord = record::read(&fact.body)?;
            let asks: Vec<_> =
                chunk.iuvs().map(|iuv| Subject(key::iuv(organization, &iuv))).collect();
            writer.ask(&asks)
        })?;
    }
    Ok(())
}

/// A position is paid by the credits that were chosen for it: whatever is new of one may change it.
fn ask_for_positions(
    writer: &mut impl WorkQueue,
    organization: &OrganizationCode,
    credits: &BTreeMap<Subject, CreditState>,
) -> PortResult<()> {
    let positions = credits.values().flat_map(|state| &state.positions);
    let asks: BTreeSet<_> = positions.map(|id| Subject(key::position(organization, id))).collect();
    writer.ask(&asks.into_iter().collect::<Vec<_>>())
}

/// The outcome of each flow and of each credit, in their order.
pub fn compute(
    flows: &BTreeMap<Subject, FlowState>,
    credits: &BTreeMap<Subject, CreditState>,
) -> (Vec<FlowOutcome>, Vec<CreditOutcome>) {
    let mut readings = read_causali(credits, flows);
    let (settlement, flow_places, credit_places) = put_side_by_side(flows, credits, &readings);
    let of_flows = flows.values().map(|state| flow_outcome(state, &settlement, &flow_places));
    let mut names = vec![(Box::from(""), Box::from("")); flow_places.len()];
    for (key, place) in &flow_places {
        names[*place] = (key.psp.as_str().into(), key.iuf.as_str().into());
    }
    let standings = Standings { settlement: &settlement, credit_places, names };
    let of_credits = credits.values().map(|state| {
        let provvisorio = state.credit.provvisorio;
        let reading = readings.remove(&provvisorio).unwrap_or_default();
        let decisions = state.decisions.clone();
        CreditOutcome::new(&state.credit, reading, standings.of(provvisorio), decisions)
    });
    (of_flows.collect(), of_credits.collect())
}

fn flow_outcome(state: &FlowState, settlement: &Settlement, places: &FlowPlaces) -> FlowOutcome {
    let mut outcome = FlowOutcome::default();
    for group in &state.groups {
        let Some(current) = current_revision(group) else { continue };
        let key = FlowKey { psp: provider(group), iuf: group[current].header.iuf.clone() };
        let settled = &settlement.flows[places[&key]];
        outcome.flows.push(FlowStandingRecord::new(key.psp, current, group, settled));
    }
    outcome
}

/// What each credit turned out to be.
struct Standings<'a> {
    settlement: &'a Settlement,
    credit_places: CreditPlaces,
    /// Provider and identifier of each flow of the settlement.
    names: Vec<(Box<str>, Box<str>)>,
}

impl Standings<'_> {
    fn of(&self, provvisorio: Provvisorio) -> StandingRecord {
        let flows =
            |places: &[usize]| places.iter().map(|&place| self.names[place].clone()).collect();
        let Some(&place) = self.credit_places.get(&provvisorio) else {
            return StandingRecord::Unsettled;
        };
        match &self.settlement.credits[place] {
            CreditStanding::FlowUnknown => StandingRecord::Unsettled,
            CreditStanding::Pays(places) => StandingRecord::Pays { flows: flows(places) },
            CreditStanding::SeveralFlows(places) => {
                StandingRecord::SeveralFlows { flows: flows(places) }
            }
            CreditStanding::MayPay(first, others) => {
                let places: Vec<_> =
                    std::iter::once(*first).chain(others.iter().copied()).collect();
                StandingRecord::MayPay { flows: flows(&places) }
            }
            CreditStanding::Contradicts(places, code) => {
                StandingRecord::Contradicts { flows: flows(places), code: code.code().into() }
            }
        }
    }
}

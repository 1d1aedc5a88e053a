//! Anomalies: findings in words, and the memory of those that are closed.

use std::collections::BTreeMap;

use domain::anomaly::Code;
use domain::clock::in_rome;
use domain::decision::Decision;
use domain::identifier::OrganizationCode;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use report::Word;
use report::row::{
    AnomalyCode, AnomalyRow, AnomalyState, Candidate, Competence, DecisionRow, Evidence, Message,
    Party as PartyRow, Text,
};
use serde::{Deserialize, Serialize};

use super::decided::Decided;
use super::finding::{Finding, anomaly_id};
use super::rows::{Row, Rows};
use super::texts::Sender;
use super::{PictureError, texts};
use crate::configuration::{Configuration, Organization};
use crate::key::{self, Kind};
use crate::port::{Home, PortResult, ReadOutcomes, Subject};
use crate::reconcile::{change, facts_hash};
use crate::record;
use crate::seal;

/// An anomaly as it is remembered: what it said when it was last seen open, and when it closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AnomalyOutcome {
    code: String,
    subject: String,
    amount_cents: Option<i64>,
    since: Date,
    party: String,
    name: Option<String>,
    explanation: String,
    action: String,
    message: Option<String>,
    evidence: Vec<(String, String, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<CandidateRecord>,
    /// The day on which its cause was found gone; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_on: Option<Date>,
}

/// What may explain an anomaly, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CandidateRecord {
    subject: String,
    score: u32,
    reasons: Vec<String>,
}

/// An anomaly at the moment of a report.
#[derive(Debug, Clone)]
pub struct Anomaly {
    organization: OrganizationCode,
    id: String,
    outcome: AnomalyOutcome,
    /// The message in parts; absent of an anomaly that is only remembered.
    message: Option<Message<'static>>,
    /// Its cause is there, and a person closed it.
    dismissed: bool,
}

impl Anomaly {
    fn new(finding: &Finding, settings: Option<&Organization>) -> Self {
        let message = texts::message(finding, sender(finding, settings));
        let candidate = |one: &Candidate| CandidateRecord {
            subject: one.subject.to_string(),
            score: one.score,
            reasons: one.reasons.iter().map(ToString::to_string).collect(),
        };
        let outcome = AnomalyOutcome {
            code: finding.code.code().to_owned(),
            subject: finding.subject.clone(),
            amount_cents: finding.amount.map(Cents::get),
            since: finding.since,
            party: finding.party.code().to_owned(),
            name: finding.name.clone(),
            explanation: texts::explanation(finding),
            action: texts::action(finding),
            message: message.as_ref().map(ToString::to_string),
            evidence: finding
                .evidence
                .iter()
                .map(|(fact, source)| ((*fact).to_owned(), source.file.clone(), source.line))
                .collect(),
            candidates: finding.about.candidates.iter().map(candidate).collect(),
            closed_on: None,
        };
        Self {
            organization: finding.organization.clone(),
            id: finding.id(),
            outcome,
            message,
            dismissed: finding.closed_by.is_some(),
        }
    }

    /// Whether somebody must still look at it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.dismissed
    }
}

/// Writes the anomalies of the moment, and those that were there once and are closed. Says which
/// are there.
pub(crate) fn write(
    reader: &mut impl ReadOutcomes,
    out: &mut Rows,
    configuration: &Configuration,
    decided: &BTreeMap<OrganizationCode, Decided>,
    mut findings: Vec<Finding>,
) -> Result<Vec<Anomaly>, PictureError> {
    let mut rows: BTreeMap<String, (Anomaly, AnomalyState)> = BTreeMap::new();
    for organization in decided.keys() {
        for (id, outcome) in remembered(reader, organization)? {
            let organization = organization.clone();
            let anomaly =
                Anomaly { organization, id: id.clone(), outcome, message: None, dismissed: false };
            rows.insert(id, (anomaly, AnomalyState::Closed));
        }
    }
    let mut here = BTreeMap::new();
    for finding in &mut findings {
        if let Some(decided) = decided.get(&finding.organization) {
            decided.close(std::slice::from_mut(finding));
        }
        let settings = configuration.organizations.get(&finding.organization);
        let anomaly = Anomaly::new(finding, settings);
        here.entry(anomaly.id.clone()).or_insert(anomaly);
    }
    for (id, anomaly) in &here {
        let state = if anomaly.dismissed { AnomalyState::Closed } else { AnomalyState::Open };
        rows.insert(id.clone(), (anomaly.clone(), state));
    }
    for (anomaly, state) in rows.into_values() {
        let decision = match (state, decided.get(&anomaly.organization)) {
            (AnomalyState::Closed, Some(decided)) => {
                decided.answer(&anomaly.outcome.subject, &anomaly.outcome.code).map(decision_row)
            }
            _ => None,
        };
        out.push(Row::Anomaly(row(anomaly, state, decision)))?;
    }
    Ok(here.into_values().collect())
}

/// Remembers which anomalies are open, so that those that close are not forgotten. The journal
/// keeps each opening and closing.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn remember<H: Home>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
    now: Timestamp,
    anomalies: &[Anomaly],
) -> PortResult<()> {
    use crate::port::WriteOutcomes;
    const CHANGES_MAX: usize = 1_000;
    let mut reader = home.reader()?;
    let mut writer = home.writer()?;
    let today = in_rome(as_of).date();
    for organization in configuration.organizations.keys() {
        let mut outcomes = remembered(&mut reader, organization)?;
        for outcome in outcomes.values_mut() {
            outcome.closed_on.get_or_insert(today);
        }
        for anomaly in anomalies.iter().filter(|anomaly| &anomaly.organization == organization) {
            let before = outcomes.get(&anomaly.id).and_then(|outcome| outcome.closed_on);
            let closed_on = anomaly.dismissed.then(|| before.unwrap_or(today));
            let outcome = AnomalyOutcome { closed_on, ..anomaly.outcome.clone() };
            outcomes.insert(anomaly.id.clone(), outcome);
        }
        let all: Vec<_> = outcomes.into_iter().collect();
        for chunk in all.chunks(CHANGES_MAX) {
            let subject = |id: &str| Subject(key::anomaly(organization, id));
            let subjects: Vec<_> = chunk.iter().map(|(id, _)| subject(id)).collect();
            let stored = reader.outcomes(&subjects)?;
            let mut changes = Vec::new();
            for (((_, outcome), subject), stored) in chunk.iter().zip(subjects).zip(stored) {
                let body = record::write(outcome);
                let hash = facts_hash([]);
                let new = change(subject, stored.as_ref(), body, hash, now, Vec::new())?;
                changes.extend(new.ok());
            }
            writer.conclude(&changes)?;
        }
    }
    Ok(())
}

/// An anomaly as it was last remembered.
pub(crate) struct Memory {
    pub code: Code,
    pub subject: String,
    /// What may explain it, in words, best first.
    pub candidates: Vec<String>,
    pub is_open: bool,
}

/// The anomaly with an identifier, as it was last remembered.
pub(crate) fn recall(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
    id: &str,
) -> PortResult<Option<Memory>> {
    let stored = reader.outcomes(&[Subject(key::anomaly(organization, id))])?.remove(0);
    let Some(stored) = stored else { return Ok(None) };
    let outcome: AnomalyOutcome = record::read(&stored.body)?;
    let candidates = outcome.candidates.iter();
    Ok(Code::from_code(&outcome.code).map(|code| Memory {
        code,
        subject: outcome.subject,
        candidates: candidates
            .map(|one| {
                format!("{} ({} su 100): {}", one.subject, one.score, one.reasons.join("; "))
            })
            .collect(),
        is_open: outcome.closed_on.is_none(),
    }))
}

/// The anomalies on a subject that were open when they were last remembered.
pub(crate) fn open_on(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
    subject: &str,
) -> PortResult<Vec<Memory>> {
    let mut open = Vec::new();
    for code in Code::ALL {
        let memory = recall(reader, organization, &anomaly_id(organization, code, subject))?;
        open.extend(memory.filter(|memory| memory.is_open));
    }
    Ok(open)
}

fn decision_row(decision: &Decision) -> DecisionRow<'static> {
    DecisionRow {
        number: decision.number,
        verdict: texts::verdict(decision).into(),
        by: decision.by.to_string().into(),
        note: decision.note.to_string().into(),
        at: decision.at,
    }
}

fn remembered(
    reader: &mut impl ReadOutcomes,
    organization: &OrganizationCode,
) -> PortResult<BTreeMap<String, AnomalyOutcome>> {
    let prefix = Kind::Anomaly.prefix(organization);
    let mut outcomes = BTreeMap::new();
    reader.scan_outcomes(&prefix, &mut |subject, outcome| {
        let id = subject.0[prefix.len()..].to_owned();
        outcomes.insert(id, record::read(&outcome.body)?);
        Ok(())
    })?;
    Ok(outcomes)
}

/// Who writes about a finding.
fn sender<'a>(finding: &'a Finding, settings: Option<&'a Organization>) -> Sender<'a> {
    Sender {
        name: settings.map_or("", |settings| &settings.name),
        fiscal_code: finding.organization.as_str(),
        contacts: settings.and_then(|settings| settings.contacts.as_deref()),
    }
}

/// A text of a closed anomaly may have been forgotten.
fn shown(text: String) -> Text<'static> {
    if seal::is_forgotten(&text) { seal::FORGOTTEN.into() } else { text.into() }
}

fn row(
    anomaly: Anomaly,
    state: AnomalyState,
    decision: Option<DecisionRow<'static>>,
) -> AnomalyRow<'static> {
    let outcome = anomaly.outcome;
    AnomalyRow {
        id: anomaly.id.into(),
        organization: anomaly.organization.to_string().into(),
        code: AnomalyCode::from_code(&outcome.code).expect("every code of the rules has its word"),
        subject: outcome.subject.into(),
        amount: outcome.amount_cents.map(Cents::new),
        since: outcome.since,
        state,
        competence: Competence {
            party: PartyRow::from_code(&outcome.party).unwrap_or(PartyRow::None),
            name: outcome.name.map(shown),
        },
        evidence: outcome
            .evidence
            .into_iter()
            .map(|(fact, file, line)| Evidence {
                fact: Some(fact.into()),
                file: file.into(),
                line: Some(line),
            })
            .collect(),
        candidates: outcome
            .candidates
            .into_iter()
            .map(|one| Candidate {
                subject: one.subject.into(),
                score: one.score,
                reasons: one.reasons.into_iter().map(Into::into).collect(),
            })
            .collect(),
        decision,
        explanation: shown(outcome.explanation),
        action: shown(outcome.action),
        message: anomaly
            .message
            .or_else(|| outcome.message.map(|text| Message::whole(shown(text)))),
    }
}

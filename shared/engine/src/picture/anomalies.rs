//! Anomalies: findings in words, and the memory of those that are closed.

use std::collections::BTreeMap;

use domain::clock::in_rome;
use domain::identifier::OrganizationCode;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use report::Word;
use report::row::{
    AnomalyCode, AnomalyRow, AnomalyState, Competence, Evidence, Party as PartyRow, Text,
};
use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::rows::{Row, Rows};
use super::{PictureError, texts};
use crate::configuration::Configuration;
use crate::key::Kind;
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
    /// The day on which its cause was found gone; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_on: Option<Date>,
}

/// An anomaly that is open at the moment of a report.
#[derive(Debug, Clone)]
pub struct OpenAnomaly {
    organization: OrganizationCode,
    id: String,
    outcome: AnomalyOutcome,
}

impl OpenAnomaly {
    fn new(finding: &Finding) -> Self {
        let outcome = AnomalyOutcome {
            code: finding.code.code().to_owned(),
            subject: finding.subject.clone(),
            amount_cents: finding.amount.map(Cents::get),
            since: finding.since,
            party: finding.party.code().to_owned(),
            name: finding.name.clone(),
            explanation: texts::explanation(finding),
            action: texts::action(finding),
            message: texts::message(finding),
            evidence: finding
                .evidence
                .iter()
                .map(|(fact, source)| ((*fact).to_owned(), source.file.clone(), source.line))
                .collect(),
            closed_on: None,
        };
        Self { organization: finding.organization.clone(), id: finding.id(), outcome }
    }
}

/// Writes the open anomalies, and those that were open once and are closed. Says which are open.
pub(crate) fn write(
    reader: &mut impl ReadOutcomes,
    out: &mut Rows,
    configuration: &Configuration,
    findings: &[Finding],
) -> Result<Vec<OpenAnomaly>, PictureError> {
    let mut rows: BTreeMap<String, (OpenAnomaly, AnomalyState)> = BTreeMap::new();
    for organization in configuration.organizations.keys() {
        for (id, outcome) in remembered(reader, organization)? {
            let anomaly =
                OpenAnomaly { organization: organization.clone(), id: id.clone(), outcome };
            rows.insert(id, (anomaly, AnomalyState::Closed));
        }
    }
    let mut open = BTreeMap::new();
    for finding in findings {
        let anomaly = OpenAnomaly::new(finding);
        open.entry(anomaly.id.clone()).or_insert(anomaly);
    }
    for (id, anomaly) in &open {
        rows.insert(id.clone(), (anomaly.clone(), AnomalyState::Open));
    }
    for (anomaly, state) in rows.into_values() {
        out.push(Row::Anomaly(row(anomaly, state)))?;
    }
    Ok(open.into_values().collect())
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
    open: &[OpenAnomaly],
) -> PortResult<()> {
    use crate::port::WriteOutcomes;
    const CHANGES_MAX: usize = 1_000;
    let mut reader = home.reader()?;
    let mut writer = home.writer()?;
    for organization in configuration.organizations.keys() {
        let mut outcomes = remembered(&mut reader, organization)?;
        for outcome in outcomes.values_mut() {
            outcome.closed_on.get_or_insert(in_rome(as_of).date());
        }
        for anomaly in open.iter().filter(|anomaly| &anomaly.organization == organization) {
            outcomes.insert(anomaly.id.clone(), anomaly.outcome.clone());
        }
        let all: Vec<_> = outcomes.into_iter().collect();
        for chunk in all.chunks(CHANGES_MAX) {
            let subject = |id: &str| Subject(format!("{}{id}", Kind::Anomaly.prefix(organization)));
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

/// A text of a closed anomaly may have been forgotten.
fn shown(text: String) -> Text<'static> {
    if seal::is_forgotten(&text) { seal::FORGOTTEN.into() } else { text.into() }
}

fn row(anomaly: OpenAnomaly, state: AnomalyState) -> AnomalyRow<'static> {
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
        explanation: shown(outcome.explanation),
        action: shown(outcome.action),
        message: outcome.message.map(shown),
    }
}

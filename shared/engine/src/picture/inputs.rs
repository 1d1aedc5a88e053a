//! What came in, and what became of it.

use std::collections::{BTreeMap, HashSet};

use domain::anomaly::{Code, Party};
use domain::fact::Source;
use domain::flow::{current_revision, group_by_provider};
use jiff::civil::Date;
use report::Word;
use report::row::{DefectRow, DefectRule, InputKind, InputOutcome as OutcomeRow, InputRow};

use super::finding::{About, Finding};
use super::names::{named, treasurer};
use super::rows::{Row, Rows};
use super::{PictureError, texts};
use crate::configuration::Configuration;
use crate::key::{self, Kind};
use crate::port::{PortResult, ReadFacts};
use crate::record::{self, DefectRecord, EntryRecord, InputOutcome, InputRecord, RevisionRecord};

/// Writes every input that was ever met, and finds what is wrong among them.
///
/// Which of several inputs that say the same is the first does not depend on the order in which
/// they came: it is the first by name.
pub(crate) fn write(
    reader: &mut impl ReadFacts,
    configuration: &Configuration,
    today: Date,
    rows: &mut Rows,
) -> Result<Vec<Finding>, PictureError> {
    let revisions = revisions(reader, configuration)?;
    // Each in a box: they are many, large, and sorted.
    let mut entries = Vec::new();
    reader.scan_facts(key::INPUTS, &mut |fact| {
        let input: InputRecord = record::read(&fact.body)?;
        entries.push(Box::new(input.entry));
        entries.extend(input.entries.into_iter().map(Box::new));
        Ok(())
    })?;
    entries.sort_by(|a, b| {
        (&a.file, &a.sha256, rank(a.outcome)).cmp(&(&b.file, &b.sha256, rank(b.outcome)))
    });
    entries.dedup_by(|later, first| later.file == first.file && later.sha256 == first.sha256);

    let mut findings = Vec::new();
    let mut outcomes = Vec::with_capacity(entries.len());
    let mut seen = HashSet::with_capacity(entries.len());
    for entry in &entries {
        let outcome = match entry.outcome {
            InputOutcome::Refused => OutcomeRow::Refused,
            _ if !seen.insert(&*entry.sha256) => OutcomeRow::Duplicate,
            kept => {
                let revision = entry.revision.as_ref().and_then(|fact| revisions.get(fact));
                match (revision, kept) {
                    (Some(revision), _) => revision.outcome(entry),
                    (None, InputOutcome::Partial) => OutcomeRow::Partial,
                    (None, InputOutcome::Duplicate) => OutcomeRow::Duplicate,
                    (None, InputOutcome::Accepted | InputOutcome::Refused) => OutcomeRow::Accepted,
                }
            }
        };
        findings.extend(conflict(entry, configuration, today));
        findings.extend(of_others(entry, configuration, today));
        outcomes.push(outcome);
    }
    for (entry, outcome) in entries.into_iter().zip(outcomes) {
        rows.push(Row::Input(row(*entry, outcome)))?;
    }
    rows.flush()?;
    Ok(findings)
}

/// Of several records of one input the best counts: it may have been sent again after a
/// configuration made it acceptable.
fn rank(outcome: InputOutcome) -> u8 {
    match outcome {
        InputOutcome::Accepted => 0,
        InputOutcome::Partial => 1,
        InputOutcome::Duplicate => 2,
        InputOutcome::Refused => 3,
    }
}

/// A revision of a flow: the first file by name that brought it, and whether it is in force.
struct Revision {
    file: String,
    /// Superseded, or the one in force in another form.
    replaced: Option<OutcomeRow>,
}

impl Revision {
    /// What an input is that carries the revision.
    fn outcome(&self, entry: &EntryRecord) -> OutcomeRow {
        let first =
            if entry.file == self.file { OutcomeRow::Accepted } else { OutcomeRow::Duplicate };
        self.replaced.unwrap_or(first)
    }
}

/// The revisions of all flows, by partition and sort key of their fact.
fn revisions(
    reader: &mut impl ReadFacts,
    configuration: &Configuration,
) -> PortResult<BTreeMap<(String, String), Revision>> {
    let mut found = BTreeMap::new();
    for organization in configuration.organizations.keys() {
        let mut of_iuf = Vec::new();
        let mut partition = String::new();
        let mut close = |partition: &str, revisions: Vec<_>| {
            for group in group_by_provider(revisions) {
                let current = current_revision(&group);
                for (at, revision) in group.iter().enumerate() {
                    let old = current.filter(|current| *current != at).map(|it| &group[it]);
                    let replaced = old.map(|current| {
                        let same = revision.is_form_of(current);
                        if same { OutcomeRow::Duplicate } else { OutcomeRow::Superseded }
                    });
                    let tag = crate::intake::revision_tag(&revision.header);
                    let fact = (partition.to_owned(), format!("REVISION#{tag}"));
                    let file = revision.source.file.clone();
                    found.insert(fact, Revision { file, replaced });
                }
            }
        };
        reader.scan_facts(&Kind::Flow.prefix(organization), &mut |fact| {
            if fact.partition != partition {
                close(&partition, std::mem::take(&mut of_iuf));
                partition.clone_from(&fact.partition);
            }
            let record: RevisionRecord = record::read(&fact.body)?;
            of_iuf.push(record.into_revision(organization, fact.source));
            Ok(())
        })?;
        close(&partition, of_iuf);
    }
    Ok(found)
}

fn row(entry: EntryRecord, outcome: OutcomeRow) -> InputRow<'static> {
    let defects_total = entry.defects.len() as u64 + entry.more_defects;
    let defect = |defect: DefectRecord| {
        let rule = DefectRule::from_code(&defect.rule).unwrap_or(DefectRule::Schema);
        DefectRow {
            line: (defect.line > 0).then_some(defect.line),
            column: (defect.column > 0).then_some(defect.column),
            field: (!defect.field.is_empty()).then(|| defect.field.into()),
            rule,
            message: texts::defect(rule, &defect.message).into(),
        }
    };
    InputRow {
        file: entry.file.into(),
        sha256: entry.sha256.into(),
        kind: InputKind::from_code(&entry.kind).unwrap_or(InputKind::Unknown),
        outcome,
        signature: entry.signed.then(|| "unverified".into()),
        counts: vec![("records", entry.records)],
        defects: entry.defects.into_iter().map(defect).collect(),
        defects_total,
        to_mend: None,
    }
}

/// A file that says otherwise of a fact that is known is refused, and somebody must clear it up.
fn conflict(entry: &EntryRecord, configuration: &Configuration, today: Date) -> Option<Finding> {
    let defect = entry.defects.iter().find(|defect| defect.rule == "version_conflict")?;
    let (code, settings) = configuration.organizations.first_key_value()?;
    let party = match entry.kind.as_str() {
        "positions" => Party::Organization,
        "receipt" => Party::Intermediary,
        "journal" => Party::Treasurer,
        _ => Party::Psp,
    };
    let flow = entry.refused_flow.as_ref();
    let psp = flow.map(|(_, psp, name)| named(name.as_deref(), psp));
    Some(Finding {
        organization: code.clone(),
        code: Code::VersionConflict,
        subject: format!("file:{}", entry.sha256),
        amount: None,
        since: today,
        party,
        name: match party {
            Party::Organization => Some(settings.name.clone()),
            Party::Treasurer => Some(treasurer(None)),
            _ => psp.clone(),
        },
        evidence: vec![("file scartato", Source { file: entry.file.clone(), line: defect.line })],
        closed_by: None,
        about: About {
            iuf: entry.refused_flow.as_ref().map(|(iuf, ..)| iuf.clone()),
            psp,
            file: Some(entry.file.clone()),
            ..About::default()
        },
    })
}

/// A receipt that came to us and pays other bodies alone: nothing of it is ours.
fn of_others(entry: &EntryRecord, configuration: &Configuration, today: Date) -> Option<Finding> {
    let (us, paid_on) = entry.pays_others.as_ref()?;
    let mut organizations = configuration.organizations.iter();
    let (code, settings) = organizations.find(|(code, _)| code.as_str() == us)?;
    let finding = Finding {
        organization: code.clone(),
        code: Code::ReceiptOfOtherOrganization,
        subject: format!("file:{}", entry.sha256),
        amount: None,
        since: paid_on.unwrap_or(today),
        party: Code::ReceiptOfOtherOrganization.party(),
        name: Some(settings.name.clone()),
        evidence: vec![("ricevuta", Source { file: entry.file.clone(), line: 1 })],
        closed_by: None,
        about: About { file: Some(entry.file.clone()), paid_on: *paid_on, ..About::default() },
    };
    Some(finding)
}

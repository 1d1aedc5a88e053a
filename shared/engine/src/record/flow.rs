//! Flows.

use domain::fact::{FlowLine, FlowRevision, LineOutcome, Source};
use domain::flow::{LineSums, Revision};
use domain::identifier::{Iuf, Iur, Iuv, OrganizationCode, Provvisorio, Psp};
use domain::money::Cents;
use domain::settlement::{FlowSettled, FlowStanding};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::text;

/// A sealed revision: header and sums of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionRecord {
    #[serde(with = "text")]
    psp: Psp,
    #[serde(with = "text::option", default, skip_serializing_if = "Option::is_none")]
    psp_alias: Option<Psp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    psp_name: Option<Box<str>>,
    #[serde(with = "text")]
    iuf: Iuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<u32>,
    flow_time: Timestamp,
    settlement_id: Box<str>,
    settlement_date: Date,
    declared_count: u64,
    #[serde(with = "text::cents")]
    declared_total: Cents,
    count: u64,
    #[serde(with = "text::cents")]
    plain: Cents,
    #[serde(with = "text::cents")]
    algebraic: Cents,
    #[serde(default, skip_serializing_if = "is_zero")]
    unknown_outcomes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_paid_on: Option<Date>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl RevisionRecord {
    /// The record of a revision.
    #[must_use]
    pub fn new(header: &FlowRevision, sums: &LineSums) -> Self {
        Self {
            psp: header.psp.clone(),
            psp_alias: header.psp_alias.clone(),
            psp_name: header.psp_name.clone(),
            iuf: header.iuf.clone(),
            revision: header.revision,
            flow_time: header.flow_time,
            settlement_id: header.settlement_id.clone(),
            settlement_date: header.settlement_date,
            declared_count: header.declared_count,
            declared_total: header.declared_total,
            count: sums.count,
            plain: sums.plain,
            algebraic: sums.algebraic,
            unknown_outcomes: sums.unknown_outcomes,
            last_paid_on: sums.last_paid_on,
        }
    }

    /// What tells the revisions of one IUF apart.
    #[must_use]
    pub fn tag(&self) -> String {
        crate::key::revision_tag(&self.iuf, &self.psp, self.flow_time, self.revision)
    }

    /// How many lines it was sealed with, their sum, and their sum with the revoked negative.
    #[must_use]
    pub fn sums(&self) -> (u64, Cents, Cents) {
        (self.count, self.plain, self.algebraic)
    }

    /// The revision that was recorded.
    #[must_use]
    pub fn into_revision(self, organization: &OrganizationCode, source: Source) -> Revision {
        Revision {
            header: FlowRevision {
                organization: organization.clone(),
                psp: self.psp,
                psp_alias: self.psp_alias,
                psp_name: self.psp_name,
                iuf: self.iuf,
                revision: self.revision,
                flow_time: self.flow_time,
                settlement_id: self.settlement_id,
                settlement_date: self.settlement_date,
                declared_count: self.declared_count,
                declared_total: self.declared_total,
            },
            sums: LineSums {
                count: self.count,
                plain: self.plain,
                algebraic: self.algebraic,
                unknown_outcomes: self.unknown_outcomes,
                last_paid_on: self.last_paid_on,
            },
            source,
        }
    }
}

/// A line of a revision, in the partition of its IUV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRecord {
    /// The provider, as the revision names it.
    #[serde(with = "text")]
    pub psp: Psp,
    /// The flow.
    #[serde(with = "text")]
    pub iuf: Iuf,
    /// Which revision: see [`crate::key`].
    pub revision: String,
    /// The payment.
    #[serde(with = "text")]
    pub iur: Iur,
    /// Which transfer of it.
    pub index: u8,
    /// As declared, in cents.
    #[serde(with = "text::cents")]
    pub amount: Cents,
    /// The code of its outcome.
    pub outcome: Box<str>,
    /// dataEsitoSingoloPagamento.
    pub paid_on: Date,
}

impl LineRecord {
    /// The outcome.
    #[must_use]
    pub fn line_outcome(&self) -> LineOutcome {
        LineOutcome::from_code(&self.outcome)
    }
}

/// Lines of a revision, in the partition of its flow, so that they can be listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChunkRecord {
    /// IUV, IUR, index and amount in cents, in the order of the file.
    pub lines: Vec<(Box<str>, Box<str>, u8, i64)>,
}

impl ChunkRecord {
    /// Adds a line.
    pub fn push(&mut self, line: &FlowLine) {
        let (iuv, iur) = (line.iuv.as_str().into(), line.iur.as_str().into());
        let amount = domain::flow::signed_amount(line).get();
        self.lines.push((iuv, iur, line.index, amount));
    }

    /// How many lines, their sum, and their sum with the revoked negative.
    #[must_use]
    pub fn sums(&self) -> (u64, Cents, Cents) {
        let amounts = || self.lines.iter().map(|&(.., cents)| Cents::new(cents));
        (self.lines.len() as u64, amounts().map(Cents::abs).sum(), amounts().sum())
    }

    /// The IUVs of the lines.
    pub fn iuvs(&self) -> impl Iterator<Item = Iuv> {
        self.lines.iter().filter_map(|(iuv, ..)| iuv.parse().ok())
    }
}

/// What is concluded about an IUF: its flows, one for each provider that uses it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FlowOutcome {
    /// Of each flow, in order of provider.
    pub flows: Vec<FlowStandingRecord>,
}

/// What is concluded about a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStandingRecord {
    /// The provider that it is filed under.
    #[serde(with = "text")]
    pub psp: Psp,
    /// Place of the revision in force among [`FlowStandingRecord::revisions`].
    pub current: usize,
    /// All revisions, oldest first, with the place where each was read.
    pub revisions: Vec<(RevisionRecord, String, u64)>,
    /// How far credits cover it.
    pub standing: StandingWord,
    /// Sum of the credits that name it, in cents.
    #[serde(with = "text::cents")]
    pub credited: Cents,
    /// Those credits.
    #[serde(with = "text::list")]
    pub credits: Vec<Provvisorio>,
}

impl FlowStandingRecord {
    /// The record of a flow: its revisions, which of them is in force, and how it is covered.
    #[must_use]
    pub fn new(psp: Psp, current: usize, group: &[Revision], settled: &FlowSettled) -> Self {
        let revision = |revision: &Revision| {
            let record = RevisionRecord::new(&revision.header, &revision.sums);
            (record, revision.source.file.clone(), revision.source.line)
        };
        Self {
            psp,
            current,
            revisions: group.iter().map(revision).collect(),
            standing: settled.standing.into(),
            credited: settled.credited,
            credits: settled.credits.clone(),
        }
    }

    /// Its revisions, oldest first.
    #[must_use]
    pub fn into_revisions(self, organization: &OrganizationCode) -> Vec<Revision> {
        let revision = |(record, file, line): (RevisionRecord, String, u64)| {
            record.into_revision(organization, Source { file, line })
        };
        self.revisions.into_iter().map(revision).collect()
    }

    /// The tag of the revision in force.
    #[must_use]
    pub fn current_tag(&self) -> String {
        self.revisions[self.current].0.tag()
    }
}

/// [`FlowStanding`] as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingWord {
    /// No credit names it.
    Reported,
    /// Its credits are its total.
    Credited,
    /// Its credits are less.
    PartiallyCredited,
    /// Its credits are more.
    OverCredited,
}

impl From<FlowStanding> for StandingWord {
    fn from(standing: FlowStanding) -> Self {
        match standing {
            FlowStanding::Reported => Self::Reported,
            FlowStanding::Credited => Self::Credited,
            FlowStanding::PartiallyCredited => Self::PartiallyCredited,
            FlowStanding::OverCredited => Self::OverCredited,
        }
    }
}

impl From<StandingWord> for FlowStanding {
    fn from(word: StandingWord) -> Self {
        match word {
            StandingWord::Reported => Self::Reported,
            StandingWord::Credited => Self::Credited,
            StandingWord::PartiallyCredited => Self::PartiallyCredited,
            StandingWord::OverCredited => Self::OverCredited,
        }
    }
}

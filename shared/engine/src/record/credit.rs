//! Credits.

use domain::anomaly::Code;
use domain::causale::Reading;
use domain::credit::{Credit, Regularisation};
use domain::decision::Decision;
use domain::fact::{Movement, MovementDocument, Operation, Source};
use domain::identifier::{Iuf, Iuv, Provvisorio};
use domain::money::Cents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{decision, text};

/// A movement, in the partition of its provvisorio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reversale: Option<u64>,
    operation: Box<str>,
    progressive: u64,
    #[serde(with = "text::cents")]
    amount: Cents,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    negative: bool,
    date: Date,
    value_date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt_number: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reversed_receipt_number: Option<u64>,
    account: Box<str>,
    remitter: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remitter_code: Option<Box<str>>,
    remittance: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction_reference: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    internal_reference: Option<Box<str>>,
}

impl From<Movement> for MovementRecord {
    fn from(movement: Movement) -> Self {
        Self {
            reversale: match movement.document {
                MovementDocument::Sospeso => None,
                MovementDocument::Reversale(number) => Some(number),
            },
            operation: movement.operation.text().into(),
            progressive: movement.progressive,
            amount: movement.amount,
            negative: movement.negative,
            date: movement.date,
            value_date: movement.value_date,
            receipt_number: movement.receipt_number,
            reversed_receipt_number: movement.reversed_receipt_number,
            account: movement.account,
            remitter: movement.remitter,
            remitter_code: movement.remitter_code,
            remittance: movement.remittance,
            end_to_end_id: movement.end_to_end_id,
            transaction_reference: movement.transaction_reference,
            internal_reference: movement.internal_reference,
        }
    }
}

impl MovementRecord {
    /// The movement that was recorded; `None` if its operation is none that is known.
    #[must_use]
    pub fn into_movement(self, provvisorio: Provvisorio) -> Option<Movement> {
        Some(Movement {
            provvisorio,
            document: self.reversale.map_or(MovementDocument::Sospeso, MovementDocument::Reversale),
            operation: Operation::from_text(&self.operation)?,
            progressive: self.progressive,
            amount: self.amount,
            negative: self.negative,
            date: self.date,
            value_date: self.value_date,
            receipt_number: self.receipt_number,
            reversed_receipt_number: self.reversed_receipt_number,
            account: self.account,
            remitter: self.remitter,
            remitter_code: self.remitter_code,
            remittance: self.remittance,
            end_to_end_id: self.end_to_end_id,
            transaction_reference: self.transaction_reference,
            internal_reference: self.internal_reference,
        })
    }
}

/// What is concluded about a provvisorio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditOutcome {
    #[serde(with = "text")]
    provvisorio: Provvisorio,
    #[serde(with = "text::cents")]
    amount: Cents,
    date: Date,
    value_date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt_number: Option<u64>,
    account: Box<str>,
    remitter: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remitter_code: Option<Box<str>>,
    remittance: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction_reference: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reversed: bool,
    #[serde(with = "text::cents")]
    regularised: Cents,
    /// Reversale, day and amount in cents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    regularised_by: Vec<(u64, Date, i64)>,
    /// Day and amount in cents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reversals: Vec<(Date, i64)>,
    /// Day and amount in cents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    executions: Vec<(Date, i64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Box<str>>,
    source: (String, u64),
    evidence: Vec<(String, u64)>,
    /// What its causale says.
    pub reading: ReadingRecord,
    /// What it turned out to be.
    pub standing: StandingRecord,
    /// The decisions on it that hold.
    #[serde(with = "decision::list", default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
}

/// A reading of a causale.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReadingRecord {
    /// `flow`, `single` or `none`.
    pub kind: Box<str>,
    /// The flows that it names.
    #[serde(with = "text::list", default, skip_serializing_if = "Vec::is_empty")]
    pub iufs: Vec<Iuf>,
    /// The IUVs that it names.
    #[serde(with = "text::list", default, skip_serializing_if = "Vec::is_empty")]
    pub iuvs: Vec<Iuv>,
    /// `TXT/0` to `TXT/9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txt_progressive: Option<u8>,
    /// The amount written beside an IUV, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_cents: Option<i64>,
    /// The rule that read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Box<str>>,
    /// Where in the text, bytes from and to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<(usize, usize)>,
    /// The anomaly of the text itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<Box<str>>,
    /// Whether anything in the text says pagoPA.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marker: bool,
    /// Known flows that a cut identifier may be.
    #[serde(with = "text::list", default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Iuf>,
}

impl From<Reading> for ReadingRecord {
    fn from(reading: Reading) -> Self {
        Self {
            kind: reading.kind.name().into(),
            iufs: reading.iufs,
            iuvs: reading.iuvs,
            txt_progressive: reading.txt_progressive,
            declared_cents: reading.declared_amount.map(Cents::get),
            rule: reading.rule.map(|rule| rule.name().into()),
            at: reading.at.map(|at| (at.start, at.end)),
            damage: reading.damage.map(|damage| damage.anomaly().into()),
            marker: reading.marker,
            candidates: reading.candidates,
        }
    }
}

/// What a credit turned out to be, beside the flows that it names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum StandingRecord {
    /// It names no flow, or none that is here.
    #[default]
    Unsettled,
    /// It pays these flows: provider and identifier.
    Pays {
        /// Provider and identifier.
        flows: Vec<(Box<str>, Box<str>)>,
    },
    /// Several providers use the identifier that it names.
    SeveralFlows {
        /// Provider and identifier.
        flows: Vec<(Box<str>, Box<str>)>,
    },
    /// It names the first flow and is the sum of it and any one of the others.
    MayPay {
        /// Provider and identifier.
        flows: Vec<(Box<str>, Box<str>)>,
    },
    /// It contradicts the flows that it names.
    Contradicts {
        /// Provider and identifier.
        flows: Vec<(Box<str>, Box<str>)>,
        /// The anomaly.
        code: Box<str>,
    },
}

impl StandingRecord {
    /// The flows that it is about: provider and identifier.
    #[must_use]
    pub fn flows(&self) -> &[(Box<str>, Box<str>)] {
        match self {
            Self::Unsettled => &[],
            Self::Pays { flows }
            | Self::SeveralFlows { flows }
            | Self::MayPay { flows }
            | Self::Contradicts { flows, .. } => flows,
        }
    }
}

impl CreditOutcome {
    /// The outcome of a credit.
    #[must_use]
    pub fn new(
        credit: &Credit,
        reading: ReadingRecord,
        standing: StandingRecord,
        decisions: Vec<Decision>,
    ) -> Self {
        let place = |source: &Source| (source.file.clone(), source.line);
        Self {
            provvisorio: credit.provvisorio,
            amount: credit.amount,
            date: credit.date,
            value_date: credit.value_date,
            receipt_number: credit.receipt_number,
            account: credit.account.clone(),
            remitter: credit.remitter.clone(),
            remitter_code: credit.remitter_code.clone(),
            remittance: credit.remittance.clone(),
            end_to_end_id: credit.end_to_end_id.clone(),
            transaction_reference: credit.transaction_reference.clone(),
            reversed: credit.reversed,
            regularised: credit.regularised,
            regularised_by: credit
                .regularised_by
                .iter()
                .map(|by| (by.reversale, by.date, by.amount.get()))
                .collect(),
            reversals: credit.reversals.iter().map(|(day, sum)| (*day, sum.get())).collect(),
            executions: credit.executions.iter().map(|(day, sum)| (*day, sum.get())).collect(),
            findings: credit.findings.iter().map(|code| code.code().into()).collect(),
            source: place(&credit.source),
            evidence: credit.evidence.iter().map(place).collect(),
            reading,
            standing,
            decisions,
        }
    }

    /// The credit that the outcome is about.
    #[must_use]
    pub fn credit(&self) -> Credit {
        let source = |(file, line): &(String, u64)| Source { file: file.clone(), line: *line };
        Credit {
            provvisorio: self.provvisorio,
            amount: self.amount,
            date: self.date,
            value_date: self.value_date,
            receipt_number: self.receipt_number,
            account: self.account.clone(),
            remitter: self.remitter.clone(),
            remitter_code: self.remitter_code.clone(),
            remittance: self.remittance.clone(),
            end_to_end_id: self.end_to_end_id.clone(),
            transaction_reference: self.transaction_reference.clone(),
            reversed: self.reversed,
            regularised: self.regularised,
            regularised_by: self
                .regularised_by
                .iter()
                .map(|&(reversale, date, cents)| Regularisation {
                    reversale,
                    date,
                    amount: Cents::new(cents),
                })
                .collect(),
            reversals: self.reversals.iter().map(|&(day, c)| (day, Cents::new(c))).collect(),
            executions: self.executions.iter().map(|&(day, c)| (day, Cents::new(c))).collect(),
            findings: self.findings.iter().filter_map(|code| Code::from_code(code)).collect(),
            source: source(&self.source),
            evidence: self.evidence.iter().map(source).collect(),
        }
    }
}

//! Decisions of people.

use domain::anomaly::{Code, Party};
use domain::decision::{Choice, ChosenFlow, ChosenPosition, Decision, Verdict};
use domain::fact::Source;
use domain::flow::FlowKey;
use domain::identifier::{Iuf, Iur, Iuv, Psp};
use domain::money::Cents;
use domain::payment::PaymentKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text;
use crate::port::{Fact, PortError, PortResult};

/// What the sort key of every decision begins with.
pub const DECISION: &str = "DECISION#";
/// What the sort key of every pointer to a choice begins with.
pub const CHOSEN: &str = "CHOSEN#";

/// In the partition of a position: where somebody chose it once, so that its decisions are read
/// with it. It is never taken away; whether the choice holds is for the decisions to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenRecord {
    /// The partition of the credit or of the IUV.
    pub partition: String,
}

/// A decision, in the partition of its subject.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    number: u32,
    subject: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anomaly: Option<Box<str>>,
    verdict: VerdictRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount_cents: Option<i64>,
    by: Box<str>,
    note: Box<str>,
    at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum VerdictRecord {
    /// Provider, identifier, total in cents.
    Flows {
        flows: Vec<(Box<str>, Box<str>, i64)>,
    },
    Payment {
        #[serde(with = "text")]
        iuv: Iuv,
        #[serde(with = "text")]
        iur: Iur,
        index: u8,
    },
    Position {
        position_id: Box<str>,
        #[serde(with = "text::option", default, skip_serializing_if = "Option::is_none")]
        notice: Option<Iuv>,
        paid_cents: i64,
    },
    Dismissed {
        party: Box<str>,
    },
    Withdrawn,
}

impl From<&Decision> for DecisionRecord {
    fn from(decision: &Decision) -> Self {
        Self {
            number: decision.number,
            subject: decision.subject.clone(),
            anomaly: decision.anomaly.map(|code| code.code().into()),
            verdict: (&decision.verdict).into(),
            amount_cents: decision.amount.map(Cents::get),
            by: decision.by.clone(),
            note: decision.note.clone(),
            at: decision.at,
        }
    }
}

impl From<&Verdict> for VerdictRecord {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Choose(Choice::Flows(flows)) => Self::Flows {
                flows: flows
                    .iter()
                    .map(|ChosenFlow { key, total }| {
                        (key.psp.as_str().into(), key.iuf.as_str().into(), total.get())
                    })
                    .collect(),
            },
            Verdict::Choose(Choice::Payment(key)) => {
                Self::Payment { iuv: key.iuv.clone(), iur: key.iur.clone(), index: key.index }
            }
            Verdict::Choose(Choice::Position(chosen)) => Self::Position {
                position_id: chosen.position_id.clone(),
                notice: chosen.notice.clone(),
                paid_cents: chosen.paid.get(),
            },
            Verdict::Dismiss(party) => Self::Dismissed { party: party.code().into() },
            Verdict::Withdraw => Self::Withdrawn,
        }
    }
}

impl DecisionRecord {
    /// The sort key of the decision with a number.
    #[must_use]
    pub fn sort(number: u32) -> String {
        format!("{DECISION}{number:06}")
    }

    /// Where a decision with a number stands, as evidence.
    #[must_use]
    pub fn source(number: u32) -> Source {
        Source { file: "quadra decide".to_owned(), line: u64::from(number) }
    }

    /// The decision that was recorded.
    ///
    /// # Errors
    /// When it is none that this version wrote.
    pub fn into_decision(self) -> PortResult<Decision> {
        let damaged = || PortError::Final("the ledger holds a damaged decision".into());
        let anomaly = self.anomaly.map(|code| Code::from_code(&code).ok_or_else(damaged));
        Ok(Decision {
            source: Self::source(self.number),
            number: self.number,
            subject: self.subject,
            anomaly: anomaly.transpose()?,
            verdict: self.verdict.into_verdict().ok_or_else(damaged)?,
            amount: self.amount_cents.map(Cents::new),
            by: self.by,
            note: self.note,
            at: self.at,
        })
    }
}

impl VerdictRecord {
    fn into_verdict(self) -> Option<Verdict> {
        let flow = |(psp, iuf, total): (Box<str>, Box<str>, i64)| {
            let key = FlowKey { psp: Psp::parse(&psp).ok()?, iuf: Iuf::parse(&iuf).ok()? };
            Some(ChosenFlow { key, total: Cents::new(total) })
        };
        Some(match self {
            Self::Flows { flows } => {
                let flows = flows.into_iter().map(flow).collect::<Option<_>>()?;
                Verdict::Choose(Choice::Flows(flows))
            }
            Self::Payment { iuv, iur, index } => {
                Verdict::Choose(Choice::Payment(PaymentKey { iuv, iur, index }))
            }
            Self::Position { position_id, notice, paid_cents } => {
                let paid = Cents::new(paid_cents);
                Verdict::Choose(Choice::Position(ChosenPosition { position_id, notice, paid }))
            }
            Self::Dismissed { party } => Verdict::Dismiss(Party::from_code(&party)?),
            Self::Withdrawn => Verdict::Withdraw,
        })
    }
}

/// The decisions among the facts of a partition, in the order of their numbers.
///
/// # Errors
/// When the ledger holds one that this version did not write.
pub fn decisions(facts: &[Fact]) -> PortResult<Vec<Decision>> {
    let recorded = facts.iter().filter(|fact| fact.sort.starts_with(DECISION));
    recorded.map(|fact| super::read::<DecisionRecord>(&fact.body)?.into_decision()).collect()
}

/// Decisions inside an outcome.
pub mod list {
    use super::{Decision, DecisionRecord};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes decisions as their records.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(list: &[Decision], serializer: S) -> Result<S::Ok, S::Error> {
        list.iter().map(DecisionRecord::from).collect::<Vec<_>>().serialize(serializer)
    }

    /// Reads decisions from their records.
    ///
    /// # Errors
    /// When one is none that this version wrote.
    pub fn deserialize<'de, D>(deserializer: D) -> Result<Vec<Decision>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let records = Vec::<DecisionRecord>::deserialize(deserializer)?.into_iter();
        records.map(|record| record.into_decision().map_err(serde::de::Error::custom)).collect()
    }
}

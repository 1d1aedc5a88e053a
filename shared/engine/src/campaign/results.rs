//! What came of a campaign: who was written to, who could not be, and who paid afterwards.

use std::collections::BTreeMap;

use domain::campaign::Kind;
use domain::clock::in_rome;
use domain::identifier::OrganizationCode;
use domain::payment::Payment;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::intent::{Fate, IntentRecord, State, Unreachable};
use super::plan::Totals;
use crate::key;
use crate::port::{ReadOutcomes, Subject};
use crate::record::{self, PaymentsOutcome};

/// The messages of one kind.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Results {
    /// `campaign`: the word of the kind.
    pub kind: &'static str,
    /// Messages that IO took.
    pub sent: u64,
    /// Of those, in the citizen's inbox.
    pub delivered: u64,
    /// Of those, that IO did not deliver in the end.
    pub not_delivered: u64,
    /// Of those, of which IO has not said its last word.
    pub in_transit: u64,
    /// Citizens who do not use IO.
    pub not_on_io: u64,
    /// Citizens who do not want messages of the service.
    pub opted_out: u64,
    /// Messages that IO, or our own check, refused.
    pub refused: u64,
    /// Messages that failed as often as they may; nothing was sent.
    pub failed: u64,
    /// Messages of which nobody knows whether they were sent.
    pub unknown: u64,
    /// Messages that wait for another try.
    pub waiting: u64,
    /// Of the positions of `sent`, those with a payment on the day of the message or later.
    pub paid_afterwards: u64,
    /// The same, by how many days after the message: 0 to 7, 8 to 30, 31 to 60, more.
    pub paid_within: PaidWithin,
    /// Positions that the plan of the moment excludes or holds, by reason; one may have several.
    pub excluded: BTreeMap<&'static str, u64>,
}

/// Payments by their distance from the message.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PaidWithin {
    /// 0 to 7 days.
    pub days_7: u64,
    /// 8 to 30.
    pub days_30: u64,
    /// 31 to 60.
    pub days_60: u64,
    /// More.
    pub later: u64,
}

/// One message, with no word about the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageRow {
    /// Its intent, as `campaign release` takes it.
    pub intent: String,
    /// The position.
    pub position_id: String,
    /// The kind.
    pub kind: String,
    /// Which of its kind.
    pub occurrence: String,
    /// Where it stands, in one word.
    pub state: &'static str,
    /// When that state began; of a message that IO took, when it took it.
    pub at: Timestamp,
    /// Why, where there is a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The first day of a payment on the day of the message or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_on: Option<Date>,
    /// Why the citizen is to be told by other means, where he is; `state` says the same.
    #[serde(skip)]
    pub unreachable: Option<Unreachable>,
}

impl Results {
    /// No message yet, of a kind; with the reasons of the plan of the moment against messages.
    #[must_use]
    pub fn of(kind: Kind, totals: &Totals) -> Self {
        let mut results = Self { kind: kind.code(), ..Self::default() };
        for ((_, reason), count) in &totals.reasons {
            *results.excluded.entry(reason.code()).or_default() += count;
        }
        results
    }

    /// Counts every message of an organization, and shows each, in order.
    ///
    /// # Errors
    /// When the ledger cannot be read; or the visitor's own.
    pub fn count<E: From<crate::port::PortError>>(
        &mut self,
        reader: &mut impl ReadOutcomes,
        organization: &OrganizationCode,
        mut visit: impl FnMut(MessageRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut intents = Vec::new();
        reader.scan_outcomes(&key::messages(organization), &mut |subject, outcome| {
            let intent: IntentRecord = record::read(&outcome.body)?;
            if intent.kind == self.kind {
                intents.push((subject, intent));
            }
            Ok(())
        })?;
        for chunk in intents.chunks(CHUNK) {
            let position =
                |(_, one): &(_, IntentRecord)| key::position(organization, &one.position_id);
            let subjects: Vec<_> = chunk.iter().map(|one| Subject(position(one))).collect();
            let payments = reader.outcomes(&subjects)?;
            for ((subject, intent), outcome) in chunk.iter().zip(payments) {
                let payments = match outcome {
                    Some(outcome) => record::read::<PaymentsOutcome>(&outcome.body)?.payments,
                    None => Vec::new(),
                };
                let days = payments.into_iter().map(Payment::from).filter(|one| !one.revoked());
                let days: Vec<_> = days.filter_map(|payment| payment.paid_on()).collect();
                visit(self.add(subject, intent, &days))?;
            }
        }
        Ok(())
    }

    fn add(&mut self, subject: &Subject, intent: &IntentRecord, paid: &[Date]) -> MessageRow {
        let (mut at, mut reason, mut paid_on) = (intent.at, None, None);
        let state = match &intent.state {
            State::Sent { fate, sent_at, .. } => {
                at = *sent_at;
                paid_on = self.paid(in_rome(at).date(), paid);
                self.fate(*fate)
            }
            State::NotReachable { why: Unreachable::NotOnIo } => {
                self.not_on_io += 1;
                "not_on_io"
            }
            State::NotReachable { why: Unreachable::OptedOut } => {
                self.opted_out += 1;
                "opted_out"
            }
            State::Refused { status, reason: why } => {
                self.refused += 1;
                reason = Some(format!("{status} {why}"));
                "refused"
            }
            State::Parked { status } => {
                self.failed += 1;
                reason = Some(status.to_string());
                "failed"
            }
            State::Unknown { reason: why } => {
                self.unknown += 1;
                reason = Some(why.clone());
                "unknown"
            }
            State::Sending => {
                self.unknown += 1;
                "sending"
            }
            State::Planned | State::RetryAt { .. } => {
                self.waiting += 1;
                "waiting"
            }
        };
        MessageRow {
            intent: subject.0.clone(),
            position_id: intent.position_id.clone(),
            kind: intent.kind.clone(),
            occurrence: intent.occurrence.clone(),
            state,
            at,
            reason,
            paid_on,
            unreachable: match intent.state {
                State::NotReachable { why } => Some(why),
                _ => None,
            },
        }
    }

    fn fate(&mut self, fate: Option<Fate>) -> &'static str {
        self.sent += 1;
        match fate {
            Some(Fate::Delivered) => {
                self.delivered += 1;
                "delivered"
            }
            None | Some(Fate::Accepted | Fate::Throttled) => {
                self.in_transit += 1;
                "sent"
            }
            Some(fate) => {
                self.not_delivered += 1;
                match fate {
                    Fate::RejectedNotOnIo => "rejected_not_on_io",
                    Fate::RejectedOptedOut => "rejected_opted_out",
                    Fate::Failed => "delivery_failed",
                    _ => "rejected",
                }
            }
        }
    }

    /// The first payment on the day of the message or later.
    fn paid(&mut self, sent_on: Date, paid: &[Date]) -> Option<Date> {
        let first = paid.iter().copied().filter(|day| *day >= sent_on).min()?;
        self.paid_afterwards += 1;
        let days = first.duration_since(sent_on).as_hours() / 24;
        let within = &mut self.paid_within;
        *match days {
            0..=7 => &mut within.days_7,
            8..=30 => &mut within.days_30,
            31..=60 => &mut within.days_60,
            _ => &mut within.later,
        } += 1;
        Some(first)
    }
}

/// Positions that are read together.
const CHUNK: usize = 500;

//! Decisions of people: what was proposed and a person chose, what a person closed, what a person
//! took back.
//!
//! A decision is a fact like the others. It has the next number among those that stand with it, so
//! that of two people who decide at once the second is refused and looks again.

use domain::anomaly::Code;
use domain::decision::{Choice, Decision, Verdict, in_force};
use domain::identifier::{OrganizationCode, Provvisorio};
use jiff::Timestamp;

use crate::configuration::{Configuration, Organization};
use crate::key;
use crate::picture::{self, Asked, PictureError, Question};
use crate::port::{Fact, Home, PortError, Put, ReadFacts, Subject, Unit, WriteFacts};
use crate::record::{self, CHOSEN, ChosenRecord, DecisionRecord};

/// Characters of who decides, at most.
pub const BY_MAX: usize = 100;
/// Characters of why, at most.
pub const NOTE_MAX: usize = 1_000;
/// Decisions that stand together, at most.
pub const DECISIONS_MAX: u32 = 1_000;

/// What a person wants to decide.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The identifier of an anomaly; or the subject of a credit or payment, `credit:2026/123`.
    pub anomaly: &'a str,
    /// What.
    pub wish: Wish<'a>,
    /// Who: see [`words`].
    pub by: &'a str,
    /// Why: see [`words`].
    pub note: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish<'a> {
    /// That a candidate, by its subject, is what the credit or payment is.
    Choose(&'a str),
    /// That nothing is to be done.
    Dismiss,
    /// That an earlier decision does not hold any more.
    Withdraw,
}

/// A decision that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What it is about.
    pub subject: String,
    /// Its number.
    pub number: u32,
    /// What was decided, in Italian.
    pub verdict: String,
}

/// Why nothing was decided. What an office reads: in Italian, without personal data.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The ledger could not be read or written.
    #[error(transparent)]
    Port(#[from] PortError),
    /// What is proposed could not be worked out.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// Nothing has that identifier.
    #[error(
        "nessuna anomalia ha l'identificativo {0}: gli identificativi sono nell'ultimo report \
         (anomalies.jsonl)"
    )]
    Unknown(String),
    /// The candidate is none that is proposed now.
    #[error("{candidate} non è fra le candidate di {subject}: {}", listed(.proposed))]
    NotProposed {
        /// What was to be chosen.
        candidate: String,
        /// For what.
        subject: String,
        /// What can be chosen.
        proposed: Vec<String>,
    },
    /// The candidate is a position without a notice that a transfer could be filed under.
    #[error("{0} non ha avvisi: non può ricevere un bonifico")]
    NoNotice(String),
    /// The anomaly is not there now.
    #[error("l'anomalia su {0} non è aperta: non c'è nulla da chiudere")]
    NotOpen(String),
    /// A subject was given where it must be told which anomaly is meant.
    #[error("per chiudere un'anomalia serve il suo identificativo, non {0}")]
    WhichAnomaly(String),
    /// No decision holds that could be taken back.
    #[error("su {0} non vale alcuna decisione da ritirare")]
    NothingToWithdraw(String),
    /// Somebody else decided meanwhile.
    #[error("un'altra persona ha deciso su {0} nel frattempo: guardare di nuovo e ripetere")]
    Meanwhile(String),
    /// There are [`DECISIONS_MAX`] decisions already.
    #[error("su {0} ci sono già {DECISIONS_MAX} decisioni")]
    TooMany(String),
}

fn listed(proposed: &[String]) -> String {
    if proposed.is_empty() {
        return "non ce ne sono (se vale già una scelta, ritirarla prima con --withdraw)".into();
    }
    format!("si può scegliere fra {}", proposed.join(", "))
}

/// Who or why, as it is kept: without blanks around it, in one line, not empty and of at most `max`
/// characters.
///
/// # Errors
/// What is wrong with it.
pub fn words(text: &str, max: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it must not be empty".into());
    }
    if text.chars().any(char::is_control) {
        return Err("it must be one line".into());
    }
    if text.chars().count() > max {
        return Err(format!("it must have at most {max} characters"));
    }
    Ok(text.to_owned())
}

/// Decides. Outcomes must be up to date: what is proposed follows from them. The subjects that the
/// decision may change are asked for.
///
/// # Errors
/// When it cannot be decided so: then nothing is stored.
pub fn decide<H: Home>(
    home: &H,
    configuration: &Configuration,
    request: &Request,
) -> Result<Decided, DecideError> {
    let mut reader = home.reader()?;
    let matter = Matter::find(&mut reader, configuration, request.anomaly)?;
    // Read before what is proposed is: who decides meanwhile takes the number.
    let before = record::decisions(&reader.facts(&[matter.partition()])?.remove(0))?;
    let candidate = match request.wish {
        Wish::Choose(candidate) => Some(candidate),
        _ => None,
    };
    let question = picture::question(
        home,
        &Asked {
            organization: (matter.code, matter.settings),
            configuration,
            as_of: request.at,
            subject: &matter.subject,
            code: matter.anomaly,
            candidate,
        },
    )?;
    let decision = matter.decision(request, question, &before)?;
    let unit = matter.unit(&decision, &before);
    if matches!(home.writer()?.put_alone(unit)?, Put::Conflict(_)) {
        return Err(DecideError::Meanwhile(matter.subject));
    }
    let verdict = picture::verdict(&decision);
    Ok(Decided { subject: matter.subject, number: decision.number, verdict })
}

/// What is to be decided.
struct Matter<'a> {
    code: &'a OrganizationCode,
    settings: &'a Organization,
    subject: String,
    anomaly: Option<Code>,
    /// Of the anomaly; empty where the subject was named.
    id: String,
}

impl<'a> Matter<'a> {
    fn find<R: ReadFacts + crate::port::ReadOutcomes>(
        reader: &mut R,
        configuration: &'a Configuration,
        named: &str,
    ) -> Result<Self, DecideError> {
        let credit = named.strip_prefix("credit:").map(str::parse::<Provvisorio>);
        let subject = match credit {
            // As everybody else writes it: leading zeros do not count.
            Some(credit) => credit.ok().map(|credit| format!("credit:{credit}")),
            None => named.starts_with("payment:").then(|| named.to_owned()),
        };
        for (code, settings) in &configuration.organizations {
            let matter = |subject: String, anomaly, id: &str| Self {
                code,
                settings,
                subject,
                anomaly,
                id: id.to_owned(),
            };
            if let Some(subject) = &subject {
                let matter = matter(subject.clone(), None, "");
                if !reader.facts(&[matter.partition()])?.remove(0).is_empty() {
                    return Ok(matter);
                }
            } else if let Some(memory) = picture::recall(reader, code, named)? {
                return Ok(matter(memory.subject, Some(memory.code), named));
            }
        }
        Err(DecideError::Unknown(named.to_owned()))
    }

    fn partition(&self) -> String {
        key::decisions(self.code, &self.subject, &self.id)
    }

    fn decision(
        &self,
        request: &Request,
        question: Question,
        before: &[Decision],
    ) -> Result<Decision, DecideError> {
        let last = before.iter().map(|decision| decision.number).max().unwrap_or(0);
        if last >= DECISIONS_MAX {
            return Err(DecideError::TooMany(self.subject.clone()));
        }
        let (verdict, amount) = self.verdict(request.wish, question)?;
        let decision = Decision {
            number: last + 1,
            subject: self.subject.as_str().into(),
            anomaly: self.anomaly,
            verdict,
            amount,
            by: request.by.into(),
            note: request.note.into(),
            at: request.at,
            source: DecisionRecord::source(last + 1),
        };
        if decision.verdict == Verdict::Withdraw {
            let held = in_force(before.to_vec()).len();
            let after = in_force(before.iter().chain([&decision]).cloned().collect());
            if after.len() == held {
                return Err(DecideError::NothingToWithdraw(self.subject.clone()));
            }
        }
        Ok(decision)
    }

    fn verdict(
        &self,
        wish: Wish,
        question: Question,
    ) -> Result<(Verdict, Option<domain::money::Cents>), DecideError> {
        match wish {
            Wish::Withdraw => Ok((Verdict::Withdraw, question.amount)),
            Wish::Dismiss => match (self.anomaly, question.finding) {
                (None, _) => Err(DecideError::WhichAnomaly(self.subject.clone())),
                (_, Some(finding)) if finding.closed_by.is_none() => {
                    Ok((Verdict::Dismiss(finding.party), finding.amount))
                }
                _ => Err(DecideError::NotOpen(self.subject.clone())),
            },
            Wish::Choose(candidate) => match question.choice {
                Some(choice) => Ok((Verdict::Choose(choice), question.amount)),
                None if question.proposed.iter().any(|one| one == candidate) => {
                    Err(DecideError::NoNotice(candidate.to_owned()))
                }
                None => Err(DecideError::NotProposed {
                    candidate: candidate.to_owned(),
                    subject: self.subject.clone(),
                    proposed: question.proposed,
                }),
            },
        }
    }

    /// The decision, where its position looks for it, and who must be computed again: the subject
    /// and every position that was ever chosen for it.
    fn unit(&self, decision: &Decision, before: &[Decision]) -> Unit {
        let partition = self.partition();
        let source = decision.source.clone();
        let mut unit = Unit::default();
        unit.facts.push(Fact {
            partition: partition.clone(),
            sort: DecisionRecord::sort(decision.number),
            body: record::write(&DecisionRecord::from(decision)),
            source: source.clone(),
        });
        if let Some(Choice::Position(chosen)) = decision.choice() {
            unit.facts.push(Fact {
                partition: key::position(self.code, &chosen.position_id),
                sort: format!("{CHOSEN}{partition}"),
                body: record::write(&ChosenRecord { partition: partition.clone() }),
                source,
            });
        }
        if partition != key::anomaly(self.code, &self.id) {
            unit.asks.push(Subject(partition));
        }
        for chosen in before.iter().chain([decision]).filter_map(Decision::position) {
            unit.asks.push(Subject(key::position(self.code, &chosen.position_id)));
        }
        unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_why_are_one_line_of_a_bounded_length() {
        let most = "è".repeat(BY_MAX);
        for (text, kept) in [
            (" Anna Neri ", Some("Anna Neri")),
            (&*most, Some(&*most)),
            (&*format!("{most}e"), None),
            ("  ", None),
            ("Anna\nNeri", None),
        ] {
            assert_eq!(words(text, BY_MAX).ok().as_deref(), kept, "{text:?}");
        }
    }
}

//! What the page shows of single rows: owned, harmless, cut to a stated length.

use std::collections::BTreeSet;

use domain::money::Cents;
use jiff::civil::Date;

use crate::bounded::Largest;
use crate::harmless::{cut, lines, one_line};
use crate::italian::Share;
use crate::row::{
    AnomalyCode, AnomalyRow, Breach, Candidate, CreditRow, CreditState, FlowRow, FlowState,
    InputKind, InputOutcome, InputRow, Message, Party, PositionRow, ProposalReason, ProposalRow,
    ProposalState, PspRow, Tally,
};
use crate::words::Word;

/// Characters of a text in a list.
const TEXT_MAX: usize = 600;
/// Characters of a matter in a letter.
const MATTER_MAX: usize = 4_000;
/// Things named inside one row: evidence, defects, candidates.
const NAMED_MAX: usize = 10;

/// A provvisorio that somebody must look at.
#[derive(Debug)]
pub(crate) struct Credit {
    pub provvisorio: String,
    pub date: Date,
    pub days: i32,
    pub amount: Cents,
    pub state: CreditState,
    pub remitter: String,
    pub remittance: String,
    pub choices: Vec<Choice>,
}

/// A flow whose money is not what it should be.
#[derive(Debug)]
pub(crate) struct Flow {
    pub psp: String,
    pub iuf: String,
    pub settlement_date: Date,
    pub state: FlowState,
    pub declared_total: Cents,
    pub credited: Cents,
    pub difference: Cents,
    pub days_late: Option<u32>,
}

/// A position with something to give back.
#[derive(Debug)]
pub(crate) struct Refund {
    pub position_id: String,
    pub report_number: String,
    pub due: Option<Cents>,
    pub paid: Cents,
    pub refundable: Cents,
    pub payments: usize,
}

/// An open anomaly.
#[derive(Debug)]
pub(crate) struct Anomaly {
    pub party: Party,
    pub name: String,
    pub code: AnomalyCode,
    pub subject: String,
    pub amount: Option<Cents>,
    pub since: Date,
    pub days: i32,
    pub explanation: String,
    pub action: String,
    pub evidence: Vec<String>,
    pub id: String,
    pub choices: Vec<Choice>,
}

/// Something that a person may choose, and the command that does.
#[derive(Debug)]
pub(crate) struct Choice {
    pub subject: String,
    pub reasons: String,
    pub command: String,
}

/// Open anomalies of one kind that one party must act upon.
#[derive(Debug)]
pub(crate) struct Work {
    pub tally: Tally,
    pub oldest: Date,
    /// What to do, as the first of them says.
    pub action: String,
    /// Who must do it, the first ones by name.
    pub names: BTreeSet<String>,
    /// Whether there are more of them.
    pub more_names: bool,
}

/// Somebody to write to.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub tally: Tally,
    /// Who writes to whom, as the letter begins.
    pub opening: String,
    /// How it ends.
    pub closing: String,
    pub matters: Largest<Matter>,
}

/// Something to write about.
#[derive(Debug)]
pub(crate) struct Matter {
    pub subject: String,
    pub text: String,
}

/// A proposal of reversale.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub provvisorio: String,
    pub state: ProposalState,
    pub reason: Option<ProposalReason>,
    pub total: Cents,
    pub lines: Vec<String>,
}

/// A PSP over all its months.
#[derive(Debug, Default)]
pub(crate) struct PspPunctuality {
    pub name: String,
    pub flows: u64,
    pub late: u64,
    pub wrong: u64,
    pub integrative: u64,
    pub days_late: u64,
    pub amount_late: Cents,
    pub interest: Cents,
    /// `2026-03: NFER …`
    pub breaches: Vec<String>,
}

/// An input that did not come in, or not whole.
#[derive(Debug)]
pub(crate) struct Refused {
    pub file: String,
    pub kind: InputKind,
    pub outcome: InputOutcome,
    pub defects: Vec<String>,
    pub defects_total: u64,
    pub to_mend: String,
}

impl Credit {
    pub fn new(row: &CreditRow<'_>, days: i32) -> Self {
        // Its subject stands for the question where no anomaly does.
        let question = format!("credit:{}", row.provvisorio());
        Self {
            provvisorio: row.provvisorio().to_string(),
            date: row.date,
            days,
            amount: row.amount,
            state: row.state,
            remitter: text(row.remitter.as_deref().unwrap_or_default()),
            remittance: text(&row.remittance),
            choices: choices(&question, &row.candidates),
        }
    }
}

impl Flow {
    pub fn new(row: &FlowRow<'_>) -> Self {
        Self {
            psp: text(row.psp_name.as_deref().unwrap_or(&row.psp)),
            iuf: text(&row.iuf),
            settlement_date: row.settlement_date,
            state: row.state,
            declared_total: row.declared_total,
            credited: row.credited,
            difference: row.difference,
            days_late: row.days_late,
        }
    }
}

impl Refund {
    pub fn new(row: &PositionRow<'_>) -> Self {
        Self {
            position_id: text(&row.position_id),
            report_number: text(row.report_number.as_deref().unwrap_or_default()),
            due: row.due,
            paid: row.paid,
            refundable: row.refundable,
            payments: row.payments.len(),
        }
    }
}

impl Anomaly {
    pub fn new(row: &AnomalyRow<'_>, days: i32) -> Self {
        Self {
            party: row.competence.party,
            name: text(row.competence.name.as_deref().unwrap_or_default()),
            code: row.code,
            subject: subject_in_words(&row.subject),
            amount: row.amount,
            since: row.since,
            days,
            explanation: text(&row.explanation),
            action: text(&row.action),
            evidence: row.evidence.iter().take(NAMED_MAX).map(|e| text(&e.to_string())).collect(),
            id: text(&row.id),
            choices: choices(&row.id, &row.candidates),
        }
    }
}

impl Work {
    pub fn new(row: &AnomalyRow<'_>) -> Self {
        Self {
            tally: Tally::default(),
            oldest: row.since,
            action: text(&row.action),
            names: BTreeSet::new(),
            more_names: false,
        }
    }

    /// Counts one more; what is at stake adds up whatever its sign.
    pub fn add(&mut self, row: &AnomalyRow<'_>) {
        self.tally.add(row.amount.unwrap_or_default().abs());
        self.oldest = self.oldest.min(row.since);
        let Some(name) = row.competence.name.as_deref().map(text) else { return };
        if self.names.len() < NAMED_MAX {
            self.names.insert(name);
        } else {
            self.more_names |= !self.names.contains(&name);
        }
    }
}

impl Recipient {
    pub fn new(message: &Message<'_>, matters_max: usize) -> Self {
        Self {
            tally: Tally::default(),
            opening: long(&message.opening),
            closing: long(&message.closing),
            matters: Largest::new(matters_max),
        }
    }

    /// Counts one more; what is at stake adds up whatever its sign.
    pub fn add(&mut self, amount: Cents, message: &Message<'_>) {
        self.tally.add(amount.abs());
        self.matters.offer(amount, || Matter {
            subject: text(&message.subject),
            text: long(&message.matter),
        });
    }
}

impl Proposal {
    pub fn new(row: &ProposalRow<'_>) -> Self {
        Self {
            provvisorio: row.provvisorio.to_string(),
            state: row.state,
            reason: row.reason,
            total: row.total,
            lines: row.lines.iter().take(NAMED_MAX).map(|line| text(&line.to_string())).collect(),
        }
    }
}

impl PspPunctuality {
    pub fn add(&mut self, row: &PspRow<'_>) {
        if let Some(name) = &row.psp_name {
            self.name = text(name);
        }
        self.flows += row.flows;
        self.late += row.late;
        self.wrong += row.wrong;
        self.integrative += row.integrative;
        self.days_late += row.days_late;
        self.amount_late += row.amount_late;
        self.interest += row.interest;
        let room = NAMED_MAX.saturating_sub(self.breaches.len());
        let say = |breach: &Breach| format!("{}: {}", row.month, breach.label());
        self.breaches.extend(row.breaches.iter().take(room).map(say));
    }

    /// What part of its flows was late.
    pub fn late_share(&self) -> Share {
        Share { part: self.late, whole: self.flows }
    }
}

impl Refused {
    pub fn new(row: &InputRow<'_>) -> Self {
        let defects = row.defects.iter().take(NAMED_MAX).map(|defect| {
            let place = defect.line.map_or(String::new(), |line| format!("riga {line}: "));
            let field =
                defect.field.as_deref().map_or(String::new(), |field| format!(" «{field}»"));
            text(&format!("{place}{}{field}: {}", defect.rule.label(), defect.message))
        });
        Self {
            file: text(&row.file),
            kind: row.kind,
            outcome: row.outcome,
            defects: defects.collect(),
            defects_total: row.defects_total,
            to_mend: text(row.to_mend.as_deref().unwrap_or_default()),
        }
    }
}

/// What a person may choose about an anomaly or a credit, each with its command.
fn choices(question: &str, candidates: &[Candidate<'_>]) -> Vec<Choice> {
    let choice = |candidate: &Candidate<'_>| Choice {
        subject: text(&candidate.subject),
        reasons: text(&candidate.reasons.join(", ")),
        command: text(&format!("quadra decide {question} --choose {}", quoted(&candidate.subject))),
    };
    candidates.iter().take(NAMED_MAX).map(choice).collect()
}

/// A word of a command line, in quotes where a shell would read it otherwise.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":/._-".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn long(text: &str) -> String {
    cut(&lines(text), MATTER_MAX).into_owned()
}

/// What an anomaly is about, as people call it.
fn subject_in_words(subject: &str) -> String {
    let Some((kind, which)) = subject.split_once(':') else { return text(subject) };
    let words = match kind {
        "credit" => format!("provvisorio {which}"),
        "flow" => format!("flusso {}", which.split_once(':').map_or(which, |(_, iuf)| iuf)),
        "payment" => format!("pagamento dello IUV {}", which.split('/').next().unwrap_or(which)),
        "position" => format!("posizione {which}"),
        "journal" => format!("giornale di cassa {which}"),
        "file" => "file".to_owned(),
        _ => subject.to_owned(),
    };
    text(&words)
}

fn text(text: &str) -> String {
    cut(&one_line(text), TEXT_MAX).into_owned()
}

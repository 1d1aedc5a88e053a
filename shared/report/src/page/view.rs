//! What the template places: lists in their order, tables of words and numbers.

use std::collections::BTreeMap;

use domain::money::Cents;
use jiff::civil::Date;

use super::chart::{self, Bar, Columns, Stack};
use crate::bounded::{Grouped, Largest};
use crate::italian::{Day, Euro, MONTHS, Number, Share};
use crate::overview::{AGES, Aged, Overview, PspPunctuality, Recipient, Work};
use crate::row::{
    AnomalyCode, ByState, Conservation, Coverage, InputKind, InputOutcome, Month, Party, Tally,
};
use crate::words::Word;

/// Months that the chart shows; the table shows [`MONTHS_LISTED_MAX`].
const MONTHS_DRAWN_MAX: usize = 13;
/// Months in the table.
const MONTHS_LISTED_MAX: usize = 60;
/// PSPs that the chart shows.
const PSPS_DRAWN_MAX: usize = 12;
/// Characters of a label in a chart.
const LABEL_MAX: usize = 36;
/// Missing days of a treasurer that are named.
const DAYS_NAMED_MAX: usize = 40;

/// The first rows of a list and how many there are.
pub(super) struct Listed<T> {
    pub rows: Vec<T>,
    pub total: u64,
}

impl<T> Listed<T> {
    pub fn new(largest: Largest<T>) -> Self {
        let total = largest.offered();
        Self { rows: largest.into_sorted(), total }
    }

    pub fn is_cut(&self) -> bool {
        // A list in memory is far below 2^64.
        (self.rows.len() as u64) < self.total
    }
}

/// A table of states: label, tally, share of the whole amount.
pub(super) struct States {
    pub title: &'static str,
    pub what: &'static str,
    pub amount: &'static str,
    pub file: &'static str,
    pub rows: Vec<(&'static str, Tally, Share)>,
    pub total: Tally,
}

impl States {
    pub fn new<W: Word>(
        [title, what, amount, file]: [&'static str; 4],
        states: &ByState<W>,
    ) -> Self {
        let total = states.total();
        let share = |tally: Tally| Share { part: tally.count, whole: total.count };
        let rows = states.present().map(|(state, tally)| (state.label(), tally, share(tally)));
        Self { title, what, amount, file, rows: rows.collect(), total }
    }
}

/// What one party must do.
pub(super) struct Duty {
    pub party: Party,
    pub tally: Tally,
    pub works: Vec<(AnomalyCode, Work)>,
}

impl Duty {
    /// Whether others than the organization must do it.
    pub fn is_of_others(&self) -> bool {
        !matches!(self.party, Party::Organization | Party::None)
    }
}

/// The open anomalies by who must act; what there is most of comes first.
pub(super) fn duties(work: BTreeMap<(Party, AnomalyCode), Work>) -> Vec<Duty> {
    let mut duties: Vec<Duty> = Vec::new();
    for ((party, code), work) in work {
        if duties.last().is_none_or(|duty| duty.party != party) {
            duties.push(Duty { party, tally: Tally::default(), works: Vec::new() });
        }
        let duty = duties.last_mut().expect("one was just pushed");
        duty.tally += work.tally;
        duty.works.push((code, work));
    }
    for duty in &mut duties {
        duty.works.sort_by_key(|(code, work)| (std::cmp::Reverse(work.tally.amount), *code));
    }
    duties
}

/// Somebody to write to, with the letter.
pub(super) struct Letter {
    pub party: Party,
    pub name: String,
    pub tally: Tally,
    /// How many matters the letter has.
    pub matters: usize,
    /// The letter; empty where many addressees are told of together.
    pub text: String,
}

impl Letter {
    /// Whether there are matters that the letter does not have.
    pub fn is_cut(&self) -> bool {
        // A list in memory is far below 2^64.
        (self.matters as u64) < self.tally.count
    }
}

/// Whom to write to, those with most money at stake first.
pub(super) fn letters(
    recipients: Grouped<(String, Party, String), Recipient>,
    today: Date,
) -> Vec<Letter> {
    let (groups, others) = recipients.into_parts();
    let letter = |((_, party, name), recipient): ((String, Party, String), Recipient)| {
        let (tally, matters) = (recipient.tally, recipient.matters.kept());
        Letter { party, name, tally, matters, text: letter_text(recipient, today) }
    };
    let mut letters: Vec<Letter> = groups.into_iter().map(letter).collect();
    letters.sort_by_key(|letter| std::cmp::Reverse((letter.tally.amount, letter.tally.count)));
    letters.extend(others.map(|recipient| Letter {
        party: Party::None,
        name: "Altri destinatari".into(),
        tally: recipient.tally,
        matters: 0,
        text: String::new(),
    }));
    letters
}

/// One letter with all that there is to write to somebody, the largest amounts first.
fn letter_text(recipient: Recipient, today: Date) -> String {
    let Recipient { opening, closing, matters, .. } = recipient;
    let matters = matters.into_sorted();
    let subject = match matters.as_slice() {
        [only] => only.subject.clone(),
        several => format!("incassi pagoPA, {} segnalazioni", several.len()),
    };
    let numbered = matters.len() > 1;
    let said = (1..).zip(&matters).map(|(number, matter)| {
        let head = if numbered { format!("{number}. {}\n", matter.subject) } else { String::new() };
        format!("{head}{}\n\n", matter.text)
    });
    let said: String = said.collect();
    format!("{opening}\nData: {}\nOggetto: {subject}\n\n{said}{closing}", Day(today))
}

/// What is not explained, by age.
pub(super) struct Ageing {
    pub rows: Vec<(&'static str, Aged)>,
    /// Of all ages.
    pub total: Aged,
    /// Days since the oldest that speaks of pagoPA came in.
    pub oldest_days: Option<i32>,
    pub chart: Vec<Bar>,
}

impl Ageing {
    pub fn new(overview: &Overview) -> Self {
        let labels = AGES.iter().map(|(age, _)| *age);
        let rows: Vec<_> = labels.zip(overview.ages).collect();
        let mut total = Aged::default();
        for aged in &overview.ages {
            total.unexplained += aged.unexplained;
            total.proposed += aged.proposed;
            total.not_pagopa += aged.not_pagopa;
            total.negative += aged.negative;
        }
        // What is not of pagoPA would hide the rest: it is in the table alone.
        let stacks = rows.iter().map(|(age, aged)| Stack {
            label: (*age).into(),
            value: Euro(aged.unexplained.amount + aged.proposed.amount).to_string(),
            parts: vec![
                ("unexplained", drawn(aged.unexplained.amount)),
                ("proposed", drawn(aged.proposed.amount)),
            ],
        });
        let chart = chart::rows(stacks.collect());
        let oldest_days = overview.oldest.map(|oldest| overview.days_since(oldest));
        Self { rows, total, oldest_days, chart }
    }
}

/// Money that came in, month by month.
pub(super) struct Income {
    pub rows: Vec<(String, Conservation)>,
    pub earlier: usize,
    pub chart: Columns,
    pub drawn: usize,
}

impl Income {
    pub fn new(months: BTreeMap<Month, Conservation>) -> Self {
        let earlier = months.len().saturating_sub(MONTHS_LISTED_MAX);
        let months: Vec<_> = months.into_iter().skip(earlier).collect();
        let drawn_from = months.len().saturating_sub(MONTHS_DRAWN_MAX);
        let stacks: Vec<_> = months[drawn_from..].iter().map(month_stack).collect();
        let drawn = stacks.len();
        let rows = months.into_iter().map(|(month, money)| (month_name(month), money)).collect();
        Self { rows, earlier, chart: chart::columns(stacks), drawn }
    }
}

fn month_stack((month, money): &(Month, Conservation)) -> Stack {
    let name = month_name(*month);
    let year = month.year % 100;
    Stack {
        label: format!("{} {year:02}", &name[..3]),
        value: format!("{name}: {}", Euro(money.credits_in)),
        parts: vec![
            ("matched", drawn(money.matched)),
            ("proposed", drawn(money.proposed)),
            ("unexplained", drawn(money.unexplained)),
            ("reversed", drawn(money.reversed)),
        ],
    }
}

fn month_name(month: Month) -> String {
    format!("{} {}", MONTHS[usize::from(month.month) - 1], month.year)
}

/// What a chart can draw of an amount: nothing of a negative one, which the table says.
fn drawn(amount: Cents) -> u64 {
    amount.get().max(0).unsigned_abs()
}

/// How the PSPs keep their terms, the latest first.
pub(super) struct Punctuality {
    pub rows: Vec<(String, PspPunctuality)>,
    pub chart: Vec<Bar>,
}

impl Punctuality {
    pub fn new(psps: Grouped<String, PspPunctuality>) -> Self {
        let (groups, others) = psps.into_parts();
        let mut rows: Vec<_> = groups.into_iter().collect();
        rows.sort_by_key(|(_, psp)| std::cmp::Reverse((psp.late, psp.flows)));
        rows.extend(others.map(|others| ("altri PSP".into(), others)));
        let stacks = rows.iter().take(PSPS_DRAWN_MAX).map(|(code, psp)| Stack {
            label: label(if psp.name.is_empty() { code } else { &psp.name }),
            value: format!("{} su {} in ritardo", Number(psp.late), Number(psp.flows)),
            parts: vec![
                ("late", psp.late.min(psp.flows)),
                ("matched", psp.flows.saturating_sub(psp.late)),
            ],
        });
        let chart = chart::rows(stacks.collect());
        Self { rows, chart }
    }
}

fn label(name: &str) -> String {
    if name.chars().count() <= LABEL_MAX {
        return name.into();
    }
    name.chars().take(LABEL_MAX - 1).chain(['…']).collect()
}

/// What came in of one kind, by outcome in the order of the vocabulary.
pub(super) struct Received {
    pub kind: InputKind,
    pub outcomes: Vec<Number>,
    pub total: u64,
}

pub(super) fn received(counts: &BTreeMap<(InputKind, InputOutcome), u64>) -> Vec<Received> {
    let of_kind = |kind: &InputKind| {
        let count = |outcome: &InputOutcome| counts.get(&(*kind, *outcome)).copied().unwrap_or(0);
        let counts: Vec<u64> = InputOutcome::ALL.iter().map(count).collect();
        Received {
            kind: *kind,
            total: counts.iter().sum(),
            outcomes: counts.into_iter().map(Number).collect(),
        }
    };
    InputKind::ALL.iter().map(of_kind).filter(|received| received.total > 0).collect()
}

/// Which days of a treasurer are here.
pub(super) struct Days<'a> {
    pub treasurer: &'a str,
    pub loaded: usize,
    pub first: Option<Date>,
    pub last: Option<Date>,
    pub missing: &'a [Date],
    pub unnamed: usize,
}

impl<'a> Days<'a> {
    pub fn new(coverage: &'a Coverage<'a>) -> Self {
        let named = coverage.missing_days.len().min(DAYS_NAMED_MAX);
        Self {
            treasurer: &coverage.treasurer,
            loaded: coverage.loaded_days.len(),
            first: coverage.loaded_days.iter().min().copied(),
            last: coverage.loaded_days.iter().max().copied(),
            missing: &coverage.missing_days[..named],
            unnamed: coverage.missing_days.len() - named,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::row::Message;

    fn message(subject: &'static str, matter: &'static str) -> Message<'static> {
        Message {
            opening: "Mittente: Provincia\nDestinatario: Banca".into(),
            subject: subject.into(),
            matter: matter.into(),
            closing: "Cordiali saluti\nProvincia".into(),
        }
    }

    fn letter(messages: &[(i64, Message<'static>)]) -> String {
        let mut recipient = Recipient::new(&messages[0].1, 2);
        for (cents, message) in messages {
            recipient.add(Cents::new(*cents), message);
        }
        letter_text(recipient, date(2026, 11, 23))
    }

    #[test]
    fn one_letter_tells_an_addressee_all_the_largest_first() {
        let small = (100, message("Ricevuta mancante", "Manca la ricevuta."));
        let large = (-900, message("Flusso senza accredito", "Manca l'accredito."));
        let beyond = (1, message("Altro", "Altro."));
        assert_eq!(
            letter(&[small, large, beyond]),
            "Mittente: Provincia\nDestinatario: Banca\nData: 23/11/2026\n\
             Oggetto: incassi pagoPA, 2 segnalazioni\n\n\
             1. Flusso senza accredito\nManca l'accredito.\n\n\
             2. Ricevuta mancante\nManca la ricevuta.\n\nCordiali saluti\nProvincia"
        );
    }

    #[test]
    fn a_letter_about_one_thing_is_called_by_it() {
        assert_eq!(
            letter(&[(100, message("Ricevuta mancante", "Manca la ricevuta."))]),
            "Mittente: Provincia\nDestinatario: Banca\nData: 23/11/2026\n\
             Oggetto: Ricevuta mancante\n\nManca la ricevuta.\n\nCordiali saluti\nProvincia"
        );
    }
}

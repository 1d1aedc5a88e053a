//! A provvisorio di entrata: a small state machine over the movements that speak of it.
//!
//! The answer does not depend on the order of the movements: a storno read before its esecuzione
//! ends in the same state.

use jiff::civil::Date;

use crate::anomaly::Code;
use crate::fact::{Movement, MovementDocument, Operation, Source, Sourced};
use crate::identifier::Provvisorio;
use crate::money::Cents;

/// What the movements of one provvisorio add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Which provvisorio.
    pub provvisorio: Provvisorio,
    /// What was credited; negative only when the treasurer executed a negative amount.
    pub amount: Cents,
    /// `data_movimento` of the esecuzione.
    pub date: Date,
    /// `data_valuta_ente`, else `data_movimento`.
    pub value_date: Date,
    /// Quietanza, a number of its own that offices also search by.
    pub receipt_number: Option<u64>,
    /// Conto di evidenza.
    pub account: Box<str>,
    /// Who sent the money.
    pub remitter: Box<str>,
    /// His fiscal code, or his VAT number, as written.
    pub remitter_code: Option<Box<str>>,
    /// Causale, as written.
    pub remittance: Box<str>,
    /// End-to-end id of the transfer.
    pub end_to_end_id: Option<Box<str>>,
    /// TRN or CRO of the transfer.
    pub transaction_reference: Option<Box<str>>,
    /// Whether the treasurer took it back.
    pub reversed: bool,
    /// How much of it reversali have regularised and not given back.
    pub regularised: Cents,
    /// Those reversali.
    pub regularised_by: Vec<Regularisation>,
    /// When the treasurer took it back, and how much of it.
    pub reversals: Vec<(Date, Cents)>,
    /// Its executions, day and amount, where there is more than one.
    pub executions: Vec<(Date, Cents)>,
    /// What contradicts itself.
    pub findings: Vec<Code>,
    /// The movement that the amount, the dates and the texts come from.
    pub source: Source,
    /// Every movement.
    pub evidence: Vec<Source>,
}

/// What one reversale regularises of a provvisorio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regularisation {
    /// The number of the reversale.
    pub reversale: u64,
    /// The day of its last movement.
    pub date: Date,
    /// How much, net of what it gave back.
    pub amount: Cents,
}

impl Credit {
    /// Whether reversali cover all of it.
    #[must_use]
    pub fn is_regularised(&self) -> bool {
        !self.reversed && self.amount > Cents::ZERO && self.regularised >= self.amount
    }

    /// Whether its money counts for a flow: in, positive and not taken back.
    #[must_use]
    pub fn counts(&self) -> bool {
        !self.reversed && self.amount > Cents::ZERO
    }
}

/// Salaries: one provvisorio grows row by row, and its rows add up (codice_riferimento_interno).
const ADDS_UP: &str = "PAGSTIP";

/// Reads the movements of one provvisorio, in any order, each once or more.
///
/// `None` while only reversali speak of it: nobody has said yet what was credited.
#[must_use]
pub fn credit(provvisorio: Provvisorio, movements: &[Sourced<Movement>]) -> Option<Credit> {
    let distinct = distinct(movements);
    let of = |operation| {
        let rows = distinct.iter().map(|row| &row.fact);
        rows.filter(move |row| {
            row.document == MovementDocument::Sospeso && row.operation == operation
        })
    };
    let sum = |operation| of(operation).map(|row| row.amount).sum::<Cents>();

    let main = main_movement(&distinct)?;
    let executed: Vec<_> = of(Operation::Executed).collect();
    let executions = if executed.len() > 1 {
        let signed = |row: &Movement| if row.negative { -row.amount } else { row.amount };
        executed.iter().map(|row| (row.date, signed(row))).collect()
    } else {
        Vec::new()
    };
    let adds_up = executed
        .iter()
        .all(|row| row.internal_reference.as_deref().is_some_and(|text| text.starts_with(ADDS_UP)));
    let mut findings = Vec::new();
    let mut amount = if main.fact.negative && main.fact.operation == Operation::Executed {
        findings.push(Code::CreditNegative);
        -main.fact.amount
    } else {
        main.fact.amount
    };
    if executed.len() > 1 {
        if adds_up {
            amount = executed.iter().map(|row| row.amount).sum();
        } else {
            findings.push(Code::CreditConflict);
        }
    }

    let regularised = regularised(&distinct);
    let gone = sum(Operation::Reversed);
    // A ripristino undoes a regularisation; where there is none to undo, it undoes a storno.
    let never_regularised = regularised.done.is_zero();
    let back = if never_regularised { sum(Operation::Restored) } else { Cents::ZERO };
    let reversed = gone > back && gone - back >= amount.abs();
    if gone > back && gone - back != amount.abs() && !findings.contains(&Code::CreditConflict) {
        findings.push(Code::CreditConflict);
    }
    if reversed && regularised.net() > Cents::ZERO {
        findings.push(Code::ReversedAfterRegularisation);
    }

    let mut evidence: Vec<_> = movements.iter().map(|row| row.source.clone()).collect();
    evidence.sort();
    evidence.dedup();
    Some(Credit {
        provvisorio,
        amount,
        date: main.fact.date,
        value_date: main.fact.value_date,
        receipt_number: main.fact.receipt_number,
        account: main.fact.account.clone(),
        remitter: main.fact.remitter.clone(),
        remitter_code: main.fact.remitter_code.clone(),
        remittance: main.fact.remittance.clone(),
        end_to_end_id: main.fact.end_to_end_id.clone(),
        transaction_reference: main.fact.transaction_reference.clone(),
        reversed,
        regularised: regularised.net(),
        regularised_by: regularised.by,
        reversals: of(Operation::Reversed).map(|row| (row.date, row.amount)).collect(),
        executions,
        findings,
        source: main.source.clone(),
        evidence,
    })
}

/// The same movement in a re-sent or cumulative journal is one movement, even if a text differs.
fn distinct(movements: &[Sourced<Movement>]) -> Vec<&Sourced<Movement>> {
    let identity = |row: &Movement| {
        (row.date, row.document, row.operation, row.progressive, row.amount, row.negative)
    };
    let mut rows: Vec<_> = movements.iter().collect();
    rows.sort_by(|a, b| {
        let texts = |row: &Movement| (row.remittance.clone(), row.remitter.clone());
        identity(&a.fact)
            .cmp(&identity(&b.fact))
            .then_with(|| texts(&a.fact).cmp(&texts(&b.fact)))
            .then_with(|| a.source.cmp(&b.source))
    });
    rows.dedup_by(|later, earlier| identity(&later.fact) == identity(&earlier.fact));
    // Executions of the same sum on the same day differ by their progressive alone: a re-sent row.
    let mut seen = Vec::new();
    rows.retain(|row| {
        let row = &row.fact;
        let sospeso = row.document == MovementDocument::Sospeso;
        let key = (row.date, row.operation, row.amount, row.negative);
        !sospeso || row.operation != Operation::Executed || {
            let new = !seen.contains(&key);
            seen.push(key);
            new
        }
    });
    rows
}

/// The esecuzione; where only a storno came so far, the storno.
fn main_movement<'a>(distinct: &[&'a Sourced<Movement>]) -> Option<&'a Sourced<Movement>> {
    let of = |operation| {
        distinct.iter().copied().find(|row| {
            row.fact.document == MovementDocument::Sospeso && row.fact.operation == operation
        })
    };
    of(Operation::Executed)
        .or_else(|| of(Operation::Reversed))
        .or_else(|| of(Operation::Regularised))
        .or_else(|| of(Operation::Restored))
}

/// What was regularised and what was given back.
struct Regularised {
    done: Cents,
    undone: Cents,
    by: Vec<Regularisation>,
}

impl Regularised {
    fn net(&self) -> Cents {
        if self.done > self.undone { self.done - self.undone } else { Cents::ZERO }
    }
}

/// A treasurer may tell of one regularisation in the row of the reversale, in the row of the
/// sospeso, or in both: the larger of the two sides is taken, so that none is counted twice.
fn regularised(distinct: &[&Sourced<Movement>]) -> Regularised {
    let sum = |wanted: &dyn Fn(&Movement) -> bool| -> Cents {
        distinct.iter().filter(|row| wanted(&row.fact)).map(|row| row.fact.amount).sum()
    };
    let by_order = |row: &Movement| matches!(row.document, MovementDocument::Reversale(_));
    let does =
        |row: &Movement| matches!(row.operation, Operation::Executed | Operation::Regularised);
    let done = sum(&|row| by_order(row) && does(row))
        .max(sum(&|row| !by_order(row) && row.operation == Operation::Regularised));
    let undone = sum(&|row| by_order(row) && !does(row))
        .max(sum(&|row| !by_order(row) && row.operation == Operation::Restored));

    let mut by: Vec<Regularisation> = Vec::new();
    for row in distinct.iter().map(|row| &row.fact) {
        let MovementDocument::Reversale(reversale) = row.document else { continue };
        let amount = if does(row) { row.amount } else { -row.amount };
        match by.iter_mut().find(|known| known.reversale == reversale) {
            Some(known) => {
                known.amount += amount;
                known.date = known.date.max(row.date);
            }
            None => by.push(Regularisation { reversale, date: row.date, amount }),
        }
    }
    by.retain(|known| known.amount > Cents::ZERO);
    by.sort_by_key(|known| known.reversale);
    Regularised { done, undone, by }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// `E 100` a sospeso executed for 100.00, `S` stornato, `G` regolarizzato, `R` ripristinato;
    /// `7E 100` the same in the row of reversale 7. A minus makes the written amount negative.
    fn movement(text: &str) -> Sourced<Movement> {
        let (what, amount) = text.split_once(' ').unwrap();
        let (number, operation) = what.split_at(what.len() - 1);
        let amount: Cents = amount.parse().unwrap();
        let fact = Movement {
            provvisorio: "2026/123".parse().unwrap(),
            document: number.parse().map_or(MovementDocument::Sospeso, MovementDocument::Reversale),
            operation: match operation {
                "E" => Operation::Executed,
                "S" => Operation::Reversed,
                "G" => Operation::Regularised,
                "R" => Operation::Restored,
                other => panic!("{other}"),
            },
            progressive: 1,
            amount: amount.abs(),
            negative: amount.is_negative(),
            date: date(2026, 3, 2),
            value_date: date(2026, 3, 2),
            receipt_number: None,
            reversed_receipt_number: None,
            account: "1".into(),
            remitter: "".into(),
            remitter_code: None,
            remittance: "".into(),
            end_to_end_id: None,
            transaction_reference: None,
            internal_reference: None,
        };
        Sourced { fact, source: Source { file: "g.xml".into(), line: 1 } }
    }

    fn read(table: &str) -> String {
        let rows: Vec<_> = table.split(", ").map(movement).collect();
        let mut backwards = rows.clone();
        backwards.reverse();
        let provvisorio = "2026/123".parse().unwrap();
        let answer = credit(provvisorio, &rows);
        assert_eq!(answer, credit(provvisorio, &backwards), "order shows in {table}");
        let twice: Vec<_> = rows.iter().chain(&rows).cloned().collect();
        assert_eq!(answer, credit(provvisorio, &twice), "repetition shows in {table}");
        let Some(credit) = answer else { return "unknown".into() };
        let state = match (credit.reversed, credit.is_regularised()) {
            (true, _) => "reversed",
            (_, true) => "regularised",
            _ => "live",
        };
        let by: Vec<_> = credit.regularised_by.iter().map(|by| by.reversale).collect();
        let codes: Vec<_> = credit.findings.iter().map(|code| code.code()).collect();
        format!("{} {state} {} {:?} {}", credit.amount, credit.regularised, by, codes.join(","))
            .trim()
            .into()
    }

    #[test]
    fn movements_add_up_whatever_their_order() {
        for (movements, expected) in [
            ("E 100", "100.00 live 0.00 []"),
            ("E 100, S 100", "100.00 reversed 0.00 []"),
            ("E 100, S -100", "100.00 reversed 0.00 []"), // the sign of a storno is not uniform
            ("S 100", "100.00 reversed 0.00 []"),
            ("E 100, S 60", "100.00 live 0.00 [] credit_conflict"),
            ("E 100, S 100, R 100", "100.00 live 0.00 []"),
            ("E 100, 7E 100", "100.00 regularised 100.00 [7]"),
            ("E 100, 7G 100", "100.00 regularised 100.00 [7]"),
            ("E 100, G 100", "100.00 regularised 100.00 []"),
            ("E 100, G 100, 7E 100", "100.00 regularised 100.00 [7]"), // told twice, done once
            ("E 100, 7E 60", "100.00 live 60.00 [7]"),
            ("E 100, 7E 60, 8E 40", "100.00 regularised 100.00 [7, 8]"),
            ("E 100, 7E 100, 7S 100", "100.00 live 0.00 []"),
            ("E 100, 7E 100, 7R -100", "100.00 live 0.00 []"),
            ("E 100, G 100, 7E 100, R 100", "100.00 live 0.00 [7]"),
            ("E 100, 7E 100, S 100", "100.00 reversed 100.00 [7] reversed_after_regularisation"),
            ("E 100, E 90", "90.00 live 0.00 [] credit_conflict"),
            ("E -100", "-100.00 live 0.00 [] credit_negative"),
            ("7E 100", "unknown"),
        ] {
            assert_eq!(read(movements), expected, "{movements}");
        }
    }

    #[test]
    fn salaries_on_one_provvisorio_add_up() {
        let mut rows = vec![movement("E 100"), movement("E 90")];
        for row in &mut rows {
            row.fact.internal_reference = Some("PAGSTIP-1".into());
        }
        let credit = credit("2026/123".parse().unwrap(), &rows).unwrap();
        assert_eq!((credit.amount, credit.findings), (Cents::new(19_000), vec![]));
    }
}

//! A batch of messages for the person who approves it: a CSV and a workbook.

use std::io::{self, Write};

use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::book::{Book, FrontLine};
use crate::line::{Column, Line, column};
use crate::row::Kind;
use crate::table::{csv_field, csv_writer};
use crate::writer::ReportError;

/// A message of a batch, without its recipient.
#[derive(Debug, Clone)]
pub struct BatchRow<'a> {
    /// The office's identifier of the position.
    pub position_id: &'a str,
    /// The verbale.
    pub report_number: &'a str,
    /// The day of notification.
    pub notified_on: Option<Date>,
    /// The notice that it asks to pay.
    pub notice_number: &'a str,
    /// What was paid so far.
    pub paid: Cents,
    /// What it asks for.
    pub amount: Cents,
}

const KIND: Kind = Kind {
    stem: "batch",
    sheet: "Lotto",
    note: "Comunicazioni bonarie prima della riscossione coattiva: partono solo dopo che una \
           persona ha approvato il lotto.",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    column("Posizione", 22),
    column("Verbale", 16),
    column("Notificato il", 14),
    column("Codice avviso", 22),
    column("Già versato", 14),
    column("Importo richiesto", 18),
];

impl BatchRow<'_> {
    fn cells(&self, line: &mut Line) {
        line.clear();
        line.text(self.position_id);
        line.text(self.report_number);
        line.date_opt(self.notified_on);
        line.text(self.notice_number);
        line.amount(self.paid);
        line.amount(self.amount);
    }
}

/// Writes the CSV of a batch.
///
/// # Errors
/// When it cannot be written.
pub fn batch_table<'a>(
    out: impl Write,
    rows: impl IntoIterator<Item = BatchRow<'a>>,
) -> io::Result<()> {
    let mut csv = csv_writer(out, &KIND)?;
    let (mut line, mut field) = (Line::default(), String::new());
    for row in rows {
        row.cells(&mut line);
        for cell in line.cells() {
            csv_field(cell, &mut field);
            csv.write_field(&field)?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

/// The workbook of a batch that was planned at `as_of`.
///
/// # Errors
/// When it cannot be made.
pub fn batch_book<'a>(
    as_of: Timestamp,
    id: &str,
    rows: impl IntoIterator<Item = BatchRow<'a>>,
) -> Result<Vec<u8>, ReportError> {
    let mut book = Book::new(as_of)?;
    let mut sheet = book.sheet(&KIND)?;
    let (mut line, mut count, mut total) = (Line::default(), 0, Cents::ZERO);
    for row in rows {
        row.cells(&mut line);
        sheet.push(&line)?;
        count += 1;
        total += row.amount;
    }
    let front = book.front(&[
        FrontLine::Title(format!("Lotto {id}")),
        FrontLine::Note(KIND.note.to_owned()),
        FrontLine::Figures {
            label: "Messaggi".to_owned(),
            count: Some(count),
            amount: Some(total),
            note: format!("Per approvarlo: quadra campaign approve {id} --by NOME --due DATA"),
        },
    ])?;
    Ok(book.finish(front, vec![sheet])?)
}

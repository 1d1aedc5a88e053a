//! CSVs of the campaigns of messages: texts only, for the offices.

use std::io::{self, Write};

use crate::line::{Cell, Column, column};
use crate::row::Kind;
use crate::table::{csv_field, csv_writer};

/// A CSV of texts, being written.
pub struct TextTable<W: Write> {
    csv: csv::Writer<W>,
    columns: usize,
    field: String,
}

const OTHER_CHANNELS: Kind = Kind {
    stem: "other_channels",
    sheet: "Altri canali",
    note: "Chi non si può avvisare con l'app IO.",
    columns: CHANNEL_COLUMNS,
};
const CHANNEL_COLUMNS: &[Column] =
    &[column("Posizione", 22), column("Messaggio", 20), column("Motivo", 26)];

const MESSAGES: Kind = Kind {
    stem: "messages",
    sheet: "Messaggi",
    note: "Che cosa è stato di ogni messaggio.",
    columns: MESSAGE_COLUMNS,
};
const MESSAGE_COLUMNS: &[Column] = &[
    column("Messaggio", 50),
    column("Posizione", 22),
    column("Stato", 20),
    column("Quando", 20),
    column("Motivo", 30),
    column("Pagato il", 14),
];

impl<W: Write> TextTable<W> {
    /// The citizens to be told by other means than IO: position, kind of message, why.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn other_channels(out: W) -> io::Result<Self> {
        Self::new(out, &OTHER_CHANNELS)
    }

    /// Every message of a campaign: intent, position, state, when, why, day of payment.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn messages(out: W) -> io::Result<Self> {
        Self::new(out, &MESSAGES)
    }

    fn new(out: W, kind: &Kind) -> io::Result<Self> {
        let csv = csv_writer(out, kind)?;
        Ok(Self { csv, columns: kind.columns.len(), field: String::new() })
    }

    /// Writes a row, a text for each column.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, texts: &[&str]) -> io::Result<()> {
        assert_eq!(texts.len(), self.columns, "a text for each column");
        for text in texts {
            csv_field(Cell::Text(text), &mut self.field);
            self.csv.write_field(&self.field)?;
        }
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    /// Writes out what is held.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_for_italian_readers_and_safe_against_formulas() {
        let mut out = Vec::new();
        let mut table = TextTable::other_channels(&mut out).unwrap();
        table.push(&["=1+1", "sollecito", "non usa IO; mai"]).unwrap();
        table.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\u{feff}Posizione;Messaggio;Motivo\r\n'=1+1;sollecito;\"non usa IO; mai\"\r\n"
        );
    }
}

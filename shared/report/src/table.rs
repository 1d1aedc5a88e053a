//! The two files of a kind of row: JSON Lines for programs, CSV for people.

use std::io::{self, BufWriter, Write};

use crate::files::Files;
use crate::italian::Day;
use crate::line::{Cell, Line};
use crate::row::{Key, Kind, Row};
use crate::writer::ReportError;

/// The files of one kind of row, being written.
pub(crate) struct Table<F: Write> {
    stem: &'static str,
    json: BufWriter<F>,
    csv: csv::Writer<F>,
    field: String,
    key: Key,
    /// The key of the row before; of the first row, nothing, which is before any key.
    last: Key,
}

impl<F: Write + Send> Table<F> {
    /// Begins the files of a kind.
    pub fn create(files: &impl Files<File = F>, kind: &Kind) -> Result<Self, ReportError> {
        let made = || {
            let json = BufWriter::new(files.create(&format!("{}.jsonl", kind.stem))?);
            let csv = csv_writer(files.create(&format!("{}.csv", kind.stem))?, kind)?;
            Ok((json, csv))
        };
        let (json, csv) = made().map_err(|source| ReportError::Io { name: kind.stem, source })?;
        let (key, last) = (Key::default(), Key::default());
        Ok(Self { stem: kind.stem, json, csv, field: String::new(), key, last })
    }

    /// Writes a row to both files; `line` is left with its cells.
    pub fn push<R: Row>(&mut self, row: &R, line: &mut Line) -> Result<(), ReportError> {
        self.keep_order(row)?;
        line.clear();
        row.cells(line);
        assert_eq!(line.cells().len(), R::KIND.columns.len(), "a cell for each column");
        self.write(row, line).map_err(|source| ReportError::Io { name: self.stem, source })
    }

    /// Refuses a row that does not come after the one before it.
    fn keep_order<R: Row>(&mut self, row: &R) -> Result<(), ReportError> {
        self.key.clear();
        row.key(&mut self.key);
        if self.key <= self.last {
            return Err(ReportError::OutOfOrder { name: self.stem });
        }
        std::mem::swap(&mut self.last, &mut self.key);
        Ok(())
    }

    fn write<R: Row>(&mut self, row: &R, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.json, row)?;
        self.json.write_all(b"\n")?;
        csv_line(&mut self.csv, line, &mut self.field)
    }

    /// Writes out what is held, and gives the files back.
    pub fn finish(self) -> Result<[F; 2], ReportError> {
        let json = self.json.into_inner().map_err(io::IntoInnerError::into_error);
        let csv = self.csv.into_inner().map_err(|error| {
            let error = error.error();
            io::Error::new(error.kind(), error.to_string())
        });
        let failed = |source| ReportError::Io { name: self.stem, source };
        Ok([json.map_err(failed)?, csv.map_err(failed)?])
    }
}

/// Writes a row of cells; `field` is memory to write in.
pub(crate) fn csv_line<F: Write>(
    csv: &mut csv::Writer<F>,
    line: &Line,
    field: &mut String,
) -> io::Result<()> {
    for cell in line.cells() {
        csv_field(cell, field);
        csv.write_field(&*field)?;
    }
    Ok(csv.write_record(None::<&[u8]>)?)
}

/// Begins a CSV with the headers of a kind.
pub(crate) fn csv_writer<F: Write>(mut file: F, kind: &Kind) -> io::Result<csv::Writer<F>> {
    // Excel reads a CSV as UTF-8 only if it begins with this mark.
    file.write_all("\u{FEFF}".as_bytes())?;
    let mut csv = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(1 << 16)
        .from_writer(file);
    csv.write_record(kind.columns.iter().map(|column| column.header))?;
    Ok(csv)
}

/// A cell as a CSV for Italian readers has it.
pub(crate) fn csv_field(cell: Cell<'_>, field: &mut String) {
    use std::fmt::Write as _;
    field.clear();
    let written = match cell {
        Cell::Empty => Ok(()),
        Cell::Text(text) => {
            if is_formula(text) {
                field.push('\'');
            }
            field.push_str(text);
            Ok(())
        }
        Cell::Amount(amount) => {
            let written = write!(field, "{amount}");
            let point = field.len() - 3;
            field.replace_range(point..=point, ",");
            written
        }
        Cell::Count(count) => write!(field, "{count}"),
        Cell::Date(date) => write!(field, "{}", Day(date)),
        Cell::Instant(moment) => {
            let (hour, minute) = (moment.hour(), moment.minute());
            write!(field, "{} {hour:02}:{minute:02}", Day(moment.date()))
        }
    };
    written.expect("a String takes any text");
}

/// Whether a spreadsheet could take the text for a formula: it may skip the blanks before it, and
/// knows the wide forms of the same characters.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start().chars().next();
    matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Cents;
    use jiff::civil::{date, datetime};

    #[test]
    fn cells_are_written_for_italian_readers() {
        for (cell, expected) in [
            (Cell::Empty, ""),
            (Cell::Text("Provincia di Prova"), "Provincia di Prova"),
            (Cell::Amount(Cents::new(123_450)), "1234,50"),
            (Cell::Amount(Cents::new(-5)), "-0,05"),
            (Cell::Count(110_000), "110000"),
            (Cell::Date(date(2026, 2, 9)), "09/02/2026"),
            (Cell::Instant(datetime(2026, 2, 9, 8, 5, 59, 0)), "09/02/2026 08:05"),
            (Cell::Text("=1+1"), "'=1+1"),
            (Cell::Text("+39 050"), "'+39 050"),
            (Cell::Text("-1"), "'-1"),
            (Cell::Text("@SUM(A1)"), "'@SUM(A1)"),
            (Cell::Text("  =1+1"), "'  =1+1"),
            (Cell::Text("＝1+1"), "'＝1+1"),
            (Cell::Text("a=1"), "a=1"),
        ] {
            let mut field = String::from("left over");
            csv_field(cell, &mut field);
            assert_eq!(field, expected, "{cell:?}");
        }
    }

    #[test]
    fn a_tab_before_a_formula_hides_nothing() {
        let mut line = Line::default();
        line.text("\t=cmd()");
        let mut field = String::new();
        csv_field(line.cells().next().expect("one cell"), &mut field);
        assert_eq!(field, "' =cmd()");
    }
}

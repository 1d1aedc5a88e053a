//! The workbook: what a person sorts, filters and sums.

use std::sync::Arc;

use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::DateTime;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use crate::harmless;
use crate::italian::Number;
use crate::line::{Cell, Column, Line};
use crate::row::Kind;
use crate::wire::rome;

/// Rows of data on one sheet: Excel has 1,048,576 in all, less the note, the header and the line
/// that says where the list goes on.
const ROWS_MAX: u32 = 1_048_576 - 3;

/// Characters in one cell: Excel takes 32,767.
const TEXT_MAX: usize = 32_000;

/// Row of the header, under the note.
const HEADER: u32 = 1;

/// A workbook being written. Rows leave for a temporary file at once.
pub(crate) struct Book {
    workbook: Workbook,
    formats: Arc<Formats>,
}

/// How cells look.
struct Formats {
    note: Format,
    header: Format,
    title: Format,
    amount: Format,
    count: Format,
    date: Format,
    instant: Format,
}

/// One sheet being written.
pub(crate) struct Sheet {
    /// In a box: it is 5 KB large, and eight of them move with the writer of a report.
    cells: Box<Worksheet>,
    formats: Arc<Formats>,
    name: &'static str,
    columns: u16,
    rows: u32,
    rows_max: u32,
    left_out: u64,
    stem: &'static str,
}

/// What a sheet holds in the end.
pub(crate) struct SheetCount {
    /// Its name.
    pub name: &'static str,
    /// Its rows.
    pub rows: u32,
    /// Rows that should be there and have no room.
    pub left_out: u64,
}

impl Book {
    /// Begins a workbook that is true for `as_of`.
    pub fn new(as_of: Timestamp) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        // A third of the time of the default for a tenth more bytes.
        workbook.set_zip_compression_level(3);
        let mut properties = DocProperties::new()
            .set_title("Riconciliazione degli incassi pagoPA")
            .set_author("Quadra");
        // The machine's clock must not show: the same facts give the same bytes.
        properties = properties.set_creation_datetime(&excel_datetime(rome(as_of))?);
        workbook.set_properties(&properties);
        Ok(Self { workbook, formats: Arc::new(Formats::new()) })
    }

    /// Begins the sheet of a kind of row.
    pub fn sheet(&mut self, kind: &Kind) -> Result<Sheet, XlsxError> {
        let mut sheet = self.workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(kind.sheet)?;
        sheet.write_string_with_format(0, 0, kind.note, &self.formats.note)?;
        sheet.set_row_height(HEADER, 30)?;
        let mut columns = 0;
        for Column { header, width } in kind.columns {
            sheet.set_column_width(columns, *width)?;
            sheet.write_string_with_format(HEADER, columns, *header, &self.formats.header)?;
            columns += 1;
        }
        sheet.set_freeze_panes(HEADER + 1, 0)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(HEADER, HEADER)?;
        Ok(Sheet {
            cells: Box::new(sheet),
            formats: Arc::clone(&self.formats),
            name: kind.sheet,
            columns,
            rows: 0,
            rows_max: ROWS_MAX,
            left_out: 0,
            stem: kind.stem,
        })
    }

    /// The first sheet, of titled tables: each line is a label and its values.
    pub fn front(&self, lines: &[FrontLine]) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name("Riepilogo")?;
        for (column, width) in [(0, 46), (1, 14), (2, 20), (3, 70)] {
            sheet.set_column_width(column, width)?;
        }
        sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
        for (row, line) in (0..).zip(lines) {
            match line {
                FrontLine::Title(title) => {
                    sheet.write_string_with_format(row, 0, title, &self.formats.title)?;
                }
                FrontLine::Note(note) => {
                    sheet.write_string(row, 0, note)?;
                }
                FrontLine::Header(headers) => {
                    for (column, header) in (0..).zip(headers) {
                        let format = &self.formats.header;
                        sheet.write_string_with_format(row, column, *header, format)?;
                    }
                }
                FrontLine::Figures { label, count, amount, note } => {
                    sheet.write_string(row, 0, label)?;
                    for (column, cell) in
                        [(1, count.map(Cell::Count)), (2, amount.map(Cell::Amount))]
                    {
                        self.formats.write(&mut sheet, row, column, cell.unwrap_or(Cell::Empty))?;
                    }
                    self.formats.write(&mut sheet, row, 3, Cell::Text(note))?;
                }
            }
        }
        Ok(sheet)
    }

    /// The bytes of the workbook, with its sheets in this order.
    pub fn finish(mut self, front: Worksheet, sheets: Vec<Sheet>) -> Result<Vec<u8>, XlsxError> {
        self.workbook.push_worksheet(front);
        for sheet in sheets {
            self.workbook.push_worksheet(sheet.close()?);
        }
        self.workbook.save_to_buffer()
    }
}

/// A line of the first sheet.
pub(crate) enum FrontLine {
    /// Title of a table.
    Title(String),
    /// A sentence.
    Note(String),
    /// Headers of a table.
    Header([&'static str; 4]),
    /// How many and how much.
    Figures {
        /// Of what.
        label: String,
        /// How many.
        count: Option<u64>,
        /// How much.
        amount: Option<Cents>,
        /// What there is to say.
        note: String,
    },
}

impl Sheet {
    /// Writes a row, or counts it when the sheet is full.
    pub fn push(&mut self, line: &Line) -> Result<(), XlsxError> {
        if self.rows == self.rows_max {
            self.left_out += 1;
            return Ok(());
        }
        self.rows += 1;
        let row = HEADER + self.rows;
        for (column, cell) in (0..).zip(line.cells()) {
            self.formats.write(&mut self.cells, row, column, cell)?;
        }
        Ok(())
    }

    /// What it holds so far.
    pub fn count(&self) -> SheetCount {
        SheetCount { name: self.name, rows: self.rows, left_out: self.left_out }
    }

    fn close(mut self) -> Result<Worksheet, XlsxError> {
        let last = HEADER + self.rows;
        if self.left_out > 0 {
            let notice = format!(
                "Il foglio è pieno: altre {} righe non ci stanno. L'elenco completo è in {}.csv.",
                Number(self.left_out),
                self.stem
            );
            self.cells.write_string_with_format(last + 1, 0, notice, &self.formats.note)?;
        }
        self.cells.autofilter(HEADER, 0, last, self.columns - 1)?;
        Ok(*self.cells)
    }
}

impl Formats {
    fn new() -> Self {
        let blue = Color::RGB(0x17_32_4D);
        Self {
            note: Format::new().set_italic().set_font_color(Color::RGB(0x45_56_66)),
            header: Format::new()
                .set_bold()
                .set_font_color(Color::White)
                .set_background_color(blue)
                .set_align(FormatAlign::VerticalCenter)
                .set_text_wrap()
                .set_border_bottom(FormatBorder::Thin),
            title: Format::new().set_bold().set_font_size(14).set_font_color(blue),
            amount: Format::new().set_num_format("#,##0.00"),
            count: Format::new().set_num_format("#,##0"),
            date: Format::new().set_num_format("dd/mm/yyyy"),
            instant: Format::new().set_num_format("dd/mm/yyyy hh:mm"),
        }
    }

    /// Writes a cell of any kind. A text is never a formula here.
    fn write(
        &self,
        to: &mut Worksheet,
        row: u32,
        column: u16,
        cell: Cell,
    ) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) => to.write_string(row, column, harmless::cut(text, TEXT_MAX)),
            Cell::Amount(amount) => {
                to.write_number_with_format(row, column, euros(amount), &self.amount)
            }
            Cell::Count(count) => {
                to.write_number_with_format(row, column, whole(count), &self.count)
            }
            Cell::Date(date) => match excel_datetime(date.into()) {
                Ok(date) => to.write_datetime_with_format(row, column, date, &self.date),
                // Excel has no date before 1900: it is written as it is.
                Err(_) => to.write_string(row, column, date.to_string()),
            },
            Cell::Instant(moment) => match excel_datetime(moment) {
                Ok(moment) => to.write_datetime_with_format(row, column, moment, &self.instant),
                Err(_) => to.write_string(row, column, moment.to_string()),
            },
        }?;
        Ok(())
    }
}

fn excel_datetime(moment: DateTime) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        moment.year().unsigned_abs(),
        moment.month().unsigned_abs(),
        moment.day().unsigned_abs(),
    )?
    .and_hms(
        moment.hour().unsigned_abs().into(),
        moment.minute().unsigned_abs(),
        moment.second().unsigned_abs(),
    )
}

/// Euro as a number of Excel.
#[allow(
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "cells of Excel are floats; cents are exact in one up to 2^53, 90 thousand billion euro"
)]
fn euros(amount: Cents) -> f64 {
    amount.get() as f64 / 100.0
}

/// A count as a number of Excel.
#[allow(
    clippy::disallowed_types,
    clippy::cast_precision_loss,
    reason = "cells of Excel are floats; whole numbers are exact in one up to 2^53"
)]
fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::column;
    use calamine::{Data, Reader, Xlsx};

    const KIND: Kind =
        Kind { stem: "things", sheet: "Cose", note: "Cose.", columns: &[column("Cosa", 10)] };

    /// A sheet of `rows` rows with room for `rows_max`, read back.
    fn sheet(rows: u64, rows_max: u32) -> calamine::Range<Data> {
        let mut book = Book::new(Timestamp::UNIX_EPOCH).unwrap();
        let mut sheet = book.sheet(&KIND).unwrap();
        sheet.rows_max = rows_max;
        let mut line = Line::default();
        for n in 1..=rows {
            line.clear();
            line.count(n);
            sheet.push(&line).unwrap();
        }
        assert_eq!(sheet.count().left_out, rows.saturating_sub(rows_max.into()));
        let front = book.front(&[]).unwrap();
        let bytes = book.finish(front, vec![sheet]).unwrap();
        let mut read = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        read.worksheet_range("Cose").unwrap()
    }

    #[test]
    fn a_full_sheet_is_whole_and_a_fuller_one_says_where_the_rest_is() {
        let full = sheet(3, 3);
        assert_eq!(full.get_value((4, 0)), Some(&Data::Float(3.0)));
        assert_eq!(full.height(), 5);
        let over = sheet(5, 3);
        let notice = "Il foglio è pieno: altre 2 righe non ci stanno. \
                      L'elenco completo è in things.csv.";
        assert_eq!(over.get_value((5, 0)), Some(&Data::String(notice.into())));
    }

    #[test]
    fn the_last_row_of_excel_is_reached_and_not_passed() {
        let over = sheet(u64::from(ROWS_MAX) + 1, ROWS_MAX);
        assert_eq!(over.end(), Some((1_048_575, 0)));
        assert_eq!(over.get_value((1_048_574, 0)), Some(&Data::Float(1_048_573.0)));
    }

    #[test]
    fn a_date_before_excel_and_a_text_beyond_it_are_kept_as_far_as_they_go() {
        let mut book = Book::new(Timestamp::UNIX_EPOCH).unwrap();
        let mut sheet = book.sheet(&KIND).unwrap();
        for fill in [
            |line: &mut Line| line.date(jiff::civil::date(1899, 1, 1)),
            |line: &mut Line| line.text(&"x".repeat(TEXT_MAX + 1)),
        ] {
            let mut line = Line::default();
            fill(&mut line);
            sheet.push(&line).unwrap();
        }
        let front = book.front(&[]).unwrap();
        let bytes = book.finish(front, vec![sheet]).unwrap();
        let mut read = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let cells = read.worksheet_range("Cose").unwrap();
        assert_eq!(cells.get_value((2, 0)), Some(&Data::String("1899-01-01".into())));
        let cut = format!("{} […]", "x".repeat(TEXT_MAX));
        assert_eq!(cells.get_value((3, 0)), Some(&Data::String(cut)));
    }
}

//! Rows in, files out.

use std::io::{self, BufWriter, Write};

use askama::Template;
use jiff::Timestamp;
use rust_xlsxwriter::XlsxError;

use crate::book::{Book, Sheet};
use crate::classification::Classifications;
use crate::files::Files;
use crate::front;
use crate::line::Line;
use crate::overview::Overview;
use crate::page::Page;
use crate::row::{
    AnomalyRow, Conservation, Coverage, CreditRow, FlowRow, InputRow, Intermediary, Organization,
    PaymentRow, PositionRow, ProposalRow, PspRow, Row,
};
use crate::table::Table;
use crate::wire::rome;

/// Why a report was not made. Nothing of it can be seen then.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file cannot be written.
    #[error("{name}: cannot be written")]
    Io {
        /// Name of the file; without extension for the two files of a kind of row.
        name: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The files cannot be shown.
    #[error("the files of the report cannot be published")]
    Publish(#[source] io::Error),
    /// Rows are not in the order of their keys, or one came twice.
    #[error("{name}: a row does not come after the one before it")]
    OutOfOrder {
        /// The kind of row.
        name: &'static str,
    },
    /// What was concluded does not account for the money of the rows.
    #[error("money is not conserved: concluded {concluded}, rows {rows}")]
    NotConserved {
        /// What was concluded.
        concluded: Conservation,
        /// What the rows say.
        rows: Conservation,
    },
    /// The workbook cannot be made.
    #[error("quadra.xlsx: cannot be made")]
    Workbook(#[from] XlsxError),
}

/// What the report says and no row does.
#[derive(Debug, Clone)]
pub struct Closing<'a> {
    /// The organizations.
    pub organizations: Vec<Organization<'a>>,
    /// Which days of which treasurer are loaded.
    pub coverage: Vec<Coverage<'a>>,
    /// The technology partners of the station tables.
    pub intermediaries: Vec<Intermediary<'a>>,
    /// Where every cent is, by whoever concluded it: the rows must say the same.
    pub conservation: Conservation,
}

/// A report being written: rows are pushed in the order of their keys, each leaves at once.
pub struct ReportWriter<P: Files> {
    files: P,
    as_of: Timestamp,
    inputs: Table<P::File>,
    credits: Table<P::File>,
    flows: Table<P::File>,
    payments: Table<P::File>,
    positions: Table<P::File>,
    anomalies: Table<P::File>,
    proposals: Table<P::File>,
    psp: Table<P::File>,
    sheets: Sheets,
    book: Book,
    overview: Overview,
    line: Line,
}

/// The sheets of the workbook that hold rows.
struct Sheets {
    inputs: Sheet,
    credits: Sheet,
    flows: Sheet,
    payments: Sheet,
    positions: Sheet,
    anomalies: Sheet,
    proposals: Sheet,
    psp: Sheet,
}

impl<P: Files> ReportWriter<P> {
    /// Begins a report that is true for `as_of`.
    ///
    /// # Errors
    /// When a file cannot be begun.
    pub fn new(files: P, as_of: Timestamp) -> Result<Self, ReportError> {
        let mut book = Book::new(as_of)?;
        Ok(Self {
            as_of,
            inputs: table::<P, InputRow<'_>>(&files)?,
            credits: table::<P, CreditRow<'_>>(&files)?,
            flows: table::<P, FlowRow<'_>>(&files)?,
            payments: table::<P, PaymentRow<'_>>(&files)?,
            positions: table::<P, PositionRow<'_>>(&files)?,
            anomalies: table::<P, AnomalyRow<'_>>(&files)?,
            proposals: table::<P, ProposalRow<'_>>(&files)?,
            psp: table::<P, PspRow<'_>>(&files)?,
            sheets: Sheets {
                inputs: book.sheet(&InputRow::KIND)?,
                credits: book.sheet(&CreditRow::KIND)?,
                flows: book.sheet(&FlowRow::KIND)?,
                payments: book.sheet(&PaymentRow::KIND)?,
                positions: book.sheet(&PositionRow::KIND)?,
                anomalies: book.sheet(&AnomalyRow::KIND)?,
                proposals: book.sheet(&ProposalRow::KIND)?,
                psp: book.sheet(&PspRow::KIND)?,
            },
            book,
            overview: Overview::new(rome(as_of).date()),
            line: Line::default(),
            files,
        })
    }
}

/// One method for each kind of row.
macro_rules! push {
    ($($(#[$doc:meta])* $method:ident: $row:ident in $table:ident;)+) => {
        impl<P: Files> ReportWriter<P> {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// When it does not come after the one before it, or a file cannot be written.
                pub fn $method(&mut self, row: &$row<'_>) -> Result<(), ReportError> {
                    self.$table.push(row, &mut self.line)?;
                    if row.on_sheet() {
                        self.sheets.$table.push(&self.line)?;
                    }
                    self.overview.$method(row);
                    Ok(())
                }
            )+
        }
    };
}

push! {
    /// Writes an input; their key is file name and SHA-256.
    input: InputRow in inputs;
    /// Writes a provvisorio; their key is organization, esercizio, number.
    credit: CreditRow in credits;
    /// Writes a flow; their key is organization, PSP, IUF, revision, time.
    flow: FlowRow in flows;
    /// Writes a payment; their key is organization, IUV, IUR, index.
    payment: PaymentRow in payments;
    /// Writes a position; their key is organization and identifier.
    position: PositionRow in positions;
    /// Writes an anomaly; their key is the identifier.
    anomaly: AnomalyRow in anomalies;
    /// Writes a proposal; their key is organization, esercizio, number.
    proposal: ProposalRow in proposals;
    /// Writes a PSP's month; their key is organization, PSP, month.
    psp: PspRow in psp;
}

impl<P: Files> ReportWriter<P> {
    /// Writes the summary, the page and the workbook, and shows all files at once, the
    /// classifications of the same rows among them.
    ///
    /// # Errors
    /// When the rows do not account for the money as `closing` says, or a file cannot be written:
    /// nothing is shown then.
    pub fn finish(
        self,
        closing: &Closing<'_>,
        classifications: Classifications<P::File>,
    ) -> Result<(), ReportError> {
        let (concluded, rows) = (closing.conservation, self.overview.tallies.conservation);
        if concluded != rows || !rows.holds() {
            return Err(ReportError::NotConserved { concluded, rows });
        }
        let files = &self.files;
        let summary = file(files, "summary.json", |to| {
            let summary = self.overview.tallies.summary(self.as_of, closing);
            serde_json::to_writer_pretty(&mut *to, &summary)?;
            to.write_all(b"\n")
        })?;
        let page = Page::new(self.as_of, closing, self.overview);
        let html = file(files, "report.html", |to| page.write_into(to))?;
        let book = workbook(self.book, self.sheets, &page, self.as_of, closing)?;
        let book = file(files, "quadra.xlsx", |to| to.write_all(&book))?;
        let mut made = vec![summary, html, book, classifications.finish()?];
        for table in [
            self.inputs.finish(),
            self.credits.finish(),
            self.flows.finish(),
            self.payments.finish(),
            self.positions.finish(),
            self.anomalies.finish(),
            self.proposals.finish(),
            self.psp.finish(),
        ] {
            made.extend(table?);
        }
        files.publish(made).map_err(ReportError::Publish)
    }
}

fn table<P: Files, R: Row>(files: &P) -> Result<Table<P::File>, ReportError> {
    Table::create(files, &R::KIND)
}

/// A file written in one go.
fn file<P: Files>(
    files: &P,
    name: &'static str,
    write: impl FnOnce(&mut BufWriter<P::File>) -> io::Result<()>,
) -> Result<P::File, ReportError> {
    let made = || {
        let mut to = BufWriter::new(files.create(name)?);
        write(&mut to)?;
        to.into_inner().map_err(io::IntoInnerError::into_error)
    };
    made().map_err(|source| ReportError::Io { name, source })
}

/// The bytes of the workbook.
fn workbook(
    mut book: Book,
    sheets: Sheets,
    page: &Page<'_>,
    as_of: Timestamp,
    closing: &Closing<'_>,
) -> Result<Vec<u8>, ReportError> {
    let mut todo = book.sheet(&front::TODO)?;
    let mut line = Line::default();
    for anomaly in page.todo() {
        front::todo(anomaly, &mut line);
        todo.push(&line)?;
    }
    let Sheets { inputs, credits, flows, payments, positions, anomalies, proposals, psp } = sheets;
    let sheets = vec![todo, credits, flows, payments, positions, anomalies, proposals, psp, inputs];
    let counts: Vec<_> = sheets.iter().map(Sheet::count).collect();
    let front = book.front(&front::figures(as_of, closing, page.tallies(), &counts))?;
    Ok(book.finish(front, sheets)?)
}

//! Rows on their way to the files: worked out by one thread, written by another.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use report::row::{
    AnomalyRow, CreditRow, FlowRow, InputRow, PaymentRow, PositionRow, ProposalRow, PspRow,
};
use report::{Classifications, Files, ReportError, ReportWriter};

/// A row of any kind.
pub(crate) enum Row {
    Input(InputRow<'static>),
    Credit(CreditRow<'static>),
    Flow(FlowRow<'static>),
    Payment(Box<PaymentRow<'static>>),
    Position(PositionRow<'static>),
    Anomaly(AnomalyRow<'static>),
    Proposal(ProposalRow<'static>),
    Psp(PspRow<'static>),
}

/// The payments of a province, before they are in order: in boxes, since they are many, large, and
/// moved while they are collected and sorted.
pub(crate) type Payments = Vec<Box<PaymentRow<'static>>>;

/// Rows in one message.
const BATCH: usize = 256;
/// Messages that may wait for the writer.
const WAITING: usize = 16;

/// Where rows are pushed, kind by kind in the order of their keys.
pub(crate) struct Rows {
    to: SyncSender<Vec<Row>>,
    batch: Vec<Row>,
}

/// Nobody writes any more: the writer has failed, and tells why itself.
#[derive(Debug)]
pub(crate) struct WriterGone;

/// A way for rows, and its end.
pub(crate) fn channel() -> (Rows, Receiver<Vec<Row>>) {
    let (to, receiver) = sync_channel(WAITING);
    (Rows { to, batch: Vec::with_capacity(BATCH) }, receiver)
}

impl Rows {
    /// Another way to the same writer, for another thread.
    pub fn another(&self) -> Self {
        Self { to: self.to.clone(), batch: Vec::with_capacity(BATCH) }
    }

    /// Sends a row on its way.
    pub fn push(&mut self, row: Row) -> Result<(), WriterGone> {
        self.batch.push(row);
        if self.batch.len() < BATCH { Ok(()) } else { self.flush() }
    }

    /// Sends what is left.
    pub fn flush(&mut self) -> Result<(), WriterGone> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.to.send(batch).map_err(|_| WriterGone)
    }
}

/// Where the rows go: the report, and beside it the export of classifications, which takes half as
/// long and is written by a thread of its own.
pub(crate) struct Written<P: Files> {
    pub report: ReportWriter<P>,
    pub classifications: Classifications<P::File>,
}

/// Writes the rows that come, until nobody sends any more.
pub(crate) fn write<P: Files>(
    to: Written<P>,
    rows: &Receiver<Vec<Row>>,
) -> Result<Written<P>, ReportError>
where
    P::File: Send,
{
    let Written { mut report, classifications } = to;
    let (pass_on, passed_on) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let classifying = scope.spawn(move || classify(classifications, &passed_on));
        for rows in rows {
            rows.iter().try_for_each(|row| write_row(&mut report, row))?;
            if pass_on.send(rows).is_err() {
                // It has failed, and tells why below.
                break;
            }
        }
        drop(pass_on);
        let classifications = classifying.join().expect("who classifies does not panic")?;
        Ok(Written { report, classifications })
    })
}

fn write_row<P: Files>(report: &mut ReportWriter<P>, row: &Row) -> Result<(), ReportError> {
    match row {
        Row::Input(row) => report.input(row),
        Row::Credit(row) => report.credit(row),
        Row::Flow(row) => report.flow(row),
        Row::Payment(row) => report.payment(row),
        Row::Position(row) => report.position(row),
        Row::Anomaly(row) => report.anomaly(row),
        Row::Proposal(row) => report.proposal(row),
        Row::Psp(row) => report.psp(row),
    }
}

fn classify<F: Write + Send>(
    mut to: Classifications<F>,
    rows: &Receiver<Vec<Row>>,
) -> Result<Classifications<F>, ReportError> {
    for row in rows.iter().flatten() {
        match row {
            Row::Credit(row) => to.credit(&row)?,
            Row::Flow(row) => to.flow(&row),
            Row::Payment(row) => to.payment(&row)?,
            Row::Input(_) | Row::Position(_) | Row::Anomaly(_) | Row::Proposal(_) | Row::Psp(_) => {
            }
        }
    }
    Ok(to)
}

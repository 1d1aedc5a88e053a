//! Rows on their way to the files: worked out by one thread, written by another.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use report::row::{
    AnomalyRow, CreditRow, FlowRow, InputRow, PaymentRow, PositionRow, ProposalRow, PspRow,
};
use report::{Files, ReportError, ReportWriter};

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

/// The payments of a province, before they are in order.
#[expect(clippy::vec_box, reason = "many, large, and moved while they are collected and sorted")]
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

/// Writes the rows that come, until nobody sends any more.
pub(crate) fn write<P: Files>(
    mut writer: ReportWriter<P>,
    rows: &Receiver<Vec<Row>>,
) -> Result<ReportWriter<P>, ReportError> {
    for row in rows.iter().flatten() {
        match row {
            Row::Input(row) => writer.input(&row),
            Row::Credit(row) => writer.credit(&row),
            Row::Flow(row) => writer.flow(&row),
            Row::Payment(row) => writer.payment(&row),
            Row::Position(row) => writer.position(&row),
            Row::Anomaly(row) => writer.anomaly(&row),
            Row::Proposal(row) => writer.proposal(&row),
            Row::Psp(row) => writer.psp(&row),
        }?;
    }
    Ok(writer)
}

//! Debt positions.

use domain::money::Cents;
use jiff::civil::Date;
use serde::Serialize;

use super::{AnomalyCode, Key, Kind, PaymentKey, Row, Text, wire};
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// A debt with its notices, and what was paid of it.
#[derive(Debug, Clone, Serialize)]
pub struct PositionRow<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// The office's own identifier.
    pub position_id: Text<'a>,
    /// Kind of debt, by the office's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_type: Option<Text<'a>>,
    /// Number of the verbale, for a fine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_number: Option<Text<'a>>,
    /// Where it stands.
    pub state: PositionState,
    /// What is due; absent when the data do not say.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub due: Option<Cents>,
    /// What was paid, net of revocations.
    #[serde(serialize_with = "wire::text")]
    pub paid: Cents,
    /// What is still due; absent when that is not known.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub residual: Option<Cents>,
    /// What was paid beyond what was due.
    #[serde(serialize_with = "wire::text")]
    pub refundable: Cents,
    /// What the accertamento loses because the reduced sum was enough.
    #[serde(serialize_with = "wire::text")]
    pub minor_revenue: Cents,
    /// The notices that can be paid at the as-of time.
    pub payable: Vec<PayableNotice<'a>>,
    /// Its payments, `IUV/IUR/index`.
    #[serde(serialize_with = "wire::texts")]
    pub payments: Vec<PaymentKey<'a>>,
    /// Codes of its open anomalies.
    pub anomalies: Vec<AnomalyCode>,
}

/// A notice that can be paid.
#[derive(Debug, Clone, Serialize)]
pub struct PayableNotice<'a> {
    /// Its IUV.
    pub iuv: Text<'a>,
    /// How much it asks for.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
    /// Last good day, where there is one.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
}

words! {
    /// Where a position stands.
    PositionState {
        /// Nothing was paid.
        Unpaid = "unpaid", "da pagare";
        /// Less than what is due was paid.
        PartiallyPaid = "partially_paid", "pagata in parte";
        /// Paid, by its receipts.
        Paid = "paid", "pagata, non ancora rendicontata";
        /// Paid, by the flows.
        Reported = "reported", "rendicontata, non ancora accreditata";
        /// The money is here.
        Credited = "credited", "accreditata";
        /// The office cancelled it.
        Cancelled = "cancelled", "annullata";
    }
}

impl Row for PositionRow<'_> {
    const KIND: Kind = Kind {
        stem: "positions",
        sheet: "Posizioni",
        note: "Solo le posizioni da seguire: pagate in parte, con somme da rimborsare o con \
               anomalie. Tutte le posizioni sono in positions.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        key.text(&self.organization).text(&self.position_id);
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.text(&self.position_id);
        line.text_opt(self.debt_type.as_deref());
        line.text_opt(self.report_number.as_deref());
        line.text(self.state.label());
        line.amount_opt(self.due);
        line.amount(self.paid);
        line.amount_opt(self.residual);
        line.amount(self.refundable);
        line.amount(self.minor_revenue);
        match self.payable.first() {
            Some(notice) => {
                line.text(&notice.iuv);
                line.amount(notice.amount);
                line.date_opt(notice.due_date);
            }
            None => line.empty(3),
        }
        line.list(&self.payments);
        line.list(self.anomalies.iter().map(|code| code.label()));
    }

    fn on_sheet(&self) -> bool {
        self.state == PositionState::PartiallyPaid
            || !self.refundable.is_zero()
            || !self.anomalies.is_empty()
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("Posizione", 22),
    column("Tipo di debito", 14),
    column("Verbale", 16),
    column("Stato", 32),
    column("Dovuto", 14),
    column("Pagato", 14),
    column("Residuo", 14),
    column("Da rimborsare", 14),
    column("Minore entrata", 14),
    column("IUV ora pagabile", 20),
    column("Importo dell'avviso", 14),
    column("Scadenza", 12),
    column("Pagamenti", 46),
    column("Anomalie", 40),
];

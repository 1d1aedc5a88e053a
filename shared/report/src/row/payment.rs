//! Payments: what citizens paid.

use std::fmt;

use domain::fact::PaidAt;
use domain::identifier::Provvisorio;
use domain::money::Cents;
use serde::Serialize;

use super::{AnomalyCode, Candidate, Key, Kind, Likely, Row, Text, wire};
use crate::italian::Comma;
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// A payment, whoever told us of it.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentRow<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// Identificativo univoco di versamento.
    pub iuv: Text<'a>,
    /// Identificativo univoco di riscossione.
    pub iur: Text<'a>,
    /// Index of the transfer, 1 to 5.
    pub index: u8,
    /// How much, negative for a revocation.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
    /// codiceEsitoSingoloPagamento of its line; absent while no flow carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Text<'a>>,
    /// When it was paid, as exactly as is known.
    #[serde(serialize_with = "wire::paid_at", skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<PaidAt>,
    /// Where it stands.
    pub state: PaymentState,
    /// The PSP that took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psp: Option<Text<'a>>,
    /// The flow that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iuf: Option<Text<'a>>,
    /// The debt that it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_id: Option<Text<'a>>,
    /// Number of the notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_number: Option<Text<'a>>,
    /// Who intermediates its IUV, on the day of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediary: Option<Text<'a>>,
    /// Whether its receipt is here.
    pub receipt: ReceiptPresence,
    /// The provvisorio that holds its money, `2026/123`.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub provvisorio: Option<Provvisorio>,
    /// How it is split over the accertamenti.
    pub allocation: Vec<Allocation<'a>>,
    /// What the split leaves out.
    #[serde(serialize_with = "wire::text")]
    pub unallocated: Cents,
    /// What MyPivot and the Piattaforma Unitaria would call it: `RT_IUF_TES`.
    pub labels: Vec<&'static str>,
    /// Positions that it may pay.
    pub candidates: Vec<Candidate<'a>>,
    /// Codes of its open anomalies.
    pub anomalies: Vec<AnomalyCode>,
}

/// A part of a payment on an accertamento.
#[derive(Debug, Clone, Serialize)]
pub struct Allocation<'a> {
    /// Accertamento, `year/number`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Text<'a>>,
    /// Capitolo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter: Option<Text<'a>>,
    /// How much.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
}

words! {
    /// Where a payment stands.
    PaymentState {
        /// There is a receipt.
        Paid = "paid", "pagato, non ancora rendicontato";
        /// A flow carries it.
        Reported = "reported", "rendicontato, non ancora accreditato";
        /// Its money is here.
        Credited = "credited", "accreditato";
        /// It was taken back.
        Revoked = "revoked", "revocato";
    }
}

words! {
    /// Whether the receipt of a payment is here.
    ReceiptPresence {
        /// It came from the station.
        Real = "real", "presente";
        /// The line stands in for it (outcomes 8 and 9).
        Implied = "implied", "sostituita dal flusso";
        /// It did not come.
        None = "none", "assente";
    }
}

impl Row for PaymentRow<'_> {
    const KIND: Kind = Kind {
        stem: "payments",
        sheet: "Pagamenti",
        note: "Solo i pagamenti da seguire: non ancora accreditati, revocati, con anomalie o non \
               imputati per intero. Tutti i pagamenti sono in payments.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        key.text(&self.organization).text(&self.iuv).text(&self.iur).number(self.index.into());
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.text(&self.iuv);
        line.text(&self.iur);
        line.count(self.index.into());
        line.amount(self.amount);
        line.paid_at(self.paid_at);
        line.text(self.state.label());
        line.text_opt(self.psp.as_deref());
        line.text_opt(self.iuf.as_deref());
        line.display_opt(self.provvisorio);
        line.text_opt(self.position_id.as_deref());
        line.text_opt(self.notice_number.as_deref());
        line.text_opt(self.intermediary.as_deref());
        line.text(self.receipt.label());
        line.text_opt(self.outcome.as_deref());
        line.list(self.allocation.iter().map(Part));
        line.amount(self.unallocated);
        line.list(self.candidates.iter().map(Likely));
        line.list(self.anomalies.iter().map(|code| code.label()));
        line.list(&self.labels);
    }

    fn on_sheet(&self) -> bool {
        self.state != PaymentState::Credited
            || !self.anomalies.is_empty()
            || !self.unallocated.is_zero()
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("IUV", 20),
    column("IUR", 36),
    column("Indice", 8),
    column("Importo", 14),
    column("Pagato il", 17),
    column("Stato", 32),
    column("PSP", 16),
    column("IUF", 38),
    column("Provvisorio", 13),
    column("Posizione", 20),
    column("Numero avviso", 20),
    column("Intermediario", 18),
    column("Ricevuta", 18),
    column("Codice esito", 9),
    column("Accertamenti", 40),
    column("Non imputato", 14),
    column("Possibili posizioni", 40),
    column("Anomalie", 40),
    column("Etichette MyPivot e PU", 22),
];

/// A part as people read it: `2026/118 cap. 3020 = 42,00`.
struct Part<'a>(&'a Allocation<'a>);

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.assessment.as_deref().unwrap_or("senza accertamento"))?;
        if let Some(chapter) = &self.0.chapter {
            write!(f, " cap. {chapter}")?;
        }
        write!(f, " = {}", Comma(self.0.amount))
    }
}

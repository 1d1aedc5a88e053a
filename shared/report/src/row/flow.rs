//! Flussi di rendicontazione.

use domain::identifier::Provvisorio;
use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{AnomalyCode, Key, Kind, Row, Text, wire};
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// One revision of a flow and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct FlowRow<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// Code of the PSP.
    pub psp: Text<'a>,
    /// Name of the PSP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psp_name: Option<Text<'a>>,
    /// identificativoFlusso.
    pub iuf: Text<'a>,
    /// Revision, where the flow says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// dataOraFlusso.
    #[serde(serialize_with = "wire::instant")]
    pub flow_time: Timestamp,
    /// identificativoUnivocoRegolamento: the TRN of the transfer, in practice free text.
    pub settlement_id: Text<'a>,
    /// dataRegolamento.
    #[serde(serialize_with = "wire::text")]
    pub settlement_date: Date,
    /// importoTotalePagamenti: what the transfer must be.
    #[serde(serialize_with = "wire::text")]
    pub declared_total: Cents,
    /// numeroTotalePagamenti.
    pub declared_count: u64,
    /// Sum of the lines, revocations negative.
    #[serde(serialize_with = "wire::text")]
    pub total: Cents,
    /// How many lines there are.
    pub count: u64,
    /// Where it stands.
    pub state: FlowState,
    /// Sum of its credits that were not reversed.
    #[serde(serialize_with = "wire::text")]
    pub credited: Cents,
    /// Credited less declared total: negative is missing, positive is too much.
    #[serde(serialize_with = "wire::text")]
    pub difference: Cents,
    /// Operating day of its payments (SACI).
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub operating_day: Option<Date>,
    /// Last day on which the credit is in time: D+1.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub credit_due: Option<Date>,
    /// Until when the flow is in time: 24:00 of D+2.
    #[serde(serialize_with = "wire::instant_opt", skip_serializing_if = "Option::is_none")]
    pub fdr_due: Option<Timestamp>,
    /// From when it can change no more: 24:00 of D+4.
    #[serde(serialize_with = "wire::instant_opt", skip_serializing_if = "Option::is_none")]
    pub definitive_after: Option<Timestamp>,
    /// Days by which the credit is late; absent where it is in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_late: Option<u32>,
    /// Interest for those days.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub interest: Option<Cents>,
    /// The provvisori that name it, `2026/123`.
    #[serde(serialize_with = "wire::texts")]
    pub credits: Vec<Provvisorio>,
    /// Codes of its open anomalies.
    pub anomalies: Vec<AnomalyCode>,
}

words! {
    /// Where a flow stands.
    FlowState {
        /// Its credit is not due yet.
        Pending = "pending", "in attesa dell'accredito";
        /// No credit came.
        Reported = "reported", "rendicontato, senza accredito";
        /// Credits came for less than its total.
        PartiallyCredited = "partially_credited", "accreditato in parte";
        /// Credits came for more than its total.
        OverCredited = "over_credited", "accreditato in eccesso";
        /// Credited to the cent.
        Credited = "credited", "accreditato";
        /// A later revision took its place.
        Superseded = "superseded", "sostituito da una revisione";
    }
}

impl Row for FlowRow<'_> {
    const KIND: Kind = Kind {
        stem: "flows",
        sheet: "Flussi",
        note: "Flussi di rendicontazione dei PSP. Anche in flows.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        key.text(&self.organization).text(&self.psp).text(&self.iuf);
        key.number(self.revision.unwrap_or(0).into());
        // From the beginning of time, so that it is never negative.
        key.number(self.flow_time.as_microsecond().abs_diff(Timestamp::MIN.as_microsecond()));
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.text(&self.psp);
        line.text_opt(self.psp_name.as_deref());
        line.text(&self.iuf);
        line.count_opt(self.revision.map(u64::from));
        line.instant(self.flow_time);
        line.date(self.settlement_date);
        line.text(self.state.label());
        line.amount(self.declared_total);
        line.amount(self.credited);
        line.amount(self.difference);
        line.amount(self.total);
        line.count(self.declared_count);
        line.count(self.count);
        line.list(&self.credits);
        line.date_opt(self.operating_day);
        line.date_opt(self.credit_due);
        line.instant_opt(self.definitive_after);
        line.count_opt(self.days_late.map(u64::from));
        line.amount_opt(self.interest);
        line.list(self.anomalies.iter().map(|code| code.label()));
        line.text(&self.settlement_id);
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("PSP", 16),
    column("Nome del PSP", 30),
    column("IUF", 38),
    column("Revisione", 10),
    column("Data e ora del flusso", 18),
    column("Data regolamento", 13),
    column("Stato", 28),
    column("Totale dichiarato", 16),
    column("Accreditato", 16),
    column("Differenza", 15),
    column("Somma delle righe", 16),
    column("Pagamenti dichiarati", 12),
    column("Pagamenti", 12),
    column("Provvisori", 20),
    column("Giornata operativa", 13),
    column("Accredito entro", 13),
    column("Definitivo dal", 18),
    column("Giorni di ritardo", 10),
    column("Interessi", 12),
    column("Anomalie", 40),
    column("Regolamento (TRN)", 34),
];

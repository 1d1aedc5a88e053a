//! Provvisori di entrata: what the treasurer credited.

use std::fmt;

use domain::identifier::{Esercizio, Provvisorio};
use domain::money::Cents;
use jiff::civil::Date;
use serde::Serialize;

use super::{AnomalyCode, Candidate, Evidence, Key, Kind, Likely, Row, Text, wire};
use crate::italian::Comma;
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// A provvisorio di entrata and what explains it.
#[derive(Debug, Clone, Serialize)]
pub struct CreditRow<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// Financial year of the journal.
    #[serde(serialize_with = "wire::esercizio")]
    pub esercizio: Esercizio,
    /// Number of the provvisorio (`numero_documento`), without leading zeros.
    pub number: u64,
    /// `numero_bolletta_quietanza`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quietanza: Option<u64>,
    /// Conto di evidenza.
    pub account: Text<'a>,
    /// What came in; negative only for a negative entry of the treasurer.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
    /// `data_movimento`.
    #[serde(serialize_with = "wire::text")]
    pub date: Date,
    /// `data_valuta_ente`, else the date.
    #[serde(serialize_with = "wire::text")]
    pub value_date: Date,
    /// Who sent the money, as the journal says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remitter: Option<Text<'a>>,
    /// Causale, as the journal says.
    pub remittance: Text<'a>,
    /// `end_to_end_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_to_end_id: Option<Text<'a>>,
    /// TRN or CRO of the transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_reference: Option<Text<'a>>,
    /// What the causale was read as; absent when nothing was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading<'a>>,
    /// Where it stands.
    pub state: CreditState,
    /// When and for how much the treasurer reversed it.
    pub reversals: Vec<Reversal>,
    /// The reversali that regularise it.
    pub regularised_by: Vec<Regularisation>,
    /// IUFs of the flows that it pays.
    pub flows: Vec<Text<'a>>,
    /// The payments that it holds, where the assignment is certain.
    pub allocated: Vec<AllocatedLine<'a>>,
    /// What of the amount is assigned to no payment.
    #[serde(serialize_with = "wire::text")]
    pub unallocated: Cents,
    /// What may explain it.
    pub candidates: Vec<Candidate<'a>>,
    /// Codes of its open anomalies.
    pub anomalies: Vec<AnomalyCode>,
    /// The journal's row that says so.
    pub source: Evidence<'a>,
}

/// What a causale was read as.
#[derive(Debug, Clone, Serialize)]
pub struct Reading<'a> {
    /// What the credit pays.
    pub kind: ReadingKind,
    /// The IUF that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iuf: Option<Text<'a>>,
    /// All the IUFs, where it names several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub iufs: Vec<Text<'a>>,
    /// The IUVs that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub iuvs: Vec<Text<'a>>,
    /// n of `/TXT/n/`: which of several transfers for one flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txt_progressive: Option<u8>,
    /// Amount written in the causale.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub declared_amount: Option<Cents>,
    /// The rule that read it.
    pub rule: Text<'a>,
    /// Where in the causale it was read: characters before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<Text<'a>>,
}

/// An amount that the treasurer took back.
#[derive(Debug, Clone, Serialize)]
pub struct Reversal {
    /// Day of the movement.
    #[serde(serialize_with = "wire::text")]
    pub date: Date,
    /// How much, positive.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
}

/// A reversale that regularises a provvisorio.
#[derive(Debug, Clone, Serialize)]
pub struct Regularisation {
    /// Number of the reversale.
    pub reversale: u64,
    /// Day of the movement.
    #[serde(serialize_with = "wire::text")]
    pub date: Date,
    /// `importo_provvisorio`.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
}

/// A payment that a provvisorio holds.
#[derive(Debug, Clone, Serialize)]
pub struct AllocatedLine<'a> {
    /// Identificativo univoco di versamento.
    pub iuv: Text<'a>,
    /// Identificativo univoco di riscossione.
    pub iur: Text<'a>,
    /// Index of the transfer.
    pub index: u8,
    /// How much of the provvisorio; negative for a revocation.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
}

words! {
    /// What a causale says that a credit pays.
    ReadingKind {
        /// A flow, whole or in part.
        Flow = "flow", "flusso";
        /// One payment.
        Single = "single", "pagamento singolo";
        /// Nothing that names a payment.
        None = "none", "nessun identificativo";
    }
}

words! {
    /// Where a provvisorio stands.
    CreditState {
        /// Nothing explains it yet.
        Open = "open", "da spiegare";
        /// More than one exact explanation.
        Ambiguous = "ambiguous", "più spiegazioni possibili";
        /// It names something that contradicts it.
        Anomaly = "anomaly", "con anomalia";
        /// There are candidates; a person must choose.
        Proposed = "proposed", "con proposta da confermare";
        /// Explained to the cent.
        Matched = "matched", "abbinato";
        /// Explained by a reversale.
        Regularised = "regularised", "regolarizzato";
        /// Taken back by the treasurer.
        Reversed = "reversed", "stornato";
    }
}

impl CreditRow<'_> {
    /// The provvisorio's own name, `2026/123`.
    #[must_use]
    pub fn provvisorio(&self) -> Provvisorio {
        Provvisorio { esercizio: self.esercizio, number: self.number }
    }
}

impl Row for CreditRow<'_> {
    const KIND: Kind = Kind {
        stem: "credits",
        sheet: "Provvisori",
        note: "Provvisori di entrata (sospesi) dei giornali di cassa. Anche in credits.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        // The esercizio is a year from 1999 on.
        key.text(&self.organization).number(self.esercizio.year().unsigned_abs().into());
        key.number(self.number);
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.display(self.provvisorio());
        line.count_opt(self.quietanza);
        line.date(self.date);
        line.date(self.value_date);
        line.amount(self.amount);
        line.text(self.state.label());
        line.text_opt(self.remitter.as_deref());
        line.text(&self.remittance);
        line.list(&self.flows);
        line.list(self.allocated.iter().map(Assigned));
        line.amount(self.unallocated);
        line.list(self.candidates.iter().map(Likely));
        line.list(self.regularised_by.iter().map(|by| by.reversale));
        line.date_opt(self.reversals.last().map(|reversal| reversal.date));
        line.list(self.anomalies.iter().map(|code| code.label()));
        line.text(&self.account);
        line.text_opt(self.transaction_reference.as_deref());
        line.text_opt(self.end_to_end_id.as_deref());
        line.text(&self.source.file);
        line.count_opt(self.source.line);
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("Provvisorio", 13),
    column("Quietanza", 11),
    column("Data", 12),
    column("Valuta", 12),
    column("Importo", 15),
    column("Stato", 26),
    column("Ordinante", 30),
    column("Causale", 60),
    column("Flussi", 36),
    column("Pagamenti", 40),
    column("Non assegnato", 15),
    column("Possibili spiegazioni", 40),
    column("Reversali", 12),
    column("Stornato il", 12),
    column("Anomalie", 40),
    column("Conto", 14),
    column("TRN o CRO", 32),
    column("End-to-end", 36),
    column("File", 30),
    column("Riga", 9),
];

/// An allocated payment as people read it: `IUV/IUR/1 = 12,50`.
struct Assigned<'a>(&'a AllocatedLine<'a>);

impl fmt::Display for Assigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AllocatedLine { iuv, iur, index, amount } = self.0;
        write!(f, "{iuv}/{iur}/{index} = {}", Comma(*amount))
    }
}

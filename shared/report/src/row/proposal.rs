//! Proposals of reversale.

use std::fmt;

use domain::identifier::Provvisorio;
use domain::money::Cents;
use jiff::Timestamp;
use serde::Serialize;

use super::{Key, Kind, Row, Text, wire};
use crate::italian::Comma;
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// How a provvisorio would be regularised: whole or not at all.
#[derive(Debug, Clone, Serialize)]
pub struct ProposalRow<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// The provvisorio, `2026/123`.
    #[serde(serialize_with = "wire::text")]
    pub provvisorio: Provvisorio,
    /// Whether it can be done now.
    pub state: ProposalState,
    /// Why it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ProposalReason>,
    /// The whole provvisorio.
    #[serde(serialize_with = "wire::text")]
    pub total: Cents,
    /// Its split by accertamento and capitolo.
    pub lines: Vec<ProposalLine<'a>>,
    /// From when its flow can change no more.
    #[serde(serialize_with = "wire::instant_opt", skip_serializing_if = "Option::is_none")]
    pub definitive_after: Option<Timestamp>,
}

/// A part of a proposal.
#[derive(Debug, Clone, Serialize)]
pub struct ProposalLine<'a> {
    /// Accertamento, `year/number`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Text<'a>>,
    /// Capitolo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter: Option<Text<'a>>,
    /// Codice SIOPE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub siope: Option<Text<'a>>,
    /// How much.
    #[serde(serialize_with = "wire::text")]
    pub amount: Cents,
    /// Whether the accertamento is of an earlier year (conto residui).
    pub residual: bool,
}

words! {
    /// Whether a proposal can be done now.
    ProposalState {
        /// It can.
        Ready = "ready", "pronta";
        /// It must wait.
        Held = "held", "in attesa";
    }
}

words! {
    /// Why a proposal must wait.
    ProposalReason {
        /// The flow can still change.
        NotDefinitive = "not_definitive", "il flusso può ancora cambiare";
        /// No accertamento.
        AssessmentMissing = "assessment_missing", "manca l'accertamento";
        /// The accertamento is provisional.
        AssessmentNotDefinitive = "assessment_not_definitive", "l'accertamento non è definitivo";
        /// The accertamento is closed.
        AssessmentClosed = "assessment_closed", "l'accertamento è chiuso";
        /// The parts are not the whole.
        SumDiffers = "sum_differs", "la somma delle parti non è il provvisorio";
        /// More than what is left of the provvisorio.
        OverAvailable = "over_available", "supera la disponibilità del provvisorio";
        /// A reversale did it already.
        Regularised = "regularised", "il provvisorio è già regolarizzato";
        /// The treasurer reversed it.
        Reversed = "reversed", "il provvisorio è stornato";
        /// More than one split fits.
        AllocationAmbiguous = "allocation_ambiguous", "l'imputazione non è univoca";
        /// An anomaly is open.
        AnomalyOpen = "anomaly_open", "c'è un'anomalia aperta";
        /// The accertamento is of a year to come.
        YearNotOpen = "year_not_open", "l'esercizio dell'accertamento non è aperto";
    }
}

impl Row for ProposalRow<'_> {
    const KIND: Kind = Kind {
        stem: "proposals",
        sheet: "Proposte",
        note: "Proposte di reversale, una per provvisorio. Anche in proposals.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        let Provvisorio { esercizio, number } = self.provvisorio;
        key.text(&self.organization).number(esercizio.year().unsigned_abs().into()).number(number);
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.display(self.provvisorio);
        line.text(self.state.label());
        line.text_opt(self.reason.map(Word::label));
        line.amount(self.total);
        line.list(&self.lines);
        line.instant_opt(self.definitive_after);
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("Provvisorio", 13),
    column("Stato", 12),
    column("Motivo dell'attesa", 40),
    column("Totale", 15),
    column("Accertamenti", 90),
    column("Definitivo dal", 18),
];

/// As people read it: `2026/118 cap. 3020 SIOPE 3020201001 = 42,00 (residui)`.
impl fmt::Display for ProposalLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.assessment.as_deref().unwrap_or("senza accertamento"))?;
        if let Some(chapter) = &self.chapter {
            write!(f, " cap. {chapter}")?;
        }
        if let Some(siope) = &self.siope {
            write!(f, " SIOPE {siope}")?;
        }
        write!(f, " = {}", Comma(self.amount))?;
        f.write_str(if self.residual { " (residui)" } else { "" })
    }
}

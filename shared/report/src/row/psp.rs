//! How each PSP kept its terms.

use std::fmt;

use domain::money::Cents;
use jiff::civil::Date;
use serde::Serialize;

use super::{Key, Kind, Row, Text, wire};
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// A PSP in a month.
#[derive(Debug, Clone, Serialize)]
pub struct PspRow<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// Code of the PSP.
    pub psp: Text<'a>,
    /// Name of the PSP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psp_name: Option<Text<'a>>,
    /// The month, `2026-03`.
    #[serde(serialize_with = "wire::text")]
    pub month: Month,
    /// How many flows.
    pub flows: u64,
    /// How many were reported or credited late.
    pub late: u64,
    /// How many were wrong.
    pub wrong: u64,
    /// How many integrative transfers.
    pub integrative: u64,
    /// Sum of the days of delay.
    pub days_late: u64,
    /// Money that came late.
    #[serde(serialize_with = "wire::text")]
    pub amount_late: Cents,
    /// Interest for it.
    #[serde(serialize_with = "wire::text")]
    pub interest: Cents,
    /// Thresholds of the SACI that were passed.
    pub breaches: Vec<Breach>,
}

words! {
    /// Thresholds of the SACI.
    Breach {
        /// More than 30 wrong flows in the month.
        Nfer = "nfer", "NFER: oltre 30 flussi errati nel mese";
        /// More than 30 integrative pairs for one IBAN.
        Nbi = "nbi", "NBI: oltre 30 bonifici integrativi per un IBAN";
    }
}

/// A month of a year, written `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Year, from 0 to 9999.
    pub year: u16,
    /// Month, from 1 to 12.
    pub month: u8,
}

impl From<Date> for Month {
    /// The month of a date; dates of our facts are never before Christ.
    fn from(date: Date) -> Self {
        Self { year: date.year().unsigned_abs(), month: date.month().unsigned_abs() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl Row for PspRow<'_> {
    const KIND: Kind = Kind {
        stem: "psp",
        sheet: "PSP",
        note: "Puntualità dei PSP, mese per mese. Anche in psp.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        key.text(&self.organization).text(&self.psp);
        key.number(self.month.year.into()).number(self.month.month.into());
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.text(&self.psp);
        line.text_opt(self.psp_name.as_deref());
        line.display(self.month);
        line.count(self.flows);
        line.count(self.late);
        line.count(self.wrong);
        line.count(self.integrative);
        line.count(self.days_late);
        line.amount(self.amount_late);
        line.amount(self.interest);
        line.list(self.breaches.iter().map(|breach| breach.label()));
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("PSP", 16),
    column("Nome del PSP", 34),
    column("Mese", 10),
    column("Flussi", 10),
    column("In ritardo", 10),
    column("Errati", 10),
    column("Bonifici integrativi", 12),
    column("Giorni di ritardo", 12),
    column("Importo in ritardo", 16),
    column("Interessi", 14),
    column("Soglie superate", 50),
];

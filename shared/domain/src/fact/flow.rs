//! Flusso di rendicontazione (FdR): FlussoRiversamento 1.0.2 to 1.0.4, FdR REST
//! `SingleFlowResponse`.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::identifier::{Iuf, Iur, Iuv, OrganizationCode, Psp};
use crate::money::Cents;

/// One revision of a flow: its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRevision {
    /// identificativoUnivocoRicevente/codiceIdentificativoUnivoco; `receiver.organizationId`.
    pub organization: OrganizationCode,
    /// identificativoUnivocoMittente/codiceIdentificativoUnivoco; `sender.pspId`.
    pub psp: Psp,
    /// `sender.id` of the REST form, which is what the XML form of the same flow calls sender.
    pub psp_alias: Option<Psp>,
    /// denominazioneMittente; `sender.pspName`.
    pub psp_name: Option<Box<str>>,
    /// identificativoFlusso; `fdr`.
    pub iuf: Iuf,
    /// revisioneFlusso; `revision`. From 1.
    pub revision: Option<u32>,
    /// dataOraFlusso; `fdrDate`. Without an offset it is Europe/Rome.
    pub flow_time: Timestamp,
    /// identificativoUnivocoRegolamento; `regulation`: TRN of the transfer, in practice free text.
    pub settlement_id: Box<str>,
    /// dataRegolamento; `regulationDate`.
    pub settlement_date: Date,
    /// numeroTotalePagamenti; `totPayments`, else `computedTotPayments`.
    pub declared_count: u64,
    /// importoTotalePagamenti; `sumPayments`, else `computedSumPayments`.
    pub declared_total: Cents,
}

/// One payment inside a flow: datiSingoliPagamenti; an element of `payments`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowLine {
    /// identificativoUnivocoVersamento; `iuv`.
    pub iuv: Iuv,
    /// identificativoUnivocoRiscossione; `iur`.
    pub iur: Iur,
    /// indiceDatiSingoloPagamento; `idTransfer`. 1 to 5, missing means 1.
    pub index: u8,
    /// singoloImportoPagato; `pay`. As declared, with its sign.
    pub amount: Cents,
    /// codiceEsitoSingoloPagamento; `payStatus`.
    pub outcome: LineOutcome,
    /// dataEsitoSingoloPagamento; the date part of `payDate`, before any conversion of zone.
    pub paid_on: Date,
}

/// codiceEsitoSingoloPagamento (SACI 3.2.1); `payStatus`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineOutcome {
    /// 0, EXECUTED: paid.
    Paid,
    /// 3, REVOKED: counts negative, whatever its sign.
    Revoked,
    /// 4, STAND_IN: paid while the body's station did not answer.
    StandIn,
    /// 8, STAND_IN_NO_RPT: the same, without a request for payment.
    StandInWithoutRpt,
    /// 9, NO_RPT: paid without a request for payment.
    WithoutRpt,
    /// Any other code: an anomaly of the line, not of the flow.
    Unknown(Box<str>),
}

impl LineOutcome {
    /// The outcome that a code of the XML form says.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "0" => Self::Paid,
            "3" => Self::Revoked,
            "4" => Self::StandIn,
            "8" => Self::StandInWithoutRpt,
            "9" => Self::WithoutRpt,
            other => Self::Unknown(other.into()),
        }
    }

    /// The outcome that a `payStatus` of the REST form says.
    #[must_use]
    pub fn from_status(status: &str) -> Self {
        match status {
            "EXECUTED" => Self::Paid,
            "REVOKED" => Self::Revoked,
            "STAND_IN" => Self::StandIn,
            "STAND_IN_NO_RPT" => Self::StandInWithoutRpt,
            "NO_RPT" => Self::WithoutRpt,
            other => Self::Unknown(other.into()),
        }
    }

    /// The code of the XML form; for an unknown outcome, what was read.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Paid => "0",
            Self::Revoked => "3",
            Self::StandIn => "4",
            Self::StandInWithoutRpt => "8",
            Self::WithoutRpt => "9",
            Self::Unknown(code) => code,
        }
    }

    /// Whether the line stands in for a receipt that may never come (8 and 9).
    #[must_use]
    pub fn without_rpt(&self) -> bool {
        matches!(self, Self::StandInWithoutRpt | Self::WithoutRpt)
    }
}

//! Receipts: RT of PagInf_RPT_RT 6.x, paSendRTReq and paSendRTV2Request of paForNode.

use jiff::civil::{Date, DateTime};

use crate::identifier::{Iur, Iuv, NoticeNumber, OrganizationCode, Psp};
use crate::money::Cents;

/// One receipt as it came: it may pay several bodies, one transfer each or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which form it came in.
    pub kind: ReceiptKind,
    /// identificativoDominio; `idPA`: the body it was delivered to.
    pub addressee: OrganizationCode,
    /// identificativoDominio; `fiscalCode`: the body that issued the notice.
    pub creditor: OrganizationCode,
    /// identificativoUnivocoVersamento; `creditorReferenceId`.
    pub iuv: Iuv,
    /// `noticeNumber`.
    pub notice_number: Option<NoticeNumber>,
    /// importoTotalePagato; `paymentAmount`: all transfers, of every body.
    pub total: Cents,
    /// dataEsitoSingoloPagamento; `paymentDateTime`, else `applicationDate`.
    pub paid_at: Option<PaidAt>,
    /// identificativoUnivocoAttestante; `idPSP`.
    pub psp: Psp,
    /// denominazioneAttestante; `PSPCompanyName`.
    pub psp_name: Option<Box<str>>,
    /// soggettoPagatore; `debtor`.
    pub debtor: Option<Party>,
    /// soggettoVersante; `payer`.
    pub payer: Option<Party>,
    /// `idStation`; identificativoStazioneRichiedente.
    pub station: Option<Box<str>>,
    /// `standIn`, `standin`.
    pub stand_in: bool,
    /// Whether `paymentMethod` says that it was paid in cash.
    pub cash: bool,
    /// The transfers that carry money, in their order. Empty when the payment was not executed
    /// (`outcome` KO, codiceEsitoPagamento 1 or 3).
    pub transfers: Vec<Transfer>,
}

/// One sum of a receipt: datiSingoloPagamento; `transfer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// identificativoUnivocoRiscossione; `receiptId`.
    pub iur: Iur,
    /// Place among datiSingoloPagamento, from 1; `idTransfer`.
    pub index: u8,
    /// singoloImportoPagato; `transferAmount`.
    pub amount: Cents,
    /// identificativoDominio; `fiscalCodePA`.
    pub organization: OrganizationCode,
    /// Whether it buys a marca da bollo (`MBDAttachment`, allegatoRicevuta BD): no riversamento.
    pub stamp_duty: bool,
    /// causaleVersamento; `remittanceInformation`.
    pub remittance: Option<Box<str>>,
    /// datiSpecificiRiscossione; `transferCategory`, without `9/` and a `/` at the end.
    pub category: Option<Box<str>>,
}

/// The form of a receipt, from the least to the most telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptKind {
    /// `RT`, PagInf_RPT_RT 6.x.
    Rt,
    /// `paSendRTReq`.
    SendRt,
    /// `paSendRTV2Request`.
    SendRtV2,
}

/// When a payment was made, as exactly as the receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaidAt {
    /// A day (RT 6.x, `applicationDate`).
    Day(Date),
    /// A moment, on the clock of Europe/Rome.
    Moment(DateTime),
}

impl PaidAt {
    /// The day, in Europe/Rome.
    #[must_use]
    pub fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.date(),
        }
    }
}

/// A person or a company on a receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    /// codiceIdentificativoUnivoco; `entityUniqueIdentifierValue`: a fiscal code, or ANONIMO.
    pub code: Box<str>,
    /// anagrafica; `fullName`.
    pub name: Option<Box<str>>,
}

/// Personal data stays out of logs and errors.
impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Party(..)")
    }
}

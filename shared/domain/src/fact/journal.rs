//! Giornale di cassa: SIOPE+ OPI 1.3.1 to 1.8, `flusso_giornale_di_cassa`.

use jiff::civil::{Date, DateTime};

use crate::identifier::{Esercizio, OrganizationCode, Provvisorio};
use crate::money::Cents;

/// Identity of a journal: esercizio and `identificativo_flusso_BT` up to its first `#`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId {
    /// `esercizio`.
    pub esercizio: Esercizio,
    /// `identificativo_flusso_BT`, without the page numbers behind the `#`.
    pub flow: Box<str>,
}

/// One page of a journal: its header, its totals and the sums of what is on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalPage {
    /// `codice_fiscale_ente`.
    pub organization: OrganizationCode,
    /// Which journal it is a page of.
    pub journal: JournalId,
    /// `codice_ABI_BT`: the treasurer, 5 digits.
    pub treasurer: Box<str>,
    /// `data_ora_creazione_flusso`, as written (no zone: Europe/Rome).
    pub created: DateTime,
    /// `pagina`; 1 where a journal up to 1.4 leaves it out.
    pub page: u32,
    /// `pagine_totali`; 1 where a journal up to 1.4 leaves it out.
    pub pages: u32,
    /// `data_riferimento_GdC`, or `data_inizio_periodo_riferimento` up to 1.4.
    pub first_day: Date,
    /// `data_riferimento_GdC`, or `data_fine_periodo_riferimento` up to 1.4.
    pub last_day: Date,
    /// Each `informazioni_conto_evidenza` of the page, in its order.
    pub accounts: Vec<AccountTotals>,
    /// The `*_complessivo*` totals, where the page has them.
    pub overall: Option<JournalTotals>,
    /// `totali_esercizio`, where the page has it.
    pub year: Option<YearTotals>,
    /// How many `movimento_conto_evidenza` the page has, of every kind.
    pub movements: u64,
    /// Whether there is a `ds:Signature`; it is not verified.
    pub signed: bool,
}

/// What a page says of one conto di evidenza, and what its movements add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTotals {
    /// `conto_evidenza`.
    pub account: Box<str>,
    /// `saldo_precedente_`, `totale_entrate_`, `totale_uscite_`, `saldo_finale_conto_evidenza`.
    pub declared: Option<JournalTotals>,
    /// Sum of `importo` of its ENTRATA movements on this page, as written.
    pub credits: Cents,
    /// Sum of `importo` of its USCITA movements on this page, as written.
    pub debits: Cents,
}

/// A balance brought forward, what came in, what went out, the balance carried forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalTotals {
    /// `saldo_precedente…`.
    pub opening: Cents,
    /// `totale_entrate…`.
    pub credits: Cents,
    /// `totale_uscite…`.
    pub debits: Cents,
    /// `saldo_finale…`.
    pub closing: Cents,
}

/// `totali_esercizio`: the year so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearTotals {
    /// `fondo_di_cassa`.
    pub opening_fund: Cents,
    /// `totale_reversali_riscosse`.
    pub collected_orders: Cents,
    /// `totale_sospesi_entrata`.
    pub provisional_credits: Cents,
    /// `totale_entrate`.
    pub credits: Cents,
    /// `deficit_di_cassa`.
    pub opening_deficit: Cents,
    /// `totale_mandati_pagati`.
    pub paid_orders: Cents,
    /// `totale_sospesi_uscita`.
    pub provisional_debits: Cents,
    /// `totale_uscite`.
    pub debits: Cents,
    /// `saldo_esercizio`.
    pub balance: Cents,
}

/// A movement that concerns a provvisorio di entrata: the row of the sospeso itself, or one
/// `sospeso` child of a REVERSALE row (one fact for each child).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The provvisorio: `numero_documento` of a SOSPESO ENTRATA row, `sospeso/numero_provvisorio`
    /// (`numero_sospeso` up to 1.4) of a REVERSALE row.
    pub provvisorio: Provvisorio,
    /// Which row says so.
    pub document: MovementDocument,
    /// `tipo_operazione`.
    pub operation: Operation,
    /// `progressivo_documento`.
    pub progressive: u64,
    /// Absolute value of `importo`, or of `sospeso/importo_provvisorio` for a reversale.
    pub amount: Cents,
    /// Whether the amount was written with a minus.
    pub negative: bool,
    /// `data_movimento`.
    pub date: Date,
    /// `data_valuta_ente`, else `data_movimento`.
    pub value_date: Date,
    /// `numero_bolletta_quietanza`; zero and absent are `None`.
    pub receipt_number: Option<u64>,
    /// `numero_bolletta_quietanza_storno`; zero and absent are `None`.
    pub reversed_receipt_number: Option<u64>,
    /// `conto_evidenza` of the block that holds the row.
    pub account: Box<str>,
    /// `anagrafica_cliente`: who sent the money.
    pub remitter: Box<str>,
    /// `codice_fiscale_cliente`, else `partita_iva_cliente`, as written.
    pub remitter_code: Option<Box<str>>,
    /// `causale`, as written.
    pub remittance: Box<str>,
    /// `end_to_end_id`, else `dati_a_disposizione_BT/identificativo_end_to_end`.
    pub end_to_end_id: Option<Box<str>>,
    /// `codice_riferimento_operazione`, else `dati_a_disposizione_BT/cro`: the TRN or CRO.
    pub transaction_reference: Option<Box<str>>,
    /// `codice_riferimento_interno`.
    pub internal_reference: Option<Box<str>>,
}

/// The kind of row that speaks of a provvisorio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MovementDocument {
    /// `tipo_documento` SOSPESO ENTRATA.
    Sospeso,
    /// `tipo_documento` REVERSALE, with its `numero_documento`.
    Reversale(u64),
}

/// `tipo_operazione`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// ESEGUITO.
    Executed,
    /// STORNATO.
    Reversed,
    /// REGOLARIZZATO.
    Regularised,
    /// RIPRISTINATO.
    Restored,
}

impl Operation {
    /// The operation that the journal writes as `text`.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "ESEGUITO" => Some(Self::Executed),
            "STORNATO" => Some(Self::Reversed),
            "REGOLARIZZATO" => Some(Self::Regularised),
            "RIPRISTINATO" => Some(Self::Restored),
            _ => None,
        }
    }

    /// The word of the journal.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Executed => "ESEGUITO",
            Self::Reversed => "STORNATO",
            Self::Regularised => "REGOLARIZZATO",
            Self::Restored => "RIPRISTINATO",
        }
    }
}

//! Giornale di cassa, OPI 1.3.1 to 1.8: `flusso_giornale_di_cassa` with `testata_messaggio`.
//!
//! Nothing in a file says its version, and little depends on it: up to 1.4 a journal covers a
//! period and names one sospeso for each row; from 1.5.1 it covers a day and names up to a
//! thousand.

mod row;

use std::io::Read;

use domain::fact::{AccountTotals, JournalId, JournalPage, JournalTotals, Movement, YearTotals};
use domain::identifier::{Esercizio, OrganizationCode};
use domain::money::Cents;
use jiff::civil::{Date, DateTime};

use self::row::Row;
use crate::defect::{Defects, Rule};
use crate::place::Located;
use crate::soap;
use crate::xml::lexical::{self, Fault, identifier};
use crate::xml::{self, Document, Fields, Schema, Stop};

pub use row::MAX_SOSPESI;

/// The most `informazioni_conto_evidenza` that one page may have; a body has a few dozen.
pub const MAX_ACCOUNTS: usize = 10_000;

/// One record of a page of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalRecord {
    /// Whose journal it is and which: exactly one, before everything else.
    Opens {
        /// `codice_fiscale_ente`.
        organization: OrganizationCode,
        /// `esercizio` and `identificativo_flusso_BT`.
        journal: JournalId,
    },
    /// A movement that concerns a provvisorio di entrata, in the order of the file.
    Movement(Movement),
    /// The page itself: exactly one, when all of it was read.
    Page(JournalPage),
}

/// Reads one page of a journal: whose it is, the movements that concern provvisori di entrata, then
/// the page. Every other movement is counted and summed. Nothing is handed over once a defect was
/// met.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn read(
    mut input: impl Read,
    sink: &mut dyn FnMut(Located<JournalRecord>),
) -> Result<(), Defects> {
    xml::read(&mut input, |doc| {
        soap::open(doc)?;
        if doc.name() != "flusso_giornale_di_cassa" {
            return Err(soap::refuse(doc, "a giornale di cassa"));
        }
        page(doc, sink)?;
        doc.finish()
    })
}

/// Of the enveloped signature (XAdES), first or last in the file.
const SIGNATURE: &str = "Signature/SignatureValue";
const TREASURER: &str = "testata_messaggio/codice_ABI_BT";
const CREATED: &str = "testata_messaggio/data_ora_creazione_flusso";
const ORGANIZATION: &str = "testata_messaggio/codice_fiscale_ente";
const FLOW: &str = "identificativo_flusso_BT";
const PAGE: &str = "pagina";
const PAGES: &str = "pagine_totali";
const ESERCIZIO: &str = "esercizio";
const DAY: &str = "data_riferimento_GdC";
const FIRST_DAY: &str = "data_inizio_periodo_riferimento";
const LAST_DAY: &str = "data_fine_periodo_riferimento";
const ACCOUNTS: &str = "informazioni_conto_evidenza";
const OVERALL: [&str; 4] = [
    "saldo_complessivo_precedente",
    "totale_complessivo_entrate",
    "totale_complessivo_uscite",
    "saldo_complessivo_finale",
];
const YEAR: [&str; 9] = [
    "totali_esercizio/fondo_di_cassa",
    "totali_esercizio/totale_reversali_riscosse",
    "totali_esercizio/totale_sospesi_entrata",
    "totali_esercizio/totale_entrate",
    "totali_esercizio/deficit_di_cassa",
    "totali_esercizio/totale_mandati_pagati",
    "totali_esercizio/totale_sospesi_uscita",
    "totali_esercizio/totale_uscite",
    "totali_esercizio/saldo_esercizio",
];

static JOURNAL: Schema = Schema {
    leaves: &[
        SIGNATURE,
        TREASURER,
        CREATED,
        ORGANIZATION,
        FLOW,
        PAGE,
        PAGES,
        ESERCIZIO,
        DAY,
        FIRST_DAY,
        LAST_DAY,
        OVERALL[0],
        OVERALL[1],
        OVERALL[2],
        OVERALL[3],
        YEAR[0],
        YEAR[1],
        YEAR[2],
        YEAR[3],
        YEAR[4],
        YEAR[5],
        YEAR[6],
        YEAR[7],
        YEAR[8],
    ],
    records: &[ACCOUNTS],
};

const ACCOUNT: &str = "conto_evidenza";
const MOVEMENTS: &str = "movimento_conto_evidenza";
const BALANCE: [&str; 4] = [
    "saldo_precedente_conto_evidenza",
    "totale_entrate_conto_evidenza",
    "totale_uscite_conto_evidenza",
    "saldo_finale_conto_evidenza",
];

static CONTO: Schema = Schema {
    leaves: &[ACCOUNT, BALANCE[0], BALANCE[1], BALANCE[2], BALANCE[3]],
    records: &[MOVEMENTS],
};

/// What stands before the accounts.
struct Header {
    organization: OrganizationCode,
    journal: JournalId,
    treasurer: Box<str>,
    created: DateTime,
    page: u32,
    pages: u32,
    first_day: Date,
    last_day: Date,
}

type Sink<'s> = dyn FnMut(Located<JournalRecord>) + 's;

fn page(doc: &mut Document<'_>, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut journal = Fields::new(&JOURNAL);
    let mut reader = AccountReader { conto: Fields::new(&CONTO), row: Row::new(), movements: 0 };
    journal.begin(doc);
    let mut inside = journal.advance(doc)?;
    let header = header(doc, &journal)?;
    if inside.is_none() {
        doc.defect(journal.at(), ACCOUNTS, Rule::Schema, "is missing: the journal has no account");
    }
    let esercizio = header.as_ref().map(|header| header.journal.esercizio);
    if let Some(header) = &header
        && doc.is_good()
    {
        let organization = header.organization.clone();
        let record = JournalRecord::Opens { organization, journal: header.journal.clone() };
        sink(Located { at: journal.at(), record });
    }
    let mut accounts = vec![];
    while inside.is_some() {
        if accounts.len() == MAX_ACCOUNTS {
            let message = format!("more than {MAX_ACCOUNTS} accounts on one page");
            return Err(doc.stop(doc.at(), ACCOUNTS, Rule::Limit, message));
        }
        accounts.push(reader.read(doc, esercizio, sink)?);
        inside = journal.advance(doc)?;
    }
    let overall = totals(doc, &journal, OVERALL);
    let year = year_totals(doc, &journal);
    if let Some(header) = header
        && doc.is_good()
    {
        let record = JournalRecord::Page(JournalPage {
            organization: header.organization,
            journal: header.journal,
            treasurer: header.treasurer,
            created: header.created,
            page: header.page,
            pages: header.pages,
            first_day: header.first_day,
            last_day: header.last_day,
            accounts,
            overall,
            year,
            movements: reader.movements,
            signed: journal.has(SIGNATURE),
        });
        sink(Located { at: journal.at(), record });
    }
    Ok(())
}

/// The header, when all of it is right.
///
/// # Errors
/// When there is no `testata_messaggio`: then it is a journal of the years before OPI.
fn header(doc: &mut Document<'_>, journal: &Fields) -> Result<Option<Header>, Stop> {
    if ![TREASURER, CREATED, ORGANIZATION].iter().any(|leaf| journal.has(leaf)) {
        let message = "a giornale di cassa of a form older than OPI, without testata_messaggio";
        return Err(doc.stop(journal.at(), "testata_messaggio", Rule::UnknownFormat, message));
    }
    let treasurer = journal.required(doc, TREASURER, treasurer);
    let created = journal.required(doc, CREATED, lexical::rome_time);
    let organization = journal.required(doc, ORGANIZATION, identifier(OrganizationCode::parse));
    let flow = journal.required(doc, FLOW, flow);
    let esercizio = journal.required(doc, ESERCIZIO, identifier(str::parse::<Esercizio>));
    let pages = pages(doc, journal);
    let days = days(doc, journal);
    let whole = || {
        let (page, pages) = pages?;
        let (first_day, last_day) = days?;
        Some(Header {
            organization: organization?,
            journal: JournalId { esercizio: esercizio?, flow: flow? },
            treasurer: treasurer?,
            created: created?,
            page,
            pages,
            first_day,
            last_day,
        })
    };
    Ok(whole())
}

/// `pagina` and `pagine_totali`. Up to 1.4 both may be missing: then the page is the only one.
fn pages(doc: &mut Document<'_>, journal: &Fields) -> Option<(u32, u32)> {
    if !journal.has(DAY) && !journal.has(PAGE) && !journal.has(PAGES) {
        return Some((1, 1));
    }
    let page = journal.required(doc, PAGE, page_number);
    let pages = journal.required(doc, PAGES, page_number);
    let (page, pages) = (page?, pages?);
    if page > pages {
        doc.defect(journal.place(PAGE), PAGE, Rule::ControlTotal, "is beyond pagine_totali");
    }
    Some((page, pages))
}

/// The days that the journal covers: one, or up to 1.4 a period.
fn days(doc: &mut Document<'_>, journal: &Fields) -> Option<(Date, Date)> {
    if journal.has(FIRST_DAY) || journal.has(LAST_DAY) {
        let first = journal.required(doc, FIRST_DAY, lexical::date);
        let last = journal.required(doc, LAST_DAY, lexical::date);
        let (first, last) = (first?, last?);
        if first > last {
            doc.defect(journal.place(LAST_DAY), LAST_DAY, Rule::Date, "is before the first day");
        }
        return Some((first, last));
    }
    let day = journal.required(doc, DAY, lexical::date)?;
    Some((day, day))
}

fn treasurer(text: &str) -> Result<Box<str>, Fault> {
    if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.into())
    } else {
        Err(Fault { rule: Rule::Identifier, expected: "must have 5 digits" })
    }
}

/// `identificativo_flusso_BT` without its pages, which are not those of `pagina` in real files.
fn flow(text: &str) -> Result<Box<str>, Fault> {
    let journal = text.split('#').next().unwrap_or_default();
    if journal.is_empty() || text.chars().nth(70).is_some() {
        let expected = "must have 1 to 70 characters, the first no #";
        return Err(Fault { rule: Rule::Identifier, expected });
    }
    Ok(journal.into())
}

/// OnlyNumMax7 of the schemas: 1 to 9999999.
fn page_number(text: &str) -> Result<u32, Fault> {
    match lexical::number(text)? {
        0 => Err(Fault { rule: Rule::ControlTotal, expected: "pages are counted from 1" }),
        number @ 1..=9_999_999 => Ok(u32::try_from(number).expect("7 digits fit 32 bits")),
        _ => Err(Fault { rule: Rule::Schema, expected: "must have at most 7 digits" }),
    }
}

/// Four totals that stand together; where one is missing they cannot be checked against each other.
fn totals(
    doc: &mut Document<'_>,
    fields: &Fields,
    leaves: [&'static str; 4],
) -> Option<JournalTotals> {
    let [opening, credits, debits, closing] =
        leaves.map(|leaf| fields.optional(doc, leaf, lexical::amount));
    Some(JournalTotals { opening: opening?, credits: credits?, debits: debits?, closing: closing? })
}

fn year_totals(doc: &mut Document<'_>, journal: &Fields) -> Option<YearTotals> {
    let [fund, collected, provisional_in, credits, deficit, paid, provisional_out, debits, balance] =
        YEAR.map(|leaf| journal.optional(doc, leaf, lexical::amount));
    Some(YearTotals {
        opening_fund: fund?,
        collected_orders: collected?,
        provisional_credits: provisional_in?,
        credits: credits?,
        opening_deficit: deficit?,
        paid_orders: paid?,
        provisional_debits: provisional_out?,
        debits: debits?,
        balance: balance?,
    })
}

/// Reads one account after the other.
struct AccountReader {
    conto: Fields,
    row: Row,
    /// How many movements there were so far.
    movements: u64,
}

impl AccountReader {
    fn read(
        &mut self,
        doc: &mut Document<'_>,
        esercizio: Option<Esercizio>,
        sink: &mut Sink<'_>,
    ) -> Result<AccountTotals, Stop> {
        let (mut credits, mut debits) = (Cents::ZERO, Cents::ZERO);
        self.conto.begin(doc);
        while self.conto.advance(doc)?.is_some() {
            self.movements += 1;
            self.row.read(doc)?;
            let (side, amount) = self.row.side_and_amount(doc);
            match side {
                Some(Side::Credit) => add(doc, &mut credits, amount)?,
                Some(Side::Debit) => add(doc, &mut debits, amount)?,
                None => {}
            }
            self.row.hand_over(doc, amount, esercizio, self.conto.text(ACCOUNT), sink);
        }
        let account = self.conto.required(doc, ACCOUNT, lexical::text_up_to::<25>);
        let declared = totals(doc, &self.conto, BALANCE);
        Ok(AccountTotals { account: account.unwrap_or_default(), declared, credits, debits })
    }
}

/// `tipo_movimento`.
#[derive(Debug, Clone, Copy)]
enum Side {
    Credit,
    Debit,
}

fn add(doc: &mut Document<'_>, sum: &mut Cents, amount: Option<Cents>) -> Result<(), Stop> {
    let Some(more) = sum.checked_add(amount.unwrap_or_default()) else {
        return Err(doc.stop(doc.at(), MOVEMENTS, Rule::Limit, "these sum up to too much"));
    };
    *sum = more;
    Ok(())
}

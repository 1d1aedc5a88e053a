//! One row of a journal: `movimento_conto_evidenza`.

use domain::fact::{Movement, MovementDocument, Operation};
use domain::identifier::{Esercizio, Provvisorio};
use domain::money::Cents;
use jiff::civil::Date;

use super::{JournalRecord, Side, Sink};
use crate::defect::Rule;
use crate::place::{Located, Place};
use crate::xml::lexical::{self, Fault};
use crate::xml::{Document, Fields, Schema, Step, Stop};

/// The most `sospeso` children of one row (OPI 1.5.1 to 1.8).
pub const MAX_SOSPESI: usize = 1000;

const SIDE: &str = "tipo_movimento";
const DOCUMENT: &str = "tipo_documento";
const OPERATION: &str = "tipo_operazione";
const NUMBER: &str = "numero_documento";
const PROGRESSIVE: &str = "progressivo_documento";
const AMOUNT: &str = "importo";
const RECEIPT: &str = "numero_bolletta_quietanza";
const REVERSED_RECEIPT: &str = "numero_bolletta_quietanza_storno";
const DATE: &str = "data_movimento";
const VALUE_DATE: &str = "data_valuta_ente";
const REFERENCE: &str = "codice_riferimento_operazione";
const END_TO_END: &str = "end_to_end_id";
const INTERNAL_REFERENCE: &str = "codice_riferimento_interno";
const REMITTER: &str = "cliente/anagrafica_cliente";
const REMITTER_CODE: &str = "cliente/codice_fiscale_cliente";
const REMITTER_VAT: &str = "cliente/partita_iva_cliente";
const REMITTANCE: &str = "causale";
const OLD_SOSPESO: &str = "numero_sospeso";
const SOSPESO: &str = "sospeso";
const BANK_DATA: &str = "dati_a_disposizione_BT";

static ROW: Schema = Schema {
    leaves: &[
        SIDE,
        DOCUMENT,
        OPERATION,
        NUMBER,
        PROGRESSIVE,
        AMOUNT,
        RECEIPT,
        REVERSED_RECEIPT,
        DATE,
        VALUE_DATE,
        REFERENCE,
        END_TO_END,
        INTERNAL_REFERENCE,
        REMITTER,
        REMITTER_CODE,
        REMITTER_VAT,
        REMITTANCE,
        OLD_SOSPESO,
    ],
    records: &[SOSPESO, BANK_DATA],
};

const CHILD_NUMBER: &str = "numero_provvisorio";
const CHILD_AMOUNT: &str = "importo_provvisorio";

static CHILD: Schema = Schema { leaves: &[CHILD_NUMBER, CHILD_AMOUNT], records: &[] };

/// The row that was read last.
pub(super) struct Row {
    fields: Fields,
    child: Fields,
    sospesi: Vec<Sospeso>,
    /// `dati_a_disposizione_BT/identificativo_end_to_end` and `…/cro`.
    bank_end_to_end: String,
    bank_reference: String,
}

/// A provvisorio that a row speaks of.
struct Sospeso {
    at: Place,
    /// `None` when it is missing or zero.
    number: Option<u64>,
    amount: Cents,
}

/// `tipo_documento`, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SospesoEntrata,
    Reversale,
    Other,
}

impl Row {
    pub fn new() -> Self {
        Self {
            fields: Fields::new(&ROW),
            child: Fields::new(&CHILD),
            sospesi: vec![],
            bank_end_to_end: String::new(),
            bank_reference: String::new(),
        }
    }

    /// Reads the row whose element opened last.
    pub fn read(&mut self, doc: &mut Document<'_>) -> Result<(), Stop> {
        self.sospesi.clear();
        self.bank_end_to_end.clear();
        self.bank_reference.clear();
        self.fields.begin(doc);
        while let Some(inner) = self.fields.advance(doc)? {
            if inner == SOSPESO { self.read_sospeso(doc)? } else { self.read_bank_data(doc)? }
        }
        Ok(())
    }

    /// The side and the amount of the row, which every row must have.
    pub fn side_and_amount(&self, doc: &mut Document<'_>) -> (Option<Side>, Option<Cents>) {
        let side = self.fields.required(doc, SIDE, side);
        (side, self.fields.required(doc, AMOUNT, lexical::amount))
    }

    /// Hands over one movement for each provvisorio that the row speaks of. Of other rows only the
    /// kind and the operation are judged.
    pub fn hand_over(
        &mut self,
        doc: &mut Document<'_>,
        amount: Option<Cents>,
        esercizio: Option<Esercizio>,
        account: &str,
        sink: &mut Sink<'_>,
    ) {
        let kind = self.fields.required(doc, DOCUMENT, kind);
        let operation = self.fields.required(doc, OPERATION, operation);
        let (Some(kind), Some(operation)) = (kind, operation) else { return };
        match kind {
            Kind::Other => return,
            Kind::SospesoEntrata => self.find_own_number(doc, amount),
            Kind::Reversale => self.find_missing_numbers(doc, operation, amount),
        }
        if self.sospesi.is_empty() {
            return;
        }
        let Some(details) = self.details(doc, kind) else { return };
        let Some(esercizio) = esercizio.filter(|_| doc.is_good()) else { return };
        for sospeso in &self.sospesi {
            let Some(number) = sospeso.number else { continue };
            let provvisorio = Provvisorio { esercizio, number };
            let record = details.movement(provvisorio, operation, sospeso.amount, account);
            sink(Located { at: sospeso.at, record: JournalRecord::Movement(record) });
        }
    }

    fn read_sospeso(&mut self, doc: &mut Document<'_>) -> Result<(), Stop> {
        if !self.fields.has(DOCUMENT) {
            doc.defect(doc.at(), SOSPESO, Rule::Schema, "must come after tipo_documento");
        }
        if self.fields.text(DOCUMENT) != REVERSALE {
            return doc.skip();
        }
        if self.sospesi.len() == MAX_SOSPESI {
            let message = format!("more than {MAX_SOSPESI} in one row");
            return Err(doc.stop(doc.at(), SOSPESO, Rule::Limit, message));
        }
        self.child.read(doc)?;
        let number = self.child.optional(doc, CHILD_NUMBER, document_number);
        let amount = self.child.required(doc, CHILD_AMOUNT, lexical::amount);
        self.sospesi.extend(amount.map(|amount| Sospeso {
            at: self.child.at(),
            number: number.filter(|&number| number > 0),
            amount,
        }));
        Ok(())
    }

    /// `dati_a_disposizione_BT` may hold anything; the first of each of two elements is taken.
    fn read_bank_data(&mut self, doc: &mut Document<'_>) -> Result<(), Stop> {
        while doc.next_among_anything()? == Step::Open {
            match doc.name() {
                "identificativo_end_to_end" if self.bank_end_to_end.is_empty() => {
                    doc.text(&mut self.bank_end_to_end)?;
                }
                "cro" if self.bank_reference.is_empty() => doc.text(&mut self.bank_reference)?,
                _ => doc.skip()?,
            }
        }
        Ok(())
    }

    /// A SOSPESO ENTRATA row is its own provvisorio.
    fn find_own_number(&mut self, doc: &mut Document<'_>, amount: Option<Cents>) {
        let number = self.fields.required(doc, NUMBER, provvisorio_number);
        self.sospesi.clear();
        self.sospesi.extend(amount.map(|amount| Sospeso { at: self.fields.at(), number, amount }));
    }

    /// A REVERSALE row names its provvisori in `sospeso`, up to 1.4 the only one in
    /// `numero_sospeso`. Where a number is missing or zero, the storno names the quietanza that it
    /// undoes, the ripristino its own: some treasurers number provvisori by their quietanze.
    fn find_missing_numbers(
        &mut self,
        doc: &mut Document<'_>,
        operation: Operation,
        amount: Option<Cents>,
    ) {
        let stand_in = match operation {
            Operation::Reversed => self.number_or_none(doc, REVERSED_RECEIPT),
            Operation::Restored => self.number_or_none(doc, RECEIPT),
            Operation::Executed | Operation::Regularised => None,
        };
        if self.sospesi.is_empty()
            && let Some(written) = self.fields.optional(doc, OLD_SOSPESO, document_number)
        {
            // A zero is how a fixed-width field says «none», unless the row undoes something.
            let number = Some(written).filter(|&number| number > 0).or(stand_in);
            let at = self.fields.at();
            self.sospesi.extend(number.and(amount).map(|amount| Sospeso { at, number, amount }));
        }
        for sospeso in &mut self.sospesi {
            sospeso.number = sospeso.number.or(stand_in);
            if sospeso.number.is_none() {
                let message = "is missing or zero, and the row has no number that stands for it";
                doc.defect(sospeso.at, CHILD_NUMBER, Rule::Identifier, message);
            }
        }
    }

    /// A number where zero means that there is none.
    fn number_or_none(&self, doc: &mut Document<'_>, leaf: &'static str) -> Option<u64> {
        self.fields.optional(doc, leaf, document_number).filter(|&number| number > 0)
    }

    fn details(&self, doc: &mut Document<'_>, kind: Kind) -> Option<Details> {
        let fields = &self.fields;
        let progressive = fields.required(doc, PROGRESSIVE, lexical::number);
        let number = fields.required(doc, NUMBER, document_number);
        let receipt_number = self.number_or_none(doc, RECEIPT);
        let reversed_receipt_number = self.number_or_none(doc, REVERSED_RECEIPT);
        let date = fields.required(doc, DATE, lexical::date);
        let value_date = fields.optional(doc, VALUE_DATE, lexical::date).or(date);
        let remitter = fields.required(doc, REMITTER, lexical::text);
        let remittance = fields.required(doc, REMITTANCE, lexical::text);
        Some(Details {
            document: match kind {
                Kind::Reversale => MovementDocument::Reversale(number?),
                Kind::SospesoEntrata | Kind::Other => MovementDocument::Sospeso,
            },
            progressive: progressive?,
            date: date?,
            value_date: value_date?,
            receipt_number,
            reversed_receipt_number,
            remitter: remitter?,
            remitter_code: first_of([fields.text(REMITTER_CODE), fields.text(REMITTER_VAT)]),
            remittance: remittance?,
            end_to_end_id: first_of([fields.text(END_TO_END), &self.bank_end_to_end]),
            transaction_reference: first_of([fields.text(REFERENCE), &self.bank_reference]),
            internal_reference: first_of([fields.text(INTERNAL_REFERENCE)]),
        })
    }
}

/// What all movements of one row have in common.
struct Details {
    document: MovementDocument,
    progressive: u64,
    date: Date,
    value_date: Date,
    receipt_number: Option<u64>,
    reversed_receipt_number: Option<u64>,
    remitter: Box<str>,
    remitter_code: Option<Box<str>>,
    remittance: Box<str>,
    end_to_end_id: Option<Box<str>>,
    transaction_reference: Option<Box<str>>,
    internal_reference: Option<Box<str>>,
}

impl Details {
    fn movement(
        &self,
        provvisorio: Provvisorio,
        operation: Operation,
        amount: Cents,
        account: &str,
    ) -> Movement {
        Movement {
            provvisorio,
            document: self.document,
            operation,
            progressive: self.progressive,
            amount: amount.abs(),
            negative: amount.is_negative(),
            date: self.date,
            value_date: self.value_date,
            receipt_number: self.receipt_number,
            reversed_receipt_number: self.reversed_receipt_number,
            account: account.into(),
            remitter: self.remitter.clone(),
            remitter_code: self.remitter_code.clone(),
            remittance: self.remittance.clone(),
            end_to_end_id: self.end_to_end_id.clone(),
            transaction_reference: self.transaction_reference.clone(),
            internal_reference: self.internal_reference.clone(),
        }
    }
}

const REVERSALE: &str = "REVERSALE";

/// The first text that is not blank.
fn first_of<const N: usize>(texts: [&str; N]) -> Option<Box<str>> {
    texts.into_iter().map(str::trim).find(|text| !text.is_empty()).map(Into::into)
}

fn side(text: &str) -> Result<Side, Fault> {
    match text {
        "ENTRATA" => Ok(Side::Credit),
        "USCITA" => Ok(Side::Debit),
        _ => Err(Fault { rule: Rule::Schema, expected: "must be ENTRATA or USCITA" }),
    }
}

fn kind(text: &str) -> Result<Kind, Fault> {
    match text {
        "SOSPESO ENTRATA" => Ok(Kind::SospesoEntrata),
        REVERSALE => Ok(Kind::Reversale),
        "MANDATO" | "SOSPESO USCITA" | "ANTICIPAZIONE" | "GIROCONTO" | "FONDO DI CASSA"
        | "DEFICIT DI CASSA" => Ok(Kind::Other),
        _ => {
            Err(Fault { rule: Rule::Schema, expected: "must be one of the eight documents of OPI" })
        }
    }
}

fn operation(text: &str) -> Result<Operation, Fault> {
    let expected = "must be ESEGUITO, STORNATO, REGOLARIZZATO or RIPRISTINATO";
    Operation::from_text(text).ok_or(Fault { rule: Rule::Schema, expected })
}

fn document_number(text: &str) -> Result<u64, Fault> {
    lexical::number(text).map_err(|fault| Fault { rule: Rule::Identifier, ..fault })
}

fn provvisorio_number(text: &str) -> Result<u64, Fault> {
    match document_number(text)? {
        0 => Err(Fault { rule: Rule::Identifier, expected: "must not be zero" }),
        number => Ok(number),
    }
}

//! `paSendRTReq` and `paSendRTV2Request` of paForNode, the receipts since 2022.

use domain::fact::{PaidAt, Receipt, ReceiptKind, Transfer};
use domain::identifier::{Iur, Iuv, NoticeNumber, OrganizationCode, Psp};

use super::{MAX_TRANSFERS, category, party};
use crate::defect::Rule;
use crate::place::Located;
use crate::xml::lexical::{self, Fault, identifier};
use crate::xml::{Document, Fields, Schema, Stop};

const ADDRESSEE: &str = "idPA";
const STATION: &str = "idStation";
const RECEIPT_ID: &str = "receipt/receiptId";
const NOTICE: &str = "receipt/noticeNumber";
const CREDITOR: &str = "receipt/fiscalCode";
const OUTCOME: &str = "receipt/outcome";
const IUV: &str = "receipt/creditorReferenceId";
const TOTAL: &str = "receipt/paymentAmount";
const DEBTOR: &str = "receipt/debtor/uniqueIdentifier/entityUniqueIdentifierValue";
const DEBTOR_NAME: &str = "receipt/debtor/fullName";
const TRANSFERS: &str = "receipt/transferList/transfer";
const PSP: &str = "receipt/idPSP";
const PSP_NAME: &str = "receipt/PSPCompanyName";
const PAYER: &str = "receipt/payer/uniqueIdentifier/entityUniqueIdentifierValue";
const PAYER_NAME: &str = "receipt/payer/fullName";
const METHOD: &str = "receipt/paymentMethod";
const PAID_AT: &str = "receipt/paymentDateTime";
const APPLIED_ON: &str = "receipt/applicationDate";
/// The schema has the first; real senders write the others.
const STAND_IN: [&str; 4] = ["receipt/standIn", "receipt/standin", "standIn", "standin"];

static SEND_RT: Schema = Schema {
    leaves: &[
        ADDRESSEE,
        STATION,
        RECEIPT_ID,
        NOTICE,
        CREDITOR,
        OUTCOME,
        IUV,
        TOTAL,
        DEBTOR,
        DEBTOR_NAME,
        PSP,
        PSP_NAME,
        PAYER,
        PAYER_NAME,
        METHOD,
        PAID_AT,
        APPLIED_ON,
        STAND_IN[0],
        STAND_IN[1],
        STAND_IN[2],
        STAND_IN[3],
    ],
    records: &[TRANSFERS],
};

const INDEX: &str = "idTransfer";
const AMOUNT: &str = "transferAmount";
const ORGANIZATION: &str = "fiscalCodePA";
const REMITTANCE: &str = "remittanceInformation";
const CATEGORY: &str = "transferCategory";
/// A marca da bollo, instead of an IBAN (V2).
const STAMP: &str = "MBDAttachment";

static TRANSFER: Schema =
    Schema { leaves: &[INDEX, AMOUNT, ORGANIZATION, REMITTANCE, CATEGORY, STAMP], records: &[] };

/// Reads the receipt whose envelope element is open.
pub(super) fn read(
    doc: &mut Document<'_>,
    kind: ReceiptKind,
    sink: &mut dyn FnMut(Located<Receipt>),
) -> Result<(), Stop> {
    let mut fields = Fields::new(&SEND_RT);
    let mut transfer_fields = Fields::new(&TRANSFER);
    fields.begin(doc);
    let mut inside = fields.advance(doc)?;
    let executed = fields.required(doc, OUTCOME, outcome);
    let iur = fields.required(doc, RECEIPT_ID, identifier(Iur::parse));
    let mut transfers: Vec<Transfer> = vec![];
    let mut count = 0;
    while inside.is_some() {
        count += 1;
        if count > MAX_TRANSFERS {
            return Err(doc.stop(
                doc.at(),
                TRANSFERS,
                Rule::Schema,
                "must be there at most 5 times",
            ));
        }
        transfer_fields.read(doc)?;
        if let (Some(iur), Some(true)) = (&iur, executed)
            && let Some(transfer) = transfer(doc, &transfer_fields, iur)
        {
            if transfers.iter().any(|other| other.index == transfer.index) {
                doc.defect(transfer_fields.place(INDEX), INDEX, Rule::Schema, "is that of another");
            }
            transfers.push(transfer);
        }
        inside = fields.advance(doc)?;
    }
    if executed == Some(true) && count == 0 {
        doc.defect(fields.at(), TRANSFERS, Rule::Schema, "is missing: the payment was executed");
    }
    if let Some(record) = receipt(doc, kind, &fields, transfers)
        && doc.is_good()
    {
        sink(Located { at: fields.at(), record });
    }
    Ok(())
}

fn transfer(doc: &mut Document<'_>, fields: &Fields, iur: &Iur) -> Option<Transfer> {
    let index = fields.required(doc, INDEX, lexical::index);
    let amount = fields.required(doc, AMOUNT, lexical::amount_not_negative);
    let organization = fields.required(doc, ORGANIZATION, identifier(OrganizationCode::parse));
    Some(Transfer {
        iur: iur.clone(),
        index: index?,
        amount: amount?,
        organization: organization?,
        stamp_duty: fields.has(STAMP),
        remittance: fields.optional(doc, REMITTANCE, lexical::text),
        category: fields.optional(doc, CATEGORY, category),
    })
}

fn receipt(
    doc: &mut Document<'_>,
    kind: ReceiptKind,
    fields: &Fields,
    transfers: Vec<Transfer>,
) -> Option<Receipt> {
    let organization = identifier(OrganizationCode::parse);
    let addressee = fields.required(doc, ADDRESSEE, &organization);
    let creditor = fields.required(doc, CREDITOR, &organization);
    let iuv = fields.required(doc, IUV, identifier(Iuv::parse));
    let notice_number = fields.required(doc, NOTICE, identifier(NoticeNumber::parse));
    let total = fields.required(doc, TOTAL, lexical::amount_not_negative);
    let psp = fields.required(doc, PSP, identifier(Psp::parse));
    let moment = fields.optional(doc, PAID_AT, lexical::rome_time).map(PaidAt::Moment);
    let day = fields.optional(doc, APPLIED_ON, lexical::date).map(PaidAt::Day);
    let stand_in = STAND_IN.map(|leaf| fields.optional(doc, leaf, lexical::boolean));
    let method = fields.optional(doc, METHOD, lexical::text);
    Some(Receipt {
        kind,
        addressee: addressee?,
        creditor: creditor?,
        iuv: iuv?,
        notice_number: Some(notice_number?),
        total: total?,
        paid_at: moment.or(day),
        psp: psp?,
        psp_name: fields.optional(doc, PSP_NAME, lexical::text),
        debtor: party(doc, fields, DEBTOR, DEBTOR_NAME),
        payer: party(doc, fields, PAYER, PAYER_NAME),
        station: fields.optional(doc, STATION, lexical::text),
        stand_in: stand_in.contains(&Some(true)),
        cash: method.is_some_and(|method| method.trim().eq_ignore_ascii_case("cash")),
        transfers,
    })
}

fn outcome(text: &str) -> Result<bool, Fault> {
    match text {
        "OK" => Ok(true),
        "KO" => Ok(false),
        _ => Err(Fault { rule: Rule::Schema, expected: "must be OK or KO" }),
    }
}

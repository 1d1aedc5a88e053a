//! `RT` of PagInf_RPT_RT 6.x, the receipt before 2022.

use domain::fact::{PaidAt, Receipt, ReceiptKind, Transfer};
use domain::identifier::{Iur, Iuv, OrganizationCode, Psp};
use jiff::civil::Date;

use super::{MAX_TRANSFERS, category, party};
use crate::defect::Rule;
use crate::place::Located;
use crate::xml::lexical::{self, Fault, identifier};
use crate::xml::{Document, Fields, Schema, Stop};

const ORGANIZATION: &str = "dominio/identificativoDominio";
const STATION: &str = "dominio/identificativoStazioneRichiedente";
const PSP: &str = "istitutoAttestante/identificativoUnivocoAttestante/codiceIdentificativoUnivoco";
const PSP_NAME: &str = "istitutoAttestante/denominazioneAttestante";
const PAYER: &str = "soggettoVersante/identificativoUnivocoVersante/codiceIdentificativoUnivoco";
const PAYER_NAME: &str = "soggettoVersante/anagraficaVersante";
const DEBTOR: &str = "soggettoPagatore/identificativoUnivocoPagatore/codiceIdentificativoUnivoco";
const DEBTOR_NAME: &str = "soggettoPagatore/anagraficaPagatore";
const OUTCOME: &str = "datiPagamento/codiceEsitoPagamento";
const TOTAL: &str = "datiPagamento/importoTotalePagato";
const IUV: &str = "datiPagamento/identificativoUnivocoVersamento";
const PAYMENTS: &str = "datiPagamento/datiSingoloPagamento";

static RT: Schema = Schema {
    leaves: &[
        ORGANIZATION,
        STATION,
        PSP,
        PSP_NAME,
        PAYER,
        PAYER_NAME,
        DEBTOR,
        DEBTOR_NAME,
        OUTCOME,
        TOTAL,
        IUV,
    ],
    records: &[PAYMENTS],
};

const AMOUNT: &str = "singoloImportoPagato";
const PAID_ON: &str = "dataEsitoSingoloPagamento";
const IUR: &str = "identificativoUnivocoRiscossione";
const REMITTANCE: &str = "causaleVersamento";
const CATEGORY: &str = "datiSpecificiRiscossione";
const ATTACHMENT: &str = "allegatoRicevuta/tipoAllegatoRicevuta";

static PAYMENT: Schema =
    Schema { leaves: &[AMOUNT, PAID_ON, IUR, REMITTANCE, CATEGORY, ATTACHMENT], records: &[] };

/// codiceEsitoPagamento, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// 0: paid.
    Executed,
    /// 2, 4: what has an amount was paid.
    InPart,
    /// 1, 3: whatever the amounts say, nothing was paid.
    NotExecuted,
}

/// Reads the RT that is open.
pub(super) fn read(
    doc: &mut Document<'_>,
    sink: &mut dyn FnMut(Located<Receipt>),
) -> Result<(), Stop> {
    let mut rt = Fields::new(&RT);
    let mut fields = Fields::new(&PAYMENT);
    rt.begin(doc);
    let mut inside = rt.advance(doc)?;
    let organization = rt.required(doc, ORGANIZATION, identifier(OrganizationCode::parse));
    let outcome = rt.required(doc, OUTCOME, outcome);
    let mut payments = vec![];
    let mut index = 0;
    while inside.is_some() {
        index += 1;
        if usize::from(index) > MAX_TRANSFERS {
            return Err(doc.stop(
                doc.at(),
                PAYMENTS,
                Rule::Schema,
                "must be there at most 5 times",
            ));
        }
        fields.read(doc)?;
        if let Some(organization) = &organization
            && outcome != Some(Outcome::NotExecuted)
        {
            payments.extend(payment(doc, &fields, index, organization));
        }
        inside = rt.advance(doc)?;
    }
    // Where something else is wrong, that may be why there is no payment.
    if outcome == Some(Outcome::Executed) && payments.is_empty() && doc.is_good() {
        doc.defect(
            rt.at(),
            PAYMENTS,
            Rule::Schema,
            "is missing: an executed payment has an amount",
        );
    }
    if let Some(organization) = organization
        && let Some(record) = receipt(doc, &rt, organization, payments)
        && doc.is_good()
    {
        sink(Located { at: rt.at(), record });
    }
    Ok(())
}

/// One datiSingoloPagamento that carries money.
struct Payment {
    paid_on: Date,
    transfer: Transfer,
}

/// The payment at `index`, when it carries money.
fn payment(
    doc: &mut Document<'_>,
    fields: &Fields,
    index: u8,
    organization: &OrganizationCode,
) -> Option<Payment> {
    let amount = fields.required(doc, AMOUNT, lexical::amount_not_negative)?;
    if amount.is_zero() {
        return None;
    }
    let iur = fields.required(doc, IUR, identifier(Iur::parse));
    let paid_on = fields.required(doc, PAID_ON, lexical::date);
    let transfer = Transfer {
        iur: iur?,
        index,
        amount,
        organization: organization.clone(),
        stamp_duty: fields.text(ATTACHMENT) == "BD",
        remittance: fields.optional(doc, REMITTANCE, lexical::text),
        category: fields.optional(doc, CATEGORY, category),
    };
    Some(Payment { paid_on: paid_on?, transfer })
}

fn receipt(
    doc: &mut Document<'_>,
    rt: &Fields,
    organization: OrganizationCode,
    payments: Vec<Payment>,
) -> Option<Receipt> {
    let iuv = rt.required(doc, IUV, identifier(Iuv::parse));
    let total = rt.required(doc, TOTAL, lexical::amount_not_negative);
    let psp = rt.required(doc, PSP, identifier(Psp::parse));
    Some(Receipt {
        kind: ReceiptKind::Rt,
        addressee: organization.clone(),
        creditor: organization,
        iuv: iuv?,
        notice_number: None,
        total: total?,
        paid_at: payments.first().map(|payment| PaidAt::Day(payment.paid_on)),
        psp: psp?,
        psp_name: rt.optional(doc, PSP_NAME, lexical::text),
        debtor: party(doc, rt, DEBTOR, DEBTOR_NAME),
        payer: party(doc, rt, PAYER, PAYER_NAME),
        station: rt.optional(doc, STATION, lexical::text),
        stand_in: false,
        cash: false,
        transfers: payments.into_iter().map(|payment| payment.transfer).collect(),
    })
}

fn outcome(text: &str) -> Result<Outcome, Fault> {
    match text {
        "0" => Ok(Outcome::Executed),
        "2" | "4" => Ok(Outcome::InPart),
        "1" | "3" => Ok(Outcome::NotExecuted),
        _ => Err(Fault { rule: Rule::Schema, expected: "must be 0, 1, 2, 3 or 4" }),
    }
}

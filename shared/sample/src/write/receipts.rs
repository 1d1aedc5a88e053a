//! `receipts/receipts.zip`: one receipt in each entry, in the three forms that stations deliver.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use domain::money::Cents;
use zip::ZipWriter;

use super::xml::Xml;
use super::{Progress, entry_options};
use crate::calendar::operating_after;
use crate::error::{SampleError, at};
use crate::people::Debtor;
use crate::troubles::Trouble;
use crate::world::{COMUNE, ORGANIZATION, PSPS, Payment, ReceiptForm, World};
use domain::identifier::FiscalCodeKind;

/// How many receipts are in one container (the reader's limit is 200,000 entries).
const PER_CONTAINER: usize = 150_000;
const NAMESPACE: &str = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd";
const RT_NAMESPACE: &str = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/";

/// One sum of a receipt: whose it is and how much.
type Share = (&'static str, Cents);

/// Writes every receipt and says how many they are.
pub(crate) fn write(
    world: &World,
    room: &Path,
    progress: &mut Progress<'_>,
) -> Result<u64, SampleError> {
    let receipts: Vec<usize> = (0..world.payments.len())
        .filter(|&payment| world.payments[payment].receipt.is_some())
        .collect();
    for (number, chunk) in (1..).zip(receipts.chunks(PER_CONTAINER)) {
        let mark = if number == 1 { String::new() } else { format!("-{number}") };
        let path = room.join(format!("receipts{mark}.zip"));
        let io = at(&path);
        let file = File::create(&path).map_err(&io)?;
        let mut container = ZipWriter::new(BufWriter::with_capacity(1 << 16, file));
        for (place, &payment) in chunk.iter().enumerate() {
            let name = format!("{:03}/{}.xml", place / 1000, place % 1000 + 1);
            container.start_file(name, entry_options()).map_err(|e| io(e.into()))?;
            container.write_all(receipt(world, payment).as_bytes()).map_err(&io)?;
            progress.one_more();
        }
        let mut file = container.finish().map_err(|e| io(e.into()))?;
        file.flush().map_err(&io)?;
    }
    Ok(super::count(receipts.len()))
}

fn receipt(world: &World, number: usize) -> String {
    let payment = &world.payments[number];
    let shares = shares(payment);
    let payer = world.payer(number);
    match payment.receipt {
        Some(ReceiptForm::Rt) => rt(world, number, &shares, &payer),
        form => send_rt(world, number, &shares, &payer, form == Some(ReceiptForm::SendRtV2)),
    }
}

/// Who gets what of a payment, in the order of the transfers.
fn shares(payment: &Payment) -> Vec<Share> {
    let ours = (ORGANIZATION, payment.amount);
    match payment.trouble {
        Some(Trouble::SecondaryBeneficiary) => vec![(COMUNE, Cents::new(18_000)), ours],
        Some(Trouble::PrimaryOfTwo) => vec![ours, (COMUNE, Cents::new(950))],
        Some(Trouble::ReceiptAmountDiffers) => {
            vec![(ORGANIZATION, payment.amount + Cents::new(100))]
        }
        _ => vec![ours],
    }
}

fn send_rt(world: &World, number: usize, shares: &[Share], payer: &Debtor, v2: bool) -> String {
    let payment = &world.payments[number];
    let psp = &PSPS[payment.psp];
    let root = if v2 { "paSendRTV2Request" } else { "paSendRTReq" };
    let creditor = shares[0].0;
    let mut xml = Xml::new("UTF-8", "");
    xml.open_with(&format!("pafn:{root}"), &format!(" xmlns:pafn=\"{NAMESPACE}\""));
    xml.leaf("idPA", ORGANIZATION);
    xml.leaf("idBrokerPA", "99900000037");
    xml.leaf("idStation", "99900000037_01");
    xml.open("receipt");
    xml.leaf("receiptId", world.iur(number));
    let notice = payment.code.number().expect("only references have none, and they have an RT");
    xml.leaf("noticeNumber", notice);
    xml.leaf("fiscalCode", creditor);
    xml.leaf("outcome", "OK");
    xml.leaf("creditorReferenceId", payment.code.iuv());
    xml.leaf("paymentAmount", shares.iter().map(|share| share.1).sum::<Cents>());
    xml.leaf("description", "Pagamento di un avviso della Provincia di Prova");
    xml.leaf("companyName", company(creditor));
    subject(&mut xml, "debtor", payer);
    xml.open("transferList");
    for (place, share) in (1..).zip(shares) {
        transfer(&mut xml, place, share, v2);
    }
    xml.close("transferList");
    xml.leaf("idPSP", psp.id);
    xml.leaf("PSPCompanyName", psp.name);
    xml.leaf("idChannel", "99900000045_02");
    xml.leaf("channelDescription", "app");
    if number.is_multiple_of(3) {
        subject(&mut xml, "payer", payer);
    }
    xml.leaf("paymentMethod", "creditCard");
    xml.leaf("fee", "1.50");
    let date = payment.paid_at.date();
    xml.leaf("paymentDateTime", payment.paid_at);
    xml.leaf("applicationDate", date);
    xml.leaf("transferDate", operating_after(date, 1));
    if payment.outcome == b'4' {
        xml.leaf("standIn", true);
    }
    xml.close("receipt");
    xml.close(&format!("pafn:{root}"));
    xml.finish()
}

fn transfer(xml: &mut Xml, place: u8, share: &Share, v2: bool) {
    let (organization, amount) = *share;
    xml.open("transfer");
    xml.leaf("idTransfer", place);
    xml.leaf("transferAmount", amount);
    xml.leaf("fiscalCodePA", organization);
    if v2 {
        xml.leaf("companyName", company(organization));
    }
    xml.leaf("IBAN", "IT60X0542811101000000123456");
    xml.leaf("remittanceInformation", "Avviso di pagamento");
    xml.leaf("transferCategory", "0201102AP");
    xml.close("transfer");
}

fn subject(xml: &mut Xml, role: &str, debtor: &Debtor) {
    xml.open(role);
    xml.open("uniqueIdentifier");
    xml.leaf("entityUniqueIdentifierType", kind(debtor));
    xml.leaf("entityUniqueIdentifierValue", &debtor.fiscal_code);
    xml.close("uniqueIdentifier");
    xml.leaf("fullName", &debtor.name);
    xml.close(role);
}

fn rt(world: &World, number: usize, shares: &[Share], payer: &Debtor) -> String {
    let payment = &world.payments[number];
    let psp = &PSPS[payment.psp];
    let date = payment.paid_at.date();
    let mut xml = Xml::new("UTF-8", "pay_i:");
    xml.open_with("RT", &format!(" xmlns:pay_i=\"{RT_NAMESPACE}\""));
    xml.leaf("versioneOggetto", "6.2.0");
    xml.open("dominio");
    xml.leaf("identificativoDominio", ORGANIZATION);
    xml.leaf("identificativoStazioneRichiedente", "99900000037_01");
    xml.close("dominio");
    let message = format!("M{number:012}");
    xml.leaf("identificativoMessaggioRicevuta", &message);
    xml.leaf("dataOraMessaggioRicevuta", payment.paid_at);
    xml.leaf("riferimentoMessaggioRichiesta", &message);
    xml.leaf("riferimentoDataRichiesta", date);
    xml.open("istitutoAttestante");
    identifier(&mut xml, "identificativoUnivocoAttestante", psp.id_type, psp.id);
    xml.leaf("denominazioneAttestante", psp.name);
    xml.close("istitutoAttestante");
    xml.open("enteBeneficiario");
    identifier(&mut xml, "identificativoUnivocoBeneficiario", 'G', ORGANIZATION);
    xml.leaf("denominazioneBeneficiario", "Provincia di Prova");
    xml.close("enteBeneficiario");
    xml.open("soggettoPagatore");
    identifier(&mut xml, "identificativoUnivocoPagatore", kind(payer), &payer.fiscal_code);
    xml.leaf("anagraficaPagatore", &payer.name);
    xml.close("soggettoPagatore");
    xml.open("datiPagamento");
    xml.leaf("codiceEsitoPagamento", 0);
    xml.leaf("importoTotalePagato", shares[0].1);
    xml.leaf("identificativoUnivocoVersamento", payment.code.iuv());
    xml.leaf("CodiceContestoPagamento", &message);
    xml.open("datiSingoloPagamento");
    xml.leaf("singoloImportoPagato", shares[0].1);
    xml.leaf("esitoSingoloPagamento", "ESEGUITO");
    xml.leaf("dataEsitoSingoloPagamento", date);
    xml.leaf("identificativoUnivocoRiscossione", world.iur(number));
    xml.leaf("causaleVersamento", "Avviso di pagamento");
    xml.leaf("datiSpecificiRiscossione", "9/0201102AP/");
    xml.close("datiSingoloPagamento");
    xml.close("datiPagamento");
    xml.close("RT");
    xml.finish()
}

fn identifier(xml: &mut Xml, name: &str, kind: char, code: &str) {
    xml.open(name);
    xml.leaf("tipoIdentificativoUnivoco", kind);
    xml.leaf("codiceIdentificativoUnivoco", code);
    xml.close(name);
}

/// `F` a person, `G` a company.
fn kind(debtor: &Debtor) -> char {
    if debtor.kind == FiscalCodeKind::Person { 'F' } else { 'G' }
}

fn company(organization: &str) -> &'static str {
    if organization == COMUNE { "Comune di Nessunluogo" } else { "Provincia di Prova" }
}

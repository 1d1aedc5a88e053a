//! `flows/`: one file for each revision of each flow, in every form in which they come.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;

use super::put;
use super::xml::Xml;
use crate::error::{SampleError, at};
use crate::world::{Flow, FlowForm, Line, ORGANIZATION, PSPS, World};

/// How many payments a page of the REST form has.
const PAGE: usize = 50;
const NAMESPACE: &str = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/";

/// Writes every flow, in one folder for each month.
pub(crate) fn write(world: &World, room: &Path) -> Result<(), SampleError> {
    for flow in &world.flows {
        let month = room.join(flow.settlement.strftime("%Y-%m").to_string());
        fs::create_dir_all(&month).map_err(at(&month))?;
        let time = flow.time.strftime("%Y%m%d%H%M%S");
        let path = |mark: &str, kind: &str| month.join(format!("{}_{time}{mark}.{kind}", flow.iuf));
        let (text, kind) = match flow.form {
            FlowForm::Xml | FlowForm::XmlRevision => (xml(world, flow, ""), "xml"),
            FlowForm::XmlPrefixed => (xml(world, flow, "pay_i:"), "xml"),
            FlowForm::Soap => (soap(&xml(world, flow, "")), "xml"),
            FlowForm::RestPages => (rest(world, flow, true), "json"),
            FlowForm::RestInline => (rest(world, flow, false), "json"),
        };
        put(&path("", kind), text.as_bytes())?;
        if flow.again {
            put(&path("_bis", "xml"), xml(world, flow, "pay_i:").as_bytes())?;
        }
    }
    Ok(())
}

fn xml(world: &World, flow: &Flow, prefix: &'static str) -> String {
    let psp = &PSPS[flow.psp];
    let mut xml = Xml::new("UTF-8", prefix);
    let declared = if prefix.is_empty() { "" } else { ":pay_i" };
    xml.open_with("FlussoRiversamento", &format!(" xmlns{declared}=\"{NAMESPACE}\""));
    xml.leaf("versioneOggetto", "1.0");
    xml.leaf("identificativoFlusso", &flow.iuf);
    if let Some(revision) = flow.revision {
        xml.leaf("revisioneFlusso", revision);
    }
    xml.leaf("dataOraFlusso", flow.time);
    xml.leaf("identificativoUnivocoRegolamento", &flow.trn);
    xml.leaf("dataRegolamento", flow.settlement);
    xml.open("istitutoMittente");
    xml.open("identificativoUnivocoMittente");
    xml.leaf("tipoIdentificativoUnivoco", psp.id_type);
    xml.leaf("codiceIdentificativoUnivoco", psp.id);
    xml.close("identificativoUnivocoMittente");
    xml.leaf("denominazioneMittente", psp.name);
    xml.close("istitutoMittente");
    xml.open("istitutoRicevente");
    xml.open("identificativoUnivocoRicevente");
    xml.leaf("tipoIdentificativoUnivoco", 'G');
    xml.leaf("codiceIdentificativoUnivoco", ORGANIZATION);
    xml.close("identificativoUnivocoRicevente");
    xml.leaf("denominazioneRicevente", "Provincia di Prova");
    xml.close("istitutoRicevente");
    xml.leaf("numeroTotalePagamenti", flow.declared_count);
    xml.leaf("importoTotalePagamenti", flow.declared_total);
    for line in &flow.lines {
        xml_line(world, &mut xml, line);
    }
    xml.close("FlussoRiversamento");
    xml.finish()
}

fn xml_line(world: &World, xml: &mut Xml, line: &Line) {
    let payment = &world.payments[line.payment];
    xml.open("datiSingoliPagamenti");
    xml.leaf("identificativoUnivocoVersamento", payment.code.iuv());
    xml.leaf("identificativoUnivocoRiscossione", world.iur(line.payment));
    // Missing means 1: some leave it out.
    if payment.index > 1 || !line.payment.is_multiple_of(4) {
        xml.leaf("indiceDatiSingoloPagamento", payment.index);
    }
    xml.leaf("singoloImportoPagato", line.amount);
    xml.leaf("codiceEsitoSingoloPagamento", char::from(line.outcome));
    xml.leaf("dataEsitoSingoloPagamento", payment.paid_at.date());
    xml.close("datiSingoliPagamenti");
}

/// The answer of nodoChiediFlussoRendicontazione, the flow in base64.
fn soap(flow: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:ppt=\"http://ws.pagamenti.telematici.gov/\">\n<soapenv:Body>\n\
         <ppt:nodoChiediFlussoRendicontazioneRisposta>\n\
         <xmlRendicontazione>{}</xmlRendicontazione>\n\
         </ppt:nodoChiediFlussoRendicontazioneRisposta>\n</soapenv:Body>\n</soapenv:Envelope>\n",
        STANDARD.encode(flow)
    )
}

/// The REST form, as a poller archives it in pages or with the payments inline.
fn rest(world: &World, flow: &Flow, paged: bool) -> String {
    let head = rest_head(flow);
    let payments: Vec<String> = flow
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| rest_payment(world, place + 1, line))
        .collect();
    if !paged {
        return format!("{{{head},\"payments\":[{}]}}\n", payments.join(","));
    }
    let total = payments.len().div_ceil(PAGE);
    let mut text = format!("{{\"flow\":{{{head}}},\"payments\":[");
    for (place, page) in payments.chunks(PAGE).enumerate() {
        write!(
            text,
            "{}{{\"metadata\":{{\"pageSize\":{PAGE},\"pageNumber\":{},\"totPage\":{total}}},\
             \"count\":{},\"data\":[{}]}}",
            if place == 0 { "" } else { "," },
            place + 1,
            payments.len(),
            page.join(",")
        )
        .expect("a String takes every text");
    }
    text.push_str("]}\n");
    text
}

fn rest_head(flow: &Flow) -> String {
    let psp = &PSPS[flow.psp];
    let sender = match psp.id_type {
        'A' => "ABI_CODE",
        'B' => "BIC_CODE",
        _ => "LEGAL_PERSON",
    };
    let rome = TimeZone::get("Europe/Rome").expect("the zone is compiled in");
    let instant = rome.to_timestamp(flow.time).expect("flows are not sent when clocks change");
    let at = instant.strftime("%Y-%m-%dT%H:%M:%SZ");
    let (count, sum) = (flow.declared_count, flow.declared_total);
    format!(
        "\"status\":\"PUBLISHED\",\"revision\":{},\"created\":\"{at}\",\"updated\":\"{at}\",\
         \"published\":\"{at}\",\"fdr\":\"{}\",\"fdrDate\":\"{at}\",\"regulation\":\"{}\",\
         \"regulationDate\":\"{}\",\"bicCodePouringBank\":\"SMPLITTT\",\"sender\":{{\
         \"type\":\"{sender}\",\"id\":\"{}\",\"pspId\":\"{}\",\"pspName\":\"{}\",\
         \"pspBrokerId\":\"99900000011\",\"channelId\":\"99900000011_01\"}},\"receiver\":{{\
         \"id\":\"{ORGANIZATION}\",\"organizationId\":\"{ORGANIZATION}\",\
         \"organizationName\":\"Provincia di Prova\"}},\"computedTotPayments\":{count},\
         \"computedSumPayments\":{sum},\"totPayments\":{count},\"sumPayments\":{sum}",
        flow.revision.unwrap_or(1),
        flow.iuf,
        flow.trn,
        flow.settlement,
        psp.id,
        psp.id,
        psp.name,
    )
}

fn rest_payment(world: &World, place: usize, line: &Line) -> String {
    let payment = &world.payments[line.payment];
    let status = match line.outcome {
        b'3' => "REVOKED",
        b'4' => "STAND_IN",
        b'8' => "STAND_IN_NO_RPT",
        b'9' => "NO_RPT",
        _ => "EXECUTED",
    };
    format!(
        "{{\"index\":{place},\"iuv\":\"{}\",\"iur\":\"{}\",\"idTransfer\":{},\"pay\":{},\
         \"payStatus\":\"{status}\",\"payDate\":\"{}T00:00:00Z\"}}",
        payment.code.iuv(),
        world.iur(line.payment),
        payment.index,
        line.amount,
        payment.paid_at.date()
    )
}

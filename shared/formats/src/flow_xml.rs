//! Flusso di rendicontazione, XML: `FlussoRiversamento` 1.0.2 to 1.0.4 with all their variants,
//! bare or in base64 inside `nodoChiediFlussoRendicontazioneRisposta`.

use std::io::Read;

use domain::fact::{FlowLine, FlowRevision, LineOutcome};
use domain::identifier::{Iuf, Iur, Iuv, OrganizationCode, Psp};

use crate::defect::{Defects, Rule};
use crate::flow::FlowRecord;
use crate::place::Located;
use crate::soap;
use crate::xml::lexical::{self, identifier};
use crate::xml::{self, Document, Fields, Schema, Stop};

/// Reads a flow: its header, then its lines in their order.
///
/// Amounts may lack decimals or be negative, outcome codes may be unknown, counts and totals may be
/// wrong: those are facts to judge later. Nothing is handed over once a defect was met.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn read(
    mut input: impl Read,
    sink: &mut dyn FnMut(Located<FlowRecord>),
) -> Result<(), Defects> {
    xml::read(&mut input, |doc| {
        soap::open(doc)?;
        match doc.name() {
            "FlussoRiversamento" => flow(doc, sink)?,
            "nodoChiediFlussoRendicontazioneRisposta" => {
                soap::carried(doc, &ANSWER, "xmlRendicontazione", WANTED, |inner| {
                    inner.next()?;
                    if inner.name() != "FlussoRiversamento" {
                        return Err(soap::refuse(inner, WANTED));
                    }
                    flow(inner, sink)?;
                    inner.finish()
                })?;
            }
            _ => return Err(soap::refuse(doc, WANTED)),
        }
        doc.finish()
    })
}

const WANTED: &str = "a flow";

static ANSWER: Schema = Schema { leaves: &[], records: &["xmlRendicontazione", "fault"] };

const IUF: &str = "identificativoFlusso";
const REVISION: &str = "revisioneFlusso";
const FLOW_TIME: &str = "dataOraFlusso";
const SETTLEMENT_ID: &str = "identificativoUnivocoRegolamento";
const SETTLEMENT_DATE: &str = "dataRegolamento";
const SENDER: &str = "istitutoMittente/identificativoUnivocoMittente/codiceIdentificativoUnivoco";
const SENDER_NAME: &str = "istitutoMittente/denominazioneMittente";
const RECEIVER: &str =
    "istitutoRicevente/identificativoUnivocoRicevente/codiceIdentificativoUnivoco";
const COUNT: &str = "numeroTotalePagamenti";
const TOTAL: &str = "importoTotalePagamenti";
const LINES: &str = "datiSingoliPagamenti";

static HEADER: Schema = Schema {
    leaves: &[
        IUF,
        REVISION,
        FLOW_TIME,
        SETTLEMENT_ID,
        SETTLEMENT_DATE,
        SENDER,
        SENDER_NAME,
        RECEIVER,
        COUNT,
        TOTAL,
    ],
    records: &[LINES],
};

const IUV: &str = "identificativoUnivocoVersamento";
const IUR: &str = "identificativoUnivocoRiscossione";
const INDEX: &str = "indiceDatiSingoloPagamento";
const AMOUNT: &str = "singoloImportoPagato";
const OUTCOME: &str = "codiceEsitoSingoloPagamento";
const PAID_ON: &str = "dataEsitoSingoloPagamento";

static LINE: Schema = Schema { leaves: &[IUV, IUR, INDEX, AMOUNT, OUTCOME, PAID_ON], records: &[] };

fn flow(doc: &mut Document<'_>, sink: &mut dyn FnMut(Located<FlowRecord>)) -> Result<(), Stop> {
    let mut header = Fields::new(&HEADER);
    let mut fields = Fields::new(&LINE);
    header.begin(doc);
    let mut inside = header.advance(doc)?;
    if inside.is_none() {
        doc.defect(header.at(), LINES, Rule::Schema, "is missing: the flow has no payment");
    }
    // The header must be whole before the first line, as the standard orders it.
    if let Some(revision) = revision(doc, &header)
        && doc.is_good()
    {
        sink(Located { at: header.at(), record: FlowRecord::Header(revision) });
    }
    while inside.is_some() {
        fields.read(doc)?;
        if let Some(line) = line(doc, &fields)
            && doc.is_good()
        {
            sink(Located { at: fields.at(), record: FlowRecord::Line(line) });
        }
        inside = header.advance(doc)?;
    }
    Ok(())
}

fn revision(doc: &mut Document<'_>, header: &Fields) -> Option<FlowRevision> {
    let iuf = header.required(doc, IUF, identifier(Iuf::parse));
    let revision = header.optional(doc, REVISION, lexical::positive);
    let flow_time = header.required(doc, FLOW_TIME, lexical::moment);
    let settlement_id = header.required(doc, SETTLEMENT_ID, lexical::text_up_to::<35>);
    let settlement_date = header.required(doc, SETTLEMENT_DATE, lexical::date);
    let psp = header.required(doc, SENDER, identifier(Psp::parse));
    let psp_name = header.optional(doc, SENDER_NAME, lexical::text);
    let organization = header.required(doc, RECEIVER, identifier(OrganizationCode::parse));
    let declared_count = header.required(doc, COUNT, lexical::number);
    let declared_total = header.required(doc, TOTAL, lexical::amount);
    Some(FlowRevision {
        organization: organization?,
        psp: psp?,
        psp_alias: None,
        psp_name,
        iuf: iuf?,
        revision,
        flow_time: flow_time?,
        settlement_id: settlement_id?,
        settlement_date: settlement_date?,
        declared_count: declared_count?,
        declared_total: declared_total?,
    })
}

fn line(doc: &mut Document<'_>, fields: &Fields) -> Option<FlowLine> {
    let iuv = fields.required(doc, IUV, identifier(Iuv::parse));
    let iur = fields.required(doc, IUR, identifier(Iur::parse));
    let index = fields.optional(doc, INDEX, lexical::index);
    let amount = fields.required(doc, AMOUNT, lexical::amount);
    let outcome = fields.required(doc, OUTCOME, outcome);
    let paid_on = fields.required(doc, PAID_ON, lexical::date);
    Some(FlowLine {
        iuv: iuv?,
        iur: iur?,
        index: index.unwrap_or(1),
        amount: amount?,
        outcome: outcome?,
        paid_on: paid_on?,
    })
}

fn outcome(text: &str) -> Result<LineOutcome, lexical::Fault> {
    match LineOutcome::from_code(text) {
        LineOutcome::Unknown(_) => lexical::text_up_to::<35>(text).map(LineOutcome::Unknown),
        known => Ok(known),
    }
}

//! What carries a flow or a receipt: nothing, a SOAP envelope, an answer of the node.

use crate::defect::Rule;
use crate::xml::{Document, Fields, Schema, Step, Stop};

/// Opens the document, and the SOAP envelope if there is one: the element that is open then is what
/// it carries.
pub(crate) fn open(doc: &mut Document<'_>) -> Result<(), Stop> {
    doc.next()?;
    if doc.name() != "Envelope" {
        return Ok(());
    }
    let envelope = doc.at();
    while doc.next()? == Step::Open {
        if doc.name() == "Body" {
            let body = doc.at();
            return match doc.next()? {
                Step::Open => Ok(()),
                _ => Err(doc.stop(body, "Body", Rule::UnknownFormat, "an empty SOAP message")),
            };
        }
        doc.skip()?;
    }
    Err(doc.stop(envelope, "Body", Rule::UnknownFormat, "a SOAP message without a body"))
}

/// Reads the document in base64 that the open element carries in its child `element`.
pub(crate) fn carried(
    doc: &mut Document<'_>,
    schema: &'static Schema,
    element: &'static str,
    wanted: &str,
    mut content: impl FnMut(&mut Document<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut answer = Fields::new(schema);
    answer.begin(doc);
    let mut found = false;
    while let Some(child) = answer.advance(doc)? {
        if child != element {
            return Err(refuse(doc, wanted));
        }
        if found {
            return Err(doc.stop(doc.at(), element, Rule::Schema, "is repeated"));
        }
        found = true;
        doc.embedded(element, &mut content)?;
    }
    if !found {
        doc.defect(answer.at(), element, Rule::Schema, "is missing");
    }
    Ok(())
}

/// Refuses what the open element begins, saying what it is instead of `wanted`.
pub(crate) fn refuse(doc: &mut Document<'_>, wanted: &str) -> Stop {
    let (at, name) = (doc.at(), doc.shown_name());
    let found = match name.as_str() {
        "Fault" | "fault" => match fault_code(doc) {
            Ok(code) => format!("a SOAP fault{code}"),
            Err(stop) => return stop,
        },
        "nodoChiediElencoFlussiRendicontazioneRisposta" => match entries(doc) {
            Ok(entries) => format!("a list of {entries} flows"),
            Err(stop) => return stop,
        },
        "FlussoRiversamento" => "a flow".into(),
        "flusso_giornale_di_cassa" => "a giornale di cassa".into(),
        "flusso_ordinativi" => "a flow of reversali and mandati".into(),
        "RT" | "paSendRTReq" | "paSendRTV2Request" => "a receipt".into(),
        "RPT" => "a request for payment (RPT)".into(),
        "RR" => "a request for revocation (RR)".into(),
        "ER" => "the outcome of a revocation (ER)".into(),
        other => format!("<{other}>"),
    };
    doc.stop(at, name, Rule::UnknownFormat, format!("{wanted} was expected, {found} was found"))
}

static FAULT: Schema = Schema {
    leaves: &["faultcode", "faultCode", "Code/Value", "Code/Subcode/Value"],
    records: &[],
};

/// The code of the fault that is open (SOAP 1.1, 1.2, or the node's own), for a message.
fn fault_code(doc: &mut Document<'_>) -> Result<String, Stop> {
    let mut fault = Fields::new(&FAULT);
    fault.read(doc)?;
    let codes = FAULT.leaves.iter().map(|leaf| fault.text(leaf));
    // A code is a name of the standard; anything else might tell of a person.
    let plain = |code: &&str| {
        (1..=80).contains(&code.len())
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.'))
    };
    Ok(codes.filter(plain).fold(String::new(), |all, code| all + " " + code))
}

static ELENCO: Schema =
    Schema { leaves: &[], records: &["elencoFlussiRendicontazione/idRendicontazione"] };

/// How many flows the list that is open names.
fn entries(doc: &mut Document<'_>) -> Result<u64, Stop> {
    let mut list = Fields::new(&ELENCO);
    list.begin(doc);
    let mut entries = 0;
    while list.advance(doc)?.is_some() {
        doc.skip()?;
        entries += 1;
    }
    Ok(entries)
}

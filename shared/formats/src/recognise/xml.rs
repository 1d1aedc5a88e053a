//! XML files, by their first elements.

use super::{Kind, unknown};

/// The kind of an XML file; `text` begins with `<`.
pub(super) fn kind(text: &str) -> Kind {
    let mut names = StartTags { rest: text };
    let Some(root) = names.next() else { return unknown("XML without an element") };
    if root != "Envelope" {
        return by_element(root, names);
    }
    match names.by_ref().skip_while(|&name| name != "Body").nth(1) {
        None => unknown("an empty SOAP message"),
        Some(content) => by_element(content, names),
    }
}

/// The kind of what `name` begins; `inside` are the elements after it.
fn by_element(name: &str, mut inside: StartTags<'_>) -> Kind {
    match name {
        "flusso_giornale_di_cassa" => {
            if inside.any(|name| name == "testata_messaggio") {
                Kind::Journal
            } else {
                unknown("a cash journal of before OPI (it has no testata_messaggio)")
            }
        }
        "FlussoRiversamento" => Kind::FlowXml,
        "nodoChiediFlussoRendicontazioneRisposta" => {
            // The flow stands in a long text: what is wrong stands before it, or instead.
            let found = inside.find(|&name| name == "xmlRendicontazione" || name == "fault");
            match found {
                Some("fault") => unknown("an answer of the node with a fault instead of a flow"),
                _ => Kind::SoapFlow,
            }
        }
        "RT" | "paSendRTReq" | "paSendRTV2Request" | "paaInviaRT" | "nodoChiediCopiaRTRisposta" => {
            Kind::Receipt
        }
        "Fault" | "fault" => unknown("a SOAP fault"),
        "nodoChiediElencoFlussiRendicontazioneRisposta" => {
            unknown("a list of flows (the flows themselves are wanted)")
        }
        "RPT" => unknown("a request for payment (RPT), not a receipt"),
        "RR" => unknown("a request for revocation (RR), not a receipt"),
        "ER" => unknown("the outcome of a revocation (ER), not a receipt"),
        "flusso_ordinativi" => unknown("OPI orders (reversali and mandati), not a journal"),
        "messaggio_ack_siope" | "messaggi_esito_applicativo" => {
            unknown("an answer of SIOPE+ to OPI orders, not a journal")
        }
        "OPI_REND_ANALITICO" => {
            unknown("an analytic statement of Banca d'Italia (OPI_REND_ANALITICO), not a journal")
        }
        name if name.eq_ignore_ascii_case("html") => unknown("a web page (HTML)"),
        name => {
            let shown: String = name.chars().filter(char::is_ascii).take(60).collect();
            unknown(format!("XML of another kind, with the element {shown}"))
        }
    }
}

/// The local names of start tags, in their order.
struct StartTags<'t> {
    rest: &'t str,
}

impl<'t> Iterator for StartTags<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        loop {
            let start = self.rest.find('<')?;
            let tag = &self.rest[start + 1..];
            let end = if tag.starts_with("!--") {
                "-->"
            } else if tag.starts_with("![CDATA[") {
                "]]>"
            } else if tag.starts_with('?') {
                "?>"
            } else if tag.starts_with("!DOCTYPE")
                && tag.find('[') < tag.find('>')
                && tag.contains('[')
            {
                "]>"
            } else {
                ">"
            };
            let length = tag.find(end).map_or(tag.len(), |place| place + end.len());
            self.rest = &tag[length..];
            if end == ">" && !tag.starts_with(['/', '!']) {
                let ends_name = |c: char| c.is_whitespace() || c == '/' || c == '>';
                let name = tag.split(ends_name).next().unwrap_or_default();
                return Some(name.rsplit(':').next().unwrap_or(name));
            }
        }
    }
}

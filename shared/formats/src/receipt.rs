//! Receipts of payment: `RT` of PagInf_RPT_RT 6.x, `paSendRTReq` and `paSendRTV2Request`, bare or
//! in a SOAP envelope; an RT also in base64 inside `paaInviaRT` or `nodoChiediCopiaRTRisposta`.

mod rt;
mod send_rt;

use std::io::Read;

use domain::fact::{Party, Receipt, ReceiptKind};

use crate::defect::Defects;
use crate::place::Located;
use crate::soap;
use crate::xml::{self, Document, Fields, Schema, lexical};

/// Reads a receipt. It is handed over when all of it is right.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn read(mut input: impl Read, sink: &mut dyn FnMut(Located<Receipt>)) -> Result<(), Defects> {
    xml::read(&mut input, |doc| {
        soap::open(doc)?;
        match doc.name() {
            "RT" => rt::read(doc, sink)?,
            "paSendRTReq" => send_rt::read(doc, ReceiptKind::SendRt, sink)?,
            "paSendRTV2Request" => send_rt::read(doc, ReceiptKind::SendRtV2, sink)?,
            "paaInviaRT" | "nodoChiediCopiaRTRisposta" => {
                soap::carried(doc, &CARRIER, "rt", WANTED, |inner| {
                    inner.next()?;
                    if inner.name() != "RT" {
                        return Err(soap::refuse(inner, WANTED));
                    }
                    rt::read(inner, sink)?;
                    inner.finish()
                })?;
            }
            _ => return Err(soap::refuse(doc, WANTED)),
        }
        doc.finish()
    })
}

const WANTED: &str = "a receipt";

static CARRIER: Schema = Schema { leaves: &[], records: &["rt", "fault"] };

/// The most transfers of one receipt (datiSingoloPagamento, `transfer`), in both standards.
pub const MAX_TRANSFERS: usize = 5;

/// The person that two leaves tell of, when the first is there.
fn party(
    doc: &mut Document<'_>,
    fields: &Fields,
    code: &'static str,
    name: &'static str,
) -> Option<Party> {
    let code = fields.optional(doc, code, lexical::text)?;
    Some(Party { code, name: fields.optional(doc, name, lexical::text) })
}

/// A category without the `9/` before it and the `/` behind it, which older receipts have.
fn category(text: &str) -> Result<Box<str>, lexical::Fault> {
    let bare = text.strip_prefix("9/").unwrap_or(text);
    lexical::text(bare.strip_suffix('/').unwrap_or(bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_bare() {
        for (text, bare) in [
            ("0101100IM", "0101100IM"),
            ("9/0102100SA/", "0102100SA"),
            ("9/600", "600"),
            ("1/abc", "1/abc"),
        ] {
            assert_eq!(category(text).as_deref(), Ok(bare));
        }
    }
}

//! Files are known by their content.

use formats::recognise::{HEAD_BYTES, Kind, kind};
use proptest::prelude::*;

/// What `content` is; for an unknown file, what it looks like.
fn name(content: &[u8]) -> String {
    match kind(&content[..content.len().min(HEAD_BYTES)]) {
        Kind::Unknown { looks_like } => looks_like.into_owned(),
        kind => format!("{kind:?}"),
    }
}

fn utf_16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn files_that_are_read_are_known() {
    let long = format!("<!--{}--><RT/>", "x".repeat(50_000));
    let soap = |body: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<s:Envelope xmlns:s='x'><s:Header><a/></s:Header>\n<s:Body>{body}</s:Body></s:Envelope>"
        )
    };
    let long_payments = format!("{{\"payments\":[{}", "{\"iuv\":\"1\"},".repeat(10_000));
    for (content, expected) in [
        (&include_bytes!("../fixtures/positions-one-of-each.jsonl")[..], "PositionsJsonLines"),
        (include_bytes!("../fixtures/positions-with-decimal-comma.csv"), "PositionsCsv"),
        (include_bytes!("../fixtures/flow-with-payments-inline.json"), "FlowJson"),
        (include_bytes!("../fixtures/flow-as-archived-with-pages.json"), "FlowJson"),
        (include_bytes!("../fixtures/signed-der.p7m"), "P7m"),
        (include_bytes!("../fixtures/signed-ber-indefinite.p7m"), "P7m"),
        (include_bytes!("../fixtures/signed-base64.p7m"), "P7m"),
        (include_bytes!("../fixtures/signed-pem.p7m"), "P7m"),
        (include_bytes!("../fixtures/signed-smime-opaque.p7m"), "P7m"),
        (include_bytes!("../fixtures/signed-smime-multipart-without-part-headers.p7m"), "P7m"),
        (b"PK\x03\x04 and so on", "Zip"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "Zip"),
        (b"\x1f\x8b\x08", "Gzip"),
        (b"<flusso_giornale_di_cassa Id='x'><testata_messaggio>", "Journal"),
        (b"<flusso_giornale_di_cassa><ds:Signature/><testata_messaggio>", "Journal"),
        (&utf_16("<flusso_giornale_di_cassa><testata_messaggio>"), "Journal"),
        (
            b"\xef\xbb\xbf \r\n<?xml version='1.0'?><pay_i:FlussoRiversamento xmlns:pay_i='x'>",
            "FlowXml",
        ),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><FlussoRiversamento/>", "FlowXml"),
        (b"<RT xmlns='x'>", "Receipt"),
        (long.as_bytes(), "Receipt"),
        (b"<paf:paSendRTV2Request xmlns:paf='x'>", "Receipt"),
        (soap("<paSendRTReq/>").as_bytes(), "Receipt"),
        (soap("<ppt:paaInviaRT/>").as_bytes(), "Receipt"),
        (
            soap("<p:nodoChiediFlussoRendicontazioneRisposta><xmlRendicontazione>PD94").as_bytes(),
            "SoapFlow",
        ),
        (long_payments.as_bytes(), "FlowJson"),
        (b"{ not JSON at all\n{\"position_id\":\"1\"}", "PositionsJsonLines"),
        (b"a broken line\n{\"position_id\":\"1\"}", "PositionsJsonLines"),
        (b"{\"debt_type\":\"CDS\"}", "PositionsJsonLines"),
        (b"# commento\n[calendar]\nextra_closures = []\n[[organization]] # noi\n", "Configuration"),
        (b"[[organization]]\nfiscal_code = \"01234567897\"", "Configuration"),
        // A payer may write anything.
        (b"<RT><causaleVersamento>\n[[organization]]\n</causaleVersamento></RT>", "Receipt"),
        (b"{\n  \"quadra_sample_truth\": 1, \"position_id\": 2}", "SampleTruth"),
    ] {
        assert_eq!(
            name(content),
            expected,
            "{}",
            String::from_utf8_lossy(&content[..content.len().min(80)])
        );
    }
}

#[test]
fn other_files_are_told_by_what_they_look_like() {
    let soap = |body: &str| format!("<Envelope><Body>{body}</Body></Envelope>");
    let xlsx = [&b"PK\x03\x04"[..], &[0; 22], b"\x13\0\0\0[Content_Types].xml"].concat();
    let ods = [
        &b"PK\x03\x04"[..],
        &[0; 22],
        b"\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
    ]
    .concat();
    for (content, expected) in [
        (&b""[..], "an empty file"),
        (b" \r\n\t", "a file of blanks"),
        (b"\x00\x01\x02\x03", "a binary file"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (&xlsx, "an office document such as an Excel workbook (XLSX)"),
        (&ods, "an office document such as an OpenDocument sheet (ODS)"),
        (b"<!DOCTYPE html><html lang='it'>", "a web page"),
        (
            b"<flusso_giornale_di_cassa><codice_ABI_BT>03069</codice_ABI_BT>",
            "a cash journal of before OPI",
        ),
        (b"<flusso_ordinativi>", "OPI orders"),
        (b"<a:OPI_REND_ANALITICO>", "an analytic statement of Banca d'Italia"),
        (b"<RPT>", "a request for payment"),
        (b"<RR/>", "a request for revocation"),
        (b"<ER>", "the outcome of a revocation"),
        (soap("<s:Fault><faultcode>").as_bytes(), "a SOAP fault"),
        (soap("<p:nodoChiediElencoFlussiRendicontazioneRisposta>").as_bytes(), "a list of flows"),
        (
            soap("<p:nodoChiediFlussoRendicontazioneRisposta><fault>").as_bytes(),
            "an answer of the node with a fault",
        ),
        (soap("").as_bytes(), "an empty SOAP message"),
        (b"<fattura>", "XML of another kind, with the element fattura"),
        (
            b"{\"httpStatusCode\":404,\"appErrorCode\":\"FDR-3001\"}",
            "an error answered by the FdR API",
        ),
        (b"{\"payments\":[{\"iuv\":\"1\"}]}", "a bare page of payments"),
        (b"{\"metadata\":{},\"count\":1,\"data\":[{\"iuv\":\"1\"}]}", "a bare page of payments"),
        (b"{\"metadata\":{},\"count\":1,\"data\":[{\"fdr\":\"1\"}]}", "a list of flows"),
        (b"{\"a\":1}", "JSON of another kind"),
        (b"[{\"fdr\":1}]", "a JSON list"),
        (b"{\n\"position_id\":\"1\",\n\"notices\":[]\n}", "a debt position over several lines"),
        (b"IUD;codIuv;importoDovuto\n1;2;3", "a notification of a sector (IUD)"),
        (b"Numero Provvisorio;Data;Importo;Causale\n1;2;3;4", "a treasurer's table (CSV)"),
        (b"Poste Italiane - Estratto conto\n", "a statement of Poste"),
        (b"a;b;c\n1;2;3", "a table (CSV) of another kind"),
        (b"Gentile ufficio, in allegato.", "plain text"),
    ] {
        let found = name(content);
        assert!(found.starts_with(expected), "{found}, not {expected}");
    }
}

/// The flows in JSON that others have written, and what becomes of each: checked by hand.
#[test]
fn samples_of_flows_in_json_are_read_or_refused_for_a_reason() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples/fdr_json");
    let Ok(files) = std::fs::read_dir(folder) else {
        eprintln!("SKIPPED: there are no samples at {folder}");
        return;
    };
    let expected = |file: &str| match file {
        // The body by which a PSP adds payments: a list with no flow around it; and what the API
        // answers.
        "fdr-general-payments-add.json" | "openapi-example-PaginatedPaymentsResponse.json" => {
            ("a bare page of payments", "unknown_format")
        }
        "openapi-example-ErrorResponse.json" => ("an error answered", "unknown_format"),
        // A header that comes without its payments.
        "openapi-example-SingleFlowResponse.json" => ("FlowJson", "schema"),
        name if name.starts_with("openapi-example-PaginatedFlows") => {
            ("a list of flows", "unknown_format")
        }
        other => panic!("{other} has no expected outcome"),
    };
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        let (looks_like, rule) = expected(path.file_name().unwrap().to_str().unwrap());
        assert!(name(&content).starts_with(looks_like), "{}: {}", path.display(), name(&content));
        let refused = formats::flow_json::read(&content[..], &mut |_| ()).unwrap_err();
        assert_eq!(refused.listed()[0].rule.code(), rule, "{}", path.display());
        assert_eq!(refused.listed().len(), 1, "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 8);
}

proptest! {
    #[test]
    fn any_bytes_are_of_some_kind(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = kind(&bytes);
    }

    #[test]
    fn any_text_is_of_some_kind(text in "[\\[{<\"\\\\\n:,;a-z!?\\-/>\\]}è]{0,80}") {
        let _ = kind(text.as_bytes());
    }
}

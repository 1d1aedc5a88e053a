//! What a flow becomes, and why one is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::fact::{FlowLine, FlowRevision, LineOutcome};
use domain::identifier::{Iuf, Iur, Iuv, OrganizationCode, Psp};
use domain::money::Cents;
use formats::{Defects, FlowRecord, Located, Place, Rule, flow_xml};

const FLOW: &str = include_str!("../fixtures/flow.xml");

fn read(xml: &str) -> Result<Vec<Located<FlowRecord>>, Defects> {
    let mut records = vec![];
    flow_xml::read(xml.as_bytes(), &mut |record| records.push(record))?;
    Ok(records)
}

fn flow_with(change: (&str, &str)) -> String {
    assert!(FLOW.contains(change.0), "{}", change.0);
    FLOW.replacen(change.0, change.1, 1)
}

/// Rule and last part of the field of each defect.
fn defects(xml: &str) -> Vec<(Rule, String)> {
    let defects = read(xml).expect_err("must be refused");
    let short = |field: &str| field.rsplit('/').next().unwrap_or_default().to_owned();
    defects.listed().iter().map(|defect| (defect.rule, short(&defect.field))).collect()
}

fn lines(xml: &str) -> Vec<FlowLine> {
    let line = |located: Located<FlowRecord>| match located.record {
        FlowRecord::Line(line) => Some(line),
        FlowRecord::Header(_) => None,
    };
    read(xml).unwrap().into_iter().filter_map(line).collect()
}

#[test]
fn a_flow_becomes_its_header_and_its_lines() {
    let header = FlowRevision {
        organization: OrganizationCode::parse("01234567897").unwrap(),
        psp: Psp::parse("PSPPROV1").unwrap(),
        psp_alias: None,
        psp_name: Some("Banca di Prova & Figli".into()),
        iuf: Iuf::parse("2026-03-02PSPPROV1-A000000001").unwrap(),
        revision: None,
        flow_time: "2026-03-02T22:10:05Z".parse().unwrap(), // 23:10:05 in Rome, in winter
        settlement_id: "TRN-0000000000000001".into(),
        settlement_date: "2026-03-02".parse().unwrap(),
        declared_count: 2,
        declared_total: Cents::new(10_140),
    };
    let line = |iuv, iur, cents, outcome, paid_on: &str| FlowLine {
        iuv: Iuv::parse(iuv).unwrap(),
        iur: Iur::parse(iur).unwrap(),
        index: 1,
        amount: Cents::new(cents),
        outcome,
        paid_on: paid_on.parse().unwrap(),
    };
    let first = line(
        "01000000000012373",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        4_440,
        LineOutcome::Paid,
        "2026-02-27",
    );
    // No index, no decimals, a zone behind the date.
    let second = line(
        "01000000000012474",
        "1a1b2c3d4e5f60718293a4b5c6d7e8f9",
        5_700,
        LineOutcome::WithoutRpt,
        "2026-02-28",
    );
    let at = |line, column| Place { line, column };
    let expected = vec![
        Located { at: at(2, 1), record: FlowRecord::Header(header) },
        Located { at: at(24, 3), record: FlowRecord::Line(first) },
        Located { at: at(32, 3), record: FlowRecord::Line(second) },
    ];
    assert_eq!(read(FLOW), Ok(expected));
}

#[test]
fn the_form_of_the_names_does_not_matter() {
    let expected = lines(FLOW);
    let prefixed = FLOW
        .replace("</", "\u{1}")
        .replace('<', "<pay_i:")
        .replace('\u{1}', "</pay_i:")
        .replace("<pay_i:?", "<?")
        .replace(" xmlns=", " xmlns:pay_i=");
    let undeclared =
        prefixed.replace(" xmlns:pay_i=\"http://www.digitpa.gov.it/schemas/2011/Pagamenti/\"", "");
    let unqualified = FLOW.replace("<istitutoMittente>", "<istitutoMittente xmlns=\"\">");
    let indented = FLOW.replace("\n  <", "\n\u{a0}\u{a0}<");
    let crlf = FLOW.replace('\n', "\r\n");
    let one_line = FLOW.replace('\n', "");
    for form in [prefixed, undeclared, unqualified, indented, crlf, one_line] {
        assert_eq!(lines(&form), expected, "{form}");
    }
}

#[test]
fn what_real_flows_do_is_no_defect() {
    for change in [
        (">44.40<", ">-44.40<"),
        (">44.40<", ">68.7<"),
        (">44.40<", ">0.00<"),
        (">0<", ">7<"),
        ("<numeroTotalePagamenti>2<", "<numeroTotalePagamenti>1<"),
        (">101.40<", ">1.00<"),
        (">2026-03-02T23:10:05<", ">2026-03-02T23:10:05.123+01:00<"),
        ("<denominazioneMittente>Banca di Prova &amp; Figli</denominazioneMittente>", ""),
        (
            "<istitutoRicevente>",
            "<codiceBicBancaDiRiversamento>X</codiceBicBancaDiRiversamento><istitutoRicevente>",
        ),
        (">2026-03-02PSPPROV1-A000000001<", "> testo libero, vecchio/2015 <"),
        (">1</indice", ">5</indice"),
        (
            "</FlussoRiversamento>",
            "<ds:Signature><datiSingoliPagamenti/></ds:Signature></FlussoRiversamento>",
        ),
    ] {
        assert_eq!(lines(&flow_with(change)).len(), 2, "{change:?}");
    }
    let unknown = lines(&flow_with((">0<", ">7<")));
    assert_eq!(unknown[0].outcome, LineOutcome::Unknown("7".into()));
    let revised =
        flow_with(("<dataOraFlusso>", "<revisioneFlusso>3</revisioneFlusso><dataOraFlusso>"));
    let FlowRecord::Header(header) = read(&revised).unwrap().remove(0).record else { panic!() };
    assert_eq!(header.revision, Some(3));
}

#[test]
fn a_field_that_is_no_value_is_a_defect() {
    for (change, rule, field) in [
        (
            ("2026-03-02PSPPROV1-A000000001", "2026-03-02PSPPROV1-A000000001-1234567"),
            Rule::Identifier,
            "identificativoFlusso",
        ),
        (("2026-03-02PSPPROV1-A000000001", " "), Rule::Identifier, "identificativoFlusso"),
        (("2026-03-02T23:10:05", "2026-03-02T23:10"), Rule::Date, "dataOraFlusso"),
        (
            ("<dataRegolamento>2026-03-02", "<dataRegolamento>2026-03-02T00:00:00"),
            Rule::Date,
            "dataRegolamento",
        ),
        (
            ("<dataOraFlusso>", "<revisioneFlusso>0</revisioneFlusso><dataOraFlusso>"),
            Rule::Schema,
            "revisioneFlusso",
        ),
        (
            ("TRN-0000000000000001", "TRN-00000000000000010000000000000000"),
            Rule::Schema,
            "identificativoUnivocoRegolamento",
        ),
        (("01234567897", "0123456789"), Rule::Identifier, "codiceIdentificativoUnivoco"),
        (
            ("<numeroTotalePagamenti>2", "<numeroTotalePagamenti>due"),
            Rule::Schema,
            "numeroTotalePagamenti",
        ),
        (("101.40", "101,40"), Rule::Amount, "importoTotalePagamenti"),
        (("01000000000012373", ""), Rule::Identifier, "identificativoUnivocoVersamento"),
        (
            ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "0a1b2c3d4e5f60718293a4b5c6d7e8f9abcd"),
            Rule::Identifier,
            "identificativoUnivocoRiscossione",
        ),
        ((">1</indice", ">6</indice"), Rule::Schema, "indiceDatiSingoloPagamento"),
        ((">44.40<", ">44.401<"), Rule::Amount, "singoloImportoPagato"),
        ((">0<", "><"), Rule::Schema, "codiceEsitoSingoloPagamento"),
        ((">2026-02-27<", ">27/02/2026<"), Rule::Date, "dataEsitoSingoloPagamento"),
        ((">2026-02-27<", ">2026-02-27T10:00:00<"), Rule::Date, "dataEsitoSingoloPagamento"),
    ] {
        assert_eq!(defects(&flow_with(change)), [(rule, field.to_owned())], "{change:?}");
    }
}

#[test]
fn fields_that_are_missing_repeated_or_misplaced_are_defects() {
    let total = "<importoTotalePagamenti>101.40</importoTotalePagamenti>";
    let schema = |field: &str| (Rule::Schema, field.to_owned());
    assert_eq!(defects(&flow_with((total, ""))), [schema("importoTotalePagamenti")]);
    assert_eq!(
        defects(&flow_with((total, &format!("{total}{total}")))),
        [schema("importoTotalePagamenti")]
    );
    let misplaced = flow_with((total, "")).replace("</Flusso", &format!("{total}</Flusso"));
    assert_eq!(defects(&misplaced), [schema("importoTotalePagamenti")]);
    let elsewhere = flow_with((total, &format!("<altro>{total}</altro>")));
    assert_eq!(defects(&elsewhere), [schema("importoTotalePagamenti")]);
    assert_eq!(
        defects(&flow_with((">44.40<", "><b>44.40</b><"))),
        [schema(""), (Rule::Amount, "singoloImportoPagato".into())]
    );
    assert_eq!(
        defects(&flow_with(("</istitutoMittente>", "</istitutoMittente>danno"))),
        [schema("")]
    );
}

#[test]
fn all_defects_are_told_with_their_places() {
    let damaged = FLOW
        .replace("101.40", "centouno")
        .replace(">44.40<", ">quaranta<")
        .replace(">57<", "><")
        .replace(
            "<identificativoUnivocoVersamento>01000000000012474</identificativoUnivocoVersamento>",
            "",
        );
    let told = read(&damaged).unwrap_err().to_string();
    let expected = "\
23:3 importoTotalePagamenti [amount]: must be an amount such as 12.50; found aaaaaaaa
28:5 singoloImportoPagato [amount]: must be an amount such as 12.50; found aaaaaaaa
32:3 identificativoUnivocoVersamento [schema]: is missing
35:5 singoloImportoPagato [amount]: must be an amount such as 12.50; found nothing
";
    assert_eq!(told, expected);
}

#[test]
fn nothing_is_handed_over_after_a_defect() {
    let mut records = 0;
    let damaged = flow_with((">44.40<", ">x<"));
    flow_xml::read(damaged.as_bytes(), &mut |_| records += 1).unwrap_err();
    assert_eq!(records, 1, "the header stands before the defect, the second line behind it");
}

#[test]
fn what_only_looks_like_a_flow_is_refused() {
    let root = |name: &str| vec![(Rule::UnknownFormat, name.to_owned())];
    for name in ["RT", "RPT", "RR", "ER", "flusso_giornale_di_cassa", "paSendRTReq", "html"] {
        let xml = format!("<{name} xmlns='http://www.digitpa.gov.it/schemas/2011/Pagamenti/'/>");
        assert_eq!(defects(&xml), root(name));
    }
    let empty = defects("<FlussoRiversamento/>");
    assert_eq!(empty[0], (Rule::Schema, "datiSingoliPagamenti".into()));
    let (header, _) = FLOW.split_once("<datiSingoliPagamenti>").unwrap();
    let without_lines = format!("{header}</FlussoRiversamento>");
    assert_eq!(defects(&without_lines), [(Rule::Schema, "datiSingoliPagamenti".into())]);
}

fn answer(content: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Header><x/></soap:Header>\
         <soap:Body><ppt:nodoChiediFlussoRendicontazioneRisposta>{content}\
         </ppt:nodoChiediFlussoRendicontazioneRisposta></soap:Body></soap:Envelope>"
    )
}

#[test]
fn a_flow_in_an_answer_of_the_node_is_read() {
    let text = STANDARD.encode(FLOW);
    let folded: String =
        text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "&#13;\n").collect();
    for base64 in [text, folded] {
        let xml = answer(&format!("<xmlRendicontazione>{base64}</xmlRendicontazione>"));
        assert_eq!(read(&xml), read(FLOW), "places are those of the decoded flow");
    }
}

#[test]
fn an_answer_that_carries_no_good_flow_is_refused() {
    let carried = |xml: &str| {
        answer(&format!("<xmlRendicontazione>{}</xmlRendicontazione>", STANDARD.encode(xml)))
    };
    let cases = [
        (answer(""), Rule::Schema, "xmlRendicontazione"),
        (answer("<xmlRendicontazione/>"), Rule::Schema, "xmlRendicontazione"),
        (answer("<xmlRendicontazione></xmlRendicontazione>"), Rule::XmlMalformed, ""),
        (answer("<xmlRendicontazione>%%%</xmlRendicontazione>"), Rule::Encoding, ""),
        (carried("<RPT/>"), Rule::UnknownFormat, "RPT"),
        (carried(&flow_with(("101.40", "x"))), Rule::Amount, "importoTotalePagamenti"),
        (carried("<!DOCTYPE a><a/>"), Rule::XmlUnsafe, ""),
        (carried(&format!("{FLOW}{FLOW}")), Rule::XmlMalformed, ""),
        (
            answer("<fault><faultCode>PPT_ID_FLUSSO_SCONOSCIUTO</faultCode></fault>"),
            Rule::UnknownFormat,
            "fault",
        ),
        ("<e:Envelope><e:Body/></e:Envelope>".into(), Rule::UnknownFormat, "Body"),
        ("<e:Envelope><e:Header/></e:Envelope>".into(), Rule::UnknownFormat, "Body"),
        (
            format!(
                "<Envelope><Body>{}<altro/></Body></Envelope>",
                FLOW.split_once("?>").unwrap().1
            ),
            Rule::Schema,
            "",
        ),
    ];
    for (xml, rule, field) in cases {
        assert_eq!(defects(&xml), [(rule, field.to_owned())], "{xml}");
    }
    let twice = carried(FLOW)
        .replace("</ppt:nodo", "<xmlRendicontazione>AAAA</xmlRendicontazione></ppt:nodo");
    assert_eq!(defects(&twice), [(Rule::Schema, "xmlRendicontazione".into())]);
}

#[test]
fn a_refusal_says_what_was_found() {
    let told = |xml: &str| read(xml).unwrap_err().listed()[0].message.to_string();
    let fault = "<e:Envelope><e:Body><e:Fault><faultcode>soap:Server</faultcode><faultstring>Mario Rossi\
                 </faultstring></e:Fault></e:Body></e:Envelope>";
    assert_eq!(told(fault), "a flow was expected, a SOAP fault soap:Server was found");
    let node = answer(
        "<fault><faultCode>PPT_ID_FLUSSO_SCONOSCIUTO</faultCode><description>x</description></fault>",
    );
    assert_eq!(
        told(&node),
        "a flow was expected, a SOAP fault PPT_ID_FLUSSO_SCONOSCIUTO was found"
    );
    let list = "<nodoChiediElencoFlussiRendicontazioneRisposta><elencoFlussiRendicontazione>\
                <totRestituiti>2</totRestituiti><idRendicontazione/><idRendicontazione/>\
                </elencoFlussiRendicontazione></nodoChiediElencoFlussiRendicontazioneRisposta>";
    assert_eq!(told(list), "a flow was expected, a list of 2 flows was found");
    let inner =
        answer(&format!("<xmlRendicontazione>{}</xmlRendicontazione>", STANDARD.encode("<RPT/>")));
    assert_eq!(
        told(&inner),
        "in the decoded xmlRendicontazione: a flow was expected, a request for payment (RPT) was found"
    );
}

#[test]
fn a_flow_of_50_mb_in_base64_is_read() {
    let (head, rest) = FLOW.split_once("<datiSingoliPagamenti>").unwrap();
    let (line, rest) = rest.split_once("</datiSingoliPagamenti>").unwrap();
    let (_, tail) = rest.rsplit_once("</datiSingoliPagamenti>").unwrap();
    let line = format!("<datiSingoliPagamenti>{line}</datiSingoliPagamenti>");
    let count = 50_000_000 / line.len();
    let flow = [head, &line.repeat(count), tail].concat();
    assert!(flow.len() > 49_000_000);
    let xml =
        answer(&format!("<xmlRendicontazione>{}</xmlRendicontazione>", STANDARD.encode(flow)));
    let mut records = 0;
    flow_xml::read(xml.as_bytes(), &mut |_| records += 1).unwrap();
    assert_eq!(records, count + 1);
}

//! What a receipt becomes, and why one is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::fact::{PaidAt, Receipt, ReceiptKind, Transfer};
use domain::identifier::{Iur, Iuv, NoticeNumber, OrganizationCode, Psp};
use domain::money::Cents;
use formats::{Defects, Rule, receipt};

const RT: &str = include_str!("../fixtures/rt.xml");
const V2: &str = include_str!("../fixtures/send_rt_v2.xml");
const KO: &str = include_str!("../fixtures/send_rt_ko_undeclared_prefix.xml");

fn read(xml: &str) -> Result<Receipt, Defects> {
    let mut receipts = vec![];
    receipt::read(xml.as_bytes(), &mut |located| receipts.push(located.record))?;
    assert_eq!(receipts.len(), 1);
    Ok(receipts.remove(0))
}

fn with(xml: &str, change: (&str, &str)) -> String {
    assert!(xml.contains(change.0), "{}", change.0);
    xml.replacen(change.0, change.1, 1)
}

fn defects(xml: &str) -> Vec<(Rule, String)> {
    let defects = read(xml).expect_err("must be refused");
    let short = |field: &str| field.rsplit('/').next().unwrap_or_default().to_owned();
    defects.listed().iter().map(|defect| (defect.rule, short(&defect.field))).collect()
}

fn organization(code: &str) -> OrganizationCode {
    OrganizationCode::parse(code).unwrap()
}

/// What a person on a receipt is called: its Debug form hides it.
fn party(party: Option<&domain::fact::Party>) -> Option<(&str, Option<&str>)> {
    party.map(|party| (&*party.code, party.name.as_deref()))
}

#[test]
fn an_rt_becomes_a_receipt() {
    let receipt = read(RT).unwrap();
    let transfer =
        |iur, index, cents, stamp_duty, remittance: Option<&str>, category: Option<&str>| {
            Transfer {
                iur: Iur::parse(iur).unwrap(),
                index,
                amount: Cents::new(cents),
                organization: organization("01234567897"),
                stamp_duty,
                remittance: remittance.map(Into::into),
                category: category.map(Into::into),
            }
        };
    assert_eq!(party(receipt.debtor.as_ref()), Some(("RSSMRA80A01H501U", Some("Rossi Mario"))));
    assert_eq!(party(receipt.payer.as_ref()), Some(("ANONIMO", None)));
    let expected = Receipt {
        kind: ReceiptKind::Rt,
        addressee: organization("01234567897"),
        creditor: organization("01234567897"),
        iuv: Iuv::parse("RF71181370001T00200000003").unwrap(),
        notice_number: None,
        total: Cents::new(2_800),
        paid_at: Some(PaidAt::Day("2021-03-04".parse().unwrap())),
        psp: Psp::parse("PSPPROV1").unwrap(),
        psp_name: Some("Banca di Prova".into()),
        debtor: receipt.debtor.clone(),
        payer: receipt.payer.clone(),
        station: Some("01234567897_01".into()),
        stand_in: false,
        cash: false,
        // The first datiSingoloPagamento has no money, but its place counts.
        transfers: vec![
            transfer(
                "IUR-2",
                2,
                1_200,
                false,
                Some("/RFS/RF71181370001T00200000003/12.00"),
                Some("0102100SA"),
            ),
            transfer("IUR-3", 3, 1_600, true, None, None),
        ],
    };
    assert_eq!(receipt, expected);
}

#[test]
fn a_new_receipt_becomes_a_receipt() {
    let receipt = read(V2).unwrap();
    let transfer =
        |index, cents, body, stamp_duty, remittance: Option<&str>, category: &str| Transfer {
            iur: Iur::parse("0a1b2c3d4e5f60718293a4b5c6d7e8f9").unwrap(),
            index,
            amount: Cents::new(cents),
            organization: organization(body),
            stamp_duty,
            remittance: remittance.map(Into::into),
            category: Some(category.into()),
        };
    assert_eq!(party(receipt.debtor.as_ref()), Some(("RSSMRA80A01H501U", Some("Rossi Mario"))));
    let expected = Receipt {
        kind: ReceiptKind::SendRtV2,
        addressee: organization("01234567897"),
        creditor: organization("01234567897"),
        iuv: Iuv::parse("01000000000012373").unwrap(),
        notice_number: Some(NoticeNumber::parse("301000000000012373").unwrap()),
        total: Cents::new(6_640),
        // 23:48:22 UTC is past midnight in Rome.
        paid_at: Some(PaidAt::Moment("2026-02-28T00:48:22".parse().unwrap())),
        psp: Psp::parse("PSPPROV1").unwrap(),
        psp_name: Some("Banca di Prova".into()),
        debtor: receipt.debtor.clone(),
        payer: None,
        station: Some("01234567897_01".into()),
        stand_in: true,
        cash: false,
        transfers: vec![
            transfer(
                1,
                4_440,
                "01234567897",
                false,
                Some("/RFB/01000000000012373/44.40"),
                "0102100SA",
            ),
            transfer(2, 600, "00000000018", false, None, "0201102IM"),
            transfer(3, 1_600, "01234567897", true, Some("bollo"), "0101101IM"),
        ],
    };
    assert_eq!(receipt, expected);
}

#[test]
fn a_payment_that_was_not_executed_moves_no_money() {
    let receipt = read(KO).unwrap();
    assert_eq!((receipt.kind, receipt.transfers.len()), (ReceiptKind::SendRt, 0));
    assert_eq!(receipt.paid_at, Some(PaidAt::Day("2026-02-27".parse().unwrap())));
    assert!(receipt.stand_in, "standin outside of the receipt");
    let outcome = ">0</pay_i:codiceEsitoPagamento>";
    for (code, transfers) in [("0", 2), ("2", 2), ("4", 2), ("1", 0), ("3", 0)] {
        let receipt =
            read(&with(RT, (outcome, &format!(">{code}</pay_i:codiceEsitoPagamento>")))).unwrap();
        assert_eq!(receipt.transfers.len(), transfers, "outcome {code}");
    }
    let nothing_in_part = with(RT, (outcome, ">4</pay_i:codiceEsitoPagamento>"))
        .replace(">12.00</pay_i:singolo", ">0.00</pay_i:singolo")
        .replace(">16.00</pay_i:singolo", ">0.00</pay_i:singolo");
    assert_eq!(read(&nothing_in_part).unwrap().transfers, []);
    assert_eq!(
        defects(&nothing_in_part.replace(">4</pay_i:codice", ">0</pay_i:codice")),
        [(Rule::Schema, "datiSingoloPagamento".into())]
    );
}

#[test]
fn stand_in_is_read_wherever_it_stands() {
    for (change, stand_in) in [
        (("<standIn>true</standIn>", "<standin>true</standin>"), true),
        (("<standIn>true</standIn>", "<standIn>1</standIn>"), true),
        (("<standIn>true</standIn>", "<standIn>false</standIn>"), false),
        (("<standIn>true</standIn>", ""), false),
    ] {
        assert_eq!(read(&with(V2, change)).unwrap().stand_in, stand_in, "{change:?}");
    }
}

#[test]
fn a_payment_in_cash_says_so() {
    const BEFORE: &str = "<standIn>true</standIn>";
    for (method, cash) in [("cash", true), ("CASH", true), ("creditCard", false), ("other", false)]
    {
        let said = format!("<paymentMethod>{method}</paymentMethod>{BEFORE}");
        assert_eq!(read(&with(V2, (BEFORE, &said))).unwrap().cash, cash, "{method}");
    }
}

#[test]
fn a_field_that_is_no_value_is_a_defect() {
    for (xml, change, rule, field) in [
        (RT, (">01234567897<", ">PROV<"), Rule::Identifier, "identificativoDominio"),
        (
            RT,
            (">0</pay_i:codiceEsitoPagamento>", ">5</pay_i:codiceEsitoPagamento>"),
            Rule::Schema,
            "codiceEsitoPagamento",
        ),
        (
            RT,
            ("<pay_i:codiceEsitoPagamento>0</pay_i:codiceEsitoPagamento>", ""),
            Rule::Schema,
            "codiceEsitoPagamento",
        ),
        (RT, (">28.0<", ">-28.0<"), Rule::Amount, "importoTotalePagato"),
        (
            RT,
            (">RF71181370001T00200000003<", "><"),
            Rule::Identifier,
            "identificativoUnivocoVersamento",
        ),
        (RT, (">12.00<", ">12.001<"), Rule::Amount, "singoloImportoPagato"),
        (RT, (">2021-03-04<", ">2021-03-04T10:00:00<"), Rule::Date, "dataEsitoSingoloPagamento"),
        (
            RT,
            (
                "<pay_i:identificativoUnivocoRiscossione>IUR-2</pay_i:identificativoUnivocoRiscossione>",
                "",
            ),
            Rule::Schema,
            "identificativoUnivocoRiscossione",
        ),
        (V2, ("<idPA xmlns=\"\">01234567897</idPA>", ""), Rule::Schema, "idPA"),
        (V2, (">301000000000012373<", ">30100000000001237<"), Rule::Identifier, "noticeNumber"),
        (V2, (">OK<", ">FORSE<"), Rule::Schema, "outcome"),
        (V2, (">66.40<", ">66,40<"), Rule::Amount, "paymentAmount"),
        (V2, ("<idTransfer>3<", "<idTransfer>6<"), Rule::Schema, "idTransfer"),
        (V2, ("<idTransfer>3<", "<idTransfer>1<"), Rule::Schema, "idTransfer"),
        (V2, (">00000000018<", "><"), Rule::Identifier, "fiscalCodePA"),
        (V2, (">2026-02-27T23:48:22Z<", ">2026-02-27T23:48Z<"), Rule::Date, "paymentDateTime"),
        (V2, ("<standIn>true<", "<standIn>vero<"), Rule::Schema, "standIn"),
        (V2, ("<idPSP>PSPPROV1</idPSP>", ""), Rule::Schema, "idPSP"),
    ] {
        assert_eq!(defects(&with(xml, change)), [(rule, field.to_owned())], "{change:?}");
    }
}

#[test]
fn transfers_are_five_at_most() {
    let payment = "<pay_i:datiSingoloPagamento><pay_i:singoloImportoPagato>0</pay_i:singoloImportoPagato></pay_i:datiSingoloPagamento>";
    let rt = |more: usize| {
        with(RT, ("</pay_i:datiPagamento>", &(payment.repeat(more) + "</pay_i:datiPagamento>")))
    };
    assert!(read(&rt(2)).is_ok());
    assert_eq!(defects(&rt(3)), [(Rule::Schema, "datiSingoloPagamento".into())]);
    let transfer = |index: usize| {
        format!(
            "<transfer><idTransfer>{index}</idTransfer><transferAmount>1.00</transferAmount><fiscalCodePA>00000000018</fiscalCodePA></transfer>"
        )
    };
    let v2 = |more: String| with(V2, ("</transferList>", &(more + "</transferList>")));
    assert_eq!(read(&v2(transfer(4) + &transfer(5))).unwrap().transfers.len(), 5);
    assert_eq!(
        defects(&v2(transfer(4) + &transfer(5) + &transfer(5))),
        [(Rule::Schema, "transfer".into())]
    );
}

#[test]
fn what_only_looks_like_a_receipt_is_refused() {
    for name in ["RPT", "RR", "ER", "FlussoRiversamento", "Envelop"] {
        let xml = format!("<{name} xmlns='http://www.digitpa.gov.it/schemas/2011/Pagamenti/'/>");
        assert_eq!(defects(&xml), [(Rule::UnknownFormat, name.to_owned())]);
    }
    assert!(defects("<RT/>").contains(&(Rule::Schema, "codiceEsitoPagamento".into())));
    assert!(defects("<paSendRTReq/>").contains(&(Rule::Schema, "outcome".into())));
    let (before, rest) = V2.split_once("<transferList>").unwrap();
    let (_, behind) = rest.split_once("</transferList>").unwrap();
    assert_eq!(defects(&format!("{before}{behind}")), [(Rule::Schema, "transfer".into())]);
}

#[test]
fn an_rt_in_base64_is_read() {
    for (open, close) in [
        (
            "<ppt:nodoChiediCopiaRTRisposta><tipoFirma/><rt>",
            "</rt></ppt:nodoChiediCopiaRTRisposta>",
        ),
        (
            "<e:Envelope><e:Header/><e:Body><ws:paaInviaRT><tipoFirma/><rt>",
            "</rt></ws:paaInviaRT></e:Body></e:Envelope>",
        ),
    ] {
        let xml = format!("{open}{}{close}", STANDARD.encode(RT));
        assert_eq!(read(&xml), read(RT));
    }
    let declared = RT.replace("UTF-8", "ISO-8859-1").replace("Rossi Mario", "Niccolò");
    let latin: Vec<u8> = declared.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let xml = format!("<paaInviaRT><rt>{}</rt></paaInviaRT>", STANDARD.encode(latin));
    let receipt = read(&xml).unwrap();
    assert_eq!(party(receipt.debtor.as_ref()), Some(("RSSMRA80A01H501U", Some("Niccolò"))));
    let other = format!("<paaInviaRT><rt>{}</rt></paaInviaRT>", STANDARD.encode("<RPT/>"));
    assert_eq!(defects(&other), [(Rule::UnknownFormat, "RPT".into())]);
}

//! The files of a world, as their senders write them.

use super::world::{
    Content, Deed, File, Flow, Movement, ORGANIZATIONS, PROVIDERS, Position, Receipt, Remittance,
    Tier,
};

/// The bytes of a file.
pub(super) fn bytes(file: &File) -> Vec<u8> {
    let organization = ORGANIZATIONS[file.organization];
    match &file.content {
        Content::Flow(flow) => self::flow(organization, flow),
        Content::Receipt(receipt) => self::receipt(organization, receipt),
        Content::Journal(movements) => journal(organization, &file.name, movements),
        Content::Positions(positions) => {
            positions.iter().map(|one| position(organization, one)).collect::<String>()
        }
    }
    .into_bytes()
}

/// An IUV of aux digit 3; its check digits are not right, which is only an information.
pub(super) fn iuv(number: u32) -> String {
    format!("01{number:013}00")
}

/// An IUR.
pub(super) fn iur(number: u32) -> String {
    format!("iur-{number}")
}

/// Cents as euro.
pub(super) fn euro(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn flow(organization: &str, flow: &Flow) -> String {
    let lines: Vec<_> = flow
        .lines
        .iter()
        .map(|line| {
            let paid = &line.payment;
            format!(
                "<datiSingoliPagamenti>\
                 <identificativoUnivocoVersamento>{}</identificativoUnivocoVersamento>\
                 <identificativoUnivocoRiscossione>{}</identificativoUnivocoRiscossione>\
                 <indiceDatiSingoloPagamento>1</indiceDatiSingoloPagamento>\
                 <singoloImportoPagato>{}</singoloImportoPagato>\
                 <codiceEsitoSingoloPagamento>{}</codiceEsitoSingoloPagamento>\
                 <dataEsitoSingoloPagamento>2026-03-{:02}</dataEsitoSingoloPagamento>\
                 </datiSingoliPagamenti>\n",
                iuv(paid.iuv),
                iur(paid.iur),
                euro(paid.amount),
                line.outcome,
                paid.day,
            )
        })
        .collect();
    let lines = lines.concat();
    let revision = flow
        .revision
        .map_or(String::new(), |number| format!("<revisioneFlusso>{number}</revisioneFlusso>"));
    format!(
        "<FlussoRiversamento xmlns=\"http://www.digitpa.gov.it/schemas/2011/Pagamenti/\">\
         <versioneOggetto>1.0</versioneOggetto>\
         <identificativoFlusso>{iuf}</identificativoFlusso>\
         <dataOraFlusso>2026-03-02T10:{minute:02}:00</dataOraFlusso>{revision}\
         <identificativoUnivocoRegolamento>TRN</identificativoUnivocoRegolamento>\
         <dataRegolamento>2026-03-02</dataRegolamento>\
         <istitutoMittente><identificativoUnivocoMittente>\
         <tipoIdentificativoUnivoco>B</tipoIdentificativoUnivoco>\
         <codiceIdentificativoUnivoco>{psp}</codiceIdentificativoUnivoco>\
         </identificativoUnivocoMittente></istitutoMittente>\
         <istitutoRicevente><identificativoUnivocoRicevente>\
         <tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco>\
         <codiceIdentificativoUnivoco>{organization}</codiceIdentificativoUnivoco>\
         </identificativoUnivocoRicevente></istitutoRicevente>\
         <numeroTotalePagamenti>{count}</numeroTotalePagamenti>\
         <importoTotalePagamenti>{total}</importoTotalePagamenti>\n{lines}</FlussoRiversamento>",
        iuf = flow.iuf,
        minute = flow.minute,
        psp = PROVIDERS[flow.provider],
        count = flow.lines.len(),
        total = euro(flow.total),
    )
}

fn receipt(organization: &str, receipt: &Receipt) -> String {
    let root = if receipt.second { "paSendRTV2Request" } else { "paSendRTReq" };
    let paid = &receipt.payment;
    let (iuv, iur, amount) = (iuv(paid.iuv), iur(paid.iur), euro(paid.amount));
    format!(
        "<{root} xmlns=\"http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd\">\
         <idPA xmlns=\"\">{organization}</idPA><idBrokerPA xmlns=\"\">{organization}</idBrokerPA>\
         <idStation xmlns=\"\">{organization}_01</idStation>\n<receipt xmlns=\"\">\
         <receiptId>{iur}</receiptId><noticeNumber>3{iuv}</noticeNumber>\
         <fiscalCode>{organization}</fiscalCode><outcome>OK</outcome>\
         <creditorReferenceId>{iuv}</creditorReferenceId><paymentAmount>{amount}</paymentAmount>\
         <description>Verbale</description><companyName>Prova</companyName>\
         <debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>\
         <entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue>\
         </uniqueIdentifier><fullName>Rossi Mario</fullName></debtor>\
         <transferList><transfer><idTransfer>1</idTransfer>\
         <transferAmount>{amount}</transferAmount><fiscalCodePA>{organization}</fiscalCodePA>\
         <IBAN>IT0000000000000000000000001</IBAN>\
         <remittanceInformation>x</remittanceInformation>\
         <transferCategory>0102100SA</transferCategory></transfer></transferList>\
         <idPSP>PSPPROV1</idPSP><PSPCompanyName>Banca</PSPCompanyName><idChannel>C</idChannel>\
         <channelDescription>app</channelDescription>\
         <paymentDateTime>2026-03-{day:02}T10:00:00</paymentDateTime></receipt></{root}>",
        day = paid.day,
    )
}

fn journal(organization: &str, name: &str, movements: &[Movement]) -> String {
    let rows: String = movements.iter().map(movement).collect();
    format!(
        "<flusso_giornale_di_cassa><testata_messaggio><codice_ABI_BT>09999</codice_ABI_BT>\
         <data_ora_creazione_flusso>2026-03-31T20:31:45</data_ora_creazione_flusso>\
         <codice_ente>UFPROV</codice_ente><descrizione_ente>PROVA</descrizione_ente>\
         <codice_istat_ente>000012345</codice_istat_ente>\
         <codice_fiscale_ente>{organization}</codice_fiscale_ente>\
         <codice_tramite_ente>A2A-00000000</codice_tramite_ente>\
         <codice_tramite_BT>A2A-11111111</codice_tramite_BT>\
         <codice_ente_BT>0001234</codice_ente_BT></testata_messaggio>\
         <identificativo_flusso_BT>GDC-{name}#001#001</identificativo_flusso_BT>\
         <pagina>1</pagina><pagine_totali>1</pagine_totali><esercizio>2026</esercizio>\
         <data_riferimento_GdC>2026-03-31</data_riferimento_GdC>\
         <informazioni_conto_evidenza><conto_evidenza>0000001</conto_evidenza>\n{rows}\
         <saldo_precedente_conto_evidenza>0.00</saldo_precedente_conto_evidenza>\
         <totale_entrate_conto_evidenza>0.00</totale_entrate_conto_evidenza>\
         <totale_uscite_conto_evidenza>0.00</totale_uscite_conto_evidenza>\
         <saldo_finale_conto_evidenza>0.00</saldo_finale_conto_evidenza>\
         </informazioni_conto_evidenza></flusso_giornale_di_cassa>"
    )
}

fn movement(movement: &Movement) -> String {
    let deed = match movement.deed {
        Deed::Executed => "ESEGUITO",
        Deed::Reversed => "STORNATO",
        Deed::Regularised => "REGOLARIZZATO",
        Deed::Restored => "RIPRISTINATO",
    };
    let (provvisorio, amount) = (movement.provvisorio, euro(movement.amount));
    let (document, number, of_order) = match movement.order {
        None => ("SOSPESO ENTRATA", provvisorio, String::new()),
        Some(order) => (
            "REVERSALE",
            order,
            format!(
                "<sospeso><numero_provvisorio>{provvisorio}</numero_provvisorio>\
                 <importo_provvisorio>{amount}</importo_provvisorio></sospeso>"
            ),
        ),
    };
    let remittance = match &movement.remittance {
        Remittance::Flow(iuf) => format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{iuf}"),
        Remittance::Payment(number) => format!("/RFB/{}", iuv(*number)),
        Remittance::Nothing => "CANONE DI LOCAZIONE".to_owned(),
    };
    format!(
        "<movimento_conto_evidenza><identificativo_flusso>BT</identificativo_flusso>\
         <numero_movimento>1</numero_movimento><tipo_movimento>ENTRATA</tipo_movimento>\
         <tipo_documento>{document}</tipo_documento><tipo_operazione>{deed}</tipo_operazione>\
         <numero_documento>{number}</numero_documento>\
         <progressivo_documento>1</progressivo_documento><importo>{amount}</importo>\
         <numero_bolletta_quietanza>{quietanza}</numero_bolletta_quietanza>\
         <data_movimento>2026-03-{day:02}</data_movimento>\
         <data_movimento_siope>2026-03-{day:02}</data_movimento_siope>\
         <tipo_esecuzione>SEPA CREDIT TRANSFER</tipo_esecuzione>\
         <codice_riferimento_operazione>TRN{transfer}</codice_riferimento_operazione>\
         <assoggettamento_bollo>ESENTE BOLLO</assoggettamento_bollo>\
         <cliente><anagrafica_cliente>BANCA</anagrafica_cliente></cliente>\
         <causale>{remittance}</causale>{of_order}</movimento_conto_evidenza>\n",
        quietanza = provvisorio + 7000,
        day = movement.day,
        transfer = movement.transfer,
    )
}

fn position(organization: &str, position: &Position) -> String {
    let notices: Vec<_> = position
        .notices
        .iter()
        .map(|notice| {
            let tier = match notice.tier {
                Tier::Single => r#""single""#.to_owned(),
                Tier::Reduced => r#""reduced""#.to_owned(),
                Tier::Full => r#""full""#.to_owned(),
                Tier::Installment(number) => format!(r#""installment","installment":{number}"#),
            };
            let (iuv, amount) = (iuv(notice.iuv), euro(notice.amount));
            let due = format!("2026-03-{:02}", notice.due);
            format!(r#"{{"iuv":"{iuv}","tier":{tier},"amount":"{amount}","due_date":"{due}"}}"#)
        })
        .collect();
    format!(
        "{{\"position_id\":\"P{}\",\"version\":{},\"organization\":\"{organization}\",\
         \"debt_type\":\"CDS\",\"year\":2026,\"status\":\"{}\",\"notices\":[{}]}}\n",
        position.id,
        position.version,
        if position.cancelled { "cancelled" } else { "open" },
        notices.join(","),
    )
}

//! A small Province in a temporary folder, the program run on it, and what it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The Province, and a body that is not.
pub const PROVINCE: &str = "01234567897";
pub const OTHER_BODY: &str = "00000000018";
/// Long after everything here happened: nothing is pending.
pub const AS_OF: &str = "2026-11-15T08:00:00+01:00";

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a run of the program came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A folder with `inputs`, `data` and `out`. Names are relative to it, so that two scenes say the
/// same.
pub struct Scene {
    root: TempDir,
}

impl Scene {
    pub fn new() -> Self {
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("inputs")).unwrap();
        Self { root }
    }

    /// A scene with these inputs.
    pub fn with(files: &[(&str, &[u8])]) -> Self {
        let scene = Self::new();
        for (name, content) in files {
            scene.put(name, content);
        }
        scene
    }

    /// The small Province: see [`province`].
    pub fn province() -> Self {
        let scene = Self::new();
        for (name, content) in province() {
            scene.put(name, content.as_bytes());
        }
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes an input.
    pub fn put(&self, name: &str, content: &[u8]) -> &Self {
        let path = self.path("inputs").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The program in this folder, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quadra"));
        command.current_dir(self.root.path()).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn quadra(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            code: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `quadra run` over all the inputs.
    pub fn run(&self) -> Ran {
        self.quadra(&RUN)
    }

    /// `quadra run` over all the inputs with the configuration in `quadra.toml`.
    pub fn run_with_configuration(&self, as_of: &str) -> Ran {
        let run = ["run", "inputs", "--data", "data", "--out", "out", "--config", "quadra.toml"];
        self.quadra(&[&run[..], &["--as-of", as_of]].concat())
    }

    /// `quadra run`, which must end with this code.
    #[track_caller]
    pub fn run_to(&self, code: i32) -> Ran {
        let ran = self.run();
        assert_eq!(ran.code, code, "{ran:?}");
        ran
    }

    /// The files of the report.
    pub fn report(&self) -> Files {
        visible(&self.path("out"))
    }

    /// The report without what tells of inputs: their files, their counts in the summary, the book
    /// and the page, which show both.
    pub fn conclusions(&self) -> Files {
        let mut files = self.report();
        for name in ["inputs.jsonl", "inputs.csv", "quadra.xlsx", "report.html"] {
            files.remove(name).unwrap_or_else(|| panic!("{name} is written"));
        }
        let mut summary = self.summary();
        let fields = summary.as_object_mut().unwrap();
        fields.remove("inputs").unwrap();
        fields.remove("inputs_by_kind").unwrap();
        files.insert("summary.json".to_owned(), summary.to_string().into_bytes());
        files
    }

    pub fn summary(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("out/summary.json")).unwrap()).unwrap()
    }

    /// The rows of a file of the report.
    pub fn rows(&self, name: &str) -> Vec<Value> {
        rows(&self.path("out").join(format!("{name}.jsonl")))
    }

    /// The row of an input.
    #[track_caller]
    pub fn input(&self, file: &str) -> Value {
        let mut rows = self.rows("inputs");
        rows.retain(|row| row["file"] == file);
        assert_eq!(rows.len(), 1, "{file} is there once: {rows:?}");
        rows.remove(0)
    }

    /// The outcome of every input, by file.
    pub fn outcomes(&self) -> BTreeMap<String, String> {
        let pair = |row: &Value| (text(&row["file"]), text(&row["outcome"]));
        self.rows("inputs").iter().map(pair).collect()
    }

    /// The codes of the open anomalies on a subject.
    pub fn codes_on(&self, subject: &str) -> Vec<String> {
        let anomalies = self.rows("anomalies");
        let on = anomalies.iter().filter(|a| a["subject"] == subject && a["state"] == "open");
        on.map(|anomaly| text(&anomaly["code"])).collect()
    }

    /// What is kept of an input that was refused, by the hash of its bytes.
    pub fn quarantined(&self, content: &[u8]) -> Option<Vec<u8>> {
        fs::read(self.path("data/quarantine").join(hex(&Sha256::digest(content)))).ok()
    }

    /// How many facts, outcomes and journal entries the ledger holds.
    pub fn ledger(&self) -> [u64; 3] {
        let ledger = rusqlite::Connection::open(self.path("data/quadra.sqlite")).unwrap();
        ["fact", "outcome", "entry"].map(|table| {
            let count = format!("SELECT count(*) FROM {table}");
            ledger.query_row(&count, [], |row| row.get(0)).unwrap()
        })
    }
}

/// The arguments of a run over all the inputs.
pub const RUN: [&str; 8] = ["run", "inputs", "--data", "data", "--out", "out", "--as-of", AS_OF];

/// The files of a folder that a person sees.
pub fn visible(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| !name.starts_with('.'))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

/// The rows of a file of JSON Lines.
pub fn rows(path: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(path).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A text of JSON.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is a text")).to_owned()
}

/// Asserts that two reports have the same files with the same bytes, and says which do not.
#[track_caller]
pub fn assert_same(found: &Files, expected: &Files, why: &str) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(expected), "{why}");
    for (name, content) in found {
        if content == &expected[name] {
            continue;
        }
        let line = |files: &Files, at: usize| {
            String::from_utf8_lossy(files[name].split(|b| *b == b'\n').nth(at).unwrap_or(b"(end)"))
                .into_owned()
        };
        let lines = content.split(|byte| *byte == b'\n').count();
        let at = (0..lines).find(|&at| line(found, at) != line(expected, at)).unwrap_or(lines);
        let (found, expected) = (line(found, at), line(expected, at));
        panic!("{why}: {name}, line {}:\n{found}\ninstead of\n{expected}", at + 1);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// A fine's two IUVs and others, with good check digits (mod 93 of `3` + all but the last two).
pub const IUV_A: &str = "01000000000012171";
pub const IUV_B: &str = "01000000000012272";
pub const IUV_C: &str = "01000000000012373";
pub const IUV_D: &str = "01000000000012474";

/// The two flows of the small Province.
pub const PAID_FLOW: &str = "2026-03-02PSPPROV1-A000000001";
pub const UNPAID_FLOW: &str = "2026-03-02PSPPROV1-A000000002";

/// Personal data of the debtors of the small Province.
pub const PERSONAL: [&str; 6] =
    ["RSSMRA80A01H501U", "BNCLCU80A41H501Z", "Rossi", "Bianchi", "AB123CD", "EF456GH"];

/// The small Province. A and B are paid on Friday 27 February 2026 and reported in one flow, whose
/// money is credited on Monday 2 March; C is paid the same day and reported in another, whose money
/// does not come though the journals of all days until 3 March are here; D is not paid. Beside them
/// a rent that is not pagoPA comes in.
pub fn province() -> Vec<(&'static str, String)> {
    vec![
        (
            "positions.jsonl",
            [
                position("P-A", 1, IUV_A, "44.40", "RSSMRA80A01H501U", "Rossi Mario", "AB123CD"),
                position("P-B", 1, IUV_B, "57.00", "BNCLCU80A41H501Z", "Bianchi Lucia", "EF456GH"),
                position("P-C", 1, IUV_C, "30.00", "RSSMRA80A01H501U", "Rossi Mario", "AB123CD"),
                position("P-D", 1, IUV_D, "12.00", "BNCLCU80A41H501Z", "Bianchi Lucia", "EF456GH"),
            ]
            .concat(),
        ),
        ("receipts/a.xml", receipt(IUV_A, "iur-a", "44.40")),
        ("receipts/b.xml", receipt(IUV_B, "iur-b", "57.00")),
        ("receipts/c.xml", receipt(IUV_C, "iur-c", "30.00")),
        (
            "flows/paid.xml",
            flow(PAID_FLOW, "23:10:05", &[(IUV_A, "iur-a", "44.40"), (IUV_B, "iur-b", "57.00")]),
        ),
        ("flows/unpaid.xml", flow(UNPAID_FLOW, "23:10:06", &[(IUV_C, "iur-c", "30.00")])),
        ("journals/27.xml", journal("2026-02-27", &[])),
        (
            "journals/02.xml",
            journal(
                "2026-03-02",
                &[
                    (123, "101.40", &format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{PAID_FLOW}")),
                    (124, "500.00", "CANONE DI LOCAZIONE MARZO"),
                ],
            ),
        ),
        ("journals/03.xml", journal("2026-03-03", &[])),
    ]
}

/// A position with one notice, as JSON Lines has it.
pub fn position(
    id: &str,
    version: u32,
    iuv: &str,
    amount: &str,
    fiscal_code: &str,
    name: &str,
    plate: &str,
) -> String {
    format!(
        "{{\"position_id\":\"{id}\",\"version\":{version},\"organization\":\"{PROVINCE}\",\
         \"debt_type\":\"CDS\",\"year\":2026,\"status\":\"open\",\
         \"debtor\":{{\"kind\":\"person\",\"fiscal_code\":\"{fiscal_code}\",\"name\":\"{name}\"}},\
         \"notices\":[{{\"notice_number\":\"3{iuv}\",\"iuv\":\"{iuv}\",\"tier\":\"single\",\
         \"amount\":\"{amount}\",\"due_date\":\"2026-12-31\"}}],\
         \"fine\":{{\"report_number\":\"7/2026\",\"plate\":\"{plate}\"}}}}\n"
    )
}

/// A position of a debtor that does not matter.
pub fn plain_position(id: &str, version: u32, iuv: &str, amount: &str) -> String {
    position(id, version, iuv, amount, "RSSMRA80A01H501U", "Rossi Mario", "AB123CD")
}

/// A receipt of the Province's, paid at 10:00 of 27 February 2026.
pub fn receipt(iuv: &str, iur: &str, amount: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<paSendRTV2Request xmlns="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">
  <idPA xmlns="">{PROVINCE}</idPA>
  <idBrokerPA xmlns="">{PROVINCE}</idBrokerPA>
  <idStation xmlns="">{PROVINCE}_01</idStation>
  <receipt xmlns="">
    <receiptId>{iur}</receiptId>
    <noticeNumber>3{iuv}</noticeNumber>
    <fiscalCode>{PROVINCE}</fiscalCode>
    <outcome>OK</outcome>
    <creditorReferenceId>{iuv}</creditorReferenceId>
    <paymentAmount>{amount}</paymentAmount>
    <description>Verbale</description>
    <companyName>Provincia di Prova</companyName>
    <debtor>
      <uniqueIdentifier>
        <entityUniqueIdentifierType>F</entityUniqueIdentifierType>
        <entityUniqueIdentifierValue>RSSMRA80A01H501U</entityUniqueIdentifierValue>
      </uniqueIdentifier>
      <fullName>Rossi Mario</fullName>
    </debtor>
    <transferList>
      <transfer>
        <idTransfer>1</idTransfer>
        <transferAmount>{amount}</transferAmount>
        <fiscalCodePA>{PROVINCE}</fiscalCodePA>
        <IBAN>IT0000000000000000000000001</IBAN>
        <remittanceInformation>/RFB/{iuv}/{amount}</remittanceInformation>
        <transferCategory>0102100SA</transferCategory>
      </transfer>
    </transferList>
    <idPSP>PSPPROV1</idPSP>
    <PSPCompanyName>Banca di Prova</PSPCompanyName>
    <idChannel>C1</idChannel>
    <channelDescription>app</channelDescription>
    <paymentDateTime>2026-02-27T10:00:00</paymentDateTime>
  </receipt>
</paSendRTV2Request>
"#
    )
}

/// A line of a flow: IUV, IUR, amount.
pub type Line<'a> = (&'a str, &'a str, &'a str);

/// A flow of 2 March 2026 to the Province, with right totals.
pub fn flow(iuf: &str, time: &str, lines: &[Line<'_>]) -> String {
    flow_to(PROVINCE, iuf, &format!("2026-03-02T{time}"), lines)
}

/// A flow with right totals.
pub fn flow_to(organization: &str, iuf: &str, flow_time: &str, lines: &[Line<'_>]) -> String {
    let total: u64 = lines.iter().map(|(_, _, amount)| cents(amount)).sum();
    let (count, total) = (lines.len(), euro(total));
    let rows: Vec<_> = lines
        .iter()
        .map(|(iuv, iur, amount)| {
            format!(
                "  <datiSingoliPagamenti>
    <identificativoUnivocoVersamento>{iuv}</identificativoUnivocoVersamento>
    <identificativoUnivocoRiscossione>{iur}</identificativoUnivocoRiscossione>
    <indiceDatiSingoloPagamento>1</indiceDatiSingoloPagamento>
    <singoloImportoPagato>{amount}</singoloImportoPagato>
    <codiceEsitoSingoloPagamento>0</codiceEsitoSingoloPagamento>
    <dataEsitoSingoloPagamento>2026-02-27</dataEsitoSingoloPagamento>
  </datiSingoliPagamenti>
"
            )
        })
        .collect();
    let rows = rows.concat();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<FlussoRiversamento xmlns="http://www.digitpa.gov.it/schemas/2011/Pagamenti/">
  <versioneOggetto>1.0</versioneOggetto>
  <identificativoFlusso>{iuf}</identificativoFlusso>
  <dataOraFlusso>{flow_time}</dataOraFlusso>
  <identificativoUnivocoRegolamento>TRN-{iuf}</identificativoUnivocoRegolamento>
  <dataRegolamento>2026-03-02</dataRegolamento>
  <istitutoMittente>
    <identificativoUnivocoMittente>
      <tipoIdentificativoUnivoco>B</tipoIdentificativoUnivoco>
      <codiceIdentificativoUnivoco>PSPPROV1</codiceIdentificativoUnivoco>
    </identificativoUnivocoMittente>
    <denominazioneMittente>Banca di Prova</denominazioneMittente>
  </istitutoMittente>
  <istitutoRicevente>
    <identificativoUnivocoRicevente>
      <tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco>
      <codiceIdentificativoUnivoco>{organization}</codiceIdentificativoUnivoco>
    </identificativoUnivocoRicevente>
  </istitutoRicevente>
  <numeroTotalePagamenti>{count}</numeroTotalePagamenti>
  <importoTotalePagamenti>{total}</importoTotalePagamenti>
{rows}</FlussoRiversamento>
"#
    )
}

/// A credit in a journal: number, amount, causale.
pub type Entry<'a> = (u32, &'a str, &'a str);

/// The journal of a day of 2026, of one page, with right totals.
pub fn journal(day: &str, credits: &[Entry<'_>]) -> String {
    let total = euro(credits.iter().map(|(_, amount, _)| cents(amount)).sum());
    let id = day.replace('-', "");
    let rows: Vec<_> = (1..)
        .zip(credits)
        .map(|(place, (number, amount, causale))| {
            format!(
                "    <movimento_conto_evidenza>
      <identificativo_flusso>BT{id}</identificativo_flusso>
      <numero_movimento>{place}</numero_movimento>
      <tipo_movimento>ENTRATA</tipo_movimento>
      <tipo_documento>SOSPESO ENTRATA</tipo_documento>
      <tipo_operazione>ESEGUITO</tipo_operazione>
      <numero_documento>{number:07}</numero_documento>
      <progressivo_documento>0000000</progressivo_documento>
      <importo>{amount}</importo>
      <numero_bolletta_quietanza>{quietanza}</numero_bolletta_quietanza>
      <data_movimento>{day}</data_movimento>
      <data_movimento_siope>{day}</data_movimento_siope>
      <tipo_esecuzione>SEPA CREDIT TRANSFER</tipo_esecuzione>
      <assoggettamento_bollo>ESENTE BOLLO</assoggettamento_bollo>
      <cliente>
        <anagrafica_cliente>BANCA DI PROVA</anagrafica_cliente>
      </cliente>
      <causale>{causale}</causale>
    </movimento_conto_evidenza>
",
                quietanza = number + 7000,
            )
        })
        .collect();
    let rows = rows.concat();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<flusso_giornale_di_cassa>
  <testata_messaggio>
    <codice_ABI_BT>09999</codice_ABI_BT>
    <data_ora_creazione_flusso>{day}T20:31:45</data_ora_creazione_flusso>
    <codice_ente>UFPROV</codice_ente>
    <descrizione_ente>PROVINCIA DI PROVA</descrizione_ente>
    <codice_istat_ente>000012345</codice_istat_ente>
    <codice_fiscale_ente>{PROVINCE}</codice_fiscale_ente>
    <codice_tramite_ente>A2A-00000000</codice_tramite_ente>
    <codice_tramite_BT>A2A-11111111</codice_tramite_BT>
    <codice_ente_BT>0001234</codice_ente_BT>
  </testata_messaggio>
  <identificativo_flusso_BT>GDC-{id}PROVA0000001#001#001</identificativo_flusso_BT>
  <pagina>1</pagina>
  <pagine_totali>1</pagine_totali>
  <esercizio>2026</esercizio>
  <data_riferimento_GdC>{day}</data_riferimento_GdC>
  <informazioni_conto_evidenza>
    <conto_evidenza>0000001</conto_evidenza>
{rows}    <saldo_precedente_conto_evidenza>0.00</saldo_precedente_conto_evidenza>
    <totale_entrate_conto_evidenza>{total}</totale_entrate_conto_evidenza>
    <totale_uscite_conto_evidenza>0.00</totale_uscite_conto_evidenza>
    <saldo_finale_conto_evidenza>{total}</saldo_finale_conto_evidenza>
  </informazioni_conto_evidenza>
</flusso_giornale_di_cassa>
"#
    )
}

/// A configuration of an organization with the station of the IUVs here, whose receipts reach us or
/// not.
pub fn configuration(organization: &str, name: &str, receipts: bool) -> String {
    format!(
        r#"[[organization]]
fiscal_code = "{organization}"
name = "{name}"
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = {receipts}
[interest]
rate_percent = "10.15"
"#
    )
}

/// Cents of `12.34`.
pub fn cents(amount: &str) -> u64 {
    amount.replace('.', "").parse().unwrap()
}

fn euro(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A zip of files.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A gzip of a file.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A p7m around a file: a SignedData of RFC 5652 §5.1 in DER, with nobody's signature in it.
pub fn p7m(content: &[u8]) -> Vec<u8> {
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let [integer, octets, oid, sequence, set, explicit] = [0x02, 0x04, 0x06, 0x30, 0x31, 0xa0];
    let carried = tlv(explicit, &[tlv(octets, &[content.to_vec()])]);
    let signed = tlv(
        sequence,
        &[
            tlv(integer, &[vec![1]]),
            tlv(set, &[]),
            tlv(sequence, &[tlv(oid, &[DATA.to_vec()]), carried]),
            tlv(set, &[]),
        ],
    );
    tlv(sequence, &[tlv(oid, &[SIGNED_DATA.to_vec()]), tlv(explicit, &[signed])])
}

/// Tag, length, value, with a length of four bytes.
fn tlv(tag: u8, values: &[Vec<u8>]) -> Vec<u8> {
    let value = values.concat();
    let length = u32::try_from(value.len()).unwrap().to_be_bytes();
    let mut bytes = vec![tag];
    // DER wants the shortest length.
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    match (value.len(), &length[zeros..]) {
        (0..=127, _) => bytes.push(length[3]),
        (_, significant) => {
            bytes.push(0x80 | u8::try_from(significant.len()).unwrap());
            bytes.extend(significant);
        }
    }
    bytes.extend(value);
    bytes
}

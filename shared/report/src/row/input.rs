//! Files that were sent to us.

use serde::Serialize;

use super::{Key, Kind, Row, Text, wire};
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// An input that this store has met: a file, or one entry of a container.
#[derive(Debug, Clone, Serialize)]
pub struct InputRow<'a> {
    /// Name; an entry of a container is `receipts.zip!000/1.xml`.
    pub file: Text<'a>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: Text<'a>,
    /// What it was recognised as.
    pub kind: InputKind,
    /// What became of it.
    pub outcome: InputOutcome,
    /// `unverified` where it carries a signature, absent where it carries none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Text<'a>>,
    /// How many records of each name it held.
    #[serde(serialize_with = "wire::counts")]
    pub counts: Vec<(&'static str, u64)>,
    /// Everything that is wrong with it, up to the stated maximum.
    pub defects: Vec<DefectRow<'a>>,
    /// How many defects there are, those beyond the maximum included.
    pub defects_total: u64,
    /// The file with its bad lines, to mend and send again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_mend: Option<Text<'a>>,
}

/// One thing that is wrong with an input.
#[derive(Debug, Clone, Serialize)]
pub struct DefectRow<'a> {
    /// Line, from 1; absent when the defect is of the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column in bytes, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The element or field, by the standard's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Text<'a>>,
    /// Which rule is broken.
    pub rule: DefectRule,
    /// What was expected and the shape of what was found; never the value.
    pub message: Text<'a>,
}

words! {
    /// What an input was recognised as.
    InputKind {
        /// Giornale di cassa OPI.
        Journal = "journal", "Giornale di cassa";
        /// Flusso di rendicontazione, XML or JSON.
        Flow = "flow", "Flusso di rendicontazione";
        /// Ricevuta telematica, paSendRT.
        Receipt = "receipt", "Ricevuta di pagamento";
        /// Debt positions, JSON Lines or CSV.
        Positions = "positions", "Posizioni debitorie";
        /// zip, gz, p7m.
        Container = "container", "Archivio compresso o firmato";
        /// The configuration.
        Configuration = "configuration", "Configurazione";
        /// The truth that comes with a made-up province: of no use to an office.
        SampleTruth = "sample_truth", "Verità della provincia di prova";
        /// None of these.
        Unknown = "unknown", "Sconosciuto";
    }
}

words! {
    /// What became of an input.
    InputOutcome {
        /// Taken in.
        Accepted = "accepted", "acquisito";
        /// The good lines taken in, the bad ones set apart.
        Partial = "partial", "acquisito in parte";
        /// The same content was here already.
        Duplicate = "duplicate", "già acquisito";
        /// A newer version of the same was here already.
        Superseded = "superseded", "superato";
        /// Refused whole.
        Refused = "refused", "scartato";
    }
}

words! {
    /// The rules that an input can break.
    DefectRule {
        /// Not a format that is known.
        UnknownFormat = "unknown_format", "formato sconosciuto";
        /// Not well-formed.
        XmlMalformed = "xml_malformed", "file malformato";
        /// A construct that is never accepted.
        XmlUnsafe = "xml_unsafe", "costrutto XML non ammesso";
        /// Bytes that the encoding does not allow.
        Encoding = "encoding", "codifica dei caratteri";
        /// A field is missing, repeated, unknown or misplaced.
        Schema = "schema", "struttura del file";
        /// The container itself.
        Container = "container", "archivio compresso";
        /// A stated maximum is passed.
        Limit = "limit", "limite superato";
        /// Not an amount.
        Amount = "amount", "importo";
        /// Not a date or a time.
        Date = "date", "data";
        /// Not an identifier of its kind.
        Identifier = "identifier", "identificativo";
        /// A control total is impossible.
        ControlTotal = "control_total", "totali di controllo";
        /// Another organization's file.
        OrganizationMismatch = "organization_mismatch", "file di un altro ente";
        /// Same key and version, other content.
        VersionConflict = "version_conflict", "stessa versione, altro contenuto";
        /// The configuration breaks a rule of its own.
        Configuration = "configuration", "configurazione";
    }
}

impl Row for InputRow<'_> {
    const KIND: Kind = Kind {
        stem: "inputs",
        sheet: "File scartati",
        note: "File scartati o acquisiti solo in parte, con il primo difetto. Tutti i file ricevuti \
               sono in inputs.csv, tutti i difetti in inputs.jsonl.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        key.text(&self.file).text(&self.sha256);
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.file);
        line.text(self.kind.label());
        line.text(self.outcome.label());
        line.list(self.counts.iter().map(|(name, count)| format!("{name} {count}")));
        line.count(self.defects_total);
        match self.defects.first() {
            Some(defect) => {
                line.text(defect.rule.label());
                line.count_opt(defect.line);
                line.text_opt(defect.field.as_deref());
                line.text(&defect.message);
            }
            None => line.empty(4),
        }
        line.text_opt(self.to_mend.as_deref());
        line.text_opt(self.signature.as_deref().map(signature_label));
        line.text(&self.sha256);
    }

    fn on_sheet(&self) -> bool {
        matches!(self.outcome, InputOutcome::Refused | InputOutcome::Partial)
    }
}

fn signature_label(signature: &str) -> &str {
    if signature == "unverified" { "non verificata" } else { signature }
}

const COLUMNS: &[Column] = &[
    column("File", 44),
    column("Tipo", 26),
    column("Esito", 18),
    column("Contenuto", 24),
    column("Difetti", 9),
    column("Primo difetto", 26),
    column("Riga", 9),
    column("Campo", 24),
    column("Spiegazione", 60),
    column("Righe da correggere", 30),
    column("Firma", 15),
    column("SHA-256", 20),
];

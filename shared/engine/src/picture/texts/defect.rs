//! What is wrong with an input, in the words of whoever must mend it.

use report::row::DefectRule;

/// What a reader says of a file that it does not know, before what the file looks like.
const LOOKS_LIKE: &str = "not a format that is read: it looks like ";

/// What is wrong, in Italian: as exactly as the reader says it where it says so often, else the
/// rule that is broken.
pub(crate) fn defect(rule: DefectRule, message: &str) -> String {
    if let Some(what) = message.strip_prefix(LOOKS_LIKE) {
        let what = translated(LOOKS, what).unwrap_or("altro");
        return format!("non è un formato che si legge: sembra {what}");
    }
    translated(MESSAGES, message).unwrap_or_else(|| broken(rule)).to_owned()
}

fn translated(table: &'static [(&str, &str)], english: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == english).map(|(_, italian)| *italian)
}

/// The rule, where the reader says more than is translated.
fn broken(rule: DefectRule) -> &'static str {
    match rule {
        DefectRule::UnknownFormat => "non è un formato che si legge",
        DefectRule::XmlMalformed => {
            "non è scritto secondo le regole del suo formato: è forse danneggiato o incompleto"
        }
        DefectRule::XmlUnsafe => "contiene una costruzione XML che per sicurezza non si accetta",
        DefectRule::Encoding => "contiene caratteri che la codifica dichiarata non prevede",
        DefectRule::Schema => "manca, è ripetuto, non è previsto o è fuori posto",
        DefectRule::Container => "il contenitore è danneggiato, cifrato o non sicuro",
        DefectRule::Limit => "supera un limite stabilito",
        DefectRule::Amount => "non è un importo valido",
        DefectRule::Date => "non è una data valida",
        DefectRule::Identifier => "non è un identificativo valido",
        DefectRule::ControlTotal => "contraddice i totali di controllo",
        DefectRule::OrganizationMismatch => "è di un altro ente",
        DefectRule::VersionConflict => "contraddice un dato già acquisito",
        DefectRule::Configuration => "contraddice la configurazione",
    }
}

const LOOKS: &[(&str, &str)] = &[
    ("a 7z archive", "un archivio 7z"),
    ("a JSON list", "un elenco JSON"),
    ("a PDF", "un PDF"),
    ("a RAR archive", "un archivio RAR"),
    ("a SOAP fault", "un errore SOAP"),
    ("a SQLite database", "una base di dati SQLite"),
    (
        "a bare page of payments, which names no flow",
        "una pagina di pagamenti da sola, che non nomina il suo flusso",
    ),
    ("a binary file", "un file binario"),
    ("a bzip2 archive", "un archivio bzip2"),
    (
        "a cash journal of before OPI (it has no testata_messaggio)",
        "un giornale di cassa di prima di OPI (non ha testata_messaggio)",
    ),
    (
        "a debt position over several lines (one object a line is wanted)",
        "una posizione debitoria su più righe (ne serve una per riga)",
    ),
    ("a file of blanks", "un file di soli spazi"),
    ("a list of flows (the flows themselves are wanted)", "un elenco di flussi (servono i flussi)"),
    (
        "a notification of a sector (IUD), which is not read yet",
        "una notifica di settore (IUD), che non si legge ancora",
    ),
    ("a page answered by an API", "una pagina di risposta di un'API"),
    (
        "a request for payment (RPT), not a receipt",
        "una richiesta di pagamento (RPT), non una ricevuta",
    ),
    (
        "a request for revocation (RR), not a receipt",
        "una richiesta di revoca (RR), non una ricevuta",
    ),
    (
        "a statement of Poste, which is not read yet",
        "un estratto conto di Poste, che non si legge ancora",
    ),
    ("a table (CSV) of another kind", "una tabella (CSV) di altro genere"),
    (
        "a treasurer's table (CSV), which is not read yet",
        "una tabella del tesoriere (CSV), che non si legge ancora",
    ),
    ("a web page (HTML)", "una pagina web (HTML)"),
    (
        "an analytic statement of Banca d'Italia (OPI_REND_ANALITICO), not a journal",
        "un rendiconto analitico della Banca d'Italia (OPI_REND_ANALITICO), non un giornale",
    ),
    (
        "an answer of SIOPE+ to OPI orders, not a journal",
        "una risposta di SIOPE+ a ordinativi OPI, non un giornale",
    ),
    (
        "an answer of the node with a fault instead of a flow",
        "una risposta del nodo con un errore al posto del flusso",
    ),
    ("an empty SOAP message", "un messaggio SOAP vuoto"),
    ("an empty file", "un file vuoto"),
    ("an error answered by the FdR API", "un errore dell'API dei flussi"),
    ("an image", "un'immagine"),
    (
        "an office document such as an Excel workbook (XLSX)",
        "un documento d'ufficio come una cartella Excel (XLSX)",
    ),
    (
        "an office document such as an OpenDocument sheet (ODS)",
        "un documento d'ufficio come un foglio OpenDocument (ODS)",
    ),
    (
        "an old Excel workbook (XLS) or another document of old Office programs",
        "una vecchia cartella Excel (XLS) o un altro vecchio documento di Office",
    ),
    (
        "the outcome of a revocation (ER), not a receipt",
        "l'esito di una revoca (ER), non una ricevuta",
    ),
];

const MESSAGES: &[(&str, &str)] = &[
    ("must be there", "deve esserci"),
    ("is missing", "manca"),
    ("is repeated", "è ripetuto"),
    ("must not be repeated", "non deve essere ripetuto"),
    ("must be valid JSON", "deve essere JSON valido"),
    ("must be a JSON object", "deve essere un oggetto JSON"),
    ("the JSON object is not closed", "l'oggetto JSON non è chiuso"),
    ("must be an object", "deve essere un oggetto"),
    ("must be a list", "deve essere un elenco"),
    ("must be a string", "deve essere un testo"),
    ("must be a number", "deve essere un numero"),
    ("must be true or false", "deve essere vero o falso (true o false)"),
    ("must be a whole number", "deve essere un numero intero"),
    ("must be a whole number from 1", "deve essere un numero intero da 1 in su"),
    ("must be a whole number from 1 to 5", "deve essere un numero intero da 1 a 5"),
    ("must be a number from 1 to 5", "deve essere un numero da 1 a 5"),
    ("must not be negative", "non deve essere negativo"),
    ("must not be zero", "non deve essere zero"),
    ("must have at most two decimals", "deve avere al massimo due decimali"),
    (
        "must have at most 13 digits and two decimals",
        "deve avere al massimo 13 cifre e due decimali",
    ),
    ("must have at most 13 digits before the point", "deve avere al massimo 13 cifre intere"),
    ("must be an amount such as 12.50", "deve essere un importo come 12.50"),
    (
        "must be an amount with at most two decimals",
        "deve essere un importo con al massimo due decimali",
    ),
    ("must be a date such as 2026-01-31", "deve essere una data come 2026-01-31"),
    (
        "must be a time such as 2026-01-31T23:59:59",
        "deve essere un momento come 2026-01-31T23:59:59",
    ),
    ("must be a year, as a number", "deve essere un anno, in cifre"),
    ("must be UTF-8", "deve essere in UTF-8"),
    ("must have 1 to 35 characters", "deve avere da 1 a 35 caratteri"),
    ("must have 1 to 255 characters", "deve avere da 1 a 255 caratteri"),
    ("must have no control characters", "non deve avere caratteri di controllo"),
    ("must have as many cells as the header", "deve avere tante celle quante l'intestazione"),
    ("must have a header", "deve avere un'intestazione"),
    ("must be a column of the header", "deve essere una colonna dell'intestazione"),
    ("must be open, cancelled or archived", "deve essere open, cancelled o archived"),
    (
        "must be single, reduced, full, late or installment",
        "deve essere single, reduced, full, late o installment",
    ),
    ("must be person or company", "deve essere person o company"),
    ("must be ENTRATA or USCITA", "deve essere ENTRATA o USCITA"),
    ("must be OK or KO", "deve essere OK o KO"),
    (
        "must be ESEGUITO, STORNATO, REGOLARIZZATO or RIPRISTINATO",
        "deve essere ESEGUITO, STORNATO, REGOLARIZZATO o RIPRISTINATO",
    ),
    (
        "must be the one inside the notice number",
        "deve essere quello contenuto nel numero di avviso",
    ),
    ("must be there, unless a notice number is", "deve esserci, se non c'è il numero di avviso"),
    ("must be there at most 5 times", "deve esserci al massimo 5 volte"),
    ("must be readable to its end", "deve potersi leggere fino alla fine"),
    ("must not be encrypted", "non deve essere cifrato"),
    ("must have a name that leads nowhere else", "deve avere un nome che non porti altrove"),
    ("must have a name of its own", "deve avere un nome tutto suo"),
    ("must be a file, not a link", "deve essere un file, non un collegamento"),
    ("the zip is empty", "lo zip è vuoto"),
    ("the container is damaged or cut short", "il contenitore è danneggiato o incompleto"),
    (
        "the zip is cut short, or there is something after its end",
        "lo zip è incompleto, o c'è qualcosa dopo la sua fine",
    ),
    (
        "a container inside a container inside a container",
        "un contenitore in un contenitore in un contenitore",
    ),
    ("is beyond pagine_totali", "è oltre pagine_totali"),
    ("is before the first day", "è prima del primo giorno"),
    ("is missing: the flow has no payment", "manca: il flusso non ha pagamenti"),
    ("is missing: the journal has no account", "manca: il giornale non ha conti"),
    ("is missing: the payment was executed", "manca: il pagamento è stato eseguito"),
    ("is missing: an executed payment has an amount", "manca: un pagamento eseguito ha un importo"),
    ("a flow must come with its payments", "un flusso deve arrivare con i suoi pagamenti"),
    ("the IUV belongs to another position", "lo IUV è di un'altra posizione"),
    (
        "the same key and version is known with other content",
        "con la stessa chiave e versione sono già noti dati diversi",
    ),
    (
        "its year was forgotten: what is about persons does not come in again",
        "il suo anno è stato dimenticato: ciò che riguarda le persone non rientra",
    ),
    ("no root element", "manca l'elemento radice"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_read_what_is_wrong_in_italian() {
        for (rule, message, italian) in [
            (DefectRule::Schema, "is missing", "manca"),
            (
                DefectRule::UnknownFormat,
                "not a format that is read: it looks like a PDF",
                "non è un formato che si legge: sembra un PDF",
            ),
            (
                DefectRule::UnknownFormat,
                "not a format that is read: it looks like nobody knows what",
                "non è un formato che si legge: sembra altro",
            ),
            // What is said too seldom to be translated: the rule that is broken.
            (DefectRule::Amount, "must be of a kind of its own", "non è un importo valido"),
        ] {
            assert_eq!(defect(rule, message), italian);
        }
    }
}

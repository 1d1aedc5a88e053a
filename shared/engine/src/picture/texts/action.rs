//! What to do next.

use domain::anomaly::{Code, Party};

use crate::picture::finding::Finding;

/// What to do next. Without the name, which stands beside it: the same action is the same text for
/// everybody.
pub(crate) fn action(finding: &Finding) -> String {
    let to = match finding.party {
        Party::Psp => "al PSP",
        Party::Treasurer => "al tesoriere",
        Party::Intermediary => "all'intermediario",
        Party::Pagopa => "a PagoPA",
        Party::Organization | Party::None => return at_home(finding).to_owned(),
    };
    let what = match finding.code {
        Code::CreditWithoutFdr => "il flusso, dopo averne verificato l'acquisizione",
        Code::CreditAmountMismatch if is_surplus(finding) => "a che cosa si riferisce l'eccedenza",
        Code::CreditAmountMismatch => "la differenza, o la rettifica del flusso",
        Code::CreditDuplicated => {
            "di stornare la registrazione ripetuta, o il TRN del secondo bonifico"
        }
        Code::CreditConflict => "quale registrazione è giusta",
        Code::CreditNegative => "a quale operazione si riferisce la registrazione negativa",
        Code::PaymentNotFound | Code::ReceiptWithoutFdr => "il flusso che rendiconta il pagamento",
        Code::IufTruncated | Code::IufUnreadable | Code::IufTooLong if finding.about.matched => {
            "di riportare per intero la causale dei prossimi bonifici"
        }
        Code::IufTruncated | Code::IufUnreadable | Code::IufTooLong | Code::AmbiguousCausale => {
            "di quale flusso è l'accredito"
        }
        Code::JournalIncomplete => "le pagine mancanti",
        Code::JournalTotalsMismatch => "il giornale di cassa corretto",
        Code::ReversedAfterRegularisation => "il motivo dello storno",
        Code::FdrWithoutCredit => "l'accredito, o data e TRN del bonifico già eseguito",
        Code::FdrTotalMismatch | Code::FdrCountMismatch => "la rettifica del flusso",
        Code::RowDuplicatedInFlow | Code::PaymentReportedTwice => {
            "la rettifica del flusso che ripete il pagamento"
        }
        Code::OutcomeUnknown => "il significato del codice di esito, o la rettifica del flusso",
        Code::LateRevision => "il motivo della rettifica tardiva",
        Code::RowAmountMismatch => "quale importo è stato riscosso, e la rettifica",
        Code::ReceiptMissing => "la ricevuta",
        Code::PositionUnknown => "lo IUV o il numero di avviso esatto",
        Code::VersionConflict => "quale versione del dato è quella giusta",
        _ => "di verificare quanto segnalato",
    };
    format!("Chiedere {to}, con il messaggio pronto, {what}.")
}

/// Whether more came than was due.
pub(super) fn is_surplus(finding: &Finding) -> bool {
    finding.about.found > finding.about.expected
}

/// What the organization does itself.
fn at_home(finding: &Finding) -> &'static str {
    match (finding.code, finding.party) {
        (Code::CreditNotPagopa, _) if !finding.about.candidates.is_empty() => {
            "Verificare se il bonifico paga una delle posizioni candidate."
        }
        (Code::CreditNotPagopa, _) => {
            "Nessuna azione per pagoPA: verificare se è un bonifico ordinario."
        }
        (_, Party::None) => "Nessuna azione: è un'informazione.",
        (Code::CreditWithoutFdr, _) => {
            "Correggere il file del flusso, o chiederne un altro al PSP, e acquisirlo di nuovo."
        }
        (Code::PositionUnknown, _) => {
            "Cercare la posizione tra quelle degli uffici e caricarla, o scegliere tra le candidate."
        }
        (Code::DecisionContradicted, _) => {
            "Decidere di nuovo: ritirare la decisione (--withdraw), sceglierne un'altra (--choose) o \
             confermarla chiudendo questa anomalia (--dismiss)."
        }
        (Code::DuplicatePayment, _) => {
            "Avviare il rimborso al debitore, dopo aver verificato i pagamenti."
        }
        (Code::PaidAfterDue, _) => {
            "Verificare se il pagamento chiude il debito o vale come acconto."
        }
        (Code::PaymentRevoked, _) => "Riaprire il debito: il pagamento non è più valido.",
        (Code::AllocationIncomplete | Code::AssessmentMissing, _) => {
            "Completare gli accertamenti della posizione o del tipo di debito."
        }
        (Code::AllocationAmbiguous, _) => {
            "Decidere quali righe del flusso spettano a ciascun provvisorio."
        }
        (Code::IntermediaryUnknown, _) => {
            "Completare la tabella delle stazioni nella configurazione."
        }
        (Code::RevisionAfterClose, _) => "Verificare se la regolarizzazione va rettificata.",
        (Code::VersionConflict, _) => {
            "Verificare con l'ufficio quale versione è giusta; se è quella nuova, caricarla con un \
             numero di versione più alto."
        }
        _ => "Verificare e correggere i dati dell'ente.",
    }
}

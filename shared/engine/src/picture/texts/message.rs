//! The message to whoever must act outside the organization.

use domain::anomaly::{Code, Party};
use report::Word;
use report::row::{AnomalyCode, Message};

use super::action::is_surplus;
use super::explanation;
use super::reference::references;
use crate::picture::finding::Finding;

/// Who writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub name: &'a str,
    pub fiscal_code: &'a str,
    /// Whom to answer, as the configuration has it.
    pub contacts: Option<&'a str>,
}

/// The message that asks somebody else to act; none where nobody else must.
pub(crate) fn message(finding: &Finding, sender: Sender<'_>) -> Option<Message<'static>> {
    let addressee = match finding.party {
        Party::Organization | Party::None => return None,
        Party::Psp => "PSP",
        Party::Treasurer => "Tesoriere",
        Party::Intermediary => "Intermediario tecnologico",
        Party::Pagopa => "PagoPA S.p.A.",
    };
    let addressee = finding.name.as_deref().unwrap_or(addressee);
    let contacts = sender.contacts.map_or_else(String::new, |contacts| format!("\n{contacts}"));
    let Sender { name, fiscal_code, .. } = sender;
    let subject = AnomalyCode::from_code(finding.code.code()).map_or("Segnalazione", Word::label);
    let matter = format!(
        "{}\n\nRiferimenti:\n{}\n\n{}",
        explanation(finding),
        references(finding),
        request(finding)
    );
    Some(Message {
        opening: format!(
            "Mittente: {name}, codice fiscale {fiscal_code}\nDestinatario: {addressee}"
        )
        .into(),
        subject: subject.into(),
        matter: matter.into(),
        closing: format!("Cordiali saluti\n{name}{contacts}").into(),
    })
}

/// What is asked of them.
fn request(finding: &Finding) -> &'static str {
    match finding.code {
        Code::CreditWithoutFdr => {
            "Si chiede di trasmettere il flusso di rendicontazione dell'accredito o, se è stato già \
             trasmesso con un altro identificativo, di comunicarlo."
        }
        Code::CreditAmountMismatch if is_surplus(finding) => {
            "Si chiede di indicare a quale flusso o pagamento si riferisce l'eccedenza o, se non era \
             dovuta, di chiederne la restituzione."
        }
        Code::CreditAmountMismatch => {
            "Si chiede di accreditare la differenza o, se l'accredito è giusto, di trasmettere la \
             rettifica del flusso."
        }
        Code::PaymentNotFound => {
            "Si chiede di comunicare l'identificativo del flusso che rendiconta il pagamento, o di \
             trasmetterlo."
        }
        Code::FdrWithoutCredit => {
            "Si chiede di disporre l'accredito, o di comunicare data e TRN del bonifico già eseguito."
        }
        Code::IufTruncated | Code::IufUnreadable | Code::IufTooLong | Code::AmbiguousCausale => {
            request_of_causale(finding)
        }
        Code::CreditDuplicated
        | Code::CreditConflict
        | Code::CreditNegative
        | Code::JournalIncomplete
        | Code::JournalTotalsMismatch
        | Code::ReversedAfterRegularisation => request_to_treasurer(finding.code),
        code => request_about_flow(code),
    }
}

fn request_of_causale(finding: &Finding) -> &'static str {
    match (finding.code, finding.party) {
        (Code::AmbiguousCausale, _) => {
            "Si chiede di comunicare a quale flusso o pagamento, con il relativo importo, si \
             riferisce l'accredito."
        }
        (_, Party::Treasurer) if finding.about.matched => {
            "Per questo accredito non serve altro. Si chiede di riportare nel giornale di cassa la \
             causale dei bonifici per intero, così come arriva dall'ordinante."
        }
        (_, Party::Treasurer) => {
            "Si chiede di comunicare la causale completa, così come è arrivata dall'ordinante, e di \
             riportarla per intero nei prossimi giornali di cassa."
        }
        _ if finding.about.matched => {
            "Per questo accredito non serve altro. Si chiede di riportare nella causale dei prossimi \
             bonifici l'identificativo del flusso per intero e nella forma prevista."
        }
        _ => {
            "Si chiede di comunicare l'identificativo completo del flusso (IUF) e di riportarlo per \
             intero nella causale dei prossimi bonifici."
        }
    }
}

fn request_to_treasurer(code: Code) -> &'static str {
    match code {
        Code::CreditDuplicated => {
            "Si chiede di verificare se lo stesso bonifico è stato registrato due volte e di stornare \
             la registrazione ripetuta o, se i bonifici sono due, di comunicarne i TRN."
        }
        Code::CreditConflict => {
            "Si chiede di confermare quale registrazione è giusta e di trasmettere il giornale di \
             cassa corretto."
        }
        Code::CreditNegative => {
            "Si chiede di indicare a quale provvisorio si riferisce la registrazione negativa, o di \
             sostituirla con lo storno di quel provvisorio."
        }
        Code::JournalIncomplete => {
            "Si chiede di trasmettere le pagine mancanti, o di nuovo il giornale per intero."
        }
        Code::JournalTotalsMismatch => {
            "Si chiede di verificare i totali e di trasmettere il giornale corretto."
        }
        _ => {
            "Si chiede di indicare il motivo dello storno e, se un altro provvisorio lo sostituisce, \
             il suo numero."
        }
    }
}

fn request_about_flow(code: Code) -> &'static str {
    match code {
        Code::FdrTotalMismatch | Code::FdrCountMismatch => {
            "Si chiede di trasmettere la rettifica del flusso, con totale e numero dei pagamenti \
             uguali a quelli delle righe."
        }
        Code::RowDuplicatedInFlow => {
            "Si chiede di verificare se il pagamento è uno solo e, in tal caso, di trasmettere la \
             rettifica del flusso."
        }
        Code::PaymentReportedTwice => {
            "Si chiede di trasmettere la rettifica del flusso che riporta il pagamento una seconda \
             volta."
        }
        Code::OutcomeUnknown => {
            "Si chiede di indicare il significato del codice di esito, o di trasmettere la rettifica \
             del flusso con un codice previsto (0, 3, 4, 8 o 9)."
        }
        Code::LateRevision => {
            "Si chiede di comunicare il motivo della rettifica tardiva e di confermare che il flusso \
             è ora definitivo."
        }
        Code::RowAmountMismatch => {
            "Si chiede di verificare quale importo è stato riscosso e di trasmettere la rettifica \
             del flusso o della ricevuta."
        }
        Code::ReceiptMissing => {
            "Si chiede di trasmettere la ricevuta telematica, o di comunicare perché non è \
             disponibile."
        }
        Code::ReceiptWithoutFdr => {
            "Si chiede di trasmettere il flusso che rendiconta il pagamento o, se è stato già \
             trasmesso, di comunicarne l'identificativo (IUF)."
        }
        Code::PositionUnknown => {
            "Si chiede di verificare il dato con chi ha pagato e di comunicare lo IUV o il numero di \
             avviso esatto, o di rettificare il pagamento."
        }
        Code::VersionConflict => {
            "Si chiede di comunicare quale versione è giusta e, se è quella nuova, di trasmetterla \
             come revisione, con data e ora successive."
        }
        _ => "Si chiede di verificare quanto segnalato e di comunicarne l'esito.",
    }
}

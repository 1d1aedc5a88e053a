//! What the office reads about an anomaly: explanation, next action, and a message ready to be sent
//! to whoever must act. In Italian, formal, without personal data.

use domain::anomaly::{Code, Party};
use domain::candidate::{Clue, DAYS_APART_MAX};
use domain::decision::{Choice, Contradiction, Decision, Verdict};
use domain::money::Cents;
use jiff::civil::Date;
use report::row::Candidate;

use super::finding::{About, Finding};

/// `1.234,50 €`.
fn euro(amount: Cents) -> String {
    report::Euro(amount).to_string()
}

/// `07/04/2026`.
fn day(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// The particulars as words, with a dash where one is not known.
struct Words<'a>(&'a Finding);

impl Words<'_> {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn text(value: Option<&String>) -> String {
        value.map_or_else(|| "—".to_owned(), Clone::clone)
    }

    fn amount(&self) -> String {
        self.0.amount.map_or_else(|| "—".to_owned(), |amount| euro(amount.abs()))
    }

    fn iuf(&self) -> String {
        Self::text(self.about().iuf.as_ref())
    }

    fn credit(&self) -> String {
        let about = self.about();
        let number = about.provvisorio.map_or_else(|| "—".to_owned(), |one| one.to_string());
        match about.credit_date {
            Some(date) => format!("{number} del {}", day(date)),
            None => number,
        }
    }

    fn payment(&self) -> String {
        Self::text(self.about().payment.as_ref())
    }

    fn expected(&self) -> String {
        self.about().expected.map_or_else(|| "—".to_owned(), euro)
    }

    fn found(&self) -> String {
        self.about().found.map_or_else(|| "—".to_owned(), euro)
    }

    fn due(&self) -> String {
        self.about().due.map_or_else(|| "—".to_owned(), day)
    }

    fn detail(&self) -> String {
        Self::text(self.about().detail.as_ref())
    }

    fn psp(&self) -> String {
        Self::text(self.about().psp.as_ref())
    }

    /// How many positions may explain it, as the end of an explanation; only the office is told.
    fn candidates(&self) -> String {
        let office = matches!(self.0.party, Party::Organization | Party::None);
        match self.about().candidates.len() {
            count if count == 0 || !office => String::new(),
            1 => " C'è una posizione candidata.".into(),
            several => format!(" Ci sono {several} posizioni candidate."),
        }
    }
}

/// What happened, in one or two sentences.
#[expect(clippy::too_many_lines, reason = "a table: one sentence for each code")]
pub(crate) fn explanation(finding: &Finding) -> String {
    let w = Words(finding);
    match finding.code {
        Code::CreditWithoutFdr if finding.party == Party::Organization => format!(
            "Il provvisorio {} di {} nomina il flusso {}: il file di quel flusso è arrivato, ma è \
             stato scartato.",
            w.credit(),
            w.amount(),
            w.iuf()
        ),
        Code::CreditWithoutFdr => format!(
            "Il provvisorio {} di {} nomina il flusso {}, che non è arrivato entro il {}.",
            w.credit(),
            w.amount(),
            w.iuf(),
            w.due()
        ),
        Code::CreditNotPagopa => format!(
            "Il provvisorio {} di {} non ha alcun riferimento a pagoPA nella causale.{}",
            w.credit(),
            w.amount(),
            w.candidates()
        ),
        Code::CreditAmountMismatch => format!(
            "Il provvisorio {} e ciò che la sua causale nomina ({}) non hanno lo stesso importo: \
             atteso {}, accreditato {}, differenza {}.",
            w.credit(),
            if finding.about.iuf.is_some() {
                w.iuf()
            } else {
                Words::text(finding.about.iuv.as_ref())
            },
            w.expected(),
            w.found(),
            w.amount()
        ),
        Code::CreditDuplicated => format!(
            "Il provvisorio {} di {} ripete un accredito già registrato per {}.",
            w.credit(),
            w.amount(),
            w.iuf()
        ),
        Code::CreditConflict => format!(
            "Il provvisorio {} compare nei giornali di cassa con dati diversi (importo o data).",
            w.credit()
        ),
        Code::CreditNegative => format!(
            "Il provvisorio {} è stato eseguito con importo negativo ({}).",
            w.credit(),
            w.amount()
        ),
        Code::PaymentNotFound => format!(
            "Il provvisorio {} di {} nomina lo IUV {}, che nessun flusso e nessuna ricevuta riporta.",
            w.credit(),
            w.amount(),
            Words::text(finding.about.iuv.as_ref())
        ),
        Code::IufTruncated => format!(
            "La causale del provvisorio {} di {} riporta un identificativo di flusso troncato.",
            w.credit(),
            w.amount()
        ),
        Code::IufUnreadable => format!(
            "La causale del provvisorio {} di {} è di pagoPA, ma l'identificativo del flusso non si legge.",
            w.credit(),
            w.amount()
        ),
        Code::IufTooLong => format!(
            "La causale del provvisorio {} di {} riporta un identificativo di oltre 35 caratteri.",
            w.credit(),
            w.amount()
        ),
        Code::AmbiguousCausale if finding.about.expected.is_some() => format!(
            "La causale del provvisorio {} di {} nomina il solo flusso {} di {}, ma l'importo è \
             esattamente la somma di quello e di un altro flusso dello stesso PSP.",
            w.credit(),
            w.amount(),
            w.iuf(),
            w.expected()
        ),
        Code::AmbiguousCausale => format!(
            "La causale del provvisorio {} di {} si può riferire a più {}.",
            w.credit(),
            w.amount(),
            if finding.about.iuv.is_some() { "pagamenti con lo stesso IUV" } else { "flussi" }
        ),
        Code::JournalIncomplete => {
            format!("Il giornale di cassa del {} non è completo: {}.", w.due(), w.detail())
        }
        Code::JournalTotalsMismatch => {
            format!("I totali del giornale di cassa del {} non tornano: {}.", w.due(), w.detail())
        }
        Code::ReversedAfterRegularisation => format!(
            "Il provvisorio {} è stato stornato dopo che una reversale lo aveva regolarizzato.",
            w.credit()
        ),
        Code::FdrWithoutCredit if finding.about.found.is_some() => format!(
            "Del flusso {} di {} sono stati accreditati solo {}, con accrediti di singoli \
             pagamenti: mancano {}, dovuti entro il {}.",
            w.iuf(),
            w.expected(),
            w.found(),
            w.amount(),
            w.due()
        ),
        Code::FdrWithoutCredit => format!(
            "Il flusso {} di {} doveva essere accreditato entro il {}: il giornale di cassa di quel \
             giorno è presente e l'accredito non c'è.",
            w.iuf(),
            w.amount(),
            w.due()
        ),
        Code::FdrTotalMismatch => format!(
            "Il flusso {} dichiara {} ma le sue righe sommano {} (differenza {}).",
            w.iuf(),
            w.expected(),
            w.found(),
            w.amount()
        ),
        Code::FdrCountMismatch => format!(
            "Il flusso {} dichiara un numero di pagamenti diverso da quello delle sue righe.",
            w.iuf()
        ),
        Code::RowDuplicatedInFlow => {
            format!("Il pagamento {} è ripetuto nel flusso {}.", w.payment(), w.iuf())
        }
        Code::OutcomeUnknown => format!(
            "Il pagamento {} nel flusso {} ha il codice esito {}, che non è previsto.",
            w.payment(),
            w.iuf(),
            w.detail()
        ),
        Code::LateRevision => format!(
            "Il flusso {} è stato rettificato dopo il termine di quattro giorni operativi.",
            w.iuf()
        ),
        Code::RevisionAfterClose => format!(
            "Il flusso {} è stato rettificato dopo che il suo accredito era già stato regolarizzato.",
            w.iuf()
        ),
        Code::RowAmountMismatch => format!(
            "Il pagamento {} ha una ricevuta di {} ma nel flusso {} è riportato per {}.",
            w.payment(),
            w.expected(),
            w.iuf(),
            w.found()
        ),
        Code::ReceiptMissing => format!(
            "Il pagamento {} di {} è nel flusso {} ma la sua ricevuta non ci è arrivata.",
            w.payment(),
            w.amount(),
            w.iuf()
        ),
        Code::ReceiptWithoutFdr => format!(
            "Il pagamento {} di {} ha la ricevuta, ma nessun flusso lo riporta entro il {}.",
            w.payment(),
            w.amount(),
            w.due()
        ),
        Code::ReceiptOfOtherOrganization if finding.about.payment.is_none() => format!(
            "La ricevuta nel file {} è arrivata a noi ma paga soltanto altri enti: non entra nei \
             conti.",
            w.detail()
        ),
        Code::ReceiptOfOtherOrganization => format!(
            "La ricevuta del pagamento {} paga anche un altro ente: qui conta solo la nostra parte.",
            w.payment()
        ),
        Code::PositionUnknown => format!(
            "Per il pagamento {} di {} non c'è alcuna posizione debitoria con quello IUV.{}",
            w.payment(),
            w.amount(),
            w.candidates()
        ),
        Code::PaymentWithoutRpt => format!(
            "Il pagamento {} di {} è stato eseguito senza richiesta di pagamento (RPT): il denaro è reale.",
            w.payment(),
            w.amount()
        ),
        Code::DuplicatePayment => format!(
            "Con il pagamento {} di {} il debito {} risulta pagato più del dovuto: {} da rimborsare.",
            w.payment(),
            w.amount(),
            Words::text(finding.about.position.as_ref()),
            w.found()
        ),
        Code::PaymentReportedTwice => format!(
            "Il pagamento {} di {} è riportato in due flussi: è un pagamento solo.",
            w.payment(),
            w.amount()
        ),
        Code::PaymentRevoked => {
            format!("Il pagamento {} di {} è stato revocato.", w.payment(), w.amount())
        }
        Code::PaidAfterDue => format!(
            "Il pagamento {} di {} è arrivato dopo il termine dell'avviso.",
            w.payment(),
            w.amount()
        ),
        Code::AllocationIncomplete => format!(
            "Del pagamento {} restano {} che gli accertamenti della posizione non coprono.",
            w.payment(),
            w.amount()
        ),
        Code::AllocationAmbiguous => format!(
            "Il provvisorio {} di {} paga insieme ad altri il flusso {}: non si sa quali righe siano sue.",
            w.credit(),
            w.amount(),
            w.iuf()
        ),
        Code::AssessmentMissing => {
            format!("Per {} del pagamento {} non c'è un accertamento.", w.amount(), w.payment())
        }
        Code::IntermediaryUnknown => format!(
            "Il codice di segregazione del pagamento {} non è nella tabella delle stazioni a quella data.",
            w.payment()
        ),
        Code::IuvCheckDigit => {
            format!("Le cifre di controllo del pagamento {} non tornano (modulo 93).", w.payment())
        }
        Code::DecisionContradicted => {
            let (number, on) = finding.about.decision.map_or((0, finding.since), |one| one);
            let subject = match &finding.about.payment {
                Some(payment) => format!("pagamento {payment}"),
                None => format!("provvisorio {}", w.credit()),
            };
            format!(
                "La decisione n. {number} del {} sul {subject} di {} è contraddetta da fatti \
                 successivi: {}. Resta valida finché una persona non decide di nuovo.",
                day(on),
                w.amount(),
                w.detail()
            )
        }
        Code::VersionConflict => {
            format!("Il file {} dice altro di un dato già acquisito: è stato scartato.", w.detail())
        }
    }
}

/// What to do next.
pub(crate) fn action(finding: &Finding) -> String {
    // Without the name, which stands beside it: the same action is the same text for everybody.
    let to = match finding.party {
        Party::Psp => "al PSP",
        Party::Treasurer => "al tesoriere",
        Party::Intermediary => "all'intermediario",
        Party::Pagopa => "a PagoPA",
        Party::Organization | Party::None => "all'ufficio competente",
    };
    match (finding.code, finding.party) {
        (Code::CreditNotPagopa, _) if !finding.about.candidates.is_empty() => {
            "Verificare se il bonifico paga una delle posizioni candidate.".into()
        }
        (Code::CreditNotPagopa, _) => {
            "Nessuna azione per pagoPA: verificare se è un bonifico ordinario.".into()
        }
        (Code::PositionUnknown, Party::Organization) => {
            "Cercare la posizione tra quelle degli uffici e caricarla, o scegliere tra le candidate.".into()
        }
        (Code::DecisionContradicted, _) => {
            "Decidere di nuovo: ritirare la decisione (--withdraw), sceglierne un'altra (--choose) o \
             confermarla chiudendo questa anomalia (--dismiss)."
                .into()
        }
        (Code::DuplicatePayment, _) => {
            "Avviare il rimborso al debitore, dopo aver verificato i pagamenti.".into()
        }
        (Code::PaidAfterDue, _) => {
            "Verificare se il pagamento chiude il debito o vale come acconto.".into()
        }
        (Code::PaymentRevoked, _) => "Riaprire il debito: il pagamento non è più valido.".into(),
        (Code::AllocationIncomplete | Code::AssessmentMissing, _) => {
            "Completare gli accertamenti della posizione o del tipo di debito.".into()
        }
        (Code::AllocationAmbiguous, _) => "Decidere quali righe del flusso spettano a ciascun provvisorio.".into(),
        (Code::IntermediaryUnknown, _) => "Completare la tabella delle stazioni nella configurazione.".into(),
        (Code::RevisionAfterClose, _) => "Verificare se la regolarizzazione va rettificata.".into(),
        (Code::JournalIncomplete, _) => format!("Chiedere {to} le pagine mancanti."),
        (Code::ReceiptMissing, _) => format!("Chiedere la ricevuta {to}."),
        (Code::CreditWithoutFdr, Party::Organization) => {
            "Correggere il file del flusso, o chiederne un altro al PSP, e acquisirlo di nuovo.".into()
        }
        (Code::CreditWithoutFdr, _) => format!("Verificare l'acquisizione e chiedere il flusso {to}."),
        (Code::FdrWithoutCredit, _) => format!("Chiedere l'accredito {to}."),
        (_, Party::None) => "Nessuna azione: è un'informazione.".into(),
        (_, Party::Organization) => "Verificare e correggere i dati dell'ente.".into(),
        (_, Party::Psp | Party::Treasurer | Party::Intermediary | Party::Pagopa) => {
            format!("Inviare {to} il messaggio pronto e attendere la rettifica.")
        }
    }
}

/// A candidate with its reasons.
pub(crate) fn candidate(candidate: &Candidate) -> String {
    let Candidate { subject, score, reasons } = candidate;
    format!("Candidata: {subject} ({score} su 100): {}", reasons.join("; "))
}

/// What a person decided.
pub(crate) fn verdict(decision: &Decision) -> String {
    match &decision.verdict {
        Verdict::Choose(Choice::Flows(flows)) => {
            let names: Vec<_> = flows
                .iter()
                .map(|flow| format!("flow:{}:{}", flow.key.psp, flow.key.iuf))
                .collect();
            format!("è di {}", names.join(" e "))
        }
        Verdict::Choose(Choice::Payment(key)) => format!("è di payment:{key}"),
        Verdict::Choose(Choice::Position(chosen)) => {
            format!("paga position:{}", chosen.position_id)
        }
        Verdict::Dismiss(_) => "non c'è nulla da fare".into(),
        Verdict::Withdraw => "la decisione precedente è ritirata".into(),
    }
}

/// A fact that contradicts a decision.
pub(crate) fn contradiction(against: &Contradiction) -> String {
    match against {
        Contradiction::Reversed => "il tesoriere ha stornato il provvisorio".into(),
        Contradiction::AmountChanged(then, now) => {
            format!("l'importo non è più {} ma {}", euro(*then), euro(*now))
        }
        Contradiction::NamesFlow(iuf) => {
            format!("la causale nomina con certezza il flusso {iuf}")
        }
        Contradiction::FlowRevised(iuf, then, now) => {
            format!("il flusso {iuf} è stato rettificato da {} a {}", euro(*then), euro(*now))
        }
        Contradiction::FlowGone(iuf) => format!("il flusso {iuf} non c'è più"),
        Contradiction::PaymentGone => {
            "nessun flusso e nessuna ricevuta riporta più il pagamento scelto".into()
        }
        Contradiction::Revoked => "il pagamento è stato revocato".into(),
        Contradiction::PaidByAnother => {
            "il pagamento scelto risulta accreditato da un altro provvisorio".into()
        }
        Contradiction::Cancelled => "la posizione scelta è stata annullata".into(),
        Contradiction::PaidBeyond(amount) => format!(
            "la posizione scelta è stata pagata anche da altri, e risultano {} più del dovuto",
            euro(*amount)
        ),
        Contradiction::OtherPosition(id) => format!("lo IUV è della posizione {id}"),
        Contradiction::OtherNotice(notice) => {
            format!("la ricevuta è dell'avviso {notice}, che non è della posizione scelta")
        }
    }
}

/// Why something is a candidate.
pub(crate) fn reason(clue: Clue) -> String {
    match clue {
        Clue::Notice => "la causale riporta il numero di un suo avviso".into(),
        Clue::NoticeSlip => {
            "lo IUV è quello di un suo avviso, salvo una cifra errata o due cifre scambiate".into()
        }
        Clue::Report(report) => {
            let year = report.year.map_or_else(String::new, |year| format!("/{year}"));
            format!("la causale cita il verbale {}{year}", report.number)
        }
        Clue::ReportWithoutYear(report) => {
            format!("il numero {} è quello del verbale, ma l'anno non è indicato", report.number)
        }
        Clue::BareNumber(report) => {
            let year = report.year.map_or_else(String::new, |year| format!("/{year}"));
            format!(
                "la causale riporta il numero {}{year}, che è quello del verbale",
                report.number
            )
        }
        Clue::Plate => "la causale riporta la targa del veicolo".into(),
        Clue::FiscalCode => "la causale riporta il codice fiscale del debitore".into(),
        Clue::Name => "il nome del debitore è nell'ordinante o nella causale".into(),
        Clue::Residual(amount) => format!("l'importo è quello dovuto oggi ({})", euro(amount)),
        Clue::NoticeAmount(amount) => {
            format!("l'importo è quello di un suo avviso ({})", euro(amount))
        }
        Clue::InTerm => "la data rientra nel periodo per pagare quell'avviso".into(),
        Clue::Settlement => "il TRN o CRO del bonifico è quello del flusso".into(),
        Clue::IufBegins => "il suo identificativo comincia come quello della causale".into(),
        Clue::IufNear(1) => "l'identificativo nella causale è il suo, salvo un carattere".into(),
        Clue::IufNear(wrong) => {
            format!("l'identificativo nella causale è il suo, salvo {wrong} caratteri")
        }
        Clue::FlowAmount(amount) => {
            format!("l'importo è quello ancora da accreditare del flusso ({})", euro(amount))
        }
        Clue::SameDay => "il flusso è stato regolato lo stesso giorno".into(),
        Clue::NearDay => {
            format!("il flusso è stato regolato a non più di {DAYS_APART_MAX} giorni di distanza")
        }
        Clue::Provider => "l'ordinante è il PSP del flusso".into(),
        Clue::CreditedAlready => "il flusso risulta però già accreditato per intero".into(),
    }
}

/// The message to whoever must act outside the organization.
pub(crate) fn message(finding: &Finding) -> Option<String> {
    let request = match finding.party {
        Party::Organization | Party::None => return None,
        _ => request(finding.code),
    };
    let w = Words(finding);
    let about = &finding.about;
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: Option<String>| {
        facts.extend(value.map(|value| format!("- {name}: {value}")));
    };
    fact("identificativo flusso (IUF)", about.iuf.clone());
    fact("PSP", about.psp.as_ref().map(|_| w.psp()));
    fact("identificativo del bonifico (TRN)", about.transfer.clone());
    fact("provvisorio", about.provvisorio.map(|_| w.credit()));
    fact("pagamento (IUV/IUR/indice)", about.payment.clone());
    fact("importo", finding.amount.map(|amount| euro(amount.abs())));
    fact("importo atteso", about.expected.map(euro));
    fact("importo riscontrato", about.found.map(euro));
    fact("termine", about.due.map(day));
    Some(format!(
        "Spett.le {},\n{}\n\nRiferimenti:\n{}\n\n{}\n\nCordiali saluti\nUfficio ragioneria",
        finding.name.as_deref().unwrap_or("Ufficio competente"),
        explanation(finding),
        facts.join("\n"),
        request
    ))
}

/// What is asked of them.
fn request(code: Code) -> &'static str {
    match code {
        Code::CreditWithoutFdr | Code::ReceiptWithoutFdr | Code::PaymentNotFound => {
            "Si chiede di trasmettere il flusso di rendicontazione, o di indicare come il pagamento è \
             stato rendicontato."
        }
        Code::FdrWithoutCredit => {
            "Si chiede di disporre l'accredito, o di comunicare data e TRN del bonifico già eseguito."
        }
        Code::CreditAmountMismatch => {
            "Si chiede di accreditare la differenza, o di trasmettere la rettifica del flusso."
        }
        Code::CreditDuplicated | Code::CreditConflict | Code::CreditNegative => {
            "Si chiede di verificare la registrazione e di stornare ciò che non è dovuto."
        }
        Code::JournalIncomplete => "Si chiede di trasmettere le pagine mancanti.",
        Code::JournalTotalsMismatch => {
            "Si chiede di verificare i totali e trasmettere il giornale corretto."
        }
        Code::ReversedAfterRegularisation => "Si chiede di indicare il motivo dello storno.",
        Code::IufTruncated | Code::IufUnreadable | Code::IufTooLong | Code::AmbiguousCausale => {
            "Si chiede di comunicare l'identificativo del flusso completo e di riportare per intero la \
             causale dei prossimi bonifici."
        }
        Code::ReceiptMissing => "Si chiede di trasmettere la ricevuta telematica.",
        _ => "Si chiede di verificare e di trasmettere la rettifica.",
    }
}

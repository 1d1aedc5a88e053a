//! What happened.

use domain::anomaly::{Code, Party};
use domain::money::Cents;

use super::{credit_number, dated, euro};
use crate::picture::finding::{About, Finding};

/// The particulars of a finding as parts of a sentence; what is not known is left out.
struct Words<'a>(&'a Finding);

impl Words<'_> {
    fn about(&self) -> &About {
        &self.0.about
    }

    /// `words`, with what is known; nothing where it is not known.
    fn with<T>(value: Option<T>, words: impl FnOnce(T) -> String) -> String {
        value.map_or_else(String::new, words)
    }

    /// ` di 57,00 €`.
    fn of_amount(&self) -> String {
        Self::with(self.0.amount, |amount| format!(" di {}", euro(amount)))
    }

    /// ` (differenza 0,01 €)`.
    fn difference(&self) -> String {
        Self::with(self.0.amount, |amount| format!(" (differenza {})", euro(amount)))
    }

    fn amount(amount: Option<Cents>) -> String {
        amount.map_or_else(|| "un importo non noto".to_owned(), euro)
    }

    /// `Il provvisorio n. 2026/123 del 02/03/2026 di 57,00 €`, as `who`.
    fn credit(&self, who: &str) -> String {
        format!("{}{}", self.credit_alone(who), self.of_amount())
    }

    /// The same without its amount.
    fn credit_alone(&self, who: &str) -> String {
        let about = self.about();
        let number = about.provvisorio.map(|number| credit_number(number, about.credit_date));
        format!("{who}{}", Self::with(number, |number| format!(" {number}")))
    }

    /// `Il flusso X di Banca di Prova (BPROITMM)`, as `who`.
    fn flow(&self, who: &str) -> String {
        let about = self.about();
        let psp = Self::with(about.psp.as_ref(), |psp| format!(" di {psp}"));
        match &about.iuf {
            Some(iuf) => format!("{who} {iuf}{psp}"),
            None => format!("{who}{psp}"),
        }
    }

    /// `Il pagamento dello IUV X (IUR Y) di 57,00 € del 02/03/2026`, as `who`.
    fn payment(&self, who: &str) -> String {
        format!("{}{}{}", self.payment_alone(who), self.of_amount(), self.paid_on())
    }

    fn payment_alone(&self, who: &str) -> String {
        let key = self.about().payment.as_ref();
        let which = Self::with(key, |key| format!(" dello IUV {} (IUR {})", key.iuv, key.iur));
        format!("{who}{which}")
    }

    fn paid_on(&self) -> String {
        Self::with(self.about().paid_on, |paid| format!(" {}", dated("del", paid)))
    }

    /// ` entro il 05/03/2026`.
    fn by_due(&self) -> String {
        Self::with(self.about().due, |due| format!(" entro {}", dated("il", due)))
    }

    /// `: what it was about`.
    fn detail(&self) -> String {
        Self::with(self.about().detail.as_ref(), |detail| format!(": {detail}"))
    }

    fn journal(&self) -> String {
        let about = self.about();
        Self::with(about.journal.as_ref(), |(id, on)| format!(" {id} {}", dated("del", *on)))
    }

    /// How many candidates there are, as the end of an explanation; only the office is told.
    fn candidates(&self) -> String {
        let office = matches!(self.0.party, Party::Organization | Party::None);
        match self.about().candidates.len() {
            count if count == 0 || !office => String::new(),
            1 => " C'è una posizione candidata.".into(),
            several => format!(" Ci sono {several} posizioni candidate."),
        }
    }

    /// What the flow of a damaged causale turned out to be, if it did.
    fn read_after_all(&self) -> String {
        if self.about().matched {
            " L'accredito è stato comunque abbinato al suo flusso.".into()
        } else {
            String::new()
        }
    }
}

/// What happened, in one or two sentences.
pub(crate) fn explanation(finding: &Finding) -> String {
    let w = Words(finding);
    of_credit(finding, &w)
        .or_else(|| of_flow(finding, &w))
        .or_else(|| of_payment(finding, &w))
        .unwrap_or_else(|| of_the_rest(finding, &w))
}

fn of_credit(finding: &Finding, w: &Words<'_>) -> Option<String> {
    let about = &finding.about;
    Some(match finding.code {
        Code::CreditWithoutFdr if finding.party == Party::Organization => format!(
            "{} nomina {}: il file di quel flusso è arrivato, ma è stato scartato.",
            w.credit("Il provvisorio"),
            w.flow("il flusso")
        ),
        Code::CreditWithoutFdr => format!(
            "{} nomina {}, che non è arrivato{}.",
            w.credit("Il provvisorio"),
            w.flow("il flusso"),
            w.by_due()
        ),
        Code::CreditNotPagopa => format!(
            "{} non ha alcun riferimento a pagoPA nella causale.{}",
            w.credit("Il provvisorio"),
            w.candidates()
        ),
        Code::CreditAmountMismatch => amount_mismatch(finding, w),
        Code::CreditDuplicated => format!(
            "{} ripete un accredito già registrato per {}.",
            w.credit("Il provvisorio"),
            if about.iuf.is_some() { w.flow("il flusso") } else { "lo stesso pagamento".into() }
        ),
        Code::CreditConflict => format!(
            "{} compare nei giornali di cassa con importo o data diversi{}.",
            w.credit_alone("Il provvisorio"),
            related(&about.related)
        ),
        Code::CreditNegative => format!(
            "{} è stato eseguito con importo negativo{}.",
            w.credit_alone("Il provvisorio"),
            Words::with(finding.amount, |amount| format!(" ({})", euro(amount)))
        ),
        Code::PaymentNotFound => format!(
            "{} nomina lo IUV{}, che nessun flusso e nessuna ricevuta riporta.",
            w.credit("Il provvisorio"),
            Words::with(about.iuv.as_ref(), |iuv| format!(" {iuv}"))
        ),
        Code::IufTruncated => format!(
            "{} ha nella causale un identificativo di flusso troncato.{}",
            w.credit("Il provvisorio"),
            w.read_after_all()
        ),
        Code::IufUnreadable => format!(
            "{} viene da pagoPA, ma nella causale l'identificativo del flusso manca o non si \
             legge.{}",
            w.credit("Il provvisorio"),
            w.read_after_all()
        ),
        Code::IufTooLong => format!(
            "{} ha nella causale un identificativo di flusso di oltre 35 caratteri.{}",
            w.credit("Il provvisorio"),
            w.read_after_all()
        ),
        Code::AmbiguousCausale if about.expected.is_some() => format!(
            "{} nomina il solo flusso {} di {}, ma l'importo è esattamente la somma di quello e di \
             un altro flusso dello stesso PSP.",
            w.credit("Il provvisorio"),
            about.iuf.as_deref().unwrap_or_default(),
            Words::amount(about.expected)
        ),
        Code::AmbiguousCausale => format!(
            "{} ha una causale che si può riferire a più {}.",
            w.credit("Il provvisorio"),
            if about.iuv.is_some() { "pagamenti con lo stesso IUV" } else { "flussi" }
        ),
        Code::ReversedAfterRegularisation => format!(
            "{} è stato stornato dopo che una reversale lo aveva regolarizzato{}.",
            w.credit("Il provvisorio"),
            related(&about.related)
        ),
        Code::AllocationAmbiguous => format!(
            "{} paga insieme ad altri {}, e non si sa quali righe siano sue{}.",
            w.credit("Il provvisorio"),
            w.flow("il flusso"),
            related(&about.related)
        ),
        _ => return None,
    })
}

fn amount_mismatch(finding: &Finding, w: &Words<'_>) -> String {
    let about = &finding.about;
    let named = match (&about.iuf, &about.iuv) {
        (Some(_), _) => w.flow("il flusso"),
        (None, Some(iuv)) => format!("il pagamento dello IUV {iuv}"),
        (None, None) => "ciò che la causale nomina".to_owned(),
    };
    let how = match (about.found, about.expected) {
        (Some(found), Some(expected)) if found > expected => "più del dovuto",
        (Some(found), Some(expected)) if found < expected => "meno del dovuto",
        _ => "un importo diverso",
    };
    let sums = Words::with(about.found.zip(about.expected), |(found, expected)| {
        format!(": {} accreditati contro {}", euro(found), euro(expected))
    });
    let difference = w.difference();
    format!("{} accredita {how} per {named}{sums}{difference}.", w.credit_alone("Il provvisorio"))
}

fn of_flow(finding: &Finding, w: &Words<'_>) -> Option<String> {
    let about = &finding.about;
    Some(match finding.code {
        Code::FdrWithoutCredit if about.found.is_some() => format!(
            "Per {} di {} sono stati accreditati solo {}, con accrediti di singoli pagamenti; \
             mancano {}, dovuti{}.",
            w.flow("il flusso"),
            Words::amount(about.expected),
            Words::amount(about.found),
            Words::amount(finding.amount),
            w.by_due()
        ),
        Code::FdrWithoutCredit => format!(
            "{}{} doveva essere accreditato{}: il giornale di cassa di quel giorno è presente e \
             l'accredito non c'è.",
            w.flow("Il flusso"),
            Words::with(finding.amount, |amount| format!(", di {},", euro(amount))),
            w.by_due()
        ),
        Code::FdrTotalMismatch => format!(
            "{} dichiara {} ma le sue righe sommano {}{}.",
            w.flow("Il flusso"),
            Words::amount(about.expected),
            Words::amount(about.found),
            w.difference()
        ),
        Code::FdrCountMismatch => match about.counts {
            Some((declared, lines)) => format!(
                "{} dichiara {declared} pagamenti ma ne contiene {lines}.",
                w.flow("Il flusso")
            ),
            None => format!(
                "{} dichiara un numero di pagamenti diverso da quello delle sue righe.",
                w.flow("Il flusso")
            ),
        },
        Code::LateRevision => format!(
            "{} è stato rettificato{} quando era già definitivo{}.",
            w.flow("Il flusso"),
            Words::with(about.flow_date, |on| format!(" {}", dated("il", on))),
            Words::with(about.due, |due| format!(
                ": le rettifiche erano possibili fino {} (quarto giorno operativo)",
                dated("al", due)
            ))
        ),
        Code::RevisionAfterClose => format!(
            "{} è stato rettificato{} dopo che il suo accredito era già stato regolarizzato{}.",
            w.flow("Il flusso"),
            Words::with(about.flow_date, |on| format!(" {}", dated("il", on))),
            related(&about.related)
        ),
        _ => return None,
    })
}

fn of_payment(finding: &Finding, w: &Words<'_>) -> Option<String> {
    let about = &finding.about;
    let lines = about.related.len();
    let payment = || w.payment("Il pagamento");
    Some(match finding.code {
        Code::RowDuplicatedInFlow => format!(
            "{} compare {} nel{}.",
            payment(),
            if lines > 1 { format!("{lines} volte") } else { "più volte".to_owned() },
            w.flow(" flusso")
        ),
        Code::OutcomeUnknown => format!(
            "{} ha nel{} un codice di esito{} che non è fra quelli previsti.",
            payment(),
            w.flow(" flusso"),
            Words::with(about.detail.as_ref(), |code| format!(" ({code})"))
        ),
        Code::RowAmountMismatch => format!(
            "{} ha una ricevuta di {} ma nel{} è riportato per {}.",
            w.payment_alone("Il pagamento"),
            Words::amount(about.expected),
            w.flow(" flusso"),
            Words::amount(about.found)
        ),
        Code::ReceiptMissing => {
            format!(
                "{} è nel{} ma la sua ricevuta non ci è arrivata.",
                payment(),
                w.flow(" flusso")
            )
        }
        Code::ReceiptWithoutFdr => {
            format!("{} ha la ricevuta, ma nessun flusso lo riporta{}.", payment(), w.by_due())
        }
        Code::ReceiptOfOtherOrganization if about.payment.is_none() => format!(
            "La ricevuta{}{} è arrivata a noi ma paga soltanto altri enti: non entra nei conti.",
            Words::with(about.file.as_ref(), |file| format!(" nel file {file}")),
            w.paid_on()
        ),
        Code::ReceiptOfOtherOrganization => format!(
            "La ricevuta del{} paga anche un altro ente: qui conta solo la nostra parte.",
            w.payment(" pagamento")
        ),
        Code::PositionUnknown if finding.party == Party::Psp => format!(
            "{} non corrisponde ad alcuna posizione debitoria, e le cifre di controllo dello IUV o \
             del numero di avviso sono errate: il numero è stato probabilmente trascritto male.",
            payment()
        ),
        Code::PositionUnknown => format!(
            "{} non corrisponde ad alcuna posizione debitoria con quello IUV.{}",
            payment(),
            w.candidates()
        ),
        Code::PaymentWithoutRpt => format!(
            "{} è stato eseguito senza richiesta di pagamento (RPT){}: il denaro è reale.",
            payment(),
            Words::with(about.detail.as_ref(), |code| format!(", esito {code}"))
        ),
        Code::DuplicatePayment => format!(
            "Con il{} il debito{} risulta pagato più del dovuto, con {} da rimborsare{}.",
            w.payment(" pagamento"),
            Words::with(about.position.as_ref(), |id| format!(" {id}")),
            Words::amount(about.found),
            related(&about.related)
        ),
        Code::PaymentReportedTwice => {
            let flows = related(&about.related);
            format!("{} è uno solo, ma è riportato in più flussi{flows}.", payment())
        }
        Code::PaymentRevoked => {
            format!("{} è stato revocato{}.", payment(), related(&about.related))
        }
        Code::PaidAfterDue => format!(
            "{} è arrivato dopo il termine dell'avviso{}.",
            payment(),
            Words::with(about.due, |due| format!(", che era {}", dated("il", due)))
        ),
        Code::AllocationIncomplete => format!(
            "Del{}{} restano {} che gli accertamenti della posizione non coprono.",
            w.payment_alone(" pagamento"),
            w.paid_on(),
            Words::amount(finding.amount)
        ),
        Code::AssessmentMissing => format!(
            "Per {} del{}{} non c'è un accertamento.",
            Words::amount(finding.amount),
            w.payment_alone(" pagamento"),
            w.paid_on()
        ),
        Code::IntermediaryUnknown => format!(
            "Il codice di segregazione dello IUV del{} non è nella tabella delle stazioni a quella \
             data.",
            w.payment(" pagamento")
        ),
        Code::IuvCheckDigit => format!(
            "Le cifre di controllo dello IUV o dell'avviso del{} non tornano (modulo 93).",
            w.payment(" pagamento")
        ),
        _ => return None,
    })
}

fn of_the_rest(finding: &Finding, w: &Words<'_>) -> String {
    let about = &finding.about;
    match finding.code {
        Code::JournalIncomplete => {
            format!("Il giornale di cassa{} non è completo{}.", w.journal(), w.detail())
        }
        Code::JournalTotalsMismatch => {
            format!("I totali del giornale di cassa{} non tornano{}.", w.journal(), w.detail())
        }
        Code::DecisionContradicted => {
            let (number, on) = about.decision.unwrap_or((0, finding.since));
            let subject = match &about.payment {
                Some(_) => w.payment("pagamento"),
                None => w.credit("provvisorio"),
            };
            format!(
                "La decisione n. {number} {} sul {subject} è contraddetta da fatti \
                 successivi{}. Resta valida finché una persona non decide di nuovo.",
                dated("del", on),
                w.detail()
            )
        }
        _ => format!(
            "Il file{} contiene, con la stessa chiave, dati diversi da quelli già acquisiti{}: è \
             stato scartato.",
            Words::with(about.file.as_ref(), |file| format!(" {file}")),
            if about.iuf.is_some() { w.flow(" per il flusso") } else { String::new() }
        ),
    }
}

/// `: registrato 57,00 € il 02/03/2026; registrato 58,00 € il 03/03/2026`.
fn related(related: &[(&'static str, String)]) -> String {
    if related.is_empty() {
        return String::new();
    }
    let said: Vec<_> = related.iter().map(|(what, which)| format!("{what} {which}")).collect();
    format!(": {}", said.join("; "))
}

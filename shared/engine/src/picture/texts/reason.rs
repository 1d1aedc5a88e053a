//! What a person may choose and why, what was decided, and what contradicts it.

use domain::candidate::{Clue, DAYS_APART_MAX};
use domain::decision::{Choice, Contradiction, Decision, Verdict};
use report::row::Candidate;

use super::euro;

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
        Clue::FiscalCode => "riporta il codice fiscale del debitore".into(),
        Clue::Name => "riporta il nome del debitore".into(),
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

//! Plans and messages in Italian, for who reads the totals.

use domain::campaign::{Decision, Reason};

use super::intent::Unreachable;

/// What a decision is called.
#[must_use]
pub const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Send => "da inviare",
        Decision::Hold => "in attesa",
        Decision::Exclude => "esclusi",
    }
}

/// Why a citizen cannot be written to in IO.
#[must_use]
pub const fn unreachable(why: Unreachable) -> &'static str {
    match why {
        Unreachable::NotOnIo => "non usa IO",
        Unreachable::OptedOut => "ha disattivato il servizio",
    }
}

/// What a reason is called.
#[must_use]
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NotApplicable => "non riguarda questo tipo di debito",
        Reason::OutsideWindow => "non è il periodo di questo messaggio",
        Reason::NotifiedOnMissing => "data di notifica non nota",
        Reason::NotifiedOnFuture => "data di notifica nel futuro",
        Reason::NotifiedLate => "notificato oltre 90 giorni dalla violazione",
        Reason::RecipientNotPerson => "il destinatario è una società (PEC)",
        Reason::FiscalCodeNotPersonal => "codice fiscale di persona assente o non valido",
        Reason::Minor => "il destinatario è minorenne",
        Reason::Deceased => "il destinatario è deceduto",
        Reason::DeceasedUnknown => "non si sa se il destinatario è in vita",
        Reason::Cancelled => "posizione annullata o archiviata",
        Reason::ReviewPending => "istanza di autotutela aperta",
        Reason::ReviewUnknown => "non si sa se c'è un'istanza di autotutela",
        Reason::Sensitive => "violazione penale o che rivela dati sanitari",
        Reason::SensitiveUnknown => "non si sa se la violazione è delicata",
        Reason::AlreadySent => "già inviato",
        Reason::RecentMessage => "altro messaggio negli ultimi 7 giorni",
        Reason::Paid => "già pagato",
        Reason::NotPaid => "nessun pagamento",
        Reason::PaymentNotReconciled => "pagamento non ancora in tesoreria",
        Reason::RecentPayment => "pagamento negli ultimi 7 giorni",
        Reason::PartiallyPaid => "pagato in parte",
        Reason::NotPartiallyPaid => "non è pagato in parte",
        Reason::NotFullyMatched => "il dovuto non è tutto in tesoreria",
        Reason::Appeal => "ricorso",
        Reason::AppealUnknown => "non si sa se c'è un ricorso",
        Reason::Installments => "rateizzato",
        Reason::InstallmentsUnknown => "non si sa se è rateizzato",
        Reason::InEnforcement => "a ruolo o in ingiunzione, o non si sa",
        Reason::EnforcementTooNear => "meno di 30 giorni al ruolo",
        Reason::NotSettleable => "violazione non oblabile",
        Reason::SettleableUnknown => "non si sa se è oblabile",
        Reason::PrescriptionNear => "prescritto, o a meno di 6 mesi",
        Reason::ViolationDateUnknown => "data della violazione o del verbale non nota",
        Reason::NoPayableNotice => "nessun avviso pagabile per questa somma",
        Reason::ForeignWithoutNotice => "indirizzo estero senza avviso pagoPA",
        Reason::AmountMismatch => "importo dell'avviso diverso dal dovuto",
        Reason::AmountUnknown => "i dati non dicono quanto è dovuto",
        Reason::DueDateMismatch => "scadenza dell'ufficio diversa da quella di legge",
        Reason::DiscountNotAllowed => "sconto del 30% non ammesso",
        Reason::DiscountUnknown => "non si sa se lo sconto è ammesso",
        Reason::CandidateCredit => "un accredito aperto può essere il suo pagamento",
        Reason::OpenAnomaly => "un'anomalia aperta può riguardare il pagamento",
        Reason::DriverDataNotRequired => "nessun punto patente in gioco",
        Reason::FormReceived => "modulo dati conducente arrivato",
        Reason::DriverIdentified => "conducente identificato sulla strada",
        Reason::DriverDataUnknown => "dati del conducente non noti",
        Reason::DriverDataTermPassed => "termine dei dati conducente scaduto",
        Reason::Sanction126bisRaised => "sanzione dell'art. 126-bis già contestata",
        Reason::PointsNotTransmitted => "punti non trasmessi, o senza conferma",
        Reason::DriverUnknown => "conducente non noto",
        Reason::M2NotSent => "nessun sollecito inviato da almeno 30 giorni",
        Reason::BatchNotApproved => "lotto da approvare",
        Reason::ServiceNotConfigured => "servizio App IO, contatti o modulo non configurati",
    }
}

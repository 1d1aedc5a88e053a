//! Anomalies: what does not agree, and who must act.

use std::fmt;

use domain::money::Cents;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{Candidate, Key, Kind, Row, Text, wire};
use crate::line::{Column, Line, column};
use crate::words::{Word, words};

/// Something that does not agree.
#[derive(Debug, Clone, Serialize)]
pub struct AnomalyRow<'a> {
    /// Its identifier: the same when it is seen again.
    pub id: Text<'a>,
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// What kind.
    pub code: AnomalyCode,
    /// What it is about: `credit:2026/123`, `flow:PSP:IUF`, `payment:IUV/IUR/index` …
    pub subject: Text<'a>,
    /// The money at stake.
    #[serde(serialize_with = "wire::text_opt", skip_serializing_if = "Option::is_none")]
    pub amount: Option<Cents>,
    /// The day since when it is there.
    #[serde(serialize_with = "wire::text")]
    pub since: Date,
    /// Whether its cause is still there.
    pub state: AnomalyState,
    /// Who must act.
    pub competence: Competence<'a>,
    /// The facts that show it.
    pub evidence: Vec<Evidence<'a>>,
    /// What may explain it, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate<'a>>,
    /// The decision of a person that answered it, where it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionRow<'a>>,
    /// What happened, in plain Italian.
    pub explanation: Text<'a>,
    /// What to do next, in plain Italian.
    pub action: Text<'a>,
    /// A message ready to be sent, where somebody must be written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message<'a>>,
}

/// A message that is ready to be sent; one letter can join several that one sender has for one
/// addressee.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// Who writes to whom; empty of a message that is only remembered.
    pub opening: Text<'a>,
    /// What it is about, in a few words; empty of a message that is only remembered.
    pub subject: Text<'a>,
    /// What happened, what it refers to and what is asked.
    pub matter: Text<'a>,
    /// The greeting and the signature; empty of a message that is only remembered.
    pub closing: Text<'a>,
}

impl<'a> Message<'a> {
    /// A message of which only the whole text is remembered.
    pub fn whole(text: impl Into<Text<'a>>) -> Self {
        let empty = || Text::from("");
        Self { opening: empty(), subject: empty(), matter: text.into(), closing: empty() }
    }
}

/// As it is sent.
impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.opening.is_empty() {
            write!(f, "{}\nOggetto: {}\n\n", self.opening, self.subject)?;
        }
        f.write_str(&self.matter)?;
        if !self.closing.is_empty() {
            write!(f, "\n\n{}", self.closing)?;
        }
        Ok(())
    }
}

impl Serialize for Message<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Who must act.
#[derive(Debug, Clone, Serialize)]
pub struct Competence<'a> {
    /// Which kind of party.
    pub party: Party,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
}

/// A decision of a person.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionRow<'a> {
    /// Its number among the decisions on its subject.
    pub number: u32,
    /// What was decided, in Italian.
    pub verdict: Text<'a>,
    /// Who decided.
    pub by: Text<'a>,
    /// Why.
    pub note: Text<'a>,
    /// When.
    #[serde(serialize_with = "wire::instant")]
    pub at: Timestamp,
}

/// A fact and where it was read.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence<'a> {
    /// The fact, by its subject; absent where the row itself is the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<Text<'a>>,
    /// The input that it came in.
    pub file: Text<'a>,
    /// Line of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

words! {
    /// Who must act.
    Party {
        /// The organization itself.
        Organization = "organization", "I nostri uffici";
        /// A payment service provider.
        Psp = "psp", "PSP";
        /// The treasurer.
        Treasurer = "treasurer", "Tesoriere";
        /// The intermediary of the organization's stations.
        Intermediary = "intermediary", "Intermediario tecnologico";
        /// PagoPA S.p.A.
        Pagopa = "pagopa", "PagoPA S.p.A.";
        /// Nobody: an information.
        None = "none", "Nessuno, solo per conoscenza";
    }
}

words! {
    /// Whether the cause of an anomaly is still there.
    AnomalyState {
        /// It is.
        Open = "open", "aperta";
        /// It is gone.
        Closed = "closed", "chiusa";
    }
}

words! {
    /// The kinds of anomaly.
    AnomalyCode {
        /// A credit names an IUF that is not here after D+2.
        CreditWithoutFdr = "credit_without_fdr", "Accredito senza il suo flusso di rendicontazione";
        /// A credit without any pagoPA marker.
        CreditNotPagopa = "credit_not_pagopa", "Accredito che non proviene da pagoPA";
        /// Credits and declared total differ.
        CreditAmountMismatch = "credit_amount_mismatch", "Accredito diverso dal totale del flusso";
        /// The same transfer twice.
        CreditDuplicated = "credit_duplicated", "Accredito registrato due volte";
        /// The same number with other data.
        CreditConflict = "credit_conflict", "Stesso provvisorio con dati diversi";
        /// A negative entry.
        CreditNegative = "credit_negative", "Entrata di importo negativo";
        /// A single credit whose IUV nobody reported.
        PaymentNotFound = "payment_not_found", "Accredito di un pagamento mai rendicontato";
        /// The IUF is cut.
        IufTruncated = "iuf_truncated", "Identificativo del flusso troncato nella causale";
        /// The IUF cannot be read.
        IufUnreadable = "iuf_unreadable", "Identificativo del flusso illeggibile nella causale";
        /// The IUF is longer than 35 characters.
        IufTooLong = "iuf_too_long", "Identificativo del flusso troppo lungo nella causale";
        /// The causale can be read in more ways.
        AmbiguousCausale = "ambiguous_causale", "Causale che si legge in più modi";
        /// Pages are missing.
        JournalIncomplete = "journal_incomplete", "Giornale di cassa incompleto";
        /// Totals are wrong.
        JournalTotalsMismatch = "journal_totals_mismatch", "Giornale di cassa con totali errati";
        /// A storno after the regularisation.
        ReversedAfterRegularisation = "reversed_after_regularisation",
            "Provvisorio stornato dopo la regolarizzazione";
        /// No credit after D+1.
        FdrWithoutCredit = "fdr_without_credit", "Flusso senza accredito";
        /// The lines do not add up.
        FdrTotalMismatch = "fdr_total_mismatch", "Totale del flusso diverso dalla somma delle righe";
        /// The lines are not as many as declared.
        FdrCountMismatch = "fdr_count_mismatch", "Numero di pagamenti del flusso errato";
        /// The same line twice in a flow.
        RowDuplicatedInFlow = "row_duplicated_in_flow", "Pagamento ripetuto nello stesso flusso";
        /// An outcome that no standard knows.
        OutcomeUnknown = "outcome_unknown", "Codice di esito sconosciuto";
        /// A revision after D+4.
        LateRevision = "late_revision", "Revisione del flusso oltre il termine";
        /// A revision after the accounts were closed.
        RevisionAfterClose = "revision_after_close", "Revisione del flusso a conti chiusi";
        /// Receipt and line differ.
        RowAmountMismatch = "row_amount_mismatch", "Importo rendicontato diverso dalla ricevuta";
        /// Outcome 0 and no receipt.
        ReceiptMissing = "receipt_missing", "Ricevuta mancante";
        /// A receipt and no line after D+2.
        ReceiptWithoutFdr = "receipt_without_fdr", "Pagamento con ricevuta, mai rendicontato";
        /// A transfer for another entity.
        ReceiptOfOtherOrganization = "receipt_of_other_organization", "Ricevuta di un altro ente";
        /// No position for the IUV.
        PositionUnknown = "position_unknown", "Pagamento senza posizione debitoria";
        /// Outcome 9 or 8.
        PaymentWithoutRpt = "payment_without_rpt", "Pagamento senza richiesta (RPT)";
        /// More than one payment of one debt, beyond what was due.
        DuplicatePayment = "duplicate_payment", "Pagamento doppio";
        /// The same IUR in two flows.
        PaymentReportedTwice = "payment_reported_twice", "Pagamento rendicontato due volte";
        /// The payment was taken back.
        PaymentRevoked = "payment_revoked", "Pagamento revocato";
        /// Paid after the term of its tier.
        PaidAfterDue = "paid_after_due", "Pagamento oltre la scadenza";
        /// The split does not add up to what was paid.
        AllocationIncomplete = "allocation_incomplete", "Imputazione incompleta";
        /// More than one split fits.
        AllocationAmbiguous = "allocation_ambiguous", "Imputazione non univoca";
        /// No accertamento.
        AssessmentMissing = "assessment_missing", "Accertamento mancante";
        /// The segregation code is in no station.
        IntermediaryUnknown = "intermediary_unknown", "Intermediario sconosciuto";
        /// Later facts contradict a decision.
        DecisionContradicted = "decision_contradicted", "Decisione contraddetta da fatti successivi";
        /// A file says otherwise of a fact that is known: it was refused.
        VersionConflict = "version_conflict", "File in contrasto con un dato acquisito";
        /// The check digits are wrong.
        IuvCheckDigit = "iuv_check_digit", "Cifre di controllo dello IUV errate";
    }
}

impl Row for AnomalyRow<'_> {
    const KIND: Kind = Kind {
        stem: "anomalies",
        sheet: "Anomalie",
        note: "Tutte le anomalie, aperte e chiuse. Anche in anomalies.csv.",
        columns: COLUMNS,
    };

    fn key(&self, key: &mut Key) {
        key.text(&self.id);
    }

    fn cells(&self, line: &mut Line) {
        line.text(&self.organization);
        line.text(self.state.label());
        line.text(self.competence.party.label());
        line.text_opt(self.competence.name.as_deref());
        line.text(self.code.label());
        line.text(&self.subject);
        line.amount_opt(self.amount);
        line.date(self.since);
        line.text(&self.action);
        line.text(&self.explanation);
        line.list(&self.evidence);
        line.text_opt(self.message.as_ref().map(ToString::to_string).as_deref());
        line.text(self.code.code());
        line.text(&self.id);
    }
}

const COLUMNS: &[Column] = &[
    column("Ente", 14),
    column("Stato", 9),
    column("Chi deve agire", 26),
    column("Nome", 30),
    column("Anomalia", 44),
    column("Oggetto", 44),
    column("Importo", 14),
    column("Dal", 12),
    column("Che cosa fare", 60),
    column("Spiegazione", 80),
    column("Prove", 50),
    column("Messaggio pronto", 60),
    column("Codice", 26),
    column("Identificativo", 20),
];

/// As people read it: `flow:PSP:IUF (flussi.zip!1.xml, riga 12)`.
impl fmt::Display for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fact) = &self.fact {
            write!(f, "{fact} — ")?;
        }
        f.write_str(&self.file)?;
        match self.line {
            Some(line) => write!(f, ", riga {line}"),
            None => Ok(()),
        }
    }
}

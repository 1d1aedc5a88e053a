//! Anomalies: what contradicts what, and whose job it is (the table of codes).

/// What is wrong, by the fixed codes of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A credit names a flow that is not here after its due time.
    CreditWithoutFdr,
    /// A credit has no pagoPA marker.
    CreditNotPagopa,
    /// A credit and what it names have different amounts.
    CreditAmountMismatch,
    /// The same transfer was booked twice.
    CreditDuplicated,
    /// The same provvisorio has other data.
    CreditConflict,
    /// A provvisorio was executed with a negative amount.
    CreditNegative,
    /// A single credit names an IUV that nobody reported.
    PaymentNotFound,
    /// The flow identifier in a causale is cut.
    IufTruncated,
    /// There is a pagoPA marker and no identifier that can be read.
    IufUnreadable,
    /// The identifier has more than 35 characters.
    IufTooLong,
    /// A causale can be read in more than one way.
    AmbiguousCausale,
    /// Pages of a journal are missing.
    JournalIncomplete,
    /// The totals of a journal are not those of its movements.
    JournalTotalsMismatch,
    /// A provvisorio was reversed after a reversale had regularised it.
    ReversedAfterRegularisation,
    /// A flow has no credit after its due day, and the journal of that day is loaded.
    FdrWithoutCredit,
    /// A flow's total is not the sum of its lines.
    FdrTotalMismatch,
    /// A flow's count is not the number of its lines: a warning.
    FdrCountMismatch,
    /// A line is twice in a flow.
    RowDuplicatedInFlow,
    /// A line has an outcome that no specification knows.
    OutcomeUnknown,
    /// A revision came after the flow was definitive.
    LateRevision,
    /// A revision came after its credit was regularised.
    RevisionAfterClose,
    /// Receipt and line have different amounts.
    RowAmountMismatch,
    /// A line with outcome 0 has no receipt.
    ReceiptMissing,
    /// A receipt has no line after its due time.
    ReceiptWithoutFdr,
    /// A receipt pays another body as well, or only.
    ReceiptOfOtherOrganization,
    /// Nobody knows which debt an IUV is for.
    PositionUnknown,
    /// A payment was made without a request (outcome 8 or 9).
    PaymentWithoutRpt,
    /// A debt was paid more than once.
    DuplicatePayment,
    /// One payment is in two flows.
    PaymentReportedTwice,
    /// A payment was revoked.
    PaymentRevoked,
    /// A notice was paid after its term.
    PaidAfterDue,
    /// Not all of a payment can be put on an accertamento.
    AllocationIncomplete,
    /// A payment can be put on accertamenti, or given to a credit, in more than one way.
    AllocationAmbiguous,
    /// There is no accertamento for a debt.
    AssessmentMissing,
    /// The station table does not know who intermediates an IUV at that date.
    IntermediaryUnknown,
    /// The check digits of an IUV or notice number are wrong: an information.
    IuvCheckDigit,
    /// A file says something else of a fact that is known: it was refused.
    VersionConflict,
    /// What came since contradicts what a person decided.
    DecisionContradicted,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The payment service provider.
    Psp,
    /// The treasurer.
    Treasurer,
    /// The technology partner that intermediates the IUV.
    Intermediary,
    /// PagoPA S.p.A.
    Pagopa,
    /// The organization itself.
    Organization,
    /// Nobody: an information.
    None,
}

impl Code {
    /// Every code, in the order of the table.
    pub const ALL: [Self; 38] = [
        Self::CreditWithoutFdr,
        Self::CreditNotPagopa,
        Self::CreditAmountMismatch,
        Self::CreditDuplicated,
        Self::CreditConflict,
        Self::CreditNegative,
        Self::PaymentNotFound,
        Self::IufTruncated,
        Self::IufUnreadable,
        Self::IufTooLong,
        Self::AmbiguousCausale,
        Self::JournalIncomplete,
        Self::JournalTotalsMismatch,
        Self::ReversedAfterRegularisation,
        Self::FdrWithoutCredit,
        Self::FdrTotalMismatch,
        Self::FdrCountMismatch,
        Self::RowDuplicatedInFlow,
        Self::OutcomeUnknown,
        Self::LateRevision,
        Self::RevisionAfterClose,
        Self::RowAmountMismatch,
        Self::ReceiptMissing,
        Self::ReceiptWithoutFdr,
        Self::ReceiptOfOtherOrganization,
        Self::PositionUnknown,
        Self::PaymentWithoutRpt,
        Self::DuplicatePayment,
        Self::PaymentReportedTwice,
        Self::PaymentRevoked,
        Self::PaidAfterDue,
        Self::AllocationIncomplete,
        Self::AllocationAmbiguous,
        Self::AssessmentMissing,
        Self::IntermediaryUnknown,
        Self::IuvCheckDigit,
        Self::VersionConflict,
        Self::DecisionContradicted,
    ];

    /// The word for it in the files that programs read.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CreditWithoutFdr => "credit_without_fdr",
            Self::CreditNotPagopa => "credit_not_pagopa",
            Self::CreditAmountMismatch => "credit_amount_mismatch",
            Self::CreditDuplicated => "credit_duplicated",
            Self::CreditConflict => "credit_conflict",
            Self::CreditNegative => "credit_negative",
            Self::PaymentNotFound => "payment_not_found",
            Self::IufTruncated => "iuf_truncated",
            Self::IufUnreadable => "iuf_unreadable",
            Self::IufTooLong => "iuf_too_long",
            Self::AmbiguousCausale => "ambiguous_causale",
            Self::JournalIncomplete => "journal_incomplete",
            Self::JournalTotalsMismatch => "journal_totals_mismatch",
            Self::ReversedAfterRegularisation => "reversed_after_regularisation",
            Self::FdrWithoutCredit => "fdr_without_credit",
            Self::FdrTotalMismatch => "fdr_total_mismatch",
            Self::FdrCountMismatch => "fdr_count_mismatch",
            Self::RowDuplicatedInFlow => "row_duplicated_in_flow",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::LateRevision => "late_revision",
            Self::RevisionAfterClose => "revision_after_close",
            Self::RowAmountMismatch => "row_amount_mismatch",
            Self::ReceiptMissing => "receipt_missing",
            Self::ReceiptWithoutFdr => "receipt_without_fdr",
            Self::ReceiptOfOtherOrganization => "receipt_of_other_organization",
            Self::PositionUnknown => "position_unknown",
            Self::PaymentWithoutRpt => "payment_without_rpt",
            Self::DuplicatePayment => "duplicate_payment",
            Self::PaymentReportedTwice => "payment_reported_twice",
            Self::PaymentRevoked => "payment_revoked",
            Self::PaidAfterDue => "paid_after_due",
            Self::AllocationIncomplete => "allocation_incomplete",
            Self::AllocationAmbiguous => "allocation_ambiguous",
            Self::AssessmentMissing => "assessment_missing",
            Self::IntermediaryUnknown => "intermediary_unknown",
            Self::IuvCheckDigit => "iuv_check_digit",
            Self::VersionConflict => "version_conflict",
            Self::DecisionContradicted => "decision_contradicted",
        }
    }

    /// The code written `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// Who must act, where the code alone decides it.
    #[must_use]
    pub const fn party(self) -> Party {
        match self {
            Self::CreditWithoutFdr
            | Self::CreditAmountMismatch
            | Self::PaymentNotFound
            | Self::IufTruncated
            | Self::IufUnreadable
            | Self::IufTooLong
            | Self::AmbiguousCausale
            | Self::FdrWithoutCredit
            | Self::FdrTotalMismatch
            | Self::FdrCountMismatch
            | Self::RowDuplicatedInFlow
            | Self::OutcomeUnknown
            | Self::LateRevision
            | Self::RowAmountMismatch
            | Self::ReceiptWithoutFdr
            | Self::PaymentReportedTwice
            | Self::VersionConflict => Party::Psp,
            Self::CreditDuplicated
            | Self::CreditConflict
            | Self::CreditNegative
            | Self::JournalIncomplete
            | Self::JournalTotalsMismatch
            | Self::ReversedAfterRegularisation => Party::Treasurer,
            Self::ReceiptMissing => Party::Intermediary,
            Self::RevisionAfterClose
            | Self::PositionUnknown
            | Self::DuplicatePayment
            | Self::PaymentRevoked
            | Self::PaidAfterDue
            | Self::AllocationIncomplete
            | Self::AllocationAmbiguous
            | Self::AssessmentMissing
            | Self::IntermediaryUnknown
            | Self::DecisionContradicted => Party::Organization,
            Self::CreditNotPagopa
            | Self::ReceiptOfOtherOrganization
            | Self::PaymentWithoutRpt
            | Self::IuvCheckDigit => Party::None,
        }
    }
}

impl Party {
    /// Every party.
    pub const ALL: [Self; 6] = [
        Self::Psp,
        Self::Treasurer,
        Self::Intermediary,
        Self::Pagopa,
        Self::Organization,
        Self::None,
    ];

    /// The party written `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The word for it in the files that programs read.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Psp => "psp",
            Self::Treasurer => "treasurer",
            Self::Intermediary => "intermediary",
            Self::Pagopa => "pagopa",
            Self::Organization => "organization",
            Self::None => "none",
        }
    }
}

//! Why a message does not go.

/// Whether a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// It goes.
    Send,
    /// A person or a later fact may free it.
    Hold,
    /// It does not go.
    Exclude,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 3] = [Self::Send, Self::Hold, Self::Exclude];

    /// The word for it in the files that programs read.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Hold => "hold",
            Self::Exclude => "exclude",
        }
    }
}

/// Why a message does not go, by the fixed codes of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The kind is not for this debt type.
    NotApplicable,
    /// Today is not in the window of the kind.
    OutsideWindow,
    /// The day of notification is not known.
    NotifiedOnMissing,
    /// The day of notification is still to come.
    NotifiedOnFuture,
    /// Notified more than 90 days after the violation (art. 201 CdS).
    NotifiedLate,
    /// The debtor is a company.
    RecipientNotPerson,
    /// There is no valid fiscal code of a person.
    FiscalCodeNotPersonal,
    /// The recipient is under 18.
    Minor,
    /// The debtor is dead: heirs do not owe (art. 199 CdS).
    Deceased,
    /// Whether the debtor is dead is not known.
    DeceasedUnknown,
    /// The position is cancelled or archived.
    Cancelled,
    /// A request of autotutela is open.
    ReviewPending,
    /// Whether one is open is not known.
    ReviewUnknown,
    /// The violation is a crime or reveals health.
    Sensitive,
    /// Whether it is or does is not known.
    SensitiveUnknown,
    /// This very message was sent, or may have been.
    AlreadySent,
    /// The position had another message in the last 7 days.
    RecentMessage,
    /// Nothing is due any more.
    Paid,
    /// Nothing was paid.
    NotPaid,
    /// A payment is known and not in the treasury yet.
    PaymentNotReconciled,
    /// Something was paid in the last 7 days.
    RecentPayment,
    /// Part was paid: another kind asks for the rest.
    PartiallyPaid,
    /// No part of it was paid, or all.
    NotPartiallyPaid,
    /// Not all that was due is in the treasury.
    NotFullyMatched,
    /// There is an appeal.
    Appeal,
    /// Whether there is one is not known.
    AppealUnknown,
    /// An instalment plan runs.
    Installments,
    /// Whether one runs is not known.
    InstallmentsUnknown,
    /// The debt is in a ruolo or an ingiunzione.
    InEnforcement,
    /// The ruolo is less than 30 days away.
    EnforcementTooNear,
    /// The violation cannot be settled by paying (art. 202 c. 3 CdS).
    NotSettleable,
    /// Whether it can is not known.
    SettleableUnknown,
    /// Prescribed, or within 6 months of it (art. 209 CdS).
    PrescriptionNear,
    /// A date that the message depends on is not known.
    ViolationDateUnknown,
    /// No notice asks for the sum of the message.
    NoPayableNotice,
    /// The address is abroad and there is no such notice.
    ForeignWithoutNotice,
    /// The notice does not ask for what the data say is due.
    AmountMismatch,
    /// The data do not say what is due.
    AmountUnknown,
    /// The office's term is not the one of the law.
    DueDateMismatch,
    /// The violation has no 30 % less.
    DiscountNotAllowed,
    /// Whether it has is not known.
    DiscountUnknown,
    /// An open credit may be its payment.
    CandidateCredit,
    /// An open anomaly may be about its payment.
    OpenAnomaly,
    /// No points are at stake.
    DriverDataNotRequired,
    /// The driver's data arrived, or the reason why not.
    FormReceived,
    /// The driver was identified on the road.
    DriverIdentified,
    /// Something of the driver's data is not known.
    DriverDataUnknown,
    /// The 60 days of art. 126-bis CdS are over.
    DriverDataTermPassed,
    /// The sanction of art. 126-bis CdS was raised.
    Sanction126bisRaised,
    /// The points were not sent, or that is not confirmed.
    PointsNotTransmitted,
    /// The driver is not known.
    DriverUnknown,
    /// No sollecito was sent at least 30 days ago.
    M2NotSent,
    /// No person has approved the batch.
    BatchNotApproved,
    /// The debt type lacks what a message needs.
    ServiceNotConfigured,
}

impl Reason {
    /// Every reason, in the order in which a plan tells them.
    pub const ALL: [Self; 54] = [
        Self::NotApplicable,
        Self::OutsideWindow,
        Self::NotifiedOnMissing,
        Self::NotifiedOnFuture,
        Self::NotifiedLate,
        Self::RecipientNotPerson,
        Self::FiscalCodeNotPersonal,
        Self::Minor,
        Self::Deceased,
        Self::DeceasedUnknown,
        Self::Cancelled,
        Self::ReviewPending,
        Self::ReviewUnknown,
        Self::Sensitive,
        Self::SensitiveUnknown,
        Self::AlreadySent,
        Self::RecentMessage,
        Self::Paid,
        Self::NotPaid,
        Self::PaymentNotReconciled,
        Self::RecentPayment,
        Self::PartiallyPaid,
        Self::NotPartiallyPaid,
        Self::NotFullyMatched,
        Self::Appeal,
        Self::AppealUnknown,
        Self::Installments,
        Self::InstallmentsUnknown,
        Self::InEnforcement,
        Self::EnforcementTooNear,
        Self::NotSettleable,
        Self::SettleableUnknown,
        Self::PrescriptionNear,
        Self::ViolationDateUnknown,
        Self::NoPayableNotice,
        Self::ForeignWithoutNotice,
        Self::AmountMismatch,
        Self::AmountUnknown,
        Self::DueDateMismatch,
        Self::DiscountNotAllowed,
        Self::DiscountUnknown,
        Self::CandidateCredit,
        Self::OpenAnomaly,
        Self::DriverDataNotRequired,
        Self::FormReceived,
        Self::DriverIdentified,
        Self::DriverDataUnknown,
        Self::DriverDataTermPassed,
        Self::Sanction126bisRaised,
        Self::PointsNotTransmitted,
        Self::DriverUnknown,
        Self::M2NotSent,
        Self::BatchNotApproved,
        Self::ServiceNotConfigured,
    ];

    /// The word for it in the files that programs read.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::OutsideWindow => "outside_window",
            Self::NotifiedOnMissing => "notified_on_missing",
            Self::NotifiedOnFuture => "notified_on_future",
            Self::NotifiedLate => "notified_late",
            Self::RecipientNotPerson => "recipient_not_person",
            Self::FiscalCodeNotPersonal => "fiscal_code_not_personal",
            Self::Minor => "minor",
            Self::Deceased => "deceased",
            Self::DeceasedUnknown => "deceased_unknown",
            Self::Cancelled => "cancelled",
            Self::ReviewPending => "review_pending",
            Self::ReviewUnknown => "review_unknown",
            Self::Sensitive => "sensitive",
            Self::SensitiveUnknown => "sensitive_unknown",
            Self::AlreadySent => "already_sent",
            Self::RecentMessage => "recent_message",
            Self::Paid => "paid",
            Self::NotPaid => "not_paid",
            Self::PaymentNotReconciled => "payment_not_reconciled",
            Self::RecentPayment => "recent_payment",
            Self::PartiallyPaid => "partially_paid",
            Self::NotPartiallyPaid => "not_partially_paid",
            Self::NotFullyMatched => "not_fully_matched",
            Self::Appeal => "appeal",
            Self::AppealUnknown => "appeal_unknown",
            Self::Installments => "installments",
            Self::InstallmentsUnknown => "installments_unknown",
            Self::InEnforcement => "in_enforcement",
            Self::EnforcementTooNear => "enforcement_too_near",
            Self::NotSettleable => "not_settleable",
            Self::SettleableUnknown => "settleable_unknown",
            Self::PrescriptionNear => "prescription_near",
            Self::ViolationDateUnknown => "violation_date_unknown",
            Self::NoPayableNotice => "no_payable_notice",
            Self::ForeignWithoutNotice => "foreign_without_notice",
            Self::AmountMismatch => "amount_mismatch",
            Self::AmountUnknown => "amount_unknown",
            Self::DueDateMismatch => "due_date_mismatch",
            Self::DiscountNotAllowed => "discount_not_allowed",
            Self::DiscountUnknown => "discount_unknown",
            Self::CandidateCredit => "candidate_credit",
            Self::OpenAnomaly => "open_anomaly",
            Self::DriverDataNotRequired => "driver_data_not_required",
            Self::FormReceived => "form_received",
            Self::DriverIdentified => "driver_identified",
            Self::DriverDataUnknown => "driver_data_unknown",
            Self::DriverDataTermPassed => "driver_data_term_passed",
            Self::Sanction126bisRaised => "sanction_126bis_raised",
            Self::PointsNotTransmitted => "points_not_transmitted",
            Self::DriverUnknown => "driver_unknown",
            Self::M2NotSent => "m2_not_sent",
            Self::BatchNotApproved => "batch_not_approved",
            Self::ServiceNotConfigured => "service_not_configured",
        }
    }

    /// What it comes to: what is not known, and what a person must look at, holds.
    #[must_use]
    pub const fn decision(self) -> Decision {
        match self {
            Self::NotifiedLate
            | Self::DeceasedUnknown
            | Self::ReviewUnknown
            | Self::SensitiveUnknown
            | Self::AppealUnknown
            | Self::InstallmentsUnknown
            | Self::SettleableUnknown
            | Self::ViolationDateUnknown
            | Self::AmountMismatch
            | Self::AmountUnknown
            | Self::DueDateMismatch
            | Self::DiscountUnknown
            | Self::CandidateCredit
            | Self::OpenAnomaly
            | Self::DriverDataUnknown
            | Self::BatchNotApproved
            | Self::ServiceNotConfigured => Decision::Hold,
            _ => Decision::Exclude,
        }
    }
}

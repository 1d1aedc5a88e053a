//! Kinds of messages.

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// M1: the term of 60 days is near (art. 202 c. 1 CdS).
    DueSoon,
    /// M1b: the 30 % less can still be had (art. 202 c. 1 CdS).
    Discount,
    /// M2: the term has passed and nothing was paid (art. 203 c. 3 CdS).
    Overdue,
    /// M2b: the term has passed and part was paid (art. 389 Reg. CdS).
    Remainder,
    /// M3: the last courtesy before the ruolo; only as part of an approved batch.
    PreEnforcement,
    /// M4: the driver's data are due (art. 126-bis c. 2 CdS); twice.
    DriverData,
    /// M5: the payment was registered.
    PaymentRecorded,
    /// M6: the points were sent to the Anagrafe nazionale degli abilitati alla guida.
    PointsSent,
    /// M7: a new notice of a debt that is no fine.
    Invitation,
    /// M8: an earlier message was wrong.
    Correction,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::DueSoon,
        Self::Discount,
        Self::Overdue,
        Self::Remainder,
        Self::PreEnforcement,
        Self::DriverData,
        Self::PaymentRecorded,
        Self::PointsSent,
        Self::Invitation,
        Self::Correction,
    ];

    /// The word for it on the command line and in the files that programs read.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DueSoon => "in_scadenza",
            Self::Discount => "sconto",
            Self::Overdue => "sollecito",
            Self::Remainder => "conguaglio",
            Self::PreEnforcement => "pre_ruolo",
            Self::DriverData => "dati_conducente",
            Self::PaymentRecorded => "pagamento_registrato",
            Self::PointsSent => "punti_trasmessi",
            Self::Invitation => "invito",
            Self::Correction => "errata_corrige",
        }
    }

    /// The kind written `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it is about a violation of the Codice della Strada.
    #[must_use]
    pub const fn is_of_fines(self) -> bool {
        !matches!(self, Self::Invitation | Self::Correction)
    }

    /// Whether it asks for money.
    #[must_use]
    pub const fn asks_for_money(self) -> bool {
        matches!(
            self,
            Self::DueSoon
                | Self::Discount
                | Self::Overdue
                | Self::Remainder
                | Self::PreEnforcement
                | Self::Invitation
        )
    }
}

//! Who would get which message, and who would not and why. Nothing leaves.

use std::fmt;

use domain::campaign::{Decision, Kind, Reason};
use domain::identifier::{FiscalCode, NoticeNumber, OrganizationCode};
use domain::money::Cents;
use jiff::Timestamp;

/// What a plan says of one position.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose position.
    pub organization: OrganizationCode,
    /// The position.
    pub position_id: Box<str>,
    /// The kind of message.
    pub kind: Kind,
    /// Which one of its kind.
    pub occurrence: Box<str>,
    /// Whether it goes.
    pub decision: Decision,
    /// Every reason against it, in the order of [`Reason::ALL`].
    pub reasons: Vec<Reason>,
    /// Who would get it: never written anywhere.
    pub recipient: Option<FiscalCode>,
    /// What the recipient is to the position.
    pub recipient_kind: RecipientKind,
    /// The debt type: it has the service that sends.
    pub debt_type: Box<str>,
    /// The message, where it goes.
    pub message: Option<Message>,
    /// The text that it was made of, where it goes.
    pub template_version: Option<Box<str>>,
    /// From when to when it may go, where that is known.
    pub send_window: Option<SendWindow>,
    /// What makes it this message and no other.
    pub intent_key: Box<str>,
}

/// Nothing personal: neither the recipient nor the text.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, decision, reasons, intent_key, .. } = self;
        write!(f, "Row({intent_key}, {kind:?}, {decision:?}, {reasons:?})")
    }
}

/// What the recipient is to the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientKind {
    /// The debtor, a person.
    Person,
    /// The debtor, a company.
    Company,
    /// The driver.
    Driver,
    /// Nobody knows.
    Unknown,
}

/// A message as it goes to IO.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its title: 10 to 120 UTF-16 units, nothing personal.
    pub subject: String,
    /// Its text: 80 to 10,000 UTF-16 units.
    pub markdown: String,
    /// Until when what it asks for is in time: 23:59:59 in Rome.
    pub due_date: Option<Timestamp>,
    /// What can be paid from it.
    pub payment_data: Option<PaymentData>,
}

/// The text is the citizen's: it stays out of logs.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({:?}, ..)", self.subject)
    }
}

/// What can be paid from a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentData {
    /// How much, in cents: 1 to 9,999,999,999.
    pub amount: Cents,
    /// The notice.
    pub notice_number: NoticeNumber,
    /// Whether it cannot be paid any more after the due date.
    pub invalid_after_due_date: bool,
}

/// From when to when a message may go, both ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendWindow {
    /// 9:00 in Rome of the first office day.
    pub from: Timestamp,
    /// 19:00 in Rome of the last one; none where the window has no end.
    pub to: Option<Timestamp>,
}

//! Who would get which message, and who would not and why. Nothing leaves.

use std::fmt;

use domain::campaign::{Decision, Kind, Reason};
use domain::identifier::{FiscalCode, OrganizationCode};
use jiff::Timestamp;

use super::message::Message;

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

/// From when to when a message may go, both ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendWindow {
    /// 9:00 in Rome of the first office day.
    pub from: Timestamp,
    /// 19:00 in Rome of the last one; none where the window has no end.
    pub to: Option<Timestamp>,
}

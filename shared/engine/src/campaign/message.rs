//! A message as it goes to IO, but for whom it goes to.

use domain::identifier::NoticeNumber;
use domain::money::Cents;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::port::Hash;

/// `content` of a message of IO. It is never stored: it is rendered again from its template and its
/// data.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `subject`, 10 to 120 UTF-16 units, nothing personal.
    pub subject: String,
    /// `markdown`, 80 to 10,000 UTF-16 units.
    pub markdown: String,
    /// `due_date`: the last second, in Rome, of the day by which to act.
    #[serde(serialize_with = "milliseconds", skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Timestamp>,
    /// `payment_data`: what the button of the message pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_data: Option<PaymentData>,
}

/// `payment_data`. The creditor is left out: IO fills in that of the service, and who names it
/// without a permission of its own is refused with 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PaymentData {
    /// `amount`, whole cents, 1 to 9,999,999,999.
    #[serde(serialize_with = "whole_cents")]
    pub amount: Cents,
    /// `notice_number`.
    #[serde(serialize_with = "digits")]
    pub notice_number: NoticeNumber,
    /// `invalid_after_due_date`: the app shows the notice as expired once `due_date` has passed.
    pub invalid_after_due_date: bool,
}

impl Message {
    /// Tells one text to one citizen from another, without keeping it.
    #[must_use]
    pub fn content_hash(&self) -> Hash {
        Hash(Sha256::digest(crate::record::write(self)).into())
    }
}

/// What a citizen is told is nobody else's business.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(..)")
    }
}

/// As IO writes it: in UTC, with milliseconds.
#[allow(clippy::ref_option, reason = "the signature that serde asks for")]
fn milliseconds<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(&format_args!("{at:.3}")),
        None => serializer.serialize_none(),
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn whole_cents<S: Serializer>(amount: &Cents, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(amount.get())
}

fn digits<S: Serializer>(notice: &NoticeNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(notice.as_str())
}

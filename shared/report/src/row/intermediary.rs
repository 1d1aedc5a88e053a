//! What each technology partner gives us: receipts, positions, and how much our own data explain.

use domain::money::Cents;
use serde::Serialize;

use super::{ByState, PaymentRow, ReceiptPresence, Tally, Text};
use crate::italian::Share;

/// A technology partner of the station table.
#[derive(Debug, Clone, Serialize)]
pub struct Intermediary<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// Name of the partner.
    pub name: Text<'a>,
    /// Whether the station table says that its receipts reach us, at some station of it.
    pub receipts_expected: bool,
}

/// The payments whose IUV one technology partner intermediates.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IntermediaryCoverage<'a> {
    /// Fiscal code of the organization.
    pub organization: Text<'a>,
    /// Name of the partner; absent where the station table names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediary: Option<Text<'a>>,
    /// Whether its receipts should reach us; absent where the station table names no partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts_expected: Option<bool>,
    /// All of them, with their amounts.
    pub payments: Tally,
    /// The same, by whether their receipt is here.
    pub receipts: ByState<ReceiptPresence>,
    /// Those that pay a position of ours.
    pub with_position: Tally,
    /// Those that a receipt or a position of ours explains: for the others only the flow speaks.
    pub explained: Tally,
    /// The share of the amounts that is explained, in percent with one decimal; absent without
    /// amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained_percent: Option<String>,
}

impl IntermediaryCoverage<'_> {
    /// Counts a payment.
    pub(crate) fn add(&mut self, row: &PaymentRow<'_>) {
        self.payments.add(row.amount);
        self.receipts.add(row.receipt, row.amount);
        if row.position_id.is_some() {
            self.with_position.add(row.amount);
        }
        if row.position_id.is_some() || row.receipt == ReceiptPresence::Real {
            self.explained.add(row.amount);
        }
    }

    /// The share of the amounts that our own data explain.
    pub(crate) fn share(&self) -> Share {
        let euros = |amount: Cents| amount.get().max(0).unsigned_abs();
        Share { part: euros(self.explained.amount), whole: euros(self.payments.amount) }
    }

    /// The same for programs: `97.3`.
    pub(crate) fn percent(&self) -> Option<String> {
        let tenths = self.share().tenths()?;
        Some(format!("{}.{}", tenths / 10, tenths % 10))
    }
}

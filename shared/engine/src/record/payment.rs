//! Receipts and payments.

use domain::decision::Decision;
use domain::fact::{LineOutcome, PaidAt, Receipt, ReceiptKind, Source, Transfer};
use domain::flow::FlowKey;
use domain::identifier::{Iuf, Iur, Iuv, NoticeNumber, OrganizationCode, Provvisorio, Psp};
use domain::money::Cents;
use domain::payment::{BankTransfer, Payment, PaymentKey, ReceivedTransfer, ReportedLine};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::{decision, text};

/// A transfer of a receipt, in the partition of its IUV. Who paid is not kept: nothing needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptRecord {
    kind: KindWord,
    #[serde(with = "text::cents")]
    amount: Cents,
    #[serde(with = "text::cents", default = "zero", skip_serializing_if = "is_nothing")]
    elsewhere: Cents,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    others: bool,
    #[serde(with = "text")]
    creditor: OrganizationCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    cash: bool,
    #[serde(with = "text")]
    psp: Psp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    psp_name: Option<Box<str>>,
    #[serde(with = "text::option", default, skip_serializing_if = "Option::is_none")]
    notice_number: Option<NoticeNumber>,
    /// Fiscal code of the debtor, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    debtor_code: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    debtor_name: Option<Box<str>>,
}

fn zero() -> Cents {
    Cents::ZERO
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_nothing(amount: &Cents) -> bool {
    amount.is_zero()
}

/// [`ReceiptKind`] as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    Rt,
    SendRt,
    SendRtV2,
}

impl From<ReceiptKind> for KindWord {
    fn from(kind: ReceiptKind) -> Self {
        match kind {
            ReceiptKind::Rt => Self::Rt,
            ReceiptKind::SendRt => Self::SendRt,
            ReceiptKind::SendRtV2 => Self::SendRtV2,
        }
    }
}

impl From<KindWord> for ReceiptKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Rt => Self::Rt,
            KindWord::SendRt => Self::SendRt,
            KindWord::SendRtV2 => Self::SendRtV2,
        }
    }
}

impl ReceiptRecord {
    /// The record of one of our transfers of a receipt.
    #[must_use]
    pub fn new(receipt: &Receipt, transfer: &Transfer) -> Self {
        let ours: Cents = receipt
            .transfers
            .iter()
            .filter(|other| other.organization == transfer.organization && !other.stamp_duty)
            .map(|other| other.amount)
            .sum();
        let everything: Cents = receipt.transfers.iter().map(|other| other.amount).sum();
        Self {
            kind: receipt.kind.into(),
            amount: transfer.amount,
            elsewhere: everything - ours,
            others: receipt.transfers.iter().any(|t| t.organization != transfer.organization),
            creditor: receipt.creditor.clone(),
            paid_on: match receipt.paid_at {
                Some(PaidAt::Day(day)) => Some(day),
                _ => None,
            },
            paid_at: match receipt.paid_at {
                Some(PaidAt::Moment(moment)) => Some(moment),
                _ => None,
            },
            cash: receipt.cash,
            psp: receipt.psp.clone(),
            psp_name: receipt.psp_name.clone(),
            notice_number: receipt.notice_number,
            debtor_code: receipt.debtor.as_ref().map(|debtor| debtor.code.clone()),
            debtor_name: receipt.debtor.as_ref().and_then(|debtor| debtor.name.clone()),
        }
    }

    /// Whom the receipt names as the debtor: name and fiscal code, as far as it does.
    #[must_use]
    pub fn debtor(&self) -> String {
        let texts = [&self.debtor_name, &self.debtor_code];
        texts.map(|text| text.as_deref().unwrap_or_default()).join(" | ")
    }

    /// The transfer that was recorded, as a payment sees it.
    #[must_use]
    pub fn into_received(self, source: Source) -> ReceivedTransfer {
        ReceivedTransfer {
            kind: self.kind.into(),
            amount: self.amount,
            elsewhere: self.elsewhere,
            pays_others: self.others,
            creditor: self.creditor,
            paid_at: self.paid_at.map(PaidAt::Moment).or(self.paid_on.map(PaidAt::Day)),
            cash: self.cash,
            psp: self.psp,
            psp_name: self.psp_name,
            notice_number: self.notice_number,
            source,
        }
    }

    fn of(received: &ReceivedTransfer) -> Self {
        Self {
            kind: received.kind.into(),
            amount: received.amount,
            elsewhere: received.elsewhere,
            others: received.pays_others,
            creditor: received.creditor.clone(),
            paid_on: match received.paid_at {
                Some(PaidAt::Day(day)) => Some(day),
                _ => None,
            },
            paid_at: match received.paid_at {
                Some(PaidAt::Moment(moment)) => Some(moment),
                _ => None,
            },
            cash: received.cash,
            psp: received.psp.clone(),
            psp_name: received.psp_name.clone(),
            notice_number: received.notice_number,
            // A conclusion about money names nobody.
            debtor_code: None,
            debtor_name: None,
        }
    }
}

/// What is concluded about the payments of a position, or of an IUV without one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentsOutcome {
    /// The version of the position in force; absent for an IUV without a position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The position that has taken the IUV over: then its payments are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// The payments, in order of key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<PaymentRecord>,
    /// Of an IUV without a position: the payments that are with the position that was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<PaymentRecord>,
    /// The decisions on the payments that hold.
    #[serde(with = "decision::list", default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// The IUVs of chosen payments that another position owns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<(Box<str>, Box<str>)>,
}

impl PaymentsOutcome {
    /// The outcome of an IUV that a position has taken over.
    #[must_use]
    pub fn moved_to(position_id: String) -> Self {
        Self { moved_to: Some(position_id), ..Self::default() }
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRecord {
    #[serde(with = "text")]
    iuv: Iuv,
    #[serde(with = "text")]
    iur: Iur,
    index: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<ReportedLineRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<(ReceiptRecord, String, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transfer: Option<TransferRecord>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TransferRecord {
    #[serde(with = "text")]
    provvisorio: Provvisorio,
    #[serde(with = "text::cents")]
    amount: Cents,
    date: Date,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reversed: bool,
    file: String,
    line: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ReportedLineRecord {
    #[serde(with = "text")]
    psp: Psp,
    #[serde(with = "text")]
    iuf: Iuf,
    #[serde(with = "text::cents")]
    amount: Cents,
    outcome: Box<str>,
    paid_on: Date,
    file: String,
    line: u64,
}

impl From<&Payment> for PaymentRecord {
    fn from(payment: &Payment) -> Self {
        let line = |line: &ReportedLine| ReportedLineRecord {
            psp: line.flow.psp.clone(),
            iuf: line.flow.iuf.clone(),
            amount: line.amount,
            outcome: line.outcome.code().into(),
            paid_on: line.paid_on,
            file: line.source.file.clone(),
            line: line.source.line,
        };
        let receipt = |received: &ReceivedTransfer| {
            let source = &received.source;
            (ReceiptRecord::of(received), source.file.clone(), source.line)
        };
        Self {
            iuv: payment.key.iuv.clone(),
            iur: payment.key.iur.clone(),
            index: payment.key.index,
            lines: payment.lines.iter().map(line).collect(),
            receipt: payment.receipt.as_ref().map(receipt),
            transfer: payment.transfer.as_ref().map(|transfer| TransferRecord {
                provvisorio: transfer.provvisorio,
                amount: transfer.amount,
                date: transfer.date,
                reversed: transfer.reversed,
                file: transfer.source.file.clone(),
                line: transfer.source.line,
            }),
        }
    }
}

impl From<PaymentRecord> for Payment {
    fn from(record: PaymentRecord) -> Self {
        let line = |line: ReportedLineRecord| ReportedLine {
            flow: FlowKey { psp: line.psp, iuf: line.iuf },
            amount: line.amount,
            outcome: LineOutcome::from_code(&line.outcome),
            paid_on: line.paid_on,
            source: Source { file: line.file, line: line.line },
        };
        Self {
            key: PaymentKey { iuv: record.iuv, iur: record.iur, index: record.index },
            lines: record.lines.into_iter().map(line).collect(),
            receipt: record
                .receipt
                .map(|(receipt, file, line)| receipt.into_received(Source { file, line })),
            transfer: record.transfer.map(|transfer| BankTransfer {
                provvisorio: transfer.provvisorio,
                amount: transfer.amount,
                date: transfer.date,
                reversed: transfer.reversed,
                source: Source { file: transfer.file, line: transfer.line },
            }),
        }
    }
}

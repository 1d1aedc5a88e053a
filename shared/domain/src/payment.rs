//! A payment: organization + IUV + IUR + index, whatever told us of it.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::anomaly::Code;
use crate::fact::{LineOutcome, PaidAt, ReceiptKind, Source};
use crate::flow::FlowKey;
use crate::identifier::{Iur, Iuv, NoticeNumber, OrganizationCode, Provvisorio, Psp};
use crate::money::Cents;

/// Identity of a payment inside an organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentKey {
    /// What it was for.
    pub iuv: Iuv,
    /// What the provider calls it.
    pub iur: Iur,
    /// Which transfer of it, 1 to 5.
    pub index: u8,
}

impl std::fmt::Display for PaymentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.iuv, self.iur, self.index)
    }
}

/// A line of a flow revision in force, as a payment sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedLine {
    /// The flow.
    pub flow: FlowKey,
    /// The amount, without its sign.
    pub amount: Cents,
    /// The outcome.
    pub outcome: LineOutcome,
    /// dataEsitoSingoloPagamento.
    pub paid_on: Date,
    /// Where it was read.
    pub source: Source,
}

/// A transfer of a receipt, as a payment sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedTransfer {
    /// The form of the receipt.
    pub kind: ReceiptKind,
    /// The amount of the transfer.
    pub amount: Cents,
    /// What of the receipt is not transferred to us: other bodies' transfers, marche da bollo.
    pub elsewhere: Cents,
    /// Whether it pays other bodies as well.
    pub pays_others: bool,
    /// The body that issued the notice: another one where we are a secondary beneficiary.
    pub creditor: OrganizationCode,
    /// When it was paid.
    pub paid_at: Option<PaidAt>,
    /// Whether it was paid in cash.
    pub cash: bool,
    /// The provider.
    pub psp: Psp,
    /// What the receipt calls the provider.
    pub psp_name: Option<Box<str>>,
    /// The notice number.
    pub notice_number: Option<NoticeNumber>,
    /// Where it was read.
    pub source: Source,
}

/// A bank transfer outside pagoPA that a person chose to be the payment of a debt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankTransfer {
    /// The provvisorio that it came with.
    pub provvisorio: Provvisorio,
    /// All of it.
    pub amount: Cents,
    /// When it came, `data_movimento`.
    pub date: Date,
    /// Whether the treasurer took it back.
    pub reversed: bool,
    /// Where it was read.
    pub source: Source,
}

/// A payment and everything that told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Which payment.
    pub key: PaymentKey,
    /// Its lines, repeats kept, in order of flow and source.
    pub lines: Vec<ReportedLine>,
    /// Its receipt: of several forms, the most telling.
    pub receipt: Option<ReceivedTransfer>,
    /// The transfer that is all of it, where a person said so: then it has no line and no receipt.
    pub transfer: Option<BankTransfer>,
}

/// Whether a payment has a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiptStanding {
    /// There is one.
    Real,
    /// A line with outcome 8 or 9 stands in for it.
    Implied,
    /// There is none.
    None,
}

/// Collects what is known of the payments of one IUV or more, in order of key.
#[must_use]
pub fn gather(
    lines: impl IntoIterator<Item = (PaymentKey, ReportedLine)>,
    receipts: impl IntoIterator<Item = (PaymentKey, ReceivedTransfer)>,
) -> Vec<Payment> {
    let mut payments: BTreeMap<PaymentKey, Payment> = BTreeMap::new();
    let empty = |key: &PaymentKey| Payment {
        key: key.clone(),
        lines: Vec::new(),
        receipt: None,
        transfer: None,
    };
    for (key, line) in lines {
        payments.entry(key.clone()).or_insert_with(|| empty(&key)).lines.push(line);
    }
    for (key, receipt) in receipts {
        let payment = payments.entry(key.clone()).or_insert_with(|| empty(&key));
        let rank =
            |receipt: &ReceivedTransfer| (std::cmp::Reverse(receipt.kind), receipt.source.clone());
        if payment.receipt.as_ref().is_none_or(|known| rank(&receipt) < rank(known)) {
            payment.receipt = Some(receipt);
        }
    }
    for payment in payments.values_mut() {
        payment.lines.sort_by(|a, b| (&a.flow, &a.source).cmp(&(&b.flow, &b.source)));
    }
    replace_implied_receipts(&mut payments);
    payments.into_values().collect()
}

/// The most days between the date of a line without RPT and that of its receipt: a weekend.
const RECEIPT_DAYS_APART_MAX: i64 = 3;

/// The receipt that a line with outcome 8 or 9 implies is replaced by the real one, which may have
/// another IUR: of the same IUV and amount, of about the same day, and with no line of its own. The
/// payment keeps the IUR of its line.
///
/// Of several that fit the earliest is taken, once: sum and number of the payments are the same
/// whichever it is.
fn replace_implied_receipts(payments: &mut BTreeMap<PaymentKey, Payment>) {
    let implied = |payment: &&Payment| payment.receipt_standing() == ReceiptStanding::Implied;
    let implied: Vec<_> = payments.values().filter(implied).map(|one| one.key.clone()).collect();
    if implied.is_empty() {
        return;
    }
    let mut alone = LoneReceipts::of(payments.values());
    for key in implied {
        let real = alone.take(&payments[&key]).and_then(|real| payments.remove(&real));
        if let Some(payment) = payments.get_mut(&key) {
            payment.receipt = real.and_then(|real| real.receipt);
        }
    }
}

/// Receipts that no line reports under their own IUR, by IUV, amount and day.
struct LoneReceipts(BTreeMap<(Iuv, Cents), BTreeMap<Option<Date>, Vec<PaymentKey>>>);

impl LoneReceipts {
    fn of<'a>(payments: impl DoubleEndedIterator<Item = &'a Payment>) -> Self {
        let mut alone = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
        // The last first, so that the first is the last of each list, which is taken.
        for payment in payments.rev().filter(|one| one.lines.is_empty() && one.receipt.is_some()) {
            let of_day = alone.entry((payment.key.iuv.clone(), payment.amount())).or_default();
            of_day.entry(payment.paid_on()).or_default().push(payment.key.clone());
        }
        Self(alone)
    }

    /// The one that replaces the receipt that a line implies; of an unknown day if of none near.
    fn take(&mut self, implied: &Payment) -> Option<PaymentKey> {
        let days = self.0.get_mut(&(implied.key.iuv.clone(), implied.amount()))?;
        let on = implied.paid_on()?;
        let (first, last) = (
            on.saturating_sub(RECEIPT_DAYS_APART_MAX.days()),
            on.saturating_add(RECEIPT_DAYS_APART_MAX.days()),
        );
        let near = days.range(Some(first)..=Some(last)).next().map(|(day, _)| *day);
        let day = near.unwrap_or(None);
        let keys = days.get_mut(&day)?;
        let taken = keys.pop();
        if keys.is_empty() {
            days.remove(&day);
        }
        taken
    }
}

impl Payment {
    /// The payment of a debt by a transfer outside pagoPA, filed under the notice that it is taken
    /// to pay. Nobody gave it an IUR: it is called by its provvisorio.
    #[must_use]
    pub fn by_transfer(notice: Iuv, transfer: BankTransfer) -> Self {
        let Provvisorio { esercizio, number } = transfer.provvisorio;
        let iur = Iur::parse(&format!("PROVVISORIO-{esercizio}-{number}"))
            .expect("a number below 10^18 makes at most 35 characters");
        let key = PaymentKey { iuv: notice, iur, index: 1 };
        Self { key, lines: Vec::new(), receipt: None, transfer: Some(transfer) }
    }

    /// The lines that pay, the first of which counts.
    fn paying(&self) -> impl Iterator<Item = &ReportedLine> {
        self.lines.iter().filter(|line| line.outcome != LineOutcome::Revoked)
    }

    /// The line that counts: the first that pays, else the one that revokes.
    #[must_use]
    pub fn line(&self) -> Option<&ReportedLine> {
        self.paying().next().or_else(|| self.lines.first())
    }

    /// What was paid: what the provider reported, since that is what it transfers; until then what
    /// the receipt says.
    #[must_use]
    pub fn amount(&self) -> Cents {
        match (self.line(), &self.receipt) {
            (Some(line), _) => line.amount,
            (None, Some(receipt)) => receipt.amount,
            (None, None) => self.transfer.as_ref().map_or(Cents::ZERO, |transfer| transfer.amount),
        }
    }

    /// Whether a line, or the treasurer, took it back.
    #[must_use]
    pub fn revoked(&self) -> bool {
        self.lines.iter().any(|line| line.outcome == LineOutcome::Revoked)
            || self.transfer.as_ref().is_some_and(|transfer| transfer.reversed)
    }

    /// The day of payment in Europe/Rome: the receipt's, else the line's, else the transfer's.
    #[must_use]
    pub fn paid_on(&self) -> Option<Date> {
        let received = self.receipt.as_ref().and_then(|receipt| receipt.paid_at);
        received
            .map(PaidAt::day)
            .or_else(|| self.line().map(|line| line.paid_on))
            .or_else(|| self.transfer.as_ref().map(|transfer| transfer.date))
    }

    /// Whether there is a receipt, or a line that implies one.
    #[must_use]
    pub fn receipt_standing(&self) -> ReceiptStanding {
        if self.receipt.is_some() {
            ReceiptStanding::Real
        } else if self.paying().any(|line| line.outcome.without_rpt()) {
            ReceiptStanding::Implied
        } else {
            ReceiptStanding::None
        }
    }

    /// Whether its notice is another body's: we only have a share of it.
    #[must_use]
    pub fn secondary(&self, organization: &OrganizationCode) -> bool {
        self.receipt.as_ref().is_some_and(|receipt| &receipt.creditor != organization)
    }

    /// What is wrong with it by itself, whatever the position says.
    #[must_use]
    pub fn findings(&self) -> Vec<Code> {
        let mut findings = Vec::new();
        let paying: Vec<_> = self.paying().collect();
        if paying.windows(2).any(|pair| pair[0].flow == pair[1].flow) {
            findings.push(Code::RowDuplicatedInFlow);
        }
        if paying.windows(2).any(|pair| pair[0].flow != pair[1].flow) {
            findings.push(Code::PaymentReportedTwice);
        }
        if self.lines.iter().any(|line| matches!(line.outcome, LineOutcome::Unknown(_))) {
            findings.push(Code::OutcomeUnknown);
        }
        if let (Some(line), Some(receipt)) = (paying.first(), &self.receipt)
            && line.amount != receipt.amount
        {
            findings.push(Code::RowAmountMismatch);
        }
        if paying.iter().any(|line| line.outcome.without_rpt()) {
            findings.push(Code::PaymentWithoutRpt);
        }
        if self.revoked() {
            findings.push(Code::PaymentRevoked);
        }
        if self.receipt.as_ref().is_some_and(|receipt| receipt.pays_others) {
            findings.push(Code::ReceiptOfOtherOrganization);
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(iur: &str) -> PaymentKey {
        PaymentKey {
            iuv: "01000000000012373".parse().unwrap(),
            iur: iur.parse().unwrap(),
            index: 1,
        }
    }

    fn line(iuf: &str, outcome: &str, amount: &str) -> (PaymentKey, ReportedLine) {
        let flow = FlowKey { psp: "BCITITMM".parse().unwrap(), iuf: iuf.parse().unwrap() };
        let line = ReportedLine {
            flow,
            amount: amount.parse().unwrap(),
            outcome: LineOutcome::from_code(outcome),
            paid_on: "2026-03-01".parse().unwrap(),
            source: Source { file: "f.xml".into(), line: 1 },
        };
        (key("A"), line)
    }

    fn receipt(kind: ReceiptKind, amount: &str) -> (PaymentKey, ReceivedTransfer) {
        let receipt = ReceivedTransfer {
            kind,
            amount: amount.parse().unwrap(),
            elsewhere: Cents::ZERO,
            pays_others: false,
            creditor: "01234567897".parse().unwrap(),
            paid_at: Some(PaidAt::Day("2026-02-28".parse().unwrap())),
            cash: false,
            psp: "BCITITMM".parse().unwrap(),
            psp_name: None,
            notice_number: None,
            source: Source { file: "r.xml".into(), line: 1 },
        };
        (key("A"), receipt)
    }

    fn of(
        lines: Vec<(PaymentKey, ReportedLine)>,
        receipts: Vec<(PaymentKey, ReceivedTransfer)>,
    ) -> Payment {
        let mut payments = gather(lines, receipts);
        assert_eq!(payments.len(), 1);
        payments.remove(0)
    }

    #[test]
    fn a_receipt_and_its_line_are_one_payment() {
        let payment =
            of(vec![line("F1", "0", "10.00")], vec![receipt(ReceiptKind::SendRt, "10.00")]);
        assert_eq!(payment.receipt_standing(), ReceiptStanding::Real);
        assert_eq!(payment.paid_on(), Some("2026-02-28".parse().unwrap()));
        assert_eq!(payment.findings(), []);
    }

    #[test]
    fn what_is_wrong_with_a_payment_by_itself() {
        let v1 = || vec![receipt(ReceiptKind::SendRt, "10.00")];
        for (lines, receipts, standing, codes) in [
            (vec![line("F1", "0", "10.00")], vec![], ReceiptStanding::None, vec![]),
            (vec![line("F1", "4", "10.00")], vec![], ReceiptStanding::None, vec![]),
            (
                vec![line("F1", "9", "10.00")],
                vec![],
                ReceiptStanding::Implied,
                vec![Code::PaymentWithoutRpt],
            ),
            (
                vec![line("F1", "8", "10.00")],
                v1(),
                ReceiptStanding::Real,
                vec![Code::PaymentWithoutRpt],
            ),
            (
                vec![line("F1", "0", "10.00"), line("F2", "0", "10.00")],
                v1(),
                ReceiptStanding::Real,
                vec![Code::PaymentReportedTwice],
            ),
            (
                vec![line("F1", "0", "10.00"), line("F1", "0", "10.00")],
                v1(),
                ReceiptStanding::Real,
                vec![Code::RowDuplicatedInFlow],
            ),
            (
                vec![line("F1", "0", "9.99")],
                v1(),
                ReceiptStanding::Real,
                vec![Code::RowAmountMismatch],
            ),
            (
                vec![line("F1", "0", "10.00"), line("F2", "3", "10.00")],
                v1(),
                ReceiptStanding::Real,
                vec![Code::PaymentRevoked],
            ),
            (
                vec![line("F1", "7", "10.00")],
                v1(),
                ReceiptStanding::Real,
                vec![Code::OutcomeUnknown],
            ),
        ] {
            let payment = of(lines, receipts);
            assert_eq!(payment.receipt_standing(), standing, "{codes:?}");
            assert_eq!(payment.findings(), codes);
        }
    }

    #[test]
    fn a_transfer_outside_pagopa_is_a_payment_by_itself() {
        let transfer = |reversed| BankTransfer {
            provvisorio: "2026/999999999999999999".parse().unwrap(),
            amount: Cents::new(5_700),
            date: "2026-03-04".parse().unwrap(),
            reversed,
            source: Source { file: "g.xml".into(), line: 1 },
        };
        let payment = Payment::by_transfer(key("A").iuv, transfer(false));
        assert_eq!(payment.key.iur.as_str(), "PROVVISORIO-2026-999999999999999999");
        assert_eq!(payment.amount(), Cents::new(5_700));
        assert_eq!(payment.paid_on(), Some("2026-03-04".parse().unwrap()));
        assert_eq!((payment.revoked(), payment.findings()), (false, vec![]));
        let taken_back = Payment::by_transfer(key("A").iuv, transfer(true));
        assert_eq!(taken_back.findings(), [Code::PaymentRevoked]);
    }

    /// Payments of one IUV: lines `IUR outcome amount day`, receipts `IUR amount day`; for each
    /// what they come to, `IUR amount receipt`.
    fn gathered(lines: &str, receipts: &str) -> String {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let each = |text: &str| {
            text.split(", ").filter(|one| !one.is_empty()).map(words).collect::<Vec<_>>()
        };
        let lines = each(lines).into_iter().map(|words| {
            let (_, mut line) = line("F1", &words[1], &words[2]);
            line.paid_on = format!("2026-03-{}", words[3]).parse().unwrap();
            (key(&words[0]), line)
        });
        let receipts = each(receipts).into_iter().map(|words| {
            let (_, mut receipt) = receipt(ReceiptKind::SendRtV2, &words[1]);
            receipt.paid_at = Some(PaidAt::Day(format!("2026-03-{}", words[2]).parse().unwrap()));
            (key(&words[0]), receipt)
        });
        let (lines, receipts): (Vec<_>, Vec<_>) = (lines.collect(), receipts.collect());
        let backwards = gather(
            lines.iter().rev().cloned().collect::<Vec<_>>(),
            receipts.iter().rev().cloned().collect::<Vec<_>>(),
        );
        let payments = gather(lines, receipts);
        assert_eq!(payments, backwards, "order shows");
        let said = payments.iter().map(|payment| {
            format!("{} {} {:?}", payment.key.iur, payment.amount(), payment.receipt_standing())
        });
        said.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn the_real_receipt_replaces_the_implied_one_whatever_its_iur() {
        for (lines, receipts, expected) in [
            ("A 9 50.00 02", "", "A 50.00 Implied"),
            ("A 9 50.00 02", "B 50.00 02", "A 50.00 Real"),
            ("A 8 50.00 02", "B 50.00 02", "A 50.00 Real"),
            ("A 9 50.00 02", "A 50.00 02", "A 50.00 Real"),
            ("A 9 50.00 05", "B 50.00 02", "A 50.00 Real"),
            // Another payment: another amount, another time, or a line of its own.
            ("A 9 50.00 02", "B 49.99 02", "A 50.00 Implied, B 49.99 Real"),
            ("A 9 50.00 06", "B 50.00 02", "A 50.00 Implied, B 50.00 Real"),
            ("A 9 50.00 02, B 0 50.00 02", "B 50.00 02", "A 50.00 Implied, B 50.00 Real"),
            // With outcome 0 or 4 there is an RPT, and the IUR is that of the receipt.
            ("A 0 50.00 02", "B 50.00 02", "A 50.00 None, B 50.00 Real"),
            ("A 4 50.00 02", "B 50.00 02", "A 50.00 None, B 50.00 Real"),
            // A receipt replaces one implied receipt, a line takes one real receipt.
            ("A 9 50.00 02, C 9 50.00 02", "B 50.00 02", "A 50.00 Real, C 50.00 Implied"),
            ("A 9 50.00 02", "B 50.00 02, C 50.00 02", "A 50.00 Real, C 50.00 Real"),
        ] {
            assert_eq!(gathered(lines, receipts), expected, "{lines} | {receipts}");
        }
    }

    #[test]
    fn of_several_receipts_the_most_telling_counts_whatever_the_order() {
        let three = vec![
            receipt(ReceiptKind::Rt, "10.00"),
            receipt(ReceiptKind::SendRtV2, "12.00"),
            receipt(ReceiptKind::SendRt, "11.00"),
        ];
        let backwards: Vec<_> = three.iter().rev().cloned().collect();
        assert_eq!(of(vec![], three).amount(), Cents::new(1200));
        assert_eq!(of(vec![], backwards).amount(), Cents::new(1200));
    }
}

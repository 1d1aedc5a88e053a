//! Positions and payments: every position with the payments of its IUVs, then the payments whose
//! position nobody knows.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};

use domain::allocation::{Allocation, AllocationRule, DefaultShare, allocate};
use domain::anomaly::{Code, Party};
use domain::clock::{Terms, operating_day};
use domain::debt::{DebtStanding, Maturity, PaidSum, PositionState, assess, sort_payments, term};
use domain::decision::Decision;
use domain::fact::{LineOutcome, Notice, PaidAt, PositionVersion, Source};
use domain::identifier::{CheckDigits, NoticeNumber, OrganizationCode, Provvisorio};
use domain::legacy::{Legs, labels};
use domain::money::Cents;
use domain::payment::{BankTransfer, Payment, PaymentKey, ReceiptStanding, ReportedLine};
use domain::settlement::FlowStanding;
use domain::station::{Owner, Station, owner};
use jiff::civil::Date;
use report::row::{
    Allocation as AllocationRow, PayableNotice, PaymentKey as KeyRow, PaymentRow, PaymentState,
    PositionRow, PositionState as StateRow, ReceiptPresence,
};

use super::decided::{contradicted, position_against};
use super::finding::{About, Finding, RELATED_MAX};
use super::flows::{codes, put_first_flow_first};
use super::rows::{Payments, Row, Rows};
use super::singles::Single;
use super::{PictureError, Province, texts};
use crate::configuration::AssessmentState;
use crate::key::Kind;
use crate::port::{Home, PortError, PortResult, ReadFacts, ReadOutcomes, Subject};
use crate::reconcile::read_position;
use crate::record::{self, PaymentsOutcome};

/// Positions whose facts are read at once.
const CHUNK: usize = 512;
/// Chunks that may wait to be worked out.
const WAITING: usize = 4;

/// A payment and where its money is.
pub(super) struct Seen {
    pub payment: Payment,
    pub state: PaymentState,
    provvisorio: Option<Provvisorio>,
}

/// A position with its payments, or the payments of an IUV without one.
pub(crate) struct Debt {
    pub position: Option<PositionVersion>,
    pub source: Option<Source>,
    pub payments: Vec<Payment>,
    /// The decisions on the payments that hold.
    decisions: Vec<Decision>,
    /// The IUVs of chosen payments that another position owns, and which.
    claimed: Vec<(Box<str>, Box<str>)>,
}

impl Debt {
    /// What was concluded about a position, or about an IUV without one.
    pub fn new(position: Option<(PositionVersion, Source)>, outcome: PaymentsOutcome) -> Self {
        let (position, source) = position.unzip();
        Self {
            position,
            source,
            payments: outcome.payments.into_iter().map(Payment::from).collect(),
            decisions: outcome.decisions,
            claimed: outcome.claimed,
        }
    }
}

impl Province<'_> {
    /// Writes the positions, collects the rows of the payments, and takes note on flows and credits
    /// of what pays what. Says how many positions there are.
    pub(super) fn positions_and_payments<H: Home>(
        &mut self,
        home: &H,
        rows: &mut Rows,
        payments: &mut Payments,
    ) -> Result<u64, PictureError> {
        self.position_search = self.seek_positions(&mut home.reader()?)?;
        let first = payments.len();
        let mut count = 0;
        let code = self.code;
        each_debt(home, code, |debt| {
            if let Some(row) = self.debt(debt, payments) {
                count += 1;
                rows.push(Row::Position(row))?;
            }
            Ok::<_, PictureError>(())
        })?;
        payments[first..].sort_by(|a, b| (&a.iuv, &a.iur, a.index).cmp(&(&b.iuv, &b.iur, b.index)));
        Ok(count)
    }

    /// One position, or one IUV without: its row, the rows of its payments, what is wrong.
    pub(super) fn debt(&mut self, debt: Debt, rows: &mut Payments) -> Option<PositionRow<'static>> {
        let Debt { position, source, payments, decisions, claimed } = debt;
        self.decided.add(&decisions);
        let seen = self.locate(payments);
        let paid = paid_sums(&seen);
        let standing = position.as_ref().map(|position| assess(position, &paid, self.today));
        if let (Some(position), Some(standing)) = (&position, &standing) {
            self.position_search.offer(position, standing);
        }
        let refundable = standing.as_ref().map_or(Cents::ZERO, |standing| standing.refundable);
        let mut allocations = self.allocations(position.as_ref(), &paid, refundable);
        let mut of_position = Vec::new();
        let position_findings = standing.as_ref().map_or(&[][..], |standing| &standing.findings);
        for one in &seen {
            let key = &one.payment.key;
            let allocation = allocations.remove(key).unwrap_or_default();
            let mut found = self.payment_findings(one, position.as_ref(), &allocation);
            for (_, code) in position_findings.iter().filter(|(paid, _)| paid == key) {
                let mut finding = self.payment_finding(one, position.as_ref(), *code);
                finding.evidence.extend(source.iter().map(|at| ("posizione", at.clone())));
                match (*code, &standing) {
                    (Code::DuplicatePayment, Some(standing)) => {
                        finding.about.found = Some(standing.refundable);
                        finding.about.related = others(one, &seen);
                    }
                    (Code::PaidAfterDue, _) => {
                        finding.about.due = Self::term(one, position.as_ref());
                    }
                    _ => {}
                }
                found.push(finding);
            }
            let chosen = !decisions.is_empty() || one.payment.transfer.is_some();
            if let (true, Some(position), Some(standing)) = (chosen, &position, &standing) {
                let owner = claimed.iter().find(|(iuv, _)| **iuv == *key.iuv.as_str());
                let owner = owner.map(|(_, owner)| &**owner);
                found.extend(self.doubted_choice(
                    one,
                    (position, standing),
                    owner,
                    source.as_ref(),
                ));
            }
            self.decided.close(&mut found);
            if one.state == PaymentState::Revoked {
                // It counts for no debt, but what came in and what was taken back had a purpose.
                let alone = [paid_sum(one, &seen)];
                let taken_back = self.allocations(position.as_ref(), &alone, Cents::ZERO);
                let taken_back = taken_back.into_values().next().unwrap_or_default();
                self.note_parts(&one.payment, &taken_back, &found);
            } else {
                self.note_parts(&one.payment, &allocation, &found);
            }
            rows.push(Box::new(self.payment_row(one, position.as_ref(), allocation, &found)));
            of_position.extend(found.iter().filter(|f| concerns_position(f.code)).cloned());
            self.findings.extend(found);
        }
        let (position, standing) = (position?, standing?);
        Some(position_row(&position, standing, &seen, &of_position))
    }

    /// What contradicts that a person chose the position for a payment; of a transfer its credit
    /// takes note instead.
    fn doubted_choice(
        &mut self,
        one: &Seen,
        debt: (&PositionVersion, &DebtStanding),
        owner: Option<&str>,
        source: Option<&Source>,
    ) -> Option<Finding> {
        let payment = &one.payment;
        let Some(transfer) = &payment.transfer else {
            let decision = self.decided.choice(&format!("payment:{}", payment.key))?;
            let against = position_against(decision, payment, debt, owner);
            let mut finding = self.payment_finding(one, Some(debt.0), Code::DecisionContradicted);
            finding.evidence.extend(source.map(|at| ("posizione", at.clone())));
            return contradicted(finding, decision, &against);
        };
        let decision = self.decided.choice(&format!("credit:{}", transfer.provvisorio))?;
        let against = position_against(decision, payment, debt, owner);
        if let Some(&place) = self.credit_places.get(&transfer.provvisorio) {
            self.credits[place].against = against;
        }
        None
    }

    /// Where the money of each payment is; flows and single credits take note.
    pub(super) fn locate(&mut self, payments: Vec<Payment>) -> Vec<Seen> {
        payments
            .into_iter()
            .map(|mut payment| {
                put_first_flow_first(&mut payment, &self.flows, &self.flow_places);
                let (state, provvisorio) = match &payment.transfer {
                    Some(transfer) => self.transfer_state(&payment.key, transfer),
                    None => self.flow_state(&payment),
                };
                Seen { payment, state, provvisorio }
            })
            .collect()
    }

    /// A transfer outside pagoPA is in the treasury from the first, unless it was taken back.
    fn transfer_state(
        &mut self,
        key: &PaymentKey,
        transfer: &BankTransfer,
    ) -> (PaymentState, Option<Provvisorio>) {
        if let Some(&place) = self.credit_places.get(&transfer.provvisorio) {
            self.credits[place].single = Single::Pays(key.clone());
        }
        let state = if transfer.reversed { PaymentState::Revoked } else { PaymentState::Credited };
        (state, Some(transfer.provvisorio))
    }

    fn flow_state(&mut self, payment: &Payment) -> (PaymentState, Option<Provvisorio>) {
        let calendar = &self.configuration.calendar;
        let paid_at = payment.receipt.as_ref().and_then(|receipt| receipt.paid_at);
        let day = paid_at.map(|paid_at| operating_day(paid_at, calendar));
        let (mut credited, mut reported, mut provvisorio) = (false, false, None);
        for line in &payment.lines {
            let Some(&place) = self.flow_places.get(&line.flow) else { continue };
            let flow = &mut self.flows[place];
            let amount = flow.counted(line);
            flow.lines.push((payment.key.clone(), amount));
            flow.receipt_day = flow.receipt_day.max(day);
            let payer = flow.payer(&payment.key, amount);
            reported = true;
            credited |= flow.is_credited() || payer.is_some();
            provvisorio = provvisorio.or(payer);
        }
        let single = self.singles.payers.get(&payment.key).copied();
        credited |= single.is_some();
        let state = if payment.revoked() {
            PaymentState::Revoked
        } else if credited {
            PaymentState::Credited
        } else if reported {
            PaymentState::Reported
        } else {
            PaymentState::Paid
        };
        (state, provvisorio.or(single))
    }

    fn allocations(
        &self,
        position: Option<&PositionVersion>,
        paid: &[PaidSum],
        refundable: Cents,
    ) -> BTreeMap<PaymentKey, Allocation> {
        let Some(position) = position else {
            let nowhere = |paid: &PaidSum| {
                let allocation = Allocation { unallocated: paid.amount, ..Allocation::default() };
                (paid.key.clone(), allocation)
            };
            return paid.iter().map(nowhere).collect();
        };
        let from_registry = self.registry_entry(position);
        let defaults = self.settings.debt_types.get(&*position.debt_type);
        let defaults = defaults.map_or(&[][..], |debt_type| &debt_type.default_allocation);
        let rule = match &position.items {
            Some(items) if !items.is_empty() => AllocationRule::Items(items),
            _ if !defaults.is_empty() => AllocationRule::Default(defaults),
            _ if !from_registry.is_empty() => AllocationRule::Default(&from_registry),
            _ => AllocationRule::Missing,
        };
        let (kept, to_refund) = without_refund(paid, refundable);
        let mut allocations = allocate(rule, &kept);
        for (allocation, refund) in allocations.iter_mut().zip(to_refund) {
            allocation.unallocated += refund;
        }
        paid.iter().map(|paid| paid.key.clone()).zip(allocations).collect()
    }

    /// The one active entry of the registry for the type and the year of a position.
    fn registry_entry(&self, position: &PositionVersion) -> Vec<DefaultShare> {
        self.settings
            .assessments
            .iter()
            .filter(|entry| {
                entry.debt_type == *position.debt_type
                    && entry.year == position.year
                    && entry.state != AssessmentState::Closed
            })
            .map(|entry| DefaultShare {
                assessment: entry.number.as_str().into(),
                chapter: entry.chapter.as_deref().map(Into::into),
                siope: entry.siope.as_deref().map(Into::into),
                share_percent: rust_decimal::Decimal::ONE_HUNDRED,
            })
            .collect()
    }

    fn notice<'p>(
        one: &'p Seen,
        position: Option<&'p PositionVersion>,
    ) -> Option<&'p NoticeNumber> {
        let received = one.payment.receipt.as_ref().and_then(|r| r.notice_number.as_ref());
        received.or_else(|| {
            let notices = position.iter().flat_map(|position| &position.notices);
            notices
                .filter(|notice| notice.iuv == one.payment.key.iuv)
                .find_map(|notice| notice.notice_number.as_ref())
        })
    }

    fn owner(&self, one: &Seen, position: Option<&PositionVersion>) -> Owner<'_> {
        let notice = Self::notice(one, position);
        let day = one.payment.paid_on().unwrap_or(self.today);
        owner(&self.settings.stations, &one.payment.key.iuv, notice, day)
    }

    /// What is wrong with a payment, whatever its position says of the debt.
    fn payment_findings(
        &self,
        one: &Seen,
        position: Option<&PositionVersion>,
        allocation: &Allocation,
    ) -> Vec<Finding> {
        let payment = &one.payment;
        let mut codes = payment.findings();
        let owner = self.owner(one, position);
        let station = match owner {
            Owner::Station(station) => Some(station),
            _ => None,
        };
        // Of another body's notice the codes are another body's too.
        let is_ours = !payment.secondary(self.code);
        if owner == Owner::Unknown && is_ours && !self.settings.stations.is_empty() {
            codes.push(Code::IntermediaryUnknown);
        }
        if position.is_none() && !self.is_silent(payment, station) {
            codes.push(Code::PositionUnknown);
        }
        if Self::lacks_receipt(payment, station) {
            codes.push(Code::ReceiptMissing);
        }
        if payment.lines.is_empty() && one.state == PaymentState::Paid && self.flow_is_late(payment)
        {
            codes.push(Code::ReceiptWithoutFdr);
        }
        let check = Self::notice(one, position)
            .map_or_else(|| payment.key.iuv.check_digits(), NoticeNumber::check_digits);
        if check == CheckDigits::Wrong {
            codes.push(Code::IuvCheckDigit);
        }
        if one.state != PaymentState::Revoked {
            codes.extend(allocation.finding);
        }
        codes
            .into_iter()
            .map(|code| {
                let mut finding = self.payment_finding(one, position, code);
                self.particulars(&mut finding, one, station, check, allocation);
                finding
            })
            .collect()
    }

    /// Whether a payment may have its position elsewhere: with another body, or with another
    /// intermediary.
    fn is_silent(&self, payment: &Payment, station: Option<&Station>) -> bool {
        payment.secondary(self.code) || station.is_some_and(|station| !station.receipts)
    }

    /// Whether a payment of an IUV that no position has should have one.
    pub(super) fn lacks_position(&self, payment: &Payment) -> bool {
        let notice = payment.receipt.as_ref().and_then(|r| r.notice_number.as_ref());
        let day = payment.paid_on().unwrap_or(self.today);
        let station = match owner(&self.settings.stations, &payment.key.iuv, notice, day) {
            Owner::Station(station) => Some(station),
            _ => None,
        };
        !payment.revoked() && !self.is_silent(payment, station)
    }

    /// A receipt is missed where the line says that there is one, and it would reach us.
    fn lacks_receipt(payment: &Payment, station: Option<&Station>) -> bool {
        let said = payment.line().is_some_and(|line| line.outcome == LineOutcome::Paid);
        said && payment.receipt_standing() == ReceiptStanding::None
            && station.is_some_and(|station| station.receipts)
    }

    pub(super) fn flow_is_late(&self, payment: &Payment) -> bool {
        let paid_at = payment.receipt.as_ref().and_then(|receipt| receipt.paid_at);
        paid_at.is_some_and(|paid_at| {
            let calendar = &self.configuration.calendar;
            let terms = Terms::of(operating_day(paid_at, calendar), calendar);
            self.as_of >= terms.flow_due
        })
    }

    /// The last good day of the notice that a payment pays.
    fn term(one: &Seen, position: Option<&PositionVersion>) -> Option<Date> {
        let position = position?;
        let paid = |notice: &&Notice| notice.iuv == one.payment.key.iuv;
        term(position, position.notices.iter().find(paid)?)
    }

    fn payment_finding(
        &self,
        one: &Seen,
        position: Option<&PositionVersion>,
        code: Code,
    ) -> Finding {
        let payment = &one.payment;
        let psp = self.provider(payment);
        let mut evidence: Vec<_> = payment
            .lines
            .iter()
            .map(|line| ("riga del flusso di rendicontazione", line.source.clone()))
            .collect();
        evidence.extend(payment.receipt.iter().map(|r| ("ricevuta", r.source.clone())));
        evidence.extend(payment.transfer.iter().map(|t| ("provvisorio", t.source.clone())));
        let party = code.party();
        let name = match party {
            Party::Psp => psp.clone(),
            Party::Organization | Party::None => Some(self.settings.name.clone()),
            _ => None,
        };
        Finding {
            organization: self.code.clone(),
            code,
            subject: format!("payment:{}", payment.key),
            amount: Some(payment.amount()),
            since: payment.paid_on().unwrap_or(self.today),
            party,
            name,
            evidence,
            closed_by: None,
            about: About {
                iuf: payment.line().map(|line| line.flow.iuf.to_string()),
                psp,
                payment: Some(payment.key.clone()),
                iuv: Some(payment.key.iuv.to_string()),
                notice: Self::notice(one, position).map(ToString::to_string),
                paid_on: payment.paid_on(),
                position: position.map(|position| position.position_id.to_string()),
                provvisorio: one.provvisorio,
                ..About::default()
            },
        }
    }

    /// Of two flows that report one payment, the second is wrong.
    fn blame_the_second(&self, finding: &mut Finding, payment: &Payment) {
        let mut again = payment.lines.iter().filter(|line| line.outcome != LineOutcome::Revoked);
        let first = again.next();
        let second = again.find(|line| Some(&line.flow) != first.map(|first| &first.flow));
        let place = second.and_then(|second| self.flow_places.get(&second.flow));
        if let Some(flow) = place.map(|&place| &self.flows[place]) {
            finding.about.iuf = Some(flow.key.iuf.to_string());
            finding.about.psp = Some(self.psp_name(flow));
            finding.name.clone_from(&finding.about.psp);
        }
    }

    fn provider(&self, payment: &Payment) -> Option<String> {
        let by_flow = payment
            .line()
            .and_then(|line| self.flow_places.get(&line.flow))
            .map(|&place| self.psp_name(&self.flows[place]));
        let receipt = payment.receipt.as_ref();
        by_flow
            .or_else(|| receipt.map(|one| self.names.provider(&one.psp, one.psp_name.as_deref())))
    }

    /// Where a payment was reported, line by line.
    fn reported(&self, payment: &Payment) -> Vec<(&'static str, String)> {
        let paying = payment.lines.iter().filter(|line| line.outcome != LineOutcome::Revoked);
        let said = |line: &ReportedLine| {
            let psp = self.names.provider(&line.flow.psp, None);
            let text = texts::line(&line.flow.iuf, &psp, line.paid_on, line.amount, &line.source);
            ("riportato nel flusso", text)
        };
        paying.take(RELATED_MAX).map(said).collect()
    }

    /// What an explanation needs, by code.
    fn particulars(
        &self,
        finding: &mut Finding,
        one: &Seen,
        station: Option<&Station>,
        check: CheckDigits,
        allocation: &Allocation,
    ) {
        let payment = &one.payment;
        let intermediary = station.map(|station| station.intermediary.to_string());
        finding.about.intermediary.clone_from(&intermediary);
        match finding.code {
            Code::ReceiptMissing => finding.name = intermediary,
            Code::PositionUnknown => {
                finding.about.candidates = self.position_search.of_payment(&payment.key).rows;
                if check == CheckDigits::Wrong {
                    finding.party = Party::Psp;
                    finding.name = self.provider(payment);
                }
            }
            Code::RowAmountMismatch => {
                finding.about.expected = payment.receipt.as_ref().map(|receipt| receipt.amount);
                finding.about.found = payment.line().map(|line| line.amount);
            }
            Code::AllocationIncomplete | Code::AssessmentMissing => {
                finding.amount = Some(allocation.unallocated);
            }
            Code::ReceiptWithoutFdr => {
                let paid_at = payment.receipt.as_ref().and_then(|receipt| receipt.paid_at);
                let calendar = &self.configuration.calendar;
                finding.about.due = paid_at.map(|paid_at| {
                    calendar.nth_operating_day_after(operating_day(paid_at, calendar), 2)
                });
            }
            Code::PaymentReportedTwice => {
                self.blame_the_second(finding, payment);
                finding.about.related = self.reported(payment);
            }
            Code::PaymentWithoutRpt => {
                let codes = payment.lines.iter().map(|line| &line.outcome);
                finding.about.detail = codes
                    .filter(|outcome| outcome.without_rpt())
                    .map(|outcome| outcome.code().to_owned())
                    .next();
                let stand_in = finding.about.detail.as_deref() == Some("8");
                finding.name =
                    if stand_in { Some("PagoPA S.p.A.".into()) } else { self.provider(payment) };
            }
            Code::RowDuplicatedInFlow => {
                finding.about.related = self.reported(payment);
            }
            Code::PaymentRevoked => {
                let mut lines = payment.lines.iter();
                let revoked = lines.find(|line| line.outcome == LineOutcome::Revoked);
                finding.about.related = revoked
                    .map(|line| ("revoca", texts::revoked(&line.flow.iuf, line.paid_on)))
                    .into_iter()
                    .collect();
            }
            Code::OutcomeUnknown => {
                finding.about.detail = payment.line().map(|line| line.outcome.code().to_owned());
            }
            _ => {}
        }
    }

    fn payment_row(
        &self,
        one: &Seen,
        position: Option<&PositionVersion>,
        allocation: Allocation,
        found: &[Finding],
    ) -> PaymentRow<'static> {
        let payment = &one.payment;
        let intermediary = match self.owner(one, position) {
            Owner::Station(station) => Some(station.intermediary.to_string().into()),
            _ => None,
        };
        let line = payment.line();
        let flow = line.and_then(|line| self.flow_places.get(&line.flow));
        let amount_differs = flow.is_some_and(|&place| {
            matches!(
                self.flows[place].standing,
                FlowStanding::PartiallyCredited | FlowStanding::OverCredited
            )
        });
        let legs = Legs {
            receipt: payment.receipt_standing() != ReceiptStanding::None,
            flow: line.is_some(),
            treasury: one.state == PaymentState::Credited,
            position: position.is_some(),
            amount_differs,
            duplicate: found.iter().any(|finding| finding.code == Code::DuplicatePayment),
        };
        PaymentRow {
            organization: self.code.to_string().into(),
            iuv: payment.key.iuv.to_string().into(),
            iur: payment.key.iur.to_string().into(),
            index: payment.key.index,
            amount: payment.amount(),
            outcome: line.map(|line| line.outcome.code().to_owned().into()),
            paid_at: payment
                .receipt
                .as_ref()
                .and_then(|receipt| receipt.paid_at)
                .or_else(|| payment.paid_on().map(PaidAt::Day)),
            state: one.state,
            psp: line
                .map(|line| line.flow.psp.to_string())
                .or_else(|| payment.receipt.as_ref().map(|receipt| receipt.psp.to_string()))
                .map(Into::into),
            iuf: line.map(|line| line.flow.iuf.to_string().into()),
            position_id: position.map(|position| position.position_id.to_string().into()),
            notice_number: Self::notice(one, position).map(|notice| notice.to_string().into()),
            intermediary,
            receipt: match payment.receipt_standing() {
                ReceiptStanding::Real => ReceiptPresence::Real,
                ReceiptStanding::Implied => ReceiptPresence::Implied,
                ReceiptStanding::None => ReceiptPresence::None,
            },
            provvisorio: one.provvisorio,
            unallocated: allocation.unallocated,
            allocation: allocation
                .shares
                .into_iter()
                .map(|share| AllocationRow {
                    assessment: Some(share.assessment.into_string().into()),
                    chapter: share.chapter.map(|chapter| chapter.into_string().into()),
                    amount: share.amount,
                })
                .collect(),
            labels: labels(legs),
            candidates: match position {
                Some(_) => Vec::new(),
                None => self.position_search.of_payment(&payment.key).rows,
            },
            anomalies: codes(found),
        }
    }
}

/// Visits every position with its payments, then the payments of IUVs without a position. One
/// thread reads the ledger, this one works out.
pub(super) fn each_debt<H: Home, E: From<PortError>>(
    home: &H,
    code: &OrganizationCode,
    mut visit: impl FnMut(Debt) -> Result<(), E>,
) -> Result<(), E> {
    std::thread::scope(|scope| {
        let (to, debts) = sync_channel(WAITING);
        scope.spawn(move || {
            if let Err(error) = read_debts(home, code, &to) {
                // Who does not listen any more has failed and tells why.
                let _ = to.send(Err(error));
            }
        });
        debts.into_iter().try_for_each(|debts| debts?.into_iter().try_for_each(&mut visit))
    })
}

/// Reads every position with its payments, then the payments of IUVs without a position.
fn read_debts<H: Home>(
    home: &H,
    code: &OrganizationCode,
    to: &SyncSender<PortResult<Vec<Debt>>>,
) -> PortResult<()> {
    let mut outcomes = home.reader()?;
    let mut facts = home.reader()?;
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut send = |chunk: &mut Vec<(Subject, String)>| {
        let debts = read_positions(&mut facts, chunk)?;
        to.send(Ok(debts)).map_err(|_| PortError::Final("nobody listens".into()))
    };
    outcomes.scan_outcomes(&Kind::Position.prefix(code), &mut |subject, outcome| {
        chunk.push((subject, outcome.body));
        if chunk.len() == CHUNK { send(&mut chunk) } else { Ok(()) }
    })?;
    send(&mut chunk)?;
    let mut unowned = Vec::new();
    outcomes.scan_outcomes(&Kind::Iuv.prefix(code), &mut |_, outcome| {
        unowned.push(Debt::new(None, record::read(&outcome.body)?));
        if unowned.len() == CHUNK {
            return to
                .send(Ok(std::mem::take(&mut unowned)))
                .map_err(|_| PortError::Final("nobody listens".into()));
        }
        Ok(())
    })?;
    to.send(Ok(unowned)).map_err(|_| PortError::Final("nobody listens".into()))
}

fn read_positions(
    reader: &mut impl ReadFacts,
    chunk: &mut Vec<(Subject, String)>,
) -> PortResult<Vec<Debt>> {
    let partitions: Vec<_> = chunk.iter().map(|(subject, _)| subject.0.clone()).collect();
    let versions = reader.facts(&partitions)?;
    let mut debts = Vec::with_capacity(chunk.len());
    for ((_, body), mut versions) in chunk.drain(..).zip(versions) {
        // The last in the order of sort keys: where it was chosen comes before.
        let Some(current) = versions.pop() else { continue };
        let position = (read_position(&current.body)?, current.source);
        debts.push(Debt::new(Some(position), record::read(&body)?));
    }
    Ok(debts)
}

/// The payments that count for the debt: those that were not revoked, in the order in which they
/// count.
pub(super) fn paid_sums(seen: &[Seen]) -> Vec<PaidSum> {
    let mut paid: Vec<_> = seen
        .iter()
        .filter(|one| one.state != PaymentState::Revoked)
        .map(|one| paid_sum(one, seen))
        .collect();
    sort_payments(&mut paid);
    paid
}

fn paid_sum(one: &Seen, seen: &[Seen]) -> PaidSum {
    PaidSum {
        key: one.payment.key.clone(),
        amount: one.payment.amount(),
        elsewhere: elsewhere(&one.payment, seen),
        paid_on: one.payment.paid_on(),
        cash: one.payment.receipt.as_ref().is_some_and(|receipt| receipt.cash),
        maturity: match one.state {
            PaymentState::Credited => Maturity::Credited,
            PaymentState::Reported => Maturity::Reported,
            PaymentState::Paid | PaymentState::Revoked => Maturity::Paid,
        },
    }
}

/// The other payments of a debt that were not revoked, as references.
fn others(one: &Seen, seen: &[Seen]) -> Vec<(&'static str, String)> {
    let others = seen.iter().filter(|other| {
        other.payment.key != one.payment.key && other.state != PaymentState::Revoked
    });
    let said = |other: &Seen| {
        let Payment { key, .. } = &other.payment;
        ("altro pagamento", texts::payment(key, other.payment.paid_on(), other.payment.amount()))
    };
    others.take(RELATED_MAX).map(said).collect()
}

/// What the debtor paid elsewhere with the same receipt: told by each of its transfers, counted
/// with the first of them.
fn elsewhere(payment: &Payment, seen: &[Seen]) -> Cents {
    let key = &payment.key;
    let first = seen
        .iter()
        .map(|other| &other.payment.key)
        .filter(|other| other.iuv == key.iuv && other.iur == key.iur)
        .min();
    match &payment.receipt {
        Some(receipt) if first == Some(key) => receipt.elsewhere,
        _ => Cents::ZERO,
    }
}

/// What will be given back, the last payments first, goes on no accertamento.
fn without_refund(paid: &[PaidSum], refundable: Cents) -> (Vec<PaidSum>, Vec<Cents>) {
    let mut kept = paid.to_vec();
    let mut to_refund = vec![Cents::ZERO; paid.len()];
    let mut left = refundable;
    for (paid, refund) in kept.iter_mut().zip(&mut to_refund).rev() {
        *refund = left.min(paid.amount);
        paid.amount -= *refund;
        left -= *refund;
    }
    (kept, to_refund)
}

/// Anomalies of a payment that are about the debt.
fn concerns_position(code: Code) -> bool {
    matches!(
        code,
        Code::DuplicatePayment
            | Code::PaidAfterDue
            | Code::AllocationIncomplete
            | Code::AssessmentMissing
    )
}

fn position_row(
    position: &PositionVersion,
    standing: DebtStanding,
    seen: &[Seen],
    found: &[Finding],
) -> PositionRow<'static> {
    PositionRow {
        organization: position.organization.to_string().into(),
        position_id: position.position_id.to_string().into(),
        debt_type: Some(position.debt_type.to_string().into()),
        report_number: position.fine.as_ref().map(|fine| fine.report_number.to_string().into()),
        state: match standing.state {
            PositionState::Unpaid => StateRow::Unpaid,
            PositionState::PartiallyPaid => StateRow::PartiallyPaid,
            PositionState::Paid => StateRow::Paid,
            PositionState::Reported => StateRow::Reported,
            PositionState::Credited => StateRow::Credited,
            PositionState::Cancelled => StateRow::Cancelled,
        },
        due: Some(standing.due),
        paid: standing.paid,
        residual: Some(standing.residual),
        refundable: standing.refundable,
        minor_revenue: standing.minor_revenue,
        payable: standing
            .payable
            .into_iter()
            .map(|notice| PayableNotice {
                iuv: notice.iuv.to_string().into(),
                amount: notice.amount,
                due_date: notice.due_date,
            })
            .collect(),
        payments: seen
            .iter()
            .map(|one| KeyRow {
                iuv: one.payment.key.iuv.to_string().into(),
                iur: one.payment.key.iur.to_string().into(),
                index: one.payment.key.index,
            })
            .collect(),
        anomalies: codes(found),
    }
}

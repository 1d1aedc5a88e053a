//! What the messages to citizens need to know of the payments of a position.

use domain::anomaly::Code;
use domain::campaign::{Account, PaidPart};
use domain::clock::in_rome;
use domain::debt::{PositionState, assess};
use domain::fact::PositionVersion;
use domain::identifier::OrganizationCode;
use domain::payment::Payment;
use jiff::Timestamp;
use jiff::civil::Date;
use report::row::PaymentState;

use super::Province;
use super::payments::{Seen, each_debt, paid_sums};
use crate::configuration::{Configuration, Organization};
use crate::port::{Home, PortError, PortResult, ReadFacts, ReadOutcomes};

impl<'a> Province<'a> {
    /// The province as far as the payments of positions depend on it: its flows, its credits, and
    /// what seeks a position.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub(crate) fn for_accounts(
        reader: &mut (impl ReadFacts + ReadOutcomes),
        code: &'a OrganizationCode,
        settings: &'a Organization,
        configuration: &'a Configuration,
        as_of: Timestamp,
    ) -> PortResult<Self> {
        let mut province = Self::load(reader, code, settings, configuration, as_of)?;
        province.position_search = province.seek_positions(reader)?;
        Ok(province)
    }

    /// Visits every position of the organization with its account, in order.
    ///
    /// # Errors
    /// When the ledger cannot be read; or the visitor's own.
    pub(crate) fn accounts<H: Home, E: From<PortError>>(
        &mut self,
        home: &H,
        mut visit: impl FnMut(&PositionVersion, &Account) -> Result<(), E>,
    ) -> Result<(), E> {
        each_debt(home, self.code, |debt| match debt.position {
            Some(position) => {
                let account = self.account(&position, debt.payments);
                visit(&position, &account)
            }
            None => Ok(()),
        })
    }

    /// What is known of the payments of a position.
    pub(crate) fn account(
        &mut self,
        position: &PositionVersion,
        payments: Vec<Payment>,
    ) -> Account {
        let seen = self.locate(payments);
        let paid = paid_sums(&seen);
        let standing = assess(position, &paid, self.today);
        let parts = paid.iter().filter_map(|sum| {
            let one = seen.iter().find(|one| one.payment.key == sum.key)?;
            Some(PaidPart {
                iuv: sum.key.iuv.clone(),
                paid_on: sum.paid_on,
                known_on: self.known_on(&one.payment),
                credited: one.state == PaymentState::Credited,
            })
        });
        let payments = parts.collect();
        let open = matches!(standing.state, PositionState::Unpaid | PositionState::PartiallyPaid);
        let (credit, payment) = if open {
            self.position_search.who_pays(position, standing.residual)
        } else {
            (false, false)
        };
        let single = position.notices.iter().any(|one| self.singles.unmatched.contains(&one.iuv));
        let doubt = seen.iter().any(|one| self.is_doubtful(one))
            || standing.findings.iter().any(|(_, code)| is_about_payment(*code));
        Account {
            standing,
            payments,
            candidate_credit: credit || single,
            open_anomaly: payment || single || doubt,
        }
    }

    /// Whether something is wrong with a payment that may change what was paid.
    fn is_doubtful(&self, one: &Seen) -> bool {
        let payment = &one.payment;
        let unreported = payment.lines.is_empty() && one.state == PaymentState::Paid;
        payment.findings().into_iter().any(is_about_payment)
            || unreported && self.flow_is_late(payment)
    }

    /// The day on which a receipt or a flow first told of a payment.
    fn known_on(&self, payment: &Payment) -> Option<Date> {
        let received = payment.receipt.as_ref().and_then(|receipt| receipt.paid_at);
        let reported = payment.lines.iter().map(|line| {
            let flow = self.flow_places.get(&line.flow).map(|&place| &self.flows[place]);
            flow.map_or(line.paid_on, |flow| in_rome(flow.revision().header.flow_time).date())
        });
        received.map(domain::fact::PaidAt::day).into_iter().chain(reported).min()
    }
}

/// Anomalies that put in doubt what was paid.
fn is_about_payment(code: Code) -> bool {
    matches!(
        code,
        Code::RowAmountMismatch
            | Code::RowDuplicatedInFlow
            | Code::PaymentReportedTwice
            | Code::PaymentRevoked
            | Code::OutcomeUnknown
            | Code::DuplicatePayment
    )
}

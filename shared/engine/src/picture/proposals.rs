//! Proposals of reversale: what the payments of each provvisorio put on which accertamento.

use domain::allocation::Allocation;
use domain::anomaly::Code;
use domain::fact::LineOutcome;
use domain::identifier::Provvisorio;
use domain::money::Cents;
use domain::payment::Payment;
use domain::proposal::{ProposedLine, Reason, ToPropose, propose, puts_in_doubt};
use jiff::Timestamp;
use report::Word;
use report::row::{CreditState, ProposalLine, ProposalReason, ProposalRow, ProposalState};

use super::Province;
use super::credits::{Concluded, CreditView};
use super::finding::Finding;
use super::flows::FlowView;
use crate::configuration::AssessmentState;

impl Province<'_> {
    /// Takes note on the credits of what a payment puts on accertamenti.
    pub(super) fn note_parts(
        &mut self,
        payment: &Payment,
        allocation: &Allocation,
        found: &[Finding],
    ) {
        let open = || found.iter().filter(|finding| finding.closed_by.is_none());
        let in_doubt = open().any(|f| puts_in_doubt(f.code, allocation.unallocated));
        let (mut paid, mut taken_back) = (false, false);
        for line in &payment.lines {
            let revokes = line.outcome == LineOutcome::Revoked;
            let again = std::mem::replace(if revokes { &mut taken_back } else { &mut paid }, true);
            let Some(&place) = self.flow_places.get(&line.flow) else { continue };
            let flow = &self.flows[place];
            let amount = flow.counted(line);
            let Some(credit) = flow.payer(&payment.key, amount) else { continue };
            // One line pays and one takes back; any other is the same payment again. So is one
            // that revokes and whose money came in all the same.
            let is_its_own =
                !again && amount.abs() == payment.amount() && revokes == amount.is_negative();
            self.add_part(credit, amount, allocation, is_its_own, in_doubt);
        }
        // A credit of its own pays it by a line, where there is one.
        let single = self.singles.payers.get(&payment.key).filter(|_| payment.lines.is_empty());
        let transfer = payment.transfer.as_ref().map(|transfer| transfer.provvisorio);
        let place = transfer.or(single.copied()).and_then(|one| self.credit_places.get(&one));
        if let Some(&place) = place {
            let credit = &self.credits[place].credit;
            self.add_part(credit.provvisorio, credit.amount, allocation, true, in_doubt);
        }
    }

    fn add_part(
        &mut self,
        credit: Provvisorio,
        amount: Cents,
        allocation: &Allocation,
        is_its_own: bool,
        in_doubt: bool,
    ) {
        if let Some(&place) = self.credit_places.get(&credit) {
            let allocation = is_its_own.then_some(allocation);
            self.credits[place].parts.add(amount, allocation, in_doubt);
        }
    }

    /// The proposal for a credit. There is one where its money went to payments, and where the
    /// treasurer did something with a credit that names any.
    pub(super) fn proposal(
        &self,
        view: &CreditView,
        concluded: &Concluded,
    ) -> Option<ProposalRow<'static>> {
        let names = !view.reading.iufs.is_empty()
            || !view.reading.iuvs.is_empty()
            || view.chosen().is_some();
        let concerned = match concluded.state {
            CreditState::Matched => true,
            CreditState::Regularised | CreditState::Reversed => names,
            _ => !concluded.allocated.is_empty(),
        };
        if !concerned {
            return None;
        }
        let credit = &view.credit;
        let flows: Vec<_> = view.named().iter().filter_map(|flow| self.flow_place(flow)).collect();
        let flows: Vec<_> = flows.into_iter().map(|place| &self.flows[place]).collect();
        let definitive_after: Option<Vec<_>> =
            flows.iter().map(|flow| self.definitive_after(flow)).collect();
        let proposal = propose(
            &ToPropose {
                provvisorio: credit.provvisorio,
                amount: credit.amount,
                regularised: credit.regularised,
                reversed: credit.reversed,
                definitive: definitive_after
                    .as_ref()
                    .is_some_and(|all| all.iter().all(|after| self.as_of >= *after)),
                in_doubt: concluded.state == CreditState::Anomaly
                    || concluded.has(Code::DecisionContradicted)
                    || flows.iter().any(|flow| contradicts_itself(flow)),
                ambiguous: concluded.is_ambiguous(),
                parts: &view.parts,
            },
            |assessment| self.kept_by_registry(assessment),
        );
        Some(ProposalRow {
            organization: self.code.to_string().into(),
            provvisorio: credit.provvisorio,
            state: match proposal.reason {
                None => ProposalState::Ready,
                Some(_) => ProposalState::Held,
            },
            reason: proposal.reason.map(|reason| {
                ProposalReason::from_code(reason.code()).expect("every reason has its word")
            }),
            total: credit.amount,
            lines: proposal.lines.into_iter().map(line).collect(),
            definitive_after: definitive_after.and_then(|all| all.into_iter().max()),
        })
    }

    fn definitive_after(&self, flow: &FlowView) -> Option<Timestamp> {
        self.timing(flow).terms.map(|terms| terms.definitive_after)
    }

    /// Why the registry keeps reversali from an accertamento. One that it does not list, such as
    /// that of the costs of a fine, is the position's own word.
    fn kept_by_registry(&self, assessment: &str) -> Option<Reason> {
        let entries = self.settings.assessments.iter().filter(|entry| entry.number == assessment);
        entries
            .filter_map(|entry| match entry.state {
                AssessmentState::Definitive => None,
                AssessmentState::Provisional => Some(Reason::AssessmentNotDefinitive),
                AssessmentState::Closed => Some(Reason::AssessmentClosed),
            })
            .min()
    }
}

/// Whether the lines of a flow are not what it declares, and so not what was transferred. A wrong
/// count alone is a warning.
fn contradicts_itself(flow: &FlowView) -> bool {
    flow.revision().findings().contains(&Code::FdrTotalMismatch)
}

fn line(line: ProposedLine) -> ProposalLine<'static> {
    let text = |text: Box<str>| text.into_string().into();
    ProposalLine {
        assessment: Some(text(line.share.assessment)),
        chapter: line.share.chapter.map(text),
        siope: line.share.siope.map(text),
        amount: line.share.amount,
        residual: line.residual,
    }
}

//! Decisions of people: what a credit or a payment was chosen to be, and which anomalies were
//! closed by hand.
//!
//! Nothing is taken back by erasing it: a later decision on the same question replaces the earlier
//! one, and a withdrawal leaves none. What came after a decision and contradicts it is told, and
//! changes nothing that was decided.

use std::fmt;

use jiff::Timestamp;

use crate::anomaly::{Code, Party};
use crate::fact::Source;
use crate::flow::FlowKey;
use crate::identifier::{Iuf, Iuv, NoticeNumber};
use crate::money::Cents;
use crate::payment::PaymentKey;

/// A decision of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its place among the decisions that stand together, from 1: what orders them, not the clock.
    pub number: u32,
    /// What it is about: `credit:2026/123`, `payment:IUV/IUR/index` …
    pub subject: Box<str>,
    /// The anomaly that it answers; `None` when the subject itself was named.
    pub anomaly: Option<Code>,
    /// What was decided.
    pub verdict: Verdict,
    /// The amount of the credit or payment when it was decided; of the anomaly otherwise.
    pub amount: Option<Cents>,
    /// Who decided.
    pub by: Box<str>,
    /// Why.
    pub note: Box<str>,
    /// When.
    pub at: Timestamp,
    /// Where it stands in the ledger.
    pub source: Source,
}

/// Without who and why, which are about people.
impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("number", &self.number)
            .field("subject", &self.subject)
            .field("anomaly", &self.anomaly)
            .field("verdict", &self.verdict)
            .field("amount", &self.amount)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// What the credit or the payment is.
    Choose(Choice),
    /// Nothing is to be done: the anomaly is closed while it has this amount and this party.
    Dismiss(Party),
    /// An earlier decision does not hold any more.
    Withdraw,
}

/// What a credit or a payment was chosen to be, with what was true then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A credit pays these flows.
    Flows(Vec<ChosenFlow>),
    /// A credit pays this payment.
    Payment(PaymentKey),
    /// A credit or a payment pays this debt.
    Position(ChosenPosition),
}

/// A flow that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenFlow {
    /// Which flow.
    pub key: FlowKey,
    /// Its declared total then.
    pub total: Cents,
}

/// A debt that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenPosition {
    /// Which debt.
    pub position_id: Box<str>,
    /// The notice that a credit is taken to pay; `None` for a payment, which has its own.
    pub notice: Option<Iuv>,
    /// What had been paid on it then.
    pub paid: Cents,
}

impl Decision {
    /// What was chosen, if anything.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        match &self.verdict {
            Verdict::Choose(choice) => Some(choice),
            _ => None,
        }
    }

    /// The debt that was chosen, if one was.
    #[must_use]
    pub fn position(&self) -> Option<&ChosenPosition> {
        match self.choice()? {
            Choice::Position(position) => Some(position),
            _ => None,
        }
    }

    /// The flows that were chosen.
    #[must_use]
    pub fn flows(&self) -> &[ChosenFlow] {
        match self.choice() {
            Some(Choice::Flows(flows)) => flows,
            _ => &[],
        }
    }

    /// Whether it closes an anomaly that has this amount and this party now.
    #[must_use]
    pub fn closes(&self, code: Code, amount: Option<Cents>, party: Party) -> bool {
        self.verdict == Verdict::Dismiss(party)
            && self.anomaly == Some(code)
            && self.amount == amount
    }

    /// Whether `old`, decided before, does not hold any more.
    fn replaces(&self, old: &Self) -> bool {
        const DOUBT: Option<Code> = Some(Code::DecisionContradicted);
        let same_question = self.anomaly == old.anomaly;
        self.subject == old.subject
            && match (&self.verdict, &old.verdict) {
                (Verdict::Choose(_), Verdict::Choose(_)) => true,
                (Verdict::Choose(_), _) => same_question || old.anomaly == DOUBT,
                (Verdict::Withdraw, Verdict::Choose(_)) => {
                    same_question || self.anomaly.is_none() || self.anomaly == DOUBT
                }
                (Verdict::Dismiss(_) | Verdict::Withdraw, _) => same_question,
            }
    }
}

/// The decisions that hold among those that stand together, in the order of their numbers.
#[must_use]
pub fn in_force(mut decisions: Vec<Decision>) -> Vec<Decision> {
    decisions.sort_by_key(|decision| decision.number);
    let mut hold: Vec<Decision> = Vec::new();
    for decision in decisions {
        hold.retain(|old| !decision.replaces(old));
        if decision.verdict != Verdict::Withdraw {
            hold.push(decision);
        }
    }
    hold
}

/// The choice that holds for a subject, among decisions that hold.
#[must_use]
pub fn choice_of<'a>(hold: &'a [Decision], subject: &str) -> Option<&'a Decision> {
    hold.iter().find(|decision| &*decision.subject == subject && decision.choice().is_some())
}

/// A fact that contradicts a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contradiction {
    /// The treasurer took the credit back.
    Reversed,
    /// Credit or payment has another amount than when it was decided: then, now.
    AmountChanged(Cents, Cents),
    /// The causale names another flow, which is here.
    NamesFlow(Iuf),
    /// A chosen flow has another total than when it was decided: then, now.
    FlowRevised(Iuf, Cents, Cents),
    /// A chosen flow is not here any more.
    FlowGone(Iuf),
    /// No line and no receipt tells of the chosen payment any more.
    PaymentGone,
    /// The payment was revoked.
    Revoked,
    /// Another credit pays the chosen payment.
    PaidByAnother,
    /// The office cancelled the debt.
    Cancelled,
    /// Other money came for the debt, and it is paid beyond what was due: so much.
    PaidBeyond(Cents),
    /// The IUV belongs to another debt.
    OtherPosition(Box<str>),
    /// The receipt is for another notice, which is none of the debt's.
    OtherNotice(NoticeNumber),
}

/// What contradicts the amount that was decided on.
#[must_use]
pub fn amount_contradicted(decision: &Decision, now: Cents) -> Option<Contradiction> {
    let then = decision.amount.filter(|then| *then != now);
    then.map(|then| Contradiction::AmountChanged(then, now))
}

/// What contradicts the choice of flows: `named` are those that the causale names and that are
/// here, `total` is the total of a flow now.
pub fn flows_contradicted(
    chosen: &[ChosenFlow],
    named: &[Iuf],
    total: impl Fn(&ChosenFlow) -> Option<Cents>,
) -> Vec<Contradiction> {
    let is_chosen = |iuf: &&Iuf| chosen.iter().any(|flow| flow.key.iuf.folded() == iuf.folded());
    let others = named.iter().filter(|iuf| !is_chosen(iuf));
    let mut contradictions: Vec<_> = others.cloned().map(Contradiction::NamesFlow).collect();
    for flow in chosen {
        let iuf = flow.key.iuf.clone();
        match total(flow) {
            None => contradictions.push(Contradiction::FlowGone(iuf)),
            Some(now) if now != flow.total => {
                contradictions.push(Contradiction::FlowRevised(iuf, flow.total, now));
            }
            Some(_) => {}
        }
    }
    contradictions
}

/// A debt now, as a choice of it needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebtNow {
    /// Whether the office cancelled it.
    pub cancelled: bool,
    /// What was paid on it by all else than what was chosen for it.
    pub paid_otherwise: Cents,
    /// What was paid beyond what was due.
    pub refundable: Cents,
}

/// What contradicts the choice of a debt. Paying more than is due is no contradiction by itself:
/// who decided saw it. Money that came since is.
#[must_use]
pub fn position_contradicted(chosen: &ChosenPosition, now: DebtNow) -> Option<Contradiction> {
    if now.cancelled {
        Some(Contradiction::Cancelled)
    } else if now.refundable > Cents::ZERO && now.paid_otherwise > chosen.paid {
        Some(Contradiction::PaidBeyond(now.refundable))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `number subject verdict anomaly`: verdicts `A` and `B` choose, `x` dismisses, `-` withdraws.
    fn decision(text: &str) -> Decision {
        let words: Vec<_> = text.split(' ').collect();
        let [number, subject, verdict, anomaly] = words[..] else { panic!("{text}") };
        let position = |id: &str| {
            Choice::Position(ChosenPosition {
                position_id: id.into(),
                notice: None,
                paid: Cents::ZERO,
            })
        };
        Decision {
            number: number.parse().unwrap(),
            subject: subject.into(),
            anomaly: match anomaly {
                "none" => None,
                code => Some(Code::from_code(code).unwrap()),
            },
            verdict: match verdict {
                "-" => Verdict::Withdraw,
                "x" => Verdict::Dismiss(Party::None),
                id => Verdict::Choose(position(id)),
            },
            amount: Some(Cents::new(100)),
            by: "Anna".into(),
            note: "perché".into(),
            at: Timestamp::UNIX_EPOCH,
            source: Source { file: "decisione".into(), line: 1 },
        }
    }

    fn hold(decisions: &str) -> String {
        let all: Vec<_> = decisions.split(", ").map(decision).collect();
        let mut backwards = all.clone();
        backwards.reverse();
        let hold = in_force(all);
        assert_eq!(hold, in_force(backwards), "order shows in {decisions}");
        let numbers: Vec<_> = hold.iter().map(|decision| decision.number.to_string()).collect();
        numbers.join(" ")
    }

    #[test]
    fn a_later_decision_on_the_same_question_replaces_the_earlier() {
        for (decisions, expected) in [
            ("1 c A credit_not_pagopa", "1"),
            ("1 c A credit_not_pagopa, 2 c B credit_not_pagopa", "2"),
            ("1 c A credit_not_pagopa, 2 c B none", "2"), // one credit is one thing
            ("1 c A credit_not_pagopa, 2 c x credit_not_pagopa", "2"),
            ("1 c x credit_not_pagopa, 2 c A credit_not_pagopa", "2"),
            ("1 c x credit_not_pagopa, 2 c x credit_not_pagopa", "2"),
            ("1 c A credit_not_pagopa, 2 c - credit_not_pagopa", ""),
            ("1 c A credit_not_pagopa, 2 c - none", ""),
            ("1 c x credit_not_pagopa, 2 c - credit_not_pagopa", ""),
            // Another question of the same subject, and another subject.
            ("1 c x iuf_truncated, 2 c x credit_not_pagopa", "1 2"),
            ("1 c A credit_not_pagopa, 2 c x receipt_missing", "1 2"),
            ("1 c A credit_not_pagopa, 2 c - receipt_missing", "1"),
            ("1 c A credit_not_pagopa, 2 d B credit_not_pagopa", "1 2"),
            // A contradicted choice: confirmed, made anew, withdrawn.
            ("1 c A credit_not_pagopa, 2 c x decision_contradicted", "1 2"),
            (
                "1 c A credit_not_pagopa, 2 c x decision_contradicted, 3 c B decision_contradicted",
                "3",
            ),
            ("1 c A credit_not_pagopa, 2 c - decision_contradicted", ""),
            (
                "1 c A credit_not_pagopa, 2 c x decision_contradicted, 3 c - decision_contradicted",
                "",
            ),
        ] {
            assert_eq!(hold(decisions), expected, "{decisions}");
        }
    }

    #[test]
    fn a_dismissed_anomaly_comes_back_with_another_amount_or_party() {
        let dismissed = decision("1 c x credit_not_pagopa");
        let amount = |cents| Some(Cents::new(cents));
        for (code, amount, party, closed) in [
            (Code::CreditNotPagopa, amount(100), Party::None, true),
            (Code::CreditNotPagopa, amount(101), Party::None, false),
            (Code::CreditNotPagopa, None, Party::None, false),
            (Code::CreditNotPagopa, amount(100), Party::Psp, false),
            (Code::IufTruncated, amount(100), Party::None, false),
        ] {
            assert_eq!(dismissed.closes(code, amount, party), closed, "{code:?} {amount:?}");
        }
        assert!(!decision("1 c A credit_not_pagopa").closes(
            Code::CreditNotPagopa,
            amount(100),
            Party::None
        ));
    }

    fn flow(iuf: &str, total: i64) -> ChosenFlow {
        let key = FlowKey { psp: "BCITITMM".parse().unwrap(), iuf: iuf.parse().unwrap() };
        ChosenFlow { key, total: Cents::new(total) }
    }

    #[test]
    fn flows_are_contradicted_by_what_the_causale_names_and_by_revisions() {
        let iuf = |text: &str| text.parse::<Iuf>().unwrap();
        let chosen = [flow("A", 100), flow("B", 50)];
        for (named, totals, expected) in [
            (vec![], [Some(100), Some(50)], vec![]),
            (vec![iuf("a")], [Some(100), Some(50)], vec![]), // one of the two: no other flow
            (vec![iuf("C")], [Some(100), Some(50)], vec![Contradiction::NamesFlow(iuf("C"))]),
            (
                vec![],
                [Some(90), Some(50)],
                vec![Contradiction::FlowRevised(iuf("A"), Cents::new(100), Cents::new(90))],
            ),
            (vec![], [Some(100), None], vec![Contradiction::FlowGone(iuf("B"))]),
        ] {
            let total = |flow: &ChosenFlow| {
                totals[usize::from(flow.key.iuf.as_str() == "B")].map(Cents::new)
            };
            assert_eq!(flows_contradicted(&chosen, &named, total), expected);
        }
    }

    #[test]
    fn a_debt_is_contradicted_when_it_is_cancelled_or_other_money_pays_it() {
        for (paid_then, cancelled, paid_otherwise, refundable, expected) in [
            (0, false, 0, 0, None),
            (0, false, 0, 300, None), // more than was due, as who decided saw
            (0, false, 5_700, 5_700, Some(Contradiction::PaidBeyond(Cents::new(5_700)))),
            (2_000, false, 2_000, 100, None),
            (2_000, false, 3_700, 0, None), // the rest came: nothing is too much
            (0, true, 0, 5_700, Some(Contradiction::Cancelled)),
        ] {
            let chosen = ChosenPosition {
                position_id: "P".into(),
                notice: None,
                paid: Cents::new(paid_then),
            };
            let now = DebtNow {
                cancelled,
                paid_otherwise: Cents::new(paid_otherwise),
                refundable: Cents::new(refundable),
            };
            assert_eq!(position_contradicted(&chosen, now), expected, "{now:?}");
        }
    }

    #[test]
    fn another_amount_than_was_decided_on_contradicts() {
        let decided = decision("1 c A credit_not_pagopa");
        assert_eq!(amount_contradicted(&decided, Cents::new(100)), None);
        assert_eq!(
            amount_contradicted(&decided, Cents::new(99)),
            Some(Contradiction::AmountChanged(Cents::new(100), Cents::new(99)))
        );
    }
}

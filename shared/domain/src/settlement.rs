//! Credits and flows side by side: which money is which flow.
//!
//! No tolerance: a cent is a difference. No window of time: a flow of any age can be matched.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::anomaly::Code;
use crate::flow::FlowKey;
use crate::identifier::{Iuf, Provvisorio, Psp};
use crate::money::Cents;

/// A flow to be settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowToSettle {
    /// Which flow.
    pub key: FlowKey,
    /// Declared total of the revision in force.
    pub total: Cents,
}

impl FlowToSettle {
    /// What becomes of it while no credit names it: of nothing, all is here.
    fn unnamed(&self) -> FlowSettled {
        let standing =
            if self.total.is_zero() { FlowStanding::Credited } else { FlowStanding::Reported };
        FlowSettled { standing, credited: Cents::ZERO, credits: Vec::new() }
    }
}

/// A credit that names one flow or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditToSettle {
    /// Which provvisorio.
    pub provvisorio: Provvisorio,
    /// What came in: positive, not taken back.
    pub amount: Cents,
    /// When, `data_movimento`.
    pub date: Date,
    /// The flows that its causale names.
    pub iufs: Vec<Iuf>,
    /// The providers of those flows, one for each, where a person chose them: then nothing else is
    /// proposed. Empty otherwise.
    pub chosen: Vec<Psp>,
    /// TRN or CRO.
    pub transaction_reference: Option<Box<str>>,
    /// End-to-end id.
    pub end_to_end_id: Option<Box<str>>,
}

/// How far a flow is covered by credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowStanding {
    /// No credit names it, and its total is not zero.
    Reported,
    /// Its credits are its total; of a total of zero there is none.
    Credited,
    /// Its credits are less.
    PartiallyCredited,
    /// Its credits are more.
    OverCredited,
}

/// What became of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowSettled {
    /// How far it is covered.
    pub standing: FlowStanding,
    /// Sum of the credits that name it, surplus included.
    pub credited: Cents,
    /// The credits that pay it, in order of date.
    pub credits: Vec<Provvisorio>,
}

/// What a credit turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditStanding {
    /// No flow with that identifier is here.
    FlowUnknown,
    /// It pays these flows (places in the input).
    Pays(Vec<usize>),
    /// Two providers use the identifier, and the amount does not tell which is meant.
    SeveralFlows(Vec<usize>),
    /// It names the first and is the sum of the first and any one of the others, which are open and
    /// of the same provider: a person must say so. Until then it pays nothing.
    MayPay(usize, Vec<usize>),
    /// It contradicts the flows that it names.
    Contradicts(Vec<usize>, Code),
}

/// The answer: one entry for each flow and each credit, in the order of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Of the flows.
    pub flows: Vec<FlowSettled>,
    /// Of the credits.
    pub credits: Vec<CreditStanding>,
}

/// Puts credits and flows of one organization side by side.
#[must_use]
pub fn settle(flows: &[FlowToSettle], credits: &[CreditToSettle]) -> Settlement {
    let mut by_iuf: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, flow) in flows.iter().enumerate() {
        by_iuf.entry(flow.key.iuf.folded()).or_default().push(place);
    }
    let mut answer = Settlement {
        flows: flows.iter().map(FlowToSettle::unnamed).collect(),
        credits: vec![CreditStanding::FlowUnknown; credits.len()],
    };

    let mut of_flow: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut of_several = Vec::new();
    for (place, credit) in credits.iter().enumerate() {
        let named: Vec<_> =
            credit.iufs.iter().filter_map(|iuf| by_iuf.get(&iuf.folded())).collect();
        if !credit.chosen.is_empty() {
            match chosen_flows(flows, credit, &by_iuf).as_slice() {
                [] => {}
                [only] => of_flow.entry(*only).or_default().push(place),
                several => of_several.push((place, several.to_vec())),
            }
            continue;
        }
        match named.as_slice() {
            [] => {}
            [candidates] if credit.iufs.len() == 1 => {
                match which_provider(flows, credits, candidates, credit) {
                    Some(flow) => of_flow.entry(flow).or_default().push(place),
                    None => {
                        answer.credits[place] = CreditStanding::SeveralFlows((*candidates).clone());
                    }
                }
            }
            several => {
                let flows: Vec<_> =
                    several.iter().flat_map(|places| places.iter().copied()).collect();
                of_several.push((place, flows));
            }
        }
    }
    for (credit, named) in of_several {
        settle_several(flows, credits, credit, named, &of_flow, &mut answer);
    }
    let mut unnamed: HashMap<Cents, Vec<usize>> = HashMap::new();
    for (flow, due) in flows.iter().enumerate() {
        if !of_flow.contains_key(&flow) && answer.flows[flow].credits.is_empty() {
            unnamed.entry(due.total).or_default().push(flow);
        }
    }
    for (flow, named_by) in of_flow {
        if let [credit] = named_by.as_slice()
            && credits[*credit].chosen.is_empty()
        {
            let others = others_that_make(credits[*credit].amount, flow, flows, &unnamed);
            if !others.is_empty() {
                answer.credits[*credit] = CreditStanding::MayPay(flow, others);
                continue;
            }
        }
        settle_one(flows, credits, flow, named_by, &mut answer);
    }
    answer
}

/// The flows that a person chose. A provider may have taken another name since: where one flow
/// alone has the identifier, it is that.
fn chosen_flows(
    flows: &[FlowToSettle],
    credit: &CreditToSettle,
    by_iuf: &HashMap<String, Vec<usize>>,
) -> Vec<usize> {
    let one = |(iuf, psp): (&Iuf, &Psp)| match by_iuf.get(&iuf.folded())?.as_slice() {
        [only] => Some(*only),
        several => several.iter().copied().find(|&flow| flows[flow].key.psp.same_provider(psp)),
    };
    credit.iufs.iter().zip(&credit.chosen).filter_map(one).collect()
}

/// The flows that nobody names and that make `amount` together with the one named, of its provider.
fn others_that_make(
    amount: Cents,
    named: usize,
    flows: &[FlowToSettle],
    unnamed: &HashMap<Cents, Vec<usize>>,
) -> Vec<usize> {
    let rest = amount - flows[named].total;
    if rest <= Cents::ZERO {
        return Vec::new();
    }
    let same_provider =
        |other: &&usize| flows[**other].key.psp.same_provider(&flows[named].key.psp);
    unnamed.get(&rest).into_iter().flatten().filter(same_provider).copied().collect()
}

/// The flow that a credit means when providers share an identifier: the one whose total it is,
/// alone.
fn which_provider(
    flows: &[FlowToSettle],
    credits: &[CreditToSettle],
    candidates: &[usize],
    credit: &CreditToSettle,
) -> Option<usize> {
    if let [only] = candidates {
        return Some(*only);
    }
    let same_name = |other: &&CreditToSettle| {
        other.iufs.len() == 1 && other.iufs[0].folded() == credit.iufs[0].folded()
    };
    let fits = |amount| {
        let mut fitting = candidates.iter().filter(|&&flow| flows[flow].total == amount);
        match (fitting.next(), fitting.next()) {
            (Some(flow), None) => Some(*flow),
            _ => None,
        }
    };
    fits(credit.amount).or_else(|| fits(credits.iter().filter(same_name).map(|c| c.amount).sum()))
}

/// One credit that names several flows whole: matched when it is exactly their sum.
fn settle_several(
    flows: &[FlowToSettle],
    credits: &[CreditToSettle],
    credit: usize,
    named: Vec<usize>,
    of_flow: &BTreeMap<usize, Vec<usize>>,
    answer: &mut Settlement,
) {
    let total: Cents = named.iter().map(|&flow| flows[flow].total).sum();
    let free = |flow: &usize| !of_flow.contains_key(flow) && answer.flows[*flow].credits.is_empty();
    let all_here = named.len() == credits[credit].iufs.len();
    if all_here && total == credits[credit].amount && named.iter().all(free) {
        for &flow in &named {
            answer.flows[flow] = FlowSettled {
                standing: FlowStanding::Credited,
                credited: flows[flow].total,
                credits: vec![credits[credit].provvisorio],
            };
        }
        answer.credits[credit] = CreditStanding::Pays(named);
    } else if all_here {
        answer.credits[credit] = CreditStanding::Contradicts(named, Code::CreditAmountMismatch);
    }
}

/// One flow and the credits that name it alone.
fn settle_one(
    flows: &[FlowToSettle],
    credits: &[CreditToSettle],
    flow: usize,
    mut named_by: Vec<usize>,
    answer: &mut Settlement,
) {
    let total = flows[flow].total;
    named_by.sort_by_key(|&credit| (credits[credit].date, credits[credit].provvisorio));
    let sum: Cents = named_by.iter().map(|&credit| credits[credit].amount).sum();
    let standing = match sum.cmp(&total) {
        std::cmp::Ordering::Equal => FlowStanding::Credited,
        std::cmp::Ordering::Less => FlowStanding::PartiallyCredited,
        std::cmp::Ordering::Greater => FlowStanding::OverCredited,
    };
    let paying = match standing {
        FlowStanding::OverCredited => first_within(total, &named_by, credits),
        FlowStanding::Credited => named_by.clone(),
        _ => Vec::new(),
    };
    for &credit in &named_by {
        answer.credits[credit] = if paying.contains(&credit) {
            CreditStanding::Pays(vec![flow])
        } else if paying.iter().any(|&paid| same_transfer(&credits[paid], &credits[credit])) {
            CreditStanding::Contradicts(vec![flow], Code::CreditDuplicated)
        } else {
            CreditStanding::Contradicts(vec![flow], Code::CreditAmountMismatch)
        };
    }
    answer.flows[flow] = FlowSettled {
        standing,
        credited: sum,
        credits: named_by.iter().map(|&credit| credits[credit].provvisorio).collect(),
    };
}

/// The credits that are not surplus: one that makes the total alone, else the earliest, each that
/// still fits within it.
fn first_within(total: Cents, named_by: &[usize], credits: &[CreditToSettle]) -> Vec<usize> {
    if let Some(one) = named_by.iter().find(|&&credit| credits[credit].amount == total) {
        return vec![*one];
    }
    let mut left = total;
    let mut within = named_by.to_vec();
    within.retain(|&credit| {
        let fits = credits[credit].amount <= left;
        if fits {
            left -= credits[credit].amount;
        }
        fits
    });
    within
}

/// Whether two credits are one bank transfer booked twice.
fn same_transfer(a: &CreditToSettle, b: &CreditToSettle) -> bool {
    let same = |a: &Option<Box<str>>, b: &Option<Box<str>>| matches!((a, b), (Some(a), Some(b)) if tells(a) && a == b);
    same(&a.transaction_reference, &b.transaction_reference)
        || same(&a.end_to_end_id, &b.end_to_end_id)
}

/// Whether a reference says anything: banks write NOTPROVIDED, and leak the causale into it.
fn tells(reference: &str) -> bool {
    let letters: String =
        reference.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    !letters.is_empty()
        && letters != "NOTPROVIDED"
        && !letters.contains("LGPERIVERSAMENTO")
        && letters.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flows `psp/iuf total`, credits `number amount iuf+iuf @trn`; of flows that a person chose
    /// also the provider: `psp/iuf`.
    fn scene(flows: &str, credits: &str) -> String {
        let flows: Vec<_> = flows
            .split(", ")
            .map(|text| {
                let (name, total) = text.split_once(' ').unwrap();
                let (psp, iuf) = name.split_once('/').unwrap();
                let key = FlowKey { psp: psp.parse().unwrap(), iuf: iuf.parse().unwrap() };
                FlowToSettle { key, total: total.parse().unwrap() }
            })
            .collect();
        let credits: Vec<_> = credits
            .split(", ")
            .map(|text| {
                let mut words = text.split(' ');
                let number: u8 = words.next().unwrap().parse().unwrap();
                let amount = words.next().unwrap().parse().unwrap();
                let named: Vec<_> = words.next().unwrap().split('+').collect();
                let iuf = |name: &&str| name.rsplit('/').next().unwrap().parse().unwrap();
                let psp = |name: &&str| name.split_once('/').map(|(psp, _)| psp.parse().unwrap());
                CreditToSettle {
                    provvisorio: format!("2026/{number}").parse().unwrap(),
                    amount,
                    date: jiff::civil::date(2026, 3, 2),
                    iufs: named.iter().map(iuf).collect(),
                    chosen: named.iter().filter_map(psp).collect(),
                    transaction_reference: words.next().map(|trn| trn[1..].into()),
                    end_to_end_id: Some("NOTPROVIDED".into()),
                }
            })
            .collect();
        let answer = settle(&flows, &credits);
        let flows = answer.flows.iter().map(|flow| {
            let mark = match flow.standing {
                FlowStanding::Reported => "reported",
                FlowStanding::Credited => "credited",
                FlowStanding::PartiallyCredited => "partially",
                FlowStanding::OverCredited => "over",
            };
            format!("{mark} {}", flow.credited)
        });
        let credits = answer.credits.iter().map(|credit| match credit {
            CreditStanding::FlowUnknown => "unknown".to_owned(),
            CreditStanding::Pays(flows) => format!("pays {flows:?}"),
            CreditStanding::SeveralFlows(flows) => format!("several {flows:?}"),
            CreditStanding::MayPay(flow, others) => format!("may {flow} {others:?}"),
            CreditStanding::Contradicts(_, code) => code.code().to_owned(),
        });
        let flows: Vec<_> = flows.collect();
        let credits: Vec<_> = credits.collect();
        format!("{} | {}", flows.join(", "), credits.join(", "))
    }

    #[test]
    fn credits_and_flows_side_by_side() {
        for (flows, credits, expected) in [
            ("P/A 100", "1 100 A", "credited 100.00 | pays [0]"),
            ("P/A 100", "1 100 a", "credited 100.00 | pays [0]"),
            ("P/A 100", "1 99.99 A", "partially 99.99 | credit_amount_mismatch"),
            ("P/A 100", "1 100.01 A", "over 100.01 | credit_amount_mismatch"),
            ("P/A 100", "1 100 B", "reported 0.00 | unknown"),
            // Split by the treasurer, or integrative.
            ("P/A 100", "1 60 A, 2 40 A", "credited 100.00 | pays [0], pays [0]"),
            (
                "P/A 100",
                "1 60 A, 2 30 A",
                "partially 90.00 | credit_amount_mismatch, credit_amount_mismatch",
            ),
            // The same transfer booked twice; another surplus is no duplicate.
            ("P/A 100", "1 100 A @T1, 2 100 A @T1", "over 200.00 | pays [0], credit_duplicated"),
            (
                "P/A 100",
                "1 100 A @T1, 2 100 A @T2",
                "over 200.00 | pays [0], credit_amount_mismatch",
            ),
            (
                "P/A 100",
                "1 60 A, 2 40 A, 3 5 A",
                "over 105.00 | pays [0], pays [0], credit_amount_mismatch",
            ),
            // What still fits within the total is no surplus.
            ("P/A 100", "1 70 A, 2 60 A", "over 130.00 | pays [0], credit_amount_mismatch"),
            (
                "P/A 100",
                "1 60 A, 2 50 A, 3 40 A",
                "over 150.00 | pays [0], credit_amount_mismatch, pays [0]",
            ),
            (
                "P/A 100",
                "1 150 A, 2 160 A",
                "over 310.00 | credit_amount_mismatch, credit_amount_mismatch",
            ),
            // A payment and its revocation: nothing is due, and nothing is missing.
            ("P/A 0, P/B 50", "1 50 B", "credited 0.00, credited 50.00 | pays [1]"),
            ("P/A 0", "1 5 A", "over 5.00 | credit_amount_mismatch"),
            // One named, two paid: a person must say so.
            ("P/A 100, P/B 50", "1 150 A", "reported 0.00, reported 0.00 | may 0 [1]"),
            ("P/A 100, Q/B 50", "1 150 A", "over 150.00, reported 0.00 | credit_amount_mismatch"),
            (
                "P/A 100, P/B 50",
                "1 150 A, 2 50 B",
                "over 150.00, credited 50.00 | credit_amount_mismatch, pays [1]",
            ),
            (
                "P/A 100, P/B 50, P/C 50",
                "1 150 A",
                "reported 0.00, reported 0.00, reported 0.00 | may 0 [1, 2]",
            ),
            // One credit for several flows, whole.
            ("P/A 100, P/B 50", "1 150 A+B", "credited 100.00, credited 50.00 | pays [0, 1]"),
            (
                "P/A 100, P/B 50",
                "1 149 A+B",
                "reported 0.00, reported 0.00 | credit_amount_mismatch",
            ),
            (
                "P/A 100, P/B 50",
                "1 150 A+B, 2 100 A",
                "credited 100.00, reported 0.00 | credit_amount_mismatch, pays [0]",
            ),
            ("P/A 100", "1 150 A+B", "reported 0.00 | unknown"),
            // What a person chose is settled like what a causale names; a cent is still a cent.
            ("P/A 100", "1 100 P/A", "credited 100.00 | pays [0]"),
            ("P/A 100", "1 99.99 P/A", "partially 99.99 | credit_amount_mismatch"),
            ("P/A 100", "1 60 P/A, 2 40 A", "credited 100.00 | pays [0], pays [0]"),
            ("P/A 100, P/B 50", "1 150 P/A+P/B", "credited 100.00, credited 50.00 | pays [0, 1]"),
            // Nothing else is proposed for it, not even what would make its amount.
            ("P/A 100, P/B 50", "1 150 P/A", "over 150.00, reported 0.00 | credit_amount_mismatch"),
            // The provider tells flows of one identifier apart, unless it took another name.
            ("P/A 100, Q/A 50", "1 70 Q/A", "reported 0.00, over 70.00 | credit_amount_mismatch"),
            ("P/A 100", "1 100 OLD/A", "credited 100.00 | pays [0]"),
            // Two providers with an equal identifier.
            ("P/A 100, Q/A 50", "1 50 A", "reported 0.00, credited 50.00 | pays [1]"),
            ("P/A 100, Q/A 50", "1 70 A", "reported 0.00, reported 0.00 | several [0, 1]"),
            (
                "P/A 100, Q/A 50",
                "1 50 A, 2 100 A",
                "credited 100.00, credited 50.00 | pays [1], pays [0]",
            ),
        ] {
            assert_eq!(scene(flows, credits), expected, "{flows} | {credits}");
        }
    }
}

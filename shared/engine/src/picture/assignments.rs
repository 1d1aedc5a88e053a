//! Which credit pays which line of a flow.
//!
//! Told before payments are looked at, so that each finds its provvisorio at once. The lines of a
//! flow are read only where several credits pay it, or not all of it is paid, and where the bounds
//! of [`domain::assignment`] leave a chance: so only a few lines of a few flows are ever held.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::assignment::{LINES_MAX, assign};
use domain::flow::TotalBasis;
use domain::identifier::{OrganizationCode, Provvisorio};
use domain::money::Cents;
use domain::payment::PaymentKey;
use domain::settlement::FlowStanding;

use super::credits::CreditView;
use super::flows::FlowView;
use crate::intake::revision_tag;
use crate::key;
use crate::port::{PortError, PortResult, ReadFacts};
use crate::record::{self, ChunkRecord, StandingRecord};

/// Who pays the lines of a flow.
#[derive(Debug, Clone, Default)]
pub(crate) enum Payers {
    /// Nobody, or it cannot be told which credit pays which line.
    #[default]
    Unknown,
    /// One credit pays them all.
    One(Provvisorio),
    /// Each credit pays some, and in one way only; a line that is not here is not paid.
    ByLine(HashMap<(PaymentKey, Cents), Provvisorio>),
}

impl Payers {
    /// The credit that pays a line, of `amount` as it counts in its flow.
    pub fn of(&self, payment: &PaymentKey, amount: Cents) -> Option<Provvisorio> {
        match self {
            Self::Unknown => None,
            Self::One(credit) => Some(*credit),
            Self::ByLine(lines) => lines.get(&(payment.clone(), amount)).copied(),
        }
    }
}

/// Finds out who pays the lines of each flow, those left out that a credit of their own pays.
pub(crate) fn find_payers<'a>(
    reader: &mut impl ReadFacts,
    code: &OrganizationCode,
    flows: impl Iterator<Item = &'a mut FlowView>,
    credits: &[CreditView],
    places: &BTreeMap<Provvisorio, usize>,
) -> PortResult<()> {
    for flow in flows {
        let singly: HashSet<_> = flow.singles.values().collect();
        let paying: Vec<_> = flow
            .credits
            .iter()
            .filter(|credit| !singly.contains(credit))
            .filter_map(|credit| places.get(credit).map(|&place| &credits[place]))
            .filter(|view| pays(flow, view))
            .collect();
        flow.payers = match (flow.standing, paying.as_slice()) {
            (FlowStanding::Reported, _) | (_, []) => Payers::Unknown,
            (FlowStanding::Credited, [only]) => Payers::One(only.credit.provvisorio),
            // Where more came than the total, one credit may be all of it, or the first part.
            (FlowStanding::OverCredited, [only]) if pays_all(flow, only) => {
                Payers::One(only.credit.provvisorio)
            }
            (_, several) => by_line(reader, code, flow, several)?,
        };
    }
    Ok(())
}

/// Of a flow that is paid more than once, the surplus pays nothing.
fn pays(flow: &FlowView, view: &CreditView) -> bool {
    flow.standing != FlowStanding::OverCredited
        || flow.credits.len() == 1
        || matches!(view.standing, StandingRecord::Pays { .. })
}

fn pays_all(flow: &FlowView, view: &CreditView) -> bool {
    view.credit.amount >= flow.revision().header.declared_total
}

fn by_line(
    reader: &mut impl ReadFacts,
    code: &OrganizationCode,
    flow: &FlowView,
    paying: &[&CreditView],
) -> PortResult<Payers> {
    let revision = flow.revision();
    if revision.sums.count > LINES_MAX as u64 {
        return Ok(Payers::Unknown);
    }
    let mut lines = lines(reader, code, flow)?;
    let mut uncredited = revision.header.declared_total;
    lines.retain(|(payment, amount)| {
        let singly = flow.singles.contains_key(payment);
        if singly {
            uncredited -= *amount;
        }
        !singly
    });
    let credits: Vec<_> = paying.iter().map(|view| view.credit.amount).collect();
    uncredited -= credits.iter().copied().sum();
    let amounts: Vec<_> = lines.iter().map(|(_, amount)| *amount).collect();
    let Some(assigned) = assign(&credits, uncredited, &amounts) else {
        return Ok(Payers::Unknown);
    };
    let paid = lines.into_iter().zip(assigned).filter_map(|(line, credit)| {
        credit.map(|credit| (line, paying[credit].credit.provvisorio))
    });
    Ok(Payers::ByLine(paid.collect()))
}

/// The lines of the revision in force, as they count in its total.
pub(crate) fn lines(
    reader: &mut impl ReadFacts,
    code: &OrganizationCode,
    flow: &FlowView,
) -> PortResult<Vec<(PaymentKey, Cents)>> {
    let damaged = || PortError::Final("the ledger holds a damaged line of a flow".into());
    let revision = flow.revision();
    let partition = key::lines(code, &revision.header.iuf);
    let chunks = format!("LINES#{}#", revision_tag(&revision.header));
    let mut lines = Vec::new();
    for fact in reader.facts(&[partition])?.into_iter().flatten() {
        if !fact.sort.starts_with(&chunks) {
            continue;
        }
        let chunk: ChunkRecord = record::read(&fact.body)?;
        for (iuv, iur, index, cents) in chunk.lines {
            let iuv = iuv.parse().map_err(|_| damaged())?;
            let iur = iur.parse().map_err(|_| damaged())?;
            let amount = match revision.total_basis() {
                TotalBasis::Algebraic => Cents::new(cents),
                TotalBasis::Plain => Cents::new(cents).abs(),
            };
            lines.push((PaymentKey { iuv, iur, index }, amount));
        }
    }
    Ok(lines)
}

//! Credits that name an IUV: which payment each of them pays, and what that makes of the flow that
//! reports it.
//!
//! Found out before payments are looked at, so that each finds its flow as it is. There are few:
//! SACI allows no single credits any more since 2020.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::decision::Contradiction;
use domain::flow::FlowKey;
use domain::identifier::{Iuv, OrganizationCode, Provvisorio};
use domain::money::Cents;
use domain::payment::{Payment, PaymentKey};

use super::credits::CreditView;
use super::flows::{FlowView, put_first_flow_first};
use crate::intake::revision_tag;
use crate::key;
use crate::port::{PortResult, ReadFacts};
use crate::reconcile::{InForce, payments_of_iuv};

/// IUVs whose facts are read at once.
const IUVS_AT_ONCE: usize = 512;

/// What became of a credit that names an IUV.
#[derive(Debug, Clone, Default)]
pub(crate) enum Single {
    /// Nobody reported that IUV.
    #[default]
    NotFound,
    /// Exactly one payment has that IUV and that amount.
    Pays(PaymentKey),
    /// Several payments do.
    Several(Vec<PaymentKey>),
    /// Payments have that IUV, none of them that amount.
    OtherAmount(Cents),
    /// The payment with that IUV and amount is already paid by another credit.
    PaidAlready,
    /// The payment that a person chose cannot be what it pays any more.
    Lost(Contradiction),
}

/// The payments that a credit of their own pays, and which.
pub(crate) type SinglePayers = HashMap<PaymentKey, Provvisorio>;

/// What the single credits come to.
#[derive(Default)]
pub(crate) struct Singles {
    /// What they pay.
    pub payers: SinglePayers,
    /// The IUVs that one names which pays no payment.
    pub unmatched: HashSet<Iuv>,
}

/// Finds out which payment each single credit pays; credits and flows take note.
pub(crate) fn find(
    reader: &mut impl ReadFacts,
    code: &OrganizationCode,
    (flows, credits): (&mut [FlowView], &mut [CreditView]),
    places: &HashMap<FlowKey, usize>,
) -> PortResult<Singles> {
    let mut singles: Vec<_> = (0..credits.len()).filter(|&at| is_single(&credits[at])).collect();
    if singles.is_empty() {
        return Ok(Singles::default());
    }
    let iuvs = singles.iter().flat_map(|&at| named(&credits[at])).cloned().collect();
    let mut payments = payments_of(reader, code, flows, iuvs)?;
    for payment in payments.values_mut().flatten() {
        put_first_flow_first(payment, flows, places);
    }
    // What a person chose comes before what is worked out.
    singles.sort_by_key(|&at| (credits[at].chosen().is_none(), at));
    let mut paid = SinglePayers::default();
    let mut unmatched = HashSet::new();
    for at in singles {
        let view = &credits[at];
        let of_credit = named(view).flat_map(|iuv| payments.get(iuv).into_iter().flatten());
        let is_paid = |payment: &Payment| {
            paid.contains_key(&payment.key) || is_credited(payment, flows, places)
        };
        let single = match view.chosen() {
            None => worked_out(view.credit.amount, of_credit, is_paid),
            Some(_) => chosen(view, of_credit, is_paid),
        };
        if let Single::Pays(key) = &single {
            paid.insert(key.clone(), view.credit.provvisorio);
            let line =
                payments[&key.iuv].iter().find(|one| one.key == *key).and_then(Payment::line);
            let flow = line.and_then(|line| places.get(&line.flow));
            if let Some(&flow) = flow {
                flows[flow].is_paid_singly(key, &view.credit);
            }
        } else if view.chosen().is_none() || view.chosen_payment().is_some() {
            unmatched.extend(named(view).cloned());
        }
        credits[at].single = single;
    }
    for flow in flows.iter_mut().filter(|flow| !flow.singles.is_empty()) {
        let day = |credit: &Provvisorio| {
            let place = credits.binary_search_by_key(credit, |view| view.credit.provvisorio);
            (place.ok().map(|place| credits[place].credit.date), *credit)
        };
        flow.credits.sort_by_key(day);
    }
    Ok(Singles { payers: paid, unmatched })
}

fn is_single(view: &CreditView) -> bool {
    view.credit.counts() && named(view).next().is_some()
}

/// The IUVs that a credit names, or whose payment was chosen for it.
fn named(view: &CreditView) -> impl Iterator<Item = &Iuv> {
    let chosen = view.chosen_payment().map(|key| &key.iuv);
    let read = view.reading.iuvs.iter().filter(move |iuv| Some(*iuv) != chosen);
    chosen.into_iter().chain(read)
}

/// The payments of these IUVs.
fn payments_of(
    reader: &mut impl ReadFacts,
    code: &OrganizationCode,
    flows: &[FlowView],
    iuvs: BTreeSet<Iuv>,
) -> PortResult<BTreeMap<Iuv, Vec<Payment>>> {
    let in_force: InForce = flows
        .iter()
        .map(|flow| (revision_tag(&flow.revision().header), flow.key.clone()))
        .collect();
    let mut payments = BTreeMap::new();
    let iuvs: Vec<_> = iuvs.into_iter().collect();
    for some in iuvs.chunks(IUVS_AT_ONCE) {
        let partitions: Vec<_> = some.iter().map(|iuv| key::iuv(code, iuv)).collect();
        for (iuv, facts) in some.iter().zip(reader.facts(&partitions)?) {
            payments.insert(iuv.clone(), payments_of_iuv(iuv, &facts, &in_force)?);
        }
    }
    Ok(payments)
}

/// Whether a flow brought its money.
fn is_credited(payment: &Payment, flows: &[FlowView], places: &HashMap<FlowKey, usize>) -> bool {
    payment.lines.iter().any(|line| {
        places.get(&line.flow).is_some_and(|&place| {
            let flow = &flows[place];
            flow.is_credited() || flow.payer(&payment.key, flow.counted(line)).is_some()
        })
    })
}

/// It pays the one payment of its amount that nothing paid yet.
fn worked_out<'a>(
    amount: Cents,
    payments: impl Iterator<Item = &'a Payment>,
    is_paid: impl Fn(&Payment) -> bool,
) -> Single {
    let payments: Vec<_> = payments.filter(|payment| !payment.revoked()).collect();
    let equal = || payments.iter().filter(|payment| payment.amount() == amount);
    let free: Vec<_> = equal().filter(|payment| !is_paid(payment)).collect();
    match (free.as_slice(), payments.as_slice()) {
        ([one], _) => Single::Pays(one.key.clone()),
        ([], []) => Single::NotFound,
        ([], _) if equal().next().is_some() => Single::PaidAlready,
        ([], [one, ..]) => Single::OtherAmount(one.amount()),
        (several, _) => Single::Several(several.iter().map(|one| one.key.clone()).collect()),
    }
}

/// It pays the payment that a person chose for it, and no cent more or less.
fn chosen<'a>(
    view: &CreditView,
    mut payments: impl Iterator<Item = &'a Payment>,
    is_paid: impl Fn(&Payment) -> bool,
) -> Single {
    let key = view.chosen_payment();
    let payment = payments.find(|payment| Some(&payment.key) == key);
    let Some(payment) = payment else { return Single::NotFound };
    let (amount, paid) = (view.credit.amount, payment.amount());
    match payment {
        _ if payment.revoked() => Single::Lost(Contradiction::Revoked),
        _ if is_paid(payment) => Single::Lost(Contradiction::PaidByAnother),
        _ if paid != amount => Single::Lost(Contradiction::AmountChanged(amount, paid)),
        _ => Single::Pays(payment.key.clone()),
    }
}

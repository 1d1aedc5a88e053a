//! Positions, and IUVs that no position owns.

use std::collections::BTreeSet;

use domain::debt::term;
use domain::decision::Decision;
use domain::fact::{NotSoFar, PositionVersion, Source, Tier};
use domain::identifier::Iuv;
use domain::payment::{Payment, ReceiptStanding};
use jiff::civil::Date;
use report::row::{PaymentRow, PositionRow};
use report::{Euro, Word};

use super::timeline::Timeline;
use super::{Context, Read, Story, decided, money};
use crate::key;
use crate::picture::{Around, CreditView, Debt, FlowView, Shown};
use crate::port::{Fact, PortResult, ReadOutcomes, Subject};
use crate::reconcile::{owner, pointers, read_position, versions};
use crate::record::{self, PaymentsOutcome};

/// A position with the payments of all its IUVs.
pub fn position(
    reader: &mut impl Read,
    context: Context,
    partition: &str,
) -> PortResult<Vec<Story>> {
    let facts = reader.facts(&[partition.to_owned()])?.remove(0);
    let Some((position, source)) = last_version(&facts)? else { return Ok(Vec::new()) };
    let mut timeline = Timeline::default();
    let mut iuvs = BTreeSet::new();
    for fact in versions(&facts) {
        let version = read_position(&fact.body)?;
        let what = format!("versione {} della posizione, dall'ufficio", version.version);
        timeline.day(None, what, &fact.source);
        iuvs.extend(version.notices.iter().map(|notice| notice.iuv.clone()));
    }
    tell_position(&mut timeline, &position, &source);
    for facts in reader.facts(&pointers(&facts)?)? {
        decided::tell(&mut timeline, &facts)?;
    }
    let subject = format!("position:{}", position.position_id);
    let iuvs: Vec<_> = iuvs.into_iter().collect();
    let debt = Some((position, source));
    story(reader, context, ("position", subject), partition, debt, &iuvs, timeline)
}

/// An IUV whose position nobody knows.
pub fn iuv(reader: &mut impl Read, context: Context, iuv: &Iuv) -> PortResult<Vec<Story>> {
    let partition = key::iuv(context.code, iuv);
    let names = ("iuv", format!("iuv:{iuv}"));
    let iuvs = std::slice::from_ref(iuv);
    story(reader, context, names, &partition, None, iuvs, Timeline::default())
}

fn story(
    reader: &mut impl Read,
    context: Context,
    (kind, subject): (&'static str, String),
    partition: &str,
    position: Option<(PositionVersion, Source)>,
    iuvs: &[Iuv],
    mut timeline: Timeline,
) -> PortResult<Vec<Story>> {
    let outcome = outcome(reader, partition)?;
    let payments = payments(&outcome);
    let flows = flows_of(reader, context, &payments)?;
    let transfers = payments.iter().filter_map(|payment| payment.transfer.as_ref());
    let credits = flows.iter().flat_map(|flow| flow.credits.iter().copied());
    let credits = credits.chain(transfers.map(|transfer| transfer.provvisorio));
    let mut credits = money::credit_views(reader, context, credits.collect::<BTreeSet<_>>())?;
    credits.extend(money::single_credits(reader, context, &iuvs.iter().cloned().collect())?);
    let partitions: Vec<_> = iuvs.iter().map(|iuv| key::iuv(context.code, iuv)).collect();
    for facts in reader.facts(&partitions)? {
        decided::tell(&mut timeline, &facts)?;
    }
    let mut candidates = Vec::new();
    for payment in &payments {
        tell_payment(&mut timeline, payment);
        let subject = format!("payment:{}", payment.key);
        candidates.extend(decided::candidates(reader, context, &subject)?);
    }
    for flow in &flows {
        money::tell_flow(&mut timeline, flow);
    }
    for credit in &credits {
        money::tell_credit(&mut timeline, credit);
    }
    timeline.concluded(reader, partition, said)?;
    let (flows, credits) = money::joined(reader, context, flows, credits)?;
    let debt = Debt::new(position, outcome);
    let shown = show(reader, context, flows, credits, vec![debt])?;
    let state = match shown.positions.first() {
        Some(row) => row.state.label(),
        None => "di nessuna posizione nota",
    };
    let mut conclusions: Vec<_> = shown.positions.iter().map(owed).collect();
    conclusions.extend(shown.payments.iter().map(|row| paid(row)));
    let of_credits = shown.credits.iter().flat_map(|(_, _, wrong)| wrong);
    let wrong = shown.wrong.iter().chain(of_credits);
    conclusions.extend(wrong.cloned());
    conclusions.extend(candidates);
    Ok(vec![Story {
        subject,
        kind,
        organization: context.code.to_string(),
        state: state.to_owned(),
        conclusions,
        timeline: timeline.sorted(),
    }])
}

/// What the report would show of these credits, with the debts of the IUVs that they name and those
/// that they were chosen to pay.
pub fn around(
    reader: &mut impl Read,
    context: Context,
    mut flows: Vec<FlowView>,
    credits: Vec<CreditView>,
    iuvs: &[Iuv],
) -> PortResult<Shown> {
    let chosen = credits.iter().filter_map(CreditView::chosen).filter_map(Decision::position);
    let mut partitions: BTreeSet<_> =
        chosen.map(|chosen| key::position(context.code, &chosen.position_id)).collect();
    for iuv in iuvs {
        let partition = key::iuv(context.code, iuv);
        let facts = reader.facts(std::slice::from_ref(&partition))?.remove(0);
        let position = owner(&facts)?.map(|position| key::position(context.code, &position));
        partitions.insert(position.unwrap_or(partition));
    }
    let mut debts = Vec::new();
    for partition in &partitions {
        let outcome = outcome(reader, partition)?;
        let payments = payments(&outcome);
        money::add(&mut flows, flows_of(reader, context, &payments)?);
        debts.push(Debt::new(None, outcome));
    }
    let (flows, credits) = money::joined(reader, context, flows, credits)?;
    show(reader, context, flows, credits, debts)
}

fn show(
    reader: &mut impl Read,
    context: Context,
    flows: Vec<FlowView>,
    credits: Vec<CreditView>,
    debts: Vec<Debt>,
) -> PortResult<Shown> {
    let whose = (context.code, context.settings);
    let around = Around { flows, credits };
    Shown::new(reader, whose, context.configuration, context.as_of, around, debts)
}

fn last_version(facts: &[Fact]) -> PortResult<Option<(PositionVersion, Source)>> {
    let last = versions(facts).last();
    last.map(|fact| Ok((read_position(&fact.body)?, fact.source.clone()))).transpose()
}

fn outcome(reader: &mut impl ReadOutcomes, partition: &str) -> PortResult<PaymentsOutcome> {
    let stored = reader.outcomes(&[Subject(partition.to_owned())])?.remove(0);
    stored.map_or_else(|| Ok(PaymentsOutcome::default()), |stored| record::read(&stored.body))
}

fn payments(outcome: &PaymentsOutcome) -> Vec<Payment> {
    outcome.payments.iter().cloned().map(Payment::from).collect()
}

/// The flows that carry these payments.
fn flows_of(
    reader: &mut impl ReadOutcomes,
    context: Context,
    payments: &[Payment],
) -> PortResult<Vec<FlowView>> {
    let lines = || payments.iter().flat_map(|payment| &payment.lines);
    let partitions: BTreeSet<_> =
        lines().map(|line| key::flow(context.code, &line.flow.iuf)).collect();
    let mut flows = money::flow_views(reader, context, partitions)?;
    flows.retain(|flow| lines().any(|line| line.flow == flow.key));
    Ok(flows)
}

fn tell_position(timeline: &mut Timeline, position: &PositionVersion, source: &Source) {
    if let Some(fine) = position.fine.as_deref() {
        if let Some(day) = fine.violation_date {
            timeline.day(Some(day), "violazione".to_owned(), source);
        }
        timeline.day(fine.report_date, format!("verbale {}", fine.report_number), source);
        if let Some(NotSoFar::On(day)) = fine.notified_on {
            timeline.day(Some(day), format!("notifica del verbale {}", fine.report_number), source);
        }
    }
    for notice in &position.notices {
        let (due, which) = (term(position, notice), tier(notice.tier));
        let what = format!("scade l'avviso {which} {}: {}", notice.iuv, Euro(notice.amount));
        let undated = format!("avviso {which} {}: {}", notice.iuv, Euro(notice.amount));
        timeline.day(due, if due.is_some() { what } else { undated }, source);
    }
}

fn tier(tier: Tier) -> String {
    match tier {
        Tier::Single => "unico".to_owned(),
        Tier::Reduced => "ridotto".to_owned(),
        Tier::Full => "intero".to_owned(),
        Tier::Late => "tardivo".to_owned(),
        Tier::Installment(number) => format!("della rata {number}"),
    }
}

fn tell_payment(timeline: &mut Timeline, payment: &Payment) {
    let key = &payment.key;
    if let Some(receipt) = &payment.receipt {
        let amount = Euro(receipt.amount);
        let what = format!("ricevuta del pagamento {key}: {amount}, PSP {}", receipt.psp);
        timeline.paid(receipt.paid_at, what, &receipt.source);
    }
    for line in &payment.lines {
        let what = format!(
            "riga del flusso {}: pagamento {key}, {}, esito {}",
            line.flow.iuf,
            Euro(line.amount),
            line.outcome.code()
        );
        timeline.day(Some(line.paid_on), what, &line.source);
    }
}

/// What an outcome says, in a few words.
fn said(outcome: &PaymentsOutcome) -> String {
    if let Some(position) = &outcome.moved_to {
        return format!("lo IUV è della posizione {position}");
    }
    let payments = payments(outcome);
    let version = outcome.version.map_or_else(String::new, |version| {
        format!("vale la versione {version} della posizione, la più alta; ")
    });
    if payments.is_empty() {
        return format!("{version}nessuna ricevuta e nessun flusso riporta un pagamento");
    }
    let said: Vec<_> = payments.iter().take(PAYMENTS_TOLD).map(found).collect();
    let more = match payments.len().saturating_sub(PAYMENTS_TOLD) {
        0 => String::new(),
        more => format!("; e altri {more}"),
    };
    format!("{version}{}{more}", said.join("; "))
}

/// Payments of an outcome that are told one by one.
const PAYMENTS_TOLD: usize = 5;

/// What a payment was concluded to be, and by which rule.
fn found(payment: &Payment) -> String {
    let flows: BTreeSet<_> = payment.lines.iter().map(|line| &line.flow).collect();
    let rule = match (flows.len(), payment.receipt_standing(), &payment.transfer) {
        (_, _, Some(transfer)) => {
            format!("è il bonifico del provvisorio {}, scelto da una persona", transfer.provvisorio)
        }
        _ if payment.revoked() => "una riga con esito 3 lo revoca: non conta".to_owned(),
        (0, ..) => "lo riporta la ricevuta, e nessun flusso".to_owned(),
        (1, ReceiptStanding::Real, _) => {
            "ricevuta e riga del flusso sono lo stesso pagamento (stesso IUV, IUR e indice, o riga \
             con esito 8 o 9 che la ricevuta sostituisce)"
                .to_owned()
        }
        (1, ReceiptStanding::Implied, _) => {
            "la riga con esito 8 o 9 tiene luogo della ricevuta".to_owned()
        }
        (1, ReceiptStanding::None, _) => "lo riporta il flusso, senza ricevuta".to_owned(),
        (several, ..) => {
            format!("{several} flussi riportano lo stesso IUV, IUR e indice: conta una volta")
        }
    };
    format!("pagamento {} di {}: {rule}", payment.key, Euro(payment.amount()))
}

fn owed(row: &PositionRow) -> String {
    let mut parts = vec![format!("pagato {}", Euro(row.paid))];
    let mut part = |name: &str, amount: domain::money::Cents| {
        if !amount.is_zero() {
            parts.push(format!("{name} {}", Euro(amount)));
        }
    };
    part("residuo", row.residual.unwrap_or_default());
    part("da rimborsare", row.refundable);
    part("minore entrata", row.minor_revenue);
    let due =
        row.due.map_or_else(|| "Dovuto non noto".to_owned(), |due| format!("Dovuto {}", Euro(due)));
    let payable: Vec<_> = row
        .payable
        .iter()
        .map(|notice| {
            let until = notice.due_date.map_or_else(String::new, until);
            format!("{} ({}{until})", notice.iuv, Euro(notice.amount))
        })
        .collect();
    let payable = if payable.is_empty() {
        String::new()
    } else {
        format!(" Si può pagare: {}.", payable.join(", "))
    };
    format!("{due}, {}.{payable}", parts.join(", "))
}

fn until(day: Date) -> String {
    format!(" entro il {:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

fn paid(row: &PaymentRow) -> String {
    let mut parts = vec![format!(
        "Pagamento {}/{}/{} di {}: {}; ricevuta {}",
        row.iuv,
        row.iur,
        row.index,
        Euro(row.amount),
        row.state.label(),
        row.receipt.label()
    )];
    if let Some(provvisorio) = row.provvisorio {
        parts.push(format!("provvisorio {provvisorio}"));
    }
    for share in &row.allocation {
        let assessment = share.assessment.as_deref().unwrap_or("—");
        parts.push(format!("accertamento {assessment}: {}", Euro(share.amount)));
    }
    if !row.unallocated.is_zero() {
        parts.push(format!("non imputati {}", Euro(row.unallocated)));
    }
    parts.join("; ") + "."
}

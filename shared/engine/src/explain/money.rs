//! Flows and credits.

use std::collections::BTreeSet;

use domain::clock::{in_rome, operating_day};
use domain::decision::Decision;
use domain::identifier::{Iuf, Iuv, Provvisorio};
use domain::settlement::FlowStanding;
use jiff::civil::Date;
use report::row::{AnomalyCode, CreditState};
use report::{Euro, Word};

use super::timeline::Timeline;
use super::{Context, Read, Story, debt, decided};
use crate::key::{self, Kind};
use crate::picture::{self, CreditView, FlowView, Timing};
use crate::port::{PortResult, ReadOutcomes, Subject};
use crate::record::{self, CreditOutcome, FlowOutcome, ReceiptRecord, StandingRecord};

/// The flows of one identifier: one for each provider that uses it.
pub fn flows(reader: &mut impl Read, context: Context, partition: &str) -> PortResult<Vec<Story>> {
    let mut stories = Vec::new();
    for mut view in flow_views(reader, context, [partition.to_owned()])? {
        let mut timeline = Timeline::default();
        tell_flow(&mut timeline, &view);
        decided::tell_of_anomalies(&mut timeline, reader, context, &view.subject())?;
        for credit in credit_views(reader, context, view.credits.iter().copied())? {
            tell_credit(&mut timeline, &credit);
        }
        let psp = view.key.psp.clone();
        timeline.concluded(reader, partition, |outcome: &FlowOutcome| {
            let of_psp = outcome.flows.iter().find(|flow| flow.psp == psp);
            of_psp.map_or_else(
                || "il flusso non c'era".to_owned(),
                |flow| {
                    format!("{} ({})", standing(flow.standing.into()), rule(flow.standing.into()))
                },
            )
        })?;
        view.receipt_day = receipt_day(reader, context, &view)?;
        let iuvs = iuvs(reader, context, &view)?;
        let singles = single_credits(reader, context, &iuvs)?;
        let (key, subject) = (view.key.clone(), view.subject());
        let (revision, revisions) = (view.revision().clone(), view.revisions.len());
        let in_force = view.current + 1;
        let shown = debt::around(reader, context, vec![view], singles, &[])?;
        let shown = shown.flows.into_iter().find(|(of, ..)| *of == key);
        let (_, now, credited, timing) = shown.expect("a flow is shown among those around it");
        let mut conclusions = vec![format!(
            "{} dichiarati, {} accreditati; {} pagamenti nelle righe per {}.",
            Euro(revision.header.declared_total),
            Euro(credited),
            revision.sums.count,
            Euro(revision.total()),
        )];
        if revisions > 1 {
            conclusions.push(format!("In vigore la revisione {in_force} di {revisions}."));
        }
        conclusions.extend(terms(&timing));
        let state = standing(now).to_owned();
        stories.push(Story {
            subject,
            kind: "flow",
            organization: context.code.to_string(),
            state,
            conclusions,
            timeline: timeline.sorted(),
        });
    }
    Ok(stories)
}

/// Lines whose receipts are read at once.
const LINES_AT_ONCE: usize = 512;

/// The IUVs of the lines of a flow.
fn iuvs(reader: &mut impl Read, context: Context, view: &FlowView) -> PortResult<BTreeSet<Iuv>> {
    let lines = picture::lines(reader, context.code, view)?;
    Ok(lines.into_iter().map(|(line, _)| line.iuv).collect())
}

/// The latest operating day of the payments of a flow by their receipts, the most telling of each.
fn receipt_day(
    reader: &mut impl Read,
    context: Context,
    view: &FlowView,
) -> PortResult<Option<Date>> {
    let lines = picture::lines(reader, context.code, view)?;
    let mut latest = None;
    for some in lines.chunks(LINES_AT_ONCE) {
        let partitions: Vec<_> =
            some.iter().map(|(line, _)| key::iuv(context.code, &line.iuv)).collect();
        for ((line, _), facts) in some.iter().zip(reader.facts(&partitions)?) {
            let sort = format!("RECEIPT#{}#{}#", line.iur, line.index);
            let Some(fact) = facts.into_iter().rfind(|fact| fact.sort.starts_with(&sort)) else {
                continue;
            };
            let receipt: ReceiptRecord = record::read(&fact.body)?;
            let paid_at = receipt.into_received(fact.source).paid_at;
            let calendar = &context.configuration.calendar;
            latest = latest.max(paid_at.map(|paid_at| operating_day(paid_at, calendar)));
        }
    }
    Ok(latest)
}

/// By when what is due.
fn terms(timing: &Timing) -> Option<String> {
    let terms = timing.terms?;
    let day = |day: Date| day.strftime("%d/%m/%Y");
    let until = |moment| in_rome(moment).strftime("%d/%m/%Y %H:%M");
    let late = match timing.days_late {
        Some(1) => "; accredito in ritardo di un giorno".to_owned(),
        Some(days) => format!("; accredito in ritardo di {days} giorni"),
        None => String::new(),
    };
    Some(format!(
        "Termini: accredito entro il {}, flusso entro il {}, definitivo dopo il {}{late}.",
        day(terms.credit_due),
        until(terms.flow_due),
        until(terms.definitive_after)
    ))
}

/// A provvisorio.
pub fn credit(reader: &mut impl Read, context: Context, partition: &str) -> PortResult<Vec<Story>> {
    let provvisori = key::provvisorio(partition);
    let mut stories = Vec::new();
    for view in credit_views(reader, context, provvisori)? {
        let mut timeline = Timeline::default();
        tell_credit(&mut timeline, &view);
        decided::tell(&mut timeline, &reader.facts(&[partition.to_owned()])?.remove(0))?;
        let named = flow_views(reader, context, named_flows(&view, context))?;
        for flow in &named {
            tell_flow(&mut timeline, flow);
        }
        timeline.concluded(reader, partition, |outcome: &CreditOutcome| {
            format!("{}; {}", reading(outcome), pays(&outcome.standing))
        })?;
        let mut conclusions = vec![format!("Causale: {}", view.credit.remittance)];
        let stored = reader.outcomes(&[Subject(partition.to_owned())])?.remove(0);
        if let Some(stored) = stored {
            let outcome: CreditOutcome = record::read(&stored.body)?;
            conclusions.push(format!("Lettura: {}.", reading(&outcome)));
            conclusions.push(format!("Esito: {}.", pays(&outcome.standing)));
        }
        let (provvisorio, subject) = (view.credit.provvisorio, view.subject());
        let iuvs = view.reading.iuvs.clone();
        let decision = view.chosen().map(|decision| {
            let verdict = picture::verdict(decision);
            format!("Decisione n. {} di {}: {verdict}.", decision.number, decision.by)
        });
        conclusions.extend(decision);
        let shown = debt::around(reader, context, named, vec![view], &iuvs)?;
        let shown = shown.credits.into_iter().find(|(of, ..)| *of == provvisorio);
        let (state, wrong) =
            shown.map_or((CreditState::Open, Vec::new()), |(_, state, wrong)| (state, wrong));
        conclusions.extend(wrong);
        conclusions.extend(decided::candidates(reader, context, &subject)?);
        stories.push(Story {
            subject,
            kind: "credit",
            organization: context.code.to_string(),
            state: state.label().to_owned(),
            conclusions,
            timeline: timeline.sorted(),
        });
    }
    Ok(stories)
}

/// The flows of these partitions.
pub fn flow_views(
    reader: &mut impl ReadOutcomes,
    context: Context,
    partitions: impl IntoIterator<Item = String>,
) -> PortResult<Vec<FlowView>> {
    let subjects: Vec<_> = partitions.into_iter().map(Subject).collect();
    let mut views = Vec::new();
    for stored in reader.outcomes(&subjects)?.into_iter().flatten() {
        let outcome: FlowOutcome = record::read(&stored.body)?;
        views.extend(outcome.flows.into_iter().map(|flow| FlowView::new(flow, context.code)));
    }
    Ok(views)
}

/// These provvisori.
pub fn credit_views(
    reader: &mut impl ReadOutcomes,
    context: Context,
    provvisori: impl IntoIterator<Item = Provvisorio>,
) -> PortResult<Vec<CreditView>> {
    let subjects: Vec<_> =
        provvisori.into_iter().map(|one| Subject(key::credit(context.code, one))).collect();
    let mut views = Vec::new();
    for stored in reader.outcomes(&subjects)?.into_iter().flatten() {
        views.push(CreditView::new(record::read(&stored.body)?));
    }
    Ok(views)
}

/// Adds the flows that are not there yet.
pub fn add(flows: &mut Vec<FlowView>, more: Vec<FlowView>) {
    for flow in more {
        if flows.iter().all(|known| known.key != flow.key) {
            flows.push(flow);
        }
    }
}

/// Flows and credits with the flows that the credits name, and all the credits of any of them: who
/// pays which line depends on all the credits of a flow.
pub fn joined(
    reader: &mut impl ReadOutcomes,
    context: Context,
    mut flows: Vec<FlowView>,
    mut credits: Vec<CreditView>,
) -> PortResult<(Vec<FlowView>, Vec<CreditView>)> {
    let named: BTreeSet<_> =
        credits.iter().flat_map(|credit| named_flows(credit, context)).collect();
    add(&mut flows, flow_views(reader, context, named)?);
    let mut missing: BTreeSet<_> =
        flows.iter().flat_map(|flow| flow.credits.iter().copied()).collect();
    for credit in &credits {
        missing.remove(&credit.credit.provvisorio);
    }
    credits.extend(credit_views(reader, context, missing)?);
    credits.sort_by_key(|view| view.credit.provvisorio);
    credits.dedup_by_key(|view| view.credit.provvisorio);
    Ok((flows, credits))
}

/// The partitions of the flows that a credit names, may name or turned out to be about.
fn named_flows(view: &CreditView, context: Context) -> BTreeSet<String> {
    let read = view.reading.iufs.iter().chain(&view.reading.candidates).cloned();
    let settled = view.standing.flows().iter().filter_map(|(_, iuf)| iuf.parse::<Iuf>().ok());
    let chosen = view.chosen().into_iter().flat_map(Decision::flows);
    let chosen = chosen.map(|flow| flow.key.iuf.clone());
    read.chain(settled).chain(chosen).map(|iuf| key::flow(context.code, &iuf)).collect()
}

/// The credits that name one of these IUVs. Every credit is looked through, and only those that
/// name any are read.
pub fn single_credits(
    reader: &mut impl ReadOutcomes,
    context: Context,
    iuvs: &BTreeSet<Iuv>,
) -> PortResult<Vec<CreditView>> {
    let mut views = Vec::new();
    reader.scan_outcomes(&Kind::Credit.prefix(context.code), &mut |_, outcome| {
        if outcome.body.contains("\"iuvs\":") {
            let view = CreditView::new(record::read(&outcome.body)?);
            if view.reading.iuvs.iter().any(|iuv| iuvs.contains(iuv)) {
                views.push(view);
            }
        }
        Ok(())
    })?;
    Ok(views)
}

/// The revisions of a flow.
pub fn tell_flow(timeline: &mut Timeline, view: &FlowView) {
    for (place, revision) in view.revisions.iter().enumerate() {
        let header = &revision.header;
        let superseded = if place == view.current { "" } else { ", poi sostituito" };
        let what = format!(
            "flusso {} di {}: {} in {} pagamenti{superseded}",
            header.iuf,
            header.psp_name.as_deref().unwrap_or(header.psp.as_str()),
            Euro(header.declared_total),
            header.declared_count
        );
        timeline.moment(in_rome(header.flow_time), what, &revision.source);
    }
}

/// What the treasurer did with a provvisorio, reversali included.
pub fn tell_credit(timeline: &mut Timeline, view: &CreditView) {
    let credit = &view.credit;
    let what = format!("provvisorio {}: {} in tesoreria", credit.provvisorio, Euro(credit.amount));
    timeline.day(Some(credit.date), what, &credit.source);
    for (day, amount) in &credit.reversals {
        let what = format!("provvisorio {}: storno di {}", credit.provvisorio, Euro(*amount));
        timeline.day(Some(*day), what, &credit.source);
    }
    for by in &credit.regularised_by {
        let what = format!(
            "reversale {}: regolarizza {} del provvisorio {}",
            by.reversale,
            Euro(by.amount),
            credit.provvisorio
        );
        timeline.day(Some(by.date), what, &credit.source);
    }
}

fn standing(standing: FlowStanding) -> &'static str {
    match standing {
        FlowStanding::Reported => "rendicontato, nessun accredito lo nomina",
        FlowStanding::Credited => "accreditato per intero",
        FlowStanding::PartiallyCredited => "accreditato in parte",
        FlowStanding::OverCredited => "accreditato più del dovuto",
    }
}

/// Why a flow stands where it stands: its credits that were not taken back against its total.
fn rule(standing: FlowStanding) -> &'static str {
    match standing {
        FlowStanding::Reported => "la somma dei suoi accrediti è zero",
        FlowStanding::Credited => "la somma dei suoi accrediti è il totale dichiarato",
        FlowStanding::PartiallyCredited => {
            "la somma dei suoi accrediti è minore del totale dichiarato"
        }
        FlowStanding::OverCredited => "la somma dei suoi accrediti supera il totale dichiarato",
    }
}

/// The rule that read a causale, in words.
fn reading_rule(rule: &str) -> &str {
    match rule {
        "known_identifier" => "contiene per intero un identificativo noto",
        "known_prefix" => "contiene l'inizio di un solo identificativo noto",
        "uri" => "forma «URI/identificativo»",
        "txt_uri" => "forma «TXT/progressivo/URI/identificativo»",
        "pagamenti_del_uri" => "forma «pagamenti del …/URI/identificativo»",
        "bare_uri" => "forma «/URI/» senza il resto",
        "lgpe" => "data subito dopo «LGPE-RIVERSAMENTO»",
        "marked_date" => "identificativo con la sua data in un testo con un contrassegno pagoPA",
        "rfb" => "forma «/RFB/IUV»",
        "rfs" => "forma «/RFS/IUV»",
        "end_to_end_id" => "letto nell'identificativo end-to-end",
        other => other,
    }
}

/// What a causale names, and the rule that read it.
fn reading(outcome: &CreditOutcome) -> String {
    let reading = &outcome.reading;
    let texts = |texts: Vec<String>| texts.join(", ");
    let named = if !reading.iufs.is_empty() {
        format!(
            "nomina il flusso {}",
            texts(reading.iufs.iter().map(ToString::to_string).collect())
        )
    } else if !reading.iuvs.is_empty() {
        format!("nomina lo IUV {}", texts(reading.iuvs.iter().map(ToString::to_string).collect()))
    } else if reading.marker {
        "è di pagoPA, ma non nomina nulla che si legga".to_owned()
    } else {
        "non nomina nulla di pagoPA".to_owned()
    };
    match &reading.rule {
        Some(rule) => format!("{named} (regola: {})", reading_rule(rule)),
        None => named,
    }
}

/// What a credit turned out to be, by the flows that it names.
fn pays(standing: &StandingRecord) -> String {
    let names = |flows: &[(Box<str>, Box<str>)]| {
        flows.iter().map(|(psp, iuf)| format!("{iuf} di {psp}")).collect::<Vec<_>>().join(", ")
    };
    match standing {
        StandingRecord::Unsettled => "nessun flusso noto".to_owned(),
        StandingRecord::Pays { flows } => format!("paga il flusso {}", names(flows)),
        StandingRecord::SeveralFlows { flows } => {
            format!("può essere di più flussi: {}", names(flows))
        }
        StandingRecord::MayPay { flows } => {
            format!("può pagare insieme più flussi: {}", names(flows))
        }
        StandingRecord::Contradicts { flows, code } => {
            let why = AnomalyCode::from_code(code);
            let why = why.map_or_else(|| code.to_string(), |code| code.label().to_owned());
            format!("contraddice il flusso {} ({why})", names(flows))
        }
    }
}

//! Decisions of people, and what may be decided.

use domain::anomaly::Code;
use domain::clock::in_rome;
use domain::decision::Decision;

use report::Word;
use report::row::AnomalyCode;

use super::timeline::Timeline;
use super::{Context, Read};
use crate::key;
use crate::picture;
use crate::port::{Fact, PortResult};
use crate::record;

/// The decisions among facts: who, when, why, and what they answer.
pub fn tell(timeline: &mut Timeline, facts: &[Fact]) -> PortResult<()> {
    for decision in record::decisions(facts)? {
        let what = said(&decision);
        timeline.moment(in_rome(decision.at), what, &decision.source);
    }
    Ok(())
}

fn said(decision: &Decision) -> String {
    let Decision { number, subject, by, note, .. } = decision;
    let verdict = picture::verdict(decision);
    let answers = decision.anomaly.and_then(|code| AnomalyCode::from_code(code.code()));
    let answers = answers.map_or_else(String::new, |code| format!(" ({})", code.label()));
    format!("decisione n. {number} di {by} su {subject}{answers}: {verdict}. Motivo: {note}")
}

/// The decisions on the anomalies of a subject for which nothing can be chosen.
pub fn tell_of_anomalies(
    timeline: &mut Timeline,
    reader: &mut impl Read,
    context: Context,
    subject: &str,
) -> PortResult<()> {
    let partition =
        |code| key::anomaly(context.code, &picture::anomaly_id(context.code, code, subject));
    let partitions: Vec<_> = Code::ALL.into_iter().map(partition).collect();
    for facts in reader.facts(&partitions)? {
        tell(timeline, &facts)?;
    }
    Ok(())
}

/// What may explain a subject, as the last report had it: only the whole province can tell.
pub fn candidates(
    reader: &mut impl Read,
    context: Context,
    subject: &str,
) -> PortResult<Vec<String>> {
    let open = picture::open_on(reader, context.code, subject)?;
    let mut said = Vec::new();
    for candidate in open.into_iter().flat_map(|memory| memory.candidates) {
        let line = format!("Candidata nell'ultimo report: {candidate}");
        if !said.contains(&line) {
            said.push(line);
        }
    }
    Ok(said)
}

//! The journal: the entries of each subject, and that they end in its outcome.

use serde_json::value::RawValue;

use super::{Audit, Check, Wrong};
use crate::port::{Entry, Hash, Home, Outcome, PortResult, ReadJournal, ReadOutcomes};
use crate::reconcile::{EntryBody, entry_hash};
use crate::side_by_side::{Groups, side_by_side};

/// Checks every chain of the ledger.
pub fn check<H: Home>(
    home: &H,
    audit: &mut Audit,
    progress: &mut dyn FnMut(u64),
) -> PortResult<()> {
    let (mut journal, mut outcomes) = (home.reader()?, home.reader()?);
    side_by_side(
        move |sink| {
            let mut groups = Groups::new(sink);
            journal.scan_entries("", &mut |subject, entry| groups.push(subject.0, entry))?;
            groups.end()
        },
        |sink| outcomes.scan_outcomes("", &mut |subject, outcome| sink(subject.0, outcome)),
        &mut |subject, entries: Option<Vec<Entry>>, outcome| {
            audit.checked(Check::Chains);
            progress(audit.tally(Check::Chains).checked);
            let entries = entries.unwrap_or_default();
            if let Some(wrong) = wrong(&entries, outcome.as_ref()) {
                audit.fault(Check::Chains, subject, wrong);
            }
            Ok(())
        },
    )
}

/// The first thing that is wrong with the entries of a subject and its outcome.
fn wrong(entries: &[Entry], outcome: Option<&Outcome>) -> Option<Wrong> {
    let mut previous = Hash::default();
    let mut before: Option<&str> = None;
    for (version, entry) in (1..).zip(entries) {
        if entry.version != version {
            return Some(Wrong::EntryMissing(version));
        }
        if entry.hash != entry_hash(&previous, &entry.body) {
            return Some(Wrong::EntryHash(version));
        }
        let Ok(body) = serde_json::from_str::<EntryBody>(&entry.body) else {
            return Some(Wrong::Unreadable);
        };
        if body.previous != previous.to_string() || body.before.map(RawValue::get) != before {
            return Some(Wrong::EntryLink(version));
        }
        previous = entry.hash;
        before = Some(body.after.get());
    }
    match (outcome, before) {
        (None, _) => Some(Wrong::NoOutcome),
        (Some(_), None) => Some(Wrong::NoEntry),
        (Some(outcome), Some(_)) if outcome.version > entries.len() as u64 => {
            Some(Wrong::EntryMissing(entries.len() as u64 + 1))
        }
        (Some(outcome), Some(after)) => {
            let version = entries.len() as u64;
            let same = (outcome.version, outcome.entry_hash, &*outcome.body);
            (same != (version, previous, after)).then_some(Wrong::OutcomeNotOfJournal)
        }
    }
}

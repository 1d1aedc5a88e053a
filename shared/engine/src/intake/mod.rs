//! Taking inputs in: whatever their kind, each all or nothing, each once.
//!
//! Workers read (hash, unpack, parse, make facts, seal) in the order of the inputs; one writer
//! stores. An input of one unit goes through as it is; a larger one opens a scope that is sealed
//! when all of it was good. The record of what became of an input is stored with its facts: a run
//! that dies leaves inputs whole or unknown, and the next run takes up the unknown ones.

mod document;
mod identity;
mod input;
mod piece;
mod quarantine;
mod store;
mod units;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex};

use domain::identifier::OrganizationCode;

use crate::port::{Home, PortError, PortResult, Quarantine, ReadFacts, WriteFacts};
use crate::record::{self, EntryRecord, InputOutcome, InputRecord};
use store::Writing;
use work::Job;

pub use identity::{Identity, identify};
pub use input::{Input, hash_of};
pub(crate) use units::found_by;
pub use units::revision_tag;

/// Threads that read, beside the one that writes.
const WORKERS: usize = 2;
/// Batches of one job that may wait for the writer.
const WAITING: usize = 8;
/// Jobs that workers may be ahead of the writer: what was read and not yet written is in memory.
const AHEAD: usize = 12;
/// Facts between two commits, about: few writes, and a bounded loss when a run is killed.
const FACTS_PER_COMMIT: u64 = 200_000;

/// What became of the inputs of a run, entries of containers included.
#[derive(Debug, Clone, Default)]
pub struct Ingested {
    /// How many inputs of each kind had each outcome.
    pub counts: BTreeMap<String, BTreeMap<InputOutcome, u64>>,
    /// Those that were refused, or some of whose lines were, in order of name.
    pub refused: Vec<EntryRecord>,
    /// Inputs that were met before under the same name with the same bytes.
    pub known: u64,
}

impl Ingested {
    /// Counts inputs, and keeps those that were refused.
    fn add(&mut self, entries: impl IntoIterator<Item = EntryRecord>) {
        for entry in entries {
            let counts = self.counts.entry(entry.kind.clone()).or_default();
            *counts.entry(entry.outcome).or_default() += 1;
            if entry.is_refused() {
                self.refused.push(entry);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        for (kind, counts) in other.counts {
            let mine = self.counts.entry(kind).or_default();
            for (outcome, count) in counts {
                *mine.entry(outcome).or_default() += count;
            }
        }
        self.refused.extend(other.refused);
        self.known += other.known;
    }
}

/// Takes inputs in. `progress` is told how many bytes were read so far.
///
/// # Errors
/// When an input cannot be read or the store fails: what was committed before stays, and a
/// repetition takes up the rest.
pub fn ingest<H: Home, I: Input, Q: Quarantine>(
    home: &H,
    inputs: &[I],
    ours: &BTreeSet<OrganizationCode>,
    quarantine: &mut Q,
    progress: &(dyn Fn(u64) + Sync),
) -> PortResult<Ingested> {
    let hashes = input::hashes(inputs, WORKERS)?;
    let mut ingested = Ingested::default();
    let mut reader = home.reader()?;
    let mut writer = home.writer()?;
    let mut fresh = Vec::new();
    for (input, sha256) in inputs.iter().zip(hashes) {
        match known(&mut reader, input.name(), &sha256)? {
            Known::SameName(records) => {
                ingested.known += 1;
                ingested.add(records);
            }
            Known::OtherName(entry) => {
                let mut entry = *entry;
                input.name().clone_into(&mut entry.file);
                entry.outcome = InputOutcome::Duplicate;
                writer.open()?;
                let record = InputRecord { entry: entry.clone(), entries: Vec::new() };
                store::put_record(&mut writer, &record, 0)?;
                writer.seal()?;
                ingested.add([entry]);
            }
            Known::No => fresh.push((input, sha256)),
        }
        progress(0);
    }
    let jobs = work::plan(&fresh)?;
    for ((input, _), stored) in fresh.iter().zip(run(home, &mut writer, &jobs, ours, progress)?) {
        quarantine::keep_refused(*input, &stored.refused, quarantine)?;
        ingested.merge(stored);
    }
    ingested.refused.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(ingested)
}

/// Whether an input was taken in before.
enum Known {
    SameName(Vec<EntryRecord>),
    OtherName(Box<EntryRecord>),
    No,
}

/// An input that was taken in is known; one that was refused, or some of whose lines or entries
/// were, is looked at again: the configuration may have changed since.
fn known(reader: &mut impl ReadFacts, name: &str, sha256: &str) -> PortResult<Known> {
    let partition = crate::key::input(sha256);
    let facts = reader.facts(&[partition])?.remove(0);
    let mut same_name = Vec::new();
    let mut other_name = None;
    for fact in facts {
        let input: InputRecord = record::read(&fact.body)?;
        if input.entry.is_refused() {
            continue;
        }
        if input.entry.file == name {
            if same_name.is_empty() {
                same_name.push(input.entry);
            }
            same_name.extend(input.entries);
        } else {
            other_name = Some(input.entry);
        }
    }
    Ok(match other_name {
        _ if !same_name.is_empty() => Known::SameName(same_name),
        Some(entry) => Known::OtherName(Box::new(entry)),
        None => Known::No,
    })
}

/// Runs the jobs: workers read, this thread writes in the order of the jobs. For each input what
/// became of itself and its entries.
fn run<H: Home, I: Input>(
    home: &H,
    writer: &mut H::Writer,
    jobs: &[Job<'_, I>],
    ours: &BTreeSet<OrganizationCode>,
    progress: &(dyn Fn(u64) + Sync),
) -> PortResult<Vec<Ingested>> {
    let next = AtomicUsize::new(0);
    let turns = Turns::default();
    let (senders, receivers): (Vec<_>, Vec<_>) = jobs.iter().map(|_| sync_channel(WAITING)).unzip();
    let senders: Vec<_> = senders.into_iter().map(|sender| Mutex::new(Some(sender))).collect();
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(place) else { return };
                    turns.wait_until_near(place);
                    let sender = senders[place].lock().ok().and_then(|mut sender| sender.take());
                    let Some(sender) = sender else { return };
                    job.run(ours, &|unit| home.ready(unit), progress, &sender);
                }
            });
        }
        let mut writing = Writing::new(writer);
        let mut outcome = Ok(());
        for (job, receiver) in jobs.iter().zip(receivers) {
            outcome = writing.job(job, &receiver);
            turns.one_more_is_written();
            if outcome.is_err() {
                // Nobody listens to the workers any more: they stop at their next word.
                next.store(jobs.len(), Ordering::Relaxed);
                turns.none_need_wait();
                break;
            }
        }
        outcome.and_then(|()| writing.finish())
    })
}

/// How far the writer has come, so that workers do not run away from it.
#[derive(Default)]
struct Turns {
    written: Mutex<usize>,
    moved: Condvar,
}

impl Turns {
    /// Waits until the job at `place` is one of the next few to be written.
    fn wait_until_near(&self, place: usize) {
        let Ok(mut written) = self.written.lock() else { return };
        while place >= written.saturating_add(AHEAD) {
            let Ok(woken) = self.moved.wait(written) else { return };
            written = woken;
        }
    }

    fn one_more_is_written(&self) {
        self.advance(|written| written + 1);
    }

    fn none_need_wait(&self) {
        self.advance(|_| usize::MAX);
    }

    fn advance(&self, to: impl Fn(usize) -> usize) {
        if let Ok(mut written) = self.written.lock() {
            *written = to(*written);
        }
        self.moved.notify_all();
    }
}

/// An input could not be read at all.
pub(crate) fn unreadable(name: &str, error: &std::io::Error) -> PortError {
    PortError::Final(format!("{name} cannot be read: {error}"))
}

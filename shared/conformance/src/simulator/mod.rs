//! The seeded simulator: random worlds, said to several workers that are interrupted and killed,
//! and what they conclude against what is true.
//!
//! A seed is a whole run. It makes a world (organizations that share identifiers, positions in
//! versions, flows in revisions, credits whole, split, short, over, for two flows, taken back,
//! regularised), writes it as files, deals the files to one to three workers in any order and now
//! and then again, and lets the workers take them in and reconcile over one home. At every call of
//! a port the seed decides who goes on, and whether the call is refused or its worker dies before
//! it or after it: then the scope that was open is gone, and the worker begins that step again, as
//! a queue would have it. What stands in the end is compared, row by row, with a plain second
//! telling that knows neither the rules of the house nor the order of arrival.
//!
//! Workers reconcile everything that is asked for, as on one machine, or the subjects that a queue
//! delivers, a few at a time: see [`Way`].

mod chance;
mod fold;
mod found;
mod gate;
mod process;
mod world;
mod write;

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use engine::configuration::Configuration;
use engine::intake::{self, Input};
use engine::port::{Hash, Home, PortResult, Quarantine, WorkQueue};
use engine::reconcile::{reconcile, reconcile_subjects};
use engine::verify;
use jiff::Timestamp;

use chance::Chance;
use gate::Gate;
use process::Process;
use world::{ORGANIZATIONS, World};

/// The most workers at once.
const WORKERS_MAX: usize = 3;
/// The most subjects that a queue delivers at once.
const DELIVERED_MAX: usize = 20;

/// How workers come to their work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Each takes everything that is asked for, and says that it is there.
    Loop,
    /// A queue delivers some of what is asked for to each, and to several at once.
    Queue,
}

/// Runs one seed over an empty home.
///
/// # Errors
/// What was found that is not so, line by line; or that the store failed by itself.
pub fn run<H: Home<Writer: WorkQueue>>(home: &H, way: Way, seed: u64) -> Result<(), String> {
    let world = World::new(seed);
    let configuration = configuration();
    deliver(home, &configuration, &world, way, seed)?;
    check(home, &configuration, &world)
}

/// Two organizations, and nothing else that is decided by an office.
fn configuration() -> Configuration {
    let body = |code| format!("[[organization]]\nfiscal_code = \"{code}\"\nname = \"{code}\"\n");
    let text: String = ORGANIZATIONS.map(body).concat();
    Configuration::parse(&text).expect("the configuration of the simulator is right")
}

/// When everything is long past its terms: 15 November 2026.
fn now() -> Timestamp {
    Timestamp::constant(1_794_700_800, 0)
}

/// Something that a worker does as one, and does again when it is interrupted.
enum Step {
    Ingest(Vec<Document>),
    /// With what its chance begins with.
    Reconcile(u64),
}

/// Lets workers take the world in and reconcile, then lets one of them finish undisturbed.
fn deliver<H: Home<Writer: WorkQueue>>(
    home: &H,
    configuration: &Configuration,
    world: &World,
    way: Way,
    seed: u64,
) -> Result<(), String> {
    let mut chance = Chance::new(seed, 3);
    let workers = 1 + chance.below(WORKERS_MAX);
    let gate = Gate::new(seed, workers);
    let tasks = deal(&mut chance, world, workers);
    let ours: BTreeSet<_> = configuration.organizations.keys().cloned().collect();
    let run_step = |process: &Process<'_, H>, step: &Step| match step {
        Step::Ingest(documents) => {
            let kept = &mut NoQuarantine;
            intake::ingest(&process, documents, &ours, kept, &|_| {}).map(drop)
        }
        Step::Reconcile(salt) => work(&process, configuration, way, *salt),
    };
    std::thread::scope(|scope| {
        let work = |(worker, steps): (usize, Vec<Step>)| {
            let (gate, run_step) = (&gate, &run_step);
            scope.spawn(move || {
                let done = steps.iter().try_for_each(|step| {
                    loop {
                        let process = Process::new(home, gate, worker);
                        match run_step(&process, step) {
                            Err(error) if Process::<H>::is_simulated(&error) => {}
                            ended => return ended,
                        }
                    }
                });
                gate.ended(worker);
                done
            })
        };
        let running: Vec<_> = tasks.into_iter().enumerate().map(work).collect();
        let ended = running.into_iter().map(|worker| worker.join().map_err(|_| "it panicked"));
        ended.collect::<Vec<_>>().into_iter().try_for_each(|ended| {
            ended?.map_err(|error| format!("a worker failed by itself: {error}"))
        })
    })?;
    work(home, configuration, way, 0).map_err(|error| error.to_string())
}

/// Reconciles what is asked for.
fn work<H: Home<Writer: WorkQueue>>(
    home: &H,
    configuration: &Configuration,
    way: Way,
    salt: u64,
) -> PortResult<()> {
    if way == Way::Loop {
        return reconcile(home, configuration, now(), &|_, _| {}).map(drop);
    }
    let mut chance = Chance::new(salt, 4);
    let mut queue = home.writer()?;
    loop {
        let mut tickets = queue.asked("", usize::MAX)?;
        if tickets.is_empty() {
            return Ok(());
        }
        chance.shuffle(&mut tickets);
        tickets.truncate(1 + chance.below(DELIVERED_MAX));
        let subjects: Vec<_> = tickets.iter().map(|ticket| ticket.subject.clone()).collect();
        reconcile_subjects(home, configuration, &subjects, now())?;
        queue.answer(&tickets)?;
    }
}

/// Deals the files to the workers, some of them twice, in batches with reconciliations between.
fn deal(chance: &mut Chance, world: &World, workers: usize) -> Vec<Vec<Step>> {
    let mut documents = Vec::new();
    for file in &world.files {
        let document = Document::new(file.name.clone(), write::bytes(file));
        if chance.percent(20) {
            documents.push(document.clone());
        }
        if chance.percent(10) {
            let name = format!("{}{}", file.name, found::COPY);
            documents.push(Document { name, ..document.clone() });
        }
        documents.push(document);
    }
    chance.shuffle(&mut documents);
    let mut tasks: Vec<Vec<Step>> = (0..workers).map(|_| Vec::new()).collect();
    while !documents.is_empty() {
        let from = documents.len().saturating_sub(1 + chance.below(6));
        let steps = &mut tasks[chance.below(workers)];
        steps.push(Step::Ingest(documents.split_off(from)));
        if chance.percent(50) {
            steps.push(Step::Reconcile(documents.len() as u64));
        }
    }
    for steps in &mut tasks {
        if chance.percent(50) {
            steps.push(Step::Reconcile(0));
        }
    }
    tasks
}

/// Compares what stands in the home with what is true of the world.
fn check<H: Home<Writer: WorkQueue>>(
    home: &H,
    configuration: &Configuration,
    world: &World,
) -> Result<(), String> {
    let failed = |error: engine::port::PortError| error.to_string();
    let asked = home.writer().and_then(|mut queue| queue.asked("", 10)).map_err(failed)?;
    if !asked.is_empty() {
        return Err(format!("still asked for: {asked:?}"));
    }
    // The report below says by itself whether every cent is accounted for.
    let audit = verify::verify_ledger(home, configuration).map_err(failed)?;
    if !audit.is_good() || audit.not_up_to_date() > 0 {
        return Err(format!("the audit finds {:?}", audit.faults));
    }
    let accepted = found::accepted(home)?;
    let wrong = fold::wrongly_refused(world, &accepted);
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    compare(&found::truth(home, configuration, now())?, &fold::truth(world, &accepted))
}

/// Every line that is in one and not in the other.
fn compare(found: &fold::Truth, expected: &fold::Truth) -> Result<(), String> {
    let names: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let of = |truth: &fold::Truth, name| truth.get(name).cloned().unwrap_or("nothing".to_owned());
    let wrong: Vec<_> = names
        .into_iter()
        .filter(|name| found.get(*name) != expected.get(*name))
        .map(|name| format!("{name}: {} instead of {}", of(found, name), of(expected, name)))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// A file in memory.
#[derive(Clone)]
struct Document {
    name: String,
    bytes: Arc<[u8]>,
}

impl Document {
    fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes: bytes.into() }
    }
}

impl Input for Document {
    type Reader = Cursor<Arc<[u8]>>;

    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> io::Result<Self::Reader> {
        Ok(Cursor::new(Arc::clone(&self.bytes)))
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }
}

/// What is refused is not looked at again here.
struct NoQuarantine;

impl Quarantine for NoQuarantine {
    fn keep(&mut self, _sha256: Hash, _content: &mut dyn Read, _note: &str) -> PortResult<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_line_is_told_with_what_it_should_be() {
        let truth = |lines: &[(&str, &str)]| -> fold::Truth {
            lines.iter().map(|(name, line)| ((*name).to_owned(), (*line).to_owned())).collect()
        };
        let expected = truth(&[("credit 1", "matched 10.00"), ("payment a", "paid 5.00 P1")]);
        assert_eq!(compare(&expected, &expected), Ok(()));
        for (found, told) in [
            (
                truth(&[("credit 1", "matched 10.01"), ("payment a", "paid 5.00 P1")]),
                "credit 1: matched 10.01 instead of matched 10.00",
            ),
            (truth(&[("credit 1", "matched 10.00")]), "payment a: nothing instead of paid 5.00 P1"),
            (
                truth(&[
                    ("credit 1", "matched 10.00"),
                    ("payment a", "paid 5.00 P1"),
                    ("payment b", "paid 5.00 P1"),
                ]),
                "payment b: paid 5.00 P1 instead of nothing",
            ),
        ] {
            assert_eq!(compare(&found, &expected), Err(told.to_owned()));
        }
    }
}

//! A process is killed at random moments while it writes. Whatever it was doing, the store opens,
//! every scope is whole or not there, what was told to be done is there, and no chain has a gap.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, sleep};
use std::time::Duration;

use embedded::{Store, Writer};
use engine::port::{
    Change, Fact, Hash, PortResult, Put, ReadFacts, ReadJournal, ReadOutcomes, Source, Subject,
    Unit, WorkQueue, WriteFacts, WriteOutcomes,
};
use tempfile::TempDir;

const DATA: &str = "QUADRA_CRASH_TEST_DATA";
const NAME: &str = "QUADRA_CRASH_TEST_NAME";
const KILLS: u64 = 40;
const FACTS: u64 = 60;
const SUBJECTS: u64 = 5;

#[test]
fn a_killed_process_leaves_whole_scopes_and_chains_without_gaps() {
    let folder = TempDir::new().unwrap();
    // One is killed again and again, the other writes on beside it.
    let mut other = Process::start(folder.path(), "other");
    let mut acknowledged = Progress::default();
    for kill in 0..KILLS {
        let killed = Process::start(folder.path(), "killed");
        // Spread over starting, ingesting and concluding, with no pattern.
        sleep(Duration::from_millis(kill * kill * 7_919 % 97));
        acknowledged.take(killed.kill());
        check(folder.path(), "killed", acknowledged);
    }
    assert!(acknowledged.scopes > 0 && acknowledged.changes > 0, "the killed one did some work");
    assert!(other.child.is_running(), "the other one did not fail");
    let of_other = other.kill();
    assert!(of_other.scopes > 0 && of_other.changes > 0, "the other one got its turns");
    check(folder.path(), "other", of_other);
}

/// Not a test of its own: the process that is killed.
#[test]
#[ignore = "runs for ever: the process that the other test kills"]
fn a_process_that_writes_until_it_is_killed() {
    let data = env::var(DATA).expect("started by the other test");
    let name = env::var(NAME).expect("started by the other test");
    let store = Store::open(Path::new(&data)).unwrap();
    let mut writer = store.writer().unwrap();
    let mut scope = first_missing_scope(&mut writer, &name);
    loop {
        ingest(&mut writer, &name, scope).unwrap();
        tell(&format!("scope {scope}"));
        scope += 1;
        for change in changes(&mut writer, &name) {
            let version = change.from_version + 1;
            let subject = change.subject.0.clone();
            assert_eq!(writer.conclude(&[change]).unwrap(), [true]);
            tell(&format!("change {subject} {version}"));
        }
    }
}

/// What a process told to be done: how many scopes and changes there are at least.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    scopes: u64,
    changes: u64,
}

impl Progress {
    fn take(&mut self, later: Self) {
        self.scopes = self.scopes.max(later.scopes);
        self.changes += later.changes;
    }
}

struct Process {
    child: Killed,
    /// Reads what it tells, so that it does not wait for a reader.
    told: thread::JoinHandle<Progress>,
}

impl Process {
    fn start(data: &Path, name: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "a_process_that_writes_until_it_is_killed"])
            .args(["--nocapture", "--test-threads=1"])
            .env(DATA, data)
            .env(NAME, name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = thread::spawn(move || {
            let mut progress = Progress::default();
            for line in lines.map_while(Result::ok) {
                // The last line may be cut: only whole ones end in a dot.
                let Some(line) = line.strip_suffix('.') else { continue };
                if let Some(scope) = line.strip_prefix("scope ") {
                    progress.scopes = scope.parse::<u64>().unwrap() + 1;
                } else if line.starts_with("change ") {
                    progress.changes += 1;
                }
            }
            progress
        });
        Self { child: Killed(child), told }
    }

    /// SIGKILL; what it had told until then.
    fn kill(mut self) -> Progress {
        assert!(self.child.is_running(), "it ended by itself");
        drop(self.child);
        self.told.join().unwrap()
    }
}

/// A process that does not outlive the test.
struct Killed(Child);

impl Killed {
    fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}.").unwrap();
    out.flush().unwrap();
}

/// A scope with an abandoned one and a refused unit in it; now and then several to a commit.
fn ingest(writer: &mut Writer, name: &str, scope: u64) -> PortResult<()> {
    writer.open()?;
    for part in 0..3 {
        writer.open()?;
        let facts = (0..FACTS / 3).map(|n| fact(name, scope, part * FACTS / 3 + n));
        let asks = vec![subject(name, scope % SUBJECTS)];
        assert_eq!(writer.put(Unit { facts: facts.collect(), asks })?, Put::New);
        writer.seal()?;
    }
    writer.open()?;
    let facts = (FACTS..FACTS + 50).map(|n| fact(name, scope, n)).collect();
    writer.put(Unit { facts, asks: vec![] })?;
    writer.abandon()?;
    let mut contradiction = fact(name, scope, 0);
    contradiction.body.push(' ');
    let facts = vec![fact(name, scope, FACTS + 1), contradiction];
    assert_eq!(writer.put(Unit { facts, asks: vec![] })?, Put::Conflict(1));
    writer.seal()?;
    writer.commit()
}

fn changes(writer: &mut Writer, name: &str) -> Vec<Change> {
    let tickets = writer.asked(&format!("{name}#"), 10).unwrap();
    let subjects: Vec<Subject> = tickets.iter().map(|ticket| ticket.subject.clone()).collect();
    let outcomes = writer.outcomes(&subjects).unwrap();
    let change = |(ticket, outcome): (engine::port::Ticket, Option<engine::port::Outcome>)| {
        let from_version = outcome.map_or(0, |outcome| outcome.version);
        Change {
            subject: ticket.subject.clone(),
            from_version,
            body: format!("{}", from_version + 1),
            entry: format!("{}", from_version + 1),
            entry_hash: hash(from_version + 1),
            answers: vec![ticket],
        }
    };
    tickets.into_iter().zip(outcomes).map(change).collect()
}

fn check(data: &Path, name: &str, acknowledged: Progress) {
    let store = Store::open(data).unwrap();
    let mut writer = store.writer().unwrap();
    let scopes = first_missing_scope(&mut writer, name);
    assert!(scopes >= acknowledged.scopes, "{scopes} scopes, told {acknowledged:?}");
    let mut found = 0;
    let mut per_scope = std::collections::BTreeMap::<String, u64>::new();
    let visit = &mut |fact: Fact| {
        found += 1;
        *per_scope.entry(fact.partition).or_default() += 1;
        Ok(())
    };
    writer.scan_facts(&format!("{name}#"), visit).unwrap();
    assert_eq!(found, scopes * FACTS);
    assert!(per_scope.values().all(|&facts| facts == FACTS), "{per_scope:?}");

    let mut changes = 0;
    for n in 0..SUBJECTS {
        let subject = subject(name, n);
        let entries = writer.entries(&subject).unwrap();
        let outcome = writer.outcomes(std::slice::from_ref(&subject)).unwrap().remove(0);
        let last = entries.last().map(|entry| (entry.version, entry.hash));
        assert_eq!(last, outcome.map(|outcome| (outcome.version, outcome.entry_hash)));
        for (version, entry) in (1..).zip(&entries) {
            assert_eq!((entry.version, entry.hash), (version, hash(version)));
        }
        changes += entries.len() as u64;
        // Every scope asked for its subject: each has an ask to come, or a change after it.
        let is_asked = !writer.asked(&subject.0, 1).unwrap().is_empty();
        assert!(scopes <= n || is_asked || !entries.is_empty());
    }
    assert!(changes >= acknowledged.changes, "{changes} changes, told {acknowledged:?}");
}

/// Scopes are stored one after the other.
fn first_missing_scope(reader: &mut impl ReadFacts, name: &str) -> u64 {
    (0..1_000_000)
        .find(|&scope| reader.facts(&[partition(name, scope)]).unwrap()[0].is_empty())
        .unwrap()
}

fn partition(name: &str, scope: u64) -> String {
    format!("{name}#{scope:06}")
}

fn subject(name: &str, n: u64) -> Subject {
    Subject(format!("{name}#subject{n}"))
}

fn fact(name: &str, scope: u64, n: u64) -> Fact {
    Fact {
        partition: partition(name, scope),
        sort: format!("{n:03}"),
        body: "x".repeat(300),
        source: Source { file: name.to_owned(), line: n },
    }
}

fn hash(version: u64) -> Hash {
    let mut hash = Hash::default();
    hash.0[..8].copy_from_slice(&version.to_be_bytes());
    hash
}

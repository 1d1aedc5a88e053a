//! Two workers of a queue, the slower of which knows less.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use conformance::{Memory, MemoryReader, MemoryWriter};
use engine::configuration::Configuration;
use engine::port::{
    Entry, Fact, Home, Outcome, PortResult, Put, ReadFacts, ReadJournal, ReadOutcomes, Source,
    Subject, Unit, WriteFacts,
};
use engine::reconcile::reconcile_subjects;
use engine::verify::verify_ledger;
use jiff::Timestamp;

const IUV: &str = "01234567897#IUV#01000000000000123";

/// What an office decided of an IUV that nobody paid so far, as decision number `number`.
fn decide(home: &Memory, number: u32, verdict: &str) {
    let body = format!(
        r#"{{"number":{number},"subject":"payment:01000000000000123/IUR/1","verdict":{verdict},
            "by":"Ufficio entrate","note":"prova","at":"2026-11-02T09:00:00Z"}}"#
    );
    let source = Source { file: "quadra decide".to_owned(), line: number.into() };
    let (partition, sort) = (IUV.to_owned(), format!("DECISION#{number:06}"));
    let facts = vec![Fact { partition, sort, body, source }];
    let mut writer = Home::writer(home).unwrap();
    writer.open().unwrap();
    assert_eq!(writer.put(Unit { facts, asks: Vec::new() }).unwrap(), Put::New);
    writer.seal().unwrap();
    writer.commit().unwrap();
}

fn conclude(home: &impl Home) {
    let text = "[[organization]]\nfiscal_code = \"01234567897\"\nname = \"Provincia\"\n";
    let configuration = Configuration::parse(text).unwrap();
    let subjects = [Subject(IUV.to_owned())];
    reconcile_subjects(home, &configuration, &subjects, Timestamp::UNIX_EPOCH).unwrap();
}

/// A home whose worker stops once, with version and facts in hand, while others go on.
struct Slow<F> {
    home: Memory,
    has_stopped: Arc<AtomicBool>,
    others: Arc<F>,
}

struct SlowReader<F> {
    inner: MemoryReader,
    has_version: bool,
    has_stopped: Arc<AtomicBool>,
    others: Arc<F>,
}

impl<F: Fn() + Send + Sync> Home for Slow<F> {
    type Reader = SlowReader<F>;
    type Writer = MemoryWriter;

    fn reader(&self) -> PortResult<SlowReader<F>> {
        Ok(SlowReader {
            inner: Home::reader(&self.home)?,
            has_version: false,
            has_stopped: Arc::clone(&self.has_stopped),
            others: Arc::clone(&self.others),
        })
    }

    fn writer(&self) -> PortResult<MemoryWriter> {
        Home::writer(&self.home)
    }
}

impl<F: Fn()> ReadFacts for SlowReader<F> {
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        let facts = self.inner.facts(partitions)?;
        if self.has_version && !self.has_stopped.swap(true, Ordering::SeqCst) {
            (self.others)();
        }
        Ok(facts)
    }

    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()> {
        self.inner.scan_facts(prefix, visit)
    }
}

impl<F> ReadOutcomes for SlowReader<F> {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        self.has_version = true;
        self.inner.outcomes(subjects)
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        self.inner.scan_outcomes(prefix, visit)
    }
}

impl<F> ReadJournal for SlowReader<F> {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        self.inner.entries(subject)
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        self.inner.scan_entries(prefix, visit)
    }
}

/// The newer conclusion is that nothing holds, which is what stands there: nothing is stored, no
/// version is raised, and the older conclusion comes after it.
#[test]
fn an_older_conclusion_that_comes_after_a_newer_one_does_not_stand() {
    let home = Memory::default();
    decide(&home, 1, r#"{"is":"dismissed","party":"treasurer"}"#);
    let others = {
        let home = home.clone();
        move || {
            decide(&home, 2, r#"{"is":"withdrawn"}"#);
            conclude(&home);
            let stored = Home::reader(&home).unwrap().outcomes(&[Subject(IUV.to_owned())]);
            assert_eq!(stored.unwrap(), [None]);
        }
    };
    let slow = Slow { home: home.clone(), has_stopped: Arc::default(), others: Arc::new(others) };
    conclude(&slow);
    assert!(slow.has_stopped.load(Ordering::SeqCst));

    let outcome = Home::reader(&home).unwrap().outcomes(&[Subject(IUV.to_owned())]).unwrap();
    let outcome = outcome[0].as_ref().unwrap();
    assert_eq!(outcome.version, 2);
    assert!(!outcome.body.contains("Ufficio entrate"), "{}", outcome.body);
    let configuration = Configuration::parse(
        "[[organization]]\nfiscal_code = \"01234567897\"\nname = \"Provincia\"\n",
    );
    let audit = verify_ledger(&home, &configuration.unwrap()).unwrap();
    assert!(audit.is_good(), "{:?}", audit.faults);
}

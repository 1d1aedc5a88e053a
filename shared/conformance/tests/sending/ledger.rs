//! The ledger of a worker: the one in memory, which fails and dies as the seed says.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use conformance::{Memory, MemoryReader, MemoryWriter};
use engine::port::{Change, Outcome, PortError, PortResult, ReadOutcomes, Subject, WriteOutcomes};
use jiff::SignedDuration;

use crate::gate::{Chance, Gate};

/// What can happen to a worker at a call of a port.
pub struct Fortune<'a> {
    pub gate: &'a Gate,
    pub worker: usize,
    chance: Mutex<Chance>,
    troubled: bool,
    dead: AtomicBool,
}

/// What happens at this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Well,
    /// It fails without an effect.
    Fails,
    /// It takes effect, and seems to have failed.
    SeemsToFail,
    /// The worker dies before it.
    Dies,
    /// It takes effect, and the worker dies.
    DiesAfter,
}

impl<'a> Fortune<'a> {
    pub fn new(gate: &'a Gate, worker: usize, seed: u64, troubled: bool) -> Self {
        let chance = Mutex::new(Chance::new(seed));
        Self { gate, worker, chance, troubled, dead: AtomicBool::new(false) }
    }

    /// Whether something happens that does so many times in a thousand.
    pub fn permille(&self, times: u64) -> bool {
        self.chance.lock().unwrap().permille(times)
    }

    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Lets others run, and says what happens to the call after that.
    pub fn step(&self) -> Fate {
        let sleeps = self.troubled && self.permille(4);
        let pause = if sleeps { SignedDuration::from_mins(7) } else { SignedDuration::ZERO };
        self.gate.pass(self.worker, pause);
        let fate = match self.troubled {
            _ if self.is_dead() => Fate::Dies,
            true if self.permille(6) => Fate::Fails,
            true if self.permille(6) => Fate::SeemsToFail,
            true if self.permille(8) => Fate::Dies,
            true if self.permille(8) => Fate::DiesAfter,
            _ => Fate::Well,
        };
        if matches!(fate, Fate::Dies | Fate::DiesAfter) {
            self.dead.store(true, Ordering::Relaxed);
        }
        fate
    }

    /// A call that has this effect.
    pub fn call<T>(&self, effect: impl FnOnce() -> PortResult<T>) -> PortResult<T> {
        match self.step() {
            Fate::Well => effect(),
            Fate::Fails => Err(busy()),
            Fate::SeemsToFail => effect().and(Err(busy())),
            Fate::Dies => Err(dead()),
            Fate::DiesAfter => effect().and(Err(dead())),
        }
    }
}

fn busy() -> PortError {
    PortError::Retry("busy".to_owned())
}

pub fn dead() -> PortError {
    PortError::Final("dead".to_owned())
}

/// Reads as the worker's fortune has it.
pub struct Reader<'a>(&'a Fortune<'a>, MemoryReader);

/// Writes as the worker's fortune has it.
pub struct Writer<'a>(&'a Fortune<'a>, MemoryWriter);

pub fn of<'a>(memory: &Memory, fortune: &'a Fortune<'a>) -> (Reader<'a>, Writer<'a>) {
    use conformance::Home as _;
    (Reader(fortune, memory.reader()), Writer(fortune, memory.writer()))
}

impl ReadOutcomes for Reader<'_> {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        let Self(fortune, inner) = self;
        fortune.call(|| inner.outcomes(subjects))
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let Self(fortune, inner) = self;
        fortune.call(|| inner.scan_outcomes(prefix, visit))
    }
}

impl WriteOutcomes for Writer<'_> {
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>> {
        let Self(fortune, inner) = self;
        fortune.call(|| inner.conclude(changes))
    }
}

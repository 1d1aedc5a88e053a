//! One worker at a time, changed at each call of a port, as a seed says; and the one clock.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use conformance::SplitMix64;
use engine::campaign::io::Clock;
use jiff::{SignedDuration, Timestamp};

/// Chance, always the same for a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(SplitMix64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.draw() % end
    }

    /// Whether something that happens so many times in a thousand does.
    pub fn permille(&mut self, times: u64) -> bool {
        self.below(1_000) < times
    }
}

#[derive(Debug)]
struct State {
    chance: Chance,
    now: Timestamp,
    turn: Option<usize>,
    /// When each worker goes on; `None` once it is gone.
    wakes: Vec<Option<Timestamp>>,
}

/// Lets one worker run at a time.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

impl Gate {
    pub fn new(seed: u64, workers: usize, now: Timestamp) -> Self {
        let mut chance = Chance::new(seed);
        let first = usize::try_from(chance.below(workers as u64)).unwrap();
        let wakes = vec![Some(now); workers];
        let state = State { chance, now, turn: Some(first), wakes };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Timestamp {
        self.state().now
    }

    /// The worker goes on after `pause` at the earliest, when it is its turn.
    pub fn pass(&self, worker: usize, pause: SignedDuration) {
        let mut state = self.state();
        state.wakes[worker] = Some(state.now + pause);
        state.choose();
        self.changed.notify_all();
        drop(self.await_turn(worker, state));
    }

    /// Waits for the first turn.
    pub fn enter(&self, worker: usize) {
        drop(self.await_turn(worker, self.state()));
    }

    fn await_turn<'a>(&self, worker: usize, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait_while(state, |state| state.turn != Some(worker))
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The worker is gone.
    pub fn leave(&self, worker: usize) {
        let mut state = self.state();
        state.wakes[worker] = None;
        state.choose();
        self.changed.notify_all();
    }
}

impl State {
    /// Whose turn it is: one of those that do not wait. Where all wait, time passes.
    fn choose(&mut self) {
        self.now += SignedDuration::from_millis(i64::try_from(self.chance.below(30)).unwrap());
        let Some(first) = self.wakes.iter().flatten().min().copied() else {
            self.turn = None;
            return;
        };
        self.now = self.now.max(first);
        let awake = |(_, wake): &(usize, &Option<Timestamp>)| wake.is_some_and(|at| at <= self.now);
        let awake: Vec<usize> =
            self.wakes.iter().enumerate().filter(awake).map(|(worker, _)| worker).collect();
        let chosen = self.chance.below(awake.len() as u64);
        self.turn = Some(awake[usize::try_from(chosen).unwrap()]);
    }
}

/// The clock of a worker.
pub struct WorkerClock<'a> {
    pub gate: &'a Gate,
    pub worker: usize,
}

impl Clock for WorkerClock<'_> {
    fn now(&self) -> Timestamp {
        self.gate.now()
    }

    fn wait(&self, time: SignedDuration) {
        self.gate.pass(self.worker, time.max(SignedDuration::ZERO));
    }
}

//! One worker runs at a time, and which one is decided at every call of a port, by the seed.
//!
//! A worker may use threads of its own as long as only one of them calls ports at a time: so the
//! whole run depends on the seed alone, whatever the machine does.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::chance::Chance;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is done.
    Done,
    /// It is not done, and may be tried again.
    Busy,
    /// The worker dies before it is done.
    DiesBefore,
    /// The worker dies when it is done, and never hears of it.
    DiesAfter,
}

/// Who may call, and what becomes of the call.
pub(super) struct Gate {
    state: Mutex<State>,
    /// One for each worker: only who has the turn is woken.
    turns: Vec<Condvar>,
}

struct State {
    chance: Chance,
    /// For each worker that waits at a call, whether it needs what a writer's scope keeps from it.
    waiting: Vec<Option<bool>>,
    /// Workers that have not ended and do not wait.
    running: usize,
    turn: Option<usize>,
    last: usize,
    /// Whose scope is open.
    holder: Option<usize>,
    /// How often in a thousand calls something fails, and how many failures are left.
    per_mille: u32,
    failures_left: u32,
}

/// Failures in one run: an end for who tries again.
const FAILURES_MAX: u32 = 40;

impl Gate {
    pub fn new(seed: u64, workers: usize) -> Self {
        let mut chance = Chance::new(seed, 2);
        let per_mille = chance.pick(&[0, 5, 20, 60, 150]);
        let state = State {
            chance,
            waiting: vec![None; workers],
            running: workers,
            turn: None,
            last: 0,
            holder: None,
            per_mille,
            failures_left: FAILURES_MAX,
        };
        let turns = (0..workers).map(|_| Condvar::new()).collect();
        Self { state: Mutex::new(state), turns }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn of a worker. `writes` says that an open scope of another keeps it
    /// waiting.
    pub fn call(&self, worker: usize, writes: bool) -> Fate {
        let mut state = self.state();
        state.waiting[worker] = Some(writes);
        state.running -= 1;
        self.give_turn(&mut state);
        while state.turn != Some(worker) {
            state = self.turns[worker].wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.turn = None;
        state.last = worker;
        state.waiting[worker] = None;
        state.running += 1;
        state.fate()
    }

    /// A worker has ended.
    pub fn ended(&self, worker: usize) {
        let mut state = self.state();
        state.running -= 1;
        state.holder.take_if(|holder| *holder == worker);
        self.give_turn(&mut state);
    }

    /// A worker's scope is open, or no more.
    pub fn holds(&self, worker: usize, holds: bool) {
        self.state().holder = holds.then_some(worker);
    }

    fn give_turn(&self, state: &mut State) {
        if state.running > 0 || state.turn.is_some() {
            return;
        }
        let free = |worker: usize| state.holder.is_none_or(|holder| holder == worker);
        let waiting = state.waiting.iter().enumerate();
        let able: Vec<_> = waiting
            .filter(|(worker, need)| need.is_some_and(|writes| !writes || free(*worker)))
            .map(|(worker, _)| worker)
            .collect();
        if able.is_empty() {
            return;
        }
        // Runs of calls of one worker, too: some orders need another to do much in between.
        let stays = able.contains(&state.last) && state.chance.percent(60);
        let next = if stays { state.last } else { state.chance.pick(&able) };
        state.turn = Some(next);
        self.turns[next].notify_one();
    }
}

impl State {
    fn fate(&mut self) -> Fate {
        if self.failures_left == 0 || self.chance.between(1, 1000) > self.per_mille {
            return Fate::Done;
        }
        self.failures_left -= 1;
        self.chance.pick(&[Fate::Busy, Fate::DiesBefore, Fate::DiesAfter])
    }
}

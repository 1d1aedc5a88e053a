//! The ports in memory: for tests and for the simulator.

use std::collections::BTreeMap;
use std::iter;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use engine::port::{
    self, Asks, Change, Entry, Fact, Outcome, PortError, PortResult, Put, ReadFacts, ReadJournal,
    ReadOutcomes, Source, Subject, Ticket, Unit, WorkQueue, WriteFacts, WriteOutcomes,
};

use crate::Home;

/// A home in memory. A clone is the same home.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    shared: Arc<Shared>,
}

/// Reads a [`Memory`].
#[derive(Debug, Clone)]
pub struct MemoryReader {
    shared: Arc<Shared>,
}

/// Reads and writes a [`Memory`]. From open to commit it has the turn, as one transaction of a
/// database has: other writers wait.
#[derive(Debug)]
pub struct MemoryWriter {
    reader: MemoryReader,
    /// What was sealed and is not committed, and what each open scope has put, inmost last.
    /// Empty when it has not the turn.
    scopes: Vec<Scope>,
    /// The last ticket given in this turn.
    last_ticket: u64,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    turn_is_free: Condvar,
}

#[derive(Debug, Default)]
struct State {
    turn_is_taken: bool,
    kept: Scope,
    outcomes: BTreeMap<Subject, Outcome>,
    journal: BTreeMap<Subject, Vec<Entry>>,
    last_ticket: u64,
}

/// Facts by partition and sort, and asks: what was put, without what was there before.
#[derive(Debug, Default)]
struct Scope {
    facts: BTreeMap<(String, String), (String, Source)>,
    asks: BTreeMap<Subject, u64>,
}

impl Home for Memory {
    type Reader = MemoryReader;
    type Writer = MemoryWriter;

    fn reader(&self) -> MemoryReader {
        MemoryReader { shared: Arc::clone(&self.shared) }
    }

    fn writer(&self) -> MemoryWriter {
        MemoryWriter { reader: self.reader(), scopes: Vec::new(), last_ticket: 0 }
    }
}

impl port::Home for Memory {
    type Reader = MemoryReader;
    type Writer = MemoryWriter;

    fn reader(&self) -> PortResult<MemoryReader> {
        Ok(Home::reader(self))
    }

    fn writer(&self) -> PortResult<MemoryWriter> {
        Ok(Home::writer(self))
    }
}

impl Shared {
    /// A panic of another thread leaves no state half-changed: nothing panics while it has it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no writer has the turn.
    fn free_state(&self) -> MutexGuard<'_, State> {
        self.turn_is_free
            .wait_while(self.state(), |state| state.turn_is_taken)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scope {
    fn take_in(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.asks.extend(other.asks);
    }
}

impl State {
    fn ask(&mut self, subject: Subject) {
        self.last_ticket += 1;
        self.kept.asks.insert(subject, self.last_ticket);
    }

    fn answer(&mut self, tickets: &[Ticket]) {
        for Ticket { subject, number } in tickets {
            if self.kept.asks.get(subject).is_some_and(|asked| asked <= number) {
                self.kept.asks.remove(subject);
            }
        }
    }

    fn conclude(&mut self, change: &Change) -> bool {
        let version = self.outcomes.get(&change.subject).map_or(0, |outcome| outcome.version);
        if version != change.from_version {
            return false;
        }
        let (version, subject) = (version + 1, change.subject.clone());
        let entry = Entry { version, body: change.entry.clone(), hash: change.entry_hash };
        self.journal.entry(subject.clone()).or_default().push(entry);
        let outcome = Outcome { version, body: change.body.clone(), entry_hash: change.entry_hash };
        self.outcomes.insert(subject, outcome);
        self.answer(&change.answers);
        true
    }
}

impl MemoryWriter {
    /// The state, for what is a turn of its own.
    fn own_turn(&self) -> PortResult<MutexGuard<'_, State>> {
        if self.scopes.is_empty() {
            Ok(self.reader.shared.free_state())
        } else {
            Err(misuse("what was put is not committed yet"))
        }
    }

    /// Ends the inmost scope.
    fn close(&mut self) -> PortResult<Scope> {
        if self.scopes.len() < 2 {
            return Err(misuse("no scope is open"));
        }
        self.scopes.pop().ok_or_else(|| misuse("no scope is open"))
    }

    fn give_up_turn(&mut self) {
        self.scopes.clear();
        self.reader.shared.state().turn_is_taken = false;
        self.reader.shared.turn_is_free.notify_one();
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        if !self.scopes.is_empty() {
            self.give_up_turn();
        }
    }
}

impl WriteFacts for MemoryWriter {
    fn open(&mut self) -> PortResult<()> {
        if self.scopes.is_empty() {
            let mut state = self.reader.shared.free_state();
            state.turn_is_taken = true;
            self.last_ticket = state.last_ticket;
            drop(state);
            self.scopes.push(Scope::default());
        }
        self.scopes.push(Scope::default());
        Ok(())
    }

    fn put(&mut self, unit: Unit) -> PortResult<Put> {
        if unit.facts.len() > Unit::FACTS_MAX {
            return Err(misuse("the unit has too many facts"));
        }
        if self.scopes.len() < 2 {
            return Err(misuse("no scope is open"));
        }
        let state = self.reader.shared.state();
        let mut put = Put::Known;
        let mut new = Scope::default();
        for (place, fact) in unit.facts.into_iter().enumerate() {
            let key = (fact.partition, fact.sort);
            let below = self.scopes.iter().rev().chain([&state.kept]);
            let known = iter::once(&new).chain(below).find_map(|scope| scope.facts.get(&key));
            match known {
                None => put = Put::New,
                Some((body, _)) if *body != fact.body => return Ok(Put::Conflict(place)),
                Some((_, source)) if *source <= fact.source => continue,
                Some(_) => {}
            }
            new.facts.insert(key, (fact.body, fact.source));
        }
        for subject in unit.asks {
            self.last_ticket += 1;
            new.asks.insert(subject, self.last_ticket);
        }
        drop(state);
        if let Some(scope) = self.scopes.last_mut() {
            scope.take_in(new);
        }
        Ok(put)
    }

    fn seal(&mut self) -> PortResult<()> {
        let sealed = self.close()?;
        if let Some(outer) = self.scopes.last_mut() {
            outer.take_in(sealed);
        }
        Ok(())
    }

    fn abandon(&mut self) -> PortResult<()> {
        self.close().map(|_| ())
    }

    fn commit(&mut self) -> PortResult<()> {
        if self.scopes.len() > 1 {
            return Err(misuse("a scope is open"));
        }
        if let Some(sealed) = self.scopes.pop() {
            let mut state = self.reader.shared.state();
            state.kept.take_in(sealed);
            state.last_ticket = self.last_ticket;
            drop(state);
            self.give_up_turn();
        }
        Ok(())
    }
}

impl WriteOutcomes for MemoryWriter {
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>> {
        let mut state = self.own_turn()?;
        Ok(changes.iter().map(|change| state.conclude(change)).collect())
    }
}

impl Asks for MemoryWriter {
    fn ask(&mut self, subjects: &[Subject]) -> PortResult<()> {
        let mut state = self.own_turn()?;
        for subject in subjects {
            state.ask(subject.clone());
        }
        Ok(())
    }
}

impl WorkQueue for MemoryWriter {
    fn asked(&mut self, prefix: &str, most: usize) -> PortResult<Vec<Ticket>> {
        let state = self.reader.shared.state();
        let from = Subject(prefix.to_owned());
        let tickets = state.kept.asks.range(from..).take(most);
        Ok(tickets
            .take_while(|(subject, _)| subject.0.starts_with(prefix))
            .map(|(subject, &number)| Ticket { subject: subject.clone(), number })
            .collect())
    }

    fn last_ticket(&mut self) -> PortResult<u64> {
        Ok(self.reader.shared.state().last_ticket)
    }

    fn answer(&mut self, tickets: &[Ticket]) -> PortResult<()> {
        self.own_turn()?.answer(tickets);
        Ok(())
    }
}

impl ReadFacts for MemoryReader {
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        let state = self.shared.state();
        let facts_of = |partition: &String| {
            let from = state.kept.facts.range((partition.clone(), String::new())..);
            from.take_while(|((name, _), _)| name == partition).map(fact).collect()
        };
        Ok(partitions.iter().map(facts_of).collect())
    }

    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()> {
        // Copied, so that the visitor may use the home.
        let facts: Vec<Fact> = {
            let state = self.shared.state();
            let from = state.kept.facts.range((prefix.to_owned(), String::new())..);
            from.take_while(|((name, _), _)| name.starts_with(prefix)).map(fact).collect()
        };
        facts.into_iter().try_for_each(visit)
    }
}

impl ReadOutcomes for MemoryReader {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        let state = self.shared.state();
        Ok(subjects.iter().map(|subject| state.outcomes.get(subject).cloned()).collect())
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let outcomes: Vec<(Subject, Outcome)> = {
            let state = self.shared.state();
            let from = state.outcomes.range(Subject(prefix.to_owned())..);
            let found = from.take_while(|(subject, _)| subject.0.starts_with(prefix));
            found.map(|(subject, outcome)| (subject.clone(), outcome.clone())).collect()
        };
        outcomes.into_iter().try_for_each(|(subject, outcome)| visit(subject, outcome))
    }
}

impl ReadJournal for MemoryReader {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        Ok(self.shared.state().journal.get(subject).cloned().unwrap_or_default())
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        let entries: Vec<(Subject, Entry)> = {
            let state = self.shared.state();
            let from = state.journal.range(Subject(prefix.to_owned())..);
            let found = from.take_while(|(subject, _)| subject.0.starts_with(prefix));
            let all = |(subject, entries): (&Subject, &Vec<Entry>)| {
                entries.iter().map(|entry| (subject.clone(), entry.clone())).collect::<Vec<_>>()
            };
            found.flat_map(all).collect()
        };
        entries.into_iter().try_for_each(|(subject, entry)| visit(subject, entry))
    }
}

engine::read_through!(MemoryWriter, reader);

fn fact(((partition, sort), (body, source)): (&(String, String), &(String, Source))) -> Fact {
    Fact {
        partition: partition.clone(),
        sort: sort.clone(),
        body: body.clone(),
        source: source.clone(),
    }
}

/// A call out of its order: a mistake of the program, not of the store.
fn misuse(what: &str) -> PortError {
    PortError::Final(format!("the store was used wrongly: {what}"))
}

//! A home as a worker sees it that may be interrupted, refused or killed at any call.

use std::sync::atomic::{AtomicBool, Ordering};

use engine::port::{
    Change, Entry, Fact, Home, Outcome, PortError, PortResult, Put, ReadFacts, ReadJournal,
    ReadOutcomes, Subject, Ticket, Unit, WorkQueue, WriteFacts, WriteOutcomes,
};

use super::gate::{Fate, Gate};

/// What a call says that was refused on purpose.
const BUSY: &str = "simulated: busy";
/// What a call says of a process that was killed on purpose.
const KILLED: &str = "simulated: killed";

/// One life of a worker, until it is killed or ends.
pub(super) struct Process<'a, H> {
    home: &'a H,
    gate: &'a Gate,
    worker: usize,
    killed: AtomicBool,
}

impl<'a, H> Process<'a, H> {
    pub fn new(home: &'a H, gate: &'a Gate, worker: usize) -> Self {
        Self { home, gate, worker, killed: AtomicBool::new(false) }
    }

    /// Whether an error is one that was made on purpose.
    pub fn is_simulated(error: &PortError) -> bool {
        let (PortError::Retry(text) | PortError::Final(text)) = error;
        text == BUSY || text == KILLED
    }
}

/// A reader or a writer of a process.
pub(super) struct Connection<'p, C> {
    inner: Option<C>,
    gate: &'p Gate,
    worker: usize,
    killed: &'p AtomicBool,
    /// Whether its scope is open.
    holds: bool,
}

impl<H> Process<'_, H> {
    fn connection<C>(&self, inner: C) -> Connection<'_, C> {
        let (gate, worker, killed) = (self.gate, self.worker, &self.killed);
        Connection { inner: Some(inner), gate, worker, killed, holds: false }
    }
}

impl<C> Connection<'_, C> {
    /// A call that no open scope keeps waiting.
    fn read<T>(&mut self, work: impl FnOnce(&mut C) -> PortResult<T>) -> PortResult<T> {
        self.call(false, work)
    }

    /// A call that waits while another's scope is open.
    fn write<T>(&mut self, work: impl FnOnce(&mut C) -> PortResult<T>) -> PortResult<T> {
        self.call(true, work)
    }

    fn call<T>(
        &mut self,
        writes: bool,
        work: impl FnOnce(&mut C) -> PortResult<T>,
    ) -> PortResult<T> {
        let killed = || PortError::Final(KILLED.to_owned());
        if self.killed.load(Ordering::SeqCst) {
            return Err(killed());
        }
        let fate = self.gate.call(self.worker, writes);
        match (fate, &mut self.inner) {
            (Fate::Done, Some(inner)) => return work(inner),
            (Fate::Busy, _) => return Err(PortError::Retry(BUSY.to_owned())),
            (Fate::DiesAfter, Some(inner)) => drop(work(inner)),
            _ => {}
        }
        self.killed.store(true, Ordering::SeqCst);
        self.let_go();
        Err(killed())
    }

    /// The connection is gone, and its open scope with it.
    fn let_go(&mut self) {
        self.inner = None;
        if std::mem::take(&mut self.holds) {
            self.gate.holds(self.worker, false);
        }
    }
}

impl<C> Drop for Connection<'_, C> {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl<H: Home> Process<'_, H> {
    /// What reads and writes for this process.
    fn open_reader(&self) -> PortResult<Connection<'_, H::Reader>> {
        self.home.reader().map(|inner| self.connection(inner))
    }

    fn open_writer(&self) -> PortResult<Connection<'_, H::Writer>> {
        self.home.writer().map(|inner| self.connection(inner))
    }
}

/// [`Home`] hands out what borrows nothing, so a process is used by reference.
impl<'p, H: Home> Home for &'p Process<'_, H> {
    type Reader = Connection<'p, H::Reader>;
    type Writer = Connection<'p, H::Writer>;

    fn reader(&self) -> PortResult<Self::Reader> {
        self.open_reader()
    }

    fn writer(&self) -> PortResult<Self::Writer> {
        self.open_writer()
    }
}

impl<C: ReadFacts> ReadFacts for Connection<'_, C> {
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        self.read(|inner| inner.facts(partitions))
    }

    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()> {
        // Collected first: a visitor may call ports, and a call inside a call could not be left.
        let mut found = Vec::new();
        self.read(|inner| {
            inner.scan_facts(prefix, &mut |fact| {
                found.push(fact);
                Ok(())
            })
        })?;
        found.into_iter().try_for_each(visit)
    }
}

impl<C: ReadOutcomes> ReadOutcomes for Connection<'_, C> {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        self.read(|inner| inner.outcomes(subjects))
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let mut found = Vec::new();
        self.read(|inner| {
            inner.scan_outcomes(prefix, &mut |subject, outcome| {
                found.push((subject, outcome));
                Ok(())
            })
        })?;
        found.into_iter().try_for_each(|(subject, outcome)| visit(subject, outcome))
    }
}

impl<C: ReadJournal> ReadJournal for Connection<'_, C> {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        self.read(|inner| inner.entries(subject))
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        self.read(|inner| inner.scan_entries(prefix, visit))
    }
}

impl<C: WriteFacts> WriteFacts for Connection<'_, C> {
    fn open(&mut self) -> PortResult<()> {
        self.write(C::open)?;
        self.holds = true;
        self.gate.holds(self.worker, true);
        Ok(())
    }

    fn put(&mut self, unit: Unit) -> PortResult<Put> {
        self.read(|inner| inner.put(unit))
    }

    fn seal(&mut self) -> PortResult<()> {
        self.read(C::seal)
    }

    fn abandon(&mut self) -> PortResult<()> {
        self.read(C::abandon)
    }

    fn commit(&mut self) -> PortResult<()> {
        self.read(C::commit)?;
        if std::mem::take(&mut self.holds) {
            self.gate.holds(self.worker, false);
        }
        Ok(())
    }
}

impl<C: WriteOutcomes> WriteOutcomes for Connection<'_, C> {
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>> {
        self.write(|inner| inner.conclude(changes))
    }
}

impl<C: WorkQueue> WorkQueue for Connection<'_, C> {
    fn asked(&mut self, prefix: &str, most: usize) -> PortResult<Vec<Ticket>> {
        self.read(|inner| inner.asked(prefix, most))
    }

    fn ask(&mut self, subjects: &[Subject]) -> PortResult<()> {
        self.write(|inner| inner.ask(subjects))
    }

    fn last_ticket(&mut self) -> PortResult<u64> {
        self.read(WorkQueue::last_ticket)
    }

    fn answer(&mut self, tickets: &[Ticket]) -> PortResult<()> {
        self.write(|inner| inner.answer(tickets))
    }
}

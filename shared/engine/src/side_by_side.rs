//! Two scans in the same order, met name by name, in constant memory.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::port::{Fact, PortError, PortResult, ReadFacts};

/// Items in one message.
const BATCH: usize = 256;
/// Messages that may wait.
const WAITING: usize = 4;

/// Takes named things in order of name.
pub type Sink<'a, T> = dyn FnMut(String, T) -> PortResult<()> + 'a;

/// Takes a name with what either scan says of it.
pub type Visit<'a, L, R> = dyn FnMut(&str, Option<L>, Option<R>) -> PortResult<()> + 'a;

/// Runs both scans and hands over each name with what either says of it.
pub fn side_by_side<L: Send, R>(
    left: impl FnOnce(&mut Sink<'_, L>) -> PortResult<()> + Send,
    right: impl FnOnce(&mut Sink<'_, R>) -> PortResult<()>,
    visit: &mut Visit<'_, L, R>,
) -> PortResult<()> {
    std::thread::scope(|scope| {
        let (to, from) = sync_channel(WAITING);
        scope.spawn(move || send_all(left, &to));
        let mut left = Left { from, batch: Vec::new().into_iter(), next: None };
        left.advance()?;
        right(&mut |name, value| {
            while left.next.as_ref().is_some_and(|(before, _)| *before < name) {
                left.take_alone(visit)?;
            }
            let same = left.next.as_ref().is_some_and(|(same, _)| *same == name);
            let met = if same { left.next.take().map(|(_, value)| value) } else { None };
            if same {
                left.advance()?;
            }
            visit(&name, met, Some(value))
        })?;
        while left.next.is_some() {
            left.take_alone(visit)?;
        }
        Ok(())
    })
}

fn send_all<L>(
    scan: impl FnOnce(&mut Sink<'_, L>) -> PortResult<()>,
    to: &SyncSender<PortResult<Vec<(String, L)>>>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let scanned = scan(&mut |name, value| {
        batch.push((name, value));
        if batch.len() < BATCH {
            return Ok(());
        }
        to.send(Ok(std::mem::take(&mut batch)))
            .map_err(|_| PortError::Final("nobody listens".into()))
    });
    let _nobody_listens = to.send(scanned.map(|()| batch));
}

struct Left<L> {
    from: Receiver<PortResult<Vec<(String, L)>>>,
    batch: std::vec::IntoIter<(String, L)>,
    next: Option<(String, L)>,
}

impl<L> Left<L> {
    fn advance(&mut self) -> PortResult<()> {
        self.next = self.batch.next();
        while self.next.is_none() {
            let Ok(batch) = self.from.recv() else { return Ok(()) };
            self.batch = batch?.into_iter();
            self.next = self.batch.next();
        }
        Ok(())
    }

    fn take_alone<R>(&mut self, visit: &mut Visit<'_, L, R>) -> PortResult<()> {
        if let Some((name, value)) = self.next.take() {
            visit(&name, Some(value), None)?;
        }
        self.advance()
    }
}

/// Gathers what comes under one name.
pub struct Groups<'a, 'b, T> {
    name: String,
    items: Vec<T>,
    sink: &'a mut Sink<'b, Vec<T>>,
}

impl<'a, 'b, T> Groups<'a, 'b, T> {
    pub fn new(sink: &'a mut Sink<'b, Vec<T>>) -> Self {
        Self { name: String::new(), items: Vec::new(), sink }
    }

    pub fn push(&mut self, name: String, item: T) -> PortResult<()> {
        if name != self.name {
            self.end()?;
            self.name = name;
        }
        self.items.push(item);
        Ok(())
    }

    /// Hands the last group over.
    pub fn end(&mut self) -> PortResult<()> {
        if self.items.is_empty() {
            return Ok(());
        }
        (self.sink)(std::mem::take(&mut self.name), std::mem::take(&mut self.items))
    }
}

/// The facts of each partition.
pub fn partitions(
    reader: &mut impl ReadFacts,
    prefix: &str,
    sink: &mut Sink<'_, Vec<Fact>>,
) -> PortResult<()> {
    let mut groups = Groups::new(sink);
    reader.scan_facts(prefix, &mut |fact| groups.push(fact.partition.clone(), fact))?;
    groups.end()
}

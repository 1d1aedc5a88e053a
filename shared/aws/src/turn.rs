//! What a writer remembers of its turn: little, whatever the size of the input.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use engine::port::{Fact, Put, Subject};

use crate::turns::Left;

/// A turn under way.
pub(crate) struct Turn {
    pub name: String,
    /// The first unit of each open scope, inmost last.
    pub open: Vec<u32>,
    /// Number of the next unit.
    pub next: u32,
    /// Units that do not count.
    pub left: Left,
    /// What became of each unit; of those that attempts before this one stored already, too.
    said: Vec<u8>,
    /// Hashes of the names of the facts that this attempt has put: 8 bytes each.
    met: HashSet<u64>,
    /// Subjects to ask for, with the unit that asks.
    asks: Vec<(u32, Subject)>,
}

/// What became of a unit here: what was forgotten does not come as far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Known,
    New,
    /// The fact at this place is there with other content.
    Conflict(usize),
}

impl From<Stored> for Put {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Known => Self::Known,
            Stored::New => Self::New,
            Stored::Conflict(place) => Self::Conflict(place),
        }
    }
}

/// What became of a unit, as it is remembered.
const KNOWN: u8 = 0;
const NEW: u8 = 1;
const CONFLICT: u8 = 2;

impl Turn {
    /// A turn whose first units have been stored by earlier attempts.
    pub fn new(name: String, said: Vec<u8>) -> Self {
        Self {
            name,
            open: Vec::new(),
            next: 0,
            left: Left::default(),
            said,
            met: HashSet::new(),
            asks: Vec::new(),
        }
    }

    /// What earlier attempts found of the next unit, if they stored it.
    pub fn found_before(&self) -> Option<Stored> {
        self.said.get(self.next as usize).map(|said| match *said {
            KNOWN => Stored::Known,
            NEW => Stored::New,
            place => Stored::Conflict(usize::from(place - CONFLICT)),
        })
    }

    /// The next unit was put.
    pub fn end_unit<'a>(
        &mut self,
        stored: Stored,
        facts: impl Iterator<Item = &'a Fact>,
        asks: Vec<Subject>,
    ) {
        let said = match stored {
            Stored::Known => KNOWN,
            Stored::New => NEW,
            Stored::Conflict(place) => {
                CONFLICT + u8::try_from(place).expect("a unit has at most 100 facts")
            }
        };
        if self.said.len() == self.next as usize {
            self.said.push(said);
        }
        if let Stored::Conflict(_) = stored {
            self.left.leave(self.next, self.next + 1);
        } else {
            self.met.extend(facts.map(name_of));
            self.asks.extend(asks.into_iter().map(|subject| (self.next, subject)));
        }
        self.next += 1;
    }

    /// Ends the inmost scope; `None` if none is open.
    pub fn seal(&mut self) -> Option<()> {
        self.open.pop().map(drop)
    }

    /// Ends the inmost scope and leaves out its units; `None` if none is open.
    pub fn abandon(&mut self) -> Option<()> {
        let from = self.open.pop()?;
        self.left.leave(from, self.next);
        self.asks.retain(|(unit, _)| *unit < from);
        Some(())
    }

    /// Whether this attempt has put the fact before.
    pub fn met(&self, fact: &Fact) -> bool {
        self.met.contains(&name_of(fact))
    }

    /// What became of its units so far.
    pub fn said(&self) -> Vec<u8> {
        self.said.clone()
    }

    /// The subjects to ask for.
    pub fn into_asks(self) -> impl Iterator<Item = Subject> {
        self.asks.into_iter().map(|(_, subject)| subject)
    }
}

fn name_of(fact: &Fact) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&fact.partition, &fact.sort).hash(&mut hasher);
    hasher.finish()
}

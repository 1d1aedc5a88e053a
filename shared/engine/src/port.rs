//! Ports: what the use cases need from the outside, one small trait for each capability, so that a
//! function's signature tells which permission it needs.
//!
//! Ports are synchronous: the embedded adapters have nothing to await, and an adapter over a
//! network waits inside a call and overlaps the requests of one batch.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

pub use domain::fact::Source;

/// Something that is stored once and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is read together with (see [`crate::key`]).
    pub partition: String,
    /// Its identity inside the partition; facts are read in this order.
    pub sort: String,
    /// The record, as JSON.
    pub body: String,
    /// Where it came from: input and line, `file.xml:12`. Not part of what the fact says: of
    /// several sources of one fact the smallest is kept, so that the order of arrival does not
    /// show.
    pub source: Source,
}

/// The name of something that has an outcome: a partition whose outcome is computed as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(pub String);

/// Facts that are stored together or not at all, and whose outcome they may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// The facts: at most [`Unit::FACTS_MAX`].
    pub facts: Vec<Fact>,
    /// Subjects to compute again once the unit is stored. They are asked again even when every fact
    /// was known: the earlier attempt may have died in between.
    pub asks: Vec<Subject>,
}

impl Unit {
    /// The most facts that every home can store atomically (DynamoDB, TransactWriteItems).
    pub const FACTS_MAX: usize = 100;
}

/// A unit made ready to be stored in one home: see [`Home::ready`].
#[derive(Debug)]
pub struct Ready {
    /// The unit, as it is handed to the writer.
    pub unit: Unit,
    /// The place of a fact that must not be stored: see [`Put::Forgotten`].
    pub forgotten: Option<usize>,
}

/// What became of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// At least one fact was not there before.
    New,
    /// Every fact was there already, with the same content; so it is with a unit of none.
    Known,
    /// The fact at this place of the unit is there with other content: nothing was stored.
    Conflict(usize),
    /// The fact at this place of the unit is about a person of a year that was forgotten
    /// ([`crate::seal`]): nothing was stored.
    Forgotten(usize),
}

/// An outcome as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Counts the changes, from 1.
    pub version: u64,
    /// The conclusion, as JSON.
    pub body: String,
    /// Hash of the journal entry that tells of this version.
    pub entry_hash: Hash,
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// A change of an outcome, stored with its journal entry in one transaction, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose outcome.
    pub subject: Subject,
    /// The version that was read before the facts were; 0 when there was none.
    pub from_version: u64,
    /// The new conclusion.
    pub body: String,
    /// The journal entry, as JSON, without its hash.
    pub entry: String,
    /// Hash of the entry, chained on the one before of the same subject.
    pub entry_hash: Hash,
    /// The asks that this change answers: answered with it, or not at all.
    pub answers: Vec<Ticket>,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The version of the outcome that it tells of, from 1 without gaps.
    pub version: u64,
    /// The entry, as JSON.
    pub body: String,
    /// Its hash.
    pub hash: Hash,
}

/// A subject that was asked for, and the ask that it was: a later ask has a larger ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What to compute.
    pub subject: Subject,
    /// Which ask.
    pub number: u64,
}

/// Why a port could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// It may work if tried again: busy, unreachable, throttled.
    #[error("{0}")]
    Retry(String),
    /// It will not: full, damaged, forbidden.
    #[error("{0}")]
    Final(String),
}

/// A result of a port.
pub type PortResult<T> = Result<T, PortError>;

/// Reads facts. What was stored before the call is seen by it.
pub trait ReadFacts {
    /// The facts of each partition, in sort order; an unknown partition has none.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>>;

    /// Every fact whose partition begins with `prefix`, in order of partition and sort.
    ///
    /// # Errors
    /// When the store cannot be read; or the visitor's own.
    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()>;
}

/// Stores facts, input by input.
///
/// Nothing that was put since [`WriteFacts::open`] is seen by anyone else before the outermost
/// scope is sealed and committed; nothing remains of an abandoned scope, nor of what was not
/// committed when the writer is dropped. From the first open to the commit the writer may make
/// others wait, and its other capabilities that write are refused; whether it reads what it put
/// itself is left open. A call out of order is [`PortError::Final`] and changes nothing.
pub trait WriteFacts {
    /// Begins a scope. Scopes nest: a container, an entry in it.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn open(&mut self) -> PortResult<()>;

    /// Stores a unit in the inmost scope, all of it or nothing. Two facts of one unit with the same
    /// key and other content are a conflict at the second.
    ///
    /// # Errors
    /// When no scope is open, the unit has more than [`Unit::FACTS_MAX`] facts, or the store cannot
    /// be written; after the last of these the writer is of no more use. A conflict is no error:
    /// see [`Put::Conflict`].
    fn put(&mut self, unit: Unit) -> PortResult<Put>;

    /// Stores a unit that the home of this writer made ready; else as [`WriteFacts::put`].
    ///
    /// # Errors
    /// As those of [`WriteFacts::put`].
    fn put_ready(&mut self, ready: Ready) -> PortResult<Put> {
        match ready.forgotten {
            Some(place) => Ok(Put::Forgotten(place)),
            None => self.put(ready.unit),
        }
    }

    /// Ends the innermost scope and keeps what it put.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn seal(&mut self) -> PortResult<()>;

    /// Ends the innermost scope and forgets what it put.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn abandon(&mut self) -> PortResult<()>;

    /// Makes all sealed scopes durable and seen. Only between scopes.
    ///
    /// # Errors
    /// When the store cannot be written: then none of them is.
    fn commit(&mut self) -> PortResult<()>;

    /// Stores a unit in a scope of its own, and makes it durable and seen.
    ///
    /// # Errors
    /// When the store cannot be written. A conflict is no error: see [`Put::Conflict`].
    fn put_alone(&mut self, unit: Unit) -> PortResult<Put> {
        self.open()?;
        let put = self.put(unit)?;
        self.seal()?;
        self.commit()?;
        Ok(put)
    }
}

/// Reads outcomes. What was stored before the call is seen by it.
pub trait ReadOutcomes {
    /// The outcome of each subject, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>>;

    /// Every outcome whose subject begins with `prefix`, in order of subject.
    ///
    /// # Errors
    /// When the store cannot be read; or the visitor's own.
    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()>;
}

/// Stores outcomes with their journal entries.
pub trait WriteOutcomes {
    /// Stores each change whose `from_version` is still the stored version; says of each whether it
    /// was. A change, its entry and its answers are stored together or not at all. Of changes of
    /// one subject each sees those before it.
    ///
    /// # Errors
    /// When the store cannot be written: which changes of the call are stored is not known then,
    /// and a repetition finds out.
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>>;
}

/// Reads the journal.
pub trait ReadJournal {
    /// The entries of a subject, from the first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>>;

    /// Every entry whose subject begins with `prefix`, in order of subject and version.
    ///
    /// # Errors
    /// When the store cannot be read; or the visitor's own.
    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()>;
}

/// Asks for subjects to be computed.
pub trait Asks {
    /// Asks for subjects; asking again for one that is asked already is another ask.
    ///
    /// # Errors
    /// When the queue cannot be written.
    fn ask(&mut self, subjects: &[Subject]) -> PortResult<()>;
}

/// The queue of subjects to compute, where one program asks and answers. Where a service delivers
/// what was asked, nobody looks into it: there are [`Asks`] alone. Every ask has a ticket, and
/// asking again gives a new one.
pub trait WorkQueue: Asks {
    /// At most `most` asked subjects that begin with `prefix`, in order of subject.
    /// They stay asked until answered.
    ///
    /// # Errors
    /// When the queue cannot be read.
    fn asked(&mut self, prefix: &str, most: usize) -> PortResult<Vec<Ticket>>;

    /// The number of the last ticket that is committed, 0 if none: an ask with a larger number came
    /// later, together with whatever led to it. Who notes it before reading the facts may answer up
    /// to it.
    ///
    /// # Errors
    /// When the queue cannot be read.
    fn last_ticket(&mut self) -> PortResult<u64>;

    /// Forgets each ticket's subject, unless it was asked again later (with a larger number).
    ///
    /// # Errors
    /// When the queue cannot be written.
    fn answer(&mut self, tickets: &[Ticket]) -> PortResult<()>;
}

/// Where facts and outcomes live: gives a reader for each thread, and a writer.
pub trait Home: Sync {
    /// Reads the ledger and the journal.
    type Reader: ReadFacts + ReadOutcomes + ReadJournal + Send;
    /// Writes the ledger and the journal.
    type Writer: WriteFacts + WriteOutcomes + Asks + Send;

    /// A reader of one's own.
    ///
    /// # Errors
    /// When the store cannot be opened.
    fn reader(&self) -> PortResult<Self::Reader>;

    /// A writer of one's own.
    ///
    /// # Errors
    /// When the store cannot be opened.
    fn writer(&self) -> PortResult<Self::Writer>;

    /// A reader for who needs to know of no person: what is personal of positions and of receipts
    /// may be left out, as if nobody had known it.
    ///
    /// # Errors
    /// When the store cannot be opened.
    fn impersonal_reader(&self) -> PortResult<Self::Reader> {
        self.reader()
    }

    /// Does beforehand what a writer of this home would do with a unit, so that many threads can
    /// do it while one stores.
    fn ready(&self, unit: Unit) -> Ready {
        Ready { unit, forgotten: None }
    }
}

/// Keeps refused inputs aside, so that they can be looked at, mended and sent again.
pub trait Quarantine {
    /// Keeps `content` byte for byte under its SHA-256, beside a `note`, as JSON: a
    /// [`crate::record::RefusalRecord`]. Keeping it again writes the content no second time; of
    /// notes the last is kept.
    ///
    /// # Errors
    /// When the content cannot be read or kept: then nothing is.
    fn keep(&mut self, sha256: Hash, content: &mut dyn Read, note: &str) -> PortResult<()>;
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two for each subject and input: the formatter's own way takes twenty times as long.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits =
            self.0.map(|byte| [byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)]));
        f.write_str(str::from_utf8(digits.as_flattened()).expect("digits are ASCII"))
    }
}

/// A text that is no SHA-256 in 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in hexadecimal digits")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(NotAHash),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(NotAHash) };
        let bytes: Vec<u8> = pairs
            .iter()
            .map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?))
            .collect::<Result<_, NotAHash>>()?;
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// Lets a writer read through the reader in a field of it: `read_through!(Writer, reader);`.
#[macro_export]
macro_rules! read_through {
    ($writer:ty, $reader:ident) => {
        impl $crate::port::ReadFacts for $writer {
            fn facts(
                &mut self,
                partitions: &[String],
            ) -> $crate::port::PortResult<Vec<Vec<$crate::port::Fact>>> {
                $crate::port::ReadFacts::facts(&mut self.$reader, partitions)
            }

            fn scan_facts(
                &mut self,
                prefix: &str,
                visit: &mut dyn FnMut($crate::port::Fact) -> $crate::port::PortResult<()>,
            ) -> $crate::port::PortResult<()> {
                $crate::port::ReadFacts::scan_facts(&mut self.$reader, prefix, visit)
            }
        }

        impl $crate::port::ReadOutcomes for $writer {
            fn outcomes(
                &mut self,
                subjects: &[$crate::port::Subject],
            ) -> $crate::port::PortResult<Vec<Option<$crate::port::Outcome>>> {
                $crate::port::ReadOutcomes::outcomes(&mut self.$reader, subjects)
            }

            fn scan_outcomes(
                &mut self,
                prefix: &str,
                visit: &mut dyn FnMut(
                    $crate::port::Subject,
                    $crate::port::Outcome,
                ) -> $crate::port::PortResult<()>,
            ) -> $crate::port::PortResult<()> {
                $crate::port::ReadOutcomes::scan_outcomes(&mut self.$reader, prefix, visit)
            }
        }

        impl $crate::port::ReadJournal for $writer {
            fn entries(
                &mut self,
                subject: &$crate::port::Subject,
            ) -> $crate::port::PortResult<Vec<$crate::port::Entry>> {
                $crate::port::ReadJournal::entries(&mut self.$reader, subject)
            }

            fn scan_entries(
                &mut self,
                prefix: &str,
                visit: &mut dyn FnMut(
                    $crate::port::Subject,
                    $crate::port::Entry,
                ) -> $crate::port::PortResult<()>,
            ) -> $crate::port::PortResult<()> {
                $crate::port::ReadJournal::scan_entries(&mut self.$reader, prefix, visit)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_is_written_and_nothing_else_is_one() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(text.parse::<Hash>().unwrap().to_string(), text);
        let upper = text.to_uppercase();
        let escaping = format!("../{}", &text[3..]);
        let signed = format!("+{}", &text[1..]);
        let longer = format!("{text}ad");
        for other in ["", "abc", &text[2..], &longer, &upper, &escaping, &signed] {
            assert_eq!(other.parse::<Hash>(), Err(NotAHash), "{other}");
        }
    }
}

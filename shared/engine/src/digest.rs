//! The digest of the journal, day by day: what an auditor keeps, so that nobody changes the past
//! unseen.
//!
//! A digest is of all entries that were dated before the end of a day, and is made when that day
//! has been over for [`SETTLED_AFTER`]: who writes an entry dates it when his call begins, and no
//! call lasts as long, so that none of that day comes later. A digest is then a function of the
//! journal and of its day, and anybody can compute it again at any time. It names the digest
//! before it by its hash, and says whether the journal still agreed with that one.

use std::collections::BTreeMap;

use domain::clock::{in_rome, midnight_after};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::port::{Entry, Hash, Home, PortError, PortResult, ReadJournal, Subject};
use crate::reconcile::entry_hash;
use crate::record;

/// How long a day must have been over before its digest is made: four times as long as the longest
/// call of a function may last.
pub const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Where digests are kept, out of reach of who writes the journal.
pub trait Digests {
    /// The digest of the last day that has one.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn last(&mut self) -> PortResult<Option<String>>;

    /// Keeps the digest of a day, `2026-11-14`. A day that has one keeps it.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn keep(&mut self, day: &str, text: &str) -> PortResult<()>;
}

/// The digest of a day. As JSON it holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The day, in Rome.
    pub day: Date,
    /// Its end: entries dated earlier are in.
    pub until: Timestamp,
    /// The digest before; none before the first.
    pub previous: Option<Previous>,
    /// What the journal holds, by organization: by what stands before the first `#` of a subject.
    pub organizations: BTreeMap<String, Heads>,
}

/// The digest before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its day.
    pub day: Date,
    /// The SHA-256 of its text.
    pub sha256: String,
    /// Whether the journal, when this digest was made, still came to that one.
    pub holds: bool,
}

/// The chains of one organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// Subjects with an entry.
    pub subjects: u64,
    /// Their entries.
    pub entries: u64,
    /// SHA-256 of a line for each subject, in order of its bytes: the hash of its last entry,
    /// computed again from the first on, the number of that entry, the subject.
    pub sha256: String,
}

/// Makes the digest of the last day that is settled at `now`, unless there is one. None if there
/// is.
///
/// # Errors
/// When the journal cannot be read, or the digest not be kept.
pub fn close_day<H: Home>(
    home: &H,
    digests: &mut impl Digests,
    now: Timestamp,
) -> PortResult<Option<Digest>> {
    // Yesterday, as it was an hour ago.
    let day = in_rome(now - SETTLED_AFTER).date();
    let day = day.yesterday().map_err(|_| PortError::Final("there is no day before".into()))?;
    let last = digests.last()?;
    let read = last.as_deref().map(record::read::<Digest>).transpose()?;
    if read.as_ref().is_some_and(|last| last.day >= day) {
        return Ok(None);
    }
    let until = midnight_after(day);
    let moments = read.iter().map(|last| last.until).chain([until]).collect::<Vec<_>>();
    let mut found = heads(home, &moments)?;
    let organizations = found.pop().unwrap_or_default();
    let previous = read.zip(last).map(|(last, text)| Previous {
        day: last.day,
        sha256: Hash(Sha256::digest(text).into()).to_string(),
        holds: found.pop().as_ref() == Some(&last.organizations),
    });
    let digest = Digest { day, until, previous, organizations };
    digests.keep(&day.to_string(), &record::write(&digest))?;
    Ok(Some(digest))
}

/// What the journal held at each moment, by organization: read once, in constant memory.
///
/// # Errors
/// When the journal cannot be read, or holds something else than entries.
pub fn heads<H: Home>(home: &H, moments: &[Timestamp]) -> PortResult<Vec<BTreeMap<String, Heads>>> {
    let mut counts: Vec<_> = moments.iter().map(|until| Count::new(*until)).collect();
    let mut chain = (Subject(String::new()), Hash::default());
    home.reader()?.scan_entries("", &mut |subject, entry| {
        let begins = subject != chain.0;
        if begins {
            chain = (subject, Hash::default());
            counts.iter_mut().for_each(Count::end_of_subject);
        }
        let Dated { at } = record::read(&entry.body)?;
        chain.1 = entry_hash(&chain.1, &entry.body);
        for count in &mut counts {
            count.entry(&chain.0, &entry, chain.1, at);
        }
        Ok(())
    })?;
    Ok(counts.into_iter().map(Count::end).collect())
}

/// An entry, as far as it says when it was made.
#[derive(Deserialize)]
struct Dated {
    at: Timestamp,
}

/// The digest of one moment while the journal is read.
struct Count {
    until: Timestamp,
    /// Whether the subject has an entry of later: then those after it are later, too, whatever
    /// their clocks said.
    is_past: bool,
    head: Option<(Subject, u64, Hash)>,
    organizations: BTreeMap<String, (Heads, Sha256)>,
}

impl Count {
    fn new(until: Timestamp) -> Self {
        Self { until, is_past: false, head: None, organizations: BTreeMap::new() }
    }

    fn entry(&mut self, subject: &Subject, entry: &Entry, hash: Hash, at: Timestamp) {
        self.is_past |= at >= self.until;
        if !self.is_past {
            self.head = Some((subject.clone(), entry.version, hash));
        }
    }

    fn end_of_subject(&mut self) {
        self.is_past = false;
        let Some((Subject(subject), version, hash)) = self.head.take() else { return };
        let organization = subject.split('#').next().unwrap_or_default().to_owned();
        let (heads, digest) = self.organizations.entry(organization).or_default();
        heads.subjects += 1;
        heads.entries += version;
        digest.update(format!("{hash} {version} {subject}\n"));
    }

    fn end(mut self) -> BTreeMap<String, Heads> {
        self.end_of_subject();
        let ended = |(heads, digest): (Heads, Sha256)| Heads {
            sha256: Hash(digest.finalize().into()).to_string(),
            ..heads
        };
        self.organizations.into_iter().map(|(name, count)| (name, ended(count))).collect()
    }
}

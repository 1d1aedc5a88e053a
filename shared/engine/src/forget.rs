//! Forgetting persons: the keys of years that are over are destroyed, and with them whatever was
//! sealed with them, in this ledger and in every copy of it.
//!
//! Facts, outcomes, journal and sums stay as they are, and so does the proof of them. What there is
//! still something to do about keeps a key of its own until a later call finds it closed.

use std::collections::BTreeSet;

use domain::clock::in_rome;
use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::configuration::Configuration;
use crate::intake::found_by;
use crate::key::{self, Kind};
use crate::picture::{self, PictureError};
use crate::port::{
    Fact, Home, PortError, PortResult, ReadFacts, ReadOutcomes, Unit, WorkQueue, WriteFacts,
};
use crate::reconcile::read_position;
use crate::record::{self, AliasRecord};
use crate::seal::{Keyring, Sealed, years_of_fact, years_of_outcome};

/// Why nothing was forgotten.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// The ledger failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// What is open could not be worked out.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The day is after the moment.
    #[error("only what is past is forgotten: the day must not be after the as-of moment")]
    NotPast,
    /// Outcomes wait for their computation: what is open is not known.
    #[error("some outcomes are not up to date: run `quadra reconcile` first")]
    NotUpToDate,
}

/// Subjects, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subjects {
    /// Positions.
    pub positions: u64,
    /// Provvisori.
    pub credits: u64,
    /// Anomalies.
    pub anomalies: u64,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forgotten {
    /// The last year that is closed now; none where none is.
    pub until: Option<i16>,
    /// Whose personal data is gone.
    pub gone: Subjects,
    /// What of those years is still open, and keeps its personal data.
    pub open: Subjects,
}

/// Forgets the years that ended before the day `before`, and of the years that were forgotten
/// earlier what was closed since. `save` keeps the keys that are left in the place of the others.
///
/// # Errors
/// When the day is not past, outcomes wait to be computed, or the ledger or the keys cannot be read
/// or written: then nothing is forgotten.
pub fn forget<H: Home>(
    home: &Sealed<H>,
    configuration: &Configuration,
    before: Date,
    as_of: Timestamp,
    save: impl FnOnce(&Keyring) -> PortResult<()>,
) -> Result<Forgotten, ForgetError> {
    if before > in_rome(as_of).date() {
        return Err(ForgetError::NotPast);
    }
    // Nobody takes anything in meanwhile.
    let mut turn = home.writer()?;
    turn.open()?;
    if !turn.asked("", 1)?.is_empty() {
        return Err(ForgetError::NotUpToDate);
    }
    let over: BTreeSet<_> = home.ring().years().filter(|year| *year < before.year()).collect();
    let open = picture::still_open(home, configuration, as_of, before)?;
    let mut sorted = Sorted::default();
    for organization in configuration.organizations.keys() {
        sorted.read(home, organization, &over, &open)?;
    }
    find_again(home, &mut turn, &over, &sorted.open)?;
    turn.seal()?;
    turn.commit()?;
    save(&home.ring().without(&over, &sorted.open))?;
    Ok(Forgotten {
        until: Some(before.year() - 1).filter(|year| Keyring::YEARS.contains(year)),
        gone: Subjects::count(&sorted.gone),
        open: Subjects::count(&sorted.open),
    })
}

impl Subjects {
    fn count(subjects: &BTreeSet<(String, i16)>) -> Self {
        let names: BTreeSet<_> = subjects.iter().map(|(subject, _)| subject).collect();
        let of = |kind: Kind| names.iter().filter(|name| kind.has(name)).count() as u64;
        Self {
            positions: of(Kind::Position),
            credits: of(Kind::Credit),
            anomalies: of(Kind::Anomaly),
        }
    }
}

/// Subjects and years whose keys are to be destroyed, and those that are still open.
#[derive(Default)]
struct Sorted {
    gone: BTreeSet<(String, i16)>,
    open: BTreeSet<(String, i16)>,
}

impl Sorted {
    /// Reads which keys the records of an organization are sealed with.
    fn read<H: Home>(
        &mut self,
        home: &Sealed<H>,
        organization: &OrganizationCode,
        over: &BTreeSet<i16>,
        open: &BTreeSet<String>,
    ) -> PortResult<()> {
        let mut reader = home.stored().reader()?;
        let held: BTreeSet<_> = home.ring().years().collect();
        let mut sort = |subject: &str, years: Vec<i16>| {
            for year in years {
                let concerned = over.contains(&year) || !held.contains(&year);
                if concerned && home.ring().opens(subject, year) {
                    let side = if open.contains(subject) { &mut self.open } else { &mut self.gone };
                    side.insert((subject.to_owned(), year));
                }
            }
            Ok(())
        };
        for kind in [Kind::Position, Kind::Credit] {
            let prefix = kind.prefix(organization);
            reader.scan_facts(&prefix, &mut |fact| sort(&fact.partition, years_of_fact(&fact)))?;
        }
        let prefix = Kind::Anomaly.prefix(organization);
        reader.scan_outcomes(&prefix, &mut |subject, outcome| {
            sort(&subject.0, years_of_outcome(&subject, &outcome))
        })
    }
}

/// Open positions of a year that is over are found by plate and fiscal code in the first year that
/// is not: the hashes of their own year cannot be made any more.
fn find_again<H: Home>(
    home: &Sealed<H>,
    turn: &mut impl WriteFacts,
    over: &BTreeSet<i16>,
    open: &BTreeSet<(String, i16)>,
) -> PortResult<()> {
    let Some(year) = home.ring().years().find(|year| !over.contains(year)) else { return Ok(()) };
    let mut reader = home.reader()?;
    let partitions: BTreeSet<_> = open.iter().map(|(subject, _)| subject.clone()).collect();
    let is_position = |partition: &String| Kind::Position.has(partition);
    for partition in partitions.into_iter().filter(is_position) {
        for fact in reader.facts(&[partition])?.remove(0) {
            if !fact.sort.starts_with(key::VERSION) {
                continue;
            }
            let position = read_position(&fact.body)?;
            let alias = AliasRecord { position_id: position.position_id.to_string() };
            let found = found_by(&position, year).map(|partition| Fact {
                partition,
                sort: alias.position_id.clone(),
                body: record::write(&alias),
                source: fact.source.clone(),
            });
            turn.put(Unit { facts: found.collect(), asks: Vec::new() })?;
        }
    }
    Ok(())
}

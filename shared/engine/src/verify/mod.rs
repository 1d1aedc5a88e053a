//! The audit of a ledger: the chains of the journal, every outcome computed again from the facts,
//! and the conservation of the money.
//!
//! Nothing is stored. Nobody else stores anything meanwhile either: the audit has the writer's
//! turn, so that what it compares is of one moment. What it cannot see is a fact changed where no
//! outcome depends on it, such as the year of a debt: facts are not chained, conclusions are.

mod chain;
mod outcomes;
mod sums;

use jiff::Timestamp;
use report::{Nowhere, ReportError};

use crate::configuration::Configuration;
use crate::picture::{self, PictureError};
use crate::port::{Home, PortError, PortResult, WorkQueue, WriteFacts};
use crate::seal::Sealed;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// The entries of each subject, and that they end in its outcome.
    Chains,
    /// The outcome of each flow, computed again.
    Flows,
    /// The outcome of each credit, computed again.
    Credits,
    /// The outcome of each position with its payments, computed again.
    Positions,
    /// The outcome of each IUV that no position owns, computed again.
    Iuvs,
    /// The sums of each revision of a flow, against its lines.
    FlowSums,
    /// That every cent that came in is accounted for, organization by organization.
    Conservation,
}

/// What is wrong with a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wrong {
    /// An entry is missing: the version it should have.
    EntryMissing(u64),
    /// The hash of the entry of this version is not that of its text.
    EntryHash(u64),
    /// The entry of this version does not follow from the one before.
    EntryLink(u64),
    /// The outcome is not what the last entry says.
    OutcomeNotOfJournal,
    /// There are entries and no outcome.
    NoOutcome,
    /// There is an outcome and no entry.
    NoEntry,
    /// The outcome is not what follows from the facts.
    OutcomeNotOfFacts,
    /// There is an outcome and no fact.
    NoFacts,
    /// There are facts and no outcome, and nobody asks for one.
    NeverConcluded,
    /// The lines do not add up to what the revision was sealed with.
    Sums,
    /// The money is not accounted for.
    NotConserved,
    /// A record that this program did not write.
    Unreadable,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// Which check found it.
    pub check: Check,
    /// The subject; nothing personal.
    pub subject: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What one check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many were looked at.
    pub checked: u64,
    /// How many are wrong.
    pub wrong: u64,
    /// How many differ because they were asked for and not computed yet.
    pub not_up_to_date: u64,
}

/// What an audit came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Each check, in order.
    pub checks: Vec<(Check, Tally)>,
    /// What is wrong: at most [`Audit::FAULTS_MAX`]; the tallies count all.
    pub faults: Vec<Fault>,
}

impl Check {
    /// Every check, in the order in which they are made.
    pub const ALL: [Self; 7] = [
        Self::Chains,
        Self::Flows,
        Self::Credits,
        Self::Positions,
        Self::Iuvs,
        Self::FlowSums,
        Self::Conservation,
    ];
}

impl Audit {
    /// The most faults that are named; the others are counted.
    pub const FAULTS_MAX: usize = 100;

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong() == 0
    }

    /// How many things are wrong.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.checks.iter().map(|(_, tally)| tally.wrong).sum()
    }

    /// How many outcomes are not up to date.
    #[must_use]
    pub fn not_up_to_date(&self) -> u64 {
        self.checks.iter().map(|(_, tally)| tally.not_up_to_date).sum()
    }

    fn new() -> Self {
        Self {
            checks: Check::ALL.map(|check| (check, Tally::default())).to_vec(),
            faults: Vec::new(),
        }
    }

    fn tally(&mut self, check: Check) -> &mut Tally {
        &mut self.checks[check as usize].1
    }

    fn checked(&mut self, check: Check) {
        self.tally(check).checked += 1;
    }

    fn fault(&mut self, check: Check, subject: &str, wrong: Wrong) {
        self.tally(check).wrong += 1;
        if self.faults.len() < Self::FAULTS_MAX {
            self.faults.push(Fault { check, subject: subject.to_owned(), wrong });
        }
    }
}

/// Checks the whole ledger. `progress` is told how many things were looked at so far.
///
/// # Errors
/// When the ledger cannot be read. What it holds that is wrong is no error: see [`Audit`].
pub fn verify<H: Home<Writer: WorkQueue>>(
    home: &Sealed<H>,
    configuration: &Configuration,
    as_of: Timestamp,
    progress: &mut dyn FnMut(u64),
) -> PortResult<Audit> {
    let mut audit = Audit::new();
    let mut turn = home.writer()?;
    turn.open()?;
    // The hashes are of what is stored.
    ledger((home, home.stored()), &mut turn, configuration, &mut audit, progress)?;
    conservation(home, configuration, as_of, &mut audit)?;
    turn.abandon()?;
    turn.commit()?;
    Ok(audit)
}

/// Checks the ledger but not what a report makes of it, for who writes a report anyway. Nobody may
/// store anything meanwhile.
///
/// # Errors
/// When the ledger cannot be read.
pub fn verify_ledger<H: Home<Writer: WorkQueue>>(
    home: &H,
    configuration: &Configuration,
) -> PortResult<Audit> {
    let mut audit = Audit::new();
    ledger((home, home), &mut home.writer()?, configuration, &mut audit, &mut |_| {})?;
    Ok(audit)
}

/// `stored` is the home as it is stored, of which the hashes are.
fn ledger<H: Home, S: Home>(
    (home, stored): (&H, &S),
    queue: &mut impl WorkQueue,
    configuration: &Configuration,
    audit: &mut Audit,
    progress: &mut dyn FnMut(u64),
) -> PortResult<()> {
    chain::check(stored, audit, progress)?;
    for organization in configuration.organizations.keys() {
        outcomes::check(home, queue, organization, audit, progress)?;
        sums::check(home, organization, audit)?;
    }
    Ok(())
}

/// The report checks by itself that its rows account for every cent.
fn conservation<H: Home>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
    audit: &mut Audit,
) -> PortResult<()> {
    audit.checked(Check::Conservation);
    let wrong = match picture::write_report(home, configuration, as_of, Nowhere) {
        Ok(_) => return Ok(()),
        Err(PictureError::Report(ReportError::NotConserved { .. })) => Wrong::NotConserved,
        Err(PictureError::Port(PortError::Retry(why))) => return Err(PortError::Retry(why)),
        Err(_) => Wrong::Unreadable,
    };
    audit.fault(Check::Conservation, "conservation", wrong);
    Ok(())
}

/// Whether a subject is asked for and not computed yet.
fn is_asked(queue: &mut impl WorkQueue, subject: &str) -> PortResult<bool> {
    let first = queue.asked(subject, 1)?;
    Ok(first.first().is_some_and(|ticket| ticket.subject.0 == subject))
}

/// A result, or that the record cannot be read: that is a fault of the ledger, not of the audit.
fn readable<T>(result: PortResult<T>) -> PortResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(PortError::Final(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

//! What time alone changes, and stuck work asked again.
//!
//! Outcomes follow from facts alone, so no hour makes one wrong. Two things depend on the moment:
//! which anomalies are open, which is remembered here, and whether an ask was lost. An ask follows
//! the commit of its facts, and its message may die with all its tries: then facts are newer than
//! the conclusion, or there is none. Nothing stored tells the first, since a conclusion that new
//! facts do not change is not stored again. So every subject is computed again once in
//! [`ROUND_DAYS`], a part of them each day; what is right already stores nothing.

use domain::identifier::OrganizationCode;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::configuration::Configuration;
use crate::key::Kind;
use crate::picture::{self, Overview, PictureError};
use crate::port::{Asks, Fact, Home, Outcome, PortResult, ReadOutcomes, Subject};
use crate::reconcile::owner;
use crate::side_by_side::{partitions, side_by_side};

/// Days in which every subject is asked for once.
pub const ROUND_DAYS: i64 = 28;
/// Subjects in one call of the queue.
const ASKS_MAX: usize = 1_000;
const DAY_SECONDS: i64 = 86_400;

/// What is asked for again, beside what was never concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// The part of this day.
    OfDay(Timestamp),
    /// Everything: the rules are others.
    All,
}

/// Works the picture out at `as_of`, remembers which anomalies are open and which have closed since
/// the last time, and asks for what is stuck: says how many subjects.
///
/// # Errors
/// When the ledger cannot be read or written, or the money does not add up.
pub fn sweep<H: Home>(
    home: &H,
    configuration: &Configuration,
    share: Share,
    as_of: Timestamp,
    now: Timestamp,
) -> Result<(Overview, u64), PictureError> {
    let asked = ask_again(home, configuration, share)?;
    let overview = picture::write_report(home, configuration, as_of, report::Nowhere)?;
    picture::remember(home, configuration, as_of, now, &overview.anomalies)?;
    Ok((overview, asked))
}

/// Asks for what has facts and was never concluded, and for a share of all else: says how many
/// subjects. In constant memory.
///
/// # Errors
/// When the ledger cannot be read, or the queue not be written.
pub fn ask_again<H: Home>(
    home: &H,
    configuration: &Configuration,
    share: Share,
) -> PortResult<u64> {
    let mut asking = Asking { writer: home.writer()?, waiting: Vec::new(), asked: 0 };
    for organization in configuration.organizations.keys() {
        for kind in [Kind::Flow, Kind::Credit, Kind::Position, Kind::Iuv] {
            stuck(home, organization, kind, share, &mut asking)?;
        }
    }
    asking.ask()?;
    Ok(asking.asked)
}

/// Subjects on their way to the queue.
struct Asking<W> {
    writer: W,
    waiting: Vec<Subject>,
    asked: u64,
}

impl<W: Asks> Asking<W> {
    fn push(&mut self, name: &str) -> PortResult<()> {
        self.waiting.push(Subject(name.to_owned()));
        if self.waiting.len() == ASKS_MAX { self.ask() } else { Ok(()) }
    }

    fn ask(&mut self) -> PortResult<()> {
        self.asked += self.waiting.len() as u64;
        self.writer.ask(&std::mem::take(&mut self.waiting))
    }
}

/// Subjects of a kind that have facts, and no outcome or the turn of a day. A provvisorio of which
/// only reversali speak has no outcome for good: it is asked for daily, and nothing comes of it.
fn stuck<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    kind: Kind,
    share: Share,
    asking: &mut Asking<H::Writer>,
) -> PortResult<()> {
    let prefix = kind.prefix(organization);
    let (mut facts, mut outcomes) = (home.reader()?, home.reader()?);
    side_by_side(
        |sink| partitions(&mut facts, &prefix, sink),
        |sink| outcomes.scan_outcomes(&prefix, &mut |subject, stored| sink(subject.0, stored)),
        &mut |name, facts: Option<Vec<Fact>>, stored: Option<Outcome>| {
            let Some(facts) = facts else { return Ok(()) };
            // What a position owns is computed with it.
            let is_owned = kind == Kind::Iuv && owner(&facts)?.is_some();
            let is_due = stored.is_none() || share.has(name);
            if is_due && !is_owned { asking.push(name) } else { Ok(()) }
        },
    )
}

impl Share {
    /// Whether a subject is in it: by a hash of its name, so that the parts are of one size.
    fn has(self, name: &str) -> bool {
        let Self::OfDay(moment) = self else { return true };
        let day = moment.as_second().div_euclid(DAY_SECONDS);
        let digest = Sha256::digest(name.as_bytes());
        let place = i64::from(u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]));
        (place - day).rem_euclid(ROUND_DAYS) == 0
    }
}

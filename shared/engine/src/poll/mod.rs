//! Fetches published flows from pagoPA into the inbox.
//!
//! The archive is the record of what was fetched: a revision is kept whole, before anything reads
//! it, under a name that follows from what it is. What it holds already is not fetched again, so
//! that a poll may die anywhere, or run twice, and lose nothing. The cursor only shortens the list:
//! it advances when nothing of the list is missing.

mod account;
mod cursor;
mod document;
mod port;

use domain::identifier::OrganizationCode;
use jiff::{SignedDuration, Timestamp};

pub use account::{Keyless, Keys, KeysError, accounts};
pub use document::PAGES_MAX;
pub use port::{Account, ApiKey, Archive, Listing, Page, Published, PublishedFlows};

use self::document::Document;
use crate::port::{Home, PortError, PortResult};

/// The service refuses to look back more than a month; the shortest has so many days. An older
/// cursor is not named to it: then it goes back as far as it can.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(28 * 24);
/// How much of the list is looked at again: a revision that was listed late, or slipped from one
/// page to another while the list was read, is met by the next poll.
const OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most pages of a list: a million flows.
pub const LIST_PAGES_MAX: u32 = 1000;
/// Flows that cannot be had just now, one after another, before the service is taken to be down.
const IN_VAIN_MAX: u32 = 3;
/// The most revisions of one flow.
pub const REVISIONS_MAX: u32 = 100;

/// What became of one account.
#[derive(Debug)]
pub struct Polled {
    /// The organization.
    pub organization: OrganizationCode,
    /// The intermediary whose key was used.
    pub intermediary: String,
    /// Revisions that were fetched and archived.
    pub archived: u64,
    /// Listed revisions that the archive held already.
    pub held: u64,
    /// Flows that could not be had, each with the reason: they are tried again.
    pub failed: Vec<(Published, PortError)>,
    /// Entries of the list that name no flow.
    pub unreadable: usize,
    /// The last complete poll before this one. None when there was none for a month: of what was
    /// published before that the service tells nothing.
    pub cursor: Option<Timestamp>,
    /// How it ended.
    pub end: End,
}

/// How the poll of an account ended.
#[derive(Debug)]
pub enum End {
    /// All that is listed was looked at.
    Complete,
    /// The time ran out: the next poll goes on.
    OutOfTime,
    /// The service or the ledger failed: the next poll goes on.
    Stopped(PortError),
}

/// Polls each account. `now` is the moment of the call; `go_on` says, before each revision, whether
/// there is time for one more.
pub fn run<H: Home>(
    home: &H,
    service: &mut dyn PublishedFlows,
    archive: &mut dyn Archive,
    accounts: &[Account],
    now: Timestamp,
    go_on: &mut dyn FnMut() -> bool,
) -> Vec<Polled> {
    accounts
        .iter()
        .map(|account| {
            let polled = Polled::new(account);
            let mut poll = Poll { service, archive, account, go_on, polled, in_vain: 0 };
            let end = poll.all(home, now);
            Polled { end: end.unwrap_or_else(End::Stopped), ..poll.polled }
        })
        .collect()
}

struct Poll<'a> {
    service: &'a mut dyn PublishedFlows,
    archive: &'a mut dyn Archive,
    account: &'a Account,
    go_on: &'a mut dyn FnMut() -> bool,
    polled: Polled,
    /// Flows since the last that was had.
    in_vain: u32,
}

impl Poll<'_> {
    fn all<H: Home>(&mut self, home: &H, now: Timestamp) -> PortResult<End> {
        self.polled.cursor = cursor::last(home, self.account, now, LOOK_BACK)?;
        let after = self.polled.cursor.map(|through| through - OVERLAP);
        for flow in self.list(after.filter(|after| *after >= now - LOOK_BACK))? {
            if !self.flow(&flow)? {
                return Ok(End::OutOfTime);
            }
        }
        if self.polled.failed.is_empty() && self.polled.unreadable == 0 {
            cursor::advance(home, self.account, now)?;
        }
        Ok(End::Complete)
    }

    /// The whole list, before anything is fetched: it moves while it is read.
    fn list(&mut self, after: Option<Timestamp>) -> PortResult<Vec<Published>> {
        let mut flows = Vec::new();
        let mut page = 1;
        loop {
            let listing = self.service.list(self.account, after, page)?;
            self.polled.unreadable += listing.unreadable;
            flows.extend(listing.flows);
            if page >= listing.pages {
                return Ok(flows);
            }
            if page == LIST_PAGES_MAX {
                let told = format!("the list must have at most {LIST_PAGES_MAX} pages");
                return Err(PortError::Final(told));
            }
            page += 1;
        }
    }

    /// Fetches the revisions of a flow that are not there yet; false when there is no time.
    fn flow(&mut self, listed: &Published) -> PortResult<bool> {
        if listed.revision > REVISIONS_MAX {
            let told = format!("a flow must have at most {REVISIONS_MAX} revisions");
            self.failed(listed.clone(), PortError::Final(told))?;
            return Ok(true);
        }
        for revision in 1..=listed.revision {
            if !(self.go_on)() {
                return Ok(false);
            }
            let flow = Published { revision, ..listed.clone() };
            match self.revision(&flow) {
                Ok(true) => {}
                // Only the last is sure to be there: the service may drop those that it replaced.
                Ok(false) if revision < listed.revision => {}
                Ok(false) => {
                    self.failed(flow, PortError::Final("listed, but not there".into()))?;
                }
                Err(error) => self.failed(flow, error)?,
            }
        }
        Ok(true)
    }

    /// Notes a flow that cannot be had: another may be. When the service is down they all wait.
    fn failed(&mut self, flow: Published, error: PortError) -> PortResult<()> {
        if matches!(error, PortError::Retry(_)) {
            self.in_vain += 1;
            if self.in_vain == IN_VAIN_MAX {
                return Err(error);
            }
        }
        self.polled.failed.push((flow, error));
        Ok(())
    }

    /// Sees to it that the archive holds a revision; false when the service has it not.
    fn revision(&mut self, flow: &Published) -> PortResult<bool> {
        let name = name(&self.account.organization, flow);
        if self.archive.holds(&name)? {
            self.polled.held += 1;
            return Ok(true);
        }
        let Some(mut document) = Document::begin(self.service, self.account, flow)? else {
            return Ok(false);
        };
        let kept = self.archive.keep(&name, &mut document);
        kept.map_err(|error| document.cause(error))?;
        self.in_vain = 0;
        self.polled.archived += 1;
        Ok(true)
    }
}

impl Polled {
    fn new(account: &Account) -> Self {
        Self {
            organization: account.organization.clone(),
            intermediary: account.intermediary.clone(),
            archived: 0,
            held: 0,
            failed: Vec::new(),
            unreadable: 0,
            cursor: None,
            end: End::Complete,
        }
    }
}

/// The name of a revision in the inbox: the same whichever intermediary it was fetched through.
fn name(organization: &OrganizationCode, flow: &Published) -> String {
    let Published { iuf, psp, revision } = flow;
    let (iuf, psp) = (plain(iuf.as_str()), plain(psp.as_str()));
    format!("fdr/{organization}/{iuf}.{psp}.{revision}.json")
}

/// `text` with all but letters, digits, `-` and `_` as `=XX`: identifiers are free text of others,
/// and a name must have neither folders nor signs that some store rewrites.
fn plain(text: &str) -> String {
    let plain = |byte: u8| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            char::from(byte).to_string()
        } else {
            format!("={byte:02X}")
        }
    };
    text.bytes().map(plain).collect()
}

//! What polling needs from the outside.

use std::fmt;
use std::io::Read;

use domain::identifier::{Iuf, OrganizationCode, Psp};
use jiff::Timestamp;

use crate::port::PortResult;

/// On whose behalf pagoPA is asked: the key of an intermediary sees the flows of the organizations
/// that are its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The organization whose flows are wanted.
    pub organization: OrganizationCode,
    /// The technology partner, as the station table names it.
    pub intermediary: String,
    /// Its key.
    pub key: ApiKey,
}

/// A subscription key: seen by who sends it alone.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub String);

/// A revision of a flow, as the service lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `fdr`.
    pub iuf: Iuf,
    /// `pspId`.
    pub psp: Psp,
    /// `revision`, from 1. Only the last is listed.
    pub revision: u32,
}

/// A page of the list of published flows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The flows.
    pub flows: Vec<Published>,
    /// Entries that name no flow one could ask for.
    pub unreadable: usize,
    /// How many pages the list has.
    pub pages: u32,
}

/// A page of the payments of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What the service answered, byte for byte: one JSON object.
    pub body: Vec<u8>,
    /// How many pages the revision has.
    pub pages: u32,
}

/// The published flows of pagoPA (FdR REST, `FDR [ORG]`).
///
/// An error is [`crate::port::PortError::Retry`] when the service may answer another time, after
/// the adapter itself has tried again.
pub trait PublishedFlows {
    /// A page, from 1, of the flows that were published later than `after`; without it, as far
    /// back as the service goes (a month).
    ///
    /// # Errors
    /// When the service does not answer what it should.
    fn list(
        &mut self,
        account: &Account,
        after: Option<Timestamp>,
        page: u32,
    ) -> PortResult<Listing>;

    /// The header of a revision, byte for byte: one JSON object. None when the service has it not.
    ///
    /// # Errors
    /// When the service does not answer what it should.
    fn flow(&mut self, account: &Account, flow: &Published) -> PortResult<Option<Vec<u8>>>;

    /// A page, from 1, of the payments of a revision. None when the service has it not.
    ///
    /// # Errors
    /// When the service does not answer what it should.
    fn payments(
        &mut self,
        account: &Account,
        flow: &Published,
        page: u32,
    ) -> PortResult<Option<Page>>;
}

/// Where what was fetched is kept, and taken in from: the inbox.
pub trait Archive {
    /// Whether there is something under this name.
    ///
    /// # Errors
    /// When the archive cannot be read.
    fn holds(&mut self, name: &str) -> PortResult<bool>;

    /// Keeps `content` under `name`: all of it or nothing.
    ///
    /// # Errors
    /// When the content cannot be read or kept: then nothing is.
    fn keep(&mut self, name: &str, content: &mut dyn Read) -> PortResult<()>;
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

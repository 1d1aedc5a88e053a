//! HTTP client of pagoPA's FdR REST interface for organizations (`FDR [ORG]`, OpenAPI 1.1.60).
//!
//! It asks, tries again when the service is busy, and checks that an answer is what was asked for.
//! What it hands on is byte for byte what the service said; its errors hold statuses and codes,
//! never the text of an answer.

mod answer;
mod call;

use std::time::Duration;

use engine::poll::{Account, Listing, Page, Published, PublishedFlows};
use engine::port::{PortError, PortResult};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::call::Calls;

/// Flows in a page of the list, and payments in a page of a flow: the most that the service gives.
const PAGE_SIZE: u32 = 1000;
/// The largest page that is read: four times a full one.
const PAGE_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// The largest header of a flow that is read.
const HEADER_BYTES_MAX: u64 = 64 * 1024;

/// What stands for itself in a part of a path.
const PATH_PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The FdR service of pagoPA.
pub struct Fdr {
    base: String,
    calls: Calls,
}

impl Fdr {
    /// A client of the service at `base`, for example
    /// `https://api.platform.pagopa.it/fdr-org/service/v1`. Calls nothing yet.
    ///
    /// # Errors
    /// When the base is not `https`: a key goes in the clear to this machine alone.
    pub fn new(base: &str) -> PortResult<Self> {
        Self::waiting_by(base, Box::new(std::thread::sleep))
    }

    /// The same, with `wait` to wait between a call and the next try.
    ///
    /// # Errors
    /// As [`Fdr::new`].
    pub fn waiting_by(base: &str, wait: Box<dyn FnMut(Duration) + Send>) -> PortResult<Self> {
        if !base.starts_with("https://") && !base.starts_with("http://127.0.0.1:") {
            return Err(PortError::Final("the address of pagoPA must begin with https://".into()));
        }
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { base, calls: Calls::new(wait) })
    }

    fn of_organization(&self, account: &Account) -> String {
        format!("{}/organizations/{}/fdrs", self.base, part(&account.organization.to_string()))
    }

    fn of_flow(&self, account: &Account, flow: &Published) -> String {
        let Published { iuf, psp, revision } = flow;
        let (iuf, psp) = (part(iuf.as_str()), part(psp.as_str()));
        let flows = self.of_organization(account);
        format!("{flows}/{iuf}/revisions/{revision}/psps/{psp}")
    }
}

impl PublishedFlows for Fdr {
    fn list(
        &mut self,
        account: &Account,
        after: Option<Timestamp>,
        page: u32,
    ) -> PortResult<Listing> {
        let flows = self.of_organization(account);
        let after = after.map_or(String::new(), |after| format!("&publishedGt={after}"));
        let url = format!("{flows}?page={page}&size={PAGE_SIZE}{after}");
        let body = self.calls.get(&url, &account.key, PAGE_BYTES_MAX)?;
        let body = body.ok_or_else(|| {
            PortError::Final("pagoPA does not know the organization (404)".into())
        })?;
        answer::listing(&body, page)
    }

    fn flow(&mut self, account: &Account, flow: &Published) -> PortResult<Option<Vec<u8>>> {
        let url = self.of_flow(account, flow);
        let Some(body) = self.calls.get(&url, &account.key, HEADER_BYTES_MAX)? else {
            return Ok(None);
        };
        answer::is_header_of(&body, flow)?;
        Ok(Some(body))
    }

    fn payments(
        &mut self,
        account: &Account,
        flow: &Published,
        page: u32,
    ) -> PortResult<Option<Page>> {
        let url = format!("{}/payments?page={page}&size={PAGE_SIZE}", self.of_flow(account, flow));
        let Some(body) = self.calls.get(&url, &account.key, PAGE_BYTES_MAX)? else {
            return Ok(None);
        };
        let pages = answer::pages(&body, page)?;
        Ok(Some(Page { body, pages }))
    }
}

/// Free text as one part of a path. A part of dots alone would climb: no identifier is one.
fn part(text: &str) -> String {
    utf8_percent_encode(text, PATH_PART).to_string()
}

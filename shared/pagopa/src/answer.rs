//! What an answer says of itself, as far as asking on needs it.

use domain::identifier::{Iuf, Psp};
use engine::poll::{Listing, Published};
use engine::port::{PortError, PortResult};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// `PaginatedFlowsResponse` and `PaginatedPaymentsResponse`, without what they list.
#[derive(Deserialize)]
struct Paged {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    page_number: u32,
    tot_page: u32,
}

/// `data` of `PaginatedFlowsResponse`.
#[derive(Deserialize)]
struct Flows {
    data: Vec<serde_json::Value>,
}

/// `FlowByPSP`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Flow {
    fdr: String,
    psp_id: String,
    revision: u32,
}

/// `SingleFlowResponse`, as far as it names the flow.
#[derive(Deserialize)]
struct Header {
    fdr: String,
    revision: u32,
}

/// Reads a page of the list.
pub(crate) fn listing(body: &[u8], page: u32) -> PortResult<Listing> {
    let pages = pages(body, page)?;
    let Flows { data } = json(body)?;
    let entries = data.len();
    let flows: Vec<_> = data.into_iter().filter_map(published).collect();
    Ok(Listing { unreadable: entries - flows.len(), flows, pages })
}

/// How many pages there are; the answer must be the page that was asked for.
pub(crate) fn pages(body: &[u8], page: u32) -> PortResult<u32> {
    let Paged { metadata } = json(body)?;
    if metadata.page_number != page {
        return Err(PortError::Final("pagoPA answered another page than was asked for".into()));
    }
    Ok(metadata.tot_page)
}

/// Checks that a header is of the flow that was asked for: it is archived under its name.
pub(crate) fn is_header_of(body: &[u8], flow: &Published) -> PortResult<()> {
    let header: Header = json(body)?;
    if header.fdr != flow.iuf.as_str() || header.revision != flow.revision {
        return Err(PortError::Final("pagoPA answered another flow than was asked for".into()));
    }
    Ok(())
}

fn published(entry: serde_json::Value) -> Option<Published> {
    let flow: Flow = serde_json::from_value(entry).ok()?;
    let iuf = Iuf::parse(&flow.fdr).ok()?;
    let psp = Psp::parse(&flow.psp_id).ok()?;
    // Parts of a path that would climb.
    let climbs = |text: &str| matches!(text, "." | "..");
    let good = flow.revision > 0 && !climbs(iuf.as_str()) && !climbs(psp.as_str());
    good.then_some(Published { iuf, psp, revision: flow.revision })
}

/// Reads JSON; what is wrong with it may hold values, and is not told.
fn json<T: DeserializeOwned>(body: &[u8]) -> PortResult<T> {
    serde_json::from_slice(body).map_err(|error| {
        PortError::Final(format!("pagoPA answered something else: {:?}", error.classify()))
    })
}

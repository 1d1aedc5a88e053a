//! What polling does with a service that is told what to say: nothing is lost, nothing comes twice.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use conformance::{Memory, MemoryReader, MemoryWriter};
use domain::identifier::{Iuf, OrganizationCode, Psp};
use engine::poll::{
    self, Account, ApiKey, Archive, End, Listing, Page, Polled, Published, PublishedFlows,
};
use engine::port::{Home, PortError, PortResult};
use jiff::Timestamp;

struct InMemory(Memory);

impl Home for InMemory {
    type Reader = MemoryReader;
    type Writer = MemoryWriter;

    fn reader(&self) -> PortResult<MemoryReader> {
        Ok(conformance::Home::reader(&self.0))
    }

    fn writer(&self) -> PortResult<MemoryWriter> {
        Ok(conformance::Home::writer(&self.0))
    }
}

/// Flows with their moment of publication, their revisions and the pages of each revision.
#[derive(Default)]
struct Service {
    flows: Vec<(&'static str, &'static str, u32)>,
    pages: u32,
    list_page: usize,
    /// Calls that fail, by what they ask for.
    faults: BTreeMap<String, fn() -> PortError>,
    /// What was asked, in order.
    asked: Vec<String>,
    /// Revisions that were replaced and dropped.
    dropped: BTreeSet<(String, u32)>,
}

impl Service {
    fn of(flows: &[(&'static str, &'static str, u32)]) -> Self {
        Self { flows: flows.to_vec(), pages: 1, list_page: 1000, ..Self::default() }
    }

    fn ask(&mut self, what: String) -> PortResult<()> {
        let fault = self.faults.get(&what).map(|fault| fault());
        self.asked.push(what);
        fault.map_or(Ok(()), Err)
    }
}

impl PublishedFlows for Service {
    fn list(
        &mut self,
        _account: &Account,
        after: Option<Timestamp>,
        page: u32,
    ) -> PortResult<Listing> {
        self.ask(format!("list {page} after {}", after.map_or("-".into(), |at| at.to_string())))?;
        let listed: Vec<_> = self
            .flows
            .iter()
            .filter(|(_, published, _)| {
                after.is_none_or(|at| published.parse::<Timestamp>().unwrap() > at)
            })
            .map(|(iuf, _, revision)| flow(iuf, *revision))
            .collect();
        let pages: Vec<_> = listed.chunks(self.list_page).collect();
        Ok(Listing {
            flows: pages.get(page as usize - 1).map_or(Vec::new(), |page| page.to_vec()),
            unreadable: 0,
            pages: u32::try_from(pages.len()).unwrap(),
        })
    }

    fn flow(&mut self, _account: &Account, flow: &Published) -> PortResult<Option<Vec<u8>>> {
        self.ask(format!("{} {}", flow.iuf, flow.revision))?;
        let gone = self.dropped.contains(&(flow.iuf.to_string(), flow.revision));
        let (sum, lines) = (f_sum(self.pages), self.pages);
        Ok((!gone).then(|| {
            format!(
                r#"{{"fdr":"{}","revision":{},"fdrDate":"2026-11-20T10:00:00Z","regulation":"TRN1","regulationDate":"2026-11-20","sender":{{"type":"BIC_CODE","id":"BCITITMM","pspId":"BCITITMM"}},"receiver":{{"organizationId":"01234567897"}},"totPayments":{lines},"sumPayments":{sum}}}"#,
                flow.iuf, flow.revision
            )
            .into_bytes()
        }))
    }

    fn payments(
        &mut self,
        _account: &Account,
        flow: &Published,
        page: u32,
    ) -> PortResult<Option<Page>> {
        self.ask(format!("{} {} page {page}", flow.iuf, flow.revision))?;
        let of = self.pages;
        let body = format!(
            r#"{{"metadata":{{"pageSize":1,"pageNumber":{page},"totPage":{of}}},"count":{of},"data":[{{"index":{page},"iuv":"01{page:015}","iur":"R{page}","idTransfer":1,"pay":10.50,"payStatus":"EXECUTED","payDate":"2026-11-19T00:00:00Z"}}]}}"#
        );
        Ok(Some(Page { body: body.into_bytes(), pages: of }))
    }
}

/// 10.50 for each page.
fn f_sum(pages: u32) -> String {
    let cents = 1050 * u64::from(pages);
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[derive(Default)]
struct Inbox {
    files: BTreeMap<String, String>,
    writes: usize,
    /// After so many more files the machine stops.
    dies_after: Option<usize>,
}

impl Archive for Inbox {
    fn holds(&mut self, name: &str) -> PortResult<bool> {
        Ok(self.files.contains_key(name))
    }

    fn keep(&mut self, name: &str, content: &mut dyn Read) -> PortResult<()> {
        let mut text = String::new();
        content.read_to_string(&mut text).map_err(|_| PortError::Retry("unread".into()))?;
        assert!(self.dies_after != Some(0), "the machine stops");
        self.dies_after = self.dies_after.map(|left| left - 1);
        self.writes += 1;
        self.files.insert(name.to_owned(), text);
        Ok(())
    }
}

fn flow(iuf: &str, revision: u32) -> Published {
    Published { iuf: Iuf::parse(iuf).unwrap(), psp: Psp::parse("BCITITMM").unwrap(), revision }
}

fn account(intermediary: &str) -> Account {
    Account {
        organization: OrganizationCode::parse("01234567897").unwrap(),
        intermediary: intermediary.into(),
        key: ApiKey("secret".into()),
    }
}

fn poll(home: &InMemory, service: &mut Service, inbox: &mut Inbox, now: &str) -> Polled {
    let accounts = [account("INT-A")];
    let now = now.parse().unwrap();
    poll::run(home, service, inbox, &accounts, now, &mut || true).remove(0)
}

fn names(inbox: &Inbox) -> Vec<&str> {
    inbox.files.keys().map(String::as_str).collect()
}

fn retry() -> PortError {
    PortError::Retry("busy (429)".into())
}

fn final_() -> PortError {
    PortError::Final("refused".into())
}

const A: (&str, &str, u32) = ("2026-11-20BCITITMM-A", "2026-11-20T11:00:00Z", 1);
const B: (&str, &str, u32) = ("2026-11-21BCITITMM-B", "2026-11-21T11:00:00Z", 1);

fn home() -> InMemory {
    InMemory(Memory::default())
}

#[test]
fn what_is_archived_is_the_answers_byte_for_byte_and_reads_as_one_flow() {
    let (mut service, mut inbox) = (Service::of(&[A]), Inbox::default());
    service.pages = 3;
    let polled = poll(&home(), &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert!(matches!(polled.end, End::Complete));
    assert_eq!(names(&inbox), ["fdr/01234567897/2026-11-20BCITITMM-A.BCITITMM.1.json"]);
    let text = inbox.files.values().next().unwrap();
    assert!(text.starts_with(r#"{"flow":{"fdr":"2026-11-20BCITITMM-A","#), "{text}");
    let mut records = 0;
    formats::flow_json::read(text.as_bytes(), &mut |_| records += 1).unwrap();
    assert_eq!(records, 1 + 3, "a header and a line of each page");
}

#[test]
fn a_first_poll_asks_for_all_there_is_and_the_next_from_the_last_complete_one_less_a_week() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A, B]), Inbox::default());
    let first = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert_eq!((first.archived, first.held, first.cursor), (2, 0, None));
    let second = poll(&home, &mut service, &mut inbox, "2026-11-23T08:00:00Z");
    assert_eq!((second.archived, second.held), (0, 2), "met again, fetched no second time");
    assert_eq!(second.cursor, Some("2026-11-22T08:00:00Z".parse().unwrap()));
    let lists: Vec<_> = service.asked.iter().filter(|asked| asked.starts_with("list")).collect();
    assert_eq!(lists, ["list 1 after -", "list 1 after 2026-11-15T08:00:00Z"]);
    assert_eq!(inbox.writes, 2);
}

/// The service refuses a `publishedGt` of more than a month ago, and February has 28 days.
#[test]
fn it_never_asks_for_more_than_28_days_back() {
    // (the next poll, after one on 1 February, and what it may ask)
    for (next, asked) in [
        ("2026-02-21T08:00:00Z", "list 1 after 2026-01-25T08:00:00Z"), // 27 days
        ("2026-02-22T08:00:00Z", "list 1 after 2026-01-25T08:00:00Z"), // 28 days to the second
        ("2026-02-22T08:00:01Z", "list 1 after -"),
        ("2026-03-15T08:00:00Z", "list 1 after -"),
        ("2027-02-01T08:00:00Z", "list 1 after -"),
    ] {
        let (home, mut service, mut inbox) = (home(), Service::of(&[]), Inbox::default());
        poll(&home, &mut service, &mut inbox, "2026-02-01T08:00:00Z");
        poll(&home, &mut service, &mut inbox, next);
        assert_eq!(service.asked[1], asked, "{next}");
    }
}

#[test]
fn every_page_of_the_list_is_read() {
    let (home, mut inbox) = (home(), Inbox::default());
    let mut service = Service::of(&[A, B, ("2026-11-21BCITITMM-C", "2026-11-21T12:00:00Z", 1)]);
    service.list_page = 1;
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert_eq!(polled.archived, 3);
}

#[test]
fn a_new_revision_is_fetched_with_those_before_it_that_are_still_there() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A]), Inbox::default());
    poll(&home, &mut service, &mut inbox, "2026-11-20T12:00:00Z");
    service.flows[0] = (A.0, "2026-11-21T11:00:00Z", 4);
    service.dropped.insert((A.0.to_owned(), 2));
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert_eq!((polled.archived, polled.held, polled.failed.len()), (2, 1, 0));
    let revisions: Vec<_> =
        names(&inbox).iter().map(|name| name.split('.').nth(2).unwrap()).collect();
    assert_eq!(revisions, ["1", "3", "4"]);
}

#[test]
fn a_flow_that_the_service_is_busy_with_holds_no_other_up() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A, B]), Inbox::default());
    service.faults.insert(format!("{} 1", A.0), retry);
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert!(matches!(polled.end, End::Complete));
    assert_eq!((polled.archived, polled.failed.len()), (1, 1));
    service.faults.clear();
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T09:00:00Z");
    assert_eq!((polled.archived, polled.held, polled.cursor), (1, 1, None));
    assert_eq!(inbox.writes, 2);
}

#[test]
fn a_service_that_gives_three_flows_in_a_row_not_is_left_alone() {
    let listed = ["1", "2", "3", "4", "5", "6"].map(|iuf| (iuf, A.1, 1));
    let (home, mut service, mut inbox) = (home(), Service::of(&listed), Inbox::default());
    // The second alone, and all from the fourth on.
    for iuf in ["2", "4", "5", "6"] {
        service.faults.insert(format!("{iuf} 1"), retry);
    }
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert!(matches!(polled.end, End::Stopped(PortError::Retry(_))));
    assert_eq!((polled.archived, polled.failed.len()), (2, 3));
}

#[test]
fn a_flow_that_cannot_be_had_holds_no_other_up_and_is_tried_again() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A, B]), Inbox::default());
    service.faults.insert(format!("{} 1 page 1", A.0), final_);
    for now in ["2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z"] {
        let polled = poll(&home, &mut service, &mut inbox, now);
        assert_eq!((polled.failed.len(), polled.cursor), (1, None), "{now}");
        assert_eq!(polled.failed[0].0, flow(A.0, 1));
    }
    service.faults.clear();
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-24T08:00:00Z");
    assert_eq!((polled.archived, polled.held), (1, 1));
}

#[test]
fn a_flow_with_a_page_missing_is_not_archived() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A]), Inbox::default());
    service.pages = 3;
    service.faults.insert(format!("{} 1 page 2", A.0), final_);
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert_eq!((names(&inbox).len(), polled.failed.len()), (0, 1));
    assert_eq!(polled.failed[0].1.to_string(), "refused", "the cause, not that reading failed");
    service.faults.insert(format!("{} 1 page 2", A.0), retry);
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T09:00:00Z");
    assert_eq!(polled.failed[0].1.to_string(), "busy (429)");
    service.faults.clear();
    poll(&home, &mut service, &mut inbox, "2026-11-22T10:00:00Z");
    assert_eq!(names(&inbox).len(), 1);
}

#[test]
fn a_poll_that_dies_half_way_loses_nothing_and_repeats_nothing() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A, B]), Inbox::default());
    inbox.dies_after = Some(1);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z")
    }));
    assert!(died.is_err());
    assert_eq!(names(&inbox).len(), 1);
    inbox.dies_after = None;
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T09:00:00Z");
    assert_eq!((polled.archived, polled.held, polled.cursor), (1, 1, None));
    assert_eq!(inbox.writes, 2);
}

#[test]
fn when_time_runs_out_the_next_poll_goes_on() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A, B]), Inbox::default());
    let accounts = [account("INT-A")];
    let mut left = 1;
    let mut go_on = || std::mem::replace(&mut left, 0) > 0;
    let now = "2026-11-22T08:00:00Z".parse().unwrap();
    let polled = poll::run(&home, &mut service, &mut inbox, &accounts, now, &mut go_on).remove(0);
    assert!(matches!(polled.end, End::OutOfTime));
    assert_eq!(polled.archived, 1);
    let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T09:00:00Z");
    assert_eq!((polled.archived, polled.held, polled.cursor), (1, 1, None));
}

#[test]
fn what_two_intermediaries_see_is_fetched_once_and_each_has_its_cursor() {
    let (home, mut service, mut inbox) = (home(), Service::of(&[A]), Inbox::default());
    let accounts = [account("INT-A"), account("INT-B")];
    let now = "2026-11-22T08:00:00Z".parse().unwrap();
    let polled = poll::run(&home, &mut service, &mut inbox, &accounts, now, &mut || true);
    let counts: Vec<_> = polled.iter().map(|one| (one.archived, one.held)).collect();
    assert_eq!(counts, [(1, 0), (0, 1)]);
    service.faults.insert("list 1 after 2026-11-15T08:00:00Z".into(), final_);
    let polled = poll::run(&home, &mut service, &mut inbox, &accounts, now, &mut || true);
    assert!(polled.iter().all(|one| matches!(one.end, End::Stopped(PortError::Final(_)))));
}

#[test]
fn free_text_in_an_identifier_makes_no_folder() {
    let (home, mut inbox) = (home(), Inbox::default());
    let mut service = Service::of(&[("../x y/2026", "2026-11-20T11:00:00Z", 1)]);
    poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
    assert_eq!(names(&inbox), ["fdr/01234567897/=2E=2E=2Fx=20y=2F2026.BCITITMM.1.json"]);
}

#[test]
fn a_flow_of_the_most_pages_is_archived_and_a_larger_one_is_not() {
    for (pages, archived) in [(poll::PAGES_MAX, 1), (poll::PAGES_MAX + 1, 0)] {
        let (home, mut service, mut inbox) = (home(), Service::of(&[A]), Inbox::default());
        service.pages = pages;
        let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
        assert_eq!(polled.archived, archived);
    }
}

#[test]
fn a_flow_of_the_most_revisions_is_archived_and_one_of_more_is_not() {
    for (revision, archived) in
        [(poll::REVISIONS_MAX, u64::from(poll::REVISIONS_MAX)), (poll::REVISIONS_MAX + 1, 0)]
    {
        let (home, mut inbox) = (home(), Inbox::default());
        let mut service = Service::of(&[(A.0, A.1, revision)]);
        let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
        assert_eq!(polled.archived, archived);
    }
}

#[test]
fn a_list_of_more_than_the_most_pages_stops_the_poll() {
    let (home, mut inbox) = (home(), Inbox::default());
    for (pages, complete) in [(poll::LIST_PAGES_MAX, true), (poll::LIST_PAGES_MAX + 1, false)] {
        let mut service = Service::of(&vec![A; pages as usize]);
        service.list_page = 1;
        let polled = poll(&home, &mut service, &mut inbox, "2026-11-22T08:00:00Z");
        assert_eq!(matches!(polled.end, End::Complete), complete, "{pages}");
    }
}

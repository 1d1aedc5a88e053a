//! The client against a mock that others wrote, made from pagoPA's own description of the
//! interface. Skipped, saying so, where the description or Node is missing.
#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(clippy::print_stderr, reason = "who reads the log must see what was skipped")]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use domain::identifier::{Iuf, OrganizationCode, Psp};
use engine::poll::{Account, ApiKey, Published, PublishedFlows};
use pagopa::Fdr;
use serde_json::Value;

const PRISM: &str = "@stoplight/prism-cli@5.14.2";
/// Fetching it may take minutes.
const START_SECONDS_MAX: u32 = 300;

struct Prism(Child);

impl Drop for Prism {
    fn drop(&mut self) {
        // `npx` runs the mock in processes of its own group.
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["--", &group]).status();
        let _ = self.0.wait();
    }
}

fn start(description: &Path, port: u16) -> Option<Prism> {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("npx");
    command.args(["--yes", PRISM, "mock", "--errors", "--port", &port.to_string()]);
    command.arg(description).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut prism = Prism(command.spawn().ok()?);
    for _ in 0..START_SECONDS_MAX {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(prism);
        }
        if prism.0.try_wait().unwrap().is_some() {
            return None;
        }
        thread::sleep(Duration::from_secs(1));
    }
    None
}

/// The description has its examples of single values as lists of one, which the mock would answer.
fn unwrap_examples(of: &mut Value) {
    let Some(members) = of.as_object_mut() else {
        return of.as_array_mut().into_iter().flatten().for_each(unwrap_examples);
    };
    if members.get("type").is_some_and(|kind| kind != "array")
        && let Some(Value::Array(examples)) = members.get_mut("example")
    {
        let first = examples.swap_remove(0);
        members.insert("example".into(), first);
    }
    members.values_mut().for_each(unwrap_examples);
}

/// The description as the mock can use it.
fn usable(description: &Path) -> PathBuf {
    let mut value = serde_json::from_slice(&fs::read(description).unwrap()).unwrap();
    unwrap_examples(&mut value);
    let usable = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fdr.json");
    fs::write(&usable, value.to_string()).unwrap();
    usable
}

#[test]
fn the_client_asks_what_the_description_allows_and_reads_its_examples() {
    let description = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/spec/openapi/pagopa-fdr_org_openapi.json");
    if !description.exists() {
        eprintln!("SKIPPED: no description of the FdR interface at {}", description.display());
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(_prism) = start(&usable(&description), port) else {
        eprintln!("SKIPPED: {PRISM} does not start (Node 20 and npm are needed)");
        return;
    };
    let mut client = Fdr::new(&format!("http://127.0.0.1:{port}")).unwrap();
    let account = Account {
        organization: OrganizationCode::parse("01234567897").unwrap(),
        intermediary: "INT-A".into(),
        key: ApiKey("any".into()),
    };
    // The examples of the description: page 1 of 3, one flow.
    let after = "2026-11-01T08:00:00Z".parse().unwrap();
    let listing = client.list(&account, Some(after), 1).unwrap();
    assert_eq!((listing.flows.len(), listing.unreadable, listing.pages), (1, 0, 3));
    let listed = Published {
        iuf: Iuf::parse("2025-01-0188888888888-0000001").unwrap(),
        psp: Psp::parse("88888888888").unwrap(),
        revision: 1,
    };
    assert_eq!(listing.flows[0], listed);
    // The example of a single flow is of revision 4.
    let fourth = Published { revision: 4, ..listed };
    assert!(client.flow(&account, &fourth).unwrap().is_some());
    assert_eq!(client.payments(&account, &fourth, 1).unwrap().unwrap().pages, 3);
}

//! Every reader against damaged inputs.
//!
//! A **target** is a function of bytes that panics when a reader breaks a promise: it must not
//! panic itself, must locate every record and every defect, must list a bounded number of defects,
//! must not depend on how its bytes come, and must write what it can write so that it reads the
//! same. The same function serves the short run of the tests (seeds, damaged by a seed), the long
//! run of `make fuzz`, and the folder of crashers, which only grows.

pub mod damage;
mod seeds;
mod targets;

pub use seeds::seeds;

/// A reader and what it promises.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, as `make fuzz TARGET=` takes it.
    pub name: &'static str,
    /// Reads bytes and panics when a promise is broken.
    pub check: fn(&[u8]),
    /// Its seeds: what the names of the fixtures begin with.
    pub fixtures: &'static [&'static str],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "flow_xml", check: targets::flow_xml, fixtures: &["flow.xml"] },
    Target { name: "flow_json", check: targets::flow_json, fixtures: &["flow-"] },
    Target { name: "journal", check: targets::journal, fixtures: &["journal_"] },
    Target { name: "receipt", check: targets::receipt, fixtures: &["rt.xml", "send_rt"] },
    Target {
        name: "positions_jsonl",
        check: targets::positions_jsonl,
        fixtures: &["positions-one-of-each.jsonl"],
    },
    Target { name: "positions_csv", check: targets::positions_csv, fixtures: &["positions-with"] },
    Target { name: "zip", check: targets::zip, fixtures: &["made.zip"] },
    Target { name: "gzip", check: targets::gzip, fixtures: &["made.gz"] },
    Target { name: "p7m", check: targets::p7m, fixtures: &["signature-", "signed-"] },
    Target { name: "encoding", check: targets::encoding, fixtures: &["made.utf16", "rt.xml"] },
    Target { name: "recognise", check: targets::recognise, fixtures: &[""] },
    Target { name: "causale", check: targets::causale, fixtures: &["made.causali"] },
    Target { name: "configuration", check: targets::configuration, fixtures: &["quadra.toml"] },
    Target {
        name: "intake",
        check: targets::intake,
        fixtures: &["flow", "journal_", "rt.xml", "send_rt", "positions-", "made.zip", "made.gz"],
    },
];

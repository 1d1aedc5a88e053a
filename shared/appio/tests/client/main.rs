//! The client against servers: one of ours that breaks, one made from the sender's description, and
//! IO's own codecs.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and tell")]

mod answers;
mod codecs;
mod prism;
mod stand_in;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use appio::Client;
use domain::identifier::{FiscalCode, NoticeNumber};
use domain::money::Cents;
use engine::campaign::message::{Message, PaymentData};

const SERVICE: &str = "multe";

fn client(base: &str, call_max: Duration) -> Client {
    let keys = BTreeMap::from([(SERVICE.to_owned(), "key".to_owned())]);
    Client::new(base, keys, call_max).unwrap()
}

fn citizen() -> FiscalCode {
    FiscalCode::parse("RSSMRA80A01H501U").unwrap()
}

fn message() -> Message {
    Message {
        subject: "Un verbale è in scadenza".to_owned(),
        markdown: "Il verbale si può pagare. ".repeat(5),
        due_date: Some("2026-04-07T21:59:59Z".parse().unwrap()),
        payment_data: Some(PaymentData {
            amount: Cents::new(8650),
            notice_number: NoticeNumber::parse("301011100007347557").unwrap(),
            invalid_after_due_date: false,
        }),
    }
}

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The folder of what others wrote, if `make oracle` has put it there.
fn oracle() -> Option<PathBuf> {
    let folder = house().join("target/oracle");
    let there = folder.join("node_modules").is_dir();
    if !there {
        eprintln!("SKIPPED: target/oracle is not there: make oracle");
    }
    there.then_some(folder)
}

//! AWS: the ports of the engine over DynamoDB, S3, SQS and Secrets Manager.
//!
//! Two tables. `ledger` holds facts and the records of turns; `journal` only grows: every version
//! of an outcome with the entry that tells of it, of which the last is the outcome. What is read in
//! order of name is spread over a fixed number of shards, so that a reader of a prefix asks each
//! shard and merges. A fact is written at once and carries who claims it; it is seen when the turn
//! of a claim is committed, which is one write however large the turn is. What no turn that ended
//! so ever claims is deleted in the end (`clean`).
//!
//! **Architecture Invariant:** no rule of the reconciliation is here: bodies are not looked into.
//! No other room names the SDK.

mod archive;
mod attempt;
mod audit;
mod claim;
mod clean;
mod cloud;
mod failure;
mod home;
mod inbox;
mod item;
mod keys;
mod objects;
mod outcomes;
mod quarantine;
mod queue;
mod reader;
mod reports;
mod secrets;
mod shards;
mod stop;
mod store;
mod turn;
mod turns;
mod version;
mod writer;

pub use archive::InboxArchive;
pub use attempt::Attempt;
pub use audit::AuditBucket;
pub use clean::{Cleaned, OPEN_DAYS, clean};
pub use cloud::{Access, Cloud, Names};
pub use home::AwsHome;
pub use inbox::{Inbox, InboxObject};
pub use keys::KeyObject;
pub use objects::Place;
pub use quarantine::QuarantineBucket;
pub use queue::Queue;
pub use reader::AwsReader;
pub use reports::{ReportObject, ReportsBucket};
pub use stop::StopObject;
pub use writer::AwsWriter;

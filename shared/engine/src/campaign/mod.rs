//! Messages to citizens in the app IO: what was decided to send, what was sent, what became of it.
//!
//! IO has no idempotency, no search and no recall: that nobody is written to twice rests on the
//! ledger alone. See [`intent`] for how.

pub mod batch;
pub mod correction;
pub mod files;
pub mod intent;
pub mod io;
pub mod ledger;
pub mod message;
pub mod pace;
pub mod plan;
pub mod release;
pub mod results;
pub mod send;
mod text;
pub mod track;
pub mod words;

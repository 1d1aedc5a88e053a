//! The app IO, as a sender of messages sees it: three calls, each made once.
//!
//! What IO takes and answers is stated nowhere in one place: its description is laxer than its
//! code, and drops in silence what it does not know. So a message is checked here by the rules of
//! that code before it leaves ([`check`]), and an answer is read by what it says about one
//! question: was a message made, was none, or does nobody know ([`engine::campaign::io::IoError`]).
//!
//! **Architecture Invariant:** nothing is tried again here, and nothing that IO answers in words is
//! passed on but a title and the path of a field: its errors repeat the citizen's data.
//!
//! Beside the client stand the clock that it is called by and the keys that it is called with.

mod answer;
mod body;
mod check;
mod client;
mod clock;
mod keys;

pub use check::{Rule, check};
pub use client::{CALL_MAX, Client, ClientError, PRODUCTION};
pub use clock::RunningClock;
pub use keys::{Keys, KeysError};

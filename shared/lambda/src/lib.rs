//! What every function of the cloud begins with: its configuration from the environment, its logs,
//! the events it is called with and the answers it gives.
//!
//! **Architecture Invariant:** nothing that only runs in the cloud decides anything: the use cases
//! are the engine's.

mod batch;
mod campaign;
mod digest;
mod environment;
mod failure;
mod moment;
mod poll;
mod serve;
mod upload;

pub use batch::{Message, answer, each, messages, subjects};
pub use campaign::{Order, Plan, Sending, Wanted, Word, track};
pub use digest::closed;
pub use environment::Environment;
pub use failure::Failure;
pub use moment::{as_of, share};
pub use poll::told;
pub use serve::{Invocation, serve};
pub use upload::{TakeIn, uploads};

//! The use cases: what Quadra does with facts, through ports that others implement.
//!
//! **Architecture Invariant:** no vendor is named here: no database, no cloud, no file system.

pub mod campaign;
pub mod configuration;
pub mod decide;
pub mod digest;
pub mod explain;
pub mod forget;
pub mod intake;
pub mod key;
pub mod picture;
pub mod poll;
pub mod port;
pub mod reconcile;
pub mod record;
pub mod seal;
mod side_by_side;
pub mod sweep;
pub mod verify;

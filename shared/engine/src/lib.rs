//! The use cases: what Quadra does with facts, through ports that others implement.
//!
//! **Architecture Invariant:** no vendor is named here: no database, no cloud, no file system.

pub mod configuration;
pub mod key;
pub mod port;
pub mod record;

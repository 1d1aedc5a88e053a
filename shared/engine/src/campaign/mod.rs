//! Messages to citizens: who gets which, and what became of them.

pub mod intent;
pub mod plan;

//! Values and rules of the reconciliation.
//!
//! **Architecture Invariant:** nothing here does input or output, awaits, asks a clock, uses a
//! float or serializes. What a function answers depends on its arguments alone.

pub mod fact;
pub mod identifier;
pub mod money;

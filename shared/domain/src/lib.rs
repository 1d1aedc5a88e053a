//! Values and rules of the reconciliation.
//!
//! **Architecture Invariant:** nothing here does input or output, awaits, asks a clock, uses a
//! float or serializes. What a function answers depends on its arguments alone.

pub mod allocation;
pub mod anomaly;
pub mod assignment;
pub mod calendar;
pub mod campaign;
pub mod candidate;
pub mod causale;
pub mod clock;
pub mod credit;
pub mod debt;
pub mod decision;
pub mod fact;
pub mod flow;
pub mod identifier;
pub mod legacy;
pub mod money;
pub mod payment;
pub mod proposal;
pub mod settlement;
pub mod station;

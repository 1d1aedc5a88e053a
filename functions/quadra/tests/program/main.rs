//! The program from end to end: files in, files out, exit codes, as an office meets them.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

mod accounts;
mod contract;
mod crash;
mod decide;
mod letters;
mod messages;
mod order;
mod rules;
mod scene;
mod truth;

//! Every wire format, from bytes to facts.
//!
//! **Architecture Invariant:** nothing here opens a file or a connection: a reader is handed a
//! [`std::io::BufRead`] and hands back located records, one at a time, in constant memory.
//!
//! A reader reports *every* defect of its input, with line, column, field and rule, and never the
//! value itself. Records handed over before a defect was met must be dropped by the caller when the
//! reader ends in [`Defects`].

pub mod container;
mod defect;
pub mod encoding;
mod failure;
mod flow;
pub mod flow_json;
pub mod flow_xml;
pub mod journal;
mod lines;
mod moment;
mod place;
pub mod position;
pub mod receipt;
pub mod recognise;
mod shape;
mod soap;
pub mod xml;

pub use defect::{Defect, Defects, Rule};
pub use failure::read_failure;
pub use flow::FlowRecord;
pub use place::{Located, Place};

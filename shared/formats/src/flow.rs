//! What a reader of flows hands over, whatever the form of the flow (XML or JSON).

use domain::fact::{FlowLine, FlowRevision};

/// One record of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowRecord {
    /// The header: exactly one, before the first line.
    Header(FlowRevision),
    /// A payment, in the order of the file.
    Line(FlowLine),
}

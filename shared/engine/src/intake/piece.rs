//! What workers hand to the writer.

use formats::Defects;

use super::document::Read;
use crate::port::Ready;

/// A piece of a job, in order.
pub(super) enum Piece {
    /// An input that fits one unit, or needs none.
    Whole(Option<Ready>, Leaf),
    /// An input begins that is larger than one unit.
    Begin,
    /// Units of the input that began.
    Units(Vec<Ready>),
    /// The input that began ends.
    End(Leaf),
    /// The container itself is wrong: nothing of it counts.
    ContainerFailed(Defects),
}

/// An input that is no container, as it was read.
pub(super) struct Leaf {
    /// Its name.
    pub name: String,
    /// Hash of its bytes.
    pub sha256: String,
    /// Its kind, a word of the reports.
    pub kind: &'static str,
    /// Whether a signature was around it.
    pub signed: bool,
    /// What was read of it.
    pub read: Read,
}

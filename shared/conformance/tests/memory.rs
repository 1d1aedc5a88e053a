//! The adapter in memory does what the contract says.

conformance::tests!(conformance::Memory::default);

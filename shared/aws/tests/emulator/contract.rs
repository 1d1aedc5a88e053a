//! The adapters do what the contract says.

conformance::tests!(ledger crate::Emulated::new);

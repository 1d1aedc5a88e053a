//! Brings every outcome that was asked for up to date.
//!
//! The protocol of a worker: read the version of the outcome, then all the facts, compute, and
//! store the outcome with its journal entry only if the version is still that. Facts read before
//! the version would let two workers end with the older facts. The facts of a payment are also
//! which revisions of flows are in force: read once, and looked at again before anything is stored.
//! `turn` says what is done where several are at work.

mod change;
mod positions;
mod settlements;
mod turn;

pub(crate) use change::{EntryBody, change, entry_hash, facts_hash};
pub use positions::read_position;
pub(crate) use positions::{
    compute_iuv, compute_position, owner, payments_of_iuv, pointers, versions,
};
pub(crate) use settlements::{
    CreditState, FlowState, InForce, compute, credit_state, flow_state, in_force,
};

use crate::configuration::Configuration;
use crate::port::{Home, PortResult};
use jiff::Timestamp;
use turn::Turn;

/// What a run of the reconciliation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Outcomes looked at.
    pub computed: u64,
    /// Outcomes that changed.
    pub changed: u64,
}

impl Reconciled {
    fn add(&mut self, more: Self) {
        self.computed += more.computed;
        self.changed += more.changed;
    }
}

/// Brings every asked outcome of every organization up to date. `progress` is told how many
/// outcomes were looked at so far, and of how many.
///
/// # Errors
/// When the store fails. What was concluded before stays, and the rest stays asked.
pub fn reconcile<H: Home>(
    home: &H,
    configuration: &Configuration,
    now: Timestamp,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> PortResult<Reconciled> {
    let mut done = Reconciled::default();
    for organization in configuration.organizations.keys() {
        let mut writer = home.writer()?;
        if !turn::is_anything_asked(&mut writer, organization)? {
            continue;
        }
        let mut turn = Turn::begin(&mut writer, organization)?;
        let mut finished = false;
        while !finished {
            let settled = settlements::bring_up_to_date(home, organization, now, &mut turn)?;
            done.add(settled.done);
            let at = positions::Moment { organization, settled: &settled, now };
            finished = positions::bring_up_to_date(home, at, &mut turn, &mut done, progress)?;
        }
        turn.end(&mut writer)?;
    }
    Ok(done)
}

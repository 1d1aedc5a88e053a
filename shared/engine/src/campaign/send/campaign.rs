//! A campaign of an organization: the rows of one kind that go, from the plan to the citizens.

use domain::campaign::{Decision, Kind};
use jiff::{SignedDuration, Timestamp};

use super::run::{self, Run, Summary};
use crate::campaign::ledger::Ledger;
use crate::campaign::plan::{self, PlanError, Planner, Row};
use crate::campaign::release;
use crate::configuration::Configuration;
use crate::key;
use crate::port::{Home, PortResult, Subject};

/// Calls to IO that wait at the same time: each takes some tenths of a second.
const WORKERS: usize = 6;
/// How long what is known of flows and credits is believed, while sending.
const BELIEVED: SignedDuration = SignedDuration::from_secs(60);

/// What is sent, and from which ledger.
pub struct Campaign<'a, H> {
    /// The ledger.
    pub home: &'a H,
    /// The configuration that holds.
    pub configuration: &'a Configuration,
    /// The kind of message.
    pub kind: Kind,
    /// Brings the outcome of a position up to date with the facts that are there: called each time
    /// before the position is judged.
    pub refresh: &'a (dyn Fn(&Subject) -> PortResult<()> + Sync),
}

impl<H: Home> Campaign<'_, H> {
    /// Plans, and sends what goes. Each position is judged anew before its message leaves, by what
    /// has arrived until then.
    ///
    /// # Errors
    /// When the plan cannot be made. What ends the run itself is in the summary.
    pub fn send(&self, run: &Run) -> PortResult<Summary> {
        let organization = run.organization();
        let mut ledger = Ledger { reader: self.home.reader()?, writer: self.home.writer()? };
        release::give_up_the_dead(&mut ledger, organization, run.clock.now())?;
        let service_of = |row: &Row| {
            let settings = self.configuration.organizations.get(organization)?;
            settings.debt_types.get(&*row.debt_type)?.appio_service.clone()
        };
        let plan = |give: &mut dyn FnMut(Row) -> PortResult<()>| self.plan(run, give);
        run::run(self.home, run, WORKERS, plan, service_of, || self.judge(run))
    }

    fn plan(&self, run: &Run, give: &mut dyn FnMut(Row) -> PortResult<()>) -> PortResult<()> {
        let (organization, as_of) = (run.organization(), run.clock.now());
        let mut visit = |row: Row| match row.decision {
            Decision::Send => give(row).map_err(PlanError::from),
            Decision::Hold | Decision::Exclude => Ok(()),
        };
        plan::of(self.home, self.configuration, organization, self.kind, as_of, &mut visit)
            .map_err(PlanError::into_port)
    }

    /// Judges a position by what has arrived until now.
    fn judge(
        &self,
        run: &Run,
    ) -> impl FnMut(&mut H::Reader, &Row, Timestamp) -> PortResult<Option<Row>> {
        let (configuration, kind, refresh) = (self.configuration, self.kind, self.refresh);
        let organization = run.organization();
        let mut planner: Option<(Timestamp, Planner<'_>)> = None;
        move |reader, row, now| {
            refresh(&Subject(key::position(organization, &row.position_id)))?;
            if planner.as_ref().is_none_or(|(loaded, _)| now.duration_since(*loaded) > BELIEVED) {
                let loaded = Planner::load(reader, configuration, organization, kind, now)?;
                planner = loaded.map(|loaded| (now, loaded));
            }
            match &mut planner {
                Some((_, planner)) => {
                    planner.judge(reader, &row.position_id).map_err(PlanError::into_port)
                }
                None => Ok(None),
            }
        }
    }
}

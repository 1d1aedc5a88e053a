//! What time alone changes, and stuck work asked again.

use std::collections::BTreeSet;

use domain::identifier::OrganizationCode;
use jiff::Timestamp;

use crate::configuration::Configuration;
use crate::key::Kind;
use crate::picture::{self, Overview, PictureError};
use crate::port::{Asks, Home, PortResult, ReadFacts, ReadOutcomes, Subject};

/// Subjects in one call of the queue.
const ASKS_MAX: usize = 1_000;

/// Works the picture out at `as_of`, remembers which anomalies are open and which have closed since
/// the last time, and asks for what has facts and was never concluded.
///
/// # Errors
/// When the ledger cannot be read or written, or the money does not add up.
pub fn sweep<H: Home>(
    home: &H,
    configuration: &Configuration,
    as_of: Timestamp,
    now: Timestamp,
) -> Result<(Overview, u64), PictureError> {
    let mut asked = 0;
    for organization in configuration.organizations.keys() {
        for kind in [Kind::Flow, Kind::Credit, Kind::Position] {
            let stuck = never_concluded(home, organization, kind)?;
            asked += stuck.len() as u64;
            for subjects in stuck.chunks(ASKS_MAX) {
                home.writer()?.ask(subjects)?;
            }
        }
    }
    let overview = picture::write_report(home, configuration, as_of, report::Nowhere)?;
    picture::remember(home, configuration, as_of, now, &overview.anomalies)?;
    Ok((overview, asked))
}

/// Subjects of a kind that have facts and no outcome. A provvisorio of which only reversali speak
/// has none for good: it is asked again, and nothing comes of it.
fn never_concluded<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    kind: Kind,
) -> PortResult<Vec<Subject>> {
    let mut reader = home.reader()?;
    let prefix = kind.prefix(organization);
    let mut missing = BTreeSet::new();
    reader.scan_facts(&prefix, &mut |fact| {
        missing.insert(Subject(fact.partition));
        Ok(())
    })?;
    reader.scan_outcomes(&prefix, &mut |subject, _| {
        missing.remove(&subject);
        Ok(())
    })?;
    Ok(missing.into_iter().collect())
}

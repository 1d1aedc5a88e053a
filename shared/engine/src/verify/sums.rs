//! The sums that each revision of a flow was sealed with, against its lines.

use std::collections::BTreeMap;

use domain::identifier::OrganizationCode;
use domain::money::Cents;

use super::{Audit, Check, Wrong, readable};
use crate::key::{self, Kind};
use crate::port::{Fact, Home, PortResult, ReadFacts};
use crate::record::{self, ChunkRecord, RevisionRecord};
use crate::side_by_side::{Groups, Sink, partitions, side_by_side};

/// Count, sum, and sum with the revoked negative.
type Sums = (u64, Cents, Cents);

/// Checks every revision of an organization.
pub fn check<H: Home>(
    home: &H,
    organization: &OrganizationCode,
    audit: &mut Audit,
) -> PortResult<()> {
    let (mut lines, mut revisions) = (home.reader()?, home.reader()?);
    let prefix = Kind::Flow.prefix(organization);
    let of_lines = key::lines_prefix(organization);
    let flow = |name: &str| name[prefix.len()..].to_owned();
    side_by_side(
        move |sink| sums(&mut lines, &of_lines, sink),
        |sink| partitions(&mut revisions, &prefix, &mut |name, facts| sink(flow(&name), facts)),
        &mut |flow, lines: Option<Vec<(String, Sums)>>, revisions: Option<Vec<Fact>>| {
            let mut found: BTreeMap<String, Sums> = BTreeMap::new();
            for (tag, chunk) in lines.unwrap_or_default() {
                let sums = found.entry(tag).or_default();
                *sums = (sums.0 + chunk.0, sums.1 + chunk.1, sums.2 + chunk.2);
            }
            for fact in revisions.unwrap_or_default() {
                audit.checked(Check::FlowSums);
                let wrong = match readable(record::read::<RevisionRecord>(&fact.body))? {
                    None => Some(Wrong::Unreadable),
                    Some(revision) => {
                        let sums = found.remove(&revision.tag()).unwrap_or_default();
                        (sums != revision.sums()).then_some(Wrong::Sums)
                    }
                };
                if let Some(wrong) = wrong {
                    audit.fault(Check::FlowSums, &format!("{prefix}{flow}"), wrong);
                }
            }
            // Lines that no revision was sealed with.
            for _tag in found.keys() {
                audit.fault(Check::FlowSums, &format!("{prefix}{flow}"), Wrong::NoFacts);
            }
            Ok(())
        },
    )
}

/// The sums of each chunk of lines, by flow, with the tag of their revision. A chunk that cannot be
/// read adds nothing, and so is missed.
fn sums(
    reader: &mut impl ReadFacts,
    prefix: &str,
    sink: &mut Sink<'_, Vec<(String, Sums)>>,
) -> PortResult<()> {
    let mut groups = Groups::new(sink);
    reader.scan_facts(prefix, &mut |fact| {
        let tag = fact.sort.strip_prefix("LINES#").and_then(|rest| rest.rsplit_once('#'));
        let tag = tag.map_or(String::new(), |(tag, _)| tag.to_owned());
        let chunk: ChunkRecord = readable(record::read(&fact.body))?.unwrap_or_default();
        groups.push(fact.partition[prefix.len()..].to_owned(), (tag, chunk.sums()))
    })?;
    groups.end()
}

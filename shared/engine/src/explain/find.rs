//! What a key may be.

use std::collections::BTreeSet;

use domain::identifier::{Iuf, Iuv, NoticeNumber, OrganizationCode, Provvisorio};

use super::Read;
use crate::key::{self, Find, Kind};
use crate::port::{PortResult, Subject};
use crate::reconcile::owner;
use crate::record::{self, CreditOutcome};

/// A subject, by its partition.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    Position(String),
    /// An IUV that no position owns.
    Iuv(Iuv),
    Flow(String),
    Credit(String),
}

/// Everything that the key names: every reading of it is tried.
pub fn all(
    reader: &mut impl Read,
    organization: &OrganizationCode,
    key: &str,
) -> PortResult<BTreeSet<Found>> {
    let mut found = BTreeSet::new();
    let iuvs = [key.parse().ok(), NoticeNumber::parse(key).ok().map(|notice| notice.iuv())];
    for iuv in iuvs.into_iter().flatten() {
        found.extend(by_iuv(reader, organization, iuv)?);
    }
    let position = key::position(organization, key);
    if has_facts(reader, &position)? {
        found.insert(Found::Position(position));
    }
    for kind in [Find::Report, Find::Plate, Find::Fiscal] {
        let partition = key::find(organization, kind, key);
        for fact in reader.facts(&[partition])?.remove(0) {
            found.insert(Found::Position(key::position(organization, &fact.sort)));
        }
    }
    if let Ok(iuf) = key.parse::<Iuf>() {
        let partition = key::flow(organization, &iuf);
        if has_outcome(reader, &partition)? {
            found.insert(Found::Flow(partition));
        }
    }
    if let Ok(provvisorio) = key.parse::<Provvisorio>() {
        let partition = key::credit(organization, provvisorio);
        if has_outcome(reader, &partition)? {
            found.insert(Found::Credit(partition));
        }
        found.extend(by_receipt_number(reader, organization, provvisorio)?);
    }
    Ok(found)
}

/// The credits whose quietanza has the number, in its esercizio. Every credit is looked through,
/// and only those that hold the number are read.
fn by_receipt_number(
    reader: &mut impl Read,
    organization: &OrganizationCode,
    Provvisorio { esercizio, number }: Provvisorio,
) -> PortResult<Vec<Found>> {
    let mut found = Vec::new();
    let text = format!("\"receipt_number\":{number},");
    let of_esercizio = format!("{}{esercizio}#", Kind::Credit.prefix(organization));
    reader.scan_outcomes(&of_esercizio, &mut |subject, outcome| {
        if outcome.body.contains(&text) {
            let credit = record::read::<CreditOutcome>(&outcome.body)?.credit();
            if credit.receipt_number == Some(number) {
                found.push(Found::Credit(subject.0));
            }
        }
        Ok(())
    })?;
    Ok(found)
}

fn by_iuv(
    reader: &mut impl Read,
    organization: &OrganizationCode,
    iuv: Iuv,
) -> PortResult<Option<Found>> {
    let facts = reader.facts(&[key::iuv(organization, &iuv)])?.remove(0);
    Ok(match owner(&facts)? {
        Some(position) => Some(Found::Position(key::position(organization, &position))),
        None if facts.is_empty() => None,
        None => Some(Found::Iuv(iuv)),
    })
}

fn has_facts(reader: &mut impl Read, partition: &str) -> PortResult<bool> {
    Ok(!reader.facts(&[partition.to_owned()])?.remove(0).is_empty())
}

fn has_outcome(reader: &mut impl Read, subject: &str) -> PortResult<bool> {
    Ok(reader.outcomes(&[Subject(subject.to_owned())])?.remove(0).is_some())
}

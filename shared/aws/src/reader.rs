//! Reading: facts that count, outcomes, the journal.

use engine::port::{
    Entry, Fact, Outcome, PortResult, ReadFacts, ReadJournal, ReadOutcomes, Subject,
};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::claim::{Claim, StoredFact};
use crate::item::{Family, Item, SK, names, string};
use crate::turns::{AT_ONCE, Standings};
use crate::version::Version;

/// Reads the ledger and the journal, consistently: what was committed before a call is seen by it.
/// A call that overlaps a commit may see a part of it; the asks that follow a commit bring the
/// rest.
#[derive(Clone)]
pub struct AwsReader {
    pub(crate) cloud: Cloud,
    /// The attempt whose own turns are not seen.
    hidden: Option<String>,
}

impl AwsReader {
    pub(crate) fn new(cloud: Cloud, hidden: Option<String>) -> Self {
        Self { cloud, hidden }
    }

    fn counts(&self, standings: &Standings, claim: &Claim) -> bool {
        let hidden = self.hidden.as_deref().is_some_and(|hidden| claim.turn.starts_with(hidden));
        !hidden && standings.counts(claim)
    }

    /// The facts of items, in their order; `None` for those that do not count.
    async fn seen(&self, items: Vec<Item>) -> PortResult<Vec<Option<Fact>>> {
        let stored: Vec<_> = items.iter().map(StoredFact::read).collect::<PortResult<_>>()?;
        let claims = stored.iter().flat_map(|fact| &fact.claims);
        let standings = self.cloud.standings(claims.map(|claim| claim.turn.as_str())).await?;
        let seen = |fact: StoredFact| fact.seen(|claim| self.counts(&standings, claim));
        Ok(stored.into_iter().map(seen).collect())
    }

    async fn partitions(&self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        let read = stream::iter(partitions).map(|name| self.cloud.below(Family::Fact, name));
        let read: Vec<Vec<Item>> = read.buffered(AT_ONCE).try_collect().await?;
        let sizes: Vec<_> = read.iter().map(Vec::len).collect();
        let mut facts = self.seen(read.into_iter().flatten().collect()).await?.into_iter();
        let partition = |size| facts.by_ref().take(size).flatten().collect();
        Ok(sizes.into_iter().map(partition).collect())
    }

    async fn last_versions(&self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        let read = stream::iter(subjects).map(|subject| async move {
            let last = self.cloud.last_below(Family::Version, &subject.0).await?;
            let last = last.as_ref().map(Version::read).transpose()?;
            Ok(last.map(Version::into_outcome))
        });
        read.buffered(AT_ONCE).try_collect().await
    }
}

/// The versions of a page; `None` for one that the page itself shows not to be the last.
fn last_of_page(items: &[Item]) -> PortResult<Vec<Option<Version>>> {
    let subjects: Vec<&str> = items
        .iter()
        .map(|item| names(string(item, SK)?).map(|(subject, _)| subject))
        .collect::<PortResult<_>>()?;
    let last = |place: usize| subjects.get(place + 1) != Some(&subjects[place]);
    let versions = items.iter().enumerate();
    versions.map(|(place, item)| last(place).then(|| Version::read(item)).transpose()).collect()
}

impl ReadFacts for AwsReader {
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        self.cloud.wait(self.partitions(partitions))
    }

    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()> {
        let seen = |items| self.cloud.wait(self.seen(items));
        self.cloud.scan(Family::Fact, prefix, &seen, visit)
    }
}

impl ReadOutcomes for AwsReader {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        self.cloud.wait(self.last_versions(subjects))
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let mut last: Option<Version> = None;
        let mut tell = |version: Version| {
            let subject = version.subject.clone();
            visit(subject, version.into_outcome())
        };
        let make = |items: Vec<Item>| last_of_page(&items);
        self.cloud.scan(Family::Version, prefix, &make, &mut |version: Version| match last
            .replace(version)
        {
            Some(before) if last.as_ref().is_some_and(|it| it.subject != before.subject) => {
                tell(before)
            }
            _ => Ok(()),
        })?;
        last.map_or(Ok(()), tell)
    }
}

impl ReadJournal for AwsReader {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        let items = self.cloud.wait(self.cloud.below(Family::Version, &subject.0))?;
        items.iter().map(|item| Version::read(item).map(Version::into_entry)).collect()
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        let make = |items: Vec<Item>| {
            items.iter().map(|item| Version::read(item).map(Some)).collect::<PortResult<_>>()
        };
        self.cloud.scan(Family::Version, prefix, &make, &mut |version: Version| {
            visit(version.subject.clone(), version.into_entry())
        })
    }
}

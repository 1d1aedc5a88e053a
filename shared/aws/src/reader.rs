//! Reading: facts that count, outcomes, the journal.

use std::collections::{BTreeSet, HashMap};

use engine::port::{
    Entry, Fact, Hash, Outcome, PortResult, ReadFacts, ReadJournal, ReadOutcomes, Subject,
};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::Cloud;
use crate::claim::{Claim, StoredFact};
use crate::failure::damaged;
use crate::item::{Family, Item, SK, names, number, read_text, sort_key, string};
use crate::shards::key;
use crate::turns::{AT_ONCE, KEYS_MAX, Standings};

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

    async fn stored_outcomes(&self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        let wanted: BTreeSet<&Subject> = subjects.iter().collect();
        let keys: Vec<_> = wanted
            .into_iter()
            .map(|subject| Ok(key(Family::Outcome, &subject.0, &sort_key(&subject.0, "")?)))
            .collect::<PortResult<_>>()?;
        let batches = stream::iter(keys.chunks(KEYS_MAX).map(<[Item]>::to_vec));
        let read = batches.map(|keys| self.cloud.batch_get(keys, None)).buffered(AT_ONCE);
        let read: Vec<Vec<Item>> = read.try_collect().await?;
        let outcomes: HashMap<Subject, Outcome> =
            read.iter().flatten().map(outcome).collect::<PortResult<_>>()?;
        Ok(subjects.iter().map(|subject| outcomes.get(subject).cloned()).collect())
    }
}

fn outcome(item: &Item) -> PortResult<(Subject, Outcome)> {
    let (subject, _) = names(string(item, SK)?)?;
    let outcome = Outcome {
        version: number(item, "v")?,
        body: read_text(item, "b")?,
        entry_hash: hash(item)?,
    };
    Ok((Subject(subject.to_owned()), outcome))
}

fn entry(item: &Item) -> PortResult<(Subject, Entry)> {
    let (subject, version) = names(string(item, SK)?)?;
    let version = version.parse().map_err(|_| damaged())?;
    let entry = Entry { version, body: read_text(item, "b")?, hash: hash(item)? };
    Ok((Subject(subject.to_owned()), entry))
}

fn hash(item: &Item) -> PortResult<Hash> {
    let bytes = item.get("h").and_then(|value| value.as_b().ok()).ok_or_else(damaged)?;
    bytes.as_ref().try_into().map(Hash).map_err(|_| damaged())
}

/// Each item made alone.
fn each<T>(items: &[Item], make: fn(&Item) -> PortResult<T>) -> PortResult<Vec<Option<T>>> {
    items.iter().map(|item| make(item).map(Some)).collect()
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
        self.cloud.wait(self.stored_outcomes(subjects))
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let make = |items: Vec<Item>| each(&items, outcome);
        self.cloud.scan(Family::Outcome, prefix, &make, &mut |(subject, it)| visit(subject, it))
    }
}

impl ReadJournal for AwsReader {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        let items = self.cloud.wait(self.cloud.below(Family::Entry, &subject.0))?;
        items.iter().map(|item| entry(item).map(|(_, entry)| entry)).collect()
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        let make = |items: Vec<Item>| each(&items, entry);
        self.cloud.scan(Family::Entry, prefix, &make, &mut |(subject, it)| visit(subject, it))
    }
}

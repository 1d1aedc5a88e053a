//! Collections with a stated maximum: what does not fit is counted, never forgotten.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use domain::money::Cents;

/// The things with the largest amounts, whatever their number; among equals the first ones.
#[derive(Debug)]
pub(crate) struct Largest<T> {
    max: usize,
    offered: u64,
    /// The least of the kept ones is on top.
    kept: BinaryHeap<Ranked<T>>,
}

#[derive(Debug)]
struct Ranked<T> {
    amount: Cents,
    order: u64,
    item: T,
}

impl<T> Largest<T> {
    /// Keeps at most `max` things.
    pub fn new(max: usize) -> Self {
        Self { max, offered: 0, kept: BinaryHeap::new() }
    }

    /// Considers a thing; it is made only if it is kept. The sign of the amount does not matter.
    pub fn offer(&mut self, amount: Cents, make: impl FnOnce() -> T) {
        let order = self.offered;
        self.offered += 1;
        let amount = amount.abs();
        if self.kept.len() == self.max {
            match self.kept.peek() {
                Some(least) if amount > least.amount => _ = self.kept.pop(),
                _ => return,
            }
        }
        self.kept.push(Ranked { amount, order, item: make() });
    }

    /// How many things were considered.
    pub fn offered(&self) -> u64 {
        self.offered
    }

    /// How many things are kept.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// The kept things, the largest first.
    pub fn into_sorted(self) -> Vec<T> {
        self.kept.into_sorted_vec().into_iter().map(|ranked| ranked.item).collect()
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.amount.cmp(&self.amount).then(self.order.cmp(&other.order))
    }
}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Ranked<T> {}

/// A map of at most so many keys; what comes under other keys goes together.
#[derive(Debug)]
pub(crate) struct Grouped<K, V> {
    max: usize,
    groups: BTreeMap<K, V>,
    others: Option<V>,
}

impl<K: Ord + Clone, V> Grouped<K, V> {
    /// A map of at most `max` keys.
    pub fn new(max: usize) -> Self {
        Self { max, groups: BTreeMap::new(), others: None }
    }

    /// The group of a key, or the group of all others when there is no room.
    pub fn of(&mut self, key: &K, empty: impl FnOnce() -> V) -> &mut V {
        if self.groups.len() < self.max || self.groups.contains_key(key) {
            self.groups.entry(key.clone()).or_insert_with(empty)
        } else {
            self.others.get_or_insert_with(empty)
        }
    }

    /// The groups by their keys, and the group of all others if there is one.
    pub fn into_parts(self) -> (BTreeMap<K, V>, Option<V>) {
        (self.groups, self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_kept_and_the_rest_counted() {
        let mut largest = Largest::new(3);
        for (amount, name) in [(5, "a"), (-9, "b"), (1, "c"), (5, "d"), (7, "e"), (5, "f")] {
            largest.offer(Cents::new(amount), || name);
        }
        assert_eq!(largest.offered(), 6);
        assert_eq!(largest.into_sorted(), ["b", "e", "a"]);
    }

    #[test]
    fn at_the_limit_nothing_is_lost() {
        let mut largest = Largest::new(2);
        largest.offer(Cents::ZERO, || 1);
        largest.offer(Cents::ZERO, || 2);
        assert_eq!(largest.into_sorted(), [1, 2]);
    }

    #[test]
    fn keys_over_the_limit_go_together() {
        let mut grouped = Grouped::new(2);
        for key in ["b", "a", "c", "b", "d"] {
            *grouped.of(&key, || 0) += 1;
        }
        let (groups, others) = grouped.into_parts();
        assert_eq!(groups.into_iter().collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
        assert_eq!(others, Some(2));
    }
}

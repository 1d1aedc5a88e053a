//! Which lines of a flow are which credit's, where several credits pay it or not all of it is paid.
//!
//! The search is bounded: [`LINES_MAX`], [`CREDITS_MAX`], [`STEPS_MAX`]. Past a bound there is no
//! answer, never a guess.

use std::ops::ControlFlow;

use crate::money::Cents;

/// Lines of a flow that are looked at. Of more lines, more than one part makes nearly any sum.
pub const LINES_MAX: usize = 64;
/// Credits of a flow that are looked at: the transfer and its integrations, TXT/0 to TXT/9 (SACI).
pub const CREDITS_MAX: usize = 10;
/// Lines that are put to a credit, one after the other, before the search is given up.
pub const STEPS_MAX: u32 = 200_000;

/// Gives each line to one credit, so that every credit is the sum of its lines and the lines that
/// no credit pays add up to `uncredited`. The answer has for each line the place of its credit, and
/// `None` where none pays it.
///
/// It is given only if it is the only one: two equal lines, one of each credit, could be exchanged,
/// and that is another assignment. The answer does not depend on the order of lines and credits.
#[must_use]
pub fn assign(credits: &[Cents], uncredited: Cents, lines: &[Cents]) -> Option<Vec<Option<usize>>> {
    assign_within(STEPS_MAX, credits, uncredited, lines)
}

fn assign_within(
    steps: u32,
    credits: &[Cents],
    uncredited: Cents,
    lines: &[Cents],
) -> Option<Vec<Option<usize>>> {
    if credits.is_empty()
        || credits.len() > CREDITS_MAX
        || lines.len() > LINES_MAX
        || uncredited.is_negative()
        || credits.iter().copied().sum::<Cents>() + uncredited != lines.iter().copied().sum()
    {
        return None;
    }
    let mut order: Vec<_> = (0..lines.len()).collect();
    order.sort_by_key(|&place| (std::cmp::Reverse(lines[place].abs()), lines[place], place));
    let mut parts = credits.to_vec();
    // What stays unpaid is one more part; where all is paid, no line may be in it.
    parts.extend(Some(uncredited).filter(|rest| !rest.is_zero()));
    parts[..credits.len()].sort_unstable();
    let mut search = Search::new(order.iter().map(|&place| lines[place]).collect(), parts, steps);
    if search.put(0).is_break() {
        return None;
    }
    let found = search.found?;
    // The search had the credits in order of amount. No two that are equal come this far: they
    // could exchange all their lines.
    let mut by_amount: Vec<_> = (0..credits.len()).collect();
    by_amount.sort_by_key(|&credit| credits[credit]);
    let mut answer = vec![None; lines.len()];
    for (place, part) in order.into_iter().zip(found) {
        answer[place] = by_amount.get(part).copied();
    }
    Some(answer)
}

/// A search through all assignments, the largest lines first.
struct Search {
    lines: Vec<Cents>,
    /// The least and the most that the lines from each place on can make.
    reach: Vec<(Cents, Cents)>,
    /// What each part still lacks.
    left: Vec<Cents>,
    /// To which part each line was put.
    to: Vec<usize>,
    found: Option<Vec<usize>>,
    steps: u32,
}

impl Search {
    fn new(lines: Vec<Cents>, parts: Vec<Cents>, steps: u32) -> Self {
        let mut reach = vec![(Cents::ZERO, Cents::ZERO); lines.len() + 1];
        for place in (0..lines.len()).rev() {
            let (least, most) = reach[place + 1];
            let amount = lines[place];
            reach[place] = (least + amount.min(Cents::ZERO), most + amount.max(Cents::ZERO));
        }
        let to = vec![0; lines.len()];
        Self { lines, reach, left: parts, to, found: None, steps }
    }

    /// Puts the lines from `line` on in every way. Breaks when a second assignment is found, or
    /// the steps are used up.
    fn put(&mut self, line: usize) -> ControlFlow<()> {
        let Some(&amount) = self.lines.get(line) else { return self.keep() };
        // Of equal lines only ways in order of part are gone through: the others are exchanges.
        let first = if self.equals_last(line) { self.to[line - 1] } else { 0 };
        for part in first..self.left.len() {
            self.steps = match self.steps.checked_sub(1) {
                Some(steps) => steps,
                None => return ControlFlow::Break(()),
            };
            self.left[part] -= amount;
            self.to[line] = part;
            let (least, most) = self.reach[line + 1];
            if self.left.iter().all(|left| (least..=most).contains(left)) {
                self.put(line + 1)?;
            }
            self.left[part] += amount;
        }
        ControlFlow::Continue(())
    }

    fn equals_last(&self, line: usize) -> bool {
        line > 0 && self.lines[line] == self.lines[line - 1]
    }

    /// All lines are put, so every part has what it lacked: keeps the assignment if it is the first
    /// and no two equal lines can be exchanged in it.
    fn keep(&mut self) -> ControlFlow<()> {
        let exchangeable = (1..self.lines.len())
            .any(|line| self.equals_last(line) && self.to[line] != self.to[line - 1]);
        if exchangeable || self.found.is_some() {
            return ControlFlow::Break(());
        }
        self.found = Some(self.to.clone());
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cents(amounts: &[i64]) -> Vec<Cents> {
        amounts.iter().copied().map(Cents::new).collect()
    }

    /// For each line the number of its credit, `-` for none; `?` where there is no one answer.
    fn assigned(credits: &[i64], uncredited: i64, lines: &[i64]) -> String {
        match assign(&cents(credits), Cents::new(uncredited), &cents(lines)) {
            Some(to) => to
                .into_iter()
                .map(|credit| credit.map_or("-".to_owned(), |credit| credit.to_string()))
                .collect(),
            None => "?".to_owned(),
        }
    }

    #[test]
    fn lines_go_to_credits_where_only_one_way_is_right() {
        for (credits, uncredited, lines, expected, why) in [
            (&[30, 12][..], 0, &[10, 12, 20][..], "010", "two parts"),
            (&[12, 30], 0, &[10, 12, 20], "101", "whatever the order of the credits"),
            (&[30, 12], 0, &[20, 12, 10], "010", "whatever the order of the lines"),
            (&[20, 5], 0, &[10, 5, 10], "010", "equal lines of one credit"),
            (&[15, 10], 0, &[10, 5, 10], "?", "equal lines of two credits can be exchanged"),
            (&[10, 10], 0, &[10, 10], "?", "equal credits can be exchanged"),
            (&[30, 30], 0, &[10, 20, 25, 5], "?", "equal credits of different lines too"),
            (&[7, 8], 0, &[10, 5], "?", "a split at any cent"),
            (&[10, 6], 0, &[1, 9, 4, 2], "0011", "one way, 1 + 9 and 4 + 2"),
            (&[9, 7], 0, &[9, 4, 5, -2], "?", "with a revoked line, two ways: 9, or 4 + 5"),
            (&[8, 5], 0, &[10, 5, -2], "010", "a revoked line lowers its credit"),
            (&[10], 5, &[10, 5], "0-", "partly credited: the other line stays"),
            (&[10], 10, &[10, 10], "?", "partly credited: one of two equal lines"),
            (&[10, 4], 5, &[4, 5, 10], "1-0", "several credits, and not all is credited"),
            (&[14], 1, &[10, 5], "?", "a cent short is no line"),
            (&[15], 0, &[10, 5], "00", "one credit pays all"),
            (&[15], 0, &[10, 4], "?", "the lines are not the money"),
            (&[15], -1, &[10, 4], "?", "nothing is less than uncredited"),
            (&[], 14, &[10, 4], "?", "no credit, nothing to assign"),
        ] {
            assert_eq!(assigned(credits, uncredited, lines), expected, "{why}");
        }
    }

    #[test]
    fn past_a_bound_there_is_no_answer() {
        let ones = |count: usize| vec![1; count];
        let total = |count: usize| i64::try_from(count).unwrap();
        assert_eq!(assigned(&[total(LINES_MAX)], 0, &ones(LINES_MAX)), "0".repeat(LINES_MAX));
        assert_eq!(assigned(&[total(LINES_MAX + 1)], 0, &ones(LINES_MAX + 1)), "?");

        let powers = |count: usize| (0..count).map(|n| 1 << n).collect::<Vec<i64>>();
        let many = powers(CREDITS_MAX);
        assert_eq!(assigned(&many, 0, &many), "0123456789");
        let too_many = powers(CREDITS_MAX + 1);
        assert_eq!(assigned(&too_many, 0, &too_many), "?");
    }

    #[test]
    fn a_search_ends_when_its_steps_are_used_up() {
        // One way only, and every line is put once.
        let (credits, lines) = (cents(&[6]), cents(&[1, 2, 3]));
        let within = |steps| assign_within(steps, &credits, Cents::ZERO, &lines);
        assert_eq!(within(3), Some(vec![Some(0); 3]));
        assert_eq!(within(2), None);
        // Even lines never make an odd credit: without the bound, 2^64 ways to try.
        let even: Vec<i64> = (0..).map(|n| 2 * n * n + 2).take(LINES_MAX).collect();
        let total: i64 = even.iter().sum();
        let odd = (total / 2) | 1;
        assert_eq!(assigned(&[odd, total - odd], 0, &even), "?");
    }

    /// Every way to put lines in parts, tried one by one.
    fn by_force(parts: &[Cents], lines: &[Cents]) -> Vec<Vec<usize>> {
        let ways = parts.len().pow(u32::try_from(lines.len()).unwrap());
        let way = |mut number: usize| {
            let mut to = Vec::with_capacity(lines.len());
            for _ in lines {
                to.push(number % parts.len());
                number /= parts.len();
            }
            to
        };
        let right = |to: &Vec<usize>| {
            let mut left = parts.to_vec();
            for (&part, &line) in to.iter().zip(lines) {
                left[part] -= line;
            }
            left.iter().all(|left| left.is_zero())
        };
        (0..ways).map(way).filter(right).collect()
    }

    proptest! {
        #[test]
        fn it_finds_what_trying_every_way_finds(
            lines in prop::collection::vec((-3_i64..12, 0_usize..4), 1..7),
            partly in any::<bool>(),
        ) {
            // Each line is dealt to one of three credits or, where that may be, to none.
            let mut sums = [0_i64; 4];
            for (amount, to) in &lines {
                sums[if partly { *to } else { to % 3 }] += amount;
            }
            let lines = cents(&lines.iter().map(|(amount, _)| *amount).collect::<Vec<_>>());
            let used = sums[..3].iter().filter(|sum| **sum > 0).copied().collect::<Vec<_>>();
            let credits = cents(&used);
            let rest = lines.iter().copied().sum::<Cents>() - credits.iter().copied().sum();
            prop_assume!(!credits.is_empty() && !rest.is_negative());
            let mut parts = credits.clone();
            parts.extend(Some(rest).filter(|rest| !rest.is_zero()));
            let ways = by_force(&parts, &lines);
            let expected = match ways.as_slice() {
                [only] => {
                    let credit = |&part: &usize| Some(part).filter(|part| *part < credits.len());
                    Some(only.iter().map(credit).collect::<Vec<_>>())
                }
                _ => None,
            };
            prop_assert_eq!(assign(&credits, rest, &lines), expected);
        }
    }
}

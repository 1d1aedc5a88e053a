//! Charts: whole numbers of the drawing, worked out here; the templates only place them.

use domain::money::Cents;

use crate::italian::ShortEuro;

/// A part of a bar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Where it begins along its bar, from the left or from the top.
    pub start: u64,
    /// How long it is.
    pub length: u64,
    /// Its series, as the style sheet names it.
    pub series: &'static str,
}

/// A bar of stacked segments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Where it stands across the chart.
    pub place: u64,
    /// What it is.
    pub label: String,
    /// What it is worth, in words.
    pub value: String,
    /// Where all its segments end.
    pub end: u64,
    /// Its segments; those of nothing are left out.
    pub segments: Vec<Segment>,
}

/// A line of the scale.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    /// Where it stands.
    pub place: u64,
    /// What it is worth.
    pub label: String,
}

/// Bars that stand, with a scale of euro.
#[derive(Debug)]
pub(crate) struct Columns {
    pub bars: Vec<Bar>,
    pub ticks: Vec<Tick>,
}

/// What a bar is made of: its label, its value in words, each series with its amount.
pub(crate) struct Stack {
    pub label: String,
    pub value: String,
    pub parts: Vec<(&'static str, u64)>,
}

impl Stack {
    fn total(&self) -> u64 {
        self.parts.iter().map(|(_, amount)| amount).sum()
    }
}

/// Height of the drawing of standing bars, without labels.
pub(crate) const COLUMNS_HEIGHT: u64 = 220;
/// Distance between two standing bars.
pub(crate) const COLUMN_STEP: u64 = 56;
/// Length of the longest lying bar.
pub(crate) const ROWS_WIDTH: u64 = 340;
/// Distance between two lying bars.
pub(crate) const ROW_STEP: u64 = 30;

/// Standing bars; the first part is at the bottom.
pub(crate) fn columns(stacks: Vec<Stack>) -> Columns {
    let most = stacks.iter().map(Stack::total).max().unwrap_or(0);
    let step = tick_step(most);
    let top = most.div_ceil(step).max(1) * step;
    let ticks = (0..=top / step)
        .map(|n| Tick {
            place: COLUMNS_HEIGHT - scaled(n * step, top, COLUMNS_HEIGHT),
            label: ShortEuro(Cents::new((n * step).cast_signed())).to_string(),
        })
        .collect();
    let bars = (0..)
        .zip(stacks)
        .map(|(n, stack)| {
            bar(n * COLUMN_STEP, stack, top, COLUMNS_HEIGHT, |from, to| {
                (COLUMNS_HEIGHT - to, to - from)
            })
        })
        .collect();
    Columns { bars, ticks }
}

/// Lying bars; the first part is at the left.
pub(crate) fn rows(stacks: Vec<Stack>) -> Vec<Bar> {
    let most = stacks.iter().map(Stack::total).max().unwrap_or(0);
    (0..)
        .zip(stacks)
        .map(|(n, stack)| bar(n * ROW_STEP, stack, most, ROWS_WIDTH, |from, to| (from, to - from)))
        .collect()
}

fn bar(
    place: u64,
    stack: Stack,
    whole: u64,
    length: u64,
    lay: impl Fn(u64, u64) -> (u64, u64),
) -> Bar {
    let mut sum = 0;
    let mut end = 0;
    let mut segments = Vec::new();
    for (series, amount) in stack.parts {
        if amount == 0 {
            continue;
        }
        let from = end;
        sum += amount;
        // What is there is seen, however small.
        end = scaled(sum, whole, length).max(from + 1);
        let (start, length) = lay(from, end);
        segments.push(Segment { start, length, series });
    }
    Bar { place, label: stack.label, value: stack.value, end, segments }
}

fn scaled(part: u64, whole: u64, length: u64) -> u64 {
    let scaled = u128::from(part) * u128::from(length) / u128::from(whole.max(1));
    u64::try_from(scaled).expect("a part of a whole is not longer than the whole")
}

/// The least of 1, 2, 5, 10, 20, 50 … euro that divides `most` cents in at most five parts.
fn tick_step(most: u64) -> u64 {
    let mut power = 100;
    loop {
        for step in [power, 2 * power, 5 * power] {
            if most.div_ceil(step) <= 5 {
                return step;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(parts: &[(&'static str, u64)]) -> Stack {
        Stack { label: String::new(), value: String::new(), parts: parts.to_vec() }
    }

    #[test]
    fn the_scale_has_round_steps_and_covers_the_highest_bar() {
        for (most, step) in
            [(0, 100), (500, 100), (501, 200), (123_456_789, 50_000_000), (100_000_000, 20_000_000)]
        {
            assert_eq!(tick_step(most), step, "{most}");
        }
        let chart = columns(vec![stack(&[("matched", 123_456_789)])]);
        let labels: Vec<_> = chart.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(
            labels,
            ["0\u{A0}€", "500\u{A0}mila\u{A0}€", "1\u{A0}mln\u{A0}€", "1,5\u{A0}mln\u{A0}€"]
        );
        assert_eq!(chart.ticks[0].place, COLUMNS_HEIGHT);
        assert_eq!(chart.ticks[3].place, 0);
    }

    #[test]
    fn segments_stack_from_the_bottom_and_small_ones_are_seen() {
        // A scale of 5 euro: 3 euro are 3/5 of 220, the cent above them takes the least length.
        let chart = columns(vec![stack(&[("a", 300), ("b", 0), ("c", 1)]), stack(&[("a", 500)])]);
        let segments = &chart.bars[0].segments;
        assert_eq!(segments[0], Segment { start: 220 - 132, length: 132, series: "a" });
        assert_eq!(segments[1], Segment { start: 220 - 133, length: 1, series: "c" });
        assert_eq!(chart.bars[1].segments[0].start, 0);
    }

    #[test]
    fn nothing_draws_nothing() {
        assert!(rows(vec![stack(&[("a", 0)])])[0].segments.is_empty());
        assert!(columns(Vec::new()).bars.is_empty());
    }
}

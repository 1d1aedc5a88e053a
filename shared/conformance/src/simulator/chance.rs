//! What the worlds of the simulator are drawn with.

use crate::SplitMix64;

/// A source of chance.
#[derive(Debug, Clone)]
pub(super) struct Chance(SplitMix64);

impl Chance {
    /// The `stream`-th source of `seed`: streams do not disturb each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(SplitMix64(seed.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ stream.rotate_left(32)))
    }

    /// A place in a list of `bound` elements, which must not be empty.
    pub fn below(&mut self, bound: usize) -> usize {
        let place = self.0.draw() % u64::try_from(bound).expect("a length is a u64");
        usize::try_from(place).expect("a place below a usize is a usize")
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + u32::try_from(self.0.draw() % u64::from(high - low + 1)).expect("it is below a u32")
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.0.draw() % 100 < percent
    }

    /// One of `items`, which must not be empty.
    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// Puts `items` in any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

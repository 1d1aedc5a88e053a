//! Damage to bytes that depends on a seed alone: what copying, cutting, mistyping and malice do.

use conformance::SplitMix64;

/// The longest damaged input.
pub const BYTES_MAX: usize = 256 * 1024;

/// What is put somewhere: delimiters, entities, marks, numbers at the edge of a type.
const TOKENS: [&[u8]; 28] = [
    b"<",
    b">",
    b"</",
    b"/>",
    b"&lt;",
    b"&#x0;",
    b"&#xFFFF;",
    b"&x;",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a [",
    b"<!--",
    b"<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"[",
    b"}",
    b",",
    b";",
    b"\r\n",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"-1",
    b"99999999999999999999.99",
    b"9223372036854775807",
];

/// A source of damage.
pub struct Damage(SplitMix64);

impl Damage {
    /// The damage of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(SplitMix64(seed))
    }

    /// A number below `bound`; 0 where that is 0.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0.draw() % bound).unwrap_or(0)
    }

    /// One of the seeds, damaged in one to six places.
    ///
    /// # Panics
    /// When there is no seed.
    #[must_use]
    pub fn of(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            self.once(&mut bytes, seeds);
            bytes.truncate(BYTES_MAX);
        }
        bytes
    }

    fn once(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let from = self.below(bytes.len() + 1);
        let length = self.below(64).min(bytes.len() - from);
        let to = from + length;
        match self.below(9) {
            0 if from < bytes.len() => bytes[from] ^= 1 << self.below(8),
            1 if from < bytes.len() => bytes[from] = self.0.draw().to_le_bytes()[0],
            2 => drop(bytes.splice(from..from, TOKENS[self.below(TOKENS.len())].iter().copied())),
            3 => drop(bytes.drain(from..to)),
            4 => {
                // Said again, once or very often.
                let again = bytes[from..to].repeat(1 + self.below(3) * self.below(200));
                drop(bytes.splice(from..from, again));
            }
            5 => {
                // A piece of another input.
                let other = &seeds[self.below(seeds.len())];
                let begin = self.below(other.len() + 1);
                let end = (begin + self.below(256)).min(other.len());
                drop(bytes.splice(from..to, other[begin..end].iter().copied()));
            }
            6 => bytes.truncate(from),
            7 => {
                // Another number in the place of one.
                let digit = |byte: &u8| byte.is_ascii_digit();
                let Some(begin) = bytes[from..].iter().position(digit).map(|at| from + at) else {
                    return;
                };
                let end = bytes[begin..].iter().position(|byte| !digit(byte));
                let end = end.map_or(bytes.len(), |at| begin + at);
                let numbers: [&[u8]; 5] = [b"0", b"00", b"-5", b"99999999999999999999", b"31"];
                drop(bytes.splice(begin..end, numbers[self.below(5)].iter().copied()));
            }
            _ => bytes[from..to].reverse(),
        }
    }
}

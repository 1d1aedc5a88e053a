//! The dictionary of the IUFs that an organization knows.

use crate::identifier::Iuf;

use super::form::{Form, is_unmistakable, starts_with_date};
use super::text::{Text, fold};

/// How many candidates a reading lists at most.
pub(super) const MAX_CANDIDATES: usize = 8;

/// The organization's known IUFs, sorted by their comparable form: built once, asked for every
/// credit. A look-up costs a few binary searches, whatever the number of flows; 100,000 flows take
/// about 15 MB.
///
/// A sorted list and not an automaton over the text: an identifier can only begin at a few places
/// of a causale, the cut ones need the list anyway, and it is built ten times faster.
#[derive(Debug, Clone, Default)]
pub struct KnownFlows {
    flows: Vec<Known>,
    /// Some of them can be recognised anywhere although they have no date.
    undated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    /// The comparable form: no blanks, lower case.
    key: Box<[u8]>,
    iuf: Iuf,
}

impl KnownFlows {
    /// The dictionary of `iufs`, in any order, repeated or not.
    ///
    /// What can be no IUF (a bare date, a single character) is left out: such a flow can only be
    /// matched by a person.
    pub fn new(iufs: impl IntoIterator<Item = Iuf>) -> Self {
        let mut flows: Vec<Known> = iufs
            .into_iter()
            .map(|iuf| Known { key: fold(iuf.as_str()).into(), iuf })
            .filter(|known| {
                known.key.len() > 1
                    && !matches!(Form::of(&known.key), Form::Date | Form::PartOfDate)
            })
            .collect();
        flows.sort_unstable();
        flows.dedup();
        let undated = |key: &[u8]| is_unmistakable(key) && !starts_with_date(key);
        let undated = flows.iter().any(|known| undated(&known.key));
        Self { flows, undated }
    }

    /// The known flows whose whole identifier stands in `text` at `start` and ends at a boundary:
    /// those of the longest such identifier. More than one only if they differ by case or blanks.
    pub(super) fn whole_at(&self, text: &Text<'_>, start: usize) -> &[Known] {
        self.longest(&text.bytes()[start..], |length| text.ends_identifier(start + length))
    }

    /// The same without the boundary: more characters are glued to the identifier.
    pub(super) fn glued_at(&self, text: &Text<'_>, start: usize) -> &[Known] {
        self.longest(&text.bytes()[start..], |_| true)
    }

    /// The known flows of the longest identifier that `text` begins with and `accept` agrees to.
    fn longest(&self, text: &[u8], accept: impl Fn(usize) -> bool) -> &[Known] {
        let mut rest = text;
        loop {
            let upper = self.flows.partition_point(|known| &*known.key <= rest);
            let Some(last) = upper.checked_sub(1) else { return &[] };
            let nearest = &self.flows[last].key;
            let common = common_prefix(nearest, rest);
            let whole = common == nearest.len();
            if whole && accept(common) {
                let first = self.flows.partition_point(|known| known.key < *nearest);
                return &self.flows[first..upper];
            }
            // Whatever is shorter and fits is a beginning of what the two have in common.
            rest = &rest[..if whole { common - 1 } else { common }];
        }
    }

    /// Whether a known flow can be recognised without a date and outside the grammar.
    pub(super) fn has_undated(&self) -> bool {
        self.undated
    }

    /// The known flows whose identifier begins with `prefix` and goes on.
    pub(super) fn beginning_with(&self, prefix: &[u8]) -> &[Known] {
        let first = self.flows.partition_point(|known| &*known.key <= prefix);
        let count = self.flows[first..].partition_point(|known| known.key.starts_with(prefix));
        &self.flows[first..first + count]
    }
}

impl Known {
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn iuf(&self) -> &Iuf {
        &self.iuf
    }
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(iufs: &[&str]) -> KnownFlows {
        KnownFlows::new(iufs.iter().map(|iuf| Iuf::parse(iuf).unwrap()))
    }

    fn whole(flows: &KnownFlows, text: &str) -> Vec<String> {
        flows.whole_at(&Text::new(text), 0).iter().map(|k| k.iuf.to_string()).collect()
    }

    #[test]
    fn the_longest_whole_identifier_is_found() {
        let flows = known(&["ab-1", "ab-12", "ab-1234", "ac", "b"]);
        assert_eq!(whole(&flows, "ab-12"), ["ab-12"]);
        assert_eq!(whole(&flows, "AB-12/x"), ["ab-12"]);
        assert_eq!(whole(&flows, "ab-123"), [""; 0], "glued to more");
        assert_eq!(whole(&flows, "ab-12 3"), ["ab-12"]);
        assert_eq!(whole(&flows, "ab-12 3 4"), ["ab-1234"], "blanks do not count");
        assert_eq!(whole(&flows, "ab-1 2 3"), ["ab-12"], "and the longest wins");
        assert_eq!(whole(&flows, "ab"), [""; 0]);
        assert_eq!(whole(&flows, "zz"), [""; 0]);
        assert_eq!(whole(&flows, "b"), [""; 0], "too short to be an identifier");
    }

    #[test]
    fn prefixes_find_what_goes_on() {
        let flows = known(&["ab-1", "ab-12", "ab-2", "ac"]);
        let beginning = |prefix: &str| flows.beginning_with(prefix.as_bytes()).len();
        assert_eq!(beginning("ab"), 3);
        assert_eq!(beginning("ab-1"), 1, "ab-1 itself is whole, not cut");
        assert_eq!(beginning("ad"), 0);
    }
}

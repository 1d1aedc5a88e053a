//! The keys that personal data is sealed with: one secret for each year.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::port::Hash;

/// 32 secret bytes.
pub(super) type Secret = [u8; 32];

/// The secrets of a ledger. Each subject of a year is sealed with a key of its own, made from the
/// secret of the year; who destroys that secret has destroyed all keys of the year, but for those
/// that were kept apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Keyring {
    /// What the ledger knows its keys by.
    identity: Secret,
    years: BTreeMap<i16, Year>,
    /// Keys of subjects that were still open when their year was closed.
    kept: BTreeMap<(String, i16), Secret>,
}

/// The secret of a year, with which HMAC is begun once: it makes a key for each subject.
#[derive(Clone)]
struct Year {
    secret: Secret,
    hmac: Hmac<Sha256>,
}

impl Year {
    fn new(secret: Secret) -> Self {
        Self { secret, hmac: hmac(&secret) }
    }

    fn mac(&self, texts: &[&str]) -> Secret {
        mac(self.hmac.clone(), texts)
    }
}

impl PartialEq for Year {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl Eq for Year {}

/// It is no keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a file of keys that this program wrote")]
pub struct NoKeyring;

/// A keyring as it is kept.
#[derive(Serialize, Deserialize)]
struct Written {
    identity: String,
    years: BTreeMap<i16, String>,
    kept: Vec<(String, i16, String)>,
}

impl Keyring {
    /// The years that have a secret of their own. What is older or later goes with the first or
    /// with the last.
    pub const YEARS: RangeInclusive<i16> = 1990..=2100;

    /// The keyring that follows from 32 random bytes. They must be forgotten: who has them can
    /// make every key again.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Self {
        let year = |year: i16| (year, Year::new(mac(hmac(seed), &["year", &year.to_string()])));
        Self {
            identity: mac(hmac(seed), &["identity"]),
            years: Self::YEARS.map(year).collect(),
            kept: BTreeMap::new(),
        }
    }

    /// Reads a keyring that [`Keyring::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is something else.
    pub fn from_json(text: &str) -> Result<Self, NoKeyring> {
        let read: Written = serde_json::from_str(text).map_err(|_| NoKeyring)?;
        let years =
            read.years.iter().map(|(year, secret)| Ok((*year, Year::new(from_hex(secret)?))));
        let kept = read.kept.into_iter();
        let kept = kept.map(|(subject, year, key)| Ok(((subject, year), from_hex(&key)?)));
        Ok(Self {
            identity: from_hex(&read.identity)?,
            years: years.collect::<Result<_, NoKeyring>>()?,
            kept: kept.collect::<Result<_, NoKeyring>>()?,
        })
    }

    /// The keyring as text, to be kept where only this program can read it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let hex = |secret: &Secret| Hash(*secret).to_string();
        let kept = self.kept.iter();
        crate::record::write(&Written {
            identity: hex(&self.identity),
            years: self.years.iter().map(|(year, of)| (*year, hex(&of.secret))).collect(),
            kept: kept.map(|((name, year), key)| (name.clone(), *year, hex(key))).collect(),
        })
    }

    /// What a ledger knows its keys by; tells nothing of them.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        Hash(mac(hmac(&self.identity), &["fingerprint"]))
    }

    /// The years whose secret is still there.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.keys().copied()
    }

    /// The year of [`Keyring::YEARS`] that a year goes with.
    #[must_use]
    pub fn period(year: i16) -> i16 {
        year.clamp(*Self::YEARS.start(), *Self::YEARS.end())
    }

    /// A keyed hash of what is looked up in a year; none where the year was forgotten.
    #[must_use]
    pub fn lookup(&self, year: i16, value: &str) -> Option<Hash> {
        self.years.get(&year).map(|year| Hash(year.mac(&["lookup", value])))
    }

    /// The keyring without the secrets of `years`. Of these, and of those that were destroyed
    /// before, the keys of the subjects of `open` stay.
    #[must_use]
    pub fn without(&self, years: &BTreeSet<i16>, open: &BTreeSet<(String, i16)>) -> Self {
        let gone = |year: &i16| years.contains(year) || !self.years.contains_key(year);
        let kept = open.iter().filter(|(_, year)| gone(year)).filter_map(|(subject, year)| {
            self.key(subject, *year).map(|key| ((subject.clone(), *year), key))
        });
        let left = self.years.iter().filter(|(year, _)| !years.contains(year));
        Self {
            identity: self.identity,
            kept: kept.collect(),
            years: left.map(|(year, of)| (*year, of.clone())).collect(),
        }
    }

    /// Whether what was sealed for a subject in a year can still be opened.
    #[must_use]
    pub fn opens(&self, subject: &str, year: i16) -> bool {
        self.key(subject, year).is_some()
    }

    /// The key of a subject in a year; none where it was destroyed.
    pub(super) fn key(&self, subject: &str, year: i16) -> Option<Secret> {
        match self.years.get(&year) {
            Some(year) => Some(year.mac(&["subject", subject])),
            // Few are kept: looked for only where the year is gone.
            None => self.kept.get(&(subject.to_owned(), year)).copied(),
        }
    }
}

/// No secret reaches a log.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(..)")
    }
}

fn hmac(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")
}

/// HMAC-SHA-256 of texts, each told apart from the next by its length.
fn mac(mut mac: Hmac<Sha256>, texts: &[&str]) -> Secret {
    for text in texts {
        mac.update(&(text.len() as u64).to_le_bytes());
        mac.update(text.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

fn from_hex(text: &str) -> Result<Secret, NoKeyring> {
    text.parse().map(|Hash(secret)| secret).map_err(|_| NoKeyring)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(subject: &str, year: i16) -> BTreeSet<(String, i16)> {
        BTreeSet::from([(subject.to_owned(), year)])
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let ring = Keyring::new(&[7; 32]).without(&BTreeSet::from([2019]), &open("a", 2019));
        assert_eq!(Keyring::from_json(&ring.to_json()), Ok(ring.clone()));
        assert_eq!(format!("{ring:?}"), "Keyring(..)");
        for wrong in ["", "{}", &ring.to_json().replace("identity\":\"", "identity\":\"€€")] {
            assert_eq!(Keyring::from_json(wrong), Err(NoKeyring), "{wrong}");
        }
    }

    #[test]
    fn keys_differ_by_seed_subject_and_year() {
        let (ring, other) = (Keyring::new(&[1; 32]), Keyring::new(&[2; 32]));
        let keys = [
            ring.key("a", 2026),
            ring.key("b", 2026),
            ring.key("a", 2025),
            other.key("a", 2026),
            ring.lookup(2026, "a").map(|hash| hash.0),
        ];
        let distinct: BTreeSet<_> = keys.iter().flatten().collect();
        assert_eq!(distinct.len(), keys.len());
        assert_eq!(ring.key("a", 2026), Keyring::new(&[1; 32]).key("a", 2026));
    }

    #[test]
    fn of_a_closed_year_only_what_is_open_keeps_its_key_and_only_while_it_is() {
        let ring = Keyring::new(&[1; 32]);
        let closed = ring.without(&BTreeSet::from([2019]), &open("a", 2019));
        assert_eq!(closed.key("a", 2019), ring.key("a", 2019));
        assert_eq!(closed.key("b", 2019), None);
        assert_eq!(closed.lookup(2019, "x"), None);
        assert_eq!(closed.key("b", 2020), ring.key("b", 2020));
        let paid = closed.without(&BTreeSet::new(), &BTreeSet::new());
        assert_eq!(paid.key("a", 2019), None);
        assert_eq!(paid.fingerprint(), ring.fingerprint());
    }

    #[test]
    fn a_year_beyond_the_range_goes_with_its_end() {
        let periods = [1861, 1990, 2026, 2100, 9999].map(Keyring::period);
        assert_eq!(periods, [1990, 1990, 2026, 2100, 2100]);
    }
}

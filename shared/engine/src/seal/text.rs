//! Sealed texts inside a record, which otherwise stays as readable as it was.
//!
//! A sealed text takes the place of the text: `\u0001`, which no journal can hold, the year of its
//! key, and AES-SIV (RFC 5297) of the text as it stands in the JSON, in base 64. The same text of
//! the same subject is sealed as the same bytes, so that a fact that comes again is known.

use std::borrow::Cow;
use std::fmt::Write as _;

use aes_siv::KeyInit;
use aes_siv::siv::Aes128Siv;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::keyring::{Keyring, Secret};

/// How a sealed text begins: in memory, and as JSON writes it.
const MARK: char = '\u{1}';
const MARK_IN_JSON: &str = "\\u0001";

/// What is shown in the place of a text that was forgotten.
pub const FORGOTTEN: &str = "dato cancellato";

/// A sealed text that its key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotOpened;

/// What takes the place of a text whose key was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// `null`: as if nobody had known it.
    Absent,
    /// The sealed text itself, to be carried on.
    Sealed,
}

/// Whether a text of the ledger is sealed and its key was destroyed.
#[must_use]
pub fn is_forgotten(text: &str) -> bool {
    text.starts_with(MARK)
}

/// The text as people read it.
#[must_use]
pub fn shown(text: &str) -> &str {
    if is_forgotten(text) { FORGOTTEN } else { text }
}

/// The body with the texts of `fields` sealed for a subject in a year. A text that is sealed with
/// a key that was destroyed stays so. `None` where the key of the year was destroyed.
pub(super) fn seal<'b>(
    body: &'b str,
    fields: &[&str],
    ring: &Keyring,
    subject: &str,
    year: i16,
) -> Option<Cow<'b, str>> {
    let key = ring.key(subject, year);
    let mut destroyed = false;
    let mut sealed = None;
    let body = rewritten(body, fields, |field, text, out| {
        if sealed_in(text).is_some_and(|(year, _)| ring.key(subject, year).is_none()) {
            return false;
        }
        let Some(key) = &key else {
            destroyed = true;
            return false;
        };
        let cipher = sealed.get_or_insert_with(|| cipher(key));
        let bytes = cipher.encrypt([field.as_bytes()], text.as_bytes());
        let bytes = bytes.expect("a text of a record is shorter than AES-SIV allows");
        write!(out, "\"{MARK_IN_JSON}{year}:").expect("a String takes any text");
        BASE64_URL_SAFE_NO_PAD.encode_string(bytes, out);
        out.push('"');
        true
    });
    (!destroyed).then_some(body)
}

/// The body with the texts of `fields` opened, as far as their keys are there.
pub(super) fn open<'b>(
    body: &'b str,
    fields: &[&str],
    ring: &Keyring,
    subject: &str,
    gone: Gone,
) -> Result<Cow<'b, str>, NotOpened> {
    // Most bodies hold texts of one year.
    let mut of_year: Option<(i16, Option<Aes128Siv>)> = None;
    let mut failed = false;
    let body = rewritten(body, fields, |field, text, out| {
        let Some((year, bytes)) = sealed_in(text) else { return false };
        if of_year.as_ref().is_none_or(|(known, _)| *known != year) {
            of_year = Some((year, ring.key(subject, year).map(|key| cipher(&key))));
        }
        let Some((_, Some(cipher))) = &mut of_year else {
            return gone == Gone::Absent && blank(out);
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(bytes).ok();
        let text = bytes.and_then(|bytes| cipher.decrypt([field.as_bytes()], &bytes).ok());
        let Some(text) = text.as_deref().and_then(|text| str::from_utf8(text).ok()) else {
            failed = true;
            return false;
        };
        out.extend(["\"", text, "\""]);
        true
    });
    if failed { Err(NotOpened) } else { Ok(body) }
}

/// The body without the texts of `fields`.
pub(super) fn blanked<'b>(body: &'b str, fields: &[&str]) -> Cow<'b, str> {
    rewritten(body, fields, |_, _, out| blank(out))
}

/// The years of the keys that texts of `fields` are sealed with.
pub(super) fn years(body: &str, fields: &[&str]) -> Vec<i16> {
    let mut years = Vec::new();
    rewritten(body, fields, |_, text, _| {
        years.extend(sealed_in(text).map(|(year, _)| year));
        false
    });
    years
}

/// No text.
fn blank(out: &mut String) -> bool {
    out.push_str("null");
    true
}

fn cipher(key: &Secret) -> Aes128Siv {
    Aes128Siv::new(&(*key).into())
}

/// The year and the base 64 of a sealed text, as it stands in JSON.
fn sealed_in(text: &str) -> Option<(i16, &str)> {
    let (year, bytes) = text.strip_prefix(MARK_IN_JSON)?.split_once(':')?;
    let year = year.parse().ok().filter(|year| Keyring::YEARS.contains(year))?;
    Some((year, bytes))
}

/// Hands over each text that is the value of one of `fields`, as it stands in the JSON between its
/// quotes, and puts what is written instead, quotes included, in its place; where nothing is, the
/// text stays.
///
/// The body is of this program: no blanks between a name, its colon and its value.
fn rewritten<'b>(
    body: &'b str,
    fields: &[&str],
    mut change: impl FnMut(&str, &str, &mut String) -> bool,
) -> Cow<'b, str> {
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some((start, end)) = next_string(body, at) {
        at = end + 1;
        let name = &body[start + 1..end];
        if !body[at..].starts_with(":\"") || !fields.contains(&name) {
            continue;
        }
        let Some((start, end)) = next_string(body, at) else { break };
        at = end + 1;
        let unchanged = out.len();
        if out.capacity() == 0 {
            out.reserve(2 * body.len());
        }
        out.push_str(&body[copied..start]);
        if change(name, &body[start + 1..end], &mut out) {
            copied = at;
        } else {
            out.truncate(unchanged);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(body);
    }
    out.push_str(&body[copied..]);
    Cow::Owned(out)
}

/// The places of the quotes of the first JSON string from `at` on.
fn next_string(body: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = body.as_bytes();
    let start = at + bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
    let mut end = start + 1;
    loop {
        end += bytes.get(end..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if bytes[end] == b'"' {
            return Some((start, end));
        }
        // A backslash, and what it escapes.
        end += 2;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FIELDS: [&str; 2] = ["name", "plate"];
    const SUBJECT: &str = "01234567897#POS#A-1";
    const BODY: &str = r#"{"id":"name","name":"D'A\"ngelo \\","n":[1,"x"],"plate":null,"in":{"plate":"AB123CD","other":"name\":"}}"#;

    fn ring() -> Keyring {
        Keyring::new(&[3; 32])
    }

    fn sealed(body: &str) -> String {
        seal(body, &FIELDS, &ring(), SUBJECT, 2026).unwrap().into_owned()
    }

    #[test]
    fn what_is_sealed_is_not_there_and_comes_back_byte_for_byte() {
        let sealed = sealed(BODY);
        for personal in ["ngelo", "AB123CD"] {
            assert!(!sealed.contains(personal));
        }
        // What is not personal stays as it was.
        for plain in [r#""id":"name""#, r#""n":[1,"x"],"plate":null"#, r#""other":"name\":""#] {
            assert!(sealed.contains(plain), "{sealed}");
        }
        let opened = open(&sealed, &FIELDS, &ring(), SUBJECT, Gone::Absent).unwrap();
        assert_eq!(opened, BODY);
        assert!(serde_json::from_str::<serde_json::Value>(&sealed).is_ok());
    }

    #[test]
    fn the_same_is_sealed_the_same_and_differently_for_another_subject_year_or_field() {
        let value = |body: &str, subject, year| {
            let body = seal(body, &FIELDS, &ring(), subject, year).unwrap();
            body.rsplit_once(':').unwrap().1.to_owned()
        };
        let (name, plate) = (r#"{"name":"X"}"#, r#"{"plate":"X"}"#);
        let values = [
            value(name, SUBJECT, 2026),
            value(name, "other", 2026),
            value(name, SUBJECT, 2025),
            value(plate, SUBJECT, 2026),
        ];
        assert_eq!(values[0], value(name, SUBJECT, 2026));
        assert_eq!(BTreeSet::from(values).len(), 4);
    }

    #[test]
    fn what_was_sealed_for_another_or_damaged_does_not_open() {
        let sealed = sealed(BODY);
        let damaged = sealed.replacen("2026:", "2026:A", 1);
        let other = Keyring::new(&[4; 32]);
        let open = |body: &str, ring: &Keyring, subject: &str| {
            open(body, &FIELDS, ring, subject, Gone::Absent).map(Cow::into_owned)
        };
        assert_eq!(open(&sealed, &other, SUBJECT), Err(NotOpened));
        assert_eq!(open(&sealed, &ring(), "01234567897#POS#A-2"), Err(NotOpened));
        assert_eq!(open(&damaged, &ring(), SUBJECT), Err(NotOpened));
    }

    #[test]
    fn without_its_key_a_text_is_gone_and_what_was_opened_is_sealed_as_before() {
        let sealed = sealed(BODY);
        let ring = ring().without(&BTreeSet::from([2026]), &BTreeSet::new());
        let gone = open(&sealed, &FIELDS, &ring, SUBJECT, Gone::Absent).unwrap();
        let expected = r#"{"id":"name","name":null,"n":[1,"x"],"plate":null,"in":{"plate":null,"other":"name\":"}}"#;
        assert_eq!(gone, expected);
        let carried = open(&sealed, &FIELDS, &ring, SUBJECT, Gone::Sealed).unwrap();
        assert_eq!(carried, sealed);
        assert_eq!(seal(&carried, &FIELDS, &ring, SUBJECT, 2026).unwrap(), sealed);
        // A new text has no key any more.
        assert_eq!(seal(BODY, &FIELDS, &ring, SUBJECT, 2026), None);
        // A record that has no personal text needs none.
        assert_eq!(seal(r#"{"id":"A"}"#, &FIELDS, &ring, SUBJECT, 2026).unwrap(), r#"{"id":"A"}"#);
    }

    #[test]
    fn a_forgotten_text_is_shown_as_such() {
        let sealed = sealed(r#"{"name":"X"}"#);
        let value: serde_json::Value = serde_json::from_str(&sealed).unwrap();
        let text = value["name"].as_str().unwrap();
        assert!(is_forgotten(text));
        assert_eq!((shown(text), shown("Rossi")), (FORGOTTEN, "Rossi"));
        assert_eq!(years(&sealed, &FIELDS), [2026]);
    }

    #[test]
    fn a_text_that_looks_sealed_is_sealed_like_any_other() {
        let body = r#"{"name":"\u00012026:abc"}"#;
        let opened =
            open(&sealed(body), &FIELDS, &ring(), SUBJECT, Gone::Absent).map(Cow::into_owned);
        assert_eq!(opened.as_deref(), Ok(body));
    }
}

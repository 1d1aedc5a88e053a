//! Items: their keys, and text in little room.

use std::collections::HashMap;
use std::io::{Read, Write};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use engine::port::{PortError, PortResult};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use crate::failure::damaged;

/// An item of a table.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Name of the partition key.
pub(crate) const PK: &str = "pk";
/// Name of the sort key.
pub(crate) const SK: &str = "sk";
/// Stands between the two names of a sort key: before every character that a name has.
pub(crate) const BREAK: char = '\0';
/// Shards of each family. A shard takes 1,000 write units a second before DynamoDB splits it.
pub(crate) const SHARDS: u8 = 64;

/// The longest sort key that DynamoDB takes, in bytes.
const SORT_KEY_MAX: usize = 1024;
/// The largest item that DynamoDB takes, in bytes: names and values.
const ITEM_MAX: usize = 400 * 1024;
/// Text that is shorter goes as it is: the smallest write is of 1 KiB.
const DEFLATED_FROM: usize = 512;
/// The longest text that is read back: who writes into the table may not fill the memory.
const TEXT_MAX: u64 = 64 * 1024 * 1024;

/// What is spread over shards of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Fact,
    Version,
}

impl Family {
    /// The partition key of a shard.
    pub fn shard(self, shard: u8) -> String {
        let family = match self {
            Self::Fact => "FACT",
            Self::Version => "VERSION",
        };
        format!("{family}#{shard:02x}")
    }

    /// The partition key of what `name` names: always the same shard.
    pub fn of(self, name: &str) -> String {
        self.shard(Sha256::digest(name.as_bytes())[0] % SHARDS)
    }
}

/// The sort key of a name and what stands below it.
///
/// # Errors
/// When it is longer than DynamoDB takes, or a name holds what separates names.
pub(crate) fn sort_key(name: &str, below: &str) -> PortResult<String> {
    if name.contains(BREAK) {
        return Err(PortError::Final("a name holds a character that is not text".to_owned()));
    }
    let key = format!("{name}{BREAK}{below}");
    if key.len() > SORT_KEY_MAX {
        return Err(PortError::Final("a name is longer than the store takes".to_owned()));
    }
    Ok(key)
}

/// The two names of a sort key.
pub(crate) fn names(sort_key: &str) -> PortResult<(&str, &str)> {
    sort_key.split_once(BREAK).ok_or_else(damaged)
}

/// Text as an attribute: deflated where that saves a write unit.
pub(crate) fn text(text: &str) -> AttributeValue {
    if text.len() < DEFLATED_FROM {
        return AttributeValue::S(text.to_owned());
    }
    AttributeValue::B(Blob::new(deflated(text.as_bytes())))
}

/// The text of an attribute that [`text`] made.
pub(crate) fn read_text(item: &Item, name: &str) -> PortResult<String> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        Some(AttributeValue::B(bytes)) => {
            String::from_utf8(inflated(bytes.as_ref())?).map_err(|_| damaged())
        }
        _ => Err(damaged()),
    }
}

pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(bytes).expect("memory takes any bytes");
    deflate.finish().expect("memory takes any bytes")
}

pub(crate) fn inflated(bytes: &[u8]) -> PortResult<Vec<u8>> {
    let mut inflated = Vec::new();
    let read = DeflateDecoder::new(bytes).take(TEXT_MAX + 1).read_to_end(&mut inflated);
    match read {
        Ok(size) if size as u64 <= TEXT_MAX => Ok(inflated),
        _ => Err(damaged()),
    }
}

/// A text that was stored as it is.
pub(crate) fn string<'a>(item: &'a Item, name: &str) -> PortResult<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str).ok_or_else(damaged)
}

/// A number that was stored.
pub(crate) fn number(item: &Item, name: &str) -> PortResult<u64> {
    let text = item.get(name).and_then(|value| value.as_n().ok()).ok_or_else(damaged)?;
    text.parse().map_err(|_| damaged())
}

/// Refuses what DynamoDB would refuse, by name: a record is never cut.
///
/// # Errors
/// When the item is larger than [`ITEM_MAX`].
pub(crate) fn checked(item: Item) -> PortResult<Item> {
    let size: usize = item.iter().map(|(name, value)| name.len() + size(value)).sum();
    if size > ITEM_MAX {
        let text = format!("a record of {size} bytes is larger than the store takes ({ITEM_MAX})");
        return Err(PortError::Final(text));
    }
    Ok(item)
}

/// The bytes of a value, as DynamoDB counts them.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| name.len() + size(value) + 1).sum::<usize>()
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(body: usize) -> Item {
        HashMap::from([("b".to_owned(), AttributeValue::B(Blob::new(vec![7; body])))])
    }

    #[test]
    fn an_item_of_400_kib_is_taken_and_a_larger_one_is_refused() {
        assert!(checked(item(409_599)).is_ok());
        let refused = checked(item(409_600));
        assert!(matches!(refused, Err(PortError::Final(text)) if text.contains("409601")));
    }

    #[test]
    fn a_sort_key_of_1024_bytes_is_taken_and_a_longer_one_is_refused() {
        assert_eq!(sort_key("a", &"x".repeat(1022)).unwrap().len(), 1024);
        assert!(matches!(sort_key("a", &"x".repeat(1023)), Err(PortError::Final(_))));
        assert!(matches!(sort_key("a\0b", "x"), Err(PortError::Final(_))));
    }

    #[test]
    fn text_comes_back_as_it_was_long_or_short() {
        for length in [0, 1, 511, 512, 100_000] {
            let long: String = "è€x".chars().cycle().take(length).collect();
            let item = HashMap::from([("b".to_owned(), text(&long))]);
            assert_eq!(read_text(&item, "b").unwrap(), long);
        }
    }
}

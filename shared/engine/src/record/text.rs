//! Values of the domain as JSON text.
#![allow(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a function every field by reference"
)]

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer};

/// Writes a value by its text.
pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads a value from its text.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    Text::deserialize(deserializer)?.0.parse().map_err(serde::de::Error::custom)
}

/// A text, borrowed where the input allows.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The same for a value that may be absent.
pub mod option {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer, Text};

    /// Writes a value by its text.
    pub fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a value from its text.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        Option::<Text<'de>>::deserialize(deserializer)?
            .map(|text| text.0.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// The same for a list.
pub mod list {
    use super::{Deserialize, Deserializer, Display, FromStr, Serializer, Text};

    /// Writes values by their text.
    pub fn serialize<T: Display, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    /// Reads values from their text.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        Vec::<Text<'de>>::deserialize(deserializer)?
            .into_iter()
            .map(|text| text.0.parse().map_err(serde::de::Error::custom))
            .collect()
    }
}

/// Whole cents, as a JSON number.
pub mod cents {
    use super::{Deserialize, Deserializer, Serializer};
    use domain::money::Cents;

    /// Writes an amount in cents.
    pub fn serialize<S: Serializer>(amount: &Cents, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(amount.get())
    }

    /// Reads an amount in cents.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cents, D::Error> {
        i64::deserialize(deserializer).map(Cents::new)
    }
}

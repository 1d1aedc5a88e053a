//! `[organization.sending]`: how fast, and how much, is sent to IO.

use serde::Deserialize;

use super::ConfigurationError;
use crate::campaign::pace::Limits;

/// As it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SendingEntry {
    calls_per_second: Option<u32>,
    messages_per_day: Option<u32>,
}

impl SendingEntry {
    /// The limits; those of the house where none is given.
    ///
    /// # Errors
    /// When the rate is none, or more than IO bears.
    pub fn check(self) -> Result<Limits, ConfigurationError> {
        let house = Limits::default();
        let limits = Limits {
            calls_per_second: self.calls_per_second.unwrap_or(house.calls_per_second),
            messages_per_day: self.messages_per_day.unwrap_or(house.messages_per_day),
        };
        if (1..=Limits::CALLS_MAX).contains(&limits.calls_per_second) {
            Ok(limits)
        } else {
            Err(ConfigurationError(format!(
                "sending.calls_per_second must be 1 to {}",
                Limits::CALLS_MAX
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_what_io_bears_at_most() {
        for (rate, good) in
            [(None, true), (Some(1), true), (Some(20), true), (Some(0), false), (Some(21), false)]
        {
            let entry = SendingEntry { calls_per_second: rate, messages_per_day: Some(0) };
            assert_eq!(entry.check().is_ok(), good, "{rate:?}");
        }
    }
}

//! Whose flows are asked for, and with which key.

use std::collections::{BTreeMap, BTreeSet};

use domain::identifier::OrganizationCode;

use super::port::{Account, ApiKey};
use crate::configuration::Configuration;

/// The keys of the intermediaries of each organization.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<String, BTreeMap<String, ApiKey>>);

/// Why the keys could not be read. It says nothing of what they are.
#[derive(Debug, thiserror::Error)]
#[error("the keys must be {{\"organization\": {{\"intermediary\": \"key\"}}}}")]
pub struct KeysError;

/// An intermediary of an organization that no key was given for: its flows are not fetched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keyless {
    /// The organization.
    pub organization: OrganizationCode,
    /// The intermediary.
    pub intermediary: String,
}

impl Keys {
    /// Reads `{"<organization>": {"<intermediary>": "<key>"}}`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let read: BTreeMap<String, BTreeMap<String, String>> =
            serde_json::from_str(text).map_err(|_| KeysError)?;
        let secret = |keys: BTreeMap<String, String>| {
            keys.into_iter().map(|(name, key)| (name, ApiKey(key))).collect()
        };
        Ok(Self(read.into_iter().map(|(code, keys)| (code, secret(keys))).collect()))
    }

    fn of(&self, organization: &OrganizationCode, intermediary: &str) -> Option<ApiKey> {
        self.0.get(&organization.to_string())?.get(intermediary).cloned()
    }
}

/// An account for each organization and intermediary of the station table, whenever it was one:
/// flows of the past are still published. Apart, those without a key.
#[must_use]
pub fn accounts(configuration: &Configuration, keys: &Keys) -> (Vec<Account>, Vec<Keyless>) {
    let mut accounts = Vec::new();
    let mut keyless = Vec::new();
    for (organization, entry) in &configuration.organizations {
        let partners: BTreeSet<_> = entry.stations.iter().map(|one| &one.intermediary).collect();
        for intermediary in partners {
            let organization = organization.clone();
            let intermediary = intermediary.to_string();
            match keys.of(&organization, &intermediary) {
                Some(key) => accounts.push(Account { organization, intermediary, key }),
                None => keyless.push(Keyless { organization, intermediary }),
            }
        }
    }
    (accounts, keyless)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_PARTNERS: &str = r#"
[[organization]]
fiscal_code = "01234567897"
name = "Provincia di Prova"
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "01"
valid_from = 2019-12-01
receipts = true
[[organization.station]]
intermediary = "INT-A"
aux_digit = 3
segregation_code = "02"
valid_from = 2019-12-01
receipts = true
[[organization.station]]
intermediary = "INT-B"
aux_digit = 1
valid_from = 2015-01-01
valid_to = 2019-11-30
receipts = false
"#;

    #[test]
    fn each_intermediary_is_an_account_once_and_one_without_a_key_is_named() {
        let configuration = Configuration::parse(TWO_PARTNERS).unwrap();
        let keys = Keys::parse(r#"{"01234567897": {"INT-A": "secret-a"}}"#).unwrap();
        let (accounts, keyless) = accounts(&configuration, &keys);
        let names: Vec<_> = accounts.iter().map(|one| &*one.intermediary).collect();
        assert_eq!(names, ["INT-A"]);
        assert_eq!(accounts[0].key, ApiKey("secret-a".into()));
        let names: Vec<_> = keyless.iter().map(|one| &*one.intermediary).collect();
        assert_eq!(names, ["INT-B"]);
    }

    #[test]
    fn a_key_is_never_shown() {
        let keys = Keys::parse(r#"{"01234567897": {"INT-A": "secret-a"}}"#).unwrap();
        assert!(!format!("{keys:?}").contains("secret"));
        let wrong = Keys::parse(r#"{"01234567897": "secret-a"}"#).unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains("secret"));
    }
}

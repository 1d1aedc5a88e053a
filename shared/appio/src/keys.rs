//! The keys of the services of IO, as a secret holds them.

use std::collections::BTreeMap;
use std::fmt;

use domain::identifier::OrganizationCode;

/// The "use" key of each service, by organization.
#[derive(Default)]
pub struct Keys(BTreeMap<String, BTreeMap<String, String>>);

/// Why the keys could not be read. It says nothing of what they are.
#[derive(Debug, thiserror::Error)]
#[error("the keys must be {{\"organization\": {{\"service\": \"key\"}}}}")]
pub struct KeysError;

/// The keys are secrets.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} organizations)", self.0.len())
    }
}

impl Keys {
    /// Reads `{"<organization>": {"<service>": "<key>"}}`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        serde_json::from_str(text).map(Self).map_err(|_| KeysError)
    }

    /// Those of an organization, by service; an empty one is none.
    #[must_use]
    pub fn of(&self, organization: &OrganizationCode) -> BTreeMap<String, String> {
        let keys = self.0.get(organization.as_str()).into_iter().flatten();
        let given = keys.filter(|(_, key)| !key.is_empty());
        given.map(|(service, key)| (service.clone(), key.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_by_organization_and_an_empty_one_is_none() {
        let text = r#"{"01234567897": {"multe": "secret-a", "canone": ""}, "00000000000": {}}"#;
        let keys = Keys::parse(text).unwrap();
        let of = |code: &str| keys.of(&OrganizationCode::parse(code).unwrap());
        let expected = BTreeMap::from([("multe".to_owned(), "secret-a".to_owned())]);
        assert_eq!(of("01234567897"), expected);
        assert!(of("00000000000").is_empty());
        assert!(Keys::parse("{}").unwrap().0.is_empty());
    }

    #[test]
    fn a_key_is_never_shown() {
        let keys = Keys::parse(r#"{"01234567897": {"multe": "secret-a"}}"#).unwrap();
        assert!(!format!("{keys:?}").contains("secret"));
        let wrong = Keys::parse(r#"{"01234567897": "secret-a"}"#).unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains("secret"));
    }
}

//! What the messages to citizens take from the configuration.

use std::collections::BTreeMap;

use domain::campaign::Kind;
use messages::Template;
use serde::Deserialize;

use super::ConfigurationError;

/// The longest contacts, and the longest address, in characters.
const CONTACTS_MAX: usize = 500;

/// `[[organization.text]]`: a text of the organization's own, in the syntax of Jinja.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextEntry {
    kind: String,
    subject: String,
    markdown: String,
}

/// What a debt is, in words that may stand in a title: a fixed list, so that nothing personal can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// `canone`.
    Canone,
    /// `concessione`.
    Concessione,
    /// `occupazione`.
    Occupazione,
    /// `tributo`.
    Tributo,
    /// `trasporti`.
    Trasporti,
    /// `servizi`.
    Servizi,
    /// Whatever else is owed to the organization.
    #[default]
    Altro,
}

impl Subject {
    /// The words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Canone => "canone unico patrimoniale",
            Self::Concessione => "canone di concessione",
            Self::Occupazione => "occupazione di suolo pubblico",
            Self::Tributo => "tributi provinciali",
            Self::Trasporti => "licenze e autorizzazioni di trasporto",
            Self::Servizi => "servizi dell'ente",
            Self::Altro => "somme dovute all'ente",
        }
    }
}

/// Checks the texts of an organization.
pub(super) fn check(
    entries: Vec<TextEntry>,
) -> Result<BTreeMap<Kind, Template>, ConfigurationError> {
    let mut texts = BTreeMap::new();
    for entry in entries {
        let kind = Kind::from_code(&entry.kind).ok_or_else(|| {
            let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
            let known = kinds.join(", ");
            ConfigurationError(format!("text.kind {:?} is none of {known}", entry.kind))
        })?;
        let template = Template::new(kind, &entry.subject, &entry.markdown)
            .map_err(|error| ConfigurationError(error.to_string()))?;
        if texts.insert(kind, template).is_some() {
            return Err(ConfigurationError(format!("the text of {} is given twice", kind.code())));
        }
    }
    Ok(texts)
}

/// Checks what every message, and the reminder of the driver's data, tells.
pub(super) fn check_contacts(
    contacts: Option<&str>,
    driver_form_url: Option<&str>,
) -> Result<(), ConfigurationError> {
    if contacts.is_some_and(|text| text.trim().is_empty() || text.chars().count() > CONTACTS_MAX) {
        return Err(ConfigurationError("contacts must have 1 to 500 characters".into()));
    }
    if driver_form_url.is_some_and(|url| !is_address(url)) {
        let rule = "driver_form_url must be an https address of at most 500 characters, without \
                    blanks, brackets and quotes";
        return Err(ConfigurationError(rule.into()));
    }
    Ok(())
}

/// Whether it can stand in a link as it is.
fn is_address(url: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"()[]<>\"'`\\*".contains(c);
    url.len() > "https://".len()
        && url.len() <= CONTACTS_MAX
        && url.starts_with("https://")
        && url.chars().all(plain)
        && !url.contains("---")
}

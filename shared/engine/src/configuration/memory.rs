//! The configuration is a fact with its history: each change is one more state, the last is in
//! force.

use domain::fact::Source;
use domain::identifier::OrganizationCode;

use super::{Configuration, ConfigurationError};
use crate::key;
use crate::port::{Fact, Home, PortError, PortResult, Put, ReadFacts, Unit, WriteFacts};
use crate::record::{self, ConfigurationRecord};

/// The configuration in force.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// What it says.
    pub configuration: Configuration,
    /// Whether nobody gave it: it was worked out from the files.
    pub inferred: bool,
}

/// Why a configuration could not be remembered.
#[derive(Debug, thiserror::Error)]
pub enum RememberError {
    /// It breaks a rule of its own.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The ledger could not be read or written.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Checks a configuration and remembers it, unless it is the one in force.
///
/// # Errors
/// When it breaks a rule, or the ledger fails.
pub fn remember<H: Home>(
    home: &H,
    text: &str,
    inferred: bool,
) -> Result<Configuration, RememberError> {
    let configuration = Configuration::parse(text)?;
    let record = ConfigurationRecord { toml: text.to_owned(), inferred };
    let body = record::write(&record);
    loop {
        let states = states(home)?;
        if states.last().is_some_and(|last| last.body == body) {
            return Ok(configuration);
        }
        let fact = Fact {
            partition: key::CONFIGURATION.to_owned(),
            sort: format!("STATE#{:010}", states.len() + 1),
            body: body.clone(),
            source: Source { file: "quadra.toml".to_owned(), line: 0 },
        };
        let put = home.writer()?.put_alone(Unit { facts: vec![fact], asks: Vec::new() })?;
        // Another process may have been faster with its own: then this one comes after it.
        if !matches!(put, Put::Conflict(_)) {
            return Ok(configuration);
        }
    }
}

/// The configuration in force, if any was ever remembered.
///
/// # Errors
/// When the ledger cannot be read, or holds a configuration that this version refuses.
pub fn remembered<H: Home>(home: &H) -> Result<Option<Remembered>, RememberError> {
    let Some(last) = states(home)?.pop() else { return Ok(None) };
    let record: ConfigurationRecord = record::read(&last.body)?;
    let configuration = Configuration::parse(&record.toml)?;
    Ok(Some(Remembered { configuration, inferred: record.inferred }))
}

fn states<H: Home>(home: &H) -> PortResult<Vec<Fact>> {
    Ok(home.reader()?.facts(&[key::CONFIGURATION.to_owned()])?.remove(0))
}

/// The text of the configuration of an organization that nobody configured: no stations, no
/// registry.
#[must_use]
pub fn inferred(code: &OrganizationCode) -> String {
    format!("[[organization]]\nfiscal_code = \"{code}\"\nname = \"Ente {code}\"\n")
}

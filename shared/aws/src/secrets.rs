//! Secrets: read when they are needed, kept nowhere.

use engine::port::{PortError, PortResult};

use crate::Cloud;
use crate::failure::port_error;

impl Cloud {
    /// The text of a secret, by its name or ARN.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub fn secret(&self, name: &str) -> PortResult<String> {
        let get = self.inner.secrets.get_secret_value().secret_id(name);
        let got = self.wait(get.send());
        let got = got.map_err(|error| port_error("a secret cannot be read", &error))?;
        got.secret_string.ok_or_else(|| PortError::Final("a secret is no text".to_owned()))
    }
}

//! The environment of a function, as the template makes it.

use aws::{
    Access, AuditBucket, AwsHome, Cleaned, Cloud, Inbox, InboxArchive, KeyObject, Names,
    QuarantineBucket, Queue, ReportsBucket, StopObject,
};
use domain::identifier::OrganizationCode;
use engine::configuration::Configuration;
use engine::poll::Keys;
use engine::port::PortError;
use engine::seal::{self, Sealed};
use jiff::Timestamp;
use pagopa::Fdr;
use tracing::info;

use crate::Failure;

/// Where the configuration is in the inbox.
const CONFIGURATION: &str = "config/quadra.toml";

/// The environment of a function.
#[derive(Clone)]
pub struct Environment {
    cloud: Cloud,
}

impl Environment {
    /// Connects as the environment says.
    ///
    /// # Errors
    /// When it lacks something.
    pub fn read() -> Result<Self, Failure> {
        let access = Access {
            region: variable("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL"),
            key_id: variable("AWS_ACCESS_KEY_ID")?,
            secret: variable("AWS_SECRET_ACCESS_KEY")?,
            token: optional("AWS_SESSION_TOKEN"),
        };
        let names = Names {
            ledger: variable("QUADRA_LEDGER_TABLE")?,
            journal: variable("QUADRA_JOURNAL_TABLE")?,
            reconcile_queue: optional("QUADRA_RECONCILE_QUEUE_URL").unwrap_or_default(),
        };
        Ok(Self { cloud: Cloud::new(&access, names)? })
    }

    /// The connection.
    #[must_use]
    pub fn cloud(&self) -> Cloud {
        self.cloud.clone()
    }

    /// The ledger, whose personal data is sealed with the keys in the inbox. They are made if
    /// neither they nor anything sealed is there; and read at every call, so that keys that were
    /// destroyed do not live on in a function.
    ///
    /// # Errors
    /// When either cannot be read, or the keys are not those that the ledger was sealed with.
    pub fn home(&self) -> Result<Sealed<AwsHome>, Failure> {
        let home = AwsHome::new(self.cloud());
        let keys = KeyObject::new(self.cloud(), variable("QUADRA_INBOX_BUCKET")?);
        let ring = match keys.load()? {
            Some(ring) => ring,
            None if seal::fingerprint(&home)?.is_some() => return Err(Failure::NoKeys),
            None => keys.make()?,
        };
        Ok(Sealed::new(home, ring)?)
    }

    /// Deletes facts that nobody will ever see, of the part of the ledger whose day it is, while
    /// there is time: says how many.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn clean(&self, now: Timestamp, go_on: &mut dyn FnMut() -> bool) -> Result<u64, Failure> {
        let Cleaned { looked_at, deleted, given_up, cut_short } =
            aws::clean(&self.cloud, now, go_on)?;
        info!(looked_at, deleted, given_up, cut_short, "cleaned");
        Ok(deleted)
    }

    /// The inbox.
    ///
    /// # Errors
    /// When the environment does not name it; so of the others.
    pub fn inbox(&self) -> Result<Inbox, Failure> {
        Ok(Inbox::new(self.cloud(), variable("QUADRA_INBOX_BUCKET")?))
    }

    /// The inbox, to be added to.
    ///
    /// # Errors
    /// When the environment does not name it.
    pub fn archive(&self) -> Result<InboxArchive, Failure> {
        Ok(InboxArchive::new(self.cloud(), variable("QUADRA_INBOX_BUCKET")?))
    }

    /// pagoPA's FdR service.
    ///
    /// # Errors
    /// When the environment does not name it, or its address is not safe.
    pub fn fdr(&self) -> Result<Fdr, Failure> {
        Ok(Fdr::new(&variable("QUADRA_FDR_URL")?)?)
    }

    /// The keys of that service.
    ///
    /// # Errors
    /// When the secret cannot be read, or is none of keys.
    pub fn fdr_keys(&self) -> Result<Keys, Failure> {
        let text = self.cloud.secret(&variable("QUADRA_FDR_KEYS_SECRET")?)?;
        Ok(Keys::parse(&text).map_err(|error| PortError::Final(error.to_string()))?)
    }

    /// The quarantine.
    ///
    /// # Errors
    /// When the environment does not name it.
    pub fn quarantine(&self) -> Result<QuarantineBucket, Failure> {
        Ok(QuarantineBucket::new(self.cloud(), variable("QUADRA_QUARANTINE_BUCKET")?))
    }

    /// The place of the report.
    ///
    /// # Errors
    /// When the environment does not name it.
    pub fn reports(&self) -> Result<ReportsBucket, Failure> {
        Ok(ReportsBucket::new(self.cloud(), variable("QUADRA_REPORTS_BUCKET")?))
    }

    /// The place of the digests of the journal.
    ///
    /// # Errors
    /// When the environment does not name it.
    pub fn audit(&self) -> Result<AuditBucket, Failure> {
        Ok(AuditBucket::new(self.cloud(), variable("QUADRA_AUDIT_BUCKET")?))
    }

    /// The queue of uploads.
    ///
    /// # Errors
    /// When the environment does not name it.
    pub fn uploads(&self) -> Result<Queue, Failure> {
        Ok(Queue::new(self.cloud(), variable("QUADRA_INGEST_QUEUE_URL")?))
    }

    /// The app IO, with the keys of the services of an organization.
    ///
    /// # Errors
    /// When the secret cannot be read, or is none of keys; or the address of IO is not safe.
    pub fn io(&self, organization: &OrganizationCode) -> Result<appio::Client, Failure> {
        let text = self.cloud.secret(&variable("QUADRA_APPIO_KEYS_SECRET")?)?;
        let keys = appio::Keys::parse(&text).map_err(|it| PortError::Retry(it.to_string()))?;
        let address = variable("QUADRA_APPIO_URL")?;
        Ok(appio::Client::new(&address, keys.of(organization), appio::CALL_MAX)?)
    }

    /// What stops all sending.
    ///
    /// # Errors
    /// When the environment does not name the inbox.
    pub fn switch(&self) -> Result<StopObject, Failure> {
        Ok(StopObject::new(self.cloud(), variable("QUADRA_INBOX_BUCKET")?))
    }

    /// The queue of campaigns to send.
    ///
    /// # Errors
    /// When the environment does not name it.
    pub fn sendings(&self) -> Result<Queue, Failure> {
        Ok(Queue::new(self.cloud(), variable("QUADRA_SEND_QUEUE_URL")?))
    }

    /// The configuration, as it is in the inbox now, and its text.
    ///
    /// # Errors
    /// When it is not there yet, or breaks a rule of its own.
    pub fn configuration(&self) -> Result<(Configuration, String), Failure> {
        let missing = || PortError::Retry(format!("there is no {CONFIGURATION} in the inbox"));
        let text = self.inbox()?.configuration(CONFIGURATION)?.ok_or_else(missing)?;
        let configuration =
            Configuration::parse(&text).map_err(|error| Failure::Configuration(error.into()))?;
        Ok((configuration, text))
    }
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn variable(name: &'static str) -> Result<String, Failure> {
    optional(name).ok_or(Failure::Environment(name))
}

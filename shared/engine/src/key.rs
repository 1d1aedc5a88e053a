//! Names of partitions and of facts: what is read together stands together.
//!
//! | partition | holds |
//! |---|---|
//! | `org#IUV#iuv` | lines, receipts, alias of the position, decisions; outcome if none owns it |
//! | `org#POS#position` | versions, where it was chosen, outcome |
//! | `org#IUF#iuf` | revisions, outcome |
//! | `org#LINES#iuf` | chunks of the lines of its revisions, apart so that revisions are read without them |
//! | `org#CREDIT#esercizio#number` | movements, decisions, outcome |
//! | `org#FIND#kind#value` | the positions of a verbale, a plate, a fiscal code: a fact for each |
//! | `org#JOURNAL#esercizio#flow` | pages |
//! | `org#ANOMALY#id` | decisions on what is no credit and no payment, outcome |
//! | `FILE#sha256` | what became of an input |
//! | `CONFIG` | the configuration, with its history |

use domain::identifier::{Iuf, Iuv, OrganizationCode, Provvisorio, Psp};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Partition of the configuration.
pub const CONFIGURATION: &str = "CONFIG";
/// What the partitions of inputs begin with.
pub const INPUTS: &str = "FILE#";
/// Sort key of the fact that says which position owns an IUV.
pub const ALIAS: &str = "ALIAS";

/// Kinds of partitions inside an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An IUV.
    Iuv,
    /// A position.
    Position,
    /// A flow.
    Flow,
    /// A credit.
    Credit,
    /// A journal.
    Journal,
    /// An anomaly: an outcome without facts of its own.
    Anomaly,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Iuv => "IUV",
            Self::Position => "POS",
            Self::Flow => "IUF",
            Self::Credit => "CREDIT",
            Self::Journal => "JOURNAL",
            Self::Anomaly => "ANOMALY",
        }
    }

    /// What every partition of this kind of an organization begins with.
    #[must_use]
    pub fn prefix(self, organization: &OrganizationCode) -> String {
        format!("{organization}#{}#", self.word())
    }
}

/// Partition of an IUV.
#[must_use]
pub fn iuv(organization: &OrganizationCode, iuv: &Iuv) -> String {
    format!("{organization}#IUV#{iuv}")
}

/// Partition of a position.
#[must_use]
pub fn position(organization: &OrganizationCode, position_id: &str) -> String {
    format!("{organization}#POS#{position_id}")
}

/// Partition of a flow identifier, folded: identifiers are searched whatever their case.
#[must_use]
pub fn flow(organization: &OrganizationCode, iuf: &Iuf) -> String {
    format!("{organization}#IUF#{}", iuf.folded())
}

/// Partition of the lines of a flow identifier.
#[must_use]
pub fn lines(organization: &OrganizationCode, iuf: &Iuf) -> String {
    format!("{organization}#LINES#{}", iuf.folded())
}

/// What a position is looked for by, beside its own identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// The number of the verbale.
    Report,
    /// The plate.
    Plate,
    /// The debtor's fiscal code: stored as its hash. A hash without a secret keeps it from being
    /// read, not from being guessed by who has the ledger: a keyed one is for later.
    Fiscal,
}

/// Partition of the positions with this value, whatever its case and the blanks around it.
#[must_use]
pub fn find(organization: &OrganizationCode, kind: Find, value: &str) -> String {
    let value = value.trim().to_uppercase();
    let (word, value) = match kind {
        Find::Report => ("REPORT", value),
        Find::Plate => ("PLATE", value),
        Find::Fiscal => {
            let digest = Sha256::digest(format!("{organization}#{value}"));
            ("FISCAL", crate::port::Hash(digest.into()).to_string())
        }
    };
    format!("{organization}#FIND#{word}#{value}")
}

/// What every partition of lines of an organization begins with.
#[must_use]
pub fn lines_prefix(organization: &OrganizationCode) -> String {
    format!("{organization}#LINES#")
}

/// What tells the revisions of one IUF apart: provider, time, number.
#[must_use]
pub fn revision_tag(iuf: &Iuf, psp: &Psp, flow_time: Timestamp, revision: Option<u32>) -> String {
    let number = revision.map_or(String::new(), |number| format!("{number:06}"));
    format!("{iuf}#{psp}#{flow_time}#{number}")
}

/// Partition of a provvisorio; numbers sort as numbers.
#[must_use]
pub fn credit(organization: &OrganizationCode, provvisorio: Provvisorio) -> String {
    format!("{organization}#CREDIT#{}#{:018}", provvisorio.esercizio, provvisorio.number)
}

/// Partition of a journal.
#[must_use]
pub fn journal(organization: &OrganizationCode, journal: &domain::fact::JournalId) -> String {
    format!("{organization}#JOURNAL#{}#{}", journal.esercizio, journal.flow)
}

/// Partition of an anomaly.
#[must_use]
pub fn anomaly(organization: &OrganizationCode, id: &str) -> String {
    format!("{}{id}", Kind::Anomaly.prefix(organization))
}

/// Where the decisions on a subject stand: with the facts of a credit or of a payment, since they
/// say what it is; with the anomaly otherwise, since they can only close it.
#[must_use]
pub fn decisions(organization: &OrganizationCode, subject: &str, anomaly_id: &str) -> String {
    let of_credit = subject.strip_prefix("credit:").and_then(|text| text.parse().ok());
    let of_payment = subject.strip_prefix("payment:").and_then(|text| text.split_once('/'));
    match (of_credit, of_payment.and_then(|(text, _)| text.parse().ok())) {
        (Some(provvisorio), _) => credit(organization, provvisorio),
        (_, Some(number)) => iuv(organization, &number),
        _ => anomaly(organization, anomaly_id),
    }
}

/// Partition of an input.
#[must_use]
pub fn input(sha256: &str) -> String {
    format!("{INPUTS}{sha256}")
}

/// The provvisorio of a partition that [`credit`] made.
#[must_use]
pub fn provvisorio(partition: &str) -> Option<Provvisorio> {
    let (_, rest) = partition.split_once("#CREDIT#")?;
    rest.replacen('#', "/", 1).parse().ok()
}

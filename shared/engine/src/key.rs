//! Names of partitions and of facts: what is read together stands together.
//!
//! | partition | holds |
//! |---|---|
//! | `org#IUV#iuv` | lines, receipts, alias of the position, decisions; outcome if none owns it |
//! | `org#POS#position` | versions, where it was chosen, outcome |
//! | `org#IUF#iuf` | revisions, outcome |
//! | `org#LINES#iuf` | chunks of the lines of its revisions, apart so that revisions are read without them |
//! | `org#CREDIT#esercizio#number` | movements, decisions, outcome |
//! | `org#FIND#REPORT#value` | the positions of a verbale: a fact for each |
//! | `org#FIND#kind#year#value` | those of a plate, a fiscal code: stored as a keyed hash ([`crate::seal`]) |
//! | `org#JOURNAL#esercizio#flow` | pages |
//! | `org#ANOMALY#id` | decisions on what is no credit and no payment, outcome |
//! | `org#REFUSED#iuf` | that a flow with this identifier came in and was refused |
//! | `org#TURN` | nothing: asked for by who reconciles, while it does |
//! | `org#MESSAGE#position#kind#occurrence` | outcome: a send intent |
//! | `org#WRITTEN#recipient#message` | outcome: which intent sent this text to this citizen last |
//! | `org#PACE` | outcome: calls and messages that were handed out |
//! | `org#BATCH#id` | a batch of messages that a person approves: its rows, the decisions |
//! | `org#WRONG#position` | messages that a person found wrong |
//! | `FILE#sha256` | what became of an input |
//! | `CONFIG` | the configuration, with its history |
//! | `KEYS` | what the ledger knows its keys by |

use domain::identifier::{Iuf, Iuv, OrganizationCode, Provvisorio, Psp};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Partition of the configuration.
pub const CONFIGURATION: &str = "CONFIG";
/// What the partitions of inputs begin with.
pub const INPUTS: &str = "FILE#";
/// Partition of the fingerprint of the keys.
pub const KEYS: &str = "KEYS";
/// What the sort key of a version of a position begins with.
pub const VERSION: &str = "VERSION#";
/// What the sort key of a movement begins with.
pub const MOVEMENT: &str = "MOVEMENT#";
/// What the sort key of a receipt begins with.
pub const RECEIPT: &str = "RECEIPT#";
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

    /// Whether a partition is of this kind.
    #[must_use]
    pub fn has(self, partition: &str) -> bool {
        partition.split('#').nth(1) == Some(self.word())
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

/// Partition that says that a flow came in and was refused.
#[must_use]
pub fn refused_flow(organization: &OrganizationCode, iuf: &Iuf) -> String {
    format!("{}{}", refused_flows(organization), iuf.folded())
}

/// What every partition of a refused flow of an organization begins with.
#[must_use]
pub fn refused_flows(organization: &OrganizationCode) -> String {
    format!("{organization}#REFUSED#")
}

/// What a position is looked for by, beside its own identifiers. What is personal is looked for
/// year by year ([`crate::seal::Keyring::period`]), so that it can be forgotten so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// The number of the verbale.
    Report,
    /// The plate, among the positions of a year.
    Plate(i16),
    /// The debtor's fiscal code, among the positions of a year.
    Fiscal(i16),
}

/// Partition of the positions with this value, whatever its case and the blanks around it.
#[must_use]
pub fn find(organization: &OrganizationCode, kind: Find, value: &str) -> String {
    let value = value.trim().to_uppercase();
    match kind {
        Find::Report => format!("{organization}#FIND#REPORT#{value}"),
        Find::Plate(year) => format!("{organization}#FIND#PLATE#{year}#{value}"),
        Find::Fiscal(year) => format!("{organization}#FIND#FISCAL#{year}#{value}"),
    }
}

/// Of a partition of [`find`] whose value is personal: what stands before the value, and the year.
#[must_use]
pub fn personal_find(partition: &str) -> Option<(&str, i16)> {
    let (_, rest) = partition.split_once('#')?;
    let (word, rest) = rest.strip_prefix("FIND#")?.split_once('#')?;
    let (year, value) = rest.split_once('#').filter(|_| matches!(word, "PLATE" | "FISCAL"))?;
    Some((&partition[..partition.len() - value.len() - 1], year.parse().ok()?))
}

/// Sort key of a movement with these words: a re-sent journal may word it otherwise, and both
/// wordings are facts of one movement.
#[must_use]
pub fn worded(movement: &str, body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    format!("{movement}#{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

/// What every send intent of an organization begins with.
#[must_use]
pub fn messages(organization: &OrganizationCode) -> String {
    format!("{organization}#MESSAGE#")
}

/// What every send intent of a position begins with.
#[must_use]
pub fn messages_of(organization: &OrganizationCode, position_id: &str) -> String {
    format!("{organization}#MESSAGE#{position_id}#")
}

/// The subject of a text (its hash) to a citizen, as [`crate::campaign::intent::recipient`] has
/// him.
#[must_use]
pub fn written(
    organization: &OrganizationCode,
    recipient: &str,
    message: &crate::port::Hash,
) -> String {
    format!("{organization}#WRITTEN#{recipient}#{message}")
}

/// The subject of the one rate at which an organization calls IO.
#[must_use]
pub fn sending_pace(organization: &OrganizationCode) -> String {
    format!("{organization}#PACE")
}

/// What every batch of messages of an organization begins with.
#[must_use]
pub fn batches(organization: &OrganizationCode) -> String {
    format!("{organization}#BATCH#")
}

/// What every list of wrong messages of an organization begins with; a position's goes on with its
/// identifier.
#[must_use]
pub fn wrong_messages(organization: &OrganizationCode) -> String {
    format!("{organization}#WRONG#")
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

/// What is asked for by a worker that reconciles an organization, while it does.
#[must_use]
pub fn turn(organization: &OrganizationCode) -> String {
    format!("{organization}#TURN")
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

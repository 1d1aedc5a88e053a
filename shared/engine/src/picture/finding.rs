//! Something that is wrong, before it is put in words.

use std::fmt::Write as _;

use domain::anomaly::{Code, Party};
use domain::decision::Decision;
use domain::fact::Source;
use domain::identifier::{OrganizationCode, Provvisorio};
use domain::money::Cents;
use domain::payment::PaymentKey;
use jiff::civil::Date;
use report::row::Candidate;
use sha2::{Digest, Sha256};

/// Something that is wrong, with all that an explanation of it needs.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub organization: OrganizationCode,
    pub code: Code,
    /// `credit:…`, `flow:…`, `payment:…`, `position:…`, `journal:…`, `file:…`.
    pub subject: String,
    pub amount: Option<Cents>,
    pub since: Date,
    pub party: Party,
    /// Which one of them.
    pub name: Option<String>,
    /// What each fact is, and where it was read.
    pub evidence: Vec<(&'static str, Source)>,
    pub about: About,
    /// The decision of a person that closes it as it is.
    pub closed_by: Option<Decision>,
}

/// Other things that a finding names, of one kind.
pub(crate) const RELATED_MAX: usize = 10;

/// The particulars of a finding; which of them there are depends on its code.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub iuf: Option<String>,
    pub psp: Option<String>,
    /// The day on which the flow in force was made, dataOraFlusso in Rome.
    pub flow_date: Option<Date>,
    /// The day of the settlement that the flow declares, dataRegolamento.
    pub settled_on: Option<Date>,
    /// TRN of the transfer, or what the flow calls its settlement.
    pub transfer: Option<String>,
    pub provvisorio: Option<Provvisorio>,
    pub credit_date: Option<Date>,
    /// Conto di evidenza.
    pub account: Option<String>,
    /// Causale, as the journal has it.
    pub remittance: Option<String>,
    /// Whether the credit is matched in spite of a damaged causale.
    pub matched: bool,
    pub payment: Option<PaymentKey>,
    pub iuv: Option<String>,
    pub notice: Option<String>,
    pub paid_on: Option<Date>,
    pub position: Option<String>,
    pub intermediary: Option<String>,
    /// A journal, and the last day that it is about.
    pub journal: Option<(String, Date)>,
    pub file: Option<String>,
    /// What should have been there.
    pub expected: Option<Cents>,
    /// What is there.
    pub found: Option<Cents>,
    /// How many payments a flow declares, and how many lines it has.
    pub counts: Option<(u64, u64)>,
    /// By when it was due.
    pub due: Option<Date>,
    /// What else it is about: what that is, and which one.
    pub related: Vec<(&'static str, String)>,
    /// What may explain it.
    pub candidates: Vec<Candidate<'static>>,
    /// The decision that it contradicts: its number and its day in Rome.
    pub decision: Option<(u32, Date)>,
    /// What it was about, in words.
    pub detail: Option<String>,
}

impl Finding {
    /// Its identifier: the same cause has the same one, whenever and however often it is seen.
    pub fn id(&self) -> String {
        anomaly_id(&self.organization, self.code, &self.subject)
    }
}

/// The identifier of the anomaly with a code on a subject.
pub(crate) fn anomaly_id(organization: &OrganizationCode, code: Code, subject: &str) -> String {
    let mut digest = Sha256::new();
    for part in [organization.as_str(), code.code(), subject] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().take(8).fold(String::new(), |mut id, byte| {
        write!(id, "{byte:02x}").expect("a text takes any text");
        id
    })
}

//! Who would get which message, and who would not and why. Nothing leaves.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use domain::campaign::{
    Account, Approval, Case, Decision, Judgement, Kind, Reason, Sent, Setting, Window, judge,
};
use domain::clock::{in_rome, rome};
use domain::fact::{DebtorKind, PositionVersion};
use domain::identifier::{FiscalCode, OrganizationCode};
use domain::payment::Payment;
use jiff::Timestamp;
use jiff::civil::Date;
use messages::TemplateError;
use serde::Serialize;

use super::batch::{self, Approved};
use super::correction::{self, Wrong};
use super::intent::{self, Fate, IntentKey, State};
use super::message::Message;
use super::text;
use crate::configuration::{Configuration, Organization};
use crate::key;
use crate::picture::Province;
use crate::port::{Home, PortError, PortResult, ReadFacts, ReadOutcomes, Subject};
use crate::reconcile::read_position;
use crate::record::{self, PaymentsOutcome};

/// What a plan says of one position.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose position.
    pub organization: OrganizationCode,
    /// The position.
    pub position_id: Box<str>,
    /// The kind of message.
    pub kind: Kind,
    /// Which one of its kind.
    pub occurrence: Box<str>,
    /// Whether it goes.
    pub decision: Decision,
    /// Every reason against it, in the order of [`Reason::ALL`].
    pub reasons: Vec<Reason>,
    /// Who would get it: never written anywhere.
    pub recipient: Option<FiscalCode>,
    /// What the recipient is to the position.
    pub recipient_kind: RecipientKind,
    /// The debt type: it has the service that sends.
    pub debt_type: Box<str>,
    /// The message, where it goes, or would go if a person approved its batch.
    pub message: Option<Message>,
    /// The text that it was made of.
    pub template_version: Option<Box<str>>,
    /// From when to when it may go, where that is known.
    pub send_window: Option<SendWindow>,
    /// What makes it this message and no other.
    pub intent_key: Box<str>,
    /// What a person who approves a batch must see.
    pub demand: Option<batch::Demand>,
}

/// Nothing personal: neither the recipient nor the text.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, decision, reasons, intent_key, .. } = self;
        write!(f, "Row({intent_key}, {kind:?}, {decision:?}, {reasons:?})")
    }
}

/// What the recipient is to the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipientKind {
    /// The debtor, a person.
    Person,
    /// The debtor, a company.
    Company,
    /// The driver.
    Driver,
    /// Nobody knows.
    Unknown,
}

/// From when to when a message may go, both ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendWindow {
    /// 9:00 in Rome of the first office day.
    pub from: Timestamp,
    /// 19:00 in Rome of the last one; none where the window has no end.
    pub to: Option<Timestamp>,
}

/// Why a plan could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The ledger could not be read.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A text could not be filled.
    #[error(transparent)]
    Text(#[from] TemplateError),
}

impl PlanError {
    /// The same, as an error of the ledger.
    pub(super) fn into_port(self) -> PortError {
        match self {
            Self::Port(error) => error,
            other @ Self::Text(_) => PortError::Final(other.to_string()),
        }
    }
}

/// Judges positions for one kind of message, at one moment.
///
/// It holds what was true of flows and credits when it was loaded; a position, its payments and its
/// messages are read when they are judged. Who sends for long loads it anew every now and then.
pub struct Planner<'a> {
    judge: Judge<'a>,
    province: Province<'a>,
}

/// What a judgement depends on, beside the position itself and its payments.
struct Judge<'a> {
    organization: &'a OrganizationCode,
    settings: &'a Organization,
    kind: Kind,
    today: Date,
    approved: HashMap<String, Approved>,
    wrong: HashMap<String, Wrong>,
}

/// Judges one position anew, as [`all`] would; `None` where there is no such position.
///
/// # Errors
/// When the ledger cannot be read or a text cannot be filled.
pub fn one(
    reader: &mut (impl ReadFacts + ReadOutcomes),
    configuration: &Configuration,
    organization: &OrganizationCode,
    position_id: &str,
    kind: Kind,
    as_of: Timestamp,
) -> Result<Option<Row>, PlanError> {
    let Some(mut planner) = Planner::load(reader, configuration, organization, kind, as_of)? else {
        return Ok(None);
    };
    planner.judge(reader, position_id)
}

/// Judges every position of every organization, in order.
///
/// # Errors
/// When the ledger cannot be read or a text cannot be filled; or the visitor's own.
pub fn all<H: Home, E: From<PlanError> + From<PortError>>(
    home: &H,
    configuration: &Configuration,
    kind: Kind,
    as_of: Timestamp,
    mut visit: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    configuration
        .organizations
        .keys()
        .try_for_each(|whose| of(home, configuration, whose, kind, as_of, &mut visit))
}

/// Judges every position of an organization, in order.
///
/// # Errors
/// As [`all`].
pub fn of<H: Home, E: From<PlanError> + From<PortError>>(
    home: &H,
    configuration: &Configuration,
    organization: &OrganizationCode,
    kind: Kind,
    as_of: Timestamp,
    visit: &mut impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = home.reader()?;
    let planner = Planner::load(&mut reader, configuration, organization, kind, as_of)?;
    let histories = intent::histories(&mut reader, organization)?;
    let Some(Planner { judge, mut province }) = planner else { return Ok(()) };
    province.accounts(home, |position, account| {
        let history = histories.get(&*position.position_id).map_or(&[][..], Vec::as_slice);
        let row = judge.row(position, account, history).map_err(PlanError::from)?;
        visit(row)
    })
}

impl<'a> Planner<'a> {
    /// What is known of an organization now; `None` where the configuration does not know it.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn load(
        reader: &mut (impl ReadFacts + ReadOutcomes),
        configuration: &'a Configuration,
        organization: &OrganizationCode,
        kind: Kind,
        as_of: Timestamp,
    ) -> PortResult<Option<Self>> {
        let found = configuration.organizations.get_key_value(organization);
        let Some((organization, settings)) = found else { return Ok(None) };
        let approved = match kind {
            Kind::PreEnforcement => batch::approved(reader, organization)?,
            _ => HashMap::new(),
        };
        let wrong = match kind {
            Kind::Correction => correction::wrong(reader, organization)?,
            _ => HashMap::new(),
        };
        let province =
            Province::for_accounts(reader, organization, settings, configuration, as_of)?;
        let today = in_rome(as_of).date();
        let judge = Judge { organization, settings, kind, today, approved, wrong };
        Ok(Some(Self { judge, province }))
    }

    /// Judges a position by what the ledger says of it now; `None` where there is none.
    ///
    /// # Errors
    /// When the ledger cannot be read or the text cannot be filled.
    pub fn judge(
        &mut self,
        reader: &mut (impl ReadFacts + ReadOutcomes),
        position_id: &str,
    ) -> Result<Option<Row>, PlanError> {
        let organization = self.judge.organization;
        let partition = key::position(organization, position_id);
        let stored = reader.outcomes(&[Subject(partition.clone())])?.remove(0);
        let Some(current) = reader.facts(&[partition])?.remove(0).pop() else { return Ok(None) };
        let position = read_position(&current.body)?;
        let payments = match stored {
            Some(outcome) => record::read::<PaymentsOutcome>(&outcome.body)?.payments,
            None => Vec::new(),
        };
        let payments = payments.into_iter().map(Payment::from).collect();
        let account = self.province.account(&position, payments);
        let history = intent::history(reader, organization, position_id)?;
        Ok(Some(self.judge.row(&position, &account, &history)?))
    }
}

impl Judge<'_> {
    fn row(
        &self,
        position: &PositionVersion,
        account: &Account,
        history: &[intent::Sent],
    ) -> Result<Row, TemplateError> {
        let approved = self.approved.get(&*position.position_id).filter(|one| one.fits(position));
        let wrong = self.wrong.get(&*position.position_id);
        // What an errata corrige corrects does not stand in its way.
        let other = |one: &&intent::Sent| !wrong.is_some_and(|wrong| wrong.is_about(one));
        let sent: Vec<_> =
            history.iter().filter(other).filter_map(|one| sent(one, wrong)).collect();
        let case = Case {
            kind: self.kind,
            position,
            account,
            sent: &sent,
            setting: self.setting(position, approved, wrong),
            today: self.today,
        };
        let mut judgement = judge(&case);
        if let Some(wrong) = wrong {
            judgement.occurrence = wrong.occurrence().into();
        }
        let message = self.message(position, account, &judgement, wrong, history)?;
        let (kind, occurrence) = (self.kind, judgement.occurrence.to_string());
        let intent = IntentKey {
            organization: self.organization.clone(),
            position_id: position.position_id.to_string(),
            kind: kind.code().to_owned(),
            occurrence,
        };
        Ok(Row {
            organization: self.organization.clone(),
            position_id: position.position_id.clone(),
            kind,
            recipient: judgement.recipient.cloned(),
            recipient_kind: recipient_kind(kind, position, &judgement),
            debt_type: position.debt_type.clone(),
            template_version: message.as_ref().map(|_| self.version()),
            message,
            send_window: judgement.window.map(SendWindow::of),
            intent_key: intent.subject().0.into(),
            demand: batch::Demand::of(position, account, &judgement),
            decision: judgement.decision,
            reasons: judgement.reasons,
            occurrence: judgement.occurrence,
        })
    }

    fn setting(
        &self,
        position: &PositionVersion,
        approved: Option<&Approved>,
        wrong: Option<&Wrong>,
    ) -> Setting {
        let debt_type = self.settings.debt_types.get(&*position.debt_type);
        let service = debt_type.is_some_and(|debt_type| debt_type.appio_service.is_some());
        let form = self.kind != Kind::DriverData || self.settings.driver_form_url.is_some();
        Setting {
            fine: debt_type.is_some_and(|debt_type| debt_type.fine),
            ready: service && form && self.settings.contacts.is_some(),
            approval: approved.map(|approved| Approval { due: approved.due }),
            wrong: wrong.is_some(),
        }
    }

    fn version(&self) -> Box<str> {
        self.settings.text(self.kind).version().into()
    }

    fn message(
        &self,
        position: &PositionVersion,
        account: &Account,
        judgement: &Judgement<'_>,
        wrong: Option<&Wrong>,
        history: &[intent::Sent],
    ) -> Result<Option<Message>, TemplateError> {
        if judgement.decision != Decision::Send {
            return Ok(None);
        }
        let told = text::Told {
            kind: self.kind,
            position,
            account,
            judgement,
            settings: self.settings,
            today: self.today,
        };
        match (self.kind, wrong) {
            (Kind::Correction, Some(wrong)) => told.correction(wrong, history).map(Some),
            _ => told.message().map(Some),
        }
    }
}

/// What the guards read of a message of the ledger. They know of one errata corrige: that of the
/// message that is wrong now.
fn sent(sent: &intent::Sent, wrong: Option<&Wrong>) -> Option<Sent> {
    let rejected = matches!(
        sent.state,
        State::Sent {
            fate: Some(
                Fate::Failed | Fate::Rejected | Fate::RejectedNotOnIo | Fate::RejectedOptedOut
            ),
            ..
        }
    );
    Some(Sent {
        kind: Kind::from_code(&sent.kind)?,
        occurrence: match wrong {
            Some(wrong) if sent.occurrence == wrong.occurrence() => domain::campaign::ONCE.into(),
            _ => sent.occurrence.as_str().into(),
        },
        over: sent.state.is_over(),
        may_have_arrived: sent.state.may_have_arrived(),
        accepted: matches!(sent.state, State::Sent { .. }) && !rejected,
        on: in_rome(sent.at).date(),
    })
}

fn recipient_kind(
    kind: Kind,
    position: &PositionVersion,
    judgement: &Judgement<'_>,
) -> RecipientKind {
    match (&position.debtor, kind, judgement.recipient) {
        (_, Kind::PointsSent, Some(_)) => RecipientKind::Driver,
        (None, ..) | (_, Kind::PointsSent, None) => RecipientKind::Unknown,
        (Some(debtor), ..) => match debtor.kind {
            DebtorKind::Person => RecipientKind::Person,
            DebtorKind::Company => RecipientKind::Company,
        },
    }
}

impl SendWindow {
    fn of(window: Window) -> Self {
        Self {
            from: hour(window.first_office_day(), 9),
            to: window.last_office_day().map(|last| hour(last, 19)),
        }
    }
}

/// A whole hour of office in Rome, where the clock does not change then.
fn hour(day: Date, hour: i8) -> Timestamp {
    let local = rome().to_ambiguous_timestamp(day.at(hour, 0, 0, 0));
    local.compatible().unwrap_or(Timestamp::MAX)
}

/// How many rows there are, by decision and by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// By decision.
    pub decisions: BTreeMap<Decision, u64>,
    /// By decision and reason: a row counts once for each of its reasons.
    pub reasons: BTreeMap<(Decision, Reason), u64>,
}

impl Totals {
    /// Counts a row.
    pub fn add(&mut self, row: &Row) {
        *self.decisions.entry(row.decision).or_default() += 1;
        for reason in &row.reasons {
            *self.reasons.entry((row.decision, *reason)).or_default() += 1;
        }
    }
}

/// A row as it is written: no fiscal code.
#[derive(Serialize)]
struct Line<'a> {
    organization: &'a str,
    position_id: &'a str,
    kind: &'static str,
    occurrence: &'a str,
    decision: &'static str,
    reasons: Vec<&'static str>,
    recipient_kind: RecipientKind,
    debt_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_window: Option<WindowLine>,
    intent_key: &'a str,
}

#[derive(Serialize)]
struct WindowLine {
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl Row {
    /// The row as a line of JSON, without its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let at =
            |moment: Timestamp| moment.display_with_offset(rome().to_offset(moment)).to_string();
        let window =
            |window: SendWindow| WindowLine { from: at(window.from), to: window.to.map(at) };
        record::write(&Line {
            organization: self.organization.as_str(),
            position_id: &self.position_id,
            kind: self.kind.code(),
            occurrence: &self.occurrence,
            decision: self.decision.code(),
            reasons: self.reasons.iter().map(|reason| reason.code()).collect(),
            recipient_kind: self.recipient_kind,
            debt_type: &self.debt_type,
            message: self.message.as_ref(),
            template_version: self.template_version.as_deref(),
            send_window: self.send_window.map(window),
            intent_key: &self.intent_key,
        })
    }
}

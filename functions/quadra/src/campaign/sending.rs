//! `quadra campaign send`, `track`, `release`, `report`: messages leave, and what becomes of them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use appio::{Client, ClientError};
use clap::Subcommand;
use domain::campaign::{Decision, Kind};
use domain::identifier::OrganizationCode;
use embedded::{RunningClock, StopFile};
use engine::campaign::intent::{IntentRecord, Unreachable};
use engine::campaign::io::Clock as _;
use engine::campaign::ledger::Ledger as Records;
use engine::campaign::pace::Pace;
use engine::campaign::plan::{self, PlanError, Planner, Row};
use engine::campaign::release::{self, ReleaseError};
use engine::campaign::results::{MessageRow, Results};
use engine::campaign::send::{self, Done, Run, Summary};
use engine::campaign::track::{self, Tracked};
use engine::campaign::words;
use engine::configuration::Configuration;
use engine::port::{Home, PortError, PortResult, Subject};
use jiff::{SignedDuration, Timestamp};
use report::TextTable;

use super::parse_kind;
use crate::command::{self, CommandError, Ledger, Moment};
use crate::home::Store;
use crate::show;

#[derive(Debug, Subcommand)]
pub enum SendingCommand {
    /// Send what was planned and is still right; without a key in QUADRA_APPIO_KEY_SERVICE it
    /// only says what it would send
    Send {
        /// Kind of message
        #[arg(value_parser = parse_kind)]
        kind: Kind,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
        /// Send so many messages at most
        #[arg(long)]
        limit: Option<u64>,
        /// Where to list who is to be told by other means; beside the ledger if absent
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Ask IO what became of the messages that it took
    Track {
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Let a message be sent again of which nobody knows whether it was: only when it was not
    Release {
        /// The message, as the report of the campaign names it
        intent: String,
        /// Who releases it
        #[arg(long)]
        by: String,
        /// How it is known that the citizen has not got it
        #[arg(long)]
        note: String,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Write what came of the messages of a kind: sent, delivered, not on IO, paid afterwards
    Report {
        /// Kind of message
        #[arg(value_parser = parse_kind)]
        kind: Kind,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
        /// Folder to write it to
        #[arg(long)]
        out: PathBuf,
    },
}

/// Why a command about sending failed.
#[derive(Debug, thiserror::Error)]
pub enum SendingError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(
        "--as-of another time than now is for a stand-in of IO on this machine: citizens get messages by the real clock"
    )]
    NotNow,
    #[error("{0}: nothing more was sent")]
    Halted(send::Halt),
    #[error("the lists cannot be written: {0}")]
    Out(#[from] io::Error),
}

/// Calls to IO that wait at the same time: each takes some tenths of a second.
const WORKERS: usize = 6;
/// How long what is known of flows and credits is believed, while sending.
const BELIEVED: SignedDuration = SignedDuration::from_secs(60);
/// How far `--as-of` may be from now where citizens are written to.
const NOW: SignedDuration = SignedDuration::from_mins(5);
/// Address of IO, where it is not the real one.
const ADDRESS: &str = "QUADRA_APPIO_URL";
/// What the environment variable of the key of a service begins with.
const KEY: &str = "QUADRA_APPIO_KEY_";

/// Runs a command.
///
/// # Errors
/// When it failed. What was sent before is in the ledger.
pub fn run(command: SendingCommand) -> Result<(), CommandError> {
    match command {
        SendingCommand::Send { kind, ledger, moment, limit, out } => {
            let (store, configuration) = command::open(&ledger)?;
            command::reconcile(&store, &configuration)?;
            let out = out
                .unwrap_or_else(|| ledger.data().join(format!("altri-canali-{}.csv", kind.code())));
            let client = client(&configuration, moment.get())?;
            let clock = RunningClock::at(moment.get());
            let sending =
                Sending { store: &store, configuration: &configuration, client, clock, kind };
            sending.send(&StopFile::of(ledger.data()), limit, &out)?;
        }
        SendingCommand::Track { ledger, moment } => {
            let (store, configuration) = command::open(&ledger)?;
            let client = client(&configuration, moment.get())?;
            track(&store, &configuration, &client, &RunningClock::at(moment.get()))?;
        }
        SendingCommand::Release { intent, by, note, ledger, moment } => {
            let (store, _) = command::open(&ledger)?;
            let mut records = records(&store)?;
            release::release(&mut records, &Subject(intent.clone()), (&by, &note), moment.get())
                .map_err(SendingError::from)?;
            show::print(&format!("{intent}: può essere inviato di nuovo ({by})."));
        }
        SendingCommand::Report { kind, ledger, moment, out } => {
            let (store, configuration) = command::open(&ledger)?;
            command::reconcile(&store, &configuration)?;
            report(&store, &configuration, kind, moment.get(), &out)?;
        }
    }
    Ok(())
}

type Reader = <Store as Home>::Reader;
type Writer = <Store as Home>::Writer;

fn records(store: &Store) -> PortResult<Records<Reader, Writer>> {
    Ok(Records { reader: Home::reader(store)?, writer: Home::writer(store)? })
}

/// The client, with the keys that the environment has. The real IO is not called at a made-up time.
fn client(configuration: &Configuration, as_of: Timestamp) -> Result<Client, SendingError> {
    let address = env::var(ADDRESS).unwrap_or_else(|_| appio::PRODUCTION.to_owned());
    let organizations = configuration.organizations.values();
    let services = organizations.flat_map(|organization| organization.debt_types.values());
    let key = |service: &String| {
        let name = service.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let key = env::var(format!("{KEY}{name}")).ok().filter(|key| !key.is_empty())?;
        Some((service.clone(), key))
    };
    let services = services.filter_map(|debt_type| debt_type.appio_service.as_ref());
    let keys: BTreeMap<_, _> = services.filter_map(key).collect();
    let dry = keys.is_empty();
    let client = Client::new(&address, keys, appio::CALL_MAX)?;
    let elsewhen = Timestamp::now().duration_since(as_of).abs() > NOW;
    if elsewhen && !dry && !client.is_local() { Err(SendingError::NotNow) } else { Ok(client) }
}

/// One run of `campaign send`.
struct Sending<'a> {
    store: &'a Store,
    configuration: &'a Configuration,
    client: Client,
    clock: RunningClock,
    kind: Kind,
}

impl Sending<'_> {
    fn send(
        &self,
        switch: &StopFile,
        mut limit: Option<u64>,
        out: &Path,
    ) -> Result<(), SendingError> {
        let mut unreachable = Vec::new();
        let mut halted = None;
        for (organization, settings) in &self.configuration.organizations {
            let mut records = records(self.store)?;
            release::give_up_the_dead(&mut records, organization, self.clock.now())?;
            let ports = (&self.client as _, &self.clock as _, switch as _);
            let ring = self.store.ring();
            let run = Run::new(organization, ring, ports, settings.sending, limit);
            let summary = send::run(
                self.store,
                &run,
                WORKERS,
                |give| self.plan(organization, give),
                |row| settings.debt_types.get(&*row.debt_type)?.appio_service.clone(),
                || self.judge(organization),
            )?;
            let sent = summary.done.get(&Done::Sent).copied().unwrap_or(0);
            limit = limit.map(|limit| limit.saturating_sub(sent));
            show_summary(self.kind, &summary);
            unreachable.extend(summary.unreachable);
            halted = halted.or(summary.halted);
        }
        self.other_channels(&unreachable, out)?;
        match halted {
            None | Some(send::Halt::Limit) => Ok(()),
            Some(halt) => Err(SendingError::Halted(halt)),
        }
    }

    /// The rows to send of an organization.
    fn plan(
        &self,
        organization: &OrganizationCode,
        give: &mut dyn FnMut(Row) -> PortResult<()>,
    ) -> PortResult<()> {
        let as_of = self.clock.now();
        let planned = plan::all(self.store, self.configuration, self.kind, as_of, |row| {
            if row.decision == Decision::Send && row.organization == *organization {
                give(row)?;
            }
            Ok::<_, PlanError>(())
        });
        planned.map_err(port_error)
    }

    /// Judges a position by what has arrived until now.
    fn judge(
        &self,
        organization: &OrganizationCode,
    ) -> impl FnMut(&mut Reader, &Row, Timestamp) -> PortResult<Option<Row>> {
        let mut planner: Option<(Timestamp, Planner<'_>)> = None;
        move |reader, row, now| {
            if planner.as_ref().is_none_or(|(loaded, _)| now.duration_since(*loaded) > BELIEVED) {
                let nobody_waits = |_, _| ();
                engine::reconcile::reconcile(
                    self.store,
                    self.configuration,
                    Timestamp::now(),
                    &nobody_waits,
                )?;
                let loaded =
                    Planner::load(reader, self.configuration, organization, self.kind, now)?;
                planner = loaded.map(|loaded| (now, loaded));
            }
            match &mut planner {
                Some((_, planner)) => planner.judge(reader, &row.position_id).map_err(port_error),
                None => Ok(None),
            }
        }
    }

    /// Lists who is to be told by other means, if anybody is.
    fn other_channels(
        &self,
        unreachable: &[(Box<str>, Unreachable)],
        out: &Path,
    ) -> Result<(), SendingError> {
        if unreachable.is_empty() {
            return Ok(());
        }
        let mut table = TextTable::other_channels(BufWriter::new(File::create(out)?))?;
        for (position, why) in unreachable {
            let why = match why {
                Unreachable::NotOnIo => "non usa IO",
                Unreachable::OptedOut => "ha disattivato il servizio",
            };
            table.push(&[position, self.kind.code(), why])?;
        }
        table.finish()?;
        let count = unreachable.len();
        show::print(&format!("{count} cittadini da avvisare altrimenti: {}", out.display()));
        Ok(())
    }
}

fn port_error(error: PlanError) -> PortError {
    match error {
        PlanError::Port(error) => error,
        other @ PlanError::Text(_) => PortError::Final(other.to_string()),
    }
}

fn show_summary(kind: Kind, summary: &Summary) {
    let mut shown = show::table(&[kind.code(), "messaggi"]);
    for (done, count) in &summary.done {
        shown.add_row(vec![words_of(*done).to_owned(), count.to_string()]);
    }
    for (reason, count) in &summary.excluded {
        shown.add_row(vec![format!("  {}", words::reason(*reason)), count.to_string()]);
    }
    show::print(&shown.to_string());
    if summary.done.contains_key(&Done::NotConfigured) {
        show::print(
            "Prova: senza la chiave del servizio in QUADRA_APPIO_KEY_<SERVIZIO> non parte nulla.",
        );
    }
}

const fn words_of(done: Done) -> &'static str {
    match done {
        Done::Sent => "inviati",
        Done::NotReachable(Unreachable::NotOnIo) => "non su IO",
        Done::NotReachable(Unreachable::OptedOut) => "servizio disattivato dal cittadino",
        Done::Refused => "rifiutati",
        Done::Parked => "non riusciti, messi da parte",
        Done::Unknown => "esito sconosciuto, da verificare a mano",
        Done::Over => "già trattati",
        Done::InHand => "in mano a un altro invio",
        Done::NoLongerRight => "non più da inviare",
        Done::SameText => "stesso testo negli ultimi 7 giorni",
        Done::NotConfigured => "pronti, non inviati (prova)",
    }
}

fn track(
    store: &Store,
    configuration: &Configuration,
    client: &Client,
    clock: &RunningClock,
) -> Result<(), SendingError> {
    let mut records = records(store)?;
    let mut halted = None;
    for (organization, settings) in &configuration.organizations {
        release::give_up_the_dead(&mut records, organization, clock.now())?;
        let mut pace = Pace::new(organization, settings.sending);
        let mut reader = records_reader(store)?;
        let mut planners: BTreeMap<Kind, Option<Planner<'_>>> = BTreeMap::new();
        let mut recipient_of = |intent: &IntentRecord| {
            let Some(kind) = Kind::from_code(&intent.kind) else { return Ok(None) };
            let planner = match planners.entry(kind) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(Planner::load(
                    &mut reader,
                    configuration,
                    organization,
                    kind,
                    clock.now(),
                )?),
            };
            let Some(planner) = planner else { return Ok(None) };
            let row = planner.judge(&mut reader, &intent.position_id).map_err(port_error)?;
            Ok(row.and_then(|row| row.recipient))
        };
        let ports = (client as _, clock as _);
        let tracked = track::track(
            &mut records,
            organization,
            store.ring(),
            ports,
            &mut pace,
            &mut recipient_of,
        )?;
        show_tracked(&tracked);
        halted = halted.or(tracked.halted);
    }
    halted.map_or(Ok(()), |halt| Err(SendingError::Halted(halt)))
}

fn records_reader(store: &Store) -> PortResult<Reader> {
    Ok(records(store)?.reader)
}

fn show_tracked(tracked: &Tracked) {
    use engine::campaign::intent::Fate;
    let mut shown = show::table(&["Messaggi inviati", "numero"]);
    for (fate, count) in &tracked.fates {
        let words = match fate {
            Fate::Accepted | Fate::Throttled => "in consegna",
            Fate::Delivered => "consegnati",
            Fate::Failed => "consegna non riuscita",
            Fate::Rejected => "non consegnati",
            Fate::RejectedNotOnIo => "non consegnati: non su IO",
            Fate::RejectedOptedOut => "non consegnati: servizio disattivato",
        };
        shown.add_row(vec![words.to_owned(), count.to_string()]);
    }
    if tracked.not_asked > 0 {
        shown.add_row(vec!["senza risposta".to_owned(), tracked.not_asked.to_string()]);
    }
    show::print(&shown.to_string());
}

/// `results.json` with the totals, `messages.jsonl` and `messages.csv` with each message.
fn report(
    store: &Store,
    configuration: &Configuration,
    kind: Kind,
    as_of: Timestamp,
    out: &Path,
) -> Result<(), SendingError> {
    fs::create_dir_all(out)?;
    let mut results = Results::of(kind);
    plan::all(store, configuration, kind, as_of, |row| {
        results.plan(&row);
        Ok::<_, PlanError>(())
    })?;
    let mut lines = BufWriter::new(File::create(out.join("messages.jsonl"))?);
    let mut table = TextTable::messages(BufWriter::new(File::create(out.join("messages.csv"))?))?;
    let mut reader = records_reader(store)?;
    for organization in configuration.organizations.keys() {
        results.count(&mut reader, organization, |row| {
            writeln!(lines, "{}", engine::record::write(&row))?;
            push(&mut table, &row)
        })?;
    }
    lines.flush()?;
    table.finish()?;
    fs::write(out.join("results.json"), engine::record::write(&results) + "\n")?;
    show_results(&results);
    Ok(())
}

fn push(table: &mut TextTable<impl Write>, row: &MessageRow) -> Result<(), SendingError> {
    let at = domain::clock::in_rome(row.at).to_string();
    let reason = row.reason.as_deref().unwrap_or_default();
    let paid_on = row.paid_on.map(|day| day.to_string()).unwrap_or_default();
    Ok(table.push(&[&row.intent, &row.position_id, row.state, &at, reason, &paid_on])?)
}

fn show_results(results: &Results) {
    let mut shown = show::table(&[results.kind, "numero"]);
    let within = results.paid_within;
    for (words, count) in [
        ("inviati", results.sent),
        ("  consegnati", results.delivered),
        ("  in consegna", results.in_transit),
        ("  non consegnati", results.not_delivered),
        ("non su IO", results.not_on_io),
        ("servizio disattivato dal cittadino", results.opted_out),
        ("rifiutati", results.refused),
        ("non riusciti, messi da parte", results.failed),
        ("esito sconosciuto", results.unknown),
        ("in attesa", results.waiting),
        ("pagati dopo il messaggio", results.paid_afterwards),
        ("  entro 7 giorni", within.days_7),
        ("  da 8 a 30", within.days_30),
        ("  da 31 a 60", within.days_60),
        ("  oltre", within.later),
    ] {
        shown.add_row(vec![words.to_owned(), count.to_string()]);
    }
    for (reason, count) in &results.excluded {
        shown.add_row(vec![format!("escluso o sospeso: {reason}"), count.to_string()]);
    }
    show::print(&shown.to_string());
}

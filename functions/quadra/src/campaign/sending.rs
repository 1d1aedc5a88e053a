//! `quadra campaign send`, `track`, `release`, `report`: messages leave, and what becomes of them.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use appio::{Client, ClientError, RunningClock};
use clap::Subcommand;
use domain::campaign::Kind;
use embedded::StopFile;
use engine::campaign::files::{self, FilesError, ResultFiles};
use engine::campaign::intent::Unreachable;
use engine::campaign::ledger::Ledger as Records;
use engine::campaign::plan::{self, PlanError, Totals};
use engine::campaign::release::{self, ReleaseError};
use engine::campaign::results::Results;
use engine::campaign::send::{self, Campaign, Done, Run, Summary};
use engine::campaign::track::{self, Tracked};
use engine::campaign::words;
use engine::configuration::Configuration;
use engine::port::{Home, PortError, PortResult, Subject};
use engine::reconcile;
use jiff::Timestamp;

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
    Files(#[from] FilesError),
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
    let client = Client::new(&address, keys, appio::CALL_MAX)?;
    if client.may_play(as_of, Timestamp::now()) { Ok(client) } else { Err(SendingError::NotNow) }
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
        let nobody_waits = |_, _| ();
        let refresh = |_: &Subject| {
            let now = Timestamp::now();
            reconcile::reconcile(self.store, self.configuration, now, &nobody_waits).map(drop)
        };
        let campaign = Campaign {
            home: self.store,
            configuration: self.configuration,
            kind: self.kind,
            refresh: &refresh,
        };
        let mut unreachable = Vec::new();
        let mut halted = None;
        for (organization, settings) in &self.configuration.organizations {
            let ports = (&self.client as _, &self.clock as _, switch as _);
            let ring = self.store.ring();
            let run = Run::new(organization, ring, ports, settings.sending, limit);
            let summary = campaign.send(&run)?;
            limit = limit.map(|limit| limit.saturating_sub(summary.count(Done::Sent)));
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

    /// Lists who is to be told by other means, if anybody is.
    fn other_channels(
        &self,
        unreachable: &[(Box<str>, Unreachable)],
        out: &Path,
    ) -> Result<(), SendingError> {
        if unreachable.is_empty() {
            return Ok(());
        }
        files::other_channels(self.kind, unreachable, BufWriter::new(File::create(out)?))?;
        let count = unreachable.len();
        show::print(&format!("{count} cittadini da avvisare altrimenti: {}", out.display()));
        Ok(())
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
    let mut halted = None;
    for organization in configuration.organizations.keys() {
        let ports = (client as _, clock as _);
        let tracked = track::all(store, configuration, organization, store.ring(), ports, None)?;
        show_tracked(&tracked);
        halted = halted.or(tracked.halted);
    }
    halted.map_or(Ok(()), |halt| Err(SendingError::Halted(halt)))
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

/// The files of what came of the messages of a kind.
fn report(
    store: &Store,
    configuration: &Configuration,
    kind: Kind,
    as_of: Timestamp,
    out: &Path,
) -> Result<(), SendingError> {
    fs::create_dir_all(out)?;
    let mut totals = Totals::default();
    plan::all(store, configuration, kind, as_of, |row| {
        totals.add(&row);
        Ok::<_, PlanError>(())
    })?;
    let mut out = ResultFiles::create(|name| Ok(BufWriter::new(File::create(out.join(name))?)))?;
    show_results(&files::results(store, configuration, kind, &totals, &mut out)?);
    Ok(())
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

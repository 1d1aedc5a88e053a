//! The commands and what each of them does, in the order in which it does it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use domain::identifier::OrganizationCode;
use embedded::{KeyFileError, OutFolder, QuarantineFolder, StoreError};
use engine::configuration::{Configuration, RememberError, Remembered};
use engine::decide::{self, DecideError};
use engine::forget::ForgetError;
use engine::intake::{self, Ingested};
use engine::picture::{self, Overview, PictureError};
use engine::port::PortError;
use engine::reconcile::{self, Reconciled};
use engine::seal::SealError;
use jiff::Timestamp;
use sample::SampleError;

use crate::campaign::SendingError;
use crate::campaign::{self, CampaignCommand, CampaignError};
use crate::files::{self, FileInput};
use crate::forget::{self, Age};
use crate::home::{self, Store};
use crate::{explain, show, verify};

/// Quadra reconciles the pagoPA income of an Italian Province.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job: take files in, reconcile, write the report
    Run {
        /// Files and folders, whatever is in them
        #[arg(required = true)]
        input: Vec<PathBuf>,
        #[command(flatten)]
        ledger: Ledger,
        /// Where to write the report
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        moment: Moment,
    },
    /// Take files or folders in, and say what each was
    Ingest {
        /// Files and folders, whatever is in them
        #[arg(required = true)]
        input: Vec<PathBuf>,
        #[command(flatten)]
        ledger: Ledger,
    },
    /// Bring every outcome up to date
    Reconcile {
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Write the report files
    Report {
        #[command(flatten)]
        ledger: Ledger,
        /// Where to write the report
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        moment: Moment,
    },
    /// Tell everything that is known of a key, on one timeline
    Explain {
        /// IUV, notice number, IUF, provvisorio (2026/123), position, verbale, fiscal code or plate
        key: String,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
        /// Write it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Decide about an anomaly: choose one of its candidates, close it, or take a decision back
    Decide {
        /// Identifier of an anomaly; or a credit or payment, as credit:2026/123
        anomaly: String,
        #[command(flatten)]
        wish: Wish,
        /// Who decides
        #[arg(long, value_parser = |text: &str| decide::words(text, decide::BY_MAX))]
        by: String,
        /// Why
        #[arg(long, value_parser = |text: &str| decide::words(text, decide::NOTE_MAX))]
        note: String,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Audit the ledger: chains, outcomes computed again from facts, conservation of money
    Verify {
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Destroy the personal data of years that are over, but for what is still open
    Forget {
        /// A day, 2016-01-01: the years that ended before it; or 10: those that ended ten years ago
        #[arg(long, value_parser = forget::parse_age)]
        older_than: Age,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Messages to citizens: plan them, approve batches, correct what was wrong
    Campaign {
        #[command(subcommand)]
        command: CampaignCommand,
    },
    /// Make a made-up province: positions, flows, receipts, journals, configuration and truth
    Sample {
        /// How many payment notices it issued
        #[arg(long)]
        notices: u32,
        /// Where chance begins: the same seed gives the same province
        #[arg(long)]
        seed: u64,
        /// Where to write it: a folder that is empty or not there
        #[arg(long)]
        out: PathBuf,
    },
}

/// What a person wants.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Wish {
    /// Choose a candidate, by its subject: flow:PSP:IUF, payment:IUV/IUR/index, position:ID
    #[arg(long, value_name = "CANDIDATE")]
    choose: Option<String>,
    /// Close the anomaly: nothing is to be done
    #[arg(long)]
    dismiss: bool,
    /// Take back the decision that holds
    #[arg(long)]
    withdraw: bool,
}

impl Wish {
    fn get(&self) -> decide::Wish<'_> {
        match &self.choose {
            Some(candidate) => decide::Wish::Choose(candidate),
            None if self.dismiss => decide::Wish::Dismiss,
            None => decide::Wish::Withdraw,
        }
    }
}

/// Where the ledger is, and the configuration.
#[derive(Debug, Args)]
pub struct Ledger {
    /// Folder of the ledger; made if it is not there
    #[arg(long)]
    data: PathBuf,
    /// Configuration that replaces the remembered one
    #[arg(long)]
    config: Option<PathBuf>,
}

impl Ledger {
    /// Folder of the ledger.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

/// The only clock.
#[derive(Debug, Args)]
pub struct Moment {
    /// The moment that the report is true for, as 2026-11-15T08:00:00+01:00 or a date (its last
    /// second in Rome); now if absent
    #[arg(long, value_parser = parse_moment)]
    as_of: Option<Timestamp>,
}

impl Moment {
    /// It, or now.
    pub fn get(&self) -> Timestamp {
        self.as_of.unwrap_or_else(Timestamp::now)
    }
}

fn parse_moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && text.len() == "2026-11-15".len()
    {
        return Ok(domain::clock::last_second(date));
    }
    text.parse().map_err(|_| "write a date, or a time with its offset".to_owned())
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error(transparent)]
    Configuration(#[from] RememberError),
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    #[error("this ledger is sealed, and its keys are not in {0}: put the file back")]
    NoKeys(PathBuf),
    #[error("{0}: {1}")]
    Seal(PathBuf, SealError),
    #[error(transparent)]
    Forget(#[from] ForgetError),
    #[error(transparent)]
    Decide(#[from] DecideError),
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    #[error(transparent)]
    Sending(#[from] SendingError),
    #[error(transparent)]
    Sample(#[from] SampleError),
    #[error("{what}: {source}")]
    File { what: String, source: std::io::Error },
    #[error(
        "the files are of more than one organization ({}): give a configuration with --config",
        .0.join(", ")
    )]
    SeveralOrganizations(Vec<String>),
}

/// Exit code of a run that is done, with at least one input refused.
const SOME_REFUSED: u8 = 2;

/// Runs a command; the exit code of the program.
///
/// # Errors
/// When it failed: what was not finished is not visible.
pub fn run(command: Command) -> Result<ExitCode, CommandError> {
    match command {
        Command::Run { input, ledger, out, moment } => {
            let store = home::open(&ledger.data)?;
            let (ingested, configuration) = ingest(&store, &input, &ledger)?;
            let reconciled = reconcile(&store, &configuration)?;
            let overview = report(&store, &configuration, &out, moment.get())?;
            show::ingested(&ingested);
            show::overview(&overview, reconciled, &out);
            Ok(exit_code(&ingested))
        }
        Command::Ingest { input, ledger } => {
            let store = home::open(&ledger.data)?;
            let (ingested, _) = ingest(&store, &input, &ledger)?;
            show::ingested(&ingested);
            Ok(exit_code(&ingested))
        }
        Command::Reconcile { ledger, moment } => {
            let store = home::open(&ledger.data)?;
            let configuration = configuration(&store, ledger.config.as_deref())?;
            let reconciled = bring_up_to_date(&store, &configuration, moment.get())?;
            show::reconciled(reconciled);
            Ok(ExitCode::SUCCESS)
        }
        Command::Report { ledger, out, moment } => {
            let store = home::open(&ledger.data)?;
            let configuration = configuration(&store, ledger.config.as_deref())?;
            let overview = report(&store, &configuration, &out, moment.get())?;
            show::overview(&overview, Reconciled::default(), &out);
            Ok(ExitCode::SUCCESS)
        }
        Command::Explain { key, ledger, moment, json } => {
            let store = home::open(&ledger.data)?;
            let configuration = configuration(&store, ledger.config.as_deref())?;
            explain::run(&store, &configuration, &key, moment.get(), json)
        }
        Command::Decide { anomaly, wish, by, note, ledger, moment } => {
            let store = home::open(&ledger.data)?;
            let configuration = configuration(&store, ledger.config.as_deref())?;
            let at = moment.get();
            // What is proposed follows from outcomes, which the decision then changes.
            reconcile(&store, &configuration)?;
            let wish = wish.get();
            let request = decide::Request { anomaly: &anomaly, wish, by: &by, note: &note, at };
            let decided = decide::decide(&store, &configuration, &request)?;
            let reconciled = bring_up_to_date(&store, &configuration, at)?;
            show::decided(&decided);
            show::reconciled(reconciled);
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify { ledger, moment } => {
            let store = home::open(&ledger.data)?;
            let configuration = configuration(&store, ledger.config.as_deref())?;
            verify::run(&store, &configuration, moment.get())
        }
        Command::Forget { older_than, ledger, moment } => {
            let store = home::open(&ledger.data)?;
            let configuration = configuration(&store, ledger.config.as_deref())?;
            forget::run(&store, &configuration, &ledger.data, older_than, moment.get())
        }
        Command::Campaign { command } => campaign::run(command),
        Command::Sample { notices, seed, out } => {
            let bar = show::Bar::counting("provincia di prova");
            let mut progress = |done| bar.set(done);
            let mut options = sample::Options { notices, seed, out: &out, progress: &mut progress };
            let summary = sample::generate(&mut options)?;
            bar.finish();
            show::sample(&summary, &out);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn exit_code(ingested: &Ingested) -> ExitCode {
    if ingested.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(SOME_REFUSED) }
}

fn ingest(
    store: &Store,
    named: &[PathBuf],
    ledger: &Ledger,
) -> Result<(Ingested, Configuration), CommandError> {
    let inputs = files::collect(named).map_err(|source| {
        let what = "the inputs cannot be listed".to_owned();
        CommandError::File { what, source }
    })?;
    let configuration = configuration_for(store, &inputs, ledger.config.as_deref())?;
    let ours = configuration.organizations.keys().cloned().collect();
    let bar = show::Bar::bytes("lettura dei file");
    let mut quarantine = QuarantineFolder::new(&ledger.data);
    let ingested = intake::ingest(store, &inputs, &ours, &mut quarantine, &|bytes| bar.add(bytes))?;
    bar.finish();
    Ok((ingested, configuration))
}

/// The ledger, and the configuration that holds.
///
/// # Errors
/// When one of the two cannot be read.
pub fn open(ledger: &Ledger) -> Result<(Store, Configuration), CommandError> {
    let store = home::open(&ledger.data)?;
    let configuration = configuration(&store, ledger.config.as_deref())?;
    Ok((store, configuration))
}

/// Brings every outcome up to date.
///
/// # Errors
/// When the ledger fails.
pub fn reconcile(store: &Store, configuration: &Configuration) -> Result<Reconciled, CommandError> {
    let bar = show::Bar::counting("riconciliazione");
    let progress = |done, total| bar.set_of(done, total);
    let reconciled = reconcile::reconcile(store, configuration, Timestamp::now(), &progress)?;
    bar.finish();
    Ok(reconciled)
}

/// Every outcome, and which anomalies are open.
fn bring_up_to_date(
    store: &Store,
    configuration: &Configuration,
    as_of: Timestamp,
) -> Result<Reconciled, CommandError> {
    let reconciled = reconcile(store, configuration)?;
    let overview = picture::write_report(store, configuration, as_of, report::Nowhere)?;
    remember(store, configuration, as_of, &overview)?;
    Ok(reconciled)
}

fn report(
    store: &Store,
    configuration: &Configuration,
    out: &Path,
    as_of: Timestamp,
) -> Result<Overview, CommandError> {
    let bar = show::Bar::counting("scrittura del report");
    let files = OutFolder::open(out).map_err(|source| {
        let what = format!("{} cannot be written", out.display());
        CommandError::File { what, source }
    })?;
    let overview = picture::write_report(store, configuration, as_of, files)?;
    remember(store, configuration, as_of, &overview)?;
    bar.finish();
    Ok(overview)
}

fn remember(
    store: &Store,
    configuration: &Configuration,
    as_of: Timestamp,
    overview: &Overview,
) -> Result<(), CommandError> {
    Ok(picture::remember(store, configuration, as_of, Timestamp::now(), &overview.anomalies)?)
}

/// The configuration given, else the remembered one, else none: an empty ledger has nothing to say.
fn configuration(store: &Store, given: Option<&Path>) -> Result<Configuration, CommandError> {
    match given {
        Some(path) => {
            let text = read_configuration(path)?;
            Ok(engine::configuration::remember(store, &text, false)?)
        }
        None => Ok(match engine::configuration::remembered(store)? {
            Some(Remembered { configuration, .. }) => configuration,
            None => Configuration::default(),
        }),
    }
}

/// The configuration given, else the remembered one, else one among the inputs, else that of the
/// one organization that the inputs name.
fn configuration_for(
    store: &Store,
    inputs: &[FileInput],
    given: Option<&Path>,
) -> Result<Configuration, CommandError> {
    if given.is_some() {
        return configuration(store, given);
    }
    let remembered = engine::configuration::remembered(store)?;
    if let Some(known) = &remembered
        && !known.inferred
    {
        return Ok(known.configuration.clone());
    }
    let identity = intake::identify(inputs)?;
    if let Some(text) = &identity.configuration {
        return Ok(engine::configuration::remember(store, text, false)?);
    }
    let mut named = identity.organizations;
    if let Some(known) = &remembered {
        named.extend(known.configuration.organizations.keys().cloned());
    } else if named.is_empty() {
        named = identity.creditors;
    }
    let mut named = named.into_iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(Configuration::default()),
        (Some(only), None) => Ok(engine::configuration::remember(
            store,
            &engine::configuration::inferred(&only),
            true,
        )?),
        (Some(first), Some(second)) => Err(CommandError::SeveralOrganizations(
            [first, second]
                .into_iter()
                .chain(named)
                .map(|code: OrganizationCode| code.to_string())
                .collect(),
        )),
    }
}

fn read_configuration(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|source| {
        let what = format!("{} cannot be read", path.display());
        CommandError::File { what, source }
    })
}

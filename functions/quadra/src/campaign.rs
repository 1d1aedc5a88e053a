//! `quadra campaign`: who would get which message, and what people decide about it.

mod sending;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use domain::campaign::{Decision, Kind};
use engine::campaign::batch::{self, Batch, BatchError};
use engine::campaign::correction::{self, CorrectionError, Word};
use engine::campaign::files::{self, FilesError, Planned};
use engine::campaign::plan::Totals;
use engine::campaign::words;
use engine::configuration::Configuration;
use jiff::Timestamp;
use jiff::civil::Date;
use report::ReportError;

use crate::command::{self, CommandError, Ledger, Moment};
use crate::home::Store;
use crate::show;
use sending::SendingCommand;
pub use sending::SendingError;

/// Messages to citizens in the app IO
#[derive(Debug, Subcommand)]
pub enum CampaignCommand {
    /// Say for every position who would get a message, who would not, and why; nothing is sent
    Plan {
        /// Kind of message: in_scadenza, sconto, sollecito, conguaglio, pre_ruolo, dati_conducente,
        /// pagamento_registrato, punti_trasmessi, invito, errata_corrige
        #[arg(value_parser = parse_kind)]
        kind: Kind,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
        /// Where to write the plan, one position a line; a batch stands beside it as CSV and xlsx
        #[arg(long)]
        out: PathBuf,
    },
    /// Approve a batch of pre_ruolo by name, or take the approval back before it is sent
    Approve {
        /// The batch, as its plan names it
        batch: String,
        /// Who approves
        #[arg(long)]
        by: String,
        /// By when the office invites to pay
        #[arg(long, required_unless_present = "withdraw", conflicts_with = "withdraw")]
        due: Option<Date>,
        /// Take the approval back
        #[arg(long)]
        withdraw: bool,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    /// Say that a message that was sent is wrong: the plan of errata_corrige will correct it
    Wrong {
        /// The position that the message was about
        position: String,
        /// The kind of the message
        #[arg(value_parser = parse_kind)]
        kind: Kind,
        /// Who says so
        #[arg(long)]
        by: String,
        /// Why; the citizen does not read it
        #[arg(long)]
        note: String,
        /// What is right instead; the citizen reads it
        #[arg(long)]
        correction: Option<String>,
        /// The notice that the message asked to pay was cancelled
        #[arg(long)]
        notice_cancelled: bool,
        #[command(flatten)]
        ledger: Ledger,
        #[command(flatten)]
        moment: Moment,
    },
    #[command(flatten)]
    Sending(SendingCommand),
}

/// The kind of this word.
pub fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::from_code(text).ok_or_else(|| {
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.code()).collect();
        format!("write one of {}", kinds.join(", "))
    })
}

/// Why a command about messages failed.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Correction(#[from] CorrectionError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("the plan cannot be written: {0}")]
    Out(#[from] io::Error),
}

/// Runs a command.
///
/// # Errors
/// When it failed: no file is written then.
pub fn run(command: CampaignCommand) -> Result<ExitCode, CommandError> {
    match command {
        CampaignCommand::Sending(command) => sending::run(command)?,
        CampaignCommand::Plan { kind, ledger, moment, out } => {
            let (store, configuration) = command::open(&ledger)?;
            command::reconcile(&store, &configuration)?;
            plan(&store, &configuration, kind, moment.get(), &out)?;
        }
        CampaignCommand::Approve { batch, by, due, withdraw: _, ledger, moment } => {
            let (store, configuration) = command::open(&ledger)?;
            let organizations = configuration.organizations.keys().cloned();
            batch::decide(&store, organizations, &batch, &by, due, moment.get())
                .map_err(CampaignError::from)?;
            show::print(&match due {
                Some(due) => format!("Lotto {batch} approvato da {by}: pagamento entro il {due}."),
                None => format!("Lotto {batch}: approvazione ritirata da {by}."),
            });
        }
        CampaignCommand::Wrong {
            position,
            kind,
            by,
            note,
            correction,
            notice_cancelled,
            ledger,
            moment,
        } => {
            let (store, configuration) = command::open(&ledger)?;
            let word = Word { by: &by, note: &note, at: moment.get() };
            let right = (correction.as_deref(), notice_cancelled);
            let organizations = configuration.organizations.keys().cloned();
            correction::record(&store, organizations, &position, kind, right, word)
                .map_err(CampaignError::from)?;
            show::print(&format!("Messaggio {} di {position}: da correggere.", kind.code()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn plan(
    store: &Store,
    configuration: &Configuration,
    kind: Kind,
    as_of: Timestamp,
    out: &Path,
) -> Result<(), CampaignError> {
    let unfinished = beside(out, "part");
    let mut file = BufWriter::new(File::create(&unfinished)?);
    let planned = files::plan(store, configuration, kind, as_of, &mut file);
    let Planned { totals, batches, .. } = match planned {
        Ok(planned) => planned,
        Err(error) => {
            fs::remove_file(&unfinished)?;
            return Err(error.into());
        }
    };
    for batch in &batches {
        export(batch, as_of, out, batches.len() > 1)?;
    }
    fs::rename(&unfinished, out)?;
    show_totals(kind, &totals, out);
    for Batch { id, demands, .. } in &batches {
        show::print(&format!(
            "Lotto {id}: {} messaggi da approvare. quadra campaign approve {id} --by NOME --due DATA",
            demands.len()
        ));
    }
    Ok(())
}

/// The batch as CSV and xlsx beside the plan; of several organizations each under its own name.
fn export(batch: &Batch, as_of: Timestamp, out: &Path, several: bool) -> Result<(), CampaignError> {
    let named = |extension: &str| {
        let whose = batch.organization.as_str();
        beside(out, &if several { format!("{whose}.{extension}") } else { extension.to_owned() })
    };
    batch.write_table(BufWriter::new(File::create(named("csv"))?))?;
    fs::write(named("xlsx"), batch.book(as_of)?)?;
    Ok(())
}

fn beside(out: &Path, extension: &str) -> PathBuf {
    out.with_extension(extension)
}

fn show_totals(kind: Kind, totals: &Totals, out: &Path) {
    let mut shown = show::table(&[kind.code(), "posizioni"]);
    for decision in Decision::ALL {
        let count = totals.decisions.get(&decision).copied().unwrap_or(0);
        shown.add_row(vec![words::decision(decision).to_owned(), count.to_string()]);
        for ((_, reason), count) in totals.reasons.iter().filter(|((of, _), _)| *of == decision) {
            shown.add_row(vec![format!("  {}", words::reason(*reason)), count.to_string()]);
        }
    }
    show::print(&shown.to_string());
    show::print(&format!("Piano: {}. Non è stato inviato nulla.", out.display()));
}

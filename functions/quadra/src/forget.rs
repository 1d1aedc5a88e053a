//! `quadra forget`: what is over and closed names nobody any more.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use domain::clock::{in_rome, midnight_after};
use embedded::QuarantineFolder;
use engine::configuration::Configuration;
use engine::forget::{self, Subjects};
use engine::port::PortError;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::command::CommandError;
use crate::home::{self, Store};
use crate::show::{self, Bar};

/// How old what is forgotten must be.
#[derive(Debug, Clone, Copy)]
pub enum Age {
    /// It ended before this day.
    Day(Date),
    /// It ended so many years before the moment.
    Years(i16),
}

impl Age {
    /// The most years.
    const YEARS_MAX: i16 = 200;

    fn before(self, as_of: Timestamp) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Years(years) => in_rome(as_of).date().saturating_sub(years.years()),
        }
    }
}

/// Reads a day or a number of years.
///
/// # Errors
/// When the text is neither.
pub fn parse_age(text: &str) -> Result<Age, String> {
    let years = text.parse().ok().filter(|years| (0..=Age::YEARS_MAX).contains(years));
    let day = || text.parse().ok().filter(|_| text.len() == "2016-01-01".len()).map(Age::Day);
    years
        .map(Age::Years)
        .or_else(day)
        .ok_or_else(|| "write a date, or a number of years".to_owned())
}

/// Forgets, and says what was forgotten.
///
/// # Errors
/// When the age is not past, outcomes are not up to date, or ledger or keys fail.
pub fn run(
    store: &Store,
    configuration: &Configuration,
    data: &Path,
    age: Age,
    as_of: Timestamp,
) -> Result<ExitCode, CommandError> {
    let before = age.before(as_of);
    let file = home::key_file(data);
    let save = |ring: &_| file.replace(ring).map_err(|error| PortError::Final(error.to_string()));
    let bar = Bar::counting("cancellazione");
    let forgotten = forget::forget(store, configuration, before, as_of, save)?;
    bar.finish();
    let refused =
        QuarantineFolder::new(data).forget_before(midnight(before)).map_err(|source| {
            let what = "the quarantine cannot be cleared".to_owned();
            CommandError::File { what, source }
        })?;
    if let Some(year) = forgotten.until {
        show::print(&format!(
            "Dati personali cancellati fino al {year}: {}.",
            told(forgotten.gone)
        ));
        show::print(&format!("Ancora aperti, quindi conservati: {}.", told(forgotten.open)));
    } else {
        show::print("Nessun anno è finito da tanto: nulla è stato cancellato.");
    }
    show::print(&format!("File in quarantena eliminati: {refused}."));
    show::print(&format!(
        "Sostituire ogni copia delle chiavi con {}: chi ha la vecchia può ancora leggere.",
        file.path().display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn told(subjects: Subjects) -> String {
    let Subjects { positions, credits, anomalies } = subjects;
    format!("{positions} posizioni, {credits} provvisori, {anomalies} anomalie")
}

/// When a day begins in Rome; files are not older than the clock of the system can say.
fn midnight(day: Date) -> SystemTime {
    let begins = midnight_after(day.saturating_sub(1.days()));
    begins.try_into().unwrap_or(SystemTime::UNIX_EPOCH)
}

//! `quadra`: what a small office runs, and what every developer runs.

mod campaign;
mod command;
mod explain;
mod files;
mod forget;
mod home;
mod show;
mod verify;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

/// Many small records: a sixth of the time of a run goes with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code of a wrong command line, as `sysexits.h` has it.
const WRONG_USAGE: u8 = 64;
/// Exit code of a run that failed: nothing half-done is visible.
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let arguments = match command::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(asked) => {
            let code = match asked.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
                _ => ExitCode::from(WRONG_USAGE),
            };
            // When the terminal is gone there is nobody to tell.
            let _ = asked.print();
            return code;
        }
    };
    match command::run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            show::failure(&error);
            ExitCode::from(FAILED)
        }
    }
}

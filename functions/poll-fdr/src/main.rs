//! `poll-fdr`: lists and fetches the published flows of each organization into the inbox.

use std::process::ExitCode;
use std::time::Instant;

use engine::poll;
use jiff::Timestamp;
use lambda::{serve, told};

fn main() -> ExitCode {
    serve(|environment| {
        Ok(move |call: lambda::Invocation| {
            let (configuration, _) = environment.configuration()?;
            let (accounts, keyless) = poll::accounts(&configuration, &environment.fdr_keys()?);
            let (mut service, mut archive) = (environment.fdr()?, environment.archive()?);
            let mut go_on = || Instant::now() < call.deadline;
            let home = environment.home()?;
            let now = Timestamp::now();
            let polled = poll::run(&home, &mut service, &mut archive, &accounts, now, &mut go_on);
            told(&polled, &keyless)
        })
    })
}

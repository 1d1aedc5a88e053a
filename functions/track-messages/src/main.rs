//! `track-messages`: asks the app IO what became of the messages that it took.

use std::process::ExitCode;

use lambda::{serve, track};

fn main() -> ExitCode {
    serve(|environment| {
        Ok(move |call: lambda::Invocation| track(&environment, &call.event, call.deadline))
    })
}

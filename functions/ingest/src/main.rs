//! `ingest`: an upload, through its queue or bare: parse, store facts, ask for reconciliation.

use std::process::ExitCode;

use lambda::{TakeIn, answer, each, messages, serve};

fn main() -> ExitCode {
    serve(|environment| {
        let take_in = TakeIn::new(environment)?;
        Ok(move |call: lambda::Invocation| {
            let messages = messages(&call.event);
            let failed = each(&messages, |message| take_in.message(message, call.deadline));
            answer(&messages, failed)
        })
    })
}

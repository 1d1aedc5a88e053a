//! `send-messages`: campaigns from their queue: each message leaves for the app IO at most once.

use std::process::ExitCode;

use lambda::{Sending, answer, each, messages, serve};

fn main() -> ExitCode {
    serve(|environment| {
        let sending = Sending::new(environment)?;
        Ok(move |call: lambda::Invocation| {
            let messages = messages(&call.event);
            let failed = each(&messages, |message| sending.message(message, call.deadline));
            answer(&messages, failed)
        })
    })
}

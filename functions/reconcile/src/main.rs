//! `reconcile`: subjects from their queue: compute the outcome of each from its facts.

use std::process::ExitCode;

use engine::reconcile::reconcile_subjects;
use jiff::Timestamp;
use lambda::{Failure, Message, answer, each, messages, serve, subjects};

fn main() -> ExitCode {
    serve(|environment| {
        Ok(move |call: lambda::Invocation| {
            let (configuration, _) = environment.configuration()?;
            let home = environment.home()?;
            let compute = |asked: &[Message]| -> Result<(), Failure> {
                let subjects = subjects(asked);
                reconcile_subjects(&home, &configuration, &subjects, Timestamp::now())?;
                Ok(())
            };
            let messages = messages(&call.event);
            // All at once, and one by one where that fails.
            let failed = match compute(&messages) {
                Ok(()) => Vec::new(),
                Err(_) => each(&messages, |message| compute(std::slice::from_ref(message))),
            };
            answer(&messages, failed)
        })
    })
}

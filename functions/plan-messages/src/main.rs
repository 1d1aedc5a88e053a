//! `plan-messages`: who gets which message, with its files and its work for the queue; and what
//! people decide about messages.

use std::process::ExitCode;

use jiff::Timestamp;
use lambda::{Order, serve};

fn main() -> ExitCode {
    serve(|environment| {
        let (reports, sendings) = (environment.reports()?, environment.sendings()?);
        Ok(move |call: lambda::Invocation| {
            let order = Order::of(&call.event)?;
            let (configuration, _) = environment.configuration()?;
            let home = environment.home()?;
            match order {
                Order::Plan(plan) => plan.make(&home, &configuration, &reports, &sendings),
                Order::Word(word) => word.record(&home, &configuration, Timestamp::now()),
            }
        })
    })
}

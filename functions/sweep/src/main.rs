//! `sweep`: what time alone changes, and stuck work asked again.

use std::process::ExitCode;

use engine::sweep::sweep;
use jiff::Timestamp;
use lambda::{as_of, serve};
use serde_json::json;

fn main() -> ExitCode {
    serve(|environment| {
        Ok(move |call: lambda::Invocation| {
            let moment = as_of(&call.event)?;
            let (configuration, _) = environment.configuration()?;
            let home = environment.home()?;
            let (overview, asked) = sweep(&home, &configuration, moment, Timestamp::now())?;
            Ok(json!({ "anomalies": overview.anomalies.len(), "asked": asked }))
        })
    })
}

//! `sweep`: what time alone changes, stuck work asked again, what nobody sees deleted.

use std::process::ExitCode;
use std::time::Instant;

use engine::sweep::sweep;
use jiff::Timestamp;
use lambda::{as_of, serve, share};
use serde_json::json;

fn main() -> ExitCode {
    serve(|environment| {
        Ok(move |call: lambda::Invocation| {
            let now = Timestamp::now();
            let moment = as_of(&call.event)?;
            let share = share(&call.event, moment);
            let (configuration, _) = environment.configuration()?;
            let home = environment.home()?;
            let (overview, asked) = sweep(&home, &configuration, share, moment, now)?;
            let deleted = environment.clean(now, &mut || Instant::now() < call.deadline)?;
            let anomalies = overview.anomalies.len();
            Ok(json!({ "anomalies": anomalies, "asked": asked, "deleted": deleted }))
        })
    })
}

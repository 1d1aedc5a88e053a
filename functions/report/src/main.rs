//! `report`: the report files of a moment, into their bucket; and the digest of the journal.

use std::process::ExitCode;

use engine::digest::close_day;
use engine::picture::{remember, write_report};
use jiff::Timestamp;
use lambda::{as_of, closed, serve};
use serde_json::json;
use tracing::info;

fn main() -> ExitCode {
    serve(|environment| {
        let reports = environment.reports()?;
        Ok(move |call: lambda::Invocation| {
            let moment = as_of(&call.event)?;
            let (configuration, _) = environment.configuration()?;
            let home = environment.home()?;
            let now = Timestamp::now();
            let overview = write_report(&home, &configuration, moment, reports.clone())?;
            remember(&home, &configuration, moment, now, &overview.anomalies)?;
            // An alarm reads this line.
            let working_days_without_journal = overview.working_days_without_journal;
            info!(working_days_without_journal, "the report is written");
            closed(close_day(&home, &mut environment.audit()?, now)?.as_ref());
            Ok(json!({
                "credits": overview.credits, "flows": overview.flows,
                "payments": overview.payments, "positions": overview.positions,
            }))
        })
    })
}

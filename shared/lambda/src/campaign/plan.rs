//! A plan: its files in the bucket of reports, and its work for the queue.

use aws::{Queue, ReportsBucket};
use domain::campaign::{Decision, Kind};
use engine::campaign::batch::Batch;
use engine::campaign::files::{self, FilesError, ResultFiles};
use engine::configuration::Configuration;
use engine::port::Home;
use jiff::Timestamp;
use report::Files;
use serde_json::{Value, json};
use tracing::info;

use super::{Plan, Wanted};
use crate::Failure;

impl Plan {
    /// Plans, writes the files of the kind (the plan, its batches, what came of the messages so
    /// far), and then asks for the sending of each organization that has messages to send.
    ///
    /// # Errors
    /// When something fails: it may be done again.
    pub fn make<H: Home>(
        &self,
        home: &H,
        configuration: &Configuration,
        reports: &ReportsBucket,
        sendings: &Queue,
    ) -> Result<Value, Failure> {
        let place = Place { kind: self.kind, reports };
        let mut plan = place.create("plan.jsonl").map_err(FilesError::from)?;
        let planned = files::plan(home, configuration, self.kind, self.moment, &mut plan)?;
        let mut results =
            ResultFiles::create(|name| place.create(name)).map_err(FilesError::from)?;
        files::results(home, configuration, self.kind, &planned.totals, &mut results)?;
        let mut written = vec![plan];
        for batch in &planned.batches {
            written.extend(place.batch(batch, self.moment)?);
        }
        written.extend(results.into_files());
        reports.publish(written).map_err(FilesError::from)?;

        let as_of = self.chosen.then_some(self.moment);
        let wanted = |organization: &_| Wanted::new(organization, self.kind, as_of).to_body();
        let bodies: Vec<_> = planned.ready.keys().map(wanted).collect();
        sendings.send(&bodies)?;

        let count = |decision| planned.totals.decisions.get(&decision).copied().unwrap_or(0);
        let [send, hold, exclude] = [Decision::Send, Decision::Hold, Decision::Exclude].map(count);
        let batches: Vec<_> = planned.batches.iter().map(|batch| &*batch.id).collect();
        info!(kind = self.kind.code(), send, hold, exclude, ?batches, "planned");
        Ok(json!({ "send": send, "hold": hold, "exclude": exclude, "batches": batches }))
    }
}

/// Where the files of a kind are.
struct Place<'a> {
    kind: Kind,
    reports: &'a ReportsBucket,
}

type File = <ReportsBucket as Files>::File;

impl Place<'_> {
    fn create(&self, name: &str) -> std::io::Result<File> {
        self.reports.create(&format!("campaigns/{}/{name}", self.kind.code()))
    }

    /// A batch, for the person who approves it.
    fn batch(&self, batch: &Batch, as_of: Timestamp) -> Result<[File; 2], FilesError> {
        let mut table = self.create(&format!("batch-{}.csv", batch.id))?;
        batch.write_table(&mut table)?;
        let mut book = self.create(&format!("batch-{}.xlsx", batch.id))?;
        std::io::Write::write_all(&mut book, &batch.book(as_of)?)?;
        Ok([table, book])
    }
}

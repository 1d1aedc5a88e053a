//! What happened, in order of time.

use domain::clock::in_rome;
use domain::fact::{PaidAt, Source};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

use crate::port::{PortResult, ReadJournal, Subject};
use crate::reconcile::EntryBody;
use crate::record;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Event {
    /// When: a day, or a moment in Rome; absent where nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What, in Italian.
    pub what: String,
    /// The file that says so; absent of what was concluded here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// A timeline that is being filled.
#[derive(Default)]
pub struct Timeline(Vec<Event>);

impl Timeline {
    /// What a file says of a day, or of no day.
    pub fn day(&mut self, day: Option<Date>, what: String, source: &Source) {
        self.add(day.map(|day| day.to_string()), what, Some(source));
    }

    /// What a file says of a moment in Rome.
    pub fn moment(&mut self, moment: DateTime, what: String, source: &Source) {
        self.add(Some(moment.to_string()), what, Some(source));
    }

    /// What a file says of a payment.
    pub fn paid(&mut self, at: Option<PaidAt>, what: String, source: &Source) {
        match at {
            Some(PaidAt::Moment(moment)) => self.moment(moment, what, source),
            Some(PaidAt::Day(day)) => self.day(Some(day), what, source),
            None => self.day(None, what, source),
        }
    }

    /// When each conclusion on a subject changed, from the journal; `said` tells it from the
    /// outcome. The moment is that of the machine that computed it.
    pub fn concluded<T: for<'a> serde::Deserialize<'a>>(
        &mut self,
        reader: &mut impl ReadJournal,
        subject: &str,
        said: impl Fn(&T) -> String,
    ) -> PortResult<()> {
        for entry in reader.entries(&Subject(subject.to_owned()))? {
            let body: EntryBody = record::read(&entry.body)?;
            let outcome: T = record::read(body.after.get())?;
            let what = format!(
                "calcolato in questo momento, conclusione n. {}: {}",
                entry.version,
                said(&outcome)
            );
            self.add(Some(moment(body.at)), what, None);
        }
        Ok(())
    }

    fn add(&mut self, at: Option<String>, what: String, source: Option<&Source>) {
        let (file, line) = source.map(|source| (source.file.clone(), source.line)).unzip();
        self.0.push(Event { at, what, file, line });
    }

    /// The events in order of time; what has no time comes first, what is told twice once.
    pub fn sorted(mut self) -> Vec<Event> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// A moment in Rome, to the second.
fn moment(at: Timestamp) -> String {
    in_rome(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

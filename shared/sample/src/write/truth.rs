//! `truth.json`, written row by row.

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::Output;
use super::journals::Journal;
use crate::calendar::AS_OF_TEXT;
use crate::error::SampleError;
use crate::troubles::TABLE;
use crate::truth::{Codes, LEFT_OPEN, Money, Truth, name};
use crate::world::{ORGANIZATION, Subject, World};

#[derive(Serialize)]
struct JournalRow<'a> {
    id: &'a str,
    esercizio: i16,
    date: String,
    pages: usize,
    delivered: &'a [usize],
    #[serde(flatten)]
    codes: Codes,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'static str>,
}

#[derive(Serialize)]
struct TroubleRow {
    name: &'static str,
    level: String,
    share_per_100000: u32,
    count: u64,
    generated: &'static str,
    truth: &'static str,
}

/// How to read the truth.
const NOTES: [&str; 5] = [
    "null is what the rules of reconciliation leave open; why says which sentence does",
    "anomalies: codes that the object must carry; may: codes that it may carry, because the rules \
     leave it open or because the code can be on another subject of the same incident",
    "incidents: one for each trouble; if certain, each code is on at least one of the subjects",
    "a payment that no file speaks of is not here, and its position counts as unpaid",
    "conservation: matched includes regularised; unexplained is open, ambiguous and anomaly",
];

/// Writes the truth. Its first key is how programs recognise it.
pub(crate) fn write(world: &World, journals: &[Journal], path: &Path) -> Result<(), SampleError> {
    let mut truth = Truth::new(world);
    let mut file = Output::new(path.to_owned())?;
    let head = format!(
        "{{\"quadra_sample_truth\": 1,\n\"notices\": {},\n\"seed\": {},\n\
         \"organization\": \"{ORGANIZATION}\",\n\"as_of\": \"{AS_OF_TEXT}\"",
        world.notices, world.seed
    );
    file.write(head.as_bytes())?;
    array(&mut file, "notes", NOTES.iter())?;
    let troubles = TABLE.iter().zip(world.happened).map(|(row, count)| TroubleRow {
        name: row.name,
        level: format!("{:?}", row.level).to_lowercase(),
        share_per_100000: row.share,
        count,
        generated: row.generated,
        truth: row.truth,
    });
    array(&mut file, "troubles", troubles)?;
    array(&mut file, "incidents", truth.incidents())?;
    let journal = |journal| journal_row(&truth, journal);
    array(&mut file, "journals", journals.iter().map(journal))?;
    array(&mut file, "credits", (0..world.credits.len()).map(|number| truth.credit(number)))?;
    array(&mut file, "flows", (0..world.flows.len()).map(|number| truth.flow(number)))?;
    let payments = (0..world.payments.len()).filter_map(|number| truth.payment(number));
    array(&mut file, "payments", payments)?;
    array(&mut file, "positions", (0..world.positions.len()).map(|number| truth.position(number)))?;
    let Truth { credits, flows, payments, positions, .. } = truth;
    let conservation = json!({
        "credits_in": Money(credits.all()),
        "matched": Money(credits.of(&["matched", "regularised"])),
        "proposed": Money(credits.of(&["proposed"])),
        "unexplained": Money(credits.of(&["open", "ambiguous", "anomaly"])),
        "reversed": Money(credits.of(&["reversed"])),
        LEFT_OPEN: Money(credits.of(&[LEFT_OPEN])),
    });
    let totals = json!({
        "credits": credits, "flows": flows, "payments": payments, "positions": positions,
    });
    for (key, value) in [("totals", totals), ("conservation", conservation)] {
        file.write(format!(",\n\"{key}\": {value}").as_bytes())?;
    }
    file.write(b"\n}\n")?;
    file.finish()
}

fn journal_row<'a>(truth: &Truth<'_>, journal: &'a Journal) -> JournalRow<'a> {
    let again = journal.trouble == Some(crate::Trouble::JournalSentAgain);
    JournalRow {
        id: &journal.id,
        esercizio: journal.day.year(),
        date: journal.day.to_string(),
        pages: journal.pages,
        delivered: &journal.delivered,
        codes: if again { Codes::default() } else { truth.codes(Subject::Journal(journal.day)) },
        trouble: journal.trouble.map(name),
    }
}

fn array<T: Serialize>(
    file: &mut Output,
    key: &str,
    rows: impl Iterator<Item = T>,
) -> Result<(), SampleError> {
    file.write(format!(",\n\"{key}\": [").as_bytes())?;
    for (place, row) in rows.enumerate() {
        file.write(if place == 0 { b"\n" } else { b",\n" })?;
        file.json(&row)?;
    }
    file.write(b"\n]")
}

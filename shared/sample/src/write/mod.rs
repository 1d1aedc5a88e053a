//! The files of a sample.

mod config;
mod flows;
mod journals;
mod positions;
mod receipts;
mod truth;
mod xml;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use domain::money::Cents;

use crate::Summary;
use crate::calendar::AS_OF_TEXT;
use crate::error::{SampleError, at};
use crate::troubles::TABLE;
use crate::world::World;

/// How many rows are written between two calls of the progress.
const STEP: usize = 500;

/// Counts what is written.
pub(crate) struct Progress<'a> {
    done: u64,
    report: &'a mut dyn FnMut(u64),
}

impl Progress<'_> {
    fn one_more(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(STEP as u64) {
            (self.report)(self.done);
        }
    }
}

/// Writes the whole sample into an empty or new folder.
pub(crate) fn write(
    world: &World,
    out: &Path,
    report: &mut dyn FnMut(u64),
) -> Result<Summary, SampleError> {
    let inputs = out.join("inputs");
    for room in ["positions", "flows", "receipts", "journals"] {
        let room = inputs.join(room);
        fs::create_dir_all(&room).map_err(at(&room))?;
    }
    let mut progress = Progress { done: 0, report };
    put(&out.join("quadra.toml"), config::CONFIGURATION.as_bytes())?;
    positions::write(world, &inputs.join("positions"), &mut progress)?;
    flows::write(world, &inputs.join("flows"))?;
    let receipts = receipts::write(world, &inputs.join("receipts"), &mut progress)?;
    let journals = journals::write(world, &inputs.join("journals"))?;
    truth::write(world, &journals, &out.join("truth.json"))?;
    Ok(Summary {
        positions: count(world.positions.len()),
        notices: u64::from(world.notices),
        receipts,
        flows: count(world.flows.len()),
        credits: count(world.credits.len()),
        credits_in: world.credits.iter().map(|credit| credit.amount).sum::<Cents>(),
        journal_pages: journals.iter().map(|journal| count(journal.delivered.len())).sum(),
        troubles: TABLE.iter().map(|row| row.trouble).zip(world.happened).collect(),
        as_of: AS_OF_TEXT,
    })
}

/// Refuses a folder that has something in it.
pub(crate) fn must_be_empty(out: &Path) -> Result<(), SampleError> {
    match fs::read_dir(out).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(SampleError::NotEmpty(out.to_owned())),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(out)(error)),
        _ => Ok(()),
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).expect("a length is a u64")
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), SampleError> {
    fs::write(path, bytes).map_err(at(path))
}

/// A file that is written bit by bit.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    fn new(path: PathBuf) -> Result<Self, SampleError> {
        let file = File::create(&path).map_err(at(&path))?;
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), path })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SampleError> {
        self.file.write_all(bytes).map_err(at(&self.path))
    }

    fn json(&mut self, row: &impl serde::Serialize) -> Result<(), SampleError> {
        serde_json::to_writer(&mut self.file, row).map_err(|error| at(&self.path)(error.into()))
    }

    fn finish(mut self) -> Result<(), SampleError> {
        self.file.flush().map_err(at(&self.path))
    }
}

/// How the entries of the sample's containers are written: the same bytes on any system.
fn entry_options() -> zip::write::SimpleFileOptions {
    zip::write::SimpleFileOptions::default()
        .system(zip::System::Unix)
        .unix_permissions(0o644)
        .last_modified_time(zip::DateTime::DEFAULT)
        .compression_level(Some(1))
}

//! The writer's side: pieces into the store, and the record of what became of each input.

use std::sync::mpsc::Receiver;

use domain::fact::Source;
use formats::{Defect, Defects, Place, Rule};

use super::input::Input;
use super::piece::{Leaf, Piece};
use super::work::Job;
use super::{FACTS_PER_COMMIT, Ingested};
use crate::key;
use crate::port::{Fact, PortResult, Put, Ready, Unit, WriteFacts};
use crate::record::{self, DefectRecord, EntryRecord, InputOutcome, InputRecord};

/// Entries of a container in one record.
const ENTRIES_PER_RECORD: usize = 500;

/// What the writer knows between two pieces.
pub(super) struct Writing<'w, W> {
    writer: &'w mut W,
    /// For each input what became of itself and its entries.
    inputs: Vec<Ingested>,
    /// Entries of the input that is being written.
    entries: Vec<EntryRecord>,
    /// The flows that were refused among them: partition and file.
    refused_flows: Vec<(String, String)>,
    /// Why the container that is being written is refused whole.
    failed: Option<Defects>,
    /// The input that began and has not ended.
    began: Option<Began>,
    facts: u64,
}

/// An input that is larger than one unit, while its units come.
#[derive(Default)]
struct Began {
    new: bool,
    conflicts: Vec<Defect>,
}

impl<'w, W: WriteFacts> Writing<'w, W> {
    pub fn new(writer: &'w mut W) -> Self {
        Self {
            writer,
            inputs: Vec::new(),
            entries: Vec::new(),
            refused_flows: Vec::new(),
            failed: None,
            began: None,
            facts: 0,
        }
    }

    /// Writes what a job hands over.
    pub fn job<I: Input>(
        &mut self,
        job: &Job<'_, I>,
        pieces: &Receiver<Vec<Piece>>,
    ) -> PortResult<()> {
        if job.first {
            self.writer.open()?;
            // Perhaps a hundred thousand: grown by doubling they would be moved time and again.
            self.entries.reserve_exact(job.entries());
        }
        for piece in pieces.iter().flatten() {
            self.piece(piece)?;
        }
        if job.last {
            self.end_input(job)?;
        }
        Ok(())
    }

    /// Makes everything durable.
    pub fn finish(self) -> PortResult<Vec<Ingested>> {
        self.writer.commit()?;
        Ok(self.inputs)
    }

    fn piece(&mut self, piece: Piece) -> PortResult<()> {
        match piece {
            _ if self.failed.is_some() => {}
            Piece::Whole(ready, leaf) => {
                let good = leaf.is_good();
                let ready = ready.filter(|ready| !ready.unit.facts.is_empty());
                let mut began = Began { new: ready.is_none(), ..Began::default() };
                if let Some(ready) = ready.filter(|_| good) {
                    self.put(ready, &mut began)?;
                }
                self.end_entry(leaf, began);
            }
            Piece::Begin => {
                self.writer.open()?;
                self.began = Some(Began::default());
            }
            Piece::Units(units) => {
                let mut began = self.began.take().unwrap_or_default();
                for unit in units {
                    self.put(unit, &mut began)?;
                }
                self.began = Some(began);
            }
            Piece::End(leaf) => {
                let began = self.began.take().unwrap_or_default();
                if leaf.is_good() && (began.conflicts.is_empty() || leaf.by_line()) {
                    self.writer.seal()?;
                } else {
                    self.writer.abandon()?;
                }
                self.end_entry(leaf, began);
            }
            Piece::ContainerFailed(defects) => {
                if self.began.take().is_some() {
                    self.writer.abandon()?;
                }
                self.failed = Some(defects);
            }
        }
        Ok(())
    }

    fn end_entry(&mut self, mut leaf: Leaf, began: Began) {
        let flow = leaf.read.flow.take();
        let entry = leaf.into_record(began);
        if entry.outcome == InputOutcome::Refused {
            self.refused_flows.extend(flow.map(|flow| (flow, entry.file.clone())));
        }
        self.entries.push(entry);
    }

    fn put(&mut self, ready: Ready, began: &mut Began) -> PortResult<()> {
        let unit = &ready.unit;
        let sources: Vec<_> = unit.facts.iter().map(|fact| fact.source.line).collect();
        let sorts: Vec<_> = unit.facts.iter().map(|fact| fact.sort == key::ALIAS).collect();
        self.facts += unit.facts.len() as u64;
        match self.writer.put_ready(ready)? {
            Put::New => began.new = true,
            Put::Known => {}
            Put::Forgotten(place) => {
                began.conflicts.push(forgotten(sources.get(place).copied().unwrap_or(0)));
            }
            Put::Conflict(place) => {
                let line = sources.get(place).copied().unwrap_or(0);
                let alias = sorts.get(place).copied().unwrap_or(false);
                began.conflicts.push(conflict(line, alias));
            }
        }
        Ok(())
    }

    /// Ends the input: seals or forgets it, and records what became of it.
    fn end_input<I: Input>(&mut self, job: &Job<'_, I>) -> PortResult<()> {
        let entries = std::mem::take(&mut self.entries);
        let refused_flows = std::mem::take(&mut self.refused_flows);
        let name = job.input.name();
        let record = match self.failed.take() {
            Some(defects) => {
                self.writer.abandon()?;
                self.writer.open()?;
                let entry = refused(name, job.sha256, &defects);
                InputRecord { entry, entries: Vec::new() }
            }
            None => match entries.as_slice() {
                [only] if only.file == name => {
                    InputRecord { entry: only.clone(), entries: Vec::new() }
                }
                _ => InputRecord { entry: container(name, job.sha256, &entries), entries },
            },
        };
        for (place, chunk) in chunks(&record).enumerate() {
            put_record(self.writer, &chunk, place)?;
        }
        for (partition, file) in refused_flows {
            put_refused_flow(self.writer, partition, file)?;
        }
        self.writer.seal()?;
        let mut ingested = Ingested::default();
        ingested.add(std::iter::once(record.entry).chain(record.entries));
        self.inputs.push(ingested);
        if self.facts >= FACTS_PER_COMMIT {
            self.facts = 0;
            self.writer.commit()?;
        }
        Ok(())
    }
}

/// The record of an input, in parts of bounded size.
fn chunks(record: &InputRecord) -> impl Iterator<Item = InputRecord> {
    let entry = record.entry.clone();
    let empty = record.entries.is_empty().then(Vec::new);
    let parts = record.entries.chunks(ENTRIES_PER_RECORD).map(<[EntryRecord]>::to_vec);
    empty.into_iter().chain(parts).map(move |entries| InputRecord { entry: entry.clone(), entries })
}

/// Stores a part of the record of an input. One that is there already stays as it is.
pub(super) fn put_record(
    writer: &mut impl WriteFacts,
    record: &InputRecord,
    place: usize,
) -> PortResult<()> {
    let outcome = match record.entry.outcome {
        InputOutcome::Accepted => "accepted",
        InputOutcome::Partial => "partial",
        InputOutcome::Duplicate => "duplicate",
        InputOutcome::Refused => "refused",
    };
    let fact = Fact {
        partition: key::input(&record.entry.sha256),
        sort: format!("INPUT#{outcome}#{}#{place:06}", record.entry.file),
        body: record::write(record),
        source: Source { file: record.entry.file.clone(), line: 0 },
    };
    writer.put(Unit { facts: vec![fact], asks: Vec::new() }).map(drop)
}

/// Stores that a flow was refused: its identifier is all that is kept of it.
fn put_refused_flow(
    writer: &mut impl WriteFacts,
    partition: String,
    file: String,
) -> PortResult<()> {
    let source = Source { file, line: 0 };
    let fact = Fact { partition, sort: "FLOW".to_owned(), body: "{}".to_owned(), source };
    writer.put(Unit { facts: vec![fact], asks: Vec::new() }).map(drop)
}

fn conflict(line: u64, alias: bool) -> Defect {
    let message = if alias {
        "the IUV belongs to another position"
    } else {
        "the same key and version is known with other content"
    };
    let (field, rule) = if alias { ("iuv", Rule::Identifier) } else { ("", Rule::VersionConflict) };
    Defect { at: Place { line, column: 0 }, field: field.into(), rule, message: message.into() }
}

fn forgotten(line: u64) -> Defect {
    let message = "its year was forgotten: what is about persons does not come in again".into();
    Defect { at: Place { line, column: 0 }, field: "".into(), rule: Rule::VersionConflict, message }
}

impl Leaf {
    /// Whether lines are judged one by one.
    fn by_line(&self) -> bool {
        self.kind == "positions"
    }

    /// Whether what was read of it may be stored.
    fn is_good(&self) -> bool {
        self.read.defects.is_empty() || self.by_line()
    }

    fn into_record(mut self, began: Began) -> EntryRecord {
        let by_line = self.by_line();
        for conflict in began.conflicts {
            if by_line {
                self.read.bad_lines.push(conflict.at.line);
            }
            self.read.defects.append(conflict.into());
        }
        let bad = self.read.bad_lines.len() as u64;
        let outcome = if self.read.defects.is_empty() {
            if began.new { InputOutcome::Accepted } else { InputOutcome::Duplicate }
        } else if by_line && bad > 0 && bad < self.read.records {
            InputOutcome::Partial
        } else {
            InputOutcome::Refused
        };
        let told = self.read.flow_told.filter(|_| outcome == InputOutcome::Refused);
        EntryRecord {
            file: self.name,
            sha256: self.sha256,
            kind: self.kind.to_owned(),
            outcome,
            signed: self.signed,
            records: self.read.records,
            defects: self.read.defects.listed().iter().map(defect).collect(),
            more_defects: self.read.defects.unlisted(),
            bad_lines: self.read.bad_lines,
            revision: self.read.revision,
            pays_others: self.read.pays_others,
            refused_flow: told,
        }
    }
}

fn defect(defect: &Defect) -> DefectRecord {
    DefectRecord {
        line: defect.at.line,
        column: defect.at.column,
        field: defect.field.to_string(),
        rule: defect.rule.code().to_owned(),
        message: defect.message.to_string(),
    }
}

/// The record of a container whose entries are recorded one by one. It came in in part where not
/// all of them did: then it is looked at again.
fn container(name: &str, sha256: &str, entries: &[EntryRecord]) -> EntryRecord {
    let outcome = if entries.iter().any(EntryRecord::is_refused) {
        InputOutcome::Partial
    } else if entries.iter().all(|entry| entry.outcome == InputOutcome::Duplicate) {
        InputOutcome::Duplicate
    } else {
        InputOutcome::Accepted
    };
    EntryRecord {
        file: name.to_owned(),
        sha256: sha256.to_owned(),
        kind: "container".to_owned(),
        outcome,
        signed: false,
        records: entries.len() as u64,
        defects: Vec::new(),
        more_defects: 0,
        bad_lines: Vec::new(),
        revision: None,
        pays_others: None,
        refused_flow: None,
    }
}

fn refused(name: &str, sha256: &str, defects: &Defects) -> EntryRecord {
    EntryRecord {
        file: name.to_owned(),
        sha256: sha256.to_owned(),
        kind: "container".to_owned(),
        outcome: InputOutcome::Refused,
        signed: false,
        records: 0,
        defects: defects.listed().iter().map(defect).collect(),
        more_defects: defects.unlisted(),
        bad_lines: Vec::new(),
        revision: None,
        pays_others: None,
        refused_flow: None,
    }
}

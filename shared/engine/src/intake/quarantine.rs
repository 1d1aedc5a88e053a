//! What was refused is kept aside byte for byte, and the bad lines of a file of positions apart, to
//! be mended and sent again.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Seek};

use formats::container::zip::Archive;
use formats::container::{self, Allowance, Limits, gzip, p7m};
use formats::recognise::{self, Kind};
use sha2::{Digest, Sha256};

use super::input::{Input, head, sha256};
use super::unreadable;
use crate::port::{NotAHash, PortError, PortResult, Quarantine};
use crate::record::{self, EntryRecord, InputOutcome, RefusalRecord};

/// The most bytes of bad lines that are kept apart for one file.
const BAD_LINES_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Keeps what was refused of an input: itself, or some of its entries.
pub(super) fn keep_refused<I: Input>(
    input: &I,
    entries: &[EntryRecord],
    quarantine: &mut impl Quarantine,
) -> PortResult<()> {
    // Of a container that came in in part, the entries that did not are kept.
    let in_part = |e: &EntryRecord| e.kind == "container" && e.outcome == InputOutcome::Partial;
    let mut wanted: BTreeMap<&str, &EntryRecord> = entries
        .iter()
        .filter(|entry| entry.is_refused() && !in_part(entry))
        .map(|entry| (entry.file.as_str(), entry))
        .collect();
    let failed = |error: io::Error| unreadable(input.name(), &error);
    if let Some(own) = wanted.remove(input.name()) {
        keep(own, &mut input.open().map_err(failed)?, quarantine)?;
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let size = input.size().map_err(failed)?;
    let mut file = input.open().map_err(failed)?;
    let unpacked =
        Allowance::of_file(size, Limits::STANDARD).map_err(|_| vanished(input.name()))?;
    let mut finder = Finder { wanted, quarantine };
    let is_zip = recognise::kind(&head(&mut file).map_err(failed)?) == Kind::Zip;
    file.rewind().map_err(failed)?;
    if is_zip {
        finder.archive(input.name(), &mut file, &unpacked)
    } else {
        finder.wrapped(input.name(), &mut file, &unpacked)
    }
}

/// A container that was read a moment ago and cannot be any more.
fn vanished(name: &str) -> PortError {
    PortError::Retry(format!("{name} changed while it was read"))
}

/// Looks for refused entries, at any depth.
struct Finder<'a, Q> {
    wanted: BTreeMap<&'a str, &'a EntryRecord>,
    quarantine: &'a mut Q,
}

impl<Q: Quarantine> Finder<'_, Q> {
    fn archive<R: Read + Seek>(
        &mut self,
        name: &str,
        source: &mut R,
        allowance: &Allowance,
    ) -> PortResult<()> {
        let archive = Archive::open(source, allowance).map_err(|_| vanished(name))?;
        for entry in archive.entries() {
            let inner = format!("{name}!{}", entry.name);
            let below = format!("{inner}!");
            let deeper = self.wanted.keys().any(|wanted| wanted.starts_with(&below));
            if let Some(record) = self.wanted.remove(inner.as_str()) {
                archive
                    .read(entry, source, |file| keep(record, file, self.quarantine))
                    .map_err(|_| vanished(name))??;
            } else if deeper {
                archive
                    .read(entry, source, |file| self.wrapped(&inner, file, archive.inside()))
                    .map_err(|_| vanished(name))??;
            }
        }
        Ok(())
    }

    fn wrapped(
        &mut self,
        name: &str,
        file: &mut dyn Read,
        allowance: &Allowance,
    ) -> PortResult<()> {
        let mut file = file;
        let head = head(&mut file).map_err(|error| unreadable(name, &error))?;
        let kind = recognise::kind(&head);
        let file = io::Cursor::new(head).chain(file);
        match kind {
            Kind::Zip => {
                let mut spooled = container::spooled(file).map_err(|_| vanished(name))?;
                self.archive(name, &mut spooled, allowance)
            }
            Kind::Gzip => {
                let (mut inside, allowance) =
                    gzip::unpacked(file, allowance).map_err(|_| vanished(name))?;
                self.wrapped(name, &mut inside, &allowance)
            }
            Kind::P7m => {
                let (mut inside, allowance) =
                    p7m::content(file, allowance).map_err(|_| vanished(name))?;
                self.wrapped(name, &mut inside, &allowance)
            }
            _ => Ok(()),
        }
    }
}

fn damaged(error: NotAHash) -> PortError {
    PortError::Final(format!("the record of an input is damaged: {error}"))
}

fn keep(
    record: &EntryRecord,
    content: &mut dyn Read,
    quarantine: &mut impl Quarantine,
) -> PortResult<()> {
    let note = |name| record::write(&RefusalRecord { name, reasons: &record.defects });
    if record.outcome == InputOutcome::Refused {
        let hash = record.sha256.parse().map_err(damaged)?;
        return quarantine.keep(hash, content, &note(&record.file));
    }
    let lines = bad_lines(record, content).map_err(|error| unreadable(&record.file, &error))?;
    let hash = sha256(Sha256::new_with_prefix(&lines));
    let name = format!("{}.righe-scartate", record.file);
    quarantine.keep(hash, &mut lines.as_slice(), &note(&name))
}

/// The bad lines of a file of positions; with the header, where it is a CSV.
fn bad_lines(record: &EntryRecord, content: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut input = BufReader::new(content);
    let mut kept = Vec::new();
    let mut line = Vec::new();
    let mut bad = record.bad_lines.iter().copied().peekable();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_header = number == 1 && !line.trim_ascii_start().starts_with(b"{");
        while bad.peek().is_some_and(|next| *next < number) {
            bad.next();
        }
        if is_header || bad.peek() == Some(&number) {
            if kept.len() + line.len() > BAD_LINES_BYTES_MAX {
                break;
            }
            kept.extend_from_slice(&line);
        }
    }
    Ok(kept)
}

//! zip (PKWARE APPNOTE 6.3): stored and deflated entries, zip64, no encryption, one disk.
//!
//! The `zip` crate unpacks; it is lenient where archives are ambiguous, and reads a directory of
//! any size. So the end of the archive is judged here before it is asked: exactly one reading of
//! where the directory stands is left, and its size has a maximum.

use std::collections::HashSet;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use zip::read::{ArchiveOffset, Config, ZipArchiveMetadata, ZipFileEntry, ZipReadOptions};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{Allowance, damage, damaged, limit};
use crate::failure::carrying;
use crate::{Defects, Place, Rule, read_failure};

/// The largest directory: 335 bytes for each of 200,000 entries.
pub const DIRECTORY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The longest name of an entry, in bytes.
pub const NAME_BYTES_MAX: usize = 1024;

/// A zip whose structure was judged good. Cloning it is cheap: several threads read its entries at
/// once, each with its own clone and its own reader of the same file.
#[derive(Debug, Clone)]
pub struct Archive {
    metadata: Arc<ZipArchiveMetadata>,
    entries: Arc<[Entry]>,
    inside: Allowance,
}

/// A file in a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, with slashes; never absolute, never upwards.
    pub name: Box<str>,
    /// Its size, unpacked: exactly so many bytes are read.
    pub size: u64,
    /// Its place in the directory.
    place: usize,
}

impl Archive {
    /// Judges the structure of the zip that `source` reads, unpacking nothing.
    ///
    /// # Errors
    /// [`Rule::Container`], [`Rule::Limit`], or [`Rule::UnknownFormat`] for the documents of office
    /// programs, which are zips too.
    pub fn open<R: Read + Seek>(source: &mut R, allowance: &Allowance) -> Result<Self, Defects> {
        let inside = allowance.inside_packed()?;
        let directory = Directory::find(source).map_err(|error| failure(&error))?;
        inside.take_entries(directory.entries)?;
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let mut archive =
            ZipArchive::with_config(config, source).map_err(|error| judged(&error))?;
        if archive.central_directory_start() != directory.start {
            return Err(damaged("the zip has two directories"));
        }
        if archive.has_duplicate_names() {
            return Err(damaged("a name stands twice in the zip"));
        }
        let metadata = archive.metadata();
        let entries = entries(&metadata)?;
        let unpacked = entries.iter().fold(0, |sum: u64, entry| sum.saturating_add(entry.size));
        inside.take_bytes(unpacked)?;
        archive.validate_header_consistency().map_err(|error| judged(&error))?;
        Ok(Self { metadata, entries: entries.into(), inside })
    }

    /// Its files in the order of the directory, without what systems add of their own.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The allowance of what stands in it.
    #[must_use]
    pub const fn inside(&self) -> &Allowance {
        &self.inside
    }

    /// Reads an entry of this archive, and then what `read` has left of it, so that its checksum is
    /// known to be right.
    ///
    /// # Errors
    /// When it is damaged, or is not as long as declared; then what `read` made of it is dropped.
    pub fn read<R: Read + Seek, T>(
        &self,
        entry: &Entry,
        source: &mut R,
        read: impl FnOnce(&mut dyn Read) -> T,
    ) -> Result<T, Defects> {
        let file = self
            .metadata
            .entry(entry.place)
            .and_then(|file| file.with_reader(source, ZipReadOptions::new()))
            .map_err(|error| judged(&error))?;
        let mut exact = Exact { input: file, left: entry.size, failed: None };
        let made = read(&mut exact);
        io::copy(&mut exact, &mut io::sink()).map_err(|error| failure(&error))?;
        Ok(made)
    }

    /// Reads every entry, one after the other.
    ///
    /// # Errors
    /// Those of [`Archive::read`], and those of `read`; the first ends it.
    pub fn for_each<R: Read + Seek>(
        &self,
        source: &mut R,
        read: &mut dyn FnMut(&Entry, &mut dyn Read) -> Result<(), Defects>,
    ) -> Result<(), Defects> {
        for entry in &*self.entries {
            self.read(entry, source, |file| read(entry, file))??;
        }
        Ok(())
    }
}

/// Judges every entry, and leaves out those that hold no data of anybody.
fn entries(metadata: &ZipArchiveMetadata) -> Result<Vec<Entry>, Defects> {
    let mut defects = Defects::new();
    let mut entries = Vec::with_capacity(metadata.len());
    for place in 0..metadata.len() {
        let file = metadata.entry(place).map_err(|error| judged(&error))?;
        let Some(name) = file.name().ok().filter(|name| is_safe(name)) else {
            wrong(&mut defects, place, "must have a name that leads nowhere else");
            continue;
        };
        if let Some(message) = unreadable(&file) {
            wrong(&mut defects, place, message);
        }
        if !file.is_dir() && !is_of_the_system(&name) {
            entries.push(Entry { name: (&*name).into(), size: file.size(), place });
        }
    }
    // Two encodings of one name are one name.
    let mut met = HashSet::with_capacity(entries.len());
    for entry in &entries {
        if !met.insert(&*entry.name) {
            wrong(&mut defects, entry.place, "must have a name of its own");
        }
    }
    if met.contains("[Content_Types].xml") {
        let message = "an office document such as an Excel workbook, not a zip of files";
        defects.push(Place::WHOLE_FILE, "", Rule::UnknownFormat, message);
    } else if entries.is_empty() && defects.is_empty() {
        defects.push(Place::WHOLE_FILE, "", Rule::Container, "the zip is empty");
    }
    defects.into_result()?;
    Ok(entries)
}

/// Tells a defect of the entry at `place`, by its number: its name could be personal.
fn wrong(defects: &mut Defects, place: usize, message: &str) {
    let message = format!("entry {} {message}", place + 1);
    defects.push(Place::WHOLE_FILE, "", Rule::Container, message);
}

fn unreadable(file: &ZipFileEntry<'_>) -> Option<&'static str> {
    if file.encrypted() {
        Some("must not be encrypted")
    } else if !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated)
    {
        Some("must be stored or deflated")
    } else if file.is_symlink() {
        Some("must be a file, not a link")
    } else {
        None
    }
}

fn is_safe(name: &str) -> bool {
    let bytes = name.as_bytes();
    let drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !drive
        && !name.starts_with('/')
        && !name.contains(|c: char| c == '\\' || c.is_control())
        && name.split('/').all(|part| part != "..")
}

/// What macOS adds to a zip.
fn is_of_the_system(name: &str) -> bool {
    name.split('/').any(|part| part == "__MACOSX") || name.rsplit('/').next() == Some(".DS_Store")
}

/// What the library has found wrong.
fn judged(error: &ZipError) -> Defects {
    match error {
        ZipError::Io(error) => failure(error),
        _ => damaged("the zip is damaged: its headers contradict one another"),
    }
}

fn failure(error: &io::Error) -> Defects {
    read_failure(&damage(error), Place::WHOLE_FILE)
}

/// A reader of exactly as many bytes as were declared.
struct Exact<R> {
    input: R,
    left: u64,
    /// What was found wrong, to be said again to whoever reads on.
    failed: Option<Defects>,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(defects) = &self.failed {
            return Err(carrying(defects.clone()));
        }
        let fail = |this: &mut Self, defects: Defects| {
            this.failed = Some(defects.clone());
            Err(carrying(defects))
        };
        let read = match self.input.read(buffer) {
            Ok(read) => read as u64,
            Err(error) => return fail(self, failure(&error)),
        };
        match self.left.checked_sub(read) {
            None => fail(self, damaged("an entry of the zip is longer than declared")),
            Some(left) if read == 0 && left > 0 && !buffer.is_empty() => {
                fail(self, damaged("an entry of the zip is shorter than declared"))
            }
            Some(left) => {
                self.left = left;
                Ok(usize::try_from(read).unwrap_or(buffer.len()))
            }
        }
    }
}

/// Where the directory of a zip stands.
struct Directory {
    start: u64,
    entries: u64,
}

/// APPNOTE 4.3.16, end of central directory record.
const END: &[u8; 4] = b"PK\x05\x06";
const END_BYTES: usize = 22;
/// APPNOTE 4.3.15, zip64 end of central directory locator.
const LOCATOR: &[u8; 4] = b"PK\x06\x07";
const LOCATOR_BYTES: usize = 20;
/// APPNOTE 4.3.14, zip64 end of central directory record, without its extensible data.
const END_64: &[u8; 4] = b"PK\x06\x06";
const END_64_BYTES: usize = 56;
/// The smallest entry of a directory, APPNOTE 4.3.12.
const ENTRY_BYTES: u64 = 46;

impl Directory {
    /// Finds the directory by the end of the file, where one reading only must be possible.
    fn find<R: Read + Seek>(source: &mut R) -> io::Result<Self> {
        let refuse = |message| Err(carrying(damaged(message)));
        let file_bytes = source.seek(SeekFrom::End(0))?;
        let tail_bytes = file_bytes.min((LOCATOR_BYTES + END_BYTES) as u64 + u64::from(u16::MAX));
        let tail_start = file_bytes - tail_bytes;
        let tail = read_at(source, tail_start, usize::try_from(tail_bytes).unwrap_or_default())?;
        let Some(end_place) = memchr::memmem::rfind(&tail, END) else {
            return refuse("the zip is cut short: its directory is missing");
        };
        let end = &tail[end_place..];
        if end.len() < END_BYTES || end.len() != END_BYTES + usize::from(u16_at(end, 20)) {
            return refuse("the zip is cut short, or there is something after its end");
        }
        let mut entries = u64::from(u16_at(end, 10));
        let mut bytes = u64::from(u32_at(end, 12));
        let mut start = u64::from(u32_at(end, 16));
        let mut after = tail_start + end_place as u64;
        let mut whole = u16_at(end, 8) == u16_at(end, 10);
        let locator = end_place.checked_sub(LOCATOR_BYTES).map(|place| &tail[place..end_place]);
        if let Some(locator) = locator.filter(|locator| locator.starts_with(LOCATOR)) {
            let locator_start = after - LOCATOR_BYTES as u64;
            after = u64_at(locator, 8);
            let end = read_at(source, after, END_64_BYTES)?;
            let declared = u64_at(&end, 4).checked_add(12).and_then(|size| size.checked_add(after));
            if !end.starts_with(END_64) || declared != Some(locator_start) {
                return refuse("the zip is damaged: its zip64 directory is not where it should be");
            }
            entries = u64_at(&end, 32);
            bytes = u64_at(&end, 40);
            start = u64_at(&end, 48);
            whole = u64_at(&end, 24) == entries;
        }
        if !whole {
            return refuse("the zip must be on one disk");
        }
        if bytes > DIRECTORY_BYTES_MAX {
            return Err(carrying(limit("the directory of a zip must have at most 64 MiB")));
        }
        if start.checked_add(bytes) != Some(after) || bytes / ENTRY_BYTES < entries {
            return refuse("the zip is damaged: its directory is not where it should be");
        }
        Ok(Self { start, entries })
    }
}

fn read_at<R: Read + Seek>(source: &mut R, place: u64, bytes: usize) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(place))?;
    let mut buffer = vec![0; bytes];
    source.read_exact(&mut buffer)?;
    Ok(buffer)
}

/// Little-endian numbers at a place that is known to be inside.
fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes([bytes[place], bytes[place + 1]])
}

fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from(u16_at(bytes, place)) | u32::from(u16_at(bytes, place + 2)) << 16
}

fn u64_at(bytes: &[u8], place: usize) -> u64 {
    u64::from(u32_at(bytes, place)) | u64::from(u32_at(bytes, place + 4)) << 32
}

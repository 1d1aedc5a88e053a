//! What a worker does: unpack, recognise, parse, make facts.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read, Seek};
use std::rc::Rc;
use std::sync::mpsc::SyncSender;

use domain::identifier::OrganizationCode;
use formats::container::zip::Archive;
use formats::container::{self, Ahead, Allowance, Limits, gzip, p7m};
use formats::recognise::{self, Kind};
use formats::{Defects, read_failure};

use super::document;
use super::input::{Hashing, Input, head};
use super::piece::{Leaf, Piece};
use super::unreadable;
use crate::port::{PortResult, Ready, Unit};

/// Entries of an archive in one job.
const ENTRIES_PER_JOB: usize = 512;
/// Pieces in one message to the writer.
const PIECES_PER_BATCH: usize = 128;
/// Units of a large input in one message to the writer.
const UNITS_PER_BATCH: usize = 8;

/// A piece of work: an input, or a range of the entries of one.
pub(super) struct Job<'a, I> {
    pub input: &'a I,
    pub sha256: &'a str,
    task: Task,
    /// Whether it is the first, and the last, of its input.
    pub first: bool,
    pub last: bool,
}

enum Task {
    /// Not a zip: a document, perhaps in a gzip or a p7m; those may hold a zip.
    File(Allowance),
    /// Some entries of a zip.
    Entries(Archive, std::ops::Range<usize>),
    /// Refused before anything was read.
    Refused(Defects),
}

impl<I: Input> Job<'_, I> {
    /// Whether the input is a zip.
    pub fn is_container(&self) -> bool {
        matches!(self.task, Task::Entries(..))
    }

    /// How many entries the input has, where it is a zip.
    pub fn entries(&self) -> usize {
        if let Task::Entries(archive, _) = &self.task { archive.entries().len() } else { 0 }
    }
}

/// Divides inputs into jobs of about the same size, in order.
pub(super) fn plan<'a, I: Input>(inputs: &'a [(&'a I, String)]) -> PortResult<Vec<Job<'a, I>>> {
    let mut jobs = Vec::new();
    for (input, sha256) in inputs {
        let tasks = tasks(*input)?;
        let count = tasks.len();
        jobs.extend(tasks.into_iter().enumerate().map(|(place, task)| Job {
            input: *input,
            sha256,
            task,
            first: place == 0,
            last: place + 1 == count,
        }));
    }
    Ok(jobs)
}

fn tasks<I: Input>(input: &I) -> PortResult<Vec<Task>> {
    let failed = |error: io::Error| unreadable(input.name(), &error);
    let size = input.size().map_err(failed)?;
    let allowance = match Allowance::of_file(size, Limits::STANDARD) {
        Ok(allowance) => allowance,
        Err(defects) => return Ok(vec![Task::Refused(defects)]),
    };
    let mut file = input.open().and_then(Ahead::of).map_err(failed)?;
    if recognise::kind(&head(&mut file).map_err(failed)?) != Kind::Zip {
        return Ok(vec![Task::File(allowance)]);
    }
    file.rewind().map_err(failed)?;
    Ok(match Archive::open(&mut file, &allowance) {
        Ok(archive) => {
            let count = archive.entries().len();
            (0..count)
                .step_by(ENTRIES_PER_JOB)
                .map(|from| {
                    Task::Entries(archive.clone(), from..(from + ENTRIES_PER_JOB).min(count))
                })
                .collect()
        }
        Err(defects) => vec![Task::Refused(defects)],
    })
}

impl<I: Input> Job<'_, I> {
    /// Does the work. Stops where nobody listens any more.
    pub fn run(
        &self,
        ours: &BTreeSet<OrganizationCode>,
        ready: &dyn Fn(Unit) -> Ready,
        progress: &(dyn Fn(u64) + Sync),
        to: &SyncSender<Vec<Piece>>,
    ) {
        let mut worker =
            Worker { ours, ready, to, batch: Vec::new(), signed: false, gone: Rc::default() };
        let result =
            self.input.open().map_err(|error| failed_to_open(&error)).and_then(|mut file| {
                match &self.task {
                    Task::Refused(defects) => Err(defects.clone()),
                    Task::File(allowance) => {
                        worker.file(self.input.name(), self.sha256, &mut file, allowance)
                    }
                    Task::Entries(archive, range) => {
                        let mut file = Ahead::of(file).map_err(|error| failed_to_open(&error))?;
                        let range = range.clone();
                        worker.entries(self.input.name(), archive, range, &mut file, progress)
                    }
                }
            });
        if let Err(defects) = result {
            worker.push(Piece::ContainerFailed(defects));
        }
        worker.flush();
        if !self.is_container() {
            progress(self.input.size().unwrap_or(0));
        }
    }
}

fn failed_to_open(error: &io::Error) -> Defects {
    read_failure(error, formats::Place::WHOLE_FILE)
}

struct Worker<'a> {
    ours: &'a BTreeSet<OrganizationCode>,
    ready: &'a dyn Fn(Unit) -> Ready,
    to: &'a SyncSender<Vec<Piece>>,
    batch: Vec<Piece>,
    signed: bool,
    /// Whether nobody listens any more.
    gone: Rc<Cell<bool>>,
}

impl Worker<'_> {
    fn push(&mut self, piece: Piece) {
        self.batch.push(piece);
        if self.batch.len() >= PIECES_PER_BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.batch.is_empty() {
            // When nobody listens the run has failed, and its error is told by the writer.
            let told = self.to.send(std::mem::take(&mut self.batch));
            self.gone.set(told.is_err());
        }
    }

    /// A file as long as somebody listens: what is left of it is not read for nobody.
    fn listened<R: Read>(&self, file: R) -> Listened<R> {
        Listened { file, gone: Rc::clone(&self.gone) }
    }

    /// A file that is no zip. Its hash is known, so it is not hashed again.
    fn file(
        &mut self,
        name: &str,
        sha256: &str,
        file: &mut dyn Read,
        allowance: &Allowance,
    ) -> Result<(), Defects> {
        self.signed = false;
        let mut file = self.listened(file);
        self.peel(name, &mut file, allowance, &mut || Ok(sha256.to_owned()))
    }

    /// Some entries of an archive, each an input of its own.
    fn entries<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &Archive,
        range: std::ops::Range<usize>,
        source: &mut R,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), Defects> {
        for entry in &archive.entries()[range] {
            let inner = format!("{name}!{}", entry.name);
            archive.read(entry, source, |file| self.entry(&inner, file, archive.inside()))??;
            progress(entry.size);
        }
        Ok(())
    }

    fn entry(
        &mut self,
        name: &str,
        file: &mut dyn Read,
        allowance: &Allowance,
    ) -> Result<(), Defects> {
        self.signed = false;
        let hashing = std::cell::RefCell::new(Hashing::new(self.listened(file)));
        let mut shared = Shared(&hashing);
        self.peel(name, &mut shared, allowance, &mut || hashing.borrow_mut().finish())
    }

    /// Takes gzips and signatures off, then reads what is inside: a document, or a zip.
    fn peel(
        &mut self,
        name: &str,
        file: &mut dyn Read,
        allowance: &Allowance,
        hash: &mut dyn FnMut() -> io::Result<String>,
    ) -> Result<(), Defects> {
        let mut file = file;
        let head = head(&mut file).map_err(|error| failed_to_open(&error))?;
        let kind = recognise::kind(&head);
        let mut file = io::Cursor::new(head).chain(file);
        match kind {
            Kind::Gzip => {
                let (mut inside, allowance) = gzip::unpacked(file, allowance)?;
                self.peel(name, &mut inside, &allowance, hash)
            }
            Kind::P7m => {
                self.signed = true;
                let (mut inside, allowance) = p7m::content(file, allowance)?;
                self.peel(name, &mut inside, &allowance, hash)
            }
            Kind::Zip => {
                let mut spooled = container::spooled(file)?;
                let archive = Archive::open(&mut spooled, allowance)?;
                for entry in archive.entries() {
                    let inner = format!("{name}!{}", entry.name);
                    archive.read(entry, &mut spooled, |file| {
                        self.entry(&inner, file, archive.inside())
                    })??;
                }
                Ok(())
            }
            kind => self.document(name, &kind, &mut file, hash),
        }
    }

    fn document(
        &mut self,
        name: &str,
        kind: &Kind,
        file: &mut dyn Read,
        hash: &mut dyn FnMut() -> io::Result<String>,
    ) -> Result<(), Defects> {
        let mut units = Vec::new();
        let mut began = false;
        let read = match formats::encoding::decoded(file) {
            Err(defects) => document::Read { defects, ..document::Read::default() },
            Ok(text) => document::read(kind, name, text, self.ours, &mut |unit| {
                units.push((self.ready)(unit));
                if units.len() > UNITS_PER_BATCH {
                    if !began {
                        began = true;
                        self.push(Piece::Begin);
                    }
                    self.push(Piece::Units(std::mem::take(&mut units)));
                    self.flush();
                }
            }),
        };
        let sha256 = hash().map_err(|error| failed_to_open(&error))?;
        let signed = self.signed || read.signed;
        let leaf = Leaf { name: name.to_owned(), sha256, kind: word(kind), signed, read };
        if !began && units.len() <= 1 {
            self.push(Piece::Whole(units.pop(), leaf));
            return Ok(());
        }
        if !began {
            self.push(Piece::Begin);
        }
        self.push(Piece::Units(units));
        self.push(Piece::End(leaf));
        Ok(())
    }
}

/// The word of a kind in the reports.
fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Zip | Kind::Gzip | Kind::P7m => "container",
        Kind::Journal => "journal",
        Kind::FlowXml | Kind::SoapFlow | Kind::FlowJson => "flow",
        Kind::Receipt => "receipt",
        Kind::PositionsJsonLines | Kind::PositionsCsv => "positions",
        Kind::Configuration => "configuration",
        Kind::SampleTruth => "sample_truth",
        Kind::Unknown { .. } => "unknown",
    }
}

/// A file that ends in an error once nobody listens to what is in it.
struct Listened<R> {
    file: R,
    gone: Rc<Cell<bool>>,
}

impl<R: Read> Read for Listened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.gone.get() {
            return Err(io::Error::other("nobody listens"));
        }
        self.file.read(buffer)
    }
}

/// A reader that others look at when it was read.
struct Shared<'a, R>(&'a std::cell::RefCell<R>);

impl<R: Read> Read for Shared<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, SeekFrom};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// An input that counts what is read of it.
    struct Counted {
        text: String,
        read: AtomicUsize,
    }

    struct Counting<'a>(Cursor<&'a str>, &'a AtomicUsize);

    impl Read for Counting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.fetch_add(read, Ordering::Relaxed);
            Ok(read)
        }
    }

    impl Seek for Counting<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    impl<'a> Input for &'a Counted {
        type Reader = Counting<'a>;

        fn name(&self) -> &'static str {
            "flow.xml"
        }

        fn open(&self) -> io::Result<Counting<'a>> {
            Ok(Counting(Cursor::new(&self.text), &self.read))
        }

        fn size(&self) -> io::Result<u64> {
            Ok(self.text.len() as u64)
        }
    }

    /// A flow of so many payments of one euro.
    fn flow(payments: u32) -> String {
        let line = |number: u32| {
            format!(
                "<datiSingoliPagamenti>\
                 <identificativoUnivocoVersamento>0100000{number:010}</identificativoUnivocoVersamento>\
                 <identificativoUnivocoRiscossione>{number:032}</identificativoUnivocoRiscossione>\
                 <indiceDatiSingoloPagamento>1</indiceDatiSingoloPagamento>\
                 <singoloImportoPagato>1.00</singoloImportoPagato>\
                 <codiceEsitoSingoloPagamento>0</codiceEsitoSingoloPagamento>\
                 <dataEsitoSingoloPagamento>2026-09-30</dataEsitoSingoloPagamento>\
                 </datiSingoliPagamenti>"
            )
        };
        let lines: String = (0..payments).map(line).collect();
        format!(
            "<FlussoRiversamento xmlns=\"http://www.digitpa.gov.it/schemas/2011/Pagamenti/\">\
             <versioneOggetto>1.0</versioneOggetto>\
             <identificativoFlusso>2026-10-01ABI09901-S000000001</identificativoFlusso>\
             <dataOraFlusso>2026-10-01T19:00:00</dataOraFlusso>\
             <identificativoUnivocoRegolamento>TRN</identificativoUnivocoRegolamento>\
             <dataRegolamento>2026-10-01</dataRegolamento>\
             <istitutoMittente><identificativoUnivocoMittente>\
             <tipoIdentificativoUnivoco>A</tipoIdentificativoUnivoco>\
             <codiceIdentificativoUnivoco>ABI09901</codiceIdentificativoUnivoco>\
             </identificativoUnivocoMittente></istitutoMittente>\
             <istitutoRicevente><identificativoUnivocoRicevente>\
             <tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco>\
             <codiceIdentificativoUnivoco>01234567897</codiceIdentificativoUnivoco>\
             </identificativoUnivocoRicevente></istitutoRicevente>\
             <numeroTotalePagamenti>{payments}</numeroTotalePagamenti>\
             <importoTotalePagamenti>{payments}.00</importoTotalePagamenti>{lines}\
             </FlussoRiversamento>"
        )
    }

    /// Bytes that are read of a flow; `listens` says whether the writer takes what comes.
    fn bytes_read(input: &Counted, listens: bool) -> usize {
        let inputs = [(&input, String::new())];
        let jobs = plan(&inputs).unwrap();
        input.read.store(0, Ordering::Relaxed);
        let ours = BTreeSet::from([OrganizationCode::parse("01234567897").unwrap()]);
        let ready = |unit| Ready { unit, forgotten: None };
        let (to, from) = sync_channel(1);
        std::thread::scope(|scope| {
            if listens {
                scope.spawn(move || from.iter().count());
            } else {
                drop(from);
            }
            jobs[0].run(&ours, &ready, &|_| (), &to);
            drop(to);
        });
        input.read.load(Ordering::Relaxed)
    }

    /// Who writes may have run out of time: the rest of a large file would take all that is left.
    #[test]
    fn a_file_is_not_read_on_when_nobody_listens() {
        let input = Counted { text: flow(20_000), read: AtomicUsize::new(0) };
        assert_eq!(bytes_read(&input, true), input.text.len());
        let read = bytes_read(&input, false);
        assert!(read < input.text.len() / 4, "{read} of {} bytes", input.text.len());
    }
}

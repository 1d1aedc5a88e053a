//! The folder of the report: all of its files, or those of the run before.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use report::Files;

use crate::folder::Folder;

/// A folder in which files are prepared out of sight and then shown all together. Files that are
/// not published leave the folder as it was. Two runs into one folder follow each other.
#[derive(Debug)]
pub struct OutFolder {
    folder: Arc<Folder>,
    names: RefCell<BTreeSet<String>>,
}

/// A file of an [`OutFolder`], buffered.
#[derive(Debug)]
pub struct OutFile {
    folder: Arc<Folder>,
    name: String,
    file: BufWriter<File>,
    shown: bool,
}

/// Bytes that a file holds back before it writes.
const BUFFER_BYTES: usize = 256 * 1024;

impl OutFolder {
    /// Opens the folder and makes it if it is not there. Waits for another run that writes into it;
    /// removes what a killed one left.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn open(out: &Path) -> io::Result<Self> {
        Ok(Self { folder: Arc::new(Folder::enter(out)?), names: RefCell::default() })
    }
}

impl Files for OutFolder {
    type File = OutFile;

    /// Fails, too, when `name` is not that of a file in the folder, or was created already.
    fn create(&self, name: &str) -> io::Result<OutFile> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':']) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"));
        }
        if !self.names.borrow_mut().insert(name.to_owned()) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "created already"));
        }
        let file = BufWriter::with_capacity(BUFFER_BYTES, self.folder.create(name)?);
        let folder = Arc::clone(&self.folder);
        Ok(OutFile { folder, name: name.to_owned(), file, shown: false })
    }

    /// Each file is whole and on the disk before the first one shows. When one cannot be shown, the
    /// rest do not show, and a later run shows them all.
    fn publish(&self, mut files: Vec<OutFile>) -> io::Result<()> {
        // The disk takes them together faster than one by one.
        std::thread::scope(|scope| {
            let sync = |file: &mut OutFile| {
                file.file.flush()?;
                file.file.get_ref().sync_data()
            };
            let syncs: Vec<_> =
                files.iter_mut().map(|file| scope.spawn(move || sync(file))).collect();
            syncs
                .into_iter()
                .try_for_each(|sync| sync.join().expect("a file that is synced does not panic"))
        })?;
        for file in &mut files {
            self.folder.show(&file.name)?;
            file.shown = true;
        }
        self.folder.sync()
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if !self.shown {
            // If it stays, the next run removes it.
            let _ = self.folder.remove_unfinished(&self.name);
        }
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn visible(folder: &Path) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
            .filter(|(name, _)| name != ".lock")
            .map(|(name, path)| (name, fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    fn pair(name: &str, content: &str) -> (String, String) {
        (name.to_owned(), content.to_owned())
    }

    #[test]
    fn files_show_together_when_published_and_replace_those_before() {
        let parent = TempDir::new().unwrap();
        let path = parent.path().join("new/out");
        for text in ["first", "second"] {
            let before = if path.exists() { visible(&path) } else { Vec::new() };
            let out = OutFolder::open(&path).unwrap();
            let mut one = out.create("one.jsonl").unwrap();
            let mut other = out.create("other.csv").unwrap();
            one.write_all(text.as_bytes()).unwrap();
            other.write_all(&vec![b'x'; 200_000]).unwrap();
            let shown = visible(&path).into_iter().filter(|(name, _)| !name.starts_with('.'));
            assert_eq!(shown.collect::<Vec<_>>(), before);
            out.publish(vec![one, other]).unwrap();
            let long = "x".repeat(200_000);
            assert_eq!(visible(&path), [pair("one.jsonl", text), pair("other.csv", &long)]);
        }
    }

    #[test]
    fn a_run_that_fails_or_is_killed_leaves_the_files_of_the_one_before() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("one.jsonl"), "before").unwrap();
        fs::write(folder.path().join("of_the_office.txt"), "theirs").unwrap();
        let before = visible(folder.path());

        let out = OutFolder::open(folder.path()).unwrap();
        out.create("one.jsonl").unwrap().write_all(b"half").unwrap();
        drop(out);
        assert_eq!(visible(folder.path()), before);

        fs::write(folder.path().join(".one.jsonl.unfinished"), "of a killed run").unwrap();
        let out = OutFolder::open(folder.path()).unwrap();
        assert_eq!(visible(folder.path()), before);
        out.publish(Vec::new()).unwrap();
        assert_eq!(visible(folder.path()), before);
    }

    #[test]
    fn two_runs_into_one_folder_follow_each_other() {
        let folder = TempDir::new().unwrap();
        let out = OutFolder::open(folder.path()).unwrap();
        let mut one = out.create("one").unwrap();
        one.write_all(b"first").unwrap();
        let path = folder.path().to_owned();
        let second = std::thread::spawn(move || {
            let out = OutFolder::open(&path).unwrap();
            let found = fs::read_to_string(path.join("one")).unwrap();
            let mut one = out.create("one").unwrap();
            one.write_all(b"second").unwrap();
            out.publish(vec![one]).unwrap();
            found
        });
        std::thread::sleep(std::time::Duration::from_millis(50));
        out.publish(vec![one]).unwrap();
        drop(out);
        assert_eq!(second.join().unwrap(), "first");
        assert_eq!(visible(folder.path()), [pair("one", "second")]);
    }

    #[test]
    fn names_that_lead_elsewhere_or_come_twice_are_refused() {
        let folder = TempDir::new().unwrap();
        let out = OutFolder::open(folder.path()).unwrap();
        for name in ["", ".", "..", ".hidden", "a/b", "../a", "/a", "a\\b", "c:a"] {
            assert!(out.create(name).is_err(), "{name:?}");
        }
        out.create("a").unwrap();
        assert!(out.create("a").is_err());
    }
}

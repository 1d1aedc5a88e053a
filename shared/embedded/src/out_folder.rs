//! The folder of the report: all of its files, or those of the run before.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::rc::Rc;

use crate::folder::Folder;

/// A folder in which files are prepared out of sight and then shown all together. Dropped before
/// that, it leaves the folder as it was. Two runs into one folder follow each other.
#[derive(Debug)]
pub struct OutFolder {
    folder: Folder,
    files: RefCell<Vec<(String, Shared)>>,
}

/// A file of an [`OutFolder`], buffered.
#[derive(Debug)]
pub struct OutFile(Shared);

/// The folder keeps each file too, to write out and sync what its user has let go.
type Shared = Rc<RefCell<BufWriter<File>>>;

impl OutFolder {
    /// Opens the folder and makes it if it is not there. Waits for another run that writes into it;
    /// removes what a killed one left.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn open(out: &Path) -> io::Result<Self> {
        Ok(Self { folder: Folder::enter(out)?, files: RefCell::default() })
    }

    /// A new file that will show as `name`.
    ///
    /// # Errors
    /// When `name` is not that of a file in the folder, was created already, or cannot be.
    pub fn create(&self, name: &str) -> io::Result<OutFile> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':']) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"));
        }
        let file =
            Rc::new(RefCell::new(BufWriter::with_capacity(64 * 1024, self.folder.create(name)?)));
        self.files.borrow_mut().push((name.to_owned(), Rc::clone(&file)));
        Ok(OutFile(file))
    }

    /// Shows every file under its name. Each is whole and on the disk before the first one shows.
    ///
    /// # Errors
    /// When a file cannot be written: then none shows. When one cannot be shown: then the rest do
    /// not, and a later run shows them all.
    pub fn publish(self) -> io::Result<()> {
        for (_, file) in self.files.borrow().iter() {
            let mut file = file.borrow_mut();
            file.flush()?;
            file.get_ref().sync_all()?;
        }
        // Taken out one by one: what is shown is no longer there to be removed.
        while let Some((name, _)) = self.files.borrow_mut().pop() {
            self.folder.show(&name)?;
        }
        self.folder.sync()
    }
}

impl Drop for OutFolder {
    fn drop(&mut self) {
        for (name, _) in self.files.borrow().iter() {
            // If it stays, the next run removes it.
            let _ = self.folder.remove_unfinished(name);
        }
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
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
            out.publish().unwrap();
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
        out.publish().unwrap();
        assert_eq!(visible(folder.path()), before);
    }

    #[test]
    fn two_runs_into_one_folder_follow_each_other() {
        let folder = TempDir::new().unwrap();
        let out = OutFolder::open(folder.path()).unwrap();
        out.create("one").unwrap().write_all(b"first").unwrap();
        let path = folder.path().to_owned();
        let second = std::thread::spawn(move || {
            let out = OutFolder::open(&path).unwrap();
            let found = fs::read_to_string(path.join("one")).unwrap();
            out.create("one").unwrap().write_all(b"second").unwrap();
            out.publish().unwrap();
            found
        });
        std::thread::sleep(std::time::Duration::from_millis(50));
        out.publish().unwrap();
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

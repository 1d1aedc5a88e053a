//! Refused inputs, kept aside.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use engine::port::{Hash, PortError, PortResult, Quarantine};

use crate::folder::Folder;

/// `quarantine/` in the `--data` folder: a file named by its SHA-256 holds the content, and
/// `<SHA-256>.json` beside it tells the name it came under and the reasons of the refusal.
#[derive(Debug, Clone)]
pub struct QuarantineFolder {
    path: PathBuf,
}

impl QuarantineFolder {
    /// The quarantine of the `--data` folder; it is made when there is something to keep.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { path: data.join("quarantine") }
    }

    /// Deletes what was last kept before a moment; says how many inputs that were.
    ///
    /// # Errors
    /// When the folder cannot be read or something in it cannot be deleted.
    pub fn forget_before(&self, moment: SystemTime) -> io::Result<u64> {
        if !self.path.exists() {
            return Ok(0);
        }
        let folder = Folder::enter(&self.path)?;
        let mut inputs = 0;
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(input) = name.to_str().and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            // Keeping it again renews the note, not the content.
            if entry.metadata()?.modified()? < moment {
                // The content before its note, so that there is none without.
                let content = self.path.join(input);
                if folder.has(input) {
                    fs::remove_file(content)?;
                }
                fs::remove_file(entry.path())?;
                inputs += 1;
            }
        }
        folder.sync()?;
        Ok(inputs)
    }

    fn keep_file(&self, name: &str, content: &mut dyn Read, note: &str) -> io::Result<()> {
        let folder = Folder::enter(&self.path)?;
        let note_name = format!("{name}.json");
        write(folder.create(&note_name)?, &mut note.as_bytes())?;
        // The content after its note, so that there is none without.
        folder.show(&note_name)?;
        if !folder.has(name) {
            write(folder.create(name)?, content)?;
            folder.show(name)?;
        }
        folder.sync()
    }
}

impl Quarantine for QuarantineFolder {
    fn keep(&mut self, sha256: Hash, content: &mut dyn Read, note: &str) -> PortResult<()> {
        self.keep_file(&sha256.to_string(), content, note)
            .map_err(|error| PortError::Final(format!("a refused input cannot be kept: {error}")))
    }
}

fn write(mut file: File, content: &mut dyn Read) -> io::Result<()> {
    io::copy(content, &mut file)?;
    file.flush()?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn hash() -> Hash {
        HASH.parse().unwrap()
    }

    fn files(data: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(data.join("quarantine")) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != ".lock").collect();
        names.sort();
        names
    }

    #[test]
    fn content_is_kept_byte_for_byte_beside_its_note() {
        let data = TempDir::new().unwrap();
        let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let mut quarantine = QuarantineFolder::new(data.path());
        quarantine.keep(hash(), &mut &content[..], r#"{"name":"a"}"#).unwrap();
        let kept = data.path().join("quarantine").join(HASH);
        assert_eq!(fs::read(&kept).unwrap(), content);
        let note = fs::read_to_string(kept.with_extension("json")).unwrap();
        assert_eq!(note, r#"{"name":"a"}"#);
        assert_eq!(files(data.path()), [HASH.to_owned(), format!("{HASH}.json")]);
    }

    #[test]
    fn keeping_again_does_not_write_the_content_again() {
        let data = TempDir::new().unwrap();
        let mut quarantine = QuarantineFolder::new(data.path());
        quarantine.keep(hash(), &mut &b"abc"[..], "first").unwrap();
        let mut not_read = &b"abc"[..];
        quarantine.keep(hash(), &mut not_read, "second").unwrap();
        assert_eq!(not_read.len(), 3);
        let kept = data.path().join("quarantine").join(HASH);
        assert_eq!(fs::read(&kept).unwrap(), b"abc");
        let note = fs::read_to_string(kept.with_extension("json")).unwrap();
        assert_eq!(note, "second");
    }

    #[test]
    fn a_content_that_cannot_be_read_to_its_end_is_not_kept() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let data = TempDir::new().unwrap();
        let mut quarantine = QuarantineFolder::new(data.path());
        let mut broken = (&b"half"[..]).chain(Broken);
        assert!(quarantine.keep(hash(), &mut broken, "note").is_err());
        assert!(!files(data.path()).contains(&HASH.to_owned()));
        quarantine.keep(hash(), &mut &b"abc"[..], "note").unwrap();
        assert_eq!(files(data.path()), [HASH.to_owned(), format!("{HASH}.json")]);
    }

    #[test]
    fn what_was_kept_before_a_moment_is_deleted_with_its_note() {
        let data = TempDir::new().unwrap();
        let mut quarantine = QuarantineFolder::new(data.path());
        let an_hour = Duration::from_hours(1);
        assert_eq!(quarantine.forget_before(SystemTime::now()).unwrap(), 0);
        quarantine.keep(hash(), &mut &b"abc"[..], "note").unwrap();
        assert_eq!(quarantine.forget_before(SystemTime::now() - an_hour).unwrap(), 0);
        assert_eq!(files(data.path()).len(), 2);
        assert_eq!(quarantine.forget_before(SystemTime::now() + an_hour).unwrap(), 1);
        assert_eq!(files(data.path()), Vec::<String>::new());
    }
}

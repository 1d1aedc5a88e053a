//! Files and folders as inputs.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use engine::intake::Input;
use walkdir::WalkDir;

/// A file on this machine.
#[derive(Debug)]
pub struct FileInput {
    path: PathBuf,
    /// Its path from the folder that was named, with slashes; of a file that was named, its name.
    name: String,
}

impl Input for FileInput {
    type Reader = File;

    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(std::fs::metadata(&self.path)?.len())
    }
}

/// The files that were named and those of the folders that were named, at any depth, in order of
/// name. Hidden files and folders are passed over.
///
/// # Errors
/// When something that was named is not there, or a folder cannot be read.
pub fn collect(named: &[PathBuf]) -> io::Result<Vec<FileInput>> {
    let mut files = Vec::new();
    for root in named {
        if root.is_file() {
            let name = root.file_name().unwrap_or(root.as_os_str());
            files.push(FileInput { path: root.clone(), name: name.to_string_lossy().into_owned() });
            continue;
        }
        for entry in WalkDir::new(root).into_iter().filter_entry(|entry| !is_hidden(entry)) {
            let entry = entry.map_err(io::Error::from)?;
            if entry.file_type().is_file() {
                let name = relative(entry.path(), root);
                files.push(FileInput { path: entry.into_path(), name });
            }
        }
    }
    files.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

fn is_hidden(entry: &walkdir::DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
}

fn relative(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

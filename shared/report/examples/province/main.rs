//! Writes the report of a made-up Province, to look at the page and to measure:
//! `cargo run --release -p report --example province -- FOLDER [POSITIONS]`.

mod made_up;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use report::{Classifications, Files, ReportWriter};

/// The plainest place for a report: it shows files at once, which is enough to look at them.
struct Folder(PathBuf);

impl Files for Folder {
    type File = File;

    fn create(&self, name: &str) -> io::Result<File> {
        File::create(self.0.join(name))
    }

    fn publish(&self, _: Vec<File>) -> io::Result<()> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("usage: province FOLDER [POSITIONS]")?;
    let positions = args.next().map_or(Ok(60_000), |text| text.parse())?;
    fs::create_dir_all(Path::new(&folder))?;
    let began = Instant::now();
    let folder = Folder(folder.into());
    let classifications = Classifications::create(&folder)?;
    let mut writer = ReportWriter::new(folder, made_up::as_of())?;
    let closing = made_up::push(&mut writer, positions)?;
    let pushed = began.elapsed();
    // The export is begun only: it has a thread of its own in the program.
    writer.finish(&closing, classifications)?;
    let done = began.elapsed();
    writeln!(io::stderr(), "rows pushed in {pushed:?}, all done in {done:?}")?;
    Ok(())
}

//! What is damaged: the fixtures of the readers, and what they do not have made here.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;

use crate::Target;

/// Causali of every form that is known.
const CAUSALI: [&str; 8] = [
    "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-03-02PSPPROV1-A000000001",
    "/PUR/LGPE-RIVERSAMENTO/URI/2018-07-23BCITITMM-0000000024",
    "/PUR/LGPE-RIVERSAMENTO Integrativo3 pagamenti del 20211108/URI/2021-11-09UNCRITMM-77003",
    "/RFB/01000000000012373/44.40",
    "/RFS/RF23567483937849450550875",
    "/PUR/L GPE-RIVERSAMENTO/ZZ4/URI/20 26-03-02PSPPROV1-A0000000 01",
    "VERBALE N. 123/2026 TARGA AB123CD ROSSI MARIO",
    "BONIFICO URI NOT PROVIDED 2026-03-02",
];

/// The seeds of a target, with their names.
///
/// # Panics
/// When the fixtures of the readers are not where they belong.
#[must_use]
pub fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = Vec::new();
    for folder in [here.join("../formats/fixtures"), here.join("seeds")] {
        for entry in fs::read_dir(folder).expect("the fixtures are there") {
            let path = entry.expect("a fixture can be listed").path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            seeds.push((name.unwrap_or_default(), fs::read(path).expect("a fixture can be read")));
        }
    }
    seeds.sort();
    let flow = seeds.iter().find(|(name, _)| name == "flow.xml").expect("a flow").1.clone();
    let text = String::from_utf8_lossy(&flow).into_owned();
    seeds.push(("made.gz".to_owned(), gzip(&flow)));
    seeds.push(("made.zip".to_owned(), zip(&flow)));
    seeds.push(("made.utf16".to_owned(), utf16(&text.replace("UTF-8", "UTF-16"))));
    seeds.extend(CAUSALI.map(|text| ("made.causali".to_owned(), text.as_bytes().to_vec())));
    seeds.retain(|(name, _)| target.fixtures.iter().any(|start| name.starts_with(start)));
    seeds
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

/// Two files, one of them packed again.
fn zip(content: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("a/flow.xml", content.to_vec()), ("b.xml.gz", gzip(content))] {
        archive.start_file(name, SimpleFileOptions::default()).expect("a file can begin");
        archive.write_all(&content).expect("memory takes bytes");
    }
    archive.finish().expect("memory takes bytes").into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

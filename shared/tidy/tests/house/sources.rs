//! What is absent from the files.

use std::fs;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

use crate::root;

/// The longest line of a comment, as of code.
const WIDTH: usize = 100;
/// The longest `main.rs` of a function: it wires and calls one use case.
const MAIN_LINES: usize = 45;

/// The only lines that may name a float: what a library's signature asks for, and a drawing
/// library.
const FLOATS: [(&str, &str); 5] = [
    ("shared/formats/src/position/draft.rs", "fn visit_f64<E>(self, _: f64)"),
    ("shared/report/src/book.rs", "fn euros(amount: Cents) -> f64 {"),
    ("shared/report/src/book.rs", "amount.get() as f64 / 100.0"),
    ("shared/report/src/book.rs", "fn whole(count: u64) -> f64 {"),
    ("shared/report/src/book.rs", "count as f64"),
];

/// What reaches outside the program, or tells the time.
const OUTSIDE: [&str; 8] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];

/// A text file of the house.
struct Text {
    /// From the root, with slashes.
    path: String,
    text: String,
}

impl Text {
    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/")
    }

    /// Numbered lines, as an error names them.
    fn lines(&self) -> impl Iterator<Item = (String, &str)> {
        let number = |(at, line)| (format!("{}:{}", self.path, at + 1), line);
        self.text.lines().enumerate().map(number)
    }
}

fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let hidden = name.starts_with('.') && name != ".ci";
    entry.depth() == 0 || !(hidden || ["target", "data", "dist"].contains(&&*name))
}

/// Every text of the house; a file that is not UTF-8 is a picture or a fixture.
fn texts() -> Vec<Text> {
    let root = root();
    let files = WalkDir::new(&root).into_iter().filter_entry(is_ours).map(Result::unwrap);
    let texts: Vec<_> = files
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let text = String::from_utf8(fs::read(entry.path()).unwrap()).ok()?;
            let path = entry.path().strip_prefix(&root).unwrap();
            Some(Text { path: path.to_str().unwrap().replace('\\', "/"), text })
        })
        .collect();
    assert!(texts.iter().filter(|text| text.is_rust()).count() > 100, "the house is larger");
    texts
}

fn rust() -> impl Iterator<Item = Text> {
    texts().into_iter().filter(Text::is_rust)
}

fn is_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word)
}

#[test]
fn every_source_begins_with_its_subject() {
    for source in rust() {
        assert!(source.text.starts_with("//! "), "{}", source.path);
    }
}

#[test]
fn every_room_takes_the_lints_of_the_house() {
    let texts = texts();
    let rooms = texts.iter().filter(|text| text.path.ends_with("/Cargo.toml"));
    for room in rooms {
        assert!(room.text.contains("\n[lints]\nworkspace = true\n"), "{}", room.path);
    }
}

#[test]
fn functions_only_wire() {
    let main = |source: &Text| {
        source.path.starts_with("functions/") && source.path.ends_with("/src/main.rs")
    };
    let mains: Vec<_> = rust().filter(main).collect();
    assert!(!mains.is_empty());
    for source in mains {
        let lines = source.text.lines().count();
        assert!(lines <= MAIN_LINES, "{}: {lines} lines", source.path);
    }
}

#[test]
fn nothing_counts_in_floats() {
    for source in rust().filter(|source| !source.is_test()) {
        for (place, line) in source.lines() {
            let code = line.split("//").next().unwrap_or_default();
            let allowed = |(path, part): &(&str, &str)| source.path == *path && code.contains(part);
            if is_word(code, "f64") || is_word(code, "f32") {
                assert!(FLOATS.iter().any(allowed), "{place}: {line}");
            }
        }
    }
}

#[test]
fn inner_rooms_touch_neither_machine_nor_clock() {
    for room in ["domain", "formats", "messages", "report", "engine"] {
        let room = format!("shared/{room}/src/");
        for source in rust().filter(|source| source.path.starts_with(&room)) {
            for (place, line) in source.lines() {
                for outside in OUTSIDE {
                    assert!(!line.contains(outside), "{place}: {outside}");
                }
            }
        }
    }
}

#[test]
fn comments_are_as_narrow_as_code() {
    let mut wide = Vec::new();
    for source in rust() {
        for (place, line) in source.lines() {
            let line = line.trim_end();
            let comment = line.trim_start();
            let table = comment.trim_start_matches(['/', '!']).trim_start().starts_with('|');
            if comment.starts_with("//") && !table && line.chars().count() > WIDTH {
                wide.push(place);
            }
        }
    }
    assert_eq!(wide, Vec::<String>::new());
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["TO", "DO:"].concat(), ["TO", "DO("].concat(), ["FIX", "ME"].concat()];
    for text in texts() {
        for (place, line) in text.lines() {
            let prose =
                if text.is_rust() { line.split_once("//").map(|(_, it)| it) } else { Some(line) };
            let later = |prose: &str| marks.iter().any(|mark| prose.contains(mark));
            assert!(!prose.is_some_and(later), "{place}: {line}");
        }
    }
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let machine = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["/ho", "me/"].concat()];
    for text in texts() {
        for (place, line) in text.lines() {
            assert!(!machine.iter().any(|path| line.contains(path)), "{place}: {line}");
        }
    }
}

/// Samples of the field that may lie beside the house are looked for by tests alone, which pass
/// where there are none.
#[test]
fn nothing_but_tests_looks_beside_the_house() {
    let beside = ["..", "/shared"].concat();
    for text in texts().iter().filter(|text| !text.is_test()) {
        for (place, line) in text.lines() {
            assert!(!line.contains(&beside), "{place}: {line}");
        }
    }
}

//! Damaged and hostile files: always refused, never a panic.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use formats::{Defects, flow_xml, journal, receipt};
use proptest::prelude::*;

type Reader = fn(&[u8]) -> Result<(), Defects>;

const FLOW: &[u8] = include_bytes!("../fixtures/flow.xml");
const JOURNAL: &[u8] = include_bytes!("../fixtures/journal_1_8.xml");
const OLD_JOURNAL: &[u8] = include_bytes!("../fixtures/journal_1_4.xml");
const RT: &[u8] = include_bytes!("../fixtures/rt.xml");
const SEND_RT: &[u8] = include_bytes!("../fixtures/send_rt_v2.xml");
const SEND_RT_KO: &[u8] = include_bytes!("../fixtures/send_rt_ko_undeclared_prefix.xml");

const READERS: [Reader; 3] = [
    |bytes| flow_xml::read(bytes, &mut |_| {}),
    |bytes| journal::read(bytes, &mut |_| {}),
    |bytes| receipt::read(bytes, &mut |_| {}),
];

/// Each fixture and the place of its reader.
const FILES: [(&[u8], usize); 6] =
    [(FLOW, 0), (JOURNAL, 1), (OLD_JOURNAL, 1), (RT, 2), (SEND_RT, 2), (SEND_RT_KO, 2)];

fn answer() -> Vec<u8> {
    use base64::Engine;
    let base64 = base64::engine::general_purpose::STANDARD.encode(FLOW);
    let name = "nodoChiediFlussoRendicontazioneRisposta";
    format!("<{name}><xmlRendicontazione>{base64}</xmlRendicontazione></{name}>").into_bytes()
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let answer = answer();
    for (file, reader) in FILES.into_iter().chain([(answer.as_slice(), 0)]) {
        READERS[reader](file).unwrap();
        let whole = file.trim_ascii_end().len();
        for end in 0..whole {
            let cut = READERS[reader](&file[..end]);
            assert!(cut.is_err_and(|defects| !defects.is_empty()), "cut at {end}");
        }
    }
}

#[test]
fn a_nul_anywhere_is_refused() {
    for (file, reader) in FILES {
        for place in (0..file.len()).step_by(7) {
            let mut damaged = file.to_vec();
            damaged[place] = 0;
            assert!(READERS[reader](&damaged).is_err(), "NUL at {place}");
        }
    }
}

#[test]
fn more_defects_than_are_listed_are_counted() {
    let line = "<datiSingoliPagamenti/>";
    let flow = format!("<FlussoRiversamento>{}</FlussoRiversamento>", line.repeat(1_000));
    let defects = READERS[0](flow.as_bytes()).unwrap_err();
    assert_eq!(defects.listed().len(), Defects::LISTED_MAX);
    // Eight fields of the header and five of each line are missing.
    assert_eq!(defects.unlisted(), 8 + 5 * 1_000 - 100);
}

proptest! {
    #[test]
    fn no_change_of_a_file_makes_a_reader_panic(
        file in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..6),
    ) {
        let (bytes, reader) = FILES[file];
        let mut bytes = bytes.to_vec();
        for (place, change) in changes {
            change.apply(&mut bytes, place);
        }
        if let Err(defects) = READERS[reader](&bytes) {
            prop_assert!(!defects.is_empty());
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for reader in READERS {
            prop_assert!(reader(&bytes).is_err());
        }
    }
}

/// One thing that happens to a file.
#[derive(Debug, Clone)]
enum Change {
    Overwrite(u8),
    Insert(&'static str),
    Remove(usize),
    Repeat(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = vec![
        "<",
        ">",
        "</",
        "/>",
        "&",
        ";",
        "&#x0;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "\"",
        "'",
        "<!DOCTYPE a>",
        "-",
        ".",
        "9999999999999999999",
        "\u{202e}",
        "\u{a0}",
        " xmlns=\"\"",
    ];
    prop_oneof![
        any::<u8>().prop_map(Change::Overwrite),
        prop::sample::select(pieces).prop_map(Change::Insert),
        (1..200usize).prop_map(Change::Remove),
        (1..200usize).prop_map(Change::Repeat),
    ]
}

impl Change {
    fn apply(self, bytes: &mut Vec<u8>, place: prop::sample::Index) {
        if bytes.is_empty() {
            return;
        }
        let at = place.index(bytes.len());
        let end = |length: usize| bytes.len().min(at + length);
        match self {
            Self::Overwrite(byte) => bytes[at] = byte,
            Self::Insert(piece) => drop(bytes.splice(at..at, piece.bytes())),
            Self::Remove(length) => drop(bytes.drain(at..end(length))),
            Self::Repeat(length) => {
                let piece = bytes[at..end(length)].to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
    }
}

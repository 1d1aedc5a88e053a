//! Containers: what comes out of them, and what is refused whole.

#![expect(clippy::unwrap_used, reason = "what cannot be unwrapped fails its test")]

use std::io::{Cursor, Read, Write};

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use formats::container::zip::Archive;
use formats::container::{Allowance, Limits, gzip, p7m, spooled};
use formats::{Defects, Place, read_failure};
use proptest::prelude::*;

const CONTENT: &[u8] = include_bytes!("../fixtures/signed-content.xml");

/// An entry of a zip, with whatever its headers shall say.
#[derive(Clone)]
struct Raw {
    name: Vec<u8>,
    data: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    size: u32,
    attributes: u32,
}

fn crc(data: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(data);
    crc.sum()
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn stored(name: impl AsRef<[u8]>, data: &[u8]) -> Raw {
    let size = u32::try_from(data.len()).unwrap();
    let (name, data, crc) = (name.as_ref().to_vec(), data.to_vec(), crc(data));
    Raw { name, data, method: 0, flags: 0, crc, size, attributes: 0 }
}

fn packed(name: &str, data: &[u8]) -> Raw {
    Raw { data: deflated(data), method: 8, ..stored(name, data) }
}

fn push(out: &mut Vec<u8>, fields: &[(u32, usize)]) {
    for (value, bytes) in fields {
        out.extend(&value.to_le_bytes()[..*bytes]);
    }
}

/// A zip of these entries, written as APPNOTE says.
fn zip(entries: &[Raw]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for raw in entries {
        let start = u32::try_from(out.len()).unwrap();
        let packed = u32::try_from(raw.data.len()).unwrap();
        let name = u32::try_from(raw.name.len()).unwrap();
        let common = [
            (20, 2),
            (raw.flags.into(), 2),
            (raw.method.into(), 2),
            (0, 4),
            (raw.crc, 4),
            (packed, 4),
            (raw.size, 4),
            (name, 2),
            (0, 2),
        ];
        push(&mut out, &[(0x0403_4b50, 4)]);
        push(&mut out, &common);
        out.extend(&raw.name);
        out.extend(&raw.data);
        // Made by a Unix system, which the upper attributes are of.
        push(&mut directory, &[(0x0201_4b50, 4), (0x0314, 2)]);
        push(&mut directory, &common);
        push(&mut directory, &[(0, 2), (0, 2), (0, 2), (raw.attributes, 4), (start, 4)]);
        directory.extend(&raw.name);
    }
    let (start, bytes) = (out.len(), directory.len());
    let count = u32::try_from(entries.len() & 0xffff).unwrap();
    out.extend(&directory);
    let at = |n: usize| u32::try_from(n).unwrap();
    push(
        &mut out,
        &[(0x0605_4b50, 4), (0, 4), (count, 2), (count, 2), (at(bytes), 4), (at(start), 4), (0, 2)],
    );
    out
}

fn allowance(bytes: &[u8]) -> Allowance {
    Allowance::of_file(bytes.len() as u64, Limits::STANDARD).unwrap()
}

type Files = Vec<(String, Vec<u8>)>;

fn unzip_with(bytes: &[u8], allowance: &Allowance) -> Result<Files, Defects> {
    let mut source = Cursor::new(bytes);
    let archive = Archive::open(&mut source, allowance)?;
    let mut files = Vec::new();
    archive.for_each(&mut source, &mut |entry, file| {
        let mut data = Vec::new();
        // A reader that stops at an error and tells nobody: the archive must tell.
        let _ = file.read_to_end(&mut data);
        files.push((entry.name.to_string(), data));
        Ok(())
    })?;
    Ok(files)
}

fn unzip(bytes: &[u8]) -> Result<Files, Defects> {
    unzip_with(bytes, &allowance(bytes))
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, Defects> {
    let (mut reader, _) = gzip::unpacked(bytes, &allowance(bytes))?;
    let mut data = Vec::new();
    reader.read_to_end(&mut data).map_err(|error| read_failure(&error, Place::WHOLE_FILE))?;
    Ok(data)
}

fn unsigned(bytes: &[u8]) -> Result<Vec<u8>, Defects> {
    let (mut reader, _) = p7m::content(bytes, &allowance(bytes))?;
    let mut data = Vec::new();
    reader.read_to_end(&mut data).map_err(|error| read_failure(&error, Place::WHOLE_FILE))?;
    Ok(data)
}

fn gz(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn rule<T>(read: Result<T, Defects>) -> Option<&'static str> {
    read.err().map(|defects| defects.listed()[0].rule.code())
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::STANDARD;
    change(&mut limits);
    limits
}

#[test]
fn the_limits_are_those_of_the_contract() {
    assert_eq!(
        Limits::STANDARD,
        Limits {
            file_bytes_max: 2_147_483_648,
            entries_max: 200_000,
            unpacked_bytes_max: 4_294_967_296,
            ratio_max: 200,
            ratio_from_bytes: 10_485_760,
        }
    );
    assert_eq!(rule(Allowance::of_file(2_147_483_648, Limits::STANDARD)), None);
    assert_eq!(rule(Allowance::of_file(2_147_483_649, Limits::STANDARD)), Some("limit"));
}

#[test]
fn the_files_of_a_zip_come_out_in_order_without_what_systems_add() {
    let bytes = zip(&[
        stored("000/", b""),
        packed("000/1.xml", b"<one/>"),
        stored("__MACOSX/000/._1.xml", b"x"),
        stored("000/.DS_Store", b"x"),
        stored("000/ è.xml", b"<two/>"),
        stored(b"citt\x85.xml", b"in code page 437"),
    ]);
    let names_and_data = unzip(&bytes).unwrap();
    let expected = [
        ("000/1.xml", &b"<one/>"[..]),
        ("000/ è.xml", b"<two/>"),
        ("città.xml", b"in code page 437"),
    ]
    .map(|(name, data)| (name.to_owned(), data.to_vec()));
    assert_eq!(names_and_data, expected);
}

#[test]
fn a_zip_that_is_wrong_is_refused_whole() {
    let good = || packed("a.xml", b"<a/>");
    let changed = |change: fn(&mut Raw)| {
        let mut raw = good();
        change(&mut raw);
        zip(&[stored("b.xml", b"<b/>"), raw])
    };
    let named = |name: &[u8]| zip(&[stored("b.xml", b"<b/>"), stored(name, b"x")]);
    let appended = |mut bytes: Vec<u8>, more: &[u8]| {
        bytes.extend(more);
        bytes
    };
    for (name, bytes, expected) in [
        ("good", zip(&[good()]), None),
        ("empty", zip(&[]), Some("container")),
        ("only folders", zip(&[stored("a/", b"")]), Some("container")),
        ("absolute", named(b"/etc/passwd"), Some("container")),
        ("upwards", named(b"a/../../b"), Some("container")),
        ("only upwards", named(b".."), Some("container")),
        ("two dots in a name", named(b"a..b"), None),
        ("backslash", named(b"a\\b"), Some("container")),
        ("drive", named(b"C:b"), Some("container")),
        ("NUL", named(b"a\0.xml"), Some("container")),
        ("line end", named(b"a\n.xml"), Some("container")),
        ("no name", named(b""), Some("container")),
        ("name of 1024", named(&[b'x'; 1024]), None),
        ("name of 1025", named(&[b'x'; 1025]), Some("container")),
        ("the same name", named(b"b.xml"), Some("container")),
        (
            "the same name in two encodings",
            zip(&[stored("à", b"x"), stored(b"\x85", b"y")]),
            Some("container"),
        ),
        ("encrypted", changed(|raw| raw.flags = 1), Some("container")),
        ("bzip2", changed(|raw| raw.method = 12), Some("container")),
        ("a link", changed(|raw| raw.attributes = 0o120_777 << 16), Some("container")),
        ("wrong checksum", changed(|raw| raw.crc ^= 1), Some("container")),
        ("longer than declared", changed(|raw| raw.size -= 1), Some("container")),
        ("shorter than declared", changed(|raw| raw.size += 1), Some("container")),
        ("not deflate", changed(|raw| raw.data = vec![0xff; 9]), Some("container")),
        ("a workbook", zip(&[stored("[Content_Types].xml", b"x")]), Some("unknown_format")),
        ("something before", appended(b"x".to_vec(), &zip(&[good()])), Some("container")),
        ("something after", appended(zip(&[good()]), b"x"), Some("container")),
        ("two zips", appended(zip(&[good()]), &zip(&[good()])), Some("container")),
        ("not a zip", b"PK".to_vec(), Some("container")),
        ("nothing", Vec::new(), Some("container")),
    ] {
        assert_eq!(rule(unzip(&bytes)), expected, "{name}");
    }
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    // The second entry points into the first: one block of data counted twice.
    let mut bytes = zip(&[stored("a", b"x"), stored("b", b"x")]);
    let directory = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    bytes[directory + 42..directory + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert_eq!(rule(unzip(&bytes)), Some("container"));
}

#[test]
fn a_directory_that_declares_more_than_there_is_costs_nothing() {
    for (place, value, expected) in [
        (10, u32::MAX, "container"),
        (12, u32::MAX, "limit"),
        (12, 4096, "container"),
        (16, u32::MAX, "container"),
        (8, 3, "container"),
    ] {
        let mut bytes = zip(&[stored("a", b"x"), stored("b", b"y")]);
        let end = bytes.len() - 22 + place;
        let length = if place < 12 { 2 } else { 4 };
        bytes[end..end + length].copy_from_slice(&value.to_le_bytes()[..length]);
        assert_eq!(rule(unzip(&bytes)), Some(expected), "{place}");
    }
}

#[test]
fn a_zip_has_at_most_200_000_entries() {
    // Over 65,535 entries a zip needs the form of 64 bits: the library writes it.
    let many = |count: usize| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        for number in 0..count {
            writer.start_file(number.to_string(), options).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let at_most = many(200_000);
    let archive = Archive::open(&mut Cursor::new(&at_most), &allowance(&at_most)).unwrap();
    assert_eq!(archive.entries().len(), 200_000);
    let one_more = many(200_001);
    assert_eq!(
        rule(Archive::open(&mut Cursor::new(&one_more), &allowance(&one_more))),
        Some("limit")
    );
}

#[test]
fn the_size_that_a_zip_declares_has_a_maximum() {
    let bytes = zip(&[packed("a", &[0; 1000]), stored("b", &[1; 24])]);
    for (max, expected) in [(1024, None), (1023, Some("limit"))] {
        let limits = limits(|limits| limits.unpacked_bytes_max = max);
        let allowance = Allowance::of_file(bytes.len() as u64, limits).unwrap();
        assert_eq!(rule(unzip_with(&bytes, &allowance)), expected, "{max}");
    }
    // At the real maximum by declaration alone: two entries of 2 GiB, and one byte more.
    let declared = |size: u32, more: u32| {
        let half = Raw { size, ..stored("a", &[0; 8]) };
        zip(&[half.clone(), Raw { name: b"b".to_vec(), size: size + more, ..half }])
    };
    for (more, expected) in [(0, "container"), (1, "limit")] {
        let bytes = declared(1 << 31, more);
        let allowance = Allowance::of_file(1 << 30, Limits::STANDARD).unwrap();
        assert_eq!(rule(unzip_with(&bytes, &allowance)), Some(expected), "{more}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_ratio_once_past_10_mib() {
    let zeros = |bytes: usize| vec![0; bytes];
    let ten = 10 * 1024 * 1024;
    for (bytes, expected) in [(ten, None), (ten + 1, Some("limit"))] {
        assert_eq!(rule(unzip(&zip(&[packed("a", &zeros(bytes))]))), expected, "zip {bytes}");
        assert_eq!(rule(gunzip(&gz(&zeros(bytes)))), expected, "gz {bytes}");
    }
    // Exactly 200 times, and one byte more.
    let limits = |from| limits(|limits| limits.ratio_from_bytes = from);
    let bytes = zip(&[packed("a", &zeros(100_000))]);
    for (file_bytes, expected) in [(500, None), (499, Some("limit"))] {
        let allowance = Allowance::of_file(file_bytes, limits(1)).unwrap();
        assert_eq!(rule(unzip_with(&bytes, &allowance)), expected, "{file_bytes}");
    }
}

#[test]
fn containers_are_nested_once_and_share_one_allowance() {
    let inner = zip(&[packed("inner/path.xml", b"<a/>"), stored("b", b"x")]);
    let outer = zip(&[stored("inner.zip", &inner)]);
    let open = |bytes: &[u8], allowance: &Allowance| {
        let mut source = Cursor::new(bytes.to_vec());
        let archive = Archive::open(&mut source, allowance)?;
        let entry = archive.entries()[0].clone();
        let nested = archive.read(&entry, &mut source, |file| spooled(file))??;
        Ok::<_, Defects>((nested, archive.inside().clone()))
    };
    let (mut nested, inside) = open(&outer, &allowance(&outer)).unwrap();
    let archive = Archive::open(&mut nested, &inside).unwrap();
    assert_eq!(&*archive.entries()[0].name, "inner/path.xml");
    assert_eq!(rule(Archive::open(&mut nested, archive.inside())), Some("limit"), "twice");
    assert_eq!(rule(gzip::unpacked(&b""[..], archive.inside())), Some("limit"), "gz in zip in zip");

    // Three entries in all: the outer's one and the inner's two.
    for (max, expected) in [(3, None), (2, Some("limit"))] {
        let limits = limits(|limits| limits.entries_max = max);
        let allowance = Allowance::of_file(outer.len() as u64, limits).unwrap();
        let (mut nested, inside) = open(&outer, &allowance).unwrap();
        assert_eq!(rule(Archive::open(&mut nested, &inside)), expected, "{max}");
    }
}

#[test]
fn a_zip_is_read_by_several_threads_with_one_directory() {
    let files: Vec<Raw> =
        (0..500).map(|n| packed(&format!("{n}.xml"), format!("<n>{n}</n>").as_bytes())).collect();
    let bytes = zip(&files);
    let archive = Archive::open(&mut Cursor::new(&bytes), &allowance(&bytes)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let (archive, bytes) = (archive.clone(), &bytes);
            scope.spawn(move || {
                let mut source = Cursor::new(bytes);
                for (number, entry) in archive.entries().iter().enumerate().skip(thread).step_by(2)
                {
                    let mut text = String::new();
                    let read =
                        archive.read(entry, &mut source, |file| file.read_to_string(&mut text));
                    assert!(read.unwrap().is_ok());
                    assert_eq!(text, format!("<n>{number}</n>"));
                }
            });
        }
    });
}

#[test]
fn an_entry_that_is_left_unread_is_checked_too() {
    let bytes = zip(&[Raw { crc: 7, ..packed("a", &vec![b'x'; 100_000]) }]);
    let mut source = Cursor::new(&bytes);
    let archive = Archive::open(&mut source, &allowance(&bytes)).unwrap();
    let entry = archive.entries()[0].clone();
    assert_eq!(rule(archive.read(&entry, &mut source, |_| ())), Some("container"));
}

#[test]
fn every_member_of_a_gzip_is_read_and_nothing_may_follow() {
    let two = [gz(b"one "), gz(b"two")].concat();
    assert_eq!(gunzip(&two).unwrap(), b"one two");
    assert_eq!(gunzip(&gz(b"")).unwrap(), b"");
    let mut wrong_checksum = gz(b"one");
    let place = wrong_checksum.len() - 8;
    wrong_checksum[place] ^= 1;
    for (name, bytes) in [
        ("garbage after", [gz(b"one"), b"garbage that is no member".to_vec()].concat()),
        ("checksum", wrong_checksum),
        ("nothing", Vec::new()),
    ] {
        assert_eq!(rule(gunzip(&bytes)), Some("container"), "{name}");
    }
}

#[test]
fn the_sum_of_what_gzips_unpack_to_has_a_maximum() {
    for (max, expected) in [(7, None), (6, Some("limit"))] {
        let limits = limits(|limits| limits.unpacked_bytes_max = max);
        let bytes = [gz(b"one "), gz(b"two")].concat();
        let allowance = Allowance::of_file(bytes.len() as u64, limits).unwrap();
        let (mut reader, _) = gzip::unpacked(&bytes[..], &allowance).unwrap();
        let read = reader.read_to_end(&mut Vec::new());
        assert_eq!(rule(read.map_err(|error| read_failure(&error, Place::WHOLE_FILE))), expected);
    }
}

/// p7m files that OpenSSL has made of one content.
const SIGNED: [(&str, &[u8]); 6] = [
    ("DER", include_bytes!("../fixtures/signed-der.p7m")),
    ("BER", include_bytes!("../fixtures/signed-ber-indefinite.p7m")),
    ("base64", include_bytes!("../fixtures/signed-base64.p7m")),
    ("PEM", include_bytes!("../fixtures/signed-pem.p7m")),
    ("S/MIME opaque", include_bytes!("../fixtures/signed-smime-opaque.p7m")),
    (
        "S/MIME multipart",
        include_bytes!("../fixtures/signed-smime-multipart-without-part-headers.p7m"),
    ),
];

#[test]
fn the_content_of_every_form_of_p7m_is_found() {
    for (name, bytes) in SIGNED {
        assert_eq!(unsigned(bytes).unwrap(), CONTENT, "{name}");
    }
}

#[test]
fn the_first_part_of_a_signed_message_is_read_out_of_its_transfer_encoding() {
    let message = |encoding: &str, body: &str| {
        format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=sha-256;\r\n\tboundary=\"=_b\"\r\n\r\n\
             preamble\r\n--=_b\r\nContent-Type: application/xml\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n\
             {body}\r\n--=_b\r\nContent-Type: application/pkcs7-signature\r\n\r\nAAAA\r\n--=_b--\r\n"
        )
    };
    for (encoding, body, expected) in [
        ("8bit", "<a>\r\n è\r\n</a>", Some("<a>\r\n è\r\n</a>")),
        ("7BIT", "<a/>\r\n", Some("<a/>\r\n")),
        ("base64", "PGE+w6g8\r\nL2E+", Some("<a>è</a>")),
        ("quoted-printable", "<a x=3D'1'>=C3=A8=\r\n</a>", Some("<a x='1'>è</a>")),
        ("quoted-printable", "=C", None),
        ("base64", "PGE+w6g8L2E", None),
        ("x-uuencode", "x", None),
    ] {
        let read = unsigned(message(encoding, body).as_bytes());
        let text = read.ok().map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(text.as_deref(), expected, "{encoding} {body}");
    }
    let long = format!("<a>{}</a>", "x".repeat(100_000));
    assert_eq!(unsigned(message("8bit", &long).as_bytes()).unwrap(), long.as_bytes());
}

/// An element of DER with a length of four bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

/// An element of BER without a length.
fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], content, &[0, 0]].concat()
}

fn signed_data(wrap: fn(u8, &[u8]) -> Vec<u8>, content: &[u8]) -> Vec<u8> {
    let oid = |last: u8| [b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", &[last][..]].concat();
    let encapsulated = wrap(0x30, &[oid(1), wrap(0xa0, content)].concat());
    let algorithms = wrap(0x31, &wrap(0x30, b"\x06\x01\x2a"));
    let signers = wrap(0x31, b"");
    let signed =
        wrap(0x30, &[b"\x02\x01\x01".to_vec(), algorithms, encapsulated, signers].concat());
    wrap(0x30, &[oid(2), wrap(0xa0, &signed)].concat())
}

#[test]
fn content_in_pieces_is_put_together() {
    let pieces = |wrap: fn(u8, &[u8]) -> Vec<u8>| {
        let inner = wrap(0x24, &[der(0x04, b"two "), der(0x04, b"")].concat());
        wrap(0x24, &[der(0x04, b"one "), inner, der(0x04, b"three")].concat())
    };
    for (name, bytes) in [
        ("known lengths", signed_data(der, &pieces(der))),
        ("no lengths", signed_data(ber, &pieces(ber))),
        ("no lengths around, pieces with", signed_data(ber, &pieces(der))),
        ("zeros after", [signed_data(der, &pieces(ber)), vec![0; 700]].concat()),
    ] {
        assert_eq!(unsigned(&bytes).unwrap(), b"one two three", "{name}");
    }
}

#[test]
fn a_p7m_that_is_wrong_is_refused() {
    let mut deep = der(0x04, b"x");
    for _ in 0..100 {
        deep = ber(0x24, &deep);
    }
    let longer = [&[0x04, 0x7f][..], b"x"].concat();
    for (name, bytes) in [
        ("detached", include_bytes!("../fixtures/signature-detached.p7m").to_vec()),
        ("nothing", Vec::new()),
        ("text", b"not a p7m".to_vec()),
        ("longer than what holds it", signed_data(der, &longer)),
        ("a string of another kind", signed_data(der, &der(0x0c, b"x"))),
        ("pieces of another kind", signed_data(der, &der(0x24, &der(0x0c, b"x")))),
        ("nested too deep", signed_data(ber, &deep)),
        ("something after", [signed_data(der, &der(0x04, b"x")), b"x".to_vec()].concat()),
        ("a length of 2^64", b"\x30\x89\x01\0\0\0\0\0\0\0\0".to_vec()),
    ] {
        assert_eq!(rule(unsigned(&bytes)), Some("container"), "{name}");
    }
}

#[test]
fn a_file_is_signed_at_most_three_times_over() {
    let mut inside = allowance(CONTENT);
    for _ in 0..3 {
        (_, inside) = p7m::content(SIGNED[0].1, &inside).unwrap();
    }
    assert_eq!(rule(p7m::content(SIGNED[0].1, &inside).map(|_| ())), Some("limit"));
}

#[test]
fn what_is_cut_short_anywhere_is_refused() {
    let zip = zip(&[packed("a.xml", CONTENT), stored("b.xml", b"<b/>")]);
    for length in 0..zip.len() {
        assert!(unzip(&zip[..length]).is_err(), "zip at {length}");
    }
    let gz = gz(CONTENT);
    for length in 0..gz.len() {
        assert!(gunzip(&gz[..length]).is_err(), "gz at {length}");
    }
    for (name, bytes) in SIGNED {
        for length in 0..bytes.len() {
            // The last line of a text may be cut without loss.
            let read = unsigned(&bytes[..length]);
            assert!(read.is_err() || length > bytes.len() - 40, "{name} at {length}");
            assert!(read.is_err() || read.unwrap() == CONTENT, "{name} at {length}");
        }
    }
}

proptest! {
    #[test]
    fn a_broken_container_never_panics_and_never_gives_another_content(
        breaks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let broken = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            for (place, byte) in &breaks {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            bytes
        };
        if let Ok(files) = unzip(&broken(&zip(&[packed("a.xml", CONTENT), stored("b.xml", CONTENT)]))) {
            prop_assert!(files.iter().all(|(_, data)| data == CONTENT));
        }
        if let Ok(data) = gunzip(&broken(&gz(CONTENT))) {
            prop_assert_eq!(data, CONTENT);
        }
        for (_, bytes) in SIGNED {
            let _ = unsigned(&broken(bytes));
        }
    }
}

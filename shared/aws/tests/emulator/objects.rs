//! Objects: inputs in pieces, the quarantine, the report.

use std::io::{Read, Seek, SeekFrom, Write};

use aws::{Attempt, AuditBucket, Inbox, KeyObject, Place, QuarantineBucket, ReportsBucket};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    VersioningConfiguration,
};
use engine::digest::Digests;
use engine::intake::Input;
use engine::port::{PortError, Quarantine};
use report::Files;

use crate::{Emulated, emulated};

impl Emulated {
    /// A bucket of its own: their names are everybody's.
    fn bucket(&self) -> String {
        let name = format!("bucket-{}", self.account);
        let here = BucketLocationConstraint::from("eu-south-1");
        let here = CreateBucketConfiguration::builder().location_constraint(here).build();
        let create = self.s3().create_bucket().bucket(&name);
        Self::run(create.create_bucket_configuration(here).send()).unwrap();
        name
    }

    fn put(&self, key: &str, content: &[u8]) {
        let put = self.s3().put_object().bucket(format!("bucket-{}", self.account)).key(key);
        Self::run(put.body(content.to_vec().into()).send()).unwrap();
    }

    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let get = self.s3().get_object().bucket(format!("bucket-{}", self.account)).key(key);
        Self::run(async { Some(get.send().await.ok()?.body.collect().await.ok()?.to_vec()) })
    }
}

/// Bytes that tell where they are.
fn content(bytes: u32) -> Vec<u8> {
    (0..bytes / 4).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn an_object_is_read_from_anywhere_however_large() {
    let home = emulated!();
    let inbox = Inbox::new(home.cloud(), home.bucket());
    let place = Place::now("inbox/a");
    for size in [0, 4, 4 << 20, (9 << 20) + 4] {
        home.put("inbox/a", &content(size));
        let tag = inbox.tag(&place).unwrap().unwrap();
        let object = inbox.object(&place, &tag, "a", Attempt::new(&[], None)).unwrap();
        assert_eq!((object.name(), object.size().unwrap()), ("a", u64::from(size)));
        let mut read = Vec::new();
        let mut reader = object.open().unwrap();
        reader.read_to_end(&mut read).unwrap();
        assert!(read == content(size), "{size} bytes");
        for at in [0, 1, u64::from(size) / 2] {
            let mut rest = Vec::new();
            reader.seek(SeekFrom::Start(at)).unwrap();
            reader.read_to_end(&mut rest).unwrap();
            assert!(rest == read[usize::try_from(at).unwrap().min(read.len())..], "from {at}");
        }
    }
    assert_eq!(inbox.tag(&Place::now("inbox/none")).unwrap(), None);
}

/// An upload that comes while the one before is read must not be read as one with it.
#[test]
fn an_object_that_changes_while_it_is_read_spoils_the_attempt() {
    let home = emulated!();
    let inbox = Inbox::new(home.cloud(), home.bucket());
    let place = Place::now("inbox/a");
    home.put("inbox/a", b"first");
    let tag = inbox.tag(&place).unwrap().unwrap();
    let object = inbox.object(&place, &tag, "a", Attempt::new(&[], None)).unwrap();
    home.put("inbox/a", b"other");
    assert!(object.open().unwrap().read_to_end(&mut Vec::new()).is_err());
    let gone = inbox.object(&place, &tag, "a", Attempt::new(&[], None));
    assert!(matches!(gone, Err(PortError::Retry(_))));
}

/// Who uploads under the same name twice has uploaded twice: the second may be there when the first
/// is read.
#[test]
fn an_object_that_was_replaced_is_read_by_its_version() {
    let home = emulated!();
    let (inbox, bucket) =
        (Inbox::new(home.cloud(), home.bucket()), format!("bucket-{}", home.account));
    let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let versioned = home
        .s3()
        .put_bucket_versioning()
        .bucket(&bucket)
        .versioning_configuration(versioned.build());
    Emulated::run(versioned.send()).unwrap();
    let upload = |content: &[u8]| {
        let put =
            home.s3().put_object().bucket(&bucket).key("inbox/a").body(content.to_vec().into());
        Place { version: Emulated::run(put.send()).unwrap().version_id, ..Place::now("inbox/a") }
    };
    let read = |place: &Place| {
        let tag = inbox.tag(place).unwrap().unwrap();
        let object = inbox.object(place, &tag, "a", Attempt::new(&[], None)).unwrap();
        let mut content = String::new();
        object.open().unwrap().read_to_string(&mut content).unwrap();
        content
    };
    let (first, second) = (upload(b"first"), upload(b"other"));
    assert_ne!(first.version, second.version);
    assert_eq!(
        (read(&first), read(&second), read(&Place::now("inbox/a"))),
        ("first".into(), "other".into(), "other".into())
    );
    Emulated::run(home.s3().delete_object().bucket(&bucket).key("inbox/a").send()).unwrap();
    assert_eq!(read(&first), "first");
    assert_eq!(inbox.tag(&Place::now("inbox/a")).unwrap(), None);
}

#[test]
fn a_refused_input_is_kept_byte_for_byte_beside_its_note() {
    let home = emulated!();
    let mut quarantine = QuarantineBucket::new(home.cloud(), home.bucket());
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let large = content(11 << 20);
    quarantine.keep(hash.parse().unwrap(), &mut &large[..], r#"{"name":"a.xml"}"#).unwrap();
    assert!(home.get(hash).unwrap() == large);
    assert_eq!(home.get(&format!("{hash}.json")).unwrap(), br#"{"name":"a.xml"}"#);
}

#[test]
fn files_of_a_report_show_when_published_and_replace_those_before() {
    let home = emulated!();
    let files = ReportsBucket::new(home.cloud(), home.bucket());
    home.put("payments.csv", b"before");
    let mut small = files.create("summary.json").unwrap();
    let mut large = files.create("payments.csv").unwrap();
    small.write_all(b"{}").unwrap();
    large.write_all(&content(12 << 20)).unwrap();
    files.create("dropped.csv").unwrap().write_all(&content(12 << 20)).unwrap();
    assert_eq!(
        (home.get("summary.json"), home.get("payments.csv").unwrap()),
        (None, b"before".to_vec())
    );
    files.publish(vec![small, large]).unwrap();
    assert_eq!(home.get("summary.json").unwrap(), b"{}");
    assert!(home.get("payments.csv").unwrap() == content(12 << 20));
    assert_eq!(home.get("dropped.csv"), None);
}

#[test]
fn keys_are_made_once_whoever_makes_them() {
    let home = emulated!();
    let keys = KeyObject::new(home.cloud(), home.bucket());
    assert_eq!(keys.load().unwrap(), None);
    let made: Vec<_> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..24)
            .map(|_| {
                let keys = KeyObject::new(home.cloud(), format!("bucket-{}", home.account));
                scope.spawn(move || keys.make().unwrap())
            })
            .collect();
        makers.into_iter().map(|maker| maker.join().unwrap()).collect()
    });
    let there = keys.load().unwrap();
    assert!(made.into_iter().all(|ring| Some(ring) == there));
    home.put("config/quadra.key", b"{}");
    assert!(keys.load().is_err());
}

#[test]
fn a_day_keeps_its_first_digest_and_the_last_day_is_the_last() {
    let home = emulated!();
    let mut digests = AuditBucket::new(home.cloud(), home.bucket());
    assert_eq!(digests.last().unwrap(), None);
    digests.keep("2026-11-14", "first").unwrap();
    digests.keep("2026-11-14", "other").unwrap();
    assert_eq!(digests.last().unwrap().as_deref(), Some("first"));
    digests.keep("2026-12-01", "later").unwrap();
    digests.keep("2026-11-30", "earlier").unwrap();
    assert_eq!(digests.last().unwrap().as_deref(), Some("later"));
}

/// A list of S3 has pages of a thousand.
#[test]
fn the_last_of_more_digests_than_a_page_is_found() {
    let home = emulated!();
    let mut digests = AuditBucket::new(home.cloud(), home.bucket());
    let first: jiff::civil::Date = "2020-01-01".parse().unwrap();
    for day in first.series(jiff::Span::new().days(1)).take(1_001) {
        digests.keep(&day.to_string(), &day.to_string()).unwrap();
    }
    assert_eq!(digests.last().unwrap().as_deref(), Some("2022-09-27"));
}

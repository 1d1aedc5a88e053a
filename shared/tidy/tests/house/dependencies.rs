//! Dependencies point inward.

use std::collections::BTreeSet;
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::root;

/// What each shared room may be built on, of the house. A room that is not here has no place yet.
const ROOMS: [(&str, &[&str]); 14] = [
    ("appio", &["domain", "engine"]),
    ("domain", &[]),
    ("formats", &["domain"]),
    ("report", &["domain"]),
    ("messages", &["domain"]),
    // The sample knows what is true by having made it, never by the rules that it is a test of.
    ("sample", &["domain"]),
    ("engine", &["domain", "formats", "messages", "report"]),
    ("conformance", &["domain", "engine", "formats", "report"]),
    ("embedded", &["domain", "engine", "formats", "report"]),
    ("pagopa", &["domain", "engine"]),
    ("aws", &["domain", "engine", "formats", "report"]),
    ("lambda", &["appio", "aws", "domain", "engine", "formats", "pagopa", "report"]),
    ("fuzz", &["conformance", "domain", "engine", "formats"]),
    ("tidy", &[]),
];

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).no_deps().exec().unwrap()
}

fn is_function(package: &Package) -> bool {
    package.manifest_path.starts_with(root().join("functions"))
}

/// What a package needs to be built and run, without its tests.
fn needs(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies.filter(|one| one.kind != DependencyKind::Development).map(|one| &*one.name)
}

#[test]
fn dependencies_point_inward() {
    let metadata = metadata();
    let house: BTreeSet<_> = metadata.packages.iter().map(|package| &**package.name).collect();
    for package in metadata.packages.iter().filter(|package| !is_function(package)) {
        let (_, allowed) = ROOMS
            .iter()
            .find(|(room, _)| *room == package.name.as_str())
            .unwrap_or_else(|| panic!("{} has no place in ROOMS", package.name));
        for needed in needs(package).filter(|needed| house.contains(needed)) {
            assert!(allowed.contains(&needed), "{} must not name {needed}", package.name);
        }
    }
}

#[test]
fn every_room_of_the_table_is_there() {
    let metadata = metadata();
    for (room, _) in ROOMS {
        assert!(metadata.packages.iter().any(|package| package.name.as_str() == room), "{room}");
    }
}

#[test]
fn nobody_is_built_on_a_function() {
    let metadata = metadata();
    let functions: BTreeSet<_> = metadata
        .packages
        .iter()
        .filter(|package| is_function(package))
        .map(|package| &**package.name)
        .collect();
    assert!(!functions.is_empty());
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            assert!(!functions.contains(&*dependency.name), "{}", package.name);
        }
    }
}

/// Who builds without naming a room does not wait for the SDK; and tests every other room.
#[test]
fn all_rooms_but_those_of_the_cloud_are_built_unasked() {
    let metadata = metadata();
    let unasked: BTreeSet<_> =
        metadata.workspace_default_packages().iter().map(|package| &*package.name).collect();
    for package in &metadata.packages {
        let of_cloud = needs(package)
            .any(|needed| ["aws", "lambda"].contains(&needed) || needed.starts_with("aws-"));
        assert_eq!(unasked.contains(&package.name.to_string()), !of_cloud, "{}", package.name);
    }
}

#[test]
fn no_room_but_aws_names_its_sdk() {
    for package in metadata().packages.iter().filter(|package| package.name.as_str() != "aws") {
        for dependency in &package.dependencies {
            assert!(!dependency.name.starts_with("aws-"), "{}", package.name);
        }
    }
}

/// Built alone, with the features that it asks for itself.
#[test]
fn domain_knows_no_serialization_and_no_runtime() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "-p", "domain", "-e", "normal,build", "--prefix", "none"])
        .args(["--format", "{lib}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let crates: BTreeSet<_> =
        str::from_utf8(&tree.stdout).unwrap().lines().map(str::trim).collect();
    assert!(crates.contains("jiff"), "{crates:?}");
    for absent in ["serde", "serde_core", "serde_json", "tokio", "futures_core", "rand_core"] {
        assert!(!crates.contains(absent), "domain is built on {absent}");
    }
}

//! The file as others meet it: SQLite tools, older and newer programs.

#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use std::path::Path;

use embedded::{Store, StoreError};
use engine::port::{
    Asks, Change, Fact, Hash, Put, ReadFacts, Source, Subject, Unit, WriteFacts, WriteOutcomes,
};
use rusqlite::Connection;
use tempfile::TempDir;

fn filled() -> (TempDir, Connection) {
    let data = TempDir::new().unwrap();
    let mut writer = Store::open(data.path()).unwrap().writer().unwrap();
    writer.open().unwrap();
    let fact = Fact {
        partition: "01234567897#CREDIT#2026#123".to_owned(),
        sort: "MOVEMENT#1".to_owned(),
        body: r#"{"amount":"1.00"}"#.to_owned(),
        source: Source { file: "journal.xml".to_owned(), line: 12 },
    };
    let put = writer.put(Unit { facts: vec![fact], asks: vec![] }).unwrap();
    assert_eq!(put, Put::New);
    writer.seal().unwrap();
    writer.commit().unwrap();
    let change = Change {
        subject: Subject("01234567897#CREDIT#2026#123".to_owned()),
        from_version: 0,
        body: r#"{"state":"matched"}"#.to_owned(),
        entry: r#"{"after":"matched"}"#.to_owned(),
        entry_hash: Hash([0xab; 32]),
        answers: vec![],
    };
    assert_eq!(writer.conclude(&[change]).unwrap(), [true]);
    let connection = Connection::open(data.path().join("quadra.sqlite")).unwrap();
    (data, connection)
}

fn texts(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let text = |row: &rusqlite::Row, column| match row.get(column).unwrap() {
        rusqlite::types::Value::Text(text) => text,
        rusqlite::types::Value::Integer(number) => number.to_string(),
        other => panic!("{other:?} is not for people"),
    };
    statement
        .query_row([], |row| Ok((0..columns).map(|column| text(row, column)).collect()))
        .unwrap()
}

#[test]
fn people_read_views_with_the_name_taken_apart() {
    let (_data, connection) = filled();
    let name = ["01234567897", "CREDIT", "2026#123"];
    let facts = texts(&connection, "SELECT * FROM facts");
    assert_eq!(facts[..3], name);
    assert_eq!(facts[3..], ["MOVEMENT#1", r#"{"amount":"1.00"}"#, "journal.xml", "12"]);
    let hash = "ab".repeat(32);
    let outcomes = texts(&connection, "SELECT * FROM outcomes");
    assert_eq!(outcomes[..3], name);
    assert_eq!(outcomes[3..], ["1", "matched", r#"{"state":"matched"}"#, &hash]);
    let journal = texts(&connection, "SELECT * FROM journal");
    assert_eq!(journal[..3], name);
    assert_eq!(journal[3..], ["1", r#"{"after":"matched"}"#, &hash]);
}

#[test]
fn no_tool_changes_facts_or_the_journal_by_mistake() {
    let (_data, connection) = filled();
    for refused in [
        "DELETE FROM fact",
        "UPDATE fact SET body = '{}'",
        "UPDATE fact SET partition = 'other'",
        "UPDATE fact SET sort = 'other'",
        "UPDATE fact SET id = id + 1",
        "UPDATE fact SET line = 13",
        "UPDATE fact SET file = 'k.xml', line = 1",
        "UPDATE fact SET file = file",
        "DELETE FROM entry",
        "UPDATE entry SET body = '{}'",
        "UPDATE entry SET version = 2",
    ] {
        assert!(connection.execute(refused, []).is_err(), "{refused}");
    }
    for allowed in ["UPDATE fact SET line = 9", "UPDATE fact SET file = 'a.xml', line = 99"] {
        assert_eq!(connection.execute(allowed, []).unwrap(), 1, "{allowed}");
    }
}

#[test]
fn it_is_logged_ahead_and_has_its_schema_version() {
    let (_data, connection) = filled();
    assert_eq!(texts(&connection, "PRAGMA journal_mode"), ["wal"]);
    assert_eq!(texts(&connection, "PRAGMA user_version"), ["1"]);
    assert_eq!(texts(&connection, "PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn a_file_of_a_newer_program_is_refused_and_left_alone() {
    let (data, connection) = filled();
    connection.pragma_update(None, "user_version", 7).unwrap();
    let refused = Store::open(data.path()).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found: 7, known: 1, .. }), "{refused}");
    assert_eq!(texts(&connection, "PRAGMA user_version"), ["7"]);
}

#[test]
fn a_file_that_is_not_sqlite_is_refused_and_left_alone() {
    let data = TempDir::new().unwrap();
    let path = data.path().join("quadra.sqlite");
    let theirs = "something else ".repeat(100);
    std::fs::write(&path, &theirs).unwrap();
    assert!(matches!(Store::open(data.path()), Err(StoreError::Sqlite { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), theirs);
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let refused = Store::open(Path::new("/dev/null/data"));
    assert!(matches!(refused, Err(StoreError::Folder { .. })));
}

#[test]
fn many_may_make_the_store_at_once() {
    let data = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| Store::open(data.path()).unwrap().writer().unwrap());
        }
    });
}

/// Neither opening, nor reading, waits for a scope that stays open; writing does, and succeeds.
#[test]
fn a_long_scope_holds_up_writers_only() {
    let (data, _connection) = filled();
    let store = Store::open(data.path()).unwrap();
    let mut long = store.writer().unwrap();
    long.open().unwrap();
    let mut reader = Store::open(data.path()).unwrap().reader().unwrap();
    let partition = "01234567897#CREDIT#2026#123".to_owned();
    assert_eq!(reader.facts(&[partition]).unwrap()[0].len(), 1);
    let mut writer = store.writer().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || writer.ask(&[Subject("a".to_owned())]));
        // Longer than the 5 s after which SQLite gives up when nothing is set.
        std::thread::sleep(std::time::Duration::from_secs(6));
        assert!(!waiting.is_finished());
        long.seal().unwrap();
        long.commit().unwrap();
        waiting.join().unwrap().unwrap();
    });
}

//! Writing: facts in scopes, outcomes with their journal entries, the queue.

use std::thread::sleep;
use std::time::{Duration, Instant};

use engine::port::{
    Asks, Change, Fact, PortError, PortResult, Put, Source, Subject, Ticket, Unit, WorkQueue,
    WriteFacts, WriteOutcomes,
};
use rusqlite::{Connection, params};

use crate::Reader;
use crate::store::port_error;

/// How long a writer stays away after a long turn, so that another process gets one too.
pub(crate) const PAUSE: Duration = Duration::from_millis(4);

/// A turn that is long: the pause is a small part of it.
const LONG_TURN: Duration = Duration::from_millis(200);

const PUT: &str = "INSERT INTO fact (partition, sort, body, file, line) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
const KNOWN: &str = "SELECT id, body = ?3, (?4, ?5) < (file, line) FROM fact \
    WHERE partition = ?1 AND sort = ?2";
const MEET_SOURCE: &str = "INSERT INTO smaller_source (fact, file, line) VALUES (?1, ?2, ?3)";
const MET_SOURCES: &str = "SELECT fact, file, line FROM smaller_source";
const GIVE_SOURCE: &str = "UPDATE fact SET file = ?2, line = ?3 \
    WHERE id = ?1 AND (?2, ?3) < (file, line)";
const ASK: &str = "INSERT INTO new_ask (ticket, subject) VALUES (?1, ?2)";
const QUEUE_ASKS: &str = "INSERT INTO ask (subject, ticket) \
    SELECT subject, max(ticket) FROM new_ask WHERE true GROUP BY subject \
    ON CONFLICT DO UPDATE SET ticket = excluded.ticket";
const FIRST_OUTCOME: &str = "INSERT INTO outcome (version, body, entry_hash, subject) \
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
const NEXT_OUTCOME: &str = "UPDATE outcome SET version = ?1, body = ?2, entry_hash = ?3 \
    WHERE subject = ?4 AND version = ?1 - 1";
const ENTRY: &str = "INSERT INTO entry (version, body, hash, subject) VALUES (?1, ?2, ?3, ?4)";
const ANSWER: &str = "DELETE FROM ask WHERE subject = ?1 AND ticket <= ?2";
const COMMITTED: &str = "SELECT fact, ticket FROM committed";
const KEEP_COMMITTED: &str = "UPDATE committed SET fact = ?1, ticket = ?2";
// As for the other prefixes: read from there on, as long as the name begins with it.
const ASKED: &str = "SELECT subject, ticket FROM ask WHERE subject >= ?1 ORDER BY subject LIMIT ?2";

/// Reads and writes the store over a connection of its own.
///
/// From the first [`WriteFacts::open`] to [`WriteFacts::commit`] it has the turn: other writers
/// wait, readers do not. Nothing remains of a turn that is not committed: of a writer that is
/// dropped or killed, or whose call failed. After a failure inside a turn only a new writer helps.
#[derive(Debug)]
pub struct Writer {
    reader: Reader,
    /// Begun and not committed.
    turn: Option<Turn>,
}

/// What goes on between the begin and the commit of a transaction.
#[derive(Debug)]
struct Turn {
    since: Instant,
    /// Where it began.
    begin: Mark,
    /// How far it has come.
    end: Mark,
    /// Where each open scope began, one in the other.
    scopes: Vec<Mark>,
}

/// A place in what is only appended: the last of each at some moment. A scope and a unit are what
/// comes after their mark, so that taking them back needs no savepoint: those copy every page that
/// is touched, and there may be a scope for each fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    fact: i64,
    ticket: u64,
    smaller_source: i64,
}

impl Writer {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { reader: Reader::new(connection), turn: None }
    }

    /// One turn: its work is done whole, or not at all.
    fn at_once<T>(
        &self,
        work: impl FnOnce(&Connection, &mut Turn) -> rusqlite::Result<T>,
    ) -> PortResult<T> {
        if self.turn.is_some() {
            return Err(misuse("what was put is not committed yet"));
        }
        let connection = &self.reader.connection;
        let mut turn = begin(connection).map_err(|error| port_error(&error))?;
        work(connection, &mut turn)
            .and_then(|value| end(connection, &turn).map(|()| value))
            .map_err(|error| forget(connection, &error))
    }

    /// Where the inmost open scope began.
    fn inmost_scope(&self) -> PortResult<Mark> {
        let turn = self.turn.as_ref();
        turn.and_then(|turn| turn.scopes.last().copied()).ok_or_else(|| misuse("no scope is open"))
    }

    /// A part of a turn.
    fn in_turn<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Turn) -> rusqlite::Result<T>,
    ) -> PortResult<T> {
        let connection = &self.reader.connection;
        let turn = self.turn.as_mut().filter(|_| !connection.is_autocommit());
        let turn = turn.ok_or_else(|| misuse("a failure has ended the turn"))?;
        work(connection, turn).map_err(|error| forget(connection, &error))
    }
}

impl WriteFacts for Writer {
    fn open(&mut self) -> PortResult<()> {
        if self.turn.is_none() {
            let turn = begin(&self.reader.connection).map_err(|error| port_error(&error))?;
            self.turn = Some(turn);
        }
        self.in_turn(|_, turn| {
            turn.scopes.push(turn.end);
            Ok(())
        })
    }

    fn put(&mut self, unit: Unit) -> PortResult<Put> {
        if unit.facts.len() > Unit::FACTS_MAX {
            return Err(misuse("the unit has too many facts"));
        }
        self.inmost_scope()?;
        self.in_turn(|connection, turn| put(connection, turn, &unit))
    }

    fn seal(&mut self) -> PortResult<()> {
        self.inmost_scope()?;
        self.in_turn(|_, turn| {
            turn.scopes.pop();
            Ok(())
        })
    }

    fn abandon(&mut self) -> PortResult<()> {
        let start = self.inmost_scope()?;
        self.in_turn(|connection, turn| {
            turn.scopes.pop();
            take_back(connection, turn, start)
        })
    }

    fn commit(&mut self) -> PortResult<()> {
        if self.inmost_scope().is_ok() {
            return Err(misuse("a scope is open"));
        }
        if self.turn.is_some() {
            self.in_turn(|connection, turn| end(connection, turn))?;
            self.turn = None;
        }
        Ok(())
    }
}

impl WriteOutcomes for Writer {
    fn conclude(&mut self, changes: &[Change]) -> PortResult<Vec<bool>> {
        self.at_once(|connection, _| {
            changes.iter().map(|change| conclude(connection, change)).collect()
        })
    }
}

impl Asks for Writer {
    fn ask(&mut self, subjects: &[Subject]) -> PortResult<()> {
        self.at_once(|connection, turn| ask(connection, turn, subjects))
    }
}

impl WorkQueue for Writer {
    fn asked(&mut self, prefix: &str, most: usize) -> PortResult<Vec<Ticket>> {
        asked(&self.reader.connection, prefix, most).map_err(|error| port_error(&error))
    }

    fn last_ticket(&mut self) -> PortResult<u64> {
        let committed = committed(&self.reader.connection).map_err(|error| port_error(&error))?;
        Ok(committed.ticket)
    }

    fn answer(&mut self, tickets: &[Ticket]) -> PortResult<()> {
        self.at_once(|connection, _| answer(connection, tickets))
    }
}

engine::read_through!(Writer, reader);

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// Waits for the turn and takes it.
fn begin(connection: &Connection) -> rusqlite::Result<Turn> {
    run(connection, "BEGIN IMMEDIATE")?;
    let begin = committed(connection).inspect_err(|_| roll_back(connection))?;
    Ok(Turn { since: Instant::now(), begin, end: begin, scopes: Vec::new() })
}

fn end(connection: &Connection, turn: &Turn) -> rusqlite::Result<()> {
    let Mark { fact, ticket, smaller_source } = turn.end;
    if smaller_source > 0 {
        give_smaller_sources(connection)?;
    }
    if ticket > turn.begin.ticket {
        run(connection, QUEUE_ASKS)?;
        run(connection, "DELETE FROM new_ask")?;
    }
    if turn.end != turn.begin {
        connection.prepare_cached(KEEP_COMMITTED)?.execute(params![fact, ticket])?;
    }
    run(connection, "COMMIT")?;
    if turn.since.elapsed() > LONG_TURN {
        sleep(PAUSE);
    }
    Ok(())
}

/// How far the committed turns reach.
fn committed(connection: &Connection) -> rusqlite::Result<Mark> {
    connection
        .prepare_cached(COMMITTED)?
        .query_row([], |row| Ok(Mark { fact: row.get(0)?, ticket: row.get(1)?, smaller_source: 0 }))
}

/// Nothing remains of the turn.
fn forget(connection: &Connection, error: &rusqlite::Error) -> PortError {
    roll_back(connection);
    port_error(error)
}

/// That there is nothing to roll back, because SQLite has done it by itself, as when the disk is
/// full, is no failure.
fn roll_back(connection: &Connection) {
    let _ = run(connection, "ROLLBACK");
}

fn put(connection: &Connection, turn: &mut Turn, unit: &Unit) -> rusqlite::Result<Put> {
    let start = turn.end;
    let put = store(connection, turn, &unit.facts)?;
    if matches!(put, Put::Conflict(_)) {
        take_back(connection, turn, start)?;
    } else {
        ask(connection, turn, &unit.asks)?;
    }
    Ok(put)
}

/// Stores facts up to the first that is there with other content.
fn store(connection: &Connection, turn: &mut Turn, facts: &[Fact]) -> rusqlite::Result<Put> {
    let mut insert = connection.prepare_cached(PUT)?;
    let mut put = Put::Known;
    for (place, fact) in facts.iter().enumerate() {
        let Source { file, line } = &fact.source;
        if insert.execute(params![fact.partition, fact.sort, fact.body, file, line])? == 1 {
            turn.end.fact = connection.last_insert_rowid();
            put = Put::New;
        } else if !is_same(connection, turn, fact)? {
            return Ok(Put::Conflict(place));
        }
    }
    Ok(put)
}

/// Whether the fact that is there says the same; if so, it will have the smaller source.
fn is_same(connection: &Connection, turn: &mut Turn, fact: &Fact) -> rusqlite::Result<bool> {
    let Source { file, line } = &fact.source;
    let (id, same, smaller): (i64, bool, bool) = connection
        .prepare_cached(KNOWN)?
        .query_row(params![fact.partition, fact.sort, fact.body, file, line], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    if same && smaller {
        connection.prepare_cached(MEET_SOURCE)?.execute(params![id, file, line])?;
        turn.end.smaller_source = connection.last_insert_rowid();
    }
    Ok(same)
}

/// A fact that was given a smaller source could not have the larger one back: done when no scope
/// can be abandoned any more.
fn give_smaller_sources(connection: &Connection) -> rusqlite::Result<()> {
    let mut give = connection.prepare_cached(GIVE_SOURCE)?;
    let mut met = connection.prepare_cached(MET_SOURCES)?;
    let mut rows = met.query([])?;
    while let Some(row) = rows.next()? {
        let (id, file, line): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        give.execute(params![id, file, line])?;
    }
    run(connection, "DELETE FROM smaller_source")
}

/// Removes what was put after the mark.
fn take_back(connection: &Connection, turn: &mut Turn, start: Mark) -> rusqlite::Result<()> {
    let remove = |sql, last: i64| connection.prepare_cached(sql)?.execute([last]).map(|_| ());
    remove("DELETE FROM fact WHERE id > ?1", start.fact)?;
    connection.prepare_cached("DELETE FROM new_ask WHERE ticket > ?1")?.execute([start.ticket])?;
    remove("DELETE FROM smaller_source WHERE id > ?1", start.smaller_source)?;
    turn.end = start;
    Ok(())
}

fn ask(connection: &Connection, turn: &mut Turn, subjects: &[Subject]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(ASK)?;
    for subject in subjects {
        turn.end.ticket += 1;
        statement.execute(params![turn.end.ticket, subject.0])?;
    }
    Ok(())
}

fn asked(connection: &Connection, prefix: &str, most: usize) -> rusqlite::Result<Vec<Ticket>> {
    let mut statement = connection.prepare_cached(ASKED)?;
    let mut rows = statement.query(params![prefix, most])?;
    let mut tickets = Vec::new();
    while let Some(row) = rows.next()? {
        let subject: String = row.get(0)?;
        if !subject.starts_with(prefix) {
            break;
        }
        tickets.push(Ticket { subject: Subject(subject), number: row.get(1)? });
    }
    Ok(tickets)
}

fn answer(connection: &Connection, tickets: &[Ticket]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(ANSWER)?;
    for Ticket { subject, number } in tickets {
        statement.execute(params![subject.0, number])?;
    }
    Ok(())
}

/// Stores the change if the outcome still has the version that it is from.
fn conclude(connection: &Connection, change: &Change) -> rusqlite::Result<bool> {
    let Change { subject, from_version, body, entry, entry_hash, answers } = change;
    let outcome = if *from_version == 0 { FIRST_OUTCOME } else { NEXT_OUTCOME };
    let version = from_version + 1;
    let stored = connection.prepare_cached(outcome)?.execute(params![
        version,
        body,
        entry_hash.0,
        subject.0
    ])?;
    if stored == 0 {
        return Ok(false);
    }
    connection.prepare_cached(ENTRY)?.execute(params![version, entry, entry_hash.0, subject.0])?;
    answer(connection, answers)?;
    Ok(true)
}

/// A call out of its order: a mistake of the program, not of the store.
fn misuse(what: &str) -> PortError {
    PortError::Final(format!("the store was used wrongly: {what}"))
}

//! Reading: facts, outcomes and the journal over one connection.

use engine::port::{
    Entry, Fact, Hash, Outcome, PortResult, ReadFacts, ReadJournal, ReadOutcomes, Source, Subject,
};
use rusqlite::{Connection, Row};

use crate::store::port_error;

const FACTS: &str = "SELECT sort, body, file, line FROM fact WHERE partition = ?1 ORDER BY sort";
// A prefix is a range: it begins at itself and ends, for who reads on from there, at the first
// name that does not begin with it. No pattern, so no character is special.
const FACTS_FROM: &str = "SELECT sort, body, file, line, partition FROM fact \
    WHERE partition >= ?1 ORDER BY partition, sort";
const OUTCOME: &str = "SELECT version, body, entry_hash FROM outcome WHERE subject = ?1";
const OUTCOMES_FROM: &str = "SELECT version, body, entry_hash, subject FROM outcome \
    WHERE subject >= ?1 ORDER BY subject";
const ENTRIES: &str = "SELECT version, body, hash FROM entry WHERE subject = ?1 ORDER BY version";
const ENTRIES_FROM: &str = "SELECT version, body, hash, subject FROM entry \
    WHERE subject >= ?1 ORDER BY subject, version";

/// Reads the store over a connection of its own.
#[derive(Debug)]
pub struct Reader {
    pub(crate) connection: Connection,
}

impl Reader {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Runs `read` on one state of the store: several statements cost one lock, not one each.
    fn at_once<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> PortResult<T> {
        let connection = &self.connection;
        if !connection.is_autocommit() {
            return read(connection).map_err(|error| port_error(&error));
        }
        let run = |sql| connection.prepare_cached(sql)?.execute([]);
        run("BEGIN").map_err(|error| port_error(&error))?;
        let result = read(connection);
        run("COMMIT").map_err(|error| port_error(&error))?;
        result.map_err(|error| port_error(&error))
    }

    /// Visits the rows of `sql` from `prefix` on, as long as their name begins with it.
    fn scan<T>(
        &self,
        sql: &str,
        prefix: &str,
        read: impl Fn(&Row) -> rusqlite::Result<(String, T)>,
        visit: &mut dyn FnMut(String, T) -> PortResult<()>,
    ) -> PortResult<()> {
        let failed = |error: rusqlite::Error| port_error(&error);
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query([prefix]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (name, value) = read(row).map_err(failed)?;
            if !name.starts_with(prefix) {
                break;
            }
            visit(name, value)?;
        }
        Ok(())
    }
}

impl ReadFacts for Reader {
    fn facts(&mut self, partitions: &[String]) -> PortResult<Vec<Vec<Fact>>> {
        self.at_once(|connection| {
            let mut statement = connection.prepare_cached(FACTS)?;
            partitions
                .iter()
                .map(|partition| {
                    let rows = statement.query_map([partition], |row| fact(row, partition.clone()));
                    rows?.collect()
                })
                .collect()
        })
    }

    fn scan_facts(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Fact) -> PortResult<()>,
    ) -> PortResult<()> {
        let read = |row: &Row| Ok((row.get(4)?, fact(row, String::new())?));
        self.scan(FACTS_FROM, prefix, read, &mut |partition, fact| {
            visit(Fact { partition, ..fact })
        })
    }
}

impl ReadOutcomes for Reader {
    fn outcomes(&mut self, subjects: &[Subject]) -> PortResult<Vec<Option<Outcome>>> {
        self.at_once(|connection| {
            let mut statement = connection.prepare_cached(OUTCOME)?;
            subjects
                .iter()
                .map(|subject| statement.query_map([&subject.0], outcome)?.next().transpose())
                .collect()
        })
    }

    fn scan_outcomes(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Outcome) -> PortResult<()>,
    ) -> PortResult<()> {
        let read = |row: &Row| Ok((row.get(3)?, outcome(row)?));
        self.scan(OUTCOMES_FROM, prefix, read, &mut |subject, outcome| {
            visit(Subject(subject), outcome)
        })
    }
}

impl ReadJournal for Reader {
    fn entries(&mut self, subject: &Subject) -> PortResult<Vec<Entry>> {
        self.at_once(|connection| {
            connection.prepare_cached(ENTRIES)?.query_map([&subject.0], entry)?.collect()
        })
    }

    fn scan_entries(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(Subject, Entry) -> PortResult<()>,
    ) -> PortResult<()> {
        let read = |row: &Row| Ok((row.get(3)?, entry(row)?));
        self.scan(ENTRIES_FROM, prefix, read, &mut |subject, entry| visit(Subject(subject), entry))
    }
}

fn fact(row: &Row, partition: String) -> rusqlite::Result<Fact> {
    let source = Source { file: row.get(2)?, line: row.get(3)? };
    Ok(Fact { partition, sort: row.get(0)?, body: row.get(1)?, source })
}

fn outcome(row: &Row) -> rusqlite::Result<Outcome> {
    Ok(Outcome { version: row.get(0)?, body: row.get(1)?, entry_hash: Hash(row.get(2)?) })
}

fn entry(row: &Row) -> rusqlite::Result<Entry> {
    Ok(Entry { version: row.get(0)?, body: row.get(1)?, hash: Hash(row.get(2)?) })
}

//! The SQLite file: where it is, how it is opened, which version of the schema it has.

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use engine::port::{Home, PortError, PortResult};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{Reader, Writer};

/// The schema, step by step: `user_version` of a file is the number of steps it has taken.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001.sql")];

/// How long a process waits for another one that writes: a scope may be a file of 2 GiB.
const PATIENCE: Duration = Duration::from_mins(10);

/// How often it looks whether its turn has come. Shorter than [`crate::writer::PAUSE`], so that a
/// process that writes without end lets the others in.
const LOOK: Duration = Duration::from_millis(1);

/// Applied to each connection. The page size counts when the file is made: 8 KiB holds some ten
/// facts, and few levels of index.
const SETTINGS: &str = "
    PRAGMA page_size = 8192;
    PRAGMA synchronous = FULL;
";

/// KiB of pages that a connection keeps in memory; what does not fit spills into the log, so memory
/// is bounded whatever the size of a scope. A writer keeps the index of a year's facts; readers go
/// through it in order and need little.
const WRITER_CACHE: u32 = 64_000;
const READER_CACHE: u32 = 16_000;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made.
    #[error("cannot use the folder {path}: {source}")]
    Folder {
        /// The `--data` folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A later Quadra wrote it, in a form that this one does not know.
    #[error(
        "{path} was written by a newer version of this program (schema {found}, this one knows up to {known}): use that one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: usize,
        /// The latest version that is known.
        known: usize,
    },
    /// SQLite cannot open it.
    #[error("cannot open {path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

/// The store in a `--data` folder. Cheap to clone; makes a connection for each reader and writer.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
}

impl Home for Store {
    type Reader = Reader;
    type Writer = Writer;

    fn reader(&self) -> PortResult<Reader> {
        self.reader().map_err(|error| PortError::Final(error.to_string()))
    }

    fn writer(&self) -> PortResult<Writer> {
        self.writer().map_err(|error| PortError::Final(error.to_string()))
    }
}

impl Store {
    /// Opens `quadra.sqlite` in the folder `data`; makes both if they are not there, and brings the
    /// schema up to date.
    ///
    /// # Errors
    /// When the folder cannot be made, the file is of a newer version, or is no SQLite file.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(data)
            .map_err(|source| StoreError::Folder { path: data.to_owned(), source })?;
        let store = Self { path: data.join("quadra.sqlite") };
        let found = store.migrate().map_err(|source| store.error(source))?;
        if found > MIGRATIONS.len() {
            return Err(StoreError::Newer { path: store.path, found, known: MIGRATIONS.len() });
        }
        Ok(store)
    }

    /// A connection that reads. One for each thread.
    ///
    /// # Errors
    /// When SQLite cannot open the file.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let connection = self.connect(READER_CACHE).map_err(|source| self.error(source))?;
        connection.pragma_update(None, "query_only", true).map_err(|source| self.error(source))?;
        Ok(Reader::new(connection))
    }

    /// A connection that reads and writes. Writers take turns, transaction by transaction, also
    /// between processes.
    ///
    /// # Errors
    /// When SQLite cannot open the file.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        let connection = self.connect(WRITER_CACHE).map_err(|source| self.error(source))?;
        Ok(Writer::new(connection))
    }

    fn connect(&self, cache: u32) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_handler(Some(wait_for_turn))?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.execute_batch(SETTINGS)?;
        // Negative: KiB, not pages.
        connection.pragma_update(None, "cache_size", -i64::from(cache))?;
        // Statements are planned once, not again for each value that is bound to them.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(connection)
    }

    /// Takes the steps of the schema that the file has not taken; says which version it has.
    fn migrate(&self) -> rusqlite::Result<usize> {
        let mut connection = self.connect(READER_CACHE)?;
        let found = schema_version(&connection)?;
        // Looked at first, so that opening does not wait for another process that writes.
        if found >= MIGRATIONS.len() {
            return Ok(found);
        }
        use_write_ahead_log(&connection)?;
        let migration = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = schema_version(&migration)?;
        for step in MIGRATIONS.iter().skip(found) {
            migration.execute_batch(step)?;
        }
        let version = found.max(MIGRATIONS.len());
        migration.pragma_update(None, "user_version", version)?;
        migration.commit()?;
        Ok(version)
    }

    fn error(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Sqlite { path: self.path.clone(), source }
    }
}

fn schema_version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The log mode is a property of the file. Two processes that make the file at once may be told
/// «busy» without being made to wait: SQLite cannot know which one to let go first.
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut tries = 0;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && wait_for_turn(tries) => tries += 1,
            result => return result,
        }
    }
}

/// The busy handler: `true` to try again.
fn wait_for_turn(tries: i32) -> bool {
    sleep(LOOK);
    u128::try_from(tries).is_ok_and(|tries| tries * LOOK.as_millis() < PATIENCE.as_millis())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// What a failure of SQLite means to a use case. The messages of SQLite name tables and columns,
/// never values.
pub(crate) fn port_error(error: &rusqlite::Error) -> PortError {
    if is_busy(error) {
        PortError::Retry(format!("the store is busy: {error}"))
    } else {
        PortError::Final(format!("the store does not work: {error}"))
    }
}

//! A connection to the file of a store: found or made, recognised, and set to lose nothing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokenward::{Code, Error};

use super::failure::{failure, incoherent, missing, unreachable};
use super::head::Head;
use super::{patience, place, tail};
use crate::entropy;
use crate::store::OpenOptions;

/// "tkwd", in SQLite's field for the application that a file belongs to.
const APPLICATION: i32 = 0x746b_7764;

/// The version of the tables.
const VERSION: i32 = 1;

/// The tables, word for word as SQLite keeps their text.
const TABLES: [(&str, &str); 3] = [
    ("event", "CREATE TABLE event (revision INTEGER PRIMARY KEY, chain BLOB NOT NULL, bytes BLOB NOT NULL) STRICT"),
    (
        "head",
        "CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), identity BLOB NOT NULL, revision INTEGER NOT NULL, \
         chain BLOB NOT NULL, floor INTEGER NOT NULL, floor_chain BLOB NOT NULL, snapshot INTEGER, seal BLOB NOT NULL) STRICT",
    ),
    (
        "snapshot",
        "CREATE TABLE snapshot (only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL, \
         checksum BLOB NOT NULL, bytes BLOB NOT NULL) STRICT",
    ),
];

/// What opening a file found.
pub(super) struct Found {
    pub(super) connection: Connection,
    pub(super) head: Head,
    /// The file, free of links and of the working directory.
    pub(super) path: PathBuf,
    /// Whether an interrupted append was left out.
    pub(super) tail_cut: bool,
}

/// Opens the file at `path`, or makes it where the options say so.
pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<Found, Error> {
    let create = options.create && !options.read_only;
    let path = place::resolve(path)?;
    let length = place::length(&path)?;
    let log = place::beside(&path, "-wal");
    let orphaned = place::length(&log)?.is_some_and(|length| length > 0);
    match length {
        // A write-ahead log without its file: the file was taken away, and SQLite would throw the log after it.
        None if orphaned => return Err(missing()),
        Some(0) if orphaned => return Err(incoherent()),
        None | Some(0) if !create => return Err(missing()),
        _ => {}
    }
    let tail_cut = tail::is_torn(&log, options.busy_timeout)?;
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags |= if options.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, create);
    let mut connection = Connection::open_with_flags(&path, flags).map_err(|error| failure(&error))?;
    if length.is_none() {
        place::keep_private(&path)?;
    }
    prepare(&mut connection, options)?;
    recognise(&connection, create, options.busy_timeout)?;
    if !options.read_only {
        write_ahead(&connection, options.busy_timeout)?;
    }
    let head = Head::load(&connection)?;
    Ok(Found { connection, head, path, tail_cut })
}

/// A second connection, for reading only, to a file that was opened.
pub(super) fn open_reader(path: &Path, options: &OpenOptions) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(|error| failure(&error))?;
    prepare(&mut connection, options)?;
    Ok(connection)
}

/// What is set on a connection before the file is looked at.
fn prepare(connection: &mut Connection, options: &OpenOptions) -> Result<(), Error> {
    let mut settings = || {
        patience::keep(connection, options.busy_timeout)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.execute_batch(
            "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL; \
             PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA journal_size_limit = 4194304;",
        )
    };
    settings().map_err(|error| first_look(&error))
}

/// Refuses what is not a log of ours, or of a newer library; makes the tables in an empty file.
fn recognise(connection: &Connection, create: bool, patience: Duration) -> Result<(), Error> {
    if is_empty(connection)? {
        if !create {
            return Err(missing());
        }
        write_ahead(connection, patience)?;
        make(connection)?;
    }
    let (application, version) = marks(connection)?;
    if application != APPLICATION {
        return Err(foreign());
    }
    if version > VERSION {
        return Err(Error::new(Code::LogVersion).at("store"));
    }
    if version != VERSION || tables(connection)? != TABLES.map(|(name, sql)| (name.to_owned(), sql.to_owned())) {
        return Err(incoherent());
    }
    Ok(())
}

/// Makes the tables in one transaction, unless another process did meanwhile.
fn make(connection: &Connection) -> Result<(), Error> {
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(|e| failure(&e))?;
    if !is_empty(connection)? {
        return Ok(());
    }
    let mut identity = [0; 16];
    entropy::fill(&mut identity)?;
    for (_, sql) in TABLES {
        transaction.execute_batch(sql).map_err(|error| failure(&error))?;
    }
    Head::begin(identity).save(&transaction)?;
    transaction
        .pragma_update(None, "application_id", APPLICATION)
        .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
        .and_then(|()| transaction.commit())
        .map_err(|error| failure(&error))
}

/// Whether nobody has written to the file yet.
fn is_empty(connection: &Connection) -> Result<bool, Error> {
    Ok(marks(connection)? == (0, 0) && tables(connection)?.is_empty())
}

/// The marks of application and version.
fn marks(connection: &Connection) -> Result<(i32, i32), Error> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    let marks = || Ok((pragma("application_id")?, pragma("user_version")?));
    marks().map_err(|error| first_look(&error))
}

/// The error for a failure to look into the file at all: what is no database shows here.
fn first_look(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => foreign(),
        _ => failure(error),
    }
}

/// Everything that the file defines, by name.
fn tables(connection: &Connection) -> Result<Vec<(String, String)>, Error> {
    let read = || {
        let mut statement = connection.prepare(
            "SELECT name, ifnull(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name",
        )?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map_err(|error| failure(&error))
}

/// Turns the write-ahead log on. Here SQLite does not wait for other processes that do the same, so this does.
fn write_ahead(connection: &Connection, patience: Duration) -> Result<(), Error> {
    let began = Instant::now();
    for tries in 0.. {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode.map_err(|error| failure(&error)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Err(error) if error.kind() == Code::StoreBusy && began.elapsed() < patience => patience::pause(tries),
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    Err(unreachable())
}

fn foreign() -> Error {
    Error::new(Code::StoreForeign).at("store")
}

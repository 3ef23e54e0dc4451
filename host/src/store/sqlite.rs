//! The log in one SQLite file, for the threads and processes of one machine.
//!
//! - Appends are serialized by SQLite's write lock (`BEGIN IMMEDIATE`) and compared with the revision under it. With the
//!   write-ahead log and `synchronous = FULL` an append has reached the disk when it returns; readers never wait for it.
//! - Every record carries the [chain](super::chain) digest, and one sealed row says where the log begins and ends. Reading
//!   verifies both; a handle also remembers the last record that it verified and takes no other history for its own.
//! - The write-ahead log is judged before SQLite recovers from it: damage before later appends refuses to open.
//! - The file is made for its owner only; every copy of it can be compared by its identity.
//! - A handle has one connection for writing and one for reading, so that reading does not wait for a sync to disk.
//!
//! Not defended against: a machine or disk that loses what it has confirmed (then [`OpenOptions::minimum_revision`] tells),
//! file systems whose locks do not work (most network file systems), and whoever may write to the file and knows how to
//! compute its digests.

mod backup;
mod connection;
mod failure;
mod head;
mod log;
mod patience;
mod place;
mod tail;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, mem};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokenward::{Code, Error};

use self::failure::{failure, incoherent, missing};
use self::head::{Head, Mark};
use self::log::Change;
use super::fork::{self, Passed, Release, Tenant};
use super::{OpenOptions, Record, Store, StoredSnapshot};

/// The log in one SQLite file.
pub struct SqliteStore {
    handle: Arc<Handle>,
}

struct Handle {
    path: PathBuf,
    options: OpenOptions,
    identity: [u8; 16],
    file: Option<place::Identity>,
    tail_cut: bool,
    /// Whether a write has failed.
    failed: AtomicBool,
    /// The last revision that `changed` has reported or this handle has appended.
    seen: AtomicU64,
    /// The last record that this handle has verified or written.
    verified: Mutex<Mark>,
    writer: Mutex<Option<Connection>>,
    reader: Mutex<Reader>,
    tenant: Tenant,
}

#[derive(Default)]
struct Reader {
    connection: Option<Connection>,
    /// SQLite's counter of changes by other connections, at the last look.
    version: Option<i64>,
}

impl SqliteStore {
    /// Opens the file at `path`; makes it where there is none, or an empty one, and the options say so.
    ///
    /// # Errors
    ///
    /// | code | when |
    /// |---|---|
    /// | `log_missing` | there is no file, or an empty one, and it may not be made; only the `-wal` file beside it is left |
    /// | `store_foreign` | it is no SQLite database, or another application's |
    /// | `log_version` | it was written by a newer version of this library |
    /// | `log_damaged` | its account of itself does not hold together; it ends before the demanded revision; its write-ahead log is damaged before the end |
    /// | `store_busy` | another process keeps it locked |
    /// | `store_failed` | it cannot be opened: a folder, permissions, space |
    /// | `closed` | at `fork`: this process was forked with stores open, unannounced |
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, Error> {
        let passed = fork::pass()?;
        let tenant = fork::enter(&passed);
        let found = connection::open(path, options)?;
        let end = found.head.end;
        if end.revision < options.minimum_revision {
            return Err(Error::new(Code::LogDamaged).at("minimum_revision"));
        }
        log::check_snapshot(&found.connection, &found.head)?;
        let (writer, reader) = if options.read_only {
            (None, found.connection)
        } else {
            (Some(found.connection), connection::open_reader(&found.path, options)?)
        };
        let handle = Arc::new(Handle {
            identity: found.head.identity,
            file: place::identity(&found.path),
            path: found.path,
            options: OpenOptions { create: false, ..*options },
            tail_cut: found.tail_cut,
            failed: AtomicBool::new(false),
            seen: AtomicU64::new(end.revision),
            verified: Mutex::new(end),
            writer: Mutex::new(writer),
            reader: Mutex::new(Reader { connection: Some(reader), version: None }),
            tenant,
        });
        let release: Arc<dyn Release> = handle.clone();
        fork::register(&passed, &handle.tenant, Arc::downgrade(&release));
        Ok(SqliteStore { handle })
    }
}

impl Store for SqliteStore {
    fn identity(&self) -> [u8; 16] {
        self.handle.identity
    }

    fn revision(&self) -> Result<u64, Error> {
        self.handle.reading(|_, head, _| Ok(head.end.revision))
    }

    fn floor(&self) -> Result<u64, Error> {
        self.handle.reading(|_, head, _| Ok(head.floor.revision))
    }

    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error> {
        let handle = &self.handle;
        let end = handle.writing(|connection, head| log::append(connection, head, expected, records))?;
        handle.verified(end);
        // Only where nobody else appended in between is this handle's own revision one that it has seen.
        let _ = handle.seen.compare_exchange(expected, end.revision, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        let (records, end) =
            self.handle.reading(|connection, head, known| log::read(connection, head, known, after, limit))?;
        self.handle.verified(end);
        Ok(records)
    }

    fn changed(&self) -> Result<bool, Error> {
        self.handle.changed()
    }

    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error> {
        self.handle.reading(|connection, head, _| log::snapshot(connection, head))
    }

    fn snapshot_revision(&self) -> Result<Option<u64>, Error> {
        self.handle.reading(|_, head, _| Ok(head.snapshot))
    }

    fn write_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), Error> {
        self.handle.writing(|connection, head| log::write_snapshot(connection, head, snapshot))
    }

    fn compact(&self, keep_after: u64) -> Result<(), Error> {
        if self.handle.options.read_only {
            return Err(Error::new(Code::ReadOnly));
        }
        self.handle.reading(|connection, head, _| log::check_compaction(connection, head, keep_after))?;
        while self.handle.writing(|connection, head| log::compact(connection, head, keep_after))? {}
        Ok(())
    }

    fn backup(&self, path: &Path) -> Result<u64, Error> {
        let _passed = fork::pass()?;
        let source = connection::open_reader(&self.handle.path, &self.handle.options)?;
        backup::write(&source, path, &self.handle.options)
    }

    fn tail_cut(&self) -> bool {
        self.handle.tail_cut
    }
}

impl Handle {
    /// Looks at one state of the log.
    fn reading<T>(&self, look: impl FnOnce(&Connection, &Head, Mark) -> Result<T, Error>) -> Result<T, Error> {
        let passed = fork::pass()?;
        let mut reader = lock(&self.reader);
        // What was verified before the look begins must be in it; what is verified while it lasts need not.
        let known = *lock(&self.verified);
        let connection = self.reader(&passed, &mut reader)?;
        let transaction =
            Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(|error| failure(&error))?;
        let head = self.head(&transaction, known)?;
        look(&transaction, &head, known)
    }

    /// Makes one change, whole or not at all. `change` fails before it has written anything, or because writing failed.
    fn writing<T>(&self, change: impl FnOnce(&Connection, Head) -> Result<T, Change>) -> Result<T, Error> {
        if self.options.read_only {
            return Err(Error::new(Code::ReadOnly));
        }
        let passed = fork::pass()?;
        let mut writer = lock(&self.writer);
        if self.failed.load(Ordering::Acquire) {
            return Err(Error::new(Code::StoreFailed)
                .at("store")
                .expected("the store to be opened anew after a failed write"));
        }
        if place::identity(&self.path) != self.file {
            return Err(missing());
        }
        let known = *lock(&self.verified);
        let connection = match &mut *writer {
            Some(connection) => connection,
            empty => empty.insert(self.open_again(&passed, &self.options)?),
        };
        let transaction =
            Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(|error| failure(&error))?;
        let head = self.head(&transaction, known)?;
        let outcome = match change(&transaction, head) {
            Ok(value) => transaction.commit().map(|()| value).map_err(|error| failure(&error)),
            Err(Change::Refused(error)) => return Err(error),
            Err(Change::Failed(error)) => {
                drop(transaction);
                Err(error)
            }
        };
        outcome.map_err(|error| {
            // Nobody knows what has reached the disk. Closing the connection gives up the write lock in any case.
            self.failed.store(true, Ordering::Release);
            *writer = None;
            if error.kind() == Code::StoreBusy { Error::new(Code::StoreFailed).at("store") } else { error }
        })
    }

    fn changed(&self) -> Result<bool, Error> {
        let passed = fork::pass()?;
        if place::identity(&self.path) != self.file {
            return Err(missing());
        }
        let mut reader = lock(&self.reader);
        let known = *lock(&self.verified);
        let connection = self.reader(&passed, &mut reader)?;
        let version = connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|error| failure(&error))?;
        if reader.version == Some(version) {
            return Ok(false);
        }
        let connection = self.reader(&passed, &mut reader)?;
        let revision = self.head(connection, known)?.end.revision;
        reader.version = Some(version);
        Ok(self.seen.fetch_max(revision, Ordering::AcqRel) < revision)
    }

    /// The log's account of itself, when it is the account of the log that this handle knows.
    fn head(&self, connection: &Connection, known: Mark) -> Result<Head, Error> {
        let head = Head::load(connection)?;
        if head.identity != self.identity {
            return Err(incoherent());
        }
        let backwards = head.end.revision < known.revision;
        let otherwise = head.end.revision == known.revision && head.end.chain != known.chain;
        if backwards || otherwise { Err(super::damaged(known.revision)) } else { Ok(head) }
    }

    /// Notes how far the log is known.
    fn verified(&self, mark: Mark) {
        let mut verified = lock(&self.verified);
        if verified.revision < mark.revision {
            *verified = mark;
        }
    }

    fn reader<'a>(&self, passed: &Passed, reader: &'a mut Reader) -> Result<&'a Connection, Error> {
        if reader.connection.is_none() {
            let options = OpenOptions { read_only: true, ..self.options };
            *reader = Reader { connection: Some(self.open_again(passed, &options)?), version: None };
        }
        reader.connection.as_ref().ok_or_else(incoherent)
    }

    /// A new connection after a fork, to the same file or to none.
    fn open_again(&self, passed: &Passed, options: &OpenOptions) -> Result<Connection, Error> {
        fork::reenter(passed, &self.tenant);
        if place::identity(&self.path) != self.file {
            return Err(missing());
        }
        Ok(connection::open(&self.path, options)?.connection)
    }
}

impl Release for Handle {
    fn release(&self) {
        // The last connection to close tidies up the write-ahead log, and the reader could not.
        *lock(&self.reader) = Reader::default();
        *lock(&self.writer) = None;
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // While this waits for a fork to end, the handle is whole, so the fork can close its connections.
        match fork::pass() {
            Ok(_passed) => self.handle.release(),
            // What another process opened must not be closed here.
            Err(_) => mem::forget(Arc::clone(&self.handle)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Where the events of a registry are kept: an append-only log with one promise.
//!
//! A [`Store`] holds *records* (an event each, opaque bytes here) under gapless revisions 1, 2, 3 …, and at most one
//! *snapshot* of the state at one of these revisions. [`append`](Store::append) puts records right behind the revision
//! that the caller has seen, all or none, durably, or reports a conflict: then the caller [reads](Store::read) what it has
//! missed and decides again. Whoever wants to follow the log asks [`changed`](Store::changed) now and then.
//!
//! ```
//! use tokenward_host::store::{OpenOptions, open_store};
//!
//! let store = open_store("memory:", &OpenOptions::default())?;
//! store.append(0, &[b"one".to_vec(), b"two".to_vec()])?;
//! assert_eq!(store.revision()?, 2);
//! assert_eq!(store.read(1, 100)?[0].bytes, b"two");
//! assert_eq!(store.append(1, &[b"late".to_vec()]).unwrap_err().code(), "revision_conflict");
//! # Ok::<(), tokenward::Error>(())
//! ```
//!
//! # What every store keeps
//!
//! - After any crash it opens at a prefix of the history that holds every acknowledged record; no half of an append.
//! - Each record carries a [chain](chain::Chain) digest over all before it, beginning at the store's identity. A record
//!   that was changed, swapped, removed or taken from another store is `log_damaged`, not silently skipped.
//! - A handle never goes backwards: once it has seen a revision, a log that ends before it is `log_damaged`.
//! - A missing log is not an empty one: it is created only where [`OpenOptions::create`] says so.
//! - A failed write is either known to have written nothing (`revision_conflict`, `store_busy`, `read_only`) or its outcome is
//!   open (`store_failed`), and then only reading tells. After that a handle on a file refuses further writes until the
//!   store is opened anew, since what a system says of a file after a failed sync is not to be believed. A handle on a
//!   server may go on over a new connection: there the comparison of the next append tells what was written.
//! - Records go only behind a sound snapshot that stands for them. A reader below the [floor](Store::floor) is told so and
//!   never handed what comes later as if it came next.
//! - Readers wait for nobody who writes a record, a snapshot or a compaction.
//!
//! `host/tests/conformance` holds all of it as tests; a store is put through them by one line. An authority takes any store
//! by [`Authority::over`](crate::Authority::over).

pub mod chain;
pub mod fork;
mod head;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod rehearsal;
mod sqlite;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use tokenward::{Code, Error};

pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use rehearsal::Rehearsal;
pub use sqlite::SqliteStore;

/// One event of the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log; the first is 1.
    pub revision: u64,
    /// The event, opaque to the store.
    pub bytes: Vec<u8>,
}

/// The state at one revision.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// The last record that went into it.
    pub revision: u64,
    /// The snapshot, opaque to the store.
    pub bytes: Vec<u8>,
}

/// Bytes of the largest snapshot: SQLite takes a row of a billion bytes at most, and PostgreSQL a value of hardly more.
const LARGEST: usize = 1_000_000_000 - 4_096;

impl StoredSnapshot {
    /// Refuses what a database does not take as one value.
    fn check_size(&self) -> Result<(), Error> {
        let large = || Error::new(Code::DocumentTooLarge).at("snapshot").expected("at most 999,995,904 bytes");
        if self.bytes.len() > LARGEST { Err(large()) } else { Ok(()) }
    }
}

/// From the records that were missed to those that are to come behind them.
pub type Decide<'d> = dyn FnMut(Vec<Record>) -> Result<Vec<Vec<u8>>, Error> + Send + 'd;

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// May a store be made where there is none (or an empty file)? Otherwise that is `log_missing`.
    pub create: bool,
    /// Never write: every change is refused with `read_only`, and an authority does not note when tokens are used.
    pub read_only: bool,
    /// The revision that the caller knows to be acknowledged; a log that ends before it is `log_damaged`. This is the
    /// only defence against a log that was cut, whole, at the end of a record.
    pub minimum_revision: u64,
    /// How long a call waits for another process to finish its write before it fails with `store_busy`.
    pub busy_timeout: Duration,
}

impl Default for OpenOptions {
    /// Made where missing, for reading and writing, at any revision, 5 seconds of patience.
    fn default() -> Self {
        OpenOptions { create: true, read_only: false, minimum_revision: 0, busy_timeout: Duration::from_secs(5) }
    }
}

/// An append-only event log, shared by threads and, where it is a file or a server, by processes.
///
/// Each method stands alone: no method keeps a lock or a transaction after it has returned.
///
/// # Errors
///
/// Beside those named per method, each can fail with `log_damaged` (a stored record, or the store's own account of them,
/// is not what was written; the place `log[7]` is the revision), `log_missing` (the file is gone or another one has taken
/// its place), `store_busy` (another process kept the store locked for longer than [`OpenOptions::busy_timeout`]),
/// `store_failed` (input, output, permissions, space) and `closed` at `fork` (the handle came into this process by a fork
/// that [`fork`] was not told of).
pub trait Store: Send + Sync {
    /// The random bytes that were made with the store; copies and backups share them.
    fn identity(&self) -> [u8; 16];

    /// The last revision; 0 for an empty log.
    fn revision(&self) -> Result<u64, Error>;

    /// The last revision that was compacted away: records are there from the next one on. 0 when all are.
    fn floor(&self) -> Result<u64, Error>;

    /// Puts `records` right behind the revision `expected`, all or none, and returns when they are durable; they get the
    /// revisions `expected + 1` and so on. No record: only the comparison is made.
    ///
    /// # Errors
    ///
    /// `revision_conflict` when the log does not end at `expected`; nothing is written then, as after `store_busy`.
    /// `store_failed` when the write failed: the records may be there or not, reading tells, and a handle on a file
    /// refuses every further write. `read_only` when the store was opened so.
    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error>;

    /// Decides and appends while nobody else appends, for whoever has lost the comparison again and again: `decide` is
    /// given the records after the revision `after`, at most `limit` of them, and answers what to put behind them. It may be
    /// called again, when a connection was lost in between; then the last answer counts.
    ///
    /// A store that can, keeps others waiting meanwhile, in turn. Another one compares once more, as `append` does.
    ///
    /// # Errors
    ///
    /// Those of [`append`](Store::append), of [`read`](Store::read), and of `decide`; `revision_conflict` also when there are
    /// more records than the limit. Nothing is written then.
    fn append_behind(&self, after: u64, limit: usize, decide: &mut Decide<'_>) -> Result<(), Error> {
        let missed = self.read(after, limit)?;
        let expected = missed.last().map_or(after, |last| last.revision);
        let records = decide(missed)?;
        self.append(expected, &records)
    }

    /// The records after the revision `after`, in order and gapless, at most `limit` of them. Fewer than `limit` means
    /// that the end of the log was reached.
    ///
    /// # Errors
    ///
    /// `log_missing` at `after` when that is below the [floor](Store::floor): a snapshot has taken the place of the
    /// records. `log_damaged` when the log ends before `after`.
    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error>;

    /// Whether others have appended since this handle last asked (or was opened, or appended itself). Cheap enough to be
    /// asked every few milliseconds. A hint: it may say yes once too often, never no once too often.
    fn changed(&self) -> Result<bool, Error>;

    /// Whether it is time to ask [`changed`](Store::changed) again. Whoever follows the log asks this every few milliseconds;
    /// it takes no trip to a server. A store that is woken by what others do says no while nothing has woken it, but never for
    /// long: a wake-up may get lost, and only `changed` is the truth.
    fn hint(&self) -> bool {
        true
    }

    /// The newest snapshot.
    ///
    /// # Errors
    ///
    /// `snapshot_invalid` when it is damaged, missing, or not the one that was written last.
    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error>;

    /// The revision of the newest snapshot, for those who only want to know whether it is time for another one.
    ///
    /// # Errors
    ///
    /// As [`snapshot`](Store::snapshot), unless it can be told without reading it.
    fn snapshot_revision(&self) -> Result<Option<u64>, Error> {
        Ok(self.snapshot()?.map(|snapshot| snapshot.revision))
    }

    /// Keeps `snapshot` in place of the one before. The records behind it stay until they are [compacted](Store::compact).
    ///
    /// # Errors
    ///
    /// `snapshot_older` when the stored one is newer; `snapshot_invalid` when the log does not reach its revision.
    /// `document_too_large` when it is more than the store takes; nothing is written then.
    fn write_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), Error>;

    /// Drops the records up to the revision `keep_after`, that one included.
    ///
    /// # Errors
    ///
    /// `snapshot_older` when no snapshot of that revision or a later one is stored; `snapshot_invalid` when it is damaged.
    fn compact(&self, keep_after: u64) -> Result<(), Error>;

    /// Writes a copy of the store, whole and of one revision, to a file that does not exist yet, while others read and
    /// write; answers the revision.
    ///
    /// # Errors
    ///
    /// `operation_unknown` for a store without a file; `store_failed` at `path` when there is a file already.
    fn backup(&self, path: &Path) -> Result<u64, Error> {
        let _ = path;
        Err(Error::new(Code::OperationUnknown).at("backup").expected("a store that is a file"))
    }

    /// Whether opening found the beginnings of an append behind the last whole record and left them out. Such an append
    /// was never acknowledged.
    fn tail_cut(&self) -> bool {
        false
    }
}

/// Opens the store at an address: `memory:` (a new one each time), `sqlite:PATH` or `postgresql://USER@HOST/DATABASE`.
///
/// A path is a path: neither `:memory:` nor a `file:` URI has a meaning of its own, and a path may not begin with two
/// slashes, which other libraries understand in different ways.
///
/// # Errors
///
/// `store_unknown` for every other address; what [`SqliteStore::open`] says, and `PostgresStore::open`.
pub fn open_store(address: &str, options: &OpenOptions) -> Result<Box<dyn Store>, Error> {
    if address == "memory:" {
        return Ok(Box::new(MemoryStore::open(options)?));
    }
    #[cfg(feature = "postgres")]
    if address.starts_with("postgresql://") || address.starts_with("postgres://") {
        return Ok(Box::new(PostgresStore::open(address, options)?));
    }
    match address.strip_prefix("sqlite:") {
        Some(path) if is_path(path) => Ok(Box::new(SqliteStore::open(Path::new(path), options)?)),
        _ => Err(Error::new(Code::StoreUnknown).at("store")),
    }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("//") && text != ":memory:" && !text.contains('\0')
}

/// The error for a record that is not what was written.
pub(crate) fn damaged(revision: u64) -> Error {
    Error::new(Code::LogDamaged).at(format!("log[{revision}]"))
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record {{ revision: {}, {} bytes }}", self.revision, self.bytes.len())
    }
}

impl fmt::Debug for StoredSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredSnapshot {{ revision: {}, {} bytes }}", self.revision, self.bytes.len())
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]
mod tests {
    use super::*;

    #[test]
    fn only_known_addresses_open() {
        for address in [
            "",
            "memory",
            "memory:x",
            "Memory:",
            "sqlite",
            "sqlite:",
            "SQLITE:a",
            "sqlite::memory:",
            "sqlite://a",
            "a.db",
        ] {
            let error = open_store(address, &OpenOptions::default()).err().expect("refused");
            assert_eq!((error.code(), error.place()), ("store_unknown", "store"), "{address}");
        }
        assert!(open_store("sqlite:a\0b", &OpenOptions::default()).is_err());
        assert!(open_store("memory:", &OpenOptions::default()).is_ok());
    }

    #[test]
    fn debug_shows_no_bytes() {
        let record = Record { revision: 3, bytes: b"argon2".to_vec() };
        assert_eq!(format!("{record:?}"), "Record { revision: 3, 6 bytes }");
    }
}

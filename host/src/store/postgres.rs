//! The log in a schema of a PostgreSQL database, for processes on many machines.
//!
//! - Appends are serialized by the lock on one row and compared with the revision under it; the revision is also the key of
//!   the records. An append has reached the server's disk when it returns, and its standbys where the server says so.
//! - Every record carries the [chain](super::chain) digest, and one sealed row says where the log begins and ends. Reading
//!   verifies both; a handle also remembers the last record that it verified and takes no other history for its own.
//! - A lost connection is made anew, with pauses that grow. Every append has a random name that is stored with its records:
//!   when the connection is lost before the answer came, the name tells over the next one, under the lock, whether it came
//!   about. So it is neither lost nor done twice.
//! - Each append is told to all handles (`NOTIFY`). That is a hint to look at once; they look four times a second anyway,
//!   and more often where they are not told, as on a standby.
//! - A handle has one connection for writing and one for reading and listening, so that reading waits for no append.
//!
//! Not defended against: a server that loses what it has confirmed, as a standby that takes over without having received it
//! (then an open handle says `log_damaged`, and [`OpenOptions::minimum_revision`] tells), and whoever may write to the
//! tables and knows how to compute the digests.

mod address;
mod connection;
mod failure;
mod head;
mod line;
mod log;
mod schema;
mod tls;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, mem};

use tokenward::{Code, Error};
use tokio_postgres::Client;

use self::address::Address;
use self::connection::{Connection, apart};
use self::failure::{Failure, incoherent};
use self::line::{Line, patiently, pause};
use super::fork::{self, Passed, Release, Tenant};
use super::head::{Head, Mark};
use super::{Decide, OpenOptions, Record, Store, StoredSnapshot};
use crate::entropy;

/// How long a statement may take beside what it waits for others.
const QUICK: Duration = Duration::from_secs(10);
/// How long moving a snapshot or the records of a whole log may take.
const LONG: Duration = Duration::from_mins(10);
/// How often the log is looked at where nothing was told.
const LOOK: Duration = Duration::from_millis(250);
/// The same where the server does not tell.
const LOOK_UNTOLD: Duration = Duration::from_millis(40);
const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The log in a schema of a PostgreSQL database.
pub struct PostgresStore {
    handle: Arc<Handle>,
}

struct Handle {
    address: Address,
    options: OpenOptions,
    identity: [u8; 16],
    /// The last revision that `changed` has reported or this handle has appended.
    seen: AtomicU64,
    /// The last record that this handle has verified or written.
    verified: Mutex<Mark>,
    writer: Mutex<Line>,
    reader: Mutex<Line>,
    tenant: Tenant,
}

impl PostgresStore {
    /// Opens the log at an address such as
    /// `postgresql://user:password@host:5432/database?schema=tokens&sslmode=verify-full&sslrootcert=/etc/ca.pem`; makes its
    /// tables where there are none and the options say so.
    ///
    /// The schema is `tokenward` where none is named; it holds one log and nothing else. `sslmode` is that of libpq
    /// (`disable`, `prefer`, `require`, `verify-ca`, `verify-full`; `prefer` where nothing is said). Without `sslrootcert`
    /// the certificates of the system are trusted. Several hosts, separated by commas, are tried in turn until one takes
    /// writes. A password may stand in the variable `PGPASSWORD` instead.
    ///
    /// # Errors
    ///
    /// | code | when |
    /// |---|---|
    /// | `store_unknown` | the address cannot be read; the place names the parameter |
    /// | `log_missing` | there is no such database, or no log in the schema and it may not be made |
    /// | `store_foreign` | the schema holds other tables |
    /// | `log_version` | it was made by a newer version of this library |
    /// | `log_damaged` | its account of itself does not hold together; it ends before the demanded revision |
    /// | `store_busy` | another process keeps it locked; the server takes no more connections |
    /// | `store_failed` | at `store`: it cannot be reached within the patience; at `store.user`: user and password are not accepted; at `store.sslmode`, `store.sslrootcert`: the server has no TLS, or no certificate that is trusted |
    /// | `closed` | at `fork`: this process was forked with stores open, unannounced |
    pub fn open(address: &str, options: &OpenOptions) -> Result<Self, Error> {
        let address = Address::parse(address, options)?;
        apart(|| Self::begin(address, options))
    }

    fn begin(address: Address, options: &OpenOptions) -> Result<Self, Error> {
        let passed = fork::pass()?;
        let tenant = fork::enter(&passed);
        let (connection, head) = patiently(options.busy_timeout, || {
            let connection = Connection::open(&address, options)?;
            schema::settle(&connection, &address, options)?;
            // Both of one state: others may put a snapshot in place of another at any moment.
            let head = connection.transact(QUICK, READ, async |client| {
                let head = Head::look(client, &address).await?;
                log::check_snapshot(client, &address, &head).await?;
                Ok(head)
            })?;
            Ok((connection, head))
        })?;
        if head.end.revision < options.minimum_revision {
            return Err(Error::new(Code::LogDamaged).at("minimum_revision"));
        }
        let mut reader = Line { connection: Some(connection), ..Line::default() };
        reader.listen(head.identity);
        let handle = Arc::new(Handle {
            address,
            options: OpenOptions { create: false, ..*options },
            identity: head.identity,
            seen: AtomicU64::new(head.end.revision),
            verified: Mutex::new(head.end),
            writer: Mutex::default(),
            reader: Mutex::new(reader),
            tenant,
        });
        let release: Arc<dyn Release> = handle.clone();
        fork::register(&passed, &handle.tenant, Arc::downgrade(&release));
        Ok(PostgresStore { handle })
    }
}

impl Store for PostgresStore {
    fn identity(&self) -> [u8; 16] {
        self.handle.identity
    }

    fn revision(&self) -> Result<u64, Error> {
        self.handle.head().map(|head| head.end.revision)
    }

    fn floor(&self) -> Result<u64, Error> {
        self.handle.head().map(|head| head.floor.revision)
    }

    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error> {
        let handle = &self.handle;
        let mut attempt = [0; 16];
        entropy::fill(&mut attempt)?;
        let due = expected.saturating_add(u64::try_from(records.len()).unwrap_or(u64::MAX));
        let mut open = false;
        let end = handle.writing(QUICK, async |client, head| {
            // A second try follows only on one whose outcome is open.
            if mem::replace(&mut open, true)
                && !records.is_empty()
                && let Some(end) = log::find(client, &handle.address, &head, due, &attempt).await?
            {
                return Ok(end);
            }
            if head.end.revision != expected {
                return Err(Error::new(Code::RevisionConflict).into());
            }
            log::append(client, &handle.address, head, records, &attempt).await
        })?;
        handle.verified(end);
        // Only where nobody else appended in between is this handle's own revision one that it has seen.
        let _ = handle.seen.compare_exchange(expected, end.revision, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    fn append_behind(&self, after: u64, limit: usize, decide: &mut Decide<'_>) -> Result<(), Error> {
        let handle = &self.handle;
        let mut attempt = [0; 16];
        entropy::fill(&mut attempt)?;
        let known = *lock(&handle.verified);
        let mut due = None;
        let end = handle.writing(QUICK, async |client, head| {
            // A second try follows only on one whose outcome is open.
            if let Some(due) = due
                && let Some(end) = log::find(client, &handle.address, &head, due, &attempt).await?
            {
                return Ok(end);
            }
            let (missed, read) = log::read(client, &handle.address, &head, known, after, limit).await?;
            if read.revision != head.end.revision {
                return Err(Error::new(Code::RevisionConflict).into());
            }
            let records = decide(missed)?;
            if !records.is_empty() {
                due = Some(read.revision.saturating_add(u64::try_from(records.len()).unwrap_or(u64::MAX)));
            }
            log::append(client, &handle.address, head, &records, &attempt).await
        })?;
        handle.verified(end);
        // All that is before it was handed over.
        handle.seen.fetch_max(end.revision, Ordering::AcqRel);
        Ok(())
    }

    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        let handle = &self.handle;
        let (records, end) = handle.reading(LONG, async |client, head, known| {
            log::read(client, &handle.address, &head, known, after, limit).await
        })?;
        handle.verified(end);
        Ok(records)
    }

    fn changed(&self) -> Result<bool, Error> {
        self.handle.changed()
    }

    fn hint(&self) -> bool {
        // What stands in the way of looking is told by `changed`.
        apart(|| self.handle.hint()).unwrap_or(true)
    }

    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error> {
        let handle = &self.handle;
        handle.reading(LONG, async |client, head, _| log::snapshot(client, &handle.address, &head).await)
    }

    fn snapshot_revision(&self) -> Result<Option<u64>, Error> {
        self.handle.head().map(|head| head.snapshot)
    }

    fn write_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), Error> {
        snapshot.check_size()?;
        let handle = &self.handle;
        handle.writing(LONG, async |client, head| log::write_snapshot(client, &handle.address, head, snapshot).await)
    }

    fn compact(&self, keep_after: u64) -> Result<(), Error> {
        let handle = &self.handle;
        if handle.options.read_only {
            return Err(Error::new(Code::ReadOnly));
        }
        handle.reading(LONG, async |client, head, _| {
            log::check_compaction(client, &handle.address, &head, keep_after).await
        })?;
        while handle
            .writing(QUICK, async |client, head| log::compact(client, &handle.address, head, keep_after).await)?
        {
        }
        Ok(())
    }
}

impl Handle {
    fn head(&self) -> Result<Head, Error> {
        self.reading(QUICK, async |_, head, _| Ok(head))
    }

    /// Looks at one state of the log.
    fn reading<T: Send>(
        &self,
        at_most: Duration,
        mut look: impl AsyncFnMut(&Client, Head, Mark) -> Result<T, Failure> + Send,
    ) -> Result<T, Error> {
        apart(|| {
            let passed = fork::pass()?;
            let mut line = lock(&self.reader);
            // What was verified before the look begins must be in it; what is verified while it lasts need not.
            let known = *lock(&self.verified);
            self.with(&passed, &mut line, self.options.busy_timeout, |connection| {
                connection.transact(at_most, READ, async |client| {
                    let head = self.check(Head::look(client, &self.address).await?, known)?;
                    look(client, head, known).await
                })
            })
        })
    }

    /// Makes one change, whole or not at all.
    fn writing<T: Send>(
        &self,
        at_most: Duration,
        mut change: impl AsyncFnMut(&Client, Head) -> Result<T, Failure> + Send,
    ) -> Result<T, Error> {
        if self.options.read_only {
            return Err(Error::new(Code::ReadOnly));
        }
        apart(|| {
            let passed = fork::pass()?;
            let mut line = lock(&self.writer);
            let known = *lock(&self.verified);
            let at_most = at_most.saturating_add(self.options.busy_timeout);
            self.with(&passed, &mut line, self.options.busy_timeout, |connection| {
                connection.transact(at_most, WRITE, async |client| {
                    let head = self.check(Head::lock(client, &self.address).await?, known)?;
                    change(client, head).await
                })
            })
        })
    }

    fn hint(&self) -> Result<bool, Error> {
        let _passed = fork::pass()?;
        let line = lock(&self.reader);
        let rest = match line.connection.as_ref() {
            None => pause(line.failures),
            Some(connection) if connection.was_told() => return Ok(true),
            Some(_) if line.listens => LOOK,
            Some(_) => LOOK_UNTOLD,
        };
        Ok(line.looked.is_none_or(|looked| looked.elapsed() >= rest))
    }

    fn changed(&self) -> Result<bool, Error> {
        apart(|| {
            let passed = fork::pass()?;
            let mut line = lock(&self.reader);
            let known = *lock(&self.verified);
            line.looked = Some(Instant::now());
            // Whoever asks this asks again soon: one that waits for a server to come back would only be in the way.
            let revision = self.with(&passed, &mut line, Duration::ZERO, |connection| {
                connection.forget_what_was_told();
                connection.run(QUICK, async |client| {
                    let head = self.check(Head::look(client, &self.address).await?, known)?;
                    Ok(head.end.revision)
                })
            })?;
            Ok(self.seen.fetch_max(revision, Ordering::AcqRel) < revision)
        })
    }

    /// Does some work over a connection, which is made anew where it is lost, for as long as patience lasts.
    fn with<T>(
        &self,
        passed: &Passed,
        line: &mut Line,
        patience: Duration,
        mut work: impl FnMut(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        if let Some(connection) = &line.connection {
            match work(connection) {
                Ok(value) => return Ok(value),
                Err(Failure::Refused(error)) => return Err(error),
                // It may have been gone for long. What the server says now counts.
                Err(Failure::Lost) => line.connection = None,
            }
        }
        fork::reenter(passed, &self.tenant);
        let outcome = patiently(patience, || {
            let mut fresh =
                Line { connection: Some(Connection::open(&self.address, &self.options)?), ..Line::default() };
            fresh.listen(self.identity);
            let Some(connection) = &fresh.connection else { return Err(Failure::Lost) };
            let value = work(connection);
            if !matches!(value, Err(Failure::Lost)) {
                (line.connection, line.listens, line.failures) = (fresh.connection, fresh.listens, 0);
            }
            value
        });
        if line.connection.is_none() {
            line.failures = line.failures.saturating_add(1);
        }
        outcome
    }

    /// The log's account of itself, when it is the account of the log that this handle knows.
    fn check(&self, head: Head, known: Mark) -> Result<Head, Error> {
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
}

impl Release for Handle {
    fn release(&self) {
        *lock(&self.reader) = Line::default();
        *lock(&self.writer) = Line::default();
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl Drop for PostgresStore {
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

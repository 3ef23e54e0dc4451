//! The store that lives and dies with its process: for tests, and the plainest reading of what a store is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokenward::{Code, Error};

use super::{OpenOptions, Record, Store, StoredSnapshot, damaged, fork};
use crate::entropy;

/// A log in memory. [`another`](MemoryStore::another) handle on it stands for another process.
///
/// A forked child has a copy that would go its own way; there every call fails with `closed` at `fork`.
#[derive(Debug)]
pub struct MemoryStore {
    log: Arc<Mutex<Log>>,
    identity: [u8; 16],
    process: u32,
    read_only: bool,
    seen: AtomicU64,
}

#[derive(Debug, Default)]
struct Log {
    floor: u64,
    records: Vec<Vec<u8>>,
    snapshot: Option<StoredSnapshot>,
}

impl MemoryStore {
    /// A new, empty log.
    ///
    /// # Errors
    ///
    /// `log_missing` when it may not be created, `entropy_failed`; `log_damaged` when a revision is demanded.
    pub fn open(options: &OpenOptions) -> Result<Self, Error> {
        if !options.create || options.read_only {
            return Err(Error::new(Code::LogMissing).at("store"));
        }
        if options.minimum_revision > 0 {
            return Err(Error::new(Code::LogDamaged).at("minimum_revision"));
        }
        let mut identity = [0; 16];
        entropy::fill(&mut identity)?;
        Ok(MemoryStore {
            log: Arc::default(),
            identity,
            process: std::process::id(),
            read_only: false,
            seen: AtomicU64::new(0),
        })
    }

    /// Another handle on the same log.
    ///
    /// # Errors
    ///
    /// `log_damaged` when the log ends before `minimum_revision`; `closed` in a forked child.
    pub fn another(&self, options: &OpenOptions) -> Result<Self, Error> {
        let revision = self.log()?.revision();
        if options.minimum_revision > revision {
            return Err(Error::new(Code::LogDamaged).at("minimum_revision"));
        }
        Ok(MemoryStore {
            log: Arc::clone(&self.log),
            identity: self.identity,
            process: self.process,
            read_only: options.read_only,
            seen: AtomicU64::new(revision),
        })
    }

    fn log(&self) -> Result<MutexGuard<'_, Log>, Error> {
        if self.process != std::process::id() {
            return Err(fork::forked());
        }
        Ok(self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn log_for_change(&self) -> Result<MutexGuard<'_, Log>, Error> {
        let log = self.log()?;
        if self.read_only { Err(Error::new(Code::ReadOnly)) } else { Ok(log) }
    }
}

impl Store for MemoryStore {
    fn identity(&self) -> [u8; 16] {
        self.identity
    }

    fn revision(&self) -> Result<u64, Error> {
        Ok(self.log()?.revision())
    }

    fn floor(&self) -> Result<u64, Error> {
        Ok(self.log()?.floor)
    }

    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error> {
        let mut log = self.log_for_change()?;
        if log.revision() != expected {
            return Err(Error::new(Code::RevisionConflict));
        }
        log.records.extend_from_slice(records);
        // Only where nobody else appended in between is this handle's own revision one that it has seen.
        let _ = self.seen.compare_exchange(expected, log.revision(), Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        let log = self.log()?;
        if after > log.revision() {
            return Err(damaged(after));
        }
        let Some(skipped) = after.checked_sub(log.floor) else {
            return Err(Error::new(Code::LogMissing).at("after"));
        };
        let skipped = usize::try_from(skipped).map_err(|_| damaged(after))?;
        let revisions = after.saturating_add(1)..;
        let records = revisions.zip(log.records.iter().skip(skipped).take(limit));
        Ok(records.map(|(revision, bytes)| Record { revision, bytes: bytes.clone() }).collect())
    }

    fn changed(&self) -> Result<bool, Error> {
        let revision = self.log()?.revision();
        Ok(self.seen.fetch_max(revision, Ordering::AcqRel) < revision)
    }

    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error> {
        Ok(self.log()?.snapshot.clone())
    }

    fn snapshot_revision(&self) -> Result<Option<u64>, Error> {
        Ok(self.log()?.snapshot.as_ref().map(|snapshot| snapshot.revision))
    }

    fn write_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), Error> {
        let mut log = self.log_for_change()?;
        if snapshot.revision > log.revision() {
            return Err(Error::new(Code::SnapshotInvalid).at("snapshot.revision"));
        }
        if log.snapshot.as_ref().is_some_and(|stored| stored.revision > snapshot.revision) {
            return Err(Error::new(Code::SnapshotOlder).at("snapshot.revision"));
        }
        log.snapshot = Some(snapshot.clone());
        Ok(())
    }

    fn compact(&self, keep_after: u64) -> Result<(), Error> {
        let mut log = self.log_for_change()?;
        if keep_after > log.snapshot.as_ref().map_or(0, |snapshot| snapshot.revision) {
            return Err(Error::new(Code::SnapshotOlder).at("keep_after"));
        }
        let dropped = keep_after.saturating_sub(log.floor);
        let length = log.records.len();
        log.records.drain(..usize::try_from(dropped).unwrap_or(length).min(length));
        log.floor = log.floor.max(keep_after);
        Ok(())
    }
}

impl Log {
    fn revision(&self) -> u64 {
        let length = u64::try_from(self.records.len()).unwrap_or(u64::MAX);
        self.floor.saturating_add(length)
    }
}

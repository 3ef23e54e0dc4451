//! A store of which one call fails: before it has done anything, or after it has done all of it.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokenward::{Code, Error};
use tokenward_host::store::{Record, Store, StoredSnapshot};

/// Which of the calls that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    Append,
    Snapshot,
    Compaction,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing is written.
    Refused,
    /// All is written, and nobody is told: the answer is lost.
    Unanswered,
}

/// What is to fail, and what was written meanwhile. Shared by all stores of one run.
pub(crate) struct Plan {
    write: Write,
    failure: Failure,
    /// Calls until the one that fails, itself included.
    left: AtomicUsize,
    written: Mutex<Vec<Vec<u8>>>,
}

impl Plan {
    /// Lets the call of that number fail, counted from 1; 0 for none.
    pub(crate) fn new(write: Write, number: usize, failure: Failure) -> Arc<Self> {
        Arc::new(Plan { write, failure, left: AtomicUsize::new(number), written: Mutex::default() })
    }

    /// Records that were appended, in order: all that were acknowledged, and those of the append whose answer was lost.
    pub(crate) fn written(&self) -> Vec<Vec<u8>> {
        self.written.lock().unwrap().clone()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    fn fails(&self, write: Write) -> bool {
        write == self.write
            && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) == Ok(1)
    }

    fn perform(&self, write: Write, act: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        if !self.fails(write) {
            return act();
        }
        if self.failure == Failure::Unanswered {
            act()?;
        }
        Err(Error::new(Code::StoreFailed).at("store"))
    }
}

/// A store under a plan.
pub(crate) struct Failing<S> {
    pub(crate) store: S,
    pub(crate) plan: Arc<Plan>,
}

impl<S: Store> Store for Failing<S> {
    fn identity(&self) -> [u8; 16] {
        self.store.identity()
    }

    fn revision(&self) -> Result<u64, Error> {
        self.store.revision()
    }

    fn floor(&self) -> Result<u64, Error> {
        self.store.floor()
    }

    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error> {
        self.plan.perform(Write::Append, || {
            self.store.append(expected, records)?;
            self.plan.written.lock().unwrap().extend_from_slice(records);
            Ok(())
        })
    }

    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        self.store.read(after, limit)
    }

    fn changed(&self) -> Result<bool, Error> {
        self.store.changed()
    }

    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error> {
        self.store.snapshot()
    }

    fn write_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), Error> {
        self.plan.perform(Write::Snapshot, || self.store.write_snapshot(snapshot))
    }

    fn compact(&self, keep_after: u64) -> Result<(), Error> {
        self.plan.perform(Write::Compaction, || self.store.compact(keep_after))
    }

    fn backup(&self, path: &Path) -> Result<u64, Error> {
        self.store.backup(path)
    }
}

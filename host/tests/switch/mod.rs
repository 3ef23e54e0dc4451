//! A store that can be cut off, for tests of what happens then.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokenward::{Code, Error};
use tokenward_host::store::{Record, Store, StoredSnapshot};

pub(crate) struct Switch<S> {
    store: S,
    cut: Arc<AtomicBool>,
}

/// Cuts the store off, and heals it.
pub(crate) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(crate) fn set(&self, cut: bool) {
        self.0.store(cut, Ordering::SeqCst);
    }
}

impl<S: Store> Switch<S> {
    pub(crate) fn over(store: S) -> (Self, Cut) {
        let cut = Arc::new(AtomicBool::new(false));
        (Switch { store, cut: cut.clone() }, Cut(cut))
    }

    fn reach(&self) -> Result<&S, Error> {
        if self.cut.load(Ordering::SeqCst) { Err(Error::new(Code::StoreFailed).at("store")) } else { Ok(&self.store) }
    }
}

impl<S: Store> Store for Switch<S> {
    fn identity(&self) -> [u8; 16] {
        self.store.identity()
    }

    fn revision(&self) -> Result<u64, Error> {
        self.reach()?.revision()
    }

    fn floor(&self) -> Result<u64, Error> {
        self.reach()?.floor()
    }

    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error> {
        self.reach()?.append(expected, records)
    }

    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        self.reach()?.read(after, limit)
    }

    fn changed(&self) -> Result<bool, Error> {
        self.reach()?.changed()
    }

    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error> {
        self.reach()?.snapshot()
    }

    fn snapshot_revision(&self) -> Result<Option<u64>, Error> {
        self.reach()?.snapshot_revision()
    }

    fn write_snapshot(&self, snapshot: &StoredSnapshot) -> Result<(), Error> {
        self.reach()?.write_snapshot(snapshot)
    }

    fn compact(&self, keep_after: u64) -> Result<(), Error> {
        self.reach()?.compact(keep_after)
    }

    fn backup(&self, path: &Path) -> Result<u64, Error> {
        self.reach()?.backup(path)
    }
}

//! The store of a rehearsal: what is appended stays in memory, and the store underneath is only read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokenward::{Code, Error};

use super::{Record, Store, StoredSnapshot, damaged};

/// A store as it would be after changes that are never made: it begins as the one underneath and goes on in memory.
///
/// Whoever wants to know what a change comes to without making it opens an authority over a rehearsal. What others append
/// underneath after it was made is not seen.
///
/// ```
/// use tokenward_host::store::{MemoryStore, OpenOptions, Rehearsal, Store};
///
/// let store = MemoryStore::open(&OpenOptions::default())?;
/// store.append(0, &[b"one".to_vec()])?;
/// let rehearsal = Rehearsal::of(Box::new(store.another(&OpenOptions::default())?))?;
/// rehearsal.append(1, &[b"two".to_vec()])?;
/// assert_eq!((rehearsal.begun(), rehearsal.revision()?, store.revision()?), (1, 2, 1));
/// # Ok::<(), tokenward::Error>(())
/// ```
pub struct Rehearsal {
    under: Box<dyn Store>,
    begun: u64,
    records: Mutex<Vec<Vec<u8>>>,
}

impl Rehearsal {
    /// Begins at the present end of a store.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(under: Box<dyn Store>) -> Result<Self, Error> {
        let begun = under.revision()?;
        Ok(Rehearsal { under, begun, records: Mutex::default() })
    }

    /// The revision at which it left the store underneath.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    fn records(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, records: &[Vec<u8>]) -> u64 {
        self.begun.saturating_add(u64::try_from(records.len()).unwrap_or(u64::MAX))
    }
}

impl Store for Rehearsal {
    fn identity(&self) -> [u8; 16] {
        self.under.identity()
    }

    fn revision(&self) -> Result<u64, Error> {
        Ok(self.end(&self.records()))
    }

    fn floor(&self) -> Result<u64, Error> {
        self.under.floor()
    }

    fn append(&self, expected: u64, records: &[Vec<u8>]) -> Result<(), Error> {
        let mut held = self.records();
        if self.end(&held) != expected {
            return Err(Error::new(Code::RevisionConflict));
        }
        held.extend_from_slice(records);
        Ok(())
    }

    fn read(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        let held = self.records();
        if after > self.end(&held) {
            return Err(damaged(after));
        }
        let mut found = Vec::new();
        if after < self.begun {
            found = self.under.read(after, limit)?;
            found.retain(|record| record.revision <= self.begun);
        }
        let skipped = usize::try_from(after.saturating_sub(self.begun)).unwrap_or(usize::MAX);
        let revisions = self.begun.max(after).saturating_add(1)..;
        let rest = limit.saturating_sub(found.len());
        let rehearsed = revisions.zip(held.iter().skip(skipped).take(rest));
        found.extend(rehearsed.map(|(revision, bytes)| Record { revision, bytes: bytes.clone() }));
        Ok(found)
    }

    fn changed(&self) -> Result<bool, Error> {
        Ok(false)
    }

    fn snapshot(&self) -> Result<Option<StoredSnapshot>, Error> {
        // One that was written meanwhile stands for more than was seen.
        Ok(self.under.snapshot()?.filter(|snapshot| snapshot.revision <= self.begun))
    }

    /// Refused with `read_only`, always: a snapshot is a record of what was.
    fn write_snapshot(&self, _: &StoredSnapshot) -> Result<(), Error> {
        Err(Error::new(Code::ReadOnly))
    }

    /// Refused with `read_only`, always.
    fn compact(&self, _: u64) -> Result<(), Error> {
        Err(Error::new(Code::ReadOnly))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::super::{MemoryStore, OpenOptions};
    use super::*;

    #[test]
    fn reading_goes_on_from_one_to_the_other() {
        let store = MemoryStore::open(&OpenOptions::default()).unwrap();
        store.append(0, &[b"1".to_vec(), b"2".to_vec(), b"3".to_vec()]).unwrap();
        let other = Box::new(store.another(&OpenOptions::default()).unwrap());
        let rehearsal = Rehearsal::of(other).unwrap();
        store.append(3, &[b"unseen".to_vec()]).unwrap();
        rehearsal.append(3, &[b"4".to_vec(), b"5".to_vec()]).unwrap();
        assert_eq!(rehearsal.append(3, &[]).unwrap_err().code(), "revision_conflict");
        for after in 0..=5_u64 {
            for limit in 1..=6_usize {
                let read = rehearsal.read(after, limit).unwrap();
                let wanted: Vec<u64> = (after + 1..=5).take(limit).collect();
                assert_eq!(read.iter().map(|record| record.revision).collect::<Vec<_>>(), wanted, "{after} {limit}");
                assert!(read.iter().all(|record| record.bytes == record.revision.to_string().into_bytes()));
            }
        }
        assert_eq!(rehearsal.read(6, 1).unwrap_err().code(), "log_damaged");
        assert_eq!((store.revision().unwrap(), rehearsal.revision().unwrap()), (4, 5));
    }
}

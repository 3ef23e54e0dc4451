//! What is done with the tables, within a transaction that the caller keeps.

use rusqlite::{Connection, OptionalExtension, params};
use tokenward::{Code, Error};

use super::failure::{failure, incoherent};
use super::head::{Head, Mark};
use crate::store::chain::Chain;
use crate::store::{Record, StoredSnapshot, damaged};

/// How many records one transaction of a compaction drops: others get their turn in between.
const STRIDE: u64 = 8_192;

/// Why a change was not made.
pub(super) enum Change {
    /// Nothing was written.
    Refused(Error),
    /// Writing failed.
    Failed(Error),
}

impl From<Error> for Change {
    fn from(error: Error) -> Self {
        Change::Refused(error)
    }
}

/// Puts `records` behind the revision `expected`; answers the new end.
pub(super) fn append(
    connection: &Connection,
    mut head: Head,
    expected: u64,
    records: &[Vec<u8>],
) -> Result<Mark, Change> {
    if head.end.revision != expected {
        return Err(Error::new(Code::RevisionConflict).into());
    }
    if records.is_empty() {
        return Ok(head.end);
    }
    let mut write = || {
        let mut statement = connection
            .prepare_cached("INSERT INTO event (revision, chain, bytes) VALUES (?1, ?2, ?3)")
            .map_err(|error| failure(&error))?;
        for bytes in records {
            let revision = head.end.revision.checked_add(1).ok_or_else(incoherent)?;
            let chain = head.end.chain.next(revision, bytes);
            statement.execute(params![revision, chain.as_bytes(), bytes]).map_err(|error| failure(&error))?;
            head.end = Mark { revision, chain };
        }
        head.save(connection)
    };
    write().map_err(Change::Failed)?;
    Ok(head.end)
}

/// The verified records after `after`, and the mark behind the last of them.
pub(super) fn read(
    connection: &Connection,
    head: &Head,
    known: Mark,
    after: u64,
    limit: usize,
) -> Result<(Vec<Record>, Mark), Error> {
    let mut mark = mark(connection, head, after)?;
    if after == known.revision && mark.chain != known.chain {
        return Err(damaged(after));
    }
    let due = head.end.revision.saturating_sub(after).min(u64::try_from(limit).unwrap_or(u64::MAX));
    let mut records = Vec::with_capacity(usize::try_from(due.min(4_096)).unwrap_or(0));
    let mut statement = connection
        .prepare_cached("SELECT revision, chain, bytes FROM event WHERE revision > ?1 ORDER BY revision LIMIT ?2")
        .map_err(|error| failure(&error))?;
    let mut rows = statement.query(params![after, due]).map_err(|error| failure(&error))?;
    while mark.revision.saturating_sub(after) < due {
        let revision = mark.revision.saturating_add(1);
        let at = |error: rusqlite::Error| {
            let error = failure(&error);
            if error.kind() == Code::LogDamaged { damaged(revision) } else { error }
        };
        let row = rows.next().map_err(at)?.ok_or_else(|| damaged(revision))?;
        let bytes = row.get_ref(2).map_err(at)?.as_blob().map_err(|_| damaged(revision))?.to_vec();
        let chain = mark.chain.next(revision, &bytes);
        let stored = row.get_ref(1).map_err(at)?.as_blob().map_err(|_| damaged(revision))?;
        let number: u64 = row.get(0).map_err(at)?;
        if number != revision || stored != chain.as_bytes() {
            return Err(damaged(revision));
        }
        mark = Mark { revision, chain };
        records.push(Record { revision, bytes });
    }
    if mark.revision == head.end.revision && mark.chain != head.end.chain {
        return Err(damaged(mark.revision));
    }
    Ok((records, mark))
}

/// The stored snapshot, verified.
pub(super) fn snapshot(connection: &Connection, head: &Head) -> Result<Option<StoredSnapshot>, Error> {
    let Some(due) = head.snapshot else { return Ok(None) };
    let invalid = || Error::new(Code::SnapshotInvalid).at("snapshot");
    let mut statement = connection
        .prepare_cached("SELECT revision, checksum, bytes FROM snapshot WHERE only = 1")
        .map_err(|error| failure(&error))?;
    let row = statement.query_row([], |row| {
        Ok((row.get::<_, u64>(0)?, row.get_ref(1)?.as_blob()?.to_vec(), row.get_ref(2)?.as_blob()?.to_vec()))
    });
    let (revision, checksum, bytes) = row.map_err(|error| {
        let error = failure(&error);
        if error.kind() == Code::LogDamaged { invalid() } else { error }
    })?;
    let chain = mark(connection, head, due)?.chain;
    if revision != due || checksum != chain.snapshot_checksum(head.identity, revision, &bytes) {
        return Err(invalid());
    }
    Ok(Some(StoredSnapshot { revision, bytes }))
}

/// Whether the stored snapshot is of the revision that the log's account names, without reading all of it.
pub(super) fn check_snapshot(connection: &Connection, head: &Head) -> Result<(), Error> {
    let stored: Option<u64> = connection
        .query_row("SELECT revision FROM snapshot WHERE only = 1", [], |row| row.get(0))
        .optional()
        .map_err(|error| failure(&error))?;
    if stored == head.snapshot { Ok(()) } else { Err(Error::new(Code::SnapshotInvalid).at("snapshot")) }
}

/// Keeps a snapshot in place of the one before.
pub(super) fn write_snapshot(connection: &Connection, mut head: Head, snapshot: &StoredSnapshot) -> Result<(), Change> {
    if snapshot.revision > head.end.revision {
        return Err(Error::new(Code::SnapshotInvalid).at("snapshot.revision").into());
    }
    if head.snapshot.is_some_and(|stored| stored > snapshot.revision) {
        return Err(Error::new(Code::SnapshotOlder).at("snapshot.revision").into());
    }
    // One that SQLite refuses would count as a failed write, after which a handle writes nothing more.
    snapshot.check_size()?;
    let chain = mark(connection, &head, snapshot.revision)?.chain;
    let checksum = chain.snapshot_checksum(head.identity, snapshot.revision, &snapshot.bytes);
    head.snapshot = Some(snapshot.revision);
    connection
        .prepare_cached("INSERT OR REPLACE INTO snapshot (only, revision, checksum, bytes) VALUES (1, ?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![snapshot.revision, checksum, snapshot.bytes]))
        .map_err(|error| failure(&error))
        .and_then(|_| head.save(connection))
        .map_err(Change::Failed)
}

/// Refuses to drop what no sound snapshot stands for.
pub(super) fn check_compaction(connection: &Connection, head: &Head, keep_after: u64) -> Result<(), Error> {
    if head.snapshot.unwrap_or(0) < keep_after {
        return Err(Error::new(Code::SnapshotOlder).at("keep_after"));
    }
    if keep_after > head.floor.revision {
        snapshot(connection, head)?;
    }
    Ok(())
}

/// Drops some of the records up to `keep_after`; answers whether there are more.
pub(super) fn compact(connection: &Connection, mut head: Head, keep_after: u64) -> Result<bool, Change> {
    if head.snapshot.unwrap_or(0) < keep_after {
        return Err(Error::new(Code::SnapshotOlder).at("keep_after").into());
    }
    let due = keep_after.saturating_sub(head.floor.revision).min(STRIDE);
    if due == 0 {
        return Ok(false);
    }
    head.floor = mark(connection, &head, head.floor.revision.saturating_add(due))?;
    let dropped = connection
        .prepare_cached("DELETE FROM event WHERE revision <= ?1")
        .and_then(|mut statement| statement.execute(params![head.floor.revision]))
        .map_err(|error| Change::Failed(failure(&error)))?;
    if u64::try_from(dropped) != Ok(due) {
        return Err(damaged(head.floor.revision).into());
    }
    head.save(connection).map_err(Change::Failed)?;
    Ok(head.floor.revision < keep_after)
}

/// The stored chain at a revision.
fn mark(connection: &Connection, head: &Head, revision: u64) -> Result<Mark, Error> {
    if revision > head.end.revision {
        return Err(damaged(revision));
    }
    if revision < head.floor.revision {
        return Err(Error::new(Code::LogMissing).at("after"));
    }
    if revision == head.floor.revision {
        return Ok(head.floor);
    }
    let stored = connection
        .prepare_cached("SELECT chain FROM event WHERE revision = ?1")
        .and_then(|mut statement| {
            statement.query_row(params![revision], |row| Ok(Chain::from_stored(row.get_ref(0)?.as_blob()?))).optional()
        })
        .map_err(|error| failure(&error))?;
    let chain = stored.flatten().ok_or_else(|| damaged(revision))?;
    Ok(Mark { revision, chain })
}

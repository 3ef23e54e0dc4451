//! What is done with the tables, within a transaction that the caller keeps.

use tokenward::{Code, Error};
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use super::address::Address;
use super::failure::{Failure, incoherent, unreadable};
use super::head::number;
use crate::store::chain::Chain;
use crate::store::head::{Head, Mark};
use crate::store::{Record, StoredSnapshot, damaged};

/// How many records one transaction of a compaction drops: others get their turn in between.
const STRIDE: u64 = 8_192;

/// The random name of one append, stored with its records.
pub(super) type Attempt = [u8; 16];

/// Puts `records` behind the revision that the locked `head` ends at; answers the new end.
pub(super) async fn append(
    client: &Client,
    address: &Address,
    mut head: Head,
    records: &[Vec<u8>],
    attempt: &Attempt,
) -> Result<Mark, Failure> {
    if records.is_empty() {
        return Ok(head.end);
    }
    let mut revisions = Vec::with_capacity(records.len());
    let mut chains = Vec::with_capacity(records.len());
    for bytes in records {
        let revision = head.end.revision.checked_add(1).ok_or_else(incoherent)?;
        head.end = Mark { revision, chain: head.end.chain.next(revision, bytes) };
        revisions.push(number(revision)?);
        chains.push(head.end.chain);
    }
    let chains: Vec<&[u8]> = chains.iter().map(|chain| chain.as_bytes().as_slice()).collect();
    let bytes: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let insert = address.sql(
        "INSERT INTO @event (revision, chain, attempt, bytes) SELECT r, c, $4, b FROM unnest($1, $2, $3) AS new (r, c, b)",
    );
    let (channel, end) = (channel(head.identity), head.end.revision.to_string());
    let attempt = attempt.as_slice();
    let rows: [(&(dyn ToSql + Sync), Type); 4] = [
        (&revisions, Type::INT8_ARRAY),
        (&chains, Type::BYTEA_ARRAY),
        (&bytes, Type::BYTEA_ARRAY),
        (&attempt, Type::BYTEA),
    ];
    let notice: [(&(dyn ToSql + Sync), Type); 2] = [(&channel, Type::TEXT), (&end, Type::TEXT)];
    // They travel together; the server takes them one after the other.
    let (inserted, saved, told) = tokio::join!(
        client.execute_typed(&insert, &rows),
        head.update(client, address),
        client.query_typed("SELECT pg_notify($1, $2)", &notice),
    );
    if usize::try_from(inserted?) != Ok(records.len()) {
        return Err(incoherent().into());
    }
    saved?;
    told?;
    Ok(head.end)
}

/// Where an append whose outcome was open has ended, if it came about: asked under the lock, so no part of it is still
/// under way.
pub(super) async fn find(
    client: &Client,
    address: &Address,
    head: &Head,
    end: u64,
    attempt: &Attempt,
) -> Result<Option<Mark>, Failure> {
    if head.end.revision < end {
        return Ok(None);
    }
    if end <= head.floor.revision {
        // Others have appended, kept a snapshot and compacted: nobody can tell any more.
        return Err(Error::new(Code::StoreFailed).at("store").into());
    }
    let statement = address.sql("SELECT chain, attempt FROM @event WHERE revision = $1");
    let row = client.query_typed_opt(&statement, &[(&number(end)?, Type::INT8)]).await?.ok_or_else(|| damaged(end))?;
    let stored: &[u8] = row.try_get(1).map_err(|_| damaged(end))?;
    if stored != attempt {
        return Ok(None);
    }
    let chain = row.try_get::<_, &[u8]>(0).ok().and_then(Chain::from_stored).ok_or_else(|| damaged(end))?;
    Ok(Some(Mark { revision: end, chain }))
}

/// The verified records after `after`, and the mark behind the last of them.
pub(super) async fn read(
    client: &Client,
    address: &Address,
    head: &Head,
    known: Mark,
    after: u64,
    limit: usize,
) -> Result<(Vec<Record>, Mark), Failure> {
    let mut mark = mark(client, address, head, after).await?;
    if after == known.revision && mark.chain != known.chain {
        return Err(damaged(after).into());
    }
    let due = head.end.revision.saturating_sub(after).min(u64::try_from(limit).unwrap_or(u64::MAX));
    if due == 0 {
        return Ok((Vec::new(), mark));
    }
    let statement =
        address.sql("SELECT revision, chain, bytes FROM @event WHERE revision > $1 ORDER BY revision LIMIT $2");
    let rows = client.query_typed(&statement, &[(&number(after)?, Type::INT8), (&number(due)?, Type::INT8)]).await?;
    if u64::try_from(rows.len()) != Ok(due) {
        return Err(damaged(head.end.revision).into());
    }
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let revision = mark.revision.saturating_add(1);
        let bytes: Vec<u8> = row.try_get(2).map_err(|_| damaged(revision))?;
        let chain = mark.chain.next(revision, &bytes);
        let stored: &[u8] = row.try_get(1).map_err(|_| damaged(revision))?;
        let stands: i64 = row.try_get(0).map_err(|_| damaged(revision))?;
        if u64::try_from(stands) != Ok(revision) || stored != chain.as_bytes() {
            return Err(damaged(revision).into());
        }
        mark = Mark { revision, chain };
        records.push(Record { revision, bytes });
    }
    if mark.revision == head.end.revision && mark.chain != head.end.chain {
        return Err(damaged(mark.revision).into());
    }
    Ok((records, mark))
}

/// The stored snapshot, verified.
pub(super) async fn snapshot(
    client: &Client,
    address: &Address,
    head: &Head,
) -> Result<Option<StoredSnapshot>, Failure> {
    let Some(due) = head.snapshot else { return Ok(None) };
    let invalid = || Error::new(Code::SnapshotInvalid).at("snapshot");
    let statement = address.sql("SELECT revision, checksum, bytes FROM @snapshot WHERE single");
    let row = client.query_typed_opt(&statement, &[]).await?.ok_or_else(invalid)?;
    let revision: i64 = row.try_get(0).map_err(|_| invalid())?;
    let checksum: &[u8] = row.try_get(1).map_err(|_| invalid())?;
    let bytes: Vec<u8> = row.try_get(2).map_err(|_| invalid())?;
    let chain = mark(client, address, head, due).await?.chain;
    if u64::try_from(revision) != Ok(due) || *checksum != chain.snapshot_checksum(head.identity, due, &bytes) {
        return Err(invalid().into());
    }
    Ok(Some(StoredSnapshot { revision: due, bytes }))
}

/// Whether the stored snapshot is of the revision that the log's account names, without reading all of it.
pub(super) async fn check_snapshot(client: &Client, address: &Address, head: &Head) -> Result<(), Failure> {
    let stored = client.query_typed_opt(&address.sql("SELECT revision FROM @snapshot WHERE single"), &[]).await?;
    let stored: Option<i64> = stored.map(|row| row.try_get(0)).transpose().map_err(|_| unreadable(None))?;
    if stored.and_then(|revision| u64::try_from(revision).ok()) == head.snapshot {
        Ok(())
    } else {
        Err(Error::new(Code::SnapshotInvalid).at("snapshot").into())
    }
}

/// Keeps a snapshot in place of the one before.
pub(super) async fn write_snapshot(
    client: &Client,
    address: &Address,
    mut head: Head,
    snapshot: &StoredSnapshot,
) -> Result<(), Failure> {
    if snapshot.revision > head.end.revision {
        return Err(Error::new(Code::SnapshotInvalid).at("snapshot.revision").into());
    }
    if head.snapshot.is_some_and(|stored| stored > snapshot.revision) {
        return Err(Error::new(Code::SnapshotOlder).at("snapshot.revision").into());
    }
    let chain = mark(client, address, &head, snapshot.revision).await?.chain;
    let checksum = chain.snapshot_checksum(head.identity, snapshot.revision, &snapshot.bytes);
    head.snapshot = Some(snapshot.revision);
    let statement = address.sql(
        "INSERT INTO @snapshot (single, revision, checksum, bytes) VALUES (true, $1, $2, $3) \
         ON CONFLICT (single) DO UPDATE SET revision = $1, checksum = $2, bytes = $3",
    );
    let (revision, checksum, bytes) = (number(snapshot.revision)?, checksum.as_slice(), snapshot.bytes.as_slice());
    let parameters: [(&(dyn ToSql + Sync), Type); 3] =
        [(&revision, Type::INT8), (&checksum, Type::BYTEA), (&bytes, Type::BYTEA)];
    client.execute_typed(&statement, &parameters).await?;
    head.update(client, address).await
}

/// Refuses to drop what no sound snapshot stands for.
pub(super) async fn check_compaction(
    client: &Client,
    address: &Address,
    head: &Head,
    keep_after: u64,
) -> Result<(), Failure> {
    if head.snapshot.unwrap_or(0) < keep_after {
        return Err(Error::new(Code::SnapshotOlder).at("keep_after").into());
    }
    if keep_after > head.floor.revision {
        snapshot(client, address, head).await?;
    }
    Ok(())
}

/// Drops some of the records up to `keep_after`; answers whether there are more.
pub(super) async fn compact(
    client: &Client,
    address: &Address,
    mut head: Head,
    keep_after: u64,
) -> Result<bool, Failure> {
    if head.snapshot.unwrap_or(0) < keep_after {
        return Err(Error::new(Code::SnapshotOlder).at("keep_after").into());
    }
    let due = keep_after.saturating_sub(head.floor.revision).min(STRIDE);
    if due == 0 {
        return Ok(false);
    }
    head.floor = mark(client, address, &head, head.floor.revision.saturating_add(due)).await?;
    let statement = address.sql("DELETE FROM @event WHERE revision <= $1");
    let dropped = client.execute_typed(&statement, &[(&number(head.floor.revision)?, Type::INT8)]).await?;
    if dropped != due {
        return Err(damaged(head.floor.revision).into());
    }
    head.update(client, address).await?;
    Ok(head.floor.revision < keep_after)
}

/// The channel on which the appends to one store are told.
pub(super) fn channel(identity: [u8; 16]) -> String {
    format!("tokenward_{:032x}", u128::from_be_bytes(identity))
}

/// The stored chain at a revision.
async fn mark(client: &Client, address: &Address, head: &Head, revision: u64) -> Result<Mark, Failure> {
    if revision > head.end.revision {
        return Err(damaged(revision).into());
    }
    if revision < head.floor.revision {
        return Err(Error::new(Code::LogMissing).at("after").into());
    }
    if revision == head.floor.revision {
        return Ok(head.floor);
    }
    if revision == head.end.revision {
        return Ok(head.end);
    }
    let statement = address.sql("SELECT chain FROM @event WHERE revision = $1");
    let row = client.query_typed_opt(&statement, &[(&number(revision)?, Type::INT8)]).await?;
    let row = row.ok_or_else(|| damaged(revision))?;
    let chain = row.try_get::<_, &[u8]>(0).ok().and_then(Chain::from_stored).ok_or_else(|| damaged(revision))?;
    Ok(Mark { revision, chain })
}

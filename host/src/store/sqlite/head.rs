//! The log's account of itself: one row that says where it begins and ends, sealed by a digest.

use rusqlite::{Connection, Row, params};
use sha2::{Digest, Sha256};
use tokenward::Error;

use super::failure::{failure, incoherent};
use crate::store::chain::Chain;
use crate::store::damaged;

/// Where the log begins and ends. Each change of the log writes it in the same transaction, so rows that vanish or appear
/// by another hand do not fit it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) identity: [u8; 16],
    /// The last revision and the chain's value there.
    pub(super) end: Mark,
    /// The last revision that was compacted away, or 0, and the chain's value there.
    pub(super) floor: Mark,
    /// The revision of the stored snapshot.
    pub(super) snapshot: Option<u64>,
}

/// A revision and the chain's value behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) revision: u64,
    pub(super) chain: Chain,
}

impl Head {
    /// The account of a new, empty log.
    pub(super) fn begin(identity: [u8; 16]) -> Self {
        let start = Mark { revision: 0, chain: Chain::begin(identity) };
        Head { identity, end: start, floor: start, snapshot: None }
    }

    /// Reads the account and compares it with itself and with the last record.
    pub(super) fn load(connection: &Connection) -> Result<Self, Error> {
        let mut statement = connection
            .prepare_cached(
                "SELECT identity, revision, chain, floor, floor_chain, snapshot, seal, \
                 (SELECT max(revision) FROM event) FROM head WHERE only = 1",
            )
            .map_err(|error| failure(&error))?;
        let (head, seal, last) = statement
            .query_row([], |row| Ok((Head::from_row(row)?, row.get_ref(6)?.as_blob()?.to_vec(), row.get(7)?)))
            .map_err(|error| failure(&error))?;
        let head = head.ok_or_else(incoherent)?;
        let last: Option<u64> = last;
        if head.seal() != *seal {
            return Err(incoherent());
        }
        if last.unwrap_or(head.floor.revision) != head.end.revision {
            return Err(damaged(last.unwrap_or(head.floor.revision).min(head.end.revision).saturating_add(1)));
        }
        Ok(head)
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let identity = row.get_ref(0)?.as_blob()?.try_into().ok();
        let end = Chain::from_stored(row.get_ref(2)?.as_blob()?);
        let floor = Chain::from_stored(row.get_ref(4)?.as_blob()?);
        let (Some(identity), Some(end), Some(floor)) = (identity, end, floor) else { return Ok(None) };
        Ok(Some(Head {
            identity,
            end: Mark { revision: row.get(1)?, chain: end },
            floor: Mark { revision: row.get(3)?, chain: floor },
            snapshot: row.get(5)?,
        }))
    }

    /// Writes the account, in the transaction that makes it true.
    pub(super) fn save(&self, connection: &Connection) -> Result<(), Error> {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO head (only, identity, revision, chain, floor, floor_chain, snapshot, seal) \
                 VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    self.identity.as_slice(),
                    self.end.revision,
                    self.end.chain.as_bytes().as_slice(),
                    self.floor.revision,
                    self.floor.chain.as_bytes().as_slice(),
                    self.snapshot,
                    self.seal().as_slice(),
                ])
            })
            .map_err(|error| failure(&error))?;
        Ok(())
    }

    /// A digest over all of it: a flipped bit in the account is not mistaken for another account.
    fn seal(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(b"tokenward head\0")
            .chain_update(self.identity)
            .chain_update(self.end.revision.to_be_bytes())
            .chain_update(self.end.chain.as_bytes())
            .chain_update(self.floor.revision.to_be_bytes())
            .chain_update(self.floor.chain.as_bytes())
            .chain_update([u8::from(self.snapshot.is_some())])
            .chain_update(self.snapshot.unwrap_or(0).to_be_bytes())
            .finalize()
            .into()
    }
}

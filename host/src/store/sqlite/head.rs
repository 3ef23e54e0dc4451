//! The log's account of itself as one row of a table.

use rusqlite::{Connection, Row, params};
use tokenward::Error;

use super::failure::{failure, incoherent};
use crate::store::chain::Chain;
use crate::store::damaged;
pub(super) use crate::store::head::{Head, Mark};

impl Head {
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
}

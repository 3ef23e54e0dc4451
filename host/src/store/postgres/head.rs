//! The log's account of itself as one row of a table.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::address::Address;
use super::failure::{Failure, incoherent};
use crate::store::chain::Chain;
use crate::store::damaged;
use crate::store::head::{Head, Mark};

const LOOK: &str = "SELECT identity, revision, chain, floor, floor_chain, snapshot, seal, \
    (SELECT max(revision) FROM @event) FROM @head WHERE single";
const LOCK: &str = "SELECT FROM @head WHERE single FOR UPDATE";

impl Head {
    /// Reads the account and compares it with itself and with the last record.
    pub(super) async fn look(client: &Client, address: &Address) -> Result<Self, Failure> {
        let row = client.query_typed_opt(&address.sql(LOOK), &[]).await?.ok_or_else(incoherent)?;
        Head::from_columns(&row)
    }

    /// The same once no other transaction is changing the log, and until this one ends.
    pub(super) async fn lock(client: &Client, address: &Address) -> Result<Self, Failure> {
        // Two statements: the second one sees what was committed while the first one waited. They travel together.
        let (wait, look) = (address.sql(LOCK), address.sql(LOOK));
        let (locked, row) = tokio::join!(client.query_typed_opt(&wait, &[]), client.query_typed_opt(&look, &[]));
        locked?.ok_or_else(incoherent)?;
        Head::from_columns(&row?.ok_or_else(incoherent)?)
    }

    fn from_columns(row: &Row) -> Result<Self, Failure> {
        let bytes = |index| row.try_get::<_, &[u8]>(index).map_err(|_| incoherent());
        let chain = |index| bytes(index).and_then(|bytes| Chain::from_stored(bytes).ok_or_else(incoherent));
        let optional = |index| {
            let number = row.try_get::<_, Option<i64>>(index).map_err(|_| incoherent())?;
            number.map(u64::try_from).transpose().map_err(|_| incoherent())
        };
        let number = |index| optional(index)?.ok_or_else(incoherent);
        let head = Head {
            identity: bytes(0)?.try_into().map_err(|_| incoherent())?,
            end: Mark { revision: number(1)?, chain: chain(2)? },
            floor: Mark { revision: number(3)?, chain: chain(4)? },
            snapshot: optional(5)?,
        };
        if head.seal() != *bytes(6)? {
            return Err(incoherent().into());
        }
        let last = optional(7)?.unwrap_or(head.floor.revision);
        if last == head.end.revision {
            Ok(head)
        } else {
            Err(damaged(last.min(head.end.revision).saturating_add(1)).into())
        }
    }

    /// Writes the account of a new log.
    pub(super) async fn insert(&self, client: &Client, address: &Address) -> Result<(), Failure> {
        self.write(client, &address.sql("INSERT INTO @head VALUES (true, $1, $2, $3, $4, $5, $6, $7)")).await
    }

    /// Writes the account in place of the one before, in the transaction that makes it true.
    pub(super) async fn update(&self, client: &Client, address: &Address) -> Result<(), Failure> {
        let update = "UPDATE @head SET identity = $1, revision = $2, chain = $3, floor = $4, floor_chain = $5, \
            snapshot = $6, seal = $7 WHERE single";
        self.write(client, &address.sql(update)).await
    }

    async fn write(&self, client: &Client, statement: &str) -> Result<(), Failure> {
        let (revision, floor) = (number(self.end.revision)?, number(self.floor.revision)?);
        let seal = self.seal();
        let snapshot = self.snapshot.map(number).transpose()?;
        let parameters: [(&(dyn ToSql + Sync), Type); 7] = [
            (&self.identity.as_slice(), Type::BYTEA),
            (&revision, Type::INT8),
            (&self.end.chain.as_bytes().as_slice(), Type::BYTEA),
            (&floor, Type::INT8),
            (&self.floor.chain.as_bytes().as_slice(), Type::BYTEA),
            (&snapshot, Type::INT8),
            (&seal.as_slice(), Type::BYTEA),
        ];
        let written = client.execute_typed(statement, &parameters).await?;
        if written == 1 { Ok(()) } else { Err(incoherent().into()) }
    }
}

/// A revision as the database counts.
pub(super) fn number(revision: u64) -> Result<i64, Failure> {
    i64::try_from(revision).map_err(|_| damaged(revision).into())
}

//! The tables: recognised, or made.

use tokenward::{Code, Error};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::address::Address;
use super::connection::Connection;
use super::failure::{Failure, incoherent, missing, unreadable};
use crate::entropy;
use crate::store::OpenOptions;
use crate::store::head::Head;

/// The version of the tables. A later one brings the statements that lead to it from the one before.
const VERSION: i32 = 1;

/// The tables. They are all that is in the schema.
const TABLES: &str = "
CREATE TABLE @version (single boolean PRIMARY KEY CHECK (single), version integer NOT NULL);
CREATE TABLE @event (revision bigint PRIMARY KEY, chain bytea NOT NULL, attempt bytea NOT NULL, bytes bytea NOT NULL);
CREATE TABLE @head (single boolean PRIMARY KEY CHECK (single), identity bytea NOT NULL, revision bigint NOT NULL,
    chain bytea NOT NULL, floor bigint NOT NULL, floor_chain bytea NOT NULL, snapshot bigint, seal bytea NOT NULL);
CREATE TABLE @snapshot (single boolean PRIMARY KEY CHECK (single), revision bigint NOT NULL, checksum bytea NOT NULL,
    bytes bytea NOT NULL);
";

/// What the catalogue says of these tables: each column, its type, and whether it is never null.
const COLUMNS: &str = "event.revision:bigint:true event.chain:bytea:true event.attempt:bytea:true event.bytes:bytea:true \
    head.single:boolean:true head.identity:bytea:true head.revision:bigint:true head.chain:bytea:true \
    head.floor:bigint:true head.floor_chain:bytea:true head.snapshot:bigint:false head.seal:bytea:true \
    snapshot.single:boolean:true snapshot.revision:bigint:true snapshot.checksum:bytea:true snapshot.bytes:bytea:true \
    version.single:boolean:true version.version:integer:true";

/// Refuses a schema that is not a log of ours, or of a newer library; makes the tables where there is nothing.
pub(super) fn settle(connection: &Connection, address: &Address, options: &OpenOptions) -> Result<(), Failure> {
    let create = options.create && !options.read_only;
    connection.run(options.busy_timeout.saturating_add(super::QUICK), async |client| {
        if is_empty(client, address).await? {
            if !create {
                return Err(missing().into());
            }
            make(client, address).await?;
        }
        recognise(client, address).await
    })
}

/// Whether there is no table yet, or no schema.
async fn is_empty(client: &Client, address: &Address) -> Result<bool, Failure> {
    let count = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')";
    let row = client.query_typed_one(count, &[(&address.schema, Type::TEXT)]).await?;
    Ok(row.try_get::<_, i64>(0).map_err(|_| incoherent())? == 0)
}

/// Makes the tables in one transaction, unless another process did meanwhile.
async fn make(client: &Client, address: &Address) -> Result<(), Failure> {
    let mut identity = [0; 16];
    entropy::fill(&mut identity)?;
    client.batch_execute("BEGIN").await?;
    let lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended('tokenward ' || $1, 0))) AS locked";
    let made = async {
        client.query_typed(lock, &[(&address.schema, Type::TEXT)]).await?;
        if !is_empty(client, address).await? {
            return Ok(());
        }
        let known = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
        if client.query_typed_opt(known, &[(&address.schema, Type::TEXT)]).await?.is_none() {
            client.batch_execute(&format!("CREATE SCHEMA \"{}\"", address.schema)).await?;
        }
        client.batch_execute(&address.sql(TABLES)).await?;
        client.batch_execute(&address.sql(&format!("INSERT INTO @version VALUES (true, {VERSION})"))).await?;
        Head::begin(identity).insert(client, address).await
    };
    let end = made.await;
    client.batch_execute(if end.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    end
}

async fn recognise(client: &Client, address: &Address) -> Result<(), Failure> {
    let columns = "SELECT string_agg(concat(c.relname, '.', a.attname, ':', format_type(a.atttypid, a.atttypmod), ':', \
        CASE WHEN a.attnotnull THEN 'true' ELSE 'false' END), ' ' ORDER BY c.relname COLLATE \"C\", a.attnum) \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND a.attnum > 0 AND NOT a.attisdropped";
    let row = client.query_typed_one(columns, &[(&address.schema, Type::TEXT)]).await?;
    let found: Option<String> = row.try_get(0).map_err(|_| incoherent())?;
    let found = found.unwrap_or_default();
    if !found.contains("version.single:boolean:true version.version:integer:true") {
        return Err(Error::new(Code::StoreForeign).at("store").into());
    }
    let version = client.query_typed_opt(&address.sql("SELECT version FROM @version WHERE single"), &[]).await?;
    let version: i32 = version.ok_or_else(incoherent)?.try_get(0).map_err(|_| unreadable(None))?;
    if version > VERSION {
        return Err(Error::new(Code::LogVersion).at("store").into());
    }
    if version != VERSION || found != COLUMNS { Err(incoherent().into()) } else { Ok(()) }
}

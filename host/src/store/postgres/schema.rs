//! The tables: made where there are none, brought to this version where they are of an earlier one, and recognised.

use tokenward::{Code, Error};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::address::Address;
use super::connection::Connection;
use super::failure::{Failure, incoherent, missing, unreadable};
use crate::entropy;
use crate::store::OpenOptions;
use crate::store::head::Head;

/// What leads from each version of the tables to the next, beginning with none. A new version is a step more at the end;
/// what was released is not changed again.
const STEPS: [&str; 1] = ["
CREATE TABLE @event (revision bigint PRIMARY KEY, chain bytea NOT NULL, attempt bytea NOT NULL, bytes bytea NOT NULL);
CREATE TABLE @head (single boolean PRIMARY KEY CHECK (single), identity bytea NOT NULL, revision bigint NOT NULL,
    chain bytea NOT NULL, floor bigint NOT NULL, floor_chain bytea NOT NULL, snapshot bigint, seal bytea NOT NULL);
CREATE TABLE @snapshot (single boolean PRIMARY KEY CHECK (single), revision bigint NOT NULL, checksum bytea NOT NULL,
    bytes bytea NOT NULL);
"];

/// The version is in a table of its own, which is the first to be made and stays as it is.
const VERSION_TABLE: &str = "
CREATE TABLE @version (single boolean PRIMARY KEY CHECK (single), version integer NOT NULL);
INSERT INTO @version VALUES (true, 0);
";

/// What the catalogue says of the tables after the last step: each column, its type, and whether it is never null.
const COLUMNS: &str = "event.revision:bigint:true event.chain:bytea:true event.attempt:bytea:true event.bytes:bytea:true \
    head.single:boolean:true head.identity:bytea:true head.revision:bigint:true head.chain:bytea:true \
    head.floor:bigint:true head.floor_chain:bytea:true head.snapshot:bigint:false head.seal:bytea:true \
    snapshot.single:boolean:true snapshot.revision:bigint:true snapshot.checksum:bytea:true snapshot.bytes:bytea:true \
    version.single:boolean:true version.version:integer:true";

/// Makes the tables where there is nothing, or brings them to this version; refuses a schema that is not a log of ours, or
/// of a newer library.
pub(super) fn settle(connection: &Connection, address: &Address, options: &OpenOptions) -> Result<(), Failure> {
    connection.run(options.busy_timeout.saturating_add(super::QUICK), async |client| {
        let empty = is_empty(client, address).await?;
        if empty && (!options.create || options.read_only) {
            return Err(missing().into());
        }
        if empty || version(client, address).await? < STEPS.len() {
            if options.read_only {
                let remedy = "a log that a process which may write has opened with this version";
                return Err(Error::new(Code::LogVersion).at("store").expected(remedy).into());
            }
            climb(client, address).await?;
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

/// Makes what is missing up to this version in one transaction, unless another process did meanwhile.
async fn climb(client: &Client, address: &Address) -> Result<(), Failure> {
    client.batch_execute("BEGIN").await?;
    let lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended('tokenward ' || $1, 0))) AS locked";
    let climbed = async {
        client.query_typed(lock, &[(&address.schema, Type::TEXT)]).await?;
        if is_empty(client, address).await? {
            let known = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
            if client.query_typed_opt(known, &[(&address.schema, Type::TEXT)]).await?.is_none() {
                client.batch_execute(&format!("CREATE SCHEMA \"{}\"", address.schema)).await?;
            }
            client.batch_execute(&address.sql(VERSION_TABLE)).await?;
        }
        let begins_at = version(client, address).await?;
        for step in STEPS.iter().skip(begins_at) {
            client.batch_execute(&address.sql(step)).await?;
        }
        client.batch_execute(&address.sql(&format!("UPDATE @version SET version = {}", STEPS.len()))).await?;
        if begins_at > 0 {
            return Ok(());
        }
        let mut identity = [0; 16];
        entropy::fill(&mut identity)?;
        Head::begin(identity).insert(client, address).await
    };
    let end = climbed.await;
    client.batch_execute(if end.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    end
}

/// The version that the tables say they have, which is not later than this one.
async fn version(client: &Client, address: &Address) -> Result<usize, Failure> {
    let found = columns(client, address).await?;
    if !found.contains("version.single:boolean:true version.version:integer:true") {
        return Err(Error::new(Code::StoreForeign).at("store").into());
    }
    let version = client.query_typed_opt(&address.sql("SELECT version FROM @version WHERE single"), &[]).await?;
    let version: i32 = version.ok_or_else(incoherent)?.try_get(0).map_err(|_| unreadable(None))?;
    let version = usize::try_from(version).map_err(|_| incoherent())?;
    if version > STEPS.len() { Err(Error::new(Code::LogVersion).at("store").into()) } else { Ok(version) }
}

/// Refuses tables that are not as this version has them.
async fn recognise(client: &Client, address: &Address) -> Result<(), Failure> {
    let whole = version(client, address).await? == STEPS.len() && columns(client, address).await? == COLUMNS;
    if whole { Ok(()) } else { Err(incoherent().into()) }
}

/// What is in the schema, in the way of [`COLUMNS`].
async fn columns(client: &Client, address: &Address) -> Result<String, Failure> {
    let columns = "SELECT string_agg(concat(c.relname, '.', a.attname, ':', format_type(a.atttypid, a.atttypmod), ':', \
        CASE WHEN a.attnotnull THEN 'true' ELSE 'false' END), ' ' ORDER BY c.relname COLLATE \"C\", a.attnum) \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND a.attnum > 0 AND NOT a.attisdropped";
    let row = client.query_typed_one(columns, &[(&address.schema, Type::TEXT)]).await?;
    Ok(row.try_get::<_, Option<String>>(0).map_err(|_| incoherent())?.unwrap_or_default())
}

//! The store on PostgreSQL, put through what [every store must do](conformance) on a real server.

#![cfg(all(unix, feature = "postgres"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    dead_code,
    reason = "tests"
)]

#[macro_use]
mod conformance;
mod server;

use std::sync::OnceLock;

use tokenward::Error;
use tokenward_host::store::{OpenOptions, PostgresStore, Store};

use conformance::Fixture;
use server::{Server, Setup};

struct Postgres {
    address: String,
}

/// One server for all tests of this process.
fn shared() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(Setup::default())).as_ref()
}

impl Fixture for Postgres {
    fn new() -> Option<Self> {
        Some(Postgres { address: shared()?.fresh() })
    }

    fn open_with(&self, options: &OpenOptions) -> Result<Box<dyn Store>, Error> {
        Ok(Box::new(PostgresStore::open(&self.address, options)?))
    }
}

conformance! { postgres: crate::Postgres; }

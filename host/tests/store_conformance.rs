//! The stores that need nothing but this machine, each put through what [every store must do](conformance).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

#[macro_use]
mod conformance;

use std::sync::OnceLock;

use tokenward::Error;
use tokenward_host::store::{MemoryStore, OpenOptions, SqliteStore, Store};

use conformance::Fixture;

struct Memory(OnceLock<MemoryStore>);

impl Fixture for Memory {
    fn new() -> Option<Self> {
        Some(Memory(OnceLock::new()))
    }

    fn open_with(&self, options: &OpenOptions) -> Result<Box<dyn Store>, Error> {
        if self.0.get().is_none() {
            let _ = self.0.set(MemoryStore::open(options)?);
        }
        Ok(Box::new(self.0.get().unwrap().another(options)?))
    }
}

struct Sqlite(tempfile::TempDir);

impl Fixture for Sqlite {
    fn new() -> Option<Self> {
        Some(Sqlite(tempfile::tempdir().unwrap()))
    }

    fn open_with(&self, options: &OpenOptions) -> Result<Box<dyn Store>, Error> {
        Ok(Box::new(SqliteStore::open(&self.0.path().join("tokens.db"), options)?))
    }
}

conformance! {
    memory: crate::Memory;
    sqlite: crate::Sqlite;
}

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
use tokenward_host::store::{OpenOptions, PostgresStore, Store, StoredSnapshot};

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

/// A snapshot that is larger than the server takes is refused, and changes go on.
#[test]
fn a_snapshot_that_is_too_large_stops_nothing() {
    let Some(place) = Postgres::new() else { return };
    let store = place.open();
    store.append(0, &[b"one".to_vec()]).unwrap();
    let error = store.write_snapshot(&StoredSnapshot { revision: 1, bytes: vec![0; 1_000_000_000] }).unwrap_err();
    assert_eq!((error.code(), error.place()), ("document_too_large", "snapshot"));
    store.append(1, &[b"two".to_vec()]).unwrap();
    assert_eq!((store.revision().unwrap(), store.snapshot_revision().unwrap()), (2, None));
}

/// A snapshot of the size that a million tokens have comes back as it was written.
#[test]
fn a_snapshot_of_a_hundred_megabytes_comes_back() {
    let Some(place) = Postgres::new() else { return };
    let store = place.open();
    store.append(0, &[b"one".to_vec()]).unwrap();
    let bytes: Vec<u8> = (0..100_000_000_u32).map(|number| (number.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    store.write_snapshot(&StoredSnapshot { revision: 1, bytes: bytes.clone() }).unwrap();
    assert!(place.open().snapshot().unwrap().expect("a snapshot").bytes == bytes);
}

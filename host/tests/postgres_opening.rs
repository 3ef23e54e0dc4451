//! What is refused when a store on PostgreSQL is opened, and what is told of it.

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

mod server;

use std::net::TcpListener;
use std::time::Duration;
use std::{fs, thread};

use tokenward_host::store::{OpenOptions, PostgresStore, Store, StoredSnapshot, open_store};

use server::{Server, Setup};

const QUICK: OpenOptions =
    OpenOptions { create: true, read_only: false, minimum_revision: 0, busy_timeout: Duration::from_millis(300) };

fn opened(address: &str) -> Result<PostgresStore, (&'static str, String)> {
    PostgresStore::open(address, &QUICK).map_err(|error| (error.code(), error.place().to_owned()))
}

fn refused(address: &str) -> (&'static str, String) {
    opened(address).expect_err("a refusal")
}

fn at(code: &'static str, place: &str) -> (&'static str, String) {
    (code, place.to_owned())
}

#[test]
fn wrong_credentials_are_refused_and_not_told() {
    let access = "host all guarded 127.0.0.1/32 scram-sha-256";
    let Some(server) = Server::start(Setup { access, ..Setup::default() }) else { return };
    server.sql("CREATE ROLE guarded LOGIN PASSWORD 'right-horse'; CREATE SCHEMA own AUTHORIZATION guarded").unwrap();
    let address = |user: &str| format!("postgresql://{user}@127.0.0.1:{}/postgres?schema=own", server.port);
    for user in ["guarded:wrong-horse", "guarded", "nobody_here:wrong-horse"] {
        let error = open_store(&address(user), &QUICK).err().unwrap();
        assert_eq!((error.code(), error.place()), ("store_failed", "store.user"), "{user}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains("horse") && !said.contains("guarded"), "{said}");
    }
    let store = opened(&address("guarded:right-horse")).unwrap();
    assert_eq!(format!("{store:?}"), "PostgresStore { .. }");
    store.append(0, &[b"one".to_vec()]).unwrap();
    // One who may log in, and nothing else.
    server.sql("CREATE ROLE stranger LOGIN").unwrap();
    assert_eq!(refused(&address("stranger")), at("store_failed", "store"));
    assert_eq!(refused(&address("stranger").replace("own", "another")), at("store_failed", "store"));
}

#[test]
fn what_is_not_there_is_told_apart() {
    let Some(server) = Server::start(Setup::default()) else { return };
    assert_eq!(refused(&server.address("elsewhere", "")), at("log_missing", "store"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(refused(&format!("postgresql://owner@127.0.0.1:{closed}/postgres")), at("store_failed", "store"));
    assert_eq!(refused(&server.address("postgres", "sslmode=require")), at("store_failed", "store.sslmode"));
    let existing = OpenOptions { create: false, ..QUICK };
    let error = PostgresStore::open(&server.fresh(), &existing).err().unwrap();
    assert_eq!((error.code(), error.place()), ("log_missing", "store"));
    assert_eq!(server.sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'test%'").unwrap(), "0");
}

#[test]
fn tables_that_are_not_ours_or_not_as_we_made_them_are_refused() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let address = |schema: &str| server.address("postgres", &format!("schema={schema}"));
    server.sql("CREATE SCHEMA foreign_one; CREATE TABLE foreign_one.event (id int)").unwrap();
    assert_eq!(refused(&address("foreign_one")), at("store_foreign", "store"));
    let damages = [
        ("UPDATE x.version SET version = 2", "log_version", "store"),
        ("UPDATE x.version SET version = 0", "log_damaged", "store"),
        ("ALTER TABLE x.event DROP COLUMN attempt", "log_damaged", "store"),
        ("DROP TABLE x.snapshot", "log_damaged", "store"),
        ("CREATE TABLE x.more (id int)", "log_damaged", "store"),
        ("DELETE FROM x.head", "log_damaged", "store"),
        ("UPDATE x.head SET revision = 2", "log_damaged", "store"),
        ("DELETE FROM x.event WHERE revision = 3", "log_damaged", "log[3]"),
        ("DELETE FROM x.snapshot", "snapshot_invalid", "snapshot"),
    ];
    for (number, (damage, code, place)) in damages.into_iter().enumerate() {
        let schema = format!("damaged_{number}");
        let store = opened(&address(&schema)).unwrap();
        store.append(0, &[b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]).unwrap();
        store.write_snapshot(&StoredSnapshot { revision: 1, bytes: b"state".to_vec() }).unwrap();
        server.sql(&damage.replace("x.", &format!("{schema}."))).unwrap();
        assert_eq!(refused(&address(&schema)), at(code, place), "{damage}");
    }
}

#[test]
fn tables_of_an_earlier_version_are_brought_to_this_one_by_who_may_write() {
    let Some(server) = Server::start(Setup::default()) else { return };
    // Before the first version there is nothing but the table that says so.
    server.sql("CREATE SCHEMA early; CREATE TABLE early.version (single boolean PRIMARY KEY CHECK (single), version integer NOT NULL)").unwrap();
    server.sql("INSERT INTO early.version VALUES (true, 0)").unwrap();
    let address = server.address("postgres", "schema=early");
    let looking = OpenOptions { read_only: true, ..QUICK };
    let error = PostgresStore::open(&address, &looking).err().unwrap();
    assert_eq!((error.code(), error.place()), ("log_version", "store"));
    assert_eq!(server.sql("SELECT version FROM early.version").unwrap(), "0");
    let stores: Vec<_> = thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| opened(&address).unwrap())).collect();
        opening.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    stores[0].append(0, &[b"one".to_vec()]).unwrap();
    assert!(stores.iter().all(|store| store.identity() == stores[0].identity() && store.revision().unwrap() == 1));
    assert_eq!(server.sql("SELECT version FROM early.version").unwrap(), "1");
}

#[test]
fn a_record_that_is_not_what_was_written_is_damage() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let damages = [
        ("UPDATE x.event SET bytes = set_byte(bytes, 1, 7) WHERE revision = 2", "log[2]"),
        ("UPDATE x.event SET chain = set_byte(chain, 0, get_byte(chain, 0) # 1) WHERE revision = 2", "log[2]"),
        ("UPDATE x.event SET revision = revision + 10 WHERE revision = 2", "log[13]"),
        ("UPDATE x.event a SET bytes = b.bytes FROM x.event b WHERE a.revision = 2 AND b.revision = 3", "log[2]"),
    ];
    for (number, (damage, place)) in damages.into_iter().enumerate() {
        let address = server.address("postgres", &format!("schema=damaged_{number}"));
        let store = opened(&address).unwrap();
        store.append(0, &[b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]).unwrap();
        server.sql(&damage.replace("x.", &format!("damaged_{number}."))).unwrap();
        let error = store.read(0, 10).unwrap_err();
        assert_eq!(error.code(), "log_damaged", "{damage}");
        if number != 2 {
            assert_eq!(error.place(), place, "{damage}");
        }
    }
    let address = server.address("postgres", "schema=gone");
    let store = opened(&address).unwrap();
    store.append(0, &[b"one".to_vec(), b"two".to_vec()]).unwrap();
    server.sql("DROP SCHEMA gone CASCADE").unwrap();
    assert_eq!(store.revision().unwrap_err().code(), "log_missing");
    drop(opened(&address).unwrap());
    assert_eq!(store.revision().unwrap_err().code(), "log_damaged", "another log has taken its place");
}

#[test]
fn the_certificate_is_looked_at_as_the_mode_says() {
    let made = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (own, other) = (made(), made());
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let setup = Setup {
        settings: "ssl = on\n",
        access: "hostssl all owner 127.0.0.1/32 trust\nhostssl all guarded 127.0.0.1/32 scram-sha-256\n\
                 hostnossl template1 all 127.0.0.1/32 reject",
        ..Setup::default()
    };
    let Some(server) = Server::start_with(setup, Some((&certificate, &key))) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (good, bad) = (file("good.pem", &certificate), file("bad.pem", &other.cert.pem()));
    let address =
        |host: &str, parameters: &str| format!("postgresql://owner@{host}:{}/postgres?{parameters}", server.port);
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'tokenward'";
    let untrusted = at("store_failed", "store.sslmode");
    for (host, parameters) in [
        ("127.0.0.1", "sslmode=prefer".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={good}")),
        ("localhost", format!("hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={good}")),
    ] {
        let store = opened(&address(host, &parameters)).unwrap();
        store.append(store.revision().unwrap(), &[b"one".to_vec()]).unwrap();
        assert_eq!(server.sql(encrypted).unwrap(), "2", "{parameters}");
        drop(store);
        while server.sql(encrypted).unwrap() != "0" {}
    }
    for (host, parameters) in [
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={good}")),
        ("localhost", format!("hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={bad}")),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={bad}")),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={bad}")),
    ] {
        assert_eq!(refused(&address(host, &parameters)), untrusted, "{parameters}");
    }
    let empty = file("empty.pem", "");
    let none = address("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={empty}"));
    assert_eq!(refused(&none), at("store_failed", "store.sslrootcert"));
    // The password goes over a line that is bound to it.
    server.sql("CREATE ROLE guarded LOGIN PASSWORD 'right'; CREATE SCHEMA own AUTHORIZATION guarded").unwrap();
    let bound = address("127.0.0.1", "sslmode=require&channel_binding=require&schema=own");
    drop(opened(&bound.replace("owner@", "guarded:right@")).unwrap());
}

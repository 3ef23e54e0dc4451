//! A standby that takes over from the server: what it has received goes on, and what it has not received is missed.

#![cfg(all(unix, feature = "postgres"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    dead_code,
    reason = "tests"
)]

mod eventually;
mod server;

use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use eventually::eventually;
use server::{Server, Setup};
use tokenward_host::store::{OpenOptions, PostgresStore, Store};
use tokenward_host::{Authority, Issue, Options};

/// An address that names both servers.
fn both(one: &Server, two: &Server) -> String {
    format!("postgresql://owner@127.0.0.1:{},127.0.0.1:{}/postgres?sslmode=disable", one.port, two.port)
}

fn patient(seconds: u64) -> OpenOptions {
    OpenOptions { busy_timeout: Duration::from_secs(seconds), ..OpenOptions::default() }
}

fn authority(address: &str) -> Authority {
    Authority::open(address, Options { store: patient(30), max_age: Some(2), ..Options::default() }).unwrap()
}

/// From now on the server confirms nothing that a standby has not received.
fn confirm_by_standby(server: &Server) {
    server.sql("ALTER SYSTEM SET synchronous_standby_names = '*'").unwrap();
    server.sql("SELECT pg_reload_conf()").unwrap();
    eventually("a standby in step", || {
        server.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'").unwrap() == "1"
    });
}

#[test]
fn what_a_standby_has_confirmed_outlives_the_server() {
    let Some(mut server) = Server::start(Setup { durable: true, ..Setup::default() }) else { return };
    let standby = server.standby();
    confirm_by_standby(&server);
    let address = both(&server, &standby);
    let (writer, reader) = (authority(&address), authority(&address));
    writer.create_realm("organization:acme", Some("user:alice")).unwrap();
    let alice = writer.session("organization:acme", "user:alice").unwrap();

    let (stop, issued) = (AtomicBool::new(false), AtomicUsize::new(0));
    let tokens: Vec<String> = thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut tokens = Vec::new();
            while !stop.load(Ordering::Acquire) {
                let token = alice.issue(Issue::named(format!("t{}", tokens.len()))).unwrap();
                tokens.push(token.token().to_owned());
                issued.store(tokens.len(), Ordering::Release);
            }
            tokens
        });
        eventually("tokens before", || issued.load(Ordering::Acquire) > 50);
        server.crash();
        let before = issued.load(Ordering::Acquire);
        standby.promote();
        eventually("tokens after", || issued.load(Ordering::Acquire) > before + 50);
        stop.store(true, Ordering::Release);
        writing.join().unwrap()
    });
    alice.call("revoke", "{\"token\":\"t0\"}").unwrap();
    reader.refresh(Some(writer.revision())).unwrap();
    let reason = |token: &str| reader.authenticate(Some(token), None, None).reason().as_str();
    assert_eq!(reason(&tokens[0]), "token_revoked");
    assert!(tokens[1..].iter().all(|token| reason(token) == "allowed"));
    assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), tokens.len());
    // One that comes later is led to the server that takes writes now, whichever is named first.
    assert_eq!(authority(&address).revision(), writer.revision());
}

#[test]
fn a_standby_that_lacks_a_revocation_is_not_followed() {
    let Some(mut server) = Server::start(Setup::default()) else { return };
    let standby = server.standby();
    let address = both(&server, &standby);
    let open = authority(&address);
    open.create_realm("organization:acme", Some("user:alice")).unwrap();
    let alice = open.session("organization:acme", "user:alice").unwrap();
    let token = alice.issue(Issue::named("ci")).unwrap().token().to_owned();
    let received = |server: &Server| server.sql("SELECT revision FROM tokenward.head").ok();
    eventually("the standby has received it", || received(&standby) == received(&server));

    standby.sql("ALTER SYSTEM SET primary_conninfo = ''").unwrap();
    standby.sql("SELECT pg_reload_conf()").unwrap();
    eventually("the standby is cut off", || server.sql("SELECT count(*) FROM pg_stat_replication").unwrap() == "0");
    alice.call("revoke", "{\"token\":\"ci\"}").unwrap();
    server.crash();
    standby.promote();

    let reason = |authority: &Authority| authority.authenticate(Some(&token), None, None).reason().as_str();
    assert_eq!(reason(&open), "token_revoked");
    let refused = |error: tokenward_host::Error| (error.code(), error.place().to_owned());
    let damaged = ("log_damaged", format!("log[{}]", open.revision()));
    assert_eq!(refused(open.refresh(None).unwrap_err()), damaged);
    assert_eq!(refused(alice.issue(Issue::named("late")).map(|_| ()).unwrap_err()), damaged);
    eventually("stale", || reason(&open) == "stale");

    // Who opens it anew does so with less, unless it says what there was.
    let demanding = OpenOptions { minimum_revision: open.revision(), ..patient(5) };
    let error = Authority::open(&address, Options { store: demanding, ..Options::default() }).map(|_| ()).unwrap_err();
    assert_eq!(refused(error), ("log_damaged", "minimum_revision".to_owned()));
    assert_eq!(reason(&authority(&address)), "allowed");
}

#[test]
fn a_standby_serves_those_who_only_read() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let standby = server.standby();
    let writer = PostgresStore::open(&server.address("postgres", ""), &OpenOptions::default()).unwrap();
    let only_read = OpenOptions { read_only: true, ..OpenOptions::default() };
    let address = standby.address("postgres", "");
    eventually("the tables on the standby", || PostgresStore::open(&address, &only_read).is_ok());
    let reader = PostgresStore::open(&address, &only_read).unwrap();
    let mut slowest = Duration::ZERO;
    for revision in 0..10 {
        writer.append(revision, &[b"x".to_vec()]).unwrap();
        let began = Instant::now();
        while !(reader.hint() && reader.changed().unwrap()) {
            thread::sleep(Duration::from_millis(1));
        }
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    assert_eq!(reader.read(0, 100).unwrap(), writer.read(0, 100).unwrap());
    assert_eq!(reader.append(10, &[b"y".to_vec()]).unwrap_err().code(), "read_only");
}

/// A machine that is gone does not say so: what is sent to it vanishes.
#[test]
fn a_silent_server_does_not_keep_from_the_next() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = format!("127.0.0.1:{}", server.port);
    let there = format!("{},{here}", silent.local_addr().unwrap());
    let address = server.fresh().replace(&here, &there);
    let began = Instant::now();
    let store = PostgresStore::open(&address, &patient(1)).unwrap();
    assert!(began.elapsed() > Duration::from_secs(1), "the silent one was asked first");
    let again = Instant::now();
    store.append(0, &[b"one".to_vec()]).unwrap();
    assert!(again.elapsed() < Duration::from_secs(1), "the one that took the last connection is asked first");
}

//! A server, connections and writers that fail: nothing acknowledged is lost, nothing is there twice.

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

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use tokenward_host::store::{OpenOptions, PostgresStore, Store};
use tokenward_host::{Authority, Issue, Options};

use server::{Server, Setup};

/// Names the store of a child, which is this same program.
const STORE: &str = "TOKENWARD_TEST_STORE";

fn open(address: &str) -> PostgresStore {
    PostgresStore::open(address, &OpenOptions::default()).unwrap()
}

fn patient(seconds: u64) -> OpenOptions {
    OpenOptions { busy_timeout: Duration::from_secs(seconds), ..OpenOptions::default() }
}

/// How often each record is there.
fn counted(address: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for record in open(address).read(0, usize::MAX).unwrap() {
        *counts.entry(String::from_utf8(record.bytes).unwrap()).or_insert(0) += 1;
    }
    counts
}

/// Appends until told to stop; answers what was acknowledged and what was not.
fn write(store: &dyn Store, name: &str, stop: &AtomicBool) -> (Vec<String>, Vec<String>) {
    let (mut acknowledged, mut open) = (Vec::new(), Vec::new());
    let mut revision = store.revision().unwrap();
    for number in 0.. {
        if stop.load(Ordering::Acquire) {
            break;
        }
        let text = format!("{name} {number}");
        loop {
            match store.append(revision, &[text.clone().into_bytes()]) {
                Ok(()) => {
                    revision += 1;
                    acknowledged.push(text);
                    break;
                }
                Err(error) if error.code() == "revision_conflict" => revision = store.revision().unwrap(),
                Err(error) => {
                    assert_eq!(error.code(), "store_failed");
                    open.push(text);
                    break;
                }
            }
        }
    }
    (acknowledged, open)
}

/// Two writers append while `disturb` does what it does.
fn disturbed(address: &str, disturb: impl FnOnce()) -> usize {
    let stop = AtomicBool::new(false);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let writer = |name| {
            let store = PostgresStore::open(address, &patient(60)).unwrap();
            let stop = &stop;
            scope.spawn(move || write(&store, name, stop))
        };
        let writers = [writer("a"), writer("b")];
        disturb();
        stop.store(true, Ordering::Release);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let counts = counted(address);
    for (acknowledged, open) in &outcomes {
        for text in acknowledged {
            assert_eq!(counts.get(text), Some(&1), "{text}");
        }
        assert!(open.iter().all(|text| counts.get(text).is_none_or(|count| *count == 1)));
    }
    assert!(counts.values().all(|count| *count == 1));
    outcomes.iter().map(|(acknowledged, _)| acknowledged.len()).sum()
}

#[test]
fn connections_that_are_cut_lose_and_double_nothing() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let address = server.fresh();
    let written = disturbed(&address, || {
        for round in 0..40_u64 {
            thread::sleep(Duration::from_millis(5 + round * 7 % 40));
            server.cut_connections();
        }
    });
    assert!(written > 40, "{written}");
}

#[test]
fn a_server_that_is_killed_amid_writes_loses_nothing_acknowledged() {
    let Some(mut server) = Server::start(Setup { durable: true, ..Setup::default() }) else { return };
    let address = server.fresh();
    let written = disturbed(&address, || {
        for round in 0..4 {
            thread::sleep(Duration::from_millis(300));
            if round % 2 == 0 {
                server.crash();
            } else {
                server.kill();
            }
            server.go_on();
        }
        thread::sleep(Duration::from_millis(200));
    });
    assert!(written > 4, "{written}");
}

/// Where the killed writers begin. By itself it does nothing.
#[test]
fn child() {
    let Ok(address) = env::var(STORE) else { return };
    let store = open(&address);
    let mut revision = store.revision().unwrap();
    for number in 0_u64.. {
        let text = format!("{} {number}", std::process::id());
        match store.append(revision, &[format!("{text} 0").into_bytes(), format!("{text} 1").into_bytes()]) {
            Ok(()) => {
                revision += 2;
                writeln!(io::stdout(), "acknowledged {text}").unwrap();
            }
            Err(error) => {
                assert_eq!(error.code(), "revision_conflict");
                revision = store.revision().unwrap();
            }
        }
    }
}

#[test]
fn writers_that_are_killed_leave_no_half_and_hold_up_nobody() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let address = server.fresh();
    drop(open(&address));
    let mut acknowledged = Vec::new();
    for round in 0..12_usize {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "child", "--nocapture"]).env(STORE, &address).stdout(Stdio::piped());
        let mut children = [command.spawn().unwrap(), command.spawn().unwrap()];
        let mut lines = BufReader::new(children[0].stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said =
            || lines.by_ref().find_map(|line| line.split_once("acknowledged ").map(|(_, text)| text.to_owned()));
        for _ in 0..=round * 3 {
            acknowledged.extend(said());
        }
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        acknowledged.extend(std::iter::from_fn(said));
    }
    let counts = counted(&address);
    assert!(acknowledged.len() >= 12);
    for text in &acknowledged {
        assert_eq!((counts.get(&format!("{text} 0")), counts.get(&format!("{text} 1"))), (Some(&1), Some(&1)));
    }
    assert_eq!(counts.keys().filter(|text| text.ends_with(" 0")).count() * 2, counts.len());
    let store = open(&address);
    store.append(store.revision().unwrap(), &[b"on".to_vec()]).unwrap();
}

/// What a line does with the first `COMMIT` that it is to fail at.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    /// The server gets it, and its answer is lost.
    Answer,
    /// The server never gets it.
    Request,
}

/// A line to the server that is cut at the commit when armed. Answers its port, and what arms it.
fn line(server: u16, cut: Cut) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let armed = Arc::new(AtomicUsize::new(0));
    let fuse = Arc::clone(&armed);
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", server)).unwrap());
            let (mut back, mut answers, fuse) =
                (server.try_clone().unwrap(), client.try_clone().unwrap(), Arc::clone(&fuse));
            let silent = Arc::new(AtomicBool::new(false));
            let muted = Arc::clone(&silent);
            thread::spawn(move || {
                let mut buffer = vec![0; 65_536];
                while let Ok(length @ 1..) = back.read(&mut buffer) {
                    if !muted.load(Ordering::Acquire) && answers.write_all(&buffer[..length]).is_err() {
                        break;
                    }
                }
            });
            thread::spawn(move || {
                let (mut buffer, mut server) = (vec![0; 65_536], server);
                while let Ok(length @ 1..) = client.read(&mut buffer) {
                    let commits = buffer[..length].windows(6).any(|word| word == b"COMMIT");
                    let armed =
                        commits && fuse.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1)).is_ok();
                    if armed {
                        silent.store(true, Ordering::Release);
                    }
                    if (!armed || cut == Cut::Answer) && server.write_all(&buffer[..length]).is_err() {
                        break;
                    }
                    if armed {
                        // What the server was sent it does; the client does not learn of it.
                        thread::sleep(Duration::from_millis(30));
                        break;
                    }
                }
                let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
            });
        }
    });
    (port, armed)
}

#[test]
fn an_append_whose_answer_is_lost_is_looked_up() {
    let Some(server) = Server::start(Setup::default()) else { return };
    for cut in [Cut::Answer, Cut::Request] {
        let direct = server.fresh();
        let (port, armed) = line(server.port, cut);
        let address = direct.replace(&format!(":{}/", server.port), &format!(":{port}/"));
        let (store, other) = (open(&format!("{address}&sslmode=disable")), open(&direct));
        store.append(0, &[b"one".to_vec()]).unwrap();
        armed.store(1, Ordering::Release);
        store.append(1, &[b"two".to_vec(), b"three".to_vec()]).unwrap();
        assert_eq!(armed.load(Ordering::Acquire), 0, "the line was cut");
        armed.store(3, Ordering::Release);
        store.append(3, &[b"four".to_vec()]).unwrap();
        assert_eq!(armed.load(Ordering::Acquire), 0, "looking it up was cut as well");
        assert_eq!(store.append(3, &[b"four".to_vec()]).unwrap_err().code(), "revision_conflict");
        let texts: Vec<_> = other.read(0, 100).unwrap().into_iter().map(|record| record.bytes).collect();
        assert_eq!(texts, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec(), b"four".to_vec()]);
    }
}

#[test]
fn others_are_told_of_an_append_before_they_would_look() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let address = server.fresh();
    let (writer, reader) = (open(&address), open(&address));
    let mut fastest = Duration::MAX;
    for revision in 0..20 {
        let _ = reader.changed().unwrap();
        writer.append(revision, &[b"x".to_vec()]).unwrap();
        let began = Instant::now();
        while !reader.hint() {
            thread::sleep(Duration::from_millis(1));
        }
        fastest = fastest.min(began.elapsed());
        while !reader.changed().unwrap() {}
        assert_eq!(reader.revision().unwrap(), revision + 1);
    }
    assert!(fastest < Duration::from_millis(150), "{fastest:?}: by looking alone it would take 250 ms");
    // Without the notice the reader looks all the same.
    let _ = reader.changed().unwrap();
    server.sql("SELECT 1").unwrap();
    while !reader.hint() {
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn decisions_go_on_without_the_server_until_they_are_too_old() {
    let Some(mut server) = Server::start(Setup::default()) else { return };
    let address = server.fresh();
    let options = || Options { max_age: Some(3), store: patient(1), ..Options::default() };
    let (one, two) = (Authority::open(&address, options()).unwrap(), Authority::open(&address, options()).unwrap());
    one.create_realm("organization:acme", Some("user:alice")).unwrap();
    let alice = one.session("organization:acme", "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci")).unwrap();
    two.refresh(Some(one.revision())).unwrap();
    let header = format!("Bearer {}", issued.token());
    let reason = |authority: &Authority| authority.authenticate(Some(&header), None, None).reason().as_str();
    assert_eq!((reason(&one), reason(&two)), ("allowed", "allowed"));
    server.crash();
    let error = alice.issue(Issue::named("late")).map(|_| ()).unwrap_err();
    assert_eq!((error.code(), error.place()), ("store_failed", "store"));
    assert_eq!(two.refresh(None).unwrap_err().code(), "store_failed");
    until(|| reason(&one) == "stale" && reason(&two) == "stale");
    server.go_on();
    until(|| reason(&one) == "allowed" && reason(&two) == "allowed");
    let token = alice.issue(Issue::named("later")).unwrap();
    alice.call("revoke", "{\"token\":\"ci\"}").unwrap();
    until(|| reason(&two) == "token_revoked");
    assert!(two.authenticate(Some(token.token()), None, None).allowed());
}

fn until(mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_mins(1), "it does not come about");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A host with a runtime of its own may call from within it.
#[test]
fn a_call_from_within_a_runtime_of_the_host_does_its_work() {
    let Some(server) = Server::start(Setup::default()) else { return };
    let address = server.fresh();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let store = open(&address);
        store.append(0, &[b"one".to_vec()]).unwrap();
        assert!(!store.changed().unwrap());
        let _ = store.hint();
        assert_eq!(store.read(0, 10).unwrap().len(), 1);
    });
}

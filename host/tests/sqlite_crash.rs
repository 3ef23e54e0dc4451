//! Processes that die while they write, and disks that are full: nothing acknowledged is lost, nothing is there by half.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, io, process, thread};

use tokenward_host::store::{OpenOptions, Record, SqliteStore, Store, StoredSnapshot};

/// Names the role and the store of a child, which is this same program.
const ROLE: &str = "TOKENWARD_TEST_ROLE";
const STORE: &str = "TOKENWARD_TEST_STORE";

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn everything(store: &dyn Store) -> Vec<Record> {
    store.read(store.floor().unwrap(), usize::MAX).unwrap()
}

fn command(role: &str, path: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(ROLE, role).env(STORE, path);
    command.stdout(Stdio::piped());
    command
}

fn say(text: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").unwrap();
    out.flush().unwrap();
}

/// The record `part` of `parts` of one append, which says so itself.
fn record(append: &str, part: usize, parts: usize) -> Vec<u8> {
    let mut text = format!("{append} {part} {parts} ");
    text.extend(std::iter::repeat_n('x', part * 97 % 1_500));
    text.into_bytes()
}

fn described(record: &Record) -> (String, usize, usize) {
    let text = std::str::from_utf8(&record.bytes).unwrap();
    let mut words = text.split(' ');
    let append = words.next().unwrap().to_owned();
    (append, words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap())
}

/// Where the children of the other tests begin. By itself it does nothing.
#[test]
fn child() {
    let Ok(role) = env::var(ROLE) else { return };
    let path = env::var(STORE).unwrap();
    match role.as_str() {
        "writer" => write_until_killed(Path::new(&path)),
        "filler" => write_until_full(Path::new(&path)),
        other => panic!("{other}"),
    }
}

/// Appends, snapshots and compacts for ever, and says what was acknowledged.
fn write_until_killed(path: &Path) {
    let store = open(path);
    let mut revision = store.revision().unwrap();
    for number in 0_u64.. {
        let append = format!("{}-{number}", process::id());
        let parts = 1 + usize::try_from(number * 7 % 23).unwrap();
        let records: Vec<_> = (0..parts).map(|part| record(&append, part, parts)).collect();
        match store.append(revision, &records) {
            Ok(()) => {
                revision += u64::try_from(parts).unwrap();
                say(&format!("acknowledged {revision} {append}"));
            }
            Err(error) => {
                assert_eq!(error.code(), "revision_conflict");
                revision = store.revision().unwrap();
            }
        }
        if number % 40 == 39 {
            let bytes = revision.to_be_bytes().repeat(20_000);
            match store.write_snapshot(&StoredSnapshot { revision, bytes }) {
                Ok(()) => say(&format!("snapshot {revision}")),
                Err(error) => assert_eq!(error.code(), "snapshot_older"),
            }
            store
                .compact(revision.saturating_sub(300))
                .or_else(|e| if e.code() == "snapshot_older" { Ok(()) } else { Err(e) })
                .unwrap();
        }
    }
}

#[test]
fn what_was_acknowledged_survives_killed_writers() {
    killed_writers(&tempfile::tempdir().unwrap());
}

/// Without a disk to wait for, more of the kills hit a write.
#[test]
fn what_was_acknowledged_survives_killed_writers_in_memory() {
    killed_writers(&tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap());
}

fn killed_writers(folder: &tempfile::TempDir) {
    const ROUNDS: u64 = 30;
    let path = folder.path().join("tokens.db");
    let mut known: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let (mut acknowledged, mut torn) = (0, 0);
    for round in 0..ROUNDS {
        let mut children: Vec<Child> = (0..2).map(|_| command("writer", &path).spawn().unwrap()).collect();
        thread::sleep(Duration::from_millis(15 + round * 37 % 170));
        for child in &mut children {
            child.kill().unwrap();
        }
        let lines: Vec<Vec<String>> = children
            .iter_mut()
            .map(|child| {
                child.wait().unwrap();
                let lines: Vec<String> =
                    BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
                lines
            })
            .collect();
        let store = open(&path);
        torn += usize::from(store.tail_cut());
        let floor = store.floor().unwrap();
        let records = everything(&store);
        // What was there before is there still, where it was.
        for record in &records {
            let before = known.insert(record.revision, record.bytes.clone());
            assert!(before.is_none_or(|before| before == record.bytes), "record {} changed", record.revision);
        }
        let end = floor + u64::try_from(records.len()).unwrap();
        for line in lines.iter().flatten() {
            if let Some(rest) = line.strip_prefix("acknowledged ") {
                let (revision, append) = rest.split_once(' ').unwrap();
                let revision: u64 = revision.parse().unwrap();
                assert!(revision <= end, "revision {revision} was acknowledged, the log ends at {end}");
                if revision > floor {
                    let last = &records[usize::try_from(revision - floor - 1).unwrap()];
                    assert_eq!(described(last).0, append, "revision {revision}");
                }
                acknowledged += 1;
            } else if let Some(revision) = line.strip_prefix("snapshot ") {
                let kept = store.snapshot().unwrap().unwrap();
                assert!(kept.revision >= revision.parse().unwrap());
                assert_eq!(kept.bytes, kept.revision.to_be_bytes().repeat(20_000));
            }
        }
        // No half of an append: each part is followed by the next one, up to the last.
        for pair in records.windows(2) {
            let ((append, part, parts), (next, following, _)) = (described(&pair[0]), described(&pair[1]));
            if part + 1 < parts {
                assert_eq!((next, following), (append, part + 1));
            } else {
                assert_eq!(following, 0);
            }
        }
        if let Some(last) = records.last() {
            let (_, part, parts) = described(last);
            assert_eq!(part + 1, parts);
        }
    }
    println!("{acknowledged} appends acknowledged in {ROUNDS} rounds, {torn} torn tails");
    assert!(acknowledged > 100, "{acknowledged}");
}

/// What killed writers leave behind the end of a log in use, overwritten in part by shorter appends, is not damage.
#[test]
fn remains_of_killed_writers_beside_a_living_one_are_no_damage() {
    const ROUNDS: u64 = 25;
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    let mut torn = 0;
    for round in 0..ROUNDS {
        let mut child = command("writer", &path).spawn().unwrap();
        thread::sleep(Duration::from_millis(10 + round * 37 % 60));
        child.kill().unwrap();
        child.wait().unwrap();
        for number in 0..round % 3 {
            store.append(store.revision().unwrap(), &[record(&format!("{round}-{number}"), 0, 1)]).unwrap();
        }
        // As a crash of the whole machine would leave it; copied by another process, which holds no locks to lose.
        for suffix in ["", "-wal"] {
            let from = folder.path().join(format!("tokens.db{suffix}"));
            let to = folder.path().join(format!("copy.db{suffix}"));
            assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success());
        }
        let copy = open(&folder.path().join("copy.db"));
        torn += usize::from(copy.tail_cut());
        // A writer killed between writing its last page and saying so leaves a whole append that the living do not see.
        let floor = copy.floor().unwrap();
        assert!(floor >= store.floor().unwrap());
        let (copied, living) = (everything(&copy), store.read(floor, usize::MAX).unwrap());
        assert!(copied.starts_with(&living), "round {round}: {} {}", copied.len(), living.len());
    }
    println!("{torn} of {ROUNDS} copies with remains");
}

/// Appends until the disk is full, and says what was acknowledged and what comes after.
fn write_until_full(path: &Path) {
    let store = match SqliteStore::open(path, &OpenOptions::default()) {
        Ok(store) => store,
        Err(error) => return say(&format!("unopened {}", error.code())),
    };
    let mut revision = store.revision().unwrap();
    let failure = loop {
        let append = format!("{}-{revision}", process::id());
        let records: Vec<_> = (0..5).map(|part| record(&append, part, 5)).collect();
        match store.append(revision, &records) {
            Ok(()) => revision += 5,
            Err(error) => break error,
        }
        say(&format!("acknowledged {revision}"));
        assert!(revision < 10_000);
    };
    let further = store.append(revision, &[b"further".to_vec()]).unwrap_err();
    let snapshot = store.write_snapshot(&StoredSnapshot { revision: 0, bytes: Vec::new() }).unwrap_err();
    assert_eq!(everything(&store).len(), usize::try_from(store.revision().unwrap()).unwrap());
    say(&format!("failed {} {} {}", failure.code(), further.code(), snapshot.code()));
}

#[test]
fn a_full_disk_loses_nothing_and_stops_the_handle() {
    let mut failed = 0;
    for blocks in (16..1_200).step_by(31) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.db");
        let mut limited = command("filler", &path);
        // Every write that makes a file longer than the limit is cut short there, then refused.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"]);
        shell.arg(limited.get_program()).args(limited.get_args()).env(ROLE, "filler").env(STORE, &path);
        limited = shell;
        let mut child = limited.stdout(Stdio::piped()).spawn().unwrap();
        let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
        assert!(child.wait().unwrap().success(), "{blocks} blocks: {lines:?}");
        let find = |word: &str| lines.iter().filter_map(|line| line.strip_prefix(word)).map(str::trim).next_back();
        match (find("unopened"), find("failed")) {
            (Some(code), None) => assert_eq!(code, "store_failed"),
            (None, Some(codes)) => {
                assert_eq!(codes, "store_failed store_failed store_failed", "{blocks} blocks");
                failed += 1;
            }
            other => panic!("{blocks} blocks: {other:?}"),
        }
        let acknowledged: u64 = find("acknowledged").map_or(0, |text| text.parse().unwrap());
        // With room again, all is there and goes on.
        let store = open(&path);
        let revision = store.revision().unwrap();
        assert!(revision == acknowledged || revision == acknowledged + 5, "{blocks} blocks: {revision} {acknowledged}");
        assert_eq!(everything(&store).len(), usize::try_from(revision).unwrap());
        store.append(revision, &[b"room again".to_vec()]).unwrap();
    }
    println!("{failed} full disks while writing");
    assert!(failed > 20, "{failed}");
}

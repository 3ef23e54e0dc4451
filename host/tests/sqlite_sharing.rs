//! One SQLite store under many handles and processes: races, hints, copies, files that are exchanged, writers that wait.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use tokenward_host::store::{OpenOptions, SqliteStore, Store, StoredSnapshot, open_store};

/// Names the role and the store of a child, which is this same program.
const ROLE: &str = "TOKENWARD_TEST_ROLE";
const STORE: &str = "TOKENWARD_TEST_STORE";

const EXISTING: OpenOptions =
    OpenOptions { create: false, read_only: false, minimum_revision: 0, busy_timeout: Duration::from_secs(5) };

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn child_of(role: &str, path: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(ROLE, role).env(STORE, path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn code<T>(result: Result<T, tokenward::Error>) -> (&'static str, String) {
    let error = result.err().expect("an error");
    (error.code(), error.place().to_owned())
}

/// Where the children of the other tests begin. By itself it does nothing.
#[test]
fn child() {
    let Ok(role) = env::var(ROLE) else { return };
    let store = open(Path::new(&env::var(STORE).unwrap()));
    let lines = io::stdin().lines().map(Result::unwrap);
    match role.split_once(' ') {
        // Races: appends its own numbers in order, wherever the log ends.
        Some(("racer", name)) => {
            let mut revision = 0;
            for number in 0..100 {
                while let Err(error) = store.append(revision, &[format!("{name} {number}").into_bytes()]) {
                    assert_eq!(error.code(), "revision_conflict");
                    revision = store.revision().unwrap();
                }
                revision += 1;
            }
        }
        // Appends one record whenever it is told to, and says when it was acknowledged.
        Some(("appender", _)) => {
            for line in lines {
                let revision = store.revision().unwrap();
                store.append(revision, &[line.into_bytes()]).unwrap();
                println!("acknowledged");
                io::stdout().flush().unwrap();
            }
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn racing_processes_lose_and_reorder_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    // The store itself is made by whoever comes first.
    let names = ["one", "two", "three"];
    let children: Vec<_> =
        names.iter().map(|name| child_of(&format!("racer {name}"), &path).spawn().unwrap()).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let store = open(&path);
    let mut next: HashMap<String, u64> = HashMap::new();
    for record in store.read(0, 1_000).unwrap() {
        let text = String::from_utf8(record.bytes).unwrap();
        let (name, number) = text.split_once(' ').unwrap();
        let due = next.entry(name.to_owned()).or_default();
        assert_eq!(number.parse(), Ok(*due), "{name}");
        *due += 1;
    }
    assert_eq!(next, names.iter().map(|name| ((*name).to_owned(), 100)).collect());
}

#[test]
fn another_process_s_append_is_seen_within_100_milliseconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    let mut child = child_of("appender 1", &path).spawn().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut to = child.stdin.take().unwrap();
    let mut times = Vec::new();
    for revision in 1..=20 {
        assert!(!store.changed().unwrap());
        writeln!(to, "{revision}").unwrap();
        assert!(told.by_ref().map(Result::unwrap).any(|line| line == "acknowledged"));
        let acknowledged = Instant::now();
        while !store.changed().unwrap() {
            thread::sleep(Duration::from_millis(5));
            assert!(acknowledged.elapsed() < Duration::from_secs(10), "never told");
        }
        times.push(acknowledged.elapsed());
        assert_eq!(store.read(revision - 1, 10).unwrap().len(), 1);
    }
    drop(to);
    assert!(child.wait().unwrap().success());
    times.sort_unstable();
    println!("seen after {:?}, at the latest {:?}", times[10], times[19]);
    // The single time is the machine's, which may be busy with other tests.
    assert!(times[10] < Duration::from_millis(100));
}

#[test]
fn opening_beside_a_busy_writer_is_never_refused() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    let opened = AtomicUsize::new(0);
    thread::scope(|scope| {
        let opening = scope.spawn(|| {
            let reading = OpenOptions { read_only: true, ..EXISTING };
            for number in 0..20 {
                let options = if number % 2 == 0 { &EXISTING } else { &reading };
                let another = SqliteStore::open(&path, options).unwrap();
                another.read(another.floor().unwrap(), 1).unwrap();
                opened.fetch_add(1, Ordering::AcqRel);
            }
        });
        let (began, mut revision) = (Instant::now(), 0);
        // As long as it takes: on a busy machine the other thread gets its turn late.
        for round in 0.. {
            if opening.is_finished() {
                break;
            }
            assert!(began.elapsed() < Duration::from_mins(1), "opened {} times", opened.load(Ordering::Acquire));
            let records = vec![vec![b'x'; 2_000]; 1 + round * 7 % 40];
            store.append(revision, &records).unwrap();
            revision += u64::try_from(records.len()).unwrap();
        }
        opening.join().unwrap();
    });
    assert_eq!(opened.into_inner(), 20);
}

#[test]
fn a_backup_is_one_revision_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    store.append(0, &vec![vec![b'x'; 900]; 2_000]).unwrap();
    store.write_snapshot(&StoredSnapshot { revision: 1_000, bytes: b"state".to_vec() }).unwrap();
    store.compact(500).unwrap();
    let done = AtomicBool::new(false);
    let copies: Vec<_> = thread::scope(|scope| {
        scope.spawn(|| {
            let store = open(&path);
            let mut revision = store.revision().unwrap();
            while !done.load(Ordering::Acquire) {
                store.append(revision, &[revision.to_be_bytes().to_vec()]).unwrap();
                revision += 1;
            }
        });
        let copies = (0..8).map(|number| {
            let copy = folder.path().join(format!("copy {number}.db"));
            let before = store.revision().unwrap();
            let revision = store.backup(&copy).unwrap();
            assert!((before..=store.revision().unwrap()).contains(&revision));
            thread::sleep(Duration::from_millis(10));
            (copy, revision)
        });
        let copies = copies.collect();
        done.store(true, Ordering::Release);
        copies
    });
    let whole = store.read(500, usize::MAX).unwrap();
    for (copy, revision) in &copies {
        let copy = SqliteStore::open(copy, &EXISTING).unwrap();
        assert_eq!(copy.identity(), store.identity());
        assert_eq!((copy.revision().unwrap(), copy.floor().unwrap()), (*revision, 500));
        assert_eq!(copy.read(500, usize::MAX).unwrap(), whole[..usize::try_from(revision - 500).unwrap()]);
        assert_eq!(copy.snapshot().unwrap().unwrap().revision, 1_000);
        copy.append(*revision, &[b"goes on".to_vec()]).unwrap();
    }
    assert!(copies.last().unwrap().1 > copies[0].1, "others did write");
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let copies_and_drafts = names.filter(|name| name.starts_with("copy")).count();
    assert_eq!(copies_and_drafts, copies.len(), "no draft is left");
    let taken = code(store.backup(&copies[0].0));
    assert_eq!(taken, ("store_failed", "path".to_owned()));
    assert_eq!(code(store.backup(&path)).0, "store_failed");
    assert_eq!(code(store.backup(&folder.path().join("no folder/copy.db"))).0, "store_failed");
    assert_eq!(code(open_store("memory:", &OpenOptions::default()).unwrap().backup(&path)).0, "operation_unknown");
}

#[cfg(unix)]
#[test]
fn a_file_that_was_taken_away_or_exchanged_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    store.append(0, &[b"one".to_vec()]).unwrap();
    let away = folder.path().join("away.db");
    fs::rename(&path, &away).unwrap();
    let missing = ("log_missing", "store".to_owned());
    assert_eq!(code(store.append(1, &[b"into the void".to_vec()])), missing);
    assert_eq!(code(store.changed()), missing);
    fs::write(&path, b"something else").unwrap();
    assert_eq!(code(store.append(1, &[b"into the void".to_vec()])), missing);
    fs::remove_file(&path).unwrap();
    fs::rename(&away, &path).unwrap();
    store.append(1, &[b"two".to_vec()]).unwrap();
    assert_eq!(store.read(0, 10).unwrap().len(), 2);
}

#[test]
fn a_writer_that_waits_too_long_says_so_and_may_try_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    let hasty = OpenOptions { busy_timeout: Duration::from_millis(50), ..OpenOptions::default() };
    let waiting = SqliteStore::open(&path, &hasty).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    assert_eq!(code(waiting.append(0, &[b"one".to_vec()])), ("store_busy", "store".to_owned()));
    assert!(started.elapsed() >= Duration::from_millis(40) && started.elapsed() < Duration::from_secs(10));
    // Reading waits for nobody.
    assert_eq!(store.revision().unwrap(), 0);
    assert!(SqliteStore::open(&path, &EXISTING).is_ok());
    other.execute_batch("COMMIT").unwrap();
    waiting.append(0, &[b"one".to_vec()]).unwrap();
}

#[test]
fn places_that_are_no_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let failed = ("store_failed", "store".to_owned());
    let options = OpenOptions::default();
    assert_eq!(code(SqliteStore::open(folder.path(), &options)), failed);
    assert_eq!(code(SqliteStore::open(&folder.path().join("no folder/tokens.db"), &options)), failed);
    assert_eq!(code(SqliteStore::open(Path::new(""), &options)), failed);
    assert_eq!(code(SqliteStore::open(&folder.path().join(".."), &options)), failed);
    let missing = ("log_missing", "store".to_owned());
    assert_eq!(code(SqliteStore::open(&folder.path().join("tokens.db"), &EXISTING)), missing);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
    fs::write(folder.path().join("empty.db"), []).unwrap();
    assert_eq!(code(SqliteStore::open(&folder.path().join("empty.db"), &EXISTING)), missing);
    assert_eq!(open(&folder.path().join("empty.db")).revision().unwrap(), 0);
    let named = folder.path().join("file:a?mode=memory#b% c.db");
    drop(open(&named));
    assert!(named.is_file(), "a path is a path");
    let address = format!("sqlite:{}", named.display());
    assert_eq!(open_store(&address, &EXISTING).unwrap().revision().unwrap(), 0);
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owner_s_and_links_lead_to_one_store() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    store.append(0, &[b"one".to_vec()]).unwrap();
    store.backup(&folder.path().join("copy.db")).unwrap();
    for name in ["tokens.db", "tokens.db-wal", "tokens.db-shm", "copy.db"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    symlink(&path, folder.path().join("link.db")).unwrap();
    let linked = SqliteStore::open(&folder.path().join("link.db"), &EXISTING).unwrap();
    linked.append(1, &[b"two".to_vec()]).unwrap();
    assert!(store.changed().unwrap());
    symlink(folder.path().join("nowhere.db"), folder.path().join("dangling.db")).unwrap();
    let dangling = code(SqliteStore::open(&folder.path().join("dangling.db"), &OpenOptions::default()));
    assert_eq!(dangling, ("store_failed", "store".to_owned()));
}

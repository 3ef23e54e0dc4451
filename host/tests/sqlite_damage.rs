//! A damaged SQLite store: every byte of a small one flipped, every length cut, rows exchanged by somebody else's hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tokenward::{Category, Error};
use tokenward_host::store::{OpenOptions, Record, SqliteStore, Store, StoredSnapshot};

const EXISTING: OpenOptions =
    OpenOptions { create: false, read_only: false, minimum_revision: 0, busy_timeout: Duration::from_secs(5) };

const EVENTS: [&str; 3] = ["create t1", "bind t1 viewer /o", "revoke t1"];

/// A folder in memory where there is one: these tests open thousands of stores, and wait for no disk.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Everything that a caller who opens and reads gets to know.
type Content = (u64, Vec<Record>, Option<StoredSnapshot>);

fn load(path: &Path, options: &OpenOptions) -> Result<(Content, bool), Error> {
    let store = SqliteStore::open(path, options)?;
    let floor = store.floor()?;
    let records = store.read(floor, 1_000)?;
    assert_eq!(store.revision()?, floor + u64::try_from(records.len()).unwrap());
    Ok(((floor, records, store.snapshot()?), store.tail_cut()))
}

/// A new store with pages so small that every byte can be tried. The store takes the pages it finds.
fn small_store(folder: &Path) -> (PathBuf, SqliteStore) {
    let path = folder.join("tokens.db");
    drop(SqliteStore::open(&path, &OpenOptions::default()).unwrap());
    tamper(&path, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;");
    let store = SqliteStore::open(&path, &EXISTING).unwrap();
    (path, store)
}

/// A store with three events, appended one by one.
fn three_events(folder: &Path) -> (PathBuf, SqliteStore) {
    let (path, store) = small_store(folder);
    for (expected, event) in (0..).zip(EVENTS) {
        store.append(expected, &[event.as_bytes().to_vec()]).unwrap();
    }
    (path, store)
}

/// The bytes of the file and of its write-ahead log while the store is open, as a crash would leave them. Another process
/// copies: closing the file in this one would drop the store's locks.
fn crashed(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let copy = path.with_extension("copy");
    let wal = beside(path, "-wal");
    let copied = Command::new("cp").arg(path).arg(&copy).status().unwrap();
    assert!(copied.success());
    (fs::read(copy).unwrap(), fs::read(wal).unwrap())
}

/// The bytes of the file of a store that was closed.
fn closed(path: &Path) -> Vec<u8> {
    assert!(!beside(path, "-wal").exists(), "closing leaves one file");
    fs::read(path).unwrap()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A store made of these bytes, and of nothing else.
fn lay(folder: &Path, file: &[u8], wal: Option<&[u8]>) -> PathBuf {
    let path = folder.join("laid.db");
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(&path, suffix));
    }
    fs::write(&path, file).unwrap();
    if let Some(wal) = wal {
        fs::write(beside(&path, "-wal"), wal).unwrap();
        lie_still(&beside(&path, "-wal"));
    }
    path
}

/// As a log that was left a while ago: one that is being written is looked at for longer before it is called damaged.
fn lie_still(path: &Path) {
    let before = SystemTime::now() - Duration::from_secs(10);
    fs::File::options().write(true).open(path).unwrap().set_modified(before).unwrap();
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1 << (at % 8);
    bytes
}

fn refused<T>(result: Result<T, Error>) -> (&'static str, String) {
    let error = result.err().expect("refused");
    assert_eq!(error.category(), Category::Store);
    (error.code(), error.place().to_owned())
}

/// Changes the tables behind the store's back.
fn tamper(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn a_flip_in_any_byte_of_the_file_is_refused_or_harmless() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    store.write_snapshot(&StoredSnapshot { revision: 2, bytes: b"the state at two".to_vec() }).unwrap();
    store.compact(1).unwrap();
    drop(store);
    let file = closed(&path);
    let whole = load(&lay(folder.path(), &file, None), &EXISTING).unwrap().0;
    let (mut refused, mut harmless) = (0, 0);
    for at in 0..file.len() {
        match load(&lay(folder.path(), &flipped(&file, at), None), &EXISTING) {
            // Most bytes of a page are not in use. What is read is then all there is, not a prefix of it.
            Ok((content, _)) => {
                assert_eq!(content, whole, "byte {at}");
                harmless += 1;
            }
            Err(error) => {
                assert_eq!(error.category(), Category::Store, "byte {at}");
                refused += 1;
            }
        }
    }
    println!("{refused} flips refused, {harmless} in unused bytes");
    assert!(refused > 700, "{refused}");
}

#[test]
fn a_flip_in_any_byte_of_the_write_ahead_log_is_refused_or_cuts_the_last_record() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    let (file, wal) = crashed(&path);
    drop(store);
    let whole = load(&lay(folder.path(), &file, Some(&wal)), &EXISTING).unwrap().0.1;
    assert_eq!(whole.len(), 3);
    let (mut refused, mut cut) = (0, 0);
    for at in 0..wal.len() {
        match load(&lay(folder.path(), &file, Some(&flipped(&wal, at))), &EXISTING) {
            Ok(((_, records, _), told)) => {
                assert_eq!(records, whole[..records.len()], "byte {at}");
                assert!(records.len() >= 2, "byte {at}: an acknowledged record before the last one is gone");
                assert!(told || records.len() == 3, "byte {at}: cut and not told");
                cut += usize::from(records.len() == 2);
            }
            Err(error) => {
                assert_eq!(error.category(), Category::Store, "byte {at}");
                refused += 1;
            }
        }
    }
    println!("{refused} flips refused, {cut} cut the last record");
    assert!(refused > cut && cut > 0, "{refused} {cut}");
}

#[test]
fn cutting_the_file_anywhere_is_refused_or_harmless() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    drop(store);
    let file = closed(&path);
    let whole = load(&lay(folder.path(), &file, None), &EXISTING).unwrap().0;
    assert_eq!(refused(load(&lay(folder.path(), &[], None), &EXISTING)), ("log_missing", "store".to_owned()));
    for length in 1..file.len() {
        if let Ok((content, _)) = load(&lay(folder.path(), &file[..length], None), &EXISTING) {
            assert_eq!(content, whole, "length {length}");
        }
    }
}

#[test]
fn cutting_the_write_ahead_log_leaves_a_prefix_and_is_refused_where_more_is_demanded() {
    let folder = folder();
    let (path, store) = small_store(folder.path());
    store.append(0, &[EVENTS[0].as_bytes().to_vec()]).unwrap();
    store.append(1, &[EVENTS[1].as_bytes().to_vec()]).unwrap();
    let two = crashed(&path).1.len();
    store.append(2, &[EVENTS[2].as_bytes().to_vec()]).unwrap();
    let (file, wal) = crashed(&path);
    drop(store);
    let whole = load(&lay(folder.path(), &file, Some(&wal)), &EXISTING).unwrap().0.1;
    let demanding = OpenOptions { minimum_revision: 3, ..EXISTING };
    for length in 0..wal.len() {
        let laid = || lay(folder.path(), &file, Some(&wal[..length]));
        match load(&laid(), &EXISTING) {
            Ok(((_, records, _), told)) => {
                assert_eq!(records, whole[..records.len()], "length {length}");
                if length >= two {
                    assert_eq!(records.len(), 2, "length {length}");
                    // With less than the header of a frame there is nothing to tell it from what was there before.
                    assert_eq!(told, length >= two + 24, "length {length}");
                }
            }
            Err(error) => panic!("length {length}: {error:?}"),
        }
        let demanded = refused(load(&laid(), &demanding));
        assert_eq!(demanded, ("log_damaged", "minimum_revision".to_owned()), "length {length}");
    }
    assert_eq!(load(&lay(folder.path(), &file, Some(&wal)), &demanding).unwrap().0.1, whole);
}

#[test]
fn whatever_a_power_cut_leaves_of_the_last_append_opens() {
    const SECTOR: usize = 512;
    let folder = folder();
    let path = folder.path().join("tokens.db");
    let store = SqliteStore::open(&path, &OpenOptions::default()).unwrap();
    store.append(0, &vec![vec![b'a'; 700]; 20]).unwrap();
    let before = crashed(&path).1.len();
    store.append(20, &vec![vec![b'b'; 700]; 20]).unwrap();
    let (file, wal) = crashed(&path);
    drop(store);
    assert!(wal.len() >= before + 5 * (24 + 4096), "several pages");
    let first = before / SECTOR;
    let sectors = wal.len().div_ceil(SECTOR) - first;
    let mut random = 1_u64;
    for round in 0..400 {
        let mut torn = wal.clone();
        // Any of the sectors that were not synced may be missing; sometimes just one, sometimes half of them.
        for sector in 0..sectors {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let lost = if round < sectors { sector == round } else { random >> 63 == 1 };
            let start = ((first + sector) * SECTOR).max(before);
            let end = ((first + sector + 1) * SECTOR).min(wal.len());
            if lost && start < end {
                torn[start..end].fill(0);
            }
        }
        let (content, _) = load(&lay(folder.path(), &file, Some(&torn)), &EXISTING).expect("a torn tail opens");
        assert!(content.1.len() == 20 || (content.1.len() == 40 && torn == wal), "round {round}");
    }
}

#[test]
fn a_preallocated_tail_is_harmless() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    let (mut file, mut wal) = crashed(&path);
    drop(store);
    wal.extend([0; 4096]);
    assert_eq!(load(&lay(folder.path(), &file, Some(&wal)), &EXISTING).unwrap().0.1.len(), 3);
    wal.extend(vec![0; 65_536]);
    assert_eq!(load(&lay(folder.path(), &file, Some(&wal)), &EXISTING).unwrap().0.1.len(), 3);
    file = closed(&path);
    file.extend([0; 4096]);
    assert_eq!(load(&lay(folder.path(), &file, None), &EXISTING).unwrap().0.1.len(), 3);
}

#[test]
fn a_file_taken_away_from_its_write_ahead_log_is_missed() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    let (file, wal) = crashed(&path);
    drop(store);
    let laid = lay(folder.path(), &file, Some(&wal));
    fs::remove_file(&laid).unwrap();
    assert_eq!(refused(load(&laid, &OpenOptions::default())).0, "log_missing");
    fs::write(&laid, []).unwrap();
    assert_eq!(refused(load(&laid, &OpenOptions::default())).0, "log_damaged");
    assert_eq!(fs::read(beside(&laid, "-wal")).unwrap(), wal, "nothing was touched");
}

#[test]
fn rows_exchanged_by_another_hand_are_refused() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    drop(store);
    let file = closed(&path);
    let other = folder.path().join("other.db");
    SqliteStore::open(&other, &OpenOptions::default())
        .unwrap()
        .append(0, &vec![b"of another store".to_vec(); 5])
        .unwrap();
    let attach = format!("ATTACH '{}' AS other;", other.display());
    let cases = [
        (
            "swapped",
            "UPDATE event SET revision = -revision WHERE revision > 1;
                     UPDATE event SET revision = 5 + revision WHERE revision < 0;",
            "log[2]",
        ),
        (
            "swapped bytes",
            "UPDATE event SET bytes = (SELECT bytes FROM event AS e WHERE e.revision = 5 - event.revision)
                           WHERE revision > 1;",
            "log[2]",
        ),
        ("changed", "UPDATE event SET bytes = x'00' WHERE revision = 2;", "log[2]"),
        ("removed in between", "DELETE FROM event WHERE revision = 2;", "log[2]"),
        ("removed at the end", "DELETE FROM event WHERE revision = 3;", "log[3]"),
        ("removed at the start", "DELETE FROM event WHERE revision = 1;", "log[1]"),
        ("all removed", "DELETE FROM event;", "log[1]"),
        ("added", "INSERT INTO event SELECT revision, chain, bytes FROM other.event WHERE revision = 4;", "log[4]"),
        (
            "replaced",
            "INSERT OR REPLACE INTO event SELECT revision, chain, bytes FROM other.event WHERE revision = 3;",
            "log[3]",
        ),
        (
            "replaced, with their account",
            "INSERT OR REPLACE INTO event SELECT * FROM other.event WHERE revision > 3;
                                          INSERT OR REPLACE INTO head SELECT * FROM other.head;",
            "log[1]",
        ),
        (
            "an account rolled back",
            "DELETE FROM event WHERE revision = 3; UPDATE head SET revision = 2,
                                    chain = (SELECT chain FROM event WHERE revision = 2);",
            "store",
        ),
        ("no account", "DELETE FROM head;", "store"),
        ("a column more", "ALTER TABLE event ADD COLUMN more INTEGER;", "store"),
        ("a table less", "DROP TABLE snapshot;", "store"),
        ("a trigger", "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END;", "store"),
        ("our mark, an older version", "PRAGMA user_version = 0;", "store"),
    ];
    for (case, sql, place) in cases {
        let laid = lay(folder.path(), &file, None);
        tamper(&laid, &format!("{attach}{sql}"));
        let error = refused(load(&laid, &EXISTING));
        assert_eq!(error, ("log_damaged", place.to_owned()), "{case}");
    }
}

#[test]
fn another_version_and_another_application_are_refused_untouched() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    drop(store);
    let file = closed(&path);
    let cases = [
        ("PRAGMA user_version = 2;", "log_version"),
        ("PRAGMA user_version = 255;", "log_version"),
        ("PRAGMA application_id = 7;", "store_foreign"),
        ("PRAGMA application_id = 0;", "store_foreign"),
    ];
    for (sql, code) in cases {
        let laid = lay(folder.path(), &file, None);
        tamper(&laid, sql);
        assert_eq!(refused(load(&laid, &OpenOptions::default())), (code, "store".to_owned()), "{sql}");
    }
    let laid = lay(folder.path(), b"", None);
    tamper(&laid, "PRAGMA journal_mode = DELETE; CREATE TABLE customers (name TEXT);");
    let foreign = closed(&laid);
    assert_eq!(refused(load(&laid, &OpenOptions::default())).0, "store_foreign");
    assert_eq!(closed(&laid), foreign, "not even its journal mode changed");
    let laid = lay(folder.path(), &b"not a database at all\n".repeat(100), None);
    assert_eq!(refused(load(&laid, &OpenOptions::default())).0, "store_foreign");
}

#[test]
fn a_snapshot_that_is_not_the_last_one_written_is_refused() {
    let folder = folder();
    let path = folder.path().join("tokens.db");
    let store = SqliteStore::open(&path, &OpenOptions::default()).unwrap();
    let event = |revision: u64| revision.to_be_bytes().to_vec();
    store.append(0, &(1..=10).map(event).collect::<Vec<_>>()).unwrap();
    store.write_snapshot(&StoredSnapshot { revision: 5, bytes: b"five".to_vec() }).unwrap();
    drop(store);
    let old = folder.path().join("old.db");
    fs::copy(&path, &old).unwrap();
    let store = SqliteStore::open(&path, &EXISTING).unwrap();
    store.append(10, &(11..=20).map(event).collect::<Vec<_>>()).unwrap();
    store.write_snapshot(&StoredSnapshot { revision: 10, bytes: b"ten".to_vec() }).unwrap();
    drop(store);
    let file = closed(&path);
    // The log may still begin before the snapshot: events up to it are skipped by who reads after it.
    let store = SqliteStore::open(&lay(folder.path(), &file, None), &EXISTING).unwrap();
    assert_eq!(store.snapshot().unwrap().unwrap().revision, 10);
    assert_eq!(store.read(10, 100).unwrap().len(), 10);
    drop(store);
    let laid = lay(folder.path(), &file, None);
    tamper(&laid, "UPDATE snapshot SET bytes = x'00';");
    let store = SqliteStore::open(&laid, &EXISTING).unwrap();
    assert_eq!(refused(store.compact(10)), ("snapshot_invalid", "snapshot".to_owned()));
    assert_eq!(store.read(0, 100).unwrap().len(), 20, "nothing was dropped behind a damaged snapshot");
    drop(store);
    let store = SqliteStore::open(&path, &EXISTING).unwrap();
    store.compact(10).unwrap();
    drop(store);
    let file = closed(&path);
    let cases = [
        (
            "replaced by an older one",
            format!("ATTACH '{}' AS old; INSERT OR REPLACE INTO snapshot SELECT * FROM old.snapshot;", old.display()),
        ),
        (
            "older bytes",
            format!("ATTACH '{}' AS old; UPDATE snapshot SET bytes = (SELECT bytes FROM old.snapshot);", old.display()),
        ),
        ("another number", "UPDATE snapshot SET revision = 11;".to_owned()),
        ("removed", "DELETE FROM snapshot;".to_owned()),
    ];
    for (case, sql) in cases {
        let laid = lay(folder.path(), &file, None);
        tamper(&laid, &sql);
        assert_eq!(refused(load(&laid, &EXISTING)), ("snapshot_invalid", "snapshot".to_owned()), "{case}");
    }
}

#[test]
fn a_handle_does_not_follow_a_log_that_went_back_or_another_way() {
    let folder = folder();
    let (path, store) = three_events(folder.path());
    drop(store);
    let old = closed(&path);
    let other = folder.path().join("other.db");
    fs::write(&other, &old).unwrap();
    let store = SqliteStore::open(&path, &EXISTING).unwrap();
    store.append(3, &[b"one way".to_vec()]).unwrap();
    store.append(4, &[b"and on".to_vec()]).unwrap();
    assert_eq!(store.read(0, 10).unwrap().len(), 5);
    // The same file, filled again from a copy under the eyes of the handle.
    let restore = |from: &Path| {
        let from = rusqlite::Connection::open(from).unwrap();
        let mut to = rusqlite::Connection::open(&path).unwrap();
        rusqlite::backup::Backup::new(&from, &mut to).unwrap().step(-1).unwrap();
    };
    restore(&other);
    assert_eq!(refused(store.read(5, 10)), ("log_damaged", "log[5]".to_owned()));
    assert_eq!(refused(store.append(3, &[b"x".to_vec()])), ("log_damaged", "log[5]".to_owned()));
    assert_eq!(refused(store.changed()), ("log_damaged", "log[5]".to_owned()));
    let another = SqliteStore::open(&other, &EXISTING).unwrap();
    another.append(3, &[b"another way".to_vec()]).unwrap();
    another.append(4, &[b"and on".to_vec()]).unwrap();
    another.append(5, &[b"and on".to_vec()]).unwrap();
    drop(another);
    restore(&other);
    assert_eq!(refused(store.read(5, 10)), ("log_damaged", "log[5]".to_owned()));
}

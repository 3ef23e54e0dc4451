//! A damaged store under an authority: every byte of a small one flipped, and cut at many lengths, with a snapshot and without. It
//! is refused by a code, or decides as before; what was cut is the last change at most.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use tokenward::{Category, Error, Registry, SnapshotContents};
use tokenward_host::store::{OpenOptions, SqliteStore, Store, StoredSnapshot};
use tokenward_host::{Authority, Issue, Options, Reason, Verifier};

const NOW: u64 = 1_800_000_000;
const REALM: &str = "team:a";

/// As small as a policy can be that issues tokens.
const POLICY: &str = r#"{"name":"n","administrator_role":"O","resources":{"team":""},"permissions":{"run":"team"},
    "roles":{"O":{"permissions":["*"]}},"tokens":{"prefix":"n","roles":{"minimum":0,"maximum":1},
    "default_lifetime_days":30,"maximum_lifetime_days":90},"operations":{"token.issue":"run","token.revoke":"run"}}"#;

const EXISTING: OpenOptions =
    OpenOptions { create: false, read_only: false, minimum_revision: 0, busy_timeout: Duration::from_secs(5) };

fn options() -> Options {
    Options { policy: Some(POLICY.into()), clock: Some(NOW), store: EXISTING, ..Options::default() }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// How the two tokens are decided: one that stays, and one that was revoked by the last change.
type Decisions = [Reason; 2];

const WHOLE: Decisions = [Reason::Allowed, Reason::TokenRevoked];
const ONE_LESS: Decisions = [Reason::Allowed, Reason::Allowed];

/// A store whose pages are so small that every byte can be tried, and the tokens; `look` sees it before it is closed.
fn small_store<T>(folder: &Path, snapshot: bool, look: impl FnOnce(&Path) -> T) -> (PathBuf, [String; 2], T) {
    let path = folder.join("tokens.db");
    drop(SqliteStore::open(&path, &OpenOptions::default()).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;").unwrap();
    drop(connection);
    let authority = Authority::open(&format!("sqlite:{}", path.display()), options()).unwrap();
    authority.create_realm(REALM, Some("user:u")).unwrap();
    let user = authority.session(REALM, "user:u").unwrap();
    let issued = ["a", "b"].map(|name| user.issue(Issue::named(name).roles(["O"])).unwrap().token().to_string());
    if snapshot {
        // As the authority keeps one when its log has grown long.
        let store = SqliteStore::open(&path, &EXISTING).unwrap();
        let records = store.read(0, 100).unwrap();
        let event = |bytes: &[u8]| tokenward::Event::from_json(std::str::from_utf8(bytes).unwrap()).unwrap();
        let mut registry = Registry::from_first(&event(&records[0].bytes)).unwrap();
        for record in &records[1..] {
            registry.apply(&event(&record.bytes)).unwrap();
        }
        let bytes = registry.snapshot(SnapshotContents::Complete);
        store.write_snapshot(&StoredSnapshot { revision: registry.revision(), bytes }).unwrap();
        store.compact(registry.revision()).unwrap();
    }
    user.revoke("b").unwrap();
    let seen = look(&path);
    authority.close().unwrap();
    (path, issued, seen)
}

/// The store made of these bytes, opened and asked; and whether it says that a tail was cut.
fn ask(folder: &Path, file: &[u8], wal: Option<&[u8]>, issued: &[String; 2]) -> Result<(Decisions, bool), Error> {
    let path = folder.join("laid.db");
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(&path, suffix));
    }
    fs::write(&path, file).unwrap();
    if let Some(wal) = wal {
        let name = beside(&path, "-wal");
        fs::write(&name, wal).unwrap();
        // Left a while ago: one that is being written is looked at for longer before it is called damaged.
        let before = SystemTime::now() - Duration::from_secs(10);
        fs::File::options().write(true).open(name).unwrap().set_modified(before).unwrap();
    }
    let store = SqliteStore::open(&path, &EXISTING)?;
    let told = store.tail_cut();
    let authority = Authority::over(Box::new(store), options())?;
    let reason = |token: &String| authority.authorize(Some(token), "run", REALM, None).reason();
    let decisions = [reason(&issued[0]), reason(&issued[1])];
    Ok((decisions, told))
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1 << (at % 8);
    bytes
}

/// Flips every byte of a closed store and cuts it at every length; answers how many were refused.
fn closed_store(snapshot: bool) -> usize {
    let folder = folder();
    let (path, issued, ()) = small_store(folder.path(), snapshot, |_| ());
    assert!(!beside(&path, "-wal").exists(), "closing leaves one file");
    let file = fs::read(path).unwrap();
    assert_eq!(ask(folder.path(), &file, None, &issued).unwrap(), (WHOLE, false));
    let flips = (0..file.len()).map(|at| (at, flipped(&file, at)));
    let cuts = (0..file.len()).step_by(7).map(|length| (length, file[..length].to_vec()));
    let mut refused = 0;
    for (at, bytes) in flips.chain(cuts) {
        match ask(folder.path(), &bytes, None, &issued) {
            Ok(asked) => assert_eq!(asked, (WHOLE, false), "byte {at}"),
            Err(error) => {
                let known = [Category::Store, Category::Input, Category::Conflict].contains(&error.category());
                assert!(known, "byte {at}: {error:?}");
                refused += 1;
            }
        }
    }
    refused
}

#[test]
fn a_store_with_its_whole_log_decides_as_before_or_not_at_all() {
    assert!(closed_store(false) > 2_000);
}

#[test]
fn a_store_with_a_snapshot_decides_as_before_or_not_at_all() {
    assert!(closed_store(true) > 2_000);
}

#[test]
fn only_the_last_change_is_cut_and_that_is_told() {
    let folder = folder();
    let (_, issued, (file, wal)) = small_store(folder.path(), false, |path| {
        // Another process copies: closing the file in this one would drop the store's locks.
        let copy = path.with_extension("copy");
        assert!(Command::new("cp").arg(path).arg(&copy).status().unwrap().success());
        (fs::read(copy).unwrap(), fs::read(beside(path, "-wal")).unwrap())
    });
    assert_eq!(ask(folder.path(), &file, Some(&wal), &issued).unwrap(), (WHOLE, false));
    let (mut refused, mut cut) = (0, 0);
    for at in (0..wal.len()).step_by(3) {
        match ask(folder.path(), &file, Some(&flipped(&wal, at)), &issued) {
            Ok((ONE_LESS, told)) => {
                assert!(told, "byte {at}: cut and not told");
                cut += 1;
            }
            Ok((decisions, _)) => assert_eq!(decisions, WHOLE, "byte {at}"),
            Err(error) => {
                assert_eq!(error.category(), Category::Store, "byte {at}: {error:?}");
                refused += 1;
            }
        }
    }
    assert!(refused > cut && cut > 0, "{refused} {cut}");
}

#[test]
fn a_verifier_loads_no_damaged_snapshot() {
    let authority = Authority::open("memory:", Options { store: OpenOptions::default(), ..options() }).unwrap();
    authority.create_realm(REALM, Some("user:u")).unwrap();
    authority.session(REALM, "user:u").unwrap().issue(Issue::named("a")).unwrap();
    let whole = authority.snapshot();
    assert!(Verifier::load(&whole, None, Some(NOW)).is_ok());
    for at in 0..whole.len() {
        for bytes in [flipped(&whole, at), whole[..at].to_vec()] {
            let error = Verifier::load(&bytes, None, Some(NOW)).err().expect("refused");
            assert!(matches!(error.code(), "snapshot_invalid" | "snapshot_version"), "byte {at}: {}", error.code());
        }
    }
}

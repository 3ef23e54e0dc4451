//! What is kept of the log, and who is told what when records are gone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects, reason = "tests")]

mod eventually;
mod switch;

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use eventually::eventually;
use switch::Switch;
use tokenward_host::store::{OpenOptions, SqliteStore, Store};
use tokenward_host::{Answer, Authority, Document, Issue, Options, Reason, Verifier};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const REALM: &str = "organization:acme";
/// So many changes make a snapshot due.
const MANY: u64 = 6_000;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn open(folder: &Path, options: Options) -> Authority {
    Authority::open(&format!("sqlite:{}/tokens.db", folder.display()), options).unwrap()
}

fn store(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("tokens.db"), &OpenOptions::default()).unwrap()
}

fn fixed() -> Options {
    Options { clock: Some(NOW), ..Options::default() }
}

/// Makes so many changes.
fn change(authority: &Authority, times: u64) {
    for _ in 0..times {
        authority.create_realm(&format!("organization:r{}", authority.revision()), None).unwrap();
    }
}

/// The first and the last revision of an audit.
fn audited(authority: &Authority, arguments: &str) -> Result<(u64, u64), &'static str> {
    let answer = authority.call("audit", arguments).map_err(|error| error.code())?;
    let Answer::Document(Document::List(entries)) = answer else { panic!("an audit is a list") };
    let revision = |entry: Option<&Document>| match entry.and_then(|entry| entry.get("revision")) {
        Some(Document::Integer(revision)) => u64::try_from(*revision).unwrap(),
        other => panic!("{other:?}"),
    };
    Ok((revision(entries.first()), revision(entries.last())))
}

#[test]
fn all_is_kept_unless_something_else_is_asked_for() {
    let folder = folder();
    let authority = open(folder.path(), fixed());
    change(&authority, MANY);
    authority.close().unwrap();
    assert_eq!(store(folder.path()).floor().unwrap(), 0);
    let again = open(folder.path(), fixed());
    assert_eq!(audited(&again, r#"{"limit":10000}"#), Ok((1, MANY + 1)));
    assert!(again.events(0).is_ok());
}

#[test]
fn a_snapshot_is_written_while_the_authority_is_in_use_and_bounds_what_opening_reads() {
    let folder = folder();
    let authority = open(folder.path(), fixed());
    change(&authority, MANY);
    let stored = store(folder.path());
    eventually("a snapshot", || stored.snapshot_revision().unwrap().is_some());
    assert!(authority.revision() - stored.snapshot_revision().unwrap().unwrap() < 5_000);
}

#[test]
fn records_behind_a_snapshot_are_dropped_but_for_those_that_are_asked_for() {
    let folder = folder();
    let options = Options { keep_changes: Some(2_000), ..fixed() };
    let authority = open(folder.path(), options.clone());
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    let alice = authority.session(REALM, "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci").roles(["Viewer"])).unwrap();
    let verifier = Verifier::load(&authority.snapshot(), None, Some(NOW)).unwrap();
    let reason = |verifier: &Verifier| verifier.authenticate(Some(issued.token()), None, None).reason();
    alice.revoke("ci").unwrap();
    change(&authority, MANY);
    authority.close().unwrap();
    let end = authority.revision();
    // The snapshot that stands for them may be one of a while ago.
    let floor = store(folder.path()).floor().unwrap();
    assert!((3_000..=end - 2_000).contains(&floor), "{floor}");

    let again = open(folder.path(), options);
    assert_eq!(again.revision(), end);
    assert_eq!(again.authenticate(Some(issued.token()), None, None).reason(), Reason::TokenRevoked);
    // Who does not say where to begin gets what there is; who does is told what is missing.
    assert_eq!(audited(&again, r#"{"limit":10000}"#), Ok((floor + 1, end)));
    assert_eq!(audited(&again, &format!(r#"{{"limit":10000,"after":{floor}}}"#)), Ok((floor + 1, end)));
    assert_eq!(audited(&again, r#"{"after":1}"#), Err("log_missing"));
    // A verifier that lags too far is told so, and takes a snapshot: no revocation falls into the gap.
    assert_eq!(reason(&verifier), Reason::Allowed);
    for events in [again.events(verifier.revision()), again.realm_events(REALM, verifier.revision())] {
        let error = events.unwrap_err();
        assert_eq!((error.code(), error.place()), ("log_missing", "after"));
    }
    assert_eq!(reason(&Verifier::load(&again.snapshot(), None, Some(NOW)).unwrap()), Reason::TokenRevoked);
    assert!(again.events(floor).is_ok());
}

#[test]
fn younger_records_stay_whatever_the_clock_says() {
    let folder = folder();
    let options = Options { keep_days: Some(30), ..fixed() };
    let authority = open(folder.path(), options.clone());
    change(&authority, MANY);
    let old = authority.revision();
    authority.set_clock(Some(NOW + 40 * DAY));
    change(&authority, 1_500);
    authority.set_clock(Some(NOW + 69 * DAY));
    change(&authority, MANY);
    authority.close().unwrap();
    assert_eq!(store(folder.path()).floor().unwrap(), old, "29 days are no 30");
    // A clock that goes wrong while nothing is written drops nothing.
    let wrong = open(folder.path(), Options { clock: Some(NOW + 4_000 * DAY), ..options.clone() });
    wrong.close().unwrap();
    assert_eq!(store(folder.path()).floor().unwrap(), old);
    let later = open(folder.path(), Options { clock: Some(NOW + 70 * DAY + 1), ..options });
    later.create_realm("organization:later", None).unwrap();
    later.close().unwrap();
    assert_eq!(store(folder.path()).floor().unwrap(), old + 1_500);
}

#[test]
fn a_few_records_stay_for_replicas_whatever_is_asked_for() {
    let folder = folder();
    let authority = open(folder.path(), Options { keep_changes: Some(0), ..fixed() });
    change(&authority, MANY);
    authority.close().unwrap();
    let floor = store(folder.path()).floor().unwrap();
    assert!((4_000..=authority.revision() - 1_000).contains(&floor), "{floor}");
}

/// A replica that was cut off while the log was compacted past it goes on with the snapshot.
#[test]
fn a_follower_behind_the_floor_takes_the_snapshot() {
    let folder = folder();
    let writer = open(folder.path(), Options { keep_changes: Some(0), ..fixed() });
    writer.create_realm(REALM, Some("user:alice")).unwrap();
    let alice = writer.session(REALM, "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci").roles(["Viewer"])).unwrap();
    let (switch, cut) = Switch::over(store(folder.path()));
    let follower = Authority::over(Box::new(switch), Options { max_age: Some(60), ..fixed() }).unwrap();
    let reason = || follower.authenticate(Some(issued.token()), None, None).reason();
    assert_eq!(reason(), Reason::Allowed);

    cut.set(true);
    let behind = follower.revision();
    alice.revoke("ci").unwrap();
    change(&writer, MANY);
    writer.close().unwrap();
    assert!(store(folder.path()).floor().unwrap() > behind);
    // Within its bound it answers from what it knows, beyond it with 503, and never as if it knew.
    assert_eq!(follower.refresh(None).unwrap_err().code(), "store_failed");
    assert_eq!((reason(), follower.revision()), (Reason::Allowed, behind));
    follower.set_clock(Some(NOW + 61));
    assert_eq!(reason(), Reason::Stale);
    assert_eq!(follower.authenticate(None, None, None).retry_after(), Some(5));

    cut.set(false);
    eventually("the follower catches up", || reason() == Reason::TokenRevoked);
    assert_eq!(follower.revision(), writer.revision());
    assert!(follower.snapshot() == writer.snapshot());
    follower.create_realm("organization:after", None).unwrap();
}

#[test]
fn a_revision_is_waited_for_and_no_longer() {
    let folder = folder();
    let (writer, reader) = (open(folder.path(), fixed()), open(folder.path(), fixed()));
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(150));
            writer.create_realm(REALM, None).unwrap();
        });
        assert_eq!(reader.refresh(Some(2)).unwrap(), 2);
    });
    assert_eq!(reader.system(REALM).unwrap().realm(), REALM);
    let began = Instant::now();
    let error = reader.refresh_within(Some(3), Duration::from_millis(60)).unwrap_err();
    assert_eq!((error.code(), error.place()), ("stale", "revision"));
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(reader.refresh_within(Some(3), Duration::ZERO).unwrap_err().code(), "stale");
}

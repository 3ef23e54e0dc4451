//! A write that fails, whichever it is: memory and store agree afterwards, nothing acknowledged is lost, nothing is there by
//! half, and who tries again gets where it wanted to be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod failing;

use std::sync::Arc;
use std::time::Duration;

use failing::{Failing, Failure, Plan, Write};
use tokenward_host::store::{MemoryStore, OpenOptions, SqliteStore, Store, StoredSnapshot};
use tokenward_host::{Authority, Error, Issue, Options, Reason, RoleDefinition, Session};

const NOW: u64 = 1_800_000_000;
const REALM: &str = "organization:acme";
const PROJECT: &str = "organization:acme/project:web";

fn options() -> Options {
    Options { clock: Some(NOW), ..Options::default() }
}

/// Tokens that somebody holds, and how requests with them are to be decided.
#[derive(Default)]
struct Held(Vec<(String, Reason)>);

impl Held {
    fn add(&mut self, token: &str) {
        self.0.push((token.to_string(), Reason::Allowed));
    }

    fn becomes(&mut self, number: usize, reason: Reason) {
        self.0[number].1 = reason;
    }
}

/// One step of the script: what is asked for, and what is so when that was acknowledged.
type Step = fn(&Authority, &mut Held) -> Result<(), Error>;

fn alice(authority: &Authority) -> Result<Session, Error> {
    authority.session(REALM, "user:alice")
}

/// Issues a token; where one of that name is there already whose secret nobody got, gives it a new one.
fn issue(authority: &Authority, held: &mut Held, name: &str) -> Result<(), Error> {
    let alice = alice(authority)?;
    let issued = match alice.issue(Issue::named(name).roles(["Viewer"])) {
        Err(error) if error.code() == "name_taken" => alice.rotate(name, Duration::ZERO)?,
        other => other?,
    };
    held.add(issued.token());
    Ok(())
}

/// Passes over the answer that it is done already: what a caller hears who tries again.
fn done<T>(result: Result<T, Error>, already: &str) -> Result<(), Error> {
    match result {
        Err(error) if error.code() == already => Ok(()),
        other => other.map(|_| ()),
    }
}

const SCRIPT: [Step; 14] = [
    |authority, _| done(authority.create_realm(REALM, Some("user:alice")), "realm_exists"),
    |authority, _| done(alice(authority)?.add_user("bob", None), "user_exists"),
    |authority, held| issue(authority, held, "kept"),
    |authority, held| issue(authority, held, "gone"),
    |authority, held| issue(authority, held, "rolled"),
    |authority, _| {
        let role = RoleDefinition::named("Reader").permissions(["item-read"]);
        done(alice(authority)?.create_role(role), "role_exists")
    },
    |authority, _| alice(authority)?.bind("Editor", PROJECT, ["token:kept", "user:bob"]).map(|_| ()),
    |authority, held| {
        alice(authority)?.disable("kept")?;
        held.becomes(0, Reason::TokenDisabled);
        Ok(())
    },
    |authority, held| {
        alice(authority)?.enable("kept")?;
        held.becomes(0, Reason::Allowed);
        Ok(())
    },
    |authority, held| {
        let issued = alice(authority)?.rotate("rolled", Duration::ZERO)?;
        held.becomes(2, Reason::TokenExpired);
        held.add(issued.token());
        Ok(())
    },
    |authority, held| {
        alice(authority)?.revoke("gone")?;
        held.becomes(1, Reason::TokenRevoked);
        Ok(())
    },
    |authority, _| {
        let settings = alice(authority)?.settings()?;
        let bounded = tokenward_host::records::Settings { maximum_lifetime_days: Some(30), ..settings };
        alice(authority)?.update_settings(&bounded).map(|_| ())
    },
    |authority, _| done(alice(authority)?.delete_role("Reader"), "role_not_found"),
    |authority, _| done(alice(authority)?.delete_user("bob"), "user_not_found"),
];

/// A place for one log, which gives handles on it.
trait Place {
    type Store: Store + 'static;

    fn handle(&self) -> Self::Store;

    fn authority(&self, plan: &Arc<Plan>) -> Result<Authority, Error> {
        Authority::over(Box::new(Failing { store: self.handle(), plan: plan.clone() }), options())
    }
}

impl Place for MemoryStore {
    type Store = MemoryStore;

    fn handle(&self) -> MemoryStore {
        MemoryStore::another(self, &OpenOptions::default()).unwrap()
    }
}

impl Place for tempfile::TempDir {
    type Store = SqliteStore;

    fn handle(&self) -> SqliteStore {
        SqliteStore::open(&self.path().join("tokens.db"), &OpenOptions::default()).unwrap()
    }
}

/// What everybody can see at the end of the script, without ids, secrets and revisions.
fn seen(authority: &Authority) -> Vec<String> {
    let alice = alice(authority).unwrap();
    let mut seen: Vec<String> = Vec::new();
    seen.extend(alice.tokens().unwrap().iter().map(|token| format!("token {:?} {}", token.name, token.status)));
    // A token that was rotated more often has more earlier secrets, all of them over.
    seen.retain(|line| !line.ends_with("expired"));
    seen.dedup();
    seen.extend(alice.roles().unwrap().iter().map(|role| format!("role {} {:?}", role.name, role.permissions)));
    seen.extend(alice.users().unwrap().iter().map(|user| format!("user {}", user.user)));
    for binding in alice.bindings().unwrap() {
        seen.push(format!("binding {} {} {}", binding.role, binding.resource, binding.subjects.len()));
    }
    seen.push(format!("settings {:?}", alice.settings().unwrap()));
    seen
}

/// Memory and store agree, the log holds all that was acknowledged and nothing by half, and the tokens are decided as was
/// acknowledged.
fn check(place: &impl Place, plan: &Plan, authority: &Authority, held: &Held, case: &str) {
    let fresh = Authority::over(Box::new(place.handle()), options()).unwrap();
    assert!(authority.snapshot() == fresh.snapshot(), "{case}: memory and store differ");
    let stored: Vec<Vec<u8>> = place.handle().read(0, 1_000).unwrap().into_iter().map(|record| record.bytes).collect();
    assert!(stored == plan.written(), "{case}: another log");
    for (number, (token, wanted)) in held.0.iter().enumerate() {
        let reason = |authority: &Authority| authority.authorize(Some(token), "project-read", PROJECT, None).reason();
        assert_eq!([reason(authority), reason(&fresh)], [*wanted; 2], "{case}: token {number}");
    }
}

/// Plays the script with one failing append; answers what is seen at the end, or none when the script has fewer appends.
fn play(place: &impl Place, number: usize, failure: Failure, again: bool) -> Option<Vec<String>> {
    let plan = Plan::new(Write::Append, number, failure);
    let mut held = Held::default();
    let case = format!("append {number} {failure:?}, {}", if again { "opened again" } else { "going on" });
    let mut authority = place
        .authority(&plan)
        .or_else(|error| {
            assert_eq!((error.code(), number), ("store_failed", 1), "{case}");
            place.authority(&plan)
        })
        .unwrap();
    for step in SCRIPT {
        let before = plan.written();
        let Err(error) = step(&authority, &mut held) else { continue };
        assert_eq!(error.code(), "store_failed", "{case}");
        let written = plan.written().len() - before.len();
        assert_eq!(written == 0, failure == Failure::Refused, "{case}");
        if again {
            authority = place.authority(&plan).unwrap();
        }
        // The store tells what has become of it.
        authority.refresh(None).unwrap();
        if written == 0 {
            check(place, &plan, &authority, &held, &case);
        }
        step(&authority, &mut held).unwrap_or_else(|error| panic!("{case}: tried again: {error}"));
        check(place, &plan, &authority, &held, &case);
    }
    check(place, &plan, &authority, &held, &case);
    // The last append is of uses, which closing writes: those may be lost, as it says.
    let failed_before = plan.has_failed();
    if let Err(error) = authority.close() {
        assert_eq!((error.code(), failed_before), ("store_failed", false), "{case}");
    }
    plan.has_failed().then(|| seen(&Authority::over(Box::new(place.handle()), options()).unwrap()))
}

/// Each append of the script in turn fails, in either way; whoever goes on or begins again ends where nothing had failed.
fn every_append_fails_once<P: Place>(new: impl Fn() -> P) {
    let wanted = {
        let place = new();
        assert_eq!(play(&place, 1_000, Failure::Refused, false), None);
        seen(&Authority::over(Box::new(place.handle()), options()).unwrap())
    };
    let mut failed = 0;
    for failure in [Failure::Refused, Failure::Unanswered] {
        for again in [false, true] {
            let outcomes = (1..).map_while(|number| play(&new(), number, failure, again));
            for (number, seen) in (1..).zip(outcomes) {
                assert_eq!(seen, wanted, "append {number} {failure:?}");
                failed += 1;
            }
        }
    }
    // One append begins the log, and one writes the uses.
    assert_eq!(failed, 4 * (SCRIPT.len() + 2));
}

#[test]
fn every_append_to_memory_fails_once() {
    every_append_fails_once(|| MemoryStore::open(&OpenOptions::default()).unwrap());
}

#[test]
fn every_append_to_sqlite_fails_once() {
    every_append_fails_once(|| tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap());
}

/// A snapshot or a compaction that fails costs time at the next opening and nothing else.
#[test]
fn keeping_the_store_fails_and_nothing_is_lost() {
    const MANY: u64 = 6_100;
    let place = MemoryStore::open(&OpenOptions::default()).unwrap();
    let authority = Authority::over(Box::new(place.handle()), options()).unwrap();
    let mut held = Held::default();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    issue(&authority, &mut held, "kept").unwrap();
    issue(&authority, &mut held, "gone").unwrap();
    alice(&authority).unwrap().revoke("gone").unwrap();
    held.becomes(1, Reason::TokenRevoked);
    while authority.revision() < MANY {
        authority.create_realm(&format!("organization:r{}", authority.revision()), None).unwrap();
    }
    let (revision, whole) = (authority.revision(), authority.snapshot());
    let records: Vec<Vec<u8>> =
        place.handle().read(0, usize::MAX).unwrap().into_iter().map(|record| record.bytes).collect();
    for write in [Write::Snapshot, Write::Compaction] {
        for failure in [Failure::Refused, Failure::Unanswered] {
            let place = MemoryStore::open(&OpenOptions::default()).unwrap();
            place.append(0, &records).unwrap();
            let plan = Plan::new(write, 1, failure);
            let open = || {
                let store = Box::new(Failing { store: place.handle(), plan: plan.clone() });
                Authority::over(store, Options { keep_changes: Some(0), ..options() }).unwrap()
            };
            // The thread that keeps the store may be the one to hear of it, before this one closes.
            let _ = open().close();
            assert!(plan.has_failed());
            for round in 0..2 {
                let again = open();
                // Closing writes the uses of the round before, and nothing else.
                let same = (again.revision(), again.snapshot()) == (revision, whole.clone());
                assert!(same || round > 0, "{write:?} {failure:?}");
                for (token, wanted) in &held.0 {
                    assert_eq!(again.authenticate(Some(token), None, None).reason(), *wanted, "{write:?} {failure:?}");
                }
                again.close().unwrap();
            }
            assert!(place.snapshot_revision().unwrap().is_some_and(|kept| kept > 5_000), "{write:?} {failure:?}");
            assert!(place.floor().unwrap() > 0, "{write:?} {failure:?}");
        }
    }
}

/// A snapshot that is larger than SQLite takes is refused before it counts as a failed write: changes go on.
#[test]
fn a_snapshot_that_is_too_large_stops_nothing() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let store = folder.handle();
    store.append(0, &[b"one".to_vec()]).unwrap();
    let error = store.write_snapshot(&StoredSnapshot { revision: 1, bytes: vec![0; 1_000_000_000] }).unwrap_err();
    assert_eq!((error.code(), error.place()), ("document_too_large", "snapshot"));
    store.append(1, &[b"two".to_vec()]).unwrap();
    assert_eq!((store.revision().unwrap(), store.snapshot_revision().unwrap()), (2, None));
}

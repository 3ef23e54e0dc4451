//! Codes that no vector can raise, and how they are raised: what concerns files, foreign bytes, other processes, the
//! random source.

use std::time::Duration;

use rusqlite::Connection;
use tokenward::{CanonicalPath, Code, Context, Entropy, Error, Event, PathBuffer, Performed, Policy, Registry};
use tokenward_host::store::{MemoryStore, OpenOptions, Store, StoredSnapshot};
use tokenward_host::{Authority, Options, Verifier};

use crate::vector::crc32;

const NOW: u64 = 1_800_000_000;

/// Codes that nothing here can raise, and why.
pub(crate) const UNREACHABLE: &[(Code, &str)] = &[
    (Code::Internal, "says that the library contradicts itself; whatever raised it would be repaired"),
    (Code::InstanceDead, "a WebAssembly instance that has trapped says so; tests/js/module.test.mjs makes one trap"),
    (
        Code::PublicationMissing,
        "said by replicas in workers; tests/edge/replica.test.mjs has them look where nothing is",
    ),
];

type Raise = fn() -> Error;

/// What raises the other codes that no vector raises.
pub(crate) const RAISED: &[(Code, Raise)] = &[
    (Code::EntropyFailed, || issued_from(&opened(), [0xff; Entropy::LENGTH]).err().expect("no bits to draw from")),
    (Code::IdCollision, || {
        let drawn = [7; Entropy::LENGTH];
        let once = issued_from(&opened(), drawn).expect("a token").next;
        issued_from(&once, drawn).err().expect("the same id")
    }),
    (Code::LogDamaged, || {
        let store = OpenOptions { minimum_revision: 99, ..OpenOptions::default() };
        in_folder(|path| Authority::open(path, Options { store, ..Options::default() }).err())
    }),
    (Code::LogMissing, || {
        let store = OpenOptions { create: false, ..OpenOptions::default() };
        in_folder(|path| Authority::open(path, Options { store, ..Options::default() }).err())
    }),
    (Code::LogVersion, || {
        Event::from_json(r#"{"revision": 1, "at": 1800000000, "by": "system", "change": "unheard_of"}"#).err().unwrap()
    }),
    (Code::PathInvalid, || CanonicalPath::parse("/a//b", &mut PathBuffer::new()).err().unwrap()),
    (Code::PolicyMismatch, || {
        in_folder(|path| {
            let policy = |name: &str| Options { policy: Some(name.into()), ..Options::default() };
            Authority::open(path, policy("astra")).expect("a store").close().expect("it closes");
            Authority::open(path, policy("dataprep")).err()
        })
    }),
    (Code::PublicationForeign, || {
        let latest = published(&memory());
        memory().next_publication(Some(&latest), None).unwrap_err()
    }),
    (Code::PublicationInvalid, || memory().next_publication(Some(b"{}"), None).unwrap_err()),
    (Code::PublicationNewer, || {
        let authority = memory();
        let latest = String::from_utf8(published(&authority)).expect("a document");
        let revision = authority.revision();
        let newer = latest.replace(&format!("-{revision}\""), "-99\"").replace(&format!(":{revision},"), ":99,");
        authority.next_publication(Some(newer.as_bytes()), None).unwrap_err()
    }),
    (Code::ReadOnly, || {
        let verifier = Verifier::load(&memory().snapshot(), None, None).expect("a snapshot");
        verifier.call("create_realm", r#"{"realm": "organization:acme"}"#).unwrap_err()
    }),
    (Code::RevisionConflict, || log().append(0, &[vec![2]]).unwrap_err()),
    (Code::SnapshotInvalid, || Verifier::load(b"no snapshot", None, None).err().unwrap()),
    (Code::SnapshotOlder, || {
        let log = log();
        log.write_snapshot(&StoredSnapshot { revision: 1, bytes: vec![1] }).expect("a snapshot");
        log.write_snapshot(&StoredSnapshot { revision: 0, bytes: vec![0] }).unwrap_err()
    }),
    (Code::SnapshotVersion, || {
        let mut bytes = memory().snapshot();
        bytes[8] = 200;
        let checksum = crc32(&bytes[..32]);
        bytes[32..36].copy_from_slice(&checksum.to_le_bytes());
        Verifier::load(&bytes, None, None).err().unwrap()
    }),
    (Code::StoreBusy, || {
        in_folder(|path| {
            let store = OpenOptions { busy_timeout: Duration::from_millis(10), ..OpenOptions::default() };
            let authority = Authority::open(path, Options { store, ..Options::default() }).expect("a store");
            let other = Connection::open(path.trim_start_matches("sqlite:")).expect("the same file");
            other.execute_batch("BEGIN IMMEDIATE").expect("a lock");
            authority.create_realm("organization:acme", None).err()
        })
    }),
    (Code::StoreFailed, || {
        in_folder(|path| Authority::open(&format!("{path}/below/a/file"), Options::default()).err())
    }),
    (Code::StoreForeign, || {
        in_folder(|path| {
            let other = Connection::open(path.trim_start_matches("sqlite:")).expect("a file");
            other.execute_batch("CREATE TABLE customer (name TEXT)").expect("a table");
            Authority::open(path, Options::default()).err()
        })
    }),
    (Code::StoreUnknown, || Authority::open("redis:", Options::default()).err().unwrap()),
];

#[test]
fn what_raises_a_code_raises_it() {
    for (code, raise) in RAISED {
        assert_eq!(raise().kind(), *code);
    }
}

#[test]
fn a_gap_in_the_events_is_refused() {
    let verifier = Verifier::load(&memory().snapshot(), None, None).expect("a snapshot");
    let before = verifier.revision();
    assert_eq!(verifier.apply(&gap()).unwrap_err().kind(), Code::EventInvalid);
    assert_eq!(verifier.revision(), before);
}

fn memory() -> Authority {
    let authority = Authority::open("memory:", Options::default()).expect("an authority");
    authority.create_realm("organization:acme", Some("user:alice")).expect("a realm");
    authority
}

/// What it publishes under the name `latest`.
fn published(authority: &Authority) -> Vec<u8> {
    let next = authority.next_publication(None, None).expect("a publication");
    next.publication.to_json().into_bytes()
}

fn in_folder(run: impl FnOnce(&str) -> Option<Error>) -> Error {
    let folder = tempfile::tempdir().expect("a folder");
    run(&format!("sqlite:{}", folder.path().join("tokens.db").display())).expect("an error")
}

fn opened() -> Registry {
    let (registry, _) = Registry::begin(Policy::parse("default").expect("a preset"), NOW).expect("a registry");
    registry.found(r#"{"realm": "organization:acme"}"#, NOW).expect("a realm").next
}

fn issued_from(registry: &Registry, entropy: [u8; Entropy::LENGTH]) -> Result<Performed, Error> {
    let system = registry.open_session("system", r#"{"realm": "organization:acme"}"#, NOW)?;
    let entropy = Entropy::new(entropy);
    let name = registry.token_count();
    registry.perform(&system, "issue", &format!(r#"{{"name": "t{name}"}}"#), Context { now: NOW, entropy: &entropy })
}

fn log() -> MemoryStore {
    let log = MemoryStore::open(&OpenOptions::default()).expect("a log");
    log.append(0, &[vec![1]]).expect("a record");
    log
}

/// Events that do not go on from where a verifier is.
fn gap() -> String {
    r#"[{"revision": 99, "at": 1800000000, "by": "system", "realm": "organization:acme", "change": "user_added", "user": "a"}]"#.into()
}

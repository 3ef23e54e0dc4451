//! Imported tokens in a store: after the first use it holds our own digest, and nothing of the old one counts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics fails")]

use std::time::{Duration, Instant};

use tokenward_host::store::OpenOptions;
use tokenward_host::{Authority, Import, Issue, Options, Verifier};

/// Python: `hashlib.pbkdf2_hmac("sha256", b"prefix.secret", b"salt", 1000).hex()`
const DIGEST: &str = "528a3f4bc471d7d51af8f3a578203937763f705cac3c56501db238924e25dcc4";
const CREDENTIAL: &str = "Api-Key prefix.secret";

fn slow(name: &str) -> Import {
    Import::new("drf_api_key", DIGEST).lookup("prefix").salt("salt", Some(1000)).issue(Issue::named(name))
}

fn changes(authority: &Authority) -> usize {
    authority.events(0).unwrap().matches("\"change\":\"tokens_rehashed\"").count()
}

#[test]
fn the_first_use_is_written_and_survives() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("tokens.db").display());
    let authority = Authority::open(&store, Options::default()).unwrap();
    authority.create_realm("organization:acme", Some("user:alice")).unwrap();
    let alice = authority.session("organization:acme", "user:alice").unwrap();
    alice.import_tokens([slow("old")]).unwrap();
    let before = Verifier::load(&authority.snapshot(), None, None).unwrap();
    let rehashed = |session: &tokenward_host::Session| session.token("old").unwrap().origin.unwrap().rehashed;
    assert!(!rehashed(&alice));
    assert!(!authority.authenticate(Some("Api-Key prefix.secreT"), None, None).allowed());
    assert!(!rehashed(&alice) && changes(&authority) == 0);
    assert!(authority.authenticate(Some(CREDENTIAL), None, None).allowed());
    assert!(rehashed(&alice));
    let patience = Instant::now();
    while changes(&authority) == 0 && patience.elapsed() < Duration::from_secs(10) {
        assert!(authority.authenticate(Some(CREDENTIAL), None, None).allowed());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(changes(&authority), 1);
    // A replica from before follows; one that comes later never sees the old form.
    assert!(before.authenticate(Some(CREDENTIAL), None, None).allowed());
    before.apply(&authority.events(before.revision()).unwrap()).unwrap();
    let later = Verifier::load(&authority.snapshot(), None, None).unwrap();
    assert!([&before, &later].iter().all(|replica| replica.authenticate(Some(CREDENTIAL), None, None).allowed()));
    authority.close().unwrap();

    let again = Authority::open(&store, Options::default()).unwrap();
    assert!(again.authenticate(Some(CREDENTIAL), None, None).allowed());
    let alice = again.session("organization:acme", "user:alice").unwrap();
    assert!(rehashed(&alice));
    assert_eq!(changes(&again), 1);
    assert_eq!(again.authenticate(Some("Api-Key prefix.secreT"), None, None).reason().as_str(), "no_credential");
}

#[test]
fn closing_writes_first_uses() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("tokens.db").display());
    let authority = Authority::open(&store, Options::default()).unwrap();
    authority.create_realm("organization:acme", Some("user:alice")).unwrap();
    authority.session("organization:acme", "user:alice").unwrap().import_tokens([slow("old")]).unwrap();
    assert!(authority.authenticate(Some(CREDENTIAL), None, None).allowed());
    authority.close().unwrap();
    assert_eq!(changes(&Authority::open(&store, Options::default()).unwrap()), 1);
}

/// Uses, the first ones too, are what an authority writes by itself. One that only reads leaves them to the others.
#[test]
fn who_only_reads_lets_an_imported_key_in_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("tokens.db").display());
    let writing = Authority::open(&store, Options::default()).unwrap();
    writing.create_realm("organization:acme", Some("user:alice")).unwrap();
    writing.session("organization:acme", "user:alice").unwrap().import_tokens([slow("old")]).unwrap();
    let before = writing.revision();

    let options = Options { store: OpenOptions { read_only: true, ..OpenOptions::default() }, ..Options::default() };
    let reading = Authority::open(&store, options).unwrap();
    assert!(reading.authenticate(Some(CREDENTIAL), None, None).allowed());
    reading.close().unwrap();
    assert_eq!(writing.refresh(None).unwrap(), before);
    writing.close().unwrap();
}

#[test]
fn threads_that_use_a_key_at_once_all_get_in() {
    let authority = Authority::open("memory:", Options::default()).unwrap();
    authority.create_realm("organization:acme", Some("user:alice")).unwrap();
    authority.session("organization:acme", "user:alice").unwrap().import_tokens([slow("old")]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert!(authority.authenticate(Some(CREDENTIAL), None, None).allowed());
                }
            });
        }
    });
    authority.close().unwrap();
}

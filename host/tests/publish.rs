//! What an authority publishes, and what replicas make of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;

use tokenward::publication::{Part, Publication};
use tokenward_host::target::{Folder, Target};
use tokenward_host::{Authority, Code, Error, Issue, Options, Verifier};

const NOW: u64 = 1_800_000_000;
const REALM: &str = "organization:acme";

/// A target that writes down what it was asked, and fails when told to.
#[derive(Default)]
struct Bucket {
    objects: RefCell<BTreeMap<String, Vec<u8>>>,
    calls: RefCell<Vec<String>>,
    broken: RefCell<Option<&'static str>>,
}

impl Bucket {
    fn call(&self, verb: &str, name: &str) -> Result<(), Error> {
        self.calls.borrow_mut().push(format!("{verb} {name}"));
        let broken = self.broken.borrow().is_some_and(|prefix| verb == "put" && name.starts_with(prefix));
        if broken { Err(Error::new(Code::StoreFailed).at("target")) } else { Ok(()) }
    }

    fn latest(&self) -> Publication {
        Publication::from_json(str::from_utf8(&self.objects.borrow()[Publication::NAME]).unwrap()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.objects.borrow().keys().cloned().collect()
    }

    fn calls(&self) -> Vec<String> {
        self.calls.take()
    }

    /// Brings a replica up to date as a reader does; the names of what it fetched.
    fn bring(&self, verifier: &mut Option<Verifier>) -> Vec<String> {
        let latest = self.latest();
        let parts = latest.parts_after(verifier.as_ref().map(Verifier::revision));
        for part in &parts {
            let bytes = self.objects.borrow()[part.name()].clone();
            part.check(&bytes).unwrap();
            if part.is_snapshot() {
                *verifier = Some(Verifier::load(&bytes, None, Some(NOW)).unwrap());
            } else {
                verifier.as_ref().unwrap().apply(str::from_utf8(&bytes).unwrap()).unwrap();
            }
        }
        assert_eq!(verifier.as_ref().map(Verifier::revision), Some(latest.revision()));
        parts.iter().map(|part| part.name().to_string()).collect()
    }
}

impl Target for Bucket {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.call("get", name)?;
        Ok(self.objects.borrow().get(name).cloned())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.call("put", name)?;
        self.objects.borrow_mut().insert(name.into(), bytes.into());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        self.call("delete", name)?;
        self.objects.borrow_mut().remove(name);
        Ok(())
    }
}

fn founded() -> Authority {
    let authority = Authority::open("memory:", Options { clock: Some(NOW), ..Options::default() }).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    authority
}

#[test]
fn the_document_is_written_last_and_names_what_was_written() {
    let (authority, bucket) = (founded(), Bucket::default());
    let published = authority.publish(&bucket, None).unwrap();
    assert_eq!((published.revision, published.published_at), (authority.revision(), NOW));
    assert_eq!(bucket.calls(), ["get latest", "put snapshot-3", "put latest"]);
    let issued = authority.session(REALM, "user:alice").unwrap().issue(Issue::named("ci")).unwrap();
    let reached = authority.revision();
    let published = authority.publish(&bucket, None).unwrap();
    assert_eq!(published.written, [format!("delta-3-{reached}"), "latest".into()]);
    let mut verifier = None;
    assert_eq!(bucket.bring(&mut verifier), ["snapshot-3".into(), format!("delta-3-{reached}")]);
    assert!(verifier.unwrap().authenticate(Some(issued.token()), None, None).allowed());
}

#[test]
fn without_a_change_it_says_that_the_state_is_still_the_newest() {
    let (authority, bucket) = (founded(), Bucket::default());
    authority.publish(&bucket, None).unwrap();
    let before = bucket.latest();
    authority.set_clock(Some(NOW + 30));
    let _ = bucket.calls();
    assert_eq!(authority.publish(&bucket, None).unwrap().written, ["latest"]);
    assert_eq!(bucket.calls(), ["get latest", "put latest"]);
    assert_eq!((before.published_at(), bucket.latest().published_at()), (NOW, NOW + 30));
    assert_eq!(before.revision(), bucket.latest().revision());
    authority.set_clock(Some(7));
    assert_eq!(authority.publish(&bucket, None).unwrap_err().code(), "clock_implausible");
    assert_eq!(bucket.latest().published_at(), NOW + 30);
}

#[test]
fn replicas_at_any_of_the_last_revisions_need_deltas_only_and_what_is_left_out_stays_for_one_more() {
    let (authority, bucket) = (founded(), Bucket::default());
    let alice = authority.session(REALM, "user:alice").unwrap();
    let mut behind = Vec::new();
    for round in 0..60 {
        let before = bucket.objects.borrow().contains_key(Publication::NAME).then(|| bucket.latest());
        authority.publish(&bucket, None).unwrap();
        // Who has just read the document before finds its objects still.
        for part in before.iter().flat_map(|before| before.parts_after(None)) {
            assert!(bucket.objects.borrow().contains_key(part.name()), "{}", part.name());
        }
        let mut verifier = None;
        bucket.bring(&mut verifier);
        behind.push(verifier);
        alice.issue(Issue::named(format!("t{round}"))).unwrap();
    }
    authority.publish(&bucket, None).unwrap();
    let (old, new) = behind.split_at_mut(40);
    for verifier in new {
        let fetched = bucket.bring(verifier);
        assert!(fetched.iter().all(|name| name.starts_with("delta-")), "{fetched:?}");
    }
    assert!(bucket.bring(&mut old[0])[0].starts_with("snapshot-"));
    assert!(bucket.latest().parts_after(None).len() <= 18);
    // The document, what it names, and what the one before named.
    assert!(bucket.names().len() <= 40, "{:?}", bucket.names());
    assert_eq!(bucket.names().iter().filter(|name| name.starts_with("snapshot-")).count(), 1);
}

#[test]
fn what_failed_half_way_is_not_seen_and_is_made_good_by_the_next() {
    let (authority, bucket) = (founded(), Bucket::default());
    authority.publish(&bucket, None).unwrap();
    let before = bucket.latest();
    authority.create_realm("organization:b", None).unwrap();
    for broken in ["delta", "latest"] {
        *bucket.broken.borrow_mut() = Some(broken);
        assert_eq!(authority.publish(&bucket, None).unwrap_err().code(), "store_failed");
        assert_eq!(bucket.latest(), before);
    }
    *bucket.broken.borrow_mut() = None;
    authority.publish(&bucket, None).unwrap();
    bucket.bring(&mut None);
}

#[test]
fn another_store_another_realm_and_a_newer_revision_are_left_alone() {
    let (authority, bucket) = (founded(), Bucket::default());
    authority.publish(&bucket, Some(REALM)).unwrap();
    let before = bucket.latest();
    let refused = |authority: &Authority, realm| {
        let error = authority.publish(&bucket, realm).unwrap_err();
        assert_eq!(bucket.latest(), before);
        (error.code(), error.place().to_string())
    };
    assert_eq!(refused(&founded(), Some(REALM)), ("publication_foreign", "store".into()));
    assert_eq!(refused(&authority, None), ("publication_foreign", "realm".into()));
    assert_eq!(refused(&authority, Some("organization:nowhere")), ("publication_foreign", "realm".into()));

    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| {
        let address = format!("sqlite:{}", folder.path().join(name).display());
        Authority::open(&address, Options { clock: Some(NOW), ..Options::default() }).unwrap()
    };
    let first = open("a.db");
    first.create_realm(REALM, None).unwrap();
    first.backup(&folder.path().join("b.db")).unwrap();
    first.create_realm("organization:b", None).unwrap();
    let bucket = Bucket::default();
    first.publish(&bucket, None).unwrap();
    assert_eq!(open("b.db").publish(&bucket, None).unwrap_err().code(), "publication_newer");
}

#[test]
fn changes_of_others_are_published_and_a_log_that_was_dropped_takes_a_snapshot() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let address = format!("sqlite:{}", folder.path().join("tokens.db").display());
    let options = Options { clock: Some(NOW), keep_changes: Some(1_000), ..Options::default() };
    let authority = Authority::open(&address, options.clone()).unwrap();
    let bucket = Bucket::default();
    authority.publish(&bucket, None).unwrap();
    let other = Authority::open(&address, options).unwrap();
    other.create_realm(REALM, None).unwrap();
    assert_eq!(authority.publish(&bucket, None).unwrap().revision, other.revision());
    for number in 0..6_100 {
        other.create_realm(&format!("organization:r{number}"), None).unwrap();
    }
    other.close().unwrap();
    let written = authority.publish(&bucket, None).unwrap().written;
    assert_eq!(written, [format!("snapshot-{}", authority.revision()), "latest".into()]);
    bucket.bring(&mut None);
}

#[test]
fn one_realm_is_published_without_a_name_of_another() {
    let (authority, bucket) = (founded(), Bucket::default());
    let mut verifier = None;
    for round in 0..4 {
        authority.publish(&bucket, Some(REALM)).unwrap();
        bucket.bring(&mut verifier);
        authority.create_realm(&format!("organization:secretive{round}"), None).unwrap();
        authority.session(REALM, "user:alice").unwrap().issue(Issue::named(format!("t{round}"))).unwrap();
    }
    authority.publish(&bucket, Some(REALM)).unwrap();
    bucket.bring(&mut verifier);
    let found = |bytes: &Vec<u8>| bytes.windows(9).any(|window| window == b"secretive");
    assert!(!bucket.objects.borrow().values().any(found));
}

#[test]
fn a_folder_holds_it_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = Folder::new(folder.path());
    let authority = founded();
    authority.publish(&target, None).unwrap();
    authority.create_realm("organization:b", None).unwrap();
    authority.publish(&target, None).unwrap();
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["delta-3-4", "latest", "snapshot-3"]);
    let nowhere = Folder::new(folder.path().join("nowhere"));
    let error = authority.publish(&nowhere, None).unwrap_err();
    assert_eq!((error.code(), error.place()), ("store_failed", "target"));
    assert_eq!(target.get("absent"), Ok(None));
    target.delete("absent").unwrap();
}

#[test]
fn threads_that_publish_at_once_leave_a_whole_document() {
    let folder = tempfile::tempdir().unwrap();
    let target = Folder::new(folder.path());
    let authority = founded();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let _ = scope.spawn(|| (0..20).for_each(|_| drop(authority.publish(&target, None).unwrap())));
        }
    });
    let latest = target.get(Publication::NAME).unwrap().unwrap();
    Publication::from_json(str::from_utf8(&latest).unwrap()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_document_that_was_changed_is_no_document() {
    let (authority, bucket) = (founded(), Bucket::default());
    authority.publish(&bucket, None).unwrap();
    authority.create_realm("organization:b", None).unwrap();
    authority.publish(&bucket, None).unwrap();
    let text = String::from_utf8(bucket.objects.borrow()[Publication::NAME].clone()).unwrap();
    assert_eq!(Publication::from_json(&text).unwrap().to_json(), text);
    let edits = [
        ("", "x", ""),
        ("\"format\":1", "\"format\":2", "format"),
        ("\"realm\":null", "\"realm\":1", "realm"),
        ("\"realm\":null,", "", "realm"),
        ("\"revision\":4", "\"revision\":5", "deltas"),
        ("\"revision\":4", "\"revision\":-4", "revision"),
        ("snapshot-3", "snapshot-03", "snapshot"),
        ("snapshot-3", "snapshot-1", "snapshot"),
        ("snapshot-3", "../snapshot-3", "snapshot"),
        ("delta-3-4", "delta-4-3", "deltas[0]"),
        ("delta-3-4", "delta-3-9", "deltas"),
        ("\"retired\":[]", "\"retired\":[\"../x\"]", "retired"),
        ("\"retired\":[]", "\"retired\":[],\"more\":1", "field 9"),
        ("\"sha256\":\"", "\"sha256\":\"A", "snapshot"),
    ];
    for (from, to, place) in edits {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text);
        let error = Publication::from_json(&edited).unwrap_err();
        assert_eq!(error.code(), "publication_invalid", "{to}");
        if !from.is_empty() {
            assert_eq!(error.place(), place, "{to}");
        }
        assert_eq!(authority.next_publication(Some(edited.as_bytes()), None).unwrap_err(), error);
    }
    let latest = bucket.latest();
    let part: &Part = latest.parts_after(None)[0];
    let mut bytes = bucket.objects.borrow()[part.name()].clone();
    bytes[40] ^= 1;
    assert_eq!(part.check(&bytes).unwrap_err().code(), "publication_invalid");
    bytes[40] ^= 1;
    bytes.push(0);
    assert!(part.check(&bytes).is_err());
}

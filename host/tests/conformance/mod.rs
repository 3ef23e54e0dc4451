//! What every store must do, as tests that take a [`Fixture`].
//!
//! A store is put through all of them by one line in a test of its own:
//!
//! ```ignore
//! #[macro_use]
//! mod conformance;
//!
//! conformance! { memory: crate::Memory; }
//! ```

mod authority;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokenward::{Code, Error};
use tokenward_host::store::{OpenOptions, Record, Store, StoredSnapshot};

pub(crate) use authority::*;

/// A place for one store, empty at first, where it can be opened any number of times.
pub(crate) trait Fixture: Sync + Sized {
    /// None where this machine lacks what the store needs: that is a skip, counted by who answers so.
    fn new() -> Option<Self>;

    /// One more handle, as another process would get it.
    fn open_with(&self, options: &OpenOptions) -> Result<Box<dyn Store>, Error>;

    fn open(&self) -> Box<dyn Store> {
        self.open_with(&OpenOptions::default()).unwrap()
    }
}

fn bytes(records: &[&str]) -> Vec<Vec<u8>> {
    records.iter().map(|record| record.as_bytes().to_vec()).collect()
}

fn texts(records: &[Record]) -> Vec<(u64, &str)> {
    records.iter().map(|record| (record.revision, std::str::from_utf8(&record.bytes).unwrap())).collect()
}

fn snapshot(revision: u64, text: &str) -> StoredSnapshot {
    StoredSnapshot { revision, bytes: text.as_bytes().to_vec() }
}

fn refusal<T>(result: Result<T, Error>) -> (&'static str, String) {
    let error = result.err().expect("an error");
    (error.code(), error.place().to_owned())
}

fn at(code: &'static str, place: &str) -> (&'static str, String) {
    (code, place.to_owned())
}

fn everything(store: &dyn Store) -> Vec<Record> {
    let mut all = Vec::new();
    let mut after = store.floor().unwrap();
    loop {
        let some = store.read(after, 1_000).unwrap();
        let Some(last) = some.last() else { return all };
        after = last.revision;
        all.extend(some);
    }
}

pub(crate) fn a_new_store_is_empty(fixture: &impl Fixture) {
    let store = fixture.open();
    assert_eq!((store.revision().unwrap(), store.floor().unwrap()), (0, 0));
    assert_eq!(store.read(0, 10).unwrap(), []);
    assert_eq!(store.snapshot().unwrap(), None);
    assert!(!store.changed().unwrap());
    assert!(!store.tail_cut());
    assert_ne!(store.identity(), [0; 16]);
}

pub(crate) fn what_is_appended_is_read(fixture: &impl Fixture) {
    let store = fixture.open();
    store.append(0, &bytes(&["a"])).unwrap();
    store.append(1, &bytes(&["b", "c", "d"])).unwrap();
    assert_eq!(store.revision().unwrap(), 4);
    assert_eq!(texts(&store.read(0, 100).unwrap()), [(1, "a"), (2, "b"), (3, "c"), (4, "d")]);
    assert_eq!(texts(&store.read(2, 100).unwrap()), [(3, "c"), (4, "d")]);
    assert_eq!(texts(&store.read(0, 2).unwrap()), [(1, "a"), (2, "b")]);
    assert_eq!(texts(&store.read(2, usize::MAX).unwrap()), [(3, "c"), (4, "d")]);
    assert_eq!(store.read(4, 100).unwrap(), []);
    assert_eq!(store.read(1, 0).unwrap(), []);
    let another = fixture.open();
    assert_eq!(everything(&*another), everything(&*store));
}

pub(crate) fn records_are_opaque(fixture: &impl Fixture) {
    let store = fixture.open();
    let records = vec![Vec::new(), vec![0], (0..=255).collect(), vec![0xff; 3 << 20], b"{\"a\":1}".to_vec()];
    store.append(0, &records).unwrap();
    let read: Vec<Vec<u8>> = everything(&*fixture.open()).into_iter().map(|record| record.bytes).collect();
    assert_eq!(read, records);
}

pub(crate) fn an_append_elsewhere_than_at_the_end_conflicts(fixture: &impl Fixture) {
    let (store, another) = (fixture.open(), fixture.open());
    store.append(0, &bytes(&["a", "b"])).unwrap();
    for expected in [0, 1, 3, u64::MAX] {
        assert_eq!(refusal(another.append(expected, &bytes(&["x"]))), at("revision_conflict", ""));
        assert_eq!(refusal(another.append(expected, &[])), at("revision_conflict", ""));
    }
    another.append(2, &[]).unwrap();
    assert_eq!(texts(&everything(&*store)), [(1, "a"), (2, "b")]);
    another.append(2, &bytes(&["c"])).unwrap();
    assert_eq!(refusal(store.append(2, &bytes(&["c"]))), at("revision_conflict", ""));
    store.append(3, &bytes(&["d"])).unwrap();
    assert_eq!(texts(&everything(&*store)), [(1, "a"), (2, "b"), (3, "c"), (4, "d")]);
}

pub(crate) fn what_was_missed_is_handed_over_before_an_append(fixture: &impl Fixture) {
    let (late, quick) = (fixture.open(), fixture.open());
    late.append(0, &bytes(&["a", "b"])).unwrap();
    quick.append(2, &bytes(&["c"])).unwrap();
    let mut handed = Vec::new();
    late.append_behind(2, 10, &mut |missed| {
        handed = missed;
        Ok(bytes(&["d", "e"]))
    })
    .unwrap();
    assert_eq!(texts(&handed), [(3, "c")]);
    assert_eq!(texts(&everything(&*quick)), [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")]);
    let refused = late.append_behind(5, 10, &mut |_| Err(Error::new(Code::NameTaken)));
    assert_eq!(refusal(refused).0, "name_taken");
    late.append_behind(5, 10, &mut |missed| Ok(missed.into_iter().map(|record| record.bytes).collect())).unwrap();
    assert_eq!(late.revision().unwrap(), 5);
    // More than is read at once: whoever asks reads in pieces first.
    let refused = late.append_behind(1, 2, &mut |_| Ok(bytes(&["f"])));
    assert_eq!(refusal(refused).0, "revision_conflict");
    late.append(5, &bytes(&["f"])).unwrap();
    assert_eq!(quick.revision().unwrap(), 6);
}

pub(crate) fn reading_behind_the_end_is_refused(fixture: &impl Fixture) {
    let store = fixture.open();
    store.append(0, &bytes(&["a"])).unwrap();
    assert_eq!(refusal(store.read(2, 10)), at("log_damaged", "log[2]"));
    assert_eq!(refusal(store.read(u64::MAX, 10)).0, "log_damaged");
}

pub(crate) fn a_change_by_others_is_told_once(fixture: &impl Fixture) {
    let (store, another) = (fixture.open(), fixture.open());
    assert!(!store.changed().unwrap());
    store.append(0, &bytes(&["own"])).unwrap();
    assert!(!store.changed().unwrap());
    another.append(1, &bytes(&["other"])).unwrap();
    assert!(store.changed().unwrap());
    assert!(!store.changed().unwrap());
    another.append(2, &bytes(&["other"])).unwrap();
    store.append(3, &bytes(&["own, behind one not told yet"])).unwrap();
    assert!(store.changed().unwrap());
    assert!(!store.changed().unwrap());
    another.write_snapshot(&snapshot(4, "state")).unwrap();
    another.compact(4).unwrap();
    assert!(!store.changed().unwrap());
    assert!(another.changed().unwrap());
    assert!(!fixture.open().changed().unwrap());
}

pub(crate) fn the_newest_snapshot_is_kept(fixture: &impl Fixture) {
    let (store, another) = (fixture.open(), fixture.open());
    store.write_snapshot(&snapshot(0, "nothing")).unwrap();
    assert_eq!(another.snapshot().unwrap(), Some(snapshot(0, "nothing")));
    store.append(0, &bytes(&["a", "b", "c"])).unwrap();
    store.write_snapshot(&snapshot(2, "two")).unwrap();
    assert_eq!(another.snapshot().unwrap(), Some(snapshot(2, "two")));
    assert_eq!(refusal(another.write_snapshot(&snapshot(1, "one"))), at("snapshot_older", "snapshot.revision"));
    assert_eq!(refusal(another.write_snapshot(&snapshot(4, "four"))), at("snapshot_invalid", "snapshot.revision"));
    assert_eq!(refusal(another.write_snapshot(&snapshot(u64::MAX, ""))), at("snapshot_invalid", "snapshot.revision"));
    another.write_snapshot(&snapshot(2, "two again")).unwrap();
    assert_eq!(store.snapshot().unwrap(), Some(snapshot(2, "two again")));
    let big = StoredSnapshot { revision: 3, bytes: (0..=255).cycle().take(9 << 20).collect() };
    store.write_snapshot(&big).unwrap();
    assert_eq!(fixture.open().snapshot().unwrap(), Some(big));
    assert_eq!(everything(&*another).len(), 3, "the log stays until it is compacted");
}

pub(crate) fn only_what_a_snapshot_stands_for_is_dropped(fixture: &impl Fixture) {
    let (store, another) = (fixture.open(), fixture.open());
    store.append(0, &bytes(&["a", "b", "c", "d"])).unwrap();
    store.compact(0).unwrap();
    assert_eq!(refusal(store.compact(1)), at("snapshot_older", "keep_after"));
    store.write_snapshot(&snapshot(3, "three")).unwrap();
    assert_eq!(refusal(store.compact(4)), at("snapshot_older", "keep_after"));
    assert_eq!(refusal(store.compact(u64::MAX)), at("snapshot_older", "keep_after"));
    store.compact(2).unwrap();
    store.compact(1).unwrap();
    assert_eq!((another.floor().unwrap(), another.revision().unwrap()), (2, 4));
    assert_eq!(refusal(another.read(1, 10)), at("log_missing", "after"));
    assert_eq!(texts(&another.read(2, 10).unwrap()), [(3, "c"), (4, "d")]);
    assert_eq!(texts(&another.read(3, 10).unwrap()), [(4, "d")]);
    another.append(4, &bytes(&["e"])).unwrap();
    another.write_snapshot(&snapshot(5, "five")).unwrap();
    another.compact(5).unwrap();
    assert_eq!((store.floor().unwrap(), store.revision().unwrap()), (5, 5));
    assert_eq!(store.read(5, 10).unwrap(), []);
    assert_eq!(refusal(store.read(4, 10)), at("log_missing", "after"));
    store.append(5, &bytes(&["f"])).unwrap();
    assert_eq!(texts(&fixture.open().read(5, 10).unwrap()), [(6, "f")]);
    assert_eq!(store.snapshot().unwrap(), Some(snapshot(5, "five")));
}

pub(crate) fn a_long_log_is_read_in_pieces_and_compacted(fixture: &impl Fixture) {
    let store = fixture.open();
    let text = |revision: u64| format!("record {revision}").into_bytes();
    for start in (0..20_000).step_by(5_000) {
        store.append(start, &(start + 1..=start + 5_000).map(text).collect::<Vec<_>>()).unwrap();
    }
    let all = everything(&*store);
    assert_eq!(all.len(), 20_000);
    assert!((1..).zip(&all).all(|(revision, record)| record.revision == revision && record.bytes == text(revision)));
    store.write_snapshot(&snapshot(19_990, "state")).unwrap();
    store.compact(19_990).unwrap();
    assert_eq!(everything(&*fixture.open()), all[19_990..]);
}

pub(crate) fn a_revision_can_be_demanded(fixture: &impl Fixture) {
    let demand = |minimum_revision| OpenOptions { minimum_revision, ..OpenOptions::default() };
    fixture.open().append(0, &bytes(&["a", "b"])).unwrap();
    assert_eq!(fixture.open_with(&demand(2)).unwrap().revision().unwrap(), 2);
    assert_eq!(refusal(fixture.open_with(&demand(3))), at("log_damaged", "minimum_revision"));
}

pub(crate) fn a_missing_store_is_not_an_empty_one(fixture: &impl Fixture) {
    let existing = OpenOptions { create: false, ..OpenOptions::default() };
    let reading = OpenOptions { read_only: true, ..OpenOptions::default() };
    assert_eq!(refusal(fixture.open_with(&existing)), at("log_missing", "store"));
    assert_eq!(refusal(fixture.open_with(&reading)), at("log_missing", "store"));
    let store = fixture.open();
    assert_eq!(fixture.open_with(&existing).unwrap().identity(), store.identity());
}

pub(crate) fn a_reader_changes_nothing(fixture: &impl Fixture) {
    let store = fixture.open();
    store.append(0, &bytes(&["a", "b"])).unwrap();
    store.write_snapshot(&snapshot(1, "one")).unwrap();
    let reader = fixture.open_with(&OpenOptions { read_only: true, ..OpenOptions::default() }).unwrap();
    assert_eq!(refusal(reader.append(2, &bytes(&["c"]))), at("read_only", ""));
    assert_eq!(refusal(reader.write_snapshot(&snapshot(2, "two"))), at("read_only", ""));
    assert_eq!(refusal(reader.compact(1)), at("read_only", ""));
    assert_eq!(texts(&everything(&*reader)), [(1, "a"), (2, "b")]);
    assert_eq!(reader.snapshot().unwrap(), Some(snapshot(1, "one")));
    store.append(2, &bytes(&["c"])).unwrap();
    assert!(reader.changed().unwrap());
    assert_eq!(texts(&reader.read(2, 10).unwrap()), [(3, "c")]);
}

pub(crate) fn an_identity_is_made_with_the_store(fixture: &impl Fixture) {
    assert_eq!(fixture.open().identity(), fixture.open().identity());
}

/// Threads with a handle each race; every acknowledged append is there once, where it was said to be.
pub(crate) fn racing_appends_are_neither_lost_nor_reordered(fixture: &impl Fixture) {
    const THREADS: usize = 4;
    const APPENDS: usize = 40;
    drop(fixture.open());
    let acknowledged: Vec<Vec<(u64, String)>> = thread::scope(|scope| {
        let racer = |thread: usize| {
            let store = fixture.open();
            let mut acknowledged = Vec::new();
            let mut revision = store.revision().unwrap();
            for number in 0..APPENDS {
                let text = |part| format!("{thread} {number} {part}");
                let records: Vec<Vec<u8>> = (0..=number % 3).map(|part| text(part).into_bytes()).collect();
                loop {
                    match store.append(revision, &records) {
                        Ok(()) => break,
                        Err(error) => assert_eq!(error.code(), "revision_conflict"),
                    }
                    revision = store.read(revision, usize::MAX).unwrap().last().map_or(revision, |last| last.revision);
                }
                for part in 0..records.len() {
                    revision += 1;
                    acknowledged.push((revision, text(part)));
                }
            }
            acknowledged
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || racer(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let all = everything(&*fixture.open());
    assert_eq!(all.len(), acknowledged.iter().map(Vec::len).sum::<usize>());
    let revisions: HashSet<u64> = acknowledged.iter().flatten().map(|(revision, _)| *revision).collect();
    assert_eq!(revisions.len(), all.len());
    for (revision, text) in acknowledged.iter().flatten() {
        assert_eq!(all[usize::try_from(*revision).unwrap() - 1].bytes, text.as_bytes());
    }
}

/// Threads read through the handle that another one appends through; each reads a growing prefix.
pub(crate) fn one_handle_serves_many_threads(fixture: &impl Fixture) {
    let store = fixture.open();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut after = 0;
                while !done.load(Ordering::Acquire) || after < 300 {
                    for record in store.read(after, 50).unwrap() {
                        assert_eq!(record.revision, after + 1);
                        assert_eq!(record.bytes, record.revision.to_be_bytes());
                        after = record.revision;
                    }
                    let _ = store.changed().unwrap();
                }
            });
        }
        for revision in 0..300_u64 {
            store.append(revision, &[(revision + 1).to_be_bytes().to_vec()]).unwrap();
        }
        done.store(true, Ordering::Release);
    });
}

/// One handle appends, snapshots and compacts; another reads on: it gets what comes next, or is told to take the snapshot.
pub(crate) fn reading_beside_compaction_skips_nothing(fixture: &impl Fixture) {
    const END: u64 = 1_500;
    let (store, another) = (fixture.open(), fixture.open());
    thread::scope(|scope| {
        scope.spawn(|| {
            for revision in (0..END).step_by(5) {
                store.append(revision, &(revision + 1..=revision + 5).map(numbered).collect::<Vec<_>>()).unwrap();
                if revision % 50 == 0 {
                    store.write_snapshot(&StoredSnapshot { revision, bytes: numbered(revision) }).unwrap();
                    store.compact(revision.saturating_sub(20)).unwrap();
                }
            }
        });
        let mut after = 0;
        while after < END {
            match another.read(after, 7) {
                Ok(records) => {
                    for record in records {
                        assert_eq!(record.revision, after + 1);
                        assert_eq!(record.bytes, numbered(record.revision));
                        after = record.revision;
                    }
                }
                Err(error) => {
                    assert_eq!((error.code(), error.place()), ("log_missing", "after"));
                    let snapshot = another.snapshot().unwrap().expect("what took the place of the records");
                    assert!(snapshot.revision > after);
                    assert_eq!(snapshot.bytes, numbered(snapshot.revision));
                    after = snapshot.revision;
                }
            }
        }
    });
    assert_eq!(another.floor().unwrap(), store.floor().unwrap());
}

/// Snapshots written by racing handles: each handle finds a newer one or its own, never an older one in its place.
pub(crate) fn racing_snapshots_never_go_back(fixture: &impl Fixture) {
    const END: u64 = 60;
    fixture.open().append(0, &(1..=END).map(numbered).collect::<Vec<_>>()).unwrap();
    thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || {
                let store = fixture.open();
                let mut newest = 0;
                for revision in (thread..=END).step_by(3) {
                    match store.write_snapshot(&StoredSnapshot { revision, bytes: numbered(revision) }) {
                        Ok(()) => {}
                        Err(error) => assert_eq!(error.code(), "snapshot_older"),
                    }
                    let found = store.snapshot().unwrap().expect("a snapshot");
                    assert!(found.revision >= revision && found.revision >= newest);
                    assert_eq!(found.bytes, numbered(found.revision));
                    newest = found.revision;
                }
            });
        }
    });
    assert_eq!(fixture.open().snapshot().unwrap().expect("the newest").revision, END);
}

fn numbered(revision: u64) -> Vec<u8> {
    revision.to_be_bytes().to_vec()
}

macro_rules! conformance {
    ($($store:ident: $fixture:ty;)*) => { $( conformance! { @ $store: $fixture;
        a_new_store_is_empty
        what_is_appended_is_read
        records_are_opaque
        an_append_elsewhere_than_at_the_end_conflicts
        what_was_missed_is_handed_over_before_an_append
        reading_behind_the_end_is_refused
        a_change_by_others_is_told_once
        the_newest_snapshot_is_kept
        only_what_a_snapshot_stands_for_is_dropped
        a_long_log_is_read_in_pieces_and_compacted
        a_revision_can_be_demanded
        a_missing_store_is_not_an_empty_one
        a_reader_changes_nothing
        an_identity_is_made_with_the_store
        racing_appends_are_neither_lost_nor_reordered
        one_handle_serves_many_threads
        reading_beside_compaction_skips_nothing
        racing_snapshots_never_go_back
        an_authority_goes_on_where_another_ended
        a_name_is_given_once
        steady_writers_hold_up_nobody
    } )* };
    (@ $store:ident: $fixture:ty; $($name:ident)*) => {
        mod $store {
            use crate::conformance::Fixture;
            $( #[test] fn $name() {
                if let Some(fixture) = <$fixture>::new() {
                    crate::conformance::$name(&fixture);
                }
            } )*

            #[test]
            fn two_stores_have_two_identities() {
                let (Some(one), Some(two)) = (<$fixture>::new(), <$fixture>::new()) else { return };
                assert_ne!(one.open().identity(), two.open().identity());
            }
        }
    };
}

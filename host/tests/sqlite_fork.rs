//! Forks of a process that has stores open: announced ones go on in both processes, others are told that they cannot.

#![cfg(unix)]
#![expect(unsafe_code, reason = "a fork is unsafe by nature")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{mem, thread};

use tokenward_host::store::{MemoryStore, OpenOptions, SqliteStore, Store, fork};

/// Whether a process has stores open is a matter of the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Runs `child` in a forked process, `parent` here, and waits for the child, but not for ever.
fn forked(announced: bool, child: impl FnOnce(), parent: impl FnOnce()) {
    if announced {
        fork::before();
    }
    // SAFETY: the child runs what the test gives it and leaves by _exit; glibc makes its allocator usable after a fork.
    let process = unsafe { libc::fork() };
    if announced {
        fork::after();
    }
    assert!(process >= 0);
    if process == 0 {
        let outcome = catch_unwind(AssertUnwindSafe(child));
        // SAFETY: ends the child without running what belongs to the parent.
        unsafe { libc::_exit(i32::from(outcome.is_err())) };
    }
    parent();
    let started = Instant::now();
    let mut status = 0;
    // SAFETY: waits for the process forked above.
    while unsafe { libc::waitpid(process, &raw mut status, libc::WNOHANG) } == 0 {
        if started.elapsed() > Duration::from_secs(20) {
            // SAFETY: ends the process forked above.
            unsafe { libc::kill(process, libc::SIGKILL) };
            panic!("the child hangs");
        }
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(status, 0, "the child failed");
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn append(store: &dyn Store, text: &str) {
    loop {
        match store.append(store.revision().unwrap(), &[text.as_bytes().to_vec()]) {
            Ok(()) => return,
            Err(error) => assert_eq!(error.code(), "revision_conflict"),
        }
    }
}

fn count(store: &dyn Store, text: &str) -> usize {
    store.read(0, usize::MAX).unwrap().iter().filter(|record| record.bytes == text.as_bytes()).count()
}

/// Tells the threads beside a test that it has ended, however it has.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn is_refused<T>(result: Result<T, tokenward::Error>) -> bool {
    result.err().is_some_and(|error| (error.code(), error.place()) == ("closed", "fork"))
}

#[test]
fn an_announced_fork_goes_on_in_both_processes() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let (store, second) = (open(&path), open(&folder.path().join("second.db")));
    append(&store, "before");
    let work = |who: &str| {
        for _ in 0..50 {
            append(&store, who);
        }
        append(&second, who);
    };
    forked(true, || work("child"), || work("parent"));
    assert!(store.changed().unwrap());
    for store in [&store, &open(&path)] {
        assert_eq!((count(store, "before"), count(store, "child"), count(store, "parent")), (1, 50, 50));
    }
    assert_eq!(second.revision().unwrap(), 2);
    // Again, with a grandchild, the store opened by the child itself, and the handle dropped in each.
    let store = Mutex::new(Some(store));
    forked(
        true,
        || {
            drop(store.lock().unwrap().take());
            let own = open(&path);
            forked(true, || append(&own, "grandchild"), || append(&own, "child again"));
        },
        || append(store.lock().unwrap().as_ref().unwrap(), "parent again"),
    );
    let store = store.into_inner().unwrap().unwrap();
    assert_eq!(store.revision().unwrap(), 104);
}

#[test]
fn a_fork_amid_busy_threads_hangs_neither_process() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ended = Ended(&done);
        let busy = |who: &'static str| {
            while !done.load(Ordering::Acquire) {
                append(&store, who);
                let _ = store.changed().unwrap();
            }
        };
        let opening = || {
            while !done.load(Ordering::Acquire) {
                drop(open(&path));
            }
        };
        scope.spawn(move || busy("busy"));
        scope.spawn(opening);
        for _ in 0..20 {
            let child = || {
                append(&store, "child");
                drop(open(&path));
            };
            forked(true, child, || append(&store, "parent"));
        }
    });
    assert_eq!((count(&store, "child"), count(&store, "parent")), (20, 20));
}

#[test]
fn an_unannounced_fork_is_refused_in_the_child_and_harms_nobody() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let slot = Mutex::new(Some(open(&path)));
    append(slot.lock().unwrap().as_ref().unwrap(), "before");
    forked(
        false,
        || {
            let store = slot.lock().unwrap().take().unwrap();
            assert!(is_refused(store.revision()));
            assert!(is_refused(store.append(1, &[b"child".to_vec()])));
            assert!(is_refused(store.read(0, 1)));
            assert!(is_refused(store.changed()));
            assert!(is_refused(store.backup(&path.with_extension("copy"))));
            assert!(is_refused(SqliteStore::open(&path, &OpenOptions::default())));
            drop(store);
            fork::before();
            fork::after();
            assert!(is_refused(SqliteStore::open(&path, &OpenOptions::default())));
        },
        || {},
    );
    let store = slot.into_inner().unwrap().unwrap();
    append(&store, "after");
    // The parent's locks are still what keeps others from taking its write-ahead log away.
    drop(rusqlite::Connection::open(&path).unwrap());
    append(&store, "after");
    assert_eq!(count(&open(&path), "after"), 2);
}

#[test]
fn a_fork_without_open_stores_needs_no_announcement() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    append(&store, "before");
    drop(store);
    let failed = SqliteStore::open(folder.path(), &OpenOptions::default());
    assert!(failed.is_err());
    forked(false, || append(&open(&path), "child"), || append(&open(&path), "parent"));
    assert_eq!(open(&path).revision().unwrap(), 3);
}

#[test]
fn between_before_and_after_the_forking_thread_is_refused_and_others_wait() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    thread::scope(|scope| {
        fork::before();
        fork::before();
        assert!(is_refused(store.revision()));
        let other = scope.spawn(|| append(&store, "waited"));
        thread::sleep(Duration::from_millis(50));
        assert!(!other.is_finished());
        fork::after();
        other.join().unwrap();
    });
    fork::after();
    assert_eq!(store.revision().unwrap(), 1);
    // A handle dropped in between is gone, and nothing waits for it.
    fork::before();
    drop(store);
    fork::after();
    assert_eq!(open(&path).revision().unwrap(), 1);
}

#[test]
fn a_store_in_memory_stays_with_its_process() {
    let _alone = ALONE.lock();
    let store = MemoryStore::open(&OpenOptions::default()).unwrap();
    append(&store, "before");
    for announced in [false, true] {
        forked(
            announced,
            || {
                assert!(is_refused(store.revision()));
                assert!(is_refused(store.append(1, &[b"child".to_vec()])));
                mem::drop(MemoryStore::open(&OpenOptions::default()).unwrap());
            },
            || {},
        );
    }
    append(&store, "after");
}

//! What the SQLite store costs on this machine and this disk: `cargo bench -p tokenward-host --bench store`.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a benchmark")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use tokenward_host::store::{OpenOptions, SqliteStore, Store, StoredSnapshot};

/// An event of a usual size.
const EVENT: usize = 300;

fn main() {
    // The folder decides which disk is measured.
    let folder = env::var("TOKENWARD_BENCH_FOLDER").map_or_else(|_| env::temp_dir(), Into::into);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let path = folder.path().join("tokens.db");
    let store = open(&path);
    appends(&store);
    contended(&path);
    batches(&store);
    reads(&path, &store);
    hints(&path, &store);
    snapshots(&path, &store);
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn events(count: usize) -> Vec<Vec<u8>> {
    vec![vec![b'e'; EVENT]; count]
}

fn line(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let total: Duration = times.iter().sum();
    let mean = total / u32::try_from(times.len()).unwrap();
    println!("{what:<56} p50 {:>10.1?}   p99 {:>10.1?}   mean {mean:>10.1?}", at(50), at(99));
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let value = work();
    (started.elapsed(), value)
}

fn appends(store: &SqliteStore) {
    let one = events(1);
    let start = store.revision().unwrap();
    let mut times: Vec<_> =
        (start..start + 1_000).map(|revision| timed(|| store.append(revision, &one).unwrap()).0).collect();
    line("append of one event, durable", &mut times);
}

fn contended(path: &Path) {
    const WRITERS: usize = 4;
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let write = || {
            let (store, one) = (open(path), events(1));
            let mut revision = store.revision().unwrap();
            let mut append = || loop {
                if store.append(revision, &one).is_ok() {
                    revision += 1;
                    return;
                }
                revision = store.revision().unwrap();
            };
            (0..200).map(|_| timed(&mut append).0).collect::<Vec<_>>()
        };
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    line("the same with four handles writing at once", &mut times);
}

fn batches(store: &SqliteStore) {
    let many = events(1_000);
    let mut times: Vec<_> = (0..300)
        .map(|_| {
            let revision = store.revision().unwrap();
            timed(|| store.append(revision, &many).unwrap()).0
        })
        .collect();
    let total: Duration = times.iter().sum();
    line("append of 1,000 events", &mut times);
    println!("{:<56} {:>10.0} events/s", "  that is", 300_000.0 / total.as_secs_f64());
}

fn reads(path: &Path, store: &SqliteStore) {
    let end = store.revision().unwrap();
    let (took, ()) = timed(|| {
        let store = open(path);
        let mut after = 0;
        while after < end {
            after = store.read(after, 10_000).unwrap().last().unwrap().revision;
        }
    });
    println!(
        "{:<56} {:>10.0} events/s, {end} in {took:.2?}",
        "open and read all, verified",
        f64::from(u32::try_from(end).unwrap()) / took.as_secs_f64()
    );
    let mut times: Vec<_> = (0..100).map(|_| timed(|| open(path)).0).collect();
    line("open beside another handle", &mut times);
    let mut times: Vec<_> = (0..1_000).map(|_| timed(|| store.read(end - 1, 10).unwrap()).0).collect();
    line("read of the last event", &mut times);
}

fn hints(path: &Path, store: &SqliteStore) {
    store.changed().unwrap();
    let mut times: Vec<_> = (0..10_000).map(|_| timed(|| store.changed().unwrap()).0).collect();
    line("asking whether others have appended: no", &mut times);
    // Another handle appends; this one asks every 20 ms. Measured from the end of the append to the event in hand.
    let other = open(path);
    let one = events(1);
    let asking = AtomicBool::new(true);
    let mut times = Vec::new();
    for number in 0..100_u64 {
        let revision = other.revision().unwrap();
        asking.store(true, Ordering::Release);
        thread::scope(|scope| {
            let seen = scope.spawn(|| {
                while asking.load(Ordering::Acquire) {
                    if store.changed().unwrap() {
                        assert_eq!(store.read(revision, 10).unwrap().len(), 1);
                        return Instant::now();
                    }
                    thread::sleep(Duration::from_millis(20));
                }
                Instant::now()
            });
            // At any point between two questions.
            thread::sleep(Duration::from_micros(number * 7_919 % 40_000));
            other.append(revision, &one).unwrap();
            let appended = Instant::now();
            times.push(seen.join().unwrap().saturating_duration_since(appended));
        });
    }
    line("from another handle's append to its event, asked at 20 ms", &mut times);
}

fn snapshots(path: &Path, store: &SqliteStore) {
    let revision = store.revision().unwrap();
    let snapshot = StoredSnapshot { revision, bytes: vec![7; 100 << 20] };
    let (took, ()) = timed(|| store.write_snapshot(&snapshot).unwrap());
    println!("{:<56} {took:>14.1?}", "snapshot of 100 MiB: write");
    let (took, read) = timed(|| open(path).snapshot().unwrap().unwrap());
    assert_eq!(read.bytes.len(), snapshot.bytes.len());
    println!("{:<56} {took:>14.1?}", "snapshot of 100 MiB: open and read, verified");
    let (took, copied) = timed(|| store.backup(&path.with_extension("copy")).unwrap());
    assert_eq!(copied, revision);
    println!("{:<56} {took:>14.1?}", "backup");
    let (took, ()) = timed(|| store.compact(revision).unwrap());
    println!("{:<56} {took:>14.1?}", format!("compaction of {revision} events"));
}

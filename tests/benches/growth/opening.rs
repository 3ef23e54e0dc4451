//! How long a store takes to open that has grown: from its log alone, and from a snapshot.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tokenward_host::store::{OpenOptions, SqliteStore, Store};
use tokenward_host::{Authority, Options};

use crate::history;
use crate::report::{Report, at_share};

pub(crate) fn measure(folder: &Path, tokens: u64, report: &mut Report) -> PathBuf {
    let path = folder.join("history.db");
    let size = usize::try_from(tokens).expect("a number of tokens");
    let began = Instant::now();
    let end = history::write(&path, tokens);
    let (took, bytes) = (began.elapsed().as_secs_f64(), std::fs::metadata(&path).map_or(0, |file| file.len()));
    report.add("history written, events each second", size, "events/s", end as f64 / took);
    report.add("history, bytes each event in the file", size, "bytes", bytes as f64 / end as f64);

    let began = Instant::now();
    let authority = open(&path);
    let took = began.elapsed();
    assert_eq!(authority.revision(), end);
    report.add("open from the log alone", size, "ms", took.as_secs_f64() * 1e3);
    report.add("open from the log alone, events each second", size, "events/s", end as f64 / took.as_secs_f64());

    // The authority writes a snapshot by itself, while it is in use.
    let store = SqliteStore::open(&path, &OpenOptions::default()).expect("a store");
    let began = Instant::now();
    while store.snapshot_revision().expect("a store").is_none_or(|revision| revision < end) {
        assert!(began.elapsed() < Duration::from_mins(5), "no snapshot was written");
        thread::sleep(Duration::from_millis(5));
    }
    drop(store);
    authority.close().expect("closed");
    drop(authority);

    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let began = Instant::now();
            let authority = open(&path);
            let took = began.elapsed().as_secs_f64() * 1e3;
            assert_eq!(authority.revision(), end);
            took
        })
        .collect();
    report.add("open from a snapshot", size, "ms", at_share(&mut times, 50));
    path
}

fn open(path: &Path) -> Authority {
    Authority::open(&format!("sqlite:{}", path.display()), Options::default()).expect("an authority")
}

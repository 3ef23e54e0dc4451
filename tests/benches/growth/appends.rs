//! How many events a `SQLite` store takes each second, every append on the disk when it returns.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tokenward_host::store::{OpenOptions, SqliteStore, Store};

use crate::report::Report;

/// An event of a usual size.
const EVENT: usize = 230;

pub(crate) fn measure(folder: &Path, window: Duration, report: &mut Report) {
    for (batch, unit) in [(1, "single"), (1_000, "by the thousand")] {
        for writers in [1, 4] {
            let path = folder.join(format!("appends-{batch}-{writers}.db"));
            let each_second = events(&path, (batch, writers), window);
            let plural = if writers == 1 { "" } else { "s" };
            report.add(&format!("appends, {writers} writer{plural}, {unit}"), 1, "events/s", each_second);
        }
    }
}

fn events(path: &Path, (batch, writers): (usize, usize), window: Duration) -> f64 {
    let open = || SqliteStore::open(path, &OpenOptions::default()).expect("a store");
    let records = vec![vec![b'e'; EVENT]; batch];
    drop(open());
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                let store = open();
                let mut revision = store.revision().expect("a revision");
                while began.elapsed() < window {
                    match store.append(revision, &records) {
                        Ok(()) => revision += batch as u64,
                        Err(error) if error.code() == "revision_conflict" => {
                            revision = store.revision().expect("a revision");
                        }
                        Err(error) => unreachable!("{error}"),
                    }
                }
            });
        }
    });
    let took = began.elapsed().as_secs_f64();
    open().revision().expect("a revision") as f64 / took
}

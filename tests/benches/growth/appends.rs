//! How many events a store takes each second, every append on the disk when it returns.

use std::thread;
use std::time::{Duration, Instant};

use tokenward_host::store::{OpenOptions, open_store};

use crate::report::Report;

/// An event of a usual size.
const EVENT: usize = 230;

/// `fresh` answers the address of a new store.
pub(crate) fn measure(kind: &str, mut fresh: impl FnMut() -> String, window: Duration, report: &mut Report) {
    for (batch, unit) in [(1, "single"), (1_000, "by the thousand")] {
        for writers in [1, 4] {
            let each_second = events(&fresh(), (batch, writers), window);
            let plural = if writers == 1 { "" } else { "s" };
            report.add(&format!("appends{kind}, {writers} writer{plural}, {unit}"), 1, "events/s", each_second);
        }
    }
}

fn events(address: &str, (batch, writers): (usize, usize), window: Duration) -> f64 {
    let open = || open_store(address, &OpenOptions::default()).expect("a store");
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

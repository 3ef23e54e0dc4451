//! Waiting for another connection's lock.
//!
//! SQLite's locks have no queue, and its own waiting soon looks only ten times a second: beside somebody who writes without
//! a pause it would find the lock taken each time. Looking every millisecond, at uneven distances, finds the gaps.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// Has the connection wait for locks, each time for this long at most.
pub(super) fn keep(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    let mut began = Instant::now();
    connection.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            began = Instant::now();
        }
        let goes_on = began.elapsed() < patience;
        if goes_on {
            pause(tries);
        }
        goes_on
    }))
}

/// Sleeps a while that differs from try to try.
pub(super) fn pause(tries: i32) {
    let spread = if tries < 8 { 0xff } else { 0x7ff };
    thread::sleep(Duration::from_micros(u64::from(tries.unsigned_abs()).wrapping_mul(7_919) & spread));
}

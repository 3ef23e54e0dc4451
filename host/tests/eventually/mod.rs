//! Waiting for what another thread does.

use std::thread;
use std::time::{Duration, Instant};

/// Waits until something is so; a machine that is busy takes its time.
pub(crate) fn eventually(what: &str, mut happens: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happens() {
        assert!(began.elapsed() < Duration::from_mins(1), "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

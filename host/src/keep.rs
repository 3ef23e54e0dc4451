//! Keeping the store: a thread that writes uses and first uses in batches and snapshots, and drops what need not be kept. It is not the one
//! that follows the store, so that what others change is seen in time while a large snapshot is written.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::authority::Inner;
use crate::trace;

/// How often it looks whether the authority is still there, and whether a snapshot is due.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often uses are written.
const FLUSH: Duration = Duration::from_mins(1);

/// Starts keeping, until the authority is closed or dropped.
pub(crate) fn start(authority: &Arc<Inner>) {
    let authority = Arc::downgrade(authority);
    // Without the thread, closing writes what is noted.
    let _ = thread::Builder::new().name("tokenward-keep".into()).spawn(move || keep(&authority));
}

fn keep(authority: &Weak<Inner>) {
    let mut flushed = Instant::now();
    let mut rest = Duration::ZERO;
    loop {
        {
            let Some(authority) = authority.upgrade() else { return };
            if authority.replica.check_open().is_err() {
                return;
            }
            // What fails is remembered still.
            let _ = authority.settle_imports();
            if flushed.elapsed() >= FLUSH {
                flushed = Instant::now();
                if let Err(error) = authority.flush_uses() {
                    trace::trouble("note uses", &error);
                }
            }
            // What fails is tried again, but not at once; nothing depends on it but the time that opening takes.
            rest = rest.saturating_sub(INTERVAL);
            if rest.is_zero()
                && let Err(error) = authority.tidy()
            {
                trace::trouble("snapshot and compact", &error);
                rest = FLUSH;
            }
        }
        thread::sleep(INTERVAL);
    }
}

//! Following the store: a thread that looks whether other processes have appended.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use crate::authority::Inner;
use crate::trace;

/// How often the store is asked. What others append is seen after this and the reading of it.
const INTERVAL: Duration = Duration::from_millis(20);

/// Starts following, until the authority is closed or dropped.
pub(crate) fn start(authority: &Arc<Inner>) {
    let authority = Arc::downgrade(authority);
    // Without the thread the authority decides with what it has read so far; each change it makes catches up.
    let _ = thread::Builder::new().name("tokenward-follow".into()).spawn(move || follow(&authority));
}

fn follow(authority: &Weak<Inner>) {
    let mut failing = false;
    loop {
        thread::sleep(INTERVAL);
        let Some(authority) = authority.upgrade() else { return };
        if authority.replica.check_open().is_err() {
            return;
        }
        // A store that fails is asked again; meanwhile the age grows, and the bound on it holds.
        let followed = if authority.store_hints() { authority.catch_up_if_changed() } else { Ok(()) };
        match (followed, failing) {
            // A store that is closed meanwhile is no trouble.
            (Err(error), false) if authority.replica.check_open().is_ok() => {
                trace::trouble("follow", &error);
                failing = true;
            }
            (Ok(()), true) => {
                trace::recovered("follow");
                failing = false;
            }
            _ => {}
        }
        authority.tell_changes();
    }
}

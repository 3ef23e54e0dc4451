//! An authority in a process that forks.

#![cfg(unix)]
#![expect(unsafe_code, reason = "a fork is unsafe by nature")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokenward_host::store::fork;
use tokenward_host::{Authority, Options};

/// Tells the threads beside a test that it has ended, however it has.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A thread may hold the authority's lock while another one forks; the child has no such thread.
#[test]
fn a_forked_child_can_write_whatever_other_threads_were_doing() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let address = format!("sqlite:{}/tokens.db", folder.path().display());
    let authority = Authority::open(&address, Options::default()).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ended = Ended(&done);
        for thread in 0..2 {
            let (authority, done) = (&authority, &done);
            scope.spawn(move || {
                for number in 0.. {
                    if done.load(Ordering::Acquire) {
                        return;
                    }
                    authority.create_realm(&format!("organization:t{thread}-{number}"), None).unwrap();
                }
            });
        }
        for round in 0..30 {
            fork::before();
            // SAFETY: the child makes one call and leaves by _exit; glibc makes its allocator usable after a fork.
            let process = unsafe { libc::fork() };
            fork::after();
            if process == 0 {
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    authority.create_realm(&format!("organization:child-{round}"), None).unwrap();
                }));
                // SAFETY: ends the child without running what belongs to the parent.
                unsafe { libc::_exit(i32::from(outcome.is_err())) };
            }
            assert!(process > 0);
            let started = Instant::now();
            let mut status = 0;
            // SAFETY: waits for the process forked above.
            while unsafe { libc::waitpid(process, &raw mut status, libc::WNOHANG) } == 0 {
                if started.elapsed() > Duration::from_secs(20) {
                    // SAFETY: ends the process forked above.
                    unsafe { libc::kill(process, libc::SIGKILL) };
                    panic!("the child of round {round} hangs");
                }
                thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(status, 0, "round {round}");
        }
    });
}

//! Forks: how a store lives on in both processes, and why it must be told.
//!
//! An open SQLite connection does not survive a fork. The child cannot simply open the file anew either: SQLite keeps one
//! table per process of the files and locks that its connections hold, the child inherits the table but not the locks, and
//! would read and write believing to be protected. When the parent then closes its connection it takes the child's log away
//! under its feet. So:
//!
//! - a host that knows of the fork calls [`before`] and, in both processes, [`after`]: connections are closed in between,
//!   and each side opens its own at the next use (Python: `os.register_at_fork`). Threads do not cross a fork: whoever
//!   asks a store for changes in the background has to start anew in the child;
//! - in a child that was forked without that while a store was open, every call on a store in a file fails with `closed` at
//!   `fork`, touching nothing that was inherited, locks included. The same holds for opening one.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use tokenward::{Code, Error};

/// Open for every operation on a connection, shut during an announced fork.
static GATE: RwLock<()> = RwLock::new(());

/// The process that has connections open; 0 when none has. In a forked child it shows the parent.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// All that may hold a connection. Locked only by who has passed the gate or shut it, so never while another thread forks.
static TENANTS: Mutex<Tenants> = Mutex::new(Tenants { count: 0, handles: Vec::new() });

thread_local! {
    /// The shut gate, kept by the thread that forks: it is the one thread that both processes have.
    static SHUT: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };

    /// What this thread has passed the gate for, and is not done with.
    static INSIDE: RefCell<Inside> = const { RefCell::new(Inside { depth: 0, guard: None }) };
}

struct Inside {
    depth: usize,
    guard: Option<RwLockReadGuard<'static, ()>>,
}

struct Tenants {
    count: usize,
    handles: Vec<Weak<dyn Release>>,
}

/// A handle that can give up what must not cross a fork, and takes it up again by itself.
pub(crate) trait Release: Send + Sync {
    /// Closes every connection. No operation is under way.
    fn release(&self);
}

/// The right of a thread to touch connections, and to hold locks that others wait for: no announced fork falls into its
/// life. Taken before such a lock, so that a child never finds one held by a thread that it does not have.
#[must_use]
pub(crate) struct Passed {
    /// The passage belongs to its thread.
    _here: PhantomData<*const ()>,
}

/// The mark of somebody who holds connections or may do so again.
pub(crate) struct Tenant(());

/// Waits for every operation on a store in this process to end, closes the connections and keeps new operations waiting,
/// until the same thread calls [`after`].
///
/// An operation under way ends by itself, at the latest after its `busy_timeout`. In between, a call on a store by this
/// same thread fails with `closed` at `fork` instead of waiting for ever.
///
/// ```
/// use tokenward_host::store::{OpenOptions, fork, open_store};
///
/// let folder = tempfile::tempdir()?;
/// let store = open_store(&format!("sqlite:{}/tokens.db", folder.path().display()), &OpenOptions::default())?;
/// fork::before();
/// // fork here: parent and child go on with the next line
/// fork::after();
/// assert_eq!(store.revision()?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn before() {
    // Amid an operation there is no waiting for it to end: such a fork stays unannounced.
    if is_shut_here() || is_inside() || is_stray() {
        return;
    }
    let guard = GATE.write().unwrap_or_else(PoisonError::into_inner);
    let _ = SHUT.try_with(|shut| *shut.borrow_mut() = Some(guard));
    // Collected first: the last one to hold a handle drops it, and that asks for the lock again.
    let handles: Vec<Arc<dyn Release>> = tenants().handles.iter().filter_map(Weak::upgrade).collect();
    for handle in &handles {
        handle.release();
    }
    OWNER.store(0, Ordering::Release);
}

/// Lets operations on stores go on; to be called in the parent and in the child by the thread that called [`before`].
pub fn after() {
    let guard = SHUT.try_with(|shut| shut.borrow_mut().take());
    drop(guard);
}

/// Waits until no fork is under way; refuses in a child of an unannounced one. A thread may pass again before it is done.
pub(crate) fn pass() -> Result<Passed, Error> {
    // Before any lock: another thread of the parent may have held it, and does not exist here.
    if is_stray() || is_shut_here() {
        return Err(forked());
    }
    enter_gate();
    Ok(Passed { _here: PhantomData })
}

fn enter_gate() {
    let _ = INSIDE.try_with(|inside| {
        let mut inside = inside.borrow_mut();
        // A second lock of the same thread could wait for a fork that waits for the first.
        if inside.depth == 0 {
            inside.guard = Some(GATE.read().unwrap_or_else(PoisonError::into_inner));
        }
        inside.depth = inside.depth.saturating_add(1);
    });
}

impl Drop for Passed {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| {
            let mut inside = inside.borrow_mut();
            inside.depth = inside.depth.saturating_sub(1);
            if inside.depth == 0 {
                inside.guard = None;
            }
        });
    }
}

/// To be called before a first connection is opened.
pub(crate) fn enter(_passed: &Passed) -> Tenant {
    let mut tenants = tenants();
    tenants.count = tenants.count.saturating_add(1);
    OWNER.store(std::process::id(), Ordering::Release);
    Tenant(())
}

/// To be called before a connection is opened again after a fork.
pub(crate) fn reenter(_passed: &Passed, _tenant: &Tenant) {
    OWNER.store(std::process::id(), Ordering::Release);
}

/// Names the handle that has to give up its connections before a fork.
pub(crate) fn register(_passed: &Passed, _tenant: &Tenant, handle: Weak<dyn Release>) {
    let mut tenants = tenants();
    tenants.handles.retain(|handle| handle.strong_count() > 0);
    tenants.handles.push(handle);
}

impl Drop for Tenant {
    fn drop(&mut self) {
        if is_stray() {
            return;
        }
        // Fails only for the thread that has shut the gate, and that may.
        let _passed = pass();
        let mut tenants = tenants();
        tenants.count = tenants.count.saturating_sub(1);
        if tenants.count == 0 {
            tenants.handles.clear();
            OWNER.store(0, Ordering::Release);
        }
    }
}

/// The error of a store in a child of an unannounced fork.
pub(crate) fn forked() -> Error {
    Error::new(Code::Closed).at("fork").expected("a store opened in this process, or a fork that was announced")
}

fn is_stray() -> bool {
    let owner = OWNER.load(Ordering::Acquire);
    owner != 0 && owner != std::process::id()
}

fn is_shut_here() -> bool {
    SHUT.try_with(|shut| shut.borrow().is_some()).unwrap_or(false)
}

fn is_inside() -> bool {
    INSIDE.try_with(|inside| inside.borrow().depth > 0).unwrap_or(false)
}

fn tenants() -> MutexGuard<'static, Tenants> {
    TENANTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_thread_may_pass_again_while_a_fork_waits_for_it() {
        let outer = pass().unwrap();
        let forking = thread::spawn(|| {
            before();
            after();
        });
        thread::sleep(Duration::from_millis(50));
        assert!(!forking.is_finished());
        let inner = pass().unwrap();
        drop(outer);
        thread::sleep(Duration::from_millis(20));
        assert!(!forking.is_finished(), "the passage lasts until its last part ends");
        before();
        assert!(!is_shut_here(), "a fork amid an operation of its own thread is not announced");
        drop(inner);
        forking.join().unwrap();
        assert!(!is_inside());
    }
}

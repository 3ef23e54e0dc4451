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

/// The right to touch connections, as long as it lives.
pub(crate) struct Passed {
    _guard: RwLockReadGuard<'static, ()>,
}

/// The mark of somebody who holds connections or may do so again. Not to be dropped by who has [`Passed`]: it passes itself.
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
    if is_shut_here() || is_stray() {
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

/// Waits until no fork is under way; refuses in a child of an unannounced one.
pub(crate) fn pass() -> Result<Passed, Error> {
    // Before any lock: another thread of the parent may have held it, and does not exist here.
    if is_stray() || is_shut_here() {
        return Err(forked());
    }
    Ok(Passed { _guard: GATE.read().unwrap_or_else(PoisonError::into_inner) })
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
        let _passed = (!is_shut_here()).then(|| GATE.read().unwrap_or_else(PoisonError::into_inner));
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

fn tenants() -> MutexGuard<'static, Tenants> {
    TENANTS.lock().unwrap_or_else(PoisonError::into_inner)
}

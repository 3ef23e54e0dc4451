//! An allocator that counts: what a state takes, index and overhead of lists included, and that deciding takes nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static BYTES: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Of this thread: others follow their stores meanwhile.
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static HEAP: Counting = Counting;

// SAFETY: each call is the system allocator's own, and numbers are all that is added.
#[expect(unsafe_code, reason = "an allocator is unsafe to implement")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// What a value holds on the heap, in bytes.
pub(crate) fn held<T>(make: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.load(Ordering::Relaxed);
    let value = make();
    (value, BYTES.load(Ordering::Relaxed).saturating_sub(before))
}

/// How often memory was asked for.
pub(crate) fn allocations(act: impl FnOnce()) -> usize {
    let before = CALLS.get();
    act();
    CALLS.get() - before
}

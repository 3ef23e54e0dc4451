//! Asking for memory before it is needed, so that the wait for it passes with other work. A hint: it changes no answer.

/// Asks for the cache line of an item.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn fetch<T>(item: &T) {
    safe_arch::prefetch_t0(item);
}

/// Where there is no such instruction to be had without unsafe code, the wait is waited.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(crate) fn fetch<T>(_item: &T) {}

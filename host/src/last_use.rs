//! When tokens were used last: noted on the request path by one plain store, written to the log in batches.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Instants are kept as offsets from 2000-01-01T00:00:00Z, as the registry keeps them.
const ORIGIN: u64 = 946_684_800;
/// Tokens of a page.
const PAGE: usize = 1 << 16;
/// Pages: as many as serial numbers need.
const PAGES: usize = 1 << 16;

type Page = Box<[AtomicU32]>;

/// The instants, by the number of the token in the order of issue. A page is made when one of its tokens is first used.
pub(crate) struct LastUse {
    pages: Box<[OnceLock<Page>]>,
    /// Whether anything was noted since the last [`LastUse::take_dirty`].
    dirty: AtomicBool,
}

impl LastUse {
    pub(crate) fn new() -> Self {
        LastUse { pages: (0..PAGES).map(|_| OnceLock::new()).collect(), dirty: AtomicBool::new(false) }
    }

    /// Notes a use. Where the second is the one noted already, nothing is written, so that many threads that use one
    /// token do not fight for its line.
    #[inline]
    pub(crate) fn note(&self, serial: u32, now: u64) {
        let Ok(offset) = u32::try_from(now.saturating_sub(ORIGIN)) else { return };
        let (page, place) = (serial as usize / PAGE, serial as usize % PAGE);
        let Some(page) = self.pages.get(page) else { return };
        let page = page.get_or_init(|| (0..PAGE).map(|_| AtomicU32::new(0)).collect());
        if let Some(place) = page.get(place)
            && place.load(Ordering::Relaxed) != offset
        {
            place.store(offset, Ordering::Relaxed);
            if !self.dirty.load(Ordering::Relaxed) {
                self.dirty.store(true, Ordering::Release);
            }
        }
    }

    /// Seconds since 1970; 0 for never.
    pub(crate) fn get(&self, serial: u32) -> u64 {
        let page = self.pages.get(serial as usize / PAGE).and_then(OnceLock::get);
        match page.and_then(|page| page.get(serial as usize % PAGE)).map(|place| place.load(Ordering::Relaxed)) {
            None | Some(0) => 0,
            Some(offset) => ORIGIN.saturating_add(u64::from(offset)),
        }
    }

    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::Acquire)
    }

    pub(crate) fn take_dirty(&self) -> bool {
        self.dirty.swap(false, Ordering::AcqRel)
    }

    /// Says again that there is something to write, after writing it failed.
    pub(crate) fn mark_dirty(&self) {
        self.dirty.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_noted_by_serial() {
        let uses = LastUse::new();
        assert_eq!(uses.get(70_000), 0);
        uses.note(70_000, 1_800_000_000);
        assert_eq!(uses.get(70_000), 1_800_000_000);
        assert_eq!(uses.get(70_001), 0);
        assert!(uses.take_dirty() && !uses.take_dirty());
    }
}

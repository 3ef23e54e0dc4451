//! The clock of the host: the system's, or a fixed one for tests.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What stands for "the system's time"; no fixed clock can show it.
const SYSTEM: u64 = u64::MAX;

/// Where this process counts from what has passed.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Tells the time in whole seconds since 1970-01-01 00:00:00 UTC, to every thread that shares it.
///
/// Whether an instant is plausible is the core's decision: the clock reports what it is told.
///
/// ```
/// use tokenward_host::clock::Clock;
///
/// let clock = Clock::fixed(1_800_000_000);
/// assert_eq!(clock.now(), 1_800_000_000);
/// clock.set(None);
/// assert!(clock.now() > 1_700_000_000);
/// ```
#[derive(Debug)]
pub struct Clock {
    fixed: AtomicU64,
    /// By how much the fixed clock was put forward, all in all.
    forward: AtomicU64,
}

/// One reading of a clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Seconds since 1970, as the clock says.
    pub(crate) now: u64,
    /// Seconds that have passed, whatever the clock says: never fewer than before.
    pub(crate) passed: u64,
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Clock { fixed: AtomicU64::new(SYSTEM), forward: AtomicU64::new(0) }
    }

    /// A clock that stands still until it is [set](Clock::set).
    pub const fn fixed(seconds: u64) -> Self {
        Clock { fixed: AtomicU64::new(below_system(seconds)), forward: AtomicU64::new(0) }
    }

    /// Fixes the clock at an instant, or lets it run with the system's again.
    pub fn set(&self, seconds: Option<u64>) {
        let value = match seconds {
            Some(seconds) => below_system(seconds),
            None => SYSTEM,
        };
        let before = self.fixed.swap(value, Ordering::AcqRel);
        if before != SYSTEM && value != SYSTEM {
            let _ = self.forward.fetch_add(value.saturating_sub(before), Ordering::AcqRel);
        }
    }

    /// Seconds since 1970. A system clock before 1970 reads 0, which the core takes for implausible.
    pub fn now(&self) -> u64 {
        match self.fixed.load(Ordering::Acquire) {
            SYSTEM => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            fixed => fixed,
        }
    }

    /// Seconds that have passed since some moment, which stepping the clock does not change. A fixed clock that is put
    /// forward lets so much time pass; put back, none.
    pub(crate) fn passed(&self) -> u64 {
        match self.fixed.load(Ordering::Acquire) {
            SYSTEM => ORIGIN.elapsed().as_secs(),
            _ => self.forward.load(Ordering::Acquire),
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment { now: self.now(), passed: self.passed() }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::system()
    }
}

/// The last second is nobody's instant: it only tells the two kinds of clock apart.
const fn below_system(seconds: u64) -> u64 {
    if seconds == SYSTEM { SYSTEM.wrapping_sub(1) } else { seconds }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_still_and_can_be_moved() {
        let clock = Clock::fixed(7);
        assert_eq!((clock.now(), clock.now()), (7, 7));
        clock.set(Some(0));
        assert_eq!(clock.now(), 0);
        clock.set(Some(u64::MAX));
        assert_eq!(clock.now(), u64::MAX - 1);
    }

    #[test]
    fn what_has_passed_does_not_come_back() {
        let clock = Clock::fixed(1_000);
        let start = clock.passed();
        let passed = |seconds| {
            clock.set(Some(seconds));
            clock.passed() - start
        };
        assert_eq!([1_010, 500, 500, 530, 1_010].map(passed), [10, 10, 10, 40, 520]);
        clock.set(None);
        let (before, after) = (clock.passed(), clock.passed());
        assert!(before <= after);
    }

    #[test]
    fn the_system_clock_is_the_system_s() {
        let clock = Clock::default();
        let system = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let (before, now, after) = (system(), clock.now(), system());
        assert!((before..=after).contains(&now));
    }
}

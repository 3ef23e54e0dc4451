//! The clock of the host: the system's, or a fixed one for tests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What stands for "the system's time"; no fixed clock can show it.
const SYSTEM: u64 = u64::MAX;

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
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Clock { fixed: AtomicU64::new(SYSTEM) }
    }

    /// A clock that stands still until it is [set](Clock::set).
    pub const fn fixed(seconds: u64) -> Self {
        Clock { fixed: AtomicU64::new(below_system(seconds)) }
    }

    /// Fixes the clock at an instant, or lets it run with the system's again.
    pub fn set(&self, seconds: Option<u64>) {
        let value = match seconds {
            Some(seconds) => below_system(seconds),
            None => SYSTEM,
        };
        self.fixed.store(value, Ordering::Release);
    }

    /// Seconds since 1970. A system clock before 1970 reads 0, which the core takes for implausible.
    pub fn now(&self) -> u64 {
        match self.fixed.load(Ordering::Acquire) {
            SYSTEM => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            fixed => fixed,
        }
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
    fn the_system_clock_is_the_system_s() {
        let clock = Clock::default();
        let system = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let (before, now, after) = (system(), clock.now(), system());
        assert!((before..=after).contains(&now));
    }
}

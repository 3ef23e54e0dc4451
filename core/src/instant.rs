//! Instants in whole seconds since 1970-01-01T00:00:00Z, the plausible window of a clock, and lifetimes in days.

use crate::error::{Code, Error};

/// Whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted, between 0 and 253402300799
/// (9999-12-31T23:59:59Z).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// The latest instant: 9999-12-31T23:59:59Z.
const LATEST: u64 = 253_402_300_799;
/// Instants of issue are kept as 32-bit offsets from 2000-01-01T00:00:00Z.
const ISSUE_ORIGIN: u64 = 946_684_800;
const DAY: u64 = 86_400;

impl Instant {
    /// The earliest plausible clock, 2026-01-01T00:00:00Z: no clock of a machine that runs this code can be before it.
    pub const EARLIEST_CLOCK: Instant = Instant(1_767_225_600);
    /// The latest plausible clock, 2136-02-07T06:28:15Z. Milliseconds given for seconds are far above it.
    pub const LATEST_CLOCK: Instant = Instant(ISSUE_ORIGIN + u32::MAX as u64);

    /// An instant of so many seconds.
    ///
    /// # Errors
    /// `instant_invalid` above 253402300799.
    pub fn from_seconds(seconds: u64) -> Result<Self, Error> {
        if seconds <= LATEST { Ok(Instant(seconds)) } else { Err(Error::new(Code::InstantInvalid)) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The instant a clock shows, if it is plausible.
    ///
    /// # Errors
    /// `clock_implausible` before 2026 (a clock that was never set would make expired tokens valid), or after 2136
    /// (milliseconds taken for seconds).
    #[inline]
    pub fn of_clock(seconds: u64) -> Result<Self, Error> {
        if (Self::EARLIEST_CLOCK.0..=Self::LATEST_CLOCK.0).contains(&seconds) {
            Ok(Instant(seconds))
        } else {
            Err(Error::new(Code::ClockImplausible))
        }
    }

    /// So many days later.
    pub(crate) fn after_days(self, days: u32) -> Result<Self, Error> {
        let span = u64::from(days).saturating_mul(DAY);
        Self::from_seconds(self.0.saturating_add(span)).map_err(|_| Error::new(Code::LifetimeInvalid))
    }

    /// So many seconds later, never past the latest instant.
    pub(crate) fn after_seconds(self, seconds: u64) -> Self {
        Instant(self.0.saturating_add(seconds).min(LATEST))
    }

    /// The 32-bit form in which an instant of issue is kept.
    pub(crate) fn to_issue_offset(self) -> Result<u32, Error> {
        self.0
            .checked_sub(ISSUE_ORIGIN)
            .and_then(|offset| u32::try_from(offset).ok())
            .ok_or(Error::new(Code::InstantInvalid))
    }

    pub(crate) fn from_issue_offset(offset: u32) -> Self {
        Instant(ISSUE_ORIGIN.saturating_add(u64::from(offset)))
    }
}

/// How long something lives: so many days, until an instant, for ever, or what the policy says when nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// What the policy says.
    #[default]
    Default,
    /// So many whole days, at least one.
    Days(u32),
    /// Until an instant in the future.
    Until(Instant),
    /// Without end. Only ever explicit.
    Never,
}

impl Lifetime {
    /// A number of days as documents spell it: at least one, or -1 for never.
    ///
    /// # Errors
    /// `lifetime_invalid` for 0, for -2 and below, and for more days than there are instants.
    pub fn of_days(days: i64) -> Result<Self, Error> {
        match days {
            -1 => Ok(Lifetime::Never),
            1..=3_000_000 => u32::try_from(days).map(Lifetime::Days).map_err(|_| Error::new(Code::LifetimeInvalid)),
            _ => Err(Error::new(Code::LifetimeInvalid)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_outside_the_window_are_refused() {
        assert!(Instant::of_clock(0).is_err());
        assert!(Instant::of_clock(1_767_225_599).is_err());
        assert!(Instant::of_clock(1_767_225_600).is_ok());
        assert!(Instant::of_clock(1_800_000_000_000).is_err());
    }

    #[test]
    fn days_are_whole_and_above_zero() {
        assert_eq!(Lifetime::of_days(-1), Ok(Lifetime::Never));
        assert_eq!(Lifetime::of_days(30), Ok(Lifetime::Days(30)));
        for days in [0, -2, i64::MIN, i64::MAX, 1 << 32] {
            assert!(Lifetime::of_days(days).is_err());
        }
    }
}

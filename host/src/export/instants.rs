//! Instants as databases and languages write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Above it, a number counts milliseconds: as seconds it would be past the year 9999.
const MILLISECONDS: u64 = 253_402_300_799;

/// Seconds since 1970 of `2026-01-02T03:04:05Z`, `2026-01-02 03:04:05.123456+00`, the same without a zone (UTC), or a number
/// of seconds or milliseconds.
pub(super) fn read(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse::<u64>() {
        return Some(if number > MILLISECONDS { number / 1000 } else { number });
    }
    let instant = match text.parse::<Timestamp>() {
        Ok(instant) => instant,
        Err(_) => TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
    };
    u64::try_from(instant.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_databases_write_them() {
        for text in [
            "1767323045",
            "1767323045123",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.999Z",
            "2026-01-02T04:04:05+01:00",
            "2026-01-02 03:04:05.123456+00",
            "2026-01-02 03:04:05",
            "2026-01-02T03:04:05",
        ] {
            assert_eq!(read(text), Some(1_767_323_045), "{text}");
        }
        for text in ["", "soon", "2026-13-01", "-5", "2026-01-02T03:04:05 PM", "1.5"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

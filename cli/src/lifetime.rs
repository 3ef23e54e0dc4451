//! How people write spans of time: `30d`, `2w`, an instant, `never`.

use jiff::Timestamp;
use tokenward::Document;

use crate::failure::Failure;

const SECONDS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
const DAY: u64 = 86_400;

/// The argument of an operation that says how long a token lives: its name and its value.
///
/// # Errors
/// `lifetime_invalid` at the option, with what to write instead.
pub(crate) fn lifetime(text: &str) -> Result<(&'static str, Document), Failure> {
    const PLACE: &str = "--expires";
    if text == "never" {
        return Ok(("never", Document::Bool(true)));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        let seconds = u64::try_from(at.as_second()).ok().filter(|_| at.subsec_nanosecond() == 0);
        let seconds = seconds.ok_or_else(|| {
            invalid(PLACE, "an instant is whole seconds from 1970 on").hint("write 2027-01-31T00:00:00Z")
        })?;
        return Ok(("expires_at", integer(seconds)));
    }
    match span(text) {
        Some(seconds) if seconds > 0 && seconds % DAY == 0 => Ok(("lifetime_days", integer(days(seconds)))),
        Some(0) => Err(invalid(PLACE, "a lifetime is longer than nothing").hint("write 30d, 2w, an instant or never")),
        Some(seconds) => Err(invalid(PLACE, "a lifetime is whole days or an instant").hint(instead(seconds))),
        None => Err(invalid(PLACE, "the lifetime is not understood").hint(unreadable(text))),
    }
}

/// A number of days, or -1 for never, as settings have it.
///
/// # Errors
/// `lifetime_invalid` at the option.
pub(crate) fn maximum(text: &str) -> Result<Document, Failure> {
    const PLACE: &str = "--maximum-lifetime";
    match (text, span(text)) {
        ("never", _) => Ok(Document::Integer(-1)),
        (_, Some(seconds)) if seconds > 0 && seconds % DAY == 0 => Ok(integer(days(seconds))),
        _ => Err(invalid(PLACE, "a maximum is whole days above zero, or never").hint("write 90d, 12w or never")),
    }
}

/// A number of days.
///
/// # Errors
/// `lifetime_invalid` at the option.
pub(crate) fn days_only(text: &str) -> Result<u32, Failure> {
    let seconds = span(text).filter(|seconds| *seconds > 0 && seconds % DAY == 0);
    let number = seconds.and_then(|seconds| u32::try_from(days(seconds)).ok());
    number.ok_or_else(|| {
        let hint = if is_number(text) { unreadable(text) } else { "write 90d or 12w".to_string() };
        invalid("--expires", "the lifetime is whole days").hint(hint)
    })
}

/// How long an old secret lives on beside the new one, in seconds.
///
/// # Errors
/// `lifetime_invalid` at the option.
pub(crate) fn overlap(text: &str) -> Result<Document, Failure> {
    let seconds = span(text).or((text == "0").then_some(0));
    seconds.map(integer).ok_or_else(|| {
        let hint = if is_number(text) { unreadable(text) } else { "write 90m, 12h, 7d or 0".to_string() };
        invalid("--overlap", "the overlap is not understood").hint(hint)
    })
}

/// The instant in the form in which people read it.
pub(crate) fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.to_string())
}

fn span(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let (_, seconds) = SECONDS.iter().find(|(known, _)| *known == unit)?;
    let digits = text.strip_suffix(unit).filter(|digits| is_number(digits))?;
    digits.parse::<u64>().ok()?.checked_mul(*seconds)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn days(seconds: u64) -> u64 {
    seconds.checked_div(DAY).unwrap_or(0)
}

/// What documents do not carry, no operation takes: it is refused by the core.
fn integer(number: u64) -> Document {
    Document::Integer(i64::try_from(number).unwrap_or(i64::MAX).min(9_007_199_254_740_991))
}

fn invalid(place: &str, message: &str) -> Failure {
    Failure::from(tokenward::Error::new(tokenward::Code::LifetimeInvalid)).at(place).saying(message)
}

fn instead(seconds: u64) -> String {
    let shift = jiff::SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let at = Timestamp::now().checked_add(shift).ok().and_then(|at| Timestamp::from_second(at.as_second()).ok());
    let at = at.map(|at| format!("; that long from now is {at}")).unwrap_or_default();
    format!("write 1d, 30d, 2w, an instant or never{at}")
}

fn unreadable(text: &str) -> String {
    if is_number(text) {
        return format!("a number needs its unit: {text}d for {text} days");
    }
    let day = format!("{text}T00:00:00Z");
    if day.parse::<Timestamp>().is_ok() {
        return format!("an instant has a time and an offset: {day}");
    }
    "write 30d, 2w, 2027-01-31T00:00:00Z or never".to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_understood() {
        assert_eq!(lifetime("30d").unwrap(), ("lifetime_days", Document::Integer(30)));
        assert_eq!(lifetime("2w").unwrap(), ("lifetime_days", Document::Integer(14)));
        assert_eq!(lifetime("48h").unwrap(), ("lifetime_days", Document::Integer(2)));
        assert_eq!(lifetime("never").unwrap(), ("never", Document::Bool(true)));
        assert_eq!(lifetime("2027-01-31T00:00:00Z").unwrap(), ("expires_at", Document::Integer(1_801_353_600)));
        assert_eq!(lifetime("2027-01-31T02:00:00+02:00").unwrap(), ("expires_at", Document::Integer(1_801_353_600)));
        assert_eq!(overlap("90m").unwrap(), Document::Integer(5_400));
        assert_eq!(overlap("0").unwrap(), Document::Integer(0));
        assert_eq!(maximum("12w").unwrap(), Document::Integer(84));
        assert_eq!(maximum("never").unwrap(), Document::Integer(-1));
        assert_eq!(instant(1_801_353_600), "2027-01-31T00:00:00Z");
    }

    #[test]
    fn what_may_mean_several_things_is_refused() {
        for text in [
            "30",
            "",
            "d",
            "-1d",
            "+3d",
            "1.5d",
            "12h",
            "0d",
            "30D",
            "1y",
            "2027-01-31",
            "forever",
            "99999999999999999999d",
        ] {
            assert!(lifetime(text).is_err(), "{text}");
        }
        for text in ["30", "", "-1h", "soon"] {
            assert!(overlap(text).is_err(), "{text}");
        }
        for text in ["30", "12h", "0d", "2027-01-31T00:00:00Z"] {
            assert!(maximum(text).is_err(), "{text}");
        }
        assert!(lifetime("30").unwrap_err().to_json().contains("30d for 30 days"));
        assert!(lifetime("12h").unwrap_err().to_json().contains("that long from now is 20"));
    }
}

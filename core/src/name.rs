//! Names of tokens, users and roles, and descriptions.

use crate::error::{Code, Error};
use crate::{alphabet, limits};

/// Checks a hierarchical name such as `alice/test`: 1 to 8 segments of 1 to 63 characters from `A-Z a-z 0-9 . _ -`,
/// none beginning with `.` or `-`. ASCII only, so that no two names look alike and no normal form is needed.
///
/// # Errors
/// `name_invalid` for anything else, the empty name, `a//b`, `alice/`, `../root`, `-rf`; `secret_in_text` for a name
/// that has the shape of a token.
pub(crate) fn check(name: &str) -> Result<&str, Error> {
    let segments_hold = name.split('/').all(segment_holds);
    if name.len() > limits::NAME || name.split('/').count() > limits::NAME_SEGMENTS || !segments_hold {
        return Err(Error::new(Code::NameInvalid));
    }
    refuse_secret(name)
}

fn segment_holds(segment: &str) -> bool {
    !segment.is_empty()
        && segment.len() <= limits::NAME_SEGMENT
        && !segment.starts_with(['.', '-'])
        && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Checks a role's name: as people write them, with single spaces, `/` and parentheses too.
///
/// # Errors
/// `name_invalid`, `secret_in_text`.
pub(crate) fn check_role(name: &str) -> Result<&str, Error> {
    let plain = |b: u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b' ' | b'.' | b'_' | b'-' | b'/' | b':' | b'(' | b')' | b'&' | b'*' | b'@' | b'+' | b'~')
    };
    let holds = !name.is_empty()
        && name.len() <= limits::NAME
        && name.bytes().all(plain)
        && !name.starts_with([' ', '-', '.'])
        && !name.ends_with(' ')
        && !name.contains("  ");
    if holds { refuse_secret(name) } else { Err(Error::new(Code::NameInvalid)) }
}

/// Checks the name of a user, service or claim: a name in which `@` and `+` may stand too, as in mail addresses.
///
/// # Errors
/// `principal_invalid`, `secret_in_text`.
pub(crate) fn check_user(name: &str) -> Result<&str, Error> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@' | b'+' | b'/');
    let holds = !name.is_empty()
        && name.len() <= limits::NAME
        && name.bytes().all(plain)
        && name.split('/').all(|segment| !segment.is_empty() && !segment.starts_with(['.', '-']));
    if holds { refuse_secret(name) } else { Err(Error::new(Code::PrincipalInvalid)) }
}

/// Checks a description: at most 1024 bytes, no control characters. It is stored as given and never interpreted.
///
/// # Errors
/// `description_invalid`, `secret_in_text`.
pub(crate) fn check_description(text: &str) -> Result<&str, Error> {
    if text.len() > limits::DESCRIPTION || text.chars().any(char::is_control) {
        return Err(Error::new(Code::DescriptionInvalid));
    }
    refuse_secret(text)
}

/// Refuses text that holds what has the shape of a token: fifty alphabet characters behind a `_` whose checksum fits,
/// whatever the prefix. A secret in a name would be listed, logged and put in snapshots.
fn refuse_secret(text: &str) -> Result<&str, Error> {
    const BODY: usize = 50;
    let bytes = text.as_bytes();
    for (underscore, _) in bytes.iter().enumerate().filter(|(_, b)| **b == b'_') {
        let body = bytes.get(underscore.saturating_add(1)..underscore.saturating_add(1).saturating_add(BODY));
        let Some(body) = body.filter(|body| body.iter().all(u8::is_ascii_alphanumeric)) else { continue };
        let end = underscore.saturating_add(1).saturating_add(body.len());
        // The prefix may itself hold `_`, so every start before the underscore is tried.
        if (0..underscore).any(|start| bytes.get(start..end).is_some_and(|token| alphabet::checked(token).is_some())) {
            return Err(Error::new(Code::SecretInText));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    #[test]
    fn names() {
        for good in ["alice/test", "ruchita_wksp_API_access", "__proto__", "a.b-c/d"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "alice/",
            "/a",
            "a//b",
            "alice/../root",
            "./alice",
            "alice%2Ftest",
            "al\u{131}ce",
            "-rf",
            "a b",
            "a\u{1b}[2J",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check(&"a".repeat(64)).is_err());
        assert!(check(&"a/".repeat(8)).is_err());
    }

    #[test]
    fn text_that_holds_a_token_is_refused() {
        let before = format!("acme_live_{}", "a".repeat(44));
        let check = String::from_utf8(alphabet::checksum(before.as_bytes()).to_vec()).unwrap();
        assert_eq!(
            check_description(&format!("my key {before}{check} do not share")).unwrap_err().code(),
            "secret_in_text"
        );
        assert!(check_description(&format!("my key {before}000000")).is_ok());
    }
}

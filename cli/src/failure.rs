//! What ends a command early: a code, a place, a message, and what to do about it.

use std::fmt;

use anstyle::{AnsiColor, Style};
use tokenward::{Category, Code, Document, Error};

/// The codes of the command line's own failures, beside those of the library. Permanent like those.
pub(crate) const CODES: [(&str, &str); 8] = [
    ("usage", "the command line is not understood"),
    ("configuration_invalid", "the configuration does not hold together"),
    ("store_required", "no store is named"),
    ("realm_required", "no realm is named"),
    ("secret_required", "a secret is needed and none was given"),
    ("pattern_unlikely", "the path pattern says something else than is usually meant"),
    ("file_failed", "a file could not be read or written"),
    ("output_failed", "the answer could not be written"),
];

/// A failure as it is shown.
#[derive(Debug)]
pub(crate) struct Failure {
    code: &'static str,
    place: String,
    message: String,
    hint: Option<String>,
    status: u8,
}

impl Failure {
    /// One of the command line's own, by its code.
    pub(crate) fn own(code: &'static str) -> Self {
        let known = CODES.iter().find(|(own, _)| *own == code);
        let message = known.map_or_else(String::new, |(_, message)| (*message).to_string());
        Failure { code, place: String::new(), message, hint: None, status: 2 }
    }

    /// Where.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// What exactly.
    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// What to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same without a hint, if there is none to give.
    pub(crate) fn hint_if(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// The message with the value that is meant. Only for what is no secret: names that the user has typed.
    pub(crate) fn quoting(mut self, value: &str) -> Self {
        self.message = format!("{}: {}", self.message, quoted(value));
        self
    }

    /// The same failure of something that was done in parts, of which some are done.
    pub(crate) fn counted(mut self, done: usize) -> Self {
        if done > 0 {
            self.message = format!("{} (after {done} that are done)", self.message);
        }
        self
    }

    /// The exit status: 1 for what was denied, 2 for everything else.
    pub(crate) fn status(&self) -> u8 {
        self.status
    }

    /// For programs: one JSON object.
    pub(crate) fn to_json(&self) -> String {
        let entries = [
            ("code", Document::from(self.code)),
            ("place", Document::from(self.place.as_str())),
            ("message", Document::from(self.message.as_str())),
            ("hint", self.hint.as_deref().map_or(Document::Null, Document::from)),
        ];
        Document::Map(entries.map(|(name, value)| (name.to_string(), value)).into()).to_json()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = if error.category() == Category::Denied { 1 } else { 2 };
        let text = error.to_string();
        let message = text.strip_prefix(error.place()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text);
        let hint = (error.kind() == Code::StoreBusy).then(|| "try again: another process is writing".to_string());
        Failure { code: error.code(), place: error.place().to_string(), message: message.to_string(), hint, status }
    }
}

/// For people.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (red, dim) = (Style::new().fg_color(Some(AnsiColor::Red.into())).bold(), Style::new().bold());
        write!(f, "{red}error[{}]{red:#}: {}", self.code, self.message)?;
        if !self.place.is_empty() {
            write!(f, " (at {})", self.place)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n{dim}hint{dim:#}: {hint}")?;
        }
        Ok(())
    }
}

/// A value within quotes, in which nothing moves a terminal.
pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", plain(value))
}

/// Text in which nothing moves a terminal or turns the direction of writing.
pub(crate) fn plain(value: &str) -> String {
    let unruly = |char: &char| char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    value.chars().map(|char| if unruly(&char) { '\u{fffd}' } else { char }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_says_keeps_code_and_place() {
        let failure = Failure::from(Error::new(Code::RoleNotFound).at("roles[1]")).quoting("Editr").hint("look");
        let json = failure.to_json();
        assert_eq!(
            json,
            r#"{"code":"role_not_found","place":"roles[1]","message":"there is no such role in the realm: 'Editr'","hint":"look"}"#
        );
        assert_eq!(failure.status(), 2);
        assert_eq!(Failure::from(Error::new(Code::NotPermitted)).status(), 1);
    }

    #[test]
    fn nothing_quoted_moves_a_terminal() {
        assert_eq!(quoted("a\u{1b}[2J\u{202e}b"), "'a\u{fffd}[2J\u{fffd}b'");
    }

    #[test]
    fn own_codes_are_not_those_of_the_library() {
        for (code, _) in CODES {
            assert!(Code::ALL.iter().all(|known| known.as_str() != code), "{code}");
            assert!(!Failure::own(code).message.is_empty());
        }
    }
}

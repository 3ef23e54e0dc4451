//! Where secrets come from: the environment, standard input or a prompt. Never the arguments, which everyone on the machine
//! can read.

use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal};

use zeroize::Zeroizing;

use crate::failure::Failure;

/// Letters and digits of a token behind its prefix.
const BODY: usize = 50;

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// In messages and at the prompt.
    pub(crate) what: &'static str,
    /// The variable of the environment that may hold it.
    pub(crate) variable: &'static str,
    /// Whether it is typed twice at a prompt.
    pub(crate) twice: bool,
}

/// A token to act with or to look at.
pub(crate) const TOKEN: Wanted = Wanted { what: "token", variable: "TOKENWARD_TOKEN", twice: false };
/// The password to act with.
pub(crate) const PASSWORD: Wanted = Wanted { what: "password", variable: "TOKENWARD_PASSWORD", twice: false };
/// A password that a user gets.
pub(crate) const NEW_PASSWORD: Wanted =
    Wanted { what: "new password", variable: "TOKENWARD_NEW_PASSWORD", twice: true };

/// Reads a secret: from its variable; else from a prompt, where standard input is a terminal; else the next line of
/// standard input.
///
/// # Errors
/// `secret_required` when there is none, or two that should be one differ.
pub(crate) fn read(wanted: Wanted) -> Result<Zeroizing<String>, Failure> {
    let lacking = || Failure::own("secret_required").saying(format!("the {} is needed", wanted.what));
    if let Some(value) = std::env::var(wanted.variable).ok().filter(|value| !value.is_empty()) {
        return Ok(Zeroizing::new(value));
    }
    let secret = if io::stdin().is_terminal() { prompt(wanted)? } else { line(wanted)? };
    if secret.is_empty() {
        let hint = format!("give it on standard input, at the prompt, or in {}", wanted.variable);
        return Err(lacking().hint(hint));
    }
    Ok(secret)
}

fn line(wanted: Wanted) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::with_capacity(2048));
    let read = io::stdin().lock().read_line(&mut text);
    read.map_err(|_| {
        Failure::own("secret_required").saying(format!("the {} on standard input is not text", wanted.what))
    })?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    Ok(text)
}

fn prompt(wanted: Wanted) -> Result<Zeroizing<String>, Failure> {
    let first = interruptible(|| ask(&format!("{}: ", capital(wanted.what))))?;
    if wanted.twice && *interruptible(|| ask(&format!("{} again: ", capital(wanted.what))))? != *first {
        return Err(Failure::own("secret_required").saying("the two passwords differ").hint("type the same one twice"));
    }
    Ok(first)
}

fn ask(text: &str) -> io::Result<Zeroizing<String>> {
    rpassword::prompt_password(text).map(Zeroizing::new)
}

/// Ctrl-C at a prompt ends the process as elsewhere, once the terminal shows again what is typed.
#[cfg(unix)]
fn interruptible(ask: impl Fn() -> io::Result<Zeroizing<String>>) -> Result<Zeroizing<String>, Failure> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::SIGINT;
    use signal_hook::low_level::{emulate_default_handler, unregister};

    let pressed = Arc::new(AtomicBool::new(false));
    let handler = signal_hook::flag::register(SIGINT, Arc::clone(&pressed)).map_err(|_| unanswered())?;
    let answer = ask();
    unregister(handler);
    if pressed.load(Ordering::Acquire) {
        let _ = emulate_default_handler(SIGINT);
    }
    answer.map_err(|_| unanswered())
}

#[cfg(not(unix))]
fn interruptible(ask: impl Fn() -> io::Result<Zeroizing<String>>) -> Result<Zeroizing<String>, Failure> {
    ask().map_err(|_| unanswered())
}

fn unanswered() -> Failure {
    Failure::own("secret_required").saying("the prompt was not answered")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Whether text holds what has the shape of a token.
pub(crate) fn looks_like_token(text: &OsStr) -> bool {
    let text = text.to_string_lossy();
    text.split('_').skip(1).any(|part| {
        let body = part.bytes().take_while(u8::is_ascii_alphanumeric).count();
        body >= BODY
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_names() {
        let token = format!("acme_live_{}", "a1".repeat(25));
        for text in [token.clone(), format!("--with-token={token}"), format!("Bearer {token}"), format!("{token},")] {
            assert!(looks_like_token(OsStr::new(&text)), "{text}");
        }
        for text in ["ci/deploy", "tw_0f9aB2", "a_very_long_name_with_many_words_in_it_that_is_no_token_at_all", ""] {
            assert!(!looks_like_token(OsStr::new(text)), "{text}");
        }
    }
}

//! In a real terminal: prompts that show nothing of a secret, colour, the progress of long work.
#![cfg(unix)]

use std::time::{Duration, Instant};
use std::{fs, thread};

use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect, Session};

use crate::bench::Bench;

fn begin(bench: &Bench, words: &[&str]) -> OsSession {
    let mut command = bench.command();
    command.args(words).env("TERM", "xterm-256color");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(30)));
    session
}

/// Waits for a question, and until the terminal hides what is typed: what comes before that may be dropped.
fn asked(session: &mut OsSession, question: &str) {
    session.expect(question).unwrap();
    let asked = Instant::now();
    while session.get_process().get_echo().unwrap() {
        assert!(asked.elapsed() < Duration::from_secs(30), "{question} shows what is typed");
        thread::sleep(Duration::from_millis(1));
    }
}

/// What is printed until the end, and the exit status.
fn end(session: &mut OsSession) -> (String, i32) {
    let rest = session.expect(Eof).unwrap();
    let text = String::from_utf8_lossy(rest.as_bytes()).into_owned();
    let expectrl::process::unix::WaitStatus::Exited(_, status) = session.get_process().wait().unwrap() else {
        return (text, -1);
    };
    (text, status)
}

#[test]
fn a_password_is_asked_for_twice_and_never_shown() {
    let bench = Bench::acme();
    let mut session = begin(&bench, &["user", "add", "bob", "--set-password"]);
    asked(&mut session, "New password: ");
    session.send_line("correct horse battery").unwrap();
    asked(&mut session, "New password again: ");
    session.send_line("correct horse battery").unwrap();
    let (text, status) = end(&mut session);
    assert_eq!(status, 0, "{text}");
    assert!(!text.contains("horse"), "{text}");

    let mut session = begin(&bench, &["user", "password", "bob"]);
    asked(&mut session, "New password: ");
    session.send_line("one horse and cart").unwrap();
    asked(&mut session, "New password again: ");
    session.send_line("another horse and cart").unwrap();
    let (text, status) = end(&mut session);
    assert!(status == 2 && text.contains("the two passwords differ") && !text.contains("horse"), "{text}");
}

#[test]
fn a_token_is_asked_for_and_not_shown() {
    let bench = Bench::acme();
    let token = bench.done("token create alice/x --role Viewer --expires 30d --as user:alice");
    let mut session = begin(&bench, &["introspect"]);
    asked(&mut session, "Token: ");
    session.send_line(token.trim()).unwrap();
    let (text, status) = end(&mut session);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("token:alice/x") && !text.contains(token.trim()), "{text}");

    let mut session = begin(&bench, &["introspect"]);
    asked(&mut session, "Token: ");
    session.send(ControlCode::EndOfText).unwrap();
    let (text, status) = end(&mut session);
    assert!(status != 0 && !text.contains("active"), "{text}");
}

#[test]
fn there_is_colour_on_a_terminal_unless_it_is_not_wanted() {
    let bench = Bench::acme();
    for (words, environment, coloured) in [
        (vec!["role", "list"], None, true),
        (vec!["role", "show", "Nobody"], None, true),
        (vec!["role", "list", "--color", "never"], None, false),
        (vec!["role", "list"], Some(("NO_COLOR", "1")), false),
        (vec!["role", "list", "--output", "json"], None, false),
    ] {
        let mut command = bench.command();
        command.args(&words).env("TERM", "xterm-256color").envs(environment);
        let mut session = Session::spawn(command).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(30)));
        let (text, _) = end(&mut session);
        assert_eq!(text.contains('\u{1b}'), coloured, "{words:?} {environment:?}: {text:?}");
    }
    let mut command = bench.command();
    let piped = command.args(["role", "list", "--color", "always"]).output().unwrap();
    assert!(String::from_utf8(piped.stdout).unwrap().contains('\u{1b}'));
}

#[test]
fn an_import_shows_how_far_it_is() {
    let bench = Bench::acme();
    let rows: Vec<String> =
        (0..3_000).map(|number| format!("{{\"digest\":\"{number:064x}\",\"name\":\"key/{number}\"}}")).collect();
    fs::write(bench.path("keys.json"), format!("[{}]", rows.join(","))).unwrap();
    let mut session = begin(
        &bench,
        &["import", "sha256", "keys.json", "--role", "Viewer", "--owner", "user:alice", "--expires", "30d"],
    );
    let (text, status) = end(&mut session);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("checking") && text.contains("/3000") && text.contains("importing"), "{text:?}");
}

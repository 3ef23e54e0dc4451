//! What a real subscriber of `tracing` gets, and that no secret is among it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod eventually;
mod switch;

use std::io;
use std::sync::{Arc, Mutex};

use eventually::eventually;
use switch::Switch;
use tokenward_host::store::{MemoryStore, OpenOptions, Store};
use tokenward_host::{Authority, Issue, Options};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Captured {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// One test, since the subscriber is that of the process: the threads of an authority speak as well.
#[test]
fn changes_denials_and_trouble_are_told_and_no_secret() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let (store, cut) = Switch::over(MemoryStore::open(&OpenOptions::default()).unwrap());
    let options = Options { policy: Some("default".into()), ..Options::default() };
    let authority = Authority::over(Box::new(store) as Box<dyn Store>, options).unwrap();
    authority.create_realm("organization:acme", Some("user:alice")).unwrap();
    let alice = authority.session("organization:acme", "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci").roles(["Viewer"]).paths(["^/v1/"]).lifetime_days(1)).unwrap();
    let token = issued.token().to_string();
    let secret = issued.client_secret().to_string();
    alice.call("add_user", r#"{"user":"bob","password":"correct horse battery"}"#).unwrap();
    assert!(authority.login("organization:acme", "bob", "wrong horse battery").is_err());

    authority.authenticate(Some(&token), None, Some("/v1/fine"));
    authority.authenticate(Some(&token), None, Some("/hidden"));
    authority.authenticate(Some(&format!("{token}x")), None, None);
    authority.authorize(Some(&token), &token, &token, Some("/v1/hidden"));

    let said = |line: &[&str]| {
        eventually(&format!("{line:?}"), || {
            captured.text().lines().any(|said| line.iter().all(|part| said.contains(part)))
        });
    };
    said(&["INFO tokenward: changed", "operation=\"token_issued\"", "by=\"user:alice\"", "subject=\"token:ci\""]);
    said(&["DEBUG tokenward: denied", "reason=\"path_not_allowed\"", "principal=\"token:ci\"", "status=403"]);
    said(&["DEBUG tokenward: denied", "reason=\"permission_unknown\""]);
    said(&["DEBUG tokenward: denied", "reason=\"token_malformed\""]);
    cut.set(true);
    said(&["WARN tokenward: store trouble", "work=\"follow\"", "code=\"store_failed\""]);
    cut.set(false);
    said(&["WARN tokenward: the store answers again", "work=\"follow\""]);

    let text = captured.text();
    assert!(!text.contains("allowed\" status=200"), "only denials: {text}");
    for piece in [secret.as_str(), token.as_str(), "correct horse", "wrong horse", "hidden"] {
        assert!(!text.contains(piece), "{text}");
    }
    // Nor eight characters of the secret in a row.
    for piece in secret.as_bytes().windows(8) {
        assert!(!text.contains(std::str::from_utf8(piece).unwrap()), "{text}");
    }
}

//! Nothing that a user may see goes without a vector: no code, no reason, no operation.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use tokenward::{Code, Reason};

use crate::elsewhere::{RAISED, UNREACHABLE};
use crate::vector;

/// Operations of the host, beside those that the core knows by name.
const HOST: [&str; 14] = [
    "apply_events",
    "audit",
    "authenticate",
    "authorize",
    "authorize_many",
    "close",
    "create_realm",
    "guard",
    "guard_authorize",
    "load_verifier",
    "open",
    "revision",
    "save_as_csv",
    "save_as_json",
];

#[test]
fn every_code_is_raised() {
    let seen = &vector::outcome().seen.codes;
    let elsewhere: BTreeSet<&str> = RAISED
        .iter()
        .map(|(code, _)| code)
        .chain(UNREACHABLE.iter().map(|(code, _)| code))
        .map(|code| code.as_str())
        .collect();
    let needless: Vec<_> = elsewhere.iter().filter(|code| seen.contains(**code)).collect();
    assert!(needless.is_empty(), "vectors raise these, the table need not: {needless:?}");
    let missing: Vec<_> = Code::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !seen.contains(*code) && !elsewhere.contains(code))
        .collect();
    assert!(missing.is_empty(), "nothing raises {missing:?}");
}

#[test]
fn every_reason_is_given() {
    let seen = &vector::outcome().seen.reasons;
    let missing: Vec<_> =
        Reason::ALL.iter().map(|reason| reason.as_str()).filter(|reason| !seen.contains(*reason)).collect();
    assert!(missing.is_empty(), "no vector is decided for {missing:?}");
}

#[test]
fn every_operation_is_performed() {
    let mut known: BTreeSet<String> = HOST.map(String::from).into();
    known.extend(arms(&source("operation.rs")));
    known.extend(arms(&source("session.rs")));
    assert!(["issue", "lint", "login_with_token"].iter().all(|operation| known.contains(*operation)));
    let seen = &vector::outcome().seen.operations;
    let missing: Vec<_> = known.difference(seen).collect();
    assert!(missing.is_empty(), "no vector performs {missing:?}");
}

#[test]
fn every_method_of_a_session_is_called() {
    let text = source("operation.rs");
    let (performed, _) = text.split_once("pub fn found").expect("what a session performs stands first");
    let known: BTreeSet<String> = arms(performed).collect();
    assert!(known.len() >= 27);
    let missing: Vec<_> = known.difference(&vector::outcome().seen.methods).collect();
    assert!(missing.is_empty(), "no vector calls the method of {missing:?}");
}

fn source(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src").join(file);
    fs::read_to_string(path).expect("a source file")
}

/// The names that a file tells operations apart by.
fn arms(text: &str) -> impl Iterator<Item = String> {
    static ARM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?m)^\s*"([a-z_]+)" => \S"#).expect("a regular expression"));
    ARM.captures_iter(text).map(|found| found[1].to_string())
}

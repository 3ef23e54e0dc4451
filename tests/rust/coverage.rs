//! Nothing that a user may see goes without a vector: no code, no reason, no operation.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let read = |file: &str| fs::read_to_string(source.join(file)).expect("a source file");
    let sessions = Regex::new(r#"(?m)^\s*"([a-z_]+)" => \{?$|^\s*"([a-z_]+)" => \S"#).expect("a regular expression");
    let texts = [read("operation.rs"), read("session.rs")];
    let mut known: BTreeSet<&str> = HOST.into_iter().collect();
    for found in texts.iter().flat_map(|text| sessions.captures_iter(text)) {
        known.extend(found.iter().skip(1).flatten().map(|name| name.as_str()));
    }
    assert!(known.contains("issue") && known.contains("lint") && known.contains("login_with_token"));
    let seen = &vector::outcome().seen.operations;
    let missing: Vec<_> = known.iter().filter(|operation| !seen.contains(**operation)).collect();
    assert!(missing.is_empty(), "no vector performs {missing:?}");
}

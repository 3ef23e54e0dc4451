//! Invariants 21 and 22: one decision for every spelling of a path, and the reading of the WHATWG URL parser.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, reason = "tests")]

use std::fmt::Write;

use proptest::prelude::*;
use tokenward::{CanonicalPath, PathBuffer};

fn canonical(target: &str) -> Option<String> {
    CanonicalPath::parse(target, &mut PathBuffer::new()).ok().map(|path| path.as_str().to_owned())
}

fn decoded_once(path: &str) -> Vec<u8> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let mut digit = || char::from(ahead.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (byte, digit(), digit()) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high * 16 + low);
                bytes = ahead;
            }
            _ => decoded.push(byte),
        }
    }
    decoded
}

/// Targets made of what parsers disagree on.
fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => Just("/".to_owned()),
        6 => "[a-zA-Z0-9._~-]{1,4}",
        2 => "[ -~]{1,3}",
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(vec!["\t", "\n", "\r", "\0", "\u{7f}", "\\", ";", ";x=1", ":", "@", "#", "?"]).prop_map(String::from),
        2 => prop::sample::select(vec![".", "..", "...", "%2e", "%2E%2e", ".%2e", "%20", "%2f", "%5c", "%25", "%3b", "%3f", "%23"]).prop_map(String::from),
        2 => any::<u8>().prop_map(|byte| format!("%{byte:02x}")),
        1 => "%[0-9a-fA-Fg%]{0,2}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn rooted() -> impl Strategy<Value = String> {
    target().prop_map(|target| format!("/{target}"))
}

/// Canonical paths, with much in them that has to be written with care.
fn path() -> impl Strategy<Value = String> {
    let segment = "[ -\"$&-.0-:<->@-Z\\[\\]-~]{0,7}[!-\"$&'*+0-9@-Z\\[\\]-~_-]";
    prop::collection::vec(segment, 0..6).prop_map(|segments| format!("/{}", segments.join("/")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_accepted_agrees_with_the_url_parser(target in prop_oneof![target(), rooted()]) {
        if let Some(path) = canonical(&target) {
            let url = url::Url::parse(&format!("https://host{target}")).unwrap();
            prop_assert_eq!(decoded_once(url.path()), path.as_bytes(), "{:?}", target);
            prop_assert_eq!(url.host_str(), Some("host"));
        }
    }

    #[test]
    fn what_is_accepted_is_canonical(target in rooted()) {
        if let Some(path) = canonical(&target) {
            prop_assert!(path.starts_with('/') && !path.contains("//"));
            prop_assert!(path.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"#%;?\\".contains(&byte)));
            prop_assert!(path.split('/').all(|segment| !segment.ends_with(['.', ' '])));
        }
    }

    #[test]
    fn every_spelling_gives_the_same_path(path in path(), encode in prop::collection::vec(0..4u8, 64), query in "(\\?[ -~]{0,9})?") {
        let mut target = String::new();
        for (index, char) in path.chars().enumerate() {
            match encode.get(index).copied().unwrap_or_default() {
                _ if char == '/' => target.push(char),
                2 => write!(target, "%{:02x}", u32::from(char)).unwrap(),
                3 => write!(target, "%{:02X}", u32::from(char)).unwrap(),
                _ if char == ' ' => target.push_str("%20"),
                _ => target.push(char),
            }
        }
        target.push_str(&query);
        prop_assert_eq!(canonical(&target), Some(path), "{}", target);
    }
}

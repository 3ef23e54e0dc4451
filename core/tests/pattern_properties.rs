//! Invariants 23 and 24: patterns mean what the `regex` crate says they mean, whether or not an engine is asked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "tests"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use tokenward::{CanonicalPath, Lint, PathBuffer, Pattern};

/// Patterns in the grammar, shaped like rules.
fn rule() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "/",
        6 => "[ab]{1,2}",
        3 => Just("[^/]+".to_owned()),
        2 => prop::sample::select(vec![".*", "\\.", "\\-", "(/|$)", "($|/)", "(?:/.*)?", "(a|b)", "(?:/|$)", "(/.*)?$", "$", "^", "\\x2f", "\\w", "\\b", "."]).prop_map(String::from),
        2 => expression(),
    ];
    let start = prop::sample::select(vec!["^/", "^", "", "/", "\\A/", "(?:^/)", "(?i)^/"]);
    let end = prop::sample::select(vec!["", "$", ".*", ".*$", "(/|$)", "(?:/|$)", "(/.*)?$", "[^/]+$", "/[^/]+", "/"]);
    (start, prop::collection::vec(piece, 0..5), end)
        .prop_map(|(start, pieces, end)| format!("{start}{}{end}", pieces.concat()))
}

/// Rules piece by piece, each with a path that fits them, more or less.
fn rule_and_path() -> impl Strategy<Value = (String, String)> {
    let pieces = vec![
        ("/", "/"),
        ("/", "/"),
        ("a", "a"),
        ("b", "b"),
        ("/ab", "/ab"),
        ("\\.", "."),
        ("[^/]+", "a"),
        ("[^/]+", "ba"),
        ("[^/]+/", "ab/"),
        ("/[^/]+", "/b"),
        ("[^/]*", ""),
        ("[^/]*", "a"),
        ("[^/]", "a"),
        ("(/|$)", "/"),
        ("(a|$)", "a"),
        ("(/|$|a)", "a"),
        (".*", "b"),
        (".+", "/a"),
        ("(/.*)?", "/b"),
        ("(a.*)?", "a"),
        ("/?", ""),
        ("b?", ""),
        ("[a-z]+", "ab"),
        ("(?i:a)", "A"),
        ("(?i:/)b", "/b"),
    ];
    let ends = vec![
        ("", ""),
        ("", "a"),
        ("", "/a"),
        ("$", ""),
        ("(/|$)", ""),
        ("($|/)", "/a"),
        ("(?:/.*)?$", ""),
        ("(/.*)?$", "/b"),
        ("(a.*)?$", ""),
        ("(/a)?$", "/a"),
        (".*$", "/"),
        ("(/|b)$", "b"),
        ("[^/]+$", "ab"),
        ("[^/]+(/|$)", "b/"),
    ];
    let starts = vec![("^/", "/"), ("^/", "/"), ("^", ""), ("^/?", "/"), ("^(?:/a)?", ""), ("^/a", "/a")];
    let (start, pieces, end) = (
        prop::sample::select(starts),
        prop::collection::vec(prop::sample::select(pieces), 0..4),
        prop::sample::select(ends),
    );
    (start, pieces, end).prop_map(|(start, pieces, end)| {
        let all = std::iter::once(start).chain(pieces).chain([end]);
        let (text, path): (Vec<_>, Vec<_>) = all.unzip();
        (text.concat(), path.concat())
    })
}

/// Any expression.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "[/ab01._-]".prop_map(|char| if char == "." { "\\.".to_owned() } else { char }),
        1 => prop::sample::select(vec![
            ".", "^", "$", "\\b", "\\B", "\\d", "\\W", "\\s", "\\A", "\\z", "\\x61", "\\x{2F}", "\\u0062", "\\~", "[ab]", "[^a]", "[^/]", "[a-b0-9]", "[-a]", "[a-]", "[]a]",
            "[^]/]", "[[:alpha:]]", "[[:^digit:]/]", "[\\w.]", "[\\-/]", "[+--]", "[.-0]", "()", "[A-b]",
        ]).prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => (inner.clone(), prop::sample::select(vec!["*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{0}", "{1}", "{2,3}?"]))
                .prop_map(|(inner, times)| format!("(?:{inner}){times}")),
            1 => (inner.clone(), prop::sample::select(vec!["*", "+", "?", "{2}"])).prop_map(|(inner, times)| format!("{inner}{times}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("(?:{one}|{other})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one}|{other}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.clone().prop_map(|inner| format!("(?i:{inner})")),
            1 => inner.clone().prop_map(|inner| format!("(?<name>{inner})")),
            1 => inner.prop_map(|inner| format!("(?i){inner}(?-i)a")),
        ]
    })
}

/// Mostly no expression at all.
fn soup() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        8 => "[\\^$.*+?{}()\\[\\]|\\\\/ab01,:i<>=!&~ P_-]".prop_map(String::from),
        1 => prop::sample::select(vec!["(?", "(?i", "(?:", "(?P<a>", "[[:", ":]]", "{1,", "\\x", "\\b{start}", "\\u{", "(?-i)", "[^", "&&", "é", "(?x)", "{ 1 }", "[:a:]"]).prop_map(String::from),
    ];
    prop::collection::vec(token, 0..9).prop_map(|tokens| tokens.concat())
}

fn any_pattern() -> impl Strategy<Value = String> {
    prop_oneof![rule(), expression(), soup(), (rule(), rule()).prop_map(|(one, other)| format!("{one}|{other}"))]
}

/// Canonical paths out of the same characters.
fn paths() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![4 => "/", 4 => "[abAB]", 1 => "[01._ -]", 1 => Just("/ab".to_owned())];
    let path =
        prop::collection::vec(piece, 0..10).prop_map(|pieces| format!("/{}", pieces.concat()).replace(' ', "%20"));
    prop::collection::vec(path, 1..16)
        .prop_map(|targets| targets.iter().filter_map(|target| canonical(target)).collect())
}

fn canonical(target: &str) -> Option<String> {
    CanonicalPath::parse(target, &mut PathBuffer::new()).ok().map(|path| path.as_str().to_owned())
}

fn matches(pattern: &Pattern, path: &str) -> bool {
    let mut buffer = PathBuffer::new();
    let target = path.replace(' ', "%20");
    pattern.is_match(CanonicalPath::parse(&target, &mut buffer).unwrap())
}

fn has_lint(pattern: &Pattern, code: &str) -> bool {
    pattern.lint().iter().any(|lint| lint.code == code)
}

/// The pattern and, if it is one, what the two engines say about it.
type Engines = (Pattern, regex_lite::Regex, Option<regex::bytes::Regex>);

fn engines(text: &str) -> Option<Engines> {
    let pattern = Pattern::parse(text).ok()?;
    let lite = regex_lite::Regex::new(text).unwrap_or_else(|error| panic!("regex-lite refuses {text:?}: {error}"));
    // Where the larger engine refuses a spelling, as it does non-ASCII classes without Unicode, there is nothing to compare with.
    let full = regex::bytes::RegexBuilder::new(text).unicode(false).build().ok();
    Some((pattern, lite, full))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_pattern_means_what_the_engines_say(text in any_pattern(), paths in paths()) {
        let Some((pattern, lite, full)) = engines(&text) else { return Ok(()) };
        for path in &paths {
            let answer = matches(&pattern, path);
            prop_assert_eq!(answer, lite.is_match(path), "regex-lite: {:?} in {:?}", text, path);
            if let Some(full) = &full {
                prop_assert_eq!(answer, full.is_match(path.as_bytes()), "regex: {:?} in {:?}", text, path);
            }
            prop_assert!(answer || !pattern.is_everything(), "{:?} is everything, but {:?}", text, path);
            prop_assert!(!answer || !has_lint(&pattern, "never_matches"), "{:?} never matches, but {:?}", text, path);
        }
        prop_assert_eq!(lite.is_match(""), [".*", "^.*", ".*$", "^.*$"].contains(&text.as_str()), "{:?}", text);
        prop_assert!(pattern.cost() > 0 && pattern.cost() <= Pattern::COST_LIMIT);
    }

    #[test]
    fn a_rule_means_what_the_engines_say_near_what_fits((text, path) in rule_and_path()) {
        let Some((pattern, lite, full)) = engines(&text) else { return Ok(()) };
        let mut near = vec![path.clone(), format!("{path}a"), format!("{path}/"), format!("{path}/a"), format!("/{path}"), path.replace('a', "b"), path.replacen('/', "/b", 1)];
        near.extend((0..path.len()).map(|length| path[..length].to_owned()));
        near.extend((0..path.len()).map(|cut| path[..cut].to_owned() + &path[cut + 1..]));
        for path in near.iter().filter_map(|target| canonical(target)) {
            let answer = matches(&pattern, &path);
            prop_assert_eq!(answer, lite.is_match(&path), "regex-lite: {:?} in {:?}", text, path);
            prop_assert_eq!(Some(answer), full.as_ref().map(|full| full.is_match(path.as_bytes())), "regex: {:?} in {:?}", text, path);
            prop_assert!(!answer || !has_lint(&pattern, "never_matches"), "{:?} never matches, but {:?}", text, path);
        }
    }

    #[test]
    fn covering_is_certain_near_what_fits((one, _) in rule_and_path(), (other, path) in rule_and_path()) {
        let (Ok(one), Ok(other)) = (Pattern::parse(&one), Pattern::parse(&other)) else { return Ok(()) };
        if one.covers(&other) {
            let near = [path.clone(), format!("{path}a"), format!("{path}/a"), path.replace('a', "b")];
            for path in near.iter().filter_map(|target| canonical(target)) {
                prop_assert!(!matches(&other, &path) || matches(&one, &path), "{:?} covers {:?}, but {:?}", one, other, path);
            }
        }
    }

    #[test]
    fn what_can_match_nothing_is_refused_and_only_that(text in prop_oneof![rule(), expression()]) {
        if let Err(error) = Pattern::parse(&text) {
            let lite = regex_lite::Regex::new(&text);
            match error.code() {
                // A word boundary matches no character either, though not in the empty text.
                "pattern_matches_empty" => prop_assert!(lite.unwrap().is_match("") || text.contains("\\b") || text.contains('^') || text.contains('$')),
                "pattern_invalid" => prop_assert!(lite.is_err() || text.contains("[A-b]"), "{:?}", text),
                "pattern_too_costly" => {}
                code => prop_assert!(false, "{} for {:?}", code, text),
            }
        }
    }

    #[test]
    fn covering_is_certain(one in any_pattern(), other in any_pattern(), paths in paths()) {
        let (Ok(one), Ok(other)) = (Pattern::parse(&one), Pattern::parse(&other)) else { return Ok(()) };
        for (one, other) in [(&one, &other), (&other, &one)] {
            prop_assert!(one.covers(one));
            if one.covers(other) {
                for path in &paths {
                    prop_assert!(!matches(other, path) || matches(one, path), "{:?} covers {:?}, but {:?}", one, other, path);
                }
            }
        }
    }

    #[test]
    fn covering_is_certain_among_rules(one in rule(), other in rule(), paths in paths()) {
        let (Ok(one), Ok(other)) = (Pattern::parse(&one), Pattern::parse(&other)) else { return Ok(()) };
        if one.covers(&other) {
            for path in &paths {
                prop_assert!(!matches(&other, path) || matches(&one, path), "{:?} covers {:?}, but {:?}", one, other, path);
            }
        }
    }
}

#[test]
fn lint_codes_are_distinct() {
    let codes: BTreeSet<_> = Lint::ALL.iter().map(|lint| lint.code).collect();
    assert_eq!(codes.len(), Lint::ALL.len());
}

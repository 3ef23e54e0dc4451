//! Patterns and lints by example; the ids name rows of the list of bad inputs.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

use tokenward::{CanonicalPath, PathBuffer, Pattern};

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

fn is_match(pattern: &Pattern, target: &str) -> bool {
    let mut buffer = PathBuffer::new();
    CanonicalPath::parse(target, &mut buffer).is_ok_and(|path| pattern.is_match(path))
}

fn lints(text: &str) -> Vec<&'static str> {
    pattern(text).lint().iter().map(|lint| lint.code).collect()
}

#[test]
fn rules() {
    for (row, text, target, expected) in [
        ("PR001", "^/data/foo", "/data/foo", true),
        ("PR003", "^/data/foo", "/data/foobar", true),
        ("PR004", "^/data/foo(/|$)", "/data/foobar", false),
        ("PR006", "^/data/foo(/|$)", "/data/foo/x", true),
        ("PR006", "^/data/foo(/|$)", "/data/foo", true),
        ("PR006", "^/data/foo(?:/.*)?$", "/data/foo/", true),
        ("PR019", ".*", "/anything", true),
        ("PR021", "^/a.b$", "/a/b", true),
        ("PR024", "(?i)^/data", "/DATA", true),
        ("PR026", "^/a$", "/a\n", false),
        ("PR028", "^/\\w+$", "/\u{e9}", false),
        ("PR029", "(?i)^/k", "/\u{212a}", false),
        ("PR031", "\u{feff}^/a", "/a", false),
        ("PR034", "^/b", "/b", true),
        ("PR036", "^/b$", "/a", false),
        ("PC069", "^/admin$", "/ADMIN", false),
        ("PC071", "^/[^/]+$", "/a%2fb", false),
        ("PC071", "^/[^/]+$", "/a%20b", true),
        ("", "^/v1/systems/[^/]+/policies$", "/v1/systems/dev/policies", true),
        ("", "^/v1/systems/[^/]+/policies$", "/v1/systems/dev/x/policies", false),
        ("", "^/v1/systems/[^/]+/policies$", "/v1/systems/policies", false),
        ("", "^/a\\.b/.*", "/a.b/", true),
        ("", "^/a\\.b/.*$", "/axb/", false),
        ("", "^/(a|b)/[0-9]+$", "/b/42", true),
        ("", "/data$", "/v1/data", true),
    ] {
        assert_eq!(is_match(&pattern(text), target), expected, "{row} {text:?} {target:?}");
    }
}

#[test]
fn refused() {
    let deep = format!("{}a{}", "(".repeat(33), ")".repeat(33));
    let stacked = format!(".{}", "*".repeat(32_768));
    let alternatives = "a|".repeat(100_000);
    let classes = "[a-z]".repeat(50_000);
    let long = format!("^/{}", "a".repeat(511));
    for (row, text, code) in [
        ("PR008", "", "pattern_matches_empty"),
        ("PR011", "^/data|", "pattern_matches_empty"),
        ("PR013", "a*", "pattern_matches_empty"),
        ("PR014", "/?", "pattern_matches_empty"),
        ("PR016", "$", "pattern_matches_empty"),
        ("PR018", "a{0}", "pattern_matches_empty"),
        ("PR018", "^", "pattern_matches_empty"),
        ("PR018", "(.*)", "pattern_matches_empty"),
        ("PR018", "\\b", "pattern_matches_empty"),
        ("PR023", "(?m)^/data$", "pattern_flag_invalid"),
        ("PR023", "(?im)^/data$", "pattern_flag_invalid"),
        ("PR023", "^/(?s:data)$", "pattern_flag_invalid"),
        ("PR023", "(?U)^/data", "pattern_flag_invalid"),
        ("PR023", "(?R)^/data", "pattern_flag_invalid"),
        ("PR023", "(?-u)^/data", "pattern_flag_invalid"),
        ("PR033", "a)|(?:.*", "pattern_invalid"),
        ("PR034", "(?x)^/a # note", "pattern_flag_invalid"),
        ("RC001", "a{5}{5}{5}{5}{5}{5}", "pattern_too_costly"),
        ("RC002", "(a{1000}){1000}", "pattern_too_costly"),
        ("RC004", "\\w{1000000}", "pattern_too_costly"),
        ("RC004", "a{99999999999999999999}", "pattern_too_costly"),
        ("RC006", &deep, "pattern_too_costly"),
        ("RC007", "(?:a?){800}b$", "pattern_too_costly"),
        ("RC009", &stacked, "pattern_invalid"),
        ("RC009", &stacked[..500], "pattern_too_costly"),
        ("RC011", &alternatives, "pattern_invalid"),
        ("RC012", &classes, "pattern_invalid"),
        ("RC014", "(?:a?){600}b$", "pattern_too_costly"),
        ("RC016", "(?=a)", "pattern_invalid"),
        ("RC016", "(?<!a)b", "pattern_invalid"),
        ("RC017", "(a)\\1", "pattern_invalid"),
        ("RC019", "[a&&b]", "pattern_invalid"),
        ("RC021", "(secret", "pattern_invalid"),
        ("RC022", "a\0b", "pattern_invalid"),
        ("", &long, "pattern_invalid"),
        ("", "a{2,1}", "pattern_invalid"),
        ("", "*a", "pattern_invalid"),
        ("", "a(?i)*", "pattern_invalid"),
        ("", "(?<n>a)(?<n>b)", "pattern_invalid"),
        ("", "[b-a]", "pattern_invalid"),
        ("", "[a", "pattern_invalid"),
        ("", "a\\", "pattern_invalid"),
        ("", "\\p{L}", "pattern_invalid"),
        ("", "\\e", "pattern_invalid"),
        ("", "(?i)[Z-b]", "pattern_invalid"),
    ] {
        let error = Pattern::parse(text).err().unwrap_or_else(|| panic!("{row} {text:?} accepted"));
        assert_eq!(error.code(), code, "{row} {text:?}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{row}");
    }
    assert!(Pattern::parse("(?=a)").unwrap_err().to_string().contains("look-around"));
}

#[test]
fn accepted() {
    let nested = format!("{}a{}", "(".repeat(16), ")".repeat(16));
    let longest = format!("^/{}", "a".repeat(510));
    for (row, text, cost) in [
        ("RC006", nested.as_str(), 36),
        (
            "RC024",
            "^/v[0-9]+/orgs/[A-Za-z0-9_-]{1,39}/repos/[A-Za-z0-9._-]{1,100}/(issues|pulls|commits|branches|tags)(/[0-9]+)?$",
            627,
        ),
        ("", "^/data", 9),
        ("", ".*", 6),
        ("", "(?i:a)b", 6),
        ("", "(?i:/)b", 5),
        ("", &longest, 515),
    ] {
        assert_eq!(pattern(text).cost(), cost, "{row} {text:?}");
    }
}

#[test]
fn everything() {
    for text in [".*", "^.*", ".*$", "^.*$", "^/", "/", "^/.*", "^/.*$", ".+", "^.+$"] {
        assert!(pattern(text).is_everything(), "{text}");
        assert_eq!(lints(text), ["everything"], "{text}");
    }
    for text in ["^/a", "^/.+", "^/[^/]+", "^/(/|$)", "^/$"] {
        assert!(!pattern(text).is_everything(), "{text}");
    }
}

#[test]
fn lint() {
    for (row, text, expected) in [
        ("PR003", "^/data/foo", &["prefix_without_boundary"][..]),
        ("PR003", "^/data/foo.*", &["prefix_without_boundary"]),
        ("PR003", "^/data/foo.*$", &["prefix_without_boundary"]),
        ("PR003", "^/data/foo(/.*)?", &["prefix_without_boundary"]),
        ("PR003", "^/data/(foo|bar)", &["prefix_without_boundary"]),
        ("PR003", "^/v[0-9]+", &["prefix_without_boundary"]),
        ("PR003", "^/data/foo$", &[]),
        ("PR003", "^/data/foo/", &[]),
        ("PR003", "^/data/foo/.*", &[]),
        ("PR003", "^/data/foo(/|$)", &[]),
        ("PR003", "^/data/foo(?:/|$)", &[]),
        ("PR003", "^/data/foo(/.*)?$", &[]),
        ("PR003", "^/data/[^/]+", &[]),
        ("PR003", "^/data/[^/]*", &[]),
        ("PR021", "^/a.b$", &["unescaped_dot"]),
        ("PR021", "^/v1.0/$", &["unescaped_dot"]),
        ("PR024", "(?i)^/data$", &["case_insensitive"]),
        ("PR024", "^/(?i:data)$", &["case_insensitive"]),
        ("PR031", "\u{feff}^/a$", &["never_matches", "unanchored"]),
        ("", "^data$", &["never_matches"]),
        ("", "^[a-z]+/x$", &["never_matches"]),
        ("", "^/data\\?a=b$", &["never_matches"]),
        ("", "^/a%20b$", &["never_matches"]),
        ("", "^/a//b$", &["never_matches"]),
        ("", "^/\u{e9}$", &["never_matches"]),
        ("", "^/a$/b$", &["never_matches"]),
        ("", "/a^/b$", &["never_matches", "unanchored"]),
        ("", "^\\n$", &["never_matches"]),
        ("", "^/?data$", &[]),
        ("", "^(/v1)?/data$", &[]),
        ("", "/data$", &["unanchored"]),
        ("", "data|foo", &["unanchored"]),
        ("", "^/a/|/b/", &["alternation_binds_weakly"]),
        ("", "^/a/|^/b/", &[]),
        ("", "^(/a|/b)$", &[]),
        ("", "(^/a|^/b)$", &[]),
        ("RC024", "^/orgs/[A-Za-z0-9._-]{1,100}/(issues|pulls)(/[0-9]+)?$", &[]),
    ] {
        assert_eq!(lints(text), expected, "{row} {text:?}");
    }
}

#[test]
fn covers() {
    for (one, other, expected) in [
        (".*", "^/a", true),
        ("^/", ".*", true),
        ("^/a", ".*", false),
        ("^/a", "^/a", true),
        ("^/a", "^/ab$", true),
        ("^/a", "^/ab(c|d)$", true),
        ("^/ab", "^/a", false),
        ("^/a(/|$)", "^/a$", true),
        ("^/a(/|$)", "^/a(?:/.*)?$", true),
        ("^/a(/|$)", "^/a/b", true),
        ("^/a(/|$)", "^/ab", false),
        ("^/a(/|$)", "^/a", false),
        ("^/a$", "^/a(/|$)", false),
        ("^/v1/[^/]+/x(/|$)", "^/v1/dev/x/y$", true),
        ("^/v1/[^/]+/x", "^/v1/[^/]+/x$", true),
        ("^/v1/[^/]+$", "^/v1/[^/]+(/|$)", false),
        ("^/(a|b)/[0-9]+$", "^/a/42$", true),
        ("^/(a|b)/", "^/a/", false), // true, but not plain to see
        ("/a", "^/a", false),
    ] {
        assert_eq!(pattern(one).covers(&pattern(other)), expected, "{one} {other}");
    }
}

#[test]
fn patterns_compare_and_show_by_text() {
    let (one, other) = (pattern("^/a(/|$)"), pattern("^/a($|/)"));
    assert_ne!(one, other);
    assert!(one.covers(&other) && other.covers(&one));
    assert_eq!(one, one.clone());
    assert!(other < one);
    assert_eq!(format!("{one:?}"), "Pattern(\"^/a(/|$)\")");
    assert_eq!(one.as_str(), "^/a(/|$)");
}

//! Patterns that paths are matched with.
//!
//! A pattern is a regular expression in the syntax of [regex-lite](https://docs.rs/regex-lite/latest/regex_lite/#syntax), searched in the canonical
//! path: it may match anywhere unless it is anchored. Most rules that people write, such as `^/v1/data/`, are recognised and matched without an
//! engine; the others are compiled once, alone, when the pattern is made.

mod class;
mod cost;
mod lint;
mod parse;
mod shape;
mod syntax;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::error::{Code, Error};
use crate::limits;
use crate::path::CanonicalPath;
pub use lint::Lint;
use shape::{Shape, Walk};
use syntax::{Look, Node};

/// The four ways to say "every path". Any other pattern that can match nothing at all is taken for a mistake.
const EVERY_PATH: [&str; 4] = [".*", "^.*", ".*$", "^.*$"];

/// A path pattern, compiled. Two patterns are equal when their texts are.
///
/// ```
/// use tokenward::{CanonicalPath, Pattern, PathBuffer};
/// let pattern = Pattern::parse("^/v1/data/[^/]+(/|$)")?;
/// let mut buffer = PathBuffer::new();
/// assert!(pattern.is_match(CanonicalPath::parse("/v1/data/users?limit=3", &mut buffer)?));
/// # Ok::<(), tokenward::Error>(())
/// ```
#[derive(Clone)]
pub struct Pattern {
    text: Box<str>,
    cost: u32,
    shape: Shape,
}

impl Pattern {
    /// What one pattern may [cost](Pattern::cost).
    pub const COST_LIMIT: u32 = cost::LIMIT;

    /// What the patterns of one token may cost together.
    pub const TOKEN_COST_LIMIT: u32 = cost::TOKEN_LIMIT;

    /// Reads a pattern and compiles it.
    ///
    /// # Errors
    ///
    /// * `pattern_invalid` for what is not a regular expression of regex-lite: `(secret`, `a)|(?:.*`, `[a&&b]`, look-around `(?=a)`, back-references
    ///   `(a)\1`, `\p{L}`; and for control characters and more than 512 bytes;
    /// * `pattern_flag_invalid` for every inline flag but `i`: `(?m)`, `(?s)`, `(?U)`, `(?x)`, `(?R)`, `(?u)`;
    /// * `pattern_matches_empty` for what can match without a character, and so every path: nothing, `a*`, `/?`, `$`, `^/data|`, `a{0}`. To
    ///   say every path, write `.*`, `^.*`, `.*$` or `^.*$`;
    /// * `pattern_too_costly` for what costs more than [`COST_LIMIT`](Pattern::COST_LIMIT): `(a{1000}){1000}`, `\w{1000000}`, or groups nested more than
    ///   32 deep. The count is the same on every face.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > limits::PATTERN {
            return Err(parse::invalid("at most 512 bytes"));
        }
        let node = parse::parse(text)?.node;
        let cost = cost::of(&node);
        if cost > cost::LIMIT {
            return Err(Error::new(Code::PatternTooCostly));
        }
        if node.is_nullable() && !EVERY_PATH.contains(&text) {
            return Err(Error::new(Code::PatternMatchesEmpty));
        }
        let shape = match Walk::of(&node) {
            _ if is_everything(&node) => Shape::Everything,
            Some(walk) if walk.is_everything() => Shape::Everything,
            Some(walk) => Shape::Walk(walk),
            None => Shape::Engine { lead: shape::lead(&node), engine: compile(text)? },
        };
        Ok(Pattern { text: text.into(), cost, shape })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches somewhere in the path.
    #[inline]
    pub fn is_match(&self, path: CanonicalPath<'_>) -> bool {
        self.shape.fits(path.as_str())
    }

    /// What matching costs, in states of the compiled pattern; the same number on every face.
    pub const fn cost(&self) -> u32 {
        self.cost
    }

    /// Whether the pattern is recognised to match every path, as `.*`, `^/` and `.+` do.
    pub const fn is_everything(&self) -> bool {
        matches!(self.shape, Shape::Everything)
    }

    /// Whether every path that `other` matches is certain to match this pattern. `false` means "no" or "not plain to see".
    pub fn covers(&self, other: &Pattern) -> bool {
        self.text == other.text || self.shape.covers(&other.shape)
    }

    /// What the pattern says that is rarely meant: see [`Lint::ALL`].
    pub fn lint(&self) -> Vec<Lint> {
        parse::parse(&self.text).map(|parsed| lint::of(&parsed, self.is_everything())).unwrap_or_default()
    }
}

fn is_everything(node: &Node) -> bool {
    let nodes = node.sequence();
    let rest = nodes.as_slice();
    if let [Node::Char('/')] = rest {
        return true;
    }
    let rest = rest.strip_prefix(&[&Node::Look(Look::Start)]).unwrap_or(rest);
    let rest = rest.strip_suffix(&[&Node::Look(Look::End)]).unwrap_or(rest);
    matches!(rest, [Node::Repeat { sub, minimum: 0 | 1, maximum: None }] if *sub.bare() == Node::Dot)
}

/// Compiles for the engine. The cost is bounded already; the engine's own bounds, which depend on the width of pointers, lie far above.
fn compile(text: &str) -> Result<regex_lite::Regex, Error> {
    const SIZE: usize = 1 << 20;
    const NESTING: u32 = 512;
    let mut builder = regex_lite::RegexBuilder::new(text);
    builder.size_limit(SIZE).nest_limit(NESTING).build().map_err(|_| Error::new(Code::PatternInvalid))
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

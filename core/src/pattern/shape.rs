//! Patterns that need no engine: a fixed text, wildcards for whole segments, and an end.
//!
//! `^/v1/systems/[^/]+/policies(/|$)` is a *walk*: literal, segment, literal, boundary. A walk never has to go back, because a segment takes all up to
//! the next slash and only a slash, or the end, may follow it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::syntax::{Look, Node};

/// How a pattern is matched.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Every path.
    Everything,
    /// One walk from the start of the path.
    Walk(Walk),
    /// Whatever the engine says, for paths that begin with this text; the text is empty where none is certain.
    Engine { lead: Box<str>, engine: regex_lite::Regex },
}

/// A text, steps after it, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Walk {
    lead: Box<str>,
    steps: Box<[Step]>,
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `[^/]+`
    Segment,
    Literal(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// `$`: nothing follows.
    Closed,
    /// `(/|$)`: nothing follows, or a slash and anything.
    Boundary,
    /// Anything follows.
    Open,
}

impl Walk {
    /// Reads a walk from a pattern that is one.
    pub(super) fn of(node: &Node) -> Option<Walk> {
        let nodes = node.sequence();
        let (start, mut nodes) = nodes.split_first()?;
        if **start != Node::Look(Look::Start) {
            return None;
        }
        let end = take_end(&mut nodes);
        let (lead, mut nodes) = literal(nodes);
        let mut steps = Vec::new();
        while let Some((node, rest)) = nodes.split_first() {
            let (text, after) = literal(rest);
            let follows = if after.len() < rest.len() { text.starts_with('/') } else { rest.is_empty() };
            if !is_segment(node) || !follows {
                return None;
            }
            steps.push(Step::Segment);
            if !text.is_empty() {
                steps.push(Step::Literal(text));
            }
            nodes = after;
        }
        (!lead.is_empty()).then(|| Walk { lead, steps: steps.into(), end })
    }

    /// Whether every canonical path fits: all of them begin with a slash.
    pub(super) fn is_everything(&self) -> bool {
        &*self.lead == "/" && self.steps.is_empty() && self.end == End::Open
    }

    #[inline]
    pub(super) fn fits(&self, path: &str) -> bool {
        let Some(rest) = path.as_bytes().strip_prefix(self.lead.as_bytes()) else { return false };
        let rest = if self.steps.is_empty() { Some(rest) } else { self.walked(rest) };
        rest.is_some_and(|rest| match self.end {
            End::Open => true,
            End::Closed => rest.is_empty(),
            End::Boundary => matches!(rest.first(), None | Some(b'/')),
        })
    }

    fn walked<'p>(&self, rest: &'p [u8]) -> Option<&'p [u8]> {
        self.steps.iter().try_fold(rest, |rest, step| match step {
            Step::Literal(text) => rest.strip_prefix(text.as_bytes()),
            Step::Segment => {
                let end = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
                if end == 0 { None } else { rest.get(end..) }
            }
        })
    }

    /// Whether every path that begins with this text fits.
    fn fits_all_below(&self, text: &str) -> bool {
        match self.end {
            End::Open => self.fits(text),
            End::Boundary => {
                let rest = text.as_bytes().strip_prefix(self.lead.as_bytes()).and_then(|rest| self.walked(rest));
                rest.is_some_and(|rest| rest.first() == Some(&b'/'))
            }
            End::Closed => false,
        }
    }
}

impl Shape {
    #[inline]
    pub(super) fn fits(&self, path: &str) -> bool {
        match self {
            Shape::Everything => true,
            Shape::Walk(walk) => walk.fits(path),
            Shape::Engine { lead, engine } => path.starts_with(&**lead) && engine.is_match(path),
        }
    }

    /// Whether every path that fits `other` certainly fits this.
    pub(super) fn covers(&self, other: &Shape) -> bool {
        if let Shape::Everything = self {
            return true;
        }
        match other {
            Shape::Everything => false,
            // One path alone: ask about that path.
            Shape::Walk(Walk { lead, steps, end: End::Closed }) if steps.is_empty() => self.fits(lead),
            Shape::Walk(other) => match self {
                Shape::Walk(walk) => {
                    let same = walk.lead == other.lead && walk.steps == other.steps && other.end <= walk.end;
                    same || walk.fits_all_below(&other.lead)
                }
                _ => false,
            },
            Shape::Engine { lead, .. } => matches!(self, Shape::Walk(walk) if walk.fits_all_below(lead)),
        }
    }
}

/// The text that every match begins with, and with it the path: empty where none is certain.
pub(super) fn lead(node: &Node) -> Box<str> {
    match node.sequence().split_first() {
        Some((Node::Look(Look::Start), rest)) => literal(rest).0,
        _ => Box::default(),
    }
}

fn is_segment(node: &Node) -> bool {
    matches!(node, Node::Repeat { sub, minimum: 1, maximum: None } if sub.class() == Some(super::class::Class::SEGMENT))
}

/// The characters in front, and what follows them.
fn literal<'n, 'a>(nodes: &'n [&'a Node]) -> (Box<str>, &'n [&'a Node]) {
    let text: String =
        nodes.iter().map_while(|node| if let Node::Char(char) = node { Some(*char) } else { None }).collect();
    let rest = nodes.get(text.chars().count()..).unwrap_or_default();
    (text.into(), rest)
}

/// Takes what ends a walk off the nodes: `$`, `.*`, `.*$`, `(/|$)`, `($|/)`, `(/.*)?$`, each with or without groups.
fn take_end(nodes: &mut &[&Node]) -> End {
    let (closed, mut rest) = match nodes.split_last() {
        Some((Node::Look(Look::End), rest)) => (true, rest),
        _ => (false, *nodes),
    };
    let mut end = if closed { End::Closed } else { End::Open };
    if let Some((last, before)) = rest.split_last() {
        if last.is_anything() {
            (rest, end) = (before, End::Open);
        } else if (closed && is_rest_below(last)) || (!closed && is_slash_or_end(last)) {
            (rest, end) = (before, End::Boundary);
        }
    }
    *nodes = rest;
    end
}

/// `(/|$)`
fn is_slash_or_end(node: &Node) -> bool {
    let branches = node.branches();
    let (slash, end) = (Node::Char('/'), Node::Look(Look::End));
    branches.len() == 2 && branches.contains(&&slash) && branches.contains(&&end)
}

/// `(/.*)?`
fn is_rest_below(node: &Node) -> bool {
    let Node::Repeat { sub, minimum: 0, maximum: Some(1) } = node else { return false };
    matches!(*sub.sequence(), [Node::Char('/'), rest] if rest.is_anything())
}

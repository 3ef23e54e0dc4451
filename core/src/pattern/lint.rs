//! What a pattern says that its author probably did not mean.

use alloc::vec::Vec;

use super::class::Class;
use super::parse::Parsed;
use super::syntax::{Look, Node};

/// A pattern that is valid and yet rarely meant: nothing is refused for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lint {
    /// The permanent `snake_case` code; [`Lint::ALL`] lists them.
    pub code: &'static str,
    /// One sentence for people.
    pub message: &'static str,
}

macro_rules! lints {
    ($( $name:ident, $code:literal, $message:literal; )*) => {
        $( const $name: Lint = Lint { code: $code, message: $message }; )*

        impl Lint {
            /// Every lint there is, in the order in which they are reported.
            pub const ALL: &'static [Lint] = &[ $( $name ),* ];
        }
    };
}

lints! {
    EVERYTHING, "everything", "the pattern matches every path";
    NEVER_MATCHES, "never_matches",
        "no path can match: paths begin with /, are decoded, end before the query, and have no # % ; ? \\ and no empty segment";
    ALTERNATION_BINDS_WEAKLY, "alternation_binds_weakly",
        "only some of the alternatives are anchored at the start: ^/a|/b finds /b anywhere; write ^(/a|/b)";
    UNANCHORED, "unanchored", "the pattern may match in the middle of a path; begin it with ^";
    PREFIX_WITHOUT_BOUNDARY, "prefix_without_boundary",
        "the pattern does not end at the end of a segment: ^/data/foo matches /data/foobar too; end it with $ or (/|$)";
    UNESCAPED_DOT, "unescaped_dot", "a dot matches any character, / as well; write \\. for a dot";
    CASE_INSENSITIVE, "case_insensitive", "the pattern ignores case, but paths that differ in case are different paths";
}

/// The lints of a pattern, in the order of [`Lint::ALL`].
pub(super) fn of(pattern: &Parsed, is_everything: bool) -> Vec<Lint> {
    if is_everything {
        return alloc::vec![EVERYTHING];
    }
    let node = &pattern.node;
    let branches = node.branches();
    let anchored = branches.iter().filter(|branch| is_anchored(branch)).count();
    let weakly = anchored > 0 && anchored < branches.len();
    let endless = branches.iter().any(|branch| is_anchored(branch) && ends_within_segment(&branch.sequence()));
    let found = [
        (NEVER_MATCHES, is_dead(node)),
        (ALTERNATION_BINDS_WEAKLY, weakly),
        (UNANCHORED, anchored == 0),
        (PREFIX_WITHOUT_BOUNDARY, endless),
        (UNESCAPED_DOT, has_lone_dot(node)),
        (CASE_INSENSITIVE, pattern.ignores_case),
    ];
    found.into_iter().filter_map(|(lint, found)| found.then_some(lint)).collect()
}

fn is_anchored(node: &Node) -> bool {
    match node {
        Node::Look(Look::Start) => true,
        Node::Group(sub) => is_anchored(sub),
        Node::Repeat { sub, minimum, .. } => *minimum > 0 && is_anchored(sub),
        Node::Concat(subs) => subs.first().is_some_and(is_anchored),
        Node::Either(branches) => branches.iter().all(is_anchored),
        _ => false,
    }
}

/// Whether a match may stop before the segment does.
fn ends_within_segment(nodes: &[&Node]) -> bool {
    let Some((last, before)) = nodes.split_last() else { return false };
    match last {
        Node::Look(Look::End) => before.last().is_some_and(|last| last.is_anything()) && ends_within_segment(before),
        Node::Look(_) | Node::Empty => false,
        Node::Char(char) => *char != '/',
        Node::Dot => true,
        Node::Class(class) => class.in_paths() != Class::one('/'),
        Node::Group(sub) => ends_within_segment(&[sub]),
        Node::Concat(_) => ends_within_segment(&last.sequence()),
        Node::Either(branches) => branches.iter().any(|branch| {
            if branch.is_nullable() && !has_end(branch) {
                ends_within_segment(before)
            } else {
                ends_within_segment(&branch.sequence())
            }
        }),
        Node::Repeat { sub, minimum, maximum } => {
            // Taking all there is up to the next slash is the end of the segment.
            let greedy = maximum.is_none().then(|| sub.class()).flatten();
            let takes_segment = greedy.is_some_and(|class| class.in_paths().contains(Class::SEGMENT));
            match (takes_segment, greedy.is_some_and(|class| class.has('/'))) {
                (true, true) => *minimum == 0 && ends_within_segment(before),
                (true, false) => false,
                _ => ends_within_segment(&sub.sequence()) || (*minimum == 0 && ends_within_segment(before)),
            }
        }
    }
}

fn has_end(node: &Node) -> bool {
    node.sequence().last().is_some_and(|last| **last == Node::Look(Look::End))
}

fn has_lone_dot(node: &Node) -> bool {
    match node {
        Node::Dot => true,
        Node::Repeat { sub, .. } => *sub.bare() != Node::Dot && has_lone_dot(sub),
        Node::Group(sub) => has_lone_dot(sub),
        Node::Concat(subs) | Node::Either(subs) => subs.iter().any(has_lone_dot),
        _ => false,
    }
}

/// Whether it is plain that no canonical path matches.
fn is_dead(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Dot | Node::Look(_) => false,
        Node::Char(_) | Node::Class(_) => node.class().is_some_and(Class::is_empty),
        Node::Group(sub) => is_dead(sub),
        Node::Repeat { sub, minimum, .. } => *minimum > 0 && is_dead(sub),
        Node::Either(branches) => branches.iter().all(is_dead),
        Node::Concat(_) => {
            let nodes = node.sequence();
            nodes.iter().any(|node| is_dead(node)) || is_dead_in_sequence(&nodes)
        }
    }
}

fn is_dead_in_sequence(nodes: &[&Node]) -> bool {
    let mut taken = false;
    let mut started = false;
    let mut ended = false;
    let mut last = None;
    for node in nodes {
        match node {
            Node::Look(Look::Start) if taken => return true,
            Node::Look(Look::Start) => started = true,
            Node::Look(Look::End) => ended = true,
            _ => {}
        }
        if !node.is_nullable() {
            let first_is_slash = taken || !started || first_class(node).is_none_or(|class| class.has('/'));
            if ended || !first_is_slash {
                return true;
            }
            taken = true;
        }
        let char = if let Node::Char(char) = node { Some(*char) } else { None };
        if matches!((last, char), (Some('/' | '.' | ' '), Some('/'))) {
            return true;
        }
        if !matches!(node, Node::Look(_)) {
            last = char;
        }
        // What may have taken a character or nothing leaves open what comes first.
        if node.is_nullable() && !matches!(node, Node::Look(_) | Node::Empty) {
            started = false;
        }
    }
    false
}

/// The characters that a node begins with, where that is plain.
fn first_class(node: &Node) -> Option<Class> {
    match node {
        Node::Repeat { sub, minimum, .. } if *minimum > 0 => sub.class(),
        node => node.class(),
    }
}

//! What a pattern costs, counted by a rule of our own.
//!
//! regex-lite bounds its programs in bytes of pointers, so a 32-bit host accepts what a 64-bit host refuses. Here the states of the program are
//! counted instead, as its compiler lays them out, with one more for every four ranges of a class, which are compared one after the other.
//! A search takes at most a number of steps in proportion to the cost and to the length of the path.

use super::syntax::Node;

/// What one pattern may cost. With the longest path the costliest pattern takes 21 ms natively; in WebAssembly 23 ms, and 71 ms while its code is not
/// yet optimised (measured with `(?:a*){497}b$` and its like, the worst found).
pub(super) const LIMIT: u32 = 1_000;

/// What all patterns of one token may cost together.
pub(super) const TOKEN_LIMIT: u32 = 2_000;

/// The cost of a whole pattern.
pub(super) fn of(node: &Node) -> u32 {
    const CAPTURE_AND_MATCH: u32 = 3;
    states(node).saturating_add(CAPTURE_AND_MATCH)
}

fn states(node: &Node) -> u32 {
    match node {
        Node::Empty | Node::Char(_) | Node::Look(_) => 1,
        Node::Dot => 2,
        Node::Class(class) => class.ranges().div_ceil(4).saturating_add(1),
        Node::Group(sub) => states(sub).saturating_add(2),
        Node::Concat(subs) => subs.iter().map(states).fold(0, u32::saturating_add),
        Node::Either(branches) => {
            branches.iter().map(|branch| states(branch).saturating_add(1)).fold(2, u32::saturating_add)
        }
        Node::Repeat { sub, minimum, maximum } => repeated(states(sub), sub.is_nullable(), *minimum, *maximum),
    }
}

fn repeated(once: u32, nullable: bool, minimum: u32, maximum: Option<u32>) -> u32 {
    let required = once.saturating_mul(minimum).max(1);
    match (minimum, maximum) {
        (0, Some(1)) => once.saturating_add(2),
        (0, None) if nullable => once.saturating_add(3),
        (0, None) => once.saturating_add(1),
        (_, None) => required.saturating_add(1),
        (_, Some(maximum)) if minimum == maximum => required,
        (_, Some(maximum)) => {
            let optional = once.saturating_add(1).saturating_mul(maximum.saturating_sub(minimum));
            required.saturating_add(1).saturating_add(optional)
        }
    }
}

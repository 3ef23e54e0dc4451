//! The structure of a pattern.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::class::Class;

/// What must hold between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Start,
    End,
    Word,
    WordNegated,
}

/// One node of a pattern, in the structure that regex-lite gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Empty,
    Char(char),
    /// `.`: every character but the line feed, which no canonical path holds.
    Dot,
    Class(Class),
    Look(Look),
    /// A group that captures. Nobody asks for captures; they count as states.
    Group(Box<Node>),
    Repeat {
        sub: Box<Node>,
        minimum: u32,
        maximum: Option<u32>,
    },
    Concat(Vec<Node>),
    Either(Vec<Node>),
}

impl Node {
    pub(super) fn concat(mut subs: Vec<Node>) -> Node {
        match subs.len() {
            0 => Node::Empty,
            1 => subs.pop().unwrap_or(Node::Empty),
            _ => Node::Concat(subs),
        }
    }

    pub(super) fn either(mut branches: Vec<Node>) -> Node {
        match branches.len() {
            1 => branches.pop().unwrap_or(Node::Empty),
            _ => Node::Either(branches),
        }
    }

    pub(super) fn repeat(self, minimum: u32, maximum: Option<u32>) -> Node {
        match (minimum, maximum) {
            (0, Some(0)) => Node::Empty,
            (1, Some(1)) => self,
            _ => Node::Repeat { sub: Box::new(self), minimum, maximum },
        }
    }

    /// Whether the node can match without taking a character, looks taken as fulfilled.
    pub(super) fn is_nullable(&self) -> bool {
        match self {
            Node::Empty | Node::Look(_) => true,
            Node::Char(_) | Node::Dot | Node::Class(_) => false,
            Node::Group(sub) => sub.is_nullable(),
            Node::Repeat { sub, minimum, .. } => *minimum == 0 || sub.is_nullable(),
            Node::Concat(subs) => subs.iter().all(Node::is_nullable),
            Node::Either(subs) => subs.iter().any(Node::is_nullable),
        }
    }

    /// Nodes within nodes.
    pub(super) fn depth(&self) -> u8 {
        let within = match self {
            Node::Empty | Node::Char(_) | Node::Dot | Node::Class(_) | Node::Look(_) => return 1,
            Node::Group(sub) | Node::Repeat { sub, .. } => sub.depth(),
            Node::Concat(subs) | Node::Either(subs) => subs.iter().map(Node::depth).max().unwrap_or(0),
        };
        within.saturating_add(1)
    }

    /// The node without the groups around it.
    pub(super) fn bare(&self) -> &Node {
        match self {
            Node::Group(sub) => sub.bare(),
            node => node,
        }
    }

    /// What the node is a sequence of, groups opened.
    pub(super) fn sequence(&self) -> Vec<&Node> {
        match self {
            Node::Concat(subs) => subs.iter().flat_map(Node::sequence).collect(),
            Node::Group(sub) => sub.sequence(),
            Node::Empty => Vec::new(),
            node => alloc::vec![node],
        }
    }

    /// What the node chooses from, groups opened.
    pub(super) fn branches(&self) -> Vec<&Node> {
        match self {
            Node::Either(branches) => branches.iter().flat_map(Node::branches).collect(),
            Node::Group(sub) => sub.branches(),
            node => alloc::vec![node],
        }
    }

    /// Whether it is `.*`, `.{0,}` or the like.
    pub(super) fn is_anything(&self) -> bool {
        matches!(self, Node::Repeat { sub, minimum: 0, maximum: None } if matches!(sub.bare(), Node::Dot))
    }

    /// The set of characters that it takes one of, if that is all it does.
    pub(super) fn class(&self) -> Option<Class> {
        match self.bare() {
            Node::Char(char) => Some(Class::one(*char).in_paths()),
            Node::Dot => Some(Class::PATH),
            Node::Class(class) => Some(class.in_paths()),
            _ => None,
        }
    }
}

//! From text to structure: the part of regex-lite's syntax that every face reads alike.
//!
//! regex-lite parses for itself when a pattern needs the engine; this parse is what cost, shapes and lints are read from, and what is refused here is
//! refused everywhere. Left out on purpose: all flags but `i`, `\<`, `\>` and `\b{start}`, blanks inside `{1,2}`, group names beyond ASCII.

use alloc::string::String;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::Chars;

use super::class::Class;
use super::syntax::{Look, Node};
use crate::error::{Code, Error};

/// Groups within groups: more than rules have, little enough for any stack.
const DEPTH: u8 = 32;

/// Nodes within nodes; repetitions of repetitions, `a***`, need no groups.
const NODE_DEPTH: u8 = 100;

/// A parsed pattern.
pub(super) struct Parsed {
    pub(super) node: Node,
    /// Whether any part of it ignores case.
    pub(super) ignores_case: bool,
}

/// Parses a pattern.
///
/// # Errors
///
/// `pattern_invalid`, `pattern_flag_invalid`, and `pattern_too_costly` for what is nested too deeply or counts beyond reason.
pub(super) fn parse(text: &str) -> Result<Parsed, Error> {
    if text.chars().any(char::is_control) {
        return Err(invalid("no control characters"));
    }
    let mut parser =
        Parser { rest: text.chars().peekable(), depth: 0, ignore_case: false, ignored_case: false, names: Vec::new() };
    let node = parser.alternatives()?;
    match parser.rest.next() {
        None if node.depth() > NODE_DEPTH => Err(Error::new(Code::PatternTooCostly)),
        None => Ok(Parsed { node, ignores_case: parser.ignored_case }),
        Some(_) => Err(invalid("an opening parenthesis before every closing one")),
    }
}

#[cold]
pub(super) fn invalid(expected: &'static str) -> Error {
    Error::new(Code::PatternInvalid).expected(expected)
}

struct Parser<'t> {
    rest: Peekable<Chars<'t>>,
    depth: u8,
    ignore_case: bool,
    ignored_case: bool,
    names: Vec<String>,
}

impl Parser<'_> {
    fn take(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn take_text(&mut self, wanted: &str) -> bool {
        let mut ahead = self.rest.clone();
        let found = wanted.chars().all(|char| ahead.next() == Some(char));
        if found {
            self.rest = ahead;
        }
        found
    }

    fn alternatives(&mut self) -> Result<Node, Error> {
        let mut branches = Vec::new();
        loop {
            branches.push(self.concat()?);
            if !self.take('|') {
                return Ok(Node::either(branches));
            }
        }
    }

    fn concat(&mut self) -> Result<Node, Error> {
        let mut subs = Vec::new();
        let mut repeatable = false;
        while let Some(next) = self.rest.next_if(|next| !matches!(next, '|' | ')')) {
            let node = match next {
                '?' | '*' | '+' | '{' => {
                    let sub = subs.pop().filter(|_| repeatable);
                    let sub: Node = sub.ok_or_else(|| invalid("something before every repetition"))?;
                    let (minimum, maximum) = self.bounds(next)?;
                    subs.push(Node::repeat(sub, minimum, maximum));
                    continue;
                }
                '(' => {
                    if let Some(node) = self.group()? {
                        node
                    } else {
                        repeatable = false;
                        continue;
                    }
                }
                '[' => Node::Class(self.class()?),
                '\\' => {
                    let node = self.escape()?;
                    self.folded(node)
                }
                '.' => Node::Dot,
                '^' => Node::Look(Look::Start),
                '$' => Node::Look(Look::End),
                char => self.folded(Node::Char(char)),
            };
            subs.push(node);
            repeatable = true;
        }
        Ok(Node::concat(subs))
    }

    fn folded(&self, node: Node) -> Node {
        match node {
            Node::Char(char) if self.ignore_case && char.is_ascii_alphabetic() => {
                let mut class = Class::one(char);
                class.fold();
                Node::Class(class)
            }
            node => node,
        }
    }

    fn bounds(&mut self, operator: char) -> Result<(u32, Option<u32>), Error> {
        let bounds = match operator {
            '?' => (0, Some(1)),
            '*' => (0, None),
            '+' => (1, None),
            _ => self.counts()?,
        };
        // A lazy repetition finds another match, not another answer.
        self.take('?');
        Ok(bounds)
    }

    /// What stands behind the `{` of a counted repetition.
    fn counts(&mut self) -> Result<(u32, Option<u32>), Error> {
        let minimum = self.number()?;
        let maximum = if !self.take(',') {
            Some(minimum)
        } else if self.rest.peek() == Some(&'}') {
            None
        } else {
            Some(self.number()?)
        };
        if !self.take('}') || maximum.is_some_and(|maximum| minimum > maximum) {
            return Err(invalid("{n}, {n,} or {n,m} with n not above m"));
        }
        Ok((minimum, maximum))
    }

    fn number(&mut self) -> Result<u32, Error> {
        let mut number: Option<u32> = None;
        while let Some(digit) = self.rest.peek().and_then(|next| next.to_digit(10)) {
            self.rest.next();
            let tens = number.unwrap_or(0).checked_mul(10).and_then(|tens| tens.checked_add(digit));
            number = Some(tens.ok_or(Code::PatternTooCostly)?);
        }
        number.ok_or_else(|| invalid("a number of repetitions"))
    }

    /// What stands behind a `(`: a node, or a directive such as `(?i)`, which is nothing itself and changes what follows.
    fn group(&mut self) -> Result<Option<Node>, Error> {
        if ["?=", "?!", "?<=", "?<!"].iter().any(|look| self.take_text(look)) {
            return Err(invalid("no look-around, which regex-lite does not have"));
        }
        let outside = self.ignore_case;
        let captures = if self.take_text("?P<") || self.take_text("?<") {
            self.name()?;
            true
        } else if self.take('?') {
            if self.flags()? == ')' {
                return Ok(None);
            }
            false
        } else {
            true
        };
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEPTH {
            return Err(Error::new(Code::PatternTooCostly));
        }
        let node = self.alternatives()?;
        if !self.take(')') {
            return Err(invalid("a closing parenthesis for every opening one"));
        }
        self.depth = self.depth.saturating_sub(1);
        self.ignore_case = outside;
        Ok(Some(if captures { Node::Group(node.into()) } else { node }))
    }

    fn name(&mut self) -> Result<(), Error> {
        let mut name = String::new();
        while let Some(char) = self.rest.next_if(|char| char.is_ascii_alphanumeric() || *char == '_') {
            name.push(char);
        }
        let starts = name.chars().next().is_some_and(|first| !first.is_ascii_digit());
        if !starts || !self.take('>') || self.names.contains(&name) {
            return Err(invalid("a name of its own for a named group, from A-Z a-z 0-9 _"));
        }
        self.names.push(name);
        Ok(())
    }

    /// The flags behind `(?`, up to and with the `:` or `)` that is returned.
    fn flags(&mut self) -> Result<char, Error> {
        const EXPECTED: &str = "(?i), (?-i), (?i:...), (?-i:...) or (?:...)";
        let minus = self.take('-');
        let i = self.take('i');
        match self.rest.next() {
            Some(end @ (':' | ')')) if i || (end == ':' && !minus) => {
                if i {
                    self.ignore_case = !minus;
                    self.ignored_case |= !minus;
                }
                Ok(end)
            }
            Some(flag) if flag.is_ascii_alphabetic() || (flag == '-' && i) => {
                Err(Error::new(Code::PatternFlagInvalid).expected(EXPECTED))
            }
            _ => Err(invalid(EXPECTED)),
        }
    }

    /// What stands behind a `\`.
    fn escape(&mut self) -> Result<Node, Error> {
        let char = match self.rest.next().ok_or_else(|| invalid("a character after the last backslash"))? {
            '0'..='9' => return Err(invalid("no back-reference, which regex-lite does not have")),
            'p' | 'P' => return Err(invalid("no Unicode class, which regex-lite does not have")),
            'd' => return Ok(perl("digit", false)),
            'D' => return Ok(perl("digit", true)),
            's' => return Ok(perl("space", false)),
            'S' => return Ok(perl("space", true)),
            'w' => return Ok(perl("word", false)),
            'W' => return Ok(perl("word", true)),
            'A' => return Ok(Node::Look(Look::Start)),
            'z' => return Ok(Node::Look(Look::End)),
            'b' => return Ok(Node::Look(Look::Word)),
            'B' => return Ok(Node::Look(Look::WordNegated)),
            'x' => self.code(2)?,
            'u' => self.code(4)?,
            'U' => self.code(8)?,
            'a' => '\x07',
            'f' => '\x0C',
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'v' => '\x0B',
            char if char.is_ascii() && !char.is_ascii_alphanumeric() && !matches!(char, '<' | '>') => char,
            _ => return Err(invalid("an escape that regex-lite has")),
        };
        Ok(Node::Char(char))
    }

    /// The character of `\xNN`, `\uNNNN`, `\UNNNNNNNN` or, for each of them, `{N...}`.
    fn code(&mut self, digits: usize) -> Result<char, Error> {
        const EXPECTED: &str = "the hexadecimal number of a character";
        let braced = self.take('{');
        let mut number = 0u32;
        let mut count = 0usize;
        while braced || count < digits {
            if braced && count > 0 && self.take('}') {
                break;
            }
            let digit = self.rest.next().and_then(|next| next.to_digit(16)).ok_or_else(|| invalid(EXPECTED))?;
            number =
                number.checked_mul(16).and_then(|high| high.checked_add(digit)).ok_or_else(|| invalid(EXPECTED))?;
            count = count.saturating_add(1);
        }
        char::from_u32(number).ok_or_else(|| invalid(EXPECTED))
    }

    /// What stands behind a `[`.
    fn class(&mut self) -> Result<Class, Error> {
        let mut class = Class::default();
        let negated = self.take('^');
        let mut first = true;
        while self.take('-') {
            class.add('-', '-');
            first = false;
        }
        if first && self.take(']') {
            class.add(']', ']');
        }
        loop {
            let next = self.rest.next().ok_or_else(|| invalid("a closing bracket for every class"))?;
            match next {
                ']' => break,
                '[' => class.join(self.posix()?),
                '&' | '-' | '~' if self.rest.peek() == Some(&next) => {
                    return Err(invalid("no &&, -- or ~~ in a class, which regex-lite does not have"));
                }
                _ => self.range(next, &mut class)?,
            }
        }
        if self.ignore_case && !class.fold() {
            return Err(invalid("no range such as Z-b under (?i)"));
        }
        if negated {
            class.negate();
        }
        Ok(class)
    }

    /// One item of a class, or a range from one to the next.
    fn range(&mut self, first: char, class: &mut Class) -> Result<(), Error> {
        const EXPECTED: &str = "characters, ranges such as a-z, or classes such as \\d in brackets";
        let first = self.item(first)?;
        let mut ahead = self.rest.clone();
        let ranges = ahead.next() == Some('-') && !matches!(ahead.next(), Some(']' | '-'));
        match first {
            Node::Char(first) if ranges => {
                self.rest.next();
                let next = self.rest.next().ok_or_else(|| invalid(EXPECTED))?;
                match self.item(next)? {
                    Node::Char(last) if first <= last => class.add(first, last),
                    _ => return Err(invalid(EXPECTED)),
                }
            }
            Node::Char(char) => class.add(char, char),
            Node::Class(inner) if !ranges => class.join(inner),
            _ => return Err(invalid(EXPECTED)),
        }
        Ok(())
    }

    fn item(&mut self, char: char) -> Result<Node, Error> {
        if char == '\\' { self.escape() } else { Ok(Node::Char(char)) }
    }

    /// A class such as `[:alpha:]` within a class, its first bracket read.
    fn posix(&mut self) -> Result<Class, Error> {
        let class = self.take(':').then(|| {
            let negated = self.take('^');
            let mut name = String::new();
            while let Some(char) = self.rest.next_if(char::is_ascii_lowercase) {
                name.push(char);
            }
            let mut class = Class::named(&name).filter(|_| self.take_text(":]"))?;
            if negated {
                class.negate();
            }
            Some(class)
        });
        class.flatten().ok_or_else(|| invalid("no class within a class but those such as [:alpha:]"))
    }
}

fn perl(name: &str, negated: bool) -> Node {
    let mut class = Class::named(name).unwrap_or_default();
    if negated {
        class.negate();
    }
    Node::Class(class)
}

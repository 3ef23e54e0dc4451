//! Resource patterns: a resource in which an id may be `*` and the last segment may be `**`.

use alloc::string::{String, ToString};
use core::cmp::Ordering;

use super::{Kinds, id_holds, kind_holds};
use crate::error::{Code, Error};
use crate::limits;

/// A checked resource pattern such as `org:acme/db:*/keyspace:*` or `org:acme/db:42/**`.
///
/// `*` stands for one whole id; `**` as the last segment for the node before it and everything below. A pattern does
/// not reach below the segments it writes out: `db:*` matches databases and no keyspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourcePattern(String);

impl ResourcePattern {
    /// Checks a pattern against the tree of kinds.
    ///
    /// # Errors
    /// `resource_pattern_invalid`.
    pub(crate) fn parse(text: &str, kinds: &Kinds) -> Result<Self, Error> {
        let pattern = ResourcePattern::spelled(text)?;
        let (nodes, _) = split_tail(text);
        let mut sample = String::new();
        for (kind, _) in nodes.split('/').filter_map(|segment| segment.split_once(':')) {
            if !sample.is_empty() {
                sample.push('/');
            }
            sample.push_str(kind);
            sample.push_str(":x");
        }
        kinds.kind_of(&sample).ok_or(Error::new(Code::ResourcePatternInvalid))?;
        Ok(pattern)
    }

    /// Checks the spelling of a pattern, whatever the kinds of a policy: one that outlived a kind matches nothing.
    ///
    /// # Errors
    /// `resource_pattern_invalid`.
    pub(crate) fn spelled(text: &str) -> Result<Self, Error> {
        let (nodes, _) = split_tail(text);
        let node = |segment: &str| {
            segment.split_once(':').is_some_and(|(kind, id)| kind_holds(kind) && (id == "*" || id_holds(id.as_bytes())))
        };
        let within = text.len() <= limits::RESOURCE && text.split('/').count() <= limits::RESOURCE_DEPTH;
        if within && nodes.split('/').all(node) {
            Ok(ResourcePattern(text.to_string()))
        } else {
            Err(Error::new(Code::ResourcePatternInvalid))
        }
    }

    /// The pattern that matches a resource and everything below it.
    pub(crate) fn everything_at(resource: &str) -> Self {
        let mut text = String::from(resource);
        text.push_str("/**");
        ResourcePattern(text)
    }

    /// The text of the pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern matches a resource.
    pub(crate) fn matches(&self, resource: &str) -> bool {
        self.holds(resource, false)
    }

    /// Whether every resource that the other pattern matches, this one matches too. A star is covered by a star only:
    /// no list of ids covers it.
    pub(crate) fn covers(&self, other: &ResourcePattern) -> bool {
        let (nodes, everything_below) = split_tail(&other.0);
        self.holds(nodes, everything_below)
    }

    fn holds(&self, other: &str, other_has_tail: bool) -> bool {
        let (nodes, tail) = split_tail(&self.0);
        let mut theirs = other.split('/');
        for own in nodes.split('/') {
            let Some(their) = theirs.next() else { return false };
            let wild = own.strip_suffix('*').is_some_and(|kind| their.starts_with(kind));
            if own != their && !wild {
                return false;
            }
        }
        // What is left of the other must be covered by the tail.
        tail || (theirs.next().is_none() && !other_has_tail)
    }

    /// The realm the pattern is about, or a star.
    pub(crate) fn realm(&self) -> &str {
        super::realm_of(&self.0)
    }
}

impl PartialOrd for ResourcePattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourcePattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

fn split_tail(text: &str) -> (&str, bool) {
    text.strip_suffix("/**").map_or((text, false), |nodes| (nodes, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> ResourcePattern {
        let kinds = Kinds::of(&[("org", ""), ("db", "org"), ("table", "db")]).unwrap();
        ResourcePattern::parse(text, &kinds).unwrap()
    }

    #[test]
    fn a_parent_does_not_imply_its_children() {
        assert!(pattern("org:a/db:*").matches("org:a/db:1"));
        assert!(!pattern("org:a/db:*").matches("org:a/db:1/table:t"));
        assert!(!pattern("org:a/db:*").matches("org:a"));
        assert!(pattern("org:a/db:1/**").matches("org:a/db:1"));
        assert!(pattern("org:a/db:1/**").matches("org:a/db:1/table:t"));
        assert!(!pattern("org:a/db:1/**").matches("org:a/db:12"));
    }

    #[test]
    fn a_star_is_covered_by_a_star_only() {
        assert!(pattern("org:a/db:*").covers(&pattern("org:a/db:1")));
        assert!(!pattern("org:a/db:1").covers(&pattern("org:a/db:*")));
        assert!(pattern("org:a/db:*").covers(&pattern("org:a/db:*")));
        assert!(pattern("org:a/**").covers(&pattern("org:a/db:*/table:*")));
        assert!(!pattern("org:a/db:*").covers(&pattern("org:a/db:*/**")));
        assert!(!pattern("org:a/db:*/table:*").covers(&pattern("org:a/db:1/**")));
    }

    #[test]
    fn stars_stand_for_whole_ids() {
        let kinds = Kinds::of(&[("org", ""), ("db", "org")]).unwrap();
        for bad in ["org:a*", "*", "**", "org:a/*", "org:a/**/db:1", "org:a/db:", "org:a/x:1", ""] {
            assert!(ResourcePattern::parse(bad, &kinds).is_err(), "{bad}");
        }
    }
}

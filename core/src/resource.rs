//! Resources: paths of `kind:id` segments below a realm, and the patterns that match them.

mod pattern;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::{Code, Error};
use crate::limits;

pub use pattern::ResourcePattern;

/// The number of a kind of resources within a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind(u8);

/// The kinds of a policy: a tree below the realm's kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    kinds: Vec<(Arc<str>, Option<Kind>)>,
}

impl Kinds {
    /// Kinds and the name of each one's parent, the realm's kind having none.
    ///
    /// # Errors
    /// `policy_invalid` when there is not exactly one root, a parent is missing, or kinds go round in a circle;
    /// `too_many`.
    pub(crate) fn of(entries: &[(&str, &str)]) -> Result<Self, Error> {
        let invalid = |expected: &'static str| Error::new(Code::PolicyInvalid).expected(expected);
        if entries.len() > limits::KINDS {
            return Err(Error::new(Code::TooMany));
        }
        let find = |name: &str| {
            entries.iter().position(|(kind, _)| *kind == name).and_then(|index| u8::try_from(index).ok()).map(Kind)
        };
        let mut kinds = Vec::with_capacity(entries.len());
        for (name, parent) in entries {
            if !kind_holds(name) {
                return Err(invalid("kinds of 1 to 32 characters from a-z 0-9 - _"));
            }
            let parent = match *parent {
                "" => None,
                parent => Some(find(parent).ok_or_else(|| invalid("a parent that is a kind of this policy"))?),
            };
            kinds.push((Arc::from(*name), parent));
        }
        let kinds = Kinds { kinds };
        if kinds.kinds.iter().filter(|(_, parent)| parent.is_none()).count() != 1 {
            return Err(invalid("exactly one kind without a parent, the realm's"));
        }
        for index in 0..kinds.kinds.len() {
            let start = Kind(u8::try_from(index).unwrap_or(u8::MAX));
            if kinds.ancestry(start).count() > limits::RESOURCE_DEPTH {
                return Err(invalid("kinds that lead up to the realm's within 16 steps"));
            }
        }
        Ok(kinds)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Kind> {
        self.kinds.iter().position(|(kind, _)| &**kind == name).and_then(|index| u8::try_from(index).ok()).map(Kind)
    }

    pub(crate) fn name(&self, kind: Kind) -> &str {
        self.kinds.get(usize::from(kind.0)).map_or("", |(name, _)| name)
    }

    fn parent(&self, kind: Kind) -> Option<Kind> {
        self.kinds.get(usize::from(kind.0)).and_then(|(_, parent)| *parent)
    }

    /// The kind and those above it. It ends one step past the depth limit, so a circle ends too.
    pub(crate) fn ancestry(&self, kind: Kind) -> impl Iterator<Item = Kind> + '_ {
        core::iter::successors(Some(kind), |kind| self.parent(*kind)).take(limits::RESOURCE_DEPTH.saturating_add(1))
    }

    /// The kind of a resource whose segments each lie below their parent, beginning with the realm's kind; `None`
    /// for anything else. It allocates nothing.
    #[inline]
    pub(crate) fn kind_of(&self, resource: &str) -> Option<Kind> {
        if resource.len() > limits::RESOURCE {
            return None;
        }
        let mut current: Option<Kind> = None;
        let mut depth = 0usize;
        for segment in resource.as_bytes().split(|b| *b == b'/') {
            let colon = segment.iter().position(|b| *b == b':')?;
            let (kind, id) = (segment.get(..colon)?, segment.get(colon.saturating_add(1)..)?);
            if !id_holds(id) {
                return None;
            }
            current = Some(self.child(current, kind)?);
            depth = depth.saturating_add(1);
        }
        if depth <= limits::RESOURCE_DEPTH { current } else { None }
    }

    fn child(&self, parent: Option<Kind>, name: &[u8]) -> Option<Kind> {
        let index = self.kinds.iter().position(|(kind, above)| *above == parent && kind.as_bytes() == name)?;
        u8::try_from(index).ok().map(Kind)
    }

    /// Checks a resource.
    ///
    /// # Errors
    /// `resource_invalid` for an unknown kind, a kind that is not below its parent, an id of other characters than
    /// `A-Z a-z 0-9 . _ - ~ @ +`, a star, an empty segment, more than 16 segments.
    pub(crate) fn check<'r>(&self, resource: &'r str) -> Result<(&'r str, Kind), Error> {
        self.kind_of(resource).map(|kind| (resource, kind)).ok_or(Error::new(Code::ResourceInvalid))
    }

    /// Checks the name of a realm: a resource of one segment.
    ///
    /// # Errors
    /// `resource_invalid`.
    pub(crate) fn check_realm<'r>(&self, realm: &'r str) -> Result<&'r str, Error> {
        if realm.contains('/') {
            Err(Error::new(Code::ResourceInvalid))
        } else {
            self.check(realm).map(|(realm, _)| realm)
        }
    }
}

/// Which bytes an id is written with.
#[expect(clippy::indexing_slicing, reason = "worked out by the compiler, which would say so")]
const ID: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'~' | b'@' | b'+') {
            table[byte as usize] = true;
        }
        byte = byte.wrapping_add(1);
    }
    table
};

/// Whether a text is spelled as a resource, whatever the kinds of a policy: one that outlived a kind still is.
pub(crate) fn is_spelled(text: &str) -> bool {
    let segment =
        |segment: &str| segment.split_once(':').is_some_and(|(kind, id)| kind_holds(kind) && id_holds(id.as_bytes()));
    text.len() <= limits::RESOURCE && text.split('/').count() <= limits::RESOURCE_DEPTH && text.split('/').all(segment)
}

fn kind_holds(kind: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    !kind.is_empty() && kind.len() <= 32 && kind.bytes().all(word)
}

#[inline]
fn id_holds(id: &[u8]) -> bool {
    let plain = |b: &u8| ID.get(usize::from(*b)).copied().unwrap_or(false);
    !id.is_empty() && id.len() <= limits::RESOURCE_ID && id.iter().all(plain) && !matches!(id, b"." | b"..")
}

/// The realm of a resource: its first segment.
#[inline]
pub(crate) fn realm_of(resource: &str) -> &str {
    resource.split_once('/').map_or(resource, |(realm, _)| realm)
}

/// Whether a resource is the scope or lies below it, by whole segments: `org:a` does not cover `org:ab`.
#[inline]
pub(crate) fn covers(scope: &str, resource: &str) -> bool {
    resource.as_bytes().strip_prefix(scope.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

/// A resource and everything above it, from the resource up to its realm.
pub(crate) fn upwards(resource: &str) -> impl Iterator<Item = &str> {
    core::iter::successors(Some(resource), |resource| resource.rsplit_once('/').map(|(above, _)| above))
}

/// A resource in which ids may be `{parameter}`, for guards: split once, filled in per request.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// Literal text and the name of the parameter behind it.
    parts: Vec<(String, Option<String>)>,
    pub(crate) kind: Kind,
}

impl Template {
    /// # Errors
    /// `guard_template_invalid`.
    pub(crate) fn parse(text: &str, kinds: &Kinds) -> Result<Self, Error> {
        let invalid = || Error::new(Code::GuardTemplateInvalid).at("resource");
        let mut parts = Vec::new();
        let mut sample = String::new();
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}').ok_or_else(invalid)?;
            let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            // A parameter is a whole id: a colon before it, a slash or the end behind it.
            let whole = literal.ends_with(':') && (behind.is_empty() || behind.starts_with('/'));
            if name.is_empty() || !name.bytes().all(word) || !whole {
                return Err(invalid());
            }
            parts.push((String::from(literal), Some(String::from(name))));
            sample.push_str(literal);
            sample.push('x');
            rest = behind;
        }
        parts.push((String::from(rest), None));
        sample.push_str(rest);
        let kind = kinds.kind_of(&sample).ok_or_else(invalid)?;
        Ok(Template { parts, kind })
    }

    /// The resource itself, when the template has no parameter.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [(text, None)] => Some(text),
            _ => None,
        }
    }

    /// Names of the parameters, in order.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|(_, name)| name.as_deref())
    }

    /// Fills the parameters in and writes the resource to the buffer; `None` when it does not fit. What is filled in
    /// is checked with the resource as a whole, so a parameter that holds `/` or `:` makes an invalid resource.
    ///
    /// # Errors
    /// `guard_parameter_missing`, `guard_parameter_unknown`.
    pub(crate) fn fill<'b>(&self, parameters: &[(&str, &str)], buffer: &'b mut [u8]) -> Result<Option<&'b str>, Error> {
        if let Some(index) = parameters.iter().position(|(name, _)| !self.parameters().any(|known| known == *name)) {
            return Err(
                Error::new(Code::GuardParameterUnknown).at(alloc::format!("parameter {}", index.saturating_add(1)))
            );
        }
        let mut length = 0usize;
        let mut write = |text: &[u8]| -> Option<()> {
            let end = length.checked_add(text.len())?;
            buffer.get_mut(length..end)?.copy_from_slice(text);
            length = end;
            Some(())
        };
        for (literal, name) in &self.parts {
            if write(literal.as_bytes()).is_none() {
                return Ok(None);
            }
            let Some(name) = name else { continue };
            let Some((_, value)) = parameters.iter().find(|(known, _)| known == name) else {
                return Err(Error::new(Code::GuardParameterMissing).at(name.clone()));
            };
            // An id holds neither: the number of segments is fixed by the template.
            if value.contains(['/', ':']) || write(value.as_bytes()).is_none() {
                return Ok(None);
            }
        }
        Ok(buffer.get(..length).and_then(|bytes| core::str::from_utf8(bytes).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Kinds {
        Kinds::of(&[("org", ""), ("db", "org"), ("table", "db")]).unwrap()
    }

    #[test]
    fn resources_follow_the_tree_of_kinds() {
        let kinds = kinds();
        for good in ["org:a", "org:a/db:1", "org:a/db:1/table:t"] {
            assert!(kinds.check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "org",
            "org:",
            "db:1",
            "org:a/",
            "org:a//db:1",
            "org:a/table:t",
            "org:*",
            "org:a/../b",
            "org:..",
            "org:a/db:1/",
            "org:a b",
            "ORG:a",
        ] {
            assert!(kinds.check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn trees_of_kinds_hold_together() {
        assert!(Kinds::of(&[("a", ""), ("b", "")]).is_err());
        assert!(Kinds::of(&[("a", "b"), ("b", "a")]).is_err());
        assert!(Kinds::of(&[("r", ""), ("a", "b"), ("b", "a")]).is_err());
        assert!(Kinds::of(&[("a", ""), ("b", "c")]).is_err());
    }

    #[test]
    fn ancestry_is_by_segment() {
        assert!(covers("org:a", "org:a"));
        assert!(covers("org:a", "org:a/db:1"));
        assert!(!covers("org:a", "org:ab"));
        assert!(!covers("org:a/db:1", "org:a"));
        assert!(upwards("org:a/db:1/table:t").eq(["org:a/db:1/table:t", "org:a/db:1", "org:a"]));
    }

    #[test]
    fn templates_fill_whole_ids() {
        let kinds = kinds();
        let template = Template::parse("org:{org}/db:{db}", &kinds).unwrap();
        let mut buffer = [0; limits::RESOURCE];
        assert_eq!(template.fill(&[("org", "a"), ("db", "1")], &mut buffer), Ok(Some("org:a/db:1")));
        assert_eq!(template.fill(&[("org", "a"), ("db", "1/table:t")], &mut buffer), Ok(None));
        assert_eq!(template.fill(&[("org", "a")], &mut buffer).unwrap_err().code(), "guard_parameter_missing");
        assert!(Template::parse("org:x{org}", &kinds).is_err());
        assert!(Template::parse("org:{org}/{kind}:1", &kinds).is_err());
    }
}

//! Roles: named sets of permissions, optionally limited to resource patterns.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::permission::PermissionSet;
use crate::resource::ResourcePattern;

/// The number of a role within one registry. A role made again under the same name gets another number, so nothing
/// that held the old one holds the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RoleId(pub(crate) u32);

/// What a role says, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleText {
    pub(crate) name: Arc<str>,
    pub(crate) description: String,
    /// Names of permissions, `*` for all.
    pub(crate) permissions: Vec<Arc<str>>,
    pub(crate) resources: Option<Vec<ResourcePattern>>,
}

/// A role: what it says, and what that means to a decision.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) text: RoleText,
    /// The realm a custom role belongs to; none for predefined ones.
    pub(crate) realm: Option<u32>,
    /// A deleted role stays as an empty place, so that its number is not given again.
    pub(crate) deleted: bool,
    pub(crate) set: PermissionSet,
}

impl Role {
    /// Whether the role's own patterns admit a resource.
    #[inline]
    pub(crate) fn admits(&self, resource: &str) -> bool {
        match &self.text.resources {
            None => true,
            Some(patterns) => patterns.iter().any(|pattern| pattern.matches(resource)),
        }
    }

    /// Whether the role's own patterns admit all that a pattern matches.
    pub(crate) fn admits_all(&self, wanted: &ResourcePattern) -> bool {
        match &self.text.resources {
            None => true,
            Some(patterns) => patterns.iter().any(|pattern| pattern.covers(wanted)),
        }
    }
}

/// A role held at a resource: what one binding, or one role given at issue, grants.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Grant {
    pub(crate) role: RoleId,
    /// The resource; the grant covers it and all below.
    pub(crate) scope: Arc<str>,
}

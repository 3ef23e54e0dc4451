//! Realms: the boundary in which tokens are issued and valid.

use alloc::sync::Arc;

use crate::digest::TokenId;
use crate::instant::Instant;
use crate::ordered::{Ordered, OrderedSet};
use crate::password::PasswordHash;
use crate::policy::Settings;
use crate::role::{Grant, RoleId};
use crate::subject::SubjectId;

/// A user of a realm.
#[derive(Clone)]
pub(crate) struct User {
    /// The revision that added it; a user added again is another one.
    pub(crate) since: u64,
    pub(crate) created_at: Instant,
    pub(crate) password: Option<PasswordHash>,
}

/// A role bound at a resource to subjects.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) role: RoleId,
    pub(crate) resource: Arc<str>,
    pub(crate) subjects: OrderedSet<SubjectId>,
    pub(crate) created_at: Instant,
    pub(crate) created_by: Arc<str>,
}

/// A realm. Its maps share what two states have in common, so that a copy costs nothing to speak of.
#[derive(Clone)]
pub(crate) struct Realm {
    pub(crate) name: Arc<str>,
    pub(crate) created_at: Instant,
    pub(crate) settings: Settings,
    /// Custom roles by name.
    pub(crate) roles: Ordered<Arc<str>, RoleId>,
    /// By the revision that made them.
    pub(crate) bindings: Ordered<u64, Binding>,
    /// The binding of a role at a resource: there is one at most.
    pub(crate) places: Ordered<(RoleId, Arc<str>), u64>,
    pub(crate) users: Ordered<Arc<str>, User>,
    /// Users that were deleted, and how many tokens there were then: of these, a later bearer of the name issued none.
    pub(crate) departed: Ordered<Arc<str>, u32>,
    /// Subjects of users, services and claims, as they are written.
    pub(crate) principals: Ordered<Arc<str>, SubjectId>,
    /// Subjects that tokens share which were given the same at issue.
    pub(crate) shared: Ordered<Arc<[Grant]>, SubjectId>,
    /// The newest token of a name, in lower case: names that differ in case only are one name.
    pub(crate) names: Ordered<Arc<str>, TokenId>,
    /// Resources made by `create_resource`.
    pub(crate) resources: OrderedSet<Arc<str>>,
}

impl Realm {
    pub(crate) fn new(name: Arc<str>, created_at: Instant, settings: Settings) -> Self {
        Realm {
            name,
            created_at,
            settings,
            roles: Ordered::default(),
            bindings: Ordered::default(),
            places: Ordered::default(),
            users: Ordered::default(),
            departed: Ordered::default(),
            principals: Ordered::default(),
            shared: Ordered::default(),
            names: Ordered::default(),
            resources: OrderedSet::default(),
        }
    }
}

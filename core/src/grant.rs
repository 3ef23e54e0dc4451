//! Granting: nobody gives what they do not hold.

use alloc::sync::Arc;

use crate::error::{Code, Error};
use crate::realm::Realm;
use crate::registry::Registry;
use crate::resource::{self, ResourcePattern};
use crate::role::{Grant, Role};
use crate::session::Holder;
use crate::subject::Subject;

impl Registry {
    /// Refuses unless the holder's own rights cover a role at a resource: each permission of the role, wherever the
    /// role's patterns below the resource reach. A star is covered only by a star, of permissions as of ids.
    ///
    /// # Errors
    /// `escalation_denied`.
    pub(crate) fn cover_role(&self, holder: &Holder<'_>, realm: &Realm, role: &Role, scope: &str) -> Result<(), Error> {
        self.cover(holder, realm, &role.text.permissions, role.text.resources.as_deref(), scope)
    }

    /// Refuses unless the holder's own rights cover all that a subject has: who hands out a secret of it, or the means to
    /// log in as it, gives these rights.
    ///
    /// # Errors
    /// `escalation_denied`.
    pub(crate) fn cover_subject(&self, holder: &Holder<'_>, realm: &Realm, subject: &Subject) -> Result<(), Error> {
        let mut roles = subject
            .grants
            .iter()
            .filter_map(|grant| Some((self.role(grant.role).filter(|role| !role.deleted)?, &grant.scope)));
        roles.try_for_each(|(role, scope)| self.cover_role(holder, realm, role, scope))
    }

    /// As [`Registry::cover_role`], for a role that is not made yet.
    ///
    /// # Errors
    /// `escalation_denied`.
    pub(crate) fn cover(
        &self,
        holder: &Holder<'_>,
        realm: &Realm,
        permissions: &[Arc<str>],
        patterns: Option<&[ResourcePattern]>,
        scope: &str,
    ) -> Result<(), Error> {
        if self.escalates(holder, realm) {
            return Ok(());
        }
        let denied = Err(Error::new(Code::EscalationDenied));
        let Holder::Subject(subject) = holder else { return denied };
        let everything = [ResourcePattern::everything_at(scope)];
        let wanted = patterns.unwrap_or(&everything);
        let given = |permission: &str, pattern: &ResourcePattern| {
            subject.grants.iter().any(|grant| self.grant_covers(grant, permission, pattern, scope))
        };
        let covered =
            !subject.removed && permissions.iter().all(|name| wanted.iter().all(|pattern| given(name, pattern)));
        if covered { Ok(()) } else { denied }
    }

    /// Whether one grant gives a permission on all that a pattern matches within a scope.
    fn grant_covers(&self, grant: &Grant, permission: &str, pattern: &ResourcePattern, scope: &str) -> bool {
        let Some(role) = self.role(grant.role) else { return false };
        let held = match permission {
            "*" => role.set.all,
            name => role.set.all || self.permissions.find(name).is_some_and(|permission| role.set.holds(permission)),
        };
        // The scope narrows the wanted pattern: what lies outside it is not given.
        let within =
            resource::covers(&grant.scope, scope) || ResourcePattern::everything_at(&grant.scope).covers(pattern);
        held && within && role.admits_all(pattern)
    }
}

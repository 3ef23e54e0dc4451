//! Settling a policy: its permissions and roles take their numbers, custom roles are compiled anew.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::{Code, Error};
use crate::permission::{self, Applies, PermissionSet};
use crate::registry::Registry;
use crate::role::Role;

impl Registry {
    pub(in crate::registry) fn settle_policy(&mut self) -> Result<(), Error> {
        let policy = self.policy.clone();
        let permissions = Arc::make_mut(&mut self.permissions);
        let known: Vec<_> = permissions.iter().map(|(_, permission, applies)| (permission, applies)).collect();
        for (permission, applies) in known {
            let kept = applies == Applies::Anywhere && policy.open_permissions;
            permissions.place(permission, if kept { applies } else { Applies::Nowhere });
        }
        for (name, kind) in &policy.permissions {
            let permission = permissions.intern(name, Applies::On(*kind))?;
            permissions.place(permission, Applies::On(*kind));
        }
        for index in 0..self.roles.len() {
            // What is deleted stays deleted, even where the policy has a role of the name again.
            let Some(role) = self.roles.get(index).cloned().flatten().filter(|role| !role.deleted) else { continue };
            let text = if role.realm.is_some() { Some(&role.text) } else { policy.role(&role.text.name) };
            let settled = match text {
                Some(text) => {
                    let set = self.compile(&text.permissions);
                    Role { text: text.clone(), realm: role.realm, deleted: false, set }
                }
                None => Role { deleted: true, set: PermissionSet::default(), ..(*role).clone() },
            };
            if let Some(place) = self.roles.get_mut(index) {
                *place = Some(Arc::new(settled));
            }
        }
        for text in &policy.roles {
            if self.predefined_role(&text.name).is_none() {
                let set = self.compile(&text.permissions);
                self.roles.push(Some(Arc::new(Role { text: text.clone(), realm: None, deleted: false, set })));
            }
        }
        Ok(())
    }

    /// What a list of names means. A name that the policy no longer has means nothing.
    pub(in crate::registry) fn compile(&self, names: &[Arc<str>]) -> PermissionSet {
        if names.iter().any(|name| &**name == "*") {
            return PermissionSet::star();
        }
        let known = names.iter().filter_map(|name| self.permissions.find(name));
        known.filter(|permission| self.permissions.applies(*permission) != Applies::Nowhere).collect()
    }

    /// Gives numbers to permissions that a custom role brings in, where the policy lets it.
    ///
    /// # Errors
    /// `permission_unknown`, `permission_invalid`, `too_many`.
    pub(in crate::registry) fn know_permissions(&mut self, names: &[alloc::string::String]) -> Result<(), Error> {
        for name in names.iter().filter(|name| *name != "*") {
            let known = self
                .permissions
                .find(name)
                .is_some_and(|permission| self.permissions.applies(permission) != Applies::Nowhere);
            if known {
                continue;
            }
            if !self.policy.open_permissions {
                return Err(Error::new(Code::PermissionUnknown).at("permissions"));
            }
            permission::check(name)?;
            let permissions = Arc::make_mut(&mut self.permissions);
            let permission = permissions.intern(name, Applies::Anywhere)?;
            permissions.place(permission, Applies::Anywhere);
        }
        Ok(())
    }
}

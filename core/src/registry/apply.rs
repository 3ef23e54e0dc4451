//! Folding events into the registry. Events from a log pass the same checks as calls.

mod bindings;
mod imports;
mod policy;
mod tokens;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Registry;
use crate::error::{Code, Error};
use crate::event::{Change, Event, RoleChange};
use crate::name;
use crate::policy::Policy;
use crate::principal::{Principal, PrincipalKind};
use crate::realm::{Realm, User};
use crate::resource::{self, ResourcePattern};
use crate::role::{Role, RoleId, RoleText};
use crate::subject::{Subject, SubjectId};

impl Registry {
    /// Applies the next event.
    ///
    /// After an error the registry is of no use: shells apply to a copy and drop it.
    ///
    /// # Errors
    /// `event_invalid` when it is not the next one or does not fit the state; the errors of names, resources,
    /// patterns and roles.
    pub fn apply(&mut self, event: &Event) -> Result<(), Error> {
        if let Change::Elsewhere { after, permissions } = &event.change {
            return self.pass(*after, event.revision, permissions);
        }
        if event.revision != self.revision.saturating_add(1) {
            return Err(Error::new(Code::EventInvalid).at("revision"));
        }
        self.revision = event.revision;
        if let Change::PolicySet { policy } = &event.change {
            self.policy = Arc::new(Policy::from_document(policy)?);
            return self.settle_policy();
        }
        let name = event.realm.clone().ok_or(Error::new(Code::EventInvalid).at("realm"))?;
        if self.narrow && !self.realm_numbers.contains(&name) {
            return self.know_permissions(event.change.permissions());
        }
        if let Change::RealmCreated { settings } = &event.change {
            self.policy.kinds.check_realm(&name).map_err(|error| error.at("realm"))?;
            let number = u32::try_from(self.realms.len()).map_err(|_| Error::new(Code::TooMany))?;
            if self.realm_numbers.insert(name.clone(), number).is_some() {
                return Err(Error::new(Code::RealmExists).at("realm"));
            }
            self.realms.push(Some(Arc::new(Realm::new(name, event.at, *settings))));
            return Ok(());
        }
        let realm = self.realm_number(&name)?;
        self.apply_in(realm, event)
    }

    /// Passes over what concerns other realms than the one that this is a part for. It says where it begins, so that a gap
    /// is seen: what is missing may be a revocation.
    fn pass(&mut self, after: u64, until: u64, permissions: &[String]) -> Result<(), Error> {
        if !self.narrow {
            return Err(Error::new(Code::EventInvalid).at("change"));
        }
        if after != self.revision || until <= after {
            return Err(Error::new(Code::EventInvalid).at("revision"));
        }
        self.revision = until;
        self.know_permissions(permissions)
    }

    fn apply_in(&mut self, realm: u32, event: &Event) -> Result<(), Error> {
        match &event.change {
            Change::PolicySet { .. } | Change::RealmCreated { .. } | Change::Elsewhere { .. } => {
                Err(Error::new(Code::EventInvalid).at("change"))
            }
            Change::SettingsUpdated { settings } => {
                self.realm_mut(realm)?.settings = *settings;
                Ok(())
            }
            Change::UserAdded { user, password } => {
                Principal::user(user)?;
                let added = User { since: event.revision, created_at: event.at, password: password.clone() };
                match self.realm_mut(realm)?.users.insert(Arc::from(user.as_str()), added) {
                    None => Ok(()),
                    Some(_) => Err(Error::new(Code::UserExists).at("user")),
                }
            }
            Change::PasswordSet { user, password } => {
                let known = self.realm_mut(realm)?.users.get_mut(user.as_str());
                known.ok_or(Error::new(Code::UserNotFound).at("user"))?.password.clone_from(password);
                Ok(())
            }
            Change::UserDeleted { user } => self.remove_user(realm, user),
            Change::RoleCreated(role) => self.create_role(realm, role),
            Change::RoleUpdated(role) => self.update_role(realm, role),
            Change::RoleDeleted { role } => self.delete_role(realm, role),
            Change::Bound { role, resource, subjects, replace } => {
                self.bind(realm, event, (role, resource), subjects, *replace)
            }
            Change::Unbound { binding, subjects } => self.unbind(realm, *binding, subjects.as_deref()),
            Change::TokenIssued(token) => self.issue(realm, event, token),
            Change::TokenImported(import) => self.import(realm, event, import),
            Change::TokensRehashed { tokens } => self.rehash(realm, tokens),
            Change::TokenRotated { id, ends_at, new_id, digest, expires_at } => {
                self.rotate(realm, event, (*id, *ends_at), (*new_id, *digest, *expires_at))
            }
            Change::TokenDisabled { id } => self.slot_of(realm, *id).map(|slot| slot.set_disabled(true)),
            Change::TokenEnabled { id } => self.slot_of(realm, *id).map(|slot| slot.set_disabled(false)),
            Change::TokenRevoked { id } => self.revoke(realm, *id),
            Change::TokensUsed { used } => self.note_use(realm, used),
            Change::ResourceCreated { resource } => {
                self.check_resource(realm, resource)?;
                if self.realm_mut(realm)?.resources.add(Arc::from(resource.as_str())) {
                    Ok(())
                } else {
                    Err(Error::new(Code::ResourceExists).at("resource"))
                }
            }
            Change::ResourceDeleted { resource } => self.delete_resource(realm, resource),
        }
    }

    pub(super) fn realm_mut(&mut self, number: u32) -> Result<&mut Realm, Error> {
        let realm = self.realms.get_mut(number as usize).and_then(Option::as_mut);
        realm.map(Arc::make_mut).ok_or(Error::new(Code::RealmNotFound).at("realm"))
    }

    /// # Errors
    /// `resource_invalid` unless the resource is the realm or below it.
    pub(super) fn check_resource(&self, realm: u32, text: &str) -> Result<(), Error> {
        let (text, _) = self.policy.kinds.check(text).map_err(|error| error.at("resource"))?;
        let inside = self.realm(realm).is_some_and(|realm| resource::covers(&realm.name, text));
        if inside { Ok(()) } else { Err(Error::new(Code::ResourceInvalid).at("resource")) }
    }

    fn add_subject(&mut self, subject: Subject) -> Result<SubjectId, Error> {
        let number = u32::try_from(self.subjects.len()).map_err(|_| Error::new(Code::TooMany))?;
        self.subjects.push(subject);
        Ok(number)
    }

    /// The subject of a user, service or claim, made when it is first named.
    fn principal_subject(&mut self, realm: u32, text: &str) -> Result<SubjectId, Error> {
        let principal = Principal::parse(text)?;
        if principal.kind() == PrincipalKind::Token {
            return Err(Error::new(Code::EventInvalid).at("subjects"));
        }
        if let Some(known) = self.realm_mut(realm)?.principals.get(text) {
            return Ok(*known);
        }
        let name: Arc<str> = Arc::from(text);
        let number = self.add_subject(Subject { realm, principal: Some(name.clone()), ..Subject::default() })?;
        self.realm_mut(realm)?.principals.insert(name, number);
        Ok(number)
    }

    fn remove_user(&mut self, realm: u32, user: &str) -> Result<(), Error> {
        if self.realm_mut(realm)?.users.remove(user).is_none() {
            return Err(Error::new(Code::UserNotFound).at("user"));
        }
        let tokens = self.table.len();
        self.realm_mut(realm)?.departed.insert(Arc::from(user), tokens);
        let principal = Principal::user(user)?;
        let Some(number) = self.realm_mut(realm)?.principals.remove(&*alloc::format!("{principal}")) else {
            return Ok(());
        };
        self.detach(realm, number)?;
        if let Some(subject) = self.subjects.get_mut(number as usize) {
            subject.removed = true;
        }
        Ok(())
    }

    fn role_text(&mut self, realm: u32, change: &RoleChange) -> Result<RoleText, Error> {
        let name = name::check_role(&change.name)?;
        let realm_name = self.realm_mut(realm)?.name.clone();
        if change.permissions.is_empty() {
            return Err(Error::new(Code::PermissionsEmpty).at("permissions"));
        }
        let resources = change.resources.as_ref().map(|patterns| {
            patterns.iter().map(|text| ResourcePattern::parse(text, &self.policy.kinds)).collect::<Result<Vec<_>, _>>()
        });
        let resources = resources.transpose()?;
        if resources.iter().flatten().any(|pattern| pattern.realm() != &*realm_name && !pattern.realm().ends_with('*'))
        {
            return Err(Error::new(Code::ResourcePatternInvalid).at("resources"));
        }
        self.know_permissions(&change.permissions)?;
        Ok(RoleText {
            name: Arc::from(name),
            description: name::check_description(&change.description)?.into(),
            permissions: change.permissions.iter().map(|name| Arc::from(name.as_str())).collect(),
            resources,
        })
    }

    fn create_role(&mut self, realm: u32, change: &RoleChange) -> Result<(), Error> {
        let text = self.role_text(realm, change)?;
        let name = text.name.clone();
        let number = RoleId(u32::try_from(self.roles.len()).map_err(|_| Error::new(Code::TooMany))?);
        let known = self.realm(realm).and_then(|realm| self.find_role(realm, &name));
        if known.is_some() {
            return Err(Error::new(Code::RoleExists).at("name"));
        }
        let set = self.compile(&text.permissions);
        self.roles.push(Some(Arc::new(Role { text, realm: Some(realm), deleted: false, set })));
        self.realm_mut(realm)?.roles.insert(name, number);
        Ok(())
    }

    fn update_role(&mut self, realm: u32, change: &RoleChange) -> Result<(), Error> {
        let text = self.role_text(realm, change)?;
        let number = self.custom_role(realm, &change.name)?;
        let set = self.compile(&text.permissions);
        if let Some(role) = self.roles.get_mut(number.0 as usize) {
            *role = Some(Arc::new(Role { text, realm: Some(realm), deleted: false, set }));
        }
        Ok(())
    }

    fn custom_role(&mut self, realm: u32, name: &str) -> Result<RoleId, Error> {
        self.realm_mut(realm)?.roles.get(name).copied().ok_or(Error::new(Code::RoleNotFound).at("name"))
    }

    fn delete_role(&mut self, realm: u32, name: &str) -> Result<(), Error> {
        let number = self.custom_role(realm, name)?;
        let of_role = self.realm_mut(realm)?.places.iter().filter(|((role, _), _)| *role == number);
        let bindings: Vec<u64> = of_role.map(|(_, binding)| *binding).collect();
        for binding in bindings {
            self.unbind(realm, binding, None)?;
        }
        self.realm_mut(realm)?.roles.remove(name);
        if let Some(Some(role)) = self.roles.get_mut(number.0 as usize) {
            let role = Arc::make_mut(role);
            role.deleted = true;
            role.set = crate::permission::PermissionSet::default();
        }
        Ok(())
    }
}

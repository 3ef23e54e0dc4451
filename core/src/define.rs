//! Defining roles: custom ones, made at run time in a realm and held by reference.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::{Change, RoleChange};
use crate::instant::Instant;
use crate::limits;
use crate::name;
use crate::permission;
use crate::policy::Operation;
use crate::realm::Realm;
use crate::registry::Registry;
use crate::resource::ResourcePattern;
use crate::role::Role;
use crate::session::Session;

impl Registry {
    /// `create_role {name, permissions, description?, resources?}`
    pub(crate) fn create_role_for(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let name = role_name(required("name", fields.text("name")?)?)?;
        let description = description(&mut fields)?.unwrap_or_default();
        let permissions = required("permissions", self.permissions_field(&mut fields)?)?;
        let realm = self.realm_of(session)?;
        let resources = self.resources_field(realm, &mut fields)?;
        fields.finish()?;
        if !self.policy.custom_roles {
            return Err(Error::new(Code::CustomRolesOff));
        }
        let change = RoleChange { name: name.to_string(), description, permissions, resources };
        let now = Instant::of_clock(context.now)?;
        self.permit(session, Operation::RoleCreate, &realm.name, now)?;
        if self.find_role(realm, name).is_some() {
            return Err(Error::new(Code::RoleExists).at("name"));
        }
        self.cover_change(session, realm, &change, now)?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::RoleCreated(change))?;
        Ok(answer_role(draft, session, name))
    }

    /// `update_role {name, permissions?, description?, resources?}`: what is not said stays. Every token that holds
    /// the role holds the new rights at once.
    pub(crate) fn update_role_for(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let name = role_name(required("name", fields.text("name")?)?)?;
        let description = description(&mut fields)?;
        let permissions = self.permissions_field(&mut fields)?;
        let realm = self.realm_of(session)?;
        let resources = self.resources_field(realm, &mut fields)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        self.permit(session, Operation::RoleUpdate, &realm.name, now)?;
        let text = &self.custom_role_of(realm, name)?.text;
        let change = RoleChange {
            name: name.to_string(),
            description: description.unwrap_or_else(|| text.description.clone()),
            permissions: permissions.unwrap_or_else(|| text.permissions.iter().map(ToString::to_string).collect()),
            resources: resources.or_else(|| {
                text.resources.as_ref().map(|patterns| patterns.iter().map(|p| p.as_str().to_string()).collect())
            }),
        };
        self.cover_change(session, realm, &change, now)?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::RoleUpdated(change))?;
        Ok(answer_role(draft, session, name))
    }

    /// `delete_role {name}`: the rights it gave end at once.
    pub(crate) fn delete_role_for(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let name = required("name", fields.text("name")?)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.permit(session, Operation::RoleDelete, &realm.name, now)?;
        self.custom_role_of(realm, name)?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::RoleDeleted { role: name.to_string() })?;
        Ok(draft.document(Document::Null))
    }

    /// `roles {}`: predefined ones in the policy's order, then custom ones by name.
    pub(crate) fn list_roles(
        &self,
        session: &Session,
        fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.permit(session, Operation::RoleRead, &realm.name, now)?;
        let predefined =
            self.policy.roles.iter().filter_map(|role| self.predefined_role(&role.name)).filter_map(|id| self.role(id));
        let custom = realm.roles.values().filter_map(|id| self.role(*id));
        let documents = predefined.chain(custom).map(role_document).collect();
        Ok(Draft::new(self, session, now).document(Document::List(documents)))
    }

    fn custom_role_of(&self, realm: &Realm, name: &str) -> Result<&Role, Error> {
        if let Some(role) = realm.roles.get(name).and_then(|id| self.role(*id)) {
            return Ok(role);
        }
        let code = if self.predefined_role(name).is_some() { Code::RolePredefined } else { Code::RoleNotFound };
        Err(Error::new(code).at("name"))
    }

    fn cover_change(&self, session: &Session, realm: &Realm, change: &RoleChange, now: Instant) -> Result<(), Error> {
        let holder = self.holder(session, now)?;
        let permissions: Vec<Arc<str>> = change.permissions.iter().map(|name| Arc::from(name.as_str())).collect();
        let patterns = change.resources.as_ref().map(|texts| {
            texts.iter().map(|text| ResourcePattern::parse(text, &self.policy.kinds)).collect::<Result<Vec<_>, _>>()
        });
        let patterns = patterns.transpose()?;
        self.cover(&holder, realm, &permissions, patterns.as_deref(), &realm.name)
            .map_err(|error| error.at("permissions"))
    }

    fn permissions_field(&self, fields: &mut Fields<'_>) -> Result<Option<Vec<String>>, Error> {
        let Some(names) = fields.texts("permissions")? else { return Ok(None) };
        if names.is_empty() {
            return Err(Error::new(Code::PermissionsEmpty).at("permissions"));
        }
        if names.len() > limits::PERMISSIONS {
            return Err(Error::new(Code::TooMany).at("permissions"));
        }
        for (index, name) in names.iter().enumerate().filter(|(_, name)| **name != "*") {
            let place = || alloc::format!("permissions[{index}]");
            permission::check(name).map_err(|error| error.at(place()))?;
            if self.permissions.find(name).is_none() && !self.policy.open_permissions {
                return Err(Error::new(Code::PermissionUnknown).at(place()));
            }
        }
        Ok(Some(names.into_iter().map(ToString::to_string).collect()))
    }

    fn resources_field(&self, realm: &Realm, fields: &mut Fields<'_>) -> Result<Option<Vec<String>>, Error> {
        let Some(texts) = fields.texts("resources")? else { return Ok(None) };
        if texts.is_empty() {
            return Err(Error::new(Code::ListEmpty).at("resources"));
        }
        if texts.len() > limits::RESOURCE_PATTERNS {
            return Err(Error::new(Code::TooMany).at("resources"));
        }
        for (index, text) in texts.iter().enumerate() {
            let place = || alloc::format!("resources[{index}]");
            let pattern = ResourcePattern::parse(text, &self.policy.kinds).map_err(|error| error.at(place()))?;
            if pattern.realm() != &*realm.name && !pattern.realm().ends_with(":*") {
                return Err(Error::new(Code::ResourcePatternInvalid)
                    .at(place())
                    .expected("a pattern within the realm"));
            }
        }
        Ok(Some(texts.into_iter().map(ToString::to_string).collect()))
    }
}

fn role_name(name: &str) -> Result<&str, Error> {
    name::check_role(name).map_err(|error| error.at("name"))
}

fn description(fields: &mut Fields<'_>) -> Result<Option<String>, Error> {
    let Some(text) = fields.text("description")? else { return Ok(None) };
    name::check_description(text).map(|text| Some(text.to_string())).map_err(|error| error.at("description"))
}

fn answer_role(draft: Draft<'_>, session: &Session, name: &str) -> Performed {
    let registry = &draft.registry;
    let role = registry.realm(session.realm).and_then(|realm| realm.roles.get(name)).and_then(|id| registry.role(*id));
    let document = role.map_or(Document::Null, role_document);
    draft.document(document)
}

fn role_document(role: &Role) -> Document {
    let resources =
        role.text.resources.as_ref().map(|patterns| Document::texts(patterns.iter().map(ResourcePattern::as_str)));
    Document::map([
        ("name", Document::from(&*role.text.name)),
        ("description", Document::from(role.text.description.as_str())),
        ("permissions", Document::texts(&role.text.permissions)),
        ("resources", resources.unwrap_or(Document::Null)),
        ("predefined", Document::Bool(role.realm.is_none())),
    ])
}

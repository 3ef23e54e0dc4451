//! What a session does with roles and bindings, and asks of rights.

use tokenward::{Document, Error};

use super::{Arguments, Session, texts};
use crate::records::{self, Binding, Role};

/// A custom role in the making.
///
/// ```
/// use tokenward_host::RoleDefinition;
/// let role = RoleDefinition::named("Reader").permissions(["db-table-select"]).resources(["organization:acme/database:*"]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RoleDefinition {
    name: String,
    description: Option<String>,
    permissions: Option<Vec<String>>,
    resources: Option<Vec<String>>,
}

impl RoleDefinition {
    /// A role of a name.
    pub fn named(name: impl Into<String>) -> Self {
        RoleDefinition { name: name.into(), ..RoleDefinition::default() }
    }

    /// A text for people.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Names of its permissions; `*` for all, now and later.
    pub fn permissions<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.permissions = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Patterns of the resources it is limited to.
    pub fn resources<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.resources = Some(patterns.into_iter().map(Into::into).collect());
        self
    }

    fn arguments(self) -> Arguments {
        Arguments::default()
            .text("name", &self.name)
            .with("description", self.description.as_deref().map(Document::from))
            .with("permissions", self.permissions.map(texts))
            .with("resources", self.resources.map(texts))
    }
}

impl Session {
    /// Makes a custom role.
    ///
    /// # Errors
    /// `custom_roles_off`, `role_exists`, `permission_unknown`, `permissions_empty`, `resource_pattern_invalid`,
    /// `escalation_denied`.
    pub fn create_role(&self, role: RoleDefinition) -> Result<Role, Error> {
        records::one(&self.ask("create_role", role.arguments())?)
    }

    /// Changes a custom role; what is not said stays. Every holder has the new rights at once.
    ///
    /// # Errors
    /// `role_not_found`, `role_predefined`; as [`Session::create_role`].
    pub fn update_role(&self, role: RoleDefinition) -> Result<Role, Error> {
        records::one(&self.ask("update_role", role.arguments())?)
    }

    /// Deletes a custom role; the rights it gave end at once.
    ///
    /// # Errors
    /// `role_not_found`, `role_predefined`.
    pub fn delete_role(&self, name: &str) -> Result<(), Error> {
        self.ask("delete_role", Arguments::default().text("name", name)).map(|_| ())
    }

    /// The roles of the realm: predefined ones, then custom ones.
    ///
    /// # Errors
    /// As every method.
    pub fn roles(&self) -> Result<Vec<Role>, Error> {
        records::list(&self.ask("roles", Arguments::default())?)
    }

    /// Binds a role at a resource to subjects, beside those it is bound to already.
    ///
    /// # Errors
    /// `role_not_found`, `resource_invalid`, `principal_invalid`, `token_not_found`, `subject_not_bindable`,
    /// `escalation_denied`, `bindings_limit`.
    pub fn bind<T: AsRef<str>>(
        &self,
        role: &str,
        at: &str,
        subjects: impl IntoIterator<Item = T>,
    ) -> Result<Binding, Error> {
        self.bind_with(role, at, texts(subjects), false)
    }

    /// Binds a role at a resource to these subjects and no others.
    ///
    /// # Errors
    /// As [`Session::bind`].
    pub fn rebind<T: AsRef<str>>(
        &self,
        role: &str,
        at: &str,
        subjects: impl IntoIterator<Item = T>,
    ) -> Result<Binding, Error> {
        self.bind_with(role, at, texts(subjects), true)
    }

    fn bind_with(&self, role: &str, at: &str, subjects: Document, replace: bool) -> Result<Binding, Error> {
        let arguments = Arguments::default().text("role", role).text("at", at).with("subjects", subjects);
        records::one(&self.ask("bind", arguments.with("replace", Document::Bool(replace)))?)
    }

    /// Ends a binding.
    ///
    /// # Errors
    /// `binding_not_found`.
    pub fn unbind(&self, binding: &str) -> Result<(), Error> {
        self.ask("unbind", Arguments::default().text("binding", binding)).map(|_| ())
    }

    /// Takes subjects out of a binding; one without subjects ends.
    ///
    /// # Errors
    /// `binding_not_found`, `principal_invalid`, `token_not_found`.
    pub fn unbind_subjects<T: AsRef<str>>(
        &self,
        binding: &str,
        subjects: impl IntoIterator<Item = T>,
    ) -> Result<Option<Binding>, Error> {
        let left =
            self.ask("unbind", Arguments::default().text("binding", binding).with("subjects", texts(subjects)))?;
        if left == Document::Null { Ok(None) } else { records::one(&left).map(Some) }
    }

    /// The bindings of the realm.
    ///
    /// # Errors
    /// As every method.
    pub fn bindings(&self) -> Result<Vec<Binding>, Error> {
        records::list(&self.ask("bindings", Arguments::default())?)
    }

    /// Whether the session's principal holds a permission on a resource.
    ///
    /// # Errors
    /// As every method; what is unknown is simply not held.
    pub fn can(&self, permission: &str, resource: &str) -> Result<bool, Error> {
        let answer = self.ask("can", Arguments::default().text("permission", permission).text("resource", resource))?;
        Ok(answer == Document::Bool(true))
    }

    /// [`Session::can`] for many pairs of permission and resource, answered one by one.
    ///
    /// # Errors
    /// As [`Session::can`].
    pub fn can_many(&self, checks: &[(&str, &str)]) -> Result<Vec<bool>, Error> {
        let check = |(permission, resource): &(&str, &str)| {
            let entries = [("permission", *permission), ("resource", *resource)];
            Document::Map(entries.map(|(name, text)| (name.to_string(), Document::from(text))).into())
        };
        let checks = Document::List(checks.iter().map(check).collect());
        match self.ask("can_many", Arguments::default().with("checks", checks))? {
            Document::List(answers) => Ok(answers.iter().map(|answer| *answer == Document::Bool(true)).collect()),
            _ => Ok(Vec::new()),
        }
    }

    /// Who holds a permission on a resource: principals and live tokens, in alphabetical order.
    ///
    /// # Errors
    /// `permission_unknown`, `kind_mismatch`, `resource_invalid`.
    pub fn who_can(&self, permission: &str, resource: &str) -> Result<Vec<String>, Error> {
        let answer =
            self.ask("who_can", Arguments::default().text("permission", permission).text("resource", resource))?;
        Ok(records::texts(&answer))
    }
}

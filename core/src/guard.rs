//! Guards: a permission and a resource template, looked up once at start-up and used for every request.

use alloc::string::{String, ToString};
use alloc::sync::Arc;

use crate::authorize::Asked;
use crate::decision::Decision;
use crate::error::{Code, Error};
use crate::limits;
use crate::permission::{Applies, Permission};
use crate::policy::Policy;
use crate::registry::Registry;
use crate::resource::Template;

/// Bytes of most resources.
const SHORT: usize = 160;

/// A permission on a resource template such as `organization:{org}/database:{db}`, checked once.
#[derive(Clone, Debug)]
pub struct Guard {
    permission_name: String,
    template_text: String,
    permission: Permission,
    template: Template,
    /// The policy it was checked against. When the policy is replaced, it is checked again.
    policy: Arc<Policy>,
}

impl Guard {
    /// Checks a permission and a template.
    ///
    /// # Errors
    /// `permission_unknown` at `permission`; `guard_template_invalid` and `kind_mismatch` at `resource`.
    pub fn new(registry: &Registry, permission: &str, template: &str) -> Result<Self, Error> {
        let found =
            registry.permissions.find(permission).ok_or(Error::new(Code::PermissionUnknown).at("permission"))?;
        let parsed = Template::parse(template, &registry.policy.kinds)?;
        match registry.permissions.applies(found) {
            Applies::Nowhere => return Err(Error::new(Code::PermissionUnknown).at("permission")),
            Applies::On(kind) if kind != parsed.kind => return Err(Error::new(Code::KindMismatch).at("resource")),
            _ => {}
        }
        Ok(Guard {
            permission_name: permission.to_string(),
            template_text: template.to_string(),
            permission: found,
            template: parsed,
            policy: registry.policy.clone(),
        })
    }

    /// The permission it asks for.
    pub fn permission(&self) -> &str {
        &self.permission_name
    }

    /// The resource template.
    pub fn resource(&self) -> &str {
        &self.template_text
    }

    /// Names of the template's parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.template.parameters()
    }

    /// Decides a request, as [`Registry::authorize`] does. Nothing is looked up by name; without parameters nothing
    /// is parsed but the credential and the path.
    ///
    /// # Errors
    /// `guard_parameter_missing`, `guard_parameter_unknown`; those of [`Guard::new`] when the policy was replaced by
    /// one in which the guard does not hold.
    #[inline]
    pub fn authorize(
        &self,
        registry: &Registry,
        credential: Option<&str>,
        parameters: &[(&str, &str)],
        path: Option<&str>,
        now: u64,
    ) -> Result<Decision, Error> {
        if !Arc::ptr_eq(&self.policy, &registry.policy) {
            return Guard::new(registry, &self.permission_name, &self.template_text)?
                .authorize(registry, credential, parameters, path, now);
        }
        registry.fetch(credential);
        if let (Some(resource), []) = (self.template.constant(), parameters) {
            let asked = Asked { permission: self.permission, resource, kind: Some(self.template.kind) };
            return Ok(registry.decide(credential, asked, path, now));
        }
        let decide = |resource: &str| {
            let asked = Asked { permission: self.permission, resource, kind: registry.policy.kinds.kind_of(resource) };
            registry.decide(credential, asked, path, now)
        };
        // Most resources fit a buffer that costs little to clear.
        let mut short = [0; SHORT];
        if let Some(resource) = self.template.fill(parameters, &mut short)? {
            return Ok(decide(resource));
        }
        let mut long = [0; limits::RESOURCE];
        Ok(decide(self.template.fill(parameters, &mut long)?.unwrap_or_default()))
    }
}

//! Explaining a decision: which binding, role, resource and pattern allowed it, or the first step that failed and what
//! would have satisfied it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::authorize::Request;
use crate::decision::{Decision, Reason};
use crate::document::{Document, Fields, required};
use crate::error::Error;
use crate::path::{CanonicalPath, PathBuffer};
use crate::registry::{Registry, TokenView};
use crate::resource::{self, ResourcePattern};
use crate::role::{Grant, Role};

/// The steps of a decision, in order, and the reasons for which each one fails.
const STEPS: [(&str, &[Reason]); 7] = [
    ("clock", &[Reason::ClockImplausible, Reason::Stale, Reason::Unavailable]),
    ("credential", &[Reason::NoCredential, Reason::RequestMalformed, Reason::TokenMalformed]),
    ("path_form", &[Reason::PathInvalid]),
    (
        "token",
        &[
            Reason::TokenUnknown,
            Reason::SecretMismatch,
            Reason::TokenExpired,
            Reason::TokenNotYetValid,
            Reason::TokenRevoked,
            Reason::TokenDisabled,
            Reason::OwnerRemoved,
        ],
    ),
    ("realm", &[Reason::RealmMismatch, Reason::ApiAccessDisabled]),
    ("path", &[Reason::PathNotAllowed]),
    ("rights", &[Reason::PermissionUnknown, Reason::ResourceInvalid, Reason::PermissionMissing]),
];

impl Registry {
    /// `explain {credential, permission, resource, path?}` for the host's own eyes: the decision that
    /// [`Registry::authorize`] makes, its steps, and a remedy when it is a denial.
    pub(crate) fn explain_request(&self, mut fields: Fields<'_>, now: u64) -> Result<Document, Error> {
        let credential = match fields.optional("credential") {
            None | Some(Document::Null) => None,
            Some(value) => Some(crate::document::text(value).map_err(|error| error.at("credential"))?),
        };
        let permission = required("permission", fields.text("permission")?)?;
        let resource = required("resource", fields.text("resource")?)?;
        let path = fields.text("path")?;
        fields.finish()?;
        Ok(self.explain(&Request { credential, permission, resource, path }, now))
    }

    /// Explains a decision.
    pub fn explain(&self, request: &Request<'_>, now: u64) -> Document {
        let decision = self.authorize(request, now);
        self.explanation(request, &decision)
    }

    /// Explains a decision that was made, even by someone else: a replica that found itself stale.
    pub fn explanation(&self, request: &Request<'_>, decision: &Decision) -> Document {
        let view = decision.token_id().and_then(|id| self.view(crate::digest::TokenId::from_bytes(id)));
        let failed = STEPS.iter().position(|(_, reasons)| reasons.contains(&decision.reason()));
        let mut steps = Vec::new();
        for (index, (name, _)) in STEPS.iter().enumerate() {
            let passed = failed != Some(index);
            let mut entries = alloc::vec![
                ("step".to_string(), Document::from(*name)),
                ("passed".to_string(), Document::Bool(passed)),
            ];
            match (*name, &view) {
                ("token", Some(view)) => {
                    entries.push(("token".to_string(), Document::Text(view.as_principal())));
                    entries.extend(
                        Some(view.origin()).filter(|o| *o != Document::Null).map(|o| ("origin".to_string(), o)),
                    );
                }
                ("path", Some(view)) if view.slot.paths != 0 => {
                    entries.push(("pattern".to_string(), Document::optional(self.matching(view, request.path))));
                }
                ("rights", Some(view)) if passed => entries.extend(self.granting(view, request)),
                _ => {}
            }
            steps.push(Document::Map(entries));
            if !passed {
                break;
            }
        }
        Document::map([
            ("decision", self.decision_document(decision)),
            ("steps", Document::List(steps)),
            ("remedy", Document::optional(self.remedy(request, decision, view.as_ref()))),
        ])
    }

    /// The pattern of the token that lets the path through.
    fn matching(&self, view: &TokenView<'_>, path: Option<&str>) -> Option<String> {
        let mut buffer = PathBuffer::new();
        let path = CanonicalPath::parse(path?, &mut buffer).ok()?;
        let patterns = self.path_sets.get(view.slot.paths as usize)?;
        patterns.iter().find(|pattern| pattern.is_match(path)).map(|pattern| pattern.as_str().to_string())
    }

    /// The grant that decides: binding (or issue), role, resource.
    fn granting(&self, view: &TokenView<'_>, request: &Request<'_>) -> Vec<(String, Document)> {
        let Some(permission) = self.permissions.find(request.permission) else { return Vec::new() };
        let decisive = view.subject.grants.iter().find_map(|grant| {
            let role =
                self.role(grant.role).filter(|role| role.set.holds(permission) && role.admits(request.resource))?;
            resource::covers(&grant.scope, request.resource).then_some((grant, role))
        });
        let Some((grant, role)) = decisive else { return Vec::new() };
        let pattern = role.text.resources.iter().flatten().find(|pattern| pattern.matches(request.resource));
        let entries = [
            ("binding", Document::optional(self.binding_of(view, grant))),
            ("role", Document::from(&*role.text.name)),
            ("resource", Document::from(&*grant.scope)),
            ("resource_pattern", Document::optional(pattern.map(ResourcePattern::as_str))),
        ];
        entries.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
    }

    /// The id of the binding that makes a grant; none when it was given at issue.
    fn binding_of(&self, view: &TokenView<'_>, grant: &Grant) -> Option<String> {
        let realm = self.realm(view.subject.realm)?;
        let number = realm.places.get(&(grant.role, grant.scope.clone()))?;
        view.subject.bindings.contains(number).then(|| format!("b{number}"))
    }

    /// What would have satisfied the step that failed.
    fn remedy(&self, request: &Request<'_>, decision: &Decision, view: Option<&TokenView<'_>>) -> Option<String> {
        let text = match decision.reason() {
            Reason::Allowed => return None,
            Reason::NoCredential => "send Authorization: Bearer <token>",
            Reason::RequestMalformed => {
                "send one Authorization value: Bearer <token>, or Basic of client id and client secret"
            }
            Reason::TokenMalformed | Reason::TokenUnknown | Reason::SecretMismatch => {
                "send a token that this registry issued"
            }
            Reason::PathInvalid => {
                "send a path without dot segments, empty segments, backslashes, semicolons and encoded separators"
            }
            Reason::TokenExpired | Reason::TokenRevoked | Reason::OwnerRemoved => "issue a new token",
            Reason::TokenDisabled => "enable the token",
            Reason::TokenNotYetValid | Reason::ClockImplausible => "set the clock",
            Reason::RealmMismatch => "send a token of the resource's realm",
            Reason::ApiAccessDisabled => "switch API access on in the realm's settings",
            Reason::PathNotAllowed if request.path.is_none() => {
                "give the request's path: the token is restricted to paths"
            }
            Reason::PathNotAllowed => "issue a token with a pattern that matches the path",
            Reason::PermissionUnknown => "ask for a permission that the policy names",
            Reason::ResourceInvalid => return Some(self.resource_remedy(request)),
            Reason::PermissionMissing => return Some(self.rights_remedy(request, view)),
            Reason::Stale => "bring the replica up to date",
            Reason::Unavailable => "open the store again",
        };
        Some(text.to_string())
    }

    fn resource_remedy(&self, request: &Request<'_>) -> String {
        let applies = self.permissions.find(request.permission).map(|permission| self.permissions.applies(permission));
        match applies {
            Some(crate::permission::Applies::On(kind)) => {
                format!("ask on a resource of kind {}", self.policy.kinds.name(kind))
            }
            _ => "ask on a resource of the policy's kinds".to_string(),
        }
    }

    fn rights_remedy(&self, request: &Request<'_>, view: Option<&TokenView<'_>>) -> String {
        let holding = self.permissions.find(request.permission).map(|permission| {
            let holds = |role: &&Arc<Role>| {
                !role.deleted
                    && role.set.holds(permission)
                    && role.realm.is_none_or(|realm| view.is_some_and(|v| v.subject.realm == realm))
            };
            self.roles
                .iter()
                .flatten()
                .filter(holds)
                .map(|role| &*role.text.name)
                .take(5)
                .collect::<Vec<_>>()
                .join(", ")
        });
        let roles = holding
            .filter(|names| !names.is_empty())
            .map_or_else(|| "a role with the permission".to_string(), |names| format!("one of: {names}"));
        format!("bind {roles}; at the resource or above it")
    }
}

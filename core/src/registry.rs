//! The registry: the state, folded from events.

mod apply;
mod imported;
mod tokens;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::TokenId;
use crate::error::{Code, Error};
use crate::event::{Change, Event};
use crate::instant::Instant;
use crate::ordered::Ordered;
use crate::paged::Paged;
use crate::pattern::Pattern;
use crate::permission::{Permission, Permissions};
use crate::policy::Policy;
use crate::realm::Realm;
use crate::resource::{self, Kind};
use crate::role::{Role, RoleId};
use crate::subject::{Subject, SubjectId};
use crate::table::Table;

pub(crate) use imported::Imported;
pub(crate) use tokens::{Details, PathSet, Token, TokenView};

/// The state at one revision: immutable to those who decide with it, cheap to copy for those who change it. Two
/// states share everything that did not change between them.
#[derive(Clone)]
pub struct Registry {
    pub(crate) revision: u64,
    /// Whether it is one realm's part of another registry.
    pub(crate) narrow: bool,
    pub(crate) policy: Arc<Policy>,
    pub(crate) permissions: Arc<Permissions>,
    /// In the order in which they were made; the policy's first.
    pub(crate) roles: Paged<Option<Arc<Role>>>,
    pub(crate) realms: Paged<Option<Arc<Realm>>>,
    pub(crate) realm_numbers: Ordered<Arc<str>, u32>,
    pub(crate) subjects: Paged<Subject>,
    pub(crate) table: Table,
    /// What decisions do not need, in the order of issue.
    pub(crate) tokens: Paged<Token>,
    pub(crate) last_used: Paged<u32>,
    /// Names and descriptions, for tokens that have them.
    pub(crate) details: Paged<tokens::Details>,
    /// Tokens of other systems, by what is stored of them.
    pub(crate) imported: Imported,
    /// Principals that issued tokens.
    pub(crate) issuers: Paged<Arc<str>>,
    pub(crate) issuer_numbers: Ordered<Arc<str>, u32>,
    /// Lists of patterns, each list once; the first is "none".
    pub(crate) path_sets: Paged<PathSet>,
    pub(crate) path_numbers: Ordered<Vec<Arc<str>>, u32>,
    pub(crate) patterns: Ordered<Arc<str>, Arc<Pattern>>,
    /// The newest instant of issue: a clock at or after it is at or after all of them.
    pub(crate) newest_issue: u64,
}

impl Registry {
    /// The registry before its first event, under a policy.
    ///
    /// # Errors
    /// `too_many` permissions.
    pub fn new(policy: Policy) -> Result<Self, Error> {
        let mut registry = Registry {
            revision: 0,
            narrow: false,
            policy: Arc::new(policy),
            permissions: Arc::default(),
            roles: Paged::default(),
            realms: Paged::default(),
            realm_numbers: Ordered::default(),
            subjects: Paged::default(),
            table: Table::default(),
            tokens: Paged::default(),
            last_used: Paged::default(),
            details: Paged::default(),
            imported: Imported::default(),
            issuers: Paged::default(),
            issuer_numbers: Ordered::default(),
            path_sets: Paged::default(),
            path_numbers: Ordered::default(),
            patterns: Ordered::default(),
            newest_issue: 0,
        };
        registry.path_sets.push(PathSet::default());
        registry.details.push(tokens::Details::default());
        registry.settle_policy()?;
        Ok(registry)
    }

    /// The registry that a log begins with, and that event.
    ///
    /// # Errors
    /// As [`Registry::new`].
    pub fn begin(policy: Policy, now: u64) -> Result<(Self, Event), Error> {
        let document = policy.document().clone();
        let mut registry = Registry::new(policy)?;
        let event = registry.event(Instant::of_clock(now)?, "system", None, Change::PolicySet { policy: document });
        registry.apply(&event)?;
        Ok((registry, event))
    }

    /// The registry after the first event of a log.
    ///
    /// # Errors
    /// `event_invalid` unless it sets the policy; the errors of reading one.
    pub fn from_first(event: &Event) -> Result<Self, Error> {
        let Change::PolicySet { policy } = &event.change else {
            return Err(Error::new(Code::EventInvalid).at("change"));
        };
        let mut registry = Registry::new(Policy::from_document(policy)?)?;
        registry.apply(event)?;
        Ok(registry)
    }

    /// How many events it was folded from.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How many tokens it holds, whatever their state.
    pub fn token_count(&self) -> u32 {
        self.table.len()
    }

    /// The event that makes the next revision.
    pub(crate) fn event(&self, at: Instant, by: &str, realm: Option<&Realm>, change: Change) -> Event {
        Event {
            revision: self.revision.saturating_add(1),
            at,
            by: Arc::from(by),
            realm: realm.map(|realm| realm.name.clone()),
            change,
        }
    }

    #[inline]
    pub(crate) fn realm(&self, number: u32) -> Option<&Arc<Realm>> {
        self.realms.get(number as usize).and_then(Option::as_ref)
    }

    /// # Errors
    /// `realm_not_found`.
    pub(crate) fn realm_number(&self, name: &str) -> Result<u32, Error> {
        self.realm_numbers.get(name).copied().ok_or(Error::new(Code::RealmNotFound).at("realm"))
    }

    #[inline]
    pub(crate) fn subject(&self, number: SubjectId) -> Option<&Subject> {
        self.subjects.get(number as usize)
    }

    #[inline]
    pub(crate) fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(id.0 as usize).and_then(Option::as_deref)
    }

    /// The role of a name in a realm: a predefined one or a custom one of the realm.
    pub(crate) fn find_role(&self, realm: &Realm, name: &str) -> Option<RoleId> {
        realm.roles.get(name).copied().or_else(|| self.predefined_role(name))
    }

    pub(crate) fn predefined_role(&self, name: &str) -> Option<RoleId> {
        let index = self.roles.iter().position(|role| {
            role.as_ref().is_some_and(|role| role.realm.is_none() && !role.deleted && &*role.text.name == name)
        })?;
        u32::try_from(index).ok().map(RoleId)
    }

    /// Whether a subject's grants allow a permission on a resource whose kind fits the permission.
    #[inline]
    pub(crate) fn grants(&self, subject: &Subject, permission: Permission, resource: &str) -> bool {
        !subject.removed
            && subject.grants.iter().any(|grant| {
                resource::covers(&grant.scope, resource)
                    && self.role(grant.role).is_some_and(|role| role.set.holds(permission) && role.admits(resource))
            })
    }

    /// The newest token of a name in a realm, or the token of a client id, if it belongs to the realm.
    pub(crate) fn find_token(&self, realm_number: u32, reference: &str) -> Option<TokenId> {
        let by_id = reference.strip_prefix(self.policy.prefix()).and_then(|id| TokenId::parse(id).ok());
        let by_id = by_id.filter(|id| {
            self.table
                .find(*id)
                .and_then(|slot| self.subject(slot.subject))
                .is_some_and(|subject| subject.realm == realm_number)
        });
        by_id.or_else(|| self.realm(realm_number)?.names.get(&*reference.to_ascii_lowercase()).copied())
    }
}

impl Registry {
    /// Checks a resource that a call names: the session's realm or something below it.
    ///
    /// # Errors
    /// `resource_invalid` at `resource`.
    pub(crate) fn check_inside(&self, realm: &Realm, text: &str) -> Result<Kind, Error> {
        let invalid = || Error::new(Code::ResourceInvalid).at("resource");
        let kind = self.policy.kinds.kind_of(text).ok_or_else(invalid)?;
        if resource::covers(&realm.name, text) { Ok(kind) } else { Err(invalid()) }
    }
}

//! Authorizing: may the holder of this credential do this, to this resource, on this path?

use crate::authenticate::{Denial, canonical, clock, id_of};
use crate::credential::{self, CredentialBuffer};
use crate::decision::{Decision, Known, Reason};
use crate::path::{CanonicalPath, PathBuffer};
use crate::permission::{Applies, Permission};
use crate::registry::Registry;
use crate::resource::Kind;
use crate::table::Slot;

/// One request.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// An `Authorization` value or a bare token; none when the request carries neither.
    pub credential: Option<&'r str>,
    /// The permission asked for.
    pub permission: &'r str,
    /// The resource it is asked on.
    pub resource: &'r str,
    /// The path of the request target, as it was received.
    pub path: Option<&'r str>,
}

impl Request<'_> {
    /// Whether the two name one permission on one resource, told by where their texts stand: equal texts elsewhere are
    /// looked up once more, which costs less than to compare them.
    #[inline]
    fn asks_the_same(&self, other: &Request<'_>) -> bool {
        core::ptr::eq(self.permission, other.permission) && core::ptr::eq(self.resource, other.resource)
    }
}

impl core::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The credential is a secret, and so may be a path.
        f.debug_struct("Request").field("permission", &self.permission).finish_non_exhaustive()
    }
}

/// A permission and a resource that were looked at before.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'r> {
    pub(crate) permission: Permission,
    pub(crate) resource: &'r str,
    /// Of the resource; none when it is not one.
    pub(crate) kind: Option<Kind>,
}

impl Registry {
    /// Decides a request. It allocates nothing and takes no lock.
    ///
    /// `now` is in seconds since 1970. The order of the reasons: a credential or a path that cannot be read, a token
    /// that does not authenticate, the realm, the path, the permission and the resource, and at last the rights.
    pub fn authorize(&self, request: &Request<'_>, now: u64) -> Decision {
        self.fetch(request.credential);
        self.decide(request.credential, self.asked(request), request.path, now)
    }

    #[inline]
    fn asked<'r>(&self, request: &Request<'r>) -> Asked<'r> {
        Asked {
            permission: self.permissions.find(request.permission).unwrap_or(Permission::NONE),
            resource: request.resource,
            kind: self.policy.kinds.kind_of(request.resource),
        }
    }

    #[inline]
    pub(crate) fn decide(&self, credential: Option<&str>, asked: Asked<'_>, path: Option<&str>, now: u64) -> Decision {
        match self.outcome(credential, asked, path, now) {
            Ok(id) => Decision::new(self.revision, Reason::Allowed, Some(id), asked.permission),
            Err((reason, id)) => Decision::new(self.revision, reason, id, asked.permission),
        }
    }

    #[inline]
    fn outcome(
        &self,
        credential: Option<&str>,
        asked: Asked<'_>,
        path: Option<&str>,
        now: u64,
    ) -> Result<Known, Denial> {
        let now = clock(now)?;
        let mut credential_buffer = CredentialBuffer::new();
        let mut path_buffer = PathBuffer::new();
        let presented = self.presented(credential, &mut credential_buffer).map_err(|reason| (reason, None))?;
        let path = canonical(path, &mut path_buffer)?;
        let (slot, subject) = self.live(presented, now)?;
        let deny = |reason| Err((reason, Some(Known::of(slot))));
        self.in_realm(slot, subject, asked.kind.map(|_| asked.resource))?;
        if !self.path_allowed(slot, path) {
            return deny(Reason::PathNotAllowed);
        }
        if let Some(reason) = self.unaskable(asked) {
            return deny(reason);
        }
        if !self.grants(subject, asked.permission, asked.resource) {
            return deny(Reason::PermissionMissing);
        }
        Ok(Known::of(slot))
    }

    /// Whether a token's patterns let a path through. A token that has patterns needs a path.
    #[inline]
    pub(crate) fn path_allowed(&self, slot: &Slot, path: Option<CanonicalPath<'_>>) -> bool {
        if slot.paths == 0 {
            return true;
        }
        let Some(patterns) = self.path_sets.get(slot.paths as usize) else { return false };
        path.is_some_and(|path| patterns.iter().any(|pattern| pattern.is_match(path)))
    }

    /// Why a permission cannot be held on a resource, if it cannot.
    #[inline]
    pub(crate) fn unaskable(&self, asked: Asked<'_>) -> Option<Reason> {
        match (self.permissions.applies(asked.permission), asked.kind) {
            (Applies::Nowhere, _) => Some(Reason::PermissionUnknown),
            (Applies::Anywhere, Some(_)) => None,
            (Applies::On(wanted), Some(kind)) if wanted == kind => None,
            _ => Some(Reason::ResourceInvalid),
        }
    }

    /// Decides many requests at once. Each is decided as alone; together they wait for memory less, since the look-ups
    /// do not depend on each other, and what is asked again and again is looked up once.
    pub fn authorize_many(&self, requests: &[Request<'_>], now: u64) -> alloc::vec::Vec<Decision> {
        let mut decisions = alloc::vec::Vec::with_capacity(requests.len());
        let mut last: Option<(&Request<'_>, Asked<'_>)> = None;
        for group in requests.chunks(16) {
            for request in group {
                self.fetch(request.credential);
            }
            decisions.extend(group.iter().map(|request| {
                let asked = match last {
                    Some((before, asked)) if before.asks_the_same(request) => asked,
                    _ => self.asked(request),
                };
                last = Some((request, asked));
                self.decide(request.credential, asked, request.path, now)
            }));
        }
        decisions
    }

    /// Asks for the memory that the look-up of a token will need, while the request is still being read.
    #[inline]
    pub(crate) fn fetch(&self, credential: Option<&str>) {
        let prefix = self.policy.prefix().as_bytes();
        if let Some(id) = credential.and_then(|credential| id_of(credential::usual(credential), prefix)) {
            self.table.fetch(id);
        }
    }
}

//! Decisions: the answer to a request, small enough to be copied, filled in with details only when asked.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use crate::digest::TokenId;
use crate::document::Document;
use crate::permission::Permission;
use crate::registry::Registry;
use crate::table::Slot;

macro_rules! reasons {
    ($( $variant:ident, $name:literal, $status:literal, $message:literal; )*) => {
        /// Why a request was allowed or denied. The list is closed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Reason { $( #[doc = $message] $variant, )* }

        impl Reason {
            /// Every reason; a reason's number is its place here.
            pub const ALL: &'static [Reason] = &[ $( Reason::$variant, )* ];

            /// The permanent `snake_case` spelling.
            pub const fn as_str(self) -> &'static str { match self { $( Reason::$variant => $name, )* } }

            /// The HTTP status of the answer: 200, 400, 401, 403 or 503.
            pub const fn status(self) -> u16 { match self { $( Reason::$variant => $status, )* } }

            /// After how many seconds a client may ask again, for the `Retry-After` header of a 503.
            pub const fn retry_after(self) -> Option<u64> {
                if self.status() == 503 { Some(RETRY_AFTER) } else { None }
            }

            /// The reason as a row of the table that a face keeps: name, status and, where there are any, seconds.
            pub fn row(self) -> String {
                match self.retry_after() {
                    Some(seconds) => format!("{} {} {seconds}", self.as_str(), self.status()),
                    None => format!("{} {}", self.as_str(), self.status()),
                }
            }

            /// One sentence for people, without any of the request.
            pub const fn message(self) -> &'static str { match self { $( Reason::$variant => $message, )* } }
        }
    };
}

reasons! {
    Allowed, "allowed", 200, "the request is allowed";
    NoCredential, "no_credential", 401, "the request carries no credential";
    RequestMalformed, "request_malformed", 400, "the credential is not in a form that can be read";
    PathInvalid, "path_invalid", 400, "the path is not in a form that can be decided on";
    TokenMalformed, "token_malformed", 401, "the credential is not a token of this registry";
    TokenUnknown, "token_unknown", 401, "no token has this id";
    SecretMismatch, "secret_mismatch", 401, "the secret is not the token's";
    TokenExpired, "token_expired", 401, "the token has expired";
    TokenNotYetValid, "token_not_yet_valid", 401, "the token was issued later than now";
    TokenRevoked, "token_revoked", 401, "the token was revoked";
    TokenDisabled, "token_disabled", 401, "the token is disabled";
    RealmMismatch, "realm_mismatch", 401, "the token belongs to another realm";
    ApiAccessDisabled, "api_access_disabled", 401, "API access is off in the token's realm";
    OwnerRemoved, "owner_removed", 401, "the token's owner was deleted";
    PathNotAllowed, "path_not_allowed", 403, "no path pattern of the token matches the path";
    PermissionMissing, "permission_missing", 403, "no binding gives the permission at the resource";
    PermissionUnknown, "permission_unknown", 403, "the policy knows no such permission";
    ResourceInvalid, "resource_invalid", 403, "the resource is not one, or of a kind the permission does not apply to";
    Stale, "stale", 503, "the replica is older than its bound";
    ClockImplausible, "clock_implausible", 503, "the clock is outside the plausible window";
    Unavailable, "unavailable", 503, "there is no state to decide with";
}

/// Seconds after which a client may ask again where there is nothing to decide with: long enough that a replica that lost
/// its source is not asked without a pause, short enough that it is not missed for long once it has caught up.
const RETRY_AFTER: u64 = 5;

/// The answer to a request: a code, the token it is about, and the revision it was made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    revision: u64,
    token: Option<Known>,
    permission: Permission,
    reason: Reason,
}

/// The token whose secret matched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    id: TokenId,
    serial: u32,
    /// It was told by what another system stored.
    original: bool,
}

impl Known {
    #[inline]
    pub(crate) fn of(slot: &Slot) -> Self {
        Known { id: slot.id(), serial: slot.serial, original: slot.original() }
    }
}

impl core::fmt::Debug for Known {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id.as_str())
    }
}

impl Decision {
    #[inline]
    pub(crate) fn new(revision: u64, reason: Reason, token: Option<Known>, permission: Permission) -> Self {
        Decision { revision, token, permission, reason }
    }

    /// A decision about no token: what a shell answers that has no state to ask.
    pub fn without_token(revision: u64, reason: Reason) -> Self {
        Decision::new(revision, reason, None, Permission::NONE)
    }

    /// Whether the request may go on.
    #[inline]
    pub const fn allowed(&self) -> bool {
        matches!(self.reason, Reason::Allowed)
    }

    /// Why. For the host's own log: what a client is told is the status and the challenge.
    #[inline]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The HTTP status: 200, 400, 401, 403 or 503.
    pub const fn status(&self) -> u16 {
        self.reason.status()
    }

    /// After how many seconds a client may ask again, for the `Retry-After` header of a 503.
    pub const fn retry_after(&self) -> Option<u64> {
        self.reason.retry_after()
    }

    /// The revision of the state that decided.
    #[inline]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The id of the token whose secret matched: twelve characters, the client id without its prefix.
    #[inline]
    pub fn token_id(&self) -> Option<[u8; 12]> {
        self.token.map(|token| token.id.bytes())
    }

    /// The token's number in the order of issue, for shells that note when tokens were used.
    #[inline]
    pub fn token_serial(&self) -> Option<u32> {
        self.token.map(|token| token.serial)
    }

    /// Whether the token was imported and was told by what its own system stored, so that the shell has to note what was
    /// presented: see [`Registry::remembering`].
    #[inline]
    pub fn first_use(&self) -> bool {
        self.token.is_some_and(|token| token.original)
    }

    /// The decision that [`Decision::parts`] came from.
    pub fn from_parts(revision: u64, reason: u8, permission: u16, token: Option<[u8; 12]>) -> Self {
        let reason = Reason::ALL.get(usize::from(reason)).copied().unwrap_or(Reason::Unavailable);
        let token = token.map(|id| Known { id: TokenId::from_bytes(id), serial: u32::MAX, original: false });
        Decision::new(revision, reason, token, Permission::from_number(permission))
    }

    /// Number of the reason and of the permission asked for, for faces that carry a decision in numbers.
    #[inline]
    pub const fn parts(&self) -> (u8, u16) {
        (self.reason as u8, self.permission.number())
    }
}

/// What a decision says beyond its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The `WWW-Authenticate` challenge ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)) of a 400, 401 or 403.
    pub www_authenticate: Option<String>,
    /// Whom the request acts as: `token:alice/test`, or the owner under a policy of owners.
    pub principal: Option<String>,
    /// Who owns the token.
    pub owner: Option<String>,
    /// The token's client id.
    pub token_id: Option<String>,
    /// The token's name.
    pub token_name: Option<String>,
    /// The token's realm.
    pub realm: Option<String>,
}

impl Registry {
    /// Details of a decision of this registry, from the state as it is now.
    pub fn details(&self, decision: &Decision) -> Details {
        let www_authenticate = self.challenge(decision);
        let Some(view) = decision.token.and_then(|token| self.view(token.id)) else {
            return Details { www_authenticate, ..Details::default() };
        };
        Details {
            www_authenticate,
            principal: Some(view.principal()),
            owner: Some(String::from(view.owner())),
            token_id: Some(view.client_id()),
            token_name: view.name().map(|name| String::from(&**name)),
            realm: self.realm(view.subject.realm).map(|realm| String::from(&*realm.name)),
        }
    }

    /// The permission that was asked for, where the policy or a role knows it.
    pub fn permission_of(&self, decision: &Decision) -> Option<&str> {
        Some(self.permissions.name(decision.permission)).filter(|name| !name.is_empty())
    }

    /// The decision with its details as a document.
    pub fn decision_document(&self, decision: &Decision) -> Document {
        let details = self.details(decision);
        Document::map([
            ("allowed", Document::Bool(decision.allowed())),
            ("reason", Document::from(decision.reason().as_str())),
            ("status", Document::number(u64::from(decision.status()))),
            ("www_authenticate", Document::optional(details.www_authenticate)),
            ("retry_after", decision.retry_after().map_or(Document::Null, Document::number)),
            ("principal", Document::optional(details.principal)),
            ("owner", Document::optional(details.owner)),
            ("token_id", Document::optional(details.token_id)),
            ("token_name", Document::optional(details.token_name)),
            ("realm", Document::optional(details.realm)),
            ("revision", Document::number(decision.revision())),
        ])
    }

    /// RFC 6750, section 3: no `error` where there was no credential; one and the same for every token that does not
    /// authenticate; the scope where it does and may not.
    fn challenge(&self, decision: &Decision) -> Option<String> {
        let realm = &self.policy.name;
        match decision.status() {
            400 => Some(format!("Bearer realm=\"{realm}\", error=\"invalid_request\"")),
            401 if decision.reason == Reason::NoCredential => Some(format!("Bearer realm=\"{realm}\"")),
            401 => Some(format!("Bearer realm=\"{realm}\", error=\"invalid_token\"")),
            403 => {
                let scope: Arc<str> = Arc::from(self.permissions.name(decision.permission));
                let scope = if scope.is_empty() { String::new() } else { format!(", scope=\"{scope}\"") };
                Some(format!("Bearer realm=\"{realm}\", error=\"insufficient_scope\"{scope}"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_small() {
        assert!(size_of::<Decision>() <= 32);
        assert_eq!(Reason::ALL.len(), Reason::Unavailable as usize + 1);
    }
}

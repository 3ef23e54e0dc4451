//! What a session does with tokens.

use std::time::Duration;

use tokenward::{Document, Error, Issued, Lifetime};

use super::{Arguments, Session, texts};
use crate::records::{self, Token};

/// What is said of a token when it is issued.
///
/// ```
/// use tokenward_host::Issue;
/// let wanted = Issue::named("ci/deploy").paths(["^/v1/systems/"]).lifetime_days(30);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Issue {
    name: Option<String>,
    description: Option<String>,
    paths: Option<Vec<String>>,
    roles: Option<Vec<String>>,
    lifetime: Option<(&'static str, Document)>,
}

impl Issue {
    /// A token without a name.
    pub fn unnamed() -> Self {
        Issue::default()
    }

    /// A token of a name, such as `ci/deploy`.
    pub fn named(name: impl Into<String>) -> Self {
        Issue { name: Some(name.into()), ..Issue::default() }
    }

    /// The same with a name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A text for people.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Patterns of the paths it is restricted to.
    pub fn paths<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.paths = Some(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Roles it has in the realm from the start, where the policy lets it.
    pub fn roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.roles = Some(roles.into_iter().map(Into::into).collect());
        self
    }

    /// So many days; -1 for never.
    pub fn lifetime_days(mut self, days: i64) -> Self {
        self.lifetime = Some(("lifetime_days", Document::Integer(days)));
        self
    }

    /// How long it lives.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = match lifetime {
            Lifetime::Default => None,
            Lifetime::Days(days) => Some(("lifetime_days", Document::Integer(i64::from(days)))),
            Lifetime::Until(at) => Some(("expires_at", seconds(at.seconds()))),
            Lifetime::Never => Some(("never", Document::Bool(true))),
        };
        self
    }

    /// Until the instant that another system said, or for so many days from now on, whichever is earlier; without either
    /// for ever.
    pub(crate) fn ending(mut self, expires_at: Option<u64>, most_days: Option<u32>, now: u64) -> Self {
        let latest = most_days.map(|days| now.saturating_add(u64::from(days).saturating_mul(86_400)));
        self.lifetime = Some(match [expires_at, latest].into_iter().flatten().min() {
            Some(at) => ("expires_at", seconds(at)),
            None => ("never", Document::Bool(true)),
        });
        self
    }

    pub(super) fn arguments(self) -> Arguments {
        let arguments = Arguments::default()
            .with("name", self.name.as_deref().map(Document::from))
            .with("description", self.description.as_deref().map(Document::from))
            .with("paths", self.paths.map(texts))
            .with("roles", self.roles.map(texts));
        match self.lifetime {
            Some((name, value)) => arguments.with(name, value),
            None => arguments,
        }
    }
}

impl Session {
    /// Issues a token. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// `name_required`, `name_invalid`, `name_taken`, `paths_required`, `pattern_invalid` and its kin, `roles_count`,
    /// `role_not_found`, `lifetime_invalid`, `lifetime_too_long`, `never_not_allowed`, `api_access_off`,
    /// `individual_tokens_off`, `escalation_denied`, `expiry_exceeds_session`, `paths_exceed_session`.
    pub fn issue(&self, wanted: Issue) -> Result<Issued, Error> {
        self.mint("issue", wanted.arguments())
    }

    /// Issues the token that a new resource comes with: it has a role of its own, on this resource only.
    ///
    /// # Errors
    /// `resource_token_off` where the policy has none for the kind; as [`Session::issue`].
    pub fn issue_for(&self, resource: &str, wanted: Issue) -> Result<Issued, Error> {
        self.mint("issue_for", wanted.arguments().text("resource", resource))
    }

    /// Gives a token, by name or client id, a new secret. The old one lives on for the overlap.
    ///
    /// # Errors
    /// `rotation_off`, `token_not_found`, `token_not_active`, `lifetime_invalid` for more than 90 days of overlap.
    pub fn rotate(&self, token: &str, overlap: Duration) -> Result<Issued, Error> {
        self.mint(
            "rotate",
            Arguments::default().text("token", token).with("overlap_seconds", seconds(overlap.as_secs())),
        )
    }

    /// The tokens of the realm that the session may see, in the order of issue.
    ///
    /// # Errors
    /// As every method.
    pub fn tokens(&self) -> Result<Vec<Token>, Error> {
        records::list(&self.ask("tokens", Arguments::default())?)
    }

    /// One token, by name or client id.
    ///
    /// # Errors
    /// `token_not_found`.
    pub fn token(&self, token: &str) -> Result<Token, Error> {
        self.turn("token", token)
    }

    /// Revokes a token for good, with the secrets that live on beside it since a rotation.
    ///
    /// # Errors
    /// `token_not_found`.
    pub fn revoke(&self, token: &str) -> Result<Token, Error> {
        self.turn("revoke", token)
    }

    /// Disables a token until it is enabled again.
    ///
    /// # Errors
    /// `token_not_found`, `token_not_active`.
    pub fn disable(&self, token: &str) -> Result<Token, Error> {
        self.turn("disable", token)
    }

    /// Enables a disabled token.
    ///
    /// # Errors
    /// `token_not_found`, `token_not_active`.
    pub fn enable(&self, token: &str) -> Result<Token, Error> {
        self.turn("enable", token)
    }

    fn turn(&self, operation: &str, token: &str) -> Result<Token, Error> {
        records::one(&self.ask(operation, Arguments::default().text("token", token))?)
    }
}

pub(super) fn seconds(seconds: u64) -> Document {
    // More than documents carry is more than any operation takes: it is refused by the core.
    Document::Integer(i64::try_from(seconds).unwrap_or(i64::MAX).min(9_007_199_254_740_991))
}

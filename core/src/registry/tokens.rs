//! What the registry keeps of a token beside its slot, and the view that puts both together.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Registry;
use crate::digest::TokenId;
use crate::document::Document;
use crate::instant::Instant;
use crate::pattern::Pattern;
use crate::policy::Rights;
use crate::subject::Subject;
use crate::table::Slot;

/// A list of patterns that tokens share.
pub(crate) type PathSet = Arc<[Arc<Pattern>]>;

/// What decisions do not need: 12 bytes a token.
#[derive(Clone, Copy, Default)]
pub(crate) struct Token {
    /// Seconds since 2000.
    pub(crate) issued: u32,
    /// Number of the issuer.
    pub(crate) issuer: u32,
    /// Number of the details; 0 for none.
    pub(crate) details: u32,
}

/// What only some tokens have.
#[derive(Clone, Default)]
pub(crate) struct Details {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) description: Option<Arc<str>>,
    /// The token whose successor it is.
    pub(crate) rotated_from: Option<TokenId>,
    /// Its successor.
    pub(crate) rotated_into: Option<TokenId>,
}

/// Everything about one token.
#[derive(Clone, Copy)]
pub(crate) struct TokenView<'r> {
    registry: &'r Registry,
    pub(crate) slot: &'r Slot,
    pub(crate) subject: &'r Subject,
    pub(crate) token: Token,
    pub(crate) details: &'r Details,
}

impl<'r> TokenView<'r> {
    pub(crate) fn name(&self) -> Option<&'r Arc<str>> {
        self.details.name.as_ref()
    }

    pub(crate) fn description(&self) -> Option<&'r Arc<str>> {
        self.details.description.as_ref()
    }

    pub(crate) fn client_id(&self) -> String {
        format!("{}{}", self.registry.policy.prefix(), self.slot.id().as_str())
    }

    pub(crate) fn issued_at(&self) -> Instant {
        Instant::from_issue_offset(self.token.issued)
    }

    /// Who issued it.
    pub(crate) fn issuer(&self) -> &'r str {
        self.registry.issuers.get(self.token.issuer as usize).map_or("", |issuer| issuer)
    }

    /// Whose rights it has under a policy of owners; else who issued it.
    pub(crate) fn owner(&self) -> &'r str {
        self.subject
            .principal
            .as_deref()
            .filter(|_| self.registry.policy.tokens.rights == Rights::Owner)
            .unwrap_or(self.issuer())
    }

    /// Whom its holder acts as: the owner under a policy of owners, else the token itself.
    pub(crate) fn principal(&self) -> String {
        if self.registry.policy.tokens.rights == Rights::Owner {
            return String::from(self.owner());
        }
        self.as_principal()
    }

    /// The token itself as a principal: `token:` and its name, or its client id.
    pub(crate) fn as_principal(&self) -> String {
        match self.name() {
            Some(name) => format!("token:{name}"),
            None => format!("token:{}", self.client_id()),
        }
    }

    /// Names of the roles given at issue, each once.
    pub(crate) fn roles(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for grant in self.subject.direct.iter() {
            let role = self.registry.role(grant.role).filter(|role| !role.deleted);
            names.extend(role.map(|role| role.text.name.clone()).filter(|name| !names.contains(name)));
        }
        names
    }

    pub(crate) fn paths(&self) -> Option<Vec<&'r str>> {
        let set = self.registry.path_sets.get(self.slot.paths as usize).filter(|_| self.slot.paths != 0)?;
        Some(set.iter().map(|pattern| pattern.as_str()).collect())
    }

    pub(crate) fn last_used(&self) -> Option<Instant> {
        let offset = self.registry.last_used.get(self.slot.serial as usize).copied().unwrap_or(0);
        (offset != 0).then(|| Instant::from_issue_offset(offset))
    }

    pub(crate) fn status(&self, now: Instant) -> &'static str {
        match self.slot {
            slot if slot.revoked() || self.subject.removed => "revoked",
            slot if slot.expired(now) => "expired",
            slot if slot.disabled() => "disabled",
            _ => "active",
        }
    }

    /// Neither revoked nor expired; it may be disabled.
    pub(crate) fn unended(&self, now: Instant) -> bool {
        matches!(self.status(now), "active" | "disabled")
    }

    /// The system that it was imported from, by what it was looked up there, and whether it is stored in our own form by
    /// now; nothing for our own tokens.
    pub(crate) fn origin(&self) -> Document {
        let id = self.slot.id();
        self.registry.imported.origin(id).map_or(Document::Null, |origin| {
            Document::map([
                ("scheme", Document::from(origin.scheme.as_str())),
                ("lookup", Document::optional(origin.lookup.as_deref())),
                ("rehashed", Document::Bool(self.registry.imported.is_rehashed(id))),
            ])
        })
    }

    pub(crate) fn document(&self, now: Instant) -> Document {
        let instant = |at: Option<Instant>| at.map_or(Document::Null, |at| Document::number(at.seconds()));
        Document::map([
            ("client_id", Document::Text(self.client_id())),
            ("name", Document::optional(self.name())),
            ("description", Document::optional(self.description())),
            ("paths", self.paths().map_or(Document::Null, Document::texts)),
            ("roles", Document::texts(self.roles())),
            ("owner", Document::from(self.owner())),
            ("created_by", Document::from(self.issuer())),
            ("created_at", instant(Some(self.issued_at()))),
            ("expires_at", instant(self.slot.expires_at())),
            ("last_used", instant(self.last_used())),
            ("status", Document::from(self.status(now))),
            ("origin", self.origin()),
        ])
    }
}

impl Registry {
    pub(crate) fn view(&self, id: TokenId) -> Option<TokenView<'_>> {
        self.view_slot(self.table.find(id)?)
    }

    pub(crate) fn view_slot<'r>(&'r self, slot: &'r Slot) -> Option<TokenView<'r>> {
        let token = *self.tokens.get(slot.serial as usize)?;
        Some(TokenView {
            registry: self,
            slot,
            subject: self.subject(slot.subject)?,
            token,
            details: self.details.get(token.details as usize)?,
        })
    }
}

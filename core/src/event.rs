//! Events: what changed, when, by whom. The registry is what they fold to; the log is their list.

mod elsewhere;
mod read;

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::{Digest, TokenId};
use crate::document::Document;
use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::limits;
use crate::origin::Origin;
use crate::password::PasswordHash;
use crate::policy::{Policy, Settings};

/// One change of the registry.
#[derive(Clone)]
pub struct Event {
    pub(crate) revision: u64,
    pub(crate) at: Instant,
    /// The principal that made it; `system` for the host itself.
    pub(crate) by: Arc<str>,
    /// The realm it concerns; none for the policy.
    pub(crate) realm: Option<Arc<str>>,
    pub(crate) change: Change,
}

/// A role and a resource, as events spell a grant.
pub(crate) type GrantText = (Arc<str>, Arc<str>);

/// A role as events spell it.
#[derive(Clone)]
pub(crate) struct RoleChange {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) resources: Option<Vec<String>>,
}

/// A token as it is issued.
#[derive(Clone)]
pub(crate) struct TokenChange {
    pub(crate) id: TokenId,
    pub(crate) digest: Digest,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) paths: Option<Vec<String>>,
    pub(crate) grants: Vec<GrantText>,
    pub(crate) expires_at: Option<Instant>,
}

/// A token as it is imported.
#[derive(Clone)]
pub(crate) struct ImportChange {
    /// Without a digest: what is stored of it is its origin's.
    pub(crate) token: TokenChange,
    pub(crate) origin: Origin,
    /// Whose it is; none: of who imports it.
    pub(crate) owner: Option<Arc<str>>,
    /// When its own system issued it.
    pub(crate) created_at: Instant,
}

/// What changed.
#[derive(Clone)]
pub(crate) enum Change {
    PolicySet {
        policy: Document,
    },
    RealmCreated {
        settings: Settings,
    },
    SettingsUpdated {
        settings: Settings,
    },
    UserAdded {
        user: String,
        password: Option<PasswordHash>,
    },
    /// Without the hash in what replicas get.
    PasswordSet {
        user: String,
        password: Option<PasswordHash>,
    },
    UserDeleted {
        user: String,
    },
    RoleCreated(RoleChange),
    RoleUpdated(RoleChange),
    RoleDeleted {
        role: String,
    },
    Bound {
        role: Arc<str>,
        resource: Arc<str>,
        subjects: Vec<String>,
        replace: bool,
    },
    Unbound {
        binding: u64,
        subjects: Option<Vec<String>>,
    },
    TokenIssued(TokenChange),
    TokenImported(ImportChange),
    /// Imported tokens that were used, and the digests by which they are told from here on.
    TokensRehashed {
        tokens: Vec<(TokenId, Digest)>,
    },
    TokenRotated {
        id: TokenId,
        ends_at: Instant,
        new_id: TokenId,
        digest: Digest,
        expires_at: Option<Instant>,
    },
    TokenDisabled {
        id: TokenId,
    },
    TokenEnabled {
        id: TokenId,
    },
    TokenRevoked {
        id: TokenId,
    },
    TokensUsed {
        used: Vec<(TokenId, Instant)>,
    },
    ResourceCreated {
        resource: String,
    },
    ResourceDeleted {
        resource: String,
    },
    /// In no log: stands for the changes after a revision that concern other realms than a replica's.
    Elsewhere {
        after: u64,
        /// What custom roles named there, which gives names a meaning in all realms.
        permissions: Vec<String>,
    },
}

impl Event {
    /// The revision the registry has after it.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// When it was made, in seconds since 1970, by the clock of who made it.
    pub fn at(&self) -> u64 {
        self.at.seconds()
    }

    /// The realm it concerns.
    pub fn realm(&self) -> Option<&str> {
        self.realm.as_deref()
    }

    /// The event as JSON text: the form in which logs hold it and deltas carry it. It holds no token's secret, but the
    /// digests of tokens and the hashes of passwords.
    pub fn to_json(&self) -> String {
        self.document().to_json()
    }

    /// Reads an event.
    ///
    /// # Errors
    /// `event_invalid` and the errors of documents, with a place.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        // A policy may fill a document of its own; the event around it is larger.
        read::event(&Document::from_json_within(text, limits::DELTA)?)
    }

    /// Reads a list of events, as `events` writes them.
    ///
    /// # Errors
    /// As [`Event::from_json`].
    pub fn list_from_json(text: &str) -> Result<Vec<Self>, Error> {
        match Document::from_json_within(text, limits::DELTA)? {
            Document::List(items) => items.iter().map(read::event).collect(),
            _ => Err(Error::new(Code::EventInvalid).expected("a list")),
        }
    }

    /// A list of events as one JSON text.
    pub fn list_to_json(events: &[Event]) -> String {
        let mut text = String::from("[");
        for (index, event) in events.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&event.to_json());
        }
        text.push(']');
        text
    }

    /// What an auditor sees: who changed what, when; no digest and no hash.
    pub fn audit(&self, policy: &Policy) -> Document {
        let (operation, subject) = self.change.summary(policy.prefix());
        Document::map([
            ("revision", Document::number(self.revision)),
            ("at", Document::number(self.at.seconds())),
            ("by", Document::from(&*self.by)),
            ("realm", Document::optional(self.realm.as_deref())),
            ("operation", Document::from(operation)),
            ("subject", Document::optional(subject)),
        ])
    }

    fn document(&self) -> Document {
        let mut entries = alloc::vec![
            ("revision".to_string(), Document::number(self.revision)),
            ("at".to_string(), Document::number(self.at.seconds())),
            ("by".to_string(), Document::from(&*self.by)),
        ];
        if let Some(realm) = &self.realm {
            entries.push(("realm".to_string(), Document::from(&**realm)));
        }
        let (kind, fields) = self.change.document();
        entries.push(("change".to_string(), Document::from(kind)));
        entries.extend(fields.into_iter().map(|(name, value)| (name.to_string(), value)));
        Document::Map(entries)
    }
}

type Described = (&'static str, Vec<(&'static str, Document)>);

impl Change {
    fn document(&self) -> Described {
        let instant = |at: &Instant| Document::number(at.seconds());
        let id = |id: &TokenId| Document::from(id.as_str());
        match self {
            Change::PolicySet { policy } => ("policy_set", alloc::vec![("policy", policy.clone())]),
            Change::RealmCreated { settings } => ("realm_created", alloc::vec![("settings", settings.document())]),
            Change::SettingsUpdated { settings } => {
                ("settings_updated", alloc::vec![("settings", settings.document())])
            }
            Change::UserAdded { user, password } => {
                let mut fields = alloc::vec![("user", Document::from(user.as_str()))];
                fields.extend(password.iter().map(|hash| ("password", Document::from(hash.as_str()))));
                ("user_added", fields)
            }
            Change::PasswordSet { user, password } => {
                let mut fields = alloc::vec![("user", Document::from(user.as_str()))];
                fields.extend(password.iter().map(|hash| ("password", Document::from(hash.as_str()))));
                ("password_set", fields)
            }
            Change::UserDeleted { user } => ("user_deleted", alloc::vec![("user", Document::from(user.as_str()))]),
            Change::RoleCreated(role) => ("role_created", role.fields()),
            Change::RoleUpdated(role) => ("role_updated", role.fields()),
            Change::RoleDeleted { role } => ("role_deleted", alloc::vec![("role", Document::from(role.as_str()))]),
            Change::Bound { role, resource, subjects, replace } => (
                "bound",
                alloc::vec![
                    ("role", Document::from(&**role)),
                    ("resource", Document::from(&**resource)),
                    ("subjects", Document::texts(subjects)),
                    ("replace", Document::Bool(*replace)),
                ],
            ),
            Change::Unbound { binding, subjects } => {
                let mut fields = alloc::vec![("binding", Document::number(*binding))];
                fields.extend(subjects.iter().map(|subjects| ("subjects", Document::texts(subjects))));
                ("unbound", fields)
            }
            Change::TokenIssued(token) => ("token_issued", token.fields()),
            Change::TokenImported(import) => ("token_imported", import.fields()),
            Change::TokensRehashed { tokens } => {
                let pair = |(token, digest): &(TokenId, Digest)| {
                    Document::List(alloc::vec![id(token), Document::Text(digest.to_hex())])
                };
                ("tokens_rehashed", alloc::vec![("tokens", Document::List(tokens.iter().map(pair).collect()))])
            }
            Change::TokenRotated { id: old, ends_at, new_id, digest, expires_at } => {
                let mut fields = alloc::vec![
                    ("id", id(old)),
                    ("ends_at", instant(ends_at)),
                    ("new_id", id(new_id)),
                    ("digest", Document::Text(digest.to_hex())),
                ];
                fields.extend(expires_at.iter().map(|at| ("expires_at", instant(at))));
                ("token_rotated", fields)
            }
            Change::TokenDisabled { id: token } => ("token_disabled", alloc::vec![("id", id(token))]),
            Change::TokenEnabled { id: token } => ("token_enabled", alloc::vec![("id", id(token))]),
            Change::TokenRevoked { id: token } => ("token_revoked", alloc::vec![("id", id(token))]),
            Change::TokensUsed { used } => {
                let pair = |(token, at): &(TokenId, Instant)| Document::List(alloc::vec![id(token), instant(at)]);
                ("tokens_used", alloc::vec![("used", Document::List(used.iter().map(pair).collect()))])
            }
            Change::ResourceCreated { resource } => {
                ("resource_created", alloc::vec![("resource", Document::from(resource.as_str()))])
            }
            Change::ResourceDeleted { resource } => {
                ("resource_deleted", alloc::vec![("resource", Document::from(resource.as_str()))])
            }
            Change::Elsewhere { after, permissions } => {
                let mut fields = alloc::vec![("after", Document::number(*after))];
                if !permissions.is_empty() {
                    fields.push(("permissions", Document::texts(permissions)));
                }
                ("elsewhere", fields)
            }
        }
    }

    /// What was done and to what.
    fn summary(&self, prefix: &str) -> (&'static str, Option<String>) {
        let (kind, _) = self.document();
        let client = |id: &TokenId| Some(alloc::format!("token:{prefix}{}", id.as_str()));
        let subject = match self {
            Change::PolicySet { policy } => policy.get("name").and_then(Document::as_text).map(ToString::to_string),
            Change::RealmCreated { .. } | Change::SettingsUpdated { .. } | Change::Elsewhere { .. } => None,
            Change::TokensUsed { used } => Some(alloc::format!("{} tokens", used.len())),
            Change::TokensRehashed { tokens } => Some(alloc::format!("{} tokens", tokens.len())),
            Change::UserAdded { user, .. } | Change::PasswordSet { user, .. } | Change::UserDeleted { user } => {
                Some(alloc::format!("user:{user}"))
            }
            Change::RoleCreated(role) | Change::RoleUpdated(role) => Some(role.name.clone()),
            Change::RoleDeleted { role } => Some(role.clone()),
            Change::Bound { role, resource, subjects, .. } => {
                Some(alloc::format!("{role} at {resource} to {}", subjects.join(", ")))
            }
            Change::Unbound { binding, subjects } => Some(match subjects {
                Some(subjects) => alloc::format!("b{binding} from {}", subjects.join(", ")),
                None => alloc::format!("b{binding}"),
            }),
            Change::TokenIssued(token) | Change::TokenImported(ImportChange { token, .. }) => match &token.name {
                Some(name) => Some(alloc::format!("token:{name}")),
                None => client(&token.id),
            },
            Change::TokenRotated { id, .. }
            | Change::TokenDisabled { id }
            | Change::TokenEnabled { id }
            | Change::TokenRevoked { id } => client(id),
            Change::ResourceCreated { resource } | Change::ResourceDeleted { resource } => Some(resource.clone()),
        };
        (kind, subject)
    }
}

impl RoleChange {
    fn fields(&self) -> Vec<(&'static str, Document)> {
        let mut fields = alloc::vec![
            ("role", Document::from(self.name.as_str())),
            ("description", Document::from(self.description.as_str())),
            ("permissions", Document::texts(&self.permissions)),
        ];
        fields.extend(self.resources.iter().map(|patterns| ("resources", Document::texts(patterns))));
        fields
    }
}

impl TokenChange {
    fn fields(&self) -> Vec<(&'static str, Document)> {
        let mut fields =
            alloc::vec![("id", Document::from(self.id.as_str())), ("digest", Document::Text(self.digest.to_hex()))];
        self.describe(&mut fields);
        fields
    }

    /// Adds everything but id and digest.
    fn describe(&self, fields: &mut Vec<(&'static str, Document)>) {
        fields.extend(self.name.iter().map(|name| ("name", Document::from(name.as_str()))));
        fields.extend(self.description.iter().map(|text| ("description", Document::from(text.as_str()))));
        fields.extend(self.paths.iter().map(|paths| ("paths", Document::texts(paths))));
        if !self.grants.is_empty() {
            let pair = |(role, at): &GrantText| Document::texts([role, at]);
            fields.push(("grants", Document::List(self.grants.iter().map(pair).collect())));
        }
        fields.extend(self.expires_at.iter().map(|at| ("expires_at", Document::number(at.seconds()))));
    }
}

impl ImportChange {
    fn fields(&self) -> Vec<(&'static str, Document)> {
        let mut fields = alloc::vec![("id", Document::from(self.token.id.as_str()))];
        fields.extend(self.origin.fields());
        self.token.describe(&mut fields);
        fields.extend(self.owner.iter().map(|owner| ("owner", Document::from(&**owner))));
        fields.push(("created_at", Document::number(self.created_at.seconds())));
        fields
    }
}

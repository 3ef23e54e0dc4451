//! What operations answer, as values: tokens, roles, bindings, users, settings.

use tokenward::{Code, Document, Error};

/// A token as it is listed: everything but its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// Prefix and id.
    pub client_id: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// A text for people.
    pub description: Option<String>,
    /// Patterns of the paths it is restricted to; none: no restriction.
    pub paths: Option<Vec<String>>,
    /// Roles given at issue.
    pub roles: Vec<String>,
    /// Who owns it.
    pub owner: String,
    /// Who issued it.
    pub created_by: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Seconds since 1970; none: never.
    pub expires_at: Option<u64>,
    /// Seconds since 1970; none: never.
    pub last_used: Option<u64>,
    /// `active`, `disabled`, `expired` or `revoked`.
    pub status: String,
    /// Where it was imported from; none: it was issued here.
    pub origin: Option<Origin>,
}

/// The system that an imported token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// How it is stored there: `knox`, `drf_api_key`, `sanctum`, `better_auth`, `seam`, `sha256` or `sha512`.
    pub scheme: String,
    /// The public part by which it is looked up there, where it has one.
    pub lookup: Option<String>,
    /// Whether it is stored in our own form by now: since its first use, or because its system stores the same.
    pub rehashed: bool,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// Its name.
    pub name: String,
    /// A text for people.
    pub description: String,
    /// Names of its permissions; `*` for all.
    pub permissions: Vec<String>,
    /// Patterns of the resources it is limited to; none: no limit.
    pub resources: Option<Vec<String>>,
    /// Whether it is the policy's.
    pub predefined: bool,
}

/// A role bound at a resource to subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Binding {
    /// Its id, `b17`.
    pub id: String,
    /// The role.
    pub role: String,
    /// The resource; the binding covers it and all below.
    pub resource: String,
    /// Principals and tokens.
    pub subjects: Vec<String>,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Who made it.
    pub created_by: String,
}

/// A user of a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// Its name, without `user:`.
    pub user: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Whether it can log in.
    pub has_password: bool,
}

/// Settings of a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Without it no token of the realm works.
    pub api_access: bool,
    /// Without it only administrators issue tokens.
    pub individual_tokens: bool,
    /// The longest life of a token; none: no limit.
    pub maximum_lifetime_days: Option<u32>,
}

/// A value read from a document.
pub(crate) trait Record: Sized {
    /// None when the document is another one.
    fn read(document: &Document) -> Option<Self>;
}

/// # Errors
/// `internal`: the core answers what it says it does.
pub(crate) fn one<R: Record>(document: &Document) -> Result<R, Error> {
    R::read(document).ok_or(Error::new(Code::Internal))
}

pub(crate) fn list<R: Record>(document: &Document) -> Result<Vec<R>, Error> {
    match document {
        Document::List(items) => items.iter().map(one).collect(),
        _ => Err(Error::new(Code::Internal)),
    }
}

pub(crate) fn texts(document: &Document) -> Vec<String> {
    match document {
        Document::List(items) => items.iter().filter_map(Document::as_text).map(str::to_string).collect(),
        _ => Vec::new(),
    }
}

fn text(document: &Document, name: &str) -> Option<String> {
    document.get(name)?.as_text().map(str::to_string)
}

fn number(document: &Document, name: &str) -> Option<u64> {
    match document.get(name)? {
        Document::Integer(value) => u64::try_from(*value).ok(),
        _ => None,
    }
}

fn boolean(document: &Document, name: &str) -> Option<bool> {
    match document.get(name)? {
        Document::Bool(value) => Some(*value),
        _ => None,
    }
}

fn optional_texts(document: &Document, name: &str) -> Option<Vec<String>> {
    document.get(name).filter(|value| **value != Document::Null).map(texts)
}

impl Record for Token {
    fn read(document: &Document) -> Option<Self> {
        Some(Token {
            client_id: text(document, "client_id")?,
            name: text(document, "name"),
            description: text(document, "description"),
            paths: optional_texts(document, "paths"),
            roles: texts(document.get("roles")?),
            owner: text(document, "owner")?,
            created_by: text(document, "created_by")?,
            created_at: number(document, "created_at")?,
            expires_at: number(document, "expires_at"),
            last_used: number(document, "last_used"),
            status: text(document, "status")?,
            origin: document.get("origin").and_then(Origin::read),
        })
    }
}

impl Record for Origin {
    fn read(document: &Document) -> Option<Self> {
        Some(Origin {
            scheme: text(document, "scheme")?,
            lookup: text(document, "lookup"),
            rehashed: boolean(document, "rehashed")?,
        })
    }
}

impl Record for Role {
    fn read(document: &Document) -> Option<Self> {
        Some(Role {
            name: text(document, "name")?,
            description: text(document, "description")?,
            permissions: texts(document.get("permissions")?),
            resources: optional_texts(document, "resources"),
            predefined: boolean(document, "predefined")?,
        })
    }
}

impl Record for Binding {
    fn read(document: &Document) -> Option<Self> {
        Some(Binding {
            id: text(document, "id")?,
            role: text(document, "role")?,
            resource: text(document, "resource")?,
            subjects: texts(document.get("subjects")?),
            created_at: number(document, "created_at")?,
            created_by: text(document, "created_by")?,
        })
    }
}

impl Record for User {
    fn read(document: &Document) -> Option<Self> {
        Some(User {
            user: text(document, "user")?,
            created_at: number(document, "created_at")?,
            has_password: boolean(document, "has_password")?,
        })
    }
}

impl Record for Settings {
    fn read(document: &Document) -> Option<Self> {
        let maximum = document.get("maximum_lifetime_days")?;
        Some(Settings {
            api_access: boolean(document, "api_access")?,
            individual_tokens: boolean(document, "individual_tokens")?,
            maximum_lifetime_days: if let Document::Integer(days) = maximum { u32::try_from(*days).ok() } else { None },
        })
    }
}

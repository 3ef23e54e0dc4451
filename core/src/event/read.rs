//! Reading an event from its document.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Change, Event, GrantText, ImportChange, RoleChange, TokenChange};
use crate::digest::{Digest, TokenId};
use crate::document::{Document, Fields, required, text};
use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::origin::Origin;
use crate::password::PasswordHash;
use crate::policy::Settings;

pub(super) fn event(document: &Document) -> Result<Event, Error> {
    let mut fields = Fields::of(document)?;
    let revision = required("revision", fields.integer("revision")?)?;
    let at = required("at", instant(&mut fields, "at")?)?;
    let by = Arc::from(required("by", fields.text("by")?)?);
    let realm = fields.text("realm")?.map(Arc::from);
    let kind = required("change", fields.text("change")?)?;
    let change = change(kind, &mut fields)?;
    fields.finish()?;
    let revision = u64::try_from(revision).map_err(|_| Error::new(Code::EventInvalid).at("revision"))?;
    Ok(Event { revision, at, by, realm, change })
}

fn change(kind: &str, fields: &mut Fields<'_>) -> Result<Change, Error> {
    Ok(match kind {
        "policy_set" => Change::PolicySet { policy: required("policy", fields.optional("policy"))?.clone() },
        "realm_created" => Change::RealmCreated { settings: settings(fields)? },
        "settings_updated" => Change::SettingsUpdated { settings: settings(fields)? },
        "user_added" => Change::UserAdded { user: string(fields, "user")?, password: password(fields)? },
        "password_set" => Change::PasswordSet { user: string(fields, "user")?, password: password(fields)? },
        "user_deleted" => Change::UserDeleted { user: string(fields, "user")? },
        "role_created" => Change::RoleCreated(role(fields)?),
        "role_updated" => Change::RoleUpdated(role(fields)?),
        "role_deleted" => Change::RoleDeleted { role: string(fields, "role")? },
        "bound" => Change::Bound {
            role: Arc::from(required("role", fields.text("role")?)?),
            resource: Arc::from(required("resource", fields.text("resource")?)?),
            subjects: required("subjects", strings(fields, "subjects")?)?,
            replace: required("replace", fields.boolean("replace")?)?,
        },
        "unbound" => Change::Unbound {
            binding: u64::try_from(required("binding", fields.integer("binding")?)?)
                .map_err(|_| Error::new(Code::EventInvalid).at("binding"))?,
            subjects: strings(fields, "subjects")?,
        },
        "token_issued" => {
            let digest = digest(fields)?;
            Change::TokenIssued(token(fields, digest)?)
        }
        "token_imported" => Change::TokenImported(ImportChange {
            origin: Origin::read(fields)?,
            token: token(fields, Digest::NONE)?,
            owner: fields.text("owner")?.map(Arc::from),
            created_at: required("created_at", instant(fields, "created_at")?)?,
        }),
        "tokens_rehashed" => Change::TokensRehashed {
            tokens: required("tokens", fields.list("tokens")?)?.iter().map(rehashed).collect::<Result<_, _>>()?,
        },
        "token_rotated" => Change::TokenRotated {
            id: id(fields, "id")?,
            ends_at: required("ends_at", instant(fields, "ends_at")?)?,
            new_id: id(fields, "new_id")?,
            digest: digest(fields)?,
            expires_at: instant(fields, "expires_at")?,
        },
        "token_disabled" => Change::TokenDisabled { id: id(fields, "id")? },
        "token_enabled" => Change::TokenEnabled { id: id(fields, "id")? },
        "token_revoked" => Change::TokenRevoked { id: id(fields, "id")? },
        "tokens_used" => Change::TokensUsed {
            used: required("used", fields.list("used")?)?.iter().map(used).collect::<Result<_, _>>()?,
        },
        "resource_created" => Change::ResourceCreated { resource: string(fields, "resource")? },
        "resource_deleted" => Change::ResourceDeleted { resource: string(fields, "resource")? },
        "elsewhere" => Change::Elsewhere {
            after: u64::try_from(required("after", fields.integer("after")?)?)
                .map_err(|_| Error::new(Code::EventInvalid).at("after"))?,
            permissions: strings(fields, "permissions")?.unwrap_or_default(),
        },
        _ => return Err(Error::new(Code::LogVersion).at("change")),
    })
}

fn string(fields: &mut Fields<'_>, name: &'static str) -> Result<String, Error> {
    Ok(required(name, fields.text(name)?)?.to_string())
}

fn strings(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<Vec<String>>, Error> {
    Ok(fields.texts(name)?.map(|texts| texts.into_iter().map(ToString::to_string).collect()))
}

fn instant(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<Instant>, Error> {
    let Some(seconds) = fields.integer(name)? else { return Ok(None) };
    let seconds = u64::try_from(seconds).map_err(|_| Error::new(Code::InstantInvalid).at(name))?;
    Instant::from_seconds(seconds).map(Some).map_err(|error| error.at(name))
}

fn id(fields: &mut Fields<'_>, name: &'static str) -> Result<TokenId, Error> {
    TokenId::parse(required(name, fields.text(name)?)?)
}

fn digest(fields: &mut Fields<'_>) -> Result<Digest, Error> {
    Digest::from_hex(required("digest", fields.text("digest")?)?)
}

fn password(fields: &mut Fields<'_>) -> Result<Option<PasswordHash>, Error> {
    fields.text("password")?.map(PasswordHash::parse).transpose()
}

fn settings(fields: &mut Fields<'_>) -> Result<Settings, Error> {
    let blank = Settings { api_access: true, individual_tokens: true, maximum_lifetime_days: None };
    blank.changed_by(required("settings", fields.optional("settings"))?)
}

fn role(fields: &mut Fields<'_>) -> Result<RoleChange, Error> {
    Ok(RoleChange {
        name: string(fields, "role")?,
        description: string(fields, "description")?,
        permissions: required("permissions", strings(fields, "permissions")?)?,
        resources: strings(fields, "resources")?,
    })
}

fn token(fields: &mut Fields<'_>, digest: Digest) -> Result<TokenChange, Error> {
    Ok(TokenChange {
        id: id(fields, "id")?,
        digest,
        name: fields.text("name")?.map(ToString::to_string),
        description: fields.text("description")?.map(ToString::to_string),
        paths: strings(fields, "paths")?,
        grants: fields.list("grants")?.unwrap_or_default().iter().map(grant).collect::<Result<_, _>>()?,
        expires_at: instant(fields, "expires_at")?,
    })
}

fn grant(document: &Document) -> Result<GrantText, Error> {
    match document {
        Document::List(items) if items.len() == 2 => {
            let mut texts = items.iter().map(text);
            let mut next = || texts.next().unwrap_or(Ok("")).map(Arc::<str>::from);
            Ok((next()?, next()?))
        }
        _ => Err(Error::new(Code::EventInvalid).at("grants")),
    }
}

fn rehashed(document: &Document) -> Result<(TokenId, Digest), Error> {
    match document {
        Document::List(items) => match items.as_slice() {
            [Document::Text(id), Document::Text(digest)] => Ok((TokenId::parse(id)?, Digest::from_hex(digest)?)),
            _ => Err(Error::new(Code::EventInvalid).at("tokens")),
        },
        _ => Err(Error::new(Code::EventInvalid).at("tokens")),
    }
}

fn used(document: &Document) -> Result<(TokenId, Instant), Error> {
    match document {
        Document::List(items) => match items.as_slice() {
            [Document::Text(id), Document::Integer(at)] => {
                let at = u64::try_from(*at).map_err(|_| Error::new(Code::InstantInvalid).at("used"))?;
                Ok((TokenId::parse(id)?, Instant::from_seconds(at)?))
            }
            _ => Err(Error::new(Code::EventInvalid).at("used")),
        },
        _ => Err(Error::new(Code::EventInvalid).at("used")),
    }
}

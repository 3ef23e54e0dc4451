//! Reading a policy from its document.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Policy;
use super::operation::{Governance, Operation, Rule};
use super::rules::{Presence, Rights, Settings, TokenRules, days};
use crate::document::{Document, Fields, required, text};
use crate::error::{Code, Error};
use crate::resource::{Kind, Kinds, ResourcePattern};
use crate::role::RoleText;
use crate::{limits, name, permission};

type Entries<'d> = &'d [(String, Document)];
type Known = Vec<(Arc<str>, Kind)>;
type ResourceTokens = Vec<(Kind, Vec<Arc<str>>)>;

pub(super) fn policy(document: &Document) -> Result<Policy, Error> {
    let mut fields = Fields::of(document)?;
    let name = required("name", fields.text("name")?)?;
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || name.len() > 32 || !name.bytes().all(word) {
        return Err(invalid("1 to 32 characters from a-z 0-9 -").at("name"));
    }
    if let Some(text) = fields.text("description")? {
        name::check_description(text).map_err(|error| error.within("description"))?;
    }
    let kinds =
        kinds(required("resources", fields.entries("resources")?)?).map_err(|error| error.within("resources"))?;
    let permissions = permissions(fields.entries("permissions")?.unwrap_or_default(), &kinds)?;
    let roles = roles(fields.entries("roles")?.unwrap_or_default(), &kinds, &permissions)?;
    let known_role = |name: &str, place: &'static str| {
        roles
            .iter()
            .find(|role: &&RoleText| &*role.name == name)
            .map(|role| role.name.clone())
            .ok_or_else(|| Error::new(Code::RoleNotFound).at(place).expected("a role of this policy"))
    };
    let administrator_role =
        fields.text("administrator_role")?.map(|role| known_role(role, "administrator_role")).transpose()?;
    let escalate =
        fields.text("escalate")?.map(|text| known(&permissions, text)).transpose().map_err(|e| e.within("escalate"))?;
    let custom_roles = fields.boolean("custom_roles")?.unwrap_or(false);
    let open_permissions = fields.boolean("open_permissions")?.unwrap_or(false);
    let tokens = required("tokens", fields.optional("tokens"))?;
    let tokens = token_rules(tokens, &kinds).map_err(|error| error.within("tokens"))?;
    let defaults = Settings { api_access: true, individual_tokens: true, maximum_lifetime_days: None };
    let settings = match fields.optional("settings") {
        Some(document) => defaults.changed_by(document).map_err(|error| error.within("settings"))?,
        None => defaults,
    };
    let governance = governance(fields.entries("operations")?.unwrap_or_default(), &permissions)?;
    let mut creator_roles = Vec::new();
    for (kind, role) in fields.entries("creator_roles")?.unwrap_or_default() {
        let kind = kinds.find(kind).ok_or_else(|| invalid("kinds of this policy").at("creator_roles"))?;
        creator_roles.push((kind, known_role(text(role).map_err(|e| e.within("creator_roles"))?, "creator_roles")?));
    }
    let resource_tokens =
        resource_tokens(fields.entries("resource_tokens")?.unwrap_or_default(), &kinds, &permissions)?;
    fields.finish()?;
    Ok(Policy {
        name: Arc::from(name),
        document: document.clone(),
        kinds,
        permissions,
        roles,
        administrator_role,
        escalate,
        custom_roles,
        open_permissions,
        tokens,
        settings,
        governance,
        creator_roles,
        resource_tokens,
    })
}

fn invalid(expected: &'static str) -> Error {
    Error::new(Code::PolicyInvalid).expected(expected)
}

fn kinds(entries: Entries<'_>) -> Result<Kinds, Error> {
    let pairs: Vec<(&str, &str)> = entries
        .iter()
        .map(|(kind, parent)| text(parent).map(|parent| (kind.as_str(), parent)))
        .collect::<Result<_, _>>()?;
    Kinds::of(&pairs)
}

fn permissions(entries: Entries<'_>, kinds: &Kinds) -> Result<Known, Error> {
    if entries.len() > limits::KNOWN_PERMISSIONS / 2 {
        return Err(Error::new(Code::TooMany).at("permissions"));
    }
    let read = |(name, kind): &(String, Document)| {
        let name = permission::check(name)?;
        let kind = kinds.find(text(kind)?).ok_or_else(|| invalid("a kind of this policy").at(name.to_string()))?;
        Ok((Arc::from(name), kind))
    };
    entries.iter().map(|entry| read(entry).map_err(|error: Error| error.within("permissions"))).collect()
}

fn known(permissions: &Known, name: &str) -> Result<Arc<str>, Error> {
    permissions
        .iter()
        .find(|(known, _)| &**known == name)
        .map(|(known, _)| known.clone())
        .ok_or(Error::new(Code::PermissionUnknown).expected("a permission of this policy"))
}

fn known_all(permissions: &Known, names: &[&str], star: bool) -> Result<Vec<Arc<str>>, Error> {
    if names.is_empty() {
        return Err(Error::new(Code::PermissionsEmpty));
    }
    if names.len() > limits::PERMISSIONS {
        return Err(Error::new(Code::TooMany));
    }
    let one = |name: &str| if star && name == "*" { Ok(Arc::from("*")) } else { known(permissions, name) };
    names.iter().enumerate().map(|(index, name)| one(name).map_err(|e| e.within(&format!("[{index}]")))).collect()
}

fn roles(entries: Entries<'_>, kinds: &Kinds, permissions: &Known) -> Result<Vec<RoleText>, Error> {
    entries
        .iter()
        .enumerate()
        .map(|(index, (name, document))| {
            let name = name::check_role(name).map_err(|error| error.within(&format!("roles[{index}]")))?;
            role(name, document, kinds, permissions).map_err(|error| error.within(name).within("roles"))
        })
        .collect()
}

fn role(name: &str, document: &Document, kinds: &Kinds, known: &Known) -> Result<RoleText, Error> {
    let mut fields = Fields::of(document)?;
    let description = fields.text("description")?.unwrap_or_default();
    let names = required("permissions", fields.texts("permissions")?)?;
    let permissions = known_all(known, &names, true).map_err(|error| error.within("permissions"))?;
    let resources = fields.texts("resources")?.map(|texts| patterns(&texts, kinds)).transpose()?;
    fields.finish()?;
    let description = name::check_description(description).map_err(|error| error.within("description"))?.to_string();
    Ok(RoleText { name: Arc::from(name), description, permissions, resources })
}

fn patterns(texts: &[&str], kinds: &Kinds) -> Result<Vec<ResourcePattern>, Error> {
    if texts.is_empty() {
        return Err(Error::new(Code::ListEmpty).at("resources"));
    }
    if texts.len() > limits::RESOURCE_PATTERNS {
        return Err(Error::new(Code::TooMany).at("resources"));
    }
    let one = |(index, text): (usize, &&str)| {
        ResourcePattern::parse(text, kinds).map_err(|error| error.within(&format!("resources[{index}]")))
    };
    texts.iter().enumerate().map(one).collect()
}

fn choice<T: Copy>(
    fields: &mut Fields<'_>,
    name: &'static str,
    choices: &[(&str, T)],
    expected: &'static str,
    default: T,
) -> Result<T, Error> {
    match fields.text(name)? {
        None => Ok(default),
        Some(text) => choices
            .iter()
            .find(|(spelling, _)| *spelling == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| invalid(expected).at(name)),
    }
}

fn token_rules(document: &Document, kinds: &Kinds) -> Result<TokenRules, Error> {
    const PRESENCE: [(&str, Presence); 3] =
        [("required", Presence::Required), ("optional", Presence::Optional), ("none", Presence::None)];
    const RIGHTS: [(&str, Rights); 3] = [("none", Rights::None), ("copied", Rights::Copied), ("owner", Rights::Owner)];
    let mut fields = Fields::of(document)?;
    let prefix = required("prefix", fields.text("prefix")?)?;
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let whole = prefix.bytes().all(|b| word(b) || b == b'_') && !prefix.starts_with('_') && !prefix.ends_with('_');
    if prefix.is_empty() || prefix.len() > 20 || !whole {
        return Err(invalid("1 to 20 characters from a-z 0-9 and _ in the middle").at("prefix"));
    }
    let names = choice(&mut fields, "names", &PRESENCE, "required, optional or none", Presence::Optional)?;
    let paths = choice(&mut fields, "paths", &PRESENCE, "required, optional or none", Presence::Optional)?;
    let rights = choice(&mut fields, "rights", &RIGHTS, "none, copied or owner", Rights::None)?;
    let roles = match fields.optional("roles") {
        None => (0, 0),
        Some(document) => role_count(document).map_err(|error| error.within("roles"))?,
    };
    if rights == Rights::Owner && roles != (0, 0) {
        return Err(invalid("no roles where tokens have their owner's rights").at("roles"));
    }
    let read = TokenRules {
        prefix: format!("{prefix}_"),
        names,
        paths,
        roles,
        rights,
        default_lifetime_days: required("default_lifetime_days", days(&mut fields, "default_lifetime_days")?)?,
        maximum_lifetime_days: days(&mut fields, "maximum_lifetime_days")?.flatten(),
        never_expires: fields.boolean("never_expires")?.unwrap_or(false),
        rotation: fields.boolean("rotation")?.unwrap_or(true),
        renewal: fields.boolean("renewal")?.unwrap_or(false),
        refreshers: fields.boolean("refreshers")?.unwrap_or(false),
        belongs: belongs(fields.entries("belongs")?.unwrap_or_default(), kinds)?,
    };
    fields.finish()?;
    if read.default_lifetime_days.is_none() && !read.never_expires {
        return Err(invalid("a number of days, since tokens may not live for ever").at("default_lifetime_days"));
    }
    if read.maximum_lifetime_days.is_some_and(|maximum| read.default_lifetime_days.is_none_or(|days| days > maximum)) {
        return Err(invalid("no more than maximum_lifetime_days").at("default_lifetime_days"));
    }
    Ok(read)
}

fn role_count(document: &Document) -> Result<(usize, usize), Error> {
    let mut fields = Fields::of(document)?;
    let mut count = |name: &'static str| -> Result<usize, Error> {
        let count = required(name, fields.integer(name)?)?;
        usize::try_from(count)
            .ok()
            .filter(|n| *n <= limits::ROLES)
            .ok_or_else(|| invalid("a number from 0 to 16").at(name))
    };
    let (minimum, maximum) = (count("minimum")?, count("maximum")?);
    fields.finish()?;
    if minimum > maximum { Err(invalid("at least the minimum").at("maximum")) } else { Ok((minimum, maximum)) }
}

fn belongs(entries: Entries<'_>, kinds: &Kinds) -> Result<Vec<(String, String)>, Error> {
    let root_child = |resource: &str| {
        let (kind, id) = resource.split_once(':')?;
        let kind = kinds.find(kind)?;
        (id == "{id}" && kinds.ancestry(kind).count() == 2).then_some(())
    };
    entries
        .iter()
        .map(|(prefix, resource)| {
            let resource = text(resource).map_err(|error| error.within("belongs"))?;
            if !prefix.ends_with("/{id}/") || root_child(resource).is_none() {
                return Err(
                    invalid("\"word/{id}/\" = \"kind:{id}\", the kind directly below the realm's").at("belongs")
                );
            }
            Ok((prefix.clone(), resource.to_string()))
        })
        .collect()
}

fn governance(entries: Entries<'_>, permissions: &Known) -> Result<Governance, Error> {
    let mut rules = Vec::new();
    for (index, (name, document)) in entries.iter().enumerate() {
        let Some(operation) = Operation::ALL.iter().find(|operation| operation.as_str() == name) else {
            return Err(Error::new(Code::OperationUnknown).at(format!("operations[{index}]")));
        };
        let rule = match document {
            Document::Text(text) if text == "anyone" => Ok(Rule::Anyone),
            Document::Text(text) => known(permissions, text).map(|name| Rule::Holders(alloc::vec![name])),
            Document::List(_) => {
                names(document).and_then(|names| known_all(permissions, &names, false)).map(Rule::Holders)
            }
            _ => Err(Error::new(Code::TypeInvalid).expected("a permission, a list of permissions, or \"anyone\"")),
        };
        rules.push((*operation, rule.map_err(|error| error.within(operation.as_str()).within("operations"))?));
    }
    Ok(Governance(rules))
}

fn names(document: &Document) -> Result<Vec<&str>, Error> {
    match document {
        Document::List(items) => items.iter().map(text).collect(),
        _ => Err(Error::new(Code::TypeInvalid).expected("a list")),
    }
}

fn resource_tokens(entries: Entries<'_>, kinds: &Kinds, permissions: &Known) -> Result<ResourceTokens, Error> {
    let one = |(kind, document): &(String, Document)| {
        let kind = kinds.find(kind).ok_or_else(|| invalid("kinds of this policy"))?;
        let mut fields = Fields::of(document)?;
        let names = required("permissions", fields.texts("permissions")?)?;
        let names = known_all(permissions, &names, false).map_err(|error| error.within("permissions"))?;
        fields.finish()?;
        Ok((kind, names))
    };
    entries.iter().map(|entry| one(entry).map_err(|error: Error| error.within("resource_tokens"))).collect()
}

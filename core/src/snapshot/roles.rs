//! Permissions and roles in a snapshot.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::reader::Reader;
use super::writer::Writer;
use crate::error::Error;
use crate::permission::{self, Applies, Permission, PermissionSet, Permissions};
use crate::policy::Policy;
use crate::realm::Realm;
use crate::registry::Registry;
use crate::resource::ResourcePattern;
use crate::role::{Role, RoleId, RoleText};
use crate::{limits, name};

// On what a permission is held.
const BY_POLICY: u8 = 0;
const ANYWHERE: u8 = 1;
const NOWHERE: u8 = 2;

// What a role is.
const CUSTOM: u8 = 1;
const DELETED: u8 = 2;

// A permission of a role: the star, or a number and whether the role holds it. It does not where the policy had
// dropped the permission when the role was last settled.
const STAR: u16 = u16::MAX;
const HELD: u16 = 1 << 15;

pub(super) fn write_permissions(permissions: &Permissions, writer: &mut Writer) {
    writer.count(permissions.iter().count());
    for (name, _, applies) in permissions.iter() {
        writer.u8(match applies {
            Applies::On(_) => BY_POLICY,
            Applies::Anywhere => ANYWHERE,
            Applies::Nowhere => NOWHERE,
        });
        writer.text(name);
    }
}

pub(super) fn read_permissions(mut reader: Reader<'_>, policy: &Policy) -> Result<Permissions, Error> {
    let listed: BTreeMap<&str, _> = policy.permissions.iter().map(|(name, kind)| (&**name, *kind)).collect();
    let mut permissions = Permissions::default();
    let mut found = 0usize;
    for number in 0..reader.count(5)? {
        let applies = reader.u8()?;
        let name = reader.text()?;
        let applies = match (applies, listed.get(name)) {
            (BY_POLICY, Some(kind)) => {
                found = found.saturating_add(1);
                Applies::On(*kind)
            }
            (ANYWHERE, None) if policy.open_permissions => Applies::Anywhere,
            (NOWHERE, None) => Applies::Nowhere,
            _ => return Err(reader.invalid()),
        };
        reader.checked(permission::check(name))?;
        let given = reader.checked(permissions.intern(name, applies))?;
        reader.ensure(u32::from(given.number()) == number)?;
    }
    reader.ensure(found == listed.len())?;
    reader.end()?;
    Ok(permissions)
}

pub(super) fn write_roles(registry: &Registry, writer: &mut Writer) {
    writer.count(registry.roles.iter().flatten().count());
    for role in registry.roles.iter().flatten() {
        let deleted = if role.deleted { DELETED } else { 0 };
        writer.u8(deleted | if role.realm.is_some() { CUSTOM } else { 0 });
        writer.text(&role.text.name);
        let Some(realm) = role.realm else { continue };
        writer.u32(realm);
        // What a predefined role says stands in the policy; what a deleted one said, nobody asks.
        if !role.deleted {
            write_text(role, &registry.permissions, writer);
        }
    }
}

fn write_text(role: &Role, permissions: &Permissions, writer: &mut Writer) {
    writer.text(&role.text.description);
    writer.count(role.text.permissions.len());
    for name in &role.text.permissions {
        let known = permissions.find(name);
        let held = known.is_some_and(|permission| !role.set.all && role.set.holds(permission));
        writer.u16(known.map_or(STAR, Permission::number) | if held { HELD } else { 0 });
    }
    writer.u8(u8::from(role.text.resources.is_some()));
    if let Some(patterns) = &role.text.resources {
        writer.count(patterns.len());
        for pattern in patterns {
            writer.text(pattern.as_str());
        }
    }
}

/// Reads the roles and enters the custom ones in their realms.
pub(super) fn read_roles(
    mut reader: Reader<'_>,
    policy: &Policy,
    permissions: &Permissions,
    realms: &mut [Realm],
) -> Result<Vec<Arc<Role>>, Error> {
    let mut roles = Vec::new();
    let mut predefined = BTreeSet::new();
    for number in 0..reader.count(5)? {
        let flags = reader.flags(CUSTOM | DELETED)?;
        let (custom, deleted) = (flags & CUSTOM != 0, flags & DELETED != 0);
        let name = reader.text()?;
        reader.checked(name::check_role(name))?;
        let realm = if custom { Some(reader.u32()?) } else { None };
        let home = realm.map(|realm| reader.known(realms.get_mut(realm as usize))).transpose()?;
        let (text, set) = match home {
            _ if deleted => (nothing(name), PermissionSet::default()),
            Some(home) => {
                let (text, set) = read_text(&mut reader, name, home, permissions)?;
                let known = home.roles.insert(text.name.clone(), RoleId(number));
                reader.ensure(known.is_none())?;
                (text, set)
            }
            None => {
                let text = reader.known(policy.role(name))?.clone();
                reader.ensure(predefined.insert(name))?;
                let set = set_of(&text.permissions, |name| permissions.find(name));
                (text, set)
            }
        };
        roles.push(Arc::new(Role { text, realm, deleted, set }));
    }
    reader.ensure(predefined.len() == policy.roles.len())?;
    reader.end()?;
    Ok(roles)
}

fn nothing(name: &str) -> RoleText {
    RoleText { name: Arc::from(name), description: String::new(), permissions: Vec::new(), resources: None }
}

fn set_of<'n>(names: &'n [Arc<str>], find: impl Fn(&'n str) -> Option<Permission>) -> PermissionSet {
    if names.iter().any(|name| &**name == "*") {
        return PermissionSet::star();
    }
    names.iter().filter_map(|name| find(name)).collect()
}

fn read_text(
    reader: &mut Reader<'_>,
    name: &str,
    home: &Realm,
    known: &Permissions,
) -> Result<(RoleText, PermissionSet), Error> {
    let description = reader.text()?;
    reader.checked(name::check_description(description))?;
    let count = reader.count(2)?;
    reader.ensure((1..=limits::PERMISSIONS).contains(&(count as usize)))?;
    let mut names: Vec<Arc<str>> = Vec::with_capacity(count as usize);
    let mut held = Vec::new();
    let mut unheld = false;
    for _ in 0..count {
        let word = reader.u16()?;
        if word == STAR {
            names.push(Arc::from("*"));
            continue;
        }
        let permission = Permission::from_number(word & !HELD);
        let name = known.name(permission);
        reader.ensure(!name.is_empty())?;
        names.push(Arc::from(name));
        let applies = known.applies(permission);
        if word & HELD != 0 {
            reader.ensure(applies != Applies::Nowhere)?;
            held.push(permission);
        } else {
            unheld |= matches!(applies, Applies::On(_));
        }
    }
    let set = if names.iter().any(|name| &**name == "*") {
        reader.ensure(held.is_empty())?;
        PermissionSet::star()
    } else {
        reader.ensure(!unheld)?;
        held.into_iter().collect()
    };
    let resources = if reader.flags(1)? == 1 { Some(read_patterns(reader, home)?) } else { None };
    Ok((RoleText { name: Arc::from(name), description: String::from(description), permissions: names, resources }, set))
}

fn read_patterns(reader: &mut Reader<'_>, home: &Realm) -> Result<Vec<ResourcePattern>, Error> {
    let count = reader.count(4)?;
    reader.ensure((1..=limits::RESOURCE_PATTERNS).contains(&(count as usize)))?;
    let mut patterns = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let text = reader.text()?;
        // Not against the policy's kinds: a pattern outlives a kind that the policy drops, and matches nothing then.
        let pattern = reader.checked(ResourcePattern::spelled(text))?;
        reader.ensure(pattern.realm() == &*home.name || pattern.realm().ends_with(":*"))?;
        patterns.push(pattern);
    }
    Ok(patterns)
}

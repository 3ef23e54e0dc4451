//! Realms in a snapshot, with their settings, users and resources; and what binds subjects in them.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::SnapshotContents;
use super::reader::Reader;
use super::writer::Writer;
use crate::error::Error;
use crate::ordered::OrderedSet;
use crate::password::PasswordHash;
use crate::policy::{Policy, Settings};
use crate::principal::Principal;
use crate::realm::{Binding, Realm, User};
use crate::registry::Registry;
use crate::resource;
use crate::role::{Role, RoleId};
use crate::subject::{Subject, SubjectId};

const API_ACCESS: u8 = 1;
const INDIVIDUAL_TOKENS: u8 = 2;
/// The most days that a setting takes.
const MOST_DAYS: u32 = 3_000_000;

pub(super) fn write_realms(registry: &Registry, contents: SnapshotContents, writer: &mut Writer) {
    writer.count(registry.realms.len());
    for realm in registry.realms.iter().flatten() {
        writer.text(&realm.name);
        writer.u64(realm.created_at.seconds());
        let settings = &realm.settings;
        let individual_tokens = if settings.individual_tokens { INDIVIDUAL_TOKENS } else { 0 };
        writer.u8(individual_tokens | if settings.api_access { API_ACCESS } else { 0 });
        writer.u32(settings.maximum_lifetime_days.unwrap_or(0));
        writer.count(realm.users.len());
        for (name, user) in realm.users.iter() {
            writer.text(name);
            writer.u64(user.since);
            writer.u64(user.created_at.seconds());
            if contents == SnapshotContents::Complete {
                writer.text(user.password.as_ref().map_or("", PasswordHash::as_str));
            }
        }
        writer.count(realm.departed.len());
        for (name, tokens) in realm.departed.iter() {
            writer.text(name);
            writer.u32(*tokens);
        }
        writer.count(realm.resources.len());
        realm.resources.keys().for_each(|resource| writer.text(resource));
    }
}

/// Reads the realms, as yet without roles, bindings and principals.
pub(super) fn read_realms(
    mut reader: Reader<'_>,
    contents: SnapshotContents,
    policy: &Policy,
    revision: u64,
) -> Result<Vec<Realm>, Error> {
    let mut realms = Vec::new();
    for _ in 0..reader.count(29)? {
        let name = reader.text()?;
        reader.checked(policy.kinds.check_realm(name))?;
        let created_at = reader.instant()?;
        let flags = reader.flags(API_ACCESS | INDIVIDUAL_TOKENS)?;
        let days = reader.u32()?;
        reader.ensure(days <= MOST_DAYS)?;
        let settings = Settings {
            api_access: flags & API_ACCESS != 0,
            individual_tokens: flags & INDIVIDUAL_TOKENS != 0,
            maximum_lifetime_days: (days != 0).then_some(days),
        };
        let mut realm = Realm::new(Arc::from(name), created_at, settings);
        for _ in 0..reader.count(20)? {
            let name = reader.text()?;
            reader.checked(Principal::user(name))?;
            let since = reader.u64()?;
            reader.ensure(since <= revision)?;
            let created_at = reader.instant()?;
            let password = match contents {
                SnapshotContents::Complete => reader.text()?,
                SnapshotContents::Shared => "",
            };
            let password =
                if password.is_empty() { None } else { Some(reader.checked(PasswordHash::parse(password))?) };
            reader.ensure(realm.users.append(Arc::from(name), User { since, created_at, password }))?;
        }
        for _ in 0..reader.count(8)? {
            let name = reader.text()?;
            reader.checked(Principal::user(name))?;
            let tokens = reader.u32()?;
            reader.ensure(realm.departed.append(Arc::from(name), tokens))?;
        }
        for _ in 0..reader.count(4)? {
            let text = reader.text()?;
            // A resource may outlive its kind, when the policy is replaced.
            reader.ensure(resource::is_spelled(text) && resource::covers(&realm.name, text))?;
            reader.ensure(realm.resources.append(Arc::from(text), ()))?;
        }
        realms.push(realm);
    }
    reader.end()?;
    Ok(realms)
}

pub(super) fn write_bindings(registry: &Registry, writer: &mut Writer) {
    for realm in registry.realms.iter().flatten() {
        writer.count(realm.bindings.len());
        for (number, binding) in realm.bindings.iter() {
            writer.u64(*number);
            writer.u32(binding.role.0);
            writer.text(&binding.resource);
            writer.u64(binding.created_at.seconds());
            writer.text(&binding.created_by);
            writer.count(binding.subjects.len());
            binding.subjects.keys().for_each(|subject| writer.u32(*subject));
        }
    }
}

/// Reads the bindings into their realms, and answers who is named by which.
pub(super) fn read_bindings(
    mut reader: Reader<'_>,
    policy: &Policy,
    revision: u64,
    roles: &[Arc<Role>],
    (realms, subjects): (&mut [Realm], &[Subject]),
) -> Result<Vec<(SubjectId, u64)>, Error> {
    let mut named = Vec::new();
    for (number, realm) in (0u32..).zip(realms) {
        for _ in 0..reader.count(36)? {
            let binding = reader.u64()?;
            reader.ensure((1..=revision).contains(&binding))?;
            let role = RoleId(reader.u32()?);
            let known = reader.known(roles.get(role.0 as usize))?;
            // A deleted custom role has no bindings; one that the policy dropped keeps them, without effect.
            reader.ensure(known.realm.is_none_or(|home| home == number && !known.deleted))?;
            let text = reader.text()?;
            reader.ensure(policy.kinds.kind_of(text).is_some() && resource::covers(&realm.name, text))?;
            let resource = if text == &*realm.name { realm.name.clone() } else { Arc::from(text) };
            let created_at = reader.instant()?;
            let created_by = read_actor(&mut reader)?;
            let mut members = OrderedSet::default();
            let count = reader.count(4)?;
            reader.ensure(count > 0)?;
            for _ in 0..count {
                let member = reader.u32()?;
                let subject = reader.known(subjects.get(member as usize))?;
                reader.ensure(subject.realm == number && subject.principal.is_some() && !subject.removed)?;
                reader.ensure(members.append(member, ()))?;
                named.push((member, binding));
            }
            reader.ensure(realm.places.insert((role, resource.clone()), binding).is_none())?;
            let created_by = Arc::from(created_by);
            let made = Binding { role, resource, subjects: members, created_at, created_by };
            reader.ensure(realm.bindings.append(binding, made))?;
        }
    }
    reader.end()?;
    named.sort_unstable();
    Ok(named)
}

/// Who made a change: a principal, or the host itself.
pub(super) fn read_actor<'b>(reader: &mut Reader<'b>) -> Result<&'b str, Error> {
    let text = reader.text()?;
    reader.ensure(text == "system" || Principal::parse(text).is_ok())?;
    Ok(text)
}

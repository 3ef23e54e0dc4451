//! Subjects in a snapshot. What they may do is not written but compiled from what they were given.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::reader::Reader;
use super::writer::Writer;
use crate::error::Error;
use crate::limits;
use crate::principal::{Principal, PrincipalKind};
use crate::realm::Realm;
use crate::registry::Registry;
use crate::resource;
use crate::role::{Grant, Role, RoleId};
use crate::subject::{Subject, SubjectId};

/// It has a principal.
const NAMED: u8 = 1;
/// A deleted user.
const REMOVED: u8 = 2;
/// Tokens that are given the same at issue share it.
const SHARED: u8 = 4;

pub(super) fn write_subjects(registry: &Registry, writer: &mut Writer) {
    writer.count(registry.subjects.len());
    for (number, subject) in (0u32..).zip(registry.subjects.iter()) {
        writer.u32(subject.realm);
        let named = if subject.principal.is_some() { NAMED } else { 0 };
        let removed = if subject.removed { REMOVED } else { 0 };
        let shared = registry.realm(subject.realm).and_then(|realm| realm.shared.get(&subject.direct)) == Some(&number);
        writer.u8(named | removed | if shared { SHARED } else { 0 });
        if let Some(principal) = &subject.principal {
            writer.text(principal);
        }
        writer.count(subject.direct.len());
        for grant in subject.direct.iter() {
            writer.u32(grant.role.0);
            writer.text(&grant.scope);
        }
    }
}

/// Reads the subjects, as yet without what bindings give them, and enters them in their realms.
pub(super) fn read_subjects(
    mut reader: Reader<'_>,
    roles: &[Arc<Role>],
    realms: &mut [Realm],
) -> Result<Vec<Subject>, Error> {
    let mut subjects: Vec<Subject> = Vec::new();
    for number in 0..reader.count(9)? {
        let home = reader.u32()?;
        let realm = reader.known(realms.get_mut(home as usize))?;
        let flags = reader.flags(NAMED | REMOVED | SHARED)?;
        let removed = flags & REMOVED != 0;
        let mut principal = None;
        if flags & NAMED != 0 {
            let text: Arc<str> = Arc::from(reader.text()?);
            let kind = reader.checked(Principal::parse(&text))?.kind();
            reader.ensure(!removed || kind == PrincipalKind::User)?;
            if kind != PrincipalKind::Token && !removed {
                reader.ensure(realm.principals.insert(text.clone(), number).is_none())?;
            }
            principal = Some(text);
        }
        let direct = read_grants(&mut reader, home, realm, roles)?;
        // Many subjects were given what the one before was given.
        let last = subjects.last().map(|last| &last.direct).filter(|last| last.as_ref() == direct.as_slice());
        let direct = last.map_or_else(|| Arc::from(direct), Arc::clone);
        if principal.is_none() {
            reader.ensure(!removed)?;
        }
        if flags & SHARED != 0 {
            reader.ensure(principal.is_none() && realm.shared.insert(direct.clone(), number).is_none())?;
        }
        subjects.push(Subject {
            realm: home,
            principal,
            removed,
            bindings: Arc::default(),
            grants: direct.clone(),
            direct,
        });
    }
    reader.end()?;
    Ok(subjects)
}

fn read_grants(reader: &mut Reader<'_>, home: u32, realm: &Realm, roles: &[Arc<Role>]) -> Result<Vec<Grant>, Error> {
    let count = reader.count(8)?;
    let mut grants: Vec<Grant> = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let role = RoleId(reader.u32()?);
        let known = reader.known(roles.get(role.0 as usize))?;
        reader.ensure(known.realm.is_none_or(|of| of == home))?;
        let text = reader.text()?;
        let scope = match grants.last() {
            _ if text == &*realm.name => realm.name.clone(),
            Some(last) if text == &*last.scope => last.scope.clone(),
            _ => {
                // A resource may outlive its kind, when the policy is replaced.
                reader.ensure(resource::is_spelled(text) && resource::covers(&realm.name, text))?;
                Arc::from(text)
            }
        };
        let grant = Grant { role, scope };
        reader.ensure(grants.last().is_none_or(|last| *last < grant))?;
        grants.push(grant);
    }
    Ok(grants)
}

/// Attaches bindings to the subjects they name, given as sorted pairs, and compiles what the subjects may do.
pub(super) fn attach(
    reader: &Reader<'_>,
    named: &[(SubjectId, u64)],
    realms: &[Realm],
    subjects: &mut [Subject],
) -> Result<(), Error> {
    let mut last: Option<Subject> = None;
    for group in named.chunk_by(|(a, _), (b, _)| a == b) {
        reader.ensure(group.len() <= limits::BINDINGS)?;
        let Some((number, _)) = group.first() else { continue };
        let subject = reader.known(subjects.get_mut(*number as usize))?;
        let numbers = || group.iter().map(|(_, binding)| *binding);
        // Many subjects are named by the same bindings, and share what those give.
        let same = last.filter(|last| {
            last.realm == subject.realm
                && Arc::ptr_eq(&last.direct, &subject.direct)
                && last.bindings.iter().copied().eq(numbers())
        });
        if let Some(same) = same {
            (subject.bindings, subject.grants) = (same.bindings, same.grants);
        } else {
            let known = &reader.known(realms.get(subject.realm as usize))?.bindings;
            let bound = numbers().filter_map(|number| known.get(&number));
            let bound = bound.map(|binding| Grant { role: binding.role, scope: binding.resource.clone() });
            let mut grants: Vec<Grant> = subject.direct.iter().cloned().chain(bound).collect();
            grants.sort();
            grants.dedup();
            (subject.bindings, subject.grants) = (numbers().collect(), Arc::from(grants));
        }
        last = Some(subject.clone());
    }
    Ok(())
}

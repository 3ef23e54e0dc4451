//! One realm's part of a registry, with numbers of its own.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::ordered::Ordered;
use crate::paged::Paged;
use crate::realm::{Binding, Realm};
use crate::registry::{Details, PathSet, Registry};
use crate::role::{Grant, Role, RoleId};
use crate::subject::Subject;
use crate::table::Table;

/// What is kept of a list, each with its new number. The order stays.
struct Kept(Vec<Option<u32>>);

impl Kept {
    fn of(kept: impl Iterator<Item = bool>) -> Self {
        let mut numbers = 0u32..;
        Kept(kept.map(|kept| if kept { numbers.next() } else { None }).collect())
    }

    fn number(&self, old: u32) -> Option<u32> {
        self.0.get(old as usize).copied().flatten()
    }

    /// What of a list is kept, by the new numbers.
    fn in_order<'l, T: 'l>(&self, list: impl Iterator<Item = &'l T>) -> impl Iterator<Item = &'l T> {
        let mut kept: Vec<(u32, &T)> =
            list.zip(&self.0).filter_map(|(item, number)| number.map(|n| (n, item))).collect();
        kept.sort_unstable_by_key(|(number, _)| *number);
        kept.into_iter().map(|(_, item)| item)
    }

    /// What of a list is kept.
    fn select<'l, T: 'l>(&self, list: impl Iterator<Item = &'l T>) -> impl Iterator<Item = &'l T> {
        list.zip(&self.0).filter(|(_, kept)| kept.is_some()).map(|(item, _)| item)
    }

    fn grants(&self, grants: &[Grant]) -> Arc<[Grant]> {
        let own = |grant: &Grant| Some(Grant { role: RoleId(self.number(grant.role.0)?), scope: grant.scope.clone() });
        grants.iter().filter_map(own).collect()
    }
}

/// Marks the numbers that are used.
fn used(length: usize, numbers: impl Iterator<Item = u32>) -> Kept {
    let mut used = alloc::vec![false; length];
    for number in numbers {
        if let Some(used) = used.get_mut(number as usize) {
            *used = true;
        }
    }
    Kept::of(used.into_iter())
}

/// Numbers what is used in the order of first use: that in which a registry of the realm alone would have met it.
fn met(length: usize, numbers: impl Iterator<Item = u32>) -> Kept {
    let mut next = 0u32..;
    let mut met = alloc::vec![None; length];
    for number in numbers {
        if let Some(place) = met.get_mut(number as usize)
            && place.is_none()
        {
            *place = next.next();
        }
    }
    Kept(met)
}

impl Registry {
    /// The registry as if there were one realm only.
    ///
    /// # Errors
    /// `realm_not_found`.
    pub(super) fn narrowed(&self, name: &str) -> Result<Registry, Error> {
        let number = self.realm_number(name)?;
        let home = self.realm(number).ok_or(Code::RealmNotFound)?;
        let own = |role: &Role| role.realm.is_none_or(|of| of == number);
        let roles = Kept::of(self.roles.iter().map(|role| role.as_deref().is_some_and(own)));
        let subjects = Kept::of(self.subjects.iter().map(|subject| subject.realm == number));
        let slots = || self.table.iter().filter(|slot| subjects.number(slot.subject).is_some());
        let serials = used(self.tokens.len(), slots().map(|slot| slot.serial));
        let tokens = || serials.select(self.tokens.iter());
        let issuers = met(self.issuers.len(), tokens().map(|token| token.issuer));
        // The first of either is "none".
        let details = used(self.details.len(), tokens().map(|token| token.details).chain([0]));
        let count = tokens().count();
        let mut sets_by_serial = alloc::vec![0; count];
        for slot in slots() {
            let serial = serials.number(slot.serial).unwrap_or(u32::MAX);
            if let Some(place) = sets_by_serial.get_mut(serial as usize) {
                *place = slot.paths;
            }
        }
        let sets = met(self.path_sets.len(), [0].into_iter().chain(sets_by_serial));
        let table = Table::of_sorted(
            u32::try_from(count).unwrap_or(u32::MAX),
            slots().map(|slot| {
                let mut own = *slot;
                own.subject = subjects.number(slot.subject).unwrap_or(0);
                own.paths = sets.number(slot.paths).unwrap_or(0);
                own.serial = serials.number(slot.serial).unwrap_or(0);
                (slot.id().order(), own)
            }),
        );
        let own_tokens = tokens().map(|token| {
            let mut own = *token;
            own.issuer = issuers.number(token.issuer).unwrap_or(0);
            own.details = details.number(token.details).unwrap_or(0);
            own
        });
        let issuer_list: Paged<Arc<str>> = issuers.in_order(self.issuers.iter()).cloned().collect();
        let set_list: Paged<PathSet> = sets.in_order(self.path_sets.iter()).cloned().collect();
        let texts = |set: &PathSet| set.iter().map(|pattern| Arc::from(pattern.as_str())).collect::<Vec<Arc<str>>>();
        let own_subjects = self.subjects.iter().filter(|subject| subject.realm == number).map(|subject| Subject {
            realm: 0,
            direct: roles.grants(&subject.direct),
            grants: roles.grants(&subject.grants),
            ..subject.clone()
        });
        let own_roles = roles.select(self.roles.iter()).flatten().map(|role| match role.realm {
            Some(_) => Arc::new(Role { realm: Some(0), ..(**role).clone() }),
            None => role.clone(),
        });
        Ok(Registry {
            revision: self.revision,
            narrow: true,
            policy: self.policy.clone(),
            // All of them: who holds the star holds what other realms named too.
            permissions: self.permissions.clone(),
            roles: own_roles.map(Some).collect(),
            realms: [Some(Arc::new(narrowed_realm(home, &roles, &subjects, &serials)))].into_iter().collect(),
            realm_numbers: [(home.name.clone(), 0)].into_iter().collect(),
            subjects: own_subjects.collect(),
            imported: self.imported.of(|id| table.find(id).is_some()),
            table,
            newest_issue: tokens().map(|token| Instant::from_issue_offset(token.issued).seconds()).max().unwrap_or(0),
            tokens: own_tokens.collect(),
            last_used: serials.select(self.last_used.iter()).copied().collect(),
            details: details.select(self.details.iter()).cloned().collect::<Paged<Details>>(),
            issuer_numbers: issuer_list.iter().cloned().zip(0..).collect(),
            issuers: issuer_list,
            path_numbers: set_list.iter().map(texts).zip(0..).skip(1).collect(),
            patterns: set_list.iter().flat_map(|set| set.iter()).map(|p| (Arc::from(p.as_str()), p.clone())).collect(),
            path_sets: set_list,
        })
    }
}

fn narrowed_realm(home: &Realm, roles: &Kept, subjects: &Kept, serials: &Kept) -> Realm {
    let role = |old: &RoleId| roles.number(old.0).map(RoleId);
    // How many tokens there were, of those that are kept.
    let before = |tokens: u32| {
        let last = serials.0.iter().take(tokens as usize).rev().find_map(|number| *number);
        last.map_or(0, |number| number.saturating_add(1))
    };
    let bindings: Ordered<u64, Binding> = home
        .bindings
        .iter()
        .filter_map(|(number, binding)| {
            let members = binding.subjects.keys().filter_map(|subject| subjects.number(*subject)).collect();
            Some((*number, Binding { role: role(&binding.role)?, subjects: members, ..binding.clone() }))
        })
        .collect();
    Realm {
        roles: home.roles.iter().filter_map(|(name, id)| Some((name.clone(), role(id)?))).collect(),
        places: bindings.iter().map(|(number, binding)| ((binding.role, binding.resource.clone()), *number)).collect(),
        bindings,
        principals: home
            .principals
            .iter()
            .filter_map(|(name, old)| Some((name.clone(), subjects.number(*old)?)))
            .collect(),
        shared: home
            .shared
            .iter()
            .filter_map(|(direct, old)| Some((roles.grants(direct), subjects.number(*old)?)))
            .collect(),
        departed: home.departed.iter().map(|(user, tokens)| (user.clone(), before(*tokens))).collect(),
        ..home.clone()
    }
}

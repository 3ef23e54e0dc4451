//! Chance: how likely what is in a world, and what happens in it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Ask, KINDS, Move, Plan};

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let names = || vec(any::<u8>(), 2..5);
    let roles = vec((names(), option::weighted(0.3, vec(any::<u8>(), 1..4))), 1..3);
    (0..KINDS.len(), vec(any::<u8>(), 2..5), roles, 0u8..3, any::<bool>())
        .prop_map(|(kinds, permissions, roles, rights, open)| Plan { kinds, permissions, roles, rights, open })
}

pub(crate) fn moves() -> impl Strategy<Value = Move> {
    let n = any::<u8>;
    let some = || vec(any::<u8>(), 1..4);
    prop_oneof![
        6 => (n(), n(), some(), option::weighted(0.4, some()), any::<bool>()).prop_map(
            |(realm, name, permissions, resources, change)| Move::SayRole { realm, name, permissions, resources, change }),
        2 => (n(), n()).prop_map(|(realm, name)| Move::DeleteRole { realm, name }),
        9 => (n(), n(), n(), some(), prop::bool::weighted(0.2)).prop_map(
            |(realm, role, at, subjects, replace)| Move::Bind { realm, role, at, subjects, replace }),
        2 => (n(), n(), option::of(some())).prop_map(|(realm, which, subjects)| Move::Unbind { realm, which, subjects }),
        9 => (n(), option::of(n()), option::of(n()), vec(n(), 0..3), option::weighted(0.4, some()), option::weighted(0.3, n())).prop_map(
            |(realm, by, name, roles, paths, days)| Move::Issue { realm, by, name, roles, paths, days }),
        2 => (n(), 0u32..200_000).prop_map(|(token, overlap)| Move::Rotate { token, overlap }),
        1 => n().prop_map(|token| Move::Revoke { token }),
        2 => (n(), any::<bool>()).prop_map(|(token, on)| Move::Turn { token, on }),
        2 => (n(), n()).prop_map(|(realm, user)| Move::AddUser { realm, user }),
        1 => (n(), n()).prop_map(|(realm, user)| Move::DeleteUser { realm, user }),
        1 => (n(), prop::bool::weighted(0.7)).prop_map(|(realm, on)| Move::ApiAccess { realm, on }),
        1 => n().prop_map(|at| Move::DeleteResource { at }),
        1 => (0u16..80).prop_map(|hours| Move::Wait { hours }),
    ]
}

pub(crate) fn asks() -> impl Strategy<Value = Ask> {
    let n = any::<u8>;
    (prop::bool::weighted(0.8), n(), n(), n(), n(), n(), n()).prop_map(
        |(aimed, presented, token, permission, resource, path, when)| Ask {
            aimed,
            presented,
            token,
            permission,
            resource,
            path,
            when,
        },
    )
}

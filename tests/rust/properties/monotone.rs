//! Removing a binding, a permission or a pattern never turns a denial into an allowance.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::runner;
use crate::scene::{REALMS, Scene, asks, moves, plans};
use crate::world::Done;

/// What takes something away, and from which of those that have it.
type Removal = (u8, u8);

#[test]
fn removing_never_allows() {
    let worlds = (plans(), vec(moves(), 10..60), vec(asks(), 60), vec(any::<Removal>(), 1..8));
    let outcome = runner(192).run(&worlds, |(plan, moves, asks, removals)| {
        let mut scene = Scene::played(&plan, &moves);
        let (permissions, resources) = scene.nameable();
        let asked: Vec<_> = asks.iter().map(|ask| scene.asked(ask, &permissions, &resources)).collect();
        let allowed = |scene: &Scene| -> Vec<bool> {
            asked.iter().map(|(request, presented)| scene.decided(request, presented.as_deref()) == "allowed").collect()
        };
        let mut before = allowed(&scene);
        for removal in removals {
            remove(&mut scene, removal);
            let after = allowed(&scene);
            for (index, (before, after)) in before.iter().zip(&after).enumerate() {
                prop_assert!(*before || !after, "{:?} by {:?}", asked[index].0, removal);
            }
            before = after;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn remove(scene: &mut Scene, (what, which): Removal) {
    let realm = REALMS[usize::from(which % 2)];
    let world = &mut scene.world;
    let system = world.session(realm, "system");
    let listed = |world: &mut crate::world::World, operation: &str| match world.must(&system, operation, &json!({})) {
        Done::Document(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let nth = |items: Vec<Value>| {
        let count = items.len();
        items.into_iter().nth(usize::from(which / 2) % count.max(1))
    };
    let custom = |world: &mut crate::world::World| {
        nth(listed(world, "roles").into_iter().filter(|role| role["predefined"] == false).collect())
    };
    // What is refused takes nothing away, which is as well.
    let _ = match what % 8 {
        0 => nth(listed(world, "bindings")).map(|b| world.act(&system, "unbind", &json!({ "binding": b["id"] }))),
        1 => nth(listed(world, "bindings")).map(|binding| {
            world.act(&system, "unbind", &json!({ "binding": binding["id"], "subjects": [binding["subjects"][0]] }))
        }),
        2 => custom(world).map(|role| world.act(&system, "delete_role", &json!({ "name": role["name"] }))),
        3 => custom(world).map(|role| world.act(&system, "update_role", &less(&role, "permissions"))),
        4 => custom(world).map(|role| world.act(&system, "update_role", &less(&role, "resources"))),
        5 => nth(listed(world, "tokens"))
            .map(|token| world.act(&system, "revoke", &json!({ "token": token["client_id"] }))),
        6 => nth(listed(world, "tokens"))
            .map(|token| world.act(&system, "disable", &json!({ "token": token["client_id"] }))),
        _ => Some(world.act(&system, "delete_user", &json!({ "user": "u0" }))),
    };
}

/// A role with one permission or one pattern less, if it has more than one.
fn less(role: &Value, field: &str) -> Value {
    let items = role[field].as_array().cloned().unwrap_or_default();
    json!({ "name": role["name"], field: items.get(1..).unwrap_or_default() })
}

#[test]
fn fewer_path_patterns_never_allow_more() {
    let patterns = ["^/a", "^/b$", "/c", "^/a/[a-z]+$", ".*", "^/(?:a|b)/c"];
    let paths = ["/a", "/b", "/c", "/a/b", "/a/c", "/b/c", "/ab", "/", "/x/c/y"];
    let policy = json!("default");
    let subsets = (proptest::sample::subsequence(patterns.to_vec(), 1..=patterns.len()), any::<prop::sample::Index>());
    let outcome = runner(64).run(&subsets, |(more, cut)| {
        let fewer: Vec<&str> = more[..=cut.index(more.len())].to_vec();
        let mut world = crate::world::World::new(&policy);
        world.found("organization:acme", None);
        let system = world.session("organization:acme", "system");
        let wide = world.issue(&system, &json!({ "name": "wide", "roles": ["Viewer"], "paths": more }));
        let narrow = world.issue(&system, &json!({ "name": "narrow", "roles": ["Viewer"], "paths": fewer }));
        for path in paths {
            let allowed = |token: usize| {
                let token = Some(world.tokens[token].token());
                world.authorize(token, "project-read", "organization:acme/project:web", Some(path)).allowed()
            };
            prop_assert!(allowed(wide) || !allowed(narrow), "{path} with {fewer:?} of {more:?}");
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

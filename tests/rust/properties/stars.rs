//! A star covers every enumeration; an enumeration never covers a star.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::runner;
use crate::scene::{REALMS, patterns, plans, resources};
use crate::world::World;

/// The world of a plan with a user who holds one role at the first realm and may write roles and bind them.
fn giver(policy: &Value, permissions: &Value, resources: Option<&Value>) -> World {
    let mut policy = policy.clone();
    for operation in ["role.create", "binding.write"] {
        policy["operations"][operation] = "anyone".into();
    }
    let mut world = World::new(&policy);
    world.found(REALMS[0], None);
    let system = world.session(REALMS[0], "system");
    let mut role = json!({ "name": "held", "permissions": permissions });
    if let Some(resources) = resources {
        role["resources"] = resources.clone();
    }
    world.must(&system, "create_role", &role);
    world.must(&system, "bind", &json!({ "role": "held", "at": REALMS[0], "subjects": ["user:giver"] }));
    world
}

fn may_create(world: &mut World, role: &Value) -> bool {
    let giver = world.session(REALMS[0], "user:giver");
    match world.act(&giver, "create_role", role) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), "escalation_denied", "{role}");
            false
        }
    }
}

#[test]
fn stars_of_permissions() {
    let outcome = runner(64).run(&(plans(), vec(any::<prop::sample::Index>(), 1..5)), |(plan, picked)| {
        let (law, policy) = (plan.law(), plan.policy());
        let all: Vec<&String> = law.permissions.iter().map(|(name, _)| name).collect();
        let some: Vec<&&String> = picked.iter().map(|index| index.get(&all)).collect();

        let mut star = giver(&policy, &json!(["*"]), None);
        assert!(may_create(&mut star, &json!({ "name": "a", "permissions": ["*"] })));
        assert!(may_create(&mut star, &json!({ "name": "b", "permissions": some })));
        assert!(may_create(&mut star, &json!({ "name": "c", "permissions": all })));
        if law.open {
            assert!(may_create(&mut star, &json!({ "name": "d", "permissions": ["later"] })));
        }

        let mut list = giver(&policy, &json!(all), None);
        assert!(may_create(&mut list, &json!({ "name": "c", "permissions": all })));
        assert!(!may_create(&mut list, &json!({ "name": "a", "permissions": ["*"] })));
        let with_star: Vec<&str> = some.iter().map(|name| name.as_str()).chain(["*"]).collect();
        assert!(!may_create(&mut list, &json!({ "name": "e", "permissions": with_star })));
        if law.open {
            assert!(!may_create(&mut list, &json!({ "name": "d", "permissions": ["later"] })));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn stars_of_ids() {
    let outcome = runner(64).run(&(plans(), any::<prop::sample::Index>()), |(plan, picked)| {
        let (law, policy) = (plan.law(), plan.policy());
        let inside = |text: &String| text.split('/').next() == Some(REALMS[0]);
        let every: Vec<String> = resources(&law).into_iter().filter(inside).collect();
        let starred: Vec<String> = patterns(&law).into_iter().filter(|p| inside(p) && p.contains('*')).collect();
        let star = picked.get(&starred).clone();

        // Everything that there is by name, and it is not the star.
        let mut list = giver(&policy, &json!(["*"]), Some(&json!(every)));
        assert!(!may_create(&mut list, &json!({ "name": "a", "permissions": ["*"], "resources": [star] })), "{}", star);
        assert!(may_create(&mut list, &json!({ "name": "b", "permissions": ["*"], "resources": every })));
        assert!(!may_create(&mut list, &json!({ "name": "c", "permissions": ["*"] })), "no pattern is every resource");

        // The star covers itself and each id it stands for.
        let mut holder = giver(&policy, &json!(["*"]), Some(&json!([star])));
        assert!(may_create(&mut holder, &json!({ "name": "a", "permissions": ["*"], "resources": [star] })));
        for (index, resource) in every.iter().enumerate() {
            let covered = may_create(
                &mut holder,
                &json!({ "name": format!("r{index}"), "permissions": ["*"], "resources": [resource] }),
            );
            assert_eq!(covered, crate::model::matches(&star, resource), "{resource} by {star}");
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_star_holds_what_comes_later() {
    let mut world = World::new(&json!("astra"));
    world.found("organization:acme", Some("user:ada"));
    let ada = world.session("organization:acme", "user:ada");
    let star = json!({ "name": "everything", "permissions": ["*"] });
    world.must(&ada, "create_role", &star);
    let token = world.issue(&ada, &json!({ "roles": ["everything"] }));
    let listed = world.issue(&ada, &json!({ "roles": ["Organization Administrator"] }));
    assert_eq!(world.reason(token, "made-later", "organization:acme"), "permission_unknown");
    world.must(&ada, "create_role", &json!({ "name": "new", "permissions": ["made-later"] }));
    assert_eq!(world.reason(token, "made-later", "organization:acme"), "allowed");
    assert_eq!(world.reason(listed, "made-later", "organization:acme"), "permission_missing");
}

//! A name that is deleted and given again never gets what the old one had.

use serde_json::{Value, json};

use crate::world::{DAY, Done, World};

const ORGANIZATION: &str = "organization:acme";
const PROJECT: &str = "organization:acme/project:web";

fn acme(policy: &Value) -> World {
    let mut world = World::new(policy);
    world.found(ORGANIZATION, None);
    world
}

fn preset(name: &str) -> Value {
    let document = tokenward::Policy::parse(name).expect("a preset").document().to_json();
    serde_json::from_str(&document).expect("JSON")
}

/// Does several things as the host.
fn does(world: &mut World, steps: &[(&str, Value)]) {
    let system = world.session(ORGANIZATION, "system");
    for (operation, arguments) in steps {
        world.must(&system, operation, arguments);
    }
}

#[test]
fn a_role() {
    let mut world = acme(&json!("default"));
    let system = world.session(ORGANIZATION, "system");
    let role = json!({ "name": "reader", "permissions": ["project-read"] });
    does(&mut world, &[("create_role", role.clone())]);
    let given = world.issue(&system, &json!({ "name": "given", "roles": ["reader"] }));
    let bound = world.issue(&system, &json!({ "name": "bound" }));
    does(
        &mut world,
        &[("bind", json!({ "role": "reader", "at": ORGANIZATION, "subjects": ["token:bound", "user:u"] }))],
    );
    let held = |world: &World| {
        let user = world.session(ORGANIZATION, "user:u");
        [
            world.reason(given, "project-read", PROJECT) == "allowed",
            world.reason(bound, "project-read", PROJECT) == "allowed",
            world.can(&user, "project-read", PROJECT),
        ]
    };
    assert_eq!(held(&world), [true; 3]);
    does(&mut world, &[("delete_role", json!({ "name": "reader" }))]);
    assert_eq!(held(&world), [false; 3], "gone at once");
    does(&mut world, &[("create_role", role)]);
    assert_eq!(held(&world), [false; 3], "another role");
}

#[test]
fn a_role_that_a_policy_loses_and_gets_back() {
    let with = preset("default");
    let mut without = with.clone();
    without["roles"].as_object_mut().expect("roles").remove("Viewer");
    let mut world = acme(&with);
    let system = world.session(ORGANIZATION, "system");
    let given = world.issue(&system, &json!({ "name": "given", "roles": ["Viewer"] }));
    let bound = world.issue(&system, &json!({ "name": "bound" }));
    does(
        &mut world,
        &[
            ("bind", json!({ "role": "Viewer", "at": ORGANIZATION, "subjects": ["token:bound", "user:u"] })),
            ("create_role", json!({ "name": "reader", "permissions": ["project-read"] })),
        ],
    );
    let custom = world.issue(&system, &json!({ "name": "custom", "roles": ["reader"] }));
    does(&mut world, &[("delete_role", json!({ "name": "reader" }))]);
    let held =
        |world: &World| [given, bound, custom].map(|token| world.reason(token, "project-read", PROJECT) == "allowed");
    assert_eq!(held(&world), [true, true, false]);
    for (policy, step) in [(&without, "lost"), (&with, "got back"), (&without, "lost again")] {
        let policy = tokenward::Policy::parse(&policy.to_string()).expect("a policy");
        let performed = world.state.adopt(&policy, world.now).expect("another policy");
        world.go_on(performed);
        // A deleted custom role stays deleted; what a policy takes away it does not give back to old holders unasked.
        assert_eq!(held(&world), [false; 3], "{step}");
        let user = world.session(ORGANIZATION, "user:u");
        assert!(!world.can(&user, "project-read", PROJECT), "{step}");
        let state = crate::world::replayed(&world.log);
        assert!(state.snapshot(tokenward::SnapshotContents::Complete) == world.bytes(), "{step}");
        let loaded = tokenward::Registry::from_snapshot(&world.bytes()).expect("a snapshot");
        assert!(loaded.snapshot(tokenward::SnapshotContents::Complete) == world.bytes(), "{step}");
    }
}

#[test]
fn a_user() {
    for (policy, realm, project) in [("default", ORGANIZATION, PROJECT), ("dataprep", "project:p", "project:p")] {
        let mut world = World::new(&json!(policy));
        world.found(realm, None);
        let system = world.session(realm, "system");
        world.must(&system, "update_settings", &json!({ "api_access": true, "individual_tokens": true }));
        let known = preset(policy);
        let role = known["administrator_role"].as_str().expect("a role");
        let permission = known["permissions"]
            .as_object()
            .expect("permissions")
            .iter()
            .find(|(_, kind)| project.rsplit('/').next().expect("a node").starts_with(kind.as_str().expect("a kind")))
            .expect("one")
            .0
            .clone();
        world.must(&system, "add_user", &json!({ "user": "bob", "password": "correct horse" }));
        world.must(&system, "bind", &json!({ "role": role, "at": realm, "subjects": ["user:bob"] }));
        let login = json!({ "realm": realm, "user": "bob", "password": "correct horse" }).to_string();
        let session = world.state.open_session("login", &login, world.now).expect("a session");
        assert!(world.can(&session, &permission, project));
        let token = world
            .issue(&session, &if policy == "default" { json!({ "name": "of-bob", "roles": [] }) } else { json!({}) });
        world.must(&system, "delete_user", &json!({ "user": "bob" }));
        assert!(!world.can(&session, &permission, project), "the session ends");
        world.must(&system, "add_user", &json!({ "user": "bob", "password": "battery staple" }));
        assert!(!world.can(&session, &permission, project), "and stays so");
        assert!(world.state.open_session("login", &login, world.now).is_err());
        let another = world.session(realm, "user:bob");
        assert!(!world.can(&another, &permission, project));
        if policy == "dataprep" {
            assert_eq!(world.reason(token, &permission, project), "owner_removed");
            world.must(&system, "bind", &json!({ "role": role, "at": realm, "subjects": ["user:bob"] }));
            assert_eq!(world.reason(token, &permission, project), "owner_removed");
        }
        // What the old one issued is not the new one's: it is neither listed nor touched.
        let reference = json!({ "token": world.tokens[token].client_id() });
        let fresh = json!({ "realm": realm, "user": "bob", "password": "battery staple" }).to_string();
        for session in [another, world.state.open_session("login", &fresh, world.now).expect("a session")] {
            if policy == "default" {
                for operation in ["token", "revoke", "rotate"] {
                    let error = world.act(&session, operation, &reference).err().map(|error| error.code());
                    assert_eq!(error, Some("not_permitted"), "{operation}");
                }
            }
        }
    }
}

/// Under a policy that lets one rotate one's own tokens, a new user of an old name would get a secret of what the old one
/// had been given.
#[test]
fn a_user_whose_tokens_live_on() {
    let mut policy = preset("default");
    policy["operations"]["token.rotate_own"] = "anyone".into();
    let mut world = acme(&policy);
    let system = world.session(ORGANIZATION, "system");
    does(
        &mut world,
        &[
            ("add_user", json!({ "user": "bob" })),
            ("bind", json!({ "role": "Owner", "at": ORGANIZATION, "subjects": ["user:bob"] })),
        ],
    );
    let bob = world.session(ORGANIZATION, "user:bob");
    let token = world.issue(&bob, &json!({ "name": "a", "roles": ["Owner"] }));
    does(&mut world, &[("delete_user", json!({ "user": "bob" })), ("add_user", json!({ "user": "bob" }))]);
    let bob = world.session(ORGANIZATION, "user:bob");
    assert_eq!(world.reason(token, "project-read", PROJECT), "allowed", "it has rights of its own");
    let rotated = world.act(&bob, "rotate", &json!({ "token": "a" })).map_err(|error| error.code());
    assert!(matches!(rotated, Err("not_permitted")), "{rotated:?}");
    let _ = system;
}

#[test]
fn a_token() {
    // In other letters it is the same name.
    for (ended, again) in [("revoked", "ci/a"), ("expired", "ci/a"), ("revoked", "CI/A"), ("expired", "CI/A")] {
        let mut policy = preset("default");
        policy["operations"]["token.rotate_own"] = "anyone".into();
        policy["operations"]["token.issue"] = "anyone".into();
        let mut world = acme(&policy);
        let system = world.session(ORGANIZATION, "system");
        let old = world.issue(&system, &json!({ "name": "ci/a", "roles": ["Owner"], "lifetime_days": 1 }));
        let other = world.issue(&system, &json!({ "name": "other", "lifetime_days": 30 }));
        does(
            &mut world,
            &[
                ("bind", json!({ "role": "Viewer", "at": ORGANIZATION, "subjects": ["token:ci/a", "token:other"] })),
                ("bind", json!({ "role": "Editor", "at": PROJECT, "subjects": ["token:ci/a"] })),
            ],
        );
        let by_token = world.session_by(ORGANIZATION, old).expect("a session");
        let child = world.issue(&by_token, &json!({ "name": "child", "roles": ["Viewer"], "lifetime_days": 1 }));
        assert_eq!(world.reason(child, "project-read", PROJECT), "allowed");
        match ended {
            "revoked" => does(&mut world, &[("revoke", json!({ "token": "ci/a" }))]),
            _ => world.now += DAY,
        }
        let new = world.issue(&system, &json!({ "name": again, "lifetime_days": 1 }));
        assert_eq!(world.reason(new, "project-read", PROJECT), "permission_missing", "{ended}");
        assert_eq!(world.reason(other, "project-read", PROJECT), "allowed", "who else was bound stays bound");
        assert!(!world.can(&by_token, "project-read", PROJECT), "the old session ends");
        let Done::Document(bindings) = world.must(&system, "bindings", &json!({})) else { panic!("a list") };
        assert_eq!(bindings.as_array().expect("a list").len(), 1, "nothing names the old one any more");
        // The new one is not the owner of what the old one issued.
        let session = world.session_by(ORGANIZATION, new).expect("a session");
        for operation in ["token", "revoke", "rotate"] {
            let error = world.act(&session, operation, &json!({ "token": world.tokens[child].client_id() }));
            assert_eq!(error.err().map(|error| error.code()), Some("not_permitted"), "{operation} {ended}");
        }
    }
}

#[test]
fn a_resource() {
    let mut world = acme(&json!("default"));
    let system = world.session(ORGANIZATION, "system");
    does(
        &mut world,
        &[
            ("create_resource", json!({ "resource": PROJECT })),
            ("create_role", json!({ "name": "reader", "permissions": ["project-read", "item-read"] })),
        ],
    );
    let token = world.issue(&system, &json!({ "name": "a" }));
    let item = format!("{PROJECT}/item:1");
    does(
        &mut world,
        &[
            ("bind", json!({ "role": "reader", "at": PROJECT, "subjects": ["token:a"] })),
            ("bind", json!({ "role": "Editor", "at": item, "subjects": ["token:a"] })),
            ("bind", json!({ "role": "reader", "at": "organization:acme/project:web2", "subjects": ["token:a"] })),
            ("delete_resource", json!({ "resource": PROJECT })),
            ("create_resource", json!({ "resource": PROJECT })),
        ],
    );
    assert_eq!(world.reason(token, "project-read", PROJECT), "permission_missing");
    assert_eq!(world.reason(token, "item-write", &item), "permission_missing");
    assert_eq!(
        world.reason(token, "project-read", "organization:acme/project:web2"),
        "allowed",
        "its neighbour keeps its own"
    );
}

#[test]
fn a_resource_with_a_token_of_its_own() {
    let mut world = World::new(&json!("astra"));
    world.found(ORGANIZATION, Some("user:ada"));
    let ada = world.session(ORGANIZATION, "user:ada");
    let database = "organization:acme/database:42";
    world.must(&ada, "create_resource", &json!({ "resource": database }));
    let Done::Token(token) = world.must(&ada, "issue_for", &json!({ "resource": database })) else { panic!("a token") };
    assert_eq!(world.reason(token, "db-cql", database), "allowed");
    world.must(&ada, "delete_resource", &json!({ "resource": database }));
    assert_eq!(world.reason(token, "db-cql", database), "permission_missing");
    world.must(&ada, "create_resource", &json!({ "resource": database }));
    assert_eq!(world.reason(token, "db-cql", database), "permission_missing");
}

//! What is not there denies: the empty registry, an unknown realm, role, permission, resource, token.

use serde_json::json;
use tokenward::PRESETS;

use crate::world::World;

#[test]
fn nothing_allows_nothing() {
    for preset in PRESETS {
        let mut donor = World::new(&json!("default"));
        donor.found("organization:acme", None);
        let system = donor.session("organization:acme", "system");
        let number = donor.issue(&system, &json!({ "name": "a", "roles": ["Owner"] }));
        let foreign = donor.tokens[number].token().to_string();

        let world = World::new(&json!(preset));
        for credential in [None, Some(""), Some("Bearer"), Some("junk"), Some(foreign.as_str()), Some("Basic Og==")] {
            for permission in ["", "*", "organization-read", "system-read", "project.read"] {
                for resource in ["", "*", "organization:acme", "workspace:hooli", "project:p", "organization:acme/**"] {
                    let decision = world.authorize(credential, permission, resource, Some("/"));
                    assert!(!decision.allowed() && matches!(decision.status(), 400 | 401), "{preset} {decision:?}");
                }
            }
            assert!(!world.state.authenticate(credential, None, None, world.now).allowed());
        }
        assert!(world.state.open_session("system", r#"{"realm": "organization:acme"}"#, world.now).is_err());
    }
}

#[test]
fn what_is_unknown_denies() {
    let mut world = World::new(&json!("default"));
    world.found("organization:acme", None);
    let system = world.session("organization:acme", "system");
    let token = world.issue(&system, &json!({ "name": "a", "roles": ["Owner"] }));
    assert_eq!(world.reason(token, "project-read", "organization:acme/project:web"), "allowed");
    for (permission, resource, reason) in [
        ("project-raed", "organization:acme/project:web", "permission_unknown"),
        ("*", "organization:acme/project:web", "permission_unknown"),
        ("", "organization:acme/project:web", "permission_unknown"),
        ("PROJECT-READ", "organization:acme/project:web", "permission_unknown"),
        ("project-read", "organization:acme", "resource_invalid"),
        ("project-read", "organization:acme/project:", "resource_invalid"),
        ("project-read", "organization:acme/project:*", "resource_invalid"),
        ("project-read", "organization:acme/**", "resource_invalid"),
        ("project-read", "organization:acme/project:web/", "resource_invalid"),
        ("project-read", "organization:acme/system:web", "resource_invalid"),
        ("project-read", "organization:other/project:web", "realm_mismatch"),
        ("project-read", "", "resource_invalid"),
    ] {
        assert_eq!(world.reason(token, permission, resource), reason, "{permission} on {resource}");
    }
    for (operation, arguments) in [
        ("bind", json!({ "role": "Ruler", "at": "organization:acme", "subjects": ["user:u"] })),
        ("bind", json!({ "role": "Viewer", "at": "organization:other", "subjects": ["user:u"] })),
        ("bind", json!({ "role": "Viewer", "at": "organization:acme", "subjects": ["token:nobody"] })),
        ("issue", json!({ "name": "b", "roles": ["Ruler"] })),
        ("create_role", json!({ "name": "r", "permissions": ["project-raed"] })),
        ("revoke", json!({ "token": "nobody" })),
    ] {
        assert!(world.act(&system, operation, &arguments).is_err(), "{operation} {arguments}");
    }
}

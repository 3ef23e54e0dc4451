//! A refused operation leaves state, log and revision as they were; and so does one that only asks.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokenward_host::{Answer, Authority, Options, Session};

use super::runner;

const REALM: &str = "organization:acme";

/// An authority with something in it, and those who try things.
struct House {
    authority: Authority,
    sessions: Vec<Session>,
}

fn house() -> House {
    let options = Options { policy: Some("default".into()), clock: Some(1_800_000_000), ..Options::default() };
    let authority = Authority::open("memory:", options).expect("an authority");
    authority.create_realm(REALM, Some("user:alice")).expect("a realm");
    let alice = authority.session(REALM, "user:alice").expect("a session");
    for (operation, arguments) in [
        ("add_user", json!({ "user": "bob" })),
        ("create_role", json!({ "name": "reader", "permissions": ["project-read"] })),
        ("bind", json!({ "role": "Admin", "at": REALM, "subjects": ["user:bob"] })),
        ("bind", json!({ "role": "Maintainer", "at": format!("{REALM}/project:web"), "subjects": ["user:carol"] })),
        ("issue", json!({ "name": "other", "roles": ["reader"] })),
    ] {
        alice.call(operation, &arguments.to_string()).expect("a beginning");
    }
    let Answer::Issued(issued) =
        alice.call("issue", r#"{"name": "t", "roles": ["Viewer"], "paths": ["^/x"]}"#).expect("a token")
    else {
        panic!("a token")
    };
    let mut sessions: Vec<Session> = ["user:bob", "user:carol", "user:nobody"]
        .map(|principal| authority.session(REALM, principal).expect("a session"))
        .into();
    sessions.push(authority.login_with_token(REALM, issued.token()).expect("a session"));
    sessions.push(alice);
    House { authority, sessions }
}

const OPERATIONS: [&str; 28] = [
    "issue",
    "issue_for",
    "rotate",
    "tokens",
    "token",
    "revoke",
    "disable",
    "enable",
    "create_role",
    "update_role",
    "delete_role",
    "roles",
    "bind",
    "unbind",
    "bindings",
    "add_user",
    "set_password",
    "delete_user",
    "users",
    "settings",
    "update_settings",
    "can",
    "can_many",
    "who_can",
    "create_resource",
    "delete_resource",
    "no_such",
    "",
];

/// A value for a field: mostly one that may fit, now and then one that does not.
fn values(field: &'static str) -> BoxedStrategy<Value> {
    let texts = |texts: &'static [&'static str]| proptest::sample::select(texts).prop_map(|text| json!(text)).boxed();
    let lists = |texts: &'static [&'static str]| {
        vec(proptest::sample::select(texts), 0..3).prop_map(|texts| json!(texts)).boxed()
    };
    let fitting = match field {
        "name" => texts(&["t", "other", "fresh", "a/b", "reader", "", "-x", "..", "T"]),
        "token" => texts(&["t", "other", "nobody", "tw_000000000000"]),
        "user" => texts(&["bob", "dave", "", "nobody"]),
        "password" => texts(&["short", ""]),
        "role" => texts(&["Viewer", "Owner", "reader", "Maintainer", "Ruler"]),
        "at" | "resource" => texts(&[
            REALM,
            "organization:acme/project:web",
            "organization:acme/project:new",
            "organization:other",
            "organization:acme/",
            "organization:acme/project:web/item:1",
        ]),
        "binding" => texts(&["b4", "b5", "b99", "b", "x"]),
        "permission" => texts(&["project-read", "item-read", "organization-write", "nothing"]),
        "subjects" => lists(&["user:bob", "token:t", "token:other", "user:carol", "token:none", "claim:x", "nobody"]),
        "roles" => lists(&["Viewer", "Owner", "reader", "Ruler"]),
        "permissions" => lists(&["project-read", "item-read", "*", "organization-token-write", "nothing"]),
        "resources" => lists(&["organization:acme/project:*", "organization:*/**", "organization:acme", "project:*"]),
        "paths" => lists(&["^/x", "^/x/y", ".*", "(", "^/y"]),
        "checks" => Just(json!([{ "permission": "project-read", "resource": REALM }])).boxed(),
        "status" => texts(&["active", "gone"]),
        "lifetime_days" | "overlap_seconds" | "maximum_lifetime_days" | "expires_at" => {
            prop_oneof![-2i64..400, Just(1_800_000_001), Just(1 << 40)].prop_map(|number| json!(number)).boxed()
        }
        _ => any::<bool>().prop_map(|value| json!(value)).boxed(),
    };
    prop_oneof![12 => fitting, 1 => proptest::sample::select(vec![json!(null), json!(7), json!([[]]), json!({}), json!("*")])].boxed()
}

/// The fields that an operation knows, some of them left out, and now and then one that it does not know.
fn calls() -> impl Strategy<Value = (usize, &'static str, Value)> {
    const FIELDS: [(&str, &[&str]); 21] = [
        ("issue", &["name", "paths", "roles", "lifetime_days", "never", "expires_at", "description"]),
        ("issue_for", &["resource", "name"]),
        ("rotate", &["token", "overlap_seconds"]),
        ("tokens", &["status"]),
        ("token", &["token"]),
        ("revoke", &["token"]),
        ("disable", &["token"]),
        ("enable", &["token"]),
        ("create_role", &["name", "permissions", "resources"]),
        ("update_role", &["name", "permissions", "resources"]),
        ("delete_role", &["name"]),
        ("bind", &["role", "at", "subjects", "replace"]),
        ("unbind", &["binding", "subjects"]),
        ("bindings", &["resource", "role", "subject"]),
        ("add_user", &["user"]),
        ("delete_user", &["user"]),
        ("update_settings", &["api_access", "individual_tokens", "maximum_lifetime_days"]),
        ("who_can", &["permission", "resource"]),
        ("can_many", &["checks"]),
        ("create_resource", &["resource"]),
        ("delete_resource", &["resource"]),
    ];
    (0usize..8, proptest::sample::select(&OPERATIONS[..])).prop_flat_map(|(session, operation)| {
        // Half of them by who may do everything.
        let session = session.min(4);
        let fields =
            FIELDS.iter().find(|(name, _)| *name == operation).map_or(&["permission", "resource"][..], |(_, f)| f);
        let each: Vec<_> =
            fields.iter().map(|field| (Just(*field), proptest::option::weighted(0.8, values(field)))).collect();
        (Just(session), Just(operation), each, prop::bool::weighted(0.05)).prop_map(
            |(session, operation, given, extra)| {
                let mut arguments = json!({});
                for (field, value) in given {
                    if let Some(value) = value {
                        arguments[field] = value;
                    }
                }
                if extra {
                    arguments["unheard_of"] = json!(true);
                }
                (session, operation, arguments)
            },
        )
    })
}

#[test]
fn what_is_refused_changes_nothing() {
    let (refused, done) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let outcome = runner(64).run(&vec(calls(), 40), |calls| {
        let house = house();
        let state =
            |authority: &Authority| (authority.revision(), authority.snapshot(), authority.events(0).expect("events"));
        let mut before = state(&house.authority);
        for (session, operation, arguments) in calls {
            let result = house.sessions[session].call(operation, &arguments.to_string());
            let after = state(&house.authority);
            let asks = ["tokens", "token", "roles", "bindings", "users", "settings", "can", "can_many", "who_can"];
            if result.is_err() || asks.contains(&operation) {
                refused.set(refused.get() + u32::from(result.is_err()));
                prop_assert!(before == after, "{operation} {arguments} changed something");
            } else {
                done.set(done.get() + 1);
                prop_assert!(
                    after.0 >= before.0 && after.2.starts_with(before.2.trim_end_matches(']')),
                    "the log only grows"
                );
            }
            before = after;
        }
        // Text that is no document at all.
        for text in ["", "{", "[]", "null", "{\"name\": NaN}", "{}{}", "\u{feff}{}"] {
            prop_assert!(house.sessions[4].call("issue", text).is_err());
            prop_assert!(before == state(&house.authority));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(refused.get() > 500 && done.get() > 100, "{refused:?} {done:?}");
}

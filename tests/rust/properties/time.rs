//! Time: valid exactly from the second of issue to the one before expiry; no decision by an implausible clock; no
//! token without an end unless that was said.

use proptest::prelude::*;
use serde_json::{Value, json};
use tokenward::Context;

use super::runner;
use crate::world::{DAY, Done, START, World, drawn};

const ORGANIZATION: &str = "organization:acme";
const PROJECT: &str = "organization:acme/project:web";

fn acme() -> World {
    let mut world = World::new(&json!("default"));
    world.found(ORGANIZATION, None);
    world
}

fn reason_at(world: &World, token: usize, now: u64) -> &'static str {
    let request = tokenward::Request {
        credential: Some(world.tokens[token].token()),
        permission: "project-read",
        resource: PROJECT,
        path: None,
    };
    world.state.authorize(&request, now).reason().as_str()
}

#[test]
fn valid_exactly_from_issue_to_expiry() {
    let outcome = runner(128).run(&(0u64..4_000_000_000, 1u64..366, 0u64..400 * DAY), |(later, days, aside)| {
        let mut world = acme();
        world.now = START + later % 2_000_000_000;
        let (issued, system) = (world.now, world.session(ORGANIZATION, "system"));
        let expiry = issued + days * DAY;
        let token = world.issue(&system, &json!({ "name": "a", "roles": ["Viewer"], "lifetime_days": days }));
        let edges = [
            (issued - 1, "token_not_yet_valid"),
            (issued, "allowed"),
            (expiry - 1, "allowed"),
            (expiry, "token_expired"),
            (expiry + 1, "token_expired"),
        ];
        for (now, reason) in edges {
            prop_assert_eq!(reason_at(&world, token, now), reason, "{} after {}", now, issued);
        }
        let now = issued + aside;
        prop_assert_eq!(reason_at(&world, token, now), if now < expiry { "allowed" } else { "token_expired" });
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_rotated_token_ends_with_the_overlap_and_never_later_than_before() {
    let outcome = runner(96).run(&(1u64..30, 0u64..30 * DAY, 0u64..=7_776_000), |(days, waited, overlap)| {
        let mut world = acme();
        let system = world.session(ORGANIZATION, "system");
        let old = world.issue(&system, &json!({ "name": "a", "roles": ["Viewer"], "lifetime_days": days }));
        let expiry = START + days * DAY;
        world.now += waited.min(days * DAY - 1);
        let rotated = world.now;
        let arguments = json!({ "token": "a", "overlap_seconds": overlap });
        let Done::Token(new) = world.must(&system, "rotate", &arguments) else { panic!("a token") };
        let end = expiry.min(rotated + overlap);
        if end > rotated {
            prop_assert_eq!(reason_at(&world, old, end - 1), "allowed");
        }
        prop_assert_eq!(reason_at(&world, old, end), "token_expired");
        prop_assert_eq!(reason_at(&world, new, rotated), "allowed");
        prop_assert_eq!(reason_at(&world, new, rotated + days * DAY - 1), "allowed");
        prop_assert_eq!(reason_at(&world, new, rotated + days * DAY), "token_expired");
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn an_implausible_clock_decides_and_changes_nothing() {
    let mut world = acme();
    let system = world.session(ORGANIZATION, "system");
    let token = world.issue(&system, &json!({ "name": "a", "roles": ["Viewer"] }));
    let implausible =
        prop_oneof![0u64..1_767_225_600, 5_241_652_096u64..=u64::MAX, Just(START * 1000), Just(0), Just(u64::MAX)];
    let outcome = runner(256).run(&implausible, |now| {
        prop_assert_eq!(reason_at(&world, token, now), "clock_implausible");
        let entropy = drawn(9);
        let context = Context { now, entropy: &entropy };
        for (operation, arguments) in [("issue", r#"{"name": "b"}"#), ("revoke", r#"{"token": "a"}"#), ("tokens", "{}")]
        {
            let performed = world.state.perform(&system, operation, arguments, context);
            prop_assert_eq!(
                performed.err().map(|error| error.code()),
                Some("clock_implausible"),
                "{} at {}",
                operation,
                now
            );
        }
        assert!(world.state.found(r#"{"realm": "organization:other"}"#, now).is_err());
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    for (now, plausible) in
        [(1_767_225_599, false), (1_767_225_600, true), (5_241_652_095, true), (5_241_652_096, false)]
    {
        assert_eq!(reason_at(&world, token, now) != "clock_implausible", plausible, "{now}");
    }
}

#[test]
fn no_end_is_only_ever_said() {
    let lifetimes = prop_oneof![
        Just(json!({})),
        (-3i64..400).prop_map(|days| json!({ "lifetime_days": days })),
        any::<bool>().prop_map(|never| json!({ "never": never })),
        (0u64..800).prop_map(|days| json!({ "expires_at": START - 10 * DAY + days * DAY })),
        Just(json!({ "expires_at": 253_402_300_799u64 })),
    ];
    let default = prop_oneof![Just(-1i64), 1i64..400];
    let maximum = prop_oneof![Just(-1i64), 1i64..400];
    let cases = (lifetimes, default, maximum.clone(), maximum, any::<bool>());
    let outcome = runner(256).run(&cases, |(lifetime, default, most, realm_most, never_expires)| {
        let policy = json!({
            "name": "lives",
            "resources": { "org": "" },
            "tokens": {
                "prefix": "tw", "default_lifetime_days": default, "maximum_lifetime_days": most, "never_expires": never_expires,
            },
            "settings": { "maximum_lifetime_days": realm_most },
        });
        // Policies that contradict themselves are refused; that is tested elsewhere.
        if tokenward::Policy::parse(&policy.to_string()).is_err() {
            return Ok(());
        }
        let mut world = World::new(&policy);
        world.found("org:a", None);
        let system = world.session("org:a", "system");
        if world.act(&system, "issue", &lifetime).is_err() {
            return Ok(());
        }
        let token = only_token(&mut world);
        let end = token["expires_at"].as_u64();
        let said = lifetime == json!({ "never": true }) || lifetime == json!({ "lifetime_days": -1 });
        let by_policy = (lifetime == json!({}) || lifetime == json!({ "never": false })) && default == -1;
        prop_assert_eq!(end.is_none(), (said || by_policy) && most == -1 && realm_most == -1, "{}", token);
        prop_assert!(end.is_some() || never_expires);
        let bound = [most, realm_most].into_iter().filter(|days| *days > 0).min();
        if let (Some(end), Some(bound)) = (end, bound) {
            prop_assert!(end <= START + bound.unsigned_abs() * DAY, "{} with {}", token, bound);
        }
        prop_assert!(end.is_none_or(|end| end > START));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn only_token(world: &mut World) -> Value {
    let system = world.session("org:a", "system");
    match world.must(&system, "tokens", &json!({})) {
        Done::Document(Value::Array(tokens)) => tokens[0].clone(),
        _ => panic!("a list of one"),
    }
}

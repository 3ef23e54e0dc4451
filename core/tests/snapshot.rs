//! Snapshots: what is written is what is read, on every state; and nothing else is read.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

#[path = "snapshot/world.rs"]
mod world;

use proptest::prelude::*;
use tokenward::{Event, Registry, SnapshotContents};
use world::World;

use SnapshotContents::{Complete, Shared};

fn load(bytes: &[u8]) -> Registry {
    Registry::from_snapshot(bytes).unwrap_or_else(|error| panic!("{error:?}"))
}

/// The same bytes with checksums that fit.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() >= 40 {
        let length = bytes.len() as u64;
        bytes[24..32].copy_from_slice(&length.to_le_bytes());
        let header = crc32fast::hash(&bytes[..32]).to_le_bytes();
        bytes[32..36].copy_from_slice(&header);
        let content = bytes.len() - 4;
        let checksum = crc32fast::hash(&bytes[..content]).to_le_bytes();
        bytes[content..].copy_from_slice(&checksum);
    }
    bytes
}

/// A world in which everything happened once.
fn eventful(rights: &'static str) -> World {
    use serde_json::json;
    let mut world = World::new(rights);
    world.step([0, 0, 0, 0]);
    world.step([0, 1, 0, 0]);
    let owner = (rights == "owner").then_some("user:u0");
    let mut perform = |operation: &str, arguments: serde_json::Value| {
        assert!(
            world.perform("org:a", owner.filter(|_| operation == "issue"), operation, &arguments),
            "{operation} {arguments}"
        );
    };
    perform("create_role", json!({"name": "Opener", "permissions": ["open.a", "extra"], "resources": ["org:a/**"]}));
    perform("create_role", json!({"name": "Gone", "permissions": ["*"]}));
    perform("add_user", json!({"user": "u0"}));
    perform("add_user", json!({"user": "u2"}));
    perform(
        "bind",
        json!({"role": "Reader", "at": "org:a/project:p0", "subjects": ["user:u0", "user:u2", "claim:groups/x"]}),
    );
    perform("bind", json!({"role": "Gone", "at": "org:a", "subjects": ["user:u0"]}));
    let roles = if rights == "none" { json!(["Gone", "Reader"]) } else { json!([]) };
    perform(
        "issue",
        json!({"name": "Team/Deploy", "paths": ["^/v1/", ".*"], "description": "deploys", "roles": roles}),
    );
    perform("issue", json!({"paths": [".*"], "never": true}));
    perform("issue", json!({}));
    perform("rotate", json!({"token": "team/deploy", "overlap_seconds": 60}));
    for form in 0..8 {
        let (mut row, _) = world::imported(form, u64::from(form));
        row["owner"] = json!("user:u0");
        perform("import_tokens", json!({"tokens": [row]}));
    }
    if rights == "none" {
        perform("bind", json!({"role": "Opener", "at": "org:a/project:p0", "subjects": ["token:team/deploy"]}));
        perform("issue_for", json!({"resource": "org:a/project:p1"}));
        perform("issue", json!({"name": "other", "roles": ["Reader"]}));
        perform("disable", json!({"token": "other"}));
    }
    perform("delete_role", json!({"name": "Gone"}));
    perform("delete_user", json!({"user": "u2"}));
    perform("create_resource", json!({"resource": "org:a/project:p7"}));
    perform("update_settings", json!({"maximum_lifetime_days": 300, "individual_tokens": false}));
    let hash = format!("argon2id$19456$2$1${}${}", "5a".repeat(16), "c3".repeat(32));
    let event = json!({"revision": world.registry.revision() + 1, "at": world::NOW, "by": "system", "realm": "org:a",
        "change": "user_added", "user": "with-password", "password": hash});
    let event = Event::from_json(&event.to_string()).unwrap();
    world.registry.apply(&event).unwrap();
    world.events.push(event);
    let used = world.registry.note_uses(|serial| world::NOW + u64::from(serial), world::NOW + 50).unwrap();
    world.events.extend(used.events);
    world.registry = used.next;
    world
}

#[test]
fn what_is_written_is_what_is_read() {
    for rights in ["none", "owner", "copied"] {
        let world = eventful(rights);
        for contents in [Shared, Complete] {
            let bytes = world.registry.snapshot(contents);
            let loaded = load(&bytes);
            assert!(loaded.snapshot(contents) == bytes, "{rights}");
            assert_eq!(Registry::snapshot_revision(&bytes), Ok(world.registry.revision()));
            assert_eq!(loaded.revision(), world.registry.revision());
            assert_eq!(loaded.token_count(), world.registry.token_count());
            assert_eq!(world.decisions(&loaded), world.decisions(&world.registry));
        }
    }
}

#[test]
fn hashes_of_passwords_are_in_complete_ones_only() {
    let world = eventful("none");
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&world.registry.snapshot(Complete), "argon2id$"));
    let shared = world.registry.snapshot(Shared);
    assert!(!holds(&shared, "argon2id$") && !holds(&shared, &"c3".repeat(4)));
    assert!(holds(&shared, "with-password"));
    for secret in &world.secrets {
        assert!(!holds(&world.registry.snapshot(Complete), &secret[secret.len() - 30..secret.len() - 22]));
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let bytes = eventful("none").registry.snapshot(Complete);
    let mut flipped = bytes.clone();
    for bit in 0..bytes.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = Registry::from_snapshot(&flipped).err().unwrap_or_else(|| panic!("bit {bit} of byte {}", bit / 8));
        assert_eq!(error.code(), "snapshot_invalid");
        assert!(!error.place().is_empty());
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..bytes.len() {
        assert_eq!(Registry::from_snapshot(&bytes[..length]).err().unwrap().code(), "snapshot_invalid");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Registry::from_snapshot(&longer).err().unwrap().place(), "length");
}

#[test]
fn newer_ones_are_told_from_damaged_ones() {
    let mut bytes = eventful("none").registry.snapshot(Shared);
    bytes[8] = 2;
    assert_eq!(Registry::from_snapshot(&bytes).err().unwrap().code(), "snapshot_invalid");
    let newer = sealed(bytes);
    assert_eq!(Registry::from_snapshot(&newer).err().unwrap().code(), "snapshot_version");
    assert_eq!(Registry::snapshot_revision(&newer).unwrap_err().code(), "snapshot_version");
}

#[test]
fn what_does_not_hold_together_is_refused_at_its_section() {
    let bytes = eventful("none").registry.snapshot(Complete);
    let mut at = 36;
    let mut start_of = std::collections::BTreeMap::new();
    let names = [
        "policy",
        "permissions",
        "realms",
        "roles",
        "subjects",
        "bindings",
        "issuers",
        "patterns",
        "path_sets",
        "tokens",
        "last_used",
        "details",
        "imports",
        "slots",
    ];
    for name in names {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        start_of.insert(name, at + 8);
        at += 8 + usize::try_from(length).unwrap();
    }
    assert_eq!(at + 4, bytes.len());
    let refused = |section: &str, at: usize, with: &[u8]| {
        let mut bytes = bytes.clone();
        let at = start_of[section] + at;
        bytes[at..at + with.len()].copy_from_slice(with);
        let error = Registry::from_snapshot(&sealed(bytes)).err().unwrap_or_else(|| panic!("{section} {at}"));
        assert_eq!((error.code(), error.place()), ("snapshot_invalid", section));
    };
    refused("policy", 0, b" ");
    for section in [
        "permissions",
        "realms",
        "roles",
        "subjects",
        "bindings",
        "issuers",
        "patterns",
        "path_sets",
        "details",
        "imports",
    ] {
        // As many items as a length can speak of.
        refused(section, 0, &[0xff; 4]);
    }
    refused("tokens", 4, &[0xff; 4]);
    // The first imported token: an id that the table does not have, a scheme and a form that there are not.
    let lookup = usize::from(bytes[start_of["imports"] + 17]);
    for (field, with) in [(4, &b"000000000000"[..]), (16, &[0xff]), (17, &[0xff; 4]), (21 + lookup, &[0xff])] {
        refused("imports", field, with);
    }
    for (field, with) in
        [(32, &b"a-b"[..]), (44, &[0xff; 4]), (48, &[0xff; 4]), (52, &[0xff; 4]), (56, &[0xff; 8]), (56, &[0; 8])]
    {
        refused("slots", field, with);
    }
    // The first two slots the other way round; the same slot twice.
    let slots = &bytes[start_of["slots"]..];
    refused("slots", 0, &[&slots[64..128], &slots[..64]].concat());
    refused("slots", 64, &slots[..64]);
}

#[test]
fn lengths_are_not_believed() {
    let mut bytes = eventful("none").registry.snapshot(Shared);
    for length in [u64::MAX, 1 << 40, 1 << 31] {
        bytes[36..44].copy_from_slice(&length.to_le_bytes());
        assert_eq!(Registry::from_snapshot(&sealed(bytes.clone())).err().unwrap().place(), "policy");
    }
}

#[test]
fn a_realm_alone_holds_no_other() {
    use serde_json::json;
    let mut world = eventful("none");
    assert!(world.perform(
        "org:b",
        None,
        "create_role",
        &json!({"name": "Neighbour", "permissions": ["open.neighbour"]})
    ));
    assert!(world.perform(
        "org:b",
        None,
        "issue",
        &json!({"name": "neighbours", "paths": ["^/neighbour"], "roles": ["Neighbour"]})
    ));
    let bytes = world.registry.realm_snapshot("org:a").unwrap();
    for text in ["org:b", "Neighbour", "^/neighbour"] {
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    assert_eq!(Registry::snapshot_revision(&bytes), Ok(world.registry.revision()));
    assert_eq!(world.registry.realm_snapshot("org:c").unwrap_err().code(), "realm_not_found");
}

fn steps(most: usize) -> impl Strategy<Value = Vec<[u8; 4]>> {
    prop::collection::vec(any::<[u8; 4]>(), 0..most)
}

fn rights() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["none", "owner", "copied"])
}

proptest! {
    /// A log is its snapshot and the rest of it, wherever it is cut.
    #[test]
    fn replay_is_snapshot_and_tail(rights in rights(), steps in steps(160), cut in any::<prop::sample::Index>()) {
        let mut world = World::new(rights);
        world.step([0, 0, 0, 0]);
        for step in &steps {
            world.step(*step);
        }
        let whole = world.registry.snapshot(Complete);
        prop_assert!(load(&whole).snapshot(Complete) == whole);
        let cut = cut.index(world.events.len());
        let mut replayed: Option<Registry> = None;
        for (index, event) in world.events.iter().enumerate() {
            let event = Event::from_json(&event.to_json()).unwrap();
            match &mut replayed {
                None => replayed = Some(Registry::from_first(&event).unwrap()),
                Some(registry) => registry.apply(&event).unwrap(),
            }
            if index == cut {
                replayed = replayed.map(|registry| load(&registry.snapshot(Complete)));
            }
        }
        let replayed = replayed.unwrap();
        prop_assert!(replayed.snapshot(Complete) == whole);
        prop_assert_eq!(world.decisions(&replayed), world.decisions(&world.registry));
    }

    /// What a realm alone decides on itself is what the whole decides.
    #[test]
    fn a_realm_alone_decides_alike(rights in rights(), steps in steps(160)) {
        let mut world = World::new(rights);
        world.step([0, 0, 0, 0]);
        world.step([0, 1, 0, 0]);
        for step in &steps {
            world.step(*step);
        }
        let whole = world.decisions(&world.registry);
        for realm in ["org:a", "org:b"] {
            let bytes = world.registry.realm_snapshot(realm).unwrap();
            let alone = load(&bytes);
            prop_assert!(alone.snapshot(Shared) == bytes);
            prop_assert!(alone.realm_snapshot(realm).unwrap() == bytes);
            for (request, reason) in world.decisions(&alone) {
                // A token of another realm is not known, nor its form where none of that form was imported.
                if !["token_unknown", "token_malformed", "request_malformed"].contains(&reason) {
                    prop_assert_eq!(whole.get(&request), Some(&reason));
                }
            }
        }
    }

    /// A realm alone follows the whole log, or what is shared of it, and is then what the whole would give of that realm.
    #[test]
    fn a_realm_alone_follows(rights in rights(), steps in steps(160), cut in any::<prop::sample::Index>()) {
        let mut world = World::new(rights);
        world.step([0, 0, 0, 0]);
        world.step([0, 1, 0, 0]);
        let founded = world.events.len();
        for step in &steps {
            world.step(*step);
        }
        let cut = founded + cut.index(world.events.len() - founded + 1);
        let mut before = Registry::from_first(&world.events[0]).unwrap();
        for event in &world.events[1..cut] {
            before.apply(event).unwrap();
        }
        let rest = &world.events[cut..];
        for realm in ["org:a", "org:b"] {
            let expected = world.registry.realm_snapshot(realm).unwrap();
            let start = load(&before.realm_snapshot(realm).unwrap());
            let mut shared = Vec::new();
            for event in rest {
                event.share(Some(realm), &mut shared);
            }
            let shared = Event::list_from_json(&Event::list_to_json(&shared)).unwrap();
            for (events, how) in [(rest, "all events"), (shared.as_slice(), "those of the realm")] {
                let mut alone = start.clone();
                for event in events {
                    alone.apply(event).unwrap();
                }
                prop_assert!(alone.snapshot(Shared) == expected, "{} after {}: {}", realm, cut, how);
            }
            // What stands for changes elsewhere neither hides a gap nor serves a whole registry.
            for (missing, event) in shared.iter().enumerate().skip(1) {
                let mut gap = start.clone();
                prop_assert!(shared[..missing - 1].iter().try_for_each(|event| gap.apply(event)).is_ok());
                prop_assert_eq!(gap.apply(event).unwrap_err().code(), "event_invalid");
            }
            let elsewhere = |event: &&Event| event.to_json().contains("\"change\":\"elsewhere\"");
            if let Some(event) = shared.first().filter(elsewhere) {
                prop_assert_eq!(before.clone().apply(event).unwrap_err().code(), "event_invalid");
            }
        }
    }

    /// What is changed on purpose is refused, or is a state like any other.
    #[test]
    fn no_bytes_do_harm(rights in rights(), steps in steps(12), changes in prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, any::<u8>()), 1..4)) {
        let mut world = eventful(rights);
        let mut bytes = world.registry.snapshot(Complete);
        for (place, how, value) in changes {
            let at = 36 + place.index(bytes.len() - 40);
            match how {
                0 => bytes[at] = value,
                1 => bytes[at] ^= 1 << (value % 8),
                2 => bytes[at] = bytes[at].wrapping_add(1),
                _ => bytes[at] = bytes[at].wrapping_sub(1),
            }
        }
        let bytes = sealed(bytes);
        if let Ok(loaded) = Registry::from_snapshot(&bytes) {
            prop_assert!(loaded.snapshot(Complete) == bytes);
            world.registry = loaded;
            for step in &steps {
            world.step(*step);
        }
            let after = world.registry.snapshot(Complete);
            prop_assert!(load(&after).snapshot(Complete) == after);
        }
    }

    #[test]
    fn garbage_is_refused(mut bytes in prop::collection::vec(any::<u8>(), 40..400), header in any::<bool>()) {
        if header {
            bytes[..8].copy_from_slice(b"tokward\0");
            bytes[8..24].copy_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        }
        prop_assert!(Registry::from_snapshot(&sealed(bytes)).is_err());
    }
}

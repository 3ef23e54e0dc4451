//! Revocation is monotone: whatever happens after it, and wherever the state is taken from, it holds.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use tokenward::{Registry, SnapshotContents};
use tokenward_host::{Authority, Issue, Options, Reason, Verifier};

use super::runner;
use crate::scene::{Scene, moves, plans};
use crate::world::{DAY, replayed};

#[test]
fn nothing_brings_a_token_back() {
    let worlds = (plans(), vec(moves(), 10..40), any::<u8>(), vec(moves(), 0..40));
    let outcome = runner(128).run(&worlds, |(plan, before, token, after)| {
        let mut scene = Scene::played(&plan, &before);
        let Some((number, realm)) = scene.token(token) else { return Ok(()) };
        let system = scene.world.session(&realm, "system");
        let client_id = scene.world.tokens[number].client_id().to_string();
        scene.world.must(&system, "revoke", &json!({ "token": client_id }));
        let revoked_at = scene.world.log.len();
        scene.play_all(&after);
        for operation in ["enable", "rotate"] {
            assert!(scene.world.act(&system, operation, &json!({ "token": client_id })).is_err());
        }
        let world = &scene.world;
        let reason = |state: &Registry, now: u64| {
            state.authenticate(Some(world.tokens[number].token()), None, None, now).reason().as_str()
        };
        for now in [world.now, world.now + 400 * DAY, world.now - DAY] {
            prop_assert_eq!(reason(&world.state, now), "token_revoked");
        }
        for cut in revoked_at..=world.log.len() {
            let state = replayed(&world.log[..cut]);
            prop_assert_eq!(reason(&state, world.now), "token_revoked", "replayed");
            for contents in [SnapshotContents::Complete, SnapshotContents::Shared] {
                let loaded = Registry::from_snapshot(&state.snapshot(contents)).expect("a snapshot");
                prop_assert_eq!(reason(&loaded, world.now), "token_revoked", "loaded");
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn it_outlives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokens.db");
    let address = format!("sqlite:{}", path.display());
    let open = |address: &str| Authority::open(address, Options::default()).expect("a store");
    let authority = open(&address);
    authority.create_realm("organization:acme", Some("user:alice")).expect("a realm");
    let alice = authority.session("organization:acme", "user:alice").expect("a session");
    let issue = |name: &str| alice.issue(Issue::named(name).roles(["Viewer"])).expect("a token");
    let (kept, revoked) = (issue("kept"), issue("revoked"));
    let reason = |authority: &Authority, token: &str| {
        authority.authorize(Some(token), "project-read", "organization:acme/project:web", None).reason()
    };
    let before = authority.snapshot();
    alice.revoke("revoked").expect("it ends");
    let check = |authority: &Authority, place: &str| {
        assert_eq!(reason(authority, kept.token()), Reason::Allowed, "{place}");
        assert_eq!(reason(authority, revoked.token()), Reason::TokenRevoked, "{place}");
    };
    check(&authority, "here");
    check(&open(&address), "beside");
    let copy = folder.path().join("copy.db");
    authority.backup(&copy).expect("a copy");
    check(&open(&format!("sqlite:{}", copy.display())), "in a copy");

    // A replica that was there before hears of it by events; applying old events again takes nothing back.
    let verifier = Verifier::load(&before, None, None).expect("a replica");
    let asked = |verifier: &Verifier| verifier.authenticate(Some(revoked.token()), None, None).reason();
    assert_eq!(asked(&verifier), Reason::Allowed);
    let old = authority.events(0).expect("events");
    verifier.apply(&authority.events(verifier.revision()).expect("events")).expect("applied");
    assert_eq!(asked(&verifier), Reason::TokenRevoked);
    verifier.apply(&old).expect("nothing new");
    assert_eq!(asked(&verifier), Reason::TokenRevoked);
    assert_eq!(asked(&Verifier::load(&authority.snapshot(), None, None).expect("a replica")), Reason::TokenRevoked);

    // As after a crash: nothing was closed.
    drop((authority, alice));
    check(&open(&address), "opened again");
    let closed = open(&address);
    closed.close().expect("closed");
    assert_eq!(reason(&closed, kept.token()), Reason::Unavailable);
    check(&open(&address), "after closing");
}

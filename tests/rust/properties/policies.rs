//! Another policy takes the place of the one in force: what is held is held by name, and nothing comes back.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::*;
use tokenward::{Registry, SnapshotContents};

use super::runner;
use crate::scene::{Scene, asks, moves, plans};
use crate::world::replayed;

#[test]
fn decisions_under_another_policy_are_those_of_the_model() {
    let (adopted, allowed) = (Cell::new(0), Cell::new(0));
    let worlds = (plans(), plans(), vec(moves(), 0..50), vec(moves(), 0..20), vec(asks(), 40));
    let outcome = runner(192).run(&worlds, |(one, other, before, after, asks)| {
        let mut scene = Scene::played(&one, &before);
        let other = other.with_rights_of(&one);
        if !scene.adopt(&other) {
            return Ok(());
        }
        adopted.set(adopted.get() + 1);
        scene.play_all(&after);
        let bytes = scene.world.bytes();
        let loaded = Registry::from_snapshot(&bytes).expect("a snapshot");
        prop_assert!(loaded.snapshot(SnapshotContents::Complete) == bytes, "loaded");
        prop_assert!(replayed(&scene.world.log).snapshot(SnapshotContents::Complete) == bytes, "replayed");
        let (permissions, resources) = scene.nameable();
        for ask in &asks {
            let (request, presented) = scene.asked(ask, &permissions, &resources);
            let decided = scene.decided(&request, presented.as_deref());
            prop_assert_eq!(decided, scene.model.decide(&request), "{:?} with {:#?}", request, scene.model.facts);
            allowed.set(allowed.get() + u32::from(decided == "allowed"));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(adopted.get() > 60 && allowed.get() > 100, "{adopted:?} {allowed:?}");
}

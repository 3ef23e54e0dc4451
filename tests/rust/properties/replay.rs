//! The log folded again, or a snapshot and the rest of the log, is the same state at every cut.

use proptest::collection::vec;
use proptest::prelude::*;
use tokenward::{Event, Registry, SnapshotContents};

use super::runner;
use crate::scene::{Scene, asks, moves, plans};
use crate::world::replayed;

#[test]
fn at_every_cut() {
    let outcome = runner(64).run(&(plans(), vec(moves(), 0..60)), |(plan, moves)| {
        let scene = Scene::played(&plan, &moves);
        let (log, bytes) = (&scene.world.log, scene.world.bytes());
        prop_assert!(replayed(log).snapshot(SnapshotContents::Complete) == bytes, "the whole log");
        for cut in 1..=log.len() {
            let kept = replayed(&log[..cut]).snapshot(SnapshotContents::Complete);
            let mut state = Registry::from_snapshot(&kept).expect("a snapshot");
            prop_assert!(state.snapshot(SnapshotContents::Complete) == kept, "what is loaded is what was written");
            for event in &log[cut..] {
                state.apply(event).expect("the next event");
            }
            prop_assert!(state.snapshot(SnapshotContents::Complete) == bytes, "cut at {} of {}", cut, log.len());
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn replicas_decide_the_same() {
    let outcome = runner(96).run(&(plans(), vec(moves(), 0..60), vec(asks(), 30)), |(plan, moves, asks)| {
        let scene = Scene::played(&plan, &moves);
        let log = &scene.world.log;
        // A replica that gets a snapshot somewhere on the way and the rest as a delta, both without passwords.
        let half = replayed(&log[..log.len().div_ceil(2)]).snapshot(SnapshotContents::Shared);
        let mut replica = Registry::from_snapshot(&half).expect("a snapshot");
        let mut rest = Vec::new();
        for event in &log[log.len().div_ceil(2)..] {
            event.share(None, &mut rest);
        }
        for event in Event::list_from_json(&Event::list_to_json(&rest)).expect("a delta") {
            replica.apply(&event).expect("the next event");
        }
        let (permissions, resources) = scene.nameable();
        for ask in &asks {
            let (request, presented) = scene.asked(ask, &permissions, &resources);
            let asked = tokenward::Request {
                credential: presented.as_deref(),
                permission: request.permission,
                resource: request.resource,
                path: request.path,
            };
            let (here, there) =
                (scene.world.state.authorize(&asked, request.now), replica.authorize(&asked, request.now));
            prop_assert_eq!(here.reason(), there.reason());
            prop_assert_eq!(here.revision(), there.revision());
            prop_assert_eq!(scene.world.state.details(&here), replica.details(&there));
            // Among others and alone, a request is decided the same.
            prop_assert_eq!(replica.authorize_many(&[asked, asked], request.now), vec![there, there]);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

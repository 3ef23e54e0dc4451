//! A decision is what the model says it is: allowed only if a live token of the realm, a binding at the resource or
//! above, a role's permission of the right kind, the role's patterns and the token's path patterns all agree.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::runner;
use crate::scene::{Scene, asks, moves, plans};

#[test]
fn decisions_are_those_of_the_model() {
    let counts: RefCell<BTreeMap<&str, u32>> = RefCell::default();
    let worlds = (plans(), vec(moves(), 0..60), vec(asks(), 60));
    let outcome = runner(256).run(&worlds, |(plan, moves, asks)| {
        let scene = Scene::played(&plan, &moves);
        let (permissions, resources) = scene.nameable();
        for ask in &asks {
            let (request, presented) = scene.asked(ask, &permissions, &resources);
            let (decided, expected) = (scene.decided(&request, presented.as_deref()), scene.model.decide(&request));
            prop_assert_eq!(decided, expected, "{:?} with {:#?}", request, scene.model.facts);
            *counts.borrow_mut().entry(decided).or_default() += 1;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    let counts = counts.into_inner();
    // Worlds in which hardly anything is allowed would prove little.
    for (reason, least) in
        [("allowed", 300), ("permission_missing", 500), ("path_not_allowed", 100), ("owner_removed", 10)]
    {
        assert!(counts.get(reason).is_some_and(|count| *count >= least), "{reason} is rare: {counts:?}");
    }
}

//! A decision does not depend on the order in which roles, tokens and bindings were made.

use proptest::collection::vec;
use proptest::prelude::*;

use super::runner;
use crate::scene::{Move, Scene, asks, moves, plans};

/// Makes everything that can be made, in the given order; what is not possible yet comes after what makes it possible.
/// A token's random bytes belong to it and not to the moment.
fn made(plan: &crate::scene::Plan, things: &[(usize, Move)]) -> Scene {
    let mut scene = Scene::new(plan);
    let mut left: Vec<&(usize, Move)> = things.iter().collect();
    loop {
        let before = left.len();
        left.retain(|(number, thing)| {
            scene.world.draw = *number as u64;
            let facts = scene.model.facts.len();
            scene.play(thing);
            scene.model.facts.len() == facts
        });
        if left.len() == before {
            return scene;
        }
    }
}

/// What only adds, and does not stand in the way of another. Subjects are users: tokens go by their order.
fn additions() -> impl Strategy<Value = Vec<Move>> {
    vec(moves(), 20..80).prop_map(|moves| {
        let mut named = 0;
        let mut things = Vec::new();
        for thing in moves {
            match thing {
                Move::SayRole { realm, permissions, resources, .. } if named < 4 => {
                    named += 1;
                    things.push(Move::SayRole { realm, name: named, permissions, resources, change: false });
                }
                Move::Bind { realm, role, at, subjects, .. } => {
                    let subjects = subjects.into_iter().map(|subject| subject / 4 * 4).collect();
                    things.push(Move::Bind { realm, role, at, subjects, replace: false });
                }
                // By the host: what a user gives depends on what it has at the time.
                Move::Issue { realm, roles, paths, days, .. } => {
                    things.push(Move::Issue { realm, by: None, name: None, roles, paths, days });
                }
                _ => {}
            }
        }
        things
    })
}

#[test]
fn of_making_things() {
    let worlds = (plans(), additions(), vec(asks(), 40)).prop_flat_map(|(plan, things, asks)| {
        let things: Vec<(usize, Move)> = things.into_iter().enumerate().collect();
        (Just(plan), Just(things.clone()), Just(things).prop_shuffle(), Just(asks))
    });
    let outcome = runner(128).run(&worlds, |(plan, things, shuffled, asks)| {
        let (one, other) = (made(&plan, &things), made(&plan, &shuffled));
        prop_assert_eq!(one.world.tokens.len(), other.world.tokens.len());
        let (permissions, resources) = one.nameable();
        for ask in &asks {
            let (request, presented) = one.asked(ask, &permissions, &resources);
            let decided = |scene: &Scene| scene.decided(&request, presented.as_deref());
            prop_assert_eq!(decided(&one), decided(&other), "{:?}", request);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

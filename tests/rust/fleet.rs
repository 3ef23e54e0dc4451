//! The simulation that `docs/growth.md` quotes: the same in every run, and in keeping with what it is told.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "../fleet/report.rs"]
mod report;
#[path = "../fleet/simulation.rs"]
mod simulation;
#[path = "../fleet/sizes.rs"]
mod sizes;

use simulation::{World, run};
use sizes::Sizes;

const WORLD: World = World {
    seed: 7,
    tokens: 100_000_000,
    replicas: 20,
    seconds: 600,
    max_age: 30,
    lost_hint: 100,
    between_cuts: 300,
    cut: 60,
};

#[test]
fn a_run_is_the_same_again_and_another_seed_is_another_run() {
    let sizes = Sizes::of(1_000);
    let outcome = run(&WORLD, &sizes);
    assert_eq!(run(&WORLD, &Sizes::of(1_000)), outcome);
    assert_ne!(run(&World { seed: 8, ..WORLD }, &sizes), outcome);
    assert!(outcome.revocations > 1_000, "{outcome:?}");
    assert!(outcome.lag.is_sorted() && outcome.lag[0] > 0, "{outcome:?}");
}

#[test]
fn nothing_is_allowed_beyond_the_bound_of_age_however_long_a_link_is_cut() {
    let outcome = run(&WORLD, &Sizes::of(100));
    assert!(outcome.lag[3] > WORLD.max_age * 1_000, "{outcome:?}");
    assert_eq!(outcome.exposed, WORLD.max_age * 1_000);
    assert!(outcome.stale > 0.0 && outcome.stale < 1.0, "{outcome:?}");
}

#[test]
fn a_sound_link_is_behind_by_the_way_and_a_look() {
    let sound = World { between_cuts: u64::from(u32::MAX), ..WORLD };
    let outcome = run(&sound, &Sizes::of(100));
    // The far end: a hint that was lost, then a question and its answer.
    assert!(outcome.lag[3] <= 250 + 2 * 40, "{outcome:?}");
    assert!(outcome.stale.abs() < f64::EPSILON);
}

#[test]
fn a_snapshot_grows_by_the_same_for_each_token() {
    let (small, large) = (Sizes::of(5_000), Sizes::of(20_000));
    assert!((small.each() / large.each() - 1.0).abs() < 0.05, "{} {}", small.each(), large.each());
    let predicted = small.snapshot(large.snapshots[1].0);
    assert!((predicted / large.snapshots[1].1 as f64 - 1.0).abs() < 0.05, "{predicted}");
    assert!(small.issued > small.revoked);
}

#[test]
fn the_page_quotes_what_is_printed() {
    let page = include_str!("../../docs/growth.md");
    let printed = report::report(false);
    assert!(page.contains(&format!("```text\n{printed}```\n")), "docs/growth.md is to quote:\n{printed}");
    assert_ne!(report::report(true), printed);
}

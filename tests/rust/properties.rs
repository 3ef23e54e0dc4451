//! What must hold in every world.

mod ancestry;
mod decisions;
mod empty;
mod escalation;
mod monotone;
mod names;
mod order;
mod policies;
mod refusals;
mod replay;
mod revocation;
mod stars;
mod time;

use proptest::test_runner::{Config, TestRunner};

/// A runner of so many cases that always runs the same ones, and writes no files.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
}

//! What every build of tokenward has to pass.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    reason = "tests end where something is not as it must be"
)]

mod astra;
mod concurrency;
mod coverage;
mod elsewhere;
mod layers;
mod model;
mod properties;
mod scene;
mod vector;
mod vectors;
mod world;

//! The command line, run as people and programs run it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod bench;
mod docs;
mod files;
mod help;
mod import;
mod mistakes;
mod settings;
mod story;
mod terminal;

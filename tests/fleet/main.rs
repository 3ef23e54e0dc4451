//! A hundred replicas of a hundred million tokens, simulated: how far behind they are, and what is sent to them.
//!
//! `cargo run --release --package conformance --example fleet` prints what `docs/growth.md` quotes; `-- quick` takes less. Every run
//! prints the same.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a simulation ends at the first surprise"
)]

mod report;
mod simulation;
mod sizes;

fn main() {
    let quick = std::env::args().any(|argument| argument == "quick");
    print!("{}", report::report(quick));
}

//! The native addon behind the npm package `tokenward`: host's nouns for the face in JavaScript.
//!
//! What waits for a store runs on Node's thread pool and comes back as a Promise. Requests are decided on the spot, by
//! callbacks that are made by hand (see `request`): the generated ones cost five times as much per call.

mod authority;
mod job;
mod outcome;
mod request;
mod session;
mod text;
mod verifier;

use napi_derive::napi;
use tokenward_host::{Reason, read_export_document};

use crate::outcome::{Outcome, contained, of_document};

/// The version of this addon, which is the version of the core in it.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Every reason of a decision in the order of their numbers, each with its status: `allowed 200`, `stale 503 5`.
#[napi(catch_unwind)]
pub fn reasons() -> Vec<String> {
    Reason::ALL.iter().map(|reason| reason.row()).collect()
}

/// Rows of the import document, of a system, the text that it exported, and options as JSON text.
#[napi]
pub fn read_export(system: String, text: String, options: String) -> Outcome {
    contained(move || of_document(read_export_document(&system, &text, &options))).unwrap_or_else(|outcome| outcome)
}

/// Runs the command line and answers its exit status. It reads and writes the streams of the process itself.
#[napi]
pub fn run_command(arguments: Vec<String>) -> u8 {
    std::panic::catch_unwind(|| tokenward_cli::run(arguments)).unwrap_or(2)
}

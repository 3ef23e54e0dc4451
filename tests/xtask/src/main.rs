//! Steps of the build that cargo has no word for.
//!
//! `cargo xtask bindings <module.wasm> <out>` writes the JavaScript glue of a compiled WASM module. The generator is used as a
//! library, so that `Cargo.lock` holds its version beside that of the `wasm-bindgen` crate: the two must be equal.
//! `cargo xtask api` compares what the crates make public with `tests/public-api`, or writes it there.
//! `cargo xtask version` checks that every package has the same version, `cargo xtask version 1.2.3` moves them all.

use std::error::Error;
use std::process::ExitCode;

mod api;
mod bindings;
mod version;

const USAGE: &str = "usage: cargo xtask bindings <module.wasm> <out> | api | version [1.2.3]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Box<dyn Error>> {
    match words {
        ["bindings", module, out] => bindings::write(module.as_ref(), out.as_ref()),
        ["api"] => api::check(),
        ["version"] => version::check(),
        ["version", wanted] => version::set(wanted),
        _ => Err(USAGE.into()),
    }
}

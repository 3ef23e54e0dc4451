//! The WASM module behind the npm package `tokenward-wasm`.

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of this module, which is the version of the core in it.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

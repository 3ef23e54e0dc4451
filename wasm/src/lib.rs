//! The WASM module behind the npm package `tokenward-wasm`: the core's registry for a face in JavaScript, which has the
//! clock and the store. Random bytes come from the runtime's `crypto`.
//!
//! Refusals are thrown as one text of four lines: category, code, place, message. Anything else that is thrown is a trap,
//! after which the instance is not to be called again.

mod entropy;
mod exchange;
mod guard;
mod publication;
mod record;
mod refusal;
mod registry;
mod session;
mod uses;

use tokenward::{Code, Error, Reason};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::refusal::Refusal;

/// The version of this module, which is the version of the core in it.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Every reason of a decision in the order of their numbers, each with its status: `allowed 200`, `stale 503 5`.
#[wasm_bindgen]
pub fn reasons() -> Vec<String> {
    Reason::ALL.iter().map(|reason| reason.row()).collect()
}

/// The refusal of a code, at a place, that JavaScript found by itself.
#[wasm_bindgen]
pub fn refusal(code: &str, place: String) -> JsValue {
    let code = Code::ALL.iter().find(|known| known.as_str() == code).copied().unwrap_or(Code::Internal);
    Refusal::from(Error::new(code).at(place)).into()
}

/// The memory of this instance.
#[wasm_bindgen]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

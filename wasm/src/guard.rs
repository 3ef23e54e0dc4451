//! Guards.

use wasm_bindgen::prelude::wasm_bindgen;

/// A permission and a resource template, checked once.
#[wasm_bindgen]
pub struct Guard(pub(crate) tokenward::Guard);

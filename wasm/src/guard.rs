//! Guards.

use wasm_bindgen::prelude::wasm_bindgen;

/// A permission and a resource template, checked once.
#[wasm_bindgen]
pub struct Guard(pub(crate) tokenward::Guard);

#[wasm_bindgen]
impl Guard {
    /// Names of the template's parameters, in order.
    #[wasm_bindgen(getter)]
    pub fn parameters(&self) -> Vec<String> {
        self.0.parameters().map(str::to_owned).collect()
    }
}

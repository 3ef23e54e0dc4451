//! Sessions.

use wasm_bindgen::prelude::wasm_bindgen;

/// A principal that has proven itself in a realm.
#[wasm_bindgen]
pub struct Session(pub(crate) tokenward::Session);

#[wasm_bindgen]
impl Session {
    /// The realm it was opened in.
    #[wasm_bindgen(getter)]
    pub fn realm(&self) -> String {
        self.0.realm().to_owned()
    }

    /// The principal; `system` for the host itself.
    #[wasm_bindgen(getter)]
    pub fn principal(&self) -> String {
        self.0.principal().to_owned()
    }
}

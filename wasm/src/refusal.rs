//! Errors on their way to JavaScript.

use tokenward::{Code, Error};
use wasm_bindgen::JsValue;

/// What is thrown: category, code, place and message, a line each.
pub(crate) struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal(error)
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Refusal(Error::new(code))
    }
}

impl From<Refusal> for JsValue {
    fn from(Refusal(error): Refusal) -> Self {
        let lines = [error.category().as_str(), error.code(), error.place()];
        JsValue::from_str(&format!("{}\n{error}", lines.join("\n")))
    }
}

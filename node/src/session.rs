//! Sessions.

use napi_derive::napi;
use tokenward::Secret;
use tokenward_host::Session;

use crate::job::{Promised, job};
use crate::outcome::{Outcome, answered};

/// A principal that has proven itself in a realm.
#[napi(js_name = "Session")]
pub struct SessionHandle(pub(crate) Session);

#[napi]
impl SessionHandle {
    /// The realm it was opened in.
    #[napi(getter, catch_unwind)]
    pub fn realm(&self) -> &str {
        self.0.realm()
    }

    /// The principal; `system` for the host itself.
    #[napi(getter, catch_unwind)]
    pub fn principal(&self) -> &str {
        self.0.principal()
    }

    /// Performs an operation, its arguments as a JSON object.
    #[napi]
    pub fn call(&self, operation: String, arguments: String) -> Promised<Outcome> {
        let (session, arguments) = (self.0.clone(), Secret::new(arguments));
        job(move || Ok(answered(session.call(&operation, arguments.reveal()))))
    }
}

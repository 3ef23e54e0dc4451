//! Verifiers.
#![allow(clippy::needless_pass_by_value, reason = "napi gives arguments by value")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build"))]

use napi::Env;
use napi::bindgen_prelude::{Either, Object, Unknown};
use napi_derive::napi;
use tokenward::Secret;
use tokenward_host::Verifier;

use crate::outcome::{Outcome, contained, failed, of_document};
use crate::request::{callbacks, decision, guard_callbacks, seconds, whole};

/// A read-only replica.
#[napi(js_name = "Verifier")]
pub struct VerifierHandle(Verifier);

/// Loads a snapshot.
#[napi]
pub(crate) fn load(snapshot: &[u8], max_age: Option<f64>, clock: Option<f64>) -> Either<VerifierHandle, Outcome> {
    match contained(|| Verifier::load(snapshot, max_age.map(seconds), clock.map(seconds))) {
        Ok(Ok(verifier)) => Either::A(VerifierHandle(verifier)),
        Ok(Err(error)) => Either::B(failed(&error)),
        Err(outcome) => Either::B(outcome),
    }
}

#[napi]
impl VerifierHandle {
    /// Answers a question about the registry, its arguments as a JSON object.
    #[napi]
    pub fn answer(&self, operation: String, arguments: String) -> Outcome {
        let arguments = Secret::new(arguments);
        contained(|| of_document(self.0.call(&operation, arguments.reveal()))).unwrap_or_else(|outcome| outcome)
    }

    /// The callbacks of the request path.
    #[napi(catch_unwind)]
    pub fn callbacks<'env>(&self, env: &'env Env, cells: Unknown) -> napi::Result<Object<'env>> {
        callbacks(env, &self.0, &cells)
    }

    /// The callbacks of a guard.
    #[napi(catch_unwind)]
    pub fn guard<'env>(
        &self,
        env: &'env Env,
        permission: String,
        template: String,
        cells: Unknown,
    ) -> napi::Result<Either<Object<'env>, Outcome>> {
        match contained(|| self.0.guard(&permission, &template)) {
            Ok(Ok(guard)) => guard_callbacks(env, &guard, &cells).map(Either::A),
            Ok(Err(error)) => Ok(Either::B(failed(&error))),
            Err(outcome) => Ok(Either::B(outcome)),
        }
    }

    /// The details of an answer: challenge, principal, owner, token id, token name, realm.
    #[napi(catch_unwind)]
    pub fn details(&self, code: u32, revision: f64, first: i32, second: i32, third: i32) -> Vec<Option<String>> {
        let details = self.0.details(&decision(code, revision, [first, second, third]));
        vec![
            details.www_authenticate,
            details.principal,
            details.owner,
            details.token_id,
            details.token_name,
            details.realm,
        ]
    }

    /// The revision of the registry.
    #[napi(catch_unwind)]
    pub fn revision(&self) -> f64 {
        whole(self.0.revision())
    }

    /// Seconds since the replica was known to be up to date.
    #[napi(catch_unwind)]
    pub fn age(&self) -> f64 {
        whole(self.0.age())
    }

    /// Applies events, and answers the revision reached.
    #[napi]
    pub fn apply(&self, events: String) -> Either<f64, Outcome> {
        match contained(|| self.0.apply(&events)) {
            Ok(Ok(revision)) => Either::A(whole(revision)),
            Ok(Err(error)) => Either::B(failed(&error)),
            Err(outcome) => Either::B(outcome),
        }
    }

    /// Fixes the clock, or lets it run.
    #[napi(catch_unwind)]
    pub fn set_clock(&self, instant: Option<f64>) {
        self.0.set_clock(instant.map(seconds));
    }
}

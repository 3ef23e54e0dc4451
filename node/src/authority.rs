//! Authorities.
#![allow(clippy::needless_pass_by_value, reason = "napi gives arguments by value")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build"))]

use std::time::Duration;

use napi::Env;
use napi::bindgen_prelude::{Either, Object, Uint8Array, Unknown};
use napi_derive::napi;
use tokenward::Secret;
use tokenward_host::{Authority, Options};

use crate::job::{Promised, job};
use crate::outcome::{Outcome, answered, contained, failed};
use crate::request::{callbacks, decision, guard_callbacks, seconds, whole};
use crate::session::SessionHandle;

/// A registry over a store.
#[napi(js_name = "Authority")]
pub struct AuthorityHandle(Authority);

/// Opens a store. Seconds that are absent are NaN.
#[napi]
pub(crate) fn open(
    store: String,
    policy: Option<String>,
    replace_policy: bool,
    clock: Option<f64>,
    max_age: Option<f64>,
    keep_changes: Option<f64>,
    keep_days: Option<f64>,
) -> Promised<AuthorityHandle> {
    let (clock, max_age) = (clock.map(seconds), max_age.map(seconds));
    let (keep_changes, keep_days) = (keep_changes.map(seconds), keep_days.map(seconds));
    let options = Options { policy, replace_policy, clock, max_age, keep_changes, keep_days, ..Options::default() };
    job(move || Authority::open(&store, options).map(AuthorityHandle))
}

#[napi]
impl AuthorityHandle {
    /// Performs an operation of the host, its arguments as a JSON object.
    #[napi]
    pub fn call(&self, operation: String, arguments: String) -> Promised<Outcome> {
        let (authority, arguments) = (self.0.clone(), Secret::new(arguments));
        job(move || Ok(answered(authority.call(&operation, arguments.reveal()))))
    }

    /// The same on the spot, for operations that only look at memory.
    #[napi]
    pub fn answer(&self, operation: String, arguments: String) -> Outcome {
        let arguments = Secret::new(arguments);
        contained(|| answered(self.0.call(&operation, arguments.reveal()))).unwrap_or_else(|outcome| outcome)
    }

    /// Opens a session, its arguments as a JSON object.
    #[napi]
    pub fn open_session(&self, operation: String, arguments: String) -> Promised<SessionHandle> {
        let (authority, arguments) = (self.0.clone(), Secret::new(arguments));
        job(move || authority.open_session(&operation, arguments.reveal()).map(SessionHandle))
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

    /// Seconds since the registry was known to be the store's newest.
    #[napi(catch_unwind)]
    pub fn age(&self) -> f64 {
        whole(self.0.age())
    }

    /// Catches up with the store, waits for a revision, and answers the one reached.
    #[napi]
    pub fn refresh(&self, revision: Option<f64>, timeout: Option<f64>) -> Promised<f64> {
        let authority = self.0.clone();
        let revision = revision.map(seconds);
        job(move || match timeout {
            Some(timeout) => authority.refresh_within(revision, Duration::from_secs(seconds(timeout))).map(whole),
            None => authority.refresh(revision).map(whole),
        })
    }

    /// The registry as bytes, or one realm's part of it.
    #[napi]
    pub fn snapshot(&self, realm: Option<String>) -> Promised<Uint8Array> {
        let authority = self.0.clone();
        job(move || {
            let bytes = realm.map_or_else(|| Ok(authority.snapshot()), |realm| authority.realm_snapshot(&realm));
            bytes.map(Uint8Array::new)
        })
    }

    /// The events after a revision, for all replicas or those of one realm.
    #[napi]
    pub fn events(&self, after: f64, realm: Option<String>) -> Promised<String> {
        let authority = self.0.clone();
        job(move || match realm {
            Some(realm) => authority.realm_events(&realm, seconds(after)),
            None => authority.events(seconds(after)),
        })
    }

    /// Fixes the clock, or lets it run.
    #[napi(catch_unwind)]
    pub fn set_clock(&self, instant: Option<f64>) {
        self.0.set_clock(instant.map(seconds));
    }

    /// Writes what is pending, and ends.
    #[napi]
    pub fn close(&self) -> Promised<()> {
        let authority = self.0.clone();
        job(move || authority.close())
    }
}

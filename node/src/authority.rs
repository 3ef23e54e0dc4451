//! Authorities.
#![allow(clippy::needless_pass_by_value, reason = "napi gives arguments by value")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build"))]

use std::time::Duration;

use napi::bindgen_prelude::{Either, Object, Uint8Array, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use tokenward::Secret;
use tokenward::publication::{Next, Publication};
use tokenward_host::store::OpenOptions;
use tokenward_host::target::Folder;
use tokenward_host::{AuditEntry, Authority, Document, Observer, Options};

use crate::job::{Promised, job};
use crate::outcome::{Outcome, answered, contained, failed, of_document};
use crate::request::{callbacks, decision, guard_callbacks, seconds, whole};
use crate::session::SessionHandle;

/// A registry over a store.
#[napi(js_name = "Authority")]
pub struct AuthorityHandle(Authority);

/// What is told of changes, on JavaScript's thread. It keeps no process running.
type Told = ThreadsafeFunction<Outcome, (), Outcome, Status, false, true>;

/// A publication that JavaScript writes.
#[napi(object)]
pub struct NextPublication {
    /// Revision, instant, names.
    pub document: Outcome,
    /// The bytes of each name.
    pub contents: Vec<Uint8Array>,
    /// Names to delete.
    pub deleted: Vec<String>,
}

fn publication(revision: u64, published_at: u64, written: Vec<Document>) -> Document {
    let number = |number| i64::try_from(number).map_or(Document::Null, Document::Integer);
    let fields =
        [("revision", number(revision)), ("published_at", number(published_at)), ("written", Document::List(written))];
    Document::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn entry(entry: &AuditEntry) -> Document {
    let number = |number| i64::try_from(number).map_or(Document::Null, Document::Integer);
    let text = |text: &Option<String>| text.clone().map_or(Document::Null, Document::Text);
    let fields = [
        ("revision", number(entry.revision)),
        ("at", number(entry.at)),
        ("by", Document::Text(entry.by.clone())),
        ("realm", text(&entry.realm)),
        ("operation", Document::Text(entry.operation.clone())),
        ("subject", text(&entry.subject)),
    ];
    Document::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// How a store is opened. JavaScript has checked the numbers.
#[napi(object, object_to_js = false)]
pub struct Opening {
    pub policy: Option<String>,
    pub replace_policy: bool,
    pub read_only: bool,
    pub minimum_revision: Option<f64>,
    /// Seconds since 1970.
    pub clock: Option<f64>,
    /// Seconds.
    pub max_age: Option<f64>,
    pub keep_changes: Option<f64>,
    pub keep_days: Option<f64>,
}

impl From<Opening> for Options {
    fn from(opening: Opening) -> Options {
        Options {
            policy: opening.policy,
            replace_policy: opening.replace_policy,
            clock: opening.clock.map(seconds),
            max_age: opening.max_age.map(seconds),
            keep_changes: opening.keep_changes.map(seconds),
            keep_days: opening.keep_days.map(seconds),
            store: OpenOptions {
                read_only: opening.read_only,
                minimum_revision: opening.minimum_revision.map_or(0, seconds),
                ..OpenOptions::default()
            },
        }
    }
}

/// Opens a store.
#[napi]
pub(crate) fn open(store: String, opening: Opening) -> Promised<AuthorityHandle> {
    job(move || Authority::open(&store, opening.into()).map(AuthorityHandle))
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

    /// Publishes to a folder: revision, instant and names of what was written, as a document.
    #[napi]
    pub fn publish(&self, folder: String, realm: Option<String>) -> Promised<Outcome> {
        let authority = self.0.clone();
        job(move || {
            let published = authority.publish(&Folder::new(folder), realm.as_deref())?;
            let written = published.written.into_iter().map(Document::Text).collect();
            Ok(of_document(Ok(publication(published.revision, published.published_at, written))))
        })
    }

    /// What is to be published, given what is: the same as a document, names to delete, and the bytes of what is to be
    /// written.
    #[napi]
    pub fn next_publication(&self, latest: Option<Uint8Array>, realm: Option<String>) -> Promised<NextPublication> {
        let (authority, latest) = (self.0.clone(), latest.map(|bytes| bytes.to_vec()));
        job(move || {
            let Next { objects, publication: next, deleted } =
                authority.next_publication(latest.as_deref(), realm.as_deref())?;
            let latest = (Publication::NAME.to_owned(), next.to_json().into_bytes());
            let (names, contents): (Vec<_>, Vec<_>) = objects.into_iter().chain([latest]).unzip();
            let document =
                publication(next.revision(), next.published_at(), names.into_iter().map(Document::Text).collect());
            let contents = contents.into_iter().map(Uint8Array::new).collect();
            Ok(NextPublication { document: of_document(Ok(document)), contents, deleted })
        })
    }

    /// Tells a function of each change from now on, in lists as `audit` answers.
    #[napi]
    pub fn observe(&self, tell: Told) {
        self.0.observe(Observer::new().on_change(move |change| {
            let entries = of_document(Ok(Document::List(vec![entry(change)])));
            // Where JavaScript has ended, nobody is left to be told.
            let _ = tell.call(entries, ThreadsafeFunctionCallMode::NonBlocking);
        }));
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

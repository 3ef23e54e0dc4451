//! Verifiers: read-only replicas from a snapshot, for processes that only decide.

use std::sync::{Arc, Mutex, PoisonError};

use tokenward::{Code, Decision, Details, Document, Error, Event, Registry, Request};

use crate::clock::Clock;
use crate::guard::Guard;
use crate::observe::Observer;
use crate::replica::Replica;
use crate::store::fork;

/// A replica that follows an authority by snapshot and events, and answers `stale` when it has not heard from it for too
/// long. It keeps no record of uses and makes no changes.
#[derive(Clone)]
pub struct Verifier {
    replica: Arc<Replica>,
    /// Held while events are applied, so that two deltas do not overtake each other.
    applying: Arc<Mutex<()>>,
}

impl Verifier {
    /// Loads a snapshot. `max_age` is in seconds, from the moment of loading or of the last [`Verifier::apply`]; beyond it
    /// every request is `stale`. `clock` fixes the clock, in seconds since 1970, for tests.
    ///
    /// # Errors
    /// `snapshot_invalid`, `snapshot_version`.
    pub fn load(snapshot: &[u8], max_age: Option<u64>, clock: Option<u64>) -> Result<Self, Error> {
        let state = Registry::from_snapshot(snapshot)?;
        let clock = clock.map_or_else(Clock::system, Clock::fixed);
        Ok(Verifier { replica: Arc::new(Replica::new(state, clock, None, max_age)), applying: Arc::default() })
    }

    /// Applies events, as [`Authority::events`](crate::Authority::events) gives them, and answers the revision reached.
    /// Those that it has already are passed over; an empty list says that there is nothing new, and renews the age.
    ///
    /// # Errors
    /// `event_invalid` and the errors of documents; nothing is applied then.
    pub fn apply(&self, events: &str) -> Result<u64, Error> {
        let heard = self.replica.clock.moment();
        let events = Event::list_from_json(events)?;
        // Before the lock: a fork does not fall into its being held. A verifier has no store, so a fork does not end it.
        let _passed = fork::pass();
        let _applying = self.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.replica.state();
        let mut next = (*state).clone();
        for event in events.iter().filter(|event| event.revision() > state.revision()) {
            next.apply(event)?;
        }
        let revision = next.revision();
        if revision != state.revision() {
            self.replica.swap(next);
        }
        self.replica.confirm(heard);
        Ok(revision)
    }

    /// Decides whether a credential is that of a live token, of one realm if one is named, and for one path if that is
    /// given: what an application asks in front of all its routes.
    pub fn authenticate(&self, credential: Option<&str>, realm: Option<&str>, path: Option<&str>) -> Decision {
        self.replica.authenticate(credential, realm, path)
    }

    /// Decides a request.
    pub fn authorize(
        &self,
        credential: Option<&str>,
        permission: &str,
        resource: &str,
        path: Option<&str>,
    ) -> Decision {
        self.replica.authorize(&Request { credential, permission, resource, path })
    }

    /// Decides many requests with one state.
    pub fn authorize_many(&self, requests: &[Request<'_>]) -> Vec<Decision> {
        self.replica.authorize_many(requests)
    }

    /// Checks a permission and a resource template once.
    ///
    /// # Errors
    /// `permission_unknown`, `guard_template_invalid`, `kind_mismatch`.
    pub fn guard(&self, permission: &str, template: &str) -> Result<Guard, Error> {
        Guard::new(&self.replica, permission, template)
    }

    /// Details of a decision.
    pub fn details(&self, decision: &Decision) -> Details {
        self.replica.details(decision)
    }

    /// The permission that was asked for, where the policy or a role knows it.
    pub fn permission_of(&self, decision: &Decision) -> Option<String> {
        self.replica.state().permission_of(decision).map(String::from)
    }

    /// The decision with its details as a document.
    pub fn decision_document(&self, decision: &Decision) -> Document {
        self.replica.document(decision)
    }

    /// Answers `introspect`, `explain`, `realms`, `lint` and `policy`.
    ///
    /// # Errors
    /// `operation_unknown`, `stale`, those of the operation.
    pub fn call(&self, operation: &str, arguments: &str) -> Result<Document, Error> {
        match operation {
            "create_realm" | "audit" => Err(Error::new(Code::ReadOnly)),
            _ => self.replica.ask(operation, arguments),
        }
    }

    /// Tells a hook of each decision from now on. What [`Verifier::apply`] brings is told by the authority that it comes from,
    /// not here. See [`Authority::observe`](crate::Authority::observe).
    pub fn observe(&self, observer: Observer) {
        self.replica.observers.add(observer);
    }

    /// The revision of its state.
    pub fn revision(&self) -> u64 {
        self.replica.revision()
    }

    /// Seconds since it was known to be up to date.
    pub fn age(&self) -> u64 {
        self.replica.age()
    }

    /// Fixes the clock at an instant, or lets it run with the system's again.
    pub fn set_clock(&self, seconds: Option<u64>) {
        self.replica.clock.set(seconds);
    }
}

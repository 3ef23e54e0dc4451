//! What decides: one immutable state, swapped whole, and how old it may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use arc_swap::ArcSwap;
use tokenward::{Code, Decision, Details, Document, Error, Reason, Registry, Request};

use crate::clock::{Clock, Moment};
use crate::last_use::LastUse;
use crate::observe::Observers;

/// No bound on the age.
const UNBOUNDED: u64 = u64::MAX;

/// The state that requests are decided from. Readers take the pointer to it and never wait for who changes it.
pub(crate) struct Replica {
    state: ArcSwap<Registry>,
    pub(crate) clock: Clock,
    pub(crate) uses: Option<LastUse>,
    /// When the state was known to be the newest: in seconds since 1970 ...
    as_of: AtomicU64,
    /// ... and in seconds that have passed, for a clock may be set.
    heard: AtomicU64,
    max_age: u64,
    closed: AtomicBool,
    pub(crate) observers: Observers,
}

impl Replica {
    pub(crate) fn new(state: Registry, clock: Clock, uses: Option<LastUse>, max_age: Option<u64>) -> Self {
        let begun = clock.moment();
        Replica {
            state: ArcSwap::from_pointee(state),
            clock,
            uses,
            as_of: AtomicU64::new(begun.now),
            heard: AtomicU64::new(begun.passed),
            max_age: max_age.unwrap_or(UNBOUNDED),
            closed: AtomicBool::new(false),
            observers: Observers::default(),
        }
    }

    pub(crate) fn state(&self) -> Arc<Registry> {
        self.state.load_full()
    }

    pub(crate) fn revision(&self) -> u64 {
        self.state.load().revision()
    }

    /// Goes on with a newer state. Whoever begins to decide from here on decides with it.
    pub(crate) fn swap(&self, next: Registry) {
        self.state.store(Arc::new(next));
    }

    /// Says that the state was the newest at a moment: the one before its source was asked, since nobody knows how long
    /// the answer took. The time is stored and not the greatest kept, so that a clock that is put back is believed again
    /// as soon as the source has answered.
    pub(crate) fn confirm(&self, asked: Moment) {
        self.as_of.store(asked.now, Ordering::Release);
        self.heard.fetch_max(asked.passed, Ordering::AcqRel);
    }

    /// Seconds since the state was known to be the newest.
    pub(crate) fn age(&self) -> u64 {
        let since = self.clock.now().saturating_sub(self.as_of.load(Ordering::Acquire));
        since.max(self.silence())
    }

    /// Seconds that have passed since the source was heard.
    fn silence(&self) -> u64 {
        self.clock.passed().saturating_sub(self.heard.load(Ordering::Acquire))
    }

    pub(crate) fn close(&self) -> bool {
        !self.closed.swap(true, Ordering::AcqRel)
    }

    /// # Errors
    /// `closed`.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) { Err(Error::new(Code::Closed)) } else { Ok(()) }
    }

    /// Why nothing may be decided now, if so.
    #[inline]
    fn refusal(&self, now: u64) -> Option<Reason> {
        if self.closed.load(Ordering::Relaxed) {
            return Some(Reason::Unavailable);
        }
        // A clock that went backwards by more than the bound says nothing about the age. Nor does one that did so a while ago
        // and has come back to where it was: hence what has passed. That alone stands still while a machine sleeps.
        let stale = self.max_age != UNBOUNDED
            && (now.abs_diff(self.as_of.load(Ordering::Acquire)) > self.max_age || self.silence() > self.max_age);
        stale.then_some(Reason::Stale)
    }

    /// Decides with the state and the time of this moment, notes the use of the token, and tells who observes.
    #[inline]
    pub(crate) fn decide<E>(
        &self,
        credential: Option<&str>,
        decide: impl FnOnce(&Registry, u64) -> Result<Decision, E>,
    ) -> Result<Decision, E> {
        if !self.observers.of_decisions() {
            return self.decide_alone(credential, decide);
        }
        let began = Instant::now();
        let decision = self.decide_alone(credential, decide)?;
        self.observers.decided(&self.state(), &decision, began.elapsed());
        Ok(decision)
    }

    #[inline]
    fn decide_alone<E>(
        &self,
        credential: Option<&str>,
        decide: impl FnOnce(&Registry, u64) -> Result<Decision, E>,
    ) -> Result<Decision, E> {
        let now = self.clock.now();
        let state = self.state.load();
        if let Some(reason) = self.refusal(now) {
            return Ok(Decision::without_token(state.revision(), reason));
        }
        let decision = decide(&state, now)?;
        self.note(&decision, credential, now);
        Ok(decision)
    }

    #[inline]
    fn note(&self, decision: &Decision, credential: Option<&str>, now: u64) {
        if decision.first_use() {
            self.remember(decision, credential);
        }
        if let (true, Some(uses), Some(serial)) = (decision.allowed(), &self.uses, decision.token_serial()) {
            uses.note(serial, now);
        }
    }

    /// Remembers what an imported token was presented as, so that the next use costs one fast hash. When another state was
    /// shown in between, the next use is remembered instead.
    #[cold]
    #[inline(never)]
    fn remember(&self, decision: &Decision, credential: Option<&str>) {
        let state = self.state.load_full();
        if let Some(next) = state.remembering(credential, decision) {
            self.state.compare_and_swap(&state, Arc::new(next));
        }
    }

    pub(crate) fn authorize(&self, request: &Request<'_>) -> Decision {
        let Ok(decision) = self
            .decide(request.credential, |state, now| Ok::<_, core::convert::Infallible>(state.authorize(request, now)));
        decision
    }

    pub(crate) fn authenticate(&self, credential: Option<&str>, realm: Option<&str>, path: Option<&str>) -> Decision {
        let Ok(decision) = self.decide(credential, |state, now| {
            Ok::<_, core::convert::Infallible>(state.authenticate(credential, realm, path, now))
        });
        decision
    }

    /// Decides many requests with one state and one time.
    pub(crate) fn authorize_many(&self, requests: &[Request<'_>]) -> Vec<Decision> {
        if !self.observers.of_decisions() {
            return self.decide_many(requests);
        }
        let began = Instant::now();
        let decisions = self.decide_many(requests);
        let each = began.elapsed().checked_div(u32::try_from(requests.len()).unwrap_or(u32::MAX)).unwrap_or_default();
        let state = self.state();
        for decision in &decisions {
            self.observers.decided(&state, decision, each);
        }
        decisions
    }

    fn decide_many(&self, requests: &[Request<'_>]) -> Vec<Decision> {
        let now = self.clock.now();
        let state = self.state.load();
        if let Some(reason) = self.refusal(now) {
            return requests.iter().map(|_| Decision::without_token(state.revision(), reason)).collect();
        }
        let decisions = state.authorize_many(requests, now);
        for (decision, request) in decisions.iter().zip(requests) {
            self.note(decision, request.credential, now);
        }
        decisions
    }

    pub(crate) fn details(&self, decision: &Decision) -> Details {
        self.state.load().details(decision)
    }

    pub(crate) fn document(&self, decision: &Decision) -> Document {
        self.state.load().decision_document(decision)
    }

    /// Answers `introspect`, `explain`, `realms`, `lint` and `policy`.
    pub(crate) fn ask(&self, operation: &str, arguments: &str) -> Result<Document, Error> {
        let now = self.clock.now();
        match self.refusal(now) {
            Some(Reason::Stale) => Err(Error::new(Code::Stale)),
            Some(_) => Err(Error::new(Code::Closed)),
            None => self.state.load().ask(operation, arguments, now),
        }
    }
}

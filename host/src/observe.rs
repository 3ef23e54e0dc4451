//! Observing: hooks that are told of each decision and each change.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokenward::{Decision, Document, Reason, Registry};

use crate::trace;

/// What a hook is told of a decision. Nothing here is taken from the request but what the policy or the registry knows
/// already: no credential, no path, no resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    /// Why.
    pub reason: Reason,
    /// The HTTP status: 200, 400, 401, 403 or 503.
    pub status: u16,
    /// The permission asked for; none where none was, or the policy knows no such permission.
    pub permission: Option<String>,
    /// The token's realm. This and what follows about a token only if its secret matched.
    pub realm: Option<String>,
    /// The token's client id, which is public.
    pub token_id: Option<String>,
    /// Whom the request acts as.
    pub principal: Option<String>,
    /// The revision of the state that decided.
    pub revision: u64,
    /// How long deciding took, in nanoseconds. Of `authorize_many` each decision has its part of the whole.
    pub duration_ns: u64,
}

impl Observation {
    /// Whether the request is allowed.
    pub fn allowed(&self) -> bool {
        self.reason == Reason::Allowed
    }
}

/// What a hook is told of a change: what `audit` says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// The revision that the registry has after it.
    pub revision: u64,
    /// When, in seconds since 1970, by the clock of who made it.
    pub at: u64,
    /// The principal that made it; `system` for the host itself.
    pub by: String,
    /// The realm it concerns; none for the policy.
    pub realm: Option<String>,
    /// What was done: `token_issued`, `bound`, ...
    pub operation: String,
    /// To what.
    pub subject: Option<String>,
}

type OnDecision = Box<dyn Fn(&Observation) + Send + Sync>;
type OnChange = Box<dyn Fn(&AuditEntry) + Send + Sync>;

/// Hooks for [`Authority::observe`](crate::Authority::observe) and [`Verifier::observe`](crate::Verifier::observe).
#[derive(Default)]
pub struct Observer {
    decision: Option<OnDecision>,
    change: Option<OnChange>,
}

impl Observer {
    /// No hook yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls this after each decision, in the thread that decided. Until it returns, that request waits. Of decisions that
    /// hooks ask for themselves nobody is told.
    #[must_use]
    pub fn on_decision(mut self, hook: impl Fn(&Observation) + Send + Sync + 'static) -> Self {
        self.decision = Some(Box::new(hook));
        self
    }

    /// Calls this for each change, once and in order, whichever process made it, in the thread that follows the store.
    #[must_use]
    pub fn on_change(mut self, hook: impl Fn(&AuditEntry) + Send + Sync + 'static) -> Self {
        self.change = Some(Box::new(hook));
        self
    }
}

thread_local! {
    /// Whether a hook for decisions runs in this thread: what it asks for is not told, or there would be no end to it.
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Who observes a replica.
#[derive(Default)]
pub(crate) struct Observers {
    /// Asked on the request path, where no more than this is paid while nobody observes.
    decisions: AtomicBool,
    changes: AtomicBool,
    all: ArcSwap<Vec<Arc<Observer>>>,
}

impl Observers {
    pub(crate) fn add(&self, observer: Observer) {
        let (decisions, changes) = (observer.decision.is_some(), observer.change.is_some());
        let observer = Arc::new(observer);
        self.all.rcu(|all| all.iter().chain([&observer]).cloned().collect::<Vec<_>>());
        self.decisions.fetch_or(decisions, Ordering::Release);
        self.changes.fetch_or(changes, Ordering::Release);
    }

    /// Whether anybody wants to know of decisions.
    #[inline]
    pub(crate) fn of_decisions(&self) -> bool {
        self.decisions.load(Ordering::Relaxed) || trace::denials()
    }

    /// Whether anybody wants to know of changes.
    pub(crate) fn of_changes(&self) -> bool {
        self.changes.load(Ordering::Acquire) || trace::changes()
    }

    #[cold]
    pub(crate) fn decided(&self, state: &Registry, decision: &Decision, took: Duration) {
        if WITHIN.replace(true) {
            return;
        }
        let details = state.details(decision);
        let observation = Observation {
            reason: decision.reason(),
            status: decision.status(),
            permission: state.permission_of(decision).map(String::from),
            realm: details.realm,
            token_id: details.token_id,
            principal: details.principal,
            revision: decision.revision(),
            duration_ns: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
        };
        // The panic hook of the process has told of it: the decision stands.
        let _ = catch_unwind(AssertUnwindSafe(|| trace::decided(&observation)));
        for hook in self.all.load_full().iter().filter_map(|observer| observer.decision.as_ref()) {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(&observation)));
        }
        WITHIN.set(false);
    }

    pub(crate) fn changed(&self, entry: &AuditEntry) {
        let _ = catch_unwind(AssertUnwindSafe(|| trace::changed(entry)));
        for hook in self.all.load_full().iter().filter_map(|observer| observer.change.as_ref()) {
            let _ = catch_unwind(AssertUnwindSafe(|| hook(entry)));
        }
    }
}

impl AuditEntry {
    /// An entry of what `audit` answers.
    pub(crate) fn of(document: &Document) -> Self {
        let text = |name| document.get(name).and_then(Document::as_text).map(String::from);
        let number = |name| match document.get(name) {
            Some(Document::Integer(number)) => u64::try_from(*number).unwrap_or_default(),
            _ => 0,
        };
        AuditEntry {
            revision: number("revision"),
            at: number("at"),
            by: text("by").unwrap_or_default(),
            realm: text("realm"),
            operation: text("operation").unwrap_or_default(),
            subject: text("subject"),
        }
    }
}

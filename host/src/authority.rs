//! Authorities: a registry over a store.

mod change;
mod history;
mod publish;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokenward::{Answer, Code, Decision, Details, Document, Error, Policy, Request, SnapshotContents};

pub use publish::Published;

use crate::clock::Clock;
use crate::guard::Guard;
use crate::last_use::LastUse;
use crate::observe::Observer;
use crate::options::{Keep, Options};
use crate::replica::Replica;
use crate::session::Session;
use crate::store::{Store, open_store};
use crate::{follow, keep};

/// How long a revision is waited for where nobody says how long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A registry over a store. Copies are handles to the same one.
///
/// Requests are decided from memory and wait for nobody. Changes are decided, appended to the store, and only then shown;
/// changes by other processes are followed.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Box<dyn Store>,
    pub(crate) replica: Arc<Replica>,
    /// Held while a change is appended and shown.
    writing: Mutex<()>,
    kept_snapshot: AtomicU64,
    /// Held while the store is tidied: the revision at which it was looked last whether something may be dropped.
    tidying: Mutex<u64>,
    keep: Option<Keep>,
    /// The revision up to which changes were told.
    told: AtomicU64,
    /// Whether some thread is telling of changes: only one does, and in order.
    telling: AtomicBool,
}

impl Authority {
    /// Opens the store at an address (`memory:`, `sqlite:PATH`, `postgresql://USER@HOST/DATABASE`) and folds its log.
    ///
    /// # Errors
    /// Those of the store; of the policy; `policy_mismatch` when the store has another policy; `clock_implausible`;
    /// `event_invalid` and `snapshot_invalid` for stored data that does not pass the checks.
    #[expect(clippy::needless_pass_by_value, reason = "options are made for one call")]
    pub fn open(store: &str, options: Options) -> Result<Self, Error> {
        // Before the store is looked for: a policy that is refused makes no file.
        let policy = options.policy.as_deref().map(Policy::parse).transpose()?;
        let store = open_store(store, &options.store)?;
        Self::begin(store, policy.as_ref(), &options)
    }

    /// Folds the log of a store that is open already: one of your own, or one that was opened with more to say than an
    /// address. Of [`Options::store`] only `read_only` is looked at.
    ///
    /// # Errors
    /// As [`Authority::open`].
    #[expect(clippy::needless_pass_by_value, reason = "options are made for one call")]
    pub fn over(store: Box<dyn Store>, options: Options) -> Result<Self, Error> {
        let policy = options.policy.as_deref().map(Policy::parse).transpose()?;
        Self::begin(store, policy.as_ref(), &options)
    }

    fn begin(store: Box<dyn Store>, policy: Option<&Policy>, options: &Options) -> Result<Self, Error> {
        let clock = options.clock.map_or_else(Clock::system, Clock::fixed);
        let (state, kept) = history::load(store.as_ref(), policy, &clock)?;
        // Where nothing is written, uses are not noted.
        let uses = (!options.store.read_only).then(LastUse::new);
        let replica = Arc::new(Replica::new(state, clock, uses, options.max_age));
        let (writing, kept_snapshot) = (Mutex::new(()), AtomicU64::new(kept));
        let tidying = Mutex::new(0);
        let (keep, told, telling) = (options.keep(), AtomicU64::new(replica.revision()), AtomicBool::new(false));
        let inner = Inner { store, replica, writing, kept_snapshot, tidying, keep, told, telling };
        let authority = Authority { inner: Arc::new(inner) };
        authority.inner.settle_policy(policy, options.replace_policy)?;
        authority.resume_after_fork();
        Ok(authority)
    }

    /// Founds a realm, `workspace:hooli`, whose administrator gets the policy's administrator role.
    ///
    /// # Errors
    /// `realm_exists`, `resource_invalid`, `principal_invalid`, those of the store.
    pub fn create_realm(&self, realm: &str, administrator: Option<&str>) -> Result<Document, Error> {
        let mut entries = vec![("realm".to_string(), Document::from(realm))];
        entries.extend(administrator.map(|principal| ("administrator".to_string(), Document::from(principal))));
        self.document("create_realm", &Document::Map(entries).to_json())
    }

    /// Opens a session of a principal that the host vouches for.
    ///
    /// # Errors
    /// `realm_not_found`, `principal_invalid`.
    pub fn session(&self, realm: &str, principal: &str) -> Result<Session, Error> {
        let arguments = text_map([("realm", realm), ("principal", principal)]);
        self.open_session("session", &arguments)
    }

    /// Opens the host's own session, which may do everything.
    ///
    /// # Errors
    /// `realm_not_found`.
    pub fn system(&self, realm: &str) -> Result<Session, Error> {
        self.open_session("system", &text_map([("realm", realm)]))
    }

    /// Opens a session by the password of a user. It takes about 20 ms.
    ///
    /// # Errors
    /// `login_failed`, `realm_not_found`.
    pub fn login(&self, realm: &str, user: &str, password: &str) -> Result<Session, Error> {
        self.open_session("login", &text_map([("realm", realm), ("user", user), ("password", password)]))
    }

    /// Opens a session by a token, to which it is limited.
    ///
    /// # Errors
    /// `login_failed`, `realm_not_found`.
    pub fn login_with_token(&self, realm: &str, token: &str) -> Result<Session, Error> {
        self.open_session("login_with_token", &text_map([("realm", realm), ("token", token)]))
    }

    /// Opens a session by the name of the operation and its arguments as a JSON object.
    ///
    /// # Errors
    /// As the operations above; `closed`; the errors of documents.
    pub fn open_session(&self, operation: &str, arguments: &str) -> Result<Session, Error> {
        self.inner.replica.check_open()?;
        let now = self.inner.replica.clock.now();
        let session = self.inner.replica.state().open_session(operation, arguments, now)?;
        Ok(Session::new(self.clone(), session))
    }

    /// Performs an operation of the host: `create_realm`, `realms`, `introspect`, `explain`, `audit`, `lint`, `policy`.
    ///
    /// # Errors
    /// `operation_unknown`, `closed`, those of the operation and of the store.
    pub fn call(&self, operation: &str, arguments: &str) -> Result<Answer, Error> {
        self.document(operation, arguments).map(Answer::Document)
    }

    fn document(&self, operation: &str, arguments: &str) -> Result<Document, Error> {
        self.inner.replica.check_open()?;
        match operation {
            "create_realm" => match self.inner.change(|state, context| state.found(arguments, context.now))? {
                Answer::Document(document) => Ok(document),
                Answer::Issued(_) => Err(Error::new(Code::Internal)),
            },
            "audit" => self.inner.audit(arguments),
            _ => self.inner.replica.ask(operation, arguments),
        }
    }

    pub(crate) fn perform(
        &self,
        session: &tokenward::Session,
        operation: &str,
        arguments: &str,
    ) -> Result<Answer, Error> {
        self.inner.replica.check_open()?;
        if matches!(operation, "tokens" | "token") {
            return self.inner.read_with_uses(session, operation, arguments);
        }
        self.inner.change(|state, context| state.perform(session, operation, arguments, context))
    }

    /// Decides whether a credential is that of a live token, of one realm if one is named, and for one path if that is
    /// given: what an application asks in front of all its routes.
    pub fn authenticate(&self, credential: Option<&str>, realm: Option<&str>, path: Option<&str>) -> Decision {
        self.inner.replica.authenticate(credential, realm, path)
    }

    /// Decides a request.
    pub fn authorize(
        &self,
        credential: Option<&str>,
        permission: &str,
        resource: &str,
        path: Option<&str>,
    ) -> Decision {
        self.inner.replica.authorize(&Request { credential, permission, resource, path })
    }

    /// Decides many requests with one state.
    pub fn authorize_many(&self, requests: &[Request<'_>]) -> Vec<Decision> {
        self.inner.replica.authorize_many(requests)
    }

    /// Checks a permission and a resource template once.
    ///
    /// # Errors
    /// `permission_unknown`, `guard_template_invalid`, `kind_mismatch`, `closed`.
    pub fn guard(&self, permission: &str, template: &str) -> Result<Guard, Error> {
        Guard::new(&self.inner.replica, permission, template)
    }

    /// Details of a decision.
    pub fn details(&self, decision: &Decision) -> Details {
        self.inner.replica.details(decision)
    }

    /// The permission that was asked for, where the policy or a role knows it.
    pub fn permission_of(&self, decision: &Decision) -> Option<String> {
        self.inner.replica.state().permission_of(decision).map(String::from)
    }

    /// The decision with its details as a document.
    pub fn decision_document(&self, decision: &Decision) -> Document {
        self.inner.replica.document(decision)
    }

    /// How many changes the state was folded from.
    pub fn revision(&self) -> u64 {
        self.inner.replica.revision()
    }

    /// Seconds since the state was known to be the store's newest.
    pub fn age(&self) -> u64 {
        self.inner.replica.age()
    }

    /// Catches up with the store, and answers the revision reached. Where a revision is wanted, it is waited for, at most 5
    /// seconds: to read what was written elsewhere, take the revision along.
    ///
    /// # Errors
    /// `stale` when the store has not reached the wanted revision by then; those of the store; `closed`.
    pub fn refresh(&self, revision: Option<u64>) -> Result<u64, Error> {
        self.refresh_within(revision, PATIENCE)
    }

    /// The same with another patience; with none, the store is looked at once.
    ///
    /// # Errors
    /// As [`Authority::refresh`].
    pub fn refresh_within(&self, revision: Option<u64>, patience: Duration) -> Result<u64, Error> {
        self.inner.wait_for(revision.unwrap_or(0), patience)
    }

    /// The state as bytes, for verifiers. It holds no secret and no password hash.
    pub fn snapshot(&self) -> Vec<u8> {
        self.inner.replica.state().snapshot(SnapshotContents::Shared)
    }

    /// The state of one realm as bytes, for verifiers that serve this realm only: they carry what it has, and no name, token
    /// or role of another one.
    ///
    /// # Errors
    /// `realm_not_found`.
    pub fn realm_snapshot(&self, realm: &str) -> Result<Vec<u8>, Error> {
        self.inner.replica.state().realm_snapshot(realm)
    }

    /// The events after a revision as JSON text, for [`Verifier::apply`](crate::Verifier::apply). Password hashes are left
    /// out.
    ///
    /// # Errors
    /// `log_missing` when the log does not reach back so far, or more lies in between than a verifier takes at once: take
    /// a snapshot; those of the store.
    pub fn events(&self, after: u64) -> Result<String, Error> {
        self.inner.replica.check_open()?;
        self.inner.events(after, None)
    }

    /// The same for verifiers of one realm. Of changes in other realms they are told how many there were.
    ///
    /// # Errors
    /// As [`Authority::events`].
    pub fn realm_events(&self, realm: &str, after: u64) -> Result<String, Error> {
        self.inner.replica.check_open()?;
        self.inner.events(after, Some(realm))
    }

    /// Copies the store to a file while it is in use, and answers the revision of the copy.
    ///
    /// # Errors
    /// Those of [`Store::backup`].
    pub fn backup(&self, path: &Path) -> Result<u64, Error> {
        self.inner.replica.check_open()?;
        self.inner.store.backup(path)
    }

    /// Tells hooks of each decision and of each change from now on, beside those that are there already.
    ///
    /// A hook for decisions runs in the thread that decided, and the request waits for it. A hook for changes runs in the
    /// thread that follows the store, within some 20 ms, once for each change and in order, whichever process made it. A
    /// hook that panics changes nothing: the panic hook of the process tells of it, and the hook is called again the next
    /// time. While nobody observes decisions, the request path pays for one look at a flag.
    ///
    /// ```
    /// use tokenward_host::{Authority, Observer, Options};
    ///
    /// let authority = Authority::open("memory:", Options::default())?;
    /// authority.observe(
    ///     Observer::new()
    ///         .on_decision(|seen| println!("{} {:?} {} ns", seen.reason.as_str(), seen.permission, seen.duration_ns))
    ///         .on_change(|entry| println!("{} {} {:?}", entry.revision, entry.operation, entry.subject)),
    /// );
    /// # Ok::<(), tokenward_host::Error>(())
    /// ```
    pub fn observe(&self, observer: Observer) {
        if !self.inner.replica.observers.of_changes() {
            self.inner.told.store(self.inner.replica.revision(), Ordering::Release);
        }
        self.inner.replica.observers.add(observer);
    }

    /// Fixes the clock at an instant, or lets it run with the system's again. For tests.
    pub fn set_clock(&self, seconds: Option<u64>) {
        self.inner.replica.clock.set(seconds);
    }

    /// Follows the store again in a process that was forked: threads do not cross a fork.
    pub fn resume_after_fork(&self) {
        // A thread that was telling of changes when the process forked is not here to end that.
        self.inner.telling.store(false, Ordering::Release);
        follow::start(&self.inner);
        keep::start(&self.inner);
    }

    /// Writes what is noted of uses, and ends. Every later request is `unavailable`, every later call `closed`. Closing
    /// twice is closing once.
    ///
    /// # Errors
    /// Those of the store: uses may be lost then, nothing else.
    pub fn close(&self) -> Result<(), Error> {
        let inner = &self.inner;
        let written = inner.settle_imports().and_then(|()| inner.flush_uses()).and_then(|()| inner.tidy_up());
        inner.tell_changes();
        if self.inner.replica.close() { written } else { Ok(()) }
    }
}

fn text_map<const N: usize>(entries: [(&str, &str); N]) -> String {
    let entries = entries.into_iter().map(|(name, text)| (name.to_string(), Document::from(text)));
    Document::Map(entries.collect()).to_json()
}

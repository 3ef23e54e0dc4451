//! Authorities: a registry over a store.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokenward::{
    Answer, Code, Context, Decision, Details, Document, Entropy, Error, Event, Performed, Policy, Registry, Request,
    SnapshotContents,
};
use zeroize::Zeroize;

use crate::clock::Clock;
use crate::guard::Guard;
use crate::last_use::LastUse;
use crate::replica::Replica;
use crate::session::Session;
use crate::store::{OpenOptions, Store, StoredSnapshot, fork, open_store};
use crate::{entropy, follow};

/// Records read from the store at once.
const BATCH: usize = 4096;
/// How often a change is decided again because another process came first, or a random id was taken.
const ATTEMPTS: usize = 64;
/// Records behind the newest snapshot that make it worth while to write another one.
const TAIL: u64 = 5_000;

/// How an authority is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of a preset or the text of a policy; none: the policy that the store has, `default` for a new store.
    pub policy: Option<String>,
    /// Whether a policy other than the store's takes its place. Otherwise that is an error.
    pub replace_policy: bool,
    /// A fixed clock in seconds since 1970, for tests.
    pub clock: Option<u64>,
    /// How old, in seconds, the state may be before every request is `stale`; none: no bound.
    pub max_age: Option<u64>,
    /// How the store is opened.
    pub store: OpenOptions,
}

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
}

impl Authority {
    /// Opens the store at an address (`memory:`, `sqlite:PATH`) and folds its log.
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
    /// address. [`Options::store`] is not looked at.
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
        let (state, kept) = load(store.as_ref(), policy, &clock)?;
        let replica = Arc::new(Replica::new(state, clock, Some(LastUse::new()), options.max_age));
        let inner = Inner { store, replica, writing: Mutex::new(()), kept_snapshot: AtomicU64::new(kept) };
        let authority = Authority { inner: Arc::new(inner) };
        authority.inner.settle_policy(policy, options.replace_policy)?;
        authority.inner.keep_snapshot()?;
        follow::start(&authority.inner);
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

    /// Decides whether a credential is that of a live token, of one realm if one is named.
    pub fn authenticate(&self, credential: Option<&str>, realm: Option<&str>) -> Decision {
        self.inner.replica.authenticate(credential, realm)
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

    /// Catches up with the store, and answers the revision reached.
    ///
    /// # Errors
    /// `stale` when the store has not reached the wanted revision; those of the store; `closed`.
    pub fn refresh(&self, revision: Option<u64>) -> Result<u64, Error> {
        self.inner.replica.check_open()?;
        let reached = self.inner.catch_up()?;
        if revision.is_some_and(|wanted| wanted > reached) {
            Err(Error::new(Code::Stale).at("revision"))
        } else {
            Ok(reached)
        }
    }

    /// The state as bytes, for verifiers. It holds no secret and no password hash.
    pub fn snapshot(&self) -> Vec<u8> {
        self.inner.replica.state().snapshot(SnapshotContents::Shared)
    }

    /// The events after a revision as JSON text, for [`Verifier::apply`](crate::Verifier::apply). Password hashes are left
    /// out.
    ///
    /// # Errors
    /// `log_missing` when the log does not reach back so far: take a snapshot; those of the store.
    pub fn events(&self, after: u64) -> Result<String, Error> {
        self.inner.replica.check_open()?;
        let mut events = Vec::new();
        let last = self.inner.replica.revision();
        self.inner.read_events(after, |event| {
            if event.revision() <= last {
                events.push(event.without_password());
            }
            Ok(())
        })?;
        Ok(Event::list_to_json(&events))
    }

    /// Copies the store to a file while it is in use, and answers the revision of the copy.
    ///
    /// # Errors
    /// Those of [`Store::backup`].
    pub fn backup(&self, path: &Path) -> Result<u64, Error> {
        self.inner.replica.check_open()?;
        self.inner.store.backup(path)
    }

    /// Fixes the clock at an instant, or lets it run with the system's again. For tests.
    pub fn set_clock(&self, seconds: Option<u64>) {
        self.inner.replica.clock.set(seconds);
    }

    /// Follows the store again in a process that was forked: threads do not cross a fork.
    pub fn resume_after_fork(&self) {
        follow::start(&self.inner);
    }

    /// Writes what is noted of uses, and ends. Every later request is `unavailable`, every later call `closed`. Closing
    /// twice is closing once.
    ///
    /// # Errors
    /// Those of the store: uses may be lost then, nothing else.
    pub fn close(&self) -> Result<(), Error> {
        let written = self.inner.flush_uses().and_then(|()| self.inner.keep_snapshot());
        if self.inner.replica.close() { written } else { Ok(()) }
    }
}

/// Folds what a store holds, beginning it when it is empty. Answers the state and the revision of the stored snapshot.
fn load(store: &dyn Store, policy: Option<&Policy>, clock: &Clock) -> Result<(Registry, u64), Error> {
    let (mut state, kept) = match store.snapshot()? {
        Some(snapshot) => (Some(Registry::from_snapshot(&snapshot.bytes)?), snapshot.revision),
        None => (None, 0),
    };
    loop {
        let after = state.as_ref().map_or(0, Registry::revision);
        let records = store.read(after, BATCH)?;
        let last = records.len() < BATCH;
        for record in records {
            let event = read_event(&record.bytes)?;
            match &mut state {
                Some(state) => state.apply(&event)?,
                None => state = Some(Registry::from_first(&event)?),
            }
        }
        match state {
            Some(state) if last => return Ok((state, kept)),
            None if last => {
                let policy = policy.map_or_else(|| Policy::parse("default"), |policy| Ok(policy.clone()))?;
                let (_, first) = Registry::begin(policy, clock.now())?;
                match store.append(0, &[first.to_json().into_bytes()]) {
                    // Another process began it: its first event counts.
                    Err(error) if error.kind() == Code::RevisionConflict => {}
                    other => other?,
                }
            }
            _ => {}
        }
    }
}

/// Bytes for one operation.
fn fresh_entropy() -> Result<Entropy, Error> {
    let mut bytes = [0; Entropy::LENGTH];
    entropy::fill(&mut bytes)?;
    let entropy = Entropy::new(bytes);
    bytes.zeroize();
    Ok(entropy)
}

fn read_event(bytes: &[u8]) -> Result<Event, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::new(Code::LogDamaged))?;
    Event::from_json(text)
}

fn text_map<const N: usize>(entries: [(&str, &str); N]) -> String {
    let entries = entries.into_iter().map(|(name, text)| (name.to_string(), Document::from(text)));
    Document::Map(entries.collect()).to_json()
}

impl Inner {
    fn settle_policy(&self, policy: Option<&Policy>, replace: bool) -> Result<(), Error> {
        let Some(policy) = policy.filter(|policy| policy.document() != self.replica.state().policy().document()) else {
            return Ok(());
        };
        if !replace {
            return Err(Error::new(Code::PolicyMismatch).at("policy"));
        }
        self.change(|state, context| state.adopt(policy, context.now)).map(|_| ())
    }

    /// Decides a change, appends its events and shows the state after them; again when another process came first.
    fn change(&self, decide: impl Fn(&Registry, Context<'_>) -> Result<Performed, Error>) -> Result<Answer, Error> {
        // Before the lock: a fork does not fall into its being held.
        let _passed = fork::pass()?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ATTEMPTS {
            let entropy = fresh_entropy()?;
            let context = Context { now: self.replica.clock.now(), entropy: &entropy };
            let performed = match decide(&self.replica.state(), context) {
                Err(error) if error.kind() == Code::IdCollision => continue,
                other => other?,
            };
            match self.append(performed) {
                Err(error) if error.kind() == Code::RevisionConflict => self.catch_up_writing()?,
                other => return other,
            }
        }
        Err(Error::new(Code::RevisionConflict))
    }

    fn append(&self, performed: Performed) -> Result<Answer, Error> {
        let Performed { events, next, answer } = performed;
        if let Some(first) = events.first() {
            let records: Vec<Vec<u8>> = events.iter().map(|event| event.to_json().into_bytes()).collect();
            self.store.append(first.revision().saturating_sub(1), &records)?;
            self.replica.swap(next);
            self.replica.confirm(self.replica.clock.now());
        }
        Ok(answer)
    }

    pub(crate) fn catch_up_if_changed(&self) -> Result<(), Error> {
        if self.store.changed()? {
            self.catch_up()?;
        } else {
            self.replica.confirm(self.replica.clock.now());
        }
        Ok(())
    }

    fn catch_up(&self) -> Result<u64, Error> {
        // Before the lock: a fork does not fall into its being held.
        let _passed = fork::pass()?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up_writing()?;
        Ok(self.replica.revision())
    }

    /// Applies what the store has and the state has not. The caller holds `writing`.
    fn catch_up_writing(&self) -> Result<(), Error> {
        let asked_at = self.replica.clock.now();
        let state = self.replica.state();
        let mut next = (*state).clone();
        match self.read_events(state.revision(), |event| next.apply(event)) {
            // The log was compacted past what this state has: the snapshot holds it.
            Err(error) if error.kind() == Code::LogMissing => {
                let snapshot = self.store.snapshot()?.ok_or(error)?;
                next = Registry::from_snapshot(&snapshot.bytes)?;
                self.read_events(snapshot.revision, |event| next.apply(event))?;
            }
            other => other?,
        }
        if next.revision() != state.revision() {
            self.replica.swap(next);
        }
        self.replica.confirm(asked_at);
        Ok(())
    }

    fn read_events(&self, after: u64, mut apply: impl FnMut(&Event) -> Result<(), Error>) -> Result<(), Error> {
        let mut after = after;
        loop {
            let records = self.store.read(after, BATCH)?;
            let last = records.len() < BATCH;
            for record in records {
                apply(&read_event(&record.bytes)?)?;
                after = record.revision;
            }
            if last {
                return Ok(());
            }
        }
    }

    /// Reads with the uses that are noted but not written yet.
    fn read_with_uses(&self, session: &tokenward::Session, operation: &str, arguments: &str) -> Result<Answer, Error> {
        let state = self.replica.state();
        let now = self.replica.clock.now();
        let entropy = fresh_entropy()?;
        let context = Context { now, entropy: &entropy };
        match self.replica.uses.as_ref().filter(|uses| uses.is_dirty()) {
            Some(uses) => {
                let noted = state.note_uses(|serial| uses.get(serial), now)?;
                noted.next.perform(session, operation, arguments, context).map(|performed| performed.answer)
            }
            None => state.perform(session, operation, arguments, context).map(|performed| performed.answer),
        }
    }

    pub(crate) fn flush_uses(&self) -> Result<(), Error> {
        let Some(uses) = self.replica.uses.as_ref().filter(|uses| uses.take_dirty()) else { return Ok(()) };
        let written = self.change(|state, context| state.note_uses(|serial| uses.get(serial), context.now));
        written.map(|_| ()).inspect_err(|_| uses.mark_dirty())
    }

    /// Writes a snapshot to the store when the log behind the last one has grown long.
    pub(crate) fn keep_snapshot(&self) -> Result<(), Error> {
        let state = self.replica.state();
        let kept = self.kept_snapshot.load(Ordering::Acquire);
        if state.revision().saturating_sub(kept) < TAIL {
            return Ok(());
        }
        let bytes = state.snapshot(SnapshotContents::Complete);
        match self.store.write_snapshot(&StoredSnapshot { revision: state.revision(), bytes }) {
            Err(error) if error.kind() == Code::SnapshotOlder || error.kind() == Code::ReadOnly => Ok(()),
            other => other,
        }?;
        self.kept_snapshot.store(state.revision(), Ordering::Release);
        Ok(())
    }

    /// `audit {realm?, after?, limit?}`
    fn audit(&self, arguments: &str) -> Result<Document, Error> {
        let wanted = tokenward::AuditQuery::from_json(arguments)?;
        let state = self.replica.state();
        let mut found = Vec::new();
        let mut after = wanted.after;
        while found.len() < wanted.limit {
            let records = self.store.read(after, BATCH)?;
            let last = records.len() < BATCH;
            for record in records {
                after = record.revision;
                let event = read_event(&record.bytes)?;
                if wanted.matches(&event) && found.len() < wanted.limit {
                    found.push(event.audit(state.policy()));
                }
            }
            if last {
                break;
            }
        }
        Ok(Document::List(found))
    }
}

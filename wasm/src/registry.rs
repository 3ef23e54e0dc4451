//! The registry: requests are decided from it, and changes are proposed, stored by JavaScript, and then taken over.

use tokenward::{
    Answer, AuditQuery, Code, Context, Decision, Document, Error, Event, Performed, Policy, Request, Secret,
    SnapshotContents, limits, publication::Source,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::entropy;
use crate::exchange::{self, Exchange, number, whole};
use crate::guard::Guard;
use crate::publication::NextPublication;
use crate::record;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::uses::Uses;

/// A registry, and at most one change that waits for the store.
#[wasm_bindgen]
pub struct Registry {
    current: tokenward::Registry,
    proposed: Option<Performed>,
    exchange: Box<Exchange>,
    /// Why the last guarded request was no request.
    refusal: Option<Error>,
    /// None in a replica, which tells nobody when tokens were used.
    uses: Option<Uses>,
}

#[wasm_bindgen]
impl Registry {
    /// The registry that a log begins with: under a policy, with the first event proposed.
    pub fn begin(policy: &str, now: f64) -> Result<Registry, JsValue> {
        let policy = Policy::parse(policy).map_err(refused)?;
        let empty = tokenward::Registry::new(policy.clone()).map_err(refused)?;
        let (next, event) = tokenward::Registry::begin(policy, whole(now)).map_err(refused)?;
        let answer = Answer::Document(Document::Null);
        let proposed = Some(Performed { events: vec![event], next, answer });
        Ok(Registry { current: empty, proposed, exchange: Exchange::new(), refusal: None, uses: Some(Uses::default()) })
    }

    /// The registry that a log folds to, oldest record first.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives lists of texts by value")]
    pub fn replay(records: Vec<String>) -> Result<Registry, JsValue> {
        let events = record::open(&records).map_err(refused)?;
        let (first, rest) = events.split_first().ok_or_else(|| refused(Code::LogMissing))?;
        let mut current = tokenward::Registry::from_first(first).map_err(refused)?;
        for event in rest {
            current.apply(event).map_err(refused)?;
        }
        Ok(Registry { current, proposed: None, exchange: Exchange::new(), refusal: None, uses: Some(Uses::default()) })
    }

    /// The registry that a snapshot holds.
    pub fn load(snapshot: &[u8]) -> Result<Registry, JsValue> {
        let current = tokenward::Registry::from_snapshot(snapshot).map_err(refused)?;
        Ok(Registry { current, proposed: None, exchange: Exchange::new(), refusal: None, uses: None })
    }

    /// The registry that a store's own snapshot holds.
    pub fn restore(snapshot: &[u8]) -> Result<Registry, JsValue> {
        Registry::load(snapshot).map(|loaded| Registry { uses: Some(Uses::default()), ..loaded })
    }

    /// Goes on with the registry of a snapshot, which may not be older than this one.
    pub fn reload(&mut self, snapshot: &[u8]) -> Result<(), JsValue> {
        let next = tokenward::Registry::from_snapshot(snapshot).map_err(refused)?;
        if next.revision() < self.current.revision() {
            return Err(refused(Error::new(Code::SnapshotOlder).at("snapshot")));
        }
        self.proposed = None;
        self.current = next;
        Ok(())
    }

    /// The registry as bytes, hashes of passwords included, for the store itself.
    pub fn complete_snapshot(&self) -> Vec<u8> {
        self.current.snapshot(SnapshotContents::Complete)
    }

    /// The registry as bytes, for replicas.
    pub fn snapshot(&self) -> Vec<u8> {
        self.current.snapshot(SnapshotContents::Shared)
    }

    /// One realm's part of the registry as bytes, for replicas of that realm.
    pub fn realm_snapshot(&self, realm: &str) -> Result<Vec<u8>, JsValue> {
        self.current.realm_snapshot(realm).map_err(refused)
    }

    /// Applies events that an authority gave to its replicas, but those that are applied already.
    pub fn apply(&mut self, events: &str) -> Result<f64, JsValue> {
        let mut next = self.current.clone();
        for event in Event::list_from_json(events).map_err(refused)? {
            if event.revision() > self.current.revision() {
                next.apply(&event).map_err(refused)?;
            }
        }
        self.current = next;
        Ok(self.revision())
    }

    /// Applies records of the log that others have appended.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives lists of texts by value")]
    pub fn follow(&mut self, records: Vec<String>) -> Result<(), JsValue> {
        let mut next = self.current.clone();
        for event in record::open(&records).map_err(refused)? {
            next.apply(&event).map_err(refused)?;
        }
        self.proposed = None;
        self.current = next;
        Ok(())
    }

    /// Where in memory requests are written and decisions are read.
    pub fn layout(&self) -> Vec<usize> {
        self.exchange.layout()
    }

    /// How many events the registry was folded from.
    pub fn revision(&self) -> f64 {
        number(self.current.revision())
    }

    /// Whether the registry has this policy.
    pub fn has_policy(&self, policy: &str) -> Result<bool, JsValue> {
        let policy = Policy::parse(policy).map_err(refused)?;
        Ok(policy.document() == self.current.policy().document())
    }

    /// Proposes another policy.
    pub fn adopt(&mut self, policy: &str, now: f64) -> Result<Vec<String>, JsValue> {
        let policy = Policy::parse(policy).map_err(refused)?;
        let performed = self.current.adopt(&policy, whole(now)).map_err(refused)?;
        Ok(self.propose(performed))
    }

    /// Proposes a realm.
    pub fn found(&mut self, arguments: &str, now: f64) -> Result<Vec<String>, JsValue> {
        let performed = self.current.found(arguments, whole(now)).map_err(refused)?;
        Ok(self.propose(performed))
    }

    /// Performs an operation of a session: gives the records to store, none when it only reads, and keeps the answer
    /// until [`Registry::commit`].
    pub fn perform(
        &mut self,
        session: &Session,
        operation: &str,
        arguments: String,
        now: f64,
    ) -> Result<Vec<String>, JsValue> {
        let arguments = Secret::new(arguments);
        self.proposed = None;
        let entropy = entropy::draw().map_err(refused)?;
        let context = Context { now: whole(now), entropy: &entropy };
        let noted = match &self.uses {
            Some(uses) if uses.is_dirty() && matches!(operation, "tokens" | "token") => {
                let noted = self.current.note_uses(|serial| uses.get(serial), context.now).map_err(refused)?;
                Some(noted.next)
            }
            _ => None,
        };
        let state = noted.as_ref().unwrap_or(&self.current);
        let performed = state.perform(&session.0, operation, arguments.reveal(), context).map_err(refused)?;
        // With uses that are not written yet it only reads, and the state stays as it is.
        Ok(if noted.is_some() { self.keep(performed.answer) } else { self.propose(performed) })
    }

    /// Proposes to write when tokens were used.
    pub fn note_uses(&mut self, now: f64) -> Result<Vec<String>, JsValue> {
        let uses = self.uses.get_or_insert_default();
        if !uses.is_dirty() {
            return Ok(self.keep(Answer::Document(Document::Null)));
        }
        let performed = self.current.note_uses(|serial| uses.get(serial), whole(now)).map_err(refused)?;
        uses.clean();
        Ok(self.propose(performed))
    }

    /// Proposes that imported tokens that were used are stored in our own form from here on.
    pub fn settle_imports(&mut self, now: f64) -> Result<Vec<String>, JsValue> {
        let performed = self.current.settle_imports(whole(now)).map_err(refused)?;
        Ok(self.propose(performed))
    }

    /// Whether [`Registry::settle_imports`] has anything to propose.
    pub fn has_first_uses(&self) -> bool {
        self.current.has_first_uses()
    }

    /// The records of what is proposed.
    pub fn proposed(&self) -> Vec<String> {
        self.proposed.iter().flat_map(|performed| performed.events.iter().map(record::seal)).collect()
    }

    /// Takes over what is proposed and stored, and gives its answer: `document` and its text, or `issued`, its text,
    /// client id, client secret, token.
    pub fn commit(&mut self) -> Result<Vec<JsValue>, JsValue> {
        let performed = self.proposed.take().ok_or_else(|| refused(Code::Internal))?;
        self.current = performed.next;
        Ok(match performed.answer {
            Answer::Document(document) => outcome(&document),
            Answer::Issued(issued) => vec![
                JsValue::from_str("issued"),
                JsValue::from_str(&issued.document().to_json()),
                JsValue::from_str(issued.client_id()),
                JsValue::from_str(issued.client_secret()),
                JsValue::from_str(issued.token()),
            ],
        })
    }

    /// Opens a session.
    pub fn open_session(&self, operation: &str, arguments: String, now: f64) -> Result<Session, JsValue> {
        let arguments = Secret::new(arguments);
        self.current.open_session(operation, arguments.reveal(), whole(now)).map(Session).map_err(refused)
    }

    /// Answers what needs no session and changes nothing.
    pub fn ask(&self, operation: &str, arguments: String, now: f64) -> Result<Vec<JsValue>, JsValue> {
        let arguments = Secret::new(arguments);
        let document = self.current.ask(operation, arguments.reveal(), whole(now)).map_err(refused)?;
        Ok(outcome(&document))
    }

    /// Decides a request that lies in the exchange, given the lengths of its texts.
    pub fn authorize(&mut self, now: f64, credential: i32, permission: i32, resource: i32, path: i32) -> u32 {
        let exchange = &self.exchange;
        let request = Request {
            credential: exchange.credential(credential),
            permission: exchange.permission(permission).unwrap_or_default(),
            resource: exchange.resource(resource).unwrap_or_default(),
            path: exchange.path(path),
        };
        let decision = self.current.authorize(&request, whole(now));
        self.answer(&decision, now, credential)
    }

    /// Decides whether a credential is that of a live token, of the realm in the resource's place if there is one.
    pub fn authenticate(&mut self, now: f64, credential: i32, realm: i32, path: i32) -> u32 {
        let exchange = &self.exchange;
        let (realm, path) = (exchange.resource(realm), exchange.path(path));
        let decision = self.current.authenticate(exchange.credential(credential), realm, path, whole(now));
        self.answer(&decision, now, credential)
    }

    /// Checks a permission and a resource template.
    pub fn guard(&self, permission: &str, template: &str) -> Result<Guard, JsValue> {
        tokenward::Guard::new(&self.current, permission, template).map(Guard).map_err(refused)
    }

    /// Decides a guarded request. The values of the template's parameters lie in the resource's place in their order, each
    /// ended by a NUL. Answers 0 when it is refused, which [`Registry::refusal`] explains.
    pub fn enforce(&mut self, guard: &Guard, now: f64, credential: i32, path: i32, values: i32) -> u32 {
        let exchange = &self.exchange;
        let values = exchange.resource(values).unwrap_or_default().split_terminator('\0');
        let mut pairs = [("", ""); limits::RESOURCE_DEPTH];
        let mut count: usize = 0;
        for (pair, given) in pairs.iter_mut().zip(guard.0.parameters().zip(values)) {
            *pair = given;
            count = count.saturating_add(1);
        }
        let pairs = pairs.get(..count).unwrap_or_default();
        let (credential_text, path) = (exchange.credential(credential), exchange.path(path));
        let outcome = guard.0.authorize(&self.current, credential_text, pairs, path, whole(now));
        self.answered(outcome, now, credential)
    }

    /// The same with names and values in turn: of other parameters than the template's, of values that do not fit the
    /// exchange or hold a NUL.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives lists of texts by value")]
    pub fn enforce_named(&mut self, guard: &Guard, now: f64, credential: i32, path: i32, pairs: Vec<String>) -> u32 {
        let pairs: Vec<(&str, &str)> =
            pairs.as_chunks::<2>().0.iter().map(|[name, value]| (name.as_str(), value.as_str())).collect();
        let (credential_text, path) = (self.exchange.credential(credential), self.exchange.path(path));
        let outcome = guard.0.authorize(&self.current, credential_text, &pairs, path, whole(now));
        self.answered(outcome, now, credential)
    }

    /// Why the last guarded request was refused.
    pub fn refusal(&mut self) -> JsValue {
        self.refusal.take().map_or_else(|| refused(Code::Internal), refused)
    }

    /// The events of records as replicas get them, or those of one realm.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives lists of texts by value")]
    #[expect(clippy::unused_self, reason = "JavaScript calls it on the registry")]
    pub fn shared_events(&self, records: Vec<String>, realm: Option<String>) -> Result<String, JsValue> {
        let mut events = Vec::new();
        for event in record::open(&records).map_err(refused)? {
            event.share(realm.as_deref(), &mut events);
        }
        Ok(Event::list_to_json(&events))
    }

    /// What is to be published, given what is and the events behind that.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives texts that may be absent by value")]
    pub fn publish(
        &self,
        latest: Option<String>,
        store: &str,
        realm: Option<String>,
        known_at: f64,
        delta: Option<String>,
    ) -> Result<NextPublication, JsValue> {
        let previous = latest.as_deref().map(tokenward::publication::Publication::from_json).transpose();
        let source = Source { store, realm: realm.as_deref() };
        tokenward::publication::Publication::next(
            previous.map_err(refused)?,
            source,
            &self.current,
            whole(known_at),
            |_| Ok(delta),
        )
        .map(NextPublication)
        .map_err(refused)
    }

    /// Goes on with the snapshot of a publication, if one is needed, and the deltas behind it; all of it or nothing.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives lists of texts by value")]
    pub fn advance(&mut self, snapshot: Option<Vec<u8>>, deltas: Vec<String>, revision: f64) -> Result<(), JsValue> {
        let mut next = match snapshot {
            Some(bytes) => tokenward::Registry::from_snapshot(&bytes).map_err(refused)?,
            None => self.current.clone(),
        };
        for delta in &deltas {
            for event in Event::list_from_json(delta).map_err(refused)? {
                if event.revision() > next.revision() {
                    next.apply(&event).map_err(refused)?;
                }
            }
        }
        if next.revision() != whole(revision) {
            return Err(refused(Error::new(Code::PublicationInvalid).at("revision")));
        }
        self.current = next;
        Ok(())
    }

    /// The revision behind which an audit begins.
    #[expect(clippy::unused_self, reason = "JavaScript calls it on the registry")]
    pub fn audit_after(&self, arguments: &str) -> Result<f64, JsValue> {
        AuditQuery::from_json(arguments).map(|query| number(query.after)).map_err(refused)
    }

    /// Who changed what, when, by these records.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives lists of texts by value")]
    pub fn audit(&self, arguments: &str, records: Vec<String>) -> Result<Vec<JsValue>, JsValue> {
        let query = AuditQuery::from_json(arguments).map_err(refused)?;
        let events = record::open(&records).map_err(refused)?;
        let found = events.iter().filter(|event| query.matches(event)).take(query.limit);
        Ok(outcome(&Document::List(found.map(|event| event.audit(self.current.policy())).collect())))
    }

    /// The details of an answer: challenge, principal, owner, token id, token name, realm.
    pub fn details(&self, code: u32, revision: f64, first: i32, second: i32, third: i32) -> Vec<JsValue> {
        let details = self.current.details(&exchange::decision(code, revision, [first, second, third]));
        let texts = [
            details.www_authenticate,
            details.principal,
            details.owner,
            details.token_id,
            details.token_name,
            details.realm,
        ];
        texts.iter().map(|text| text.as_deref().map_or(JsValue::NULL, JsValue::from_str)).collect()
    }
}

impl Registry {
    #[inline]
    fn answered(&mut self, outcome: Result<Decision, Error>, now: f64, credential: i32) -> u32 {
        match outcome {
            Ok(decision) => self.answer(&decision, now, credential),
            Err(error) => {
                self.refusal = Some(error);
                0
            }
        }
    }

    #[inline]
    fn answer(&mut self, decision: &Decision, now: f64, credential: i32) -> u32 {
        if let Some(uses) = &mut self.uses {
            uses.note(decision, whole(now));
        }
        if decision.first_use() {
            self.remember(decision, credential);
        }
        self.exchange.answer(decision, credential)
    }

    /// Remembers what an imported token was presented as, so that the next use costs one fast hash.
    #[cold]
    fn remember(&mut self, decision: &Decision, credential: i32) {
        if let Some(next) = self.current.remembering(self.exchange.credential(credential), decision) {
            self.current = next;
        }
    }

    /// Proposes an answer without a change.
    fn keep(&mut self, answer: Answer) -> Vec<String> {
        self.propose(Performed { events: Vec::new(), next: self.current.clone(), answer })
    }

    fn propose(&mut self, performed: Performed) -> Vec<String> {
        self.proposed = Some(performed);
        self.proposed()
    }
}

/// An outcome with a document, as text: what JavaScript reads from a text has own properties whatever stands in the
/// prototypes, where an object that is filled name by name runs into setters there.
fn outcome(document: &Document) -> Vec<JsValue> {
    vec![JsValue::from_str("document"), JsValue::from_str(&document.to_json())]
}

fn refused(error: impl Into<Refusal>) -> JsValue {
    error.into().into()
}

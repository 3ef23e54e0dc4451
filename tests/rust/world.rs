//! A registry to play with: the core, a clock, a drawer of random bytes that draws the same every time, and the log.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokenward::{
    Answer, Context, Decision, Entropy, Error, Event, Issued, Performed, Policy, Registry, Request, Session,
    SnapshotContents,
};

/// When worlds begin: 2027-01-15.
pub(crate) const START: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 86_400;

pub(crate) struct World {
    pub(crate) state: Registry,
    pub(crate) log: Vec<Event>,
    pub(crate) now: u64,
    pub(crate) tokens: Vec<Issued>,
    /// The number of the next draw of random bytes.
    pub(crate) draw: u64,
}

/// What an operation answered.
#[derive(Debug)]
pub(crate) enum Done {
    Document(Value),
    /// The number of the token.
    Token(usize),
}

impl World {
    pub(crate) fn new(policy: &Value) -> Self {
        let policy = match policy {
            Value::String(name) => Policy::parse(name),
            document => Policy::parse(&document.to_string()),
        };
        let (state, first) = Registry::begin(policy.expect("a policy"), START).expect("a registry");
        World { state, log: vec![first], now: START, tokens: Vec::new(), draw: 0 }
    }

    pub(crate) fn found(&mut self, realm: &str, administrator: Option<&str>) {
        let mut arguments = json!({ "realm": realm });
        if let Some(principal) = administrator {
            arguments["administrator"] = principal.into();
        }
        let performed = self.state.found(&arguments.to_string(), self.now).expect("a realm");
        self.go_on(performed);
    }

    /// A session that the host vouches for; of the host itself for `system`.
    pub(crate) fn session(&self, realm: &str, principal: &str) -> Session {
        let (operation, arguments) = match principal {
            "system" => ("system", json!({ "realm": realm })),
            _ => ("session", json!({ "realm": realm, "principal": principal })),
        };
        self.state.open_session(operation, &arguments.to_string(), self.now).expect("a session")
    }

    /// A session proven by a token.
    pub(crate) fn session_by(&self, realm: &str, token: usize) -> Result<Session, Error> {
        let arguments = json!({ "realm": realm, "token": self.tokens[token].token() });
        self.state.open_session("login_with_token", &arguments.to_string(), self.now)
    }

    pub(crate) fn act(&mut self, session: &Session, operation: &str, arguments: &Value) -> Result<Done, Error> {
        let entropy = drawn(self.draw);
        self.draw += 1;
        let context = Context { now: self.now, entropy: &entropy };
        let performed = self.state.perform(session, operation, &arguments.to_string(), context)?;
        Ok(match self.go_on(performed) {
            Answer::Document(document) => Done::Document(serde_json::to_value(&document).expect("JSON")),
            Answer::Issued(issued) => {
                self.tokens.push(issued);
                Done::Token(self.tokens.len() - 1)
            }
        })
    }

    /// Performs an operation that must succeed.
    pub(crate) fn must(&mut self, session: &Session, operation: &str, arguments: &Value) -> Done {
        self.act(session, operation, arguments).unwrap_or_else(|error| panic!("{operation} {arguments}: {error:?}"))
    }

    /// Issues a token, which must succeed, and answers its number.
    pub(crate) fn issue(&mut self, session: &Session, arguments: &Value) -> usize {
        match self.must(session, "issue", arguments) {
            Done::Token(number) => number,
            Done::Document(_) => panic!("issuing answers a token"),
        }
    }

    /// Takes what an operation came to.
    pub(crate) fn go_on(&mut self, performed: Performed) -> Answer {
        self.state = performed.next;
        self.log.extend(performed.events);
        performed.answer
    }

    pub(crate) fn authorize(
        &self,
        credential: Option<&str>,
        permission: &str,
        resource: &str,
        path: Option<&str>,
    ) -> Decision {
        self.state.authorize(&Request { credential, permission, resource, path }, self.now)
    }

    /// The reason of the decision on a request with a token.
    pub(crate) fn reason(&self, token: usize, permission: &str, resource: &str) -> &'static str {
        self.authorize(Some(self.tokens[token].token()), permission, resource, None).reason().as_str()
    }

    /// Whether a session can do something, as it says itself.
    pub(crate) fn can(&self, session: &Session, permission: &str, resource: &str) -> bool {
        let entropy = drawn(0);
        let context = Context { now: self.now, entropy: &entropy };
        let asked = json!({ "permission": permission, "resource": resource }).to_string();
        let performed = self.state.perform(session, "can", &asked, context);
        performed.is_ok_and(|performed| matches!(performed.answer, Answer::Document(tokenward::Document::Bool(true))))
    }

    /// Everything the registry is, as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state.snapshot(SnapshotContents::Complete)
    }
}

/// Folds a log from its beginning, each event through its text.
pub(crate) fn replayed(log: &[Event]) -> Registry {
    let read = |event: &Event| Event::from_json(&event.to_json()).expect("an event");
    let mut registry = Registry::from_first(&read(&log[0])).expect("a first event");
    for event in &log[1..] {
        registry.apply(&read(event)).expect("the next event");
    }
    registry
}

/// The bytes of one draw.
pub(crate) fn drawn(number: u64) -> Entropy {
    let mut bytes = [0; Entropy::LENGTH];
    for (block, chunk) in (0u64..).zip(bytes.chunks_mut(32)) {
        let digest = Sha256::digest([number.to_le_bytes(), block.to_le_bytes()].concat());
        chunk.copy_from_slice(&digest[..chunk.len()]);
    }
    Entropy::new(bytes)
}

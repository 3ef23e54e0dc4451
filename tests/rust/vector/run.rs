//! One vector, run through the public API of the host. Rows of raw text go through the boundary behind it.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use regex::{Captures, Regex};
use serde_json::{Map, Value};
use tokenward_host::{Authority, Decision, Document, Error, Options, Request, Verifier};

use super::Seen;
use super::edit::edited;
use super::matching::difference;
use super::saved::{Saved, spelled};
use super::typed;

const START: u64 = 1_800_000_000;

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{([a-z][a-z0-9_]*)\.([a-z0-9_.]+)((?:\|[^{}|]+)*)\}").expect("a regular expression")
});

/// One vector being run.
pub(crate) struct Run<'v> {
    vector: &'v Map<String, Value>,
    seen: &'v mut Seen,
    now: u64,
    saved: HashMap<String, Saved>,
}

/// Who answers requests: the authority or a replica of it.
enum Target<'r> {
    Authority(&'r Authority),
    Verifier(&'r Verifier),
}

type Given = Map<String, Value>;

impl<'v> Run<'v> {
    pub(crate) fn new(vector: &'v Map<String, Value>, seen: &'v mut Seen) -> Self {
        Run { vector, seen, now: START, saved: HashMap::new() }
    }

    /// The first thing that is not as expected.
    pub(crate) fn fault(&mut self) -> Option<String> {
        let authority = match open(self.vector.get("policy"), self.now) {
            Ok(authority) => authority,
            Err(error) => return Some(format!("open: {error:?}")),
        };
        for (index, step) in self.steps().into_iter().enumerate() {
            let operation = step.get("do").and_then(Value::as_str).unwrap_or("clock").to_string();
            if let Some(fault) = self.step(&authority, &step) {
                return Some(format!("step {} ({operation}): {fault}", index + 1));
            }
        }
        authority.close().err().map(|error| format!("close: {error:?}"))
    }

    /// The steps; a row of raw text is one call of the boundary behind the API.
    fn steps(&self) -> Vec<Value> {
        let list = |name: &str| self.vector.get(name).and_then(Value::as_array).cloned();
        list("steps").unwrap_or_else(|| {
            let mut steps = list("setup").unwrap_or_default();
            let mut call = self.vector.clone();
            call.insert("do".into(), "_call".into());
            steps.push(Value::Object(call));
            steps
        })
    }

    fn step(&mut self, authority: &Authority, step: &Value) -> Option<String> {
        if let Some(now) = step.get("clock") {
            self.set_clock(authority, now.as_u64().expect("seconds"));
            return None;
        }
        match self.call(authority, step) {
            Err(error) => {
                let expected = step.get("expect").map(|expected| self.resolved(expected));
                self.leak(&error).or_else(|| self.refusal(&error, expected.as_ref()))
            }
            Ok(saved) => {
                let document = saved.document();
                self.note(step, &document);
                if let Some(alias) = step.get("save").and_then(Value::as_str) {
                    self.saved.insert(alias.to_string(), saved);
                }
                // The result may name itself: `{t1.client_id}` in the expectation of the step that saves `t1`.
                let expected = step.get("expect").map(|expected| self.resolved(expected))?;
                match expected.get("error") {
                    Some(code) => Some(format!("succeeded with {document}, expected {code}")),
                    None => difference(Some(&document), &wanted(&expected), "value"),
                }
            }
        }
    }

    fn note(&mut self, step: &Value, document: &Value) {
        let operation = step.get("do").and_then(Value::as_str).unwrap_or_default();
        let operation = if operation == "_call" { step["operation"].as_str().unwrap_or_default() } else { operation };
        self.seen.operations.insert(operation.to_string());
        let decisions = match document {
            Value::Array(items) => items.iter().collect(),
            Value::Object(fields) => vec![fields.get("decision").unwrap_or(document)],
            _ => Vec::new(),
        };
        let reasons = decisions.into_iter().filter_map(|decision| decision.get("reason")).filter_map(Value::as_str);
        self.seen.reasons.extend(reasons.map(ToString::to_string));
    }

    fn refusal(&mut self, error: &Error, expected: Option<&Value>) -> Option<String> {
        let Some(code) = expected.and_then(|expected| expected.get("error")) else { return Some(format!("{error:?}")) };
        if code != error.code() {
            return Some(format!("{error:?}, expected {code}"));
        }
        if let Some(place) = expected.and_then(|expected| expected.get("place")).filter(|place| *place != error.place())
        {
            return Some(format!("{error:?}, expected at {place}"));
        }
        self.seen.codes.insert(error.code().to_string());
        None
    }

    /// No error holds eight characters in a row of a secret.
    fn leak(&self, error: &Error) -> Option<String> {
        let text = format!("{error} {error:?} {}", error.place());
        let mut secrets = self.saved.values().filter_map(|saved| match saved {
            Saved::Issued(issued) => Some(issued.client_secret()),
            _ => None,
        });
        let held = secrets.any(|secret| (8..=secret.len()).any(|end| text.contains(&secret[end - 8..end])));
        held.then(|| "the error holds a part of a secret".into())
    }

    fn call(&mut self, authority: &Authority, step: &Value) -> Result<Saved, Error> {
        let operation = step["do"].as_str().expect("an operation");
        if operation == "_call" {
            let (name, text) = (step["operation"].as_str().expect("an operation"), self.resolved(&step["text"]));
            let text = text.as_str().expect("text");
            return match step.get("as").and_then(Value::as_str) {
                Some(alias) => self.session(alias).call(name, text).map(Saved::from),
                None => authority.call(name, text).map(Saved::from),
            };
        }
        let given = match step.get("with").map(|given| self.resolved(given)) {
            Some(Value::Object(given)) => given,
            None => Map::new(),
            Some(_) => panic!("arguments are an object"),
        };
        let json = Value::Object(given.clone()).to_string();
        if let Some(alias) = step.get("as").and_then(Value::as_str) {
            let session = self.session(alias);
            if let Some(result) = typed::call(session, operation, &given) {
                self.seen.methods.insert(operation.to_string());
                return result;
            }
            return session.call(operation, &json).map(Saved::from);
        }
        let target = match step.get("on").and_then(Value::as_str) {
            Some(alias) => Target::Verifier(self.verifier(alias)),
            None => Target::Authority(authority),
        };
        match operation {
            "login" | "login_with_token" | "session" | "system" => {
                authority.open_session(operation, &json).map(Saved::Session)
            }
            "open" => open(given.get("policy"), self.now)?.close().map(|()| Saved::Document(Value::Null)),
            "close" => authority.close().map(|()| Saved::Document(Value::Null)),
            "refresh" => {
                let number = |name| given.get(name).and_then(Value::as_u64);
                let patience = Duration::from_secs(number("timeout_seconds").unwrap_or(5));
                authority.refresh_within(number("revision"), patience).map(|n| Saved::Document(n.into()))
            }
            "load_verifier" => {
                let max_age = given.get("max_age_seconds").and_then(Value::as_u64);
                let snapshot = match given.get("realm").and_then(Value::as_str) {
                    Some(realm) => authority.realm_snapshot(realm)?,
                    None => authority.snapshot(),
                };
                Verifier::load(&snapshot, max_age, Some(self.now)).map(Saved::Verifier)
            }
            "apply_events" => {
                let verifier = self.verifier(text(&given, "verifier"));
                let events = match given.get("realm").and_then(Value::as_str) {
                    Some(realm) => authority.realm_events(realm, verifier.revision())?,
                    None => authority.events(verifier.revision())?,
                };
                verifier.apply(&events).map(|revision| Saved::Document(revision.into()))
            }
            "guard_authorize" => self.guard_authorize(&given),
            "save_as_json" => Ok(Saved::Document(self.issued(&given).to_json().reveal().into())),
            "save_as_csv" => Ok(Saved::Document(self.issued(&given).to_csv().reveal().into())),
            _ => target.call(operation, &given, &json),
        }
    }

    fn guard_authorize(&self, given: &Given) -> Result<Saved, Error> {
        let Some(Saved::Guard(guard)) = self.saved.get(text(given, "guard")) else { panic!("no guard is saved so") };
        let none = Map::new();
        let parameters = given.get("params").and_then(Value::as_object).unwrap_or(&none);
        let parameters: Vec<(&str, &str)> =
            parameters.keys().map(|name| (name.as_str(), text(parameters, name))).collect();
        let decision = guard.authorize(optional(given, "credential"), &parameters, optional(given, "path"))?;
        Ok(guard.decision_document(&decision).into())
    }

    fn session(&self, alias: &str) -> &tokenward_host::Session {
        let Some(Saved::Session(session)) = self.saved.get(alias) else { panic!("no session is saved as {alias}") };
        session
    }

    fn verifier(&self, alias: &str) -> &Verifier {
        let Some(Saved::Verifier(verifier)) = self.saved.get(alias) else { panic!("no verifier is saved as {alias}") };
        verifier
    }

    fn issued(&self, given: &Given) -> &tokenward_host::Issued {
        let Some(Saved::Issued(issued)) = self.saved.get(text(given, "issued")) else { panic!("nothing is issued so") };
        issued
    }

    fn set_clock(&mut self, authority: &Authority, now: u64) {
        self.now = now;
        authority.set_clock(Some(now));
        for saved in self.saved.values() {
            if let Saved::Verifier(verifier) = saved {
                verifier.set_clock(Some(now));
            }
        }
    }

    /// A value of a vector with its placeholders and long strings filled in.
    fn resolved(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.filled(text),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.resolved(item)).collect()),
            Value::Object(fields) => match fields.get("repeat") {
                Some(repeat) => {
                    let part = |value: Option<&Value>| match value.map(|value| self.resolved(value)) {
                        Some(Value::String(text)) => text,
                        _ => String::new(),
                    };
                    let times = usize::try_from(repeat["times"].as_u64().expect("a number of times")).expect("it fits");
                    let middle = part(repeat.get("text")).repeat(times);
                    Value::String(part(fields.get("prefix")) + &middle + &part(fields.get("suffix")))
                }
                None => {
                    Value::Object(fields.iter().map(|(name, field)| (name.clone(), self.resolved(field))).collect())
                }
            },
            plain => plain.clone(),
        }
    }

    fn filled(&self, text: &str) -> Value {
        if let Some(found) = PLACEHOLDER.captures(text).filter(|found| found[3].is_empty() && found[0] == *text) {
            return self.field(&found[1], &found[2]);
        }
        let replaced = PLACEHOLDER.replace_all(text, |found: &Captures<'_>| {
            let value = match self.field(&found[1], &found[2]) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            found[3].split('|').skip(1).fold(value, |value, edit| {
                edited(&value, edit, |alias| self.field(alias, "token").as_str().expect("a token").to_string())
            })
        });
        Value::String(replaced.into_owned())
    }

    fn field(&self, alias: &str, path: &str) -> Value {
        let document = self.saved.get(alias).unwrap_or_else(|| panic!("nothing is saved as {alias}")).document();
        path.split('.').fold(document, |value, name| {
            let field = match name.parse::<usize>() {
                Ok(index) => value.get(index),
                Err(_) => value.get(name),
            };
            field.unwrap_or_else(|| panic!("{alias} has no {path}")).clone()
        })
    }
}

impl Target<'_> {
    fn call(&self, operation: &str, given: &Given, json: &str) -> Result<Saved, Error> {
        match operation {
            "authenticate" => {
                let (credential, realm) = (optional(given, "credential"), optional(given, "realm"));
                Ok(self.document(&self.authenticate(credential, realm, optional(given, "path"))).into())
            }
            "authorize" => {
                let request = request(given);
                let Request { credential, permission, resource, path } = request;
                let decision = match self {
                    Target::Authority(authority) => authority.authorize(credential, permission, resource, path),
                    Target::Verifier(verifier) => verifier.authorize(credential, permission, resource, path),
                };
                Ok(self.document(&decision).into())
            }
            "authorize_many" => {
                let items: Vec<&Given> =
                    given["requests"].as_array().expect("a list").iter().filter_map(Value::as_object).collect();
                let requests: Vec<Request<'_>> = items.into_iter().map(request).collect();
                let decisions = match self {
                    Target::Authority(authority) => authority.authorize_many(&requests),
                    Target::Verifier(verifier) => verifier.authorize_many(&requests),
                };
                Ok(Saved::Document(decisions.iter().map(|decision| spelled(&self.document(decision))).collect()))
            }
            "guard" => {
                let (permission, template) = (text(given, "permission"), text(given, "template"));
                let guard = match self {
                    Target::Authority(authority) => authority.guard(permission, template),
                    Target::Verifier(verifier) => verifier.guard(permission, template),
                };
                guard.map(Saved::Guard)
            }
            "revision" => Ok(Saved::Document(self.revision().into())),
            _ => match self {
                Target::Authority(authority) => authority.call(operation, json).map(Saved::from),
                Target::Verifier(verifier) => verifier.call(operation, json).map(Saved::from),
            },
        }
    }

    fn authenticate(&self, credential: Option<&str>, realm: Option<&str>, path: Option<&str>) -> Decision {
        match self {
            Target::Authority(authority) => authority.authenticate(credential, realm, path),
            Target::Verifier(verifier) => verifier.authenticate(credential, realm, path),
        }
    }

    fn document(&self, decision: &Decision) -> Document {
        match self {
            Target::Authority(authority) => authority.decision_document(decision),
            Target::Verifier(verifier) => verifier.decision_document(decision),
        }
    }

    fn revision(&self) -> u64 {
        match self {
            Target::Authority(authority) => authority.revision(),
            Target::Verifier(verifier) => verifier.revision(),
        }
    }
}

/// A fresh authority under a policy: the name of a preset, the text of a policy, or its document.
fn open(policy: Option<&Value>, now: u64) -> Result<Authority, Error> {
    let policy = match policy {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(document) => Some(document.to_string()),
    };
    Authority::open("memory:", Options { policy, clock: Some(now), ..Options::default() })
}

fn request(given: &Given) -> Request<'_> {
    Request {
        credential: optional(given, "credential"),
        permission: text(given, "permission"),
        resource: text(given, "resource"),
        path: optional(given, "path"),
    }
}

fn text<'g>(given: &'g Given, name: &str) -> &'g str {
    given.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is a text"))
}

fn optional<'g>(given: &'g Given, name: &str) -> Option<&'g str> {
    match given.get(name) {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.as_str().unwrap_or_else(|| panic!("{name} is a text"))),
    }
}

/// What a step expects as a value; `{"decision": reason}` is short for that of a decision.
fn wanted(expected: &Value) -> Value {
    match expected.get("decision") {
        Some(reason) => serde_json::json!({"reason": reason, "allowed": reason == "allowed"}),
        None => expected
            .get("value")
            .cloned()
            .unwrap_or_else(|| panic!("an expectation has an error, a value or a decision")),
    }
}

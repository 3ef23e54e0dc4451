//! Hooks: told of each decision and each change, in the way of neither.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod eventually;

use std::sync::{Arc, Mutex};

use eventually::eventually;
use tokenward_host::{AuditEntry, Authority, Issue, Observation, Observer, Options, Reason, Request, Verifier};

const REALM: &str = "organization:acme";
const RESOURCE: &str = "organization:acme/project:one";

fn founded(store: &str) -> Authority {
    let authority = Authority::open(store, Options { policy: Some("default".into()), ..Options::default() }).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    authority
}

type Seen<T> = Arc<Mutex<Vec<T>>>;

fn watch(authority: &Authority) -> (Seen<Observation>, Seen<AuditEntry>) {
    let (decisions, changes) = (Seen::<Observation>::default(), Seen::<AuditEntry>::default());
    let (seen, told) = (decisions.clone(), changes.clone());
    authority.observe(
        Observer::new()
            .on_decision(move |observation| seen.lock().unwrap().push(observation.clone()))
            .on_change(move |entry| told.lock().unwrap().push(entry.clone())),
    );
    (decisions, changes)
}

#[test]
fn every_decision_is_told_and_nothing_of_the_request() {
    let authority = founded("memory:");
    let alice = authority.session(REALM, "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci").roles(["Viewer"]).paths(["^/v1/"]).lifetime_days(1)).unwrap();
    let (decisions, _) = watch(&authority);
    let token = issued.token().to_string();
    let secret = issued.client_secret().to_string();
    let permission = "project-read";

    assert!(authority.authorize(Some(&token), permission, RESOURCE, Some("/v1/hidden")).allowed());
    authority.authorize(None, permission, RESOURCE, None);
    // A caller that mixes up the arguments gives nothing away.
    authority.authorize(Some("junk"), &token, &token, Some(&token));
    authority.authenticate(Some(&token), None, None);
    authority.guard(permission, RESOURCE).unwrap().authorize(Some(&token), &[], Some("/v2/hidden")).unwrap();
    let request = Request { credential: Some(&token), permission, resource: RESOURCE, path: Some("/v1/hidden") };
    authority.authorize_many(&[request, request]);

    let decisions = decisions.lock().unwrap();
    let reasons: Vec<_> = decisions.iter().map(|seen| (seen.reason, seen.permission.as_deref())).collect();
    let asked = Some(permission);
    assert_eq!(
        reasons,
        [
            (Reason::Allowed, asked),
            (Reason::NoCredential, asked),
            (Reason::TokenMalformed, None),
            (Reason::Allowed, None),
            (Reason::PathNotAllowed, asked),
            (Reason::Allowed, asked),
            (Reason::Allowed, asked),
        ]
    );
    let first = decisions.first().unwrap();
    assert_eq!((first.status, first.realm.as_deref(), first.revision), (200, Some(REALM), authority.revision()));
    assert_eq!(first.principal.as_deref(), Some("token:ci"));
    assert_eq!(first.token_id.as_deref(), Some(issued.client_id()));
    assert!(first.duration_ns > 0);
    let text = format!("{decisions:?}");
    assert!(!text.contains(&secret) && !text.contains(&token) && !text.contains("hidden"), "{text}");
}

#[test]
fn every_change_is_told_once_in_order_whoever_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}/tokens.db", folder.path().display());
    let authority = founded(&address);
    let (_, changes) = watch(&authority);
    let before = authority.revision();
    let other = Authority::open(&address, Options::default()).unwrap();
    for round in 0..3 {
        for (side, authority) in [&authority, &other].into_iter().enumerate() {
            let alice = authority.session(REALM, "user:alice").unwrap();
            let issue = Issue::named(format!("t{round}/{side}")).roles(["Viewer"]).lifetime_days(1);
            alice.issue(issue).unwrap();
        }
    }
    let last = other.refresh(None).unwrap();
    eventually("told of all", || changes.lock().unwrap().last().is_some_and(|entry| entry.revision == last));
    let changes = changes.lock().unwrap();
    let revisions: Vec<_> = changes.iter().map(|entry| entry.revision).collect();
    assert_eq!(revisions, (before + 1..=last).collect::<Vec<_>>());
    let entry = changes.iter().find(|entry| entry.subject.as_deref() == Some("token:t2/1")).unwrap();
    assert_eq!((entry.operation.as_str(), entry.by.as_str()), ("token_issued", "user:alice"));
    assert_eq!(entry.realm.as_deref(), Some(REALM));
}

#[test]
fn closing_tells_of_the_last_change() {
    let authority = founded("memory:");
    let (_, changes) = watch(&authority);
    authority.create_realm("organization:last", None).unwrap();
    let last = authority.revision();
    authority.close().unwrap();
    eventually("told of the last", || changes.lock().unwrap().last().is_some_and(|entry| entry.revision == last));
}

#[test]
fn a_hook_that_panics_changes_nothing() {
    let authority = founded("memory:");
    authority.observe(Observer::new().on_decision(|_| panic!("on purpose")).on_change(|_| panic!("on purpose")));
    let (decisions, changes) = watch(&authority);
    assert_eq!(authority.authenticate(None, None, None).reason(), Reason::NoCredential);
    assert_eq!(authority.authenticate(None, None, None).reason(), Reason::NoCredential);
    assert_eq!(decisions.lock().unwrap().len(), 2);
    authority.create_realm("organization:kept", None).unwrap();
    let last = authority.revision();
    eventually("told all the same", || changes.lock().unwrap().last().is_some_and(|entry| entry.revision == last));
    assert!(authority.session("organization:kept", "user:alice").is_ok());
}

#[test]
fn a_hook_may_use_the_authority() {
    let authority = founded("memory:");
    let handle = authority.clone();
    authority.observe(Observer::new().on_change(move |entry| {
        if entry.subject.is_none() && handle.revision() < 10 {
            handle.create_realm(&format!("organization:r{}", handle.revision()), None).unwrap();
        }
    }));
    authority.create_realm("organization:first", None).unwrap();
    eventually("one after another", || authority.revision() >= 10);
}

#[test]
fn what_a_hook_asks_for_is_not_told() {
    let authority = founded("memory:");
    let (handle, told) = (authority.clone(), Arc::<Mutex<usize>>::default());
    let count = told.clone();
    authority.observe(Observer::new().on_decision(move |_| {
        *count.lock().unwrap() += 1;
        assert!(!handle.authenticate(None, None, None).allowed());
    }));
    authority.authenticate(None, None, None);
    authority.authenticate(None, None, None);
    assert_eq!(*told.lock().unwrap(), 2);
}

#[test]
fn verifiers_are_observed_too() {
    let authority = founded("memory:");
    let verifier = Verifier::load(&authority.snapshot(), None, None).unwrap();
    let decisions = Arc::<Mutex<Vec<Reason>>>::default();
    let seen = decisions.clone();
    verifier.observe(Observer::new().on_decision(move |observation| seen.lock().unwrap().push(observation.reason)));
    verifier.authenticate(None, None, None);
    assert_eq!(*decisions.lock().unwrap(), [Reason::NoCredential]);
}

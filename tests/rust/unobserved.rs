//! Where nobody observes decisions, a request allocates nothing for the sake of who might.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]

#[path = "../benches/authorize/heap.rs"]
#[expect(dead_code, reason = "the benchmark asks for more")]
mod heap;

use tokenward_host::{Authority, Issue, Observer, Options, Request, Verifier};

const REALM: &str = "organization:acme";
const PERMISSION: &str = "project-read";
const RESOURCE: &str = "organization:acme/project:one";
const ROUNDS: usize = 1_000;

#[test]
fn deciding_allocates_nothing_until_somebody_observes() {
    let authority =
        Authority::open("memory:", Options { policy: Some("default".into()), ..Options::default() }).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    let alice = authority.session(REALM, "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci").roles(["Viewer"]).paths(["^/v1/"]).lifetime_days(1)).unwrap();
    let credential = Some(issued.token());
    let guard = authority.guard(PERMISSION, "organization:{org}/project:{project}").unwrap();
    let verifier = Verifier::load(&authority.snapshot(), None, None).unwrap();
    let decide = || {
        assert!(authority.authorize(credential, PERMISSION, RESOURCE, Some("/v1/a")).allowed());
        assert!(verifier.authorize(credential, PERMISSION, RESOURCE, Some("/v1/a")).allowed());
        assert!(authority.authenticate(credential, Some(REALM), Some("/v1/a")).allowed());
        let parameters = [("org", "acme"), ("project", "one")];
        assert!(guard.authorize(credential, &parameters, Some("/v1/a")).unwrap().allowed());
        assert!(!authority.authorize(credential, PERMISSION, RESOURCE, Some("/v2")).allowed());
        assert!(!authority.authorize(Some("junk"), PERMISSION, RESOURCE, None).allowed());
    };
    let rounds = || (0..ROUNDS).for_each(|_| decide());
    decide(); // The first use of a token is noted in a place of its own.
    assert_eq!(heap::allocations(rounds), 0);

    // The list of the answers is all that many requests take.
    let request = Request { credential, permission: PERMISSION, resource: RESOURCE, path: None };
    let many = || assert_eq!(authority.authorize_many(&[request; 64]).len(), 64);
    many();
    let before = heap::allocations(many);

    // Who observes changes costs requests nothing; who observes decisions is told of each.
    authority.observe(Observer::new().on_change(|_| ()));
    assert_eq!(heap::allocations(rounds), 0);
    assert_eq!(heap::allocations(many), before);
    authority.observe(Observer::new().on_decision(|_| ()));
    assert!(heap::allocations(rounds) > ROUNDS);
}

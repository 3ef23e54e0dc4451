//! A clock that is set, forward and back, around the expiry of a token and around the greatest age of a replica.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]

mod eventually;
mod switch;

use eventually::eventually;
use switch::Switch;
use tokenward_host::store::{MemoryStore, OpenOptions};
use tokenward_host::{Authority, Issue, Options, Reason, Verifier};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const BOUND: u64 = 60;
const REALM: &str = "organization:acme";

fn fixed() -> Options {
    Options { clock: Some(NOW), max_age: Some(BOUND), ..Options::default() }
}

/// Waits for what the thread that follows the store does by itself.
#[test]
fn a_token_ends_with_its_second_wherever_the_clock_came_from() {
    let authority = Authority::open("memory:", Options { max_age: None, ..fixed() }).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    let alice = authority.session(REALM, "user:alice").unwrap();
    let day = alice.issue(Issue::named("day").lifetime_days(1)).unwrap();
    let year = alice.issue(Issue::named("year").lifetime_days(365)).unwrap();
    let reason = |now, token: &str| {
        authority.set_clock(Some(now));
        authority.authenticate(Some(token), None, None).reason()
    };
    let end = NOW + DAY;
    // Whatever was decided at one time binds no other: there is nothing that remembers.
    for _ in 0..2 {
        for (now, reason_then) in [
            (end - 1, Reason::Allowed),
            (end, Reason::TokenExpired),
            (end - 1, Reason::Allowed),
            (NOW - 1, Reason::TokenNotYetValid),
            (end + 4_000 * DAY, Reason::TokenExpired),
            (NOW, Reason::Allowed),
            (1_767_225_599, Reason::ClockImplausible),
            (NOW * 1_000, Reason::ClockImplausible),
            (0, Reason::ClockImplausible),
            (NOW, Reason::Allowed),
        ] {
            assert_eq!(reason(now, day.token()), reason_then, "at {now}");
        }
    }
    // What ended a token by the word of somebody is no matter of time.
    authority.set_clock(Some(end));
    alice.revoke("year").unwrap();
    for now in [NOW, end - 1, end, end + 1] {
        assert_eq!(reason(now, year.token()), Reason::TokenRevoked, "at {now}");
    }
    // With a clock that is behind the history, changes go on, and with one that is not believed none is made.
    authority.set_clock(Some(NOW - DAY));
    let revision = authority.revision();
    alice.issue(Issue::named("earlier").lifetime_days(1)).unwrap();
    authority.set_clock(Some(0));
    assert_eq!(alice.revoke("earlier").unwrap_err().code(), "clock_implausible");
    assert_eq!(authority.revision(), revision + 1);
}

#[test]
fn a_verifier_is_as_old_as_time_that_has_passed() {
    let authority = Authority::open("memory:", fixed()).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    authority.set_clock(Some(NOW - DAY));
    let token = authority.session(REALM, "user:alice").unwrap().issue(Issue::named("ci")).unwrap();
    let verifier = Verifier::load(&authority.snapshot(), Some(BOUND), Some(NOW)).unwrap();
    let reason = |now| {
        verifier.set_clock(Some(now));
        verifier.authenticate(Some(token.token()), None, None).reason()
    };
    assert_eq!(reason(NOW + BOUND), Reason::Allowed);
    assert_eq!(reason(NOW + BOUND + 1), Reason::Stale);
    // A clock that is put back by little and by much does not make it younger.
    for now in [NOW + BOUND, NOW, NOW - BOUND, NOW - BOUND - 1] {
        assert_eq!(reason(now), Reason::Stale, "at {now}");
    }
    verifier.apply("[]").unwrap();
    assert_eq!((reason(NOW - BOUND - 1), verifier.age()), (Reason::Allowed, 0));
    // Put back, and back to where it was: in between, time has passed.
    assert_eq!(reason(NOW - 3_600), Reason::Stale);
    assert_eq!(reason(NOW - BOUND - 1), Reason::Stale);
    assert!(verifier.age() > BOUND);
    verifier.apply("[]").unwrap();
    assert_eq!(reason(NOW - BOUND - 1), Reason::Allowed);
}

#[test]
fn an_authority_that_hears_its_store_survives_every_step() {
    let (switch, cut) = Switch::over(MemoryStore::open(&OpenOptions::default()).unwrap());
    let authority = Authority::over(Box::new(switch), fixed()).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    authority.set_clock(Some(NOW - 2 * DAY));
    let token = authority.session(REALM, "user:alice").unwrap().issue(Issue::named("ci")).unwrap();
    let reason = || authority.authenticate(Some(token.token()), None, None).reason();
    // It is behind for as long as the store has not been asked since the step, and no longer.
    for now in [NOW, NOW + DAY, NOW - DAY, NOW] {
        authority.set_clock(Some(now));
        eventually("the store is heard", || reason() == Reason::Allowed);
    }
    // A look at the store that is under way may still succeed: it says how things were before.
    cut.set(true);
    assert_eq!(authority.refresh(None).unwrap_err().code(), "store_failed");
    for now in [NOW + BOUND + 1, NOW, NOW - DAY, NOW, NOW + DAY] {
        authority.set_clock(Some(now));
        assert_eq!(reason(), Reason::Stale, "at {now}");
        assert_eq!(authority.authenticate(None, None, None).retry_after(), Some(5));
    }
    cut.set(false);
    eventually("the store is heard again", || reason() == Reason::Allowed);
}

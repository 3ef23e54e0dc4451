//! Authorities over a store, whichever it is.

use std::sync::Barrier;
use std::thread;

use tokenward::Error;
use tokenward_host::{Answer, Authority, Document, Issue, Options, RoleDefinition, Session};

use super::Fixture;

fn authority(fixture: &impl Fixture) -> Authority {
    Authority::over(fixture.open(), Options::default()).unwrap()
}

/// An authority over the store finds what another one was told is done, and decides on top of it.
pub(crate) fn an_authority_goes_on_where_another_ended(fixture: &impl Fixture) {
    let first = authority(fixture);
    first.create_realm("organization:acme", Some("user:alice")).unwrap();
    let alice = first.session("organization:acme", "user:alice").unwrap();
    let issued = alice.issue(Issue::named("ci").roles(["Viewer"])).unwrap();
    let (revision, snapshot) = (first.revision(), first.snapshot());
    first.close().unwrap();
    let second = authority(fixture);
    assert_eq!((second.revision(), second.snapshot()), (revision, snapshot));
    let reason = || second.authenticate(Some(issued.token()), None, None).reason().as_str();
    assert_eq!(reason(), "allowed");
    second.session("organization:acme", "user:alice").unwrap().revoke("ci").unwrap();
    assert_eq!(reason(), "token_revoked");
    let third = authority(fixture);
    assert_eq!(third.authenticate(Some(issued.token()), None, None).reason().as_str(), "token_revoked");
}

/// What one authority does of which the other one does the same at that moment, by the number of the round.
type Race = fn(&Authority, usize) -> Result<(), Error>;

/// What can be there once, and what the second one is told.
const RACES: [(&str, Race); 4] = [
    ("name_taken", |authority, number| acme(authority)?.issue(Issue::named(format!("t{number}"))).map(|_| ())),
    ("realm_exists", |authority, number| authority.create_realm(&format!("organization:o{number}"), None).map(|_| ())),
    ("user_exists", |authority, number| acme(authority)?.add_user(&format!("u{number}"), None).map(|_| ())),
    ("role_exists", |authority, number| {
        acme(authority)?.create_role(RoleDefinition::named(format!("R{number}")).permissions(["item-read"])).map(|_| ())
    }),
];

fn acme(authority: &Authority) -> Result<Session, Error> {
    authority.system("organization:acme")
}

/// Of authorities that issue tokens of one name, found one realm or add one user at the same moment, one does, and the
/// others are told that it is there already.
pub(crate) fn a_name_is_given_once(fixture: &impl Fixture) {
    const ROUNDS: usize = 8;
    let authorities = [authority(fixture), authority(fixture)];
    authorities[0].create_realm("organization:acme", None).unwrap();
    authorities[1].refresh(None).unwrap();
    for (taken, race) in RACES {
        let at_once = Barrier::new(2);
        let racer = |authority: &Authority| -> Vec<Result<(), &str>> {
            let round = |number| {
                at_once.wait();
                race(authority, number).map_err(|error| error.code())
            };
            (0..ROUNDS).map(round).collect()
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = authorities.iter().map(|authority| scope.spawn(move || racer(authority))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for outcome in outcomes[0].iter().zip(&outcomes[1]) {
            let one = matches!(outcome, (Ok(()), Err(code)) | (Err(code), Ok(())) if *code == taken);
            assert!(one, "{taken}: {outcome:?}");
        }
    }
    for authority in &authorities {
        authority.refresh(None).unwrap();
        let (session, realms) = (acme(authority).unwrap(), authority.call("realms", "{}").unwrap());
        let custom = session.roles().unwrap().iter().filter(|role| !role.predefined).count();
        let Answer::Document(Document::List(realms)) = realms else { unreachable!("realms are a list") };
        let counts = [session.tokens().unwrap().len(), realms.len() - 1, session.users().unwrap().len(), custom];
        assert_eq!(counts, [ROUNDS; 4]);
        assert!(authority.snapshot() == authorities[0].snapshot());
    }
}

/// Writers that never pause: each comes to its turn, whoever is quicker.
pub(crate) fn steady_writers_hold_up_nobody(fixture: &impl Fixture) {
    const WRITERS: usize = 6;
    const CHANGES: usize = 40;
    authority(fixture).create_realm("organization:acme", None).unwrap();
    let begin = Barrier::new(WRITERS);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let begin = &begin;
            scope.spawn(move || {
                let authority = authority(fixture);
                let session = authority.system("organization:acme").unwrap();
                begin.wait();
                for number in 0..CHANGES {
                    let user = format!("user-{writer}-{number}");
                    session.add_user(&user, None).unwrap_or_else(|error| panic!("{user}: {error:?}"));
                }
            });
        }
    });
    let users = authority(fixture).system("organization:acme").unwrap().users().unwrap();
    assert_eq!(users.len(), WRITERS * CHANGES);
}

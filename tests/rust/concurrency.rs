//! Threads and handles: once a revocation has been acknowledged, no request that begins later succeeds; another handle on
//! the same file hears of it in time.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokenward_host::{Authority, Issue, Options, Reason, Request};

const REALM: &str = "organization:acme";
const PROJECT: &str = "organization:acme/project:web";

/// How long another handle may take in a test: the promise is a tenth of it, which a loaded machine may miss.
const PATIENCE: Duration = Duration::from_secs(1);

fn open(address: &str) -> Authority {
    Authority::open(address, Options::default()).expect("an authority")
}

fn reason(authority: &Authority, token: &str) -> Reason {
    authority.authorize(Some(token), "project-read", PROJECT, None).reason()
}

#[test]
fn no_request_after_a_revocation_succeeds() {
    const TOKENS: usize = 60;
    let folder = tempfile::tempdir().expect("a folder");
    for address in ["memory:".to_string(), sqlite(folder.path())] {
        let authority = open(&address);
        authority.create_realm(REALM, Some("user:alice")).expect("a realm");
        let alice = authority.session(REALM, "user:alice").expect("a session");
        let issue = |number| alice.issue(Issue::named(format!("t{number}")).roles(["Viewer"])).expect("a token");
        let issued: Vec<_> = (0..TOKENS).map(issue).collect();
        let tokens: Vec<&str> = issued.iter().map(tokenward_host::Issued::token).collect();
        let revoked: Vec<AtomicBool> = tokens.iter().map(|_| AtomicBool::new(false)).collect();
        let (done, decided, allowed) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for reader in 0..64 {
                let (authority, tokens, revoked) = (authority.clone(), &tokens, &revoked);
                let (done, decided, allowed) = (&done, &decided, &allowed);
                scope.spawn(move || {
                    let guard = authority.guard("project-read", "organization:{org}/project:{p}").expect("a guard");
                    let mut turn = reader;
                    while !done.load(Ordering::Relaxed) {
                        turn += 1;
                        let number = turn % TOKENS;
                        // Whether it was acknowledged before this request began.
                        let ended = revoked[number].load(Ordering::SeqCst);
                        let request = Request {
                            credential: Some(tokens[number]),
                            permission: "project-read",
                            resource: PROJECT,
                            path: None,
                        };
                        let decision = match turn % 3 {
                            0 => authority.authorize_many(&[request])[0],
                            1 => guard
                                .authorize(Some(tokens[number]), &[("org", "acme"), ("p", "web")], None)
                                .expect("a decision"),
                            _ => authority.authorize(request.credential, request.permission, request.resource, None),
                        };
                        assert!(
                            !ended || decision.reason() == Reason::TokenRevoked,
                            "{number}: {:?}",
                            decision.reason()
                        );
                        assert!(matches!(decision.reason(), Reason::Allowed | Reason::TokenRevoked));
                        decided.fetch_add(1, Ordering::Relaxed);
                        allowed.fetch_add(usize::from(decision.allowed()), Ordering::Relaxed);
                    }
                });
            }
            let writers: Vec<_> = (0..3)
                .map(|writer| {
                    let (alice, revoked) = (alice.clone(), &revoked);
                    scope.spawn(move || {
                        for number in (0..TOKENS).filter(|number| number % 3 == writer) {
                            alice.revoke(&format!("t{number}")).expect("it ends");
                            revoked[number].store(true, Ordering::SeqCst);
                            thread::sleep(Duration::from_millis(1));
                        }
                    })
                })
                .collect();
            for writer in writers {
                writer.join().expect("a writer");
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(tokens.iter().all(|token| reason(&authority, token) == Reason::TokenRevoked));
        assert!(decided.load(Ordering::Relaxed) > TOKENS && allowed.load(Ordering::Relaxed) > 0);
        assert_eq!(authority.revision(), authority.refresh(None).expect("the same"));
        authority.close().expect("closed");
    }
}

#[test]
fn two_handles_on_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = sqlite(folder.path());
    let (one, other) = (open(&address), open(&address));
    one.create_realm(REALM, Some("user:alice")).expect("a realm");
    let alice = one.session(REALM, "user:alice").expect("a session");
    let mut slowest = Duration::ZERO;
    for round in 0..10 {
        let issued = alice.issue(Issue::named(format!("t{round}")).roles(["Viewer"])).expect("a token");
        slowest = slowest.max(seen(&other, issued.token(), Reason::Allowed));
        // Changes go both ways, and each is decided on top of the other's.
        let there = other.session(REALM, "user:alice").expect("the realm has arrived");
        there.revoke(&format!("t{round}")).expect("it ends");
        slowest = slowest.max(seen(&one, issued.token(), Reason::TokenRevoked));
        assert_eq!(reason(&other, issued.token()), Reason::TokenRevoked);
    }
    println!("another handle saw a change within {slowest:?}");
    assert!(slowest < PATIENCE, "{slowest:?}");
    let (_, _) = (one.refresh(None).expect("all"), other.refresh(None).expect("all"));
    assert_eq!(one.revision(), other.revision());
    assert!(one.snapshot() == other.snapshot(), "the same state");
}

#[test]
fn writers_in_two_handles_lose_nothing() {
    const EACH: usize = 25;
    let folder = tempfile::tempdir().expect("a folder");
    let address = sqlite(folder.path());
    open(&address).create_realm(REALM, Some("user:alice")).expect("a realm");
    let handles: Vec<Authority> = (0..3).map(|_| open(&address)).collect();
    thread::scope(|scope| {
        for (number, authority) in handles.iter().enumerate() {
            scope.spawn(move || {
                let alice = authority.session(REALM, "user:alice").expect("a session");
                for round in 0..EACH {
                    alice.issue(Issue::named(format!("t{number}-{round}")).roles(["Viewer"])).expect("a token");
                    alice.bind("Editor", PROJECT, &[format!("token:t{number}-{round}")]).expect("a binding");
                }
            });
        }
    });
    for authority in &handles {
        authority.refresh(None).expect("all");
        let alice = authority.session(REALM, "user:alice").expect("a session");
        assert_eq!(alice.tokens().expect("tokens").len(), 3 * EACH);
        let bindings = alice.bindings().expect("bindings");
        let editors = bindings.iter().find(|binding| binding.role == "Editor").expect("one binding");
        assert_eq!(editors.subjects.len(), 3 * EACH);
        assert!(authority.snapshot() == handles[0].snapshot());
    }
}

/// Not a test of its own: what the other process of the next test does.
#[test]
fn other_process() {
    let Ok(address) = std::env::var("CONFORMANCE_STORE") else { return };
    let authority = open(&address);
    let alice = authority.session(REALM, "user:alice").expect("a session");
    alice.revoke("shared").expect("it ends");
    println!("revoked at {}", micros());
    let deadline = Instant::now() + Duration::from_secs(20);
    while alice.token("answer").is_err() {
        assert!(Instant::now() < deadline, "the answer has not arrived");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn two_processes_on_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = sqlite(folder.path());
    let authority = open(&address);
    authority.create_realm(REALM, Some("user:alice")).expect("a realm");
    let alice = authority.session(REALM, "user:alice").expect("a session");
    let issued = alice.issue(Issue::named("shared").roles(["Viewer"])).expect("a token");
    assert_eq!(reason(&authority, issued.token()), Reason::Allowed);
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "concurrency::other_process", "--nocapture"])
        .env("CONFORMANCE_STORE", &address)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("another process");
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("its output")));
    // Whoever decides does so while the other process reads, decides and writes: the moment is told afterwards.
    seen(&authority, issued.token(), Reason::TokenRevoked);
    let seen_at = micros();
    alice.issue(Issue::named("answer").roles(["Viewer"])).expect("a token");
    let lines: Vec<String> = lines.map(|line| line.expect("a line")).collect();
    let told = lines.iter().find_map(|line| line.split_once("revoked at ")?.1.parse().ok());
    let revoked_at: u128 = told.expect("the moment of the revocation");
    let took = Duration::from_micros(seen_at.saturating_sub(revoked_at).try_into().expect("not long"));
    println!("another process's change was seen within {took:?}");
    assert!(took < PATIENCE, "{took:?}");
    assert!(child.wait().expect("it ends").success());
}

/// Microseconds since 1970, for two processes to compare.
fn micros() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros()
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("tokens.db").display())
}

/// How long it takes until an authority decides so about a token.
fn seen(authority: &Authority, token: &str, wanted: Reason) -> Duration {
    let started = Instant::now();
    while reason(authority, token) != wanted {
        assert!(started.elapsed() < 20 * PATIENCE, "never seen: {:?}", reason(authority, token));
        thread::sleep(Duration::from_millis(1));
    }
    started.elapsed()
}

//! How soon another process refuses a token that was revoked: from the moment at which the revocation was acknowledged
//! in the one to the first refusal in the other, which asks without a pause.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokenward_host::{Authority, Issue, Options};

use crate::history::{REALM, mixed};
use crate::report::{Report, at_share};

/// What the other process is told to do.
pub(crate) const ROLE: &str = "revoke";

pub(crate) fn measure(kind: &str, address: &str, revocations: u64, report: &mut Report) {
    let authority = Authority::open(address, Options::default()).expect("an authority");
    authority.create_realm(REALM, Some("user:root")).expect("a realm");
    let root = authority.session(REALM, "user:root").expect("a session");
    let issued: Vec<_> =
        (0..revocations).map(|number| root.issue(Issue::named(format!("t{number}"))).expect("a token")).collect();
    let program = std::env::current_exe().expect("this program");
    let mut other = Command::new(program)
        .args([ROLE, address, &revocations.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("another process");
    let mut seen = Vec::new();
    for issued in &issued {
        while authority.authenticate(Some(issued.token()), None, None).allowed() {
            thread::yield_now();
        }
        seen.push(micros());
    }
    let told = BufReader::new(other.stdout.take().expect("its output")).lines();
    let told = told.map(|line| line.expect("a line").parse::<u64>().expect("microseconds"));
    // The reading process may be the first to know: the other one is told once its own write is done.
    let mut times: Vec<f64> =
        told.zip(&seen).map(|(acknowledged, seen)| seen.saturating_sub(acknowledged) as f64 / 1e3).collect();
    assert!(other.wait().expect("it ends").success());
    assert_eq!(times.len(), seen.len());
    for (name, share) in [("median", 50), ("99 %", 99)] {
        let value = at_share(&mut times, share);
        report.add(&format!("revocation seen by another process, {kind}, {name}"), 1, "ms", value);
    }
    authority.close().expect("closed");
}

/// In the other process: revokes one token after the other, at uneven distances, and says when it was acknowledged.
pub(crate) fn revoke(address: &str, revocations: u64) {
    let authority = Authority::open(address, Options::default()).expect("an authority");
    let root = authority.session(REALM, "user:root").expect("a session");
    for number in 0..revocations {
        thread::sleep(Duration::from_micros(5_000 + mixed(number) % 30_000));
        root.revoke(&format!("t{number}")).expect("it ends");
        println!("{}", micros());
    }
}

/// Microseconds since 1970, for two processes to compare.
fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_micros()).expect("not that late")
}

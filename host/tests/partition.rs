//! A network that is cut: writer and server on one side, a replica on the other, each in a network of its own.

#![cfg(all(target_os = "linux", feature = "postgres"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    dead_code,
    reason = "tests"
)]

mod server;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use server::{Server, Setup, skips};
use tokenward_host::{Authority, Issue, Options};

/// Set in the processes that have a network for themselves: `writer`, or the address that the replica opens.
const SIDE: &str = "TOKENWARD_PARTITION_SIDE";
const TEST: &str = "a_replica_that_is_cut_off_turns_stale_and_recovers";
const REALM: &str = "organization:acme";
const BOUND: u64 = 2;
/// Ages are counted in whole seconds, and one of them may have begun already.
const STALE_WITHIN: Duration = Duration::from_secs(BOUND + 2);
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_replica_that_is_cut_off_turns_stale_and_recovers() {
    match env::var(SIDE).as_deref() {
        Ok("writer") => return writer(),
        Ok(address) => return replica(address),
        Err(_) => {}
    }
    let probe = "ip link set lo up && ip link add left type veth peer name right";
    if !apart(Path::new("sh")).args(["-c", probe]).output().is_ok_and(|output| output.status.success()) {
        return skips::skip("partition: no network of one's own can be made here");
    }
    let output = this_test("writer").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("recovered from 2 cuts") || said.contains("skipped: "), "{said}");
}

/// A program in a network of its own.
fn apart(program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--"]).arg(program);
    command
}

fn this_test(side: &str) -> Command {
    let mut command = apart(&env::current_exe().unwrap());
    command.args(["--exact", TEST, "--nocapture"]).env(SIDE, side);
    command
}

fn run(line: &str) {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

fn writer() {
    run("ip link set lo up");
    let setup =
        Setup { access: "host all all 10.99.0.0/24 trust", settings: "listen_addresses = '*'\n", ..Setup::default() };
    let Some(server) = Server::start(setup) else { return };
    let authority = Authority::open(&server.address("postgres", ""), Options::default()).unwrap();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    let alice = authority.session(REALM, "user:alice").unwrap();
    let mut replica = Replica::start(&format!("postgresql://owner@10.99.0.1:{}/postgres", server.port));

    let cuts = [
        // The cable is pulled.
        ("ip link set writer down", "ip link set writer up"),
        // Something on the way swallows what is sent, and nobody is told.
        ("ip route add blackhole 10.99.0.2/32", "ip route del blackhole 10.99.0.2/32"),
    ];
    for (number, (cut, heal)) in cuts.into_iter().enumerate() {
        let token = alice.issue(Issue::named(format!("t{number}")).roles(["Viewer"])).unwrap();
        let token = token.token();
        replica.comes_to(token, &["token_unknown", "stale"], "allowed");

        run(cut);
        let began = Instant::now();
        alice.revoke(&format!("t{number}")).unwrap();
        assert_eq!(authority.authenticate(Some(token), None, None).reason().as_str(), "token_revoked");
        loop {
            let asked = began.elapsed();
            match replica.decide(token).as_str() {
                "stale" => break,
                reason => assert_eq!(reason, "allowed"),
            }
            assert!(asked < STALE_WITHIN, "allowed {asked:?} after the cut");
            thread::sleep(Duration::from_millis(20));
        }
        // It stays so, and the writer goes on.
        for _ in 0..20 {
            assert_eq!(replica.decide(token), "stale");
            thread::sleep(Duration::from_millis(20));
        }
        alice.issue(Issue::named(format!("meanwhile{number}"))).unwrap();

        run(heal);
        // What was revoked meanwhile is never allowed again.
        replica.comes_to(token, &["stale"], "token_revoked");
    }
    replica.end();
    println!("recovered from {} cuts", cuts.len());
}

/// Decides what it is told to, line by line.
fn replica(address: &str) {
    // The other side lays the line, then says so.
    let mut lines = io::stdin().lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("connected"));
    let authority = Authority::open(address, Options { max_age: Some(BOUND), ..Options::default() }).unwrap();
    for token in lines {
        println!("\nreason {}", authority.authenticate(Some(&token), None, None).reason().as_str());
    }
}

struct Replica {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Replica {
    fn start(address: &str) -> Self {
        let mut process = this_test(address).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut replica = Replica { process, input, output };
        // The number of the process names its network, once it has one of its own.
        let number = replica.process.id();
        let own = format!("[ $(readlink /proc/self/ns/net) != $(readlink /proc/{number}/ns/net) ]");
        run(&format!("for i in $(seq 600); do {own} && exit; sleep 0.1; done; exit 1"));
        run(&format!("ip link add writer type veth peer name replica netns {number}"));
        run("ip addr add 10.99.0.1/24 dev writer && ip link set writer up");
        let there = format!("nsenter --net=/proc/{number}/ns/net ip");
        run(&format!("{there} link set lo up && {there} addr add 10.99.0.2/24 dev replica"));
        run(&format!("{there} link set replica up"));
        writeln!(replica.input, "connected").unwrap();
        replica
    }

    fn decide(&mut self, token: &str) -> String {
        writeln!(self.input, "{token}").unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the replica has ended");
            if let Some(reason) = line.strip_prefix("reason ") {
                return reason.trim().to_owned();
            }
        }
    }

    /// Asks until the answer is `wanted`; until then it is one of the others.
    fn comes_to(&mut self, token: &str, until_then: &[&str], wanted: &str) {
        let began = Instant::now();
        loop {
            let reason = self.decide(token);
            if reason == wanted {
                return;
            }
            assert!(until_then.contains(&reason.as_str()), "{reason} on the way to {wanted}");
            assert!(began.elapsed() < PATIENCE, "{reason} and not {wanted}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn end(self) {
        let Replica { mut process, input, .. } = self;
        drop(input);
        assert!(process.wait().unwrap().success());
    }
}

//! What deciding costs, beside what nobody can do without and beside the same check written by hand, in one process.
//!
//! `cargo bench --package conformance` measures everything and leaves the tokens in `.build/bench` for the other faces.
//! `-- quick` takes few tokens, `-- 5000 70000` so many; `-- guards` measures only what the other faces are compared with,
//! from the files.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark ends at the first surprise"
)]

mod floor;
mod heap;
mod peer;
mod readers;
#[path = "../report.rs"]
mod report;
mod rounds;
mod world;

use std::hint::black_box;

use tokenward::{Context, Decision, Guard, Registry, Request, SnapshotContents};
use tokenward_host::{Authority, Issue, Options};

use floor::{Hash, Memory};
use peer::{ByHand, Lean};
use report::Report;
use rounds::Rounds;
use world::{Chance, PARAMETERS, PATH, PERMISSION, RESOURCE, TEMPLATE, World, request};

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const QUICK: [usize; 2] = [1_000, 20_000];
const ROUNDS: usize = 9;
/// The least number of calls of a round.
const CALLS: usize = 200_000;
/// Requests of one call of `authorize_many`.
const MANY: usize = 1_000;
const JWT: &str = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |word: &str| arguments.iter().any(|given| given == word);
    let named: Vec<usize> = arguments.iter().filter_map(|word| word.parse().ok()).collect();
    let sizes = match given("quick") {
        _ if !named.is_empty() => named,
        true => QUICK.to_vec(),
        false => SIZES.to_vec(),
    };
    let mut report = Report::default();
    if given("guards") {
        let worlds: Vec<World> = sizes.iter().map(|size| World::read(*size)).collect();
        guards(&worlds, &mut report);
        report.write(&world::folder().join("guards.json"));
        return;
    }
    println!("==> rust: issue {sizes:?} tokens, write them to .build/bench");
    let worlds: Vec<World> = sizes.iter().map(|size| World::build(*size)).collect();
    println!("==> rust: decide");
    decisions(&worlds, &mut report);
    println!("==> rust: what is not deciding");
    for world in &worlds {
        whole(world, &mut report);
    }
    with_names(*sizes.last().expect("a size"), &mut report);
    stored(&mut report);
    readers::measure(&mut report);
    report.write(&world::folder().join("rust.json"));
}

/// What an application calls, through the host: what Python and Node do behind their boundary.
fn guards(worlds: &[World], report: &mut Report) {
    let hosts: Vec<Host> = worlds.iter().map(Host::open).collect();
    let mut hash = Hash::new();
    let mut rounds = Rounds::default();
    rounds.add("one block of SHA-256", 1, CALLS, |_| hash.block());
    for (world, host) in worlds.iter().zip(&hosts) {
        host.rows(world, &mut rounds);
    }
    rounds.run(ROUNDS);
    rounds.report(report);
}

struct Host {
    authority: Authority,
    guard: tokenward_host::Guard,
}

impl Host {
    fn open(world: &World) -> Self {
        let authority = Authority::open(&world::store_address(world.size), Options::default()).expect("a store");
        let guard = authority.guard(PERMISSION, RESOURCE).expect("a guard");
        Host { authority, guard }
    }

    fn rows<'a>(&'a self, world: &'a World, rounds: &mut Rounds<'a>) {
        let size = world.size;
        rounds.add("host: guard", size, size.max(CALLS), move |call| {
            let decision = self.guard.authorize(Some(&world.tokens[call % size]), &[], Some(PATH));
            assert!(decision.expect("no parameters").allowed());
        });
        rounds.add("host: authorize", size, size.max(CALLS), move |call| {
            let token = Some(&*world.tokens[call % size]);
            assert!(self.authority.authorize(token, PERMISSION, RESOURCE, Some(PATH)).allowed());
        });
    }
}

fn decisions(worlds: &[World], report: &mut Report) {
    let hosts: Vec<Host> = worlds.iter().map(Host::open).collect();
    let mut hash = Hash::new();
    let mut memories: Vec<Memory> = worlds.iter().map(|world| Memory::new(world.size, world.size.max(CALLS))).collect();
    let handmade: Vec<(ByHand, Lean)> =
        worlds.iter().map(|world| (ByHand::new(&world.tokens, u64::MAX), Lean::new(&world.tokens, u64::MAX))).collect();
    let guards: Vec<[Guard; 2]> = worlds
        .iter()
        .map(|world| [RESOURCE, TEMPLATE].map(|text| Guard::new(&world.registry, PERMISSION, text).expect("a guard")))
        .collect();
    let requests: Vec<Vec<Request<'_>>> =
        worlds.iter().map(|world| world.tokens.iter().map(|token| request(token)).collect()).collect();
    let batches: Vec<Vec<&[Request<'_>]>> =
        requests.iter().map(|requests| requests.chunks_exact(MANY).collect()).collect();

    let mut rounds = Rounds::default();
    rounds.add("one block of SHA-256", 1, CALLS, |_| hash.block());
    for (index, (world, memory)) in worlds.iter().zip(&mut memories).enumerate() {
        let World { size, registry, tokens, now, .. } = world;
        let (size, now, calls) = (*size, *now, (*size).max(CALLS));
        let (by_hand, lean) = &handmade[index];
        let [guard, template] = &guards[index];
        rounds.add("one random access to memory", size, calls, |call| memory.access(call));
        rounds.add("authorize", size, calls, move |call| {
            assert!(registry.authorize(&request(&tokens[call % size]), now).allowed());
        });
        rounds.add("guard", size, calls, move |call| {
            let decision = guard.authorize(registry, Some(&tokens[call % size]), &[], Some(PATH), now);
            assert!(decision.expect("no parameters").allowed());
        });
        rounds.add("guard with three parameters", size, calls, move |call| {
            let decision = template.authorize(registry, Some(&tokens[call % size]), &PARAMETERS, Some(PATH), now);
            assert!(decision.expect("its parameters").allowed());
        });
        let batches = &batches[index];
        rounds.add_many("authorize_many", size, (calls / MANY, MANY), move |call| {
            let decisions = registry.authorize_many(batches[call % batches.len()], now);
            assert!(decisions.iter().all(Decision::allowed));
        });
        rounds.add("by hand: sha2, HashMap, texts", size, calls, move |call| {
            assert!(by_hand.check(&tokens[call % size], PERMISSION, RESOURCE, PATH, now));
        });
        rounds.add("by hand: sha2, HashMap, all interned", size, calls, move |call| {
            assert!(lean.check(&tokens[call % size], 0b00_0100, RESOURCE, PATH, now));
        });
        hosts[index].rows(world, &mut rounds);
    }
    refusals(worlds.last().expect("a world"), &mut rounds);
    rounds.run(ROUNDS);
    rounds.report(report);

    let world = worlds.last().expect("a world");
    let count = heap::allocations(|| {
        for token in &world.tokens {
            black_box(world.registry.authorize(&request(token), world.now));
        }
    });
    report.add("allocations of all these calls of authorize", world.size, "", count as f64);
}

fn refusals<'a>(world: &'a World, rounds: &mut Rounds<'a>) {
    let World { size, registry, tokens, now, .. } = world;
    let refuse = move |reason: &str, token: &str| {
        let decision = registry.authorize(&request(token), *now);
        assert_eq!(decision.reason().as_str(), reason);
    };
    let mistyped: Vec<String> = tokens.iter().take(1000).map(|token| flipped(token)).collect();
    rounds.add("junk: a JWT", *size, CALLS, move |_| refuse("token_malformed", black_box(JWT)));
    rounds.add("junk: a token with one letter wrong", *size, CALLS, move |call| {
        refuse("token_malformed", &mistyped[call % 1000]);
    });
    let (mut other, session, _) = world::found(*now);
    let mut strangers = world::populate(&mut other, &session, (1000, true), *now, drop);
    Chance::new().shuffle(&mut strangers);
    // The same entropy gives the same tokens: flip one letter of the id and have the checksum fit.
    let unknown: Vec<String> = strangers.iter().map(|token| resealed(&flipped_at(token, 5))).collect();
    rounds.add("unknown token", *size, CALLS, move |call| refuse("token_unknown", &unknown[call % 1000]));
    let wrong: Vec<String> = tokens.iter().take(1000).map(|token| resealed(&flipped_at(token, 30))).collect();
    rounds.add("wrong secret", *size, CALLS, move |call| refuse("secret_mismatch", &wrong[call % 1000]));
}

fn flipped(token: &str) -> String {
    flipped_at(token, 30)
}

fn flipped_at(token: &str, place: usize) -> String {
    let other = if &token[place..=place] == "a" { "b" } else { "a" };
    format!("{}{other}{}", &token[..place], &token[place + 1..])
}

/// The token with the checksum that it should have: CRC-32 as six digits of base 62.
fn resealed(token: &str) -> String {
    let covered = &token[..token.len() - 6];
    let mut sum = !covered.bytes().fold(!0u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(sum % 62) as usize];
        sum /= 62;
    }
    format!("{covered}{}", std::str::from_utf8(&digits).expect("letters"))
}

/// Snapshot, memory and issue, with so many tokens.
fn whole(world: &World, report: &mut Report) {
    let World { size, snapshot, .. } = world;
    let mut rounds = Rounds::default();
    rounds.add("snapshot load", *size, 1, |_| Registry::from_snapshot(snapshot).expect("a snapshot"));
    rounds.add("snapshot write", *size, 1, |_| world.registry.snapshot(SnapshotContents::Shared));
    rounds.run(ROUNDS);
    rounds.report(report);
    report.add("snapshot, each token", *size, "bytes", snapshot.len() as f64 / *size as f64);
    let (loaded, bytes) = heap::held(|| Registry::from_snapshot(snapshot).expect("a snapshot"));
    report.add("memory, each token", *size, "bytes", bytes as f64 / *size as f64);
    let (by_hand, bytes) = heap::held(|| ByHand::new(&world.tokens, u64::MAX));
    report.add("memory by hand with texts, each token", *size, "bytes", bytes as f64 / *size as f64);
    drop(by_hand);

    let root = format!(r#"{{"realm":"{}","principal":"user:root"}}"#, world::REALM);
    let session = loaded.open_session("session", &root, world.now).expect("a session");
    let mut chance = Chance::other();
    let mut state = loaded;
    let mut rounds = Rounds::default();
    rounds.add("issue: decide and apply", *size, 2000, move |_| {
        let arguments = world::issue_arguments(&mut chance, None);
        let context = Context { now: world.now, entropy: &chance.entropy() };
        state = state.perform(&session, "issue", &arguments, context).expect("a token").next;
    });
    rounds.run(3);
    rounds.report(report);
}

/// Tokens with a name are principals of their own.
fn with_names(size: usize, report: &mut Report) {
    let now = 1_800_000_000;
    let (mut registry, session, _) = world::found(now);
    world::populate(&mut registry, &session, (size, true), now, drop);
    let snapshot = registry.snapshot(SnapshotContents::Shared);
    drop(registry);
    let mut rounds = Rounds::default();
    rounds
        .add("snapshot load, tokens with names", size, 1, |_| Registry::from_snapshot(&snapshot).expect("a snapshot"));
    rounds.run(3);
    rounds.report(report);
    let (loaded, bytes) = heap::held(|| Registry::from_snapshot(&snapshot).expect("a snapshot"));
    report.add("memory, each token with a name", size, "bytes", bytes as f64 / size as f64);
    drop(loaded);
}

/// An issue that has reached the disk.
fn stored(report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { policy: Some("default".into()), ..Options::default() };
    let store = format!("sqlite:{}", folder.path().join("tokens.db").display());
    let authority = Authority::open(&store, options).expect("a store");
    authority.create_realm(world::REALM, Some("user:root")).expect("a realm");
    let root = authority.session(world::REALM, "user:root").expect("a session");
    let mut number = 0;
    let mut rounds = Rounds::default();
    rounds.add("issue in SQLite, on disk", 1_000, 300, |_| {
        number += 1;
        root.issue(Issue::named(format!("ci/{number}")).roles(["Viewer"])).expect("a token")
    });
    rounds.run(3);
    rounds.report(report);
}

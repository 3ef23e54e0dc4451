//! What growth costs on this machine and this disk: opening after a long history, appending, how soon others see a
//! revocation, and deciding while others change things.
//!
//! `cargo bench --package conformance --bench growth` takes a million tokens with ten million changes; `-- 20000` so many tokens,
//! each with ten changes. `-- quick` takes few. `TOKENWARD_BENCH_FOLDER` names a folder on another disk.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark ends at the first surprise"
)]

mod appends;
mod beside;
mod history;
mod opening;
mod propagation;
mod server;
#[path = "../report.rs"]
mod report;

use std::path::Path;
use std::time::Duration;

use report::Report;

const TOKENS: u64 = 1_000_000;
const QUICK: u64 = 2_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, address, number] = arguments.as_slice()
        && role == propagation::ROLE
    {
        return propagation::revoke(address, number.parse().expect("a number"));
    }
    let given = |word: &str| arguments.iter().any(|given| given == word);
    let tokens = match arguments.iter().find_map(|word| word.parse().ok()) {
        Some(tokens) => tokens,
        None if given("quick") => QUICK,
        None => TOKENS,
    };
    let folder = std::env::var("TOKENWARD_BENCH_FOLDER").map_or_else(|_| std::env::temp_dir(), Into::into);
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let mut report = Report::default();
    println!("==> growth: {tokens} tokens, {} changes", tokens * history::EACH);
    let history = opening::measure(folder.path(), tokens, &mut report);
    let window = Duration::from_millis(if given("quick") { 200 } else { 1_000 });
    println!("==> growth: decisions beside changes");
    beside::measure(&history, usize::try_from(tokens).expect("a number"), window, &mut report);
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let revocations = if given("quick") { 20 } else { 300 };
    println!("==> growth: revocations seen by another process");
    propagation::measure("SQLite", &file("propagation.db"), revocations, &mut report);
    println!("==> growth: appends");
    let mut stores = (0..).map(|number| file(&format!("appends-{number}.db")));
    appends::measure("", || stores.next().expect("a name"), window * 2, &mut report);
    if let Some(server) = server::Server::start() {
        println!("==> growth: the same on PostgreSQL, on this machine");
        propagation::measure("PostgreSQL", &server.schema("propagation"), revocations, &mut report);
        let mut stores = (0..).map(|number| server.schema(&format!("appends_{number}")));
        appends::measure(", PostgreSQL", || stores.next().expect("a name"), window * 2, &mut report);
    } else {
        println!("skipped: PostgreSQL is not installed here");
    }
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.build/bench");
    std::fs::create_dir_all(&results).expect("a folder");
    report.write(&results.join("growth.json"));
}

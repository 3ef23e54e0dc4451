//! What the simulation came to, as text.

use std::fmt::Write;

use crate::simulation::{World, run};
use crate::sizes::Sizes;

/// What a store keeps as one value: 1 GB in PostgreSQL as in SQLite.
const LARGEST: f64 = 1e9;

/// Simulates a day, or ten minutes where that is enough.
pub(crate) fn report(quick: bool) -> String {
    let mut text = String::new();
    let sizes = Sizes::of(if quick { 2_000 } else { 100_000 });
    let world = World {
        seed: 1,
        tokens: 100_000_000,
        replicas: 100,
        seconds: if quick { 600 } else { 86_400 },
        max_age: 30,
        lost_hint: 100,
        between_cuts: 7_200,
        cut: 20,
    };
    let outcome = run(&world, &sizes);
    let each = sizes.each();
    macro_rules! line { ($($part:tt)*) => { writeln!(text, $($part)*).unwrap() } }
    line!("event that issues a token      {:>10} bytes", sizes.issued);
    line!("event that revokes a token     {:>10} bytes", sizes.revoked);
    for (tokens, bytes) in sizes.snapshots {
        line!("snapshot of {tokens:>7} tokens     {bytes:>10} bytes");
    }
    line!("each further token             {each:>10.1} bytes");
    line!("snapshot of {} million tokens {:>10.2} GB", world.tokens / 1_000_000, sizes.snapshot(world.tokens) / 1e9);
    line!("tokens to a snapshot of 1 GB   {:>10.1} million", LARGEST / each / 1e6);
    line!("simulated                      {:>10} s, {} replicas", world.seconds, world.replicas);
    line!("changes                        {:>10.2} /s", outcome.changes_each_second);
    line!("revocations                    {:>10}", outcome.revocations);
    for (name, lag) in ["median", "99 %", "99.9 %", "longest"].iter().zip(outcome.lag) {
        line!("until a replica knows, {name:<7} {lag:>10} ms");
    }
    line!("a revoked token allowed, at most {:>8} ms", outcome.exposed);
    line!("share of time answered stale   {:>10.4} %", outcome.stale * 100.0);
    line!("events to one replica, a day   {:>10.1} MB", outcome.bytes_each_day / 1e6);
    line!("events to all of them, in all  {:>10.1} MB", outcome.bytes_of_all / 1e6);
    for (what, gigabits) in [("1 Gbit/s", 1.0), ("10 Gbit/s", 10.0)] {
        let seconds = sizes.snapshot(world.tokens) * world.replicas as f64 * 8.0 / (gigabits * 1e9);
        line!("all replicas begin anew, {what:<9} {:>7.0} s", seconds);
    }
    text
}
